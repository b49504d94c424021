package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minutebook/store"
	"minutebook/store/storetest"
)

const family = `
CREATE TABLE parents (
    agency_id BIGINT NOT NULL,
    id        BIGINT NOT NULL,
    ref       TEXT,
    email     TEXT,
    active    BOOLEAN NOT NULL DEFAULT TRUE,
    PRIMARY KEY (agency_id, id)
);
CREATE UNIQUE INDEX parents_ref ON parents (agency_id, ref) WHERE active = TRUE;
CREATE UNIQUE INDEX parents_lower ON parents (agency_id, LOWER(email));
CREATE TABLE children (
    agency_id BIGINT NOT NULL,
    id        BIGINT NOT NULL,
    parent_id BIGINT NOT NULL,
    PRIMARY KEY (agency_id, id),
    FOREIGN KEY (agency_id, parent_id) REFERENCES parents (agency_id, id)
);`

func TestConflict(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		store.CreateTable(t, db, family)
		write(t, db, `INSERT INTO parents (agency_id, id, ref, email) VALUES (1, 1, 'a', 'a@b.c')`)

		err := tryWrite(db, `INSERT INTO parents (agency_id, id) VALUES (1, 1)`)
		if !errors.Is(err, store.ErrConflict) || !store.Conflicts(err, "parents", "id", "agency_id") {
			t.Errorf("the primary key twice: %#v", err)
		}
		err = tryWrite(db, `INSERT INTO parents (agency_id, id, ref) VALUES (1, 2, 'a')`)
		if !store.Conflicts(err, "parents", "agency_id", "ref") || store.Conflicts(err, "parents", "agency_id", "id") {
			t.Errorf("the reference twice: %#v", err)
		}
		err = tryWrite(db, `INSERT INTO parents (agency_id, id, email) VALUES (1, 3, 'A@b.c')`)
		var conflict *store.ConflictError
		if !errors.As(err, &conflict) || conflict.Constraint != "parents_lower" {
			t.Errorf("the address in capitals: %#v", err)
		}
		write(t, db, `INSERT INTO parents (agency_id, id, ref) VALUES (2, 1, 'a')`) // another agency's
	})
}

func TestForeignKeys(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		store.CreateTable(t, db, family)
		write(t, db, `INSERT INTO parents (agency_id, id) VALUES (1, 1)`)
		write(t, db, `INSERT INTO children (agency_id, id, parent_id) VALUES (1, 1, 1)`)
		for _, sql := range []string{
			`INSERT INTO children (agency_id, id, parent_id) VALUES (1, 2, 9)`,
			`INSERT INTO children (agency_id, id, parent_id) VALUES (2, 2, 1)`,
			`DELETE FROM parents WHERE agency_id = 1 AND id = 1`,
		} {
			if err := tryWrite(db, sql); !errors.Is(err, store.ErrReference) {
				t.Errorf("%s = %v, want ErrReference", sql, err)
			}
		}
	})
}

func TestMissing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		var n int64
		err := db.Q(ctx).QueryRow(ctx, `SELECT writes FROM readiness WHERE id = 2`).Scan(&n)
		if !errors.Is(err, store.ErrMissing) {
			t.Errorf("Scan = %v, want ErrMissing", err)
		}
		if err := db.Q(ctx).QueryRow(ctx, `SELECT nonsense FROM readiness`).Scan(&n); err == nil || errors.Is(err, store.ErrMissing) {
			t.Errorf("Scan = %v, want what the database said", err)
		}
	})
}

func TestExecCounts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		store.CreateTable(t, db, things)
		err := db.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
			for i := range 3 {
				if n, err := q.Exec(ctx, addThing+` ON CONFLICT DO NOTHING`, i%2); err != nil || n != int64(1-i/2) {
					t.Errorf("insert %d = %d rows, %v", i, n, err)
				}
			}
			n, err := q.Exec(ctx, `UPDATE things SET n = 5`)
			if n != 2 {
				t.Errorf("update = %d rows, want 2", n)
			}
			return err
		})
		if err != nil || !cmp.Equal(all(t, db), []int64{5, 5}) {
			t.Errorf("InTx = %v, rows %v", err, all(t, db))
		}
	})
}

// Repeated statements are prepared; their answers must not run into each other.
func TestRepeatedQueries(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		store.CreateTable(t, db, things)
		err := db.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
			for i := range 5 {
				if _, err := q.Exec(ctx, addThing, i); err != nil {
					return err
				}
				var n, highest int
				if err := q.QueryRow(ctx, `SELECT COUNT(*), MAX(id) FROM things WHERE id <= $1`, i).Scan(&n, &highest); err != nil {
					return err
				}
				if n != i+1 || highest != i {
					t.Errorf("after %d: %d rows up to %d", i, n, highest)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestReady(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		if err := db.Ready(ctx); err != nil {
			t.Errorf("Ready = %v", err)
		}
		write(t, db, `DELETE FROM readiness`)
		if err := db.Ready(ctx); err == nil {
			t.Error("Ready wrote to nothing and was content")
		}
	})
}

// Whoever forgets InTx hears of it on SQLite.
func TestReadersCannotWrite(t *testing.T) {
	db := storetest.Open(t, "sqlite")
	ctx := context.Background()
	if _, err := db.Q(ctx).Exec(ctx, `UPDATE readiness SET writes = 1`); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("Exec = %v, want ErrReadOnly", err)
	}
}

// A standby, or a role that may only read, is not ready.
func TestPostgresReadOnly(t *testing.T) {
	url := storetest.MigratedURL(t, "postgres") + "&default_transaction_read_only=on"
	db := storetest.Connect(t, url)
	if err := db.Ready(context.Background()); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("Ready = %v, want ErrReadOnly", err)
	}
}

func TestReadTimeout(t *testing.T) {
	url := storetest.MigratedURL(t, "postgres")
	ctx := context.Background()
	db, err := store.Open(ctx, url, store.Timeout(50*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var done bool
	asleep := db.Q(ctx).QueryRow(ctx, `SELECT pg_sleep(20) IS NULL`).Scan(&done)
	if !errors.Is(asleep, context.DeadlineExceeded) {
		t.Errorf("Scan = %v, want out of time", asleep)
	}
	long, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := db.Q(long).QueryRow(long, `SELECT pg_sleep(0.2) IS NULL`).Scan(&done); err != nil {
		t.Errorf("a caller's own deadline: %v", err)
	}
}

// The file is durable, and for its owner alone.
func TestSQLiteFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a folder", "50% #1?.db")
	db := storetest.Connect(t, "sqlite:"+path)
	if err := db.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the file: %v, %v", info, err)
	}
	err = db.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
		for pragma, want := range map[string]int{"synchronous": 2, "foreign_keys": 1, "busy_timeout": 10000} {
			var got int
			if err := q.QueryRow(ctx, `PRAGMA `+pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s = %d (%v), want %d", pragma, got, err, want)
			}
		}
		var journal string
		if err := q.QueryRow(ctx, `PRAGMA journal_mode`).Scan(&journal); err != nil || journal != "wal" {
			t.Errorf("journal_mode = %s (%v), want wal", journal, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// What breaks after the first row is told too, as what it is.
func TestPostgresLateFailure(t *testing.T) {
	db := storetest.Open(t, "postgres")
	ctx := context.Background()
	var n int64
	err := db.Q(ctx).QueryRow(ctx, `SELECT 1 / (2 - x) FROM generate_series(1, 2) AS x`).Scan(&n)
	if err == nil || !strings.Contains(err.Error(), "division by zero") || errors.Is(err, context.Canceled) {
		t.Errorf("Scan = %v, want a division by zero", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, url := range []string{"", "minutebook.db", "mysql://x", "sqlite:", "sqlite::memory:", "sqlite:file:x", "postgres://localhost:1/x?connect_timeout=1"} {
		if db, err := store.Open(context.Background(), url); err == nil {
			t.Errorf("Open(%q) worked", url)
			db.Close()
		}
	}
}

// The word for a driver's error is there for people, with what it was about.
func TestErrorTexts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		store.CreateTable(t, db, things)
		write(t, db, addThing, 1)
		err := tryWrite(db, addThing, 1)
		if err == nil || !strings.Contains(err.Error(), "things(id)") {
			t.Errorf("the error says %q, want the table and the column", err)
		}
	})
}
