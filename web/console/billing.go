package console

import (
	"strings"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

// billingRoutes are the client's Billing tab and every act on it.
func billingRoutes() []desk.Route {
	routes := []desk.Route{{Path: "/console/clients/{client}", Show: billingPage}}
	acts := map[string]func(*desk.Visit) (desk.Done, error){
		"assign-plan": about(assignPlan), "remove-plan": about(removePlan), "start": about(start), "cancel": about(cancel), "undo-cancel": about(undoCancel),
		"change-plan": about(changePlan), "packs": about(assignPacks), "apply-pack": about(applyPack), "wallet": about(adjustWallet),
		"payment": about(recordPayment), "one-time": about(requestOneTime), "hold": about(setHold), "override": about(setOverride),
	}
	for name, act := range acts {
		routes = append(routes, desk.Route{Path: "/console/clients/{client}/" + name, Do: act, Again: billingPage})
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
	if strings.HasSuffix(s.R.URL.Path, "/campaigns") {
		return s.url("campaigns")
	}
	return s.url("")
}

// ledger is what the Billing tab shows besides the account.
type ledger struct {
	*subject
	plans    []app.PlanRow // that can be assigned
	assigned *app.PlanRow
	packs    []app.PackRow
	requests app.Listed[app.RequestRow]
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
	left := []ui.Piece{l.planCard()}
	if s.account.Subscription != nil {
		left = []ui.Piece{l.planCard(), l.subscriptionCard()}
	}
	page := s.page("Billing", ui.Grid{Columns: 2, Items: left}, ui.Grid{Columns: 2, Items: []ui.Piece{l.nextCard(), l.accessCard()}}, l.packCard(), l.requestCard())
	page.Actions = l.actions()
	return page, nil
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
	for _, c := range l.account.Upcoming(l.Now) {
		tone := ui.Info
		if c.Bad {
			tone = ui.Warn
		}
		timeline = append(timeline, ui.Moment{At: l.On(c.At), Tone: tone, Title: c.What, Ahead: true})
		if len(timeline) == 6 {
			break
		}
	}
	card := ui.Card{Title: "What happens next", Live: "next", Body: []ui.Piece{timeline}}
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
