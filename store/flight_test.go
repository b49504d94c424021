package store_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"minutebook/store"
	"minutebook/store/storetest"
)

var errSpoiled = errors.New("spoiled")

// spoiled are writes of which something is wrong: at the beginning, in the middle, at the end. Rows 1 to 9 are there, and in each
// n is as its id.
var spoiled = []struct {
	name    string
	add     func(rows [][]any) [][]any
	moved   []any // the new n, the id, and the n that must be there
	nothing string
	is      error
}{
	{"what is moved stands elsewhere", nil, []any{int64(10), int64(1), int64(2)}, nobody, store.ErrStale},
	{"what is moved is not there", nil, []any{int64(10), int64(-1), int64(-1)}, nobody, store.ErrStale},
	{"a row is there", func(rows [][]any) [][]any { return append(rows, rows[1]) }, sound, nobody, store.ErrConflict},
	{"the only row is there", func([][]any) [][]any { return [][]any{{int64(2), int64(2), "b", nil, nil}} }, sound, nobody, store.ErrConflict},
	{"something is found that must not be", nil, sound, `SELECT 1 FROM sorts WHERE id = 1`, errSpoiled},
}

var sound = []any{int64(10), int64(1), int64(1)}

const nobody = `SELECT 1 FROM sorts WHERE id = 1000000`

// Of a write of which something is wrong nothing is kept, not even by whoever passes over its failure, and the connection
// does what comes next.
func TestNothingOfAWriteIsKeptThatFailed(t *testing.T) {
	for _, dialect := range storetest.Dialects {
		for _, each := range spoiled {
			t.Run(dialect+"/"+strings.ReplaceAll(each.name, " ", "_"), func(t *testing.T) {
				db := storetest.Connect(t, storetest.MigratedURL(t, dialect), store.Conns(1))
				nineRows(t, db)
				added := manyRows(100, 200)
				if each.add != nil {
					added = each.add(added)
				}
				for _, passes := range []bool{false, true} {
					err := db.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
						err := store.MoveRows(ctx, q, "sorts", "id n s b f", added, [][]any{each.moved}, each.nothing, errSpoiled)
						if !errors.Is(err, each.is) {
							t.Errorf("the write: %v, want %v", err, each.is)
						}
						if passes && dialect == "postgres" { // on SQLite what was written before the failure stays, as its callers know
							return nil
						}
						return err
					})
					if !errors.Is(err, each.is) {
						t.Errorf("the transaction: %v, want %v", err, each.is)
					}
					if n := countSorts(t, db); n != 9 {
						t.Errorf("%d rows are there, want 9", n)
					}
				}
				err := db.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
					return store.MoveRows(ctx, q, "sorts", "id n s b f", manyRows(100, 200), [][]any{sound}, nobody, errSpoiled)
				})
				if n := countSorts(t, db); err != nil || n != 209 {
					t.Errorf("what comes next: %v with %d rows, want 209", err, n)
				}
			})
		}
	}
}

// A pooler that hands its connections on keeps no parsed statement: nothing is sent that needs one, and all is as else.
func TestWithoutParsedStatements(t *testing.T) {
	db := storetest.Connect(t, storetest.OldPooler(storetest.MigratedURL(t, "postgres")), store.Conns(1))
	nineRows(t, db)
	for _, each := range spoiled {
		added := manyRows(100, 200)
		if each.add != nil {
			added = each.add(added)
		}
		err := db.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
			_ = store.MoveRows(ctx, q, "sorts", "id n s b f", added, [][]any{each.moved}, each.nothing, errSpoiled)
			return nil // pass over it
		})
		if n := countSorts(t, db); !errors.Is(err, each.is) || n != 9 {
			t.Errorf("%s: %v with %d rows, want %v and 9", each.name, err, n, each.is)
		}
	}
	err := db.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
		return store.MoveRows(ctx, q, "sorts", "id n s b f", manyRows(100, 200), [][]any{sound}, nobody, errSpoiled)
	})
	var parsed int
	if n := countSorts(t, db); err != nil || n != 209 {
		t.Errorf("%v with %d rows, want 209", err, n)
	}
	if err := db.Q(t.Context()).QueryRow(t.Context(), `SELECT COUNT(*) FROM pg_prepared_statements`).Scan(&parsed); err != nil || parsed != 0 {
		t.Errorf("%d statements are kept as parsed, %v", parsed, err)
	}
}

// Behind a pooler, which shares out its connections, all is written as behind none, but not at once.
func TestBehindAPooler(t *testing.T) {
	url := storetest.MigratedURL(t, "postgres")
	for name, at := range map[string]string{"the server itself": url, "a pooler": wayOver(t, url, asPooler)} {
		db := storetest.Connect(t, at, store.Conns(1))
		err := db.InTx(t.Context(), func(ctx context.Context, q store.Q) error {
			if _, err := q.Exec(ctx, `CREATE TEMPORARY TABLE sorts (id BIGINT, n BIGINT, s TEXT, b BYTEA, f BOOLEAN)`); err != nil {
				return err
			}
			if err := store.AddRows(ctx, q, "sorts", "id n s b f", manyRows(1, 9)); err != nil {
				return err
			}
			return store.MoveRows(ctx, q, "sorts", "id n s b f", manyRows(100, 200), [][]any{sound}, nobody, errSpoiled)
		})
		if n := countSorts(t, db); err != nil || n != 209 {
			t.Errorf("%s: %v with %d rows, want 209", name, err, n)
		}
		var atOnce bool
		if err := db.Q(t.Context()).QueryRow(t.Context(), `SELECT EXISTS (SELECT 1 FROM pg_prepared_statements WHERE statement LIKE 'COPY%')`).Scan(&atOnce); err != nil || atOnce != (at == url) {
			t.Errorf("%s: sent at once: %v, %v", name, atOnce, err)
		}
	}
}

// asPooler carries everything there and back, and gives out a key of its own for breaking off a statement.
func asPooler(near, far net.Conn) {
	defer near.Close()
	go func() {
		defer far.Close()
		_, _ = io.Copy(far, near)
	}()
	for kind := byte(0); kind != 'K'; {
		head := make([]byte, 5)
		if _, err := io.ReadFull(far, head); err != nil {
			return
		}
		body := make([]byte, binary.BigEndian.Uint32(head[1:])-4)
		if _, err := io.ReadFull(far, body); err != nil {
			return
		}
		if kind = head[0]; kind == 'K' {
			binary.BigEndian.PutUint32(body, binary.BigEndian.Uint32(body)+1)
		}
		_, _ = near.Write(append(head, body...))
	}
	_, _ = io.Copy(near, far)
}

// Whoever waits for what another one holds stops when its time is over, and the connection does what comes next.
func TestAWriteEndsWithItsContext(t *testing.T) {
	url := storetest.MigratedURL(t, "postgres")
	db, other := storetest.Connect(t, url, store.Conns(1)), storetest.Connect(t, url)
	nineRows(t, db)
	move := func(db *store.DB, ctx context.Context) error {
		return db.InTx(ctx, func(ctx context.Context, q store.Q) error {
			return store.MoveRows(ctx, q, "sorts", "id n s b f", manyRows(100, 200), [][]any{sound}, nobody, errSpoiled)
		})
	}
	err := other.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
		if _, err := q.Exec(ctx, `UPDATE sorts SET s = 'held' WHERE id = 1`); err != nil {
			return err
		}
		short, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
		defer cancel()
		if err := move(db, short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a write that waits: %v, want out of time", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := move(db, context.Background()); err != nil || countSorts(t, db) != 209 {
		t.Errorf("what comes next: %v with %d rows, want 209", err, countSorts(t, db))
	}
}

func nineRows(t *testing.T, db *store.DB) {
	t.Helper()
	store.CreateTable(t, db, rowsOfAll)
	err := db.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
		return store.AddRows(ctx, q, "sorts", "id n s b f", manyRows(1, 9))
	})
	if err != nil {
		t.Fatal(err)
	}
}

func manyRows(first, n int64) (rows [][]any) {
	for id := first; id < first+n; id++ {
		rows = append(rows, []any{id, id, "a", nil, true})
	}
	return rows
}

func countSorts(t *testing.T, db *store.DB) (n int) {
	t.Helper()
	if err := db.Q(t.Context()).QueryRow(t.Context(), `SELECT COUNT(*) FROM sorts`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
