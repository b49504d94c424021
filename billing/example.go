package billing

import "time"

// Example is what a client with a plan would be asked for, for one period with so many minutes of use.
type Example struct {
	Used     Split      // where the minutes came from
	Covered  Millis     // of the talk time, what some pool gave
	Requests []*Request // the fee at the start, the usage at the end
	Sum      Money
}

// Example lets a client with these terms live through one period: it starts, talks for as long as is said, and the
// period ends. What it was asked for is the example; there is no formula beside the rules.
func (t Terms) Example(talk Millis) (Example, error) {
	if err := t.Check(); err != nil {
		return Example{}, err
	}
	if talk < 0 || talk > MaxMinutes {
		return Example{}, InvalidField("minutes", "must be between 0 and %s", MaxMinutes.Minutes())
	}
	t.Rounding = Rounding{} // the minutes are what was billed
	start := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	a := (&Account{Agency: 1, Client: 1, Zone: "UTC", Denial: PauseAll, Policy: Policy{Recovery: NoneOverdue, BlockedExit: ExitRestart}}).Copy()
	plan := Plan{ID: 1, Version: 1, Terms: t}
	if err := firstError(a.AssignPlan(plan, start), a.Start(plan, start)); err != nil {
		return Example{}, err
	}
	used := a.Draw(talk)
	if err := a.checkCharge(used.Billable); err != nil {
		return Example{}, err
	}
	a.record(start, UsageRecorded{ID: a.mint(), Status: Rated, SubscriptionID: a.Subscription.ID, Billed: talk, Split: used})
	if err := a.closePeriod(a.Period.End, true, a.Period.End); err != nil {
		return Example{}, err
	}
	e := Example{Used: used, Covered: talk - used.Uncovered, Requests: a.Requests}
	for _, r := range a.Requests {
		var err error
		if e.Sum, err = e.Sum.Add(r.Amount); err != nil {
			return Example{}, err
		}
	}
	return e, nil
}

// LowWallet is how little makes a wallet low.
const LowWallet = 30 * Minute

// WalletLow says that a client lives on its wallet and that little is left in it: its included minutes are used up,
// packs are on, and the wallet, which had something in it, holds at most half an hour.
func (t Terms) WalletLow(used Split, wallet Millis) bool {
	return t.AddonPacks && used.Included >= t.Included && wallet <= LowWallet && (wallet > 0 || used.Wallet > 0)
}
