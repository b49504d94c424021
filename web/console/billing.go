package console

import (
	"path"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

// billingRoutes are the client's Billing tab and every act on it.
func billingRoutes() []desk.Route {
	routes := []desk.Route{{Path: "/console/clients/{client}", Show: billingPage}, {Path: "/console/clients/{client}/packs", Show: packsTab}}
	acts := map[string]func(*desk.Visit) (desk.Done, error){
		"assign-plan": about(assignPlan), "remove-plan": about(removePlan), "start": about(start), "cancel": about(cancel), "undo-cancel": about(undoCancel),
		"change-plan": about(changePlan), "packs": about(assignPacks), "apply-pack": about(applyPack), "wallet": about(adjustWallet),
		"payment": about(recordPayment), "one-time": about(requestOneTime), "hold": about(setHold), "override": about(setOverride),
	}
	for name, act := range acts {
		again := billingPage
		if onPacksTab(name) {
			again = packsTab
		}
		routes = append(routes, desk.Route{Path: "/console/clients/{client}/" + name, Do: act, Again: again})
	}
	return routes
}

// about makes an act on the client in the path; afterwards its Billing tab says what was done.
func about(act func(*subject) (says string, err error)) func(*desk.Visit) (desk.Done, error) {
	return func(v *desk.Visit) (desk.Done, error) {
		s, err := theClient(v)
		if err != nil {
			return desk.Done{}, err
		}
		says, err := act(s)
		return desk.Done{To: s.back(), Says: says}, err
	}
}

// back is the tab an act was done on.
func (s *subject) back() string {
	switch part := path.Base(s.R.URL.Path); {
	case part == "campaigns":
		return s.url("campaigns")
	case onPacksTab(part):
		return s.url("packs")
	}
	return s.url("")
}

// onPacksTab says whether an act stands on the sub-tab of the packs.
func onPacksTab(act string) bool { return act == "packs" || act == "apply-pack" }

// ledger is what the Billing tab shows besides the account.
type ledger struct {
	*subject
	plans    []app.PlanRow // that can be assigned
	assigned *app.PlanRow
	packs    []app.PackRow
	requests app.Listed[app.RequestRow]
	coming   []billing.Coming
}

func billingPage(v *desk.Visit) (ui.Page, error) {
	s, err := theClient(v)
	if err != nil {
		return ui.Page{}, err
	}
	l, err := s.ledger()
	if err != nil {
		return ui.Page{}, err
	}
	left, right := ui.Pile{l.planCard(), l.nextCard()}, ui.Pile{l.accessCard()}
	if s.account.Subscription != nil {
		right = ui.Pile{l.subscriptionCard(), l.accessCard()}
	}
	page := s.page("Billing", l.subTabs("Subscription"), ui.Grid{Columns: 2, Items: []ui.Piece{left, right}}, l.requestCard())
	page.Actions = l.actions()
	return page, nil
}

// packsTab is the sub-tab on which packs are offered and sold.
func packsTab(v *desk.Visit) (ui.Page, error) {
	s, err := theClient(v)
	if err != nil {
		return ui.Page{}, err
	}
	l, err := s.ledger()
	if err != nil {
		return ui.Page{}, err
	}
	body := []ui.Piece{l.subTabs("Addon Packs")}
	if notice := l.packNotice(); notice != "" {
		body = append(body, ui.Banner{Tone: ui.Info, Title: "Packs cannot be applied now", Text: notice})
	}
	page := s.page("Billing", append(body, l.packCard(), l.movementsCard())...)
	page.Actions = []ui.Piece{l.packsAct()}
	return page, nil
}

func (l *ledger) subTabs(current string) ui.Piece {
	packs := ui.Tab{Text: "Addon Packs", URL: l.url("packs"), Current: current == "Addon Packs"}
	if n := len(l.PackIDs); n > 0 {
		packs.Count = itoa(n)
	}
	return ui.Tabs{Label: "Billing", Items: []ui.Tab{{Text: "Subscription", URL: l.url(""), Current: current == "Subscription"}, packs}}
}

func (s *subject) ledger() (*ledger, error) {
	l, ctx := &ledger{subject: s}, s.R.Context()
	plans, err := s.App.Plans(ctx, s.Who, "ACTIVE", app.Page{Size: 100})
	if err != nil {
		return nil, err
	}
	packs, err := s.App.Packs(ctx, s.Who, "", app.Page{Size: 100})
	if err != nil {
		return nil, err
	}
	if s.PlanID != 0 {
		plan, err := s.App.Plan(ctx, s.Who, s.PlanID)
		if err != nil {
			return nil, err
		}
		l.assigned = &plan
	}
	l.plans, l.packs = plans.Items, packs.Items
	if l.coming, err = s.account.Upcoming(s.Trial.Now); err != nil {
		return nil, err
	}
	l.requests, err = s.App.Requests(ctx, s.Who, app.RequestFilter{Client: s.ID}, wanted(s.Visit))
	return l, err
}

// actions are the tab's acts, the one that comes next last.
func (l *ledger) actions() []ui.Piece {
	switch {
	case l.account.Live():
		return []ui.Piece{l.oneTimeAct(), l.paymentAct(true)}
	case l.assigned == nil:
		return []ui.Piece{l.oneTimeAct(), l.assignAct(true)}
	}
	if len(l.account.Requests) > 0 {
		return []ui.Piece{l.oneTimeAct(), l.paymentAct(false), l.startAct()}
	}
	return []ui.Piece{l.oneTimeAct(), l.startAct()}
}

// planCard tells the plan: what runs, or what would start.
func (l *ledger) planCard() ui.Piece {
	if l.account.Live() {
		sub := l.account.Subscription
		card := ui.Card{Title: sub.Terms.Name, Sub: l.versionWords(), Body: []ui.Piece{desk.PlanBadges(sub.Terms), desk.PlanFacts(sub.Terms)}}
		if sub.Cancel == nil && sub.Status != billing.Canceled {
			card.Actions = []ui.Piece{l.changeAct()}
		}
		return card
	}
	if l.assigned == nil {
		return ui.Card{Title: "Plan", Body: []ui.Piece{ui.Empty{Icon: "catalog", Title: "No plan assigned", Text: "The plan decides what the client pays and how its calls are billed. The client sees it in the portal before anything starts."}}}
	}
	t := l.assigned.Terms
	return ui.Card{Title: t.Name, Sub: "Assigned, not started", Actions: []ui.Piece{l.removeAct(), l.assignAct(false)}, Body: []ui.Piece{desk.PlanBadges(t), desk.PlanFacts(t)}}
}

func (l *ledger) versionWords() string {
	sub := l.account.Subscription
	words := "Plan version " + itoa(sub.PlanVersion)
	if l.assigned != nil && l.assigned.ID == sub.PlanID && l.assigned.Version != sub.PlanVersion {
		words += "; the catalog is at version " + itoa(l.assigned.Version)
	}
	return words
}

// nextCard is what will happen by itself.
func (l *ledger) nextCard() ui.Piece {
	var timeline ui.Timeline
	for _, c := range l.coming {
		tone := ui.Info
		if c.Bad {
			tone = ui.Warn
		}
		timeline = append(timeline, ui.Moment{At: l.On(c.At), Tone: tone, Title: c.What, Ahead: true})
		if len(timeline) == 8 {
			break
		}
	}
	card := ui.Card{Title: "What happens next", Sub: "By itself, unless something is done before", Live: "next", Body: []ui.Piece{timeline}}
	if len(timeline) == 0 {
		card.Body = []ui.Piece{ui.Muted(l.nothingNext())}
	}
	return card
}

func (l *ledger) nothingNext() string {
	switch {
	case l.account.Live():
		return "Nothing by itself: the subscription is blocked and its figures wait. Cancel it and start anew, or collect what is late."
	case l.assigned == nil:
		return "Nothing by itself. Assign a plan, then start the subscription."
	}
	return "Nothing by itself. Start the subscription to open the first period."
}
