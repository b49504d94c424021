package billing

import (
	"slices"
	"time"
)

// Copy is the account once more, to try something on: what happens to the copy does not happen to the account. Its
// identifiers are its own and mean nothing elsewhere.
func (a *Account) Copy() *Account {
	c := *a
	c.PackIDs, c.Credits, c.CreditLines = slices.Clone(a.PackIDs), slices.Clone(a.Credits), slices.Clone(a.CreditLines)
	c.Hold, c.Override, c.Subscription = again(a.Hold), again(a.Override), again(a.Subscription)
	if c.Subscription != nil {
		c.Subscription.Cancel = again(a.Subscription.Cancel)
	}
	c.Requests, c.Campaigns = make([]*Request, len(a.Requests)), make([]*Campaign, len(a.Campaigns))
	for i, r := range a.Requests {
		c.Requests[i] = again(r)
		c.Requests[i].Lines = slices.Clone(r.Lines)
	}
	for i, campaign := range a.Campaigns {
		c.Campaigns[i] = again(campaign)
	}
	const beyondAny = ID(1) << 62 // no real identifier is so large
	next := beyondAny
	c.fresh, c.mint = nil, func() ID { next++; return next }
	return &c
}

func again[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}

// Rehearse tells what a rule would do at an instant, by letting it do that to a copy. The requests it would issue are
// numbered from next on.
func (a *Account) Rehearse(at time.Time, next int64, rule func(*Account) error) ([]string, error) {
	c := a.Copy()
	if err := rule(c); err != nil {
		return nil, err
	}
	if _, err := c.Advance(at, 100); err != nil { // what the rule itself made due
		return nil, err
	}
	err := c.NumberRequests(func() (int64, error) { next++; return next - 1, nil })
	return c.Tell(c.Fresh()), err
}
