package app_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

// looks counts how often events are looked up in a database.
func looks(t *testing.T, dialect string) (*store.DB, *atomic.Int64) {
	t.Helper()
	var n atomic.Int64
	return storetest.Connect(t, storetest.MigratedURL(t, dialect), store.Faults(func(_ store.Stage, sql string) error {
		if strings.Contains(sql, "usage_archived") {
			n.Add(1)
		}
		return nil
	})), &n
}

// What was not reported lately is taken for new, and the books tell where that was wrong: then all is looked up for a while.
func TestEventsAreTakenForNewUntilOneIsKnown(t *testing.T) {
	for _, dialect := range storetest.Dialects {
		t.Run(dialect, func(t *testing.T) {
			db, looked := looks(t, dialect)
			w := newWorld(t, db, "2027-01-01T00:00:00Z")
			w.started(0)
			n := 0
			looking := func(what string, posts int, want int64, post func(n int) string, results ...string) {
				t.Helper()
				before := looked.Load()
				for range posts {
					n++
					reports := w.calls(fmt.Sprint("new", n, "-"), 2, []billing.ID{w.client})
					if again := post(n); again != "" {
						reports = append(reports, w.calls(again, 1, []billing.ID{w.client})...)
					}
					got, err := w.a.RecordUsage(w.ctx, w.who, reports)
					w.ok(err)
					for i, want := range append([]string{app.UsageAccepted, app.UsageAccepted}, results...) {
						if got[i].Result != want || got[i].ID == 0 {
							t.Fatalf("%s: report %d of post %d is answered with %+v, want %s", what, i, n, got[i], want)
						}
					}
				}
				if got := looked.Load() - before; got != want {
					t.Errorf("%s: events were looked up %d times in %d posts, want %d", what, got, posts, want)
				}
			}
			fresh := func(int) string { return "" }
			known := func(n int) string { return fmt.Sprint("new", n-1, "-") }
			looking("new ones", 20, 0, fresh)
			looking("repeats of what came a moment ago", 20, 20, known, app.UsageDuplicate)
			looking("new ones again", 20, 0, fresh)
			w.a = w.beside()
			looking("a repeat after a restart", 1, 1, known, app.UsageDuplicate)
			looking("new ones since", 260, 256, fresh)
			w.a = w.beside()
			looking("new ones after another restart", 20, 0, fresh)
			w.audited()
		})
	}
}

// Who is refused is looked up before: a repeat is one whomever it names and whatever is wrong with it by now.
func TestARepeatIsNeverRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		w.started(0)
		call := app.UsageReport{ClientID: w.client, UsageEvent: billing.UsageEvent{Source: "test", EventID: "once", Kind: billing.Call, EndedAt: w.now(), Talk: 1000}}
		first := w.report(call)
		nobody := call
		nobody.ClientID++
		named := call
		named.ClientID, named.ClientExternalID = 0, "nobody"
		late := call
		late.EndedAt = call.EndedAt.AddDate(0, 1, 0) // in the future
		for name, again := range map[string]app.UsageReport{"for nobody": nobody, "for no name": named, "from the future": late} {
			for _, holds := range []bool{true, false} {
				if w.a = w.beside(); holds {
					w.a.HoldEach()
				}
				again.EventID = call.EventID
				if got := w.report(again); got.Result != app.UsageConflict || got.ID != first.ID {
					t.Errorf("a repeat %s, after a restart, is answered with %+v, want a conflict", name, got)
				}
				again.EventID = "never"
				if got := w.report(again); got.Result != app.UsageRejected {
					t.Errorf("a new call %s is answered with %+v, want it rejected", name, got)
				}
			}
		}
		w.audited()
	})
}

// Whatever servers remember and forget, each report is answered as by one that has all books in its head.
func TestWhatIsRememberedChangesNoAnswer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		clients := append(w.inLanes(2), 1) // the last is nobody
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		random := rand.New(rand.NewPCG(seed, 1))
		servers := []*app.App{w.a, w.beside(), w.beside()}
		type content struct {
			client billing.ID
			talk   billing.Millis
		}
		books := map[string]content{}
		for post := range 120 {
			if random.IntN(6) == 0 {
				servers[random.IntN(len(servers))] = w.beside() // it was restarted
			}
			reports := make([]app.UsageReport, 1+random.IntN(12))
			want := make([]string, len(reports))
			for i := range reports {
				told := content{clients[random.IntN(len(clients))], billing.Millis(1 + random.IntN(2))}
				id := fmt.Sprint("e", random.IntN(20+5*post))
				before, known := books[id]
				if known && random.IntN(2) == 0 {
					told = before
				}
				reports[i] = app.UsageReport{ClientID: told.client, UsageEvent: billing.UsageEvent{Source: "test", EventID: id, Kind: billing.Call, EndedAt: w.now(), Talk: told.talk}}
				switch {
				case known && told == before:
					want[i] = app.UsageDuplicate
				case known:
					want[i] = app.UsageConflict
				case told.client == 1:
					want[i] = app.UsageRejected
				default:
					want[i], books[id] = app.UsageAccepted, told
				}
			}
			got, err := servers[random.IntN(len(servers))].RecordUsage(w.ctx, w.who, reports)
			w.ok(err)
			for i := range got {
				if got[i].Result != want[i] {
					t.Fatalf("report %d of post %d, %s of client %d, is %+v, want %s", i, post, reports[i].EventID, reports[i].ClientID, got[i], want[i])
				}
			}
		}
		w.audited()
	})
}

// A call is repeated to a server that knows of no archive while the call goes there, and while it comes back: however the two
// meet, it counts once.
func TestARepeatMeetsTheArchive(t *testing.T) {
	for _, dialect := range storetest.Dialects {
		t.Run(dialect, func(t *testing.T) {
			var writes atomic.Pointer[chan struct{}] // closed when an event is about to be added
			url := storetest.MigratedURL(t, dialect)
			w := lively(t, storetest.Connect(t, url))
			told := w.told()
			call := app.UsageReport{ClientID: w.client, UsageEvent: billing.UsageEvent{
				Source: "test", EventID: "e1", Kind: billing.Call, EndedAt: w.time("2027-01-10T12:00:00Z"), Talk: 290 * billing.Minute, CostMicros: 70_000, CostCurrency: "USD",
			}}
			sender := storetest.Connect(t, url, store.Faults(func(_ store.Stage, sql string) error {
				if strings.HasPrefix(sql, "INSERT INTO usage_events") {
					if reached := writes.Swap(nil); reached != nil {
						close(*reached)
					}
				}
				return nil
			}))
			repeat := func() (got app.UsageResult, err error) {
				a := w.beside()
				a.DB = sender
				results, err := a.RecordUsage(context.WithoutCancel(w.ctx), w.who, []app.UsageReport{call})
				if err != nil {
					return got, err
				}
				return results[0], nil
			}
			var moving atomic.Pointer[func()] // what happens when the call is moved, and that is not committed
			var moved atomic.Bool
			mover := storetest.Connect(t, url, store.Faults(func(at store.Stage, sql string) error {
				if strings.HasPrefix(sql, "DELETE FROM usage_") {
					moved.Store(true)
				}
				if at == store.BeforeCommit && moved.Swap(false) {
					if meanwhile := moving.Swap(nil); meanwhile != nil {
						(*meanwhile)()
					}
				}
				return nil
			}))
			owner := *w
			owner.a = w.beside()
			owner.a.DB, owner.a.Archive = mover, w.a.Archive
			for _, each := range []struct {
				what string
				move func() int64
			}{
				{"goes to the archive", func() int64 { return owner.archive(1) }},
				{"lies in the archive", nil},
				{"comes back", func() int64 { return owner.restore(202701, 202702) }},
				{"is back", nil},
			} {
				var got app.UsageResult
				var err error
				if each.move == nil {
					got, err = repeat()
				} else {
					reached, answered := make(chan struct{}), make(chan struct{})
					writes.Store(&reached)
					meanwhile := func() {
						go func() {
							defer close(answered)
							got, err = repeat()
						}()
						if dialect == "postgres" { // on SQLite it waits for the writer
							<-reached
						}
					}
					moving.Store(&meanwhile)
					if n := each.move(); n != 2 {
						t.Errorf("%d events were moved while the call %s, want 2", n, each.what)
					}
					<-answered
				}
				w.ok(err)
				if got.Result != app.UsageDuplicate {
					t.Errorf("a repeat while the call %s is answered with %+v, want a duplicate", each.what, got)
				}
			}
			if now := w.told(); now != told {
				t.Errorf("figures moved: %s\nwant %s", now, told)
			}
			w.audited()
		})
	}
}
