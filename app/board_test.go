package app_test

import (
	"context"
	"fmt"
	"maps"
	"testing"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

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
		want := map[billing.Date]billing.Tally{
			20270101: {Events: 1, Calls: 1, Talk: 200 * billing.Minute, Billed: 200 * billing.Minute, Split: billing.Split{Included: 200 * billing.Minute}},
			20270102: {Events: 1, Calls: 1, Talk: 120 * billing.Minute, Billed: 120 * billing.Minute, Split: billing.Split{Included: 100 * billing.Minute, Billable: 20 * billing.Minute}},
			20270103: {Events: 1, Voided: 1},
		}
		for _, client := range []billing.ID{0, w.client} {
			got, err := w.a.UsageByDay(w.ctx, w.who, client, 20270101, 20270103)
			w.ok(err)
			if !maps.Equal(got, want) {
				t.Errorf("UsageByDay of client %d = %+v, want %+v", client, got, want)
			}
		}
		one, err := w.a.UsageByDay(w.ctx, w.who, w.client, 20270102, 20270102)
		w.ok(err)
		if len(one) != 1 || one[20270102] != want[20270102] {
			t.Errorf("UsageByDay of one day = %+v, want %+v", one, want[20270102])
		}
		other := newWorld(t, db, "2027-01-05T00:00:00Z")
		if got, err := other.a.UsageByDay(w.ctx, other.who, 0, 20270101, 20270103); err != nil || len(got) != 0 {
			t.Errorf("another agency sees %+v, %v", got, err)
		}
	})
}

// A call counts for the day on which it ended where its client is, whatever zone the client moves to afterwards.
func TestTheDayIsTheClientsOwn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T09:00:00Z")
		w.started(0)
		w.clock("2027-01-01T23:30:00Z")
		w.use(1)
		zone := "Asia/Kolkata" // where it is the second
		_, err := w.a.EditClient(w.ctx, w.who, w.client, app.ClientPatch{Timezone: &zone})
		w.ok(err)
		w.use(2)
		got, err := w.a.UsageByDay(w.ctx, w.who, w.client, 20270101, 20270102)
		w.ok(err)
		if got[20270101].Billed != billing.Minute || got[20270102].Billed != 2*billing.Minute {
			t.Errorf("UsageByDay = %+v", got)
		}
		w.audited()
	})
}

// A database from before the sums by day gets them from its events.
func TestSumsByDayOfADatabaseFromBefore(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		w.busy()
		err := db.InTx(w.ctx, func(ctx context.Context, q store.Q) error {
			for _, statement := range []string{`DELETE FROM usage_days`, `DELETE FROM usage_costs`, `UPDATE usage_events SET day = 0`, `UPDATE accounts SET events = 0`} {
				if n, err := q.Exec(ctx, statement); err != nil || n == 0 {
					return fmt.Errorf("%s: %d rows, %w", statement, n, err)
				}
			}
			return store.RebuildDays(ctx, q)
		})
		w.ok(err)
		w.audited()
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
		o, err := w.a.Outlook(w.ctx, w.who, 0)
		w.ok(err)
		if o.Live != 1 || len(o.AtRisk) != 1 || o.AtRisk[0].Name != "Bright Dental" || len(o.Renewals) != 0 || len(o.Monthly) != 1 || o.Monthly[0].Amount != 9900 {
			t.Errorf("Outlook = %+v", o)
		}
		w.clock("2027-01-26T00:00:00Z") // overdue since the 15th, blocked since the 22nd
		w.owes(app.Owed{Currency: usd, Requests: 1, Overdue: 9900, Late: 1})
		o, err = w.a.Outlook(w.ctx, w.who, 0)
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

// Who is at risk, the gravest first and then the older client; a part of them is the beginning of all of them.
func TestWhoIsAtRisk(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T09:00:00Z")
		fee, rate := billing.Money(900), billing.Rate(100_000)
		terms := billing.Terms{Name: "Prepaid", Currency: usd, RecurringFee: &fee, Included: 100 * billing.Minute, Interval: billing.Month, IntervalCount: 1, AddonPacks: true, PaymentDueDays: 14, GraceDays: 7}
		prepaid, err := w.a.CreatePlan(w.ctx, w.who, terms)
		w.ok(err)
		terms.Name, terms.AddonPacks, terms.Included, terms.Rate = "Postpaid", false, 1000*billing.Minute, &rate
		postpaid, err := w.a.CreatePlan(w.ctx, w.who, terms)
		w.ok(err)
		pack, err := w.a.CreatePack(w.ctx, w.who, billing.Pack{Name: "Pack", Minutes: 60 * billing.Minute, Price: 1500, Currency: usd})
		w.ok(err)
		start := func(name string, plan billing.ID, packs, minutes int64) {
			c, err := w.a.CreateClient(w.ctx, w.who, app.ClientSpec{Name: name})
			w.ok(err)
			w.client = c.ID
			w.ok(w.a.AssignPlan(w.ctx, w.who, w.client, plan))
			if packs > 0 {
				w.ok(w.a.AssignPacks(w.ctx, w.who, w.client, []billing.ID{pack.ID}))
			}
			_, err = w.a.Start(w.ctx, w.who, w.client)
			w.ok(err)
			for range packs {
				_, err = w.a.ApplyPack(w.ctx, w.who, w.client, pack.ID, true, "")
				w.ok(err)
			}
			if minutes > 0 {
				w.use(minutes)
			}
		}
		pay := func() {
			for _, r := range w.requests() {
				w.ok(w.a.UpdateRequest(w.ctx, w.who, r.ID, billing.RequestUpdate{Status: billing.Paid}))
			}
		}
		start("blocked", prepaid.ID, 0, 99)
		w.clock("2027-01-08T09:00:00Z")
		start("past due", postpaid.ID, 0, 900)
		w.clock("2027-01-20T09:00:00Z")
		for _, c := range []struct {
			name           string
			plan           billing.ID
			packs, minutes int64
		}{
			{"nearly", prepaid.ID, 0, 80},
			{"not nearly", prepaid.ID, 0, 79},
			{"low", prepaid.ID, 1, 130},
			{"nearly of more", postpaid.ID, 0, 800},
			{"far from more", postpaid.ID, 0, 799},
			{"not low", prepaid.ID, 1, 129},
			{"out", prepaid.ID, 0, 100},
			{"low too", prepaid.ID, 2, 219},
			{"covered by its wallet", prepaid.ID, 1, 90},
			{"out too", prepaid.ID, 1, 161},
		} {
			start(c.name, c.plan, c.packs, c.minutes)
			pay()
		}
		w.clock("2027-01-22T09:00:00Z")
		o, err := w.a.Outlook(w.ctx, w.who, 0)
		w.ok(err)
		var names []string
		for _, r := range o.AtRisk {
			names = append(names, r.Name+": "+r.Why)
		}
		w.are("at risk", names, []string{
			"blocked: Blocked: unpaid past its grace period", "past due: Past due: calls are paused", "out: Minutes exhausted: calls are paused", "out too: Minutes exhausted: calls are paused",
			"low: Wallet nearly empty", "low too: Wallet nearly empty", "nearly: Included minutes over 80 % used", "nearly of more: Included minutes over 80 % used",
		})
		for most := 1; most < 10; most++ {
			some, err := w.a.Outlook(w.ctx, w.who, most)
			w.ok(err)
			w.are(fmt.Sprint("the first ", most), some.AtRisk, o.AtRisk[:min(most, len(o.AtRisk))])
		}
		w.are("live", o.Live, int64(12))
		w.are("monthly", o.Monthly, []billing.Credit{{Currency: usd, Amount: 12 * 900}})
		w.are("newest", o.Newest.Name, "out too")
		w.clock("2027-02-17T09:00:00Z") // each of those that paid renews on the 20th; the late ones' months ended on the 1st and 8th
		o, err = w.a.Outlook(w.ctx, w.who, 0)
		w.ok(err)
		if len(o.Renewals) != 10 || o.Renewals[0].Name != "nearly" || o.Renewals[9].Name != "out too" {
			t.Errorf("Renewals = %+v", o.Renewals)
		}
		some, err := w.a.Outlook(w.ctx, w.who, 3)
		w.ok(err)
		w.are("the first renewals", some.Renewals, o.Renewals[:3])
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
		o, err := w.a.Outlook(w.ctx, w.who, 0)
		w.ok(err)
		if len(o.Renewals) != 1 || !o.Renewals[0].PeriodEnd.Equal(w.time("2027-02-01T09:00:00Z")) {
			t.Errorf("Renewals = %+v", o.Renewals)
		}
	})
}
