package console

import (
	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

func requestRoutes() []desk.Route {
	return []desk.Route{
		{Path: "/console/requests", Show: requestsPage},
		{Path: "/console/requests/{request}", Show: requestPage},
		{Path: "/console/requests/{request}/update", Do: updateRequest, Again: requestPage},
	}
}

func requestURL(id billing.ID) string { return "/console/requests/" + id.String() }

// requestCard is the client's own requests.
func (l *ledger) requestCard() ui.Piece {
	table := requestTable(l.Visit, l.requests.Items, false)
	table.Empty = ui.Empty{Icon: "requests", Title: "No payment requests yet", Text: "Starting a subscription with a fee issues the first one; packs and one-time requests stand here too."}
	table.Pager = pager(l.Visit, l.requests.Total)
	card := ui.Card{Title: "Payment requests", Flush: true, Live: "requests", Body: []ui.Piece{table}}
	if len(l.AmountDue) > 0 {
		card.Foot = ui.Between{Left: ui.Muted("Amount due"), Right: desk.Amounts(l.AmountDue)}
	}
	return card
}

// requestTable shows requests as rows; of all clients, with their names.
func requestTable(v *desk.Visit, rows []app.RequestRow, named bool) ui.Table {
	t := ui.Table{ID: "requests", Caption: "Payment requests", Columns: []ui.Column{{Name: "Number"}}}
	if named {
		t.Columns = append(t.Columns, ui.Column{Name: "Client"})
	}
	t.Columns = append(t.Columns, ui.Column{Name: "Type"}, ui.Column{Name: "Due & paid"}, ui.Column{Name: "Status"}, ui.Column{Name: "Amount", Num: true}, ui.Column{Slim: true})
	for _, r := range rows {
		cells := []ui.Piece{ui.Text(r.Label())}
		if named {
			cells = append(cells, ui.Link{Text: r.ClientName, URL: clientURL(r.Client)})
		}
		cells = append(cells, desk.RequestType(r.Kind), v.DueAndPaid(r.Request), v.RequestStatus(r.Request), desk.AmountOf(r.Request), statusAct(v, r))
		t.Rows = append(t.Rows, ui.Row{URL: requestURL(r.ID), Quiet: r.Status == billing.Voided, Cells: cells})
	}
	return t
}

// statusAct sets a request to any status.
func statusAct(v *desk.Visit, r app.RequestRow) ui.Piece {
	value := string(billing.Paid)
	if r.Status == billing.Paid {
		value = string(billing.Pending)
	}
	fields := []ui.Piece{
		ui.Select{Field: ui.Field{Name: "status", Label: "Status", Value: value}, Options: []ui.Option{
			{Value: "PENDING", Text: "Pending"}, {Value: "PAID", Text: "Paid"}, {Value: "OVERDUE", Text: "Overdue"}, {Value: "FAILED", Text: "Failed"}, {Value: "CANCELED", Text: "Canceled"}}},
		ui.Field{Name: "external_payment_id", Label: "External payment id", Value: r.ExternalPaymentID, Optional: true, MaxLength: 255},
		ui.Textarea{Field: ui.Field{Name: "notes", Label: "Notes", Value: r.Notes, Optional: true, MaxLength: billing.MaxTextLength}, Rows: 2},
	}
	says := []string{"Paid records a payment of " + r.Currency.FormatWithCode(r.Due()) + " now.", "Canceled voids the request."}
	if r.Status == billing.Paid {
		says = []string{"Leaving Paid reverses its payment by a new entry, or keeps received money as client credit."}
	}
	if r.Kind == billing.PackSale {
		says = append(says, "Canceling a pack leaves its "+r.PackMinutes.Minutes()+" minutes in the wallet unless you claw them back: at most what is left.")
		fields = append(fields, ui.Checkbox{Field: ui.Field{Name: "clawback", Label: "When canceled: claw the minutes back"}})
	}
	return v.Act(ui.Act{ID: "status-" + r.ID.String(), Label: "Update status", Tone: ui.Plain, Title: "Update " + r.Label(), Says: says, Form: ui.Form{
		Action: requestURL(r.ID) + "/update", Hidden: []ui.Pair{{Name: "back", Value: v.R.URL.RequestURI()}}, Fields: fields, Submit: ui.Submit{Text: "Update"},
	}})
}

func updateRequest(v *desk.Visit) (desk.Done, error) {
	id, err := v.PathID("request")
	if err != nil {
		return desk.Done{}, err
	}
	external, notes := v.Text("external_payment_id"), v.Text("notes")
	u := billing.RequestUpdate{Status: billing.RequestStatus(v.Text("status")), ExternalPaymentID: &external, Notes: &notes, Clawback: v.Ticked("clawback") && v.Text("status") == "CANCELED"}
	if err := v.App.UpdateRequest(v.R.Context(), v.Who, id, u); err != nil {
		return desk.Done{}, err
	}
	r, err := v.App.Request(v.R.Context(), v.Who, id)
	says := r.Label() + " is set to " + lower(v.RequestStatus(r.Request).Text) + "."
	if u.Clawback && err == nil {
		says += " " + r.ClawedBack.Minutes() + " minutes are taken back"
		if r.Shortfall > 0 {
			says += "; " + r.Shortfall.Minutes() + " were used already"
		}
		says += "."
	}
	back := v.Text("back")
	if back == "" || back == v.R.URL.Path {
		back = requestURL(id)
	}
	return desk.Done{To: back, Says: says}, err
}

func requestsPage(v *desk.Visit) (ui.Page, error) {
	filter := app.RequestFilter{Status: billing.RequestStatus(asked(v, "status")), Kind: billing.RequestKind(asked(v, "kind")), Currency: asked(v, "currency")}
	if id, err := billing.ParseID(asked(v, "client")); err == nil {
		filter.Client = id
	}
	list, err := v.App.Requests(v.R.Context(), v.Who, filter, wanted(v))
	if err != nil {
		return ui.Page{}, err
	}
	table := requestTable(v, list.Items, true)
	table.Pager = pager(v, list.Total)
	table.Empty = ui.Empty{Icon: "requests", Title: "No payment requests", Text: "Requests appear here when a subscription starts, a period ends, a pack is applied, or you ask for something once."}
	return ui.Page{Title: "Payment requests", Sub: desk.Count(list.Total, "request", "requests"), Body: filtered(requestFilter(v), table)}, nil
}

func requestFilter(v *desk.Visit) ui.Filter {
	currencies := choice(v, "currency", "Currency", ui.Option{Value: "", Text: "Any currency"})
	owed, err := v.App.Outstanding(v.R.Context(), v.Who, 0)
	for _, o := range owed {
		if err == nil {
			currencies.Options = append(currencies.Options, ui.Option{Value: o.Currency.Code, Text: o.Currency.Code})
		}
	}
	return ui.Filter{Action: "/console/requests", Hint: "Narrow this page", Clear: cleared(v, "status", "kind", "currency", "client"), Selects: []ui.Select{
		choice(v, "status", "Status", ui.Option{Value: "", Text: "Any status"}, ui.Option{Value: "PENDING", Text: "Pending"}, ui.Option{Value: "OVERDUE", Text: "Overdue"},
			ui.Option{Value: "FAILED", Text: "Failed"}, ui.Option{Value: "PAID", Text: "Paid"}, ui.Option{Value: "CANCELED", Text: "Canceled"}),
		choice(v, "kind", "Type", ui.Option{Value: "", Text: "Any type"}, ui.Option{Value: "RECURRING", Text: "Cycle: recurring"}, ui.Option{Value: "USAGE", Text: "Cycle: usage"},
			ui.Option{Value: "PACK", Text: "Pack"}, ui.Option{Value: "ONE_TIME", Text: "One-time"}),
		currencies,
	}}
}

func requestPage(v *desk.Visit) (ui.Page, error) {
	id, err := v.PathID("request")
	if err != nil {
		return ui.Page{}, err
	}
	r, err := v.App.Request(v.R.Context(), v.Who, id)
	if err != nil {
		return ui.Page{}, err
	}
	act, _ := statusAct(v, r).(ui.Act)
	act.Tone, act.Main = "", true
	return ui.Page{
		Title: r.Label(), Crumbs: []ui.Link{{Text: "Payment requests", URL: "/console/requests"}, {Text: r.ClientName, URL: clientURL(r.Client)}},
		Status: []ui.Badge{v.RequestStatus(r.Request)}, Actions: []ui.Piece{act},
		Body: []ui.Piece{
			ui.Card{Title: "What it is for", Flush: true, Body: []ui.Piece{desk.Lines(r.Request)}},
			ui.Card{Title: "Facts", Body: []ui.Piece{requestFacts(v, r)}},
		},
	}, nil
}

func requestFacts(v *desk.Visit, r app.RequestRow) ui.Facts {
	facts := ui.Facts{{Name: "Client", Value: ui.Link{Text: r.ClientName, URL: clientURL(r.Client)}}, {Name: "Type", Value: desk.RequestType(r.Kind)}, {Name: "Issued", Value: v.At(r.IssuedAt)}, {Name: "Due", Value: v.At(r.DueAt)}}
	add := func(show bool, name string, value ui.Piece) {
		if show {
			facts = append(facts, ui.Fact{Name: name, Value: value})
		}
	}
	add(!r.GraceEndsAt.IsZero(), "Grace until", v.At(r.GraceEndsAt))
	add(!r.PeriodStart.IsZero(), "Period", ui.Text(v.Spoken(r.PeriodStart)+" – "+v.Spoken(r.PeriodEnd)))
	add(!r.PaidAt.IsZero(), "Paid", v.At(r.PaidAt))
	add(true, "Amount paid", desk.Money(r.Currency, r.AmountPaid))
	add(r.Open(), "Still open", desk.Money(r.Currency, r.Due()))
	add(true, "Payment reference", ui.Copy{Text: r.Reference()})
	add(r.ExternalPaymentID != "", "External payment id", ui.Text(r.ExternalPaymentID))
	add(r.ClawedBack > 0 || r.Shortfall > 0, "Clawed back", ui.Text(r.ClawedBack.Minutes()+" min, "+r.Shortfall.Minutes()+" min short"))
	add(r.Notes != "", "Notes", ui.Text(r.Notes))
	return facts
}
