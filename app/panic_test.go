package app_test

import (
	"testing"

	"minutebook/app"
	"minutebook/store"
	"minutebook/store/storetest"
)

// What the rules find impossible is a panic. While usage of many callers is metered together it must reach the one
// whose usage it was, where the server answers for it, and must not end the program or hold the others up.
func TestAPanicWhileMeteringReachesItsCaller(t *testing.T) {
	for _, dialect := range storetest.Dialects {
		t.Run(dialect, func(t *testing.T) {
			broken := false
			db := storetest.Connect(t, storetest.MigratedURL(t, dialect), store.Faults(func(at store.Stage, _ string) error {
				if broken && at == store.BeforeCommit {
					broken = false
					panic("impossible")
				}
				return nil
			}))
			w := newWorld(t, db, "2027-01-01T00:00:00Z")
			w.started(0)
			func() {
				defer func() {
					if got := recover(); got != "impossible" {
						t.Errorf("recovered %v", got)
					}
				}()
				broken = true
				w.use(1)
			}()
			if r := w.use(2); r.Result != app.UsageAccepted {
				t.Errorf("the next call is %+v", r)
			}
			w.audited()
		})
	}
}
