package store

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"minutebook/billing"
)

// SourceDay counts an agency's events of one source on one day, that of each by the calendar of its client's zone, as they
// stand now.
type SourceDay struct {
	Source                  string
	Day                     billing.Date
	Events, Unrated, Voided int64
	FirstID, LastID         billing.ID // where they lie among the agency's
}

// sourceDays collects what a transaction adds to the counts of sources by day.
type sourceDays map[sourceDate]*SourceDay

type sourceDate struct {
	agency billing.ID
	source string
	day    billing.Date
}

func (d sourceDays) of(agency billing.ID, source string, day billing.Date) *SourceDay {
	key := sourceDate{agency, source, day}
	s := d[key]
	if s == nil {
		s = &SourceDay{Source: source, Day: day, FirstID: math.MaxInt64, LastID: math.MinInt64}
		d[key] = s
	}
	return s
}

// recorded adds a new event.
func (d sourceDays) recorded(agency billing.ID, day billing.Date, f *billing.UsageRecorded) {
	s := d.of(agency, f.Event.Source, day)
	s.Events++
	if f.Status == billing.Unrated {
		s.Unrated++
	}
	s.FirstID, s.LastID = min(s.FirstID, f.ID), max(s.LastID, f.ID)
}

// corrected adds what a correction changes; most change a length, which is not counted here.
func (d sourceDays) corrected(agency billing.ID, source string, day billing.Date, change billing.Tally) {
	if change.Unrated != 0 || change.Voided != 0 {
		s := d.of(agency, source, day)
		s.Unrated, s.Voided = s.Unrated+change.Unrated, s.Voided+change.Voided
	}
}

// inOrder are the days in the order in which every transaction takes their rows.
func (d sourceDays) inOrder() []newSourceDay {
	all := make([]newSourceDay, 0, len(d))
	for key, s := range d {
		all = append(all, newSourceDay{key.agency, s})
	}
	slices.SortFunc(all, func(a, b newSourceDay) int {
		return cmp.Or(cmp.Compare(a.agency, b.agency), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Day, b.Day))
	})
	return all
}

const (
	growSourceDay = `ON CONFLICT (agency_id, source, day, shard) DO UPDATE SET events = source_days.events + excluded.events,
		unrated = source_days.unrated + excluded.unrated, voided = source_days.voided + excluded.voided,
		first_id = CASE WHEN source_days.first_id < excluded.first_id THEN source_days.first_id ELSE excluded.first_id END,
		last_id = CASE WHEN source_days.last_id > excluded.last_id THEN source_days.last_id ELSE excluded.last_id END`
	intoSourceDays = `INSERT INTO source_days (agency_id, source, day, events, unrated, voided, first_id, last_id, shard) `
)

// sourceDaysTable adds to the days of sources; who adds to which rows is as in agencyDaysTable.
var sourceDaysTable = statementOver("agency_id source:text day events unrated voided first_id last_id",
	intoSourceDays+`VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0) `+growSourceDay,
	intoSourceDays+`SELECT new.*, pg_backend_pid() % 8 FROM {rows} `+growSourceDay)

// newSourceDay is what is added to a source's day.
type newSourceDay struct {
	agency billing.ID
	*SourceDay
}

func (d *newSourceDay) into(c cells) {
	putID(c, d.agency)
	c.text(d.Source)
	for _, n := range [...]int64{int64(d.Day), d.Events, d.Unrated, d.Voided, int64(d.FirstID), int64(d.LastID)} {
		c.num(n)
	}
}

// SourceDays reads the counts of an agency's sources by day.
func SourceDays(ctx context.Context, q Q, agency billing.ID) ([]SourceDay, error) {
	return countedDays(ctx, q, `SELECT source, day, events, unrated, voided, first_id, last_id FROM source_days WHERE agency_id = $1`, agency)
}

// daysOfSource reads those of one source, from one day to another, both included.
func daysOfSource(ctx context.Context, q Q, agency billing.ID, source string, among dates) ([]SourceDay, error) {
	return countedDays(ctx, q, `
		SELECT source, day, events, unrated, voided, first_id, last_id
		FROM source_days
		WHERE agency_id = $1 AND source = $2 AND day >= $3 AND day <= $4`, agency, source, among.first, among.last)
}

// CountSourceDays is what they must be by the agency's events, stored and archived.
func CountSourceDays(ctx context.Context, q Q, agency billing.ID) ([]SourceDay, error) {
	return countedDays(ctx, q, `
		SELECT e.source, e.day, COUNT(*) AS events, SUM(CASE WHEN e.status = 'UNRATED' AND v.usage_event_id IS NULL THEN 1 ELSE 0 END) AS unrated,
		       COUNT(v.usage_event_id) AS voided, MIN(e.id) AS first_id, MAX(e.id) AS last_id
		FROM usage_events e LEFT JOIN usage_corrections v ON v.agency_id = e.agency_id AND v.usage_event_id = e.id AND v.void
		WHERE e.agency_id = $1
		GROUP BY e.source, e.day
		UNION ALL
		SELECT source, day, COUNT(*), SUM(CASE WHEN status = 'UNRATED' THEN 1 ELSE 0 END), 0, MIN(id), MAX(id)
		FROM usage_archived
		WHERE agency_id = $1
		GROUP BY source, day`, agency)
}

// countedDays adds rows up by source and day.
func countedDays(ctx context.Context, q Q, rows string, args ...any) ([]SourceDay, error) {
	days, err := Collect(func(r Row, d *SourceDay) error {
		return r.Scan(&d.Source, &d.Day, &d.Events, &d.Unrated, &d.Voided, &d.FirstID, &d.LastID)
	})(q.Query(ctx, `
		SELECT source, day, CAST(SUM(events) AS BIGINT), CAST(SUM(unrated) AS BIGINT), CAST(SUM(voided) AS BIGINT), MIN(first_id), MAX(last_id)
		FROM (`+rows+`) AS counted
		GROUP BY source, day
		ORDER BY source, day`, args...))
	if err != nil {
		return nil, fmt.Errorf("counting events by source and day: %w", err)
	}
	return days, nil
}

// sourcesOf lists the sources that an agency has events of, as many as are asked for. One look at the index finds the next.
func sourcesOf(ctx context.Context, q Q, agency billing.ID, most int) ([]string, error) {
	return Collect(func(r Row, source *string) error { return r.Scan(source) })(q.Query(ctx, `
		WITH RECURSIVE known (source) AS (
		     SELECT MIN(source) FROM source_days WHERE agency_id = $1
		     UNION ALL
		     SELECT (SELECT MIN(d.source) FROM source_days d WHERE d.agency_id = $1 AND d.source > known.source) FROM known WHERE known.source IS NOT NULL)
		SELECT source FROM known WHERE source IS NOT NULL LIMIT $2`, agency, most))
}
