package app

import (
	"context"
	"errors"
	"math"

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
	Client billing.ID
	Name   string
	Status billing.Status
	Why    string
}

// Outlook is what the running subscriptions of an agency come to.
type Outlook struct {
	Live     int64
	Newest   Subject          // the newest client of them, none if there is none
	AtRisk   []Risk           // the gravest first
	Renewals []Running        // whose period ends within 7 days, in order
	Monthly  []billing.Credit // recurring fees in an average month, one entry a currency
}

// Outlook looks at the running subscriptions, and names at most so many clients at risk and renewals; 0 is all. Rules 9 and
// the home page.
func (a *App) Outlook(ctx context.Context, who Actor, most int) (o Outlook, err error) {
	now, err := a.Now(ctx, who.Agency)
	if err != nil {
		return o, err
	}
	sold, err := store.SoldNow(ctx, a.DB.Q(ctx), who.Agency)
	if err != nil {
		return o, err
	}
	for _, s := range sold {
		o.Live += s.Subscriptions
		if err := o.addMonthly(s); err != nil {
			return o, err
		}
	}
	if o.Newest, err = a.newestRunning(ctx, who); err != nil {
		return o, err
	}
	if o.Renewals, err = store.RenewingClients(ctx, a.DB.Q(ctx), who.Agency, now, now.AddDate(0, 0, 7), most); err != nil {
		return o, err
	}
	o.AtRisk, err = a.atRisk(ctx, who, sold, most)
	return o, err
}

func (a *App) newestRunning(ctx context.Context, who Actor) (Subject, error) {
	c, err := store.NewestRunning(ctx, a.DB.Q(ctx), who.Agency)
	if errors.Is(err, store.ErrMissing) {
		return Subject{}, nil
	}
	return c, err
}

func (o *Outlook) addMonthly(s store.Sold) error {
	monthly, err := s.Terms.Monthly().Times(s.Subscriptions)
	if err != nil || monthly == 0 {
		return err
	}
	for i := range o.Monthly {
		if o.Monthly[i].Currency == s.Terms.Currency {
			o.Monthly[i].Amount, err = o.Monthly[i].Amount.Add(monthly)
			return err
		}
	}
	o.Monthly = append(o.Monthly, billing.Credit{Currency: s.Terms.Currency, Amount: monthly})
	return nil
}

// atRisk orders by what has happened already: blocked, past due, stopped, then those who come near it.
func (a *App) atRisk(ctx context.Context, who Actor, sold []store.Sold, most int) ([]Risk, error) {
	late, err := store.LateClients(ctx, a.DB.Q(ctx), who.Agency, most)
	if err != nil {
		return nil, err
	}
	var risks []Risk
	seen := map[billing.ID]bool{}
	for _, c := range late {
		why := "Past due: calls are paused"
		if c.Status == billing.Blocked {
			why = "Blocked: unpaid past its grace period"
		}
		seen[c.Client] = true
		risks = append(risks, Risk{c.Client, c.Name, c.Status, why})
	}
	named, spent, nearly := len(risks), billing.Millis(math.MaxInt64), billing.Millis(math.MaxInt64)
	for _, s := range sold { // what they may have used at least who are near the limits of one or the other plan
		if s.Terms.AddonPacks {
			spent = min(spent, s.Terms.Included)
		}
		if s.Terms.Included > 0 {
			nearly = min(nearly, s.Terms.NearlyAt())
		}
	}
	more := func() bool { return most == 0 || len(risks) < most }
	for _, test := range []struct {
		why   string
		among store.Pressing
		is    func(Running) bool
	}{
		{"Minutes exhausted: calls are paused", store.NoMinutes(), func(Running) bool { return true }},
		{"Wallet nearly empty", store.LittleInWallet(billing.LowWallet, spent), func(c Running) bool { return c.Terms.WalletLow(c.Used, c.Wallet) }},
		{"Included minutes over 80 % used", store.MuchUsed(nearly), nearlyUsed},
	} {
		if !more() {
			break
		}
		err := store.EachPressed(ctx, a.DB.Q(ctx), who.Agency, test.among, func(c Running) bool {
			if !seen[c.Client] && test.is(c) {
				seen[c.Client] = true
				risks = append(risks, Risk{Client: c.Client, Status: c.Status, Why: test.why})
			}
			return more()
		})
		if err != nil {
			return nil, err
		}
	}
	return risks, a.name(ctx, who, risks[named:])
}

// name names clients.
func (a *App) name(ctx context.Context, who Actor, risks []Risk) error {
	ids := make([]billing.ID, len(risks))
	for i := range risks {
		ids[i] = risks[i].Client
	}
	names, err := store.NamesOf(ctx, a.DB.Q(ctx), who.Agency, ids)
	for i := range risks {
		risks[i].Name = names[risks[i].Client]
	}
	return err
}

// nearlyUsed says that four fifths of the included minutes are used and nothing in the wallet follows them.
func nearlyUsed(c Running) bool {
	return c.Terms.NearlyUsed(c.Used) && (c.Wallet == 0 || !c.Terms.AddonPacks)
}
