package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"minutebook/store"
	"minutebook/store/storetest"
)

const rowsOfAll = `
CREATE TABLE sorts (
    id BIGINT NOT NULL PRIMARY KEY,
    n  BIGINT,
    s  TEXT,
    b  BYTEA,
    f  BOOLEAN
);`

// Rows that are added together are kept as they are, however much they are like those before them.
func TestRowsAreKeptAsTheyAre(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		store.CreateTable(t, db, rowsOfAll)
		ctx := context.Background()
		number := rapid.SampledFrom([]any{nil, int64(0), int64(1), int64(-1), int64(1) << 62})
		text := rapid.SampledFrom([]any{nil, "", "0", "1", "a", strings.Repeat("long", 300), "ünï"})
		bytes := rapid.SampledFrom([]any{nil, "", "0", "a\x00b", strings.Repeat("long", 300)})
		flag := rapid.SampledFrom([]any{nil, false, true})
		rapid.Check(t, func(t *rapid.T) {
			some := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) []any {
				return []any{number.Draw(t, "n"), text.Draw(t, "s"), bytes.Draw(t, "b"), flag.Draw(t, "f")}
			}), 2, 4).Draw(t, "some rows")
			which := rapid.SliceOfN(rapid.IntRange(0, len(some)-1), 1, rapid.SampledFrom([]int{1, 7, 128, 129, 400}).Draw(t, "most")).Draw(t, "which of them")
			rows := make([][]any, len(which))
			for i, k := range which {
				rows[i] = append([]any{int64(i)}, some[k]...)
				if b, is := rows[i][3].(string); is {
					rows[i][3] = []byte(b)
				}
			}
			err := db.InTx(ctx, func(ctx context.Context, q store.Q) error {
				if _, err := q.Exec(ctx, `DELETE FROM sorts`); err != nil {
					return err
				}
				return store.AddRows(ctx, q, "sorts", "id n s b f", rows)
			})
			if err != nil {
				t.Fatal(err)
			}
			kept, err := store.Collect(func(r store.Row, row *[]any) error {
				var (
					id int64
					n  *int64
					s  *string
					b  []byte
					f  *bool
				)
				err := r.Scan(&id, &n, &s, &b, &f)
				*row = []any{id, plain(n), plain(s), nil, plain(f)}
				if b != nil {
					(*row)[3] = b
				}
				return err
			})(db.Q(ctx).Query(ctx, `SELECT id, n, s, b, f FROM sorts ORDER BY id`))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(rows, kept); diff != "" {
				t.Fatal(diff)
			}
		})
	})
}

// Rows that fail leave nothing behind in those that are added next, even if they are being spelled at that moment.
func TestRowsAfterRowsThatFailed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		store.CreateTable(t, db, rowsOfAll)
		add := func(rows [][]any) error {
			return db.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
				return store.AddRows(ctx, q, "sorts", "id n s b f", rows)
			})
		}
		wrong, right := make([][]any, 400), make([][]any, 400)
		for i := range wrong {
			wrong[i] = []any{int64(i / 2), int64(-1), "wrong", nil, nil} // the first twice
			right[i] = []any{int64(i), int64(i), "right", nil, nil}
		}
		wrong[200] = append(wrong[200], func() { time.Sleep(50 * time.Millisecond) })
		right[200] = append(right[200], func() { time.Sleep(100 * time.Millisecond) })
		if err := add(wrong); err == nil {
			t.Fatal("the same id twice: nothing failed")
		}
		if err := add(right); err != nil {
			t.Fatal(err)
		}
		var all, are int
		ctx := context.Background()
		err := db.Q(ctx).QueryRow(ctx, `SELECT COUNT(*), SUM(CASE WHEN id = n AND s = 'right' THEN 1 ELSE 0 END) FROM sorts`).Scan(&all, &are)
		if err != nil || all != len(right) || are != all {
			t.Errorf("%d of %d rows are right, want %d; %v", are, all, len(right), err)
		}
	})
}

func plain[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

// Whoever is out of time stops in the middle of a statement, and nothing of the transaction is kept, nor of what is tried
// after it.
func TestAStatementEndsWithItsContext(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		store.CreateTable(t, db, things)
		const long = `INSERT INTO things (id, n) WITH RECURSIVE c (x) AS (SELECT 10 UNION ALL SELECT x + 1 FROM c WHERE x < 30000000) SELECT x, 0 FROM c WHERE x < 0`
		ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
		defer cancel()
		var ended, after error
		err := db.InTx(ctx, func(ctx context.Context, q store.Q) error {
			if _, err := q.Exec(ctx, addThing, 1); err != nil {
				return err
			}
			_, ended = q.Exec(ctx, long)
			_, after = q.Exec(context.WithoutCancel(ctx), addThing, 2)
			return nil
		})
		for what, err := range map[string]error{"the statement": ended, "the transaction": err} {
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v, want out of time", what, err)
			}
		}
		if after == nil || count(t, db) != 0 {
			t.Errorf("the next statement: %v with %d rows left, want none", after, count(t, db))
		}
		write(t, db, addThing, 3)

		ctx, cancel = context.WithTimeout(context.Background(), 500*time.Millisecond)
		defer cancel()
		var n int64
		err = db.Q(ctx).QueryRow(ctx, `WITH RECURSIVE c (x) AS (SELECT 10 UNION ALL SELECT x + 1 FROM c WHERE x < 30000000) SELECT COUNT(*) FROM c`).Scan(&n)
		if !errors.Is(err, context.DeadlineExceeded) || count(t, db) != 1 {
			t.Errorf("a question: %v, want out of time; then %d rows", err, count(t, db))
		}
	})
}

// A transaction of SQLite that is over answers to nobody, and rows of it that nobody closed end with it.
func TestAfterTheTransaction(t *testing.T) {
	db := storetest.Open(t, "sqlite")
	store.CreateTable(t, db, things)
	for i := range 3 {
		write(t, db, addThing, i)
	}
	ctx := context.Background()
	var kept store.Q
	var rows store.Rows
	ask := func(ctx context.Context, q store.Q) (err error) {
		if kept = q; rows != nil && rows.Next() {
			t.Error("a row came after its transaction, in the next one")
		}
		if rows, err = q.Query(ctx, `SELECT id FROM things ORDER BY id`); err == nil && !rows.Next() {
			err = errors.New("no row")
		}
		return err
	}
	for _, within := range []func(context.Context, func(context.Context, store.Q) error) error{db.Snapshot, db.Snapshot, db.InTx, db.InTx} {
		if err := within(ctx, ask); err != nil {
			t.Fatal(err)
		}
		if rows.Next() || rows.Scan(new(int)) == nil {
			t.Error("a row came after its transaction")
		}
		if err := kept.QueryRow(ctx, `SELECT 1`).Scan(new(int)); err == nil {
			t.Error("an answer came after the transaction")
		}
	}
	if count(t, db) != 3 {
		t.Errorf("%d things, want 3", count(t, db))
	}
}

// On SQLite the same statement may be asked while its rows are being read, and there may be more statements than are kept.
func TestStatementsOfSQLite(t *testing.T) {
	db := storetest.Open(t, "sqlite")
	store.CreateTable(t, db, things)
	for i := range 3 {
		write(t, db, addThing, i)
	}
	err := db.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
		const pairs = `SELECT id FROM things WHERE id >= $1 ORDER BY id`
		ids := func(from int, each func(id int) error) error {
			_, err := store.Collect(func(r store.Row, id *int) error {
				if err := r.Scan(id); err != nil {
					return err
				}
				return each(*id)
			})(q.Query(ctx, pairs, from))
			return err
		}
		var seen []string
		err := ids(0, func(one int) error {
			return ids(one, func(other int) error {
				seen = append(seen, fmt.Sprint(one, other))
				return nil
			})
		})
		if diff := cmp.Diff([]string{"0 0", "0 1", "0 2", "1 1", "1 2", "2 2"}, seen); diff != "" {
			t.Error(diff)
		}
		for i := range 1200 {
			var n int
			if err := q.QueryRow(ctx, fmt.Sprintf(`SELECT %d + COUNT(*) FROM things`, i)).Scan(&n); err != nil || n != i+3 {
				return fmt.Errorf("statement %d: %d, %w", i, n, err)
			}
		}
		for name, args := range map[string][]any{"none": {}, "two": {1, 2}} {
			if _, err := q.Exec(ctx, addThing, args...); err == nil {
				t.Errorf("%s instead of one argument: nothing failed", name)
			}
		}
		if _, err := q.Exec(ctx, `DELETE FROM things; SELECT 1`); err == nil {
			t.Error("two statements in one: nothing failed")
		}
		return err
	})
	if err != nil || count(t, db) != 3 {
		t.Errorf("%v with %d things, want 3", err, count(t, db))
	}
}

// Whoever asks for a row of what he adds hears that he may not add it.
func TestAReferenceThatIsMissingIsToldBesideTheRow(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		store.CreateTable(t, db, family)
		var told error
		_ = db.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
			told = q.QueryRow(ctx, `INSERT INTO children (agency_id, id, parent_id) VALUES (1, 2, 9), (1, 3, 9) RETURNING id`).Scan(new(int))
			return nil
		})
		if !errors.Is(told, store.ErrReference) {
			t.Errorf("Scan = %v, want ErrReference", told)
		}
	})
}

// SQLite undoes the whole transaction when its disk is full. What follows in it is not kept by itself.
func TestAFullFileUndoesTheTransaction(t *testing.T) {
	db := storetest.Open(t, "sqlite")
	store.CreateTable(t, db, things)
	var full, after error
	err := db.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
		var pages, most int64
		if err := q.QueryRow(ctx, `PRAGMA page_count`).Scan(&pages); err != nil {
			return err
		}
		if err := q.QueryRow(ctx, fmt.Sprintf(`PRAGMA max_page_count = %d`, pages+2)).Scan(&most); err != nil {
			return err
		}
		for i := 0; full == nil && i < 10_000; i++ {
			_, full = q.Exec(ctx, addThing, i)
		}
		_, after = q.Exec(ctx, addThing, 20_000)
		return nil
	})
	if !errors.Is(full, store.ErrDisk) || after == nil || err == nil || count(t, db) != 0 {
		t.Errorf("the file was full: %v; then: %v; InTx = %v with %d rows, want none", full, after, err, count(t, db))
	}
}

// Closing waits for whoever reads; after it nobody waits.
func TestClosing(t *testing.T) {
	for _, dialect := range storetest.Dialects {
		t.Run(dialect, func(t *testing.T) {
			ctx := context.Background()
			db, err := store.Open(ctx, storetest.MigratedURL(t, dialect))
			if err != nil {
				t.Fatal(err)
			}
			rows, err := db.Q(ctx).Query(ctx, `SELECT 1 UNION ALL SELECT 2`)
			if err != nil || !rows.Next() {
				t.Fatalf("%v, no row", err)
			}
			closed := make(chan error, 1)
			go func() { closed <- db.Close() }()
			select {
			case err := <-closed:
				t.Errorf("closed beside a reader: %v", err)
				closed <- err
			case <-time.After(100 * time.Millisecond):
			}
			if !rows.Next() || rows.Next() || rows.Err() != nil {
				t.Errorf("the rows were cut: %v", rows.Err())
			}
			rows.Close()
			if err := <-closed; err != nil {
				t.Error(err)
			}
			var n int
			if err := db.Q(ctx).QueryRow(ctx, `SELECT 1`).Scan(&n); err == nil || errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("a question after it: %v", err)
			}
			if err := tryWrite(db, `UPDATE readiness SET writes = 1`); err == nil || errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("a transaction after it: %v", err)
			}
			if _, err := new(store.KnownMeters).Load(ctx, db, []store.Named{{Agency: 1, Client: 1}}); err == nil || errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("a meter after it: %v", err)
			}
		})
	}
}
