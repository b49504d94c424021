package billing

import (
	"fmt"
	"testing"
	"time"
)

// speedy is a client on a monthly plan, with minutes in every pool.
func speedy(b *testing.B) *world {
	b.Helper()
	w := newWorld(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
	fee, rate := Money(9900), Rate(250_000)
	plan := Plan{ID: 3, Version: 1, Terms: Terms{
		Name: "Growth", Currency: Currency{Code: "USD", Digits: 2}, RecurringFee: &fee, Included: 300 * Minute, Rate: &rate, Interval: Month, IntervalCount: 1,
		AddonPacks: true, PaymentDueDays: 60, GraceDays: 300,
	}}
	for _, verb := range []func(a *Account) error{
		func(a *Account) error { return a.AssignPlan(plan, w.Now) },
		func(a *Account) error { return a.Start(plan, w.Now) },
		func(a *Account) error { return a.AdjustWallet(100*Minute, "welcome", w.Now) },
	} {
		if _, err := w.do(verb); err != nil {
			b.Fatal(err)
		}
	}
	return w
}

func talked(talk Millis, ended time.Time) UsageEvent {
	return UsageEvent{Source: "bench", EventID: "call", Kind: Call, EndedAt: ended, Talk: talk, CallID: "call_1", Direction: "OUTBOUND", Metadata: `{"campaign":"spring recall"}`}
}

// BenchmarkUse is one call through the rules, a minute and eight hours long.
func BenchmarkUse(b *testing.B) {
	for _, talk := range []Millis{Minute, 8 * 60 * Minute} {
		b.Run(fmt.Sprintf("%dmin", talk/Minute), func(b *testing.B) {
			w := speedy(b)
			call := talked(talk, w.Now)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := w.Account.Use(call, w.Now); err != nil {
					b.Fatal(err)
				}
				w.Account.fresh = w.Account.fresh[:0] // as if it was saved
			}
		})
	}
}

// BenchmarkRenew is the end of a month: closing, asking for the money, opening the next.
func BenchmarkRenew(b *testing.B) {
	w := speedy(b)
	start := w.Account.Copy()
	later := w.Now.AddDate(0, 1, 0)
	b.ReportAllocs()
	for b.Loop() {
		acc := start.Copy()
		if _, err := acc.Advance(later, 100); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCheck is what a report costs before it is looked up.
func BenchmarkCheck(b *testing.B) {
	now := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	call := talked(Minute, now)
	b.ReportAllocs()
	for b.Loop() {
		if err := call.Check(now); err != nil {
			b.Fatal(err)
		}
	}
}
