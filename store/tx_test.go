package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minutebook/store"
	"minutebook/store/storetest"
)

func tryWrite(db *store.DB, sql string, args ...any) error {
	return db.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
		_, err := q.Exec(ctx, sql, args...)
		return err
	})
}

func write(t testing.TB, db *store.DB, sql string, args ...any) {
	t.Helper()
	if err := tryWrite(db, sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// count is how many things there are.
func count(t testing.TB, db *store.DB) (n int) {
	t.Helper()
	ctx := context.Background()
	if err := db.Q(ctx).QueryRow(ctx, `SELECT COUNT(*) FROM things`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

const addThing = `INSERT INTO things (id, n) VALUES ($1, 0)`

func TestRollback(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		store.CreateTable(t, db, things)
		refusal := errors.New("the rule says no")
		err := db.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
			if _, err := q.Exec(ctx, addThing, 1); err != nil {
				return err
			}
			return refusal
		})
		if !errors.Is(err, refusal) || count(t, db) != 0 {
			t.Errorf("InTx = %v with %d rows left, want the refusal and none", err, count(t, db))
		}
	})
}

func TestPanicRollsBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		store.CreateTable(t, db, things)
		func() {
			defer func() {
				if got := recover(); got != "broken" {
					t.Errorf("recovered %v, want the panic of the closure", got)
				}
			}()
			_ = db.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
				_, _ = q.Exec(ctx, addThing, 1)
				panic("broken")
			})
		}()
		if n := count(t, db); n != 0 {
			t.Errorf("%d rows left", n)
		}
		write(t, db, addThing, 2) // the writer is free again
	})
}

// An inner InTx is part of the outer one, and Q sees both.
func TestJoin(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		store.CreateTable(t, db, things)
		refusal := errors.New("the rule says no")
		outer := func(fate error) error {
			return db.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
				if _, err := q.Exec(ctx, addThing, 1); err != nil {
					return err
				}
				err := db.InTx(ctx, func(ctx context.Context, q store.Q) error {
					if _, err := q.Exec(ctx, addThing, 2); err != nil {
						return err
					}
					return fate
				})
				if n := within(ctx, t, db); n != 2 {
					t.Errorf("inside there are %d rows, want both", n)
				}
				return err
			})
		}
		if err := outer(refusal); !errors.Is(err, refusal) || count(t, db) != 0 {
			t.Errorf("refused inside: %v with %d rows left", err, count(t, db))
		}
		if err := outer(nil); err != nil || count(t, db) != 2 {
			t.Errorf("kept: %v with %d rows", err, count(t, db))
		}
	})
}

func within(ctx context.Context, t testing.TB, db *store.DB) (n int) {
	t.Helper()
	if err := db.Q(ctx).QueryRow(ctx, `SELECT COUNT(*) FROM things`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// A transaction of one database is not the ambient one of another.
func TestTwoDatabases(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		other := storetest.Open(t, db.Dialect())
		store.CreateTable(t, db, things)
		store.CreateTable(t, other, things)
		refusal := errors.New("no")
		_ = db.InTx(context.Background(), func(ctx context.Context, _ store.Q) error {
			return errors.Join(refusal, other.InTx(ctx, func(ctx context.Context, q store.Q) error {
				_, err := q.Exec(ctx, addThing, 1)
				return err
			}))
		})
		if count(t, other) != 1 || count(t, db) != 0 {
			t.Errorf("rows: %d and %d, want 0 and 1", count(t, db), count(t, other))
		}
	})
}

// Eight workers add one to the same number 25 times each, through two programs.
func TestNoLostUpdate(t *testing.T) {
	storetest.Each(t, func(t *testing.T, _ *store.DB) {
		url := storetest.MigratedURL(t, dialectOf(t))
		programs := []*store.DB{storetest.Connect(t, url), storetest.Connect(t, url)}
		db := programs[0]
		store.CreateTable(t, db, things)
		write(t, db, addThing, 1)
		var workers sync.WaitGroup
		for i := range 8 {
			workers.Go(func() {
				for range 25 {
					if err := increment(programs[i%2]); err != nil {
						t.Error(err)
					}
				}
			})
		}
		workers.Wait()
		var n int64
		ctx := context.Background()
		if err := db.Q(ctx).QueryRow(ctx, `SELECT n FROM things WHERE id = 1`).Scan(&n); err != nil || n != 200 {
			t.Errorf("n = %d (%v), want 200", n, err)
		}
	})
}

func increment(db *store.DB) error {
	return db.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
		var n int64
		if err := q.QueryRow(ctx, `SELECT n FROM things WHERE id = 1`+db.ForUpdate()).Scan(&n); err != nil {
			return err
		}
		_, err := q.Exec(ctx, `UPDATE things SET n = $1 WHERE id = 1`, n+1)
		return err
	})
}

// dialectOf is the name of the subtest that Each runs.
func dialectOf(t *testing.T) string {
	for _, d := range storetest.Dialects {
		if len(t.Name()) > len(d) && t.Name()[len(t.Name())-len(d):] == d {
			return d
		}
	}
	t.Fatalf("%s is not a subtest of Each", t.Name())
	return ""
}

// A queue gives each of its rows to one worker.
func TestSkipLocked(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		store.CreateTable(t, db, things)
		for i := range 60 {
			write(t, db, addThing, i)
		}
		var taken atomic.Int64
		var workers sync.WaitGroup
		for range 4 {
			workers.Go(func() {
				for {
					n, err := take(db, 7)
					taken.Add(n)
					if err != nil {
						t.Error(err)
					}
					if n == 0 || err != nil {
						return
					}
				}
			})
		}
		workers.Wait()
		var claims int64
		ctx := context.Background()
		if err := db.Q(ctx).QueryRow(ctx, `SELECT CAST(SUM(n) AS BIGINT) FROM things`).Scan(&claims); err != nil {
			t.Fatal(err)
		}
		if taken.Load() != 60 || claims != 60 {
			t.Errorf("%d rows taken, %d claims, want 60 of each", taken.Load(), claims)
		}
	})
}

func take(db *store.DB, limit int) (n int64, err error) {
	err = db.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
		n, err = q.Exec(ctx, `
			UPDATE things
			SET n = n + 1
			WHERE id IN (SELECT id FROM things WHERE n = 0 ORDER BY id LIMIT $1`+db.SkipLocked()+`)`, limit)
		return err
	})
	return n, err
}

// A rule that hides the database's wish for another try is run again all the same.
func TestRetry(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		store.CreateTable(t, db, things)
		tries := 0
		err := db.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
			tries++
			if _, err := q.Exec(ctx, addThing, tries); err != nil {
				return err
			}
			if tries < 4 {
				return fmt.Errorf("a rule: %w", store.ErrBusy)
			}
			return nil
		})
		if err != nil || tries != 4 || count(t, db) != 1 {
			t.Errorf("InTx = %v after %d tries with %d rows, want 4 tries and 1 row", err, tries, count(t, db))
		}
	})
}

func TestRetryEnds(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, "sqlite")
	tries := 0
	always := func(context.Context, store.Q) error { tries++; return store.ErrBusy }
	if err := db.InTx(context.Background(), always); !errors.Is(err, store.ErrBusy) || tries != 20 {
		t.Errorf("InTx = %v after %d tries, want busy after 20", err, tries)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := db.InTx(ctx, always); !errors.Is(err, store.ErrBusy) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("InTx = %v, want busy and out of time", err)
	}
}

// PostgreSQL's own words for "again" are understood, even when a rule hides them.
func TestPostgresSerializationFailure(t *testing.T) {
	db := storetest.Open(t, "postgres")
	for _, code := range []string{"40001", "40P01", "55P03"} {
		tries := 0
		err := db.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
			if tries++; tries == 3 {
				return nil
			}
			_, err := q.Exec(ctx, `DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '`+code+`'; END $$`)
			if !errors.Is(err, store.ErrBusy) {
				t.Errorf("%s is %v, want busy", code, err)
			}
			return errors.New("hidden")
		})
		if err != nil || tries != 3 {
			t.Errorf("%s: %v after %d tries, want 3", code, err, tries)
		}
	}
}

// Two transactions that hold what the other needs both end well.
func TestPostgresDeadlock(t *testing.T) {
	db := storetest.Open(t, "postgres")
	store.CreateTable(t, db, things)
	write(t, db, addThing, 1)
	write(t, db, addThing, 2)
	var both, done sync.WaitGroup
	both.Add(2)
	var tries atomic.Int64
	for _, order := range [][2]int{{1, 2}, {2, 1}} {
		met := false
		done.Go(func() {
			err := db.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
				tries.Add(1)
				if _, err := q.Exec(ctx, `UPDATE things SET n = n + 1 WHERE id = $1`, order[0]); err != nil {
					return err
				}
				if !met {
					met = true
					both.Done()
					both.Wait()
				}
				_, err := q.Exec(ctx, `UPDATE things SET n = n + 1 WHERE id = $1`, order[1])
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	rows := all(t, db)
	if tries.Load() < 3 || !cmp.Equal(rows, []int64{2, 2}) {
		t.Errorf("%d tries, rows %v; want a retry and 2, 2", tries.Load(), rows)
	}
}

// all is the numbers of all things, by id.
func all(t testing.TB, db *store.DB) []int64 {
	t.Helper()
	ctx := context.Background()
	numbers, err := store.Collect(func(r store.Row, n *int64) error { return r.Scan(n) })(
		db.Q(ctx).Query(ctx, `SELECT n FROM things ORDER BY id`))
	if err != nil {
		t.Fatal(err)
	}
	return numbers
}

// A transaction whose connection the server drops is run again on another.
func TestPostgresLostConnection(t *testing.T) {
	db := storetest.Open(t, "postgres")
	store.CreateTable(t, db, things)
	tries := 0
	err := db.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
		tries++
		if _, err := q.Exec(ctx, addThing, tries); err != nil {
			return err
		}
		if tries == 1 {
			_, err := q.Exec(ctx, `SELECT pg_terminate_backend(pg_backend_pid())`)
			return err
		}
		return nil
	})
	if err != nil || tries != 2 || count(t, db) != 1 {
		t.Errorf("InTx = %v after %d tries with %d rows, want 2 tries and 1 row", err, tries, count(t, db))
	}
}

// A snapshot neither writes nor sees what is written meanwhile.
func TestSnapshot(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		store.CreateTable(t, db, things)
		err := db.Snapshot(context.Background(), func(ctx context.Context, q store.Q) error {
			before := within(ctx, t, db)
			write(t, db, addThing, 1)
			if after := within(ctx, t, db); before != 0 || after != 0 {
				t.Errorf("a snapshot saw %d, then %d rows", before, after)
			}
			_, err := q.Exec(ctx, addThing, 2)
			return err
		})
		if !errors.Is(err, store.ErrReadOnly) || count(t, db) != 1 {
			t.Errorf("writing in a snapshot: %v with %d rows", err, count(t, db))
		}
	})
}

// On PostgreSQL a transaction begins with its first message. When that fails, what follows is not kept by itself.
func TestPostgresDoesNotGoOnWithoutATransaction(t *testing.T) {
	db := storetest.Connect(t, storetest.MigratedURL(t, "postgres"))
	store.CreateTable(t, db, things)
	gone, leave := context.WithCancel(context.Background())
	leave()
	for name, first := range map[string]func(q store.Q) error{
		"a statement": func(q store.Q) error { _, err := q.Exec(gone, addThing, 1); return err },
		"a query":     func(q store.Q) error { var n int; return q.QueryRow(gone, `SELECT 1`).Scan(&n) },
		"questions": func(q store.Q) error {
			_, err := store.LoadMeters(gone, q, []store.Named{{Agency: 1, Client: 1}})
			return err
		},
	} {
		refusal := errors.New("the rule says no")
		err := db.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
			if err := first(q); err == nil {
				t.Errorf("%s: nothing failed", name)
			}
			_, _ = q.Exec(ctx, addThing, 2)
			return refusal
		})
		if !errors.Is(err, refusal) || count(t, db) != 0 {
			t.Errorf("%s: InTx = %v with %d rows left, want the refusal and none", name, err, count(t, db))
		}
		if err := db.InTx(context.Background(), func(_ context.Context, q store.Q) error { _ = first(q); return nil }); err == nil {
			t.Errorf("%s failed and was passed over, and all is said to be kept", name)
		}
	}
	if err := db.InTx(context.Background(), func(context.Context, store.Q) error { return nil }); err != nil {
		t.Errorf("a transaction in which nothing is done: %v", err)
	}
	var kept store.Q
	write(t, db, addThing, 3)
	_ = db.InTx(context.Background(), func(_ context.Context, q store.Q) error { kept = q; return nil })
	if _, err := kept.Exec(context.Background(), addThing, 4); err == nil || count(t, db) != 1 {
		t.Errorf("after its end: %v with %d rows", err, count(t, db))
	}
}

func TestCancelled(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		store.CreateTable(t, db, things)
		ctx, cancel := context.WithCancel(context.Background())
		err := db.InTx(ctx, func(ctx context.Context, q store.Q) error {
			_, err := q.Exec(ctx, addThing, 1)
			cancel()
			return err
		})
		if !errors.Is(err, context.Canceled) || count(t, db) != 0 {
			t.Errorf("InTx = %v with %d rows, want cancelled and none", err, count(t, db))
		}
		write(t, db, addThing, 2)
	})
}
