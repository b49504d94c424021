package store_test

import (
	"context"
	"testing"
	"time"

	"minutebook/store"
	"minutebook/store/storetest"
)

// TestTwoProgramsWriteInTurn: on SQLite a transaction that reads in order to write holds the file from its beginning, also
// against another program. One that began as a reader would be thrown out when it comes to write.
func TestTwoProgramsWriteInTurn(t *testing.T) {
	url := storetest.MigratedURL(t, "sqlite")
	one, other := storetest.Connect(t, url), storetest.Connect(t, url)
	store.CreateTable(t, one, things)
	begun, tries := make(chan error, 1), 0
	err := one.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
		var n int
		if err := q.QueryRow(ctx, `SELECT COUNT(*) FROM things`).Scan(&n); err != nil {
			return err
		}
		if tries++; tries == 1 {
			go func() { begun <- tryWrite(other, addThing, 2) }()
			select {
			case err := <-begun:
				t.Errorf("the other wrote between our reading and our writing (%v)", err)
				begun <- err
			case <-time.After(time.Second): // it waits, as it should; on a slow machine it may just not be there yet
			}
		}
		_, err := q.Exec(ctx, addThing, 1)
		return err
	})
	if other := <-begun; err != nil || other != nil || tries != 1 || count(t, one) != 2 {
		t.Errorf("InTx = %v after %d tries, the other's = %v, %d things; want both, at the first try", err, tries, other, count(t, one))
	}
}
