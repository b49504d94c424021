package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"minutebook/billing"
)

// Named names an account to be loaded, with the closed payment requests that are to be loaded beside its open ones.
type Named struct {
	Agency   billing.ID
	Client   billing.ID
	Requests []billing.ID
}

// LoadAccount reads a client's account whole; with DB.ForUpdate as hold, its row is held until the transaction ends. Of the payment requests it
// reads those that are open and those that are named. ErrMissing if the agency has no such client.
func LoadAccount(ctx context.Context, q Q, hold string, agency, client billing.ID, named ...billing.ID) (*billing.Account, error) {
	accounts, err := LoadAccounts(ctx, q, hold, []Named{{agency, client, named}})
	switch {
	case err != nil:
		return nil, err
	case accounts[0] == nil:
		return nil, fmt.Errorf("%w", ErrMissing)
	}
	return accounts[0], nil
}

// LoadAccounts is LoadAccount for many clients, in as many statements as for one of each agency. They are held in the
// order of their ids, so that nobody waits for anybody in a circle. The answer is in the order of the question, nil
// where there is no such client, or where hold passes over rows that somebody else holds.
func LoadAccounts(ctx context.Context, q Q, hold string, named []Named) ([]*billing.Account, error) {
	l := loader{dialect: spoken(q), found: map[clientKey]*billing.Account{}}
	l.group(named)
	if err := askAll(ctx, q, l.meters(hold)); err != nil {
		return nil, fmt.Errorf("reading accounts: %w", err)
	}
	if len(l.found) > 0 { // statements of their own: they see what whoever held the rows before us left
		if err := askAll(ctx, q, l.rest()); err != nil {
			return nil, fmt.Errorf("reading what belongs to accounts: %w", err)
		}
	}
	accounts := make([]*billing.Account, len(named))
	for i, n := range named {
		if accounts[i] = l.found[clientKey{n.Agency, n.Client}]; accounts[i] != nil && len(n.Requests) > 0 {
			slices.SortFunc(accounts[i].Requests, func(a, b *billing.Request) int { return cmp.Compare(a.ID, b.ID) })
		}
	}
	return accounts, nil
}

type clientKey struct{ agency, client billing.ID }

// loader reads the accounts of a few agencies.
type loader struct {
	*dialect
	wanted []*wanted // in the order of the agencies' ids
	found  map[clientKey]*billing.Account
}

// wanted is what is to be read of one agency.
type wanted struct {
	agency        billing.ID
	clients       ids // in order
	requests      ids // named
	subscriptions ids // of the clients that were found
}

// group brings the named accounts into the order in which everybody holds them.
func (l *loader) group(named []Named) {
	named = slices.Clone(named)
	slices.SortFunc(named, func(a, b Named) int { return cmp.Or(cmp.Compare(a.Agency, b.Agency), cmp.Compare(a.Client, b.Client)) })
	for _, n := range named {
		if len(l.wanted) == 0 || l.wanted[len(l.wanted)-1].agency != n.Agency {
			l.wanted = append(l.wanted, &wanted{agency: n.Agency})
		}
		w := l.wanted[len(l.wanted)-1]
		if len(w.clients) == 0 || w.clients[len(w.clients)-1] != n.Client {
			w.clients = append(w.clients, n.Client)
		}
		w.requests = append(w.requests, n.Requests...)
	}
}

func (l *loader) meters(hold string) (all []question) {
	for _, w := range l.wanted {
		all = append(all, question{`
			SELECT client_id, seq, events, plan_id, denial_policy, hold_reason, hold_since, override_until, override_reason, subscription_id,
			       period_index, period_start, period_end, period_closed, included_ms, wallet_used_ms, billable_ms, uncovered_ms,
			       wallet_ms, exhausted_since, access_reason, access_since, updated_at
			FROM ` + l.eachOf("accounts", "agency_id = $1", "client_id", 2, "bigint", hold), []any{w.agency, w.clients}, func(r Row) error { return l.meter(r, w) }})
	}
	return all
}

func (l *loader) meter(r Row, w *wanted) error {
	a := &billing.Account{Agency: w.agency}
	var holdReason, overrideReason string
	var holdSince, overrideUntil time.Time
	err := r.Scan(&a.Client, &a.Seq, &a.Events, &a.PlanID, &a.Denial, &holdReason, &holdSince, &overrideUntil, &overrideReason, &a.Period.SubscriptionID,
		&a.Period.Index, &a.Period.Start, &a.Period.End, &a.Period.ClosedAt,
		&a.Period.Used.Included, &a.Period.Used.Wallet, &a.Period.Used.Billable, &a.Period.Used.Uncovered,
		&a.Wallet, &a.Exhausted, &a.Access.Reason, &a.Access.Since, &a.Written)
	if !holdSince.IsZero() {
		a.Hold = &billing.Hold{Reason: holdReason, Since: holdSince}
	}
	if !overrideUntil.IsZero() {
		a.Override = &billing.Override{Until: overrideUntil, Reason: overrideReason}
	}
	if a.Period.SubscriptionID != 0 {
		w.subscriptions = append(w.subscriptions, a.Period.SubscriptionID)
	}
	l.found[clientKey{w.agency, a.Client}] = a
	return err
}

// rest reads what hangs on the accounts that were found.
func (l *loader) rest() (all []question) {
	for _, w := range l.wanted {
		of := func(client billing.ID) *billing.Account { return l.found[clientKey{w.agency, client}] }
		each := func(columns, table, where, key string, list any, order string, read func(r Row, of accountOf) error) {
			sql := `SELECT ` + columns + ` FROM ` + l.eachOf(table, "agency_id = $1"+where, key, 2, "bigint", "") + order
			all = append(all, question{sql, []any{w.agency, list}, func(r Row) error { return read(r, of) }})
		}
		all = append(all, question{`
			SELECT found.id, found.name, g.recovery, g.blocked_exit, CASE WHEN found.timezone = '' THEN g.timezone ELSE found.timezone END
			FROM agencies g, ` + l.eachOf("clients", "agency_id = $1", "id", 2, "bigint", "") + `
			WHERE g.id = $1`, []any{w.agency, w.clients}, func(r Row) error { return readPolicy(r, of) }})
		if len(w.subscriptions) > 0 {
			each(`client_id, `+subscriptionColumns, "subscriptions", "", "id", w.subscriptions, "", readNewest)
		}
		each(`client_id, pack_id`, "client_packs", "", "client_id", w.clients, ` ORDER BY client_id, place`, readOfferedPack)
		each(`client_id, currency, currency_digits, amount`, "credits", "", "client_id", w.clients, "", readCredit)
		each(`client_id, id, currency, currency_digits, amount, left_amount, usage_event_id, description`, "credit_lines", " AND left_amount > 0", "client_id",
			w.clients, ` ORDER BY id`, readOpenCreditLine)
		each(`client_id, id, name, external_id, direction, status, paused_by, pause_reason`, "campaigns", " AND status <> 'STOPPED'", "client_id",
			w.clients, ` ORDER BY id`, readCampaign)
		each(`client_id, `+requestColumns, "payment_requests", " AND status IN ('PENDING', 'OVERDUE', 'FAILED')", "client_id", w.clients, ` ORDER BY id`, readRequest)
		if len(w.requests) > 0 {
			each(`client_id, `+requestColumns, "payment_requests", " AND status NOT IN ('PENDING', 'OVERDUE', 'FAILED')", "id", w.requests, ` ORDER BY id`, readRequest)
		}
	}
	return all
}

// accountOf finds the account a row belongs to; nil for one that nobody asked for.
type accountOf func(client billing.ID) *billing.Account

func readPolicy(r Row, of accountOf) error {
	var card billing.Account
	err := r.Scan(&card.Client, &card.Name, &card.Policy.Recovery, &card.Policy.BlockedExit, &card.Zone)
	if a := of(card.Client); a != nil {
		a.Name, a.Policy, a.Zone = card.Name, card.Policy, card.Zone
	}
	return err
}

const subscriptionColumns = `id, plan_id, plan_version, terms, timezone, anchor, status, status_since, started_at, cancel, canceled_at, reason`

func scanSubscription(r Row, s *billing.Subscription) error {
	var terms, anchor, cancel string
	if err := r.Scan(&s.ID, &s.PlanID, &s.PlanVersion, &terms, &s.Zone, &anchor, &s.Status, &s.StatusSince, &s.StartedAt, &cancel, &s.CanceledAt, &s.Reason); err != nil {
		return err
	}
	return decodeSubscription(s, terms, anchor, cancel)
}

func decodeSubscription(s *billing.Subscription, terms, anchor, cancel string) error {
	if err := s.Anchor.UnmarshalText([]byte(anchor)); err != nil {
		return err
	}
	if cancel != "" {
		s.Cancel = &billing.ScheduledCancel{}
		if err := json.Unmarshal([]byte(cancel), s.Cancel); err != nil {
			return fmt.Errorf("reading the scheduled cancel of subscription %d: %w", s.ID, err)
		}
	}
	if err := json.Unmarshal([]byte(terms), &s.Terms); err != nil {
		return fmt.Errorf("reading the terms of subscription %d: %w", s.ID, err)
	}
	return nil
}

func readNewest(r Row, of accountOf) error {
	var client billing.ID
	s := &billing.Subscription{}
	err := scanSubscription(withID{r, &client}, s)
	if a := of(client); a != nil {
		a.Subscription = s
	}
	return err
}

func readOfferedPack(r Row, of accountOf) error {
	var client, pack billing.ID
	err := r.Scan(&client, &pack)
	if a := of(client); a != nil {
		a.PackIDs = append(a.PackIDs, pack)
	}
	return err
}

func readCredit(r Row, of accountOf) error {
	var client billing.ID
	var c billing.Credit
	err := r.Scan(&client, &c.Currency.Code, &c.Currency.Digits, &c.Amount)
	if a := of(client); a != nil {
		a.Credits = append(a.Credits, c)
	}
	return err
}

func readCreditLine(r Row, c *billing.CreditLine) error {
	return r.Scan(&c.ID, &c.Currency.Code, &c.Currency.Digits, &c.Amount, &c.Left, &c.UsageEventID, &c.Description)
}

func readOpenCreditLine(r Row, of accountOf) error {
	var client billing.ID
	var c billing.CreditLine
	err := readCreditLine(withID{r, &client}, &c)
	if a := of(client); a != nil {
		a.CreditLines = append(a.CreditLines, c)
	}
	return err
}

func readCampaign(r Row, of accountOf) error {
	var client billing.ID
	c := &billing.Campaign{}
	err := r.Scan(&client, &c.ID, &c.Name, &c.ExternalID, &c.Direction, &c.Status, &c.PausedBy, &c.PauseReason)
	if a := of(client); a != nil {
		a.Campaigns = append(a.Campaigns, c)
	}
	return err
}

const requestColumns = `id, number, subscription_id, period_index, kind, status, currency, currency_digits, lines, amount, amount_paid,
		period_start, period_end, issued_at, due_at, grace_ends_at, paid_at, external_payment_id, notes, settlement_id, settlement,
		pack_id, pack_ms, clawed_back_ms, shortfall_ms`

// scanRequest reads the columns above and, behind them, whatever else the query selects.
func scanRequest(r Row, p *billing.Request, more ...any) error {
	var lines string
	err := r.Scan(append([]any{
		&p.ID, &p.Number, &p.SubscriptionID, &p.PeriodIndex, &p.Kind, &p.Status, &p.Currency.Code, &p.Currency.Digits, &lines, &p.Amount, &p.AmountPaid,
		&p.PeriodStart, &p.PeriodEnd, &p.IssuedAt, &p.DueAt, &p.GraceEndsAt, &p.PaidAt, &p.ExternalPaymentID, &p.Notes, &p.SettlementID, &p.Settlement,
		&p.PackID, &p.PackMinutes, &p.ClawedBack, &p.Shortfall,
	}, more...)...)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(lines), &p.Lines); err != nil {
		return fmt.Errorf("reading the lines of payment request %d: %w", p.ID, err)
	}
	return nil
}

func readRequest(r Row, of accountOf) error {
	var client billing.ID
	p := &billing.Request{}
	err := scanRequest(withID{r, &client}, p)
	if a := of(client); a != nil {
		a.Requests = append(a.Requests, p)
	}
	return err
}

// LoadFee adds the fee request of the open period to a loaded account, paid or not.
func LoadFee(ctx context.Context, q Q, a *billing.Account) error {
	var fee billing.Request
	err := scanRequest(q.QueryRow(ctx, `
		SELECT `+requestColumns+`
		FROM payment_requests
		WHERE agency_id = $1 AND subscription_id = $2 AND period_index = $3 AND kind = 'RECURRING'`, a.Agency, a.Period.SubscriptionID, a.Period.Index), &fee)
	switch {
	case errors.Is(err, ErrMissing):
		return nil
	case err == nil && a.Request(fee.ID) == nil:
		a.Requests = append(a.Requests, &fee)
	}
	return err
}
