package billing

import (
	"reflect"
	"time"
)

// judge is what both a test and a random walk can fail by.
type judge interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// checkInvariants looks at a whole history and at the state it led to, and recomputes everything that is kept twice.
func checkInvariants(t judge, w *world) {
	t.Helper()
	for _, wrong := range w.Account.Check(w.Now) {
		t.Errorf("%s", wrong)
	}
	for _, wrong := range w.Account.CheckPolicy(w.Now) {
		t.Errorf("%s", wrong)
	}
	for _, wrong := range w.Account.CheckHistory(w.Facts) {
		t.Errorf("%s", wrong)
	}
	checkOrder(t, w)
	checkReplay(t, w)
}

// checkOrder: time does not run backwards, no number is left out, and no period without a revival.
func checkOrder(t judge, w *world) {
	t.Helper()
	var last time.Time
	for _, e := range w.Facts {
		if e.At.Before(last) {
			t.Errorf("fact %d (%T) at %s follows one at %s", e.Seq, e.Fact, e.At, last)
		}
		last = e.At
	}
	for _, r := range w.Account.Requests {
		if r.Number > int64(len(w.Account.Requests)) {
			t.Errorf("%s is one of %d requests", r.Label(), len(w.Account.Requests))
		}
	}
	for i, p := range w.Periods[min(1, len(w.Periods)):] {
		before := w.Periods[i]
		if before.SubscriptionID == p.SubscriptionID && before.Index+1 < p.Index && w.Account.Policy.BlockedExit != ExitOnPayment {
			t.Errorf("period %d follows %d", p.Index, before.Index)
		}
	}
}

// checkReplay rebuilds the account from the facts as they are stored.
func checkReplay(t judge, w *world) {
	t.Helper()
	again, err := w.replayStored()
	if err != nil {
		t.Fatalf("replay: %v", err)
	}
	kept := *w.Account
	kept.mint, again.mint = nil, nil
	if kept.fresh, again.fresh = nil, nil; !reflect.DeepEqual(&kept, again) {
		t.Errorf("replay gives another account:\n%+v\n%+v", kept, *again)
	}
}
