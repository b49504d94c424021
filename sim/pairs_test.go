package sim_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

// pair is two acts that meet in the same instant.
type pair struct {
	name     string
	set      func(w *world)
	one, two func(w *world) error
	leaveOut []string // tables that tell who was first in more ways than two
}

// started is what most pairs begin with: a client on a plan with a pack and a call, and its clock at an instant that
// the house has not yet noticed.
func started(clock string) func(w *world) {
	return func(w *world) {
		for _, s := range story()[:12] {
			w.tell(s, &misfortune{})
		}
		_, err := w.use(w.ctx, w.ids["client"], "call", 390, "2027-01-10T11:00:00Z")
		w.ok(err)
		w.ids["call"], err = w.use(w.ctx, w.ids["client"], "call", 390, "2027-01-10T11:00:00Z")
		w.ok(err)
		for _, r := range w.requests() {
			w.ids[r.Kind.Type()] = r.ID
		}
		w.setClock(clock)
	}
}

// setClock moves the clock behind the house's back.
func (w *world) setClock(to string) {
	w.Helper()
	w.ok(w.a.DB.InTx(w.ctx, func(ctx context.Context, q store.Q) error {
		return store.SetTestClock(ctx, q, w.who.Agency, moment(to))
	}))
}

func (w *world) requests() []app.RequestRow {
	w.Helper()
	list, err := w.a.Requests(w.ctx, w.who, app.RequestFilter{Client: w.ids["client"]}, app.Page{Size: 100})
	w.ok(err)
	return list.Items
}

// The acts.

func sweep(w *world) error {
	for {
		if moved, err := w.a.AdvanceDue(w.ctx, 100); err != nil || moved == 0 {
			return err
		}
	}
}

func markPaid(w *world) error {
	return w.a.UpdateRequest(w.ctx, w.who, w.ids["SUBSCRIPTION"], billing.RequestUpdate{Status: billing.Paid})
}

func payFee(w *world) error {
	_, err := w.a.ReceivePayment(w.ctx, w.who, w.ids["client"], billing.Payment{
		Currency: usd, Amount: 9900, Method: "bank", Allocations: []billing.Allocation{{RequestID: w.ids["SUBSCRIPTION"], Amount: 9900}},
	})
	return err
}

func cancelNow(w *world) error {
	return w.a.Cancel(w.ctx, w.who, w.ids["start"], billing.Cancellation{OpenRequests: billing.CancelOpen, BillUsage: true, Reason: "enough"}, false)
}

func startAgain(w *world) error {
	_, err := w.a.Start(w.ctx, w.who, w.ids["client"])
	return err
}

// sellOnce sells a pack under one key, and asks again while the first is still at it.
func sellOnce(w *world) error {
	sold := step{name: "sold once", do: func(w *world, ctx context.Context) (billing.ID, error) {
		return w.a.ApplyPack(ctx, w.who, w.ids["client"], w.ids["pack"], false, "")
	}}
	for {
		_, err := w.attempt(sold, nil)
		if code(err) != "idempotency_key_in_use" {
			return err
		}
		time.Sleep(time.Millisecond)
	}
}

func lateCall(w *world) error {
	_, err := w.use(w.ctx, w.ids["client"], "late", 5, "2027-01-31T23:59:59Z")
	return err
}

func void(w *world) error { return w.a.VoidUsage(w.ctx, w.who, w.ids["call"], "disputed") }

func correct(w *world) error {
	return w.a.CorrectUsage(w.ctx, w.who, w.ids["call"], 395*billing.Minute, "a later report")
}

// batchFor reports the same event ids for one of two clients.
func batchFor(client string) func(w *world) error {
	return func(w *world) error {
		var results []string
		reports := []app.UsageReport{call(w.ids[client], "a", 1, "2027-01-10T11:00:00Z"), call(w.ids[client], "b", 2, "2027-01-10T11:00:00Z")}
		if client == "client" {
			slices.Reverse(reports)
		}
		answers, err := w.a.RecordUsage(w.ctx, w.who, reports)
		for _, r := range answers {
			results = append(results, r.Result)
		}
		return errors.Join(err, &billing.Error{Code: strings.Join(results, " ")})
	}
}

func mapAssistant(w *world) error {
	_, err := w.a.SetMappings(w.ctx, w.who, w.ids["connect"], []app.Mapping{{Match: app.ByAssistant, Value: "assistant-1", ClientID: w.ids["client"]}})
	return err
}

func arrive(w *world) error {
	conn, err := w.a.Connection(w.ctx, w.who, w.ids["connect"])
	if err != nil {
		return err
	}
	_, err = w.a.RecordReport(w.ctx, conn, providerCall("p1", "assistant-1", 60), nil)
	return err
}

func archive(w *world) error {
	_, err := w.a.ArchivePlan(w.ctx, w.who, w.ids["larger plan"])
	return err
}

func assignLarger(w *world) error {
	return w.a.AssignPlan(w.ctx, w.who, w.ids["second client"], w.ids["larger plan"])
}

// twoClients adds a second client, with no life yet.
func twoClients(clock string) func(w *world) {
	return func(w *world) {
		started(clock)(w)
		c, err := w.a.CreateClient(w.ctx, w.who, app.ClientSpec{Name: "Second"})
		w.ok(err)
		w.ids["second client"] = c.ID
		w.ok(w.a.AssignPlan(w.ctx, w.who, c.ID, w.ids["plan"]))
		_, err = w.a.Start(w.ctx, w.who, c.ID)
		w.ok(err)
		if err := w.a.Cancel(w.ctx, w.who, mustSubscription(w, c.ID), billing.Cancellation{OpenRequests: billing.CancelOpen}, false); err != nil {
			w.Fatal(err)
		}
	}
}

func mustSubscription(w *world, client billing.ID) billing.ID {
	acc, _, err := w.a.Account(w.ctx, w.who, client)
	w.ok(err)
	return acc.Subscription.ID
}

func canceled(w *world) {
	started("2027-01-20T00:00:00Z")(w)
	w.ok(cancelNow(w))
}

var pairs = []pair{
	{name: "mark paid x sweep at the due date", set: started("2027-01-15T00:00:00Z"), one: markPaid, two: sweep},
	{name: "mark paid x sweep at the end of grace", set: started("2027-01-22T00:00:00Z"), one: markPaid, two: sweep},
	{name: "pay x cancel", set: started("2027-01-20T00:00:00Z"), one: payFee, two: cancelNow},
	{name: "pay x mark paid", set: started("2027-01-20T00:00:00Z"), one: payFee, two: markPaid},
	{name: "apply pack x its retry", set: started("2027-01-20T00:00:00Z"), one: sellOnce, two: sellOnce},
	{name: "renew x cancel", set: paidUntil("2027-02-01T00:00:00Z"), one: sweep, two: cancelNow},
	{name: "close x late event", set: paidUntil("2027-02-01T00:00:00Z"), one: sweep, two: lateCall},
	{name: "start x start", set: canceled, one: startAgain, two: startAgain},
	{name: "void x correct", set: started("2027-01-12T00:00:00Z"), one: void, two: correct},
	{name: "void x void after closing", set: paidUntil("2027-02-02T00:00:00Z"), one: void, two: void},
	{name: "two batches with the same ids", set: twoClients("2027-01-12T00:00:00Z"), one: batchFor("client"), two: batchFor("second client")},
	{name: "set mappings x arriving report", set: started("2027-01-12T00:00:00Z"), one: mapAssistant, two: arrive, leaveOut: []string{"audit_entries", "unassigned_events"}},
	{name: "archive plan x assign it", set: twoClients("2027-01-12T00:00:00Z"), one: archive, two: assignLarger},
	{name: "clock x call", set: paidUntil("2027-01-31T23:59:59Z"), one: func(w *world) error { return w.moveClock(w.ctx, moment("2027-02-01T00:00:01Z")) }, two: lateCall},
}

// paidUntil is started with its fee paid, so that it renews.
func paidUntil(clock string) func(w *world) {
	return func(w *world) {
		started("2027-01-10T12:00:00Z")(w)
		w.ok(markPaid(w))
		w.setClock(clock)
	}
}

// outcome is what an agency's books and the two answers come to.
func (p pair) outcome(w *world, one, two error) []string {
	w.ok(sweep(w))
	return append(w.books(append(p.leaveOut, "idempotency_keys")...), "one: "+code(one), "two: "+code(two))
}

// serial lives the two acts one after the other, in both orders.
func (p pair) serial(t *testing.T, db *store.DB) (outcomes [2][]string) {
	for order := range outcomes {
		w := newWorld(t, db)
		p.set(w)
		var one, two error
		if order == 0 {
			one = p.one(w)
		}
		two = p.two(w)
		if order == 1 {
			one = p.one(w)
		}
		outcomes[order] = p.outcome(w, one, two)
	}
	return outcomes
}

// like is the outcome one of the two serial ones?
func like(outcomes [2][]string, got []string) error {
	if slices.Equal(outcomes[0], got) || slices.Equal(outcomes[1], got) {
		return nil
	}
	return fmt.Errorf("neither one, then two:\n%s\nnor two, then one:\n%s", differ(outcomes[0], got), differ(outcomes[1], got))
}

// pause stops whoever reaches its n-th store call, until somebody else is done or waits for it in turn.
type pause struct {
	at      int
	calls   atomic.Int64
	armed   atomic.Bool
	reached chan struct{}
	other   chan struct{}
}

func (p *pause) strike(store.Stage, string) error {
	if p.armed.Load() && p.calls.Add(1) == int64(p.at) {
		close(p.reached)
		select {
		case <-p.other:
		case <-time.After(30 * time.Millisecond): // the other waits for something this one holds
		}
	}
	return nil
}

// TestPairsInEveryInterleaving stops one act before each of its store calls in turn, lets the other run into it, and
// wants one of the two serial outcomes. MINUTEBOOK_PROOF_PAIRS says how many places are tried: a number, or "all".
func TestPairsInEveryInterleaving(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		url := storetest.MigratedURL(t, db.Dialect())
		free, hook := storetest.Connect(t, url), &atomic.Pointer[pause]{}
		stopped := storetest.Connect(t, url, store.Faults(func(at store.Stage, sql string) error {
			if p := hook.Load(); p != nil {
				return p.strike(at, sql)
			}
			return nil
		}))
		places := 0
		for i, p := range pairs {
			outcomes := p.serial(t, free)
			for turn, acts := range [][2]func(*world) error{{p.one, p.two}, {p.two, p.one}} {
				for at := 1 + (i+turn)%4; ; at += max(1, 60/proof(t, "PAIRS", 5)) {
					w := newWorld(t, free)
					p.set(w)
					held := &pause{at: at, reached: make(chan struct{}), other: make(chan struct{})}
					first, second := held.meet(w, hook, stopped, acts)
					if turn == 1 {
						first, second = second, first
					}
					if err := like(outcomes, p.outcome(w, first, second)); err != nil {
						t.Errorf("%s, act %d stopped before its store call %d: %v", p.name, turn+1, at, err)
					}
					places++
					if int(held.calls.Load()) < at {
						break
					}
				}
			}
		}
		newWorld(t, free).audited()
		t.Logf("%s: %d pairs met in %d places", db.Dialect(), len(pairs), places)
	})
}

// meet lets the first act run until it is stopped, the second to its end if it can, and the first to its end.
func (p *pause) meet(w *world, hook *atomic.Pointer[pause], stopped *store.DB, acts [2]func(*world) error) (first, second error) {
	hook.Store(p)
	defer hook.Store(nil)
	var both sync.WaitGroup
	done := make(chan struct{})
	p.armed.Store(true)
	both.Go(func() {
		defer close(done)
		first = acts[0](w.through(stopped))
	})
	both.Go(func() {
		defer close(p.other)
		select {
		case <-p.reached:
		case <-done:
		}
		second = acts[1](w)
	})
	both.Wait()
	p.armed.Store(false)
	return first, second
}

// TestPairsAtOnce lets both acts go at the same moment. MINUTEBOOK_PROOF_RACES is how often.
func TestPairsAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for _, p := range pairs {
			outcomes := p.serial(t, db)
			for round := range proof(t, "RACES", 3) {
				w := newWorld(t, db)
				p.set(w)
				var one, two error
				var both sync.WaitGroup
				gun := make(chan struct{})
				both.Go(func() { <-gun; one = p.one(w) })
				both.Go(func() { <-gun; two = p.two(w) })
				close(gun)
				both.Wait()
				if err := like(outcomes, p.outcome(w, one, two)); err != nil {
					t.Errorf("%s, round %d: %v", p.name, round, err)
				}
			}
		}
		newWorld(t, db).audited()
	})
}
