package store

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"minutebook/billing"
)

// Saving is a changed account with everything its new facts are signed with.
type Saving struct {
	Account    *billing.Account
	Due        int // how many of the new facts happened by themselves
	Mint       billing.Mint
	RecordedAt time.Time
	Actor      string             // who did the rest
	Signer     func(i int) string // who did each of the rest, where it was not Actor alone
	System     string             // who did what happened by itself
	Command    string
	Reason     string

	// Presumed says that events among the new facts were taken for new without being looked up. ErrConflict says that one is
	// stored already, ErrArchived that one may lie in an archive.
	Presumed bool

	// Stood is where the account stood when it was read, if its row is not held: it is held when it is written, and ErrStale
	// says that by then it stood somewhere else.
	Stood *Stand
}

// SaveAccount is SaveAccounts for one.
func SaveAccount(ctx context.Context, q Q, s Saving) error { return SaveAccounts(ctx, q, []Saving{s}) }

// SaveAccounts writes changed accounts: their rows, the rows their new facts changed, the facts and the outbox. It
// numbers the payment requests that were issued. It belongs in the transaction that loaded the accounts.
func SaveAccounts(ctx context.Context, q Q, all []Saving) error {
	m, err := manyOf(q)
	if err != nil {
		return err
	}
	corrected, err := correctedEvents(ctx, q, all)
	if err != nil {
		return err
	}
	b := &batch{usage: make([]newUsage, 0, countFacts(all)), meters: make([]*Saving, 0, len(all)), agencyDays: agencyDays{}, sourceDays: sourceDays{}}
	writers := make([]writer, len(all))
	for i := range all {
		writers[i] = writer{batch: b, Saving: &all[i], corrected: corrected}
		writers[i].standing()
	}
	if err := b.number(ctx, q, m, all); err != nil {
		return err
	}
	for i := range writers {
		w := &writers[i]
		w.account()
		if w.err != nil {
			return w.err
		}
	}
	return b.write(ctx, m)
}

func countFacts(all []Saving) (n int) {
	for i := range all {
		n += len(all[i].Account.Fresh())
	}
	return n
}

// number numbers the payment requests that were issued. Whoever takes numbers holds the agency's row until the commit, and
// all others who want some wait: so what bears none is written before.
func (b *batch) number(ctx context.Context, q Q, m many, all []Saving) error {
	if !slices.ContainsFunc(all, func(s Saving) bool { return len(s.Account.Unnumbered()) > 0 }) {
		return nil
	}
	if err := m.write(ctx, append(b.claimed(), b.standing()...), nil); err != nil {
		return err
	}
	b.claims, b.meters, b.accounts, b.periods, b.closed = nil, nil, nil, nil, nil
	return numberRequests(ctx, q, all)
}

// numberRequests gives the new requests of each agency the agency's next numbers, in the order of the instants they were
// issued at.
func numberRequests(ctx context.Context, q Q, all []Saving) error {
	type issue struct {
		agency  billing.ID
		at      time.Time
		account int
	}
	var issues []issue
	for i, s := range all {
		for _, at := range s.Account.Unnumbered() {
			issues = append(issues, issue{s.Account.Agency, at, i})
		}
	}
	slices.SortStableFunc(issues, func(a, b issue) int { return cmp.Or(cmp.Compare(a.agency, b.agency), a.at.Compare(b.at)) })
	numbers := make([][]int64, len(all))
	for len(issues) > 0 {
		agency := issues[0].agency
		n := slices.IndexFunc(issues, func(i issue) bool { return i.agency != agency })
		if n < 0 {
			n = len(issues)
		}
		first, err := takeRequestNumbers(ctx, q, agency, int64(n))
		if err != nil {
			return err
		}
		for i, each := range issues[:n] {
			numbers[each.account] = append(numbers[each.account], first+int64(i))
		}
		issues = issues[n:]
	}
	for i, s := range all {
		err := s.Account.NumberRequests(func() (number int64, err error) {
			number, numbers[i] = numbers[i][0], numbers[i][1:]
			return number, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// NextRequestNumber is the number that the agency's next payment request gets, if it is the next.
func NextRequestNumber(ctx context.Context, q Q, agency billing.ID) (number int64, err error) {
	err = q.QueryRow(ctx, `SELECT next_request_number FROM agencies WHERE id = $1`, agency).Scan(&number)
	return number, err
}

// takeRequestNumbers takes n numbers and answers the first.
func takeRequestNumbers(ctx context.Context, q Q, agency billing.ID, n int64) (first int64, err error) {
	err = q.QueryRow(ctx, `UPDATE agencies SET next_request_number = next_request_number + $2 WHERE id = $1 RETURNING next_request_number - $2`, agency, n).Scan(&first)
	return first, err
}

// batch gathers what is to be written. What is alike is written at once; everything else is done in the order of the
// facts.
type batch struct {
	statements []statement
	usage      []newUsage
	wallet     []newWalletEntry
	facts      []newFact
	claims     []*Saving // accounts that are not held
	meters     []*Saving // those that are, and nothing but usage happened to
	accounts   []*Saving // all others
	days       []newDay
	costs      []newCost
	agencyDays agencyDays
	sourceDays sourceDays
	presumed   bool // see Saving
	requests   []row
	periods    []row
	closed     []row
}

// write writes everything. What all transactions of an agency share comes last, so that they wait for it as little as can be.
func (b *batch) write(ctx context.Context, m many) error {
	// In the order of the keys, which are as good as drawn by chance, so that neighbours fall on the same page of their index.
	slices.SortFunc(b.usage, func(a, b newUsage) int { return cmp.Compare(a.key.Head, b.key.Head) })
	all := append(b.claimed(), []addition{
		{usageTable, len(b.usage), func(i int, c cells) { b.usage[i].into(c) }},
		{walletTable, len(b.wallet), func(i int, c cells) { b.wallet[i].into(c) }},
		{factsTable, len(b.facts), func(i int, c cells) { b.facts[i].into(c) }},
		{outboxTable, len(b.facts), func(i int, c cells) { b.facts[i].intoOutbox(c) }},
		{daysTable, len(b.days), func(i int, c cells) { b.days[i].into(c) }},
		{costsTable, len(b.costs), func(i int, c cells) { b.costs[i].into(c) }},
		{requestsTable, len(b.requests), func(i int, c cells) { b.requests[i].into(c) }},
	}...)
	all = append(all, b.standing()...)
	shared, sources := b.agencyDays.inOrder(), b.sourceDays.inOrder()
	all = append(all, addition{agencyDaysTable, len(shared), func(i int, c cells) { shared[i].into(c) }},
		addition{sourceDaysTable, len(sources), func(i int, c cells) { sources[i].into(c) }})
	var never []proviso
	if b.presumed {
		never = append(never, noArchive)
	}
	return m.write(ctx, all, b.statements, never...)
}

// noArchive fails where there is an archive. Behind the events, whose unique key knows nothing of those that are archived, it
// sees any to which one of them may have gone before its key was free.
var noArchive = proviso{`SELECT 1 FROM usage_archives LIMIT 1`, ErrArchived}

// claimed holds the accounts that are not held yet, in the order in which everybody holds them, and moves their meters. It
// comes before anything else is written: whose account is held writes alone to what belongs to it.
func (b *batch) claimed() []addition {
	return []addition{{claimTable, len(b.claims), func(i int, c cells) { b.claims[i].intoClaims(c) }}}
}

// standing is where the facts leave the accounts and their periods.
func (b *batch) standing() []addition {
	return []addition{
		{metersTable, len(b.meters), func(i int, c cells) { b.meters[i].intoMeters(c) }},
		{accountsTable, len(b.accounts), func(i int, c cells) { b.accounts[i].intoAccounts(c) }},
		{periodsTable, len(b.periods), func(i int, c cells) { b.periods[i].into(c) }},
		{closedTable, len(b.closed), func(i int, c cells) { b.closed[i].into(c) }},
	}
}

// metersTable writes the few columns of accounts that usage moves.
var metersTable = updating("accounts", meterColumns, "agency_id client_id")

const meterColumns = "seq events included_ms wallet_used_ms billable_ms uncovered_ms wallet_ms exhausted_since? updated_at"

func (s *Saving) intoMeters(c cells) {
	a := s.Account
	c.num(a.Seq)
	c.num(a.Events)
	c.num(int64(a.Period.Used.Included))
	c.num(int64(a.Period.Used.Wallet))
	c.num(int64(a.Period.Used.Billable))
	c.num(int64(a.Period.Used.Uncovered))
	c.num(int64(a.Wallet))
	putTime(c, a.Exhausted)
	putTime(c, s.RecordedAt)
	putID(c, a.Agency)
	putID(c, a.Client)
}

// claimTable is metersTable for accounts that still stand where they stood.
var claimTable = updatingIf("accounts", meterColumns, "agency_id client_id",
	"seq events included_ms wallet_used_ms billable_ms uncovered_ms wallet_ms updated_at")

func (s *Saving) intoClaims(c cells) {
	s.intoMeters(c)
	was := s.Stood
	c.num(was.Seq)
	c.num(was.Events)
	c.num(int64(was.Used.Included))
	c.num(int64(was.Used.Wallet))
	c.num(int64(was.Used.Billable))
	c.num(int64(was.Used.Uncovered))
	c.num(int64(was.Wallet))
	putTime(c, was.Written)
}

// onlyUsage says that nothing but usage happened to an account, so that nothing but its meter moved.
func (s *Saving) onlyUsage() bool {
	for _, e := range s.Account.Fresh() {
		if _, is := e.Fact.(billing.UsageRecorded); !is {
			return false
		}
	}
	return true
}

// writer turns the facts of one account into rows.
type writer struct {
	*batch
	*Saving
	err     error
	touched map[billing.ID]bool // requests and campaigns already written in their final state
	begins  bool                // a subscription starts among the facts: what belongs to it comes after it
	issued  map[billing.ID]bool // requests that are new

	days      days                     // what the facts add to the sums by day
	corrected map[billing.ID]*UsageRow // events that the facts correct, as they stand before the next fact
}

// lookAhead finds out what the facts bring that is new.
func (w *writer) lookAhead() {
	fresh := w.Account.Fresh()
	for i := range fresh {
		switch f := fresh[i].Fact.(type) {
		case billing.SubscriptionStarted:
			w.begins = true
		case billing.RequestIssued:
			if w.issued == nil {
				w.issued = map[billing.ID]bool{}
			}
			w.issued[f.Request.ID] = true
		}
	}
}

func (w *writer) exec(sql string, args ...any) {
	w.statements = append(w.statements, statement{sql, args})
}

// standing writes where one account stands, and its periods.
func (w *writer) standing() {
	w.lookAhead()
	w.presumed = w.presumed || w.Presumed
	if w.Stood != nil {
		w.claims = append(w.claims, w.Saving)
	}
	if w.onlyUsage() {
		if w.Stood == nil {
			w.meters = append(w.meters, w.Saving)
		}
		return
	}
	w.accounts = append(w.accounts, w.Saving)
	if !w.begins {
		for _, e := range w.Account.Fresh() {
			w.period(&e)
		}
	}
}

// account writes everything that happened to one account.
func (w *writer) account() {
	fresh := w.Account.Fresh()
	for i := range fresh {
		w.entry(i, &fresh[i])
	}
	w.credits()
	w.growDays()
}

// touch remembers that a row is written in its final state, and says whether it is for the first time.
func (w *writer) touch(id billing.ID) (first bool) {
	if w.touched == nil {
		w.touched = map[billing.ID]bool{}
	}
	first = !w.touched[id]
	w.touched[id] = true
	return first
}

// by is who did what a fact says.
func (w *writer) by(i int) string {
	switch {
	case i < w.Due:
		return w.System
	case w.Signer != nil:
		return w.Signer(i)
	}
	return w.Actor
}

// entry writes what one fact changed, then the fact itself.
func (w *writer) entry(i int, e *billing.Entry) {
	actor := w.by(i)
	switch f := e.Fact.(type) {
	case billing.UsageRecorded:
		w.usage(e, &f, actor)
		w.wallet(e, actor)
		return // the event is its own record
	case billing.PacksAssigned:
		w.packs(f)
	case billing.SubscriptionStarted:
		w.subscriptionStarted(e.At, f)
	case billing.StatusChanged, billing.CancelScheduled, billing.CancelUndone, billing.SubscriptionCanceled:
		w.subscriptionChanged(e)
	case billing.PeriodOpened, billing.PeriodClosed:
		if w.begins { // else they stand there already
			w.period(e)
		}
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

var (
	factsTable  = tableOf("facts", "agency_id client_id seq id name body at recorded_at actor command reason before after")
	outboxTable = tableOf("outbox", "agency_id id client_id seq name body at recorded_at")
)

// newFact is a row of facts and one of the outbox.
type newFact struct {
	agency, client, id     billing.ID
	seq                    int64
	name, body             string
	at, recorded           time.Time
	actor, command, reason string
	before, after          string
}

func (f *newFact) into(c cells) {
	putID(c, f.agency)
	putID(c, f.client)
	c.num(f.seq)
	putID(c, f.id)
	c.text(f.name)
	c.text(f.body)
	putTime(c, f.at)
	putTime(c, f.recorded)
	c.text(f.actor)
	c.text(f.command)
	c.text(f.reason)
	c.text(f.before)
	c.text(f.after)
}

// intoOutbox is the fact on its way out.
func (f *newFact) intoOutbox(c cells) {
	putID(c, f.agency)
	putID(c, f.id)
	putID(c, f.client)
	c.num(f.seq)
	c.text(f.name)
	c.text(f.body)
	putTime(c, f.at)
	putTime(c, f.recorded)
}

func (w *writer) fact(i int, e *billing.Entry, actor string) {
	f := newFact{
		agency: w.Account.Agency, client: w.Account.Client, id: w.Mint(), seq: e.Seq, name: e.Fact.FactName(), body: w.json(e.Fact),
		at: e.At, recorded: w.RecordedAt, actor: actor, command: w.Command, reason: w.Reason,
	}
	if i < w.Due {
		f.command, f.reason = "time", ""
	}
	f.before, f.after = difference(e)
	w.facts = append(w.facts, f)
}

// difference is what a fact changed: the fields of the summary that are not the same before and after, as JSON objects.
func difference(e *billing.Entry) (before, after string) {
	if e.Before == e.After {
		return "{}", "{}"
	}
	b, a := []byte{'{'}, []byte{'{'}
	was, is := summed(e.Before), summed(e.After)
	for i, field := range is {
		if was[i] != field {
			b, a = was[i].appendTo(b), field.appendTo(a)
		}
	}
	return string(append(b, '}')), string(append(a, '}'))
}

// summaryField is a field of a summary in JSON: a text where it is quoted, else a number.
type summaryField struct {
	name   string
	text   string
	number int64
	quoted bool
	absent bool
}

// summed are the fields of a summary by their names.
func summed(s billing.Summary) [9]summaryField {
	number := func(name string, n int64) summaryField { return summaryField{name: name, number: n} }
	text := func(name, s string, absent bool) summaryField {
		return summaryField{name: name, text: s, quoted: true, absent: absent}
	}
	return [9]summaryField{
		text("access", string(s.Access), false),
		number("billable_ms", int64(s.Billable)),
		number("included_used_ms", int64(s.IncludedUsed)),
		number("open_requests", int64(s.OpenRequests)),
		number("period_index", int64(s.PeriodIndex)),
		text("plan_id", s.Plan.String(), s.Plan == 0),
		text("status", string(s.Status), s.Status == ""),
		number("uncovered_ms", int64(s.Uncovered)),
		number("wallet_ms", int64(s.Wallet)),
	}
}

func (f summaryField) appendTo(object []byte) []byte {
	if f.absent {
		return object
	}
	if len(object) > 1 {
		object = append(object, ',')
	}
	object = append(append(append(object, '"'), f.name...), '"', ':')
	if f.quoted {
		return strconv.AppendQuote(object, f.text)
	}
	return strconv.AppendInt(object, f.number, 10)
}

func (w *writer) json(v any) string {
	text, err := json.Marshal(v)
	if w.err == nil {
		w.err = err
	}
	return string(text)
}

// accountsTable writes the account's own row.
var accountsTable = updating("accounts", `seq plan_id? denial_policy:text hold_reason:text hold_since? override_until? override_reason:text subscription_id?
	period_index period_start? period_end? period_closed? included_ms wallet_used_ms billable_ms uncovered_ms wallet_ms exhausted_since?
	access_reason:text access_since? next_due? updated_at events`, "agency_id client_id")

func (s *Saving) intoAccounts(c cells) {
	a := s.Account
	var hold billing.Hold
	var override billing.Override
	var subscription billing.ID
	if a.Hold != nil {
		hold = *a.Hold
	}
	if a.Override != nil {
		override = *a.Override
	}
	if a.Subscription != nil {
		subscription = a.Subscription.ID
	}
	due, _ := a.NextDue()
	c.num(a.Seq)
	putRef(c, a.PlanID)
	c.text(string(a.Denial))
	c.text(hold.Reason)
	putTime(c, hold.Since)
	putTime(c, override.Until)
	c.text(override.Reason)
	putRef(c, subscription)
	c.num(int64(a.Period.Index))
	putTime(c, a.Period.Start)
	putTime(c, a.Period.End)
	putTime(c, a.Period.ClosedAt)
	c.num(int64(a.Period.Used.Included))
	c.num(int64(a.Period.Used.Wallet))
	c.num(int64(a.Period.Used.Billable))
	c.num(int64(a.Period.Used.Uncovered))
	c.num(int64(a.Wallet))
	putTime(c, a.Exhausted)
	c.text(string(a.Access.Reason))
	putTime(c, a.Access.Since)
	putTime(c, due)
	putTime(c, s.RecordedAt)
	c.num(a.Events)
	putID(c, a.Agency)
	putID(c, a.Client)
}

// credits writes what the client has received and not used, where anything but usage happened.
func (w *writer) credits() {
	if w.onlyUsage() {
		return
	}
	a := w.Account
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
func (w *writer) subscriptionChanged(e *billing.Entry) {
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

var periodsTable = tableOf("periods", "agency_id subscription_id idx start_at end_at included_ms wallet_ms billable_ms uncovered_ms")

// newPeriod is a row of periods.
type newPeriod struct {
	agency billing.ID
	billing.PeriodOpened
}

func (p newPeriod) into(c cells) {
	putID(c, p.agency)
	putID(c, p.SubscriptionID)
	c.num(int64(p.Index))
	putTime(c, p.Start)
	putTime(c, p.End)
	for range 4 { // the open period's figures stand in accounts
		c.num(0)
	}
}

// closedTable writes what a period came to.
var closedTable = updating("periods", "closed_at closed_seq included_ms wallet_ms billable_ms uncovered_ms", "agency_id subscription_id idx")

// closedPeriod is what changes in a row of periods when it closes.
type closedPeriod struct {
	agency billing.ID
	seq    int64
	billing.PeriodClosed
}

func (p closedPeriod) into(c cells) {
	putTime(c, p.ClosedAt)
	c.num(p.seq)
	c.num(int64(p.Used.Included))
	c.num(int64(p.Used.Wallet))
	c.num(int64(p.Used.Billable))
	c.num(int64(p.Used.Uncovered))
	putID(c, p.agency)
	putID(c, p.SubscriptionID)
	c.num(int64(p.Index))
}

// period writes that a period opened or closed.
func (w *writer) period(e *billing.Entry) {
	switch f := e.Fact.(type) {
	case billing.PeriodOpened:
		w.add(&w.batch.periods, periodsTable, newPeriod{w.Account.Agency, f})
	case billing.PeriodClosed:
		w.add(&w.closed, closedTable, closedPeriod{w.Account.Agency, e.Seq, f})
	}
}

// add adds a row that refers to a subscription: with all others of its table, unless that subscription starts among
// the same facts.
func (w *writer) add(rows *[]row, to *table, r row) {
	if w.begins {
		w.statements = append(w.statements, to.inserting(r))
		return
	}
	*rows = append(*rows, r)
}

var requestsTable = tableOf("payment_requests", `agency_id id number reference client_id subscription_id period_index kind status currency currency_digits
	lines amount amount_paid period_start period_end issued_at due_at grace_ends_at paid_at external_payment_id notes
	settlement_id settlement pack_id pack_ms clawed_back_ms shortfall_ms created_at updated_at`)

// newRequest is a row of payment_requests.
type newRequest struct {
	*billing.Request
	agency, client billing.ID
	lines          string
	recorded       time.Time
}

func (r newRequest) into(c cells) {
	putID(c, r.agency)
	putID(c, r.ID)
	c.num(r.Number)
	c.text(r.Reference())
	putID(c, r.client)
	putRef(c, r.SubscriptionID)
	if r.Kind == billing.Recurring || r.Kind == billing.Usage {
		c.num(int64(r.PeriodIndex))
	} else {
		c.null()
	}
	c.text(string(r.Kind))
	c.text(string(r.Status))
	c.text(r.Currency.Code)
	c.num(int64(r.Currency.Digits))
	c.text(r.lines)
	c.num(int64(r.Amount))
	c.num(int64(r.AmountPaid))
	for _, at := range []time.Time{r.PeriodStart, r.PeriodEnd, r.IssuedAt, r.DueAt, r.GraceEndsAt, r.PaidAt} {
		putTime(c, at)
	}
	c.text(r.ExternalPaymentID)
	c.text(r.Notes)
	putRef(c, r.SettlementID)
	c.num(int64(r.Settlement))
	putRef(c, r.PackID)
	c.num(int64(r.PackMinutes))
	c.num(int64(r.ClawedBack))
	c.num(int64(r.Shortfall))
	putTime(c, r.recorded)
	putTime(c, r.recorded)
}

// request writes a payment request in its final state, once.
func (w *writer) request(id billing.ID) {
	if !w.touch(id) {
		return
	}
	r := w.Account.Request(id)
	if w.issued[id] {
		w.add(&w.batch.requests, requestsTable, newRequest{r, w.Account.Agency, w.Account.Client, w.json(r.Lines), w.RecordedAt})
		return
	}
	w.exec(`
		UPDATE payment_requests SET status = $3, amount_paid = $4, paid_at = $5, external_payment_id = $6, notes = $7, settlement_id = $8,
		       settlement = $9, clawed_back_ms = $10, shortfall_ms = $11, updated_at = $12
		WHERE agency_id = $1 AND id = $2`,
		w.Account.Agency, r.ID, r.Status, r.AmountPaid, r.PaidAt, r.ExternalPaymentID, r.Notes, ref(r.SettlementID), r.Settlement, r.ClawedBack, r.Shortfall,
		w.RecordedAt)
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

var walletTable = tableOf("wallet_entries", "agency_id id client_id seq at kind delta_ms balance_ms payment_request_id pack_id usage_event_id reason actor")

// newWalletEntry is a row of wallet_entries.
type newWalletEntry struct {
	billing.WalletEntry
	agency, client billing.ID
	seq            int64
	actor          string
}

func (e *newWalletEntry) into(c cells) {
	putID(c, e.agency)
	putID(c, e.ID)
	putID(c, e.client)
	c.num(e.seq)
	putTime(c, e.At)
	c.text(string(e.Kind))
	c.num(int64(e.Delta))
	c.num(int64(e.Balance))
	putRef(c, e.RequestID)
	putRef(c, e.PackID)
	putRef(c, e.UsageEventID)
	c.text(e.Reason)
	c.text(e.actor)
}

func (w *writer) wallet(e *billing.Entry, actor string) {
	if entry, moved := e.WalletEntry(); moved {
		w.batch.wallet = append(w.batch.wallet, newWalletEntry{entry, w.Account.Agency, w.Account.Client, e.Seq, actor})
	}
}

func (w *writer) campaign(id billing.ID) {
	if !w.touch(id) {
		return
	}
	c := w.Account.Campaign(id)
	w.exec(`
		INSERT INTO campaigns (agency_id, id, client_id, name, external_id, direction, status, paused_by, pause_reason, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
		ON CONFLICT (agency_id, id) DO UPDATE SET name = excluded.name, external_id = excluded.external_id, direction = excluded.direction,
		       status = excluded.status, paused_by = excluded.paused_by, pause_reason = excluded.pause_reason, updated_at = excluded.updated_at`,
		w.Account.Agency, c.ID, w.Account.Client, c.Name, c.ExternalID, c.Direction, c.Status, c.PausedBy, c.PauseReason, w.RecordedAt)
}
