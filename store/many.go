package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"minutebook/billing"
)

// statement is a statement that answers with no rows.
type statement struct {
	sql  string
	args []any
}

// question is a statement that answers with rows, and what reads each of them.
type question struct {
	sql  string
	args []any
	read func(Row) error
}

// many is a transaction that does many things at once: PostgreSQL gets them in one message, SQLite as statements that
// are parsed once.
type many interface {
	Q
	// askAll asks questions in order, and stops at the first that fails.
	askAll(ctx context.Context, all []question) error
	// write adds rows, then runs statements, then looks whether the provisos hold, all in order. What comes behind the first
	// that fails has no effect.
	write(ctx context.Context, added []addition, all []statement, never ...proviso) error
}

// proviso is a question on which no row may be found: a write that finds one fails with the error.
type proviso struct {
	sql    string
	broken error
}

// unless is an expression by which a statement of PostgreSQL fails where something is so, and what was sent behind it with it. It
// says for whoever reads the server's log that nothing is wrong.
func unless(condition string) string {
	return "1 / CASE WHEN " + condition + " THEN 0 ELSE 1 END /* by zero: minutebook does it again in another way */"
}

// addition is rows for a table: row tells the values of each. Of a table whose rows are to be found, each must be there.
type addition struct {
	to   *table
	rows int
	row  func(i int, c cells)
}

// missed is what is wrong when fewer rows were changed than there are.
func (a addition) missed(changed int64) error {
	if a.to.found && changed != int64(a.rows) {
		return ErrStale
	}
	return nil
}

// manyOf is a transaction as what does many things at once.
func manyOf(q Q) (many, error) {
	if m, ok := q.(many); ok {
		return m, nil
	}
	return nil, errors.New("an account was to be written outside of a transaction")
}

// askAll asks all questions at once where it can.
func askAll(ctx context.Context, q Q, all []question) error {
	if m, ok := q.(many); ok {
		return m.askAll(ctx, all)
	}
	return askEach(ctx, q, all)
}

func askEach(ctx context.Context, q Q, all []question) error {
	for _, each := range all {
		if err := readAll(each.read)(q.Query(ctx, each.sql, each.args...)); err != nil {
			return err
		}
	}
	return nil
}

// readAll reads each row of an answer, and closes it.
func readAll(read func(Row) error) func(Rows, error) error {
	return func(rows Rows, err error) error {
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := read(rows); err != nil {
				return err
			}
		}
		return rows.Err()
	}
}

// spoken is the dialect that q is asked in.
func spoken(q Q) *dialect { return q.(interface{ speaks() *dialect }).speaks() }

func (d *dialect) speaks() *dialect { return d }

// table is a way to write many rows that are alike.
type table struct {
	columns int
	each    string // the statement for one row
	copy    string // PostgreSQL: COPY for new rows; else
	arrays  string // one statement over the columns as arrays
	found   bool   // each row must be there as it is looked for, or the write fails with ErrStale
}

// tableOf is a table that rows are added to.
func tableOf(name, columns string) *table {
	names := strings.Fields(columns)
	places := make([]string, len(names))
	for i := range places {
		places[i] = fmt.Sprintf("$%d", i+1)
	}
	list := name + " (" + strings.Join(names, ", ") + ")"
	return &table{
		columns: len(names), each: "INSERT INTO " + list + " VALUES (" + strings.Join(places, ", ") + ")",
		copy: "COPY " + list + " FROM STDIN (FORMAT binary)",
	}
}

// statementOver is a statement for each row of some columns: numbers, or texts where their name says so. On PostgreSQL
// another one does them all, with {rows} as what it reads them from.
func statementOver(columns, each, arrays string) *table {
	names := strings.Fields(columns)
	lists := make([]string, len(names))
	for i, name := range names {
		kind := "bigint"
		if bare, isText := strings.CutSuffix(name, ":text"); isText {
			names[i], kind = bare, "text"
		}
		lists[i] = listed(i+1, kind)
	}
	from := "unnest(" + strings.Join(lists, ", ") + ") AS new (" + strings.Join(names, ", ") + ")"
	return &table{columns: len(names), each: each, arrays: strings.Replace(arrays, "{rows}", from, 1)}
}

// updating changes some columns of the rows with some keys. What may be NULL ends in a question mark.
func updating(name, set, keys string) *table { return updatingIf(name, set, keys, "") }

// updatingIf changes rows, each of which must be there and have certain values in some more columns, if any are named: the
// write fails with ErrStale otherwise.
func updatingIf(name, set, keys, was string) *table {
	var one, many, where, whereNew []string
	place := 0
	for _, column := range strings.Fields(set) {
		place++
		bare, _, _ := strings.Cut(column, ":")
		bare, absent := strings.CutSuffix(bare, "?")
		value := "new." + bare
		if absent { // see arrayCells.null
			value = "NULLIF(" + value + ", 0)"
		}
		one, many = append(one, fmt.Sprintf("%s = $%d", bare, place)), append(many, bare+" = "+value)
	}
	match := func(column, named string) {
		place++
		where, whereNew = append(where, fmt.Sprintf("%s = $%d", column, place)), append(whereNew, "old."+column+" = new."+named)
	}
	for _, key := range strings.Fields(keys) {
		match(key, key)
	}
	columns := strings.ReplaceAll(set, "?", "") + " " + keys
	for _, column := range strings.Fields(was) {
		match(column, "was_"+column)
		columns += " was_" + column
	}
	t := statementOver(columns, "UPDATE "+name+" SET "+strings.Join(one, ", ")+" WHERE "+strings.Join(where, " AND "),
		"UPDATE "+name+" AS old SET "+strings.Join(many, ", ")+" FROM {rows} WHERE "+strings.Join(whereNew, " AND "))
	if t.found = was != ""; t.found {
		t.arrays = "WITH moved AS (" + t.arrays + " RETURNING 1) SELECT " + unless("COUNT(*) <> cardinality($1::bigint[])") + " FROM moved"
	}
	return t
}

// listed is an argument that is a list, as PostgreSQL unnests it. Asked for by a query of its own its length is no
// ground to make a plan for this very list: that took longer than carrying it out.
func listed(place int, kind string) string { return fmt.Sprintf("(SELECT $%d::%s[])", place, kind) }

// row is a row that knows its values.
type row interface{ into(c cells) }

// cells take the values of a row, in the order of the table's columns, in the few types that columns have.
type cells interface {
	num(n int64)
	text(s string)
	bytes(b []byte)
	flag(b bool)
	null()
}

func putID(c cells, id billing.ID) { c.num(int64(id)) }

// argCells are the values of a row as the arguments of a statement.
type argCells struct {
	args []any
}

func (c *argCells) num(n int64)    { c.args = append(c.args, n) }
func (c *argCells) text(s string)  { c.args = append(c.args, s) }
func (c *argCells) bytes(b []byte) { c.args = append(c.args, b) }
func (c *argCells) flag(b bool)    { c.args = append(c.args, b) }
func (c *argCells) null()          { c.args = append(c.args, nil) }

// statement is the one for a row.
func (a addition) statement(i int) statement {
	c := argCells{make([]any, 0, a.to.columns)}
	a.row(i, &c)
	return statement{a.to.each, c.args}
}

// inserting is the statement that adds one row.
func (t *table) inserting(r row) statement {
	return addition{t, 1, func(_ int, c cells) { r.into(c) }}.statement(0)
}

// putRef puts a reference that may be absent.
func putRef(c cells, id billing.ID) {
	if id == 0 {
		c.null()
		return
	}
	c.num(int64(id))
}

// putTime puts an instant that may be absent.
func putTime(c cells, t time.Time) {
	if t.IsZero() {
		c.null()
		return
	}
	c.num(t.UnixMicro())
}

// ids, numbers and texts are lists that go as one argument; see anyOf.
type (
	ids     []billing.ID
	numbers []int64
	texts   []string
)

// plainList is a list in the form that anyOf reads.
func (d *dialect) plainList(list any) (any, error) {
	var plain any
	switch list := list.(type) {
	case ids:
		plain = list.numbers()
	case numbers:
		plain = []int64(list)
	case texts:
		for _, each := range list {
			if err := sound(each); err != nil {
				return nil, err
			}
		}
		plain = []string(list)
	}
	if d.arrays {
		return plain, nil
	}
	said, err := json.Marshal(plain)
	return string(said), err
}

func (list ids) numbers() []int64 {
	plain := make([]int64, len(list))
	for i, id := range list {
		plain[i] = int64(id)
	}
	return plain
}

// anyOf says in SQL that a column's value is in a list. PostgreSQL is not asked for "= ANY": where it thinks that the
// other conditions leave few rows, it compares each of them with the whole list.
func (d *dialect) anyOf(column string, place int, kind string) string {
	if d.arrays {
		return fmt.Sprintf("%s IN (SELECT unnest(%s))", column, listed(place, kind))
	}
	return fmt.Sprintf("%s IN (SELECT value FROM json_each($%d))", column, place)
}

// eachOf is what a statement reads from that looks up a list one by one, in its order, by a key that begins with where;
// hold holds the rows. No estimate leads to another plan: PostgreSQL may not take the two apart, and of all indexes only
// the one that ends in column has the rows in that column's order. Asked for equality, an index that shares the
// beginning of the key looks as good to it as long as it knows nothing of the table, and then it reads all of an agency
// for each of the list.
func (d *dialect) eachOf(table, where, column string, place int, kind, hold string) string {
	if d.arrays {
		return fmt.Sprintf("unnest(%s) AS wanted (it), LATERAL (SELECT * FROM %s WHERE %s AND %s >= wanted.it AND %s <= wanted.it ORDER BY %s%s) AS found",
			listed(place, kind), table, where, column, column, column, hold)
	}
	return fmt.Sprintf("(SELECT value AS it FROM json_each($%d)) AS wanted CROSS JOIN %s AS found ON %s AND found.%s = wanted.it", place, table, where, column)
}
