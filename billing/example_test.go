package billing

import "testing"

func TestExample(t *testing.T) {
	fee, rate, limit := Money(9900), Rate(250_000), 100*Minute
	growth := Terms{Name: "Growth", Currency: dollars, RecurringFee: &fee, Included: 300 * Minute, Rate: &rate, Interval: Month, IntervalCount: 1, PaymentDueDays: 7}
	capped, usage, bare := growth, growth, growth
	capped.OverageCap = &limit
	usage.RecurringFee, usage.Included = nil, 0
	bare.Rate = nil
	for _, test := range []struct {
		name  string
		terms Terms
		want  Money
		used  Split
	}{
		{"all pools", growth, 9900 + 3000, Split{Included: 300 * Minute, Billable: 120 * Minute}},
		{"a cap", capped, 9900 + 2500, Split{Included: 300 * Minute, Billable: 100 * Minute, Uncovered: 20 * Minute}},
		{"usage only", usage, 10500, Split{Billable: 420 * Minute}},
		{"no rate", bare, 9900, Split{Included: 300 * Minute, Uncovered: 120 * Minute}},
	} {
		got, err := test.terms.Example(420 * Minute)
		if err != nil || got.Sum != test.want || got.Used != test.used {
			t.Errorf("Example with %s = %v, %v, %v; want %v, %v", test.name, got.Sum, got.Used, err, test.want, test.used)
		}
	}
	if _, err := (Terms{}).Example(Minute); err == nil {
		t.Error("terms that cannot be sold have an example")
	}
}

func TestWalletLow(t *testing.T) {
	terms := Terms{AddonPacks: true, Included: 100 * Minute}
	for _, test := range []struct {
		used   Split
		wallet Millis
		want   bool
	}{
		{Split{Included: 100 * Minute, Wallet: 5 * Minute}, 30 * Minute, true},
		{Split{Included: 100 * Minute, Wallet: 5 * Minute}, 31 * Minute, false},
		{Split{Included: 99 * Minute}, 30 * Minute, false},
		{Split{Included: 100 * Minute}, 0, false}, // it never had one
		{Split{Included: 100 * Minute, Wallet: 5 * Minute}, 0, true},
	} {
		if got := terms.WalletLow(test.used, test.wallet); got != test.want {
			t.Errorf("WalletLow(%v, %v) = %v", test.used, test.wallet, got)
		}
	}
}
