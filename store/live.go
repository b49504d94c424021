package store

import (
	"context"

	"minutebook/billing"
)

// Happening tells that something of a client changed: a fact's name, or usage.recorded.
type Happening struct {
	ID     billing.ID
	Client billing.ID
	Name   string
}

// Happenings lists what was committed in an agency with an id above after, oldest first, at most limit of each sort.
func Happenings(ctx context.Context, q Q, agency, after billing.ID, limit int) ([]Happening, error) {
	read := func(r Row, h *Happening) error { return r.Scan(&h.ID, &h.Client, &h.Name) }
	facts, err := Collect(read)(q.Query(ctx, `
		SELECT id, client_id, name
		FROM outbox
		WHERE agency_id = $1 AND id > $2
		ORDER BY id
		LIMIT $3`, agency, after, limit))
	if err != nil {
		return nil, err
	}
	calls, err := Collect(read)(q.Query(ctx, `
		SELECT id, client_id, 'usage.recorded'
		FROM usage_events
		WHERE agency_id = $1 AND id > $2
		ORDER BY id
		LIMIT $3`, agency, after, limit))
	return append(facts, calls...), err
}
