package app_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

// Posts of many callers share transactions, and each caller gets the answer to its own post: good, bad, repeated and
// of another agency side by side.
func TestManyCallersShareATransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		one, two := newWorld(t, db, "2027-01-01T00:00:00Z"), newWorld(t, db, "2027-01-01T00:00:00Z")
		two.a = one.a // one process
		one.started(0)
		two.started(0)
		const callers = 120
		var senders sync.WaitGroup
		for n := range callers {
			senders.Go(func() {
				w, want := one, app.UsageAccepted
				if n%3 == 0 {
					w = two
				}
				report := app.UsageReport{ClientID: w.client, UsageEvent: billing.UsageEvent{Source: "test", EventID: fmt.Sprint("e", n), Kind: billing.Call, EndedAt: w.now(), Talk: 1000}}
				switch n % 4 {
				case 1:
					report.ClientID, want = one.client+two.client, app.UsageRejected
				case 2:
					report.Talk, want = -1, app.UsageRejected
				}
				for _, want := range []string{want, map[string]string{app.UsageAccepted: app.UsageDuplicate, app.UsageRejected: app.UsageRejected}[want]} {
					got, err := w.a.RecordUsage(w.ctx, w.who, []app.UsageReport{report})
					if err != nil || got[0].Result != want || got[0].EventID != report.EventID {
						t.Errorf("caller %d: %+v, %v, want %s of %s", n, got, err, want, report.EventID)
					}
				}
			})
		}
		senders.Wait()
		var used billing.Millis
		for _, w := range []*world{one, two} {
			acc, _, err := w.a.Account(w.ctx, w.who, w.client)
			w.ok(err)
			used += acc.Period.Used.Total()
		}
		if used != callers/2*1000 {
			t.Errorf("used %d ms, want %d", used, callers/2*1000)
		}
		one.audited()
	})
}

// A caller that goes away takes nobody with it, and its own call counts at most once.
func TestACallerThatGoesAway(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		w.started(0)
		var senders sync.WaitGroup
		for n := range 60 {
			senders.Go(func() {
				ctx, leave := context.WithCancel(w.ctx)
				if n%2 == 0 {
					leave()
				}
				defer leave()
				report := app.UsageReport{ClientID: w.client, UsageEvent: billing.UsageEvent{Source: "test", EventID: fmt.Sprint("e", n), Kind: billing.Call, EndedAt: w.now(), Talk: 1000}}
				got, err := w.a.RecordUsage(ctx, w.who, []app.UsageReport{report})
				if n%2 == 1 && (err != nil || got[0].Result != app.UsageAccepted) {
					t.Errorf("a patient caller: %+v, %v", got, err)
				}
			})
		}
		senders.Wait()
		for n := range 60 {
			w.events = n - 1
			got := w.report(app.UsageReport{ClientID: w.client, UsageEvent: billing.UsageEvent{Source: "test", EventID: fmt.Sprint("e", n), Kind: billing.Call, EndedAt: w.now(), Talk: 1000}})
			if got.Result != app.UsageAccepted && got.Result != app.UsageDuplicate {
				t.Errorf("sent again: %+v", got)
			}
		}
		acc, _, err := w.a.Account(w.ctx, w.who, w.client)
		w.ok(err)
		if acc.Period.Used.Total() != 60_000 {
			t.Errorf("used %d ms, want 60000", acc.Period.Used.Total())
		}
		w.audited()
	})
}

// When the answer to a shared commit is lost and the database then is away, every caller of the batch hears that it is
// not known whether the call counts: it may be in the books.
func TestALostAnswerOfASharedTransactionIsUnknownToEachCaller(t *testing.T) {
	for _, dialect := range storetest.Dialects {
		t.Run(dialect, func(t *testing.T) {
			var struck struct {
				sync.Mutex
				armed, away bool
			}
			gathering, gathered := make(chan struct{}), make(chan struct{})
			db := storetest.Connect(t, storetest.MigratedURL(t, dialect), store.Faults(func(at store.Stage, _ string) error {
				struck.Lock()
				first := struck.armed && at == store.AfterCommit && !struck.away
				switch {
				case first && gathering != nil: // the first post, alone: others gather meanwhile
					hold := gathering
					gathering = nil
					struck.Unlock()
					close(hold)
					<-gathered
					return nil
				case first: // those who gathered
					struck.away = true
					struck.Unlock()
					return fmt.Errorf("the answer got lost: %w", store.ErrUnknown)
				}
				defer struck.Unlock()
				if struck.away {
					return fmt.Errorf("the database is away: %w", store.ErrReadOnly)
				}
				return nil
			}))
			w := newWorld(t, db, "2027-01-01T00:00:00Z")
			w.started(0)
			hold := gathering
			struck.armed = true
			var senders sync.WaitGroup
			errs := make([]error, 5)
			send := func(n int) {
				senders.Go(func() {
					_, errs[n] = w.a.RecordUsage(w.ctx, w.who, []app.UsageReport{{ClientID: w.client, UsageEvent: billing.UsageEvent{Source: "test", EventID: fmt.Sprint("e", n), Kind: billing.Call, EndedAt: w.now(), Talk: 1000}}})
				})
			}
			send(0)
			<-hold
			for n := 1; n < len(errs); n++ {
				send(n)
			}
			for w.a.UsageWaiting() < len(errs)-1 {
				runtime.Gosched()
			}
			close(gathered)
			senders.Wait()
			if errs[0] != nil {
				t.Errorf("the first caller: %v", errs[0])
			}
			for n, err := range errs[1:] {
				if !app.Uncertain(w.ctx, err) {
					t.Errorf("caller %d of the batch is told %v, although its call is in the books", n+1, err)
				}
			}
			struck.armed, struck.away = false, false
			for n := range errs {
				w.events = n - 1
				got := w.report(app.UsageReport{ClientID: w.client, UsageEvent: billing.UsageEvent{Source: "test", EventID: fmt.Sprint("e", n), Kind: billing.Call, EndedAt: w.now(), Talk: 1000}})
				if got.Result != app.UsageDuplicate {
					t.Errorf("call %d, sent again, is %+v", n, got)
				}
			}
		})
	}
}
