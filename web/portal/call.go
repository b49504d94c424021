package portal

import (
	"time"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

// callsPage lists calls and chats with their minutes and a receipt in words, narrowed by the days they ended on.
func callsPage(v *desk.Visit) (ui.Page, error) {
	w, err := look(v)
	if err != nil {
		return ui.Page{}, err
	}
	filter, choice := w.callFilter()
	list, err := w.App.UsageEvents(v.R.Context(), v.Who, filter, w.wanted())
	if err != nil {
		return ui.Page{}, err
	}
	table := ui.Table{
		ID: "calls", Caption: w.T("calls.title"), Pager: w.pager(list.Total, ""), Columns: []ui.Column{{Name: w.T("calls.ended")}, {Name: w.T("calls.receipt")}, {Name: w.T("calls.billed"), Num: true}, {Name: w.T("calls.state"), Slim: true}},
		Empty: ui.Empty{Icon: "phone", Title: w.T("calls.none"), Text: w.T("calls.none.why")},
	}
	if list.Total > 0 { // there were some, where the list has ended already
		table.Empty = ui.Empty{Icon: "phone", Title: w.T("calls.archived"), Text: w.T("calls.archived.why")}
	}
	stated := false
	for _, u := range list.Items {
		state := w.callState(u)
		stated = stated || state != nil
		table.Rows = append(table.Rows, ui.Row{Quiet: u.Status == billing.VoidUsage, Cells: []ui.Piece{w.At(u.Event.EndedAt), ui.Text(w.receipt(u)), w.minutes(u.Billed), state}})
	}
	if !stated {
		table.Columns = table.Columns[:3] // there is nothing to say of any
	}
	return ui.Page{Title: w.T("calls.title"), Sub: w.T("calls.sub"), Body: []ui.Piece{choice, ui.Card{Flush: true, Live: "calls", Body: []ui.Piece{table}}}}, nil
}

// callFilter narrows the calls to a span of time, or to one call.
func (w *view) callFilter() (app.UsageFilter, ui.Piece) {
	query := w.R.URL.Query()
	f := app.UsageFilter{CallID: query.Get("q")}
	span := query.Get("span")
	switch span {
	case "period":
		f.From = w.account.Period.Start
	case "week":
		f.From = w.midnight(6)
	case "month":
		f.From = w.midnight(29)
	default:
		span = ""
	}
	options := []ui.Option{{Text: w.T("span.all")}, {Value: "week", Text: w.T("span.week")}, {Value: "month", Text: w.T("span.month")}}
	if w.account.Live() {
		options = append(options, ui.Option{Value: "period", Text: w.T("span.period")})
	}
	filter := ui.Filter{Action: "/portal/calls", Search: f.CallID, Hint: w.T("calls.search"), Selects: []ui.Select{{Field: ui.Field{Name: "span", Label: w.T("span.label"), Value: span, Optional: true}, Options: options}}}
	if span != "" || f.CallID != "" {
		filter.Clear = "/portal/calls"
	}
	return f, filter
}

// midnight is the first instant of the reader's day so many days ago.
func (w *view) midnight(ago int) time.Time {
	day := billing.AnchorAt(w.Now.AddDate(0, 0, -ago), w.Zone)
	day.Hour, day.Minute, day.Second = 0, 0, 0
	return billing.Schedule{Anchor: day, Interval: billing.Day, Count: 1, Zone: w.Zone}.Boundary(0)
}

// receipt tells a call in words: the same that the agency reads.
func (w *view) receipt(u app.UsageRow) string { return w.Tongue.Say(desk.ReceiptOf(u).Said()...) }

// callState is what became of a call, where there is something to say.
func (w *view) callState(u app.UsageRow) ui.Piece {
	switch {
	case u.Status == billing.VoidUsage:
		return ui.Badge{Tone: ui.Plain, Text: w.T("call.void"), Why: w.T("call.void.why")}
	case u.Status == billing.Unrated:
		return ui.Badge{Tone: ui.Neutral, Text: w.T("call.unrated"), Why: w.T("call.unrated.why")}
	case u.Late:
		return ui.Badge{Tone: ui.Info, Text: w.T("call.late"), Why: w.T("call.late.why")}
	}
	return nil
}
