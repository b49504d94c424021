package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"minutebook/billing"
	"minutebook/store"
)

// rule is what a use case lets happen to an account at now.
type rule func(acc *billing.Account, now time.Time) error

// act is a change in words: by which command it happens and why.
type act struct {
	command  string
	reason   string
	requests []billing.ID // closed payment requests the rule names
	portal   bool         // the client itself may do it
	reads    bool         // the rule reads from the store what time may have changed
}

// permits refuses who may not act on the client: another client's people do not see it, its own need leave.
func (act act) permits(who Actor, client billing.ID) error {
	switch {
	case hidden(who, client):
		return notFound("client")
	case who.Kind == ByProvider, who.Kind == ByPortal && act.portal:
		return nil
	}
	return needs(who, ScopeWrite)
}

// slice bounds how many instants are carried out in one transaction, so that a long sleep is caught up piecewise.
const slice = 200

// change is the only way a client's state is written: the account is held, brought forward to now, changed by the
// rule and saved with its facts, or nothing happens.
func (a *App) change(ctx context.Context, who Actor, client billing.ID, act act, rule rule) error {
	return a.changeWith(ctx, who, client, act, func(_ context.Context, _ store.Q, acc *billing.Account, now time.Time) error {
		return rule(acc, now)
	})
}

// ruleWith is a rule that needs to read more than the account, in the same transaction.
type ruleWith func(ctx context.Context, q store.Q, acc *billing.Account, now time.Time) error

// changeWith is change for such a rule.
func (a *App) changeWith(ctx context.Context, who Actor, client billing.ID, act act, rule ruleWith) error {
	if err := act.permits(who, client); err != nil {
		return err
	}
	for done := false; !done; {
		err := a.DB.InTx(ctx, func(ctx context.Context, q store.Q) (err error) {
			done, err = a.changeHeld(ctx, q, who, client, act, func(acc *billing.Account, now time.Time) error {
				return rule(ctx, q, acc, now)
			})
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// changeHeld is change within a transaction. The clock is read only when the account is held: who held it before us may
// have written it at a later instant than the one at which we began to wait, and its time does not run backwards. It
// answers false when a long sleep is not yet caught up: then the rule has not run and the caller comes again.
func (a *App) changeHeld(ctx context.Context, q store.Q, who Actor, client billing.ID, act act, rule rule) (done bool, err error) {
	acc, err := a.load(ctx, q, who.Agency, client, act.requests...)
	if err != nil {
		return false, err
	}
	now, err := a.nowOf(ctx, acc)
	if err != nil {
		return false, err
	}
	if done, err = acc.Advance(now, slice); err != nil {
		return false, err
	}
	if done && act.reads && len(acc.Fresh()) > 0 {
		if acc, err = a.written(ctx, q, who, act, acc, now); err != nil {
			return false, err
		}
	}
	due := len(acc.Fresh()) // what time did, before the actor's own act
	if done && rule != nil {
		if err := rule(acc, now); err != nil {
			return false, err
		}
		if err := settleNow(acc, now); err != nil {
			return false, err
		}
	}
	return done, a.save(ctx, q, who, act, acc, due, now)
}

// written writes what time did and holds the account anew, so that the store has it when a rule reads there.
func (a *App) written(ctx context.Context, q store.Q, who Actor, act act, acc *billing.Account, now time.Time) (*billing.Account, error) {
	if err := a.save(ctx, q, who, act, acc, len(acc.Fresh()), now); err != nil {
		return nil, err
	}
	return a.load(ctx, q, who.Agency, acc.Client, act.requests...)
}

// nowOf is now for an account that is held: never before it was last written, should that have been by a server whose
// clock is ahead of ours.
func (a *App) nowOf(ctx context.Context, acc *billing.Account) (time.Time, error) {
	now, err := a.Now(ctx, acc.Agency)
	if now.Before(acc.Written) {
		now = acc.Written
	}
	return now, err
}

// settleNow carries out what the rule itself made due, such as a request that is due on the day of its issue.
func settleNow(acc *billing.Account, now time.Time) error {
	done, err := acc.Advance(now, slice)
	if err == nil && !done {
		err = errors.New("a rule made more come due than one transaction may carry out")
	}
	return err
}

func (a *App) load(ctx context.Context, q store.Q, agency, client billing.ID, requests ...billing.ID) (*billing.Account, error) {
	accounts, err := a.loadAll(ctx, q, []store.Named{{Agency: agency, Client: client, Requests: requests}})
	if err != nil {
		return nil, err
	}
	return accounts[0], nil
}

// loadAll loads and holds many accounts at once, in the order they are named in. It refuses when one is missing.
func (a *App) loadAll(ctx context.Context, q store.Q, named []store.Named) ([]*billing.Account, error) {
	accounts, err := store.LoadAccounts(ctx, q, a.DB.ForUpdate(), named)
	if err != nil {
		return nil, err
	}
	for _, acc := range accounts {
		if acc == nil {
			return nil, notFound("client")
		}
		acc.With(a.Mint)
	}
	return accounts, nil
}

// save writes the account and its new facts. The first of them happened by themselves and are signed by time.
func (a *App) save(ctx context.Context, q store.Q, who Actor, act act, acc *billing.Account, due int, now time.Time) error {
	if err := a.saveAll(ctx, q, []store.Saving{a.saving(who, act, acc, due, now)}); err != nil {
		return err
	}
	a.DB.AfterCommit(ctx, func(context.Context) { a.shelf.drop([]*billing.Account{acc}) })
	if own := acc.Fresh()[due:]; len(own) > 0 {
		hear(ctx, acc, own)
		return a.audit(ctx, q, who, now, act.command, "client:"+acc.Client.String(), acc.Client, act.reason, own[0].Before, own[len(own)-1].After)
	}
	return nil
}

// saving is a changed account with everything its new facts are signed with: the first of them happened by themselves.
func (a *App) saving(who Actor, act act, acc *billing.Account, due int, now time.Time) store.Saving {
	return store.Saving{
		Account: acc, Due: due, Mint: a.Mint, RecordedAt: now, Actor: who.String(), Command: act.command, Reason: act.reason,
		System: system(who.Agency).String(),
	}
}

// saveAll writes many accounts at once, but those to which nothing happened.
func (a *App) saveAll(ctx context.Context, q store.Q, all []store.Saving) error {
	all = slices.DeleteFunc(all, func(s store.Saving) bool { return len(s.Account.Fresh()) == 0 })
	if len(all) == 0 {
		return nil
	}
	return store.SaveAccounts(ctx, q, all)
}

// recordingUsage is the one command without an audit line: every event is its own record.
const recordingUsage = "usage.record"
