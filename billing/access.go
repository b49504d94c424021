package billing

import (
	"strings"
	"time"
)

// Reason is why a client may not call. Rules 8.1.
type Reason string

const (
	Allowed             Reason = ""
	SubscriptionBlocked Reason = "subscription_blocked"
	PaymentOverdue      Reason = "payment_overdue"
	NoSubscription      Reason = "no_subscription"
	MinutesExhausted    Reason = "minutes_exhausted"
	AgencyHold          Reason = "agency_hold"
)

// Denied is the access decision without its words: the reason, and since when it holds.
type Denied struct {
	Reason Reason    `json:"reason"`
	Since  time.Time `json:"since,omitzero"`
}

// NamesRequests says whether the words for this decision name payment requests. Where they do not, neither the decision
// nor its words depend on the account's requests.
func (d Denied) NamesRequests() bool {
	return d.Reason == SubscriptionBlocked || d.Reason == PaymentOverdue
}

// Hold is a denial set by hand.
type Hold struct {
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
}

// Override exempts a client from denials until an instant. A hold set by hand is not lifted by it. Rules 8.4.
type Override struct {
	Until  time.Time `json:"until"`
	Reason string    `json:"reason"`
}

// DenialPolicy is what a denial does. Rules 8.4.
type DenialPolicy string

const (
	PauseAll     DenialPolicy = "PAUSE_ALL"
	OutboundOnly DenialPolicy = "OUTBOUND_ONLY" // inbound keeps working
)

// Spares says whether a denial leaves a direction alone.
func (p DenialPolicy) Spares(direction string) bool {
	return p == OutboundOnly && direction == "INBOUND"
}

// Decide is the access decision: a pure formula of the state. Rules 8.1.
func (a *Account) Decide(at time.Time) Denied {
	d := a.denied()
	if a.Override != nil && at.Before(a.Override.Until) {
		d = Denied{}
	}
	if d.Reason == Allowed && a.Hold != nil {
		d = Denied{AgencyHold, a.Hold.Since}
	}
	return d
}

func (a *Account) denied() Denied {
	s := a.Subscription
	switch {
	case s == nil:
		return Denied{}
	case s.Status == Blocked:
		return Denied{SubscriptionBlocked, s.StatusSince}
	case s.Status == PastDue:
		return Denied{PaymentOverdue, s.StatusSince}
	case s.Status == Canceled:
		return Denied{NoSubscription, s.CanceledAt}
	case !a.Exhausted.IsZero():
		return Denied{MinutesExhausted, a.Exhausted}
	}
	return Denied{}
}

// settleAccess records a changed decision and lets the campaigns follow it. Rules 8.3.
func (a *Account) settleAccess(at time.Time) {
	if d := a.Decide(at); d.Reason != a.Access.Reason || !d.Since.Equal(a.Access.Since) {
		a.record(at, AccessChanged{Denied: d, From: a.Access.Reason})
	}
	for _, c := range a.Campaigns {
		denied := a.Access.Reason != Allowed && !a.Denial.Spares(c.Direction)
		switch {
		case denied && c.Status == Running,
			denied && c.PausedBy == ByBilling && c.PauseReason != string(a.Access.Reason):
			a.record(at, CampaignChanged{CampaignID: c.ID, Status: Paused, PausedBy: ByBilling, Reason: string(a.Access.Reason)})
		case !denied && c.PausedBy == ByBilling:
			a.record(at, CampaignChanged{CampaignID: c.ID, Status: Running})
		}
	}
}

// SetHold denies access by hand, or lifts that. Rules 8.1.
func (a *Account) SetHold(on bool, reason string, at time.Time) error {
	if err := checkText("reason", reason, 0, 500); err != nil {
		return err
	}
	if on && strings.TrimSpace(reason) == "" {
		return InvalidField("reason", "is required: say why the client may not call")
	}
	if on || a.Hold != nil {
		a.record(at, HoldChanged{On: on, Reason: reason})
	}
	return a.settle(at)
}

// SetOverride exempts the client from denials until an instant; a zero instant ends the exemption. Rules 8.4.
func (a *Account) SetOverride(until time.Time, reason string, at time.Time) error {
	switch {
	case until.IsZero():
		if a.Override != nil {
			a.record(at, OverrideEnded{})
		}
		return a.settle(at)
	case !until.After(at):
		return InvalidField("until", "must lie in the future; send null to end an exemption")
	}
	if err := checkText("reason", reason, 1, 500); err != nil {
		return err
	}
	a.record(at, OverrideSet{Until: until, Reason: reason})
	return a.settle(at)
}

// SetDenialPolicy chooses what a denial does.
func (a *Account) SetDenialPolicy(p DenialPolicy, at time.Time) error {
	if p != PauseAll && p != OutboundOnly {
		return InvalidField("denial_policy", "must be PAUSE_ALL or OUTBOUND_ONLY")
	}
	if p != a.Denial {
		a.record(at, DenialPolicyChanged{Policy: p})
	}
	return a.settle(at)
}

// Answer is the access decision in words, the same for agency and client. Rules 8.2.
type Answer struct {
	Allowed     bool
	Reason      Reason
	Message     string // Says in English
	Since       time.Time
	LiftedBy    string  // Lifts in English
	MaxDuration *Millis // how long a call may last on what is left; nil: no limit
	Says        Saying  // what happened, since when
	Lifts       Saying  // what exactly lifts it; nothing when calls are allowed
}

// Explain answers who may call and why: what happened, since when, and what exactly lifts it. An inbound call of a
// client whose policy spares inbound is allowed. Rules 8.2.
func (a *Account) Explain(direction string, at time.Time) Answer {
	answer := a.explain(direction, at)
	answer.Message, answer.LiftedBy = answer.Says.String(), answer.Lifts.String()
	return answer
}

func (a *Account) explain(direction string, at time.Time) Answer {
	d := a.Decide(at)
	if d.Reason == Allowed || a.Denial.Spares(direction) {
		return a.allow(d, at)
	}
	since := LocalDay{d.Since, a.Zone}
	answer := Answer{Reason: d.Reason, Since: d.Since}
	switch d.Reason {
	case SubscriptionBlocked:
		answer.Says, answer.Lifts = say("access.blocked", "since", since, "requests", a.unpaid(at, true)), say("lift.restart")
		if a.Policy.BlockedExit == ExitOnPayment {
			answer.Lifts = say("lift.payment", "requests", a.unpaid(at, true))
		}
	case PaymentOverdue:
		answer.Says = say("access.overdue", "requests", a.unpaid(at, true), "since", since)
		if late, _, _ := a.cycleRequests(at); !late {
			answer.Says.Key = "access.unpaid"
		}
		answer.Lifts = say("lift.payment", "requests", a.unpaid(at, a.Policy.Recovery != NoneUnpaid))
	case NoSubscription:
		answer.Says, answer.Lifts = say("access.canceled", "since", since), say("lift.start")
	case MinutesExhausted:
		answer.Says, answer.Lifts = say("access.exhausted", "since", since), a.refill()
	case AgencyHold:
		answer.Says, answer.Lifts = say("access.hold", "since", since, "reason", a.Hold.Reason), say("lift.release")
	}
	return answer
}

func (a *Account) allow(d Denied, at time.Time) Answer {
	answer := Answer{Allowed: true, Says: say("access.allowed")}
	switch {
	case d.Reason != Allowed:
		answer.Says = say("access.inbound")
		return answer
	case a.Override != nil && at.Before(a.Override.Until) && a.denied().Reason != Allowed:
		answer.Says = say("access.exempt", "until", LocalDay{a.Override.Until, a.Zone}, "reason", a.Override.Reason)
		return answer
	case !a.Live():
		answer.Says = say("access.unmanaged")
		return answer
	}
	if left := a.Left(); left.Billable < Unlimited {
		most := left.Total()
		answer.MaxDuration = &most
	}
	return answer
}

// refill names what would bring minutes back, and only that: a period that comes and has some, a wallet that counts.
func (a *Account) refill() Saying {
	s, ways := a.Subscription, []Saying{}
	if next := s.termsOfNextPeriod(); next != nil && next.hasMinutes() {
		ways = append(ways, say("way.period", "on", LocalDay{a.Period.End, a.Zone}))
	}
	if s.Terms.AddonPacks {
		ways = append(ways, say("way.pack"), say("way.adjustment"))
	}
	switch len(ways) {
	case 0:
		return say("lift.plan")
	case 1:
		return say("lift.way", "way", ways[0])
	}
	return say("lift.ways", "ways", ways)
}

// termsOfNextPeriod are the terms after the period's end; nil where the subscription ends with it.
func (s *Subscription) termsOfNextPeriod() *Terms {
	switch {
	case s.Cancel == nil:
		return &s.Terms
	case s.Cancel.Next != nil:
		return &s.Cancel.Next.Terms
	}
	return nil
}

// hasMinutes says whether a new period has something to draw from, wallet aside.
func (t Terms) hasMinutes() bool {
	return t.Included > 0 || t.Rate != nil && (t.OverageCap == nil || *t.OverageCap > 0)
}

// unpaid lists the late cycle requests, or all that are open where the late ones are not enough or none is left, as
// "PR-000041 (99.00 USD)".
func (a *Account) unpaid(at time.Time, lateOnly bool) []Saying {
	var late, open []Saying
	for _, r := range a.Requests {
		if !r.isCycleOf(a.Subscription.ID) || !r.Open() {
			continue
		}
		owed := say("owed.request", "number", r.Label(), "amount", Sum{r.Currency, r.Due()})
		open = append(open, owed)
		if !at.Before(r.DueAt) {
			late = append(late, owed)
		}
	}
	if len(late) > 0 && lateOnly {
		open = late
	}
	if len(open) == 0 {
		open = []Saying{say("owed.some")}
	}
	return open
}

// spokenDate writes the local day of an instant: "15 Jan 2027".
func spokenDate(at time.Time, zone string) string {
	local, err := time.LoadLocation(zone)
	if err != nil {
		local = time.UTC
	}
	return at.In(local).Format("2 Jan 2006")
}
