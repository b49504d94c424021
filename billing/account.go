package billing

import "time"

// Policy is what the agency's settings say about every client. Rules 6.
type Policy struct {
	Recovery    Recovery
	BlockedExit BlockedExit
}

// Recovery says when a past-due subscription is active again.
type Recovery string

const (
	NoneOverdue Recovery = "NONE_OVERDUE" // no late cycle request is left (the default)
	NoneUnpaid  Recovery = "NONE_UNPAID"  // no open cycle request is left
)

// BlockedExit says what leads out of blocked.
type BlockedExit string

const (
	ExitRestart   BlockedExit = "RESTART"    // cancel, then start anew (the default)
	ExitOnPayment BlockedExit = "ON_PAYMENT" // paying the last late cycle request revives the subscription
)

// Account is one client as the rules see it: everything a verb needs to decide, and nothing it does not. It is loaded
// whole, changed by verbs and saved whole. Verbs change it in place; one that answers an error leaves an account that
// must be thrown away.
type Account struct {
	Agency ID
	Client ID
	Name   string // the client's
	Policy Policy
	Zone   string // the client's, else the agency's: what a start freezes

	Written      time.Time // when it was last written; time does not run backwards from there
	Seq          int64     // the number of facts so far
	Events       int64     // how many of them are usage events
	PlanID       ID        // the assigned plan, 0 for none
	PackIDs      []ID      // the packs offered to the client
	Denial       DenialPolicy
	Hold         *Hold
	Override     *Override
	Subscription *Subscription // the newest one, live or canceled; nil for a client who never had one
	Period       Period        // the open period of the subscription, or its last
	Wallet       Millis
	Exhausted    time.Time // since when no pool has minutes left; zero: not exhausted
	Access       Denied    // the decision last recorded
	Credits      []Credit  // the client's credit, one entry a currency
	CreditLines  []CreditLine
	Requests     []*Request // all that are open, and those a command named
	Campaigns    []*Campaign

	mint  Mint
	fresh []Entry
}

// Credit is money received from a client and not yet applied to a request.
type Credit struct {
	Currency Currency `json:"currency"`
	Amount   Money    `json:"amount"`
}

// With prepares a loaded account for verbs: new identifiers come from mint.
func (a *Account) With(mint Mint) *Account {
	a.mint = mint
	return a
}

// Fresh lists the facts recorded since the account was loaded, in order.
func (a *Account) Fresh() []Entry { return a.fresh }

// Kept says that what was recorded is stored since an instant: the account is as if it were loaded anew.
func (a *Account) Kept(at time.Time) {
	a.fresh, a.Written = nil, at
}

// Live says whether the client has a subscription that is not canceled.
func (a *Account) Live() bool { return a.Subscription != nil && a.Subscription.Status != Canceled }

// Request finds a loaded payment request.
func (a *Account) Request(id ID) *Request {
	for _, r := range a.Requests {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// Campaign finds a campaign of the client.
func (a *Account) Campaign(id ID) *Campaign {
	for _, c := range a.Campaigns {
		if c.ID == id {
			return c
		}
	}
	return nil
}

// CreditIn is the client's credit in a currency.
func (a *Account) CreditIn(code string) Money {
	for _, c := range a.Credits {
		if c.Currency.Code == code {
			return c.Amount
		}
	}
	return 0
}

// Advance brings the account forward to now: everything that has come due is carried out in the order of its
// instants, each dated at its own. It stops after limit instants and says whether it is done, so that a long sleep can
// be caught up in several transactions. Rules 3.4.
func (a *Account) Advance(now time.Time, limit int) (done bool, err error) {
	for range limit {
		due, any := a.NextDue()
		if !any || due.After(now) {
			return true, nil
		}
		if err := a.carryOut(due); err != nil {
			return false, err
		}
	}
	due, any := a.NextDue()
	return !any || due.After(now), nil
}

// NextDue is the next instant at which something happens by itself; false if nothing ever will.
func (a *Account) NextDue() (at time.Time, any bool) {
	soonest := func(t time.Time) {
		if !any || t.Before(at) {
			at, any = t, true
		}
	}
	s := a.Subscription
	for _, r := range a.Requests {
		if r.Status == Pending {
			soonest(r.DueAt)
		}
		if !a.Live() || !r.isCycleOf(s.ID) || !r.Open() {
			continue
		}
		switch s.Status {
		case Active:
			soonest(r.DueAt)
		case PastDue:
			soonest(r.GraceEndsAt)
		}
	}
	if a.Live() && (s.Cancel != nil || s.Status != Blocked) {
		soonest(a.Period.End)
	}
	if a.Override != nil {
		soonest(a.Override.Until)
	}
	return at, any
}

// carryOut does everything due at one instant, in the order of rules 3.4: requests become late or overdue, the
// subscription is blocked, a cancellation at period end takes effect, a period ends.
func (a *Account) carryOut(at time.Time) error {
	if a.Override != nil && !at.Before(a.Override.Until) {
		a.record(at, OverrideEnded{})
	}
	if err := a.settleRequests(at); err != nil {
		return err
	}
	if a.Live() && !at.Before(a.Period.End) {
		switch s := a.Subscription; {
		case s.Cancel != nil:
			if err := a.cancelAsScheduled(at); err != nil {
				return err
			}
		case s.Status != Blocked:
			if err := a.turnPeriod(at); err != nil {
				return err
			}
		}
	}
	a.settleAccess(at)
	return nil
}

// settle is what every verb ends with: statuses and access follow from what it changed.
func (a *Account) settle(at time.Time) error {
	if err := a.settleRequests(at); err != nil {
		return err
	}
	a.settleAccess(at)
	return nil
}

// settleRequests marks what is overdue and lets the subscription's status follow. Rules 6.4 and 6.5.
func (a *Account) settleRequests(at time.Time) error {
	for _, r := range a.Requests {
		if r.Status == Pending && !at.Before(r.DueAt) {
			a.record(at, RequestChanged{RequestID: r.ID, From: Pending, To: Overdue})
		}
	}
	return a.settleStatus(at)
}

// record is the one way a field of the account changes: the fact is applied and kept for the store.
func (a *Account) record(at time.Time, f Fact) {
	before := a.Summary()
	a.Seq++
	a.Apply(at, f)
	a.fresh = append(a.fresh, Entry{Seq: a.Seq, At: at, Fact: f, Before: before, After: a.Summary()})
}
