package app

import (
	"context"
	"slices"

	"minutebook/billing"
	"minutebook/store"
)

// Owed is the money outstanding in one currency, by age.
type Owed = store.Owed

// Begun says how far an agency has come with its first steps.
type Begun = store.Begun

// Running is a client with a live subscription.
type Running = store.Running

// Outstanding is what is owed to the agency, or by a portal user's own client.
func (a *App) Outstanding(ctx context.Context, who Actor, client billing.ID) ([]Owed, error) {
	now, err := a.Now(ctx, who.Agency)
	if err != nil {
		return nil, err
	}
	return store.Outstanding(ctx, a.DB.Q(ctx), who.Agency, own(who, client), now)
}

// UsageByDay sums usage by day, from one day to another, both included; days without usage have no entry. A call counts
// for the day on which it ended, by its client's calendar. Client 0 is all.
func (a *App) UsageByDay(ctx context.Context, who Actor, client billing.ID, from, to billing.Date) (map[billing.Date]billing.Tally, error) {
	return store.UsageByDay(ctx, a.DB.Q(ctx), who.Agency, own(who, client), from, to)
}

// FirstSteps says how far the agency has come.
func (a *App) FirstSteps(ctx context.Context, who Actor) (Begun, error) {
	return store.FirstSteps(ctx, a.DB.Q(ctx), who.Agency)
}

// InboxCounts says how many reports wait for a client, and how many were refused.
func (a *App) InboxCounts(ctx context.Context, who Actor) (unassigned, rejected int64, err error) {
	return store.InboxCounts(ctx, a.DB.Q(ctx), who.Agency)
}

// Risk is a client who may be lost or stopped, with why in a few words.
type Risk struct {
	Running
	Why string
}

// Outlook is what the running subscriptions of an agency come to.
type Outlook struct {
	Live     int64
	Newest   Running          // the newest client of them
	AtRisk   []Risk           // the gravest first
	Renewals []Running        // whose period ends within 7 days, in order
	Monthly  []billing.Credit // recurring fees in an average month, one entry a currency
}

// Outlook looks at every running subscription. Rules 9 and the home page.
func (a *App) Outlook(ctx context.Context, who Actor) (o Outlook, err error) {
	now, err := a.Now(ctx, who.Agency)
	if err != nil {
		return o, err
	}
	running, err := store.RunningClients(ctx, a.DB.Q(ctx), who.Agency, false)
	if err != nil {
		return o, err
	}
	o.Live = int64(len(running))
	for _, c := range running {
		o.Newest = c
		if err := o.addMonthly(c.Terms); err != nil {
			return o, err
		}
		if c.Status != billing.Blocked && c.PeriodEnd.After(now) && !c.PeriodEnd.After(now.AddDate(0, 0, 7)) {
			o.Renewals = append(o.Renewals, c)
		}
	}
	o.AtRisk = atRisk(running)
	sortByEnd(o.Renewals)
	return o, nil
}

func (o *Outlook) addMonthly(t billing.Terms) (err error) {
	monthly := t.Monthly()
	if monthly == 0 {
		return nil
	}
	for i := range o.Monthly {
		if o.Monthly[i].Currency == t.Currency {
			o.Monthly[i].Amount, err = o.Monthly[i].Amount.Add(monthly)
			return err
		}
	}
	o.Monthly = append(o.Monthly, billing.Credit{Currency: t.Currency, Amount: monthly})
	return nil
}

// atRisk orders by what has happened already: blocked, past due, stopped, then those who come near it.
func atRisk(running []Running) (risks []Risk) {
	tests := []struct {
		why string
		is  func(Running) bool
	}{
		{"Blocked: unpaid past its grace period", func(c Running) bool { return c.Status == billing.Blocked }},
		{"Past due: calls are paused", func(c Running) bool { return c.Status == billing.PastDue }},
		{"Minutes exhausted: calls are paused", func(c Running) bool { return c.Access == billing.MinutesExhausted }},
		{"Wallet nearly empty", func(c Running) bool { return c.Terms.WalletLow(c.Used, c.Wallet) }},
		{"Included minutes over 80 % used", nearlyUsed},
	}
	seen := map[billing.ID]bool{}
	for _, test := range tests {
		for _, c := range running {
			if !seen[c.Client] && test.is(c) {
				seen[c.Client] = true
				risks = append(risks, Risk{c, test.why})
			}
		}
	}
	return risks
}

// nearlyUsed says that four fifths of the included minutes are used and nothing in the wallet follows them.
func nearlyUsed(c Running) bool {
	return c.Terms.NearlyUsed(c.Used) && (c.Wallet == 0 || !c.Terms.AddonPacks)
}

func sortByEnd(list []Running) {
	slices.SortStableFunc(list, func(a, b Running) int { return a.PeriodEnd.Compare(b.PeriodEnd) })
}
