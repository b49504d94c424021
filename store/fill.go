package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"

	"minutebook/billing"
)

// fills are what a migration does besides its SQL, to rows that are there already. They run in its transaction and know
// only the columns of their time.
var fills = map[int64]func(ctx context.Context, q Q) error{2: RebuildDays, 12: digestKeys, 14: callKeys}

// fill runs what belongs to a migration.
func fill(ctx context.Context, d *dialect, version int64, tx *sql.Tx) error {
	run, has := fills[version]
	if !has {
		return nil
	}
	return run(ctx, &migrating{tx: tx, parsed: map[string]*sql.Stmt{}, wire: &wire{dialect: d, inTx: true}})
}

// RebuildDays sums the usage of all clients by day anew from their events, each counted for the day by the calendar of
// the zone that its client is in now.
func RebuildDays(ctx context.Context, q Q) error {
	type client struct {
		agency, id billing.ID
		zone       string
	}
	clients, err := Collect(func(r Row, c *client) error { return r.Scan(&c.agency, &c.id, &c.zone) })(q.Query(ctx, `
		SELECT c.agency_id, c.id, CASE WHEN c.timezone = '' THEN g.timezone ELSE c.timezone END
		FROM clients c JOIN agencies g ON g.id = c.agency_id
		ORDER BY c.agency_id, c.id`))
	if err != nil {
		return err
	}
	for _, c := range clients {
		r := rebuilding{q: q, agency: c.agency, client: c.id, zone: c.zone, days: days{}}
		if err := r.run(ctx); err != nil {
			return fmt.Errorf("summing the usage of client %d of agency %d by day: %w", c.id, c.agency, err)
		}
	}
	return nil
}

// rebuilding is one client whose sums are made anew.
type rebuilding struct {
	q              Q
	agency, client billing.ID
	zone           string
	days           days
	corrections    map[billing.ID][]CorrectionRow // by event
	events         int64
}

func (r *rebuilding) run(ctx context.Context) error {
	for _, table := range []string{"usage_days", "usage_costs"} {
		if _, err := r.q.Exec(ctx, `DELETE FROM `+table+` WHERE agency_id = $1 AND client_id = $2`, r.agency, r.client); err != nil {
			return err
		}
	}
	corrections, err := Collect(readCorrection)(r.q.Query(ctx, `
		SELECT id, usage_event_id, void, raw_ms, billed_ms, parts, wallet_delta_ms, reason, actor, recorded_at
		FROM usage_corrections WHERE agency_id = $1 AND client_id = $2 ORDER BY id`, r.agency, r.client))
	if err != nil {
		return err
	}
	r.corrections = map[billing.ID][]CorrectionRow{}
	for _, c := range corrections {
		r.corrections[c.Event] = append(r.corrections[c.Event], c)
	}
	var last int64
	for more := true; more; {
		if last, more, err = r.some(ctx, last); err != nil {
			return err
		}
	}
	if _, err := r.q.Exec(ctx, `UPDATE accounts SET events = $1 WHERE agency_id = $2 AND client_id = $3`, r.events, r.agency, r.client); err != nil {
		return err
	}
	for _, s := range r.days.statements(r.agency, r.client) {
		if _, err := r.q.Exec(ctx, s.sql, s.args...); err != nil {
			return err
		}
	}
	return nil
}

// some counts the events that follow a place, as many as fit into memory well.
func (r *rebuilding) some(ctx context.Context, after int64) (last int64, more bool, err error) {
	const atOnce = 5000
	events, err := Collect(readSummed)(r.q.Query(ctx, `
		SELECT id, seq, kind, ended_at, raw_ms, chats, cost_micros, cost_currency, status, billed_ms, included_ms, wallet_ms, billable_ms, uncovered_ms
		FROM usage_events
		WHERE agency_id = $1 AND client_id = $2 AND seq > $3
		ORDER BY seq
		LIMIT $4`, r.agency, r.client, after, atOnce))
	if err != nil || len(events) == 0 {
		return after, false, err
	}
	for _, u := range events {
		day := billing.DateOf(u.Event.EndedAt.In(zoneNamed(r.zone)))
		if _, err := r.q.Exec(ctx, `UPDATE usage_events SET day = $1 WHERE agency_id = $2 AND id = $3`, day, r.agency, u.ID); err != nil {
			return after, false, err
		}
		for _, c := range r.corrections[u.ID] {
			u.apply(c)
		}
		r.days.count(day, u)
	}
	r.events += int64(len(events))
	return events[len(events)-1].Seq, len(events) == atOnce, nil
}

func readSummed(r Row, u *UsageRow) error {
	e := &u.Event
	err := r.Scan(&u.ID, &u.Seq, &e.Kind, &e.EndedAt, &e.Talk, &e.Chats, &e.CostMicros, &e.CostCurrency, &u.Status, &u.Billed,
		&u.Split.Included, &u.Split.Wallet, &u.Split.Billable, &u.Split.Uncovered)
	u.Parts = []billing.Part{{Split: u.Split}}
	return err
}

// statements add sums to those that are stored.
func (d days) statements(agency, client billing.ID) (all []statement) {
	for day, a := range d {
		a.Client, a.Day = client, day
		row := newDay{agency, a}
		all = append(all, addition{daysTable, 1, func(_ int, c cells) { row.into(c) }}.statement(0))
		for currency, micros := range a.costs {
			cost := newCost{agency, CostRow{client, day, currency, micros}}
			all = append(all, addition{costsTable, 1, func(_ int, c cells) { cost.into(c) }}.statement(0))
		}
	}
	return all
}

// digestKeys reckons the digests of the keys of all events.
func digestKeys(ctx context.Context, q Q) error {
	for _, table := range []string{"usage_events", "usage_archived"} {
		r := reckoning{q: q, table: table, from: "source, event_id", where: "TRUE", change: updating(table, "key_head key_tail", "agency_id id")}
		r.reckon = func(agency billing.ID, source, event string) []int64 {
			digest := UsageKey{agency, source, event}.Digest()
			return []int64{digest.Head, digest.Tail}
		}
		if err := r.run(ctx); err != nil {
			return fmt.Errorf("reckoning the digests of the keys in %s: %w", table, err)
		}
	}
	return nil
}

// callKeys reckons by what calls are found.
func callKeys(ctx context.Context, q Q) error {
	r := reckoning{q: q, table: "usage_events", from: "event_id, call_id", where: "call_id <> '' AND call_id <> event_id", change: updating("usage_events", "call_key", "agency_id id")}
	r.reckon = func(agency billing.ID, event, call string) []int64 {
		key, _ := callKey(agency, event, call)
		return []int64{key}
	}
	if err := r.run(ctx); err != nil {
		return fmt.Errorf("reckoning by what calls are found: %w", err)
	}
	return nil
}

// reckoning is a table in which numbers are reckoned from two texts of each row, up to a row.
type reckoning struct {
	q                  Q
	table, from, where string
	reckon             func(agency billing.ID, first, second string) []int64
	change             *table // writes those numbers to the row of an agency and an id
	agency, id         billing.ID
}

func (r *reckoning) run(ctx context.Context) error {
	for more := true; more; {
		var err error
		if more, err = r.some(ctx); err != nil {
			return err
		}
	}
	return nil
}

// some reckons for the rows that follow, as many as fit into memory well.
func (r *reckoning) some(ctx context.Context) (more bool, err error) {
	const atOnce = 5000
	type row struct {
		agency, id    billing.ID
		first, second string
	}
	rows, err := Collect(func(r Row, e *row) error { return r.Scan(&e.agency, &e.id, &e.first, &e.second) })(r.q.Query(ctx, `
		SELECT agency_id, id, `+r.from+`
		FROM `+r.table+`
		WHERE (agency_id, id) > ($1, $2) AND `+r.where+`
		ORDER BY agency_id, id
		LIMIT `+strconv.Itoa(atOnce), r.agency, r.id))
	if err != nil || len(rows) == 0 {
		return false, err
	}
	columns := make([]numbers, r.change.columns)
	for _, e := range rows {
		for i, n := range append(r.reckon(e.agency, e.first, e.second), int64(e.agency), int64(e.id)) {
			columns[i] = append(columns[i], n)
		}
	}
	last := rows[len(rows)-1]
	r.agency, r.id = last.agency, last.id
	return len(rows) == atOnce, r.save(ctx, columns)
}

func (r *reckoning) save(ctx context.Context, columns []numbers) error {
	args := make([]any, len(columns))
	if spoken(r.q).arrays {
		for i := range columns {
			args[i] = columns[i]
		}
		_, err := r.q.Exec(ctx, r.change.arrays, args...)
		return err
	}
	for row := range columns[0] {
		for i := range columns {
			args[i] = columns[i][row]
		}
		if _, err := r.q.Exec(ctx, r.change.each, args...); err != nil {
			return err
		}
	}
	return nil
}
