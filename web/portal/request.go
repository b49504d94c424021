package portal

import (
	"strconv"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

const pageSize = 20

func requestURL(id billing.ID) string { return "/portal/requests/" + id.String() }

// requestCard lists all charges.
func (w *view) requestCard() (ui.Piece, error) {
	list, err := w.App.Requests(w.R.Context(), w.Who, app.RequestFilter{}, w.wanted())
	if err != nil {
		return nil, err
	}
	table := ui.Table{Caption: w.T("requests.title"), Pager: w.pager(list.Total, "#requests"), Columns: []ui.Column{
		{Name: w.T("requests.number"), Slim: true}, {Name: w.T("requests.type")}, {Name: w.T("requests.due")}, {Name: w.T("requests.status")}, {Name: w.T("requests.amount"), Num: true},
	}, Empty: ui.Empty{Icon: "requests", Title: w.T("requests.none"), Text: w.T("requests.none.why")}}
	for _, r := range list.Items {
		table.Rows = append(table.Rows, ui.Row{URL: requestURL(r.ID), Quiet: r.Status == billing.Voided, Cells: []ui.Piece{
			ui.Text(r.Label()), w.requestType(r.Kind), w.dueAndPaid(r.Request), w.requestStatus(r.Request), w.amountOf(r.Request),
		}})
	}
	card := ui.Card{ID: "requests", Title: w.T("requests.title"), Flush: true, Live: "requests", Body: []ui.Piece{table}}
	if owed := w.account.Outstanding(); len(owed) > 0 {
		var sums ui.Line
		for _, unpaid := range owed {
			sums = append(sums, ui.Number{Text: w.Tongue.Sum(unpaid.Sum)})
		}
		card.Foot = ui.Between{Left: ui.Muted(w.T("requests.open")), Right: sums}
	}
	return card, nil
}

// wanted is the page of a list that the address asks for; nonsense is the first.
func (w *view) wanted() app.Page {
	n, err := strconv.Atoi(w.R.URL.Query().Get("page"))
	if err != nil || n < 1 || n > 1_000_000 {
		n = 1
	}
	return app.Page{Page: n, Size: pageSize}
}

// pager leads through a list and keeps its filter.
func (w *view) pager(total int64, anchor string) *ui.Pager {
	at := int64(w.wanted().Page)
	last := min(at*pageSize, total)
	if total <= pageSize {
		return nil
	}
	to := func(page int64) string {
		query := w.R.URL.Query()
		query.Set("page", strconv.FormatInt(page, 10))
		return w.R.URL.Path + "?" + query.Encode() + anchor
	}
	p := &ui.Pager{Text: w.T("list.part", "from", (at-1)*pageSize+1, "to", last, "of", total)}
	if at > 1 {
		p.Prev = to(at - 1)
	}
	if last < total {
		p.Next = to(at + 1)
	}
	return p
}

// requestType is what sort of charge it is.
func (w *view) requestType(k billing.RequestKind) ui.Piece {
	switch k {
	case billing.Recurring:
		return ui.Stack{Main: ui.Text(w.T("type.cycle")), Sub: ui.Muted(w.T("type.recurring"))}
	case billing.Usage:
		return ui.Stack{Main: ui.Text(w.T("type.cycle")), Sub: ui.Muted(w.T("type.usage"))}
	case billing.PackSale:
		return ui.Text(w.T("type.pack"))
	case billing.OneTime:
	}
	return ui.Text(w.T("type.one_time"))
}

// requestStatus is a payment request's status, with the sentence behind the word.
func (w *view) requestStatus(r billing.Request) ui.Badge {
	due := w.Tongue.Day(r.DueAt.In(w.Zone))
	switch r.Status {
	case billing.Paid:
		return ui.Badge{Tone: ui.Good, Text: w.T("request.paid"), Why: w.T("request.paid.why", "day", w.Tongue.Day(r.PaidAt.In(w.Zone)))}
	case billing.Overdue:
		return ui.Badge{Tone: ui.Warn, Text: w.T("request.overdue"), Why: w.T("request.overdue.why", "day", due)}
	case billing.Failed:
		return ui.Badge{Tone: ui.Bad, Text: w.T("request.failed"), Why: w.T("request.failed.why")}
	case billing.Voided:
		return ui.Badge{Tone: ui.Plain, Text: w.T("request.canceled"), Why: w.T("request.canceled.why")}
	case billing.Pending:
	}
	return ui.Badge{Tone: ui.Info, Text: w.T("request.pending"), Why: w.T("request.pending.why", "day", due)}
}

// dueAndPaid is when it is due, how long grace lasts, and when it was paid.
func (w *view) dueAndPaid(r billing.Request) ui.Piece {
	switch {
	case r.Status == billing.Paid:
		return ui.Line{w.On(r.PaidAt, w.T("due.paid"))}
	case r.Status == billing.Voided:
		return ui.Muted(w.T("due.void"))
	case !r.GraceEndsAt.IsZero():
		return ui.Stack{Main: w.On(r.DueAt, w.T("due.due")), Sub: w.On(r.GraceEndsAt, w.T("due.grace"))}
	}
	return ui.Line{w.On(r.DueAt, w.T("due.due"))}
}

// amountOf is a request's amount, and what is still open of one that is paid in part.
func (w *view) amountOf(r billing.Request) ui.Piece {
	amount := w.sum(r.Currency, r.Amount)
	if r.Open() && r.AmountPaid > 0 {
		return ui.Stack{Main: amount, Sub: ui.Muted(w.T("requests.left", "sum", w.spokenSum(r.Currency, r.Due())))}
	}
	return amount
}

// request reads the payment request of the address.
func (w *view) request() (app.RequestRow, error) {
	id, err := w.PathID("request")
	if err != nil {
		return app.RequestRow{}, err
	}
	return w.App.Request(w.R.Context(), w.Who, id)
}

// requestPage is one charge: what it is for, where it stands and how to pay it.
func requestPage(v *desk.Visit) (ui.Page, error) {
	w, err := look(v)
	if err != nil {
		return ui.Page{}, err
	}
	r, err := w.request()
	if err != nil {
		return ui.Page{}, err
	}
	facts := ui.Facts{{Name: w.T("requests.type"), Value: w.requestType(r.Kind)}, {Name: w.T("request.issued"), Value: w.On(r.IssuedAt)}}
	if !r.PeriodStart.IsZero() {
		facts = append(facts, ui.Fact{Name: w.T("plan.period"), Value: ui.Text(w.spokenPeriod(billing.Period{Start: r.PeriodStart, End: r.PeriodEnd}))})
	}
	facts = append(facts, ui.Fact{Name: w.T("requests.due"), Value: w.dueAndPaid(r.Request)})
	body := []ui.Piece{ui.Card{Body: []ui.Piece{facts}}, ui.Card{Title: w.T("request.lines"), Flush: true, Body: []ui.Piece{w.lines(r.Request)}}}
	if r.Open() {
		body = append([]ui.Piece{w.payCard(&r.Request)}, body...)
	}
	return ui.Page{
		Title: r.Label(), Sub: w.requestStatus(r.Request).Why, Status: []ui.Badge{w.requestStatus(r.Request)}, Crumbs: []ui.Link{{Text: w.T("portal.billing"), URL: "/portal#requests"}},
		Actions: []ui.Piece{ui.Button{Text: w.T("request.pdf"), URL: requestURL(r.ID) + "/pdf", Icon: "download"}}, Body: body,
	}, nil
}

// lines is the breakdown of a request, with what was paid of it.
func (w *view) lines(r billing.Request) ui.Table {
	t := ui.Table{Caption: w.T("request.lines.of", "number", r.Label()), Columns: []ui.Column{{Name: w.T("line.what")}, {Name: w.T("line.quantity"), Num: true}, {Name: w.T("line.price"), Num: true}, {Name: w.T("requests.amount"), Num: true}}}
	for _, line := range r.Lines {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Piece{
			ui.Text(w.Tongue.Say(r.Says(line))), ui.Text(w.quantity(line)), ui.Number{Text: w.Tongue.Number(line.UnitAmount)}, w.sum(r.Currency, line.Amount),
		}})
	}
	t.Foot = &ui.Row{Cells: []ui.Piece{ui.Text(w.T("line.total")), nil, nil, w.sum(r.Currency, r.Amount)}}
	if r.Open() && r.AmountPaid > 0 {
		t.Rows = append(t.Rows, ui.Row{Quiet: true, Cells: []ui.Piece{ui.Text(w.T("line.paid")), nil, nil, w.sum(r.Currency, -r.AmountPaid)}})
		t.Foot.Cells[0], t.Foot.Cells[3] = ui.Text(w.T("line.left")), w.sum(r.Currency, r.Due())
	}
	return t
}

// quantity is how many of what a line is about.
func (w *view) quantity(line billing.LineItem) string {
	if line.Unit == "minute" {
		return w.Tongue.Number(line.Quantity) + " " + w.T("unit.min")
	}
	return w.Tongue.Number(line.Quantity)
}
