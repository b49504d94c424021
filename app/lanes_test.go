package app_test

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

// inLanes makes clients that are known to the agency by names too, as many in either lane.
func (w *world) inLanes(each int) (clients []billing.ID) {
	w.Helper()
	lanes := [2]int{}
	for n := 0; len(clients) < 2*each; n++ {
		c, err := w.a.CreateClient(w.ctx, w.who, app.ClientSpec{Name: fmt.Sprint("Client ", n), ExternalID: fmt.Sprint("client-", n)})
		w.ok(err)
		if lane := app.Lane(c.ID); lanes[lane] < each {
			lanes[lane]++
			clients = append(clients, c.ID)
		}
	}
	return clients
}

// calls are n calls of the clients in turns.
func (w *world) calls(prefix string, n int, clients []billing.ID) (reports []app.UsageReport) {
	for i := range n {
		reports = append(reports, app.UsageReport{ClientID: clients[i%len(clients)], UsageEvent: billing.UsageEvent{
			Source: "test", EventID: fmt.Sprint(prefix, i), Kind: billing.Call, EndedAt: w.now(), Talk: billing.Millis(1000 + i),
		}})
	}
	return reports
}

// A post of many clients is answered event by event in its own order, whether it was recorded in one transaction or in
// several, and the events of one client are recorded in the order they were sent in.
func TestALargePostIsAnsweredInItsOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		clients := w.inLanes(3)
		for _, n := range []int{2, 7, 600, 3000} {
			reports := w.calls(fmt.Sprint("n", n, "-"), n, clients)
			reports[n/2].Talk = -1
			got, err := w.a.RecordUsage(w.ctx, w.who, reports)
			w.ok(err)
			last := map[billing.ID]int64{}
			for i, r := range got {
				if i == n/2 {
					if r.Result != app.UsageRejected {
						t.Errorf("event %d of %d is %+v, want it rejected", i, n, r)
					}
					continue
				}
				if r.Result != app.UsageAccepted || r.EventID != reports[i].EventID || r.Known.Client != reports[i].ClientID || r.Known.Event.Talk != reports[i].Talk {
					t.Fatalf("event %d of %d is answered with %+v", i, n, r)
				}
				if r.Known.Seq <= last[r.Known.Client] {
					t.Errorf("event %d of %d has place %d, an earlier one of its client has %d", i, n, r.Known.Seq, last[r.Known.Client])
				}
				last[r.Known.Client] = r.Known.Seq
			}
		}
		w.audited()
	})
}

// Of two equal event ids in a post the first wins, whichever clients they name; and what names one client by its id and
// by the agency's name for it keeps its order.
func TestTheFirstOfAPostWins(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		clients := w.inLanes(1)
		for round := range 20 {
			reports := w.calls(fmt.Sprint("r", round, "-"), 600, clients)
			reports[599].EventID = reports[0].EventID // of the other client
			got, err := w.a.RecordUsage(w.ctx, w.who, reports)
			w.ok(err)
			if got[0].Result != app.UsageAccepted || got[599].Result != app.UsageConflict || got[599].ID != got[0].ID {
				t.Fatalf("round %d: the first is %+v, the second %+v", round, got[0], got[599])
			}
			named := w.calls(fmt.Sprint("s", round, "-"), 600, clients)
			c, err := w.a.Client(w.ctx, w.who, clients[0])
			w.ok(err)
			named[300].ClientID, named[300].ClientExternalID = 0, c.ExternalID
			got, err = w.a.RecordUsage(w.ctx, w.who, named)
			w.ok(err)
			if before, it, after := got[298].Known.Seq, got[300].Known.Seq, got[302].Known.Seq; before != it-1 || after != it+1 {
				t.Fatalf("round %d: places %d, %d, %d", round, before, it, after)
			}
		}
		w.audited()
	})
}

// When a part of a post is in the books and the rest cannot be, its caller hears that nobody knows: sent again, each
// event counts once. When nothing is, it hears that.
func TestAPostThatIsRecordedInPart(t *testing.T) {
	var struck struct {
		sync.Mutex
		may int // how many transactions may still be kept
		on  bool
	}
	db := storetest.Connect(t, storetest.MigratedURL(t, "postgres"), store.Faults(func(at store.Stage, _ string) error {
		struck.Lock()
		defer struck.Unlock()
		switch {
		case !struck.on || at == store.AfterCommit || at != store.BeforeCommit && struck.may > 0:
			return nil
		case struck.may > 0:
			struck.may--
			return nil
		}
		return fmt.Errorf("the database is away: %w", store.ErrReadOnly)
	}))
	w := newWorld(t, db, "2027-01-01T00:00:00Z")
	reports := w.calls("e", 1000, w.inLanes(2))
	for _, kept := range []int{0, 1} {
		struck.may, struck.on = kept, true
		ctx := app.Noting(w.ctx)
		_, err := w.a.RecordUsage(ctx, w.who, reports)
		struck.on = false
		if err == nil || app.Uncertain(ctx, err) != (kept > 0) {
			t.Errorf("with %d transactions kept, the caller is told %v", kept, err)
		}
	}
	got, err := w.a.RecordUsage(w.ctx, w.who, reports)
	w.ok(err)
	results := map[string]int{}
	for _, r := range got {
		results[r.Result]++
	}
	if results[app.UsageAccepted] != 500 || results[app.UsageDuplicate] != 500 {
		t.Errorf("sent again: %v", results)
	}
	w.audited()
}

// More waits than memory should hold: the next post is asked to come again, and is taken once there is room.
func TestUsageThatWaitsIsBoundedInBytes(t *testing.T) {
	for _, dialect := range storetest.Dialects {
		t.Run(dialect, func(t *testing.T) {
			hold, begun, armed := make(chan struct{}), make(chan struct{}), atomic.Bool{}
			db := storetest.Connect(t, storetest.MigratedURL(t, dialect), store.Faults(func(at store.Stage, _ string) error {
				if at == store.BeforeCommit && armed.CompareAndSwap(true, false) {
					close(begun)
					<-hold
				}
				return nil
			}))
			w := newWorld(t, db, "2027-01-01T00:00:00Z")
			w.started(0)
			large := func(n int) []app.UsageReport {
				calls := w.calls(fmt.Sprint("e", n, "-"), 1, []billing.ID{w.client})
				calls[0].Raw = make([]byte, 40<<20)
				return calls
			}
			first, second, third := large(0), large(1), large(2)
			var senders sync.WaitGroup
			send := func(post []app.UsageReport) {
				senders.Go(func() {
					if _, err := w.a.RecordUsage(w.ctx, w.who, post); err != nil {
						t.Error(err)
					}
				})
			}
			armed.Store(true)
			send(first)
			<-begun
			send(second)
			for w.a.UsageWaiting() < 1 {
				runtime.Gosched()
			}
			var refusal *billing.Error
			if _, err := w.a.RecordUsage(w.ctx, w.who, third); !errors.As(err, &refusal) || refusal.Code != "too_busy" {
				t.Errorf("the third of 40 MiB is answered with %v", err)
			}
			close(hold)
			senders.Wait()
			got, err := w.a.RecordUsage(w.ctx, w.who, third)
			if err != nil || got[0].Result != app.UsageAccepted {
				t.Errorf("sent again: %+v, %v", got, err)
			}
		})
	}
}
