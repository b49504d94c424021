package store

import (
	"context"
	"strconv"
	"time"

	"minutebook/billing"
)

// Owed is the money outstanding in one currency.
type Owed struct {
	Currency billing.Currency
	Requests int64         // how many are open
	Due      billing.Money // open and not yet due
	Overdue  billing.Money // due for at most 30 days
	Old      billing.Money // due for longer
	Late     int64         // how many are overdue
}

// Open is all that is outstanding in the currency.
func (o Owed) Open() billing.Money { return o.Due + o.Overdue + o.Old }

// PastDue is all that is overdue in the currency.
func (o Owed) PastDue() billing.Money { return o.Overdue + o.Old }

// Outstanding sums what is open in an agency, or with a client of that client alone, by currency and age.
func Outstanding(ctx context.Context, q Q, agency, client billing.ID, now time.Time) ([]Owed, error) {
	only, args := "", []any{agency, now, now.AddDate(0, 0, -30)}
	if client != 0 {
		only, args = " AND client_id = $4", append(args, client)
	}
	return Collect(func(r Row, o *Owed) error {
		return r.Scan(&o.Currency.Code, &o.Currency.Digits, &o.Requests, &o.Due, &o.Overdue, &o.Old, &o.Late)
	})(q.Query(ctx, `
		SELECT currency, currency_digits, COUNT(*),
		       CAST(SUM(CASE WHEN due_at > $2 THEN amount - amount_paid ELSE 0 END) AS BIGINT),
		       CAST(SUM(CASE WHEN due_at <= $2 AND due_at > $3 THEN amount - amount_paid ELSE 0 END) AS BIGINT),
		       CAST(SUM(CASE WHEN due_at <= $3 THEN amount - amount_paid ELSE 0 END) AS BIGINT),
		       CAST(SUM(CASE WHEN due_at <= $2 THEN 1 ELSE 0 END) AS BIGINT)
		FROM payment_requests
		WHERE agency_id = $1 AND status IN ('PENDING', 'OVERDUE', 'FAILED')`+only+`
		GROUP BY currency, currency_digits
		ORDER BY MIN(id)`, args...))
}

// Running is a client with a live subscription, as the home page looks at it.
type Running struct {
	Client    billing.ID
	Plan      billing.ID
	Name      string
	Status    billing.Status
	Access    billing.Reason
	PeriodEnd time.Time
	Used      billing.Split
	Wallet    billing.Millis
	Terms     billing.Terms
}

// AccruingClients lists the clients with a live subscription who used billable minutes in the open period, without their names. Terms
// are read once a plan version, of which a subscription's terms are the copy.
func AccruingClients(ctx context.Context, q Q, agency billing.ID) ([]Running, error) {
	terms, err := soldTerms(ctx, q, agency, live)
	if err != nil {
		return nil, err
	}
	return Collect(func(r Row, c *Running) error {
		var v planVersion
		err := r.Scan(&c.Client, &c.Used.Billable, &v.plan, &v.version)
		c.Plan, c.Terms = v.plan, terms[v]
		return err
	})(q.Query(ctx, `
		SELECT a.client_id, a.billable_ms, s.plan_id, s.plan_version
		FROM accounts a
		JOIN subscriptions s ON s.agency_id = a.agency_id AND s.client_id = a.client_id`+live+`
		WHERE a.agency_id = $1 AND a.billable_ms > 0`, agency))
}

// Sold is how many live subscriptions run on one version of a plan.
type Sold struct {
	Terms         billing.Terms
	Subscriptions int64
}

// SoldNow counts the live subscriptions of an agency, by version, those of the oldest plan first.
func SoldNow(ctx context.Context, q Q, agency billing.ID) ([]Sold, error) {
	return soldNow(ctx, q, agency, 0)
}

// soldNow counts them, or those of one client.
func soldNow(ctx context.Context, q Q, agency, client billing.ID) ([]Sold, error) {
	only, args := "", []any{agency}
	if client != 0 {
		only, args = " AND s.client_id = $2", append(args, client)
	}
	terms, err := soldTerms(ctx, q, agency, live)
	if err != nil {
		return nil, err
	}
	return Collect(func(r Row, n *Sold) error {
		var v planVersion
		err := r.Scan(&v.plan, &v.version, &n.Subscriptions)
		n.Terms = terms[v]
		return err
	})(q.Query(ctx, `
		SELECT s.plan_id, s.plan_version, COUNT(*)
		FROM subscriptions s
		WHERE s.agency_id = $1`+live+only+`
		GROUP BY s.plan_id, s.plan_version
		ORDER BY s.plan_id, s.plan_version`, args...))
}

// NewestRunning is the newest of the clients with a live subscription. ErrMissing if there is none.
func NewestRunning(ctx context.Context, q Q, agency billing.ID) (c Subject, err error) {
	err = q.QueryRow(ctx, `
		SELECT c.id, c.name
		FROM subscriptions s
		JOIN clients c ON c.agency_id = s.agency_id AND c.id = s.client_id
		WHERE s.agency_id = $1`+live+`
		ORDER BY s.client_id DESC
		LIMIT 1`, agency).Scan(&c.ID, &c.Name)
	return c, err
}

// LateClients lists clients whose subscription is blocked, then those who are past due; at most so many, 0 is all.
func LateClients(ctx context.Context, q Q, agency billing.ID, most int) ([]Running, error) {
	return Collect(func(r Row, c *Running) error { return r.Scan(&c.Client, &c.Name, &c.Status) })(q.Query(ctx, `
		SELECT s.client_id, c.name, s.status
		FROM subscriptions s
		JOIN clients c ON c.agency_id = s.agency_id AND c.id = s.client_id
		WHERE s.agency_id = $1 AND s.status IN ('blocked', 'past_due')
		ORDER BY s.status, s.client_id`+limit(most), agency))
}

// RenewingClients lists clients whose period ends after one instant and not after another, the first to end first: those who are
// not blocked. At most so many, 0 is all.
func RenewingClients(ctx context.Context, q Q, agency billing.ID, after, until time.Time, most int) ([]Running, error) {
	terms, err := soldTerms(ctx, q, agency, live)
	if err != nil {
		return nil, err
	}
	return Collect(func(r Row, c *Running) error {
		var v planVersion
		err := r.Scan(&c.Client, &c.Name, &c.Status, &c.PeriodEnd, &v.plan, &v.version)
		c.Plan, c.Terms = v.plan, terms[v]
		return err
	})(q.Query(ctx, `
		SELECT s.client_id, c.name, s.status, p.end_at, s.plan_id, s.plan_version
		FROM periods p
		JOIN subscriptions s ON s.agency_id = p.agency_id AND s.id = p.subscription_id
		JOIN clients c ON c.agency_id = s.agency_id AND c.id = s.client_id
		WHERE p.agency_id = $1 AND p.closed_at IS NULL AND p.end_at > $2 AND p.end_at <= $3 AND s.status IN ('active', 'past_due')
		ORDER BY p.end_at, p.subscription_id`+limit(most), agency, after, until))
}

// Pressing is what brings clients near their limits, or beyond.
type Pressing struct {
	where string
	args  []any
}

// NoMinutes is where no pool has any left.
func NoMinutes() Pressing { return Pressing{where: "a.access_reason = 'minutes_exhausted'"} }

// LittleInWallet is where at most so much is left in a wallet that had something, and so much of the included minutes is used.
func LittleInWallet(left, used billing.Millis) Pressing {
	return Pressing{"a.wallet_ms <= $2 AND a.included_ms >= $3 AND (a.wallet_ms > 0 OR a.wallet_used_ms > 0)", []any{left, used}}
}

// MuchUsed is where so much of the included minutes is used.
func MuchUsed(included billing.Millis) Pressing {
	return Pressing{"a.included_ms >= $2", []any{included}}
}

// EachPressed reads the clients with a live subscription where something presses, until each says that it has enough. They come in the
// order of their age, without their names.
func EachPressed(ctx context.Context, q Q, agency billing.ID, p Pressing, each func(Running) (more bool)) error {
	terms, err := soldTerms(ctx, q, agency, live)
	if err != nil {
		return err
	}
	rows, err := q.Query(ctx, `
		SELECT a.client_id, s.status, a.access_reason, a.included_ms, a.wallet_used_ms, a.wallet_ms, s.plan_id, s.plan_version
		FROM accounts a
		JOIN subscriptions s ON s.agency_id = a.agency_id AND s.client_id = a.client_id`+live+`
		WHERE a.agency_id = $1 AND `+p.where+`
		ORDER BY a.client_id`, append([]any{agency}, p.args...)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var c Running
		var v planVersion
		if err := rows.Scan(&c.Client, &c.Status, &c.Access, &c.Used.Included, &c.Used.Wallet, &c.Wallet, &v.plan, &v.version); err != nil {
			return err
		}
		if c.Plan, c.Terms = v.plan, terms[v]; !each(c) {
			return nil
		}
	}
	return rows.Err()
}

// live is which subscriptions are.
const live = ` AND s.status <> 'canceled'`

// limit is the end of a statement that answers at most so many rows, or all where that is 0. It stands in the statement, because as
// an argument it counts as a tenth of the table to PostgreSQL.
func limit(most int) string {
	if most == 0 {
		return ""
	}
	return " LIMIT " + strconv.Itoa(most)
}

// IncludedLeft is what live subscriptions have left of their included minutes: one client's, or those of all. None ever
// uses more than it has, and each has an open period.
func IncludedLeft(ctx context.Context, q Q, agency, client billing.ID) (left billing.Millis, err error) {
	sold, err := soldNow(ctx, q, agency, client)
	if err != nil {
		return 0, err
	}
	for _, s := range sold {
		granted, err := s.Terms.Included.Times(s.Subscriptions)
		if err != nil {
			return 0, err
		}
		left += granted
	}
	only, args := "", []any{agency}
	if client != 0 {
		only, args = " AND client_id = $2", append(args, client)
	}
	var used billing.Millis
	err = q.QueryRow(ctx, `SELECT CAST(COALESCE(SUM(included_ms), 0) AS BIGINT) FROM accounts WHERE agency_id = $1 AND period_end IS NOT NULL AND period_closed IS NULL`+only, args...).Scan(&used)
	return left - used, err
}

type planVersion struct {
	plan    billing.ID
	version int
}

// soldTerms reads the terms of the plan versions that subscriptions run on, or ran on; only narrows these.
func soldTerms(ctx context.Context, q Q, agency billing.ID, only string) (map[planVersion]billing.Terms, error) {
	type one struct {
		planVersion
		terms string
	}
	versions, err := Collect(func(r Row, v *one) error { return r.Scan(&v.plan, &v.version, &v.terms) })(q.Query(ctx, `
		SELECT plan_id, version, terms
		FROM plan_versions v
		WHERE agency_id = $1 AND EXISTS (
		      SELECT 1 FROM subscriptions s
		      WHERE s.agency_id = v.agency_id AND s.plan_id = v.plan_id AND s.plan_version = v.version`+only+`)`, agency))
	terms := map[planVersion]billing.Terms{}
	for _, v := range versions {
		var t billing.Terms
		if err := readTerms([]byte(v.terms), &t); err != nil {
			return nil, err
		}
		terms[v.planVersion] = t
	}
	return terms, err
}

// Begun says how far an agency has come with its first steps.
type Begun struct{ Plan, Client, Subscription, Usage, Payment bool }

// FirstSteps reads how far an agency has come.
func FirstSteps(ctx context.Context, q Q, agency billing.ID) (b Begun, err error) {
	err = q.QueryRow(ctx, `
		SELECT EXISTS (SELECT 1 FROM plans WHERE agency_id = $1), EXISTS (SELECT 1 FROM clients WHERE agency_id = $1),
		       EXISTS (SELECT 1 FROM subscriptions WHERE agency_id = $1), EXISTS (SELECT 1 FROM agency_days WHERE agency_id = $1),
		       EXISTS (SELECT 1 FROM payments WHERE agency_id = $1)`, agency).Scan(&b.Plan, &b.Client, &b.Subscription, &b.Usage, &b.Payment)
	return b, err
}

// InboxCounts says how many reports wait for a client, and how many were refused.
func InboxCounts(ctx context.Context, q Q, agency billing.ID) (unassigned, rejected int64, err error) {
	err = q.QueryRow(ctx, `
		SELECT (SELECT COUNT(*) FROM unassigned_events WHERE agency_id = $1 AND assigned_at IS NULL),
		       (SELECT COUNT(*) FROM rejected_events WHERE agency_id = $1 AND replayed_at IS NULL)`, agency).Scan(&unassigned, &rejected)
	return unassigned, rejected, err
}
