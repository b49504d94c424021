package app_test

import (
	"testing"

	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

// A call is taken back or cut short just after its period's end, before the job has closed the period: it is worth the
// same as just after the job.
func TestACorrectionIsTheFirstToMeetThePeriodsEnd(t *testing.T) {
	acts := map[string]func(w *world, event billing.ID) error{
		"void": func(w *world, event billing.ID) error { return w.a.VoidUsage(w.ctx, w.who, event, "disputed") },
		"correct": func(w *world, event billing.ID) error {
			return w.a.CorrectUsage(w.ctx, w.who, event, 299*billing.Minute, "a later report")
		},
	}
	for name, act := range acts {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				for _, jobFirst := range []bool{true, false} {
					w := newWorld(t, db, "2027-01-01T00:00:00Z")
					w.started(0)
					call := w.use(301)
					w.ok(w.a.UpdateRequest(w.ctx, w.who, w.requests()[0].ID, billing.RequestUpdate{Status: billing.Paid}))
					w.sleep("2027-02-01T00:00:00Z")
					if jobFirst {
						_, err := w.a.AdvanceDue(w.ctx, 100)
						w.ok(err)
					}
					w.ok(act(w, call.ID))
					acc, _, err := w.a.Account(w.ctx, w.who, w.client)
					w.ok(err)
					if lines := acc.CreditLines; len(lines) != 1 || lines[0].Left != 25 || lines[0].UsageEventID != call.ID {
						t.Errorf("the job first: %v: credit lines %+v, want the 0.25 of the minute that was asked for", jobFirst, lines)
					}
					if want := map[string]billing.Millis{"void": 300 * billing.Minute, "correct": billing.Minute}[name]; acc.Wallet != want {
						t.Errorf("the job first: %v: the wallet has %d, want %d", jobFirst, acc.Wallet, want)
					}
					w.audited()
				}
			})
		})
	}
}
