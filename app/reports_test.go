package app_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"reflect"
	"testing"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

var (
	eur     = billing.Currency{Code: "EUR", Digits: 2}
	quarter = app.ReportQuery{From: 202701, To: 202704}
)

// costly reports a call of a minute with what it cost in euros.
func (w *world) costly(ended string, micros int64) {
	w.Helper()
	w.events++
	w.report(app.UsageReport{ClientID: w.client, UsageEvent: billing.UsageEvent{
		Source: "test", EventID: fmt.Sprintf("e%d", w.events), Kind: billing.Call, EndedAt: w.time(ended), Talk: billing.Minute, CostMicros: micros, CostCurrency: "EUR",
	}})
}

// The books of one busy client, whose figures are computed by hand: see the story in busy.
func TestReportsOfASmallBook(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		w.busy()
		w.costly("2027-03-20T12:00:00Z", 505_000)
		w.costly("2027-04-20T00:00:00Z", 20_000)
		other := newWorld(t, db, "2027-01-01T00:00:00Z") // whose figures must not be among them
		other.started(0)
		client := app.Subject{ID: w.client, Name: "Bright Dental"}
		plans, err := w.a.Plans(w.ctx, w.who, "", app.Page{Size: 5})
		w.ok(err)
		growth := app.Subject{ID: plans.Items[0].ID, Name: "Growth"}

		revenue, err := w.a.Revenue(w.ctx, w.who, quarter)
		w.ok(err)
		w.are("revenue", revenue.Rows, []app.RevenueRow{
			{Month: 202701, Plan: growth, Currency: usd, Issued: 11400, Recurring: 9900, Packs: 1500, Paid: 9900},
			{Month: 202702, Plan: growth, Currency: usd, Issued: 10650, Recurring: 9900, Usage: 750, Voided: 10650, Paid: 700},
			{Month: 202703, Plan: growth, Currency: usd, Issued: 9925, Recurring: 9900, Usage: 25, Paid: -700},
		})
		w.are("total revenue", revenue.Totals, []app.RevenueRow{{Currency: usd, Issued: 31975, Recurring: 29700, Usage: 775, Packs: 1500, Voided: 10650, Paid: 9900}})
		w.are("picture", revenue.Pictures, []app.Picture{{Currency: usd, Layers: []string{"Recurring", "Usage", "Packs", "One-time"}, Bars: []app.PictureBar{
			{Name: "2027-01", Values: []int64{9900, 0, 1500, 0}, Total: 11400},
			{Name: "2027-02", Values: []int64{9900, 750, 0, 0}, Total: 10650},
			{Name: "2027-03", Values: []int64{9900, 25, 0, 0}, Total: 9925},
			{Name: "2027-04", Values: []int64{0, 0, 0, 0}},
		}}})

		minutes, err := w.a.MinutesSold(w.ctx, w.who, quarter)
		w.ok(err)
		const m = billing.Minute
		w.are("minutes", minutes.Rows, []app.MinutesRow{
			{Month: 202701, Packs: 60 * m, Granted: 300 * m, Included: 290 * m},
			{Month: 202702, Granted: 300 * m, Included: 300 * m, Wallet: 69 * m, Billable: 31 * m},
			{Month: 202703, Granted: 300 * m, Included: 11 * m},
			{Month: 202704, Included: m},
		})
		w.are("left now", []billing.Millis{minutes.WalletNow, minutes.IncludedNow}, []billing.Millis{0, 288 * m})

		overage, err := w.a.Overage(w.ctx, w.who, quarter)
		w.ok(err)
		w.are("overage", overage.Rows, []app.OverageRow{
			{Month: 202702, Client: client, Currency: usd, Billable: 30 * m}, // its request was canceled
			{Month: 202703, Client: client, Currency: usd, Billable: 31 * m, Amount: 25},
		})
		w.are("accruing", overage.Accruing, []app.OverageRow{})

		aging, err := w.a.Aging(w.ctx, w.who, app.ReportQuery{})
		w.ok(err)
		w.are("aging", aging.Rows, []app.AgingRow{{Client: client, Currency: usd, Requests: 3, Days30: 9925, Older: 1500, Total: 11425}})

		recurring, err := w.a.RecurringRevenue(w.ctx, w.who, app.ReportQuery{From: 202612, To: 202712})
		w.ok(err)
		var want []app.RecurringRow
		for month := billing.CalendarMonth(202701); month <= 202704; month++ { // not of months to come
			want = append(want, app.RecurringRow{Month: month, Plan: growth, Currency: usd, Subscriptions: 1, Amount: 9900})
		}
		w.are("recurring", recurring.Rows, want)
		w.are("recurring now", recurring.Totals, []app.RecurringRow{{Month: 202704, Currency: usd, Subscriptions: 1, Amount: 9900}})

		churn, err := w.a.Churn(w.ctx, w.who, app.ReportQuery{From: 202701, To: 202704})
		w.ok(err)
		w.are("churn", churn.Rows, []app.ChurnRow{
			{Month: 202701, Started: 1, AtEnd: 1},
			{Month: 202702, AtStart: 1, AtEnd: 1, Rate: "0.00"},
			{Month: 202703, AtStart: 1, ChangedIn: 1, ChangedOut: 1, AtEnd: 1, Rate: "0.00"},
			{Month: 202704, AtStart: 1, AtEnd: 1, Rate: "0.00"},
		})

		margin, err := w.a.Margin(w.ctx, w.who, quarter)
		w.ok(err)
		w.are("margin", margin.Rows, []app.MarginRow{
			{Month: 202701, Client: client, Currency: usd, Charged: 11400, Cost: 14, Margin: 11386},
			{Month: 202702, Client: client, Currency: usd, Cost: 7, Margin: -7},
			{Month: 202703, Client: client, Currency: usd, Charged: 9925, Cost: 7, Margin: 9918, Others: []billing.Credit{{Currency: eur, Amount: 51}}},
			{Month: 202704, Client: client, Currency: eur, Cost: 2, Margin: -2},
		})
	})
}

// are compares figures.
func (w *world) are(what string, got, want any) {
	w.Helper()
	if !reflect.DeepEqual(got, want) {
		w.Errorf("%s\n%+v, want\n%+v", what, got, want)
	}
}

// A second client with a yearly plan in yen, who leaves; a month is the agency's own; filters narrow.
func TestReportsOfSeveralPlansAndZones(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-31T16:00:00Z")
		_, err := w.a.UpdateSettings(w.ctx, w.who, app.SettingsPatch{Timezone: new("Asia/Tokyo")}) // where it is the first of February
		w.ok(err)
		w.started(0)
		first := w.client
		jpy, fee := billing.Currency{Code: "JPY"}, billing.Money(120_005)
		plan, err := w.a.CreatePlan(w.ctx, w.who, billing.Terms{Name: "Annual", Currency: jpy, RecurringFee: &fee, Interval: billing.Year, IntervalCount: 1, PaymentDueDays: 30, GraceDays: 90})
		w.ok(err)
		c, err := w.a.CreateClient(w.ctx, w.who, app.ClientSpec{Name: "=evil"})
		w.ok(err)
		w.ok(w.a.AssignPlan(w.ctx, w.who, c.ID, plan.ID))
		sub, err := w.a.Start(w.ctx, w.who, c.ID)
		w.ok(err)
		w.clock("2027-03-31T15:00:00Z") // the first of April there
		w.ok(w.a.Cancel(w.ctx, w.who, sub, billing.Cancellation{OpenRequests: billing.KeepOpen, Reason: "gone"}, false))
		span := app.ReportQuery{From: 202701, To: 202704, Currency: "JPY"}

		revenue, err := w.a.Revenue(w.ctx, w.who, span)
		w.ok(err)
		annual := app.Subject{ID: plan.ID, Name: "Annual"}
		w.are("revenue", revenue.Rows, []app.RevenueRow{{Month: 202702, Plan: annual, Currency: jpy, Issued: 120_005, Recurring: 120_005}})
		recurring, err := w.a.RecurringRevenue(w.ctx, w.who, app.ReportQuery{From: 202701, To: 202704, Plan: plan.ID})
		w.ok(err)
		w.are("recurring", recurring.Rows, []app.RecurringRow{
			{Month: 202702, Plan: annual, Currency: jpy, Subscriptions: 1, Amount: 10_000}, {Month: 202703, Plan: annual, Currency: jpy, Subscriptions: 1, Amount: 10_000},
		})
		churn, err := w.a.Churn(w.ctx, w.who, app.ReportQuery{From: 202703, To: 202704})
		w.ok(err)
		w.are("churn", churn.Rows, []app.ChurnRow{{Month: 202703, AtStart: 2, AtEnd: 2, Rate: "0.00"}, {Month: 202704, AtStart: 2, Canceled: 1, AtEnd: 1, Rate: "50.00"}})
		aging, err := w.a.Aging(w.ctx, w.who, app.ReportQuery{Client: c.ID})
		w.ok(err)
		// due on the third of March, 28 days and some hours ago
		w.are("aging", aging.Rows, []app.AgingRow{{Client: app.Subject{ID: c.ID, Name: "=evil"}, Currency: jpy, Requests: 1, Days30: 120_005, Total: 120_005}})
		overage, err := w.a.Overage(w.ctx, w.who, app.ReportQuery{Client: first})
		w.ok(err)
		w.are("overage", overage.Rows, []app.OverageRow{})

		var file bytes.Buffer
		w.ok(w.a.ExportReport(w.ctx, w.who, "aging", app.ReportQuery{Client: c.ID}, &file))
		want := "client_id,client_name,currency,requests,not_due,days_1_30,days_31_60,days_61_90,days_over_90,total\r\n" + c.ID.String() + ",'=evil,JPY,1,0,120005,0,0,0,120005\r\n"
		if file.String() != want {
			t.Errorf("aging.csv =\n%s, want\n%s", &file, want)
		}
	})
}

// What a report sums is the sum of the requests, payments and days it is made of, whatever happened.
func TestReportsSumWhatThereIs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		w.busy()
		w.started(0) // a second client
		w.use(350)
		w.clock("2027-05-31T00:00:00Z")
		w.client = 0
		var issued, voided, paid, open, usage billing.Money
		for _, r := range w.requests() {
			issued += r.Amount
			paid += r.AmountPaid
			switch {
			case r.Status == billing.Voided:
				voided += r.Amount
			case r.Open():
				open += r.Due()
			}
			if r.Kind == billing.Usage && r.Status != billing.Voided {
				usage += r.Amount
			}
		}
		all := app.ReportQuery{From: 202701, To: 202705}
		revenue, err := w.a.Revenue(w.ctx, w.who, all)
		w.ok(err)
		total := revenue.Totals[0]
		w.are("asked, voided, paid", []billing.Money{total.Issued, total.Voided, total.Paid}, []billing.Money{issued, voided, paid})
		w.are("kinds", total.Recurring+total.Usage+total.Packs+total.OneTime, issued)
		aging, err := w.a.Aging(w.ctx, w.who, all)
		w.ok(err)
		w.are("open", aging.Totals[0].Total, open)
		w.are("paid, open and voided", paid+open+voided, issued)
		overage, err := w.a.Overage(w.ctx, w.who, all)
		w.ok(err)
		w.are("overage", overage.Totals[0].Amount, usage)
		margin, err := w.a.Margin(w.ctx, w.who, all)
		w.ok(err)
		w.are("charged", margin.Totals[0].Charged, issued-voided)
		byMonth := map[billing.CalendarMonth]billing.Money{}
		for _, row := range revenue.Rows {
			byMonth[row.Month] += row.Issued - row.Voided
		}
		for _, row := range margin.Rows {
			byMonth[row.Month] -= row.Charged
		}
		for month, rest := range byMonth {
			w.are("charged in "+month.String()+", besides what was issued in it", rest, billing.Money(0))
		}
		days, err := w.a.UsageByDay(w.ctx, w.who, 0, 20270101, 20270531)
		w.ok(err)
		var split billing.Split
		for _, day := range days {
			split = split.Plus(day.Split)
		}
		minutes, err := w.a.MinutesSold(w.ctx, w.who, all)
		w.ok(err)
		sum := minutes.Totals[0]
		w.are("used", billing.Split{Included: sum.Included, Wallet: sum.Wallet, Billable: sum.Billable, Uncovered: sum.Uncovered}, split)
		outlook, err := w.a.Outlook(w.ctx, w.who, 0)
		w.ok(err)
		recurring, err := w.a.RecurringRevenue(w.ctx, w.who, all)
		w.ok(err)
		w.are("recurring now, as the home page says", recurring.Totals[0].Amount, outlook.Monthly[0].Amount)
		w.are("live", recurring.Totals[0].Subscriptions, outlook.Live)
	})
}

func TestReportsAreRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		for name, query := range map[string]app.ReportQuery{"from after to": {From: 202702, To: 202701}, "too many": {From: 202101, To: 202702}, "no currency": {Currency: "$"}} {
			for report := range app.Reports {
				if report == "minutes" && query.Currency != "" || report == "aging" && query.From != 0 {
					continue // it has no such filter
				}
				if _, err := app.Reports[report](w.a, w.ctx, w.who, query, 0); err == nil {
					t.Errorf("%s, %s: no refusal", report, name)
				}
			}
		}
		client := w.who
		client.Client, client.Kind = 1, app.ByPortal
		for report := range app.Reports {
			if _, err := app.Reports[report](w.a, w.ctx, client, app.ReportQuery{}, 0); err == nil {
				t.Errorf("a client sees the report %s", report)
			}
			var file bytes.Buffer
			w.ok(w.a.ExportReport(w.ctx, w.who, report, app.ReportQuery{}, &file))
			if records, err := csv.NewReader(&file).ReadAll(); err != nil || len(records) == 0 {
				t.Errorf("%s.csv of an empty agency: %v %v", report, records, err)
			}
		}
		if err := w.a.ExportReport(w.ctx, w.who, "nothing", app.ReportQuery{}, &bytes.Buffer{}); err == nil {
			t.Error("an unknown report is exported")
		}
	})
}
