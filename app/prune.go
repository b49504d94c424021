package app

import (
	"context"
	"time"

	"minutebook/store"
)

// outboxLife is how long a fact waits in the outbox for a receiver that may never come. The fact itself stays for ever.
const outboxLife = 30 * 24 * time.Hour

// Prune drops what has outlived its use: ended sessions, old idempotency keys, facts in the outbox that nobody took.
// Nothing of the books is ever dropped. What is stale is looked for outside of transactions that write, and dropped
// little by little: on SQLite everybody waits for them.
func (a *App) Prune(ctx context.Context) error {
	if _, err := a.PruneLogins(ctx); err != nil {
		return err
	}
	now := a.wall()
	err := a.prune(ctx, func() (*store.Stale, error) { return store.StaleClaims(ctx, a.DB.Q(ctx), now) })
	if err != nil {
		return err
	}
	agencies, err := store.AgencyIDs(ctx, a.DB.Q(ctx))
	if err != nil {
		return err
	}
	for _, agency := range agencies {
		err := a.prune(ctx, func() (*store.Stale, error) {
			return store.StaleFacts(ctx, a.DB.Q(ctx), agency, now.Add(-outboxLife))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// prune drops what is found until nothing is.
func (a *App) prune(ctx context.Context, find func() (*store.Stale, error)) error {
	for {
		stale, err := find()
		if err != nil || stale == nil {
			return err
		}
		if err := a.DB.InTx(ctx, stale.Prune); err != nil {
			return err
		}
	}
}
