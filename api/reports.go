package api

import (
	"context"
	"io"
	"net/http"

	"minutebook/app"
	"minutebook/billing"
)

// Span is which months a report is about.
type Span struct {
	From string `query:"from" pattern:"^[0-9]{4}-[0-9]{2}$" doc:"The first month, of the agency's calendar; eleven before the last if not given" example:"2027-01"`
	To   string `query:"to" pattern:"^[0-9]{4}-[0-9]{2}$" doc:"The last month; the present one if not given. At most 60" example:"2027-12"`
}

func (s Span) into(q *app.ReportQuery) (err error) {
	if s.From != "" {
		if q.From, err = billing.ParseMonth("from", s.From); err != nil {
			return err
		}
	}
	if s.To != "" {
		q.To, err = billing.ParseMonth("to", s.To)
	}
	return err
}

// PlanQuery narrows to one plan.
type PlanQuery struct {
	PlanID string `query:"plan_id" maxLength:"60" doc:"What belongs to subscriptions to this plan"`
}

func (p PlanQuery) into(q *app.ReportQuery) (err error) {
	q.Plan, err = ref(p.PlanID).id("plan_id")
	return err
}

// CurrencyQuery narrows to one currency.
type CurrencyQuery struct {
	Currency string `query:"currency" maxLength:"10"`
}

func (c ClientQuery) into(q *app.ReportQuery) (err error) {
	q.Client, err = c.client()
	return err
}

// The filters of the reports: each has those its figures know.
type (
	wholeQuery struct {
		Span
		ClientQuery
		PlanQuery
		CurrencyQuery
	}
	minutesQuery struct {
		Span
		ClientQuery
	}
	agingQuery struct {
		ClientQuery
		PlanQuery
		CurrencyQuery
	}
	plansQuery struct {
		Span
		PlanQuery
		CurrencyQuery
	}
	marginQuery struct {
		Span
		ClientQuery
		CurrencyQuery
	}
)

func (w wholeQuery) query() (q app.ReportQuery, err error) {
	q.Currency = w.Currency
	return q, firstError(w.Span.into(&q), w.ClientQuery.into(&q), w.PlanQuery.into(&q))
}

func (m minutesQuery) query() (q app.ReportQuery, err error) {
	return q, firstError(m.Span.into(&q), m.ClientQuery.into(&q))
}

func (a agingQuery) query() (q app.ReportQuery, err error) {
	q.Currency = a.Currency
	return q, firstError(a.ClientQuery.into(&q), a.PlanQuery.into(&q))
}

func (p plansQuery) query() (q app.ReportQuery, err error) {
	q.Currency = p.Currency
	return q, firstError(p.Span.into(&q), p.PlanQuery.into(&q))
}

func (m marginQuery) query() (q app.ReportQuery, err error) {
	q.Currency = m.Currency
	return q, firstError(m.Span.into(&q), m.ClientQuery.into(&q))
}

// ReportSpan is what every report says of itself.
type ReportSpan struct {
	From     string  `json:"from" doc:"The first month" example:"2027-01"`
	To       string  `json:"to" doc:"The last month"`
	Timezone string  `json:"timezone" doc:"Whose months they are: the agency's"`
	AsOf     instant `json:"as_of"`
}

func spanOf[T any](r app.Report[T]) ReportSpan {
	return ReportSpan{r.From.String(), r.To.String(), r.Zone, instant(r.AsOf)}
}

// month is a month, or none in a total.
func month(m billing.CalendarMonth) *string {
	if m == 0 {
		return nil
	}
	return new(m.String())
}

func every[R, T any](rows []R, out func(R) T) []T {
	all := make([]T, 0, len(rows))
	for _, row := range rows {
		all = append(all, out(row))
	}
	return all
}

type revenueOut struct {
	ReportSpan
	Data   []revenueRow `json:"data"`
	Totals []revenueRow `json:"totals" doc:"An entry a currency"`
}

type revenueRow struct {
	Month     *string     `json:"month"`
	PlanID    *billing.ID `json:"plan_id" doc:"Of the subscription; null for what belongs to none"`
	PlanName  *string     `json:"plan_name"`
	Currency  string      `json:"currency"`
	Issued    string      `json:"issued" doc:"All that was requested in the month; the next four are its parts"`
	Recurring string      `json:"recurring"`
	Usage     string      `json:"usage"`
	Packs     string      `json:"packs"`
	OneTime   string      `json:"one_time"`
	Voided    string      `json:"voided" doc:"Of what was requested, canceled since"`
	Paid      string      `json:"paid" doc:"Received in the month towards requests of whichever month, less reversals; negative where more was reversed"`
}

func revenueOf(r app.RevenueRow) revenueRow {
	f := r.Currency.Format
	return revenueRow{
		month(r.Month), orNull(r.Plan.ID), orNull(r.Plan.Name), r.Currency.Code, f(r.Issued), f(r.Recurring), f(r.Usage), f(r.Packs), f(r.OneTime), f(r.Voided), f(r.Paid),
	}
}

type minutesOut struct {
	ReportSpan
	Data               []minutesRow `json:"data"`
	Totals             []minutesRow `json:"totals"`
	WalletNowMS        int64        `json:"wallet_now_ms" doc:"In the wallets now"`
	MinutesWalletNow   string       `json:"minutes_wallet_now"`
	IncludedNowMS      int64        `json:"included_now_ms" doc:"Left of the included minutes of open periods"`
	MinutesIncludedNow string       `json:"minutes_included_now"`
}

type minutesRow struct {
	Month                  *string `json:"month"`
	PacksSoldMS            int64   `json:"packs_sold_ms" doc:"Of packs, less what was clawed back"`
	MinutesPacksSold       string  `json:"minutes_packs_sold"`
	IncludedGrantedMS      int64   `json:"included_granted_ms" doc:"Included minutes of periods that began in the month"`
	MinutesIncludedGranted string  `json:"minutes_included_granted"`
	IncludedUsedMS         int64   `json:"included_used_ms" doc:"Used in the month, by the day each call ended on in its client's zone"`
	MinutesIncludedUsed    string  `json:"minutes_included_used"`
	WalletUsedMS           int64   `json:"wallet_used_ms"`
	MinutesWalletUsed      string  `json:"minutes_wallet_used"`
	BillableUsedMS         int64   `json:"billable_used_ms"`
	MinutesBillableUsed    string  `json:"minutes_billable_used"`
	UncoveredMS            int64   `json:"uncovered_ms"`
	MinutesUncovered       string  `json:"minutes_uncovered"`
	UsedMS                 int64   `json:"used_ms" doc:"Of all four together"`
	MinutesUsed            string  `json:"minutes_used"`
	LeftOverMS             int64   `json:"left_over_ms" doc:"Included minutes of periods that closed in the month, which nobody used"`
	MinutesLeftOver        string  `json:"minutes_left_over"`
}

func minutesOf(r app.MinutesRow) minutesRow {
	return minutesRow{
		month(r.Month), int64(r.Packs), r.Packs.Minutes(), int64(r.Granted), r.Granted.Minutes(), int64(r.Included), r.Included.Minutes(), int64(r.Wallet), r.Wallet.Minutes(),
		int64(r.Billable), r.Billable.Minutes(), int64(r.Uncovered), r.Uncovered.Minutes(), int64(r.Used()), r.Used().Minutes(), int64(r.LeftOver), r.LeftOver.Minutes(),
	}
}

type overageOut struct {
	ReportSpan
	Data     []overageRow `json:"data"`
	Totals   []overageRow `json:"totals" doc:"An entry a currency"`
	Accruing []overageRow `json:"accruing" doc:"Of open periods: what would be requested if they ended now"`
}

type overageRow struct {
	Month           *string     `json:"month" doc:"In which the period closed"`
	ClientID        *billing.ID `json:"client_id"`
	ClientName      *string     `json:"client_name"`
	Currency        string      `json:"currency"`
	BillableMS      int64       `json:"billable_ms"`
	MinutesBillable string      `json:"minutes_billable"`
	Amount          string      `json:"amount" doc:"Requested for it and not canceled"`
}

func overageOf(r app.OverageRow) overageRow {
	return overageRow{month(r.Month), orNull(r.Client.ID), orNull(r.Client.Name), r.Currency.Code, int64(r.Billable), r.Billable.Minutes(), r.Currency.Format(r.Amount)}
}

type agingOut struct {
	AsOf   instant    `json:"as_of"`
	Data   []agingRow `json:"data" doc:"Who owes most first, currency by currency"`
	Totals []agingRow `json:"totals" doc:"An entry a currency"`
}

type agingRow struct {
	ClientID   *billing.ID `json:"client_id"`
	ClientName *string     `json:"client_name"`
	Currency   string      `json:"currency"`
	Requests   int64       `json:"requests" doc:"How many are open"`
	NotDue     string      `json:"not_due"`
	Days30     string      `json:"days_1_30" doc:"Due already, for less than 30 days"`
	Days60     string      `json:"days_31_60"`
	Days90     string      `json:"days_61_90"`
	Older      string      `json:"days_over_90"`
	Total      string      `json:"total"`
}

func agingOf(r app.AgingRow) agingRow {
	f := r.Currency.Format
	return agingRow{orNull(r.Client.ID), orNull(r.Client.Name), r.Currency.Code, r.Requests, f(r.NotDue), f(r.Days30), f(r.Days60), f(r.Days90), f(r.Older), f(r.Total)}
}

type recurringOut struct {
	ReportSpan
	Data   []recurringRow `json:"data"`
	Totals []recurringRow `json:"totals" doc:"Of the last month, or now; an entry a currency"`
}

type recurringRow struct {
	Month         *string     `json:"month" doc:"At whose end they ran; the present month: now"`
	PlanID        *billing.ID `json:"plan_id"`
	PlanName      *string     `json:"plan_name"`
	Currency      string      `json:"currency"`
	Subscriptions int64       `json:"subscriptions"`
	Amount        string      `json:"amount" doc:"Their recurring fees in an average month"`
}

func recurringOf(r app.RecurringRow) recurringRow {
	return recurringRow{month(r.Month), orNull(r.Plan.ID), orNull(r.Plan.Name), r.Currency.Code, r.Subscriptions, r.Currency.Format(r.Amount)}
}

type churnOut struct {
	ReportSpan
	Data   []churnRow `json:"data"`
	Totals []churnRow `json:"totals" doc:"Of all months together"`
}

type churnRow struct {
	Month      *string `json:"month"`
	AtStart    int64   `json:"at_start" doc:"Live subscriptions"`
	Started    int64   `json:"started"`
	Canceled   int64   `json:"canceled"`
	ChangedIn  int64   `json:"changed_in" doc:"Began in place of another of the same client: a plan change"`
	ChangedOut int64   `json:"changed_out" doc:"Ended by one"`
	AtEnd      int64   `json:"at_end"`
	Rate       *string `json:"churn_rate" doc:"Canceled, in percent of those at the start; null where there were none" example:"3.25"`
}

func churnOf(r app.ChurnRow) churnRow {
	return churnRow{month(r.Month), r.AtStart, r.Started, r.Canceled, r.ChangedIn, r.ChangedOut, r.AtEnd, orNull(r.Rate)}
}

type marginOut struct {
	ReportSpan
	Data   []marginRow `json:"data"`
	Totals []marginRow `json:"totals" doc:"An entry a currency"`
}

type marginRow struct {
	Month      *string     `json:"month"`
	ClientID   *billing.ID `json:"client_id"`
	ClientName *string     `json:"client_name"`
	Currency   string      `json:"currency"`
	Charged    string      `json:"charged" doc:"Requested in the month and not canceled"`
	Cost       string      `json:"cost" doc:"What providers took in that currency for the month's calls"`
	Margin     string      `json:"margin"`
	OtherCosts []amountOut `json:"other_costs" doc:"What providers took in currencies in which nothing was charged; never converted"`
}

func marginOf(r app.MarginRow) marginRow {
	f := r.Currency.Format
	others := every(r.Others, func(c billing.Credit) amountOut { return amountOut{c.Currency.Code, c.Currency.Format(c.Amount)} })
	return marginRow{month(r.Month), orNull(r.Client.ID), orNull(r.Client.Name), r.Currency.Code, f(r.Charged), f(r.Cost), f(r.Margin), others}
}

func (s *server) reports() {
	reportRoute(s, "revenue", "Revenue by month and plan", "What was requested and what was paid.", wholeQuery.query,
		func(ctx context.Context, who app.Actor, q app.ReportQuery) (revenueOut, error) {
			r, err := s.app.Revenue(ctx, who, q)
			return revenueOut{spanOf(r), every(r.Rows, revenueOf), every(r.Totals, revenueOf)}, err
		})
	reportRoute(s, "minutes", "Minutes sold, used and left over", "", minutesQuery.query,
		func(ctx context.Context, who app.Actor, q app.ReportQuery) (minutesOut, error) {
			r, err := s.app.MinutesSold(ctx, who, q)
			return minutesOut{
				spanOf(r.Report), every(r.Rows, minutesOf), every(r.Totals, minutesOf),
				int64(r.WalletNow), r.WalletNow.Minutes(), int64(r.IncludedNow), r.IncludedNow.Minutes(),
			}, err
		})
	reportRoute(s, "overage", "Overage by month and client", "Billable minutes of periods that closed, and the money requested for them.", wholeQuery.query,
		func(ctx context.Context, who app.Actor, q app.ReportQuery) (overageOut, error) {
			r, err := s.app.Overage(ctx, who, q)
			return overageOut{spanOf(r.Report), every(r.Rows, overageOf), every(r.Totals, overageOf), every(r.Accruing, overageOf)}, err
		})
	reportRoute(s, "aging", "Open money by age", "What each client owes now, by how long it has been due. A day is one of 24 hours.", agingQuery.query,
		func(ctx context.Context, who app.Actor, q app.ReportQuery) (agingOut, error) {
			r, err := s.app.Aging(ctx, who, q)
			return agingOut{instant(r.AsOf), every(r.Rows, agingOf), every(r.Totals, agingOf)}, err
		})
	reportRoute(s, "recurring-revenue", "Recurring revenue by month and plan", "Recurring fees of live subscriptions in an average month: a year is 12 months, 365 days, 52 weeks; rounded down once a subscription.", plansQuery.query,
		func(ctx context.Context, who app.Actor, q app.ReportQuery) (recurringOut, error) {
			r, err := s.app.RecurringRevenue(ctx, who, q)
			return recurringOut{spanOf(r), every(r.Rows, recurringOf), every(r.Totals, recurringOf)}, err
		})
	reportRoute(s, "churn", "Subscriptions begun and ended by month", "", plansQuery.query,
		func(ctx context.Context, who app.Actor, q app.ReportQuery) (churnOut, error) {
			r, err := s.app.Churn(ctx, who, q)
			return churnOut{spanOf(r), every(r.Rows, churnOf), every(r.Totals, churnOf)}, err
		})
	reportRoute(s, "margin", "Charges against providers' costs by month and client", "", marginQuery.query,
		func(ctx context.Context, who app.Actor, q app.ReportQuery) (marginOut, error) {
			r, err := s.app.Margin(ctx, who, q)
			return marginOut{spanOf(r), every(r.Rows, marginOf), every(r.Totals, marginOf)}, err
		})
}

// reportRoute registers a report, and the same as a file.
func reportRoute[I, O any](s *server, name, summary, more string, query func(I) (app.ReportQuery, error), do func(context.Context, app.Actor, app.ReportQuery) (O, error)) {
	w := words{summary: summary, tag: "Reports", scope: app.ScopeRead, more: more}
	route(s, http.MethodGet, "/reports/"+name, w, func(ctx context.Context, who app.Actor, in *I) (O, error) {
		q, err := query(*in)
		if err != nil {
			var none O
			return none, err
		}
		return do(ctx, who, q)
	})
	w.summary += ", as CSV"
	download(s, "/reports/"+name+".csv", w, func(who app.Actor, in *I) (file, error) {
		q, err := query(*in)
		return func(ctx context.Context, w io.Writer) error { return s.app.ExportReport(ctx, who, name, q, w) }, err
	})
}
