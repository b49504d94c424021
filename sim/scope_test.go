package sim_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"minutebook/billing"
	"minutebook/sim"
)

// letter is one command of the small alphabet, told to a life as it stands.
type letter struct {
	name string
	tell func(s *scope) error
}

// scope is a life small enough to try every order of commands on: one client, one pack, at most two requests that are
// touched, one call at a time.
type scope struct {
	a      *billing.Account
	now    time.Time
	facts  []billing.Entry
	minted billing.ID
	number int64
}

var (
	smallFee, smallRate = billing.Money(1000), billing.Rate(100_000)
	smallPlan           = billing.Plan{ID: 10, Version: 1, Terms: billing.Terms{
		Name: "Small", Currency: usd, RecurringFee: &smallFee, Included: 10 * billing.Minute, Rate: &smallRate, Interval: billing.Month, IntervalCount: 1,
		AddonPacks: true, PaymentDueDays: 10, GraceDays: 30,
	}}
	smallPack = billing.Pack{ID: 20, Name: "Pack", Minutes: 5 * billing.Minute, Price: 300, Currency: usd}
)

var alphabet = []letter{
	{"wait for what is due", func(s *scope) error { return s.wait(0) }},
	{"wait to just before it", func(s *scope) error { return s.wait(-time.Second) }},
	{"call", func(s *scope) error {
		return s.do(func(a *billing.Account) error {
			_, err := a.Use(billing.UsageEvent{Source: "s", EventID: fmt.Sprint(s.a.Seq), Kind: billing.Call, EndedAt: s.now, Talk: 12 * billing.Minute}, s.now)
			return err
		})
	}},
	{"pay the oldest", func(s *scope) error { return s.update(first, billing.Paid, false) }},
	{"pay the newest", func(s *scope) error { return s.update(last, billing.Paid, false) }},
	{"unpay the newest", func(s *scope) error { return s.update(last, billing.Pending, false) }},
	{"cancel the oldest", func(s *scope) error { return s.update(first, billing.Voided, false) }},
	{"apply the pack", func(s *scope) error {
		return s.do(func(a *billing.Account) error { _, err := a.ApplyPack(smallPack, false, "", s.now); return err })
	}},
	{"claw it back", func(s *scope) error { return s.update(aPack, billing.Voided, true) }},
	{"cancel", func(s *scope) error {
		return s.do(func(a *billing.Account) error { return a.Cancel(billing.Cancellation{BillUsage: true}, s.now) })
	}},
	{"cancel later", func(s *scope) error {
		return s.do(func(a *billing.Account) error {
			return a.CancelAtPeriodEnd(billing.Cancellation{OpenRequests: billing.CancelOpen}, s.now)
		})
	}},
	{"start", func(s *scope) error {
		return s.do(func(a *billing.Account) error { return a.Start(smallPlan, s.now) })
	}},
}

func first(a *billing.Account) *billing.Request {
	for _, r := range a.Requests {
		if r.Open() {
			return r
		}
	}
	return nil
}

func last(a *billing.Account) *billing.Request {
	if len(a.Requests) == 0 {
		return nil
	}
	return a.Requests[len(a.Requests)-1]
}

func aPack(a *billing.Account) *billing.Request {
	for _, r := range a.Requests {
		if r.Kind == billing.PackSale {
			return r
		}
	}
	return nil
}

// do lets a verb act on a copy, which is kept if it is not refused. A step that changes nothing is refused too: what
// would follow it has been tried without it.
func (s *scope) do(verb func(a *billing.Account) error) error {
	next := sim.Clone(s.a).With(func() billing.ID { s.minted++; return s.minted })
	if err := verb(next); err != nil {
		return err
	}
	if _, err := next.Advance(s.now, 1000); err != nil {
		return err
	}
	if len(next.Fresh()) == 0 {
		return errNothing
	}
	s.a = next
	err := next.NumberRequests(func() (int64, error) { s.number++; return s.number, nil })
	s.facts = append(s.facts[:len(s.facts):len(s.facts)], next.Fresh()...)
	return err
}

var errNothing = errors.New("nothing changed")

// wait stands on the next instant at which something happens by itself, or a little off it.
func (s *scope) wait(off time.Duration) error {
	due, any := s.a.NextDue()
	if !any || !due.Add(off).After(s.now) {
		return errNothing
	}
	s.now = due.Add(off)
	if err := s.do(func(*billing.Account) error { return nil }); !errors.Is(err, errNothing) {
		return err
	}
	return nil
}

func (s *scope) update(which func(*billing.Account) *billing.Request, to billing.RequestStatus, clawback bool) error {
	return s.do(func(a *billing.Account) error {
		r := which(a)
		if r == nil || r.Status == to && !clawback {
			return errNothing
		}
		return a.UpdateRequest(r.ID, billing.RequestUpdate{Status: to, Clawback: clawback}, s.now)
	})
}

// enumeration counts what was tried, and stops after some failures.
type enumeration struct {
	t              *testing.T
	tried, refused int
	failed         int
}

func (e *enumeration) from(s scope, path []string, left int) {
	if left == 0 || e.failed > 5 {
		return
	}
	for _, l := range alphabet {
		next := s
		e.tried++
		err := l.tell(&next)
		var refusal *billing.Error
		switch {
		case errors.Is(err, errNothing), errors.As(err, &refusal):
			e.refused++
			continue
		case err != nil:
			e.t.Fatalf("%s, %s: %v is no refusal", strings.Join(path, ", "), l.name, err)
		}
		here := append(path[:len(path):len(path)], l.name)
		found := append(next.a.Check(next.now), next.a.CheckPolicy(next.now)...)
		for _, wrong := range append(found, next.a.CheckHistory(next.facts)...) {
			e.failed++
			e.t.Errorf("%s: %s", strings.Join(here, ", "), wrong)
		}
		e.from(next, here, left-1)
	}
}

// TestEveryShortOrderOfCommands tells a client every order of the alphabet's commands, under each policy, and looks at
// everything after each. MINUTEBOOK_PROOF_SCOPE is how long the orders are.
func TestEveryShortOrderOfCommands(t *testing.T) {
	for _, policy := range []billing.Policy{{Recovery: billing.NoneOverdue, BlockedExit: billing.ExitRestart}, {Recovery: billing.NoneUnpaid, BlockedExit: billing.ExitOnPayment}} {
		s := scope{now: opening, minted: 1000, a: &billing.Account{Agency: 1, Client: 2, Zone: "America/Santiago", Policy: policy, Denial: billing.PauseAll}}
		for _, verb := range []func(a *billing.Account) error{
			func(a *billing.Account) error { return a.AssignPlan(smallPlan, s.now) },
			func(a *billing.Account) error { return a.AssignPacks([]billing.Pack{smallPack}, &smallPlan, s.now) },
			func(a *billing.Account) error {
				_, err := a.RegisterCampaign(billing.Campaign{Name: "Recall"}, s.now)
				return err
			},
			func(a *billing.Account) error { return a.Start(smallPlan, s.now) },
		} {
			if err := s.do(verb); err != nil {
				t.Fatal(err)
			}
		}
		e := &enumeration{t: t}
		e.from(s, nil, proof(t, "SCOPE", 5))
		t.Logf("%+v: %d commands tried, %d refused", policy, e.tried, e.refused)
	}
}

// Clone copies every field, and what it copies can be changed without the original.
func TestClone(t *testing.T) {
	a := &billing.Account{}
	v := reflect.ValueOf(a).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); f.CanSet() {
			fill(f)
		}
	}
	b := sim.Clone(a)
	if !reflect.DeepEqual(a, b) {
		t.Fatalf("Clone(%+v) = %+v", a, b)
	}
	b.Requests[0].AmountPaid, b.Campaigns[0].Status, b.Subscription.Status, b.Credits[0].Amount, b.CreditLines[0].Left = 1, "x", "x", 1, 1
	if a.Requests[0].AmountPaid == 1 || a.Campaigns[0].Status == "x" || a.Subscription.Status == "x" || a.Credits[0].Amount == 1 || a.CreditLines[0].Left == 1 {
		t.Error("the copy is not apart")
	}
}

// fill gives a field a value that is not zero.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.String:
		v.SetString("x")
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Struct:
		if at, ok := v.Addr().Interface().(*time.Time); ok {
			*at = time.Unix(7, 0)
			return
		}
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i))
			}
		}
	}
}
