package console

import (
	"fmt"
	"strconv"
	"time"

	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

func itoa(n int) string { return strconv.Itoa(n) }

// subscriptionCard is where the subscription stands: status, period, pools.
func (l *ledger) subscriptionCard() ui.Piece {
	sub := l.account.Subscription
	card := ui.Card{
		Title: "Subscription", Status: []ui.Badge{desk.Status(sub.Status)}, Sub: "since " + l.Spoken(sub.StatusSince), Live: "subscription",
		Foot: ui.Line{ui.Muted("Started"), l.On(sub.StartedAt), ui.Muted("in " + sub.Zone)},
	}
	if sub.Status == billing.Canceled {
		card.Body = []ui.Piece{ui.Text("Canceled on " + l.Spoken(sub.CanceledAt) + "." + because(sub.Reason)), l.walletSection()}
		return card
	}
	if sub.Cancel != nil {
		card.Body = append(card.Body, ui.Banner{Tone: ui.Warn, Title: l.cancelTitle(), Text: "It can be taken back until then.", Action: l.undoAct()})
	} else {
		card.Actions = []ui.Piece{l.cancelAct()}
	}
	card.Body = append(card.Body, l.Progress(l.account.Period))
	card.Body = append(card.Body, l.poolSections()...)
	return card
}

func (l *ledger) cancelTitle() string {
	if next := l.account.Subscription.Cancel.Next; next != nil {
		return "Changes to " + next.Terms.Name + " on " + l.Spoken(l.account.Period.End)
	}
	return "Ends on " + l.Spoken(l.account.Period.End)
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return " Reason: " + reason
}

func (l *ledger) poolSections() []ui.Piece {
	t, used := l.account.Subscription.Terms, l.account.Period.Used
	var sections []ui.Piece
	if t.RecurringFee != nil && t.Included > 0 {
		sections = append(sections, ui.Section{Body: []ui.Piece{l.Included(t, l.account.Period)}})
	}
	sections = append(sections, l.walletSection())
	if t.Rate != nil {
		sections = append(sections, l.excessSection(t, used))
	}
	if used.Uncovered > 0 {
		sections = append(sections, ui.Section{Title: "Uncovered minutes", Value: desk.Minutes(used.Uncovered), Sub: "Used when no pool was left. They are never billed."})
	}
	return sections
}

func (l *ledger) walletSection() ui.Piece {
	section := ui.Section{Title: "Add-on minutes (wallet)", Status: []ui.Badge{{Tone: ui.Plain, Text: "Never expires"}}, Value: desk.Minutes(l.account.Wallet), Body: []ui.Piece{ui.Between{Left: ui.Muted("Drawn after the included minutes"), Right: l.walletAct()}}}
	if l.account.Live() && !l.account.Subscription.Terms.AddonPacks && l.account.Wallet > 0 {
		section.Sub = "Not usable now: the plan has add-on packs off."
	}
	return section
}

func (l *ledger) excessSection(t billing.Terms, used billing.Split) ui.Piece {
	section := ui.Section{Title: "Excess minutes (billable)", Value: desk.Minutes(used.Billable)}
	amount, ok := desk.Excess(t, used)
	if ok {
		section.Sub = fmt.Sprintf("At %s per minute: %s if the period ended now", t.Rate.String(), desk.Sum(t.Currency, amount))
	}
	if t.OverageCap != nil {
		section.Sub += fmt.Sprintf(". Calls stop after %s billable minutes", desk.Short(*t.OverageCap))
	}
	return section
}

func (l *ledger) planChoice(name string, except billing.ID) ui.Select {
	s := ui.Select{Field: ui.Field{Name: name, Label: "Plan"}}
	for _, p := range l.plans {
		if p.ID != except {
			s.Options = append(s.Options, ui.Option{Value: p.ID.String(), Text: p.Terms.Name + " · " + priceWords(p.Terms)})
		}
	}
	return s
}

func priceWords(t billing.Terms) string {
	switch {
	case t.RecurringFee != nil && t.Rate != nil:
		return desk.Sum(t.Currency, *t.RecurringFee) + " / " + t.Every() + " + " + t.Rate.String() + "/min"
	case t.RecurringFee != nil:
		return desk.Sum(t.Currency, *t.RecurringFee) + " / " + t.Every()
	}
	return t.Rate.String() + " " + t.Currency.Code + "/min"
}

func (l *ledger) assignAct(main bool) ui.Piece {
	act := ui.Act{ID: "assign-plan", Label: "Assign a plan", Main: main, Says: []string{"The client sees the plan in its portal. Nothing starts and nothing is requested yet."}}
	if l.assigned != nil {
		act.Label, act.Says = "Replace", []string{"The client sees the new plan in its portal. Nothing starts and nothing is requested yet."}
	}
	choice := l.planChoice("plan_id", l.PlanID)
	if len(choice.Options) == 0 {
		return ui.Button{Text: "New plan", URL: "/console/catalog/plans/new", Icon: "plus", Main: main}
	}
	act.Form = ui.Form{Action: l.url("assign-plan"), Fields: []ui.Piece{choice}, Submit: ui.Submit{Text: "Assign"}}
	return l.Act(act)
}

func assignPlan(s *subject) (string, error) {
	plan, err := s.Chosen("plan_id")
	if err != nil {
		return "", err
	}
	return "The plan is assigned. Start the subscription when the client is ready.", s.App.AssignPlan(s.R.Context(), s.Who, s.ClientRow.ID, plan)
}

func (l *ledger) removeAct() ui.Piece {
	return l.Act(ui.Act{
		ID: "remove-plan", Label: "Remove", Tone: ui.Plain, Title: "Remove the plan?", Says: []string{"The client no longer sees a plan in its portal. Packs stay assigned."},
		Form: ui.Form{Action: l.url("remove-plan"), Submit: ui.Submit{Text: "Remove plan", Tone: ui.Bad}},
	})
}

func removePlan(s *subject) (string, error) {
	return "The plan is removed.", s.App.RemovePlan(s.R.Context(), s.Who, s.ClientRow.ID)
}

func (l *ledger) startAct() ui.Piece {
	t := l.assigned.Terms
	says := l.Of(func(acc *billing.Account, now time.Time) error { return acc.Start(l.assigned.Plan, now) })
	says = append(says, "Service runs on credit until the due date. Later edits of the plan do not change what runs.")
	return l.Act(ui.Act{ID: "start", Label: "Start subscription", Main: true, Title: "Start " + t.Name + "?", Says: says, Form: ui.Form{Action: l.url("start"), Submit: ui.Submit{Text: "Start now"}}})
}

func start(s *subject) (string, error) {
	_, err := s.App.Start(s.R.Context(), s.Who, s.ClientRow.ID)
	return "The subscription is started.", err
}

// endFields say when a subscription ends, and what becomes of what is open.
func (l *ledger) endFields() []ui.Piece {
	return []ui.Piece{
		ui.Select{Field: ui.Field{Name: "when", Label: "When", Value: "now"}, Options: []ui.Option{{Value: "now", Text: "Now"}, {Value: "period_end", Text: "At the end of the period, " + l.Spoken(l.account.Period.End)}}},
		ui.Select{Field: ui.Field{Name: "open_requests", Label: "Open requests of the cycle", Value: string(billing.KeepOpen)}, Options: []ui.Option{
			{Value: string(billing.KeepOpen), Text: "Keep them: they stay to be paid"}, {Value: string(billing.CancelOpen), Text: "Cancel them: they are void"},
		}},
		ui.Checkbox{Field: ui.Field{Name: "bill_usage", Label: "Bill the excess minutes of this period"}, Checked: true},
	}
}

// cancellation is what endFields ask for.
func cancellation(v *desk.Visit) (c billing.Cancellation, atPeriodEnd bool) {
	return billing.Cancellation{OpenRequests: billing.OpenRequests(v.Text("open_requests")), BillUsage: v.Ticked("bill_usage"), Prorate: v.Ticked("prorate"), Reason: v.Text("reason")}, v.Text("when") == "period_end"
}

func (l *ledger) cancelAct() ui.Piece {
	usual := billing.Cancellation{OpenRequests: billing.KeepOpen, BillUsage: true}
	says := l.Of(func(acc *billing.Account, now time.Time) error { return acc.Cancel(usual, now) })
	if l.account.Wallet > 0 {
		says = append(says, "The wallet of "+l.account.Wallet.Minutes()+" minutes stays.")
	}
	says = append(says, "A canceled subscription never lives again; a new one can be started.")
	fields := append(l.endFields(), ui.Textarea{Field: ui.Field{Name: "reason", Label: "Reason", Optional: true, MaxLength: 500}, Rows: 2})
	return l.Careful(ui.Act{
		ID: "cancel", Label: "Cancel", Tone: ui.Plain, Title: "Cancel the subscription?", Says: says,
		Form: ui.Form{Action: l.url("cancel"), Fields: fields, Submit: ui.Submit{Text: "Cancel subscription", Tone: ui.Bad}},
	})
}

func cancel(s *subject) (string, error) {
	c, later := cancellation(s.Visit)
	if err := s.App.Cancel(s.R.Context(), s.Who, s.SubscriptionID, c, later); err != nil {
		return "", err
	}
	if later {
		return "The subscription ends on " + s.Spoken(s.account.Period.End) + ".", nil
	}
	return "The subscription is canceled.", nil
}

func (l *ledger) undoAct() ui.Piece {
	says := l.Of(func(acc *billing.Account, now time.Time) error { return acc.UndoCancel(now) })
	return l.Act(ui.Act{
		ID: "undo-cancel", Label: "Take it back", Title: "Keep the subscription?", Says: says,
		Form: ui.Form{Action: l.url("undo-cancel"), Submit: ui.Submit{Text: "Keep the subscription"}},
	})
}

func undoCancel(s *subject) (string, error) {
	return "The subscription goes on.", s.App.UndoCancel(s.R.Context(), s.Who, s.SubscriptionID)
}

func (l *ledger) changeAct() ui.Piece {
	choice := l.planChoice("plan_id", 0)
	fields := append([]ui.Piece{choice}, l.endFields()...)
	fields = append(fields, ui.Checkbox{Field: ui.Field{Name: "prorate", Label: "Credit the unused part of the paid fee", Hint: "Only when it changes now: a credit line on the new request."}})
	return l.Careful(ui.Act{ID: "change-plan", Label: "Change plan", Says: []string{
		"Ends this subscription and starts a new one on the chosen plan, with a new period and, if it has a fee, a new payment request.",
		"The wallet is kept. Choose the plan, then see exactly what happens.",
	}, Form: ui.Form{Action: l.url("change-plan"), Fields: fields, Submit: ui.Submit{Text: "Change plan"}}})
}

func changePlan(s *subject) (string, error) {
	plan, err := s.Chosen("plan_id")
	if err != nil {
		return "", err
	}
	c, later := cancellation(s.Visit)
	if _, err := s.App.ChangePlan(s.R.Context(), s.Who, s.SubscriptionID, plan, c, later); err != nil {
		return "", err
	}
	if later {
		return "The plan changes on " + s.Spoken(s.account.Period.End) + ".", nil
	}
	return "The new subscription is started.", nil
}
