package sim

import (
	"time"

	"minutebook/billing"
)

// Reach counts how often a run came to the places where others have stumbled.
type Reach map[string]int

// Places are all that Reach counts. A run of some size must come to each of them.
var Places = []string{
	"late event after a close", "event before the start", "split over included, wallet and billable", "wallet emptied exactly", "uncovered minutes",
	"catch-up of three periods", "leap-day anchor", "boundary in a gap", "missing midnight", "boundary in a fold", "repeated midnight", "event in a fold",
	"pack refused while blocked", "part-used pack clawed back", "two late, one paid", "paid in the instant it fell due", "canceled with two open requests",
	"started after blocked", "plan changed with billable minutes", "revived by payment", "scheduled change took effect", "scheduled end undone",
	"zero fee", "zero included minutes", "request in JPY", "request in KWD", "prorated",
	"same id, other content", "repeated report", "report out of order", "corrected after a close", "voided after a close", "credit line used",
	"credit spent", "overpaid", "paid request reopened", "hold under an exemption", "campaign paused by a person kept paused", "inbound spared", "exhausted",
}

func (r Reach) at(place string, when bool) {
	if when {
		r[place]++
	}
}

// note counts what a command came upon: what was before it, and the facts that came of it.
func (r Reach) note(c *Client, before *billing.Account, do any, fresh []billing.Entry) {
	r.noteCommand(c, before, do)
	opened := 0
	for _, e := range fresh {
		if _, ok := e.Fact.(billing.PeriodOpened); ok {
			opened++
		}
		r.noteFact(c, e)
	}
	r.at("catch-up of three periods", opened >= 3)
	r.at("exhausted", c.Account.Access.Reason == billing.MinutesExhausted)
	r.at("inbound spared", c.Account.Access.Reason != billing.Allowed && c.Account.Denial == billing.OutboundOnly && len(c.Account.Campaigns) > 0)
	for _, m := range c.Account.Campaigns {
		r.at("campaign paused by a person kept paused", m.PausedBy == billing.ByUser && c.Account.Access.Reason != billing.Allowed)
	}
	r.at("hold under an exemption", c.Account.Hold != nil && c.Account.Override != nil && c.Account.Access.Reason == billing.AgencyHold)
}

// noteCommand looks at an accepted command and the account it met.
func (r Reach) noteCommand(c *Client, before *billing.Account, do any) {
	s := before.Subscription
	switch do := do.(type) {
	case Start:
		r.at("started after blocked", s != nil && len(c.Facts) > 0 && endedBlocked(c, s.ID))
	case Cancel:
		r.at("canceled with two open requests", !do.AtPeriodEnd && openCycles(before) >= 2)
	case ChangePlan:
		r.at("plan changed with billable minutes", !do.AtPeriodEnd && before.Period.Used.Billable > 0)
		r.at("prorated", do.Prorate && !do.AtPeriodEnd)
	case UndoCancel:
		r["scheduled end undone"]++
	case ApplyPack:
		r.at("pack refused while blocked", s.Status == billing.Blocked)
	case UpdateRequest:
		q := before.Request(do.Request)
		r.at("part-used pack clawed back", do.Clawback && before.Wallet > 0 && before.Wallet < q.PackMinutes)
		r.at("two late, one paid", do.Status == billing.Paid && q.Open() && q.Status == billing.Overdue && lateCycles(before, c.Now) >= 2)
		r.at("paid in the instant it fell due", do.Status == billing.Paid && q.DueAt.Equal(c.Now))
		r.at("paid request reopened", q.Status == billing.Paid && do.Status == billing.Pending)
	case Pay:
		r.at("credit spent", do.Method == billing.MethodCredit)
		for _, part := range do.Allocations {
			r.at("overpaid", part.Amount > before.Request(part.RequestID).Due())
		}
	}
}

func endedBlocked(c *Client, subscription billing.ID) bool {
	for _, e := range c.Facts {
		if f, ok := e.Fact.(billing.SubscriptionCanceled); ok && f.SubscriptionID == subscription {
			return f.From == billing.Blocked
		}
	}
	return false
}

func isCycle(q *billing.Request, a *billing.Account) bool {
	return (q.Kind == billing.Recurring || q.Kind == billing.Usage) && a.Subscription != nil && q.SubscriptionID == a.Subscription.ID && q.Open()
}

func openCycles(a *billing.Account) (n int) {
	for _, q := range a.Requests {
		if isCycle(q, a) {
			n++
		}
	}
	return n
}

func lateCycles(a *billing.Account, now time.Time) (n int) {
	for _, q := range a.Requests {
		if isCycle(q, a) && !now.Before(q.DueAt) {
			n++
		}
	}
	return n
}

func (r Reach) noteFact(c *Client, e billing.Entry) {
	switch f := e.Fact.(type) {
	case billing.UsageRecorded:
		r.noteUsage(c, e, f)
	case billing.UsageCorrected:
		closed := false
		for _, p := range f.Parts {
			closed = closed || c.closed[cycle{p.SubscriptionID, p.PeriodIndex}] != nil
		}
		r.at("voided after a close", f.Void && closed)
		r.at("corrected after a close", !f.Void && closed)
	case billing.SubscriptionStarted:
		r.at("leap-day anchor", f.Anchor.Month == 2 && f.Anchor.Day == 29)
		r.at("zero fee", f.Terms.RecurringFee != nil && *f.Terms.RecurringFee == 0)
		r.at("zero included minutes", f.Terms.RecurringFee != nil && *f.Terms.RecurringFee > 0 && f.Terms.Included == 0)
	case billing.PeriodOpened:
		r.noteBoundary(c.Account, f)
	case billing.RequestIssued:
		r.at("request in JPY", f.Request.Currency.Code == "JPY")
		r.at("request in KWD", f.Request.Currency.Code == "KWD")
	case billing.StatusChanged:
		r.at("revived by payment", f.From == billing.Blocked)
	case billing.SubscriptionCanceled:
		r.at("scheduled change took effect", e.At.Equal(c.Account.Period.Start) && c.Account.Live())
	case billing.CreditLineUsed:
		r["credit line used"]++
	}
}

func (r Reach) noteUsage(c *Client, e billing.Entry, f billing.UsageRecorded) {
	s := f.Split
	r.at("late event after a close", f.Late)
	r.at("event before the start", f.Status == billing.Unrated && e.Before.Status != "" && e.Before.Status != billing.Canceled)
	r.at("split over included, wallet and billable", s.Included > 0 && s.Wallet > 0 && s.Billable > 0)
	r.at("wallet emptied exactly", s.Wallet > 0 && e.After.Wallet == 0 && s.Billable+s.Uncovered == 0)
	r.at("uncovered minutes", s.Uncovered > 0)
	if zone, err := billing.LoadZone("", c.Account.Zone); err == nil {
		r.at("event in a fold", twice(f.Event.EndedAt, zone))
	}
}

// noteBoundary looks at where a period begins on the clocks of its place.
func (r Reach) noteBoundary(a *billing.Account, f billing.PeriodOpened) {
	s := a.Subscription
	if s == nil || s.ID != f.SubscriptionID {
		return
	}
	zone, err := billing.LoadZone("", s.Zone)
	if err != nil {
		return
	}
	local := f.Start.In(zone)
	midnight := s.Anchor.Hour == 0 && s.Anchor.Minute == 0
	shifted := local.Hour() != s.Anchor.Hour || local.Minute() != s.Anchor.Minute
	r.at("boundary in a gap", shifted)
	r.at("missing midnight", shifted && midnight)
	r.at("boundary in a fold", twice(f.Start, zone))
	r.at("repeated midnight", midnight && twice(f.Start, zone))
}

// twice says whether the clocks of a zone show an instant's reading twice.
func twice(at time.Time, zone *time.Location) bool {
	const layout = "2006-01-02 15:04:05"
	here := at.In(zone).Format(layout)
	for _, off := range []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour} {
		if at.Add(off).In(zone).Format(layout) == here || at.Add(-off).In(zone).Format(layout) == here {
			return true
		}
	}
	return false
}
