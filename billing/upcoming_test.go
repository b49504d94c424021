package billing

import (
	"strings"
	"testing"
	"time"
)

// upcoming is what is to come of an account, a line each.
func upcoming(a *Account, now time.Time) string {
	var lines []string
	list, err := a.Upcoming(now)
	if err != nil {
		return err.Error()
	}
	for _, c := range list {
		lines = append(lines, c.At.Format("2006-01-02")+" "+c.What)
	}
	return strings.Join(lines, "\n")
}

// startedForUpcoming is a client with a monthly plan that started on 1 Jan 2027.
func startedForUpcoming(t *testing.T, change func(*Terms)) (*Account, time.Time) {
	t.Helper()
	fee, rate := Money(9900), Rate(250_000)
	terms := Terms{Name: "Growth", Currency: Currency{"USD", 2}, RecurringFee: &fee, Rate: &rate, Included: 300 * Minute, Interval: Month, IntervalCount: 1, PaymentDueDays: 14, GraceDays: 7}
	if change != nil {
		change(&terms)
	}
	var last ID
	a := (&Account{Agency: 1, Client: 2, Zone: "UTC", Denial: PauseAll}).With(func() ID { last++; return last })
	now := time.Date(2027, 1, 1, 9, 0, 0, 0, time.UTC)
	plan := Plan{ID: 100, Version: 1, Terms: terms}
	if err := a.AssignPlan(plan, now); err != nil {
		t.Fatal(err)
	}
	if err := a.Start(plan, now); err != nil {
		t.Fatal(err)
	}
	for i, r := range a.Requests {
		r.Number = int64(41 + i)
	}
	return a, now
}

func TestUpcoming(t *testing.T) {
	a, now := startedForUpcoming(t, nil)
	if _, err := a.RegisterCampaign(Campaign{Name: "Recall", Direction: "OUTBOUND"}, now); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Use(UsageEvent{Source: "s", EventID: "e", Kind: Call, EndedAt: now, Talk: 310 * Minute}, now); err != nil {
		t.Fatal(err)
	}
	want := `2027-01-15 PR-000041 (99.00 USD) is due. If unpaid: past due, 1 campaign pauses.
2027-01-22 Grace for PR-000041 ends. If unpaid: blocked until canceled and started anew.
2027-02-01 Period ends: included minutes reset to 300.00, 99.00 USD requested, due 15 Feb 2027, 2.50 USD for 10.00 billable minutes so far requested, due 15 Feb 2027.`
	if got := upcoming(a, now); got != want {
		t.Errorf("Upcoming = %s\nwant %s", got, want)
	}
	if err := a.CancelAtPeriodEnd(Cancellation{OpenRequests: KeepOpen, BillUsage: false}, now); err != nil {
		t.Fatal(err)
	}
	if got := upcoming(a, now); !strings.Contains(got, "2027-02-01 The subscription is canceled. The wallet stays.") {
		t.Errorf("Upcoming of a scheduled cancellation = %s", got)
	}
}

func TestUpcomingOfOtherTerms(t *testing.T) {
	a, now := startedForUpcoming(t, func(terms *Terms) { terms.GraceDays = 0; terms.Included = 0 })
	want := "2027-01-15 PR-000041 (99.00 USD) is due, without grace. If unpaid: blocked.\n2027-02-01 Period ends, 99.00 USD requested, due 15 Feb 2027."
	if got := upcoming(a, now); got != want {
		t.Errorf("Upcoming without grace = %s\nwant %s", got, want)
	}
	late := time.Date(2027, 1, 15, 9, 0, 0, 0, time.UTC)
	if _, err := a.Advance(late, 10); err != nil {
		t.Fatal(err)
	}
	if got := upcoming(a, late); got != "" {
		t.Errorf("Upcoming while blocked = %s, want nothing", got)
	}
}

// Whatever Upcoming lists first is what NextDue waits for.
func TestUpcomingBeginsWithNextDue(t *testing.T) {
	a, now := startedForUpcoming(t, nil)
	for range 6 {
		due, any := a.NextDue()
		list, err := a.Upcoming(now)
		if err != nil {
			t.Fatal(err)
		}
		if !any || len(list) == 0 {
			if any || len(list) > 0 {
				t.Fatalf("NextDue = %v, %v; Upcoming = %v", due, any, list)
			}
			return
		}
		if !list[0].At.Equal(due) {
			t.Fatalf("Upcoming begins at %v, NextDue is %v", list[0].At, due)
		}
		if _, err := a.Advance(due, 10); err != nil {
			t.Fatal(err)
		}
		now = due
	}
}

func TestOldestFirst(t *testing.T) {
	usd, eur := Currency{"USD", 2}, Currency{"EUR", 2}
	day := func(n int) time.Time { return time.Date(2027, 1, n, 0, 0, 0, 0, time.UTC) }
	a := &Account{Requests: []*Request{
		{ID: 1, Status: Pending, Currency: usd, Amount: 500, DueAt: day(9)},
		{ID: 2, Status: Overdue, Currency: usd, Amount: 900, AmountPaid: 200, DueAt: day(2)},
		{ID: 3, Status: Pending, Currency: eur, Amount: 100, DueAt: day(1)},
		{ID: 4, Status: Paid, Currency: usd, Amount: 100, DueAt: day(1)},
	}}
	got := a.OldestFirst(1000, usd)
	if len(got) != 2 || got[0] != (Allocation{2, 700}) || got[1] != (Allocation{1, 300}) {
		t.Errorf("OldestFirst(1000) = %v, want 700 on 2 and 300 on 1", got)
	}
	if got := a.OldestFirst(5000, usd); len(got) != 2 || got[1].Amount != 500 {
		t.Errorf("OldestFirst(5000) = %v, want no more than is open", got)
	}
}

func TestMonthly(t *testing.T) {
	fee := Money(12_00)
	for _, test := range []struct {
		interval Interval
		count    int
		want     Money
	}{{Month, 1, 1200}, {Month, 2, 600}, {Year, 1, 100}, {Week, 1, 5200}, {Day, 1, 36500}} {
		terms := Terms{RecurringFee: &fee, Interval: test.interval, IntervalCount: test.count}
		if got := terms.Monthly(); got != test.want {
			t.Errorf("Monthly of 12.00 every %s = %d, want %d", terms.Every(), got, test.want)
		}
	}
	for _, test := range []struct {
		fee, want Money
	}{{100_07, 8_34}, {100_02, 8_34}, {100_01, 8_33}, {MaxMoney, 8_333_333_333_333}} { // 8.3391…, 8.335, 8.3341…
		terms := Terms{RecurringFee: &test.fee, Interval: Year, IntervalCount: 1}
		if got := terms.Monthly(); got != test.want {
			t.Errorf("Monthly of %d a year = %d, want %d", test.fee, got, test.want)
		}
	}
	if got := (Terms{}).Monthly(); got != 0 {
		t.Errorf("Monthly without a fee = %d", got)
	}
}
