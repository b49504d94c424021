package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
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
		a = &daySum{}
		d[day] = a
	}
	return a
}

// recorded adds a new event.
func (d days) recorded(day billing.Date, seq int64, f *billing.UsageRecorded) {
	tally := billing.Tally{Events: 1, Chats: f.Event.Chats, Talk: f.Event.Talk, Billed: f.Billed, Split: f.Split}
	if f.Status == billing.Unrated {
		tally.Unrated = 1
	}
	if f.Event.Kind == billing.Call {
		tally.Calls = 1
	}
	d.of(day).add(f.ID, seq, &f.Event, tally)
}

// count adds an event as it stands now.
func (d days) count(day billing.Date, u UsageRow) {
	d.of(day).add(u.ID, u.Seq, &u.Event, u.Tally())
}

func (a *daySum) add(id billing.ID, seq int64, e *billing.UsageEvent, tally billing.Tally) {
	a.stretch(id, seq, e.EndedAt)
	a.Tally = a.Tally.Plus(tally)
	if e.CostMicros != 0 {
		if a.costs == nil {
			a.costs = map[string]int64{}
		}
		a.costs[e.CostCurrency] += e.CostMicros
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

// correct adds what a correction changes, which it answers, and brings the event to where it leaves it.
func (d days) correct(u *UsageRow, f billing.UsageCorrected) (change billing.Tally) {
	before := u.Tally()
	u.apply(CorrectionRow{Void: f.Void, Talk: f.Talk, Billed: f.Billed, Parts: f.Parts})
	change = u.Tally().Minus(before)
	a := d.of(u.Day)
	a.Tally = a.Tally.Plus(change)
	return change
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

const correctDay = `UPDATE usage_days SET events = events + $4, unrated = unrated + $5, voided = voided + $6, calls = calls + $7, chats = chats + $8,
	raw_ms = raw_ms + $9, billed_ms = billed_ms + $10, included_ms = included_ms + $11, wallet_ms = wallet_ms + $12, billable_ms = billable_ms + $13,
	uncovered_ms = uncovered_ms + $14
	WHERE agency_id = $1 AND client_id = $2 AND day = $3`

const (
	dayColumns = `agency_id client_id day events unrated voided calls chats raw_ms billed_ms included_ms wallet_ms billable_ms uncovered_ms
		first_id last_id first_seq last_seq first_ended last_ended`
	growDay = `ON CONFLICT (agency_id, client_id, day) DO UPDATE SET events = usage_days.events + excluded.events, unrated = usage_days.unrated + excluded.unrated,
		voided = usage_days.voided + excluded.voided, calls = usage_days.calls + excluded.calls, chats = usage_days.chats + excluded.chats,
		raw_ms = usage_days.raw_ms + excluded.raw_ms, billed_ms = usage_days.billed_ms + excluded.billed_ms,
		included_ms = usage_days.included_ms + excluded.included_ms, wallet_ms = usage_days.wallet_ms + excluded.wallet_ms,
		billable_ms = usage_days.billable_ms + excluded.billable_ms, uncovered_ms = usage_days.uncovered_ms + excluded.uncovered_ms,
		first_id = CASE WHEN usage_days.first_id < excluded.first_id THEN usage_days.first_id ELSE excluded.first_id END,
		last_id = CASE WHEN usage_days.last_id > excluded.last_id THEN usage_days.last_id ELSE excluded.last_id END,
		first_seq = CASE WHEN usage_days.first_seq < excluded.first_seq THEN usage_days.first_seq ELSE excluded.first_seq END,
		last_seq = CASE WHEN usage_days.last_seq > excluded.last_seq THEN usage_days.last_seq ELSE excluded.last_seq END,
		first_ended = CASE WHEN usage_days.first_ended < excluded.first_ended THEN usage_days.first_ended ELSE excluded.first_ended END,
		last_ended = CASE WHEN usage_days.last_ended > excluded.last_ended THEN usage_days.last_ended ELSE excluded.last_ended END`
	costColumns = "agency_id client_id day cost_currency:text cost_micros"
	growCost    = `ON CONFLICT (agency_id, client_id, day, cost_currency) DO UPDATE SET cost_micros = usage_costs.cost_micros + excluded.cost_micros`
)

var (
	daysTable  = growing("usage_days", dayColumns, growDay)
	costsTable = growing("usage_costs", costColumns, growCost)
)

// growing is a table whose rows are added to what is there.
func growing(name, columns, grow string) *table {
	one := tableOf(name, strings.ReplaceAll(columns, ":text", ""))
	list, _, _ := strings.Cut(one.each, " VALUES ")
	return statementOver(columns, one.each+" "+grow, list+" SELECT * FROM {rows} "+grow)
}

// newDay and newCost are what is added to a client's day.
type (
	newDay struct {
		agency billing.ID
		*daySum
	}
	newCost struct {
		agency billing.ID
		CostRow
	}
)

func (d *newDay) into(c cells) {
	putID(c, d.agency)
	putID(c, d.Client)
	c.num(int64(d.Day))
	putTally(c, &d.Tally)
	putID(c, d.FirstID)
	putID(c, d.LastID)
	c.num(d.FirstSeq)
	c.num(d.LastSeq)
	c.num(d.FirstEnded.UnixMicro())
	c.num(d.LastEnded.UnixMicro())
}

// putTally puts the columns from events to uncovered_ms.
func putTally(c cells, t *billing.Tally) {
	for _, n := range [...]int64{t.Events, t.Unrated, t.Voided, t.Calls, t.Chats} {
		c.num(n)
	}
	for _, ms := range [...]billing.Millis{t.Talk, t.Billed, t.Split.Included, t.Split.Wallet, t.Split.Billable, t.Split.Uncovered} {
		c.num(int64(ms))
	}
}

func (d *newCost) into(c cells) {
	putID(c, d.agency)
	putID(c, d.Client)
	c.num(int64(d.Day))
	c.text(d.Currency)
	c.num(d.Micros)
}

// growDays adds what was collected to the stored sums. The client is held, so nobody else writes to those of its days.
func (w *writer) growDays() {
	agency, client := w.Account.Agency, w.Account.Client
	for day, a := range w.days {
		w.batch.agencyDays.add(agency, day, a)
		if !a.fresh { // the event is there, so its day is
			w.exec(correctDay, agency, client, day, a.Events, a.Unrated, a.Voided, a.Calls, a.Chats, a.Talk, a.Billed,
				a.Split.Included, a.Split.Wallet, a.Split.Billable, a.Split.Uncovered)
			continue
		}
		a.Client, a.Day = client, day
		w.batch.days = append(w.batch.days, newDay{agency, a})
		for currency, micros := range a.costs {
			w.batch.costs = append(w.batch.costs, newCost{agency, CostRow{client, day, currency, micros}})
		}
	}
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
	byDay := map[billing.Date]billing.Tally{}
	if client == 0 {
		sums, err := AgencyDays(ctx, q, agency, from, to)
		for _, d := range sums {
			byDay[d.Day] = d.Tally
		}
		return byDay, err
	}
	days, err := UsageDays(ctx, q, agency, client, from, to)
	for _, d := range days {
		byDay[d.Day] = d.Tally
	}
	return byDay, err
}

// UsageDays reads usage by client and day, from one day to another, both included: one row for each client and day that
// has any. Client 0 is all of them.
func UsageDays(ctx context.Context, q Q, agency, client billing.ID, from, to billing.Date) ([]DayRow, error) {
	only, args := "", []any{agency, from, to}
	if client != 0 {
		only, args = " AND client_id = $4", append(args, client)
	}
	return Collect(func(r Row, d *DayRow) error {
		return r.Scan(append(append([]any{&d.Client, &d.Day}, tallied(&d.Tally)...), &d.FirstID, &d.LastID, &d.FirstSeq, &d.LastSeq, &d.FirstEnded, &d.LastEnded)...)
	})(q.Query(ctx, `
		SELECT client_id, day, `+tallyColumns+`,
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

const (
	tallyColumns = `events, unrated, voided, calls, chats, raw_ms, billed_ms, included_ms, wallet_ms, billable_ms, uncovered_ms`
	sumOfTally   = `CAST(SUM(events) AS BIGINT), CAST(SUM(unrated) AS BIGINT), CAST(SUM(voided) AS BIGINT), CAST(SUM(calls) AS BIGINT),
		CAST(SUM(chats) AS BIGINT), CAST(SUM(raw_ms) AS BIGINT), CAST(SUM(billed_ms) AS BIGINT), CAST(SUM(included_ms) AS BIGINT),
		CAST(SUM(wallet_ms) AS BIGINT), CAST(SUM(billable_ms) AS BIGINT), CAST(SUM(uncovered_ms) AS BIGINT)`
)

// tallied are where those columns are read into.
func tallied(t *billing.Tally) []any {
	return []any{&t.Events, &t.Unrated, &t.Voided, &t.Calls, &t.Chats, &t.Talk, &t.Billed, &t.Split.Included, &t.Split.Wallet, &t.Split.Billable, &t.Split.Uncovered}
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
