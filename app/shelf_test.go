package app_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

// talk sends one call of the world's client through a server.
func (w *world) talk(a *app.App, event string, ms billing.Millis) app.UsageResult {
	w.Helper()
	got, err := a.RecordUsage(w.ctx, w.who, []app.UsageReport{{ClientID: w.client, UsageEvent: billing.UsageEvent{Source: "test", EventID: event, Kind: billing.Call, EndedAt: w.now(), Talk: ms}}})
	w.ok(err)
	if got[0].Result != app.UsageAccepted {
		w.Fatalf("event %s is answered with %+v", event, got[0])
	}
	return got[0]
}

// A server that left an account follows what another one metered since, without reading the client again; anything but
// calls makes it read.
func TestTwoServersFollowEachOthersCalls(t *testing.T) {
	for _, dialect := range storetest.Dialects {
		t.Run(dialect, func(t *testing.T) {
			var reads atomic.Int64
			db := storetest.Connect(t, storetest.MigratedURL(t, dialect), store.Faults(func(_ store.Stage, sql string) error {
				if strings.Contains(sql, "denial_policy, hold_reason, hold_since, override_until") && strings.Contains(sql, "SELECT client_id, seq") {
					reads.Add(1)
				}
				return nil
			}))
			w := newWorld(t, db, "2027-01-01T00:00:00Z")
			w.started(0)
			other := w.beside()
			reading := func(what string, want int64, do func()) {
				t.Helper()
				before := reads.Load()
				do()
				if got := reads.Load() - before; got != want {
					t.Errorf("%s: the client was read %d times, want %d", what, got, want)
				}
			}
			reading("the first call of each", 2, func() { w.talk(w.a, "a", 1000); w.talk(other, "b", 1000) })
			reading("calls in turns", 0, func() {
				for i := range 4 {
					w.talk(w.a, fmt.Sprint("a", i), 70_000)
					w.talk(other, fmt.Sprint("b", i), 3000)
					w.talk(other, fmt.Sprint("c", i), 3000)
				}
			})
			w.ok(other.SetHold(w.ctx, w.who, w.client, true, "late"))
			reading("after a hold", 2, func() { w.talk(w.a, "d", 1000); w.talk(other, "e", 1000) })
			reading("and in turns again", 0, func() { w.talk(w.a, "f", 1000) })
			w.audited()

			// the database was put back to before f and went another way, as far as this one
			w.talk(other, "g", 1000)
			w.ok(db.InTx(w.ctx, func(ctx context.Context, q store.Q) error {
				_, err := q.Exec(ctx, `UPDATE usage_events SET id = id + 1 WHERE event_id = 'f'`)
				return err
			}))
			reading("after another past", 1, func() { w.talk(w.a, "h", 1000) })
		})
	}
}

// Whatever two servers do to a client in whichever order, each call is drawn from what is really left.
func TestTwoServersKeepOneBook(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		pack := w.started(40 * billing.Minute)
		servers := []*app.App{w.a, w.beside(), w.beside()}
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		random := rand.New(rand.NewPCG(seed, 1))
		var last app.UsageResult
		for i := range 150 {
			a := servers[random.IntN(len(servers))]
			if random.IntN(2) == 0 {
				a.TrustAgain()
			}
			switch dice := random.IntN(20); {
			case dice < 14:
				last = w.talk(a, fmt.Sprint("e", i), billing.Millis(random.Int64N(int64(30*billing.Minute))))
			case dice == 14:
				_, err := a.ApplyPack(w.ctx, w.who, w.client, pack, true, "")
				w.ok(err)
			case dice == 15:
				w.ok(a.SetHold(w.ctx, w.who, w.client, random.IntN(2) == 0, "as agreed"))
			case dice == 16:
				w.ok(a.SetOverride(w.ctx, w.who, w.client, w.now().Add(time.Hour), "for an hour"))
			case dice == 17 && last.ID != 0:
				_ = a.VoidUsage(w.ctx, w.who, last.ID, "wrong number") // voided before: a refusal
			default:
				w.clock(w.now().Add(time.Duration(random.IntN(20)+1) * time.Hour).Format(time.RFC3339))
			}
		}
		w.audited()
	})
}

// A server that has a database to itself does not look at an account before it writes it; one that finds it moved holds it,
// a few times, and then tries again.
func TestAccountsAreTrustedUntilTheyMove(t *testing.T) {
	for _, dialect := range storetest.Dialects {
		t.Run(dialect, func(t *testing.T) {
			var looks atomic.Int64
			db := storetest.Connect(t, storetest.MigratedURL(t, dialect), store.Faults(func(_ store.Stage, sql string) error {
				if strings.Contains(sql, "SELECT client_id, seq, events, included_ms") {
					looks.Add(1)
				}
				return nil
			}))
			w := newWorld(t, db, "2027-01-01T00:00:00Z")
			w.started(0)
			n := 0
			looking := func(what string, calls int, want int64) {
				t.Helper()
				before := looks.Load()
				for range calls {
					n++
					w.talk(w.a, fmt.Sprint(n), 1000)
				}
				if got := looks.Load() - before; got != want {
					t.Errorf("%s: the account was looked at %d times in %d calls, want %d", what, got, calls, want)
				}
			}
			looking("alone", 20, 0)
			w.ok(w.a.SetHold(w.ctx, w.who, w.client, true, "late"))
			w.ok(w.a.SetHold(w.ctx, w.who, w.client, false, ""))
			looking("after a command of its own", 20, 0)
			w.talk(w.beside(), "elsewhere", 1000)
			looking("after a call elsewhere", 260, 257) // one of them twice
			looking("alone again", 20, 0)
			w.report(app.UsageReport{ClientID: w.client, UsageEvent: billing.UsageEvent{
				Source: "test", EventID: "early", Kind: billing.Call, EndedAt: w.now().Add(time.Hour), Talk: 1000,
			}})
			looking("after a refusal, which moves nobody", 20, 0)
			w.talk(w.beside(), "elsewhere again", 1000)
			looking("after another call elsewhere", 260, 257)
			w.audited()
		})
	}
}

// A call is refused by where the account stands, not by where this server saw it last: nothing is written then that would tell.
func TestNoCallIsRefusedFromMemory(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		w.a.LookEachUp() // who did not look never refuses
		w.started(0)
		billable := func(ms billing.Millis) {
			w.ok(db.InTx(w.ctx, func(ctx context.Context, q store.Q) error {
				_, err := q.Exec(ctx, `UPDATE accounts SET billable_ms = $1 WHERE client_id = $2`, ms, w.client)
				return err
			}))
		}
		billable(billing.Unlimited)
		for range 2 {
			w.events++
			got, err := w.a.RecordUsage(w.ctx, w.who, []app.UsageReport{{ClientID: w.client, UsageEvent: billing.UsageEvent{
				Source: "test", EventID: fmt.Sprint(w.events), Kind: billing.Call, EndedAt: w.now(), Talk: billing.Minute,
			}}})
			w.ok(err)
			if got[0].Result != app.UsageRejected {
				t.Fatalf("a call beyond all bounds is answered with %+v", got[0])
			}
		}
		billable(0)
		w.talk(w.a, "fits", 1000)
		w.audited()
	})
}

// A pooler that hands its connections on between two statements keeps none parsed: calls are taken in all the same.
func TestCallsThroughAnOldPooler(t *testing.T) {
	w := newWorld(t, storetest.Connect(t, storetest.OldPooler(storetest.MigratedURL(t, "postgres"))), "2027-01-01T00:00:00Z")
	w.started(40 * billing.Minute)
	var reports []app.UsageReport
	for i := range 30 {
		reports = append(reports, app.UsageReport{ClientID: w.client, UsageEvent: billing.UsageEvent{Source: "test", EventID: fmt.Sprint("e", i), Kind: billing.Call, EndedAt: w.now(), Talk: 30_000}})
	}
	for _, batch := range [][]app.UsageReport{reports[:1], reports[1:], reports[:3]} {
		results, err := w.a.RecordUsage(w.ctx, w.who, batch)
		w.ok(err)
		for _, r := range results {
			if r.Error != nil {
				t.Errorf("%s: %v", r.EventID, r.Error)
			}
		}
	}
	w.ok(w.a.VoidUsage(w.ctx, w.who, w.talk(w.a, "wrong", 1000).ID, "wrong number"))
	w.clock("2027-02-02T00:00:00Z")
	w.audited()
}
