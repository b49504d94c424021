package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"minutebook/billing"
)

// Meter is as much of a client's account as one row of each kind tells: all but its requests, packs, credits, credit
// lines and campaigns.
type Meter struct {
	*billing.Account
	Due   time.Time // when something happens to it by itself; zero: never
	Clock time.Time // its sandbox's now; zero in production
}

// LoadMeter reads a client's meter in one statement, which sees everything as of one instant. ErrMissing if the agency
// has no such client.
func LoadMeter(ctx context.Context, q Q, agency, client billing.ID) (m Meter, err error) {
	a, s := &billing.Account{Agency: agency, Client: client}, &billing.Subscription{}
	var hold billing.Hold
	var override billing.Override
	var terms, cancel string
	err = q.QueryRow(ctx, `
		SELECT a.seq, a.events, a.plan_id, a.denial_policy, a.hold_reason, a.hold_since, a.override_until, a.override_reason,
		       a.period_index, a.period_start, a.period_end, a.period_closed, a.included_ms, a.wallet_used_ms, a.billable_ms, a.uncovered_ms,
		       a.wallet_ms, a.exhausted_since, a.access_reason, a.access_since, a.updated_at, a.next_due,
		       c.name, CASE WHEN c.timezone = '' THEN g.timezone ELSE c.timezone END, g.recovery, g.blocked_exit, g.test_clock,
		       s.id, s.plan_id, s.plan_version, s.terms, s.timezone, s.status, s.status_since, s.started_at, s.cancel, s.canceled_at, s.reason
		FROM accounts a
		JOIN clients c ON c.agency_id = a.agency_id AND c.id = a.client_id
		JOIN agencies g ON g.id = a.agency_id
		LEFT JOIN subscriptions s ON s.agency_id = a.agency_id AND s.id = a.subscription_id
		WHERE a.agency_id = $1 AND a.client_id = $2`, agency, client).Scan(
		&a.Seq, &a.Events, &a.PlanID, &a.Denial, &hold.Reason, &hold.Since, &override.Until, &override.Reason,
		&a.Period.Index, &a.Period.Start, &a.Period.End, &a.Period.ClosedAt, &a.Period.Used.Included, &a.Period.Used.Wallet, &a.Period.Used.Billable, &a.Period.Used.Uncovered,
		&a.Wallet, &a.Exhausted, &a.Access.Reason, &a.Access.Since, &a.Written, &m.Due,
		&a.Name, &a.Zone, &a.Policy.Recovery, &a.Policy.BlockedExit, &m.Clock,
		&s.ID, &s.PlanID, &s.PlanVersion, &terms, &s.Zone, &s.Status, &s.StatusSince, &s.StartedAt, &cancel, &s.CanceledAt, &s.Reason)
	if err != nil {
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
	if err := firstFailure(err, json.Unmarshal([]byte(terms), &s.Terms)); err != nil {
		return m, fmt.Errorf("reading subscription %d: %w", s.ID, err)
	}
	return m, nil
}
