package e2e_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

// TestThreeProcessesRenewEachSubscriptionOnce lets MINUTEBOOK_PROOF_RENEWALS subscriptions come due in one second,
// with three servers on one PostgreSQL that all see them: each period is closed, asked for and opened exactly once.
func TestThreeProcessesRenewEachSubscriptionOnce(t *testing.T) {
	t.Parallel()
	many := scaled(t, "RENEWALS", 300)
	address := storetest.EmptyURL(t, "postgres")
	first := on(t, address)
	first.env = append(first.env, "MINUTEBOOK_SECRET_KEY="+strings.Repeat("5a", 32))
	first.serve()
	agency, err := billing.ParseID(first.agency(loadClock).must("GET", "/settings", nil).text("id"))
	if err != nil {
		t.Fatal(err)
	}
	first.stop()
	begun := time.Now()
	subscribe(t, address, agency, many)
	t.Logf("subscriptions made in %.0f s", time.Since(begun).Seconds())
	db, err := pgx.Connect(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(context.Background())
	sql := func(statement string) (n int64) {
		t.Helper()
		if err := db.QueryRow(context.Background(), statement).Scan(&n); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
		return n
	}
	servers := []*program{first, on(t, address), on(t, address)}
	for _, p := range servers {
		p.env = append(p.env, "MINUTEBOOK_SECRET_KEY="+strings.Repeat("5a", 32))
		p.serve()
	}
	begun = time.Now()
	sql(`UPDATE agencies SET test_clock = test_clock + 8 * 86400000000 RETURNING 1`) // behind the servers' backs
	for round := 0; sql(`SELECT COUNT(*) FROM accounts a JOIN agencies g ON g.id = a.agency_id WHERE a.next_due <= g.test_clock`) > 0; round++ {
		if round > 20*many+1000 {
			t.Fatal("it never ends")
		}
		time.Sleep(50 * time.Millisecond)
	}
	took := time.Since(begun)
	t.Logf("%d renewals by three processes in %.0f s", many, took.Seconds())
	for what, statement := range map[string]string{
		"fees":             `SELECT COUNT(*) FROM payment_requests WHERE kind = 'RECURRING' AND period_index = 1`,
		"subscriptions":    `SELECT COUNT(DISTINCT subscription_id) FROM payment_requests WHERE kind = 'RECURRING' AND period_index = 1`,
		"usage requests":   `SELECT COUNT(*) FROM payment_requests WHERE kind = 'USAGE' AND period_index = 0`,
		"periods closed":   `SELECT COUNT(*) FROM periods WHERE idx = 0 AND closed_at IS NOT NULL`,
		"periods open":     `SELECT COUNT(*) FROM periods WHERE idx = 1 AND closed_at IS NULL`,
		"openings on file": `SELECT COUNT(*) FROM facts WHERE name = 'period.opened' AND body LIKE '%"index":1%'`,
	} {
		if n := sql(statement); n != int64(many) {
			t.Errorf("%d %s, want %d", n, what, many)
		}
	}
	if n := sql(`SELECT COUNT(*) FROM payment_requests`); n != sql(`SELECT MAX(number) FROM payment_requests`) || n != int64(3*many) {
		t.Errorf("%d requests, want %d with numbers without a gap", n, 3*many)
	}
	for _, p := range servers {
		if errs := p.complaints(); errs != "" {
			t.Errorf("a server complained:\n%s", errs)
		}
	}
	if out, code := first.run("audit"); code != 0 {
		t.Errorf("audit = exit %d\n%s", code, out)
	}
}

// subscribe makes many clients on a weekly plan, each with a minute to be billed: by the verbs of the house, hundreds to
// a transaction, because a request each would take longer than what is to be tested.
func subscribe(t *testing.T, url string, agency billing.ID, many int) {
	t.Helper()
	ctx := t.Context()
	db := storetest.Connect(t, url)
	a := &app.App{DB: db, Clock: time.Now, Mint: app.NewMint(time.Now), Log: slog.New(slog.DiscardHandler)}
	who := app.Operator(agency)
	fee, rate := billing.Money(900), billing.Rate(250_000)
	plan, err := a.CreatePlan(ctx, who, billing.Terms{Name: "Weekly", Currency: billing.Currency{Code: "USD", Digits: 2}, RecurringFee: &fee, Rate: &rate, Interval: billing.Week, IntervalCount: 1, PaymentDueDays: 30})
	if err != nil {
		t.Fatal(err)
	}
	const together = 500
	for first := 0; first < many; first += together {
		err := db.InTx(ctx, func(ctx context.Context, _ store.Q) error {
			return subscribeSome(ctx, a, who, plan.ID, first, min(together, many-first))
		})
		if err != nil {
			t.Fatalf("making the clients from %d on: %v", first, err)
		}
	}
}

func subscribeSome(ctx context.Context, a *app.App, who app.Actor, plan billing.ID, first, many int) error {
	ended, err := time.Parse(time.RFC3339, loadClock)
	if err != nil {
		return err
	}
	var calls []app.UsageReport
	for n := range many {
		name := fmt.Sprintf("client-%d", first+n)
		client, err := a.CreateClient(ctx, who, app.ClientSpec{Name: name, ExternalID: name})
		if err != nil {
			return err
		}
		if err := a.AssignPlan(ctx, who, client.ID, plan); err != nil {
			return err
		}
		if _, err := a.Start(ctx, who, client.ID); err != nil {
			return err
		}
		calls = append(calls, app.UsageReport{ClientID: client.ID, UsageEvent: billing.UsageEvent{Source: "x", EventID: name, Kind: billing.Call, EndedAt: ended, Talk: billing.Minute}})
	}
	results, err := a.RecordUsage(ctx, who, calls)
	for _, r := range results {
		if r.Result != app.UsageAccepted {
			return fmt.Errorf("%s is %s: %w", r.EventID, r.Result, r.Error)
		}
	}
	return err
}
