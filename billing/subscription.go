package billing

import (
	"fmt"
	"math/bits"
	"time"
)

// Status is where a subscription stands. Rules 6.1.
type Status string

const (
	Active   Status = "active"
	PastDue  Status = "past_due"
	Blocked  Status = "blocked"
	Canceled Status = "canceled"
)

// Subscription is the running relationship between agency and client on a snapshot of a plan's terms.
type Subscription struct {
	ID          ID
	PlanID      ID
	PlanVersion int
	Terms       Terms
	Zone        string
	Anchor      Anchor
	StartedAt   time.Time
	Status      Status
	StatusSince time.Time
	Cancel      *ScheduledCancel // a cancellation at period end that has not yet taken effect
	CanceledAt  time.Time
	Reason      string // why it was canceled
}

// OpenRequests says what a cancellation does with the open cycle requests of the subscription.
type OpenRequests string

const (
	KeepOpen   OpenRequests = "KEEP"
	CancelOpen OpenRequests = "CANCEL"
)

// Cancellation is how a subscription ends. Rules 6.7.
type Cancellation struct {
	OpenRequests OpenRequests `json:"open_requests"`
	BillUsage    bool         `json:"bill_usage"`
	Prorate      bool         `json:"prorate,omitempty"` // of a plan change now: credit the unused part of the fee
	Reason       string       `json:"reason"`
}

// ScheduledCancel is a cancellation that waits for the period's end, and the plan that follows it, if any.
type ScheduledCancel struct {
	Cancellation
	Next *NextPlan `json:"next,omitempty"`
}

// NextPlan is a plan change at period end. Its terms are frozen when it is scheduled: what was agreed is what starts.
type NextPlan struct {
	PlanID  ID    `json:"plan_id"`
	Version int   `json:"version"`
	Terms   Terms `json:"terms"`
}

// Period is one billing cycle, half-open [Start, End), with what was drawn in it.
type Period struct {
	SubscriptionID ID        `json:"subscription_id"`
	Index          int       `json:"index"`
	Start          time.Time `json:"start"`
	End            time.Time `json:"end"`
	Used           Split     `json:"used"`
	ClosedAt       time.Time `json:"closed_at,omitzero"`
}

// Day says which day of the period an instant falls on, and how many there are: "day 3 of 31". A day that is not whole
// counts where it is the longer half.
func (p Period) Day(at time.Time) (day, of int) {
	const whole = 24 * time.Hour
	length, gone := p.End.Sub(p.Start), min(max(0, at.Sub(p.Start)), p.End.Sub(p.Start))
	of = int((length + whole/2) / whole)
	return min(of, int(gone/whole)+1), of
}

// Schedule is the subscription's boundary grid.
func (s *Subscription) Schedule() (Schedule, error) {
	zone, err := LoadZone("timezone", s.Zone)
	if err != nil {
		return Schedule{}, err
	}
	return s.Terms.Schedule(s.Anchor, zone), nil
}

// AssignPlan picks the plan a start will use. Rules 4.4.
func (a *Account) AssignPlan(plan Plan, at time.Time) error {
	if a.Live() {
		return errLiveSubscription("replaced")
	}
	if plan.Archived {
		return conflict("plan_archived", fmt.Sprintf("The plan %q is archived.", plan.Terms.Name), "Unarchive it or assign another plan.")
	}
	if a.PlanID != plan.ID {
		a.record(at, PlanAssigned{PlanID: plan.ID, PlanName: plan.Terms.Name, Version: plan.Version})
	}
	return nil
}

// RemovePlan takes the assignment back.
func (a *Account) RemovePlan(at time.Time) error {
	if a.Live() {
		return errLiveSubscription("removed")
	}
	if a.PlanID != 0 {
		a.record(at, PlanRemoved{PlanID: a.PlanID})
	}
	return nil
}

func errLiveSubscription(verb string) error {
	return conflict("live_subscription_exists", "The client has a live subscription, so its plan cannot be "+verb+".",
		"Cancel the subscription first, or use change-plan.")
}

// Start begins a subscription on the assigned plan: terms, zone and anchor are frozen, period 0 opens, and the
// recurring fee is requested. Service runs on credit until the due date. Rules 6.2.
func (a *Account) Start(plan Plan, at time.Time) error {
	switch {
	case a.Live():
		return conflict("live_subscription_exists", "The client already has a live subscription.", "Cancel it first, or use change-plan.")
	case a.PlanID == 0:
		return conflict("no_plan_assigned", "No plan is assigned to the client.", "Assign a plan first.")
	}
	must(plan.ID == a.PlanID, "start on a plan that is not the assigned one")
	if err := a.begin(plan.ID, plan.Version, plan.Terms, at); err != nil {
		return err
	}
	return a.settle(at)
}

func (a *Account) begin(plan ID, version int, terms Terms, at time.Time) error {
	zone, err := LoadZone("timezone", a.Zone)
	if err != nil {
		return err
	}
	a.record(at, SubscriptionStarted{
		SubscriptionID: a.mint(), PlanID: plan, PlanVersion: version, Terms: terms,
		Zone: a.Zone, Anchor: AnchorAt(at, zone), StartedAt: at.Truncate(time.Second),
	})
	return a.openPeriod(0, at, time.Time{})
}

// openPeriod opens period index and requests its fee. The fee's due date counts from the period's start, or from
// dueFrom where that is given. Rules 6.3.
func (a *Account) openPeriod(index int, at, dueFrom time.Time) error {
	s := a.Subscription
	grid, err := s.Schedule()
	if err != nil {
		return err
	}
	start, end := grid.Boundary(index), grid.Boundary(index+1)
	a.record(at, PeriodOpened{SubscriptionID: s.ID, Index: index, Start: start, End: end})
	fee := s.Terms.RecurringFee
	if fee == nil || *fee == 0 {
		return nil
	}
	line := LineItem{
		Description: say("line.fee", "plan", s.Terms.Name).String(), Quantity: "1", Unit: "period",
		UnitAmount: s.Terms.Currency.Format(*fee), Amount: *fee,
	}
	if dueFrom.IsZero() {
		dueFrom = start
	}
	a.issueCycle(Recurring, a.Period, []LineItem{line}, at, dueFrom, grid.Zone)
	return nil
}

// turnPeriod ends the open period and opens the next one: final figures, the Usage request, included minutes reset,
// the next fee. The wallet stays. Rules 6.3.
func (a *Account) turnPeriod(at time.Time) error {
	if err := a.closePeriod(at, true, at); err != nil {
		return err
	}
	return a.openPeriod(a.Period.Index+1, at, time.Time{})
}

// closePeriod fixes the figures of the open period and, if asked, requests what its billable minutes cost, due
// counted from dueFrom.
func (a *Account) closePeriod(at time.Time, bill bool, dueFrom time.Time) error {
	s, p := a.Subscription, a.Period
	a.record(at, PeriodClosed{SubscriptionID: s.ID, Index: p.Index, ClosedAt: at, Used: p.Used})
	if !bill || s.Terms.Rate == nil {
		return nil
	}
	amount, err := Charge(p.Used.Billable, *s.Terms.Rate, s.Terms.Currency)
	if err != nil || amount == 0 {
		return err
	}
	grid, err := s.Schedule()
	if err != nil {
		return err
	}
	lines := []LineItem{{
		Description: say("line.usage", "plan", s.Terms.Name).String(),
		Quantity:    p.Used.Billable.Minutes(), Unit: "minute", UnitAmount: s.Terms.Rate.String(), Amount: amount,
	}}
	a.issueCycle(Usage, p, lines, at, dueFrom, grid.Zone)
	return nil
}

// settleStatus lets the subscription's status follow from its cycle requests. It is a formula of the state, not a
// chain of timers: paying one of two late requests changes nothing. Rules 6.4 to 6.6.
func (a *Account) settleStatus(at time.Time) error {
	if !a.Live() {
		return nil
	}
	late, graceOver, unpaid := a.cycleRequests(at)
	recovered := !late && (a.Policy.Recovery != NoneUnpaid || !unpaid)
	if late && a.Subscription.Status == Active {
		a.record(at, StatusChanged{SubscriptionID: a.Subscription.ID, From: Active, To: PastDue})
	}
	switch a.Subscription.Status {
	case PastDue:
		if graceOver {
			a.record(at, StatusChanged{SubscriptionID: a.Subscription.ID, From: PastDue, To: Blocked})
		} else if recovered {
			a.record(at, StatusChanged{SubscriptionID: a.Subscription.ID, From: PastDue, To: Active})
		}
	case Blocked:
		if !late && a.Policy.BlockedExit == ExitOnPayment {
			return a.revive(at)
		}
	}
	return nil
}

// cycleRequests looks at the open cycle requests of the subscription: is one late, has the grace of one ended, is
// any unpaid.
func (a *Account) cycleRequests(at time.Time) (late, graceOver, unpaid bool) {
	for _, r := range a.Requests {
		if r.isCycleOf(a.Subscription.ID) && r.Open() {
			unpaid = true
			late = late || !at.Before(r.DueAt)
			graceOver = graceOver || !at.Before(r.GraceEndsAt)
		}
	}
	return late, graceOver, unpaid
}

// revive leads out of blocked where the agency allows it: the periods that passed meanwhile are skipped, not billed,
// and a new one opens at the grid's current slot. Due dates count from now, or they would be late at birth. Rules 6.6.
func (a *Account) revive(at time.Time) error {
	a.record(at, StatusChanged{SubscriptionID: a.Subscription.ID, From: Blocked, To: Active})
	if at.Before(a.Period.End) {
		return nil
	}
	if err := a.closePeriod(at, true, at); err != nil {
		return err
	}
	grid, err := a.Subscription.Schedule()
	if err != nil {
		return err
	}
	return a.openPeriod(grid.Slot(at), at, at)
}

// Cancel ends the subscription now. The wallet stays; a canceled subscription never lives again. Rules 6.7.
func (a *Account) Cancel(c Cancellation, at time.Time) error {
	if !a.Live() {
		return errNotLive()
	}
	if err := a.end(c, at); err != nil {
		return err
	}
	return a.settle(at)
}

// CancelAtPeriodEnd schedules the end; it can be undone until then. Rules 6.7 and 6.8.
func (a *Account) CancelAtPeriodEnd(c Cancellation, at time.Time) error {
	return a.schedule(ScheduledCancel{Cancellation: c}, at)
}

func (a *Account) schedule(c ScheduledCancel, at time.Time) error {
	if !a.Live() {
		return errNotLive()
	}
	if !at.Before(a.Period.End) { // only a blocked subscription stands in a period that is over
		return conflict("period_over", "The subscription is blocked and its period is over, so there is no period end to wait for.", "Cancel it now.")
	}
	a.record(at, CancelScheduled{SubscriptionID: a.Subscription.ID, At: a.Period.End, Cancel: c})
	return a.settle(at)
}

// UndoCancel takes a scheduled cancellation or plan change back. Rules 6.8.
func (a *Account) UndoCancel(at time.Time) error {
	if !a.Live() {
		return errNotLive()
	}
	if a.Subscription.Cancel == nil {
		return conflict("no_scheduled_cancel", "No cancellation is scheduled for this subscription.", "")
	}
	a.record(at, CancelUndone{SubscriptionID: a.Subscription.ID})
	return nil
}

// ChangePlan ends the subscription and starts a new one on another plan, now. To prorate, the fee request of the
// open period must be loaded: a fee that was waived is not credited. Rules 6.9.
func (a *Account) ChangePlan(plan Plan, c Cancellation, at time.Time) error {
	if err := a.checkChange(plan, c); err != nil {
		return err
	}
	if err := a.end(c, at); err != nil {
		return err
	}
	if c.Prorate {
		a.creditUnused(at)
	}
	if err := a.follow(NextPlan{plan.ID, plan.Version, plan.Terms}, at); err != nil {
		return err
	}
	return a.settle(at)
}

// ChangePlanAtPeriodEnd schedules the change; the terms of today are what will start. Rules 6.9.
func (a *Account) ChangePlanAtPeriodEnd(plan Plan, c Cancellation, at time.Time) error {
	if err := a.checkChange(plan, c); err != nil {
		return err
	}
	return a.schedule(ScheduledCancel{c, &NextPlan{plan.ID, plan.Version, plan.Terms}}, at)
}

func (a *Account) checkChange(plan Plan, c Cancellation) error {
	switch {
	case !a.Live():
		return errNotLive()
	case plan.Archived:
		return conflict("plan_archived", fmt.Sprintf("The plan %q is archived.", plan.Terms.Name), "Unarchive it or choose another plan.")
	case c.Prorate && plan.Terms.Currency != a.Subscription.Terms.Currency:
		return conflict("currency_mismatch", fmt.Sprintf("The new plan is in %s, the fee to be credited in %s.", plan.Terms.Currency.Code, a.Subscription.Terms.Currency.Code),
			"Change the plan without prorating.")
	}
	return nil
}

// creditUnused grants the part of the prepaid fee that lies behind now as a credit line, by time, rounded once. The
// new fee takes it first; what is left over waits for the requests that follow. Rules 6.9.
func (a *Account) creditUnused(at time.Time) {
	p, terms := a.Period, a.Subscription.Terms
	for _, r := range a.Requests {
		if r.Kind != Recurring || r.SubscriptionID != p.SubscriptionID || r.PeriodIndex != p.Index || r.Status == Voided {
			continue
		}
		unused := unusedPart(*terms.RecurringFee, p, at)
		if unused == 0 {
			return
		}
		a.record(at, CreditLineGranted{CreditLine{
			ID: a.mint(), Currency: r.Currency, Amount: unused, Left: unused, Description: say("line.unused", "plan", terms.Name, "number", r.Label()).String(),
		}})
	}
}

// unusedPart is fee x time left / length of the period, rounded half away from zero.
func unusedPart(fee Money, p Period, at time.Time) Money {
	left, whole := p.End.Sub(at).Microseconds(), p.End.Sub(p.Start).Microseconds()
	if left <= 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(fee), uint64(min(left, whole)))
	part, rest := bits.Div64(hi, lo, uint64(whole)) // a part of the fee fits where the fee does
	if rest >= uint64(whole)-rest {
		part++
	}
	return Money(part)
}

func errNotLive() error {
	return conflict("subscription_not_live", "The subscription is canceled.", "Start a new one.")
}

// cancelAsScheduled carries out a cancellation at period end, and the plan change that may follow it.
func (a *Account) cancelAsScheduled(at time.Time) error {
	c := *a.Subscription.Cancel
	if err := a.end(c.Cancellation, at); err != nil {
		return err
	}
	if c.Next == nil {
		return nil
	}
	return a.follow(*c.Next, at)
}

// end closes the period, bills what it is told to bill and cancels the subscription. A final Usage request is due
// from its issue. Rules 6.7.
func (a *Account) end(c Cancellation, at time.Time) error {
	s := a.Subscription
	if c.OpenRequests == CancelOpen {
		for _, r := range a.Requests {
			if r.isCycleOf(s.ID) && r.Open() {
				a.changeRequest(r, RequestUpdate{Status: Voided}, at)
			}
		}
	}
	if err := a.closePeriod(at, c.BillUsage, at); err != nil {
		return err
	}
	a.record(at, SubscriptionCanceled{SubscriptionID: s.ID, From: s.Status, Reason: c.Reason})
	return nil
}

func (a *Account) follow(next NextPlan, at time.Time) error {
	if a.PlanID != next.PlanID {
		a.record(at, PlanAssigned{PlanID: next.PlanID, PlanName: next.Terms.Name, Version: next.Version})
	}
	return a.begin(next.PlanID, next.Version, next.Terms, at)
}
