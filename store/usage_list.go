package store

import (
	"context"
	"fmt"
	"math"
	"time"

	"minutebook/billing"
)

// UsageFilter narrows a list of usage events; zero values leave it open.
type UsageFilter struct {
	Client billing.ID
	From   time.Time // by end of call
	To     time.Time // exclusive
	Status billing.UsageStatus
	Source string
	CallID string
}

// UsageEvents lists events, newest recorded first. How many there are, and where among all events they lie, is known
// from the sums by day: neither is found out by reading events, but for those of days that are in the list in part, and
// in lists of one source or call. Archived events are counted, but not listed.
func UsageEvents(ctx context.Context, q Q, agency billing.ID, f UsageFilter, w Window) (Part[UsageRow], error) {
	l := f.list(agency)
	s, err := f.stretch(ctx, q, agency)
	if err != nil {
		return Part[UsageRow]{}, err
	}
	f.bound(l, s)
	if err := f.count(ctx, q, l, s); err != nil {
		return Part[UsageRow]{}, err
	}
	part, err := Read(ctx, q, l, w, usageWithID)
	if err != nil {
		return part, err
	}
	return part, correct(ctx, q, agency, part.Items)
}

// EachUsageEvent reads all events of a list, a slice at a time.
func EachUsageEvent(ctx context.Context, q Q, agency billing.ID, f UsageFilter, each func([]UsageRow) error) error {
	l := f.list(agency)
	s, err := f.stretch(ctx, q, agency)
	if err != nil {
		return err
	}
	f.bound(l, s)
	return Walk(ctx, q, l, usageWithID, func(rows []UsageRow) error {
		if err := correct(ctx, q, agency, rows); err != nil {
			return err
		}
		return each(rows)
	})
}

func (f UsageFilter) list(agency billing.ID) *Listing {
	key := "e.id"
	if f.Client != 0 {
		key = "e.seq" // the same order among the events of one client, by which they can be found
	}
	l := List("e.id, "+usageColumns, usageSource, "e.agency_id", key, agency)
	l.keyed = "usage_events e"
	f.narrow(l)
	return l
}

func (f UsageFilter) narrow(l *Listing) {
	WhereSet(l, "e.client_id = ?", f.Client)
	WhereSet(l, "e.source = ?", f.Source)
	WhereSet(l, "e.call_id = ?", f.CallID)
	if !f.From.IsZero() {
		l.Where("e.ended_at >= ?", f.From)
	}
	if !f.To.IsZero() {
		l.Where("e.ended_at < ?", f.To)
	}
	switch f.Status {
	case billing.VoidUsage:
		l.Where("e.id IN (SELECT v.usage_event_id FROM usage_corrections v WHERE v.agency_id = $1 AND v.void)")
	case billing.Rated, billing.Unrated:
		l.Where("e.status = ? AND NOT "+wasVoided, f.Status)
	}
}

// Touches reports whether events of an archive may be in the list.
func (f UsageFilter) Touches(a Archive) bool {
	from, to := a.Month.First().Plus(-1), a.Month.Last().Plus(1) // wherever on earth the clients are
	return (f.Client == 0 || a.FirstClient <= f.Client && f.Client <= a.LastClient) && f.Status != billing.VoidUsage &&
		(f.From.IsZero() || billing.DateOf(f.From.UTC()) <= to) && (f.To.IsZero() || billing.DateOf(f.To.UTC()) >= from)
}

// has reports whether an archived event is in the list; what was corrected is not archived.
func (f UsageFilter) has(u *UsageRow) bool {
	return (f.Client == 0 || u.Client == f.Client) && (f.From.IsZero() || !u.Event.EndedAt.Before(f.From)) && (f.To.IsZero() || u.Event.EndedAt.Before(f.To)) &&
		(f.Status == "" || u.Status == f.Status) && (f.Source == "" || u.Event.Source == f.Source) && (f.CallID == "" || u.Event.CallID == f.CallID)
}

const wasVoided = "EXISTS (SELECT 1 FROM usage_corrections v WHERE v.agency_id = e.agency_id AND v.usage_event_id = e.id AND v.void)"

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

// whole says that the list is all events of the agency or of a client.
func (f UsageFilter) whole() bool { return f == UsageFilter{Client: f.Client} }

// stretch is what the sums by day know of a list: where its events lie, how many there are of days that are in it as a
// whole, and whether there are days that are in it in part.
type stretch struct {
	firstID, lastID, firstSeq, lastSeq int64
	inWhole, inPart                    int64
}

// with is both together. A stretch without events has no last one.
func (s stretch) with(t stretch) stretch {
	switch {
	case t.lastID == 0:
		return s
	case s.lastID == 0:
		return t
	}
	return stretch{
		min(s.firstID, t.firstID), max(s.lastID, t.lastID), min(s.firstSeq, t.firstSeq), max(s.lastSeq, t.lastSeq), s.inWhole + t.inWhole, s.inPart + t.inPart,
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
	from, to := int64(math.MinInt64), int64(math.MaxInt64)
	if !f.From.IsZero() {
		from = f.From.UnixMicro()
	}
	if !f.To.IsZero() {
		to = f.To.UnixMicro()
	}
	where, args = "d.agency_id = $1 AND d.day >= $2 AND d.day <= $3 AND d.last_ended >= $4 AND d.first_ended < $5", []any{agency, days.first, days.last, from, to}
	if f.Client != 0 {
		where, args = where+" AND d.client_id = $6", append(args, f.Client)
	}
	return where, args
}

const inWhole = "d.first_ended >= $4 AND d.last_ended < $5"

func (f UsageFilter) stretch(ctx context.Context, q Q, agency billing.ID) (s stretch, err error) {
	if f.whole() {
		return s, nil
	}
	ends, between := f.days()
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

// bound keeps a list within where its events lie.
func (f UsageFilter) bound(l *Listing, s stretch) {
	switch {
	case f.whole():
	case f.Client != 0:
		l.Where("e.seq >= ? AND e.seq <= ?", s.firstSeq, s.lastSeq)
	default:
		l.Where("e.id >= ? AND e.id <= ?", s.firstID, s.lastID)
	}
}

// count says how long the list is, or how that is found out.
func (f UsageFilter) count(ctx context.Context, q Q, l *Listing, s stretch) error {
	if f.whole() {
		count, args := `SELECT CAST(COALESCE(SUM(events), 0) AS BIGINT) FROM agency_days WHERE agency_id = $1`, []any{}
		if f.Client != 0 {
			count, args = `SELECT CAST(COALESCE(SUM(events), 0) AS BIGINT) FROM accounts WHERE agency_id = $1 AND client_id = $2`, []any{f.Client}
		}
		l.CountedBy(count, args...)
		return nil
	}
	if f.Source != "" || f.CallID != "" {
		return nil
	}
	total := s.inWhole
	if s.inPart > 0 {
		n, err := f.countInPart(ctx, q, l.args[0].(billing.ID))
		if err != nil {
			return err
		}
		total += n
	}
	l.counted = &total
	return nil
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

func (f UsageFilter) storedInPart(ctx context.Context, q Q, agency billing.ID, days dates) (n int64, err error) {
	where, args := f.among(agency, days)
	state := ""
	switch f.Status {
	case billing.VoidUsage:
		state = " AND " + wasVoided
	case billing.Rated, billing.Unrated:
		args = append(args, f.Status)
		state = fmt.Sprintf(" AND e.status = $%d AND NOT %s", len(args), wasVoided)
	}
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
