package app

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"time"

	"minutebook/billing"
	"minutebook/store"
)

// Difference is one place where the books do not say what the facts say.
type Difference struct {
	Agency billing.ID
	Client billing.ID
	Row    string // table and key
	What   string
}

func (d Difference) String() string {
	return fmt.Sprintf("agency %d, client %d, %s: %s", d.Agency, d.Client, d.Row, d.What)
}

// AuditReport is what an audit looked at and what it found.
type AuditReport struct {
	Agencies    int
	Clients     int
	Facts       int
	Differences []Difference
}

// Audit recomputes every balance, request, status and access from the facts and usage events alone, archived ones among
// them, and reports each row that says otherwise. It reads one client at a time, each as of one instant, and changes nothing.
func (a *App) Audit(ctx context.Context) (report AuditReport, err error) {
	agencies, err := store.AgencyIDs(ctx, a.DB.Q(ctx))
	if err != nil {
		return report, err
	}
	if err := a.auditPointers(ctx, &report); err != nil {
		return report, err
	}
	for _, agency := range agencies {
		report.Agencies++
		if err := a.auditNumbers(ctx, agency, &report); err != nil {
			return report, err
		}
		if err := a.auditArchives(ctx, agency, &report); err != nil {
			return report, err
		}
		if err := a.auditDays(ctx, agency, &report); err != nil {
			return report, err
		}
		clients, err := store.ClientIDs(ctx, a.DB.Q(ctx), agency)
		if err != nil {
			return report, err
		}
		files := archiveFiles{folder: a.Archive, open: map[string]*store.ArchiveReader{}}
		for _, client := range clients { // in the order of their ids, as in the archive's files
			if err := a.auditClient(ctx, agency, client, files, &report); err != nil {
				return report, err
			}
		}
	}
	return report, nil
}

// auditPointers checks that whatever a row points to belongs to the row's own agency.
func (a *App) auditPointers(ctx context.Context, report *AuditReport) error {
	return a.DB.Snapshot(ctx, func(ctx context.Context, q store.Q) error {
		strays, err := store.Strays(ctx, q)
		for _, s := range strays {
			report.Differences = append(report.Differences, Difference{s.Agency, 0, s.Row, fmt.Sprintf("names %d, which its agency does not have among its %s", s.Names, s.Target)})
		}
		return err
	})
}

// auditNumbers checks that an agency's request numbers have no gap.
func (a *App) auditNumbers(ctx context.Context, agency billing.ID, report *AuditReport) error {
	return a.DB.Snapshot(ctx, func(ctx context.Context, q store.Q) error {
		numbers, next, err := store.RequestNumbers(ctx, q, agency)
		if err != nil {
			return err
		}
		expected := int64(1)
		for _, n := range numbers {
			for ; expected < n; expected++ {
				report.Differences = append(report.Differences, Difference{agency, 0, "payment_requests " + billing.RequestLabel(expected), "the number is missing"})
			}
			expected = n + 1
		}
		if next != expected {
			report.Differences = append(report.Differences, Difference{agency, 0, fmt.Sprintf("agencies %d", agency), fmt.Sprintf("next_request_number is %d, recomputed %d", next, expected)})
		}
		return nil
	})
}

// auditDays adds the days of an agency's clients up, which are held against the events client by client, and counts the events of
// its sources by day.
func (a *App) auditDays(ctx context.Context, agency billing.ID, report *AuditReport) error {
	return a.DB.Snapshot(ctx, func(ctx context.Context, q store.Q) error {
		stored, err := store.AgencyDays(ctx, q, agency, 0, math.MaxInt32)
		if err != nil {
			return err
		}
		recomputed, err := store.SumAgencyDays(ctx, q, agency)
		var r replay
		rows(&r, "agency_days", stored, recomputed, func(d store.AgencyDay) string { return d.Day.String() })
		if err != nil {
			return err
		}
		sources, err := store.SourceDays(ctx, q, agency)
		if err != nil {
			return err
		}
		counted, err := store.CountSourceDays(ctx, q, agency)
		rows(&r, "source_days", sources, counted, func(d store.SourceDay) string { return d.Source + " " + d.Day.String() })
		for _, d := range r.found {
			d.Agency = agency
			report.Differences = append(report.Differences, d)
		}
		return err
	})
}

func (a *App) auditClient(ctx context.Context, agency, client billing.ID, files archiveFiles, report *AuditReport) error {
	var h store.History
	var now time.Time
	var missing []store.Archive
	err := a.DB.Snapshot(ctx, func(ctx context.Context, q store.Q) (err error) {
		if now, err = a.Now(ctx, agency); err != nil {
			return err
		}
		if h, err = store.LoadHistory(ctx, q, agency, client); err != nil {
			return err
		}
		missing, err = files.complete(ctx, q, &h)
		return err
	})
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		report.Clients++
		report.Differences = append(report.Differences, Difference{agency, client, "usage_archives " + missing[0].Name(), "without its file the client's books cannot be rebuilt"})
		return nil
	}
	replay := newReplay(h)
	replay.run()
	replay.compare(now)
	report.Clients++
	report.Facts += len(h.Facts)
	for _, d := range replay.found {
		d.Agency, d.Client = agency, client
		report.Differences = append(report.Differences, d)
	}
	return nil
}

// replay rebuilds a client from its facts and holds the result against what is stored.
type replay struct {
	stored        store.History
	acc           *billing.Account
	entries       []billing.Entry
	subscriptions map[billing.ID]*billing.Subscription
	periods       []billing.Period
	wallet        []billing.WalletEntry
	payments      []billing.Payment
	corrections   []store.CorrectionRow
	found         []Difference
}

func newReplay(h store.History) *replay {
	blank := &billing.Account{
		Agency: h.Account.Agency, Client: h.Account.Client, Policy: h.Account.Policy, Zone: h.Account.Zone, Denial: billing.PauseAll,
	}
	return &replay{stored: h, acc: blank, subscriptions: map[billing.ID]*billing.Subscription{}}
}

func (r *replay) differ(row, format string, args ...any) {
	r.found = append(r.found, Difference{Row: row, What: fmt.Sprintf(format, args...)})
}

// run applies the facts in order. A fact that cannot be applied is itself a difference.
func (r *replay) run() {
	var last int64
	defer func() {
		if broken := recover(); broken != nil {
			r.differ(fmt.Sprintf("facts seq %d", last), "cannot be applied to what came before: %v", broken)
		}
	}()
	for _, f := range r.stored.Facts {
		if f.Seq != last+1 {
			r.differ(fmt.Sprintf("facts seq %d", last+1), "is missing: the next one is %d", f.Seq)
		}
		last = f.Seq
		r.check(f)
		before := r.acc.Summary()
		r.acc.Seq = f.Seq
		r.acc.Apply(f.At, f.Fact)
		r.entries = append(r.entries, billing.Entry{Seq: f.Seq, At: f.At, Fact: f.Fact, Before: before, After: r.acc.Summary()})
		r.keep(f)
	}
	for _, wrong := range r.acc.CheckHistory(r.entries) {
		r.differ(fmt.Sprintf("facts of client %d", r.acc.Client), "%s", wrong)
	}
}

// check recomputes what a fact decided from the state it met.
func (r *replay) check(f store.HistoryFact) {
	switch fact := f.Fact.(type) {
	case billing.UsageRecorded:
		r.checkUsage(fact, f.ContentHash)
	case billing.PeriodOpened:
		grid, err := r.acc.Subscription.Schedule()
		if err != nil || !grid.Boundary(fact.Index).Equal(fact.Start) || !grid.Boundary(fact.Index+1).Equal(fact.End) {
			r.differ(fmt.Sprintf("facts seq %d", f.Seq), "period %d does not lie on the boundaries of its subscription", fact.Index)
		}
	case billing.PeriodClosed:
		if fact.Used != r.acc.Period.Used {
			r.differ(fmt.Sprintf("facts seq %d", f.Seq), "period %d closed with %+v, recomputed %+v", fact.Index, fact.Used, r.acc.Period.Used)
		}
	case billing.RequestIssued:
		r.checkIssued(fact.Request)
	}
}

func (r *replay) checkUsage(f billing.UsageRecorded, hash []byte) {
	row := fmt.Sprintf("usage_events %d", f.ID)
	if !bytes.Equal(hash, f.Event.Fingerprint(r.acc.Client)) {
		r.differ(row, "its content is not what was reported")
	}
	if f.Status != billing.Rated {
		if f.Split != (billing.Split{}) {
			r.differ(row, "is unrated but draws %+v", f.Split)
		}
		return
	}
	if billed := f.Event.Billed(r.acc.Subscription.Terms); billed != f.Billed {
		r.differ(row, "billed_ms is %d, recomputed %d", f.Billed, billed)
	}
	if split := r.acc.Draw(f.Billed); split != f.Split {
		r.differ(row, "its split is %+v, recomputed %+v", f.Split, split)
	}
}

func (r *replay) checkIssued(q billing.Request) {
	row := "payment_requests " + q.Label()
	var sum billing.Money
	for _, line := range q.Lines {
		sum += line.Amount
	}
	if sum != q.Amount {
		r.differ(row, "amount is %d, the sum of its lines %d", q.Amount, sum)
	}
	if q.Kind != billing.Usage {
		return
	}
	terms := r.acc.Subscription.Terms
	amount, err := billing.Charge(r.acc.Period.Used.Billable, *terms.Rate, terms.Currency)
	if err != nil || amount != q.Lines[0].Amount {
		r.differ(row, "its usage line is %d, recomputed %d", q.Lines[0].Amount, amount)
	}
}

// keep collects the rows that must follow from a fact.
func (r *replay) keep(f store.HistoryFact) {
	if entry, moved := (billing.Entry{Seq: f.Seq, At: f.At, Fact: f.Fact, After: r.acc.Summary()}).WalletEntry(); moved {
		r.wallet = append(r.wallet, entry)
	}
	switch fact := f.Fact.(type) {
	case billing.SubscriptionStarted:
		r.subscriptions[fact.SubscriptionID] = r.acc.Subscription
	case billing.PeriodOpened:
		r.periods = append(r.periods, r.acc.Period)
	case billing.PeriodClosed:
		r.periods[len(r.periods)-1] = r.acc.Period
	case billing.PaymentRecorded:
		p := fact.Payment // rows of allocations have no order of their own
		p.Allocations = slices.SortedFunc(slices.Values(p.Allocations), func(a, b billing.Allocation) int { return cmp.Compare(a.RequestID, b.RequestID) })
		r.payments = append(r.payments, p)
	case billing.UsageCorrected:
		r.corrections = append(r.corrections, store.CorrectionRow{
			ID: fact.CorrectionID, Event: fact.UsageEventID, Void: fact.Void, Talk: fact.Talk, Billed: fact.Billed, Parts: fact.Parts,
			WalletDelta: fact.WalletDelta, Reason: fact.Reason,
		})
	}
}

// compare holds the rebuilt client against every stored row.
func (r *replay) compare(now time.Time) {
	r.compareAccount()
	r.compareFormulas(now)
	rows(r, "payment_requests", r.stored.Account.Requests, r.acc.Requests, func(q *billing.Request) string { return q.Label() })
	rows(r, "campaigns", r.stored.Account.Campaigns, r.acc.Campaigns, func(c *billing.Campaign) string { return c.ID.String() })
	rows(r, "wallet_entries", r.stored.Wallet, r.wallet, func(e billing.WalletEntry) string { return e.ID.String() })
	rows(r, "payments", r.stored.Payments, inIDOrder(r.payments), func(p billing.Payment) string { return p.ID.String() })
	rows(r, "credit_lines", r.stored.CreditLines, r.acc.CreditLines, func(c billing.CreditLine) string { return c.ID.String() })
	rows(r, "subscriptions", r.stored.Subscriptions, r.startedSubscriptions(), func(s billing.Subscription) string { return s.ID.String() })
	rows(r, "periods", r.stored.Periods, r.closedFigures(), func(p billing.Period) string { return fmt.Sprintf("%d/%d", p.SubscriptionID, p.Index) })
	corrections := slices.Clone(r.stored.Corrections)
	for i := range corrections {
		corrections[i].Actor, corrections[i].RecordedAt = "", time.Time{}
	}
	rows(r, "usage_corrections", corrections, r.corrections, func(c store.CorrectionRow) string { return c.ID.String() })
	for _, k := range r.stored.Digests {
		if !k.Found() {
			r.differ(fmt.Sprintf("usage_events %d", k.ID), "it is not found by its source and event_id or its call_id: what is stored to find it by is that of others")
		}
	}
	r.compareDays()
}

// compareDays sums the events by day anew, and checks that each was given a day that somewhere was the day of its end.
func (r *replay) compareDays() {
	for _, u := range r.stored.Usage {
		ended := u.Event.EndedAt.UTC()
		if u.Day < billing.DateOf(ended.Add(-12*time.Hour)) || u.Day > billing.DateOf(ended.Add(14*time.Hour)) {
			r.differ(fmt.Sprintf("usage_events %d", u.ID), "its day is %s, but it ended at %s", u.Day, ended)
		}
	}
	days, costs := store.SumDays(r.acc.Client, r.stored.Usage)
	rows(r, "usage_days", r.stored.Days, days, func(d store.DayRow) string { return fmt.Sprintf("%d/%s", d.Client, d.Day) })
	rows(r, "usage_costs", r.stored.Costs, costs, func(c store.CostRow) string { return fmt.Sprintf("%d/%s/%s", c.Client, c.Day, c.Currency) })
}

func (r *replay) compareAccount() {
	row := fmt.Sprintf("accounts %d", r.acc.Client)
	s, a := r.stored.Account, r.acc
	fields := []struct {
		name               string
		stored, recomputed any
	}{
		{"seq", s.Seq, a.Seq},
		{"events", s.Events, a.Events},
		{"plan_id", s.PlanID, a.PlanID},
		{"packs", fmt.Sprint(s.PackIDs), fmt.Sprint(a.PackIDs)},
		{"denial_policy", s.Denial, a.Denial},
		{"hold", asJSON(s.Hold), asJSON(a.Hold)},
		{"override", asJSON(s.Override), asJSON(a.Override)},
		{"subscription", asJSON(s.Subscription), asJSON(a.Subscription)},
		{"period", asJSON(s.Period), asJSON(a.Period)},
		{"wallet_ms", s.Wallet, a.Wallet},
		{"exhausted_since", asJSON(s.Exhausted), asJSON(a.Exhausted)},
		{"access", asJSON(s.Access), asJSON(a.Access)},
	}
	for _, f := range fields {
		if f.stored != f.recomputed {
			r.differ(row, "%s is %v, recomputed %v", f.name, f.stored, f.recomputed)
		}
	}
	for _, c := range append(slices.Clone(s.Credits), a.Credits...) {
		if stored, recomputed := s.CreditIn(c.Currency.Code), a.CreditIn(c.Currency.Code); stored != recomputed {
			r.differ(fmt.Sprintf("credits %d %s", a.Client, c.Currency.Code), "amount is %d, recomputed %d", stored, recomputed)
		}
	}
}

// compareFormulas checks that status and access are what their formulas say, unless something is due that nobody
// has carried out yet.
func (r *replay) compareFormulas(now time.Time) {
	if due, any := r.acc.NextDue(); any && !due.After(now) {
		return
	}
	if want := r.acc.Decide(now); want != r.acc.Access {
		r.differ(fmt.Sprintf("accounts %d", r.acc.Client), "access is %+v, by formula %+v", r.acc.Access, want)
	}
	for _, wrong := range r.acc.Check(now) {
		r.differ(fmt.Sprintf("accounts %d", r.acc.Client), "%s", wrong)
	}
}

func (r *replay) startedSubscriptions() (started []billing.Subscription) {
	for _, s := range r.subscriptions {
		started = append(started, *s)
	}
	slices.SortFunc(started, func(a, b billing.Subscription) int { return int(a.ID - b.ID) })
	return started
}

// closedFigures are the periods as their rows hold them: an open one has no figures there.
func (r *replay) closedFigures() []billing.Period {
	periods := slices.Clone(r.periods)
	for i := range periods {
		if periods[i].ClosedAt.IsZero() {
			periods[i].Used = billing.Split{}
		}
	}
	slices.SortFunc(periods, func(a, b billing.Period) int {
		if a.SubscriptionID != b.SubscriptionID {
			return int(a.SubscriptionID - b.SubscriptionID)
		}
		return a.Index - b.Index
	})
	return periods
}

func inIDOrder(payments []billing.Payment) []billing.Payment {
	sorted := slices.Clone(payments)
	slices.SortFunc(sorted, func(a, b billing.Payment) int { return int(a.ID - b.ID) })
	return sorted
}

// rows compares two sets of rows by their key, field by field.
func rows[T any](r *replay, table string, stored, recomputed []T, key func(T) string) {
	want := map[string]T{}
	for _, row := range recomputed {
		want[key(row)] = row
	}
	for _, row := range stored {
		expected, known := want[key(row)]
		delete(want, key(row))
		switch name := table + " " + key(row); {
		case !known:
			r.differ(name, "no fact speaks of it")
		default:
			r.fields(name, row, expected)
		}
	}
	for missing := range want {
		r.differ(table+" "+missing, "is missing")
	}
}

// fields names each field in which a row differs from what was recomputed.
func (r *replay) fields(name string, stored, recomputed any) {
	s, c := asFields(stored), asFields(recomputed)
	for field, value := range s {
		if !reflect.DeepEqual(value, c[field]) && !(isEmpty(value) && isEmpty(c[field])) {
			r.differ(name, "%s is %v, recomputed %v", field, value, c[field])
		}
	}
}

// isEmpty says whether a field holds nothing: no list and a list without entries are the same.
func isEmpty(value any) bool {
	list, isList := value.([]any)
	return value == nil || isList && len(list) == 0
}

func asFields(v any) map[string]any {
	fields := map[string]any{}
	d := json.NewDecoder(bytes.NewReader([]byte(asJSON(v))))
	d.UseNumber()
	if err := d.Decode(&fields); err != nil {
		panic(fmt.Sprintf("app: %T is no object: %v", v, err))
	}
	return fields
}
