package app_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

// house is an app on a fresh database with two agencies that look alike: equal names, people and clients.
type house struct {
	*testing.T
	*app.App
	ctx        context.Context
	mu         sync.Mutex
	now        time.Time
	one, other agency
}

// agency is one of them: what its owner and its key may do, and one client with the external id "acme".
type agency struct {
	app.NewAgency
	key    string
	owner  app.Actor
	client billing.ID
}

const ownerPassword = "plain words in a row"

var opening = time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC)

// inHouse runs a test on both databases.
func inHouse(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := &house{T: t, ctx: context.Background(), now: opening}
		sealer, err := app.NewSealer([]byte("0123456789abcdef0123456789abcdef"))
		h.ok(err)
		h.App = &app.App{DB: db, Clock: h.clock, Mint: app.NewMint(h.clock), Secrets: sealer, PublicURL: "https://book.example", Log: slog.New(slog.DiscardHandler)}
		h.one, h.other = h.open("Twin"), h.open("Twin")
		test(t, h)
	})
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

// sleep lets time pass.
func (h *house) sleep(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func (h *house) open(name string) (g agency) {
	h.Helper()
	var err error
	g.NewAgency, g.key, err = h.CreateAgency(h.ctx, app.AgencySpec{Name: name, OwnerEmail: "owner@example.com", OwnerPassword: ownerPassword + name + "!"})
	h.ok(err)
	g.owner = app.Actor{Agency: g.ID, Kind: app.ByUser, ID: g.OwnerID, Name: g.OwnerEmail, Role: "OWNER", Scopes: []string{app.ScopeAdmin}, RequestID: "req-1"}
	c, err := h.CreateClient(h.ctx, g.owner, app.ClientSpec{Name: "Acme", Email: "hello@acme.example", ExternalID: "acme"})
	h.ok(err)
	g.client = c.ID
	return g
}

func (h *house) ok(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// refused checks that err is a refusal with that code and, unless it is empty, of that field.
func (h *house) refused(err error, code, field string) {
	h.Helper()
	var refusal *billing.Error
	if !errors.As(err, &refusal) || refusal.Code != code || field != "" && refusal.Field != field {
		h.Errorf("got %v, want a refusal %q of %q", err, code, field)
	}
}

// audited checks that the newest audit entry of an agency is about that command.
func (h *house) audited(who app.Actor, command string) app.AuditEntry {
	h.Helper()
	entries, err := h.AuditEntries(h.ctx, who, 0, "", app.Page{Size: 1})
	h.ok(err)
	if len(entries.Items) != 1 || entries.Items[0].Command != command {
		h.Errorf("the newest audit entry is %+v, want %s", entries.Items, command)
		return app.AuditEntry{}
	}
	return entries.Items[0]
}

// plan makes a plan of 10.00 USD a month with 100 minutes and packs.
func (h *house) plan(who app.Actor) app.PlanRow {
	h.Helper()
	fee := billing.Money(1000)
	p, err := h.CreatePlan(h.ctx, who, billing.Terms{
		Name: "Basic", Currency: billing.Currency{Code: "USD", Digits: 2}, RecurringFee: &fee, Included: 100 * billing.Minute,
		Interval: billing.Month, IntervalCount: 1, AddonPacks: true, PaymentDueDays: 7, GraceDays: 7,
	})
	h.ok(err)
	return p
}
