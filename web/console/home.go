package console

import (
	"slices"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

func homeRoutes() []desk.Route {
	return []desk.Route{
		{Path: "/console", Show: homePage},
		{Path: "/console/test-call", Do: testCall, Again: homePage},
		{Path: "/console/find", Show: findPage},
	}
}

func homePage(v *desk.Visit) (ui.Page, error) {
	ctx := v.R.Context()
	begun, err := v.App.FirstSteps(ctx, v.Who)
	if err != nil {
		return ui.Page{}, err
	}
	o, err := v.App.Overview(ctx, v.Who, mostShown)
	if err != nil {
		return ui.Page{}, err
	}
	page := ui.Page{Title: "Home", Body: []ui.Piece{}}
	if begun != (app.Begun{Plan: true, Client: true, Subscription: true, Usage: true, Payment: true}) {
		page.Body = append(page.Body, firstSteps(v, begun, o))
	}
	page.Body = append(page.Body, ui.Grid{Columns: 4, Items: stats(o)})
	if len(o.Outstanding) > 0 {
		page.Body = append(page.Body, owedCard(o.Outstanding))
	}
	page.Body = append(page.Body, monthCard(o), ui.Grid{Columns: 2, Items: []ui.Piece{riskCard(o.AtRisk), renewalCard(v, o.Renewals)}})
	latest, err := latestCards(v)
	page.Body = append(page.Body, latest)
	return page, err
}

func stats(o app.Overview) []ui.Piece {
	open := ui.Stat{Label: "Outstanding", Value: ui.Text("Nothing"), Sub: ui.Muted("Every request is paid"), URL: "/console/requests"}
	late := ui.Stat{Label: "Overdue", Value: ui.Text("Nothing"), Sub: ui.Muted("Nothing is late"), URL: "/console/requests?age=overdue"}
	var all, overdue []billing.Credit
	for _, m := range o.Outstanding {
		all = append(all, billing.Credit{Currency: m.Currency, Amount: m.Open()})
		if m.Late > 0 {
			overdue = append(overdue, billing.Credit{Currency: m.Currency, Amount: m.PastDue()})
		}
	}
	if len(all) > 0 {
		open.Value, open.Sub, open.URL = desk.Amounts(all), ui.Muted(desk.Count(o.Open, "payment request", "payment requests")), "/console/requests?age=open"
	}
	if len(overdue) > 0 {
		late.Value, late.Sub = desk.Amounts(overdue), ui.Badge{Tone: ui.Warn, Text: ui.Whole(o.Late) + " late"}
	}
	return []ui.Piece{
		open, late,
		ui.Stat{Label: "Minutes today", Value: desk.Minutes(o.Used.Billed), Sub: ui.Muted(desk.Count(o.Used.Calls, "call", "calls") + ", " + desk.Count(o.Month.Calls, "this month", "this month")), URL: "/console/usage"},
		ui.Stat{Label: "Recurring revenue", Value: desk.Amounts(o.Monthly), Sub: ui.Muted("per month, " + desk.Count(o.Live, "subscription", "subscriptions"))},
	}
}

// owedCard is what is outstanding per currency, by age.
func owedCard(owed []app.Owed) ui.Piece {
	table := ui.Table{Caption: "Outstanding by age", Columns: []ui.Column{{Name: "Currency"}, {Name: "Not yet due", Num: true}, {Name: "Overdue up to 30 days", Num: true}, {Name: "Overdue for longer", Num: true}, {Name: "In all", Num: true}}}
	for _, m := range owed {
		cell := func(amount billing.Money, age string) ui.Piece {
			if amount == 0 {
				return ui.Muted("–")
			}
			return ui.Line{ui.Link{Text: desk.Sum(m.Currency, amount), URL: "/console/requests?age=" + age + "&currency=" + m.Currency.Code}}
		}
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Piece{ui.Text(m.Currency.Code), cell(m.Due, "not_due"), cell(m.Overdue, "overdue_30"), cell(m.Old, "overdue_old"), desk.Money(m.Currency, m.Open())}})
	}
	return ui.Card{Title: "Outstanding by age", Live: "owed", Flush: true, Body: []ui.Piece{table}}
}

// monthCard is the use of this month, day by day and by pool, today last.
func monthCard(o app.Overview) ui.Piece {
	first := o.Today - o.Today%100 + 1
	var days []billing.Date
	for day := first; day/100 == first/100; day = day.Plus(1) {
		days = append(days, day)
	}
	empty := ui.Empty{Icon: "usage", Title: "No calls this month", Text: "Calls appear here as soon as a provider or your software reports them."}
	card := ui.Card{Title: "Minutes this month", Sub: first.Noon().Format("January 2006") + ", by pool", Live: "minutes", Body: []ui.Piece{desk.Days("Minutes per day this month, by pool", days, o.Days, empty)}}
	if o.Month.Events > 0 {
		card.Foot = ui.Facts{
			{Name: "This month", Value: ui.Stack{Main: desk.Minutes(o.Month.Drawn()), Sub: ui.Muted(desk.SplitMinutes(o.Month.Split))}},
			{Name: "Today", Value: ui.Stack{Main: desk.Minutes(o.Used.Drawn()), Sub: ui.Muted(desk.SplitMinutes(o.Used.Split))}},
		}
	}
	return card
}

func testCall(v *desk.Visit) (desk.Done, error) {
	result, err := v.App.TestCall(v.R.Context(), v.Who)
	return desk.Done{To: eventURL(result.ID), Says: "A test call of 90 seconds is recorded. Here is its receipt; void it if its minutes should not count."}, err
}

const mostShown = 8 // rows of a card on the home page

// briefly is a card of a few lines, or of what is said when there is none.
func briefly(title, live, all string, lines ui.List, empty ui.Empty) ui.Piece {
	card := ui.Card{Title: title, Live: live, Body: []ui.Piece{lines}}
	if len(lines) == 0 {
		card.Body = []ui.Piece{empty}
	}
	if all != "" && len(lines) > 0 {
		card.Actions = []ui.Piece{ui.Link{Text: "All", URL: all}}
	}
	return card
}

func line(name ui.Link, below, right ui.Piece) ui.Piece {
	return ui.Between{Left: ui.Stack{Main: name, Sub: below}, Right: right}
}

func riskCard(risks []app.Risk) ui.Piece {
	var lines ui.List
	for _, r := range risks {
		lines = append(lines, line(ui.Link{Text: r.Name, URL: clientURL(r.Client)}, ui.Muted(r.Why), desk.Status(r.Status)))
	}
	return briefly("Clients at risk", "risk", "/console/clients?access=denied", lines, ui.Empty{Icon: "check", Title: "Nobody is at risk", Text: "Clients who are late, blocked or nearly out of minutes are listed here."})
}

func renewalCard(v *desk.Visit, renewals []app.Running) ui.Piece {
	var lines ui.List
	for _, r := range renewals {
		var fee ui.Piece = ui.Muted("Usage only")
		if r.Terms.RecurringFee != nil {
			fee = desk.Money(r.Terms.Currency, *r.Terms.RecurringFee)
		}
		lines = append(lines, line(ui.Link{Text: r.Name, URL: clientURL(r.Client)}, v.On(r.PeriodEnd), fee))
	}
	return briefly("Renewals of the next 7 days", "renewals", "", lines, ui.Empty{Icon: "clock", Title: "No renewals within 7 days", Text: "Periods that end soon, and what will be requested then, are listed here."})
}

func latestCards(v *desk.Visit) (ui.Piece, error) {
	requests, err := v.App.Requests(v.R.Context(), v.Who, app.RequestFilter{}, app.Page{Size: mostShown})
	if err != nil {
		return nil, err
	}
	events, err := v.App.UsageEvents(v.R.Context(), v.Who, app.UsageFilter{}, app.Page{Size: mostShown})
	if err != nil {
		return nil, err
	}
	var bills, calls ui.List
	for _, r := range requests.Items {
		bills = append(bills, line(ui.Link{Text: r.Label(), URL: requestURL(r.ID)}, ui.Muted(r.ClientName), ui.Line{v.RequestStatus(r.Request), desk.Money(r.Currency, r.Amount)}))
	}
	for _, u := range events.Items {
		calls = append(calls, line(ui.Link{Text: u.ClientName, URL: eventURL(u.ID)}, v.At(u.Event.EndedAt), desk.Minutes(u.Billed)))
	}
	return ui.Grid{Columns: 2, Items: []ui.Piece{
		briefly("Latest payment requests", "requests", "/console/requests", bills, ui.Empty{Icon: "requests", Title: "No payment requests yet", Text: "Starting a subscription with a fee issues the first one."}),
		briefly("Latest calls", "calls", "/console/usage", calls, ui.Empty{Icon: "phone", Title: "No calls yet", Text: "Calls appear here as soon as a provider or your software reports them."}),
	}}, nil
}

// firstSteps leads a new agency to its first paid request.
func firstSteps(v *desk.Visit, b app.Begun, o app.Overview) ui.Piece {
	done := int64(1)
	for _, is := range []bool{b.Plan, b.Client, b.Subscription, b.Usage, b.Payment} {
		if is {
			done++
		}
	}
	steps := ui.Steps{
		{Done: true, Title: "Name the agency"},
		{Done: b.Plan, Title: "Make a plan", Text: "A plan is what you sell: a fee, minutes, a price per minute, or all of them."},
		{Done: b.Client, Title: "Add a client", Text: "A client is a customer whose calls you bill."},
		{Done: b.Subscription, Title: "Assign the plan and start", Text: "A start opens the first period and requests the first fee."},
		{Done: b.Usage, Title: "Report the first call", Text: "Connect a voice provider, or let your own software report calls with an API key."},
		{Done: b.Payment, Title: "Mark the first payment", Text: "When the client has paid, set the request to Paid."},
	}
	next := []ui.Piece{
		nil,
		ui.Button{Text: "New plan", URL: "/console/catalog/plans/new", Main: true},
		ui.Button{Text: "Add a client", URL: "/console/clients/new", Main: true},
		ui.Button{Text: "Choose the client", URL: "/console/clients", Main: true},
		ui.Button{Text: "Connect a provider", URL: "/console/settings/connections", Main: true},
		ui.Button{Text: "Payment requests", URL: "/console/requests", Main: true},
	}
	current := slices.IndexFunc(steps, func(s ui.Step) bool { return !s.Done })
	for i := range steps {
		if i != current {
			steps[i].Text = "" // one thing at a time
		}
	}
	steps[current].Action = next[current]
	if steps[current].Title == "Report the first call" {
		steps[current].Body = []ui.Piece{
			v.Form(ui.Form{ID: "test-call", Action: "/console/test-call", Submit: ui.Submit{Text: "Send a test call", Icon: "phone", Tone: ui.Plain}}),
			ui.Code{Label: "Or report one of " + o.Newest.Name + " yourself", Text: firstCall(v, o.Newest.ID)},
		}
	}
	return ui.Card{Title: "First steps", Sub: desk.Count(done, "of 6 done", "of 6 done"), Body: []ui.Piece{steps}}
}

// firstCall is a command that reports a call of a client.
func firstCall(v *desk.Visit, of billing.ID) string {
	client := "CLIENT_ID"
	if of != 0 {
		client = of.String()
	}
	ended := v.Now.UTC().Format("2006-01-02T15:04:05Z")
	return "curl " + v.App.PublicURL + "/api/v2/external-billing/usage-events \\\n  -H 'Authorization: Bearer YOUR_API_KEY' \\\n  -H 'Content-Type: application/json' \\\n" +
		`  -d '{"source":"curl","event_id":"first-call","client_id":"` + client + `","ended_at":"` + ended + `","duration_ms":90000}'`
}
