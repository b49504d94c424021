package sim

import (
	"fmt"
	"slices"
	"time"

	"minutebook/billing"
)

// Client is one client's life in memory: what the store is to the program, this is to the simulator.
type Client struct {
	Account *billing.Account
	Facts   []billing.Entry
	Log     []Told // the accepted commands
	Now     time.Time
	Plans   []billing.Plan // the agency's catalog
	Packs   []billing.Pack

	place  int // among the clients of its run
	mint   billing.Mint
	events map[string]*billing.RecordedUsage // by source and event id
	order  []string                          // their keys, as they came
	closed map[cycle]*billing.ClosedPeriod
	bills  map[cycle]billing.ID // the Usage request of a closed period
	terms  map[billing.ID]billing.Terms
	number int64
}

// cycle is a period of a subscription.
type cycle struct {
	subscription billing.ID
	index        int
}

// NewClient is a client before anything happened to it. Its ids count from first.
func NewClient(now time.Time, zone string, policy billing.Policy, first billing.ID) *Client {
	c := &Client{
		Now: now, events: map[string]*billing.RecordedUsage{}, closed: map[cycle]*billing.ClosedPeriod{}, bills: map[cycle]billing.ID{}, terms: map[billing.ID]billing.Terms{},
	}
	next := first
	c.mint = func() billing.ID { next++; return next }
	c.Account = &billing.Account{Agency: 1, Client: first, Zone: zone, Policy: policy, Denial: billing.PauseAll}
	return c
}

// Pass lets time pass: everything that comes due is carried out.
func (c *Client) Pass(to time.Time) error {
	c.Now = to
	next := Clone(c.Account).With(c.mint)
	if err := advance(next, to); err != nil {
		return err
	}
	return c.keep(next)
}

// Tell gives the client a command. A refusal leaves everything as it was, but for what time had brought due.
func (c *Client) Tell(do any) error {
	if err := c.Pass(c.Now); err != nil {
		return err
	}
	next := Clone(c.Account).With(c.mint)
	made, err := c.act(next, do)
	if err != nil {
		return err
	}
	if err := advance(next, c.Now); err != nil { // what the command itself made due
		return err
	}
	if err := c.keep(next); err != nil {
		return err
	}
	c.Log = append(c.Log, Told{At: c.Now, Do: do, Made: made})
	return nil
}

func advance(a *billing.Account, to time.Time) error {
	for range 100 {
		if done, err := a.Advance(to, 200); done || err != nil {
			return err
		}
	}
	return fmt.Errorf("time does not settle at %s", to)
}

// keep takes the changed account over and stores its new facts.
func (c *Client) keep(next *billing.Account) error {
	err := next.NumberRequests(func() (int64, error) { c.number++; return c.number, nil })
	for _, e := range next.Fresh() {
		c.note(e)
	}
	c.Facts = append(c.Facts, next.Fresh()...)
	c.Account = next
	return err
}

// note keeps what voids and corrections ask the store for.
func (c *Client) note(e billing.Entry) {
	switch f := e.Fact.(type) {
	case billing.SubscriptionStarted:
		c.terms[f.SubscriptionID] = f.Terms
	case billing.PeriodClosed:
		c.closed[cycle{f.SubscriptionID, f.Index}] = &billing.ClosedPeriod{Terms: c.terms[f.SubscriptionID], Billable: f.Used.Billable}
	case billing.RequestIssued:
		if r := f.Request; r.Kind == billing.Usage {
			c.bills[cycle{r.SubscriptionID, r.PeriodIndex}] = r.ID
		}
	case billing.UsageRecorded:
		u := &billing.RecordedUsage{ID: f.ID, Event: f.Event, Status: f.Status, Billed: f.Billed}
		if f.Status == billing.Rated {
			u.Parts = []billing.Part{{SubscriptionID: f.SubscriptionID, PeriodIndex: f.PeriodIndex, Split: f.Split}}
		}
		c.events[eventKey(f.Event)] = u
		c.order = append(c.order, eventKey(f.Event))
	case billing.UsageCorrected:
		c.noteCorrection(f)
	}
}

func (c *Client) noteCorrection(f billing.UsageCorrected) {
	for _, key := range c.order {
		u := c.events[key]
		if u.ID != f.UsageEventID {
			continue
		}
		for _, p := range f.Parts {
			if closed := c.closed[cycle{p.SubscriptionID, p.PeriodIndex}]; closed != nil {
				closed.Returned -= p.Split.Billable
			}
		}
		if f.Void {
			u.Status = billing.VoidUsage
			return
		}
		u.Event.Talk, u.Billed = f.Talk, f.Billed
		for _, p := range f.Parts {
			addPart(u, p)
		}
	}
}

func addPart(u *billing.RecordedUsage, p billing.Part) {
	for i, q := range u.Parts {
		if q.SubscriptionID == p.SubscriptionID && q.PeriodIndex == p.PeriodIndex {
			u.Parts[i].Split = q.Split.Plus(p.Split)
			return
		}
	}
	u.Parts = append(u.Parts, p)
}

// history is what the store answers about a closed period.
func (c *Client) history(subscription billing.ID, index int) billing.ClosedPeriod {
	closed := c.closed[cycle{subscription, index}]
	if closed == nil {
		return billing.ClosedPeriod{Terms: c.terms[subscription]}
	}
	h := *closed
	if r := c.Account.Request(c.bills[cycle{subscription, index}]); r != nil {
		h.Billed = r.Status != billing.Voided
	}
	return h
}

// Event is a recorded usage event with what corrections made of it; nil when there is none.
func (c *Client) Event(source, event string) *billing.RecordedUsage {
	return c.events[eventKey(billing.UsageEvent{Source: source, EventID: event})]
}

func eventKey(u billing.UsageEvent) string { return u.Source + "/" + u.EventID }

// Broken says which invariants do not hold right now. Whole looks at the whole history as well.
func (c *Client) Broken(whole bool) []string {
	found := append(c.Account.Check(c.Now), c.Account.CheckPolicy(c.Now)...)
	if !whole {
		return found
	}
	var last time.Time
	for _, e := range c.Facts {
		if e.At.Before(last) {
			found = append(found, fmt.Sprintf("fact %d (%T) at %s follows one at %s", e.Seq, e.Fact, e.At, last))
		}
		last = e.At
	}
	return append(found, c.Account.CheckHistory(c.Facts)...)
}

// Clone is a copy of an account that shares nothing that changes. What was freshly recorded stays with the original.
func Clone(a *billing.Account) *billing.Account {
	b := &billing.Account{
		Agency: a.Agency, Client: a.Client, Name: a.Name, Policy: a.Policy, Zone: a.Zone, Written: a.Written, Seq: a.Seq, Events: a.Events, PlanID: a.PlanID, PackIDs: a.PackIDs, Denial: a.Denial,
		Hold: a.Hold, Override: a.Override, Period: a.Period, Wallet: a.Wallet, Exhausted: a.Exhausted, Access: a.Access,
		Credits: slices.Clone(a.Credits), CreditLines: slices.Clone(a.CreditLines),
	}
	if a.Subscription != nil {
		s := *a.Subscription
		b.Subscription = &s
	}
	for _, r := range a.Requests {
		copied := *r
		b.Requests = append(b.Requests, &copied)
	}
	for _, m := range a.Campaigns {
		copied := *m
		b.Campaigns = append(b.Campaigns, &copied)
	}
	return b
}
