package model

import (
	"fmt"
	"time"
)

// books is a client's state on its walk through time.
type books struct {
	State
	agency   Agency
	denial   string
	zone     *time.Location
	wall     *Wall
	at       time.Time
	plan     *Terms // assigned
	hold     bool
	override time.Time
	fault    error
}

// Books walks through the log and on to now. An error says that a command cannot
// have been accepted.
func Books(agency Agency, client Client, log []Command, now time.Time) (State, error) {
	zone, err := time.LoadLocation(client.Zone)
	if err != nil {
		return State{}, err
	}
	b := &books{agency: agency, denial: client.Denial, zone: zone, wall: NewWall(zone), State: State{Credit: map[string]int64{}}}
	for i, c := range append(log[:len(log):len(log)], Command{At: now}) {
		if c.At.Before(b.at) {
			return State{}, fmt.Errorf("command %d at %v comes after %v", i, c.At, b.at)
		}
		b.advance(c.At.UTC())
		if err := b.do(c.Do); err != nil {
			return State{}, fmt.Errorf("command %d, %T at %v: %w", i, c.Do, c.At, err)
		}
		b.settle()
	}
	b.Access = b.access()
	if s := b.live(); s != nil {
		b.Exhausted = b.left(s) == Split{}
	}
	return b.State, b.fault
}

// advance stops at each instant at which something may come due.
func (b *books) advance(to time.Time) {
	for b.at.Before(to) {
		next := to
		for _, t := range b.ahead() {
			if t.After(b.at) && t.Before(next) {
				next = t
			}
		}
		b.at = next
		b.settle()
	}
}

func (b *books) ahead() []time.Time {
	instants := []time.Time{b.override}
	if s := b.live(); s != nil {
		instants = append(instants, s.End)
	}
	for _, r := range b.Requests {
		if r.open() {
			instants = append(instants, r.Due, r.Grace)
		}
	}
	return instants
}

// settle does what is due at this instant, the first kind of thing first, until
// nothing is left.
func (b *books) settle() {
	for b.dueRequest() || b.restate() || b.endAtPeriodEnd() || b.periodEnd() {
	}
	b.steerCampaigns()
}

func (b *books) reached(t time.Time) bool { return !b.at.Before(t) }

func (b *books) dueRequest() bool {
	for _, r := range b.Requests {
		if r.Status == Pending && b.reached(r.Due) {
			r.Status = Overdue
			return true
		}
	}
	return false
}

// restate compares the status of the live subscription with the formula.
func (b *books) restate() bool {
	s := b.live()
	if s == nil {
		return false
	}
	var open, late, graceless bool
	for _, r := range b.Requests {
		if r.Subscription == s.ID && r.cycle() && r.open() {
			open = true
			late = late || b.reached(r.Due)
			graceless = graceless || b.reached(r.Due) && b.reached(r.Grace)
		}
	}
	before, status := s.Status, Active
	switch {
	case before == Blocked && (late || b.agency.BlockedExit != "ON_PAYMENT"), graceless:
		status = Blocked
	case late, before == PastDue && open && b.agency.Recovery == "NONE_UNPAID":
		status = PastDue
	}
	if status == before {
		return false
	}
	s.Status, s.Since = status, b.at
	if before == Blocked && b.reached(s.End) {
		b.close(s, true)
		index := s.Index + 1
		for b.reached(b.boundary(s, index+1)) {
			index++
		}
		b.open(s, index, b.at)
	}
	return true
}

func (b *books) endAtPeriodEnd() bool {
	s := b.live()
	if s == nil || !s.Ending || !b.reached(s.End) {
		return false
	}
	b.end(s, s.ending)
	if s.changes != nil {
		b.start(s.changes.Subscription, s.changes.Plan)
	}
	return true
}

func (b *books) periodEnd() bool {
	s := b.live()
	if s == nil || s.Status == Blocked || !b.reached(s.End) {
		return false
	}
	b.close(s, true)
	b.open(s, s.Index+1, s.End)
	return true
}

// live is the subscription that is not canceled, or nil.
func (b *books) live() *Subscription {
	if n := len(b.Subscriptions); n > 0 && b.Subscriptions[n-1].Status != Ended {
		return b.Subscriptions[n-1]
	}
	return nil
}

func (b *books) boundary(s *Subscription, n int) time.Time {
	return b.wall.Boundary(s.anchor, s.plan.Interval, s.plan.Count, n)
}

func (b *books) start(id string, plan Terms) {
	if plan.Fee == nil {
		plan.IncludedMS = 0
	}
	b.plan = &plan
	s := &Subscription{ID: id, Status: Active, Since: b.at, plan: plan, began: b.at.Truncate(time.Second), anchor: LocalAt(b.at, b.zone)}
	b.Subscriptions = append(b.Subscriptions, s)
	b.open(s, 0, b.boundary(s, 0))
}

// open begins a period and asks for its fee, less what waits of an earlier one; due
// days count from the instant counted.
func (b *books) open(s *Subscription, index int, counted time.Time) {
	s.Index, s.Start, s.End, s.Used = index, b.boundary(s, index), b.boundary(s, index+1), Split{}
	if fee := s.plan.Fee; fee != nil && *fee > 0 {
		b.issueCycle(s, Recurring, *fee-b.takeLines(s.plan.Currency.Code, *fee, true), counted)
	}
}

// close fixes the figures of the open period and asks for its billable minutes.
// Due days count from now, which at a period's end is the start of the next.
func (b *books) close(s *Subscription, bill bool) {
	amount := b.charge(s.plan, s.Used.Billable)
	b.Closed = append(b.Closed, &ClosedPeriod{Subscription: s.ID, Index: s.Index, Start: s.Start, End: s.End, At: b.at, Used: s.Used, Amount: amount})
	if bill && amount > 0 {
		b.issueCycle(s, Usage, amount-b.takeLines(s.plan.Currency.Code, amount, false), b.at)
	}
}

// end cancels: first what was open, then a last request for what was used.
func (b *books) end(s *Subscription, how Cancel) {
	for _, r := range b.Requests {
		if how.CancelOpen && r.Subscription == s.ID && r.cycle() && r.open() {
			b.setStatus(r, Canceled, false)
		}
	}
	b.close(s, how.BillUsage)
	s.Status, s.Since, s.Ending = Ended, b.at, false
}

// access is the first reason that holds. A hold stands above an override.
func (b *books) access() string {
	s := b.live()
	switch {
	case b.at.Before(b.override) || len(b.Subscriptions) == 0:
	case s == nil:
		return "no_subscription"
	case s.Status == Blocked:
		return "subscription_blocked"
	case s.Status == PastDue:
		return "payment_overdue"
	case b.left(s) == Split{}:
		return "minutes_exhausted"
	}
	if b.hold {
		return "agency_hold"
	}
	return ""
}

// steerCampaigns pauses what runs and may not, and resumes what billing paused.
func (b *books) steerCampaigns() {
	reason := b.access()
	for _, c := range b.Campaigns {
		denied := reason != "" && (b.denial != "OUTBOUND_ONLY" || c.Direction != "INBOUND")
		switch {
		case denied && (c.Status == "RUNNING" || c.PausedBy == "BILLING"):
			c.Status, c.PausedBy, c.Reason = "PAUSED", "BILLING", reason
		case !denied && c.PausedBy == "BILLING":
			c.Status, c.PausedBy, c.Reason = "RUNNING", "", ""
		}
	}
}
