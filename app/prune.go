package app

import (
	"context"
	"time"

	"minutebook/store"
)

// outboxLife is how long a fact waits in the outbox for a receiver that may never come. The fact itself stays for ever.
const outboxLife = 30 * 24 * time.Hour

// Prune drops what has outlived its use: ended sessions, old idempotency keys, facts in the outbox that nobody took.
// Nothing of the books is ever dropped.
func (a *App) Prune(ctx context.Context) error {
	now := a.wall()
	return a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		if _, err := store.PruneSessions(ctx, q, now, now.Add(-SessionIdle)); err != nil {
			return err
		}
		if _, err := store.PruneClaims(ctx, q, now); err != nil {
			return err
		}
		return store.PruneOutbox(ctx, q, now.Add(-outboxLife))
	})
}
