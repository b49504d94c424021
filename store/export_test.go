package store

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"minutebook/billing"
)

// CreateTable makes tables of a test's own, in the schema's words.
func CreateTable(t testing.TB, db *DB, ddl string) {
	t.Helper()
	err := db.InTx(context.Background(), func(ctx context.Context, q Q) error {
		for each := range strings.SplitSeq(db.dialect.schema(ddl), ";\n") {
			if strings.TrimSpace(each) == "" {
				continue
			}
			if _, err := q.Exec(ctx, each); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// AddRows adds rows of numbers, texts, bytes and booleans, as what a client's facts become is added. A function among them
// is no value: it is called when its row is spelled.
func AddRows(ctx context.Context, q Q, table, columns string, rows [][]any) error {
	return write(ctx, q, []addition{rowsOf(tableOf(table, columns), rows)})
}

// MoveRows adds rows, moves others that must be as they were, and finds nothing at the end, or keeps nothing.
func MoveRows(ctx context.Context, q Q, table, columns string, added, moved [][]any, nothing string, broken error) error {
	return write(ctx, q, []addition{rowsOf(updatingIf(table, "n", "id", "n"), moved), rowsOf(tableOf(table, columns), added)}, proviso{nothing, broken})
}

func write(ctx context.Context, q Q, added []addition, never ...proviso) error {
	m, err := manyOf(q)
	if err != nil {
		return err
	}
	return m.write(ctx, added, nil, never...)
}

func rowsOf(to *table, rows [][]any) addition {
	return addition{to, len(rows), func(i int, c cells) {
		for _, value := range rows[i] {
			switch v := value.(type) {
			case nil:
				c.null()
			case int64:
				c.num(v)
			case string:
				c.text(v)
			case []byte:
				c.bytes(v)
			case bool:
				c.flag(v)
			case func():
				v()
			}
		}
	}}
}

// SchemaFor is what SQLite is given for that text.
func SchemaFor(ddl string) string { return sqliteSchema(ddl) }

// ReadSchema reads one schema file of that name.
func ReadSchema(name string) error {
	_, err := readSchema(fstest.MapFS{"schema/" + name: {Data: []byte("SELECT 1")}}, sqliteDialect)
	return err
}

// MigrateTo brings an empty database to an earlier schema.
func (db *DB) MigrateTo(ctx context.Context, version int64) error {
	p, err := db.migrator()
	if err == nil {
		_, err = p.UpTo(ctx, version)
	}
	return err
}

// Difference is what a fact is said to have changed.
func Difference(before, after billing.Summary) (was, is string) {
	return difference(&billing.Entry{Before: before, After: after})
}

// EachOf is how a list is looked up.
func EachOf(db *DB, table, where, column string, place int, kind string) string {
	return db.dialect.eachOf(table, where, column, place, kind, "")
}

// PartOf is the statement that reads a part of a list of usage events.
func PartOf(t testing.TB, db *DB, agency billing.ID, f UsageFilter, w Window) (sql string, args []any) {
	t.Helper()
	ctx := context.Background()
	l, err := f.list(ctx, db.Q(ctx), agency)
	if err != nil {
		t.Fatal(err)
	}
	s := l.part(db.dialect, w)
	return s.sql, s.args
}

// PartOfClients is the statement that reads a part of a list of clients.
func PartOfClients(db *DB, agency billing.ID, f ClientFilter, w Window) (sql string, args []any) {
	s := f.list(agency).part(db.dialect, w)
	return s.sql, s.args
}

// ListedUsage is the statement that reads events of an agency, $1, by their ids, $2.
func ListedUsage(db *DB) string {
	return "SELECT e.id, " + usageColumns + " FROM " + db.dialect.listedUsage()
}

// FoldAt lets SQLite's log be brought into the file at fewer pages.
func (db *DB) FoldAt(pages int64) { db.engine.(*sqliteEngine).fold.at.Store(pages) }

// Log answers how many pages SQLite's log has, and how often it was brought into the file whole.
func (db *DB) Log() (pages, folded int64, err error) {
	e := db.engine.(*sqliteEngine)
	pages, _, err = e.fold.checkpoint("NOOP")
	return pages, e.fold.folded.Load(), err
}

// CallKey is by what an event is found as one of its call.
func CallKey(agency billing.ID, event, call string) (key int64, is bool) {
	return callKey(agency, event, call)
}
