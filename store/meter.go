package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"sync"
	"time"

	"minutebook/billing"
)

// Meter is as much of a client's account as says whether it may call now and, unless payment requests come into it, in
// which words: Decide and Explain ask for nothing else. Whoever reads it does not change it.
type Meter struct {
	*billing.Account
	Due   time.Time // when something happens to it by itself; zero: never
	Clock time.Time // its sandbox's now; zero in production
}

// LoadMeters reads the meters of clients, each as of one instant. The answer is in the order of the question; where the
// agency has no such client, its meter has no account.
func LoadMeters(ctx context.Context, q Q, named []Named) ([]Meter, error) {
	found := meters{}
	if err := askAll(ctx, q, found.asked(spoken(q), named)); err != nil {
		return nil, fmt.Errorf("reading meters: %w", err)
	}
	return found.of(named), nil
}

// meters are meters that were read.
type meters map[clientKey]Meter

// asked asks for the meters of clients, which are added.
func (m meters) asked(d *dialect, named []Named) (all []question) {
	l := loader{dialect: d}
	l.group(named)
	for _, w := range l.wanted {
		all = append(all, question{metersOf[d.name], []any{w.clients, w.agency}, func(r Row) error {
			one, err := readMeter(r, w.agency)
			if err == nil {
				m[clientKey{w.agency, one.Client}] = one
			}
			return err
		}})
	}
	return all
}

func (m meters) of(named []Named) []Meter {
	list := make([]Meter, len(named))
	for i, n := range named {
		list[i] = m[clientKey{n.Agency, n.Client}]
	}
	return list
}

// KnownMeters reads meters as LoadMeters does, and remembers them for as long as nothing at all is committed to the database, by
// whomever. It asks the database whether that is so each time: what it answers is never older than the question.
type KnownMeters struct {
	mu   sync.Mutex // of whoever reads
	calm bool       // the database had the same stamp when it was asked last
	rest int        // reads for which nothing is remembered: something was committed a moment ago, and something else may well follow

	at    sync.RWMutex // what follows
	known meters
	stamp string // the database's, from before they were read
}

// resting is how many reads rest after a commit. To ask for the stamp costs a tenth of a read where commits come all the time.
const resting = 8

// mostKnown is how many meters are remembered.
const mostKnown = 20_000

// Known is a client's meter if it is remembered, and the database says without being asked that it is as it was.
func (m *KnownMeters) Known(db *DB, named Named) (Meter, bool) {
	m.at.RLock()
	defer m.at.RUnlock()
	meter, is := m.known[clientKey{named.Agency, named.Client}]
	return meter, is && db.engine.still(m.stamp)
}

// Load reads the meters of clients.
func (m *KnownMeters) Load(ctx context.Context, db *DB, named []Named) ([]Meter, error) {
	ctx, cancel := bounded(ctx, db.options.timeout)
	defer cancel()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.rest > 0 {
		m.rest--
		return LoadMeters(ctx, db.engine, named)
	}
	if len(m.known)+len(named) > mostKnown {
		m.forget()
	}
	for {
		unknown := named
		if m.calm { // else what is known would hardly do
			unknown = m.unknown(named)
		}
		found := meters{}
		stamp, err := db.engine.look(ctx, found.asked(db.dialect, unknown))
		if err != nil {
			m.forget()
			return nil, fmt.Errorf("reading meters: %w", err)
		}
		same := stamp != "" && stamp == m.stamp
		if m.calm = same; !same {
			m.rest = resting
		}
		m.remember(found, stamp, same)
		if same || len(unknown) == len(named) {
			return m.known.of(named), nil
		}
	}
}

// remember remembers meters beside those that are known, or instead of them.
func (m *KnownMeters) remember(found meters, stamp string, beside bool) {
	m.at.Lock()
	defer m.at.Unlock()
	if beside {
		maps.Copy(m.known, found)
		return
	}
	m.known, m.stamp = found, stamp
}

func (m *KnownMeters) forget() {
	m.calm = false
	m.remember(nil, "", false)
}

func (m *KnownMeters) unknown(named []Named) (list []Named) {
	for _, n := range named {
		if _, is := m.known[clientKey{n.Agency, n.Client}]; !is {
			list = append(list, n)
		}
	}
	return list
}

// metersOf is the statement for clients of an agency, by the database program.
var metersOf = map[string]string{sqliteDialect.name: meterStatement(sqliteDialect), postgresDialect.name: meterStatement(postgresDialect)}

func meterStatement(d *dialect) string {
	return `
		SELECT a.client_id, a.denial_policy, a.hold_reason, a.hold_since, a.override_until, a.override_reason,
		       a.period_end, a.included_ms, a.wallet_used_ms, a.billable_ms, a.uncovered_ms, a.wallet_ms, a.exhausted_since, a.updated_at, a.next_due,
		       CASE WHEN c.timezone = '' THEN g.timezone ELSE c.timezone END, g.test_clock,
		       s.id, s.terms, s.status, s.status_since, s.cancel, s.canceled_at
		FROM ` + d.listed(1) + `
		CROSS JOIN agencies AS g
		` + d.looked("CROSS", "accounts", "a", "a.agency_id = g.id AND a.client_id = wanted.value") + `
		` + d.looked("CROSS", "clients", "c", "c.agency_id = g.id AND c.id = wanted.value") + `
		` + d.looked("LEFT", "subscriptions", "s", "s.agency_id = g.id AND s.id = a.subscription_id") + `
		WHERE g.id = $2`
}

// listed is a list as a table wanted with the one column value. PostgreSQL is not to see how long the list is: it would make
// another plan each time, which takes longer than carrying it out.
func (d *dialect) listed(place int) string {
	if d.arrays {
		return fmt.Sprintf("unnest((SELECT $%d::bigint[])) AS wanted (value)", place)
	}
	return fmt.Sprintf("json_each($%d) AS wanted", place)
}

// looked joins a row that is looked up for each row before it. No estimate leads to another plan: joined plainly, a table
// that was never analysed is read by whatever index begins with the agency.
func (d *dialect) looked(join, table, alias, where string) string {
	if !d.arrays {
		return fmt.Sprintf("%s JOIN %s AS %s ON %s", join, table, alias, where)
	}
	on := ""
	if join == "LEFT" {
		on = " ON TRUE"
	}
	return fmt.Sprintf("%s JOIN LATERAL (SELECT * FROM %s AS %s WHERE %s OFFSET 0) AS %s%s", join, table, alias, where, alias, on)
}

func readMeter(r Row, agency billing.ID) (m Meter, err error) {
	a, s := &billing.Account{Agency: agency}, &billing.Subscription{}
	used := &a.Period.Used
	var hold billing.Hold
	var override billing.Override
	var terms, cancel string
	if err := r.Scan(&a.Client, (*string)(&a.Denial), &hold.Reason, &hold.Since, &override.Until, &override.Reason,
		&a.Period.End, &used.Included, &used.Wallet, &used.Billable, &used.Uncovered, &a.Wallet, &a.Exhausted, &a.Written, &m.Due,
		&a.Zone, &m.Clock,
		&s.ID, &terms, (*string)(&s.Status), &s.StatusSince, &cancel, &s.CanceledAt); err != nil {
		return m, err
	}
	m.Account = a
	if !hold.Since.IsZero() {
		a.Hold = &hold
	}
	if !override.Until.IsZero() {
		a.Override = &override
	}
	if s.ID == 0 {
		return m, nil
	}
	a.Subscription, a.Period.SubscriptionID = s, s.ID
	if cancel != "" {
		s.Cancel = &billing.ScheduledCancel{}
		err = json.Unmarshal([]byte(cancel), s.Cancel)
	}
	s.Terms, err = firstDecoded(terms, err)
	if err != nil {
		err = fmt.Errorf("reading subscription %d: %w", s.ID, err)
	}
	return m, err
}

// decodedTerms are terms by the text they were decoded from: an agency's clients share a few.
var decodedTerms struct {
	sync.RWMutex
	of map[string]billing.Terms
}

const mostTerms = 1000

// firstDecoded decodes the terms of a meter, unless something else was wrong before.
func firstDecoded(text string, wrong error) (terms billing.Terms, err error) {
	if wrong != nil {
		return terms, wrong
	}
	d := &decodedTerms
	d.RLock()
	terms, known := d.of[text]
	d.RUnlock()
	if known {
		return terms, nil
	}
	if err := json.Unmarshal([]byte(text), &terms); err != nil {
		return terms, err
	}
	d.Lock()
	defer d.Unlock()
	if d.of == nil || len(d.of) >= mostTerms {
		d.of = map[string]billing.Terms{}
	}
	d.of[text] = terms
	return terms, nil
}
