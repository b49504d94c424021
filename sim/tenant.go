package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
)

// Seen is an agency at the end of a world, with what it was answered all along.
type Seen struct {
	Agency  billing.ID
	Answers []string
}

// tenant is an agency with what it sells. What its people do is drawn by the dice of its run.
type tenant struct {
	*run
	agency billing.ID
	began  time.Time
	who    app.Actor
	conn   app.Connection
	homes  []*home

	asked   int
	answers []string
}

func (t *tenant) seen() Seen { return Seen{t.agency, t.answers} }

// found founds an agency with plans, packs, a provider and two clients.
func (w *world) found(seed uint64, place int) *tenant {
	t := &tenant{run: &run{dice: rand.New(rand.NewPCG(seed, uint64(10+place))), trace: quiet{}, made: map[billing.ID]int{}, result: Result{Seed: seed, Reach: w.result.Reach}}, began: w.now}
	a := w.workers[0].app
	agency := store.Agency{
		ID: a.Mint(), Name: "Acme", Timezone: pick(t.run, Zones...), Currency: "USD", CreatedAt: w.now, UpdatedAt: w.now, PortalStart: t.dice.IntN(2) == 0,
		Policy: billing.Policy{Recovery: pick(t.run, billing.NoneOverdue, billing.NoneUnpaid), BlockedExit: pick(t.run, billing.ExitRestart, billing.ExitOnPayment)},
	}
	t.agency, t.who = agency.ID, app.Operator(agency.ID)
	w.must(w.db.InTx(w.ctx, func(ctx context.Context, q store.Q) error { return store.InsertAgency(ctx, q, agency) }))
	currency := pick(t.run, billing.Currency{Code: "USD", Digits: 2}, billing.Currency{Code: "JPY"}, billing.Currency{Code: "KWD", Digits: 3})
	for i := range 3 {
		terms := t.drawTerms(currency)
		terms.Name = fmt.Sprint("Plan ", i)
		plan, err := a.CreatePlan(w.ctx, t.who, terms)
		w.must(err)
		t.plans = append(t.plans, plan.Plan)
		pack, err := a.CreatePack(w.ctx, t.who, billing.Pack{Name: fmt.Sprint("Pack ", i), Minutes: billing.Millis(1+t.dice.IntN(90)) * billing.Minute, Price: billing.Money(1 + t.dice.IntN(2000)), Currency: currency})
		w.must(err)
		t.packs = append(t.packs, pack.Pack)
	}
	conn, err := a.CreateConnection(w.ctx, t.who, "vapi", "Calls", "secret", "")
	w.must(err)
	t.conn = conn
	for i := range 2 {
		h := &home{external: fmt.Sprint("client-", i)}
		client, err := a.CreateClient(w.ctx, t.who, app.ClientSpec{Name: fmt.Sprint("Client ", i), ExternalID: h.external, Timezone: pick(t.run, pick(t.run, Zones...), pick(t.run, hard...))})
		w.must(err)
		h.id = client.ID
		t.homes = append(t.homes, h)
		w.see(t, h)
		for _, do := range []any{AssignPlan{t.plans[0]}, AssignPacks{t.packs}, Start{t.plans[0]}} {
			w.tell(t, h, do)
		}
	}
	return t
}

// somebody is who gives a command: mostly the agency, at times the client itself.
func (w *world) somebody(t *tenant, h *home, do any) app.Actor {
	if _, is := do.(Start); is && t.dice.IntN(3) == 0 || t.dice.IntN(40) == 0 {
		return app.Actor{Agency: t.agency, Client: h.id, Kind: app.ByPortal, ID: h.id, Name: "sam@example.com"}
	}
	return t.who
}

// once acts under an Idempotency-Key; usage is known by its own id.
func (w *world) once(a *app.App, t *tenant, h *home, who app.Actor, key string, do any) (made billing.ID, err error) {
	switch do := do.(type) {
	case Use:
		return w.report(a, t, h, do.Event)
	case Correct:
		if u := h.lens.Event(do.Source, do.Event); u != nil && do.Source == t.conn.Provider && u.Event.Kind == billing.Call {
			w.result.Reach["provider's later report"]++
			again := u.Event
			again.Talk = do.Talk
			return w.report(a, t, h, again)
		}
	}
	answer, _, err := a.Once(w.ctx, who, key, []byte(key), func(ctx context.Context) app.Attempt {
		id, err := t.act(ctx, a, who, h, do)
		var refusal *billing.Error
		switch {
		case err == nil:
			return app.Attempt{Keep: true, Answer: app.FirstAnswer{Status: 200, Body: []byte(id.String())}}
		case errors.As(err, &refusal):
			return app.Attempt{Answer: app.FirstAnswer{Status: 409, Body: []byte(refusal.Code)}}
		}
		return app.Attempt{Broken: true, Answer: app.FirstAnswer{Status: 503, Body: []byte(err.Error())}}
	})
	switch {
	case err != nil:
		return 0, err
	case answer.Status == 409:
		return 0, &billing.Error{Code: string(answer.Body)}
	case answer.Status != 200:
		return 0, fmt.Errorf("%w: %s", store.ErrBusy, answer.Body)
	}
	made, _ = billing.ParseID(string(answer.Body)) // 0, if it made nothing
	return made, nil
}

// report reports a call: by the provider where it is the provider's, else by the agency's own software, at times twice in
// one batch.
func (w *world) report(a *app.App, t *tenant, h *home, u billing.UsageEvent) (billing.ID, error) {
	if u.Source == t.conn.Provider && u.Kind == billing.Call {
		w.result.Reach["provider's report"]++
		u.CallID = u.EventID
		out, err := a.RecordReport(w.ctx, t.conn, app.ProviderReport{UsageEvent: u, ClientTag: h.external}, nil)
		if err == nil && out.Error != nil {
			err = out.Error
		}
		return out.EventID, err
	}
	one := app.UsageReport{UsageEvent: u, ClientID: h.id}
	results, err := a.RecordUsage(w.ctx, t.who, []app.UsageReport{one, one})
	if err != nil {
		return 0, err
	}
	w.result.Reach.at("in-batch duplicate", results[0].Result == app.UsageAccepted && results[1].Result == app.UsageDuplicate)
	if results[0].Result == app.UsageAccepted && results[1].Result != app.UsageDuplicate {
		w.broken("%s was accepted and, a second time in one batch, %s", u.EventID, results[1].Result)
	}
	for _, other := range w.tenants {
		w.result.Reach.at("two agencies' events with one id", other != t && results[0].Result == app.UsageAccepted && other.has(u))
	}
	if results[0].Error != nil {
		return 0, results[0].Error
	}
	return results[0].ID, nil
}

func (t *tenant) has(u billing.UsageEvent) bool {
	for _, h := range t.homes {
		if h.lens.Event(u.Source, u.EventID) != nil {
			return true
		}
	}
	return false
}

// act lets a use case carry a command out.
func (t *tenant) act(ctx context.Context, a *app.App, who app.Actor, h *home, do any) (made billing.ID, err error) {
	subscription := billing.ID(1) // there is none
	if s := h.lens.Account.Subscription; s != nil {
		subscription = s.ID
	}
	switch do := do.(type) {
	case AssignPlan:
		return 0, a.AssignPlan(ctx, who, h.id, do.Plan.ID)
	case RemovePlan:
		return 0, a.RemovePlan(ctx, who, h.id)
	case AssignPacks:
		var ids []billing.ID
		for _, p := range do.Packs {
			ids = append(ids, p.ID)
		}
		return 0, a.AssignPacks(ctx, who, h.id, ids)
	case Start:
		return a.Start(ctx, who, h.id)
	case Cancel:
		return 0, a.Cancel(ctx, who, subscription, do.Cancellation, do.AtPeriodEnd)
	case UndoCancel:
		return 0, a.UndoCancel(ctx, who, subscription)
	case ChangePlan:
		return a.ChangePlan(ctx, who, subscription, do.Plan.ID, do.Cancellation, do.AtPeriodEnd)
	case Void:
		return 0, a.VoidUsage(ctx, who, h.event(do.Source, do.Event), why)
	case Correct:
		return 0, a.CorrectUsage(ctx, who, h.event(do.Source, do.Event), do.Talk, why)
	case ApplyPack:
		return a.ApplyPack(ctx, who, h.id, do.Pack.ID, do.Paid, "")
	case RequestOneTime:
		return a.RequestOneTime(ctx, who, h.id, do.OneTimeRequest)
	case UpdateRequest:
		return 0, a.UpdateRequest(ctx, who, do.Request, do.RequestUpdate)
	case Pay:
		do.ReceivedAt = time.Time{} // now, by whatever clock
		return a.ReceivePayment(ctx, who, h.id, do.Payment)
	case Adjust:
		return 0, a.AdjustWallet(ctx, who, h.id, do.Delta, why)
	}
	return t.actOnAccess(ctx, a, who, h, do)
}

func (t *tenant) actOnAccess(ctx context.Context, a *app.App, who app.Actor, h *home, do any) (made billing.ID, err error) {
	switch do := do.(type) {
	case SetHold:
		return 0, a.SetHold(ctx, who, h.id, do.On, why)
	case SetOverride:
		return 0, a.SetOverride(ctx, who, h.id, do.Until, why)
	case SetDenialPolicy:
		_, err := a.EditClient(ctx, who, h.id, app.ClientPatch{DenialPolicy: &do.Policy})
		return 0, err
	case RegisterCampaign:
		return a.RegisterCampaign(ctx, who, h.id, billing.Campaign{Name: "Campaign", Direction: do.Direction})
	case PauseCampaign:
		return 0, a.PauseCampaign(ctx, who, do.Campaign, why)
	case ResumeCampaign:
		return 0, a.ResumeCampaign(ctx, who, do.Campaign)
	case StopCampaign:
		return 0, a.StopCampaign(ctx, who, do.Campaign)
	}
	panic(fmt.Sprintf("sim: unknown command %T", do))
}
