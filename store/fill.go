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
var fills = map[int64]func(ctx context.Context, q Q) error{2: RebuildDays, 12: digestKeys}

// fill runs what belongs to a migration.
func fill(ctx context.Context, d *dialect, version int64, tx *sql.Tx) error {
	run, has := fills[version]
	if !has {
		return nil
	}
	return run(ctx, sqliteQ{run: &again{tx: tx, seen: map[string]*sql.Stmt{}}, wire: &wire{dialect: d, inTx: true}})
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
		d := digesting{q: q, table: table, change: updating(table, "key_head key_tail", "agency_id id")}
		for more := true; more; {
			var err error
			if more, err = d.some(ctx); err != nil {
				return fmt.Errorf("reckoning the digests of the keys in %s: %w", table, err)
			}
		}
	}
	return nil
}

// digesting is a table whose keys are digested, up to a row.
type digesting struct {
	q          Q
	table      string
	change     *table
	agency, id billing.ID
}

// some digests the keys of the rows that follow, as many as fit into memory well.
func (d *digesting) some(ctx context.Context) (more bool, err error) {
	const atOnce = 5000
	type row struct {
		UsageKey
		id billing.ID
	}
	rows, err := Collect(func(r Row, e *row) error { return r.Scan(&e.Agency, &e.id, &e.Source, &e.EventID) })(d.q.Query(ctx, `
		SELECT agency_id, id, source, event_id
		FROM `+d.table+`
		WHERE (agency_id, id) > ($1, $2)
		ORDER BY agency_id, id
		LIMIT `+strconv.Itoa(atOnce), d.agency, d.id))
	if err != nil || len(rows) == 0 {
		return false, err
	}
	columns := make([]numbers, 4)
	for _, e := range rows {
		digest := e.Digest()
		for i, n := range []int64{digest.Head, digest.Tail, int64(e.Agency), int64(e.id)} {
			columns[i] = append(columns[i], n)
		}
	}
	last := rows[len(rows)-1]
	d.agency, d.id = last.Agency, last.id
	return len(rows) == atOnce, d.save(ctx, columns)
}

func (d *digesting) save(ctx context.Context, columns []numbers) error {
	if spoken(d.q).arrays {
		_, err := d.q.Exec(ctx, d.change.arrays, columns[0], columns[1], columns[2], columns[3])
		return err
	}
	for i := range columns[0] {
		if _, err := d.q.Exec(ctx, d.change.each, columns[0][i], columns[1][i], columns[2][i], columns[3][i]); err != nil {
			return err
		}
	}
	return nil
}
