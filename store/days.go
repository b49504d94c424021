package store

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"minutebook/billing"
)

// DayRow is a client's usage on one day: of the calls that ended on it, by the calendar of the client's zone, as they
// stand now.
type DayRow struct {
	Client billing.ID
	Day    billing.Date
	billing.Tally
	FirstID, LastID       billing.ID // where its events lie among the agency's
	FirstSeq, LastSeq     int64      // and among the client's
	FirstEnded, LastEnded time.Time
}

// CostRow is what the provider took for a client's usage on one day, in one currency.
type CostRow struct {
	Client   billing.ID
	Day      billing.Date
	Currency string
	Micros   int64
}

// days collects what a transaction adds to a client's sums by day.
type days map[billing.Date]*daySum

type daySum struct {
	DayRow
	fresh bool // with new events, not only corrections
	costs map[string]int64
}

func (d days) of(day billing.Date) *daySum {
	a := d[day]
	if a == nil {
		a = &daySum{costs: map[string]int64{}}
		d[day] = a
	}
	return a
}

// recorded adds a new event.
func (d days) recorded(day billing.Date, seq int64, f billing.UsageRecorded) {
	u := UsageRow{Seq: seq, RecordedUsage: billing.RecordedUsage{ID: f.ID, Event: f.Event, Status: f.Status, Billed: f.Billed}}
	u.Parts = []billing.Part{{Split: f.Split}}
	d.count(day, u)
}

// count adds an event as it stands now.
func (d days) count(day billing.Date, u UsageRow) {
	a := d.of(day)
	a.stretch(u.ID, u.Seq, u.Event.EndedAt)
	a.Tally = a.Tally.Plus(u.Tally())
	if u.Event.CostMicros != 0 {
		a.costs[u.Event.CostCurrency] += u.Event.CostMicros
	}
}

// stretch widens the bounds of a day so that an event lies within them.
func (a *daySum) stretch(id billing.ID, seq int64, ended time.Time) {
	ended = ended.Truncate(time.Microsecond) // as it is kept
	if !a.fresh {
		a.fresh, a.FirstID, a.FirstSeq, a.FirstEnded, a.LastEnded = true, id, seq, ended, ended
	}
	a.FirstID, a.LastID = min(a.FirstID, id), max(a.LastID, id)
	a.FirstSeq, a.LastSeq = min(a.FirstSeq, seq), max(a.LastSeq, seq)
	if ended.Before(a.FirstEnded) {
		a.FirstEnded = ended
	}
	if ended.After(a.LastEnded) {
		a.LastEnded = ended
	}
}

// correct adds what a correction changes, and brings the event to where it leaves it.
func (d days) correct(u *UsageRow, f billing.UsageCorrected) {
	before := u.Tally()
	u.apply(CorrectionRow{Void: f.Void, Talk: f.Talk, Billed: f.Billed, Parts: f.Parts})
	a := d.of(u.Day)
	a.Tally = a.Tally.Plus(u.Tally().Minus(before))
}

// correctedEvents reads the events that new facts correct. Their ids are unique, whoever's they are.
func correctedEvents(ctx context.Context, q Q, all []Saving) (map[billing.ID]*UsageRow, error) {
	events := map[billing.ID]*UsageRow{}
	for _, s := range all {
		for _, e := range s.Account.Fresh() {
			f, is := e.Fact.(billing.UsageCorrected)
			if !is || events[f.UsageEventID] != nil {
				continue
			}
			u, err := UsageByID(ctx, q, s.Account.Agency, f.UsageEventID)
			if err != nil {
				return nil, fmt.Errorf("reading usage event %d, which is corrected: %w", f.UsageEventID, err)
			}
			events[f.UsageEventID] = &u
		}
	}
	return events, nil
}

const (
	addToDay = `events = usage_days.events + $4, unrated = usage_days.unrated + $5, voided = usage_days.voided + $6,
		calls = usage_days.calls + $7, chats = usage_days.chats + $8, raw_ms = usage_days.raw_ms + $9, billed_ms = usage_days.billed_ms + $10,
		included_ms = usage_days.included_ms + $11, wallet_ms = usage_days.wallet_ms + $12, billable_ms = usage_days.billable_ms + $13,
		uncovered_ms = usage_days.uncovered_ms + $14`
	correctDay = `UPDATE usage_days SET ` + addToDay + ` WHERE agency_id = $1 AND client_id = $2 AND day = $3`
	growDay    = `
		INSERT INTO usage_days (agency_id, client_id, day, events, unrated, voided, calls, chats, raw_ms, billed_ms, included_ms, wallet_ms, billable_ms,
		       uncovered_ms, first_id, last_id, first_seq, last_seq, first_ended, last_ended)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
		ON CONFLICT (agency_id, client_id, day) DO UPDATE SET ` + addToDay + `,
		       first_id = CASE WHEN usage_days.first_id < $15 THEN usage_days.first_id ELSE $15 END,
		       last_id = CASE WHEN usage_days.last_id > $16 THEN usage_days.last_id ELSE $16 END,
		       first_seq = CASE WHEN usage_days.first_seq < $17 THEN usage_days.first_seq ELSE $17 END,
		       last_seq = CASE WHEN usage_days.last_seq > $18 THEN usage_days.last_seq ELSE $18 END,
		       first_ended = CASE WHEN usage_days.first_ended < $19 THEN usage_days.first_ended ELSE $19 END,
		       last_ended = CASE WHEN usage_days.last_ended > $20 THEN usage_days.last_ended ELSE $20 END`
	growCost = `
		INSERT INTO usage_costs (agency_id, client_id, day, cost_currency, cost_micros) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (agency_id, client_id, day, cost_currency) DO UPDATE SET cost_micros = usage_costs.cost_micros + $5`
)

// statements add what was collected to the stored sums. The client is held, so nobody else writes to them.
func (d days) statements(agency, client billing.ID) (all []statement) {
	for day, a := range d {
		args := []any{
			agency, client, day, a.Events, a.Unrated, a.Voided, a.Calls, a.Chats, a.Talk, a.Billed, a.Split.Included, a.Split.Wallet, a.Split.Billable, a.Split.Uncovered,
		}
		if !a.fresh { // the event is there, so its day is
			all = append(all, statement{correctDay, args})
			continue
		}
		all = append(all, statement{growDay, append(args, a.FirstID, a.LastID, a.FirstSeq, a.LastSeq, a.FirstEnded, a.LastEnded)})
		for currency, micros := range a.costs {
			all = append(all, statement{growCost, []any{agency, client, day, currency, micros}})
		}
	}
	return all
}

// zones are the time zones that were asked for: loading one reads a file.
var zones sync.Map

// zoneNamed is a zone that was checked when it was set; UTC should nobody know its name any more.
func zoneNamed(name string) *time.Location {
	if zone, known := zones.Load(name); known {
		return zone.(*time.Location)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	zones.Store(name, zone)
	return zone
}

// UsageByDay sums an agency's usage, or one client's, by day, from one day to another, both included. Days without
// usage have no entry. Client 0 is the whole agency.
func UsageByDay(ctx context.Context, q Q, agency, client billing.ID, from, to billing.Date) (map[billing.Date]billing.Tally, error) {
	only, args := "", []any{agency, from, to}
	if client != 0 {
		only, args = " AND client_id = $4", append(args, client)
	}
	sums, err := Collect(func(r Row, d *DayRow) error { return r.Scan(append([]any{&d.Day}, d.figures()...)...) })(q.Query(ctx, `
		SELECT day, CAST(SUM(events) AS BIGINT), CAST(SUM(unrated) AS BIGINT), CAST(SUM(voided) AS BIGINT), CAST(SUM(calls) AS BIGINT),
		       CAST(SUM(chats) AS BIGINT), CAST(SUM(raw_ms) AS BIGINT), CAST(SUM(billed_ms) AS BIGINT), CAST(SUM(included_ms) AS BIGINT),
		       CAST(SUM(wallet_ms) AS BIGINT), CAST(SUM(billable_ms) AS BIGINT), CAST(SUM(uncovered_ms) AS BIGINT)
		FROM usage_days
		WHERE agency_id = $1 AND day >= $2 AND day <= $3`+only+`
		GROUP BY day`, args...))
	if err != nil {
		return nil, fmt.Errorf("summing usage by day: %w", err)
	}
	byDay := map[billing.Date]billing.Tally{}
	for _, d := range sums {
		byDay[d.Day] = d.Tally
	}
	return byDay, nil
}

// UsageDays reads usage by client and day, from one day to another, both included: one row for each client and day that
// has any. Client 0 is all of them.
func UsageDays(ctx context.Context, q Q, agency, client billing.ID, from, to billing.Date) ([]DayRow, error) {
	only, args := "", []any{agency, from, to}
	if client != 0 {
		only, args = " AND client_id = $4", append(args, client)
	}
	return Collect(func(r Row, d *DayRow) error {
		return r.Scan(append(append([]any{&d.Client, &d.Day}, d.figures()...), &d.FirstID, &d.LastID, &d.FirstSeq, &d.LastSeq, &d.FirstEnded, &d.LastEnded)...)
	})(q.Query(ctx, `
		SELECT client_id, day, events, unrated, voided, calls, chats, raw_ms, billed_ms, included_ms, wallet_ms, billable_ms, uncovered_ms,
		       first_id, last_id, first_seq, last_seq, first_ended, last_ended
		FROM usage_days
		WHERE agency_id = $1 AND day >= $2 AND day <= $3`+only+`
		ORDER BY day, client_id`, args...))
}

// UsageCosts reads what the provider took, by client, day and currency, from one day to another, both included.
// Client 0 is all of them.
func UsageCosts(ctx context.Context, q Q, agency, client billing.ID, from, to billing.Date) ([]CostRow, error) {
	only, args := "", []any{agency, from, to}
	if client != 0 {
		only, args = " AND client_id = $4", append(args, client)
	}
	return Collect(func(r Row, c *CostRow) error { return r.Scan(&c.Client, &c.Day, &c.Currency, &c.Micros) })(q.Query(ctx, `
		SELECT client_id, day, cost_currency, cost_micros
		FROM usage_costs
		WHERE agency_id = $1 AND day >= $2 AND day <= $3`+only+`
		ORDER BY day, client_id, cost_currency`, args...))
}

// figures are where the columns from events to uncovered_ms are read into.
func (d *DayRow) figures() []any {
	return []any{
		&d.Events, &d.Unrated, &d.Voided, &d.Calls, &d.Chats, &d.Talk, &d.Billed, &d.Split.Included, &d.Split.Wallet, &d.Split.Billable, &d.Split.Uncovered,
	}
}

// SumDays is what the days of a client must be by its events, as they stand now.
func SumDays(client billing.ID, events []UsageRow) (sums []DayRow, costs []CostRow) {
	byDay := days{}
	for _, u := range events {
		byDay.count(u.Day, u)
	}
	for day, a := range byDay {
		a.Client, a.Day = client, day
		sums = append(sums, a.DayRow)
		for currency, micros := range a.costs {
			costs = append(costs, CostRow{client, day, currency, micros})
		}
	}
	slices.SortFunc(sums, func(a, b DayRow) int { return int(a.Day - b.Day) })
	return sums, costs
}
