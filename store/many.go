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
	// write adds rows, then runs statements in order, and stops at the first that fails.
	write(ctx context.Context, added []addition, all []statement) error
}

// addition is new rows for a table.
type addition struct {
	to   *table
	rows []row
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

// table is a table that rows are added to.
type table struct {
	columns int
	copy    string // PostgreSQL's way to add many
	insert  string
}

func tableOf(name, columns string) *table {
	each := strings.Fields(columns)
	places := make([]string, len(each))
	for i := range places {
		places[i] = fmt.Sprintf("$%d", i+1)
	}
	list := name + " (" + strings.Join(each, ", ") + ")"
	return &table{len(each), "COPY " + list + " FROM STDIN (FORMAT binary)", "INSERT INTO " + list + " VALUES (" + strings.Join(places, ", ") + ")"}
}

// row is a new row, which knows its values.
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

// inserting is the statement that adds one row.
func (t *table) inserting(r row) statement {
	c := argCells{make([]any, 0, t.columns)}
	r.into(&c)
	return statement{t.insert, c.args}
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

// ids and texts are lists that go as one argument; see anyOf.
type (
	ids   []billing.ID
	texts []string
)

// plainList is a list in the form that anyOf reads.
func (d *dialect) plainList(list any) (any, error) {
	var plain any
	switch list := list.(type) {
	case ids:
		plain = d.numbers(list)
	case texts:
		for _, each := range list {
			if _, err := text(each); err != nil {
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

func (d *dialect) numbers(list ids) []int64 {
	plain := make([]int64, len(list))
	for i, id := range list {
		plain[i] = int64(id)
	}
	return plain
}

// anyOf says in SQL that a column's value is in a list.
func (d *dialect) anyOf(column string, place int) string {
	if d.arrays {
		return fmt.Sprintf("%s = ANY($%d)", column, place)
	}
	return fmt.Sprintf("%s IN (SELECT value FROM json_each($%d))", column, place)
}
