// Package storetest gives a test a database of its own, on SQLite and on
// PostgreSQL. A test of anything that touches the store runs on both:
//
//	storetest.Each(t, func(t *testing.T, db *store.DB) { ... })
//
// PostgreSQL is the one at MINUTEBOOK_TEST_POSTGRES, whose user may create
// databases, or a throw-away cluster that scripts/with-postgres starts for this
// test process. Without PostgreSQL a test fails; it is never passed over.
package storetest

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"minutebook/store"
)

// Dialects are the databases a test runs on.
var Dialects = []string{"sqlite", "postgres"}

// Each runs test as one subtest per database program, each with a fresh
// database that has the whole schema and is closed afterwards.
func Each(t *testing.T, test func(t *testing.T, db *store.DB)) {
	t.Helper()
	for _, dialect := range Dialects {
		t.Run(dialect, func(t *testing.T) { test(t, Open(t, dialect)) })
	}
}

// Open is a fresh database of that dialect, with the whole schema.
func Open(t testing.TB, dialect string) *store.DB {
	t.Helper()
	return Connect(t, MigratedURL(t, dialect))
}

// MigratedURL is where a fresh database with the whole schema is.
func MigratedURL(t testing.TB, dialect string) string {
	t.Helper()
	if dialect == "postgres" {
		return postgresCopy(t)
	}
	return sqliteCopy(t)
}

// EmptyURL is where a fresh database without any table is.
func EmptyURL(t testing.TB, dialect string) string {
	t.Helper()
	if dialect == "postgres" {
		return postgresDatabase(t, "template0")
	}
	return "sqlite:" + filepath.Join(t.TempDir(), "empty.db")
}

// OldPooler is the URL for a database of PostgreSQL behind a pooler that hands its connections on between two statements, and
// keeps none parsed.
func OldPooler(url string) string {
	join := "?"
	if strings.Contains(url, "?") {
		join = "&"
	}
	return url + join + "default_query_exec_mode=exec"
}

// Connect opens the database at url until the test ends. A test may connect to
// one database several times, as several programs do.
func Connect(t testing.TB, url string, opts ...store.Option) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), url, append([]store.Option{store.Conns(12)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("closing the database: %v", err)
		}
	})
	return db
}

// migrate gives the database at url the whole schema.
func migrate(url string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, url)
	if err != nil {
		return err
	}
	if err := db.Migrate(ctx); err != nil {
		return err
	}
	return db.Close()
}
