package store

import (
	"context"
	"fmt"
	"math"

	"minutebook/billing"
)

// stretch is what the sums by day know of a list: where its events lie, how many there are of days that are in it as a
// whole, and whether there are days that are in it in part.
type stretch struct {
	firstID, lastID, firstSeq, lastSeq int64
	inWhole, inPart                    int64
	cut                                []SourceDay // those in part, of a list of one source
	days                               int64       // on which such a list has events
}

// sparse says that a list of one source has so few events that each of its days is better looked at by itself than all
// events walked along.
func (s stretch) sparse() bool { return s.days > 0 && s.inWhole+s.inPart <= 2*s.days }

// with is both together. A stretch without events has no last one.
func (s stretch) with(t stretch) stretch {
	switch {
	case t.lastID == 0:
		return s
	case s.lastID == 0:
		return t
	}
	return stretch{
		min(s.firstID, t.firstID), max(s.lastID, t.lastID), min(s.firstSeq, t.firstSeq), max(s.lastSeq, t.lastSeq),
		s.inWhole + t.inWhole, s.inPart + t.inPart, append(s.cut, t.cut...), s.days + t.days,
	}
}

// dates are days, from one to another, both included.
type dates struct{ first, last billing.Date }

func (d dates) any() bool { return d.first <= d.last }

// days are those that the list touches: those at its ends, where each client's day is looked at, and those between, which
// are in it as a whole whatever the client. Whatever the zone, a day begins and ends less than a day away from where it
// does in UTC. The days of one client are all looked at.
func (f UsageFilter) days() (ends []dates, between dates) {
	all := dates{0, math.MaxInt32}
	between = all
	if !f.From.IsZero() {
		all.first = billing.DateOf(f.From.UTC()).Plus(-1)
		between.first = all.first.Plus(3)
	}
	if !f.To.IsZero() {
		all.last = billing.DateOf(f.To.UTC()).Plus(1)
		between.last = all.last.Plus(-3)
	}
	if f.Client != 0 || !between.any() {
		return []dates{all}, dates{1, 0}
	}
	if all.first < between.first {
		ends = append(ends, dates{all.first, between.first.Plus(-1)})
	}
	if between.last < all.last {
		ends = append(ends, dates{between.last.Plus(1), all.last})
	}
	return ends, between
}

// among are conditions on usage_days d: days that the list touches.
func (f UsageFilter) among(agency billing.ID, days dates) (where string, args []any) {
	from, to := f.instants()
	where, args = "d.agency_id = $1 AND d.day >= $2 AND d.day <= $3 AND "+isTouched, []any{agency, days.first, days.last, from, to}
	if f.Client != 0 {
		where, args = where+" AND d.client_id = $6", append(args, f.Client)
	}
	return where, args
}

const (
	isTouched = "d.last_ended >= $4 AND d.first_ended < $5"
	inWhole   = "d.first_ended >= $4 AND d.last_ended < $5"
)

// instants are From and To in microseconds, the least and the greatest where they are open.
func (f UsageFilter) instants() (from, to int64) {
	from, to = math.MinInt64, math.MaxInt64
	if !f.From.IsZero() {
		from = f.From.UnixMicro()
	}
	if !f.To.IsZero() {
		to = f.To.UnixMicro()
	}
	return from, to
}

func (f UsageFilter) stretch(ctx context.Context, q Q, agency billing.ID) (s stretch, err error) {
	if f.whole() {
		return s, nil
	}
	ends, between := f.days()
	if f.Source != "" && f.Client == 0 {
		return f.ofSource(ctx, q, agency, ends, between)
	}
	if between.any() {
		if s, err = f.between(ctx, q, agency, between); err != nil {
			return s, err
		}
	}
	for _, days := range ends {
		where, args := f.among(agency, days)
		var end stretch
		err := q.QueryRow(ctx, `
			SELECT MIN(d.first_id), MAX(d.last_id), MIN(d.first_seq), MAX(d.last_seq),
			       CAST(SUM(CASE WHEN `+inWhole+` THEN `+f.counting()+` ELSE 0 END) AS BIGINT), CAST(SUM(CASE WHEN `+inWhole+` THEN 0 ELSE 1 END) AS BIGINT)
			FROM usage_days d
			WHERE `+where+` AND `+f.counting()+` > 0`, args...).Scan(&end.firstID, &end.lastID, &end.firstSeq, &end.lastSeq, &end.inWhole, &end.inPart)
		if err != nil {
			return s, fmt.Errorf("finding where usage events lie: %w", err)
		}
		s = s.with(end)
	}
	return s, nil
}

// between is what the agency's own sums know of days that are in the list as a whole.
func (f UsageFilter) between(ctx context.Context, q Q, agency billing.ID, days dates) (s stretch, err error) {
	sums, err := AgencyDays(ctx, q, agency, days.first, days.last)
	for _, d := range sums {
		if n := f.counted(d.Tally); n > 0 {
			s = s.with(stretch{firstID: int64(d.FirstID), lastID: int64(d.LastID), inWhole: n})
		}
	}
	return s, err
}

// ofSource is what is known of a list of one source. Which of its events on a day at the list's ends are in it, the counts of
// the source tell where all clients' days lie on the same side.
func (f UsageFilter) ofSource(ctx context.Context, q Q, agency billing.ID, ends []dates, between dates) (s stretch, err error) {
	if between.any() {
		ends = append(ends, between)
	}
	for _, among := range ends {
		days, err := daysOfSource(ctx, q, agency, f.Source, among)
		if err != nil {
			return s, err
		}
		lies := map[billing.Date]lying{}
		if among != between && len(days) > 0 {
			if lies, err = f.lying(ctx, q, agency, among); err != nil {
				return s, err
			}
		}
		for _, d := range days {
			n := f.counted(billing.Tally{Events: d.Events, Unrated: d.Unrated, Voided: d.Voided})
			there := stretch{firstID: int64(d.FirstID), lastID: int64(d.LastID), days: 1}
			switch lie, atEnd := lies[d.Day]; {
			case n == 0 || atEnd && lie.touched == 0:
				continue
			case !atEnd || lie.whole == lie.all:
				there.inWhole = n
			default:
				there.inPart, there.cut = n, []SourceDay{d}
			}
			s = s.with(there)
		}
	}
	return s, nil
}

// lying counts the clients who have a day, those whose day is in a list as a whole, and those whose day it touches.
type lying struct{ all, whole, touched int64 }

func (f UsageFilter) lying(ctx context.Context, q Q, agency billing.ID, days dates) (map[billing.Date]lying, error) {
	lies := map[billing.Date]lying{}
	from, to := f.instants()
	err := readAll(func(r Row) error {
		var day billing.Date
		var l lying
		err := r.Scan(&day, &l.all, &l.whole, &l.touched)
		lies[day] = l
		return err
	})(q.Query(ctx, `
		SELECT d.day, COUNT(*), CAST(SUM(CASE WHEN `+inWhole+` THEN 1 ELSE 0 END) AS BIGINT),
		       CAST(SUM(CASE WHEN `+isTouched+` THEN 1 ELSE 0 END) AS BIGINT)
		FROM usage_days d
		WHERE d.agency_id = $1 AND d.day >= $2 AND d.day <= $3
		GROUP BY d.day`, agency, days.first, days.last, from, to))
	if err != nil {
		return nil, fmt.Errorf("finding which days of clients are in a list: %w", err)
	}
	return lies, nil
}

// counting is the column of usage_days that counts events of a status.
func (f UsageFilter) counting() string {
	switch f.Status {
	case billing.Rated:
		return "d.events - d.unrated - d.voided"
	case billing.Unrated:
		return "d.unrated"
	case billing.VoidUsage:
		return "d.voided"
	}
	return "d.events"
}

// counted is the same of a day's sums.
func (f UsageFilter) counted(t billing.Tally) int64 {
	switch f.Status {
	case billing.Rated:
		return t.Events - t.Unrated - t.Voided
	case billing.Unrated:
		return t.Unrated
	case billing.VoidUsage:
		return t.Voided
	}
	return t.Events
}

// countInPart counts the events of days that are in the list in part, wherever they lie: how many there were does not
// change with that.
func (f UsageFilter) countInPart(ctx context.Context, q Q, agency billing.ID) (n int64, err error) {
	ends, _ := f.days()
	for _, days := range ends {
		stored, err := f.storedInPart(ctx, q, agency, days)
		if err != nil {
			return 0, fmt.Errorf("counting usage events of days that are listed in part: %w", err)
		}
		archived, err := f.archivedInPart(ctx, q, agency, days)
		if err != nil {
			return 0, fmt.Errorf("counting archived usage events of days that are listed in part: %w", err)
		}
		n += stored + archived
	}
	return n, nil
}

// countCut counts the events of one source on days that are in the list in part.
func (f UsageFilter) countCut(ctx context.Context, q Q, agency billing.ID, cut []SourceDay) (total int64, err error) {
	from, to := f.instants()
	for _, d := range cut {
		state, args := f.inState([]any{agency, d.FirstID, d.LastID, d.Day, from, to, f.Source})
		where := `WHERE e.agency_id = $1 AND e.id >= $2 AND e.id <= $3 AND e.day = $4 AND e.ended_at >= $5 AND e.ended_at < $6 AND e.source = $7` + state
		var n int64
		err := q.QueryRow(ctx, `SELECT (SELECT COUNT(*) FROM usage_events e `+where+`) + (SELECT COUNT(*) FROM usage_archived e `+where+`)`, args...).Scan(&n)
		if err != nil {
			return 0, fmt.Errorf("counting usage events of a source on a day that is listed in part: %w", err)
		}
		total += n
	}
	return total, nil
}

// inState are the conditions on an event e that it is in the state that is asked for, and the arguments with those they need.
func (f UsageFilter) inState(args []any) (where string, all []any) {
	switch f.Status {
	case billing.VoidUsage:
		return " AND " + wasVoided, args
	case billing.Rated, billing.Unrated:
		return fmt.Sprintf(" AND e.status = $%d AND NOT %s", len(args)+1, wasVoided), append(args, f.Status)
	}
	return "", args
}

func (f UsageFilter) storedInPart(ctx context.Context, q Q, agency billing.ID, days dates) (n int64, err error) {
	where, args := f.among(agency, days)
	state, args := f.inState(args)
	err = q.QueryRow(ctx, `
		SELECT CAST(COALESCE(SUM((
		       SELECT COUNT(*)
		       FROM usage_events e
		       WHERE e.agency_id = d.agency_id AND e.client_id = d.client_id AND e.seq >= d.first_seq AND e.seq <= d.last_seq AND e.day = d.day
		             AND e.ended_at >= $4 AND e.ended_at < $5`+state+`)), 0) AS BIGINT)
		FROM usage_days d
		WHERE `+where+` AND NOT (`+inWhole+`) AND `+f.counting()+` > 0`, args...).Scan(&n)
	return n, err
}

func (f UsageFilter) archivedInPart(ctx context.Context, q Q, agency billing.ID, days dates) (n int64, err error) {
	where, args := f.among(agency, days)
	switch f.Status {
	case billing.VoidUsage: // what was corrected is not archived
		return 0, nil
	case billing.Rated, billing.Unrated:
		args = append(args, f.Status)
		where += fmt.Sprintf(" AND k.status = $%d", len(args))
	}
	err = q.QueryRow(ctx, `
		SELECT COUNT(*)
		FROM usage_days d JOIN usage_archived k ON k.agency_id = d.agency_id AND k.client_id = d.client_id AND k.day = d.day
		WHERE `+where+` AND NOT (`+inWhole+`) AND k.ended_at >= $4 AND k.ended_at < $5
		      AND EXISTS (SELECT 1 FROM usage_archives m WHERE m.agency_id = d.agency_id AND m.month = d.day / 100)`, args...).Scan(&n)
	return n, err
}
