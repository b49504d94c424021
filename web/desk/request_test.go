package desk

import (
	"testing"

	"minutebook/billing"
	"minutebook/web/ui"
)

// Every number of a request's breakdown has its thousands set apart, prices and quantities like amounts.
func TestBreakdownSetsThousandsApart(t *testing.T) {
	t.Parallel()
	r := billing.Request{Amount: 120_062_506, Currency: billing.Currency{Code: "USD", Digits: 2}, Lines: []billing.LineItem{{
		Description: "Minutes", Quantity: "1200.50", Unit: "minute", UnitAmount: "1000.125", Amount: 120_062_506,
	}}}
	if below := AmountOf(r).(ui.Stack).Sub; below != ui.Muted("1,200.50 min × 1,000.125") {
		t.Errorf("below the amount stands %v", below)
	}
	if price := Lines(r).Rows[0].Cells[2]; price != (ui.Number{Text: "1000.125"}) {
		t.Errorf("the price is %#v, want a number", price)
	}
}
