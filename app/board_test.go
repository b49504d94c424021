package app_test

import (
	"testing"
	"time"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

// days are the bounds of some days from a date on, in UTC.
func days(from time.Time, n int) []time.Time {
	bounds := make([]time.Time, n+1)
	for i := range bounds {
		bounds[i] = from.AddDate(0, 0, i)
	}
	return bounds
}

func TestUsageByDay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T09:00:00Z")
		w.started(0)
		w.use(200)
		w.clock("2027-01-02T00:00:00Z") // the first instant of the next day
		late := w.use(150)
		w.clock("2027-01-03T12:00:00Z")
		voided := w.use(7)
		w.ok(w.a.VoidUsage(w.ctx, w.who, voided.ID, "a test call"))
		w.ok(w.a.CorrectUsage(w.ctx, w.who, late.ID, 120*billing.Minute, "a later report"))
		want := []billing.Split{{Included: 200 * billing.Minute}, {Included: 100 * billing.Minute, Billable: 20 * billing.Minute}, {}}
		bounds := days(w.time("2027-01-01T00:00:00Z"), 3)
		for _, client := range []billing.ID{0, w.client} {
			got, err := w.a.UsageByDay(w.ctx, w.who, client, bounds)
			w.ok(err)
			for i := range want {
				if got[i] != want[i] {
					t.Errorf("UsageByDay of client %d, day %d = %+v, want %+v", client, i, got[i], want[i])
				}
			}
		}
		one, err := w.a.UsageByDay(w.ctx, w.who, w.client, bounds[:2])
		w.ok(err)
		if one[0] != want[0] {
			t.Errorf("UsageByDay of one day = %+v, want %+v", one[0], want[0])
		}
		other := newWorld(t, db, "2027-01-05T00:00:00Z")
		if got, err := other.a.UsageByDay(w.ctx, other.who, 0, bounds); err != nil || got[0] != (billing.Split{}) {
			t.Errorf("another agency sees %+v, %v", got, err)
		}
	})
}

func TestOutstandingAndOutlook(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T09:00:00Z")
		steps, err := w.a.FirstSteps(w.ctx, w.who)
		w.ok(err)
		if steps != (app.Begun{}) {
			t.Errorf("FirstSteps of a new agency = %+v", steps)
		}
		w.started(0)
		w.owes(app.Owed{Currency: usd, Requests: 1, Due: 9900})
		w.use(270)
		o, err := w.a.Outlook(w.ctx, w.who)
		w.ok(err)
		if o.Live != 1 || len(o.AtRisk) != 1 || o.AtRisk[0].Name != "Bright Dental" || len(o.Renewals) != 0 || len(o.Monthly) != 1 || o.Monthly[0].Amount != 9900 {
			t.Errorf("Outlook = %+v", o)
		}
		w.clock("2027-01-26T00:00:00Z") // overdue since the 15th, blocked since the 22nd
		w.owes(app.Owed{Currency: usd, Requests: 1, Overdue: 9900, Late: 1})
		o, err = w.a.Outlook(w.ctx, w.who)
		w.ok(err)
		if len(o.AtRisk) != 1 || o.AtRisk[0].Status != billing.Blocked || len(o.Renewals) != 0 {
			t.Errorf("Outlook of a blocked client = %+v", o)
		}
		w.clock("2027-03-01T00:00:00Z")
		w.owes(app.Owed{Currency: usd, Requests: 1, Old: 9900, Late: 1})
		steps, err = w.a.FirstSteps(w.ctx, w.who)
		w.ok(err)
		if steps != (app.Begun{Plan: true, Client: true, Subscription: true, Usage: true}) {
			t.Errorf("FirstSteps = %+v", steps)
		}
	})
}

func (w *world) owes(want app.Owed) {
	w.Helper()
	owed, err := w.a.Outstanding(w.ctx, w.who, w.client)
	w.ok(err)
	if len(owed) != 1 || owed[0] != want {
		w.Errorf("Outstanding = %+v, want %+v", owed, want)
	}
}

func TestRenewals(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T09:00:00Z")
		w.started(0)
		w.ok(w.a.UpdateRequest(w.ctx, w.who, w.requests()[0].ID, billing.RequestUpdate{Status: billing.Paid}))
		w.clock("2027-01-25T09:00:00Z")
		o, err := w.a.Outlook(w.ctx, w.who)
		w.ok(err)
		if len(o.Renewals) != 1 || !o.Renewals[0].PeriodEnd.Equal(w.time("2027-02-01T09:00:00Z")) {
			t.Errorf("Renewals = %+v", o.Renewals)
		}
	})
}
