package store

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"minutebook/billing"
)

// SubscriptionRow is a subscription as lists and pages show it, with its newest period.
type SubscriptionRow struct {
	billing.Subscription
	Client      billing.ID
	ClientName  string
	PeriodIndex int
	PeriodStart time.Time
	PeriodEnd   time.Time
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

const (
	subscriptionView = `s.id, s.plan_id, s.plan_version, s.terms, s.timezone, s.anchor, s.status, s.status_since, s.started_at, s.cancel, s.canceled_at, s.reason,
		s.client_id, c.name, p.idx, p.start_at, p.end_at, s.created_at, s.updated_at`
	subscriptionSource = `subscriptions s JOIN clients c ON c.agency_id = s.agency_id AND c.id = s.client_id
		JOIN periods p ON p.agency_id = s.agency_id AND p.subscription_id = s.id AND p.idx = (
		     SELECT MAX(n.idx) FROM periods n WHERE n.agency_id = s.agency_id AND n.subscription_id = s.id)`
)

func readSubscriptionRow(r Row, s *SubscriptionRow) error {
	var terms, anchor, cancel string
	err := r.Scan(&s.ID, &s.PlanID, &s.PlanVersion, &terms, &s.Zone, &anchor, &s.Status, &s.StatusSince, &s.StartedAt, &cancel, &s.CanceledAt, &s.Reason,
		&s.Client, &s.ClientName, &s.PeriodIndex, &s.PeriodStart, &s.PeriodEnd, &s.CreatedAt, &s.UpdatedAt)
	if err != nil {
		return err
	}
	return decodeSubscription(&s.Subscription, terms, anchor, cancel)
}

// SubscriptionFilter narrows a list of subscriptions; zero values leave it open.
type SubscriptionFilter struct {
	Client billing.ID
	Status billing.Status
}

// Subscriptions lists subscriptions, newest first.
func Subscriptions(ctx context.Context, q Q, agency billing.ID, f SubscriptionFilter, w Window) (Part[SubscriptionRow], error) {
	l := List(subscriptionView, subscriptionSource, "s.agency_id", "s.id", agency)
	WhereSet(l, "s.client_id = ?", f.Client)
	WhereSet(l, "s.status = ?", f.Status)
	return Read(ctx, q, l, w, readSubscriptionRow)
}

// SubscriptionByID reads one subscription. ErrMissing if the agency has none such.
func SubscriptionByID(ctx context.Context, q Q, agency, id billing.ID) (s SubscriptionRow, err error) {
	err = readSubscriptionRow(q.QueryRow(ctx, `SELECT `+subscriptionView+` FROM `+subscriptionSource+` WHERE s.agency_id = $1 AND s.id = $2`, agency, id), &s)
	return s, err
}

// RequestRow is a payment request as lists and pages show it.
type RequestRow struct {
	billing.Request
	Client     billing.ID
	ClientName string
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

const (
	requestView = `r.id, r.number, r.subscription_id, r.period_index, r.kind, r.status, r.currency, r.currency_digits, r.lines, r.amount, r.amount_paid,
		r.period_start, r.period_end, r.issued_at, r.due_at, r.grace_ends_at, r.paid_at, r.external_payment_id, r.notes, r.settlement_id, r.settlement,
		r.pack_id, r.pack_ms, r.clawed_back_ms, r.shortfall_ms, r.client_id, c.name, r.created_at, r.updated_at`
	requestSource = `payment_requests r JOIN clients c ON c.agency_id = r.agency_id AND c.id = r.client_id`
)

func readRequestRow(r Row, p *RequestRow) error {
	return scanRequest(r, &p.Request, &p.Client, &p.ClientName, &p.CreatedAt, &p.UpdatedAt)
}

// RequestFilter narrows a list of payment requests; zero values leave it open.
type RequestFilter struct {
	Client   billing.ID
	Status   billing.RequestStatus
	Kind     billing.RequestKind
	Currency string
	Query    string     // a request's number or payment reference, an external payment id, or part of the client's name
	Age      RequestAge // of what is open, by Now
	Now      time.Time
}

// RequestAge is how long ago an open request was due.
type RequestAge string

// The ages, as the home page sums them.
const (
	AnyOpen RequestAge = "open"        // whatever its due date
	NotDue  RequestAge = "not_due"     // still to come
	Late    RequestAge = "overdue"     // past
	Recent  RequestAge = "overdue_30"  // past, for at most 30 days
	Old     RequestAge = "overdue_old" // past, for longer
)

func (f RequestFilter) narrow(l *Listing) {
	const open = "r.status IN ('PENDING', 'OVERDUE', 'FAILED')"
	month := f.Now.AddDate(0, 0, -30)
	switch f.Age {
	case AnyOpen:
		l.Where(open)
	case NotDue:
		l.Where(open+" AND r.due_at > ?", f.Now)
	case Late:
		l.Where(open+" AND r.due_at <= ?", f.Now)
	case Recent:
		l.Where(open+" AND r.due_at <= ? AND r.due_at > ?", f.Now, month)
	case Old:
		l.Where(open+" AND r.due_at <= ?", month)
	}
	if text := strings.TrimSpace(f.Query); text != "" {
		l.Where(`r.number = ? OR r.external_payment_id = ? OR r.client_id IN (SELECT n.id FROM clients n WHERE n.agency_id = $1 AND n.name_key LIKE ? ESCAPE '\')`, numberIn(text), text, LikePattern(nameKey(text)))
	}
}

// numberIn reads a request's number out of "PR-000042", "42" or its payment reference; 0 if there is none.
func numberIn(text string) int64 {
	digits := strings.TrimPrefix(strings.TrimPrefix(strings.ToUpper(text), "PR"), "-")
	if upper := strings.ToUpper(text); billing.ReferenceHolds(upper) && len(digits) > 2 {
		digits = digits[:len(digits)-2]
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// Requests lists payment requests, newest first.
func Requests(ctx context.Context, q Q, agency billing.ID, f RequestFilter, w Window) (Part[RequestRow], error) {
	return Read(ctx, q, f.list(agency), w, readRequestRow)
}

// EachRequest reads all payment requests of a list, a slice at a time.
func EachRequest(ctx context.Context, q Q, agency billing.ID, f RequestFilter, each func([]RequestRow) error) error {
	return Walk(ctx, q, f.list(agency), readRequestRow, each)
}

func (f RequestFilter) list(agency billing.ID) *Listing {
	l := List(requestView, requestSource, "r.agency_id", "r.id", agency)
	WhereSet(l, "r.client_id = ?", f.Client)
	WhereSet(l, "r.status = ?", f.Status)
	WhereSet(l, "r.kind = ?", f.Kind)
	WhereSet(l, "r.currency = ?", f.Currency)
	f.narrow(l)
	l.keyed = "payment_requests r"
	return l
}

// RequestByID reads one payment request. ErrMissing if the agency has none such.
func RequestByID(ctx context.Context, q Q, agency, id billing.ID) (p RequestRow, err error) {
	err = readRequestRow(q.QueryRow(ctx, `SELECT `+requestView+` FROM `+requestSource+` WHERE r.agency_id = $1 AND r.id = $2`, agency, id), &p)
	return p, err
}

// PaymentRow is a payment as lists show it.
type PaymentRow struct {
	billing.Payment
	Client     billing.ID
	ClientName string
	Actor      string
	RecordedAt time.Time
}

const (
	paymentView = `p.id, p.currency, p.currency_digits, p.amount, p.credit, p.method, p.reference, p.received_at, p.reverses, p.client_id, c.name, p.actor, p.recorded_at`
	paymentFrom = `payments p JOIN clients c ON c.agency_id = p.agency_id AND c.id = p.client_id`
)

func readPaymentRow(r Row, p *PaymentRow) error {
	return r.Scan(&p.ID, &p.Currency.Code, &p.Currency.Digits, &p.Amount, &p.Credit, &p.Method, &p.Reference, &p.ReceivedAt, &p.Reverses, &p.Client, &p.ClientName, &p.Actor, &p.RecordedAt)
}

// Payments lists payments, newest first; client 0 is all of them.
func Payments(ctx context.Context, q Q, agency, client billing.ID, w Window) (Part[PaymentRow], error) {
	part, err := Read(ctx, q, paymentList(agency, client), w, readPaymentRow)
	if err != nil {
		return part, err
	}
	return part, addAllocations(ctx, q, agency, part.Items)
}

// EachPayment reads all payments of a list, a slice at a time.
func EachPayment(ctx context.Context, q Q, agency, client billing.ID, each func([]PaymentRow) error) error {
	return Walk(ctx, q, paymentList(agency, client), readPaymentRow, func(rows []PaymentRow) error {
		if err := addAllocations(ctx, q, agency, rows); err != nil {
			return err
		}
		return each(rows)
	})
}

func paymentList(agency, client billing.ID) *Listing {
	l := List(paymentView, paymentFrom, "p.agency_id", "p.id", agency)
	l.keyed = "payments p"
	WhereSet(l, "p.client_id = ?", client)
	return l
}

// PaymentByID reads one payment. ErrMissing if the agency has none such.
func PaymentByID(ctx context.Context, q Q, agency, id billing.ID) (p PaymentRow, err error) {
	err = readPaymentRow(q.QueryRow(ctx, `SELECT `+paymentView+` FROM `+paymentFrom+` WHERE p.agency_id = $1 AND p.id = $2`, agency, id), &p)
	if err != nil {
		return p, err
	}
	one := []PaymentRow{p}
	err = addAllocations(ctx, q, agency, one)
	return one[0], err
}

// addAllocations adds to payments which requests they were for.
func addAllocations(ctx context.Context, q Q, agency billing.ID, payments []PaymentRow) error {
	for some := range slices.Chunk(payments, slice) {
		if err := addSomeAllocations(ctx, q, agency, some); err != nil {
			return err
		}
	}
	return nil
}

func addSomeAllocations(ctx context.Context, q Q, agency billing.ID, payments []PaymentRow) error {
	at, args := map[billing.ID]*PaymentRow{}, []any{agency}
	for i := range payments {
		at[payments[i].ID] = &payments[i]
		args = append(args, payments[i].ID)
	}
	type allocation struct {
		payment billing.ID
		billing.Allocation
	}
	parts, err := Collect(func(r Row, a *allocation) error { return r.Scan(&a.payment, &a.RequestID, &a.Amount) })(q.Query(ctx, `
		SELECT payment_id, payment_request_id, amount
		FROM payment_allocations
		WHERE agency_id = $1 AND payment_id IN (`+placesFrom2(len(payments))+`)
		ORDER BY payment_id, payment_request_id`, args...))
	for _, part := range parts {
		at[part.payment].Allocations = append(at[part.payment].Allocations, part.Allocation)
	}
	return err
}

// MeterRow is a client's usage in its open (or last) period.
type MeterRow struct {
	Client         billing.ID
	ClientName     string
	SubscriptionID billing.ID
	Status         billing.Status
	Terms          billing.Terms
	Period         billing.Period
	Wallet         billing.Millis
	Exhausted      time.Time
	UpdatedAt      time.Time
}

// Meters lists the usage of every client that ever had a subscription; client 0 is all of them.
func Meters(ctx context.Context, q Q, agency, client billing.ID, w Window) (Part[MeterRow], error) {
	l := List(`a.client_id, c.name, a.subscription_id, s.status, s.terms, a.period_index, a.period_start, a.period_end, a.period_closed,
		a.included_ms, a.wallet_used_ms, a.billable_ms, a.uncovered_ms, a.wallet_ms, a.exhausted_since, a.updated_at`,
		`accounts a JOIN clients c ON c.agency_id = a.agency_id AND c.id = a.client_id
		 JOIN subscriptions s ON s.agency_id = a.agency_id AND s.id = a.subscription_id`, "a.agency_id", "a.client_id", agency)
	WhereSet(l, "a.client_id = ?", client)
	return Read(ctx, q, l, w, func(r Row, m *MeterRow) error {
		var terms string
		used := &m.Period.Used
		if err := r.Scan(&m.Client, &m.ClientName, &m.SubscriptionID, &m.Status, &terms, &m.Period.Index, &m.Period.Start, &m.Period.End, &m.Period.ClosedAt,
			&used.Included, &used.Wallet, &used.Billable, &used.Uncovered, &m.Wallet, &m.Exhausted, &m.UpdatedAt); err != nil {
			return err
		}
		m.Period.SubscriptionID = m.SubscriptionID
		return decodeInto(terms, &m.Terms)
	})
}

// WalletRow is a movement of a wallet with who caused it.
type WalletRow struct {
	billing.WalletEntry
	Actor string
}

// WalletEntries lists the movements of a client's wallet, newest first.
func WalletEntries(ctx context.Context, q Q, agency, client billing.ID, w Window) (Part[WalletRow], error) {
	l := List(`id, at, kind, delta_ms, balance_ms, payment_request_id, pack_id, usage_event_id, reason, actor`, `wallet_entries`, "agency_id", "id", agency)
	l.Where("client_id = ?", client)
	return Read(ctx, q, l, w, func(r Row, e *WalletRow) error {
		return r.Scan(&e.ID, &e.At, &e.Kind, &e.Delta, &e.Balance, &e.RequestID, &e.PackID, &e.UsageEventID, &e.Reason, &e.Actor)
	})
}

// CampaignRow is a campaign as lists show it.
type CampaignRow struct {
	billing.Campaign
	Client     billing.ID
	ClientName string
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

const (
	campaignView = `m.id, m.name, m.external_id, m.direction, m.status, m.paused_by, m.pause_reason, m.client_id, c.name, m.created_at, m.updated_at`
	campaignFrom = `campaigns m JOIN clients c ON c.agency_id = m.agency_id AND c.id = m.client_id`
)

func readCampaignRow(r Row, m *CampaignRow) error {
	return r.Scan(&m.ID, &m.Name, &m.ExternalID, &m.Direction, &m.Status, &m.PausedBy, &m.PauseReason, &m.Client, &m.ClientName, &m.CreatedAt, &m.UpdatedAt)
}

// Campaigns lists campaigns, newest first; zero values leave a filter open.
func Campaigns(ctx context.Context, q Q, agency, client billing.ID, status billing.CampaignStatus, w Window) (Part[CampaignRow], error) {
	l := List(campaignView, campaignFrom, "m.agency_id", "m.id", agency)
	WhereSet(l, "m.client_id = ?", client)
	WhereSet(l, "m.status = ?", status)
	return Read(ctx, q, l, w, readCampaignRow)
}

// CampaignByID reads one campaign. ErrMissing if the agency has none such.
func CampaignByID(ctx context.Context, q Q, agency, id billing.ID) (m CampaignRow, err error) {
	err = readCampaignRow(q.QueryRow(ctx, `SELECT `+campaignView+` FROM `+campaignFrom+` WHERE m.agency_id = $1 AND m.id = $2`, agency, id), &m)
	return m, err
}

// TimelineRow is an entry of a client's timeline: what happened, who, when, why, before and after.
type TimelineRow struct {
	ID         billing.ID
	Seq        int64
	Name       string
	Body       string // JSON
	At         time.Time
	RecordedAt time.Time
	Actor      string
	Command    string
	Reason     string
	Before     string // JSON
	After      string
}

// timelineSource puts a client's calls among its facts: they changed its minutes too. $2 is the client. Of each kind it
// takes no more than are wanted: sorting all of a client's calls to show twenty would take ever longer.
const timelineSource = `(
		SELECT * FROM (
		       SELECT agency_id, client_id, id, seq, name, body, at, recorded_at, actor, command, reason, before, after
		       FROM facts
		       WHERE agency_id = $1 AND client_id = $2 AND seq < $3%s
		       ORDER BY seq DESC
		       LIMIT $4) f
		UNION ALL
		SELECT * FROM (
		       SELECT agency_id, client_id, id, seq, 'usage.recorded' AS name, '' AS body, recorded_at AS at, recorded_at, actor, 'usage.record' AS command, '' AS reason, '' AS before, '' AS after
		       FROM usage_events
		       WHERE agency_id = $1 AND client_id = $2 AND seq < $3
		       ORDER BY seq DESC
		       LIMIT $4) u) t`

// Timeline lists what happened to a client, newest first; name "" is everything.
func Timeline(ctx context.Context, q Q, agency, client billing.ID, name string, w Window) (Part[TimelineRow], error) {
	only, before, most := "", int64(math.MaxInt64), w.Limit+1+w.Offset
	if w.Before != 0 {
		before = int64(w.Before)
	}
	if name != "" {
		only = " AND name = $5"
	}
	l := List("t.id, t.seq, t.name, t.body, t.at, t.recorded_at, t.actor, t.command, t.reason, t.before, t.after", fmt.Sprintf(timelineSource, only), "t.agency_id", "t.seq", agency)
	l.args = append(l.args, client, before, most)
	WhereSet(l, "t.name = ?", name)
	switch name {
	case "":
		l.CountedBy(`SELECT seq FROM accounts WHERE agency_id = $1 AND client_id = $2`, client)
	case billing.UsageRecorded{}.FactName():
		l.CountedBy(`SELECT events FROM accounts WHERE agency_id = $1 AND client_id = $2`, client)
	default:
		l.CountedBy(`SELECT COUNT(*) FROM facts WHERE agency_id = $1 AND client_id = $2 AND name = $3`, client, name)
	}
	return Read(ctx, q, l, w, func(r Row, t *TimelineRow) error {
		return r.Scan(&t.ID, &t.Seq, &t.Name, &t.Body, &t.At, &t.RecordedAt, &t.Actor, &t.Command, &t.Reason, &t.Before, &t.After)
	})
}

// AuditEntries lists who did what in an agency, newest first; zero values leave a filter open.
func AuditEntries(ctx context.Context, q Q, agency, client billing.ID, command string, w Window) (Part[AuditEntry], error) {
	l := List(`a.id, a.recorded_at, a.actor, a.command, a.subject, a.client_id, c.name, a.reason, a.before, a.after, a.request_id`,
		`audit_entries a LEFT JOIN clients c ON c.agency_id = a.agency_id AND c.id = a.client_id`, "a.agency_id", "a.id", agency)
	l.keyed = "audit_entries a"
	WhereSet(l, "a.client_id = ?", client)
	WhereSet(l, "a.command = ?", command)
	return Read(ctx, q, l, w, func(r Row, e *AuditEntry) error {
		e.Agency = agency
		return r.Scan(&e.ID, &e.RecordedAt, &e.Actor, &e.Command, &e.Subject, &e.Client, &e.ClientName, &e.Reason, &e.Before, &e.After, &e.RequestID)
	})
}
