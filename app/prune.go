package app

import (
	"context"

	"minutebook/store"
)

// Prune forgets what nobody may use any more: sessions that are over, and the answers under Idempotency-Keys older
// than 30 days. It answers how many rows are gone.
func (a *App) Prune(ctx context.Context) (gone int64, err error) {
	now := a.wall()
	err = a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		sessions, err := store.PruneSessions(ctx, q, now, now.Add(-SessionIdle))
		if err != nil {
			return err
		}
		answers, err := store.PruneClaims(ctx, q, now)
		gone = sessions + answers
		return err
	})
	return gone, err
}
