package store_test

import (
	"context"
	"testing"

	"minutebook/store"
	"minutebook/store/storetest"
)

// However long somebody goes on writing without a pause, SQLite's log is brought into the file beside it and begins anew,
// and nothing of what was written is lost.
func TestTheLogIsFoldedBesideTheWriter(t *testing.T) {
	t.Parallel()
	at := storetest.MigratedURL(t, "sqlite")
	db, err := store.Open(context.Background(), at)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() // should we not get to the end
	db.FoldAt(200)
	store.CreateTable(t, db, things)
	written, longest := 0, int64(0)
	for folded := int64(0); folded < 2; written++ {
		if written == 50_000 {
			t.Fatalf("after %d commits the log was folded %d times; it has %d pages", written, folded, longest)
		}
		err := db.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
			for n := range 20 {
				if _, err := q.Exec(ctx, addThing, 20*written+n); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		var pages int64
		if pages, folded, err = db.Log(); err != nil {
			t.Fatal(err)
		}
		longest = max(longest, pages)
	}
	if n := count(t, db); n != 20*written {
		t.Errorf("%d rows, want those of %d commits", n, written)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if n := count(t, storetest.Connect(t, at)); n != 20*written {
		t.Errorf("%d rows when it is opened again, want those of %d commits", n, written)
	}
}
