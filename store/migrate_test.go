package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"minutebook/store"
	"minutebook/store/storetest"
)

func TestMigrate(t *testing.T) {
	t.Parallel()
	for _, dialect := range storetest.Dialects {
		t.Run(dialect, func(t *testing.T) {
			ctx := context.Background()
			db := storetest.Connect(t, storetest.EmptyURL(t, dialect))
			if s, err := db.MigrationStatus(ctx); err != nil || s.Current != 0 || !s.Pending() {
				t.Errorf("before: %+v, %v", s, err)
			}
			for range 2 { // the second time, there is nothing to do
				if err := db.Migrate(ctx); err != nil {
					t.Fatal(err)
				}
				if s, err := db.MigrationStatus(ctx); err != nil || s.Current != s.Target || s.Pending() {
					t.Errorf("after: %+v, %v", s, err)
				}
			}
			if err := db.Ready(ctx); err != nil {
				t.Error(err)
			}
		})
	}
}

// Four programs begin at the same time: all find the schema there. They collide
// at one place in an empty database, and at another where somebody asked for the
// status before.
func TestConcurrentMigrators(t *testing.T) {
	t.Parallel()
	for _, dialect := range storetest.Dialects {
		for _, asked := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, asked before %t", dialect, asked), func(t *testing.T) {
				migrateAtOnce(t, storetest.EmptyURL(t, dialect), asked)
			})
		}
	}
}

func migrateAtOnce(t *testing.T, url string, asked bool) {
	t.Helper()
	ctx := context.Background()
	if asked {
		if _, err := storetest.Connect(t, url).MigrationStatus(ctx); err != nil {
			t.Fatal(err)
		}
	}
	var programs sync.WaitGroup
	for range 4 {
		db := storetest.Connect(t, url)
		programs.Go(func() {
			if err := errors.Join(db.Migrate(ctx), db.Ready(ctx)); err != nil {
				t.Error(err)
			}
		})
	}
	programs.Wait()
}

func TestRefusesNewer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		write(t, db, `INSERT INTO goose_db_version (version_id, is_applied) VALUES ($1, TRUE)`, 99999)
		if err := db.Migrate(ctx); !errors.Is(err, store.ErrNewer) {
			t.Errorf("Migrate = %v, want ErrNewer", err)
		}
		if s, err := db.MigrationStatus(ctx); !errors.Is(err, store.ErrNewer) || s.Current != 99999 {
			t.Errorf("MigrationStatus = %+v, %v, want ErrNewer", s, err)
		}
	})
}

func TestSchemaFileNames(t *testing.T) {
	if err := store.ReadSchema("0002_more.sql"); err != nil {
		t.Error(err)
	}
	if err := store.ReadSchema("more.sql"); err == nil {
		t.Error("a schema file without a number was taken")
	}
}
