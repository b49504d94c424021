package portal

import (
	"strings"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

// Routes are the pages and acts of the portal. Past due and blocked, only what says what is to be paid, and how, is
// open. Rules 8.5.
func Routes() []desk.Route {
	return append([]desk.Route{
		{Path: "/portal", Show: billingPage},
		{Path: "/portal/requests/{request}", Show: requestPage},
		{Path: "/portal/requests/{request}/pdf", File: requestPDF},
	}, closing(
		desk.Route{Path: "/portal/start", Do: start, Again: billingPage},
		desk.Route{Path: "/portal/packs/{pack}/request", Do: requestPack, Again: billingPage},
		desk.Route{Path: "/portal/calls", Show: callsPage},
		desk.Route{Path: accountPath, Show: accountPage},
		desk.Route{Path: accountPath, Long: true, Do: changePassword, Again: accountPage},
	)...)
}

// closing are routes that are closed while the subscription is past due or blocked.
func closing(routes ...desk.Route) []desk.Route {
	for i := range routes {
		if show := routes[i].Show; show != nil {
			routes[i].Show = func(v *desk.Visit) (page ui.Page, err error) {
				if err = refuseClosed(v); err == nil {
					page, err = show(v)
				}
				return page, err
			}
		}
		if do := routes[i].Do; do != nil {
			routes[i].Do = func(v *desk.Visit) (done desk.Done, err error) {
				if err = refuseClosed(v); err == nil {
					done, err = do(v)
				}
				return done, err
			}
		}
	}
	return routes
}

func refuseClosed(v *desk.Visit) error {
	account, _, err := v.App.Account(v.R.Context(), v.Who, v.Who.Client)
	if err == nil && closed(account) {
		err = billing.Refuse(billing.Forbidden, "portal_closed", "This page is closed while a payment is overdue.", "The billing page says what is to be paid.")
	}
	return err
}

func closed(a *billing.Account) bool {
	s := a.Subscription
	return s != nil && (s.Status == billing.PastDue || s.Status == billing.Blocked)
}

// Face puts the portal around a page, in the agency's name.
func Face(v *desk.Visit, p *ui.Page) error {
	p.Face, p.Brand, p.Foot = ui.Portal, desk.Branded(v.Brand, "/portal"), desk.Support(v.Brand, v.Tongue)
	p.Live = "/portal/live"
	p.Who = ui.Who{Name: v.Who.Name, Out: ui.Form{ID: "out", Action: "/logout", Submit: ui.Submit{Text: v.Tongue.T("portal.logout"), Tone: ui.Plain}}}
	p.Nav = []ui.Nav{
		{Text: v.Tongue.T("portal.billing"), URL: "/portal", Current: v.R.URL.Path == "/portal"},
		{Text: v.Tongue.T("calls.title"), URL: "/portal/calls", Current: v.R.URL.Path == "/portal/calls"},
		{Text: v.Tongue.T("account.title"), URL: accountPath, Current: v.R.URL.Path == accountPath},
	}
	if refuseClosed(v) != nil {
		p.Nav = nil // one page is open, and they are on it
	}
	if !v.Agency.TestClock.IsZero() {
		p.Clock = v.Tongue.Minute(v.Now.In(v.Zone))
	}
	return nil
}

// view is what the client's pages are about.
type view struct {
	*desk.Visit
	client  app.ClientRow
	account *billing.Account
	answer  billing.Answer
	plan    *app.PlanRow // assigned
	packs   []app.PackRow
}

func look(v *desk.Visit) (*view, error) {
	ctx := v.R.Context()
	account, now, err := v.App.Account(ctx, v.Who, v.Who.Client)
	if err != nil {
		return nil, err
	}
	w := &view{Visit: v, account: account, answer: account.Explain("", now)}
	w.client, err = v.App.Client(ctx, v.Who, v.Who.Client)
	return w, err
}

// offers reads the assigned plan and the packs on offer.
func (w *view) offers() error {
	ctx := w.R.Context()
	if w.client.PlanID != 0 {
		plan, err := w.App.Plan(ctx, w.Who, w.client.PlanID)
		if err != nil {
			return err
		}
		w.plan = &plan
	}
	for _, id := range w.client.PackIDs {
		pack, err := w.App.Pack(ctx, w.Who, id)
		if err != nil {
			return err
		}
		w.packs = append(w.packs, pack)
	}
	return nil
}

// billingPage is the portal's one main page. What is to be paid comes first while it keeps the rest closed.
func billingPage(v *desk.Visit) (ui.Page, error) {
	w, err := look(v)
	if err == nil {
		err = w.offers()
	}
	if err != nil {
		return ui.Page{}, err
	}
	requests, err := w.requestCard()
	if err != nil {
		return ui.Page{}, err
	}
	days, err := w.daysCard()
	plan := ui.Grid{Columns: 2, Items: []ui.Piece{w.planCard(), w.usageCard()}}
	p := ui.Page{Title: w.T("portal.billing"), Sub: w.T("portal.sub"), Banners: w.banners(), Flash: w.refused()}
	p.Body = []ui.Piece{plan, days, w.packCard(), requests, w.payCard(w.nextDue())}
	if closed(w.account) {
		p.Body = []ui.Piece{w.payCard(w.nextDue()), requests, plan, days, w.packCard()}
	}
	return p, err
}

// refused tells why something was refused whose form is no longer there to tell it.
func (w *view) refused() []ui.Flash {
	if w.Problem == nil || w.mayTake() && strings.HasPrefix(w.Problem.Form, "pack-") || w.mayStart() && w.Problem.Form == "start" {
		return nil
	}
	return []ui.Flash{{Tone: ui.Bad, Text: strings.TrimSpace(w.Problem.Error.Message + " " + w.Problem.Error.Remedy)}}
}

func start(v *desk.Visit) (desk.Done, error) {
	if !v.Agency.PortalStart {
		return desk.Done{}, billing.Refuse(billing.Forbidden, "portal_start_off", v.Brand.Name()+" starts subscriptions itself.", "Ask them to start it.")
	}
	_, err := v.App.Start(v.R.Context(), v.Who, v.Who.Client)
	return desk.Done{To: "/portal", Says: v.Tongue.T("start.done")}, err
}
