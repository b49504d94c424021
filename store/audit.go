package store

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"minutebook/billing"
)

// AuditEntry is one line of who did what; before and after are JSON.
type AuditEntry struct {
	Agency     billing.ID
	ID         billing.ID
	RecordedAt time.Time
	Actor      string
	Command    string
	Subject    string
	Client     billing.ID // 0 for none
	ClientName string     // as it is now
	Reason     string
	Before     string
	After      string
	RequestID  string
}

// AddAuditEntry writes a line; none is ever changed.
func AddAuditEntry(ctx context.Context, q Q, e AuditEntry) error {
	_, err := q.Exec(ctx, `
		INSERT INTO audit_entries (agency_id, id, recorded_at, actor, command, subject, client_id, reason, before, after, request_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		e.Agency, e.ID, e.RecordedAt, e.Actor, e.Command, e.Subject, ref(e.Client), e.Reason, e.Before, e.After, e.RequestID)
	return err
}

// TestClock is a sandbox's now; zero in production.
func TestClock(ctx context.Context, q Q, agency billing.ID) (clock time.Time, err error) {
	err = q.QueryRow(ctx, `SELECT test_clock FROM agencies WHERE id = $1`, agency).Scan(&clock)
	return clock, err
}

// ref is a foreign key that may be absent: 0 is NULL.
func ref(id billing.ID) any {
	if id == 0 {
		return nil
	}
	return id
}

// HoldTestClock is TestClock, holding the agency's row until the transaction ends.
func HoldTestClock(ctx context.Context, q Q, hold string, agency billing.ID) (clock time.Time, err error) {
	err = q.QueryRow(ctx, `SELECT test_clock FROM agencies WHERE id = $1`+hold, agency).Scan(&clock)
	return clock, err
}

// SetTestClock moves a sandbox's now.
func SetTestClock(ctx context.Context, q Q, agency billing.ID, now time.Time) error {
	_, err := q.Exec(ctx, `UPDATE agencies SET test_clock = $1 WHERE id = $2`, now, agency)
	return err
}

// History is everything stored of one client, for the audit: what its facts say, and the rows that must follow from them.
type History struct {
	Account       *billing.Account // with all requests and campaigns
	Facts         []HistoryFact    // in order, usage events among them
	Subscriptions []billing.Subscription
	Periods       []billing.Period
	Wallet        []billing.WalletEntry
	Payments      []billing.Payment
	CreditLines   []billing.CreditLine
	Corrections   []CorrectionRow
	Usage         []UsageRow  // as the events stand now
	Digests       []StoredKey // of the events that are not archived
	Days          []DayRow
	Costs         []CostRow
}

// HistoryFact is a stored fact with its place. ContentHash is set of usage events.
type HistoryFact struct {
	Seq         int64
	At          time.Time
	Fact        billing.Fact
	ContentHash []byte
}

// ClientIDs lists an agency's clients in order.
func ClientIDs(ctx context.Context, q Q, agency billing.ID) ([]billing.ID, error) {
	return Collect(readID)(q.Query(ctx, `SELECT id FROM clients WHERE agency_id = $1 ORDER BY id`, agency))
}

func readID(r Row, id *billing.ID) error { return r.Scan(id) }

// LoadHistory reads everything stored of a client.
func LoadHistory(ctx context.Context, q Q, agency, client billing.ID) (h History, err error) {
	if h.Account, err = LoadAccount(ctx, q, "", agency, client); err != nil {
		return h, fmt.Errorf("reading the account of client %d: %w", client, err)
	}
	for _, load := range []func(context.Context, Q, billing.ID, billing.ID, *History) error{
		loadAllRequests, loadAllCampaigns, loadFacts, loadUsageFacts, loadKeys, loadAllSubscriptions, loadAllPeriods, loadAllWallet, loadAllPayments, loadAllCreditLines, loadAllCorrections, loadAllDays,
	} {
		if err := load(ctx, q, agency, client, &h); err != nil {
			return h, fmt.Errorf("reading the history of client %d: %w", client, err)
		}
	}
	slices.SortFunc(h.Facts, func(a, b HistoryFact) int { return int(a.Seq - b.Seq) })
	return h, nil
}

func loadAllRequests(ctx context.Context, q Q, agency, client billing.ID, h *History) (err error) {
	h.Account.Requests, err = Collect(func(r Row, p **billing.Request) error {
		*p = &billing.Request{}
		return scanRequest(r, *p)
	})(q.Query(ctx, `SELECT `+requestColumns+` FROM payment_requests WHERE agency_id = $1 AND client_id = $2 ORDER BY id`, agency, client))
	return err
}

func loadAllCampaigns(ctx context.Context, q Q, agency, client billing.ID, h *History) error {
	h.Account.Campaigns = nil
	rows, err := q.Query(ctx, `SELECT `+campaignView+` FROM `+campaignFrom+` WHERE m.agency_id = $1 AND m.client_id = $2 ORDER BY m.id`, agency, client)
	campaigns, err := Collect(readCampaignRow)(rows, err)
	for i := range campaigns {
		h.Account.Campaigns = append(h.Account.Campaigns, &campaigns[i].Campaign)
	}
	return err
}

func loadFacts(ctx context.Context, q Q, agency, client billing.ID, h *History) (err error) {
	h.Facts, err = Collect(func(r Row, f *HistoryFact) (err error) {
		var name, body string
		if err := r.Scan(&f.Seq, &f.At, &name, &body); err != nil {
			return err
		}
		f.Fact, err = billing.DecodeFact(name, []byte(body))
		return err
	})(q.Query(ctx, `SELECT seq, at, name, body FROM facts WHERE agency_id = $1 AND client_id = $2 ORDER BY seq`, agency, client))
	return err
}

func loadUsageFacts(ctx context.Context, q Q, agency, client billing.ID, h *History) error {
	events, err := Collect(usageWithID)(q.Query(ctx, `SELECT e.id, `+usageColumns+` FROM `+usageSource+`
		WHERE e.agency_id = $1 AND e.client_id = $2 ORDER BY e.seq`, agency, client))
	for i := range events {
		h.Facts = append(h.Facts, events[i].fact())
	}
	if err != nil {
		return err
	}
	h.Usage = events
	return correct(ctx, q, agency, h.Usage)
}

// StoredKey is the key of an event, and by what it is found.
type StoredKey struct {
	UsageKey
	ID      billing.ID
	CallID  string
	Stored  Digest
	CallKey int64 // 0 where it has none
}

// Found says that the event is found by its key and by its call.
func (k StoredKey) Found() bool {
	call, _ := callKey(k.Agency, k.EventID, k.CallID)
	return k.Stored == k.Digest() && k.CallKey == call
}

func loadKeys(ctx context.Context, q Q, agency, client billing.ID, h *History) (err error) {
	h.Digests, err = Collect(func(r Row, k *StoredKey) error {
		return r.Scan(&k.Agency, &k.ID, &k.Source, &k.EventID, &k.CallID, &k.Stored.Head, &k.Stored.Tail, &k.CallKey)
	})(q.Query(ctx, `
		SELECT agency_id, id, source, event_id, call_id, key_head, key_tail, call_key
		FROM usage_events WHERE agency_id = $1 AND client_id = $2 ORDER BY seq`, agency, client))
	return err
}

// fact is what was recorded.
func (u *UsageRow) fact() HistoryFact {
	return HistoryFact{Seq: u.Seq, At: u.RecordedAt, ContentHash: u.ContentHash, Fact: billing.UsageRecorded{
		ID: u.ID, Event: u.Event, Status: u.Status, SubscriptionID: u.SubscriptionID, PeriodIndex: u.PeriodIndex, CallPeriod: u.CallPeriod,
		Late: u.Late, Billed: u.Billed, Split: u.Drawn,
	}}
}

func loadAllDays(ctx context.Context, q Q, agency, client billing.ID, h *History) (err error) {
	const first, last = 0, billing.Date(math.MaxInt32)
	if h.Days, err = UsageDays(ctx, q, agency, client, first, last); err != nil {
		return err
	}
	h.Costs, err = UsageCosts(ctx, q, agency, client, first, last)
	return err
}

func loadAllSubscriptions(ctx context.Context, q Q, agency, client billing.ID, h *History) (err error) {
	h.Subscriptions, err = Collect(scanSubscription)(q.Query(ctx, `SELECT `+subscriptionColumns+` FROM subscriptions WHERE agency_id = $1 AND client_id = $2 ORDER BY id`, agency, client))
	return err
}

func loadAllPeriods(ctx context.Context, q Q, agency, client billing.ID, h *History) (err error) {
	h.Periods, err = Collect(func(r Row, p *billing.Period) error {
		return r.Scan(&p.SubscriptionID, &p.Index, &p.Start, &p.End, &p.ClosedAt, &p.Used.Included, &p.Used.Wallet, &p.Used.Billable, &p.Used.Uncovered)
	})(q.Query(ctx, `
		SELECT p.subscription_id, p.idx, p.start_at, p.end_at, p.closed_at, p.included_ms, p.wallet_ms, p.billable_ms, p.uncovered_ms
		FROM periods p JOIN subscriptions s ON s.agency_id = p.agency_id AND s.id = p.subscription_id
		WHERE p.agency_id = $1 AND s.client_id = $2
		ORDER BY p.subscription_id, p.idx`, agency, client))
	return err
}

func loadAllWallet(ctx context.Context, q Q, agency, client billing.ID, h *History) (err error) {
	h.Wallet, err = Collect(func(r Row, e *billing.WalletEntry) error {
		return r.Scan(&e.ID, &e.At, &e.Kind, &e.Delta, &e.Balance, &e.RequestID, &e.PackID, &e.UsageEventID, &e.Reason)
	})(q.Query(ctx, `
		SELECT id, at, kind, delta_ms, balance_ms, payment_request_id, pack_id, usage_event_id, reason
		FROM wallet_entries WHERE agency_id = $1 AND client_id = $2 ORDER BY seq`, agency, client))
	return err
}

func loadAllPayments(ctx context.Context, q Q, agency, client billing.ID, h *History) error {
	payments, err := Collect(readPaymentRow)(q.Query(ctx, `SELECT `+paymentView+` FROM `+paymentFrom+` WHERE p.agency_id = $1 AND p.client_id = $2 ORDER BY p.id`, agency, client))
	if err == nil {
		err = addAllocations(ctx, q, agency, payments)
	}
	for _, p := range payments {
		h.Payments = append(h.Payments, p.Payment)
	}
	return err
}

func loadAllCreditLines(ctx context.Context, q Q, agency, client billing.ID, h *History) (err error) {
	h.CreditLines, err = Collect(readCreditLine)(q.Query(ctx, `
		SELECT id, currency, currency_digits, amount, left_amount, usage_event_id, description
		FROM credit_lines WHERE agency_id = $1 AND client_id = $2 ORDER BY id`, agency, client))
	return err
}

func loadAllCorrections(ctx context.Context, q Q, agency, client billing.ID, h *History) (err error) {
	h.Corrections, err = Collect(readCorrection)(q.Query(ctx, `
		SELECT id, usage_event_id, void, raw_ms, billed_ms, parts, wallet_delta_ms, reason, actor, recorded_at
		FROM usage_corrections WHERE agency_id = $1 AND client_id = $2 ORDER BY id`, agency, client))
	return err
}

// RequestNumbers reads an agency's request numbers in order, and the number the next request will get.
func RequestNumbers(ctx context.Context, q Q, agency billing.ID) (numbers []int64, next int64, err error) {
	if err := q.QueryRow(ctx, `SELECT next_request_number FROM agencies WHERE id = $1`, agency).Scan(&next); err != nil {
		return nil, 0, err
	}
	numbers, err = Collect(func(r Row, n *int64) error { return r.Scan(n) })(
		q.Query(ctx, `SELECT number FROM payment_requests WHERE agency_id = $1 ORDER BY number`, agency))
	return numbers, next, err
}

// AgencyIDs lists all agencies, oldest first.
func AgencyIDs(ctx context.Context, q Q) ([]billing.ID, error) {
	return Collect(readID)(q.Query(ctx, `SELECT id FROM agencies ORDER BY id`))
}
