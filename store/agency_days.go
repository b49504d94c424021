package store

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"minutebook/billing"
)

// AgencyDay is an agency's usage on one day: of the calls that ended on it, each by the calendar of its client's zone, as
// they stand now.
type AgencyDay struct {
	Day billing.Date
	billing.Tally
	FirstID, LastID billing.ID // where its events lie among the agency's
}

// agencyDays collects what a transaction adds to the sums of agencies by day.
type agencyDays map[agencyDate]*AgencyDay

type agencyDate struct {
	agency billing.ID
	day    billing.Date
}

// add adds what is added to a client's day.
func (d agencyDays) add(agency billing.ID, day billing.Date, a *daySum) {
	key := agencyDate{agency, day}
	sum := d[key]
	if sum == nil {
		sum = &AgencyDay{Day: day, FirstID: math.MaxInt64, LastID: math.MinInt64}
		d[key] = sum
	}
	sum.Tally = sum.Tally.Plus(a.Tally)
	if a.fresh {
		sum.FirstID, sum.LastID = min(sum.FirstID, a.FirstID), max(sum.LastID, a.LastID)
	}
}

// inOrder are the days in the order in which every transaction takes their rows.
func (d agencyDays) inOrder() []newAgencyDay {
	all := make([]newAgencyDay, 0, len(d))
	for key, sum := range d {
		all = append(all, newAgencyDay{key.agency, sum})
	}
	slices.SortFunc(all, func(a, b newAgencyDay) int { return cmp.Or(cmp.Compare(a.agency, b.agency), cmp.Compare(a.Day, b.Day)) })
	return all
}

const (
	agencyDayColumns = `agency_id day events unrated voided calls chats raw_ms billed_ms included_ms wallet_ms billable_ms uncovered_ms first_id last_id`
	growAgencyDay    = `ON CONFLICT (agency_id, day, shard) DO UPDATE SET events = agency_days.events + excluded.events,
		unrated = agency_days.unrated + excluded.unrated, voided = agency_days.voided + excluded.voided, calls = agency_days.calls + excluded.calls,
		chats = agency_days.chats + excluded.chats, raw_ms = agency_days.raw_ms + excluded.raw_ms, billed_ms = agency_days.billed_ms + excluded.billed_ms,
		included_ms = agency_days.included_ms + excluded.included_ms, wallet_ms = agency_days.wallet_ms + excluded.wallet_ms,
		billable_ms = agency_days.billable_ms + excluded.billable_ms, uncovered_ms = agency_days.uncovered_ms + excluded.uncovered_ms,
		first_id = CASE WHEN agency_days.first_id < excluded.first_id THEN agency_days.first_id ELSE excluded.first_id END,
		last_id = CASE WHEN agency_days.last_id > excluded.last_id THEN agency_days.last_id ELSE excluded.last_id END`
	intoAgencyDays = `INSERT INTO agency_days (agency_id, day, events, unrated, voided, calls, chats, raw_ms, billed_ms, included_ms, wallet_ms, billable_ms,
		uncovered_ms, first_id, last_id, shard) `
)

// agencyDaysTable adds to an agency's days. On PostgreSQL, where transactions run side by side, each adds to the rows of its
// connection's shard; those of two connections are seldom the same. SQLite has one writer.
var agencyDaysTable = statementOver(agencyDayColumns,
	intoAgencyDays+`VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0) `+growAgencyDay,
	intoAgencyDays+`SELECT new.*, pg_backend_pid() % 8 FROM {rows} `+growAgencyDay)

// newAgencyDay is what is added to an agency's day.
type newAgencyDay struct {
	agency billing.ID
	*AgencyDay
}

func (d *newAgencyDay) into(c cells) {
	putID(c, d.agency)
	c.num(int64(d.Day))
	putTally(c, &d.Tally)
	putID(c, d.FirstID)
	putID(c, d.LastID)
}

// AgencyDays reads an agency's usage by day, from one day to another, both included. Days without usage have no row.
func AgencyDays(ctx context.Context, q Q, agency billing.ID, from, to billing.Date) ([]AgencyDay, error) {
	return sumsByDay(ctx, q, "agency_days", agency, from, to)
}

// SumAgencyDays is what the agency's days must be by those of its clients.
func SumAgencyDays(ctx context.Context, q Q, agency billing.ID) ([]AgencyDay, error) {
	return sumsByDay(ctx, q, "usage_days", agency, 0, math.MaxInt32)
}

func sumsByDay(ctx context.Context, q Q, table string, agency billing.ID, from, to billing.Date) ([]AgencyDay, error) {
	sums, err := Collect(func(r Row, d *AgencyDay) error {
		return r.Scan(append(append([]any{&d.Day}, tallied(&d.Tally)...), &d.FirstID, &d.LastID)...)
	})(q.Query(ctx, `
		SELECT day, `+sumOfTally+`, MIN(first_id), MAX(last_id)
		FROM `+table+`
		WHERE agency_id = $1 AND day >= $2 AND day <= $3
		GROUP BY day
		ORDER BY day`, agency, from, to))
	if err != nil {
		return nil, fmt.Errorf("summing %s: %w", table, err)
	}
	return sums, nil
}
