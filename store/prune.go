package store

import (
	"context"
	"fmt"
	"time"

	"minutebook/billing"
)

// pruneAtOnce is how many rows go in one transaction: calls wait for it. It stands in the statements, as PostgreSQL takes
// an argument for a tenth of the table.
const pruneAtOnce = "500"

// Stale is a part of a table that has outlived its use.
type Stale struct {
	table, where string
	args         []any
}

// StaleClaims are the oldest of the remembered answers that are older than ClaimKept; nil if there are none.
func StaleClaims(ctx context.Context, q Q, now time.Time) (*Stale, error) {
	var last time.Time
	err := q.QueryRow(ctx, `
		SELECT MAX(claimed_at)
		FROM (SELECT claimed_at FROM idempotency_keys WHERE claimed_at < $1 ORDER BY claimed_at LIMIT `+pruneAtOnce+`) AS oldest`, now.Add(-ClaimKept)).Scan(&last)
	if err != nil || last.IsZero() {
		return nil, err
	}
	return &Stale{"idempotency_keys", "claimed_at <= $1", []any{last}}, nil
}

// StaleFacts are the oldest facts in an agency's outbox that were put there before an instant; nil if there are none. They
// stay in the books. Only the oldest are looked at, by their ids: to look for them among all held up every call for as long.
func StaleFacts(ctx context.Context, q Q, agency billing.ID, before time.Time) (*Stale, error) {
	var last billing.ID
	err := q.QueryRow(ctx, `
		SELECT COALESCE(MAX(id), 0)
		FROM (SELECT id, recorded_at FROM outbox WHERE agency_id = $1 ORDER BY id LIMIT `+pruneAtOnce+`) AS oldest
		WHERE recorded_at < $2`, agency, before).Scan(&last)
	if err != nil || last == 0 {
		return nil, err
	}
	return &Stale{"outbox", "agency_id = $1 AND id <= $2 AND recorded_at < $3", []any{agency, last, before}}, nil
}

// Prune drops what is stale.
func (s *Stale) Prune(ctx context.Context, q Q) error {
	if _, err := q.Exec(ctx, `DELETE FROM `+s.table+` WHERE `+s.where, s.args...); err != nil {
		return fmt.Errorf("dropping what is old in %s: %w", s.table, err)
	}
	return nil
}
