package app

import (
	"context"
	"io"
	"slices"

	"minutebook/billing"
)

// Sheet is a report as a table: what a page shows and a file holds.
type Sheet struct {
	Columns []SheetColumn
	Rows    [][]any
	All     int     // how many rows there are, of which these are the first
	Totals  [][]any // a row a currency, where there are sums
}

// SheetColumn is a column of a sheet; all its cells are of one kind, or nil.
type SheetColumn struct {
	Name string // as the API names the field; of a client, a plan or minutes the part that its fields share
	Kind CellKind
}

// CellKind is what a cell holds.
type CellKind int

// The kinds of cells.
const (
	MonthCell    CellKind = iota // billing.CalendarMonth
	SubjectCell                  // Subject
	CurrencyCell                 // billing.Currency
	MoneyCell                    // billing.Credit
	AmountsCell                  // []billing.Credit
	MinutesCell                  // billing.Millis
	CountCell                    // int64
	PercentCell                  // string
)

// Picture is a report as bars, of one currency if its figures are money.
type Picture struct {
	Currency billing.Currency
	Layers   []string
	Bars     []PictureBar
}

// PictureBar has a value for each layer.
type PictureBar struct {
	Name   string
	Values []int64
	Total  int64
}

// layer is a series of a picture and where its figures come from.
type layer[T any] struct {
	name   string
	figure func(T) int64
}

// drawn sums rows into pictures: one a currency, a bar a month.
func drawn[T any](r *reporting, all []T, place func(T) (billing.CalendarMonth, billing.Currency), layers []layer[T]) (pictures []Picture) {
	for _, row := range all {
		month, currency := place(row)
		at := slices.IndexFunc(pictures, func(p Picture) bool { return p.Currency == currency })
		if at < 0 {
			at, pictures = len(pictures), append(pictures, blank(r.Months, currency, layers))
		}
		bar := &pictures[at].Bars[slices.Index(r.Months, month)]
		for i, l := range layers {
			bar.Values[i] = r.plus(bar.Values[i], l.figure(row))
			bar.Total = r.plus(bar.Total, l.figure(row))
		}
	}
	slices.SortStableFunc(pictures, func(a, b Picture) int { return byCode(a.Currency, b.Currency) })
	return pictures
}

func (r *reporting) plus(a, b int64) int64 {
	sum := billing.Money(a)
	r.add(&sum, billing.Money(b))
	return int64(sum)
}

func blank[T any](months []billing.CalendarMonth, c billing.Currency, layers []layer[T]) Picture {
	p := Picture{Currency: c}
	for _, l := range layers {
		p.Layers = append(p.Layers, l.name)
	}
	for _, m := range months {
		p.Bars = append(p.Bars, PictureBar{Name: m.String(), Values: make([]int64, len(layers))})
	}
	return p
}

// ReportView is any report as a page shows it.
type ReportView struct {
	From, To billing.CalendarMonth
	Zone     string
	Sheet    Sheet
	Beside   *Sheet // what stands beside it, as of now
	Pictures []Picture
}

// Reports are the reports by name, with at most so many of their rows; 0 is all.
var Reports = map[string]func(a *App, ctx context.Context, who Actor, q ReportQuery, most int) (ReportView, error){
	"revenue": func(a *App, ctx context.Context, who Actor, q ReportQuery, most int) (ReportView, error) {
		r, err := a.Revenue(ctx, who, q)
		return view(r, revenueSheet, most), err
	},
	"minutes": func(a *App, ctx context.Context, who Actor, q ReportQuery, most int) (ReportView, error) {
		r, err := a.MinutesSold(ctx, who, q)
		v := view(r.Report, minutesSheet, most)
		v.Beside = &Sheet{Columns: []SheetColumn{{"wallet_now", MinutesCell}, {"included_now", MinutesCell}}, Rows: [][]any{{r.WalletNow, r.IncludedNow}}, All: 1}
		return v, err
	},
	"overage": func(a *App, ctx context.Context, who Actor, q ReportQuery, most int) (ReportView, error) {
		r, err := a.Overage(ctx, who, q)
		v := view(r.Report, overageSheet, most)
		if len(r.Accruing) > 0 {
			beside := sheetOf(r.Accruing, overageSheet[1:], most)
			v.Beside = &beside
		}
		return v, err
	},
	"aging": func(a *App, ctx context.Context, who Actor, q ReportQuery, most int) (ReportView, error) {
		r, err := a.Aging(ctx, who, q)
		return view(r, agingSheet, most), err
	},
	"recurring-revenue": func(a *App, ctx context.Context, who Actor, q ReportQuery, most int) (ReportView, error) {
		r, err := a.RecurringRevenue(ctx, who, q)
		return view(r, recurringSheet, most), err
	},
	"churn": func(a *App, ctx context.Context, who Actor, q ReportQuery, most int) (ReportView, error) {
		r, err := a.Churn(ctx, who, q)
		return view(r, churnSheet, most), err
	},
	"margin": func(a *App, ctx context.Context, who Actor, q ReportQuery, most int) (ReportView, error) {
		r, err := a.Margin(ctx, who, q)
		return view(r, marginSheet, most), err
	},
}

// ExportReport writes a report as CSV.
func (a *App) ExportReport(ctx context.Context, who Actor, name string, query ReportQuery, w io.Writer) error {
	find, known := Reports[name]
	if !known {
		return notFound("report")
	}
	v, err := find(a, ctx, who, query, 0)
	if err != nil {
		return err
	}
	return v.Sheet.write(w)
}

// write writes the rows of a sheet, without the totals.
func (t Sheet) write(w io.Writer) error {
	s, names := &sheet{out: w}, []string{}
	for _, c := range t.Columns {
		switch c.Kind {
		case SubjectCell:
			names = append(names, c.Name+"_id", c.Name+"_name")
		case MinutesCell:
			names = append(names, "minutes_"+c.Name, c.Name+"_ms")
		default:
			names = append(names, c.Name)
		}
	}
	s.head(names)
	for _, row := range t.Rows {
		for _, value := range row {
			s.figure(value)
		}
		s.end()
	}
	return s.send()
}

// figure writes a cell of a report.
func (s *sheet) figure(value any) {
	switch v := value.(type) {
	case billing.CalendarMonth:
		s.cell(v.String())
	case Subject:
		s.cell(v.ID)
		s.cell(v.Name)
	case billing.Currency:
		s.cell(v.Code)
	case billing.Credit:
		s.cell(money(v.Currency, v.Amount))
	case []billing.Credit:
		s.cell(amountsJSON(v))
	case billing.Millis:
		s.cell(decimal(v.Minutes()))
		s.cell(v)
	case string:
		s.cell(decimal(v))
	default:
		s.cell(value)
	}
}

// reportColumn is a column of one kind of report.
type reportColumn[T any] struct {
	SheetColumn
	cell func(T) any
}

func view[T any](r Report[T], columns []reportColumn[T], most int) ReportView {
	v := ReportView{From: r.From, To: r.To, Zone: r.Zone, Pictures: r.Pictures, Sheet: sheetOf(r.Rows, columns, most)}
	v.Sheet.Totals = cellsOf(r.Totals, columns)
	return v
}

func sheetOf[T any](rows []T, columns []reportColumn[T], most int) Sheet {
	s := Sheet{Columns: plainColumns(columns), All: len(rows)}
	if most > 0 {
		rows = rows[:min(len(rows), most)]
	}
	s.Rows = cellsOf(rows, columns)
	return s
}

func plainColumns[T any](columns []reportColumn[T]) (plain []SheetColumn) {
	for _, c := range columns {
		plain = append(plain, c.SheetColumn)
	}
	return plain
}

func cellsOf[T any](rows []T, columns []reportColumn[T]) (cells [][]any) {
	for _, row := range rows {
		var line []any
		for _, c := range columns {
			line = append(line, c.cell(row))
		}
		cells = append(cells, line)
	}
	return cells
}

func credit(c billing.Currency, m billing.Money) billing.Credit {
	return billing.Credit{Currency: c, Amount: m}
}

var revenueSheet = []reportColumn[RevenueRow]{
	{SheetColumn{"month", MonthCell}, func(r RevenueRow) any { return r.Month }},
	{SheetColumn{"plan", SubjectCell}, func(r RevenueRow) any { return r.Plan }},
	{SheetColumn{"currency", CurrencyCell}, func(r RevenueRow) any { return r.Currency }},
	{SheetColumn{"issued", MoneyCell}, func(r RevenueRow) any { return credit(r.Currency, r.Issued) }},
	{SheetColumn{"recurring", MoneyCell}, func(r RevenueRow) any { return credit(r.Currency, r.Recurring) }},
	{SheetColumn{"usage", MoneyCell}, func(r RevenueRow) any { return credit(r.Currency, r.Usage) }},
	{SheetColumn{"packs", MoneyCell}, func(r RevenueRow) any { return credit(r.Currency, r.Packs) }},
	{SheetColumn{"one_time", MoneyCell}, func(r RevenueRow) any { return credit(r.Currency, r.OneTime) }},
	{SheetColumn{"voided", MoneyCell}, func(r RevenueRow) any { return credit(r.Currency, r.Voided) }},
	{SheetColumn{"paid", MoneyCell}, func(r RevenueRow) any { return credit(r.Currency, r.Paid) }},
}

var minutesSheet = []reportColumn[MinutesRow]{
	{SheetColumn{"month", MonthCell}, func(r MinutesRow) any { return r.Month }},
	{SheetColumn{"packs_sold", MinutesCell}, func(r MinutesRow) any { return r.Packs }},
	{SheetColumn{"included_granted", MinutesCell}, func(r MinutesRow) any { return r.Granted }},
	{SheetColumn{"included_used", MinutesCell}, func(r MinutesRow) any { return r.Included }},
	{SheetColumn{"wallet_used", MinutesCell}, func(r MinutesRow) any { return r.Wallet }},
	{SheetColumn{"billable_used", MinutesCell}, func(r MinutesRow) any { return r.Billable }},
	{SheetColumn{"uncovered", MinutesCell}, func(r MinutesRow) any { return r.Uncovered }},
	{SheetColumn{"left_over", MinutesCell}, func(r MinutesRow) any { return r.LeftOver }},
}

var overageSheet = []reportColumn[OverageRow]{
	{SheetColumn{"month", MonthCell}, func(r OverageRow) any { return r.Month }},
	{SheetColumn{"client", SubjectCell}, func(r OverageRow) any { return r.Client }},
	{SheetColumn{"currency", CurrencyCell}, func(r OverageRow) any { return r.Currency }},
	{SheetColumn{"billable", MinutesCell}, func(r OverageRow) any { return r.Billable }},
	{SheetColumn{"amount", MoneyCell}, func(r OverageRow) any { return credit(r.Currency, r.Amount) }},
}

var agingSheet = []reportColumn[AgingRow]{
	{SheetColumn{"client", SubjectCell}, func(r AgingRow) any { return r.Client }},
	{SheetColumn{"currency", CurrencyCell}, func(r AgingRow) any { return r.Currency }},
	{SheetColumn{"requests", CountCell}, func(r AgingRow) any { return r.Requests }},
	{SheetColumn{"not_due", MoneyCell}, func(r AgingRow) any { return credit(r.Currency, r.NotDue) }},
	{SheetColumn{"days_1_30", MoneyCell}, func(r AgingRow) any { return credit(r.Currency, r.Days30) }},
	{SheetColumn{"days_31_60", MoneyCell}, func(r AgingRow) any { return credit(r.Currency, r.Days60) }},
	{SheetColumn{"days_61_90", MoneyCell}, func(r AgingRow) any { return credit(r.Currency, r.Days90) }},
	{SheetColumn{"days_over_90", MoneyCell}, func(r AgingRow) any { return credit(r.Currency, r.Older) }},
	{SheetColumn{"total", MoneyCell}, func(r AgingRow) any { return credit(r.Currency, r.Total) }},
}

var recurringSheet = []reportColumn[RecurringRow]{
	{SheetColumn{"month", MonthCell}, func(r RecurringRow) any { return r.Month }},
	{SheetColumn{"plan", SubjectCell}, func(r RecurringRow) any { return r.Plan }},
	{SheetColumn{"currency", CurrencyCell}, func(r RecurringRow) any { return r.Currency }},
	{SheetColumn{"subscriptions", CountCell}, func(r RecurringRow) any { return r.Subscriptions }},
	{SheetColumn{"amount", MoneyCell}, func(r RecurringRow) any { return credit(r.Currency, r.Amount) }},
}

var churnSheet = []reportColumn[ChurnRow]{
	{SheetColumn{"month", MonthCell}, func(r ChurnRow) any { return r.Month }},
	{SheetColumn{"at_start", CountCell}, func(r ChurnRow) any { return r.AtStart }},
	{SheetColumn{"started", CountCell}, func(r ChurnRow) any { return r.Started }},
	{SheetColumn{"canceled", CountCell}, func(r ChurnRow) any { return r.Canceled }},
	{SheetColumn{"changed_in", CountCell}, func(r ChurnRow) any { return r.ChangedIn }},
	{SheetColumn{"changed_out", CountCell}, func(r ChurnRow) any { return r.ChangedOut }},
	{SheetColumn{"at_end", CountCell}, func(r ChurnRow) any { return r.AtEnd }},
	{SheetColumn{"churn_rate", PercentCell}, func(r ChurnRow) any { return r.Rate }},
}

var marginSheet = []reportColumn[MarginRow]{
	{SheetColumn{"month", MonthCell}, func(r MarginRow) any { return r.Month }},
	{SheetColumn{"client", SubjectCell}, func(r MarginRow) any { return r.Client }},
	{SheetColumn{"currency", CurrencyCell}, func(r MarginRow) any { return r.Currency }},
	{SheetColumn{"charged", MoneyCell}, func(r MarginRow) any { return credit(r.Currency, r.Charged) }},
	{SheetColumn{"cost", MoneyCell}, func(r MarginRow) any { return credit(r.Currency, r.Cost) }},
	{SheetColumn{"margin", MoneyCell}, func(r MarginRow) any { return credit(r.Currency, r.Margin) }},
	{SheetColumn{"other_costs", AmountsCell}, func(r MarginRow) any { return r.Others }},
}
