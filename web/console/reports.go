package console

import (
	"context"
	"io"
	"net/url"
	"strconv"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/gate"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

// reportFace is how a report is shown. Its figures are the API's.
type reportFace struct {
	name, tab string
	title     string
	says      string
	unit      string   // of its pictures, if that is no currency
	classes   []string // of the layers of its pictures
	filters   []string // besides the months
	now       bool     // it has no months
	beside    string   // the title of what stands beside it
}

var reportFaces = []reportFace{
	{
		name: "revenue", tab: "Revenue", title: "Revenue by month and plan", classes: []string{"included", "billable", "wallet", "uncovered"}, filters: []string{"plan_id", "currency"},
		says: "What was requested in each month, and what was received in it. Voided is the part that was canceled since.",
	},
	{
		name: "minutes", tab: "Minutes", title: "Minutes sold, used and left over", unit: "min", classes: []string{"included", "wallet", "billable", "uncovered"}, beside: "Left now",
		says: "Packs count for the month they were sold in, included minutes for the month their period began in, calls for the day they ended on at the client's.",
	},
	{
		name: "overage", tab: "Overage", title: "Overage by month and client", classes: []string{"billable"}, filters: []string{"plan_id", "currency"}, beside: "Accruing now",
		says: "Billable minutes of periods that closed in each month, and the money requested for them.",
	},
	{
		name: "aging", tab: "Aging", title: "Open money by age", classes: []string{"warn"}, filters: []string{"plan_id", "currency"}, now: true,
		says: "What each client owes now, by how long it has been due.",
	},
	{
		name: "recurring-revenue", tab: "Recurring", title: "Recurring revenue", classes: []string{"included"}, filters: []string{"plan_id", "currency"},
		says: "Recurring fees of the subscriptions that were live at the end of each month, or are now, in an average month.",
	},
	{
		name: "churn", tab: "Churn", title: "Subscriptions begun and ended", unit: "begun or ended", classes: []string{"good", "bad"}, filters: []string{"plan_id", "currency"},
		says: "A plan change ends one subscription and begins another; it counts apart, not as churn.",
	},
	{
		name: "margin", tab: "Margin", title: "Margin by month and client", classes: []string{"billable", "good"}, filters: []string{"currency"},
		says: "What was charged against what voice providers took for the month's calls. Costs in other currencies stand beside, and are never converted.",
	},
}

func reportRoutes() []desk.Route {
	routes := []desk.Route{{Path: "/console/reports", Show: reportPage(reportFaces[0])}}
	for _, face := range reportFaces {
		routes = append(routes,
			desk.Route{Path: "/console/reports/" + face.name, Show: reportPage(face)},
			desk.Route{Path: "/console/exports/reports/" + face.name + ".csv", Download: reportFile(face.name)})
	}
	return routes
}

// reportQuery is what the URL asks of a report, in the words of the API.
func reportQuery(v *desk.Visit) (q app.ReportQuery, err error) {
	q.Currency = asked(v, "currency")
	for name, month := range map[string]*billing.CalendarMonth{"from": &q.From, "to": &q.To} {
		if text := asked(v, name); text != "" {
			if *month, err = billing.ParseMonth(name, text); err != nil {
				return q, err
			}
		}
	}
	for name, id := range map[string]*billing.ID{"client_id": &q.Client, "plan_id": &q.Plan} {
		if text := asked(v, name); text != "" {
			if *id, err = billing.ParseID(text); err != nil {
				return q, billing.InvalidField(name, "must be an id")
			}
		}
	}
	return q, nil
}

func reportFile(name string) func(*desk.Visit) gate.Download {
	return func(v *desk.Visit) gate.Download {
		return gate.Download{Name: name + ".csv", Write: func(ctx context.Context, w io.Writer) error {
			q, err := reportQuery(v)
			if err != nil {
				return err
			}
			return v.App.ExportReport(ctx, v.Who, name, q, w)
		}}
	}
}

func reportPage(face reportFace) func(*desk.Visit) (ui.Page, error) {
	return func(v *desk.Visit) (ui.Page, error) {
		q, err := reportQuery(v)
		if err != nil {
			return ui.Page{}, err
		}
		r, err := app.Reports[face.name](v.App, v.R.Context(), v.Who, q, mostReported)
		if err != nil {
			return ui.Page{}, err
		}
		find, err := face.filter(v, r)
		if err != nil {
			return ui.Page{}, err
		}
		page := ui.Page{Title: "Reports", Sub: face.title, Tabs: reportTabs(v, face), Body: []ui.Piece{find, ui.Muted(face.says)}}
		page.Actions = []ui.Piece{ui.Button{Text: "Download CSV", URL: withQuery("/console/exports/reports/"+face.name+".csv", v.R.URL.Query()), Icon: "download", Main: true}}
		for _, p := range r.Pictures {
			if chart := face.chart(p); !chart.Blank() {
				page.Body = append(page.Body, ui.Card{Title: chart.Label, Body: []ui.Piece{chart}})
			}
		}
		page.Body = append(page.Body, face.tables(r)...)
		return page, nil
	}
}

func withQuery(path string, query url.Values) string {
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// reportTabs lead to the other reports, of the same months.
func reportTabs(v *desk.Visit, current reportFace) *ui.Tabs {
	months := url.Values{}
	for _, name := range []string{"from", "to"} {
		if text := asked(v, name); text != "" {
			months.Set(name, text)
		}
	}
	tabs := &ui.Tabs{Label: "Reports"}
	for _, face := range reportFaces {
		tabs.Items = append(tabs.Items, ui.Tab{Text: face.tab, URL: withQuery("/console/reports/"+face.name, months), Current: face.name == current.name})
	}
	return tabs
}

// choosable is how many months a filter offers, up to the present one.
const choosable = 36

func (face reportFace) filter(v *desk.Visit, r app.ReportView) (ui.Filter, error) {
	f := ui.Filter{Action: "/console/reports/" + face.name, Bare: true, Hint: "Narrow the report", Clear: cleared(v, "from", "to", "currency", "plan_id", "client_id")}
	if !face.now {
		f.Selects = append(f.Selects, monthChoice(v, "from", "From", r.From), monthChoice(v, "to", "To", r.To))
	}
	for _, name := range face.filters {
		options, err := reportOptions(v, name, r)
		if err != nil {
			return f, err
		}
		if len(options.Options) > 2 || options.Value != "" { // else it would choose the only one there is
			f.Selects = append(f.Selects, options)
		}
	}
	if id := asked(v, "client_id"); id != "" {
		f.Hidden = []ui.Pair{{Name: "client_id", Value: id}}
	}
	return f, nil
}

func monthChoice(v *desk.Visit, name, label string, chosen billing.CalendarMonth) ui.Select {
	s := ui.Select{Field: ui.Field{Name: name, Label: label, Value: chosen.String(), Optional: true}}
	last := billing.MonthOf(v.Now.In(v.Zone))
	for _, m := range billing.Months(min(chosen, last.Plus(1-choosable)), max(chosen, last)) {
		s.Options = append(s.Options, ui.Option{Value: m.String(), Text: monthWords(m)})
	}
	return s
}

func monthWords(m billing.CalendarMonth) string { return m.First().Noon().Format("Jan 2006") }

// reportOptions are the plans, or the currencies of what is shown.
func reportOptions(v *desk.Visit, name string, r app.ReportView) (ui.Select, error) {
	if name == "plan_id" {
		s := choice(v, name, "Plan", ui.Option{Value: "", Text: "Any plan"})
		plans, err := v.App.Plans(v.R.Context(), v.Who, "", app.Page{Size: 100})
		for _, p := range plans.Items {
			s.Options = append(s.Options, ui.Option{Value: p.ID.String(), Text: p.Terms.Name})
		}
		return s, err
	}
	s := choice(v, name, "Currency", ui.Option{Value: "", Text: "Any currency"})
	seen := map[string]bool{}
	offer := func(code string) {
		if code != "" && !seen[code] {
			seen[code] = true
			s.Options = append(s.Options, ui.Option{Value: code, Text: code})
		}
	}
	offer(v.Agency.Currency)
	offer(asked(v, name))
	for _, p := range r.Pictures {
		offer(p.Currency.Code)
	}
	return s, nil
}

// chart draws a picture.
func (face reportFace) chart(p app.Picture) ui.Chart {
	c := ui.Chart{Label: face.title, Unit: face.unit}
	if p.Currency.Code != "" {
		c.Label, c.Unit = face.title+", "+p.Currency.Code, p.Currency.Code
	}
	for i, name := range p.Layers {
		c.Series = append(c.Series, ui.Series{Name: name, Class: face.classes[i]})
	}
	for _, b := range p.Bars {
		bar := ui.Bar{Name: b.Name, Full: b.Name, Total: face.figure(p, b.Total)}
		if m, err := billing.ParseMonth("", b.Name); err == nil {
			bar.Name, bar.Full = m.First().Noon().Format("Jan"), monthWords(m)
		}
		for _, n := range b.Values {
			bar.Values = append(bar.Values, ui.Value{N: n, Text: face.figure(p, n)})
		}
		c.Bars = append(c.Bars, bar)
	}
	return c
}

func (face reportFace) figure(p app.Picture, n int64) string {
	switch {
	case p.Currency.Code != "":
		return p.Currency.Format(billing.Money(n))
	case face.unit == "min":
		return billing.Millis(n).Minutes()
	}
	return strconv.FormatInt(n, 10)
}

// mostReported is how many rows of a report a page shows; the file has all.
const mostReported = 100

func (face reportFace) tables(r app.ReportView) []ui.Piece {
	table := sheetTable(face.title, r.Sheet)
	card := ui.Card{Title: "Figures", Flush: true, Body: []ui.Piece{table}}
	if r.Sheet.All > len(r.Sheet.Rows) {
		card.Sub = "The first " + strconv.Itoa(len(r.Sheet.Rows)) + " rows; the CSV has all " + ui.Whole(int64(r.Sheet.All))
	}
	cards := []ui.Piece{card}
	if len(r.Sheet.Totals) > 1 {
		totals := sheetTable("Totals", app.Sheet{Columns: r.Sheet.Columns})
		for _, row := range r.Sheet.Totals {
			totals.Rows = append(totals.Rows, sheetRow(r.Sheet.Columns, row, true))
		}
		cards = append([]ui.Piece{ui.Card{Title: "Totals", Sub: "By currency", Flush: true, Body: []ui.Piece{totals}}}, cards...)
	}
	if r.Beside != nil {
		cards = append(cards, besideCard(face.beside, *r.Beside))
	}
	return cards
}

// besideCard is what stands beside a report: a table, or the few figures of everybody together.
func besideCard(title string, s app.Sheet) ui.Piece {
	if s.All != 1 || s.Columns[0].Kind == app.SubjectCell {
		return ui.Card{Title: title, Flush: true, Body: []ui.Piece{sheetTable(title, s)}}
	}
	facts := ui.Facts{}
	for i, c := range s.Columns {
		facts = append(facts, ui.Fact{Name: columnWords[c.Name], Value: sheetCell(c, s.Rows[0][i])})
	}
	return ui.Card{Title: title, Body: []ui.Piece{facts}}
}

// columnWords name the columns of reports.
var columnWords = map[string]string{
	"month": "Month", "plan": "Plan", "client": "Client", "issued": "Requested", "recurring": "Recurring", "usage": "Usage", "packs": "Packs", "one_time": "One-time", "voided": "Voided", "paid": "Paid",
	"packs_sold": "Packs sold", "included_granted": "Included", "included_used": "Included used", "wallet_used": "Wallet used", "billable_used": "Billable", "uncovered": "Uncovered", "left_over": "Left over",
	"wallet_now": "In the wallets", "included_now": "Included minutes left", "billable": "Billable minutes", "amount": "Amount",
	"requests": "Requests", "not_due": "Not due", "days_1_30": "1–30 days", "days_31_60": "31–60 days", "days_61_90": "61–90 days", "days_over_90": "Over 90 days", "total": "Total",
	"subscriptions": "Subscriptions", "at_start": "At the start", "started": "Started", "canceled": "Canceled", "changed_in": "Changed to", "changed_out": "Changed from", "at_end": "At the end", "churn_rate": "Churn",
	"charged": "Charged", "cost": "Provider cost", "margin": "Margin", "other_costs": "Other costs",
}

func sheetTable(caption string, s app.Sheet) ui.Table {
	t := ui.Table{Caption: caption, Empty: ui.Empty{Icon: "reports", Title: "Nothing in these months", Text: "Figures appear here as clients start, call and pay."}}
	for _, c := range s.Columns {
		if c.Kind != app.CurrencyCell { // it stands with each amount
			t.Columns = append(t.Columns, ui.Column{Name: columnWords[c.Name], Num: c.Kind != app.MonthCell && c.Kind != app.SubjectCell})
		}
	}
	for _, row := range s.Rows {
		t.Rows = append(t.Rows, sheetRow(s.Columns, row, false))
	}
	if len(s.Totals) == 1 {
		foot := sheetRow(s.Columns, s.Totals[0], true)
		t.Foot = &foot
	}
	return t
}

func sheetRow(columns []app.SheetColumn, cells []any, total bool) (row ui.Row) {
	for i, c := range columns {
		switch {
		case c.Kind == app.CurrencyCell:
		case total && c.Kind == app.SubjectCell: // of all of them
			row.Cells = append(row.Cells, nil)
		default:
			row.Cells = append(row.Cells, sheetCell(c, cells[i]))
		}
	}
	if total {
		row.Cells[0] = ui.Text("Total")
	}
	return row
}

func sheetCell(c app.SheetColumn, value any) ui.Piece {
	switch v := value.(type) {
	case billing.CalendarMonth:
		if v != 0 {
			return ui.Text(monthWords(v))
		}
	case app.Subject:
		return subjectCell(c.Name, v)
	case billing.Credit:
		if v.Amount != 0 {
			return desk.Money(v.Currency, v.Amount)
		}
		return ui.Muted("–")
	case []billing.Credit:
		return desk.Amounts(v)
	case billing.Millis:
		if v != 0 {
			return desk.Minutes(v)
		}
		return ui.Muted("–")
	case int64:
		if v != 0 {
			return ui.Number{Text: strconv.FormatInt(v, 10)}
		}
		return ui.Muted("–")
	case string:
		if v != "" {
			return ui.Number{Text: v + " %"}
		}
		return ui.Muted("–")
	}
	return nil
}

func subjectCell(kind string, s app.Subject) ui.Piece {
	switch {
	case s.ID == 0 && kind == "plan":
		return ui.Muted("No plan")
	case s.ID == 0:
		return nil
	case kind == "plan":
		return ui.Link{Text: s.Name, URL: "/console/catalog/plans/" + s.ID.String()}
	}
	return ui.Link{Text: s.Name, URL: clientURL(s.ID)}
}
