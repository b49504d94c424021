package app_test

import (
	"testing"

	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

// A fee that is paid is not among the open requests an account is loaded with: its unused part is credited all the same.
func TestAPaidFeeIsProrated(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		w.started(0)
		fee := billing.Money(20_000)
		larger, err := w.a.CreatePlan(w.ctx, w.who, billing.Terms{Name: "Scale", Currency: usd, RecurringFee: &fee, Interval: billing.Month, IntervalCount: 1})
		w.ok(err)
		w.ok(w.a.UpdateRequest(w.ctx, w.who, w.requests()[0].ID, billing.RequestUpdate{Status: billing.Paid}))
		w.clock("2027-01-22T00:00:00Z")
		acc, _, err := w.a.Account(w.ctx, w.who, w.client)
		w.ok(err)
		_, err = w.a.ChangePlan(w.ctx, w.who, acc.Subscription.ID, larger.ID, billing.Cancellation{Prorate: true}, false)
		w.ok(err)
		if got, want := w.requests()[0].Amount, billing.Money(20_000-3194); got != want { // 10 of 31 days of 99.00
			t.Errorf("the new fee asks for %d, want %d", got, want)
		}
		w.audited() // also that a credit line of a fee names no call
	})
}
