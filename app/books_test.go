package app_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

// world is an agency with a test clock on a real store.
type world struct {
	*testing.T
	ctx    context.Context
	a      *app.App
	who    app.Actor
	client billing.ID
	events int
	source string // of the calls that it uses; else test
}

var usd = billing.Currency{Code: "USD", Digits: 2}

func newWorld(t *testing.T, db *store.DB, clock string) *world {
	t.Helper()
	sealer, err := app.NewSealer(make([]byte, 32))
	w := &world{T: t, ctx: t.Context(), a: &app.App{DB: db, Clock: time.Now, Mint: app.NewMint(time.Now), Secrets: sealer, PublicURL: "http://localhost", Log: slog.New(slog.DiscardHandler)}}
	w.ok(err)
	at := w.time(clock)
	made, _, err := w.a.CreateAgency(w.ctx, app.AgencySpec{Name: "Acme", OwnerEmail: fmt.Sprintf("o%d@example.com", w.a.Mint()), OwnerPassword: "correct horse battery", Timezone: "UTC", Currency: "USD", TestClock: &at})
	w.ok(err)
	w.who = app.Operator(made.ID)
	return w
}

// beside is a second server on the same database.
func (w *world) beside() *app.App {
	return &app.App{DB: w.a.DB, Clock: w.a.Clock, Mint: w.a.Mint, Log: w.a.Log, Secrets: w.a.Secrets}
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) time(text string) time.Time {
	w.Helper()
	at, err := time.Parse(time.RFC3339, text)
	w.ok(err)
	return at
}

func (w *world) clock(text string) {
	w.Helper()
	_, err := w.a.MoveTestClock(w.ctx, w.who, w.time(text))
	w.ok(err)
}

// started makes a client on a plan of 99.00 for 300 minutes and 0.25 beyond, due in 14 days with 7 of grace.
func (w *world) started(pack billing.Millis) (pkg billing.ID) {
	w.Helper()
	fee, rate := billing.Money(9900), billing.Rate(250_000)
	plan, err := w.a.CreatePlan(w.ctx, w.who, billing.Terms{
		Name: "Growth", Currency: usd, RecurringFee: &fee, Included: 300 * billing.Minute, Rate: &rate, Interval: billing.Month, IntervalCount: 1,
		AddonPacks: true, PaymentDueDays: 14, GraceDays: 7,
	})
	w.ok(err)
	client, err := w.a.CreateClient(w.ctx, w.who, app.ClientSpec{Name: "Bright Dental"})
	w.ok(err)
	w.client = client.ID
	w.ok(w.a.AssignPlan(w.ctx, w.who, w.client, plan.ID))
	if pack > 0 {
		p, err := w.a.CreatePack(w.ctx, w.who, billing.Pack{Name: "Pack", Minutes: pack, Price: 1500, Currency: usd})
		w.ok(err)
		w.ok(w.a.AssignPacks(w.ctx, w.who, w.client, []billing.ID{p.ID}))
		pkg = p.ID
	}
	_, err = w.a.Start(w.ctx, w.who, w.client)
	w.ok(err)
	return pkg
}

func (w *world) use(minutes int64) app.UsageResult {
	w.Helper()
	w.events++
	return w.report(app.UsageReport{ClientID: w.client, UsageEvent: billing.UsageEvent{
		Source: cmp.Or(w.source, "test"), EventID: fmt.Sprintf("e%d", w.events), Kind: billing.Call, EndedAt: w.now(), Talk: billing.Millis(minutes) * billing.Minute, CostMicros: 70_000, CostCurrency: "USD",
	}})
}

func (w *world) report(r app.UsageReport) app.UsageResult {
	w.Helper()
	results, err := w.a.RecordUsage(w.ctx, w.who, []app.UsageReport{r})
	w.ok(err)
	return results[0]
}

func (w *world) now() time.Time {
	w.Helper()
	now, err := w.a.Now(w.ctx, w.who.Agency)
	w.ok(err)
	return now
}

func (w *world) requests() []app.RequestRow {
	w.Helper()
	list, err := w.a.Requests(w.ctx, w.who, app.RequestFilter{Client: w.client}, app.Page{Size: 100})
	w.ok(err)
	return list.Items
}

// audited fails unless the books are what the facts say.
func (w *world) audited() {
	w.Helper()
	report, err := w.a.Audit(w.ctx)
	w.ok(err)
	for _, d := range report.Differences {
		w.Errorf("audit: %s", d)
	}
}

// busy lives through everything that moves books: pools, packs, money, voids, corrections, a canceled and a new life.
func (w *world) busy() {
	w.Helper()
	pack := w.started(60 * billing.Minute)
	_, err := w.a.ApplyPack(w.ctx, w.who, w.client, pack, false, "")
	w.ok(err)
	_, err = w.a.RegisterCampaign(w.ctx, w.who, w.client, billing.Campaign{Name: "Recall", Direction: "OUTBOUND"})
	w.ok(err)
	w.clock("2027-01-10T12:00:00Z")
	w.use(290)
	split := w.use(100)
	if got, want := split.Known.Split, (billing.Split{Included: 600_000, Wallet: 3_600_000, Billable: 1_800_000}); got != want {
		w.Fatalf("split of the call that crosses all pools = %+v, want %+v", got, want)
	}
	w.ok(w.a.CorrectUsage(w.ctx, w.who, split.ID, 95*billing.Minute, "a later report"))
	w.ok(w.a.CorrectUsage(w.ctx, w.who, split.ID, 100*billing.Minute, "and back"))
	w.clock("2027-01-16T00:00:00Z") // overdue since the day before
	_, err = w.a.ReceivePayment(w.ctx, w.who, w.client, billing.Payment{Currency: usd, Amount: 15000, Method: "bank", Allocations: w.allocate("SUBSCRIPTION", 15000)})
	w.ok(err)
	w.clock("2027-02-01T00:00:00Z")
	w.ok(w.a.VoidUsage(w.ctx, w.who, split.ID, "disputed"))
	_, err = w.a.ReceivePayment(w.ctx, w.who, w.client, billing.Payment{Currency: usd, Amount: 700, Method: billing.MethodCredit, Allocations: w.allocate("OVERAGE", 700)})
	w.ok(err)
	w.ok(w.a.AdjustWallet(w.ctx, w.who, w.client, -billing.Minute, "too much"))
	_, err = w.a.ReceivePayment(w.ctx, w.who, w.client, billing.Payment{Currency: usd, Amount: 100, Method: "cash"}) // on no request
	w.ok(err)
	w.clock("2027-02-20T00:00:00Z")
	w.source = "dialer"
	w.use(400)
	w.source = ""
	w.ok(w.a.SetHold(w.ctx, w.who, w.client, true, "a talk is due"))
	w.ok(w.a.SetHold(w.ctx, w.who, w.client, false, ""))
	w.ok(w.a.SetOverride(w.ctx, w.who, w.client, w.time("2027-02-25T00:00:00Z"), "they promised"))
	w.clock("2027-03-15T00:00:00Z")
	acc, _, err := w.a.Account(w.ctx, w.who, w.client)
	w.ok(err)
	if acc.Subscription.Status != billing.Blocked {
		w.Fatalf("status = %s, want blocked", acc.Subscription.Status)
	}
	w.ok(w.a.Cancel(w.ctx, w.who, acc.Subscription.ID, billing.Cancellation{OpenRequests: billing.CancelOpen, BillUsage: true, Reason: "start anew"}, false))
	_, err = w.a.Start(w.ctx, w.who, w.client)
	w.ok(err)
	w.use(10)
	w.clock("2027-04-20T00:00:00Z")
}

func (w *world) allocate(kind string, amount billing.Money) []billing.Allocation {
	w.Helper()
	for _, r := range w.requests() {
		if r.Kind.Type() == kind && r.Open() {
			return []billing.Allocation{{RequestID: r.ID, Amount: amount}}
		}
	}
	w.Fatalf("no open %s request", kind)
	return nil
}

func TestTheAuditOfALivelyClientFindsNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		w.busy()
		other := newWorld(t, db, "2027-01-01T00:00:00Z")
		other.busy()
		w.audited()
	})
}

func TestTheAuditNamesTheRowOfAnyHandMadeChange(t *testing.T) {
	changes := map[string]string{
		"accounts":          `UPDATE accounts SET wallet_ms = wallet_ms + 60000`,
		"accounts ":         `UPDATE accounts SET billable_ms = billable_ms + 1`,
		"accounts  ":        `UPDATE accounts SET access_reason = 'agency_hold'`,
		"payment_requests":  `UPDATE payment_requests SET amount_paid = 0, status = 'PENDING', paid_at = NULL WHERE status = 'PAID'`,
		"payment_requests ": `UPDATE payment_requests SET amount = amount + 1 WHERE status <> 'PAID'`,
		"subscriptions":     `UPDATE subscriptions SET status = 'active' WHERE status = 'blocked'`,
		"periods":           `UPDATE periods SET billable_ms = billable_ms + 1 WHERE closed_at IS NOT NULL`,
		"wallet_entries":    `UPDATE wallet_entries SET balance_ms = balance_ms + 1`,
		"payments":          `UPDATE payments SET amount = amount + 1`,
		"usage_events":      `UPDATE usage_events SET included_ms = included_ms - 1, billable_ms = billable_ms + 1 WHERE included_ms > 0`,
		"usage_events ":     `UPDATE usage_events SET raw_ms = raw_ms + 1`,
		"usage_events  ":    `UPDATE usage_events SET day = day + 1`,
		"usage_events   ":   `UPDATE usage_events SET key_tail = key_tail / 2`,
		"usage_events    ":  `UPDATE usage_events SET call_key = 7`,
		"usage_days":        `UPDATE usage_days SET billable_ms = billable_ms + 1`,
		"usage_days ":       `UPDATE usage_days SET last_seq = last_seq - 1`,
		"usage_days  ":      `DELETE FROM usage_days`,
		"agency_days":       `UPDATE agency_days SET billable_ms = billable_ms + 1`,
		"agency_days ":      `UPDATE agency_days SET last_id = last_id - 1`,
		"agency_days  ":     `DELETE FROM agency_days`,
		"source_days":       `UPDATE source_days SET voided = voided + 1`,
		"source_days ":      `UPDATE source_days SET last_id = last_id - 1`,
		"source_days  ":     `DELETE FROM source_days`,
		"usage_costs":       `UPDATE usage_costs SET cost_micros = cost_micros + 1`,
		"accounts   ":       `UPDATE accounts SET events = events + 1`,
		"credits":           `UPDATE credits SET amount = amount + 1`,
		"credit_lines":      `UPDATE credit_lines SET left_amount = amount - 1`,
		"campaigns":         `UPDATE campaigns SET status = 'STOPPED', paused_by = ''`,
		"facts":             `DELETE FROM facts WHERE seq = 4`,
		"agencies":          `UPDATE agencies SET next_request_number = next_request_number + 1`,
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		w.busy()
		for row, change := range changes {
			rollback := fmt.Errorf("leave it as it was")
			err := db.InTx(w.ctx, func(ctx context.Context, q store.Q) error {
				n, err := q.Exec(ctx, change)
				w.ok(err)
				report, err := w.a.Audit(ctx)
				w.ok(err)
				named := false
				for _, d := range report.Differences {
					named = named || strings.HasPrefix(d.Row, strings.TrimSpace(row))
				}
				if n == 0 || !named {
					t.Errorf("%s (%d rows): differences %v, want one of %s", change, n, report.Differences, row)
				}
				return rollback
			})
			if err != rollback {
				t.Fatal(err)
			}
		}
		w.audited()
	})
}

// A payment that names its requests in another order than theirs is no difference.
func TestTheAuditOfAPaymentOnSeveralRequests(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		w.started(0)
		second, err := w.a.RequestOneTime(w.ctx, w.who, w.client, billing.OneTimeRequest{Currency: usd, Lines: []billing.LineItem{{Description: "Set-up", Amount: 4000}}, DueAt: w.time("2027-02-10T00:00:00Z")})
		w.ok(err)
		w.ok(func() error {
			_, err := w.a.ReceivePayment(w.ctx, w.who, w.client, billing.Payment{Currency: usd, Amount: 300, Method: "bank", Allocations: []billing.Allocation{
				{RequestID: second, Amount: 200}, w.allocate("SUBSCRIPTION", 100)[0],
			}})
			return err
		}())
		w.audited()
	})
}

func TestAsleepForMonthsIsTheSameAsAwake(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		live := func(steps ...string) string {
			w := newWorld(t, db, "2027-01-31T10:30:00Z")
			w.started(0)
			w.ok(w.a.UpdateRequest(w.ctx, w.who, w.requests()[0].ID, billing.RequestUpdate{Status: billing.Paid}))
			w.use(340)
			for _, step := range steps {
				w.clock(step)
			}
			var lines []string
			for _, r := range w.requests() {
				lines = append(lines, fmt.Sprint(r.Label(), r.Kind, r.Status, r.Amount, r.IssuedAt, r.DueAt, r.GraceEndsAt, r.PeriodStart, r.PeriodEnd))
			}
			w.audited()
			if len(lines) < 3 {
				t.Errorf("only %d requests: time did nothing", len(lines))
			}
			return strings.Join(lines, "\n")
		}
		awake := live("2027-02-14T10:30:00Z", "2027-02-20T00:00:00Z", "2027-02-21T10:30:00Z", "2027-05-02T00:00:00Z")
		if asleep := live("2027-05-02T00:00:00Z"); asleep != awake {
			t.Errorf("asleep:\n%s\nawake:\n%s", asleep, awake)
		}
	})
}

// The same event id for two clients at once: no lock orders the two transactions, the unique key does. One is
// accepted, the other hears of a conflict; nobody hears of a fault, with an Idempotency-Key around it or without.
func TestOneEventForTwoClientsAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		w.started(0)
		other, err := w.a.CreateClient(w.ctx, w.who, app.ClientSpec{Name: "Other"})
		w.ok(err)
		for round := range 15 {
			clients := []billing.ID{w.client, other.ID}
			results := make([]string, len(clients))
			var senders sync.WaitGroup
			for i, client := range clients {
				senders.Go(func() {
					report := app.UsageReport{ClientID: client, UsageEvent: billing.UsageEvent{Source: "test", EventID: fmt.Sprint("same", round), Kind: billing.Call, EndedAt: w.now(), Talk: 1000}}
					record := func(ctx context.Context) app.Attempt {
						got, err := w.a.RecordUsage(ctx, w.who, []app.UsageReport{report})
						if err != nil {
							return app.Attempt{Broken: true, Answer: app.FirstAnswer{Body: []byte(err.Error())}}
						}
						return app.Attempt{Keep: true, Answer: app.FirstAnswer{Status: 200, ContentType: "text/plain", Body: []byte(got[0].Result)}}
					}
					if round%2 == 0 {
						results[i] = string(record(w.ctx).Answer.Body)
						return
					}
					answer, _, err := w.a.Once(w.ctx, w.who, fmt.Sprint("key", round, i), []byte{byte(i)}, record)
					if err != nil {
						answer.Body = []byte(err.Error())
					}
					results[i] = string(answer.Body)
				})
			}
			senders.Wait()
			slices.Sort(results)
			if want := []string{app.UsageAccepted, app.UsageConflict}; !slices.Equal(results, want) {
				t.Fatalf("round %d: %v, want %v", round, results, want)
			}
		}
		w.audited()
	})
}

// Two servers share a database; the clock of one is ten minutes ahead. What the other writes afterwards is not dated
// before it.
func TestServersWithDifferentClocks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		w.started(0)
		made, _, err := w.a.CreateAgency(w.ctx, app.AgencySpec{Name: "Live", OwnerEmail: "live@example.com", OwnerPassword: "correct horse battery", Timezone: "UTC", Currency: "USD"})
		w.ok(err)
		w.who = app.Operator(made.ID)
		clock := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
		ahead := &app.App{DB: db, Clock: func() time.Time { return clock.Add(10 * time.Minute) }, Mint: app.NewMint(time.Now), Log: w.a.Log}
		behind := &app.App{DB: db, Clock: func() time.Time { return clock }, Mint: app.NewMint(time.Now), Log: w.a.Log}
		w.a = behind
		w.started(0)
		var last time.Time
		for n := range 6 {
			w.a = []*app.App{ahead, behind}[n%2]
			got := w.report(app.UsageReport{ClientID: w.client, UsageEvent: billing.UsageEvent{Source: "test", EventID: fmt.Sprint("skew", n), Kind: billing.Call, EndedAt: clock, Talk: 1000}})
			if got.Known == nil || got.Known.RecordedAt.Before(last) {
				t.Fatalf("call %d is recorded at %v, the one before at %s", n, got.Known, last)
			}
			last = got.Known.RecordedAt
			w.ok(w.a.AdjustWallet(w.ctx, w.who, w.client, billing.Minute, "a gift"))
		}
		soon := func(id string, in time.Duration) app.UsageReport {
			return app.UsageReport{ClientID: w.client, UsageEvent: billing.UsageEvent{Source: "test", EventID: id, Kind: billing.Call, EndedAt: clock.Add(in), Talk: 1000}}
		}
		for _, each := range []struct {
			by   *app.App
			what app.UsageReport
			want string
		}{
			{behind, soon("far", 25*time.Minute), app.UsageRejected},
			{ahead, soon("soon", 19*time.Minute), app.UsageAccepted},
			{behind, soon("soon", 19*time.Minute), app.UsageDuplicate}, // what is in the books is known, whatever a clock says
			{behind, soon("soon", 30*time.Minute), app.UsageConflict},
			{ahead, soon("far", 25*time.Minute), app.UsageRejected},
		} {
			w.a = each.by
			got := w.report(each.what)
			if got.Result != each.want || each.want == app.UsageRejected && got.Error.Field != "ended_at" {
				t.Errorf("%s ending at %s is answered %s, %v, want %s", each.what.EventID, each.what.EndedAt, got.Result, got.Error, each.want)
			}
		}
		w.audited()
	})
}

// A row that names another agency's row is found, in every column that no foreign key keeps on the database at hand.
// SQLite keeps what PostgreSQL was relieved of.
func TestTheAuditFindsWhatPointsOutOfItsAgency(t *testing.T) {
	pointers := map[string]string{
		"accounts subscription_id":          `UPDATE accounts SET subscription_id = (SELECT MAX(id) FROM subscriptions WHERE agency_id <> accounts.agency_id)`,
		"usage_events subscription_id":      `UPDATE usage_events SET subscription_id = (SELECT MAX(id) FROM subscriptions WHERE agency_id <> usage_events.agency_id) WHERE subscription_id IS NOT NULL`,
		"wallet_entries payment_request_id": `UPDATE wallet_entries SET payment_request_id = (SELECT MAX(id) FROM payment_requests WHERE agency_id <> wallet_entries.agency_id) WHERE kind = 'ADJUSTMENT'`,
		"wallet_entries usage_event_id":     `UPDATE wallet_entries SET usage_event_id = (SELECT MAX(id) FROM usage_events WHERE agency_id <> wallet_entries.agency_id) WHERE usage_event_id IS NOT NULL`,
		"payment_requests settlement_id":    `UPDATE payment_requests SET settlement_id = (SELECT MAX(id) FROM payments WHERE agency_id <> payment_requests.agency_id) WHERE status = 'PAID'`,
		"credit_lines usage_event_id":       `UPDATE credit_lines SET usage_event_id = (SELECT MAX(id) FROM usage_events WHERE agency_id <> credit_lines.agency_id)`,
		"audit_entries client_id":           `UPDATE audit_entries SET client_id = (SELECT MAX(id) FROM clients WHERE agency_id <> audit_entries.agency_id) WHERE client_id IS NOT NULL`,
		"usage_corrections client_id":       `UPDATE usage_corrections SET client_id = (SELECT MAX(id) FROM clients WHERE agency_id <> usage_corrections.agency_id)`,
	}
	relieved := map[string]string{
		"facts client_id":                  `UPDATE facts SET client_id = (SELECT MAX(id) FROM clients WHERE agency_id <> facts.agency_id)`,
		"outbox client_id":                 `UPDATE outbox SET client_id = (SELECT MAX(id) FROM clients WHERE agency_id <> outbox.agency_id)`,
		"usage_events client_id":           `UPDATE usage_events SET client_id = (SELECT MAX(id) FROM clients WHERE agency_id <> usage_events.agency_id)`,
		"wallet_entries client_id":         `UPDATE wallet_entries SET client_id = (SELECT MAX(id) FROM clients WHERE agency_id <> wallet_entries.agency_id)`,
		"payment_requests client_id":       `UPDATE payment_requests SET client_id = (SELECT MAX(id) FROM clients WHERE agency_id <> payment_requests.agency_id)`,
		"payment_requests subscription_id": `UPDATE payment_requests SET subscription_id = (SELECT MAX(id) FROM subscriptions WHERE agency_id <> payment_requests.agency_id) WHERE id = (SELECT MIN(id) FROM payment_requests WHERE subscription_id IS NOT NULL)`,
		"periods subscription_id":          `UPDATE periods SET subscription_id = (SELECT MAX(id) FROM subscriptions WHERE agency_id <> periods.agency_id) WHERE idx = 0 AND subscription_id = (SELECT MIN(id) FROM subscriptions)`,
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		w.busy()
		newWorld(t, db, "2027-01-01T00:00:00Z").busy()
		changes := maps.Clone(pointers)
		if db.Dialect() == "postgres" {
			maps.Copy(changes, relieved)
		} else {
			for _, change := range relieved {
				err := db.InTx(w.ctx, func(ctx context.Context, q store.Q) error {
					_, err := q.Exec(ctx, change)
					return err
				})
				if !errors.Is(err, store.ErrReference) {
					t.Errorf("%s: %v, want ErrReference", change, err)
				}
			}
		}
		for row, change := range changes {
			undo := fmt.Errorf("leave it as it was")
			err := db.InTx(w.ctx, func(ctx context.Context, q store.Q) error {
				n, err := q.Exec(ctx, change)
				w.ok(err)
				report, err := w.a.Audit(ctx)
				w.ok(err)
				if n == 0 || !slices.ContainsFunc(report.Differences, func(d app.Difference) bool { return d.Row == row }) {
					t.Errorf("%s (%d rows): differences %v, want one of %s", change, n, report.Differences, row)
				}
				return undo
			})
			if err != undo {
				t.Fatal(err)
			}
		}
		w.audited()
	})
}

// The clock of one server ran forty days ahead for a moment and it wrote one client. The others of the agency, whose calls
// come in one batch with that client's, stay in their own time.
func TestAClockThatRanAheadMovesNobodyElse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		made, _, err := w.a.CreateAgency(w.ctx, app.AgencySpec{Name: "Live", OwnerEmail: "live@example.com", OwnerPassword: "correct horse battery", Timezone: "UTC", Currency: "USD"})
		w.ok(err)
		w.who = app.Operator(made.ID)
		clock := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
		w.a = &app.App{DB: db, Clock: func() time.Time { return clock }, Mint: app.NewMint(time.Now), Log: w.a.Log}
		w.started(0)
		first := w.client
		w.started(0)
		clock = clock.AddDate(0, 0, 40)
		w.client = first
		w.ok(w.a.AdjustWallet(w.ctx, w.who, first, billing.Minute, "from the future"))
		clock = clock.AddDate(0, 0, -40).Add(time.Minute)
		clients, err := w.a.Clients(w.ctx, w.who, app.ClientFilter{}, app.Page{Size: 10})
		w.ok(err)
		var batch []app.UsageReport
		for _, c := range clients.Items {
			batch = append(batch, app.UsageReport{ClientID: c.ID, UsageEvent: billing.UsageEvent{Source: "test", EventID: c.ID.String(), Kind: billing.Call, EndedAt: clock, Talk: 1000}})
		}
		results, err := w.a.RecordUsage(w.ctx, w.who, batch)
		w.ok(err)
		for _, r := range results {
			want := clock
			if r.Known.Client == first {
				want = clock.Add(-time.Minute).AddDate(0, 0, 40) // its own time does not run backwards
			}
			if !r.Known.RecordedAt.Equal(want) {
				t.Errorf("a call of client %d is recorded at %s, want %s", r.Known.Client, r.Known.RecordedAt, want)
			}
		}
		w.audited()
	})
}
