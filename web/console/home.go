package console

import (
	"slices"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

func homePage(v *desk.Visit) (ui.Page, error) {
	ctx := v.R.Context()
	begun, err := v.App.FirstSteps(ctx, v.Who)
	if err != nil {
		return ui.Page{}, err
	}
	owed, err := v.App.Outstanding(ctx, v.Who, 0)
	if err != nil {
		return ui.Page{}, err
	}
	outlook, err := v.App.Outlook(ctx, v.Who)
	if err != nil {
		return ui.Page{}, err
	}
	days := v.LastDays(30)
	usage, err := v.App.UsageByDay(ctx, v.Who, 0, days[0], days[len(days)-1])
	if err != nil {
		return ui.Page{}, err
	}
	page := ui.Page{Title: "Home", Body: []ui.Piece{}}
	if begun != (app.Begun{Plan: true, Client: true, Subscription: true, Usage: true, Payment: true}) {
		page.Body = append(page.Body, firstSteps(v, begun))
	}
	page.Body = append(page.Body,
		ui.Grid{Columns: 4, Items: stats(v, owed, outlook, usage[days[len(days)-1]])},
		ui.Card{Title: "Minutes by day", Sub: "The last 30 days, by pool", Live: "minutes", Body: []ui.Piece{
			desk.Days("Minutes per day over the last 30 days, by pool", days, usage, ui.Empty{Icon: "usage", Title: "No calls in the last 30 days", Text: "Calls appear here as soon as a provider or your software reports them."}),
		}},
		ui.Grid{Columns: 2, Items: []ui.Piece{riskCard(outlook.AtRisk), renewalCard(v, outlook.Renewals)}},
	)
	latest, err := latestCards(v)
	page.Body = append(page.Body, latest)
	return page, err
}

func stats(v *desk.Visit, owed []app.Owed, o app.Outlook, today billing.Tally) []ui.Piece {
	var tiles []ui.Piece
	for _, m := range owed {
		open := m.Due + m.Overdue + m.Old
		tile := ui.Stat{Label: "Outstanding", Value: desk.Money(m.Currency, open), Sub: ui.Muted(desk.Count(m.Requests, "payment request", "payment requests")), URL: "/console/requests?currency=" + m.Currency.Code}
		tiles = append(tiles, tile, overdueTile(m))
	}
	if len(owed) == 0 {
		tiles = append(tiles, ui.Stat{Label: "Outstanding", Value: ui.Text("Nothing"), Sub: ui.Muted("Every request is paid")})
	}
	monthly := ui.Stat{Label: "Recurring revenue", Value: desk.Amounts(o.Monthly), Sub: ui.Muted("per month, " + desk.Count(o.Live, "subscription", "subscriptions"))}
	return append(tiles, ui.Stat{Label: "Minutes today", Value: desk.Minutes(today.Billed), URL: "/console/usage"}, monthly)
}

func overdueTile(m app.Owed) ui.Piece {
	tile := ui.Stat{Label: "Overdue", Value: desk.Money(m.Currency, m.Overdue+m.Old), Sub: ui.Muted("Nothing is late"), URL: "/console/requests?status=OVERDUE&currency=" + m.Currency.Code}
	if m.Late > 0 {
		tile.Sub = ui.Badge{Tone: ui.Warn, Text: desk.Count(m.Late, "request", "requests") + " late"}
	}
	if m.Old > 0 {
		tile.Sub = ui.Line{tile.Sub, desk.Money(m.Currency, m.Old), ui.Muted("for over 30 days")}
	}
	return tile
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
	for _, r := range risks[:min(len(risks), mostShown)] {
		lines = append(lines, line(ui.Link{Text: r.Name, URL: clientURL(r.Client)}, ui.Muted(r.Why), desk.Status(r.Status)))
	}
	return briefly("Clients at risk", "risk", "/console/clients?access=denied", lines, ui.Empty{Icon: "check", Title: "Nobody is at risk", Text: "Clients who are late, blocked or nearly out of minutes are listed here."})
}

func renewalCard(v *desk.Visit, renewals []app.Running) ui.Piece {
	var lines ui.List
	for _, r := range renewals[:min(len(renewals), mostShown)] {
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
func firstSteps(v *desk.Visit, b app.Begun) ui.Piece {
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
	next := []ui.Piece{nil, ui.Button{Text: "New plan", URL: "/console/catalog/plans/new", Main: true}, ui.Button{Text: "Add a client", URL: "/console/clients/new", Main: true},
		ui.Button{Text: "Choose the client", URL: "/console/clients", Main: true}, ui.Button{Text: "Connect a provider", URL: "/console/settings/connections", Main: true}, ui.Button{Text: "Payment requests", URL: "/console/requests", Main: true}}
	current := slices.IndexFunc(steps, func(s ui.Step) bool { return !s.Done })
	for i := range steps {
		if i != current {
			steps[i].Text = "" // one thing at a time
		}
	}
	steps[current].Action = next[current]
	if steps[current].Title == "Report the first call" {
		steps[current].Body = []ui.Piece{ui.Code{Label: "Or report one yourself", Text: firstCall(v)}}
	}
	return ui.Card{Title: "First steps", Sub: desk.Count(done, "of 6 done", "of 6 done"), Body: []ui.Piece{steps}}
}

// firstCall is a command that reports a call of the newest client with a subscription.
func firstCall(v *desk.Visit) string {
	client := "CLIENT_ID"
	if list, err := v.App.Meters(v.R.Context(), v.Who, 0, app.Page{Size: 1}); err == nil && len(list.Items) > 0 {
		client = list.Items[0].Client.String()
	}
	ended := v.Now.UTC().Format("2006-01-02T15:04:05Z")
	return "curl " + v.App.PublicURL + "/api/v2/external-billing/usage-events \\\n  -H 'Authorization: Bearer YOUR_API_KEY' \\\n  -H 'Content-Type: application/json' \\\n" +
		`  -d '{"source":"curl","event_id":"first-call","client_id":"` + client + `","ended_at":"` + ended + `","duration_ms":90000}'`
}
