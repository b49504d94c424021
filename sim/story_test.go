package sim_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"minutebook/app"
	"minutebook/billing"
)

// step is one thing somebody asks of the product. Asked again after a fault, it must have happened once.
type step struct {
	name    string
	refused string // the code of the refusal it must meet
	plain   bool   // asked without an Idempotency-Key: what is asked is harmless twice by itself
	do      func(w *world, ctx context.Context) (billing.ID, error)
}

// story is a life with everything that moves books: pools, packs, money, voids, corrections, providers, a blocked spell,
// a canceled life, a new one and plan changes.
func story() []step {
	var s []step
	add := func(name string, do func(w *world, ctx context.Context) (billing.ID, error)) *step {
		s = append(s, step{name: name, do: do})
		return &s[len(s)-1]
	}
	act := func(name string, do func(w *world, ctx context.Context) error) *step {
		return add(name, func(w *world, ctx context.Context) (billing.ID, error) { return 0, do(w, ctx) })
	}
	use := func(name string, minutes int64, ended string) {
		add(name, func(w *world, ctx context.Context) (billing.ID, error) {
			return w.use(ctx, w.ids["client"], name, minutes, ended)
		}).plain = true
	}
	tell := func(name, want string, r app.ProviderReport) {
		add(name, func(w *world, ctx context.Context) (billing.ID, error) { return w.report(ctx, r, want) }).plain = true
	}
	clock := func(to string) {
		act("clock "+to, func(w *world, ctx context.Context) error {
			_, err := w.a.MoveTestClock(ctx, w.who, moment(to))
			return err
		})
	}
	plainClock := func(to string) {
		act("plain clock "+to, func(w *world, ctx context.Context) error { return w.moveClock(ctx, moment(to)) }).plain = true
	}

	add("plan", func(w *world, ctx context.Context) (billing.ID, error) { return w.plan(ctx, "Growth", 9900, 300) })
	add("larger plan", func(w *world, ctx context.Context) (billing.ID, error) { return w.plan(ctx, "Scale", 19900, 900) })
	add("pack", func(w *world, ctx context.Context) (billing.ID, error) {
		p, err := w.a.CreatePack(ctx, w.who, billing.Pack{Name: "Pack", Minutes: 60 * billing.Minute, Price: 1500, Currency: usd})
		return p.ID, err
	})
	add("client", func(w *world, ctx context.Context) (billing.ID, error) {
		c, err := w.a.CreateClient(ctx, w.who, app.ClientSpec{Name: "Bright Dental", ExternalID: "bright"})
		return c.ID, err
	})
	act("assign", func(w *world, ctx context.Context) error {
		return w.a.AssignPlan(ctx, w.who, w.ids["client"], w.ids["plan"])
	})
	act("offer", func(w *world, ctx context.Context) error {
		return w.a.AssignPacks(ctx, w.who, w.ids["client"], []billing.ID{w.ids["pack"]})
	})
	add("start", func(w *world, ctx context.Context) (billing.ID, error) { return w.a.Start(ctx, w.who, w.ids["client"]) })
	act("start twice", func(w *world, ctx context.Context) error {
		_, err := w.a.Start(ctx, w.who, w.ids["client"])
		return err
	}).refused = "live_subscription_exists"
	add("connect", func(w *world, ctx context.Context) (billing.ID, error) {
		c, err := w.a.CreateConnection(ctx, w.who, "retell", "Main", "secret", "")
		return c.ID, err
	})
	add("campaign", func(w *world, ctx context.Context) (billing.ID, error) {
		return w.a.RegisterCampaign(ctx, w.who, w.ids["client"], billing.Campaign{Name: "Recall", Direction: "OUTBOUND"})
	})
	add("sold", func(w *world, ctx context.Context) (billing.ID, error) {
		return w.a.ApplyPack(ctx, w.who, w.ids["client"], w.ids["pack"], false, "")
	})
	clock("2027-01-10T12:00:00Z")
	use("first call", 290, "2027-01-10T11:00:00Z")
	use("split call", 100, "2027-01-10T11:30:00Z")
	act("batch", func(w *world, ctx context.Context) error { return w.batch(ctx) }).plain = true
	act("shorter", func(w *world, ctx context.Context) error {
		return w.a.CorrectUsage(ctx, w.who, w.ids["split call"], 95*billing.Minute, "a later report")
	})
	act("longer", func(w *world, ctx context.Context) error {
		return w.a.CorrectUsage(ctx, w.who, w.ids["split call"], 100*billing.Minute, "and back")
	})
	tell("nobody's call", app.ReportUnassigned, providerCall("p1", "assistant-1", 60))
	tell("nobody's other call", app.ReportUnassigned, providerCall("p2", "assistant-2", 90))
	act("map", func(w *world, ctx context.Context) error {
		_, err := w.a.SetMappings(ctx, w.who, w.ids["connect"], []app.Mapping{{Match: app.ByAssistant, Value: "assistant-1", ClientID: w.ids["client"]}})
		return err
	})
	act("assign by hand", func(w *world, ctx context.Context) error { return w.assignWaiting(ctx) })
	tell("a longer report", app.ReportCorrected, providerCall("p1", "assistant-1", 61))
	act("replay", func(w *world, ctx context.Context) error { return w.replayRejected(ctx) })
	plainClock("2027-01-16T00:00:00Z") // overdue since the day before
	act("a part", func(w *world, ctx context.Context) error { return w.pay(ctx, "SUBSCRIPTION", 5000, 5000, "bank") })
	act("too much", func(w *world, ctx context.Context) error { return w.pay(ctx, "SUBSCRIPTION", 15000, 15000, "bank") })
	clock("2027-02-01T00:00:00Z")
	act("void", func(w *world, ctx context.Context) error {
		return w.a.VoidUsage(ctx, w.who, w.ids["split call"], "disputed")
	})
	act("void twice", func(w *world, ctx context.Context) error {
		return w.a.VoidUsage(ctx, w.who, w.ids["split call"], "disputed")
	}).refused = "already_voided"
	act("from credit", func(w *world, ctx context.Context) error {
		return w.pay(ctx, "OVERAGE", 700, 700, billing.MethodCredit)
	})
	act("adjust", func(w *world, ctx context.Context) error {
		return w.a.AdjustWallet(ctx, w.who, w.ids["client"], -billing.Minute, "too much")
	})
	act("adjust too far", func(w *world, ctx context.Context) error {
		return w.a.AdjustWallet(ctx, w.who, w.ids["client"], -9000*billing.Minute, "far too much")
	}).refused = "wallet_below_zero"
	add("set-up", func(w *world, ctx context.Context) (billing.ID, error) {
		return w.a.RequestOneTime(ctx, w.who, w.ids["client"], billing.OneTimeRequest{Currency: usd, Lines: []billing.LineItem{{Description: "Set-up", Amount: 4000}}, DueAt: moment("2027-02-10T00:00:00Z")})
	})
	mark := func(name, request string, u billing.RequestUpdate) {
		act(name, func(w *world, ctx context.Context) error { return w.a.UpdateRequest(ctx, w.who, w.ids[request], u) })
	}
	mark("paid", "set-up", billing.RequestUpdate{Status: billing.Paid})
	mark("not paid after all", "set-up", billing.RequestUpdate{Status: billing.Pending})
	hold := func(name string, on bool) {
		act(name, func(w *world, ctx context.Context) error { return w.a.SetHold(ctx, w.who, w.ids["client"], on, name) })
	}
	hold("hold", true)
	hold("no hold", false)
	plainClock("2027-02-20T00:00:00Z")
	use("late call", 7, "2027-01-20T00:00:00Z")
	act("exempt", func(w *world, ctx context.Context) error {
		return w.a.SetOverride(ctx, w.who, w.ids["client"], moment("2027-02-25T00:00:00Z"), "they promised")
	})
	act("pause", func(w *world, ctx context.Context) error {
		return w.a.PauseCampaign(ctx, w.who, w.ids["campaign"], "holiday")
	})
	act("resume", func(w *world, ctx context.Context) error { return w.a.ResumeCampaign(ctx, w.who, w.ids["campaign"]) })
	clock("2027-03-15T00:00:00Z") // blocked
	act("ask", func(w *world, ctx context.Context) error { return w.denied(ctx, billing.SubscriptionBlocked) }).plain = true
	act("cancel", func(w *world, ctx context.Context) error {
		return w.a.Cancel(ctx, w.who, w.ids["start"], billing.Cancellation{OpenRequests: billing.CancelOpen, BillUsage: true, Reason: "start anew"}, false)
	})
	use("call of nobody's plan", 3, "2027-03-15T00:00:00Z")
	add("start anew", func(w *world, ctx context.Context) (billing.ID, error) { return w.a.Start(ctx, w.who, w.ids["client"]) })
	use("call of the new life", 10, "2027-03-15T00:00:00Z")
	add("change plan", func(w *world, ctx context.Context) (billing.ID, error) {
		return w.a.ChangePlan(ctx, w.who, w.ids["start anew"], w.ids["larger plan"], billing.Cancellation{OpenRequests: billing.KeepOpen, BillUsage: true}, false)
	})
	add("sold again", func(w *world, ctx context.Context) (billing.ID, error) {
		return w.a.ApplyPack(ctx, w.who, w.ids["client"], w.ids["pack"], true, "ext-1")
	})
	mark("clawed back", "sold again", billing.RequestUpdate{Status: billing.Voided, Clawback: true})
	act("change back later", func(w *world, ctx context.Context) error {
		_, err := w.a.ChangePlan(ctx, w.who, w.ids["change plan"], w.ids["plan"], billing.Cancellation{OpenRequests: billing.KeepOpen, BillUsage: true}, true)
		return err
	})
	act("or not", func(w *world, ctx context.Context) error { return w.a.UndoCancel(ctx, w.who, w.ids["change plan"]) })
	act("cancel later", func(w *world, ctx context.Context) error {
		return w.a.Cancel(ctx, w.who, w.ids["change plan"], billing.Cancellation{OpenRequests: billing.KeepOpen, BillUsage: true}, true)
	})
	plainClock("2027-05-20T00:00:00Z")
	act("retire", func(w *world, ctx context.Context) error {
		_, err := w.a.ArchivePlan(ctx, w.who, w.ids["plan"])
		return err
	})
	act("assign the retired", func(w *world, ctx context.Context) error {
		return w.a.AssignPlan(ctx, w.who, w.ids["client"], w.ids["plan"])
	}).refused = "plan_archived"
	return s
}

func moment(text string) time.Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return at
}

func (w *world) plan(ctx context.Context, name string, fee billing.Money, included billing.Millis) (billing.ID, error) {
	rate := billing.Rate(250_000)
	p, err := w.a.CreatePlan(ctx, w.who, billing.Terms{
		Name: name, Currency: usd, RecurringFee: &fee, Included: included * billing.Minute, Rate: &rate, Interval: billing.Month, IntervalCount: 1,
		AddonPacks: true, PaymentDueDays: 14, GraceDays: 7,
	})
	return p.ID, err
}

func call(client billing.ID, id string, minutes int64, ended string) app.UsageReport {
	return app.UsageReport{ClientID: client, UsageEvent: billing.UsageEvent{
		Source: "test", EventID: id, Kind: billing.Call, EndedAt: moment(ended), Talk: billing.Millis(minutes) * billing.Minute,
	}}
}

// use reports one call; a repeat of it is answered with the same event.
func (w *world) use(ctx context.Context, client billing.ID, id string, minutes int64, ended string) (billing.ID, error) {
	results, err := w.a.RecordUsage(ctx, w.who, []app.UsageReport{call(client, id, minutes, ended)})
	if err != nil {
		return 0, err
	}
	if r := results[0]; r.Result != app.UsageAccepted && r.Result != app.UsageDuplicate {
		return 0, fmt.Errorf("call %s is %s: %w", id, r.Result, r.Error)
	}
	return results[0].ID, nil
}

// batch reports a repeat, a conflict, a new call, a repeat of that, a call of an unknown client.
func (w *world) batch(ctx context.Context) error {
	stranger := call(0, "stranger", 1, "2027-01-10T11:00:00Z")
	stranger.ClientExternalID, stranger.Raw = "nobody", []byte(`{"event_id":"stranger"}`)
	ended := "2027-01-10T11:45:00Z"
	results, err := w.a.RecordUsage(ctx, w.who, []app.UsageReport{
		call(w.ids["client"], "first call", 290, "2027-01-10T11:00:00Z"), call(w.ids["client"], "first call", 291, "2027-01-10T11:00:00Z"),
		call(w.ids["client"], "new in batch", 2, ended), call(w.ids["client"], "new in batch", 2, ended), stranger,
	})
	if err != nil {
		return err
	}
	got := ""
	for _, r := range results {
		got += r.Result[:1]
	}
	if got != "dcadr" && got != "dcddr" {
		return fmt.Errorf("the batch was answered %s", got)
	}
	return nil
}

func providerCall(id, assistant string, seconds int) app.ProviderReport {
	ended := moment("2027-01-10T10:00:00Z")
	return app.ProviderReport{UsageEvent: billing.UsageEvent{
		Kind: billing.Call, CallID: id, StartedAt: ended.Add(-time.Duration(seconds) * time.Second), EndedAt: ended, Talk: billing.Millis(seconds) * 1000,
		AssistantID: assistant, Direction: "INBOUND",
	}}
}

// report is a provider's; when it comes again because its answer was lost, it is a duplicate.
func (w *world) report(ctx context.Context, r app.ProviderReport, want string) (billing.ID, error) {
	conn, err := w.a.Connection(ctx, w.who, w.ids["connect"])
	if err != nil {
		return 0, err
	}
	out, err := w.a.RecordReport(ctx, conn, r, nil)
	if err == nil && out.Result != want && out.Result != app.UsageDuplicate {
		err = fmt.Errorf("report %s is %s, want %s", r.CallID, out.Result, want)
	}
	return out.EventID, err
}

func (w *world) assignWaiting(ctx context.Context) error {
	list, err := w.a.Unassigned(ctx, w.who, app.Page{})
	if err != nil {
		return err
	}
	if len(list.Items) != 1 {
		return fmt.Errorf("%d calls wait for a client", len(list.Items))
	}
	_, err = w.a.AssignUnassigned(ctx, w.who, list.Items[0].ID, w.ids["client"], true)
	return err
}

func (w *world) replayRejected(ctx context.Context) error {
	list, err := w.a.Rejected(ctx, w.who, app.Page{})
	if err != nil {
		return err
	}
	if len(list.Items) != 1 {
		return fmt.Errorf("%d calls are rejected", len(list.Items))
	}
	result, err := w.a.ReplayRejected(ctx, w.who, list.Items[0].ID, call(w.ids["client"], "stranger", 1, "2027-01-10T11:00:00Z"))
	if err == nil && result.Result != app.UsageAccepted {
		err = fmt.Errorf("the replay is %s: %w", result.Result, result.Error)
	}
	return err
}

// pay puts money on the first open request of a type.
func (w *world) pay(ctx context.Context, kind string, amount, part billing.Money, method string) error {
	list, err := w.a.Requests(ctx, w.who, app.RequestFilter{Client: w.ids["client"]}, app.Page{Size: 100})
	if err != nil {
		return err
	}
	for _, r := range list.Items {
		if r.Kind.Type() == kind && r.Open() {
			_, err := w.a.ReceivePayment(ctx, w.who, w.ids["client"], billing.Payment{
				Currency: usd, Amount: amount, Method: method, Allocations: []billing.Allocation{{RequestID: r.ID, Amount: part}},
			})
			return err
		}
	}
	return fmt.Errorf("no open %s request", kind)
}

// moveClock moves the clock without an Idempotency-Key. When it stands there already, the house's own clockwork does
// what was left undone.
func (w *world) moveClock(ctx context.Context, to time.Time) error {
	_, err := w.a.MoveTestClock(ctx, w.who, to)
	var refusal *billing.Error
	if errors.As(err, &refusal) && strings.Contains(refusal.Message, "only moves forward") {
		err = nil
	}
	for moved := 1; err == nil && moved > 0; {
		moved, err = w.a.AdvanceDue(ctx, 100)
	}
	return err
}

func (w *world) denied(ctx context.Context, want billing.Reason) error {
	answer, err := w.a.Access(ctx, w.who, w.ids["client"], "OUTBOUND")
	if err == nil && answer.Reason != want {
		err = fmt.Errorf("access is denied for %q, want %q", answer.Reason, want)
	}
	return err
}
