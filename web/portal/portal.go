package portal

import (
	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

// Routes are the pages and acts of the portal.
func Routes() []desk.Route {
	return []desk.Route{
		{Path: "/portal", Show: page},
		{Path: "/portal/start", Do: start, Again: page},
	}
}

// Face puts the portal around a page, in the agency's name.
func Face(v *desk.Visit, p *ui.Page) error {
	p.Face, p.Brand, p.Foot = ui.Portal, desk.Branded(v.Brand, "/portal"), desk.Support(v.Brand)
	p.Live = "/portal/live"
	p.Who = ui.Who{Name: v.Who.Name, Out: ui.Form{ID: "out", Action: "/logout", Submit: ui.Submit{Text: "Log out", Tone: ui.Plain}}}
	if !v.Agency.TestClock.IsZero() {
		p.Clock = v.At(v.Now).Local()
	}
	return nil
}

// view is what the client's page is about.
type view struct {
	*desk.Visit
	app.ClientRow
	account  *billing.Account
	answer   billing.Answer
	plan     *app.PlanRow // assigned
	requests app.Listed[app.RequestRow]
	packs    []app.PackRow
}

func look(v *desk.Visit) (*view, error) {
	ctx := v.R.Context()
	account, now, err := v.App.Account(ctx, v.Who, v.Who.Client)
	if err != nil {
		return nil, err
	}
	w := &view{Visit: v, account: account, answer: account.Explain("", now)}
	if w.ClientRow, err = v.App.Client(ctx, v.Who, v.Who.Client); err != nil {
		return nil, err
	}
	if v.Zone, err = billing.LoadZone("timezone", w.ClientRow.Zone); err != nil {
		return nil, err
	}
	if w.PlanID != 0 {
		plan, err := v.App.Plan(ctx, v.Who, w.PlanID)
		if err != nil {
			return nil, err
		}
		w.plan = &plan
	}
	for _, id := range w.PackIDs {
		pack, err := v.App.Pack(ctx, v.Who, id)
		if err != nil {
			return nil, err
		}
		w.packs = append(w.packs, pack)
	}
	w.requests, err = v.App.Requests(ctx, v.Who, app.RequestFilter{}, app.Page{Size: 100})
	return w, err
}

// page is the whole portal. Past due and blocked, all but the plan and what is to be paid is closed. Rules 8.5.
func page(v *desk.Visit) (ui.Page, error) {
	w, err := look(v)
	if err != nil {
		return ui.Page{}, err
	}
	p := ui.Page{Title: "Billing", Sub: "Your current plan, usage, and available add-ons.", Banners: w.banners()}
	if w.closed() {
		p.Body = []ui.Piece{ui.Grid{Columns: 2, Items: []ui.Piece{w.planCard(), w.payCard()}}, w.requestCard()}
		return p, nil
	}
	calls, err := w.callCards()
	p.Body = append([]ui.Piece{ui.Grid{Columns: 2, Items: []ui.Piece{w.planCard(), w.usageCard()}}, w.packCard(), w.requestCard(), w.payCard()}, calls...)
	return p, err
}

func (w *view) closed() bool {
	s := w.account.Subscription
	return s != nil && (s.Status == billing.PastDue || s.Status == billing.Blocked)
}

func start(v *desk.Visit) (desk.Done, error) {
	if !v.Agency.PortalStart {
		return desk.Done{}, billing.Refuse(billing.Forbidden, "portal_start_off", v.Agency.Name+" starts subscriptions itself.", "Ask them to start it.")
	}
	_, err := v.App.Start(v.R.Context(), v.Who, v.Who.Client)
	return desk.Done{To: "/portal", Says: "Your subscription is started."}, err
}
