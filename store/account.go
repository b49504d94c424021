package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"minutebook/billing"
)

// LoadAccount reads a client's account whole; with DB.ForUpdate as hold, its row is held until the transaction ends. Of the payment requests it
// reads those that are open and those that are named. ErrMissing if the agency has no such client.
func LoadAccount(ctx context.Context, q Q, hold string, agency, client billing.ID, named ...billing.ID) (*billing.Account, error) {
	a := &billing.Account{Agency: agency, Client: client}
	subscription, err := loadMeter(ctx, q, a, hold)
	if err != nil {
		return nil, err
	}
	if subscription != 0 {
		if a.Subscription, err = loadSubscription(ctx, q, agency, subscription); err != nil {
			return nil, err
		}
		a.Period.SubscriptionID = subscription
	}
	for _, load := range []func(context.Context, Q, *billing.Account) error{loadPolicy, loadPacks, loadCredits, loadCreditLines, loadCampaigns} {
		if err := load(ctx, q, a); err != nil {
			return nil, err
		}
	}
	return a, loadRequests(ctx, q, a, named)
}

func loadMeter(ctx context.Context, q Q, a *billing.Account, hold string) (subscription billing.ID, err error) {
	var holdReason, overrideReason string
	var holdSince, overrideUntil time.Time
	err = q.QueryRow(ctx, `
		SELECT seq, plan_id, denial_policy, hold_reason, hold_since, override_until, override_reason, subscription_id,
		       period_index, period_start, period_end, period_closed, included_ms, wallet_used_ms, billable_ms, uncovered_ms,
		       wallet_ms, exhausted_since, access_reason, access_since, updated_at
		FROM accounts
		WHERE agency_id = $1 AND client_id = $2`+hold, a.Agency, a.Client).Scan(
		&a.Seq, &a.PlanID, &a.Denial, &holdReason, &holdSince, &overrideUntil, &overrideReason, &subscription,
		&a.Period.Index, &a.Period.Start, &a.Period.End, &a.Period.ClosedAt,
		&a.Period.Used.Included, &a.Period.Used.Wallet, &a.Period.Used.Billable, &a.Period.Used.Uncovered,
		&a.Wallet, &a.Exhausted, &a.Access.Reason, &a.Access.Since, &a.Written)
	if !holdSince.IsZero() {
		a.Hold = &billing.Hold{Reason: holdReason, Since: holdSince}
	}
	if !overrideUntil.IsZero() {
		a.Override = &billing.Override{Until: overrideUntil, Reason: overrideReason}
	}
	return subscription, err
}

func loadPolicy(ctx context.Context, q Q, a *billing.Account) error {
	return q.QueryRow(ctx, `
		SELECT c.name, g.recovery, g.blocked_exit, CASE WHEN c.timezone = '' THEN g.timezone ELSE c.timezone END
		FROM clients c JOIN agencies g ON g.id = c.agency_id
		WHERE c.agency_id = $1 AND c.id = $2`, a.Agency, a.Client).Scan(&a.Name, &a.Policy.Recovery, &a.Policy.BlockedExit, &a.Zone)
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

func loadSubscription(ctx context.Context, q Q, agency, id billing.ID) (*billing.Subscription, error) {
	s := &billing.Subscription{}
	return s, scanSubscription(q.QueryRow(ctx, `SELECT `+subscriptionColumns+` FROM subscriptions WHERE agency_id = $1 AND id = $2`, agency, id), s)
}

func loadPacks(ctx context.Context, q Q, a *billing.Account) (err error) {
	a.PackIDs, err = Collect(func(r Row, id *billing.ID) error { return r.Scan(id) })(
		q.Query(ctx, `SELECT pack_id FROM client_packs WHERE agency_id = $1 AND client_id = $2 ORDER BY place`, a.Agency, a.Client))
	return err
}

func loadCredits(ctx context.Context, q Q, a *billing.Account) (err error) {
	a.Credits, err = Collect(func(r Row, c *billing.Credit) error { return r.Scan(&c.Currency.Code, &c.Currency.Digits, &c.Amount) })(
		q.Query(ctx, `SELECT currency, currency_digits, amount FROM credits WHERE agency_id = $1 AND client_id = $2`, a.Agency, a.Client))
	return err
}

func loadCreditLines(ctx context.Context, q Q, a *billing.Account) (err error) {
	a.CreditLines, err = Collect(readCreditLine)(q.Query(ctx, `
		SELECT id, currency, currency_digits, amount, left_amount, usage_event_id, description
		FROM credit_lines
		WHERE agency_id = $1 AND client_id = $2 AND left_amount > 0
		ORDER BY id`, a.Agency, a.Client))
	return err
}

func readCreditLine(r Row, c *billing.CreditLine) error {
	return r.Scan(&c.ID, &c.Currency.Code, &c.Currency.Digits, &c.Amount, &c.Left, &c.UsageEventID, &c.Description)
}

func loadCampaigns(ctx context.Context, q Q, a *billing.Account) (err error) {
	a.Campaigns, err = Collect(func(r Row, c **billing.Campaign) error {
		*c = &billing.Campaign{}
		return r.Scan(&(*c).ID, &(*c).Name, &(*c).ExternalID, &(*c).Direction, &(*c).Status, &(*c).PausedBy, &(*c).PauseReason)
	})(q.Query(ctx, `
		SELECT id, name, external_id, direction, status, paused_by, pause_reason
		FROM campaigns
		WHERE agency_id = $1 AND client_id = $2 AND status <> 'STOPPED'
		ORDER BY id`, a.Agency, a.Client))
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

func loadRequests(ctx context.Context, q Q, a *billing.Account, named []billing.ID) (err error) {
	open := `status IN ('PENDING', 'OVERDUE', 'FAILED')`
	args := []any{a.Agency, a.Client}
	for _, id := range named {
		args = append(args, id)
		open += fmt.Sprintf(" OR id = $%d", len(args))
	}
	a.Requests, err = Collect(func(r Row, p **billing.Request) error {
		*p = &billing.Request{}
		return scanRequest(r, *p)
	})(q.Query(ctx, `SELECT `+requestColumns+` FROM payment_requests WHERE agency_id = $1 AND client_id = $2 AND (`+open+`) ORDER BY id`, args...))
	return err
}

// Saving is a changed account with everything its new facts are signed with.
type Saving struct {
	Account    *billing.Account
	Due        int // how many of the new facts happened by themselves
	Mint       billing.Mint
	RecordedAt time.Time
	Actor      string // who did the rest
	System     string // who did what happened by itself
	Command    string
	Reason     string
}

// SaveAccount writes a changed account: its row, the rows its new facts changed, the facts and the outbox. It numbers
// the payment requests that were issued. It belongs in the transaction that loaded the account.
func SaveAccount(ctx context.Context, q Q, s Saving) error {
	a := s.Account
	if err := a.NumberRequests(func() (int64, error) { return nextRequestNumber(ctx, q, a.Agency) }); err != nil {
		return err
	}
	w := writer{ctx: ctx, q: q, Saving: s, touched: map[billing.ID]bool{}}
	for i, e := range a.Fresh() {
		w.entry(i, e)
	}
	w.meter()
	return w.err
}

func nextRequestNumber(ctx context.Context, q Q, agency billing.ID) (number int64, err error) {
	err = q.QueryRow(ctx, `UPDATE agencies SET next_request_number = next_request_number + 1 WHERE id = $1 RETURNING next_request_number - 1`, agency).Scan(&number)
	return number, err
}

// writer turns facts into rows; after the first error it writes nothing more.
type writer struct {
	Saving
	ctx     context.Context
	q       Q
	err     error
	touched map[billing.ID]bool // requests and campaigns already written in their final state
}

func (w *writer) exec(sql string, args ...any) {
	if w.err == nil {
		_, w.err = w.q.Exec(w.ctx, sql, args...)
	}
}

// entry writes what one fact changed, then the fact itself.
func (w *writer) entry(i int, e billing.Entry) {
	actor := w.Actor
	if i < w.Due {
		actor = w.System
	}
	switch f := e.Fact.(type) {
	case billing.UsageRecorded:
		w.usage(e, f, actor)
		w.wallet(e, actor)
		return // the event is its own record
	case billing.PacksAssigned:
		w.packs(f)
	case billing.SubscriptionStarted:
		w.subscriptionStarted(e.At, f)
	case billing.StatusChanged, billing.CancelScheduled, billing.CancelUndone, billing.SubscriptionCanceled:
		w.subscriptionChanged(e)
	case billing.PeriodOpened:
		w.periodOpened(f)
	case billing.PeriodClosed:
		w.periodClosed(e.Seq, f)
	case billing.RequestIssued:
		w.request(f.Request.ID)
	case billing.RequestChanged:
		w.request(f.RequestID)
	case billing.PaymentRecorded:
		w.payment(f.Payment, actor)
	case billing.CreditLineGranted:
		w.creditLine(f.CreditLine)
	case billing.CreditLineUsed:
		w.exec(`UPDATE credit_lines SET left_amount = left_amount - $1 WHERE agency_id = $2 AND id = $3`, f.Amount, w.Account.Agency, f.CreditLineID)
	case billing.WalletMoved:
		if f.RequestID != 0 {
			w.request(f.RequestID)
		}
	case billing.UsageCorrected:
		w.correction(e.Seq, f, actor)
	case billing.CampaignRegistered:
		w.campaign(f.Campaign.ID)
	case billing.CampaignEdited:
		w.campaign(f.CampaignID)
	case billing.CampaignChanged:
		w.campaign(f.CampaignID)
	}
	w.wallet(e, actor)
	w.fact(i, e, actor)
}

func (w *writer) fact(i int, e billing.Entry, actor string) {
	command, reason := w.Command, w.Reason
	if i < w.Due {
		command, reason = "time", ""
	}
	body := w.json(e.Fact)
	before, after := w.difference(e)
	id := w.Mint()
	w.exec(`
		INSERT INTO facts (agency_id, client_id, seq, id, name, body, at, recorded_at, actor, command, reason, before, after)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		w.Account.Agency, w.Account.Client, e.Seq, id, e.Fact.FactName(), body, e.At, w.RecordedAt, actor, command, reason, before, after)
	w.exec(`
		INSERT INTO outbox (agency_id, id, client_id, seq, name, body, at, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		w.Account.Agency, id, w.Account.Client, e.Seq, e.Fact.FactName(), body, e.At, w.RecordedAt)
}

// difference is what a fact changed: the fields of the summary that are not the same before and after.
func (w *writer) difference(e billing.Entry) (before, after string) {
	if e.Before == e.After {
		return "{}", "{}"
	}
	var b, a map[string]any
	w.unjson(w.json(e.Before), &b)
	w.unjson(w.json(e.After), &a)
	for key, value := range b {
		if was, same := a[key]; same && was == value {
			delete(a, key)
			delete(b, key)
		}
	}
	return w.json(b), w.json(a)
}

func (w *writer) json(v any) string {
	text, err := json.Marshal(v)
	if w.err == nil {
		w.err = err
	}
	return string(text)
}

func (w *writer) unjson(text string, into any) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(into); w.err == nil {
		w.err = err
	}
}

// meter writes the account's own row.
func (w *writer) meter() {
	a := w.Account
	var holdSince, overrideUntil, nextDue time.Time
	var holdReason, overrideReason string
	if a.Hold != nil {
		holdSince, holdReason = a.Hold.Since, a.Hold.Reason
	}
	if a.Override != nil {
		overrideUntil, overrideReason = a.Override.Until, a.Override.Reason
	}
	if due, any := a.NextDue(); any {
		nextDue = due
	}
	var subscription billing.ID
	if a.Subscription != nil {
		subscription = a.Subscription.ID
	}
	w.exec(`
		UPDATE accounts SET seq = $1, plan_id = $2, denial_policy = $3, hold_reason = $4, hold_since = $5, override_until = $6,
		       override_reason = $7, subscription_id = $8, period_index = $9, period_start = $10, period_end = $11, period_closed = $12,
		       included_ms = $13, wallet_used_ms = $14, billable_ms = $15, uncovered_ms = $16, wallet_ms = $17, exhausted_since = $18,
		       access_reason = $19, access_since = $20, next_due = $21, updated_at = $22
		WHERE agency_id = $23 AND client_id = $24`,
		a.Seq, ref(a.PlanID), a.Denial, holdReason, holdSince, overrideUntil, overrideReason, ref(subscription), a.Period.Index,
		a.Period.Start, a.Period.End, a.Period.ClosedAt, a.Period.Used.Included, a.Period.Used.Wallet, a.Period.Used.Billable,
		a.Period.Used.Uncovered, a.Wallet, a.Exhausted, a.Access.Reason, a.Access.Since, nextDue, w.RecordedAt, a.Agency, a.Client)
	for _, c := range a.Credits {
		w.exec(`
			INSERT INTO credits (agency_id, client_id, currency, currency_digits, amount) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (agency_id, client_id, currency) DO UPDATE SET amount = excluded.amount`,
			a.Agency, a.Client, c.Currency.Code, c.Currency.Digits, c.Amount)
	}
}

func (w *writer) packs(f billing.PacksAssigned) {
	w.exec(`DELETE FROM client_packs WHERE agency_id = $1 AND client_id = $2`, w.Account.Agency, w.Account.Client)
	for place, id := range f.PackIDs {
		w.exec(`INSERT INTO client_packs (agency_id, client_id, pack_id, place) VALUES ($1, $2, $3, $4)`, w.Account.Agency, w.Account.Client, id, place)
	}
}

func (w *writer) subscriptionStarted(at time.Time, f billing.SubscriptionStarted) {
	w.exec(`
		INSERT INTO subscriptions (agency_id, id, client_id, plan_id, plan_version, terms, timezone, anchor, status, status_since,
		       started_at, cancel, canceled_at, reason, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'active', $9, $10, '', NULL, '', $11, $11)`,
		w.Account.Agency, f.SubscriptionID, w.Account.Client, f.PlanID, f.PlanVersion, w.json(f.Terms), f.Zone, f.Anchor.String(), at, f.StartedAt, w.RecordedAt)
}

// subscriptionChanged writes a step of a subscription's life, each from its own fact: one transaction may end one
// subscription and start another.
func (w *writer) subscriptionChanged(e billing.Entry) {
	set := func(id billing.ID, columns string, args ...any) {
		args = append([]any{w.Account.Agency, id, w.RecordedAt}, args...)
		w.exec(`UPDATE subscriptions SET updated_at = $3, `+columns+` WHERE agency_id = $1 AND id = $2`, args...)
	}
	switch f := e.Fact.(type) {
	case billing.StatusChanged:
		set(f.SubscriptionID, `status = $4, status_since = $5`, f.To, e.At)
	case billing.CancelScheduled:
		set(f.SubscriptionID, `cancel = $4`, w.json(f.Cancel))
	case billing.CancelUndone:
		set(f.SubscriptionID, `cancel = ''`)
	case billing.SubscriptionCanceled:
		set(f.SubscriptionID, `status = 'canceled', status_since = $4, canceled_at = $4, cancel = '', reason = $5`, e.At, f.Reason)
	}
}

func (w *writer) periodOpened(f billing.PeriodOpened) {
	w.exec(`
		INSERT INTO periods (agency_id, subscription_id, idx, start_at, end_at, closed_at, included_ms, wallet_ms, billable_ms, uncovered_ms)
		VALUES ($1, $2, $3, $4, $5, NULL, 0, 0, 0, 0)`, w.Account.Agency, f.SubscriptionID, f.Index, f.Start, f.End)
}

func (w *writer) periodClosed(seq int64, f billing.PeriodClosed) {
	w.exec(`
		UPDATE periods SET closed_at = $1, closed_seq = $2, included_ms = $3, wallet_ms = $4, billable_ms = $5, uncovered_ms = $6
		WHERE agency_id = $7 AND subscription_id = $8 AND idx = $9`,
		f.ClosedAt, seq, f.Used.Included, f.Used.Wallet, f.Used.Billable, f.Used.Uncovered, w.Account.Agency, f.SubscriptionID, f.Index)
}

// request writes a payment request in its final state, once.
func (w *writer) request(id billing.ID) {
	if w.touched[id] {
		return
	}
	w.touched[id] = true
	r := w.Account.Request(id)
	var period any
	if r.Kind == billing.Recurring || r.Kind == billing.Usage {
		period = r.PeriodIndex
	}
	w.exec(`
		INSERT INTO payment_requests (agency_id, id, number, reference, client_id, subscription_id, period_index, kind, status, currency, currency_digits,
		       lines, amount, amount_paid, period_start, period_end, issued_at, due_at, grace_ends_at, paid_at, external_payment_id, notes,
		       settlement_id, settlement, pack_id, pack_ms, clawed_back_ms, shortfall_ms, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $29)
		ON CONFLICT (agency_id, id) DO UPDATE SET status = excluded.status, amount_paid = excluded.amount_paid, paid_at = excluded.paid_at,
		       external_payment_id = excluded.external_payment_id, notes = excluded.notes, settlement_id = excluded.settlement_id,
		       settlement = excluded.settlement, clawed_back_ms = excluded.clawed_back_ms, shortfall_ms = excluded.shortfall_ms,
		       updated_at = excluded.updated_at`,
		w.Account.Agency, r.ID, r.Number, r.Reference(), w.Account.Client, ref(r.SubscriptionID), period, r.Kind, r.Status, r.Currency.Code, r.Currency.Digits,
		w.json(r.Lines), r.Amount, r.AmountPaid, r.PeriodStart, r.PeriodEnd, r.IssuedAt, r.DueAt, r.GraceEndsAt, r.PaidAt, r.ExternalPaymentID, r.Notes,
		ref(r.SettlementID), r.Settlement, ref(r.PackID), r.PackMinutes, r.ClawedBack, r.Shortfall, w.RecordedAt)
}

func (w *writer) payment(p billing.Payment, actor string) {
	for _, part := range p.Allocations {
		w.request(part.RequestID)
	}
	w.exec(`
		INSERT INTO payments (agency_id, id, client_id, currency, currency_digits, amount, credit, method, reference, received_at, reverses, recorded_at, actor)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		w.Account.Agency, p.ID, w.Account.Client, p.Currency.Code, p.Currency.Digits, p.Amount, p.Credit, p.Method, p.Reference, p.ReceivedAt,
		ref(p.Reverses), w.RecordedAt, actor)
	for _, part := range p.Allocations {
		w.exec(`INSERT INTO payment_allocations (agency_id, payment_id, payment_request_id, amount) VALUES ($1, $2, $3, $4)`,
			w.Account.Agency, p.ID, part.RequestID, part.Amount)
	}
}

func (w *writer) creditLine(c billing.CreditLine) {
	w.exec(`
		INSERT INTO credit_lines (agency_id, id, client_id, currency, currency_digits, amount, left_amount, usage_event_id, description)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		w.Account.Agency, c.ID, w.Account.Client, c.Currency.Code, c.Currency.Digits, c.Amount, c.Left, c.UsageEventID, c.Description)
}

func (w *writer) wallet(e billing.Entry, actor string) {
	entry, moved := e.WalletEntry()
	if !moved {
		return
	}
	w.exec(`
		INSERT INTO wallet_entries (agency_id, id, client_id, seq, at, kind, delta_ms, balance_ms, payment_request_id, pack_id, usage_event_id, reason, actor)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		w.Account.Agency, entry.ID, w.Account.Client, e.Seq, entry.At, entry.Kind, entry.Delta, entry.Balance, ref(entry.RequestID), ref(entry.PackID),
		ref(entry.UsageEventID), entry.Reason, actor)
}

func (w *writer) campaign(id billing.ID) {
	if w.touched[id] {
		return
	}
	w.touched[id] = true
	c := w.Account.Campaign(id)
	w.exec(`
		INSERT INTO campaigns (agency_id, id, client_id, name, external_id, direction, status, paused_by, pause_reason, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
		ON CONFLICT (agency_id, id) DO UPDATE SET name = excluded.name, external_id = excluded.external_id, direction = excluded.direction,
		       status = excluded.status, paused_by = excluded.paused_by, pause_reason = excluded.pause_reason, updated_at = excluded.updated_at`,
		w.Account.Agency, c.ID, w.Account.Client, c.Name, c.ExternalID, c.Direction, c.Status, c.PausedBy, c.PauseReason, w.RecordedAt)
}
