package app_test

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"testing"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

// The access check reads one row; what it answers is what the rules say of the whole account, whatever happened.
func TestAccessIsWhatTheRulesSay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		asked := map[billing.Reason]bool{}
		same := func() {
			t.Helper()
			for _, direction := range []string{"", "INBOUND", "OUTBOUND"} {
				got, err := w.a.Access(w.ctx, w.who, w.client, direction)
				w.ok(err)
				acc, now, err := w.a.Account(w.ctx, w.who, w.client)
				w.ok(err)
				if want := acc.Explain(direction, now); !reflect.DeepEqual(got, want) {
					t.Errorf("%q: %+v, want %+v", direction, got, want)
				}
				asked[got.Reason] = true
			}
		}
		client, err := w.a.CreateClient(w.ctx, w.who, app.ClientSpec{Name: "Never subscribed"})
		w.ok(err)
		w.client = client.ID
		same()
		fee := billing.Money(9900)
		limit := billing.Millis(20) * billing.Minute
		rate := billing.Rate(250_000)
		plan, err := w.a.CreatePlan(w.ctx, w.who, billing.Terms{
			Name: "Capped", Currency: usd, RecurringFee: &fee, Included: 10 * billing.Minute, Rate: &rate, OverageCap: &limit, Interval: billing.Month, IntervalCount: 1,
			AddonPacks: true, PaymentDueDays: 5, GraceDays: 5,
		})
		w.ok(err)
		w.ok(w.a.AssignPlan(w.ctx, w.who, w.client, plan.ID))
		_, err = w.a.Start(w.ctx, w.who, w.client)
		w.ok(err)
		same()
		w.use(4)
		same()
		w.use(60)
		same() // exhausted
		w.ok(w.a.SetOverride(w.ctx, w.who, w.client, w.time("2027-01-03T00:00:00Z"), "they promised"))
		same()
		w.sleep("2027-01-04T00:00:00Z") // nobody has carried out that the exemption is over
		same()
		w.ok(w.a.SetHold(w.ctx, w.who, w.client, true, "a talk is due"))
		same()
		w.ok(w.a.AdjustWallet(w.ctx, w.who, w.client, billing.Minute, "a gift"))
		same() // held
		w.ok(w.a.SetHold(w.ctx, w.who, w.client, false, ""))
		spare := billing.OutboundOnly
		_, err = w.a.EditClient(w.ctx, w.who, w.client, app.ClientPatch{DenialPolicy: &spare})
		w.ok(err)
		w.sleep("2027-01-07T00:00:00Z")
		same() // overdue
		w.sleep("2027-01-20T00:00:00Z")
		same() // blocked
		acc, _, err := w.a.Account(w.ctx, w.who, w.client)
		w.ok(err)
		w.ok(w.a.Cancel(w.ctx, w.who, acc.Subscription.ID, billing.Cancellation{OpenRequests: billing.CancelOpen}, false))
		same()
		for _, reason := range []billing.Reason{billing.Allowed, billing.MinutesExhausted, billing.AgencyHold, billing.PaymentOverdue, billing.SubscriptionBlocked, billing.NoSubscription} {
			if !asked[reason] {
				t.Errorf("never asked while %q", reason)
			}
		}
		if _, err := w.a.Access(w.ctx, w.who, 1, ""); err == nil {
			t.Error("an unknown client has access")
		}
	})
}

// Checks that come at the same time share a statement, and each of them sees what was committed before it came, by
// whichever process.
func TestAccessSeesWhatWasCommitted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		w.started(10)
		elsewhere := w.beside()
		ends, stop := context.WithCancel(w.ctx)
		var always, asked sync.WaitGroup
		for range 4 { // so that a statement is always on its way
			always.Go(func() {
				for ends.Err() == nil {
					if _, err := w.a.Access(w.ctx, w.who, w.client, ""); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for n := range 40 {
			held := n%2 == 0
			w.ok(elsewhere.SetHold(w.ctx, w.who, w.client, held, "a talk is due"))
			for range 8 {
				asked.Go(func() {
					if got, err := w.a.Access(w.ctx, w.who, w.client, ""); err != nil || got.Allowed == held {
						t.Errorf("after a hold was set to %v: %+v, %v", held, got, err)
					}
					if _, err := w.a.Access(w.ctx, w.who, 1, ""); err == nil {
						t.Error("an unknown client has access")
					}
				})
			}
			asked.Wait()
		}
		stop()
		always.Wait()
	})
}

// Who leaves while others are read for as well takes nobody along; and within a transaction the check sees what was
// written in it.
func TestAccessOfALeavingCallerAndInATransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		w.started(10)
		gone, leave := context.WithCancel(w.ctx)
		leave()
		var asked sync.WaitGroup
		for n := range 40 {
			asked.Go(func() {
				ctx := w.ctx
				if n%2 == 0 {
					ctx = gone
				}
				if got, err := w.a.Access(ctx, w.who, w.client, ""); ctx == w.ctx && (err != nil || !got.Allowed) {
					t.Errorf("beside callers that left: %+v, %v", got, err)
				}
			})
		}
		asked.Wait()
		undo := errors.New("undone")
		err := db.InTx(w.ctx, func(ctx context.Context, _ store.Q) error {
			w.ok(w.a.SetHold(ctx, w.who, w.client, true, "a talk is due"))
			if got, err := w.a.Access(ctx, w.who, w.client, ""); err != nil || got.Allowed {
				t.Errorf("in the transaction that holds: %+v, %v", got, err)
			}
			return undo
		})
		if !errors.Is(err, undo) {
			t.Fatal(err)
		}
		if got, err := w.a.Access(w.ctx, w.who, w.client, ""); err != nil || !got.Allowed {
			t.Errorf("after it was undone: %+v, %v", got, err)
		}
	})
}
