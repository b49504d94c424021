package billing

import (
	"errors"
	"testing"
	"time"
)

var newYear = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)

// started is a client on a running subscription.
func started(t *testing.T, terms Terms) *world {
	t.Helper()
	terms.Name, terms.Currency, terms.Interval, terms.IntervalCount = "Plan", dollars, Month, 1
	w := newWorld(newYear)
	plan := Plan{ID: 7, Version: 1, Terms: terms}
	for _, verb := range []func(*Account) error{
		func(a *Account) error { return a.AssignPlan(plan, newYear) },
		func(a *Account) error { return a.Start(plan, newYear) },
	} {
		if _, err := w.do(verb); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// refusedField is the field a refusal names.
func refusedField(err error) string {
	var refusal *Error
	if errors.As(err, &refusal) {
		return refusal.Field
	}
	return ""
}

// TestUseRefusesWhatCannotBeCounted: a period whose talk time would overflow refuses the event instead.
func TestUseRefusesWhatCannotBeCounted(t *testing.T) {
	free := Rate(0)
	a := started(t, Terms{Rate: &free, PaymentDueDays: 7}).Account
	a.Period.Used.Billable = Unlimited - 10
	_, err := a.Use(UsageEvent{Source: "s", EventID: "e", Kind: Call, EndedAt: newYear, Talk: 11}, newYear)
	if refusedField(err) != "duration_ms" {
		t.Errorf("Use = %v, want a refusal of duration_ms", err)
	}
}

// TestChargeThatCannotBeComputedIsRefusedEarly: at period end nobody would be left to refuse it.
func TestChargeThatCannotBeComputedIsRefusedEarly(t *testing.T) {
	dear := MaxRate
	a := started(t, Terms{Rate: &dear, PaymentDueDays: 7}).Account
	a.Period.Used.Billable = 1 << 53
	_, err := a.Use(UsageEvent{Source: "s", EventID: "e", Kind: Call, EndedAt: newYear, Talk: LongestCall}, newYear)
	if refusedField(err) != "duration_ms" {
		t.Errorf("Use = %v, want a refusal of duration_ms", err)
	}
}

// TestCorrectionOfAnAbsurdDurationIsRefused: a later report is no better than a first one.
func TestCorrectionOfAnAbsurdDurationIsRefused(t *testing.T) {
	w := started(t, Terms{Rate: new(Rate), PaymentDueDays: 7})
	if _, err := w.do(func(a *Account) error {
		_, err := a.Use(UsageEvent{Source: "s", EventID: "e", Kind: Call, EndedAt: newYear, Talk: 1000}, newYear)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, talk := range []Millis{-1, LongestCall + 1} {
		if err := w.Account.Correct(*w.Events["e"], talk, w.history, "test", newYear); refusedField(err) != "duration_ms" {
			t.Errorf("Correct(%d) = %v, want a refusal of duration_ms", talk, err)
		}
	}
}

// TestAccessIsNotChangedByTheWayAnInstantIsWritten: the same instant read in another location is no new denial.
func TestAccessIsNotChangedByTheWayAnInstantIsWritten(t *testing.T) {
	fee := Money(100)
	w := started(t, Terms{RecurringFee: &fee, PaymentDueDays: 7})
	if w.Account.Access.Reason != MinutesExhausted {
		t.Fatalf("access is %v", w.Account.Access)
	}
	w.Account.Access.Since = w.Account.Access.Since.In(time.FixedZone("elsewhere", 3600))
	facts, err := w.do(func(a *Account) error { return a.SetHold(false, "", newYear) })
	if err != nil || len(facts) != 0 {
		t.Errorf("nothing happened, and yet %v, %v", facts, err)
	}
}

// TestPaymentReference: the check digits find every single wrong character and every swap of neighbours.
func TestPaymentReference(t *testing.T) {
	for _, number := range []int64{1, 42, 999_999, 1_000_000, 9_223_372_036_854_775} {
		reference := PaymentReference(number)
		if !ReferenceHolds(reference) || len(reference) > 21 {
			t.Errorf("reference %s of %d does not hold", reference, number)
		}
		for i := range reference {
			wrong := []byte(reference)
			if wrong[i]++; ReferenceHolds(string(wrong)) {
				t.Errorf("%s holds too", wrong)
			}
			if i > 0 && reference[i] != reference[i-1] {
				swapped := []byte(reference)
				swapped[i], swapped[i-1] = swapped[i-1], swapped[i]
				if ReferenceHolds(string(swapped)) {
					t.Errorf("%s holds too", swapped)
				}
			}
		}
	}
}

// TestCampaignsOfNobody: a campaign that is not there, or is too many, or is badly named, is refused.
func TestCampaignsOfNobody(t *testing.T) {
	a := newWorld(newYear).Account
	for name, err := range map[string]error{
		"pause": a.PauseCampaign(9, "", newYear), "resume": a.ResumeCampaign(9, newYear), "stop": a.StopCampaign(9, newYear),
		"edit": a.EditCampaign(9, nil, nil, nil, newYear),
	} {
		var refusal *Error
		if !errors.As(err, &refusal) || refusal.Kind != NotFound {
			t.Errorf("%s of no campaign = %v", name, err)
		}
	}
	if _, err := a.RegisterCampaign(Campaign{Name: "x", Direction: "UP"}, newYear); refusedField(err) != "direction" {
		t.Errorf("RegisterCampaign = %v", err)
	}
	if _, err := a.RegisterCampaign(Campaign{Name: " "}, newYear); refusedField(err) != "name" {
		t.Errorf("RegisterCampaign = %v", err)
	}
}
