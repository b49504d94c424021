package store

import (
	"context"
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

// RunningClients lists every client with a live subscription, or those of them who used billable minutes in the open
// period. Terms are read once a plan version, of which a subscription's terms are the copy.
func RunningClients(ctx context.Context, q Q, agency billing.ID, billable bool) ([]Running, error) {
	terms, err := soldTerms(ctx, q, agency, " AND s.status <> 'canceled'")
	if err != nil {
		return nil, err
	}
	only := ""
	if billable {
		only = " AND a.billable_ms > 0"
	}
	return Collect(func(r Row, c *Running) error {
		var v planVersion
		err := r.Scan(&c.Client, &c.Name, &c.Status, &c.Access, &c.PeriodEnd, &c.Used.Included, &c.Used.Wallet, &c.Used.Billable, &c.Used.Uncovered, &c.Wallet, &v.plan, &v.version)
		c.Plan, c.Terms = v.plan, terms[v]
		return err
	})(q.Query(ctx, `
		SELECT a.client_id, c.name, s.status, a.access_reason, a.period_end, a.included_ms, a.wallet_used_ms, a.billable_ms, a.uncovered_ms, a.wallet_ms, s.plan_id, s.plan_version
		FROM subscriptions s
		JOIN accounts a ON a.agency_id = s.agency_id AND a.client_id = s.client_id
		JOIN clients c ON c.agency_id = s.agency_id AND c.id = s.client_id
		WHERE s.agency_id = $1 AND s.status <> 'canceled'`+only+`
		ORDER BY a.client_id`, agency))
}

// IncludedLeft is what live subscriptions have left of their included minutes: one client's, or those of all. None ever
// uses more than it has.
func IncludedLeft(ctx context.Context, q Q, agency, client billing.ID) (left billing.Millis, err error) {
	terms, err := soldTerms(ctx, q, agency, " AND s.status <> 'canceled'")
	if err != nil {
		return 0, err
	}
	type sum struct {
		planVersion
		subscriptions int64
		used          billing.Millis
	}
	only, args := "", []any{agency}
	if client != 0 {
		only, args = " AND a.client_id = $2", append(args, client)
	}
	sums, err := Collect(func(r Row, s *sum) error { return r.Scan(&s.plan, &s.version, &s.subscriptions, &s.used) })(q.Query(ctx, `
		SELECT s.plan_id, s.plan_version, COUNT(*), CAST(SUM(a.included_ms) AS BIGINT)
		FROM subscriptions s JOIN accounts a ON a.agency_id = s.agency_id AND a.client_id = s.client_id
		WHERE s.agency_id = $1 AND s.status <> 'canceled'`+only+`
		GROUP BY s.plan_id, s.plan_version`, args...))
	for _, s := range sums {
		granted, err := terms[s.planVersion].Included.Times(s.subscriptions)
		if err != nil {
			return 0, err
		}
		left += granted - s.used
	}
	return left, err
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
