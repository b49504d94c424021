package billing

import (
	"fmt"
	"time"
)

// WalletKind says why add-on minutes moved.
type WalletKind string

const (
	PackCredited     WalletKind = "PACK"
	Clawback         WalletKind = "CLAWBACK"
	ClawbackReturned WalletKind = "CLAWBACK_RETURNED"
	Adjustment       WalletKind = "ADJUSTMENT"
	UsageDrawn       WalletKind = "USAGE"
	UsageReturned    WalletKind = "VOID"
)

// WalletEntry is one movement of the wallet, append-only; Balance is what the wallet held after it.
type WalletEntry struct {
	ID           ID
	At           time.Time
	Kind         WalletKind
	Delta        Millis
	Balance      Millis
	RequestID    ID
	PackID       ID
	UsageEventID ID
	Reason       string
}

// AssignPacks sets the packs offered to the client: the whole set. Rules 4.5.
func (a *Account) AssignPacks(packs []Pack, assigned *Plan, at time.Time) error {
	terms, known := a.termsForPacks(assigned)
	ids := []ID{}
	for i, p := range packs {
		field := fmt.Sprintf("pack_ids[%d]", i)
		switch {
		case !known:
			return conflict("no_plan_assigned", "The client has no plan, so no pack can be offered to it.", "Assign a plan first.")
		case !terms.AddonPacks:
			return conflict("addon_packs_off", fmt.Sprintf("The plan %q does not allow add-on packs.", terms.Name), "Assign a plan with add-on packs on.")
		case terms.Currency != p.Currency:
			return InvalidField(field, "the pack %q is in %s, the plan in %s", p.Name, p.Currency.Code, terms.Currency.Code)
		case p.Archived && !contains(a.PackIDs, p.ID):
			return conflict("pack_archived", fmt.Sprintf("The pack %q is archived.", p.Name), "Unarchive it or leave it out.")
		}
		if !contains(ids, p.ID) {
			ids = append(ids, p.ID)
		}
	}
	if !sameIDs(ids, a.PackIDs) {
		a.record(at, PacksAssigned{PackIDs: ids})
	}
	return nil
}

// termsForPacks are the terms that decide about packs: the live subscription's, else the assigned plan's.
func (a *Account) termsForPacks(assigned *Plan) (Terms, bool) {
	switch {
	case a.Live():
		return a.Subscription.Terms, true
	case assigned != nil:
		return assigned.Terms, true
	}
	return Terms{}, false
}

// ApplyPack sells an assigned pack: the wallet is credited at once and in full, and the request for its price is
// issued, open or already paid. Rules 7.3.
func (a *Account) ApplyPack(p Pack, paid bool, externalPaymentID string, at time.Time) (ID, error) {
	s := a.Subscription
	switch {
	case !a.Live():
		return 0, conflict("no_live_subscription", "The client has no live subscription.", "Start one first.")
	case s.Status == Blocked:
		return 0, conflict("subscription_blocked", "The subscription is blocked.", "Cancel it and start anew before selling a pack.")
	case !s.Terms.AddonPacks:
		return 0, conflict("addon_packs_off", "The subscription's terms do not allow add-on packs.", "Change to a plan with add-on packs on.")
	case !contains(a.PackIDs, p.ID):
		return 0, conflict("pack_not_assigned", fmt.Sprintf("The pack %q is not assigned to the client.", p.Name), "Assign it to the client first.")
	case p.Currency != s.Terms.Currency:
		return 0, conflict("currency_mismatch", fmt.Sprintf("The pack is in %s, the subscription in %s.", p.Currency.Code, s.Terms.Currency.Code), "Assign a pack in the subscription's currency.")
	case a.Wallet > MaxMinutes-p.Minutes:
		return 0, conflict("wallet_full", "The wallet cannot hold that many minutes.", "")
	}
	zone, err := LoadZone("timezone", s.Zone)
	if err = firstError(err, checkText("external_payment_id", externalPaymentID, 0, 255)); err != nil {
		return 0, err
	}
	line := LineItem{
		Description: say("line.pack", "pack", p.Name, "minutes", Decimal(p.Minutes)).String(), Quantity: "1", Unit: "pack",
		UnitAmount: p.Currency.Format(p.Price), Amount: p.Price,
	}
	id := a.issue(Request{
		SubscriptionID: s.ID, Kind: PackSale, Currency: p.Currency, Lines: []LineItem{line}, Amount: p.Price,
		DueAt: AddDays(at, s.Terms.PaymentDueDays, zone), PackID: p.ID, PackMinutes: p.Minutes,
	}, at)
	a.record(at, WalletMoved{EntryID: a.mint(), Kind: PackCredited, Delta: p.Minutes, RequestID: id, PackID: p.ID})
	if paid && a.Request(id).Open() {
		a.changeRequest(a.Request(id), RequestUpdate{Status: Paid, ExternalPaymentID: &externalPaymentID}, at)
	}
	return id, a.settle(at)
}

// RequestPack is ApplyPack at the client's own wish, where the agency allows that: the minutes come at once, on credit,
// so nothing may be overdue. Rules 7.3.
func (a *Account) RequestPack(p Pack, at time.Time) (ID, error) {
	for _, r := range a.Requests {
		if r.Open() && !at.Before(r.DueAt) {
			return 0, conflict("payment_first", fmt.Sprintf("%s is overdue.", r.Label()), "Pay it before asking for more minutes.")
		}
	}
	return a.ApplyPack(p, false, "", at)
}

// AdjustWallet moves the wallet by hand, with a reason. Rules 7.5.
func (a *Account) AdjustWallet(delta Millis, reason string, at time.Time) error {
	switch {
	case delta == 0:
		return InvalidField("minutes", "must not be zero")
	case a.Wallet+delta < 0:
		return conflict("wallet_below_zero", fmt.Sprintf("The wallet holds %s minutes; it cannot go below zero.", a.Wallet.Minutes()), "Take away at most that.")
	case a.Wallet > MaxMinutes-delta:
		return conflict("wallet_full", "The wallet cannot hold that many minutes.", "")
	}
	if err := checkText("reason", reason, 1, 500); err != nil {
		return err
	}
	a.record(at, WalletMoved{EntryID: a.mint(), Kind: Adjustment, Delta: delta, Reason: reason})
	return a.settle(at)
}

func contains(ids []ID, id ID) bool {
	for _, each := range ids {
		if each == id {
			return true
		}
	}
	return false
}

func sameIDs(a, b []ID) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
