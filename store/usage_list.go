package store

import (
	"context"
	"fmt"
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
// of one client's events of one source. Archived events are counted, but not listed, and not found by their call.
func UsageEvents(ctx context.Context, q Q, agency billing.ID, f UsageFilter, w Window) (Part[UsageRow], error) {
	l, err := f.list(ctx, q, agency)
	if err != nil {
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
	l, err := f.list(ctx, q, agency)
	if err != nil {
		return err
	}
	return Walk(ctx, q, l, usageWithID, func(rows []UsageRow) error {
		if err := correct(ctx, q, agency, rows); err != nil {
			return err
		}
		return each(rows)
	})
}

// list is the list with where its events lie, and how many there are.
func (f UsageFilter) list(ctx context.Context, q Q, agency billing.ID) (*Listing, error) {
	l := f.plainList(agency)
	if f.CallID != "" {
		return l, f.findCall(ctx, q, l, agency)
	}
	if f.Source != "" { // most agencies have one, and then the list is as long as without it
		sources, err := sourcesOf(ctx, q, agency, 2)
		if err != nil {
			return nil, err
		}
		if len(sources) == 1 && sources[0] == f.Source {
			f.Source = ""
		}
	}
	s, err := f.stretch(ctx, q, agency)
	if err != nil {
		return nil, err
	}
	f.bound(l, s)
	if s.sparse() {
		l.keyed = spoken(q).eachOfSource(l.arg(f.Source))
	}
	return l, f.count(ctx, q, l, agency, s)
}

// plainList is the list as its conditions say it.
func (f UsageFilter) plainList(agency billing.ID) *Listing {
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

// mostSources is how many sources an agency may have for a call to be looked up as an event of each.
const mostSources = 1000

// findCall finds the events of a call by indexes: as that event of each source which is named like it, and among the
// others by day.
func (f UsageFilter) findCall(ctx context.Context, q Q, l *Listing, agency billing.ID) error {
	sources, err := sourcesOf(ctx, q, agency, mostSources+1)
	if err != nil || len(sources) > mostSources {
		return err
	}
	events := make([]Digest, len(sources))
	for i, source := range sources {
		events[i] = UsageKey{agency, source, f.CallID}.Digest()
	}
	key, _ := callKey(agency, "", f.CallID)
	found := map[billing.ID]ids{}
	if err := askAll(ctx, q, askKnown(spoken(q), events, found)); err != nil {
		return fmt.Errorf("looking up a call: %w", err)
	}
	call, keyed := l.arg(f.CallID), l.arg(key)
	l.arg(append(ids{}, found[agency]...))
	l.keyed = spoken(q).eventsOfCall(call, keyed, len(l.args))
	return nil
}

// eventsOfCall are the events of a call, $1 the agency: those of a list of ids that are named like the call, and all that
// are not. PostgreSQL is left one plan; see eachOf.
func (d *dialect) eventsOfCall(call, key string, list int) string {
	named := `SELECT found.* FROM ` + d.eachOf("usage_events", "agency_id = $1", "id", list, "bigint", "") + ` WHERE found.call_id = ` + call + ` AND found.event_id = found.call_id`
	others := d.eachWhere(`(SELECT DISTINCT day FROM agency_days WHERE agency_id = $1) AS d`,
		`k.agency_id = $1 AND k.day = d.day AND k.call_key = `+key+` AND k.call_id = `+call)
	return `(` + named + ` UNION ALL ` + others + `) AS e`
}

// eachOfSource are the events of a source, day by day between the first and the last of each.
func (d *dialect) eachOfSource(source string) string {
	days := `(SELECT day, MIN(first_id) AS first_id, MAX(last_id) AS last_id FROM source_days WHERE agency_id = $1 AND source = ` + source + ` GROUP BY day) AS d`
	return `(` + d.eachWhere(days, `k.agency_id = $1 AND k.id >= d.first_id AND k.id <= d.last_id AND k.day = d.day AND k.source = `+source) + `) AS e`
}

// eachWhere are the events k that are found anew for each row of something small.
func (d *dialect) eachWhere(small, where string) string {
	if d.arrays {
		return `SELECT found.* FROM ` + small + `, LATERAL (SELECT * FROM usage_events k WHERE ` + where + ` OFFSET 0) AS found`
	}
	return `SELECT k.* FROM ` + small + ` CROSS JOIN usage_events k ON ` + where
}

// whole says that the list is all events of the agency or of a client.
func (f UsageFilter) whole() bool { return f == UsageFilter{Client: f.Client} }

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
func (f UsageFilter) count(ctx context.Context, q Q, l *Listing, agency billing.ID, s stretch) error {
	if f.whole() {
		count, args := `SELECT CAST(COALESCE(SUM(events), 0) AS BIGINT) FROM agency_days WHERE agency_id = $1`, []any{}
		if f.Client != 0 {
			count, args = `SELECT CAST(COALESCE(SUM(events), 0) AS BIGINT) FROM accounts WHERE agency_id = $1 AND client_id = $2`, []any{f.Client}
		}
		l.CountedBy(count, args...)
		return nil
	}
	if f.Source != "" && f.Client != 0 {
		return nil
	}
	total, n, err := s.inWhole, int64(0), error(nil)
	switch {
	case f.Source != "":
		n, err = f.countCut(ctx, q, agency, s.cut)
	case s.inPart > 0:
		n, err = f.countInPart(ctx, q, agency)
	}
	total += n
	l.counted = &total
	return err
}
