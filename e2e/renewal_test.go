package e2e_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

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
	c := first.agency(loadClock)
	c.subscribe(many)
	first.stop()
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
	begun := time.Now()
	sql(`UPDATE agencies SET test_clock = test_clock + 8 * 86400000000 RETURNING 1`) // behind the servers' backs
	for round := 0; sql(`SELECT COUNT(*) FROM accounts a JOIN agencies g ON g.id = a.agency_id WHERE a.next_due <= g.test_clock`) > 0; round++ {
		if round > 60*many {
			t.Fatal("it never ends")
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Logf("%d renewals by three processes took %s", many, time.Since(begun).Round(time.Millisecond))
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

// subscribe makes many clients on a weekly plan, each with a minute to be billed.
func (c *caller) subscribe(many int) {
	c.Helper()
	h := newHistory(c, loadClock)
	plan := c.must("POST", "/plans", object{"name": "Weekly", "currency": "USD", "recurring_fee": "9.00", "included_minutes": "0", "per_minute_rate": "0.25", "interval": "WEEK", "payment_due_days": 30}).text("id")
	left := make(chan int)
	var makers sync.WaitGroup
	for range 8 {
		makers.Go(func() {
			for n := range left {
				h.subscribeOne(plan, n)
			}
		})
	}
	for n := range many {
		left <- n
	}
	close(left)
	makers.Wait()
	if len(h.faults) > 0 {
		c.Fatalf("%d clients could not be made; the first: %s", len(h.faults), h.faults[0])
	}
}

func (h *history) subscribeOne(plan string, n int) {
	name := fmt.Sprintf("client-%d", n)
	path := ""
	for _, step := range []deed{
		{path: "/clients", method: "POST", body: object{"name": name, "external_id": name}},
		{path: "/plan", method: "PUT", body: object{"plan_id": plan}},
		{path: "/subscription", method: "POST", body: object{}},
		{path: "/usage-events", method: "POST", body: object{"source": "x", "event_id": name, "client_external_id": name, "ended_at": loadClock, "duration_ms": 60_000}},
	} {
		if step.path == "/plan" || step.path == "/subscription" {
			step.path = path + step.path
		}
		status, answer, err := h.send(&step)
		if err != nil || status >= 300 {
			h.mu.Lock()
			h.fault("%s %s = %d %v %v", step.method, step.path, status, answer, err)
			h.mu.Unlock()
			return
		}
		if step.path == "/clients" {
			path = "/clients/" + answer.text("id")
		}
	}
}
