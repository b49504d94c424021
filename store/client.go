package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"minutebook/billing"
)

// Client is a customer of the agency: its card, without its account.
type Client struct {
	ID         billing.ID
	Name       string
	Email      string // lower case; may be empty
	ExternalID string // the agency's own name for it; may be empty
	Timezone   string // empty: the agency's
	Locale     string // empty: none chosen
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// ClientRow is a client with where its account stands.
type ClientRow struct {
	Client
	Zone           string // the client's own, else the agency's
	Denial         billing.DenialPolicy
	PlanID         billing.ID // assigned, 0 for none
	PlanName       string
	PackIDs        []billing.ID // offered, in order
	SubscriptionID billing.ID   // the newest, 0 for a client who never had one
	Status         billing.Status
	StatusSince    time.Time
	Terms          billing.Terms  // of the newest subscription
	Period         billing.Period // the open one, or the last
	Access         billing.Denied
	Hold           *billing.Hold
	Override       *billing.Override
	Wallet         billing.Millis
	Left           billing.Split // what each pool could still give
	Exhausted      time.Time
	AmountDue      []billing.Credit // what is open, one entry a currency
}

const clientColumns = `c.id, c.name, c.email, c.external_id, c.timezone, c.locale, c.created_at, c.updated_at,
	CASE WHEN c.timezone = '' THEN g.timezone ELSE c.timezone END, a.denial_policy, a.plan_id, p.name,
	a.subscription_id, s.status, s.status_since, s.terms, a.period_index, a.period_start, a.period_end, a.period_closed,
	a.included_ms, a.wallet_used_ms, a.billable_ms, a.uncovered_ms, a.wallet_ms, a.exhausted_since,
	a.access_reason, a.access_since, a.hold_reason, a.hold_since, a.override_until, a.override_reason`

const (
	accountOfClient      = ` JOIN accounts a ON a.agency_id = c.agency_id AND a.client_id = c.id`
	subscriptionOfClient = ` LEFT JOIN subscriptions s ON s.agency_id = a.agency_id AND s.id = a.subscription_id`
	clientSource         = `clients c JOIN agencies g ON g.id = c.agency_id` + accountOfClient + `
	LEFT JOIN plans p ON p.agency_id = a.agency_id AND p.id = a.plan_id` + subscriptionOfClient
)

func readClient(r Row, c *ClientRow) error {
	var terms string
	var hold billing.Hold
	var override billing.Override
	used := &c.Period.Used
	err := r.Scan(&c.ID, &c.Name, &c.Email, &c.ExternalID, &c.Timezone, &c.Locale, &c.CreatedAt, &c.UpdatedAt,
		&c.Zone, &c.Denial, &c.PlanID, &c.PlanName,
		&c.SubscriptionID, &c.Status, &c.StatusSince, &terms, &c.Period.Index, &c.Period.Start, &c.Period.End, &c.Period.ClosedAt,
		&used.Included, &used.Wallet, &used.Billable, &used.Uncovered, &c.Wallet, &c.Exhausted,
		&c.Access.Reason, &c.Access.Since, &hold.Reason, &hold.Since, &override.Until, &override.Reason)
	if err != nil {
		return err
	}
	c.Period.SubscriptionID = c.SubscriptionID
	if !hold.Since.IsZero() {
		c.Hold = &hold
	}
	if !override.Until.IsZero() {
		c.Override = &override
	}
	if terms == "" {
		return nil
	}
	if err := readTerms([]byte(terms), &c.Terms); err != nil {
		return err
	}
	c.Left = c.account().Left()
	return nil
}

// account is as much of the account as its formulas on pools need.
func (c *ClientRow) account() *billing.Account {
	return &billing.Account{
		Period: c.Period, Wallet: c.Wallet,
		Subscription: &billing.Subscription{ID: c.SubscriptionID, Status: c.Status, Terms: c.Terms},
	}
}

// InsertClient keeps a new client and its empty account. A taken external id is an ErrConflict.
func InsertClient(ctx context.Context, q Q, agency billing.ID, c Client, denial billing.DenialPolicy) error {
	_, err := q.Exec(ctx, `INSERT INTO clients (agency_id, id, name, name_key, name_sort, email, external_id, timezone, locale, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)`,
		agency, c.ID, c.Name, nameKey(c.Name), nameKey(c.Name), c.Email, textRef(c.ExternalID), c.Timezone, c.Locale, c.CreatedAt)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, `INSERT INTO accounts (agency_id, client_id, seq, denial_policy, hold_reason, override_reason, period_index,
			included_ms, wallet_used_ms, billable_ms, uncovered_ms, wallet_ms, access_reason, updated_at, sandbox)
		SELECT id, $2, 0, $3, '', '', 0, 0, 0, 0, 0, 0, '', $4, test_clock IS NOT NULL FROM agencies WHERE id = $1`, agency, c.ID, denial, c.CreatedAt)
	return err
}

// UpdateClient keeps an edited card. A taken external id is an ErrConflict.
func UpdateClient(ctx context.Context, q Q, agency billing.ID, c Client) error {
	_, err := q.Exec(ctx, `UPDATE clients SET name = $3, name_key = $4, name_sort = $5, email = $6, external_id = $7, timezone = $8, locale = $9, updated_at = $10
		WHERE agency_id = $1 AND id = $2`,
		agency, c.ID, c.Name, nameKey(c.Name), nameKey(c.Name), c.Email, textRef(c.ExternalID), c.Timezone, c.Locale, c.UpdatedAt)
	return err
}

// nameKey is what a search by name looks at: LIKE minds case on one database only.
func nameKey(name string) string { return strings.ToLower(name) }

// textRef is text that may be absent: "" is NULL.
func textRef(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// ClientCard reads a client's card; hold is empty or DB.ForUpdate.
func ClientCard(ctx context.Context, q Q, agency, id billing.ID, hold string) (Client, error) {
	c := Client{ID: id}
	err := q.QueryRow(ctx, `SELECT name, email, external_id, timezone, locale, created_at, updated_at FROM clients
		WHERE agency_id = $1 AND id = $2`+hold, agency, id).
		Scan(&c.Name, &c.Email, &c.ExternalID, &c.Timezone, &c.Locale, &c.CreatedAt, &c.UpdatedAt)
	return c, err
}

// ClientByID finds a client of the agency.
func ClientByID(ctx context.Context, q Q, agency, id billing.ID) (ClientRow, error) {
	one := make([]ClientRow, 1)
	err := readClient(q.QueryRow(ctx, `SELECT `+clientColumns+` FROM `+clientSource+` WHERE c.agency_id = $1 AND c.id = $2`, agency, id), &one[0])
	if err != nil {
		return ClientRow{}, err
	}
	err = addClientParts(ctx, q, agency, one)
	return one[0], err
}

// ClientExists reports whether the agency has that client.
func ClientExists(ctx context.Context, q Q, agency, id billing.ID) (exists bool, err error) {
	err = q.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM clients WHERE agency_id = $1 AND id = $2)`, agency, id).Scan(&exists)
	return exists, err
}

// ClientByExternalID finds a client by the agency's own name for it.
func ClientByExternalID(ctx context.Context, q Q, agency billing.ID, externalID string) (id billing.ID, err error) {
	err = q.QueryRow(ctx, `SELECT id FROM clients WHERE agency_id = $1 AND external_id = $2`, agency, externalID).Scan(&id)
	return id, err
}

// ClientFilter narrows a list of clients; zero values leave it open.
type ClientFilter struct {
	Query  string     // part of the name, or the whole e-mail address or external id
	Status string     // of the newest subscription, or "none" for a client who never had one
	Access string     // "allowed", "denied", or the reason of a denial
	Plan   billing.ID // assigned
	Only   billing.ID
	Sort   ClientSort // newest first if empty
}

// ClientSort is what a list of clients is ordered by. A minus in front turns it round.
type ClientSort string

// clientOrders are the orders a list of clients can have. Who has no such figure comes last.
var clientOrders = map[ClientSort]order{
	"":     {},
	"name": {"c.name_sort", ""}, "-name": {"c.name_sort", "DESC"},
	"wallet": {"a.wallet_ms", ""}, "-wallet": {"a.wallet_ms", "DESC"},
	"renews": {renewsAt, "NULLS LAST"}, "-renews": {renewsAt, "DESC NULLS LAST"},
	"due": {firstDue, "NULLS LAST"}, "-due": {firstDue, "DESC NULLS LAST"},
}

const (
	renewsAt = `CASE WHEN s.status IN ('active', 'past_due') THEN a.period_end END`
	// As a sum, or SQLite would look for the least due date among the requests of all clients, for each of them.
	firstDue = `(SELECT MIN(r.due_at + 0) FROM payment_requests r WHERE r.agency_id = c.agency_id AND r.client_id = c.id AND r.status IN ('PENDING', 'OVERDUE', 'FAILED'))`
)

// Known says whether a list can be ordered so.
func (s ClientSort) Known() bool {
	_, known := clientOrders[s]
	return known
}

// Clients lists the agency's clients, newest first.
func Clients(ctx context.Context, q Q, agency billing.ID, f ClientFilter, w Window) (Part[ClientRow], error) {
	part, err := Read(ctx, q, f.list(agency), w, readClient)
	if err != nil {
		return part, err
	}
	return part, addClientParts(ctx, q, agency, part.Items)
}

// ClientNames names an agency's clients in the order of their names, at most so many.
func ClientNames(ctx context.Context, q Q, agency billing.ID, most int) ([]Subject, error) {
	return Collect(func(r Row, c *Subject) error { return r.Scan(&c.ID, &c.Name) })(q.Query(ctx, `
		SELECT id, name FROM clients WHERE agency_id = $1 ORDER BY name_sort, id LIMIT $2`, agency, most))
}

// NamesOfClients names an agency's clients, or one of them, in no order.
func NamesOfClients(ctx context.Context, q Q, agency, client billing.ID) ([]Subject, error) {
	only, args := "", []any{agency}
	if client != 0 {
		only, args = " AND id = $2", append(args, client)
	}
	return Collect(func(r Row, c *Subject) error { return r.Scan(&c.ID, &c.Name) })(q.Query(ctx, `SELECT id, name FROM clients WHERE agency_id = $1`+only, args...))
}

// NamesOf names some of an agency's clients.
func NamesOf(ctx context.Context, q Q, agency billing.ID, clients []billing.ID) (map[billing.ID]string, error) {
	names := make(map[billing.ID]string, len(clients))
	found, err := Collect(func(r Row, c *Subject) error { return r.Scan(&c.ID, &c.Name) })(q.Query(ctx, `
		SELECT found.id, found.name FROM `+spoken(q).eachOf("clients", "agency_id = $1", "id", 2, "bigint", ""), agency, ids(clients)))
	for _, c := range found {
		names[c.ID] = c.Name
	}
	return names, err
}

// EachClient reads all clients of a list, a slice at a time, in no other order than by their age.
func EachClient(ctx context.Context, q Q, agency billing.ID, f ClientFilter, each func([]ClientRow) error) error {
	f.Sort = ""
	return Walk(ctx, q, f.list(agency), readClient, func(rows []ClientRow) error {
		if err := addClientParts(ctx, q, agency, rows); err != nil {
			return err
		}
		return each(rows)
	})
}

func (f ClientFilter) list(agency billing.ID) *Listing {
	l := List(clientColumns, clientSource, "c.agency_id", "c.id", agency)
	WhereSet(l, "c.id = ?", f.Only)
	WhereSet(l, "a.plan_id = ?", f.Plan)
	l.Order(clientOrders[f.Sort])
	if text := strings.TrimSpace(f.Query); text != "" {
		key := nameKey(text)
		l.Where(`c.name_key LIKE ? ESCAPE '\' OR c.email = ? OR c.external_id = ?`, LikePattern(key), key, text)
	}
	switch f.Status {
	case "":
	case "none":
		l.Where("a.subscription_id IS NULL")
	default:
		l.Where("s.status = ?", f.Status)
	}
	switch f.Access {
	case "":
	case "allowed":
		l.Where("a.access_reason = ''")
	case "denied":
		l.Where("a.access_reason <> ''")
	default:
		l.Where("a.access_reason = ?", f.Access)
	}
	l.keyed = f.keyed(l)
	return l
}

// keyed is as much of the source as the filter and the order ask for. Where the account says who is in the list, it is looked at first.
func (f ClientFilter) keyed(l *Listing) string {
	by := clientOrders[f.Sort].by
	bySubscription := f.Status != "" && f.Status != "none" || by == renewsAt
	switch {
	case !bySubscription && (f.Status != "" || f.Access != "" || f.Plan != 0):
		l.Where("a.agency_id = $1 AND a.client_id = c.id")
		return "accounts a CROSS JOIN clients c"
	case bySubscription:
		return "clients c" + accountOfClient + subscriptionOfClient
	case strings.HasPrefix(by, "a."):
		return "clients c" + accountOfClient
	}
	return "clients c"
}

// addClientParts adds what a client has several of: its packs, and its open amounts.
func addClientParts(ctx context.Context, q Q, agency billing.ID, clients []ClientRow) error {
	if len(clients) == 0 {
		return nil
	}
	at, list := make(map[billing.ID]*ClientRow, len(clients)), make(ids, len(clients))
	for i := range clients {
		at[clients[i].ID], list[i] = &clients[i], clients[i].ID
	}
	if err := addPacks(ctx, q, agency, at, list); err != nil {
		return err
	}
	return addAmountsDue(ctx, q, agency, at, list)
}

func addPacks(ctx context.Context, q Q, agency billing.ID, at map[billing.ID]*ClientRow, list ids) error {
	type offer struct{ client, pack billing.ID }
	offers, err := Collect(func(r Row, o *offer) error { return r.Scan(&o.client, &o.pack) })(q.Query(ctx, `
		SELECT client_id, pack_id FROM `+spoken(q).eachOf("client_packs", "agency_id = $1", "client_id", 2, "bigint", "")+`
		ORDER BY client_id, place`, agency, list))
	for _, o := range offers {
		at[o.client].PackIDs = append(at[o.client].PackIDs, o.pack)
	}
	return err
}

func addAmountsDue(ctx context.Context, q Q, agency billing.ID, at map[billing.ID]*ClientRow, list ids) error {
	type due struct {
		client billing.ID
		billing.Credit
	}
	dues, err := Collect(func(r Row, d *due) error {
		return r.Scan(&d.client, &d.Currency.Code, &d.Currency.Digits, &d.Amount)
	})(q.Query(ctx, `
		SELECT client_id, currency, currency_digits, CAST(SUM(amount - amount_paid) AS BIGINT)
		FROM `+spoken(q).eachOf("payment_requests", "agency_id = $1 AND status IN ('PENDING', 'OVERDUE', 'FAILED')", "client_id", 2, "bigint", "")+`
		GROUP BY client_id, currency, currency_digits
		ORDER BY client_id, MIN(id)`, agency, list))
	for _, d := range dues {
		at[d.client].AmountDue = append(at[d.client].AmountDue, d.Credit)
	}
	return err
}

// placesFrom2 are n placeholders behind $1: "$2, $3".
func placesFrom2(n int) string {
	places := make([]string, n)
	for i := range places {
		places[i] = "$" + strconv.Itoa(i+2)
	}
	return strings.Join(places, ", ")
}
