package store

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"minutebook/billing"
)

// DueClient is a client for whom something has come due.
type DueClient struct {
	Agency billing.ID
	Client billing.ID
	Due    time.Time
}

// place is where a client stands among those that are due, as a position to go on from.
func (d DueClient) place() int64 {
	if d.Due.IsZero() {
		return math.MinInt64
	}
	return d.Due.UnixMicro()
}

// DueClients finds clients for whom something has come due by now, the longest due first, from behind the one that
// was seen last: those of production agencies by the real now, those of sandboxes by their own clock.
func DueClients(ctx context.Context, q Q, now time.Time, last DueClient, limit int) ([]DueClient, error) {
	live, err := Collect(readDue)(q.Query(ctx, `
		SELECT agency_id, client_id, next_due
		FROM accounts
		WHERE NOT sandbox AND next_due <= $1 AND next_due >= $2 AND (next_due > $2 OR client_id > $3)
		ORDER BY next_due, client_id
		LIMIT $4`, now, last.place(), last.Client, limit))
	if err != nil {
		return nil, fmt.Errorf("looking for what has come due: %w", err)
	}
	tests, err := Collect(readDue)(q.Query(ctx, `
		SELECT a.agency_id, a.client_id, a.next_due
		FROM agencies g JOIN accounts a ON a.agency_id = g.id
		WHERE g.test_clock IS NOT NULL AND a.sandbox AND a.next_due <= g.test_clock AND a.next_due >= $1 AND (a.next_due > $1 OR a.client_id > $2)
		ORDER BY a.next_due, a.client_id
		LIMIT $3`, last.place(), last.Client, limit))
	if err != nil {
		return nil, fmt.Errorf("looking for what has come due in sandboxes: %w", err)
	}
	all := append(live, tests...)
	slices.SortFunc(all, func(a, b DueClient) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Client, b.Client)) })
	return all[:min(len(all), limit)], nil
}

// DueInSandbox finds those of one sandbox by a given now.
func DueInSandbox(ctx context.Context, q Q, agency billing.ID, now time.Time, limit int) ([]DueClient, error) {
	due, err := Collect(readDue)(q.Query(ctx, `
		SELECT agency_id, client_id, next_due
		FROM accounts
		WHERE agency_id = $1 AND sandbox AND next_due <= $2
		ORDER BY next_due, client_id
		LIMIT $3`, agency, now, limit))
	if err != nil {
		return nil, fmt.Errorf("looking for what has come due in a sandbox: %w", err)
	}
	return due, nil
}

func readDue(r Row, d *DueClient) error { return r.Scan(&d.Agency, &d.Client, &d.Due) }
