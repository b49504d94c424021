package portal

import (
	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

// planCard is the plan that runs or would start, with its prices.
func (w *view) planCard() ui.Piece {
	card := ui.Card{Title: "Current Plan", Live: "plan"}
	switch s := w.account.Subscription; {
	case w.account.Live():
		card.Status = []ui.Badge{desk.Status(s.Status)}
		facts := append(desk.PlanFacts(s.Terms), ui.Fact{Name: "Billing period", Value: ui.Text(w.PeriodWords(w.account.Period))})
		card.Body = []ui.Piece{ui.Section{Title: s.Terms.Name, Sub: s.Terms.Description, Body: []ui.Piece{facts}}}
		if s.Cancel != nil {
			card.Foot = ui.Text("Ends on " + w.Spoken(w.account.Period.End) + ".")
		}
	case w.plan != nil:
		card.Status = []ui.Badge{desk.Status("")}
		if s != nil {
			card.Status = []ui.Badge{desk.Status(s.Status)}
		}
		card.Body = []ui.Piece{ui.Section{Title: w.plan.Terms.Name, Sub: w.plan.Terms.Description, Body: []ui.Piece{desk.PlanFacts(w.plan.Terms)}}}
		card.Foot = w.startPiece()
	default:
		card.Body = []ui.Piece{ui.Empty{Icon: "catalog", Title: "No plan yet", Text: w.Agency.Name + " has not assigned a plan to you yet. Please contact them."}}
	}
	return card
}

func (w *view) startPiece() ui.Piece {
	if !w.Agency.PortalStart {
		return ui.Muted("It starts when " + w.Agency.Name + " starts it.")
	}
	t := w.plan.Terms
	says := []string{"Starts " + t.Name + " now."}
	if t.RecurringFee != nil && *t.RecurringFee > 0 {
		says = append(says, "Issues a payment request for "+t.Currency.FormatWithCode(*t.RecurringFee)+", due "+w.Spoken(billing.AddDays(w.Now, t.PaymentDueDays, w.Visit.Zone))+".")
	}
	return w.Act(ui.Act{ID: "start", Label: "Start my subscription", Main: true, Title: "Start " + t.Name + "?", Says: says, Form: ui.Form{Action: "/portal/start", Submit: ui.Submit{Text: "Start now"}}})
}

// usageCard is what was used in this period.
func (w *view) usageCard() ui.Piece {
	card := ui.Card{Title: "Usage This Period", Live: "usage"}
	if !w.account.Live() {
		card.Body = []ui.Piece{ui.Empty{Icon: "usage", Title: "Nothing runs yet", Text: "Your usage is shown here as soon as the subscription has started."}}
		if w.account.Wallet > 0 {
			card.Body = append(card.Body, ui.Section{Title: "Add-on balance", Status: []ui.Badge{{Tone: ui.Plain, Text: "Never expires"}}, Value: desk.Minutes(w.account.Wallet)})
		}
		return card
	}
	t, p := w.account.Subscription.Terms, w.account.Period
	card.Body = []ui.Piece{w.Progress(p)}
	if t.Included > 0 {
		meter := w.Included(t, p)
		meter.Label, meter.Text = "Included used", desk.Short(p.Used.Included)+" of "+desk.Short(t.Included)+" min"
		card.Body = append(card.Body, ui.Section{Body: []ui.Piece{meter}})
	}
	if t.AddonPacks || w.account.Wallet > 0 {
		card.Body = append(card.Body, ui.Section{Title: "Add-on balance", Status: []ui.Badge{{Tone: ui.Plain, Text: "Never expires"}}, Value: desk.Minutes(w.account.Wallet)})
	}
	if amount, ok := desk.Excess(t, p.Used); ok {
		card.Body = append(card.Body, ui.Section{Title: "Billable usage", Value: desk.Minutes(p.Used.Billable), Sub: "At " + t.Rate.String() + " per minute: " + t.Currency.FormatWithCode(amount) + " if the period ended now"})
	}
	return card
}

// packCard lists the packs on offer, with how to buy them.
func (w *view) packCard() ui.Piece {
	card := ui.Card{Title: "Available Add-On Packs"}
	var list ui.List
	for _, p := range w.packs {
		list = append(list, ui.Between{Left: ui.Stack{Main: ui.Text(p.Name), Sub: ui.Muted(desk.Short(p.Minutes) + " minutes, never expire")}, Right: desk.Money(p.Currency, p.Price)})
	}
	if len(list) == 0 {
		card.Body = []ui.Piece{ui.Muted("No add-on packs are offered to you.")}
		return card
	}
	card.Sub = "Contact " + w.Agency.Name + " to purchase"
	card.Body = []ui.Piece{list}
	return card
}

// requestCard lists all charges.
func (w *view) requestCard() ui.Piece {
	table := ui.Table{Caption: "Payment requests", Columns: []ui.Column{{Name: "Number"}, {Name: "Type"}, {Name: "Due & paid"}, {Name: "Reference"}, {Name: "Status"}, {Name: "Amount", Num: true}},
		Empty: ui.Empty{Icon: "requests", Title: "Nothing to pay", Text: "What you are asked to pay is listed here."}}
	for _, r := range w.requests.Items {
		var reference ui.Piece = ui.Muted("–")
		if r.Open() {
			reference = ui.Copy{Text: r.Reference()}
		}
		table.Rows = append(table.Rows, ui.Row{Quiet: r.Status == billing.Voided, Cells: []ui.Piece{ui.Text(r.Label()), desk.RequestType(r.Kind), w.DueAndPaid(r.Request), reference, w.RequestStatus(r.Request), desk.AmountOf(r.Request)}})
	}
	card := ui.Card{Title: "Payment requests", Flush: true, Live: "requests", Body: []ui.Piece{table}}
	if len(w.AmountDue) > 0 {
		card.Foot = ui.Between{Left: ui.Muted("Amount due"), Right: desk.Amounts(w.AmountDue)}
	}
	return card
}

// payCard says how to pay.
func (w *view) payCard() ui.Piece {
	i, card := w.Agency.Instructions, ui.Card{ID: "pay", Title: "How to pay"}
	if i == (app.Instructions{}) {
		card.Body = []ui.Piece{ui.Text("Please ask " + w.Agency.Name + " how to pay.")}
		card.Foot = ui.Muted("Give the reference that stands beside the request, so that the payment is recognised.")
		return card
	}
	if i.Text != "" {
		card.Body = append(card.Body, ui.Text(i.Text))
	}
	var facts ui.Facts
	add := func(name, text string) {
		if text != "" {
			facts = append(facts, ui.Fact{Name: name, Value: ui.Copy{Text: text}})
		}
	}
	add("Account holder", i.AccountName)
	add("IBAN", i.IBAN)
	add("BIC", i.BIC)
	add("UPI", i.UPI)
	if len(facts) > 0 {
		card.Body = append(card.Body, facts)
	}
	if i.Link != "" {
		card.Body = append(card.Body, ui.Button{Text: "Open the payment page", URL: i.Link, Icon: "external"})
	}
	card.Foot = ui.Muted("Give the reference that stands beside the request, so that the payment is recognised.")
	return card
}

// callCards are the minutes by day, and the latest calls with their receipts.
func (w *view) callCards() ([]ui.Piece, error) {
	list, err := w.App.UsageEvents(w.R.Context(), w.Who, app.UsageFilter{}, app.Page{Size: 20})
	if err != nil || list.Total == 0 {
		return nil, err
	}
	days := w.LastDays(30)
	usage, err := w.App.UsageByDay(w.R.Context(), w.Who, w.ID, days[0], days[len(days)-1])
	if err != nil {
		return nil, err
	}
	table := ui.Table{Caption: "Your latest calls", Columns: []ui.Column{{Name: "Ended"}, {Name: "Receipt"}, {Name: "Billed", Num: true}, {Name: "State", Slim: true}}}
	for _, u := range list.Items {
		table.Rows = append(table.Rows, ui.Row{Quiet: u.Status == billing.VoidUsage, Cells: []ui.Piece{w.At(u.Event.EndedAt), ui.Text(desk.Receipt(u)), desk.Minutes(u.Billed), desk.UsageStatus(u.Status, u.Late)}})
	}
	return []ui.Piece{
		ui.Card{Title: "Minutes by day", Sub: "The last 30 days", Live: "days", Body: []ui.Piece{desk.Days("Minutes per day over the last 30 days, by pool", days, usage, ui.Empty{Icon: "usage", Title: "No calls in the last 30 days"})}},
		ui.Card{Title: "Calls", Sub: "The latest 20", Flush: true, Live: "calls", Body: []ui.Piece{table}},
	}, nil
}
