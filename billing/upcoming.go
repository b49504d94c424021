package billing

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Coming is something that will happen by itself, unless something else is done before.
type Coming struct {
	At      time.Time
	Kind    ComingKind
	What    string // a sentence for agency and client
	Bad     bool   // it takes something away
	Request ID     // the payment request it is about, if it is about one
}

// ComingKind is what sort of transition is coming.
type ComingKind string

const (
	ComingDue      ComingKind = "request_due"
	ComingGraceEnd ComingKind = "grace_end"
	ComingPeriod   ComingKind = "period_end"
	ComingCancel   ComingKind = "cancellation"
	ComingChange   ComingKind = "plan_change"
	ComingOverride ComingKind = "override_end"
)

// mostAhead bounds how many instants are looked through.
const mostAhead = 100

// Upcoming lists what is still to come after an instant, soonest first. It is no formula of its own: copies of the
// account are brought forward by the rules themselves, one of which nobody pays for (what becomes of what is open) and
// one in which everything that is open is paid (how the periods go on). Rules 3.4.
func (a *Account) Upcoming(now time.Time) ([]Coming, error) {
	unpaid, err := a.ahead(now)
	if err != nil {
		return nil, err
	}
	var list []Coming
	for _, s := range unpaid {
		list = append(list, a.comingUnpaid(s)...)
	}
	if a.Live() {
		paid := unpaid // whose figures wait is not paid out of it here: that would be a deed, not time
		if a.Subscription.Status != Blocked {
			if paid, err = a.aheadPaid(now); err != nil {
				return nil, err
			}
		}
		list = append(list, a.comingAtPeriodEnd(paid)...)
	}
	slices.SortStableFunc(list, func(x, y Coming) int { return cmp.Compare(x.At.UnixMicro(), y.At.UnixMicro()) })
	return list, nil
}

// step is one instant ahead: what happens at it, and what then runs in which zone.
type step struct {
	at    time.Time
	facts []Fact
	terms Terms
	zone  string
}

// ahead walks a copy through the instants to come, until everything that is open today has had its day and the period
// is over.
func (a *Account) ahead(now time.Time) ([]step, error) {
	c, steps, last := a.Copy(), []step(nil), a.Period.End
	for _, r := range a.Requests {
		last = latest(last, r.DueAt, r.GraceEndsAt)
	}
	if a.Override != nil {
		last = latest(last, a.Override.Until)
	}
	for range mostAhead {
		at, any := c.NextDue()
		if !any || at.After(last) {
			break
		}
		before := len(c.fresh)
		if err := c.carryOut(at); err != nil {
			return nil, err
		}
		if at.After(now) {
			steps = append(steps, c.step(at, c.fresh[before:]))
		}
	}
	return steps, nil
}

func (a *Account) step(at time.Time, fresh []Entry) step {
	s := step{at: at, zone: a.zone()}
	if a.Subscription != nil {
		s.terms = a.Subscription.Terms
	}
	for _, e := range fresh {
		s.facts = append(s.facts, e.Fact)
	}
	return s
}

// aheadPaid walks the same way with every open request paid.
func (a *Account) aheadPaid(now time.Time) ([]step, error) {
	c := a.Copy()
	for _, r := range c.Requests {
		if r.Open() {
			c.changeRequest(r, RequestUpdate{Status: Paid}, now)
		}
	}
	if err := c.settle(now); err != nil {
		return nil, err
	}
	return c.ahead(now)
}

func latest(at time.Time, others ...time.Time) time.Time {
	for _, o := range others {
		if o.After(at) {
			at = o
		}
	}
	return at
}

// comingUnpaid tells what a step does to what is open today, and the end of an exemption.
func (a *Account) comingUnpaid(s step) (list []Coming) {
	add := func(kind ComingKind, request ID, bad bool, format string, args ...any) {
		list = append(list, Coming{At: s.at, Kind: kind, What: fmt.Sprintf(format, args...), Bad: bad, Request: request})
	}
	becomes, changed := s.status()
	for _, r := range a.Requests {
		if !r.Open() {
			continue
		}
		cycle := a.Live() && r.isCycleOf(a.Subscription.ID)
		name := fmt.Sprintf("%s (%s)", r.Label(), r.Currency.FormatWithCode(r.Due()))
		switch due, grace := r.DueAt.Equal(s.at), r.GraceEndsAt.Equal(s.at); {
		case due && cycle && changed && grace:
			add(ComingDue, r.ID, true, "%s is due, without grace. If unpaid: %s%s.", name, becomes.Spoken(), s.pausing())
		case due && cycle && changed:
			add(ComingDue, r.ID, true, "%s is due. If unpaid: %s%s.", name, becomes.Spoken(), s.pausing())
		case due && (s.overdue(r.ID) || cycle):
			add(ComingDue, r.ID, cycle, "%s is due. If unpaid: overdue.", name)
		case grace && cycle && changed && becomes == Blocked:
			add(ComingGraceEnd, r.ID, true, "Grace for %s ends. If unpaid: blocked until %s%s.", r.Label(), a.wayOut(), s.pausing())
		}
	}
	for _, f := range s.facts {
		if _, ends := f.(OverrideEnded); ends {
			add(ComingOverride, 0, true, "The exemption from denials ends%s.", s.denied())
		}
	}
	return list
}

// status is what the subscription becomes in the step, if it changes.
func (s step) status() (to Status, changed bool) {
	for _, f := range s.facts {
		if f, ok := f.(StatusChanged); ok {
			to, changed = f.To, true
		}
	}
	return to, changed
}

func (s step) overdue(request ID) bool {
	for _, f := range s.facts {
		if f, ok := f.(RequestChanged); ok && f.RequestID == request {
			return true
		}
	}
	return false
}

// pausing says how many campaigns pause in the step. Those that an earlier denial paused only get another reason.
func (s step) pausing() string {
	n := 0
	for _, f := range s.facts {
		switch f := f.(type) {
		case AccessChanged:
			if f.From != Allowed {
				return ""
			}
		case CampaignChanged:
			n++
		}
	}
	switch n {
	case 0:
		return ""
	case 1:
		return ", 1 campaign pauses"
	}
	return fmt.Sprintf(", %d campaigns pause", n)
}

// denied says what the step denies.
func (s step) denied() string {
	for _, f := range s.facts {
		if f, ok := f.(AccessChanged); ok && f.Reason != Allowed {
			return ". If nothing changes: " + f.Reason.Spoken() + s.pausing()
		}
	}
	return ""
}

func (a *Account) wayOut() string {
	if a.Policy.BlockedExit == ExitOnPayment {
		return "paid"
	}
	return "canceled and started anew"
}

// comingAtPeriodEnd tells the first step in which the open period closes.
func (a *Account) comingAtPeriodEnd(steps []step) []Coming {
	for _, s := range steps {
		for _, f := range s.facts {
			if f, ok := f.(PeriodClosed); ok && f.Index == a.Period.Index {
				return []Coming{s.periodEnd()}
			}
		}
	}
	return nil
}

func (s step) periodEnd() Coming {
	coming := Coming{At: s.at, Kind: ComingPeriod, What: "Period ends" + s.reset() + s.requested() + s.resuming() + "."}
	for _, f := range s.facts {
		switch f := f.(type) {
		case SubscriptionCanceled:
			coming.Kind, coming.Bad = ComingCancel, true
			coming.What = "The subscription is canceled" + s.requested() + ". The wallet stays."
		case SubscriptionStarted:
			coming.Kind, coming.Bad = ComingChange, false
			coming.What = fmt.Sprintf("The plan changes to %q: a new subscription starts%s.", f.Terms.Name, s.requested())
		}
	}
	return coming
}

// reset says what the new period begins with.
func (s step) reset() string {
	for _, f := range s.facts {
		if _, ok := f.(PeriodOpened); ok && s.terms.Included > 0 {
			return ": included minutes reset to " + s.terms.Included.Minutes()
		}
	}
	return ""
}

// requested says what is asked for in the step, fees first.
func (s step) requested() (text string) {
	usage := ""
	for _, f := range s.facts {
		f, ok := f.(RequestIssued)
		if !ok {
			continue
		}
		r := f.Request
		due := spokenDate(r.DueAt, s.zone)
		if r.Kind == Usage {
			usage += fmt.Sprintf(", %s for %s billable minutes so far requested, due %s", r.Currency.FormatWithCode(r.Amount), r.Lines[0].Quantity, due)
			continue
		}
		text += fmt.Sprintf(", %s requested, due %s", r.Currency.FormatWithCode(r.Amount), due)
	}
	return text + usage
}

func (s step) resuming() string {
	n := 0
	for _, f := range s.facts {
		if f, ok := f.(CampaignChanged); ok && f.Status == Running {
			n++
		}
	}
	switch n {
	case 0:
		return ""
	case 1:
		return ", 1 campaign resumes"
	}
	return fmt.Sprintf(", %d campaigns resume", n)
}

// Monthly is what a recurring fee comes to in an average month, rounded once, half away from zero, to the minor unit: a
// figure to compare plans by, never one to ask for.
func (t Terms) Monthly() Money {
	if t.RecurringFee == nil {
		return 0
	}
	times, months := Money(1), Money(t.IntervalCount)
	switch t.Interval {
	case Day:
		times, months = 365, 12*months
	case Week:
		times, months = 52, 12*months
	case Year:
		months *= 12
	case Month:
	}
	return (*t.RecurringFee*times*2 + months) / (2 * months)
}
