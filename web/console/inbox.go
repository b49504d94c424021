package console

import (
	"bytes"
	"encoding/json"
	"errors"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

func inboxRoutes() []desk.Route {
	return []desk.Route{
		{Path: "/console/usage/unassigned", Show: unassignedPage},
		{Path: "/console/usage/unassigned/{event}/assign", Do: assignEvent, Again: unassignedPage},
		{Path: "/console/usage/rejected", Show: rejectedPage},
		{Path: "/console/usage/rejected/{event}", Show: rejectedEventPage},
		{Path: "/console/usage/rejected/{event}/replay", Do: replayEvent, Again: rejectedEventPage},
	}
}

func unassignedPage(v *desk.Visit) (ui.Page, error) {
	list, err := v.App.Unassigned(v.R.Context(), v.Who, wanted(v))
	if err != nil {
		return ui.Page{}, err
	}
	whose, err := choosing(v)
	if err != nil {
		return ui.Page{}, err
	}
	client, _, err := whose.field(ui.Field{Name: "client_id", Label: "Client"}, 0, "Choose a client")
	if err != nil {
		return ui.Page{}, err
	}
	tabs, err := usageTabs(v, "Unassigned")
	if err != nil {
		return ui.Page{}, err
	}
	table := ui.Table{
		Caption: "Calls without a client", Pager: pager(v, list.Total), Columns: []ui.Column{{Name: "Ended"}, {Name: "Call"}, {Name: "Length"}, {Name: "Named"}, {Name: "Assistant"}, {Name: "Number"}, {Slim: true}},
		Empty: ui.Empty{Icon: "check", Title: "Every call has its client", Text: "A call waits here when its report names no client you know and no mapping of its connection does."},
	}
	for _, u := range list.Items {
		r := u.Report
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Piece{v.At(r.EndedAt), ui.Stack{Main: ui.Text(r.Name()), Sub: ui.Muted(u.Source)}, ui.Text(desk.Talk(r.UsageEvent)), dash(u.ClientTag), dash(u.AssistantID), dash(u.PhoneNumber), assignEventAct(v, u, client)}})
	}
	return ui.Page{Title: "Usage events", Sub: "Calls whose client nobody named yet", Tabs: tabs, Body: []ui.Piece{ui.Card{Flush: true, Body: []ui.Piece{table}}}}, nil
}

func dash(text string) ui.Piece {
	if text == "" {
		return ui.Muted("–")
	}
	return ui.Text(text)
}

func assignEventAct(v *desk.Visit, u app.UnassignedEvent, client ui.Piece) ui.Piece {
	return v.Act(ui.Act{
		ID: "assign-" + u.ID.String(), Label: "Assign", Title: "Assign " + u.Report.Name(), Says: []string{"Meters the call for the client now, from its open period."},
		Form: ui.Form{Action: "/console/usage/unassigned/" + u.ID.String() + "/assign", Submit: ui.Submit{Text: "Assign"}, Fields: []ui.Piece{
			client, ui.Checkbox{Field: ui.Field{Name: "map", Label: "Remember the assistant, or the number, for this client"}},
		}},
	})
}

func assignEvent(v *desk.Visit) (desk.Done, error) {
	id, err := v.PathID("event")
	if err != nil {
		return desk.Done{}, err
	}
	client, err := chosen(v, "client_id")
	if err == nil && client == 0 {
		err = billing.InvalidField("client_id", "choose one")
	}
	if err != nil {
		return desk.Done{}, err
	}
	result, err := v.App.AssignUnassigned(v.R.Context(), v.Who, id, client, v.Ticked("map"))
	says := "The call is metered."
	if err == nil && result.Result == app.UsageRejected {
		says = "The call could not be metered; it stands in the rejected list."
	}
	return desk.Done{To: "/console/usage/unassigned", Says: says}, err
}

func rejectedPage(v *desk.Visit) (ui.Page, error) {
	list, err := v.App.Rejected(v.R.Context(), v.Who, wanted(v))
	if err != nil {
		return ui.Page{}, err
	}
	tabs, err := usageTabs(v, "Rejected")
	if err != nil {
		return ui.Page{}, err
	}
	table := ui.Table{
		Caption: "Rejected events", Pager: pager(v, list.Total), Columns: []ui.Column{{Name: "Event"}, {Name: "Why"}, {Name: "Reported"}, {Name: "By"}, {Name: "Tries", Num: true}},
		Empty: ui.Empty{Icon: "check", Title: "Nothing was rejected", Text: "An event that cannot have happened, or names no client you have, is kept here so that it can be corrected and replayed. No call is lost."},
	}
	for _, e := range list.Items {
		name := e.EventID
		if name == "" {
			name = "Without an event id"
		}
		table.Rows = append(table.Rows, ui.Row{URL: "/console/usage/rejected/" + e.ID.String(), Cells: []ui.Piece{ui.Stack{Main: ui.Text(name), Sub: ui.Muted(e.Source)}, ui.Text(whyRejected(e)), v.At(e.CreatedAt), ui.Text(desk.Actor(e.Actor)), ui.Number{Text: itoa(int(e.Tries))}}})
	}
	return ui.Page{Title: "Usage events", Sub: "Events that were refused", Tabs: tabs, Body: []ui.Piece{ui.Card{Flush: true, Body: []ui.Piece{table}}}}, nil
}

func whyRejected(e app.RejectedEvent) string {
	if e.Field == "" {
		return e.Reason
	}
	return e.Field + " " + e.Reason
}

func pathRejected(v *desk.Visit) (app.RejectedEvent, error) {
	id, err := v.PathID("event")
	if err != nil {
		return app.RejectedEvent{}, err
	}
	return v.App.RejectedEvent(v.R.Context(), v.Who, id)
}

func rejectedEventPage(v *desk.Visit) (ui.Page, error) {
	e, err := pathRejected(v)
	if err != nil {
		return ui.Page{}, err
	}
	var body bytes.Buffer
	if json.Indent(&body, []byte(e.Body), "", "  ") != nil {
		body.WriteString(e.Body)
	}
	title := e.EventID
	if title == "" {
		title = "Rejected event"
	}
	form := ui.Form{ID: "replay", Action: "/console/usage/rejected/" + e.ID.String() + "/replay", Cancel: "/console/usage/rejected", Submit: ui.Submit{Text: "Replay"}, Fields: []ui.Piece{
		ui.Textarea{Field: ui.Field{Name: "event", Label: "The event as JSON", Value: body.String(), Hint: "In the form of the API's usage event: source, event_id, client_id or client_external_id, ended_at, duration_ms."}, Rows: 16},
	}}
	return ui.Page{
		Title: title, Crumbs: []ui.Link{{Text: "Usage events", URL: "/console/usage"}, {Text: "Rejected", URL: "/console/usage/rejected"}},
		Banners: []ui.Banner{{Tone: ui.Warn, Title: "Refused", Text: whyRejected(e)}},
		Body:    []ui.Piece{ui.Card{Title: "Correct and replay", Sub: "It is metered as if it had been reported right the first time", Body: []ui.Piece{v.Form(form)}}},
	}, nil
}

func replayEvent(v *desk.Visit) (desk.Done, error) {
	id, err := v.PathID("event")
	if err != nil {
		return desk.Done{}, err
	}
	report, err := readEvent([]byte(v.Text("event")))
	if err != nil {
		return desk.Done{}, inEvent(err)
	}
	result, err := v.App.ReplayRejected(v.R.Context(), v.Who, id, report)
	switch {
	case err != nil:
		return desk.Done{}, inEvent(err)
	case result.Error != nil:
		return desk.Done{}, inEvent(result.Error)
	}
	return desk.Done{To: eventURL(result.ID), Says: "The event is metered."}, nil
}

// inEvent says what is wrong with the event beside the one field it was typed into.
func inEvent(err error) error {
	var refused *billing.Error
	if !errors.As(err, &refused) || refused.Kind == billing.NotFound && refused.Field == "" {
		return err
	}
	where := *refused
	if where.Field != "" && where.Field != "event" {
		where.Message = where.Field + " " + where.Message
	}
	where.Field = "event"
	return &where
}
