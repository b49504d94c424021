package store

import (
	"context"
	"time"

	"minutebook/billing"
)

// Unassigned is a reported call whose client nobody named yet.
type Unassigned struct {
	ID           billing.ID
	ConnectionID billing.ID
	Source       string
	EventID      string
	Event        string // JSON: the report but its client
	ClientTag    string // what the report named, and no client answers to
	AssistantID  string
	PhoneNumber  string
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

const unassignedColumns = `id, connection_id, source, event_id, event, client_tag, assistant_id, phone_number, created_at, updated_at`

func readUnassigned(r Row, u *Unassigned) error {
	return r.Scan(&u.ID, &u.ConnectionID, &u.Source, &u.EventID, &u.Event, &u.ClientTag, &u.AssistantID, &u.PhoneNumber, &u.CreatedAt, &u.UpdatedAt)
}

// PutUnassigned keeps a report without a client, or the newer report of one that
// waits already. It returns the id of the row that waits.
func PutUnassigned(ctx context.Context, q Q, agency billing.ID, u Unassigned) (id billing.ID, err error) {
	err = q.QueryRow(ctx, `INSERT INTO unassigned_events (agency_id, id, connection_id, source, event_id, event, client_tag, assistant_id, phone_number, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
		ON CONFLICT (agency_id, source, event_id) WHERE assigned_at IS NULL DO UPDATE SET connection_id = excluded.connection_id, event = excluded.event,
			client_tag = excluded.client_tag, assistant_id = excluded.assistant_id, phone_number = excluded.phone_number, updated_at = excluded.updated_at
		RETURNING id`,
		agency, u.ID, u.ConnectionID, u.Source, u.EventID, u.Event, u.ClientTag, u.AssistantID, u.PhoneNumber, u.CreatedAt).Scan(&id)
	return id, err
}

// UnassignedByID finds a report that still waits.
func UnassignedByID(ctx context.Context, q Q, agency, id billing.ID) (u Unassigned, err error) {
	err = readUnassigned(q.QueryRow(ctx, `SELECT `+unassignedColumns+` FROM unassigned_events
		WHERE agency_id = $1 AND id = $2 AND assigned_at IS NULL`, agency, id), &u)
	return u, err
}

// UnassignedEvents lists what waits for a client: of one connection, or with 0 of all.
func UnassignedEvents(ctx context.Context, q Q, agency, connection billing.ID, w Window) (Part[Unassigned], error) {
	l := List(unassignedColumns, "unassigned_events", "agency_id", "id", agency).Where("assigned_at IS NULL")
	WhereSet(l, "connection_id = ?", connection)
	return Read(ctx, q, l, w, readUnassigned)
}

// AssignedUnassigned closes a waiting report: it was metered as that event, or with 0 went on to the rejected ones.
func AssignedUnassigned(ctx context.Context, q Q, agency, id, usageEvent billing.ID, now time.Time) error {
	_, err := q.Exec(ctx, `UPDATE unassigned_events SET assigned_at = $3, usage_event_id = $4, updated_at = $3
		WHERE agency_id = $1 AND id = $2 AND assigned_at IS NULL`, agency, id, now, ref(usageEvent))
	return err
}

// CloseUnassigned closes the waiting report of an event that was metered by another way.
func CloseUnassigned(ctx context.Context, q Q, agency billing.ID, key UsageKey, usageEvent billing.ID, now time.Time) error {
	_, err := q.Exec(ctx, `UPDATE unassigned_events SET assigned_at = $4, usage_event_id = $5, updated_at = $4
		WHERE agency_id = $1 AND source = $2 AND event_id = $3 AND assigned_at IS NULL`, agency, key.Source, key.EventID, now, ref(usageEvent))
	return err
}

// Rejected is a refused usage event, kept so that it can be corrected and replayed.
type Rejected struct {
	Agency    billing.ID // of a new one
	ID        billing.ID
	Source    string
	EventID   string
	Body      string // JSON as it was sent
	Field     string
	Reason    string
	Tries     int64
	Actor     string
	CreatedAt time.Time
	UpdatedAt time.Time
}

const rejectedColumns = `id, source, event_id, body, field, reason, tries, actor, created_at, updated_at`

func readRejected(r Row, e *Rejected) error {
	return r.Scan(&e.ID, &e.Source, &e.EventID, &e.Body, &e.Field, &e.Reason, &e.Tries, &e.Actor, &e.CreatedAt, &e.UpdatedAt)
}

// PutRejected keeps refused events, or counts another try of those that stand in the list already.
func PutRejected(ctx context.Context, q Q, all []Rejected) error {
	if len(all) == 0 {
		return nil
	}
	m, err := manyOf(q)
	if err != nil {
		return err
	}
	statements := make([]statement, len(all))
	for i, e := range all {
		statements[i] = statement{
			`INSERT INTO rejected_events (agency_id, id, source, event_id, body, field, reason, tries, actor, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9, $9)
			ON CONFLICT (agency_id, source, event_id) WHERE replayed_at IS NULL AND event_id <> '' DO UPDATE SET body = excluded.body,
				field = excluded.field, reason = excluded.reason, tries = rejected_events.tries + 1, actor = excluded.actor, updated_at = excluded.updated_at`,
			[]any{e.Agency, e.ID, e.Source, e.EventID, e.Body, e.Field, e.Reason, e.Actor, e.CreatedAt},
		}
	}
	return m.write(ctx, nil, statements)
}

// RejectedByID finds a refused event that was not replayed yet.
func RejectedByID(ctx context.Context, q Q, agency, id billing.ID) (e Rejected, err error) {
	err = readRejected(q.QueryRow(ctx, `SELECT `+rejectedColumns+` FROM rejected_events
		WHERE agency_id = $1 AND id = $2 AND replayed_at IS NULL`, agency, id), &e)
	return e, err
}

// RejectedEvents lists what was refused and not replayed yet.
func RejectedEvents(ctx context.Context, q Q, agency billing.ID, w Window) (Part[Rejected], error) {
	l := List(rejectedColumns, "rejected_events", "agency_id", "id", agency).Where("replayed_at IS NULL")
	return Read(ctx, q, l, w, readRejected)
}

// RejectAgain counts a replay that was refused again.
func RejectAgain(ctx context.Context, q Q, agency, id billing.ID, field, reason string, now time.Time) error {
	_, err := q.Exec(ctx, `UPDATE rejected_events SET field = $3, reason = $4, tries = tries + 1, updated_at = $5
		WHERE agency_id = $1 AND id = $2 AND replayed_at IS NULL`, agency, id, field, reason, now)
	return err
}

// ReplayedRejected closes a refused event: corrected, it was metered as that event.
func ReplayedRejected(ctx context.Context, q Q, agency, id, usageEvent billing.ID, now time.Time) error {
	_, err := q.Exec(ctx, `UPDATE rejected_events SET replayed_at = $3, usage_event_id = $4, updated_at = $3
		WHERE agency_id = $1 AND id = $2 AND replayed_at IS NULL`, agency, id, now, ref(usageEvent))
	return err
}
