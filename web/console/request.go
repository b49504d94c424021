package console

import (
	"slices"
	"strings"
	"time"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

func requestRoutes() []desk.Route {
	return []desk.Route{
		{Path: "/console/requests", Show: requestsPage},
		{Path: "/console/requests/paid", Do: markPaid, Again: confirmPaidPage},
		{Path: "/console/requests/{request}", Show: requestPage},
		{Path: "/console/requests/{request}/update", Do: updateRequest, Again: requestPage},
	}
}

func requestURL(id billing.ID) string { return "/console/requests/" + id.String() }

// requestCard is the client's own requests.
func (l *ledger) requestCard() ui.Piece {
	table := requestTable(l.Visit, l.requests.Items, false)
	table.Columns = append(table.Columns, ui.Column{Slim: true})
	for i, r := range l.requests.Items {
		table.Rows[i].Cells = append(table.Rows[i].Cells, statusAct(l.Visit, r, paidWords(l.Trial, r)))
	}
	table.Empty = ui.Empty{Icon: "requests", Title: "No payment requests yet", Text: "Starting a subscription with a fee issues the first one; packs and one-time requests stand here too."}
	table.Pager = pager(l.Visit, l.requests.Total)
	card := ui.Card{Title: "Payment requests", Flush: true, Live: "requests", Body: []ui.Piece{table}}
	if len(l.AmountDue) > 0 {
		card.Foot = ui.Between{Left: ui.Muted("Amount due"), Right: desk.Amounts(l.AmountDue)}
	}
	return card
}

// requestTable shows requests as rows; of all clients, with their names. What can be done about each stands on its own
// page, which can tell what that does; many are marked paid at once.
func requestTable(v *desk.Visit, rows []app.RequestRow, named bool) ui.Table {
	t := ui.Table{ID: "requests", Caption: "Payment requests", Columns: []ui.Column{{Name: "Number", Slim: true}}}
	if named {
		t.Columns = append(t.Columns, ui.Column{Name: "Client"})
	}
	t.Columns = append(t.Columns, ui.Column{Name: "Type"}, ui.Column{Name: "Due & paid"}, ui.Column{Name: "Status", Slim: true}, ui.Column{Name: "Amount", Num: true})
	for _, r := range rows {
		cells := []ui.Piece{ui.Text(r.Label())}
		if named {
			cells = append(cells, ui.Link{Text: r.ClientName, URL: clientURL(r.Client)})
		}
		row := ui.Row{URL: requestURL(r.ID), Name: r.Label(), Quiet: r.Status == billing.Voided}
		if named && r.Open() {
			row.Pick = r.ID.String()
		}
		row.Cells = append(cells, desk.RequestType(r.Kind), v.DueAndPaid(r.Request), v.RequestStatus(r.Request), desk.AmountOf(r.Request))
		t.Rows = append(t.Rows, row)
	}
	return t
}

// statusAct sets a request to any status. What marking an open one paid would do is told.
func statusAct(v *desk.Visit, r app.RequestRow, paid []string) ui.Piece {
	value := string(billing.Paid)
	if r.Status == billing.Paid {
		value = string(billing.Pending)
	}
	fields := []ui.Piece{
		ui.Select{Field: ui.Field{Name: "status", Label: "Status", Value: value}, Options: []ui.Option{
			{Value: "PENDING", Text: "Pending"}, {Value: "PAID", Text: "Paid"}, {Value: "OVERDUE", Text: "Overdue"}, {Value: "FAILED", Text: "Failed"}, {Value: "CANCELED", Text: "Canceled"},
		}},
		ui.Field{Name: "external_payment_id", Label: "External payment id", Value: r.ExternalPaymentID, Optional: true, MaxLength: 255},
		ui.Textarea{Field: ui.Field{Name: "notes", Label: "Notes", Value: r.Notes, Optional: true, MaxLength: billing.MaxTextLength}, Rows: 2},
	}
	says := []string{"Paid: " + strings.Join(paid, " "), "Canceled: voids the request."}
	switch r.Status {
	case billing.Paid:
		says = []string{"Leaving Paid reverses its payment by a new entry, or keeps received money as client credit."}
	case billing.Voided:
		says = []string{"Paid: records a payment of " + desk.Sum(r.Currency, r.Missing()) + " now.", "Any other status asks for it again."}
	}
	if r.Kind == billing.PackSale {
		says = append(says, "Canceling a pack leaves its "+r.PackMinutes.Minutes()+" minutes in the wallet unless you claw them back: at most what is left.")
		fields = append(fields, ui.Checkbox{Field: ui.Field{Name: "clawback", Label: "When canceled: claw the minutes back"}})
	}
	return v.Careful(ui.Act{ID: "status-" + r.ID.String(), Label: "Update status", Tone: ui.Plain, Title: "Update " + r.Label(), Says: says, Form: ui.Form{
		Action: requestURL(r.ID) + "/update", Hidden: []ui.Pair{{Name: "back", Value: v.R.URL.RequestURI()}}, Fields: fields, Submit: ui.Submit{Text: "Update"},
	}})
}

// paidWords tells what marking an open request paid does.
func paidWords(t app.Trial, r app.RequestRow) []string {
	if !r.Open() {
		return nil
	}
	return t.Of(func(acc *billing.Account, now time.Time) error {
		return acc.UpdateRequest(r.ID, billing.RequestUpdate{Status: billing.Paid}, now)
	})
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

// requestsFilter is what the URL asks of a list of requests.
func requestsFilter(v *desk.Visit) app.RequestFilter {
	filter := app.RequestFilter{Status: billing.RequestStatus(asked(v, "status")), Kind: billing.RequestKind(asked(v, "kind")), Currency: asked(v, "currency"), Query: asked(v, "q"), Age: app.RequestAge(asked(v, "age"))}
	if id, err := billing.ParseID(asked(v, "client")); err == nil {
		filter.Client = id
	}
	return filter
}

func requestsPage(v *desk.Visit) (ui.Page, error) {
	filter := requestsFilter(v)
	list, err := v.App.Requests(v.R.Context(), v.Who, filter, wanted(v))
	if err != nil {
		return ui.Page{}, err
	}
	owed, err := v.App.Outstanding(v.R.Context(), v.Who, filter.Client)
	if err != nil {
		return ui.Page{}, err
	}
	table := requestTable(v, list.Items, true)
	table.Pager = pager(v, list.Total)
	table.Empty = ui.Empty{Icon: "requests", Title: "No payment requests", Text: "Requests appear here when a subscription starts, a period ends, a pack is applied, or you ask for something once."}
	if filter != (app.RequestFilter{}) {
		table.Empty = ui.Empty{Icon: "search", Title: "No request fits", Text: "No payment request has all that is asked for.", Action: ui.Button{Text: "Show all requests", URL: "/console/requests"}}
	}
	table.Bulk = bulkPaid(v)
	page := ui.Page{Title: "Payment requests", Sub: desk.Count(list.Total, "request", "requests"), Actions: []ui.Piece{export(v, "payment-requests.csv"), ui.Button{Text: "Record a payment", URL: "/console/payments/new", Main: true}}}
	if tiles := agesOf(owed); len(tiles) > 0 && filter.Query == "" {
		page.Body = append(page.Body, ui.Grid{Columns: 4, Items: tiles})
	}
	page.Body = append(page.Body, filtered(requestFilter(v, owed), table)...)
	return page, nil
}

// bulkPaid leads from picked requests to a page that lists what marking them paid does, and does it there.
func bulkPaid(v *desk.Visit) *ui.Bulk {
	return &ui.Bulk{Name: "request", Act: v.Act(ui.Act{
		ID: "paid", Label: "Mark paid", Title: "Mark the picked requests paid", Says: []string{"The next page lists exactly what will happen to each client. Nothing is done before you agree there."},
		Form: ui.Form{Action: "/console/requests/paid", Submit: ui.Submit{Text: "Show what happens", Name: "do", Value: "tell"}},
	})}
}

// agesOf are tiles of what is outstanding by age: each leads to its requests.
func agesOf(owed []app.Owed) []ui.Piece {
	var tiles []ui.Piece
	for _, m := range owed {
		tile := func(label string, amount billing.Money, age string) {
			tiles = append(tiles, ui.Stat{Label: label, Value: desk.Money(m.Currency, amount), URL: "/console/requests?age=" + age + "&currency=" + m.Currency.Code})
		}
		tile("Outstanding", m.Open(), "open")
		tile("Not yet due", m.Due, "not_due")
		tile("Overdue up to 30 days", m.Overdue, "overdue_30")
		tile("Overdue for longer", m.Old, "overdue_old")
	}
	return tiles
}

func requestFilter(v *desk.Visit, owed []app.Owed) ui.Filter {
	currencies := choice(v, "currency", "Currency", ui.Option{Value: "", Text: "Any currency"})
	for _, o := range owed {
		currencies.Options = append(currencies.Options, ui.Option{Value: o.Currency.Code, Text: o.Currency.Code})
	}
	if code := asked(v, "currency"); code != "" && !slices.ContainsFunc(currencies.Options, func(o ui.Option) bool { return o.Value == code }) {
		currencies.Options = append(currencies.Options, ui.Option{Value: code, Text: code})
	}
	f := ui.Filter{Action: "/console/requests", Search: asked(v, "q"), Hint: "Number, client or reference", Clear: cleared(v, "q", "status", "kind", "currency", "client", "age"), Selects: []ui.Select{
		choice(v, "status", "Status", ui.Option{Value: "", Text: "Any status"}, ui.Option{Value: "PENDING", Text: "Pending"}, ui.Option{Value: "OVERDUE", Text: "Overdue"},
			ui.Option{Value: "FAILED", Text: "Failed"}, ui.Option{Value: "PAID", Text: "Paid"}, ui.Option{Value: "CANCELED", Text: "Canceled"}),
		choice(v, "kind", "Type", ui.Option{Value: "", Text: "Any type"}, ui.Option{Value: "RECURRING", Text: "Cycle: recurring"}, ui.Option{Value: "USAGE", Text: "Cycle: usage"},
			ui.Option{Value: "PACK", Text: "Pack"}, ui.Option{Value: "ONE_TIME", Text: "One-time"}),
		choice(v, "age", "Age", ui.Option{Value: "", Text: "Any age"}, ui.Option{Value: "open", Text: "Open"}, ui.Option{Value: "not_due", Text: "Not yet due"}, ui.Option{Value: "overdue", Text: "Overdue"},
			ui.Option{Value: "overdue_30", Text: "Overdue up to 30 days"}, ui.Option{Value: "overdue_old", Text: "Overdue over 30 days"}),
		currencies,
	}}
	if id := asked(v, "client"); id != "" {
		f.Hidden = []ui.Pair{{Name: "client", Value: id}}
	}
	return f
}

// picked are the requests that were picked.
func picked(v *desk.Visit) (ids []billing.ID, err error) {
	for _, text := range v.R.PostForm["request"] {
		id, err := billing.ParseID(text)
		if err != nil {
			return nil, billing.InvalidField("request", "choose requests of the list")
		}
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return nil, billing.InvalidField("request", "pick at least one request: tick the boxes in front of the rows")
	}
	return ids, nil
}

func markPaid(v *desk.Visit) (desk.Done, error) {
	ids, err := picked(v)
	if err != nil {
		return desk.Done{}, err
	}
	changed, err := v.App.MarkPaid(v.R.Context(), v.Who, ids, v.Text("external_payment_id"))
	return desk.Done{To: "/console/requests", Says: desk.Count(int64(len(changed)), "request is", "requests are") + " marked paid."}, err
}

// confirmPaidPage lists what marking the picked requests paid does, client by client, and asks once more.
func confirmPaidPage(v *desk.Visit) (ui.Page, error) {
	page := ui.Page{Title: "Mark paid", Crumbs: []ui.Link{{Text: "Payment requests", URL: "/console/requests"}}}
	ids, err := picked(v)
	if err != nil {
		page.Body = []ui.Piece{ui.Empty{Icon: "requests", Title: "Nothing was picked", Text: "Tick the boxes in front of the requests that are paid.", Action: ui.Button{Text: "Back to the requests", URL: "/console/requests"}}}
		return page, nil
	}
	var rows []app.RequestRow
	form := ui.Form{ID: "paid", Action: "/console/requests/paid", Cancel: "/console/requests", Fields: []ui.Piece{ui.Field{Name: "external_payment_id", Label: "External payment id", Hint: "The same for all of them.", Optional: true, MaxLength: 255}}}
	for _, id := range ids {
		r, err := v.App.Request(v.R.Context(), v.Who, id)
		if err != nil {
			return page, err
		}
		rows = append(rows, r)
		form.Hidden = append(form.Hidden, ui.Pair{Name: "request", Value: id.String()})
	}
	form.Submit = ui.Submit{Text: "Mark " + desk.Count(int64(len(ids)), "request", "requests") + " paid", Icon: "check"}
	var told []ui.Piece
	for _, t := range v.Problem.Told {
		told = append(told, ui.Section{Title: t.Name, Body: []ui.Piece{lines(t.Says)}})
	}
	if len(told) == 0 && v.Problem.Told != nil {
		told = []ui.Piece{ui.Muted("Nothing would change: they are paid already.")}
	}
	page.Sub = desk.Count(int64(len(ids)), "request", "requests")
	page.Body = []ui.Piece{
		ui.Card{Title: "What will happen", Sub: "All of it in one step, or nothing", Body: told},
		ui.Card{Title: "Received in all", Body: []ui.Piece{desk.Amounts(app.OpenAmounts(rows)), v.Form(form)}},
	}
	return page, nil
}

func lines(says []string) ui.List {
	var list ui.List
	for _, line := range says {
		list = append(list, ui.Text(line))
	}
	return list
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
	trial, err := v.App.Trial(v.R.Context(), v.Who, r.Client)
	if err != nil {
		return ui.Page{}, err
	}
	act, _ := statusAct(v, r, paidWords(trial, r)).(ui.Act)
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
