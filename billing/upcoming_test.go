package billing

import (
	"strings"
	"testing"
)

// TestMonthly: what a fee comes to in an average month is exact but for the last minor unit.
func TestMonthly(t *testing.T) {
	cases := []struct {
		fee      Money
		interval Interval
		count    int
		want     Money
	}{
		{100, Day, 1, 3041}, {10, Day, 1, 304}, {100, Week, 2, 216}, {9900, Month, 1, 9900}, {9900, Month, 2, 4950}, {9900, Year, 1, 825}, {MaxMoney, Day, 1, 3041666666666636},
	}
	for _, c := range cases {
		terms := Terms{RecurringFee: &c.fee, Interval: c.interval, IntervalCount: c.count}
		if got := terms.Monthly(); got != c.want {
			t.Errorf("Monthly of %d every %d %s = %d, want %d", c.fee, c.count, c.interval, got, c.want)
		}
	}
}

// TestReceiptExplainsOnlyWhatHappened: rounding is named where the plan rounds, and nowhere else.
func TestReceiptExplainsOnlyWhatHappened(t *testing.T) {
	event := RecordedUsage{Event: UsageEvent{Kind: Call, CallID: "c1", Talk: 61_000}, Status: Rated, Billed: 120_000}
	rounded := Receipt{Event: event, Split: Split{Included: 120_000}, Terms: Terms{Name: "Plan", Rounding: Rounding{IncrementSeconds: 60}}}
	if got := rounded.String(); got != "Call c1 of 1 min 1 s: 2 min included. Billed as 2 min: the plan rounds calls (up to full 60 s)." {
		t.Errorf("receipt = %s", got)
	}
	// Corrected after the subscription's end: there was no pool to draw the rest from.
	event.Billed = 30_000
	corrected := Receipt{Event: event, Split: Split{Included: 30_000}, Terms: Terms{Name: "Plan"}, Corrected: true}
	if got := corrected.String(); strings.Contains(got, "round") {
		t.Errorf("receipt of a plan without rounding = %s", got)
	}
}
