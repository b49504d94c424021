package console

import (
	"strings"
	"time"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

func usageRoutes() []desk.Route {
	return []desk.Route{
		{Path: "/console/usage", Show: usagePage},
		{Path: "/console/usage/{event}", Show: eventPage},
		{Path: "/console/usage/{event}/void", Do: voidEvent, Again: eventPage},
	}
}

func eventURL(id billing.ID) string { return "/console/usage/" + id.String() }

// usageTabs are the three lists of reported calls.
func usageTabs(v *desk.Visit, current string) (*ui.Tabs, error) {
	unassigned, rejected, err := v.App.InboxCounts(v.R.Context(), v.Who)
	count := func(n int64) string {
		if n == 0 {
			return ""
		}
		return ui.Whole(n)
	}
	return &ui.Tabs{Label: "Usage events", Items: []ui.Tab{
		{Text: "Events", URL: "/console/usage", Current: current == "Events"},
		{Text: "Unassigned", URL: "/console/usage/unassigned", Count: count(unassigned), Current: current == "Unassigned"},
		{Text: "Rejected", URL: "/console/usage/rejected", Count: count(rejected), Current: current == "Rejected"},
	}}, err
}

// usageFilter is what the URL asks of a list of usage events.
func usageFilter(v *desk.Visit) (app.UsageFilter, error) {
	filter := app.UsageFilter{Status: billing.UsageStatus(asked(v, "status")), Source: asked(v, "source"), CallID: asked(v, "q")}
	var err error
	filter.Client, err = named(v, "client", strings.TrimSpace(asked(v, "client")))
	filter.From, filter.To = askedDay(v, "from", 0), askedDay(v, "to", 1)
	return filter, err
}

// askedDay is the first instant, in the agency's zone, of the day that the URL names or of one so many days later; the
// zero time for none.
func askedDay(v *desk.Visit, name string, later int) time.Time {
	wall, err := time.Parse(time.DateOnly, asked(v, name))
	if err != nil || wall.Year() < 2000 || wall.Year() >= 2200 {
		return time.Time{}
	}
	return billing.Schedule{Anchor: billing.AnchorAt(wall.AddDate(0, 0, later), time.UTC), Interval: billing.Day, Count: 1, Zone: v.Zone}.Boundary(0)
}

func usagePage(v *desk.Visit) (ui.Page, error) {
	var list app.Listed[app.UsageRow]
	filter, err := usageFilter(v)
	nobody := desk.Refusal(err)
	if nobody != nil && nobody.Field == "" {
		return ui.Page{}, err
	}
	if err == nil {
		list, err = v.App.UsageEvents(v.R.Context(), v.Who, filter, wanted(v))
	}
	if err != nil && nobody == nil {
		return ui.Page{}, err
	}
	tabs, err := usageTabs(v, "Events")
	if err != nil {
		return ui.Page{}, err
	}
	clients, err := choosing(v)
	if err != nil {
		return ui.Page{}, err
	}
	table := eventTable(v, "Usage events", list, true)
	if nobody != nil {
		table.Empty = ui.Empty{Icon: "search", Title: "Whose calls?", Text: desk.Sentence(nobody.Message) + "."}
	}
	find := ui.Filter{Action: "/console/usage", Search: asked(v, "q"), Hint: "Call id", Clear: cleared(v, "q", "client", "status", "source", "from", "to"), Selects: []ui.Select{eventState(v)}, Fields: []ui.Field{
		{Name: "source", Label: "Source", Value: asked(v, "source"), MaxLength: 100}, {Name: "from", Label: "From", Type: "date", Value: asked(v, "from")}, {Name: "to", Label: "To", Type: "date", Value: asked(v, "to")},
	}}
	clients.narrow(&find)
	return ui.Page{Title: "Usage events", Sub: desk.Count(list.Total, "event", "events"), Tabs: tabs, Actions: []ui.Piece{export(v, "usage-events.csv")}, Body: filtered(find, table)}, nil
}

func eventState(v *desk.Visit) ui.Select {
	return choice(v, "status", "State", ui.Option{Value: "", Text: "Any state"}, ui.Option{Value: "RATED", Text: "Rated"}, ui.Option{Value: "UNRATED", Text: "Unrated"}, ui.Option{Value: "VOIDED", Text: "Voided"})
}

// eventTable shows calls with their split.
func eventTable(v *desk.Visit, caption string, list app.Listed[app.UsageRow], named bool) ui.Table {
	t := ui.Table{
		ID: "events", Caption: caption, Columns: []ui.Column{{Name: "Ended"}}, Pager: pager(v, list.Total),
		Empty: ui.Empty{Icon: "phone", Title: "No calls yet", Text: "Calls appear here as soon as a provider or your software reports them."},
	}
	if list.Total > 0 { // there were some, where the list has ended already
		t.Empty = ui.Empty{Icon: "phone", Title: "Archived calls", Text: "Calls this old are archived. They count in every figure as before, and an export holds them."}
	}
	if named {
		t.Columns = append(t.Columns, ui.Column{Name: "Client"})
	}
	t.Columns = append(t.Columns, ui.Column{Name: "Call"}, ui.Column{Name: "Length", Slim: true}, ui.Column{Name: "Drawn from"}, ui.Column{Name: "Billed", Num: true}, ui.Column{Name: "State", Slim: true})
	for _, u := range list.Items {
		cells := []ui.Piece{v.At(u.Event.EndedAt)}
		if named {
			cells = append(cells, ui.Link{Text: u.ClientName, URL: clientURL(u.Client) + "/usage"})
		}
		cells = append(cells, ui.Stack{Main: ui.Clip(u.Event.Name()), Sub: ui.Muted(callWords(u))}, ui.Text(desk.Talk(u.Event)), ui.Text(desk.SplitWords(u.Split)), desk.Minutes(u.Billed), desk.UsageStatus(u.Status, u.Late))
		t.Rows = append(t.Rows, ui.Row{URL: eventURL(u.ID), Quiet: u.Status == billing.VoidUsage, Cells: cells})
	}
	return t
}

func callWords(u app.UsageRow) string {
	words := u.Event.Source
	if u.Event.Direction != "" {
		words += " · " + lower(desk.Direction(u.Event.Direction))
	}
	return words
}

func pathEvent(v *desk.Visit) (app.UsageRow, error) {
	id, err := v.PathID("event")
	if err != nil {
		return app.UsageRow{}, err
	}
	return v.App.UsageEvent(v.R.Context(), v.Who, id)
}

func eventPage(v *desk.Visit) (ui.Page, error) {
	u, err := pathEvent(v)
	if err != nil {
		return ui.Page{}, err
	}
	page := ui.Page{Title: u.Event.Name(), Status: []ui.Badge{desk.UsageStatus(u.Status, u.Late)}, Crumbs: []ui.Link{{Text: "Usage events", URL: "/console/usage"}, {Text: u.ClientName, URL: clientURL(u.Client) + "/usage"}}}
	if u.Archived {
		page.Status = append(page.Status, ui.Badge{Tone: ui.Neutral, Text: "Archived", Why: "It can no longer be voided. Whoever runs the server can put its month back."})
	}
	if u.Status != billing.VoidUsage && !u.Archived {
		page.Actions = []ui.Piece{v.Careful(ui.Act{ID: "void", Label: "Void", Tone: ui.Bad, Title: "Void this " + strings.ToLower(string(u.Event.Kind)) + "?", Says: []string{
			"Its minutes return to the pools they came from. If that period is closed they come back as wallet credit, and a billed part as a credit line on the next Usage request.",
			"The event stays in the list. A void cannot be taken back.",
		}, Form: ui.Form{Action: eventURL(u.ID) + "/void", Submit: ui.Submit{Text: "Void", Tone: ui.Bad}, Fields: []ui.Piece{ui.Field{Name: "reason", Label: "Reason", Hint: "Such as: a dispute, a test call.", MaxLength: 500}}}})}
	}
	page.Body = []ui.Piece{ui.Card{Title: "Receipt", Body: []ui.Piece{receipt(u)}}, ui.Card{Title: "As it was reported", Body: []ui.Piece{eventFacts(v, u)}}}
	if len(u.Corrections) > 0 {
		page.Body = append(page.Body, ui.Card{Title: "Corrections", Body: []ui.Piece{corrections(v, u)}})
	}
	return page, nil
}

// receipt is the event in words, then pool by pool.
func receipt(u app.UsageRow) ui.Piece {
	r := ui.Receipt{Words: []string{desk.Receipt(u)}, Total: &ui.Charge{Name: "Billed", Value: desk.Minutes(u.Billed)}}
	for _, pool := range []struct {
		name, note string
		ms         billing.Millis
	}{{"Included", "", u.Split.Included}, {"Wallet", "", u.Split.Wallet}, {"Billable", "requested at the period's end", u.Split.Billable}, {"Uncovered", "never billed", u.Split.Uncovered}} {
		if pool.ms != 0 {
			r.Lines = append(r.Lines, ui.Charge{Name: pool.name, Note: pool.note, Value: desk.Minutes(pool.ms)})
		}
	}
	return r
}

func eventFacts(v *desk.Visit, u app.UsageRow) ui.Facts {
	e := u.Event
	facts := ui.Facts{{Name: "Client", Value: ui.Link{Text: u.ClientName, URL: clientURL(u.Client)}}, {Name: "Source", Value: ui.Text(e.Source)}, {Name: "Event id", Value: ui.Copy{Text: e.EventID}}, {Name: "Length", Value: ui.Text(desk.Talk(e))}}
	add := func(name, text string) {
		if text != "" {
			facts = append(facts, ui.Fact{Name: name, Value: ui.Text(text)})
		}
	}
	if !e.StartedAt.IsZero() {
		facts = append(facts, ui.Fact{Name: "Started", Value: v.At(e.StartedAt)})
	}
	facts = append(facts, ui.Fact{Name: "Ended", Value: v.At(e.EndedAt)}, ui.Fact{Name: "Recorded", Value: v.At(u.RecordedAt)})
	add("Recorded by", desk.Actor(u.Actor))
	add("Direction", desk.Direction(e.Direction))
	add("Campaign", e.CampaignID)
	add("Assistant", e.AssistantID)
	add("Number", e.PhoneNumber)
	if e.CostMicros != 0 {
		add("Provider's cost", billing.Rate(e.CostMicros).String()+" "+e.CostCurrency)
	}
	add("Metadata", e.Metadata)
	return facts
}

func corrections(v *desk.Visit, u app.UsageRow) ui.Timeline {
	var t ui.Timeline
	for _, c := range u.Corrections {
		m := ui.Moment{At: v.At(c.RecordedAt), Tone: ui.Info, Title: "Corrected to " + c.Talk.Spoken(), Who: desk.Actor(c.Actor), Why: c.Reason}
		if c.Void {
			m.Title = "Voided"
		}
		t = append(t, m)
	}
	return t
}

func voidEvent(v *desk.Visit) (desk.Done, error) {
	id, err := v.PathID("event")
	if err != nil {
		return desk.Done{}, err
	}
	return desk.Done{To: eventURL(id), Says: "Voided. Its minutes are returned."}, v.App.VoidUsage(v.R.Context(), v.Who, id, v.Text("reason"))
}

func clientUsagePage(v *desk.Visit) (ui.Page, error) {
	s, err := theClient(v)
	if err != nil {
		return ui.Page{}, err
	}
	list, err := v.App.UsageEvents(v.R.Context(), v.Who, app.UsageFilter{Client: s.ClientRow.ID, Status: billing.UsageStatus(asked(v, "status"))}, wanted(v))
	if err != nil {
		return ui.Page{}, err
	}
	days := v.LastDays(30)
	usage, err := v.App.UsageByDay(v.R.Context(), v.Who, s.ClientRow.ID, days[0], days[len(days)-1])
	if err != nil {
		return ui.Page{}, err
	}
	table := eventTable(v, "Calls", list, false)
	find := ui.Filter{Action: s.url("usage"), Hint: "Narrow this page", Clear: cleared(v, "status"), Selects: []ui.Select{eventState(v)}}
	return s.page("Usage",
		ui.Card{Title: "Minutes by day", Sub: "The last 30 days, by pool", Live: "days", Body: []ui.Piece{desk.Days("Minutes per day over the last 30 days, by pool", days, usage, ui.Empty{Icon: "usage", Title: "No calls in the last 30 days", Text: "Calls appear here as soon as they are reported."})}},
		ui.Card{Title: "Calls", Flush: true, Actions: []ui.Piece{narrowing(find, table), ui.Link{Text: "All filters", URL: "/console/usage?client=" + s.ClientRow.ID.String()}}, Body: []ui.Piece{table}},
		s.walletCard(),
	), nil
}

// walletCard is every movement of the wallet, newest first.
func (s *subject) walletCard() ui.Piece {
	table := ui.Table{
		Caption: "Movements of the wallet", Columns: []ui.Column{{Name: "When"}, {Name: "What"}, {Name: "By"}, {Name: "Minutes", Num: true}, {Name: "Balance", Num: true}},
		Empty: ui.Empty{Icon: "wallet", Title: "The wallet never moved", Text: "Packs and adjustments put minutes in, calls take them out."},
	}
	list, err := s.App.WalletEntries(s.R.Context(), s.Who, s.ClientRow.ID, app.Page{Size: 20})
	if err != nil {
		return ui.Card{Title: "Wallet", Body: []ui.Piece{ui.Muted("The movements cannot be read now.")}}
	}
	for _, e := range list.Items {
		what := ui.Piece(ui.Text(walletWords(e.Kind)))
		if e.Reason != "" {
			what = ui.Stack{Main: what, Sub: ui.Muted(e.Reason)}
		}
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Piece{s.At(e.At), what, ui.Text(desk.Actor(e.Actor)), desk.Minutes(e.Delta), desk.Minutes(e.Balance)}})
	}
	return ui.Card{Title: "Wallet", Sub: "The latest movements", Flush: true, Body: []ui.Piece{table}}
}

func walletWords(k billing.WalletKind) string {
	switch k {
	case billing.PackCredited:
		return "Pack credited"
	case billing.Clawback:
		return "Clawed back"
	case billing.ClawbackReturned:
		return "Claw-back returned"
	case billing.Adjustment:
		return "Adjusted"
	case billing.UsageDrawn:
		return "Used by a call"
	case billing.UsageReturned:
	}
	return "Returned by a void"
}
