package app

import (
	"cmp"
	"context"
	"errors"
	"time"

	"minutebook/billing"
	"minutebook/store"
)

// UsageReport is an event as a door read it: what happened, to which client, and the words it came in.
type UsageReport struct {
	billing.UsageEvent
	ClientID         billing.ID
	ClientExternalID string
	Raw              []byte         // as it was sent, for the rejected list
	Problem          *billing.Error // what the door found wrong with its shape
}

// What became of a report.
const (
	UsageAccepted  = "accepted"
	UsageDuplicate = "duplicate"
	UsageConflict  = "conflict"
	UsageRejected  = "rejected"
)

// UsageResult is what became of one report of a batch.
type UsageResult struct {
	Result  string
	EventID string
	ID      billing.ID
	Error   *billing.Error
	Known   *store.UsageRow // what is stored now: accepted, seen before, or in conflict
}

// RecordUsage meters a batch of reports and answers each by itself: a bad one never fails its neighbours, and is kept
// in the rejected list. It shares transactions with other callers' batches; on PostgreSQL its clients may be parted over
// two. When only one of these was kept the error is one of which Uncertain is true. Rules 5.1 to 5.7.
func (a *App) RecordUsage(ctx context.Context, who Actor, reports []UsageReport) (results []UsageResult, err error) {
	if who.Kind != ByProvider {
		if err := needs(who, ScopeUsageWrite); err != nil {
			return nil, err
		}
	}
	if a.DB.Carries(ctx) { // the caller's own transaction: its effect is kept or undone with the rest of it
		p := &post{ctx: ctx, who: who, reports: pointed(reports)}
		err := a.record(ctx, []*post{p}, nil)
		return p.results, err
	}
	return a.together(ctx, who, reports)
}

// VoidUsage takes an event back. Rules 5.8.
func (a *App) VoidUsage(ctx context.Context, who Actor, event billing.ID, reason string) error {
	return a.changeUsage(ctx, who, event, act{command: "usage.void", reason: reason, reads: true}, func(u store.UsageRow, acc *billing.Account, history billing.History, now time.Time) error {
		return acc.Void(u.RecordedUsage, history, reason, now)
	})
}

// CorrectUsage brings an event to the talk time of a later report of the same call; the same talk time changes
// nothing. Rules 5.9.
func (a *App) CorrectUsage(ctx context.Context, who Actor, event billing.ID, talk billing.Millis, reason string) error {
	return a.changeUsage(ctx, who, event, act{command: "usage.correct", reason: reason, reads: true}, func(u store.UsageRow, acc *billing.Account, history billing.History, now time.Time) error {
		if u.Event.Talk == talk || u.Status == billing.VoidUsage {
			return nil
		}
		changed := u.Event
		changed.Talk = talk
		if err := changed.Check(now); err != nil {
			return err
		}
		return acc.Correct(u.RecordedUsage, talk, history, reason, now)
	})
}

type usageRule func(u store.UsageRow, acc *billing.Account, history billing.History, now time.Time) error

// changeUsage changes the client of an event by a rule that corrects it.
func (a *App) changeUsage(ctx context.Context, who Actor, event billing.ID, act act, rule usageRule) error {
	u, err := a.UsageEvent(ctx, who, event)
	if err != nil {
		return err
	}
	if u.Archived {
		return cmp.Or(act.permits(who, u.Client), refuseArchived(who.Agency, u))
	}
	return a.changeWith(ctx, who, u.Client, act, func(ctx context.Context, q store.Q, acc *billing.Account, now time.Time) error {
		held, err := store.UsageByID(ctx, q, who.Agency, event) // again, now that the account is held
		if errors.Is(err, store.ErrMissing) {
			return refuseArchived(who.Agency, u)
		}
		if err != nil {
			return err
		}
		u = held
		history, err := a.history(ctx, q, who.Agency, u)
		if err != nil {
			return err
		}
		return rule(u, acc, history, now)
	})
}

// history reads the closed periods an event was drawn from.
func (a *App) history(ctx context.Context, q store.Q, agency billing.ID, u store.UsageRow) (billing.History, error) {
	type period struct {
		subscription billing.ID
		index        int
	}
	closed := map[period]billing.ClosedPeriod{}
	for _, part := range u.Parts {
		p, err := store.LoadClosedPeriod(ctx, q, agency, part.SubscriptionID, part.PeriodIndex)
		if err != nil {
			return nil, err
		}
		closed[period{part.SubscriptionID, part.PeriodIndex}] = p
	}
	return func(subscription billing.ID, index int) billing.ClosedPeriod {
		return closed[period{subscription, index}]
	}, nil
}

// UsageEvent reads one event, from its file if it is archived.
func (a *App) UsageEvent(ctx context.Context, who Actor, id billing.ID) (store.UsageRow, error) {
	u, err := store.UsageByID(ctx, a.DB.Q(ctx), who.Agency, id)
	if errors.Is(err, store.ErrMissing) {
		u, err = a.archivedEvent(ctx, who, id)
	}
	if errors.Is(err, store.ErrMissing) || (err == nil && hidden(who, u.Client)) {
		return store.UsageRow{}, notFound("usage event")
	}
	return u, err
}
