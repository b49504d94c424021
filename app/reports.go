package app

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"minutebook/billing"
	"minutebook/store"
)

// mostMonths bounds a report.
const mostMonths = 60

// ReportQuery is what a report is asked about; zero values leave it open. Without months it is the last twelve.
type ReportQuery struct {
	From, To billing.CalendarMonth
	Client   billing.ID
	Plan     billing.ID
	Currency string
}

// Report is figures by month, of the agency's own calendar. The rows are in order; totals are their sums, a row a currency.
type Report[T any] struct {
	From, To billing.CalendarMonth
	Zone     string
	AsOf     time.Time
	Rows     []T
	Totals   []T
	Pictures []Picture
}

// Subject is a client or a plan with its name; without an id it is none.
type Subject = store.Subject

// reporting is a report in the making: one look at the books.
type reporting struct {
	store.ReportFilter
	q     store.Q
	now   time.Time
	plans map[billing.ID]string
	names map[billing.ID]placed // of clients, where a report has rows of them
	g     Agency
	err   error // the first thing that could not be counted exactly
}

// placed is a client with its place among all of them, by name.
type placed struct {
	Subject
	place int
}

// nameClients reads what the clients are called, all at once: to look each one up costs more.
func (r *reporting) nameClients(ctx context.Context) error {
	all, err := store.NamesOfClients(ctx, r.q, r.Agency, r.Client)
	if err != nil {
		return err
	}
	type entry struct {
		lower string
		Subject
	}
	entries := make([]entry, len(all))
	for i, c := range all {
		entries[i] = entry{strings.ToLower(c.Name), c}
	}
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Or(cmp.Compare(a.lower, b.lower), cmp.Compare(a.ID, b.ID)) })
	r.names = make(map[billing.ID]placed, len(entries))
	for i, e := range entries {
		r.names[e.ID] = placed{e.Subject, i}
	}
	return nil
}

// report looks at the books as of one instant. Reports are the agency's own: its clients see none.
func report[T any](ctx context.Context, a *App, who Actor, query ReportQuery, fill func(context.Context, *reporting, *Report[T]) error) (out Report[T], err error) {
	if who.Client != 0 {
		return out, billing.Refuse(billing.Forbidden, "forbidden", "Reports are for the agency.", "")
	}
	err = a.DB.Snapshot(ctx, func(ctx context.Context, q store.Q) error {
		r, err := a.reporting(ctx, q, who, query)
		if err != nil {
			return err
		}
		out = Report[T]{From: r.Months[0], To: r.Months[len(r.Months)-1], Zone: r.g.Timezone, AsOf: r.now, Rows: []T{}, Totals: []T{}}
		if err := fill(ctx, r, &out); err != nil {
			return err
		}
		return r.err
	})
	return out, err
}

func (a *App) reporting(ctx context.Context, q store.Q, who Actor, query ReportQuery) (r *reporting, err error) {
	r = &reporting{q: q, ReportFilter: store.ReportFilter{Agency: who.Agency, Client: query.Client, Plan: query.Plan, Currency: query.Currency}}
	if r.g, err = a.Settings(ctx, who); err != nil {
		return r, err
	}
	if r.Zone, err = billing.LoadZone("timezone", r.g.Timezone); err != nil {
		return r, err
	}
	if r.now, err = a.Now(ctx, who.Agency); err != nil {
		return r, err
	}
	if query.Currency != "" {
		if err := billing.CheckCurrencyCode("currency", query.Currency); err != nil {
			return r, err
		}
	}
	if r.Months, err = asked(query, billing.MonthOf(r.now.In(r.Zone))); err != nil {
		return r, err
	}
	r.plans, err = store.NamesOfPlans(ctx, q, who.Agency)
	return r, err
}

// asked are the months of a report: the last twelve, unless others are named.
func asked(query ReportQuery, current billing.CalendarMonth) ([]billing.CalendarMonth, error) {
	from, to := query.From, query.To
	if to == 0 {
		to = max(current, from)
	}
	if from == 0 {
		from = to.Plus(-11)
	}
	switch months := billing.Months(from, min(to, from.Plus(mostMonths))); {
	case from > to:
		return nil, billing.InvalidField("from", "must not be after to")
	case len(months) > mostMonths:
		return nil, billing.InvalidField("to", "must be at most %d months from the first", mostMonths)
	default:
		return months, nil
	}
}

// add adds an amount to a sum.
func (r *reporting) add(sum *billing.Money, amount billing.Money) {
	total, err := sum.Add(amount)
	if err != nil && r.err == nil {
		r.err = err
	}
	*sum = total
}

func (r *reporting) plan(id billing.ID) Subject { return Subject{ID: id, Name: r.plans[id]} }

// wants says whether a currency is asked for, where the database did not look.
func (r *reporting) wants(c billing.Currency) bool { return r.Currency == "" || r.Currency == c.Code }

// gathered collects rows by what tells them apart.
type gathered[K comparable, T any] struct {
	at  map[K]*T
	all []*T
}

func (s *gathered[K, T]) of(key K, fresh T) *T {
	if s.at == nil {
		s.at = map[K]*T{}
	}
	row := s.at[key]
	if row == nil {
		row = &fresh
		s.at[key], s.all = row, append(s.all, row)
	}
	return row
}

func (s *gathered[K, T]) sorted(order func(a, b *T) int) []T {
	slices.SortStableFunc(s.all, order)
	out := make([]T, len(s.all))
	for i, row := range s.all {
		out[i] = *row
	}
	return out
}

// inOrder puts rows into order by a place of each below n; those of one place stay as they are.
func inOrder[T any](rows []T, n int, place func(*T) int) []T {
	ends := make([]int, n+1)
	for i := range rows {
		ends[place(&rows[i])+1]++
	}
	for i := range n {
		ends[i+1] += ends[i]
	}
	out := make([]T, len(rows))
	for i := range rows {
		at := &ends[place(&rows[i])]
		out[*at] = rows[i]
		*at++
	}
	return out
}

// byMonthAndClient puts rows into order by month, then by the client's name; those of one client and month stay as they are.
func byMonthAndClient[T any](r *reporting, rows []T, of func(*T) (billing.CalendarMonth, Subject)) []T {
	rows = inOrder(rows, len(r.names), func(row *T) int {
		_, client := of(row)
		return r.names[client.ID].place
	})
	return inOrder(rows, len(r.Months), func(row *T) int {
		month, _ := of(row)
		return slices.Index(r.Months, month)
	})
}

// byName orders by name, without minding case, then by age.
func byName(a, b Subject) int {
	return cmp.Or(cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.ID, b.ID))
}

func byCode(a, b billing.Currency) int {
	return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Digits, b.Digits))
}

// RevenueRow is what was requested and paid in a month, on subscriptions to one plan.
type RevenueRow struct {
	Month     billing.CalendarMonth
	Plan      Subject
	Currency  billing.Currency
	Issued    billing.Money // all that was requested; of that:
	Recurring billing.Money
	Usage     billing.Money
	Packs     billing.Money
	OneTime   billing.Money
	Voided    billing.Money // canceled since
	Paid      billing.Money // received in the month, towards whichever request
}

type planMonth struct {
	month    billing.CalendarMonth
	plan     billing.ID
	currency billing.Currency
}

// Revenue is what was requested and what was paid, by month, plan and currency.
func (a *App) Revenue(ctx context.Context, who Actor, query ReportQuery) (Report[RevenueRow], error) {
	return report(ctx, a, who, query, func(ctx context.Context, r *reporting, out *Report[RevenueRow]) error {
		issued, err := store.Issued(ctx, r.q, r.ReportFilter)
		if err != nil {
			return err
		}
		paid, err := store.PaidByMonth(ctx, r.q, r.ReportFilter)
		if err != nil {
			return err
		}
		var all gathered[planMonth, RevenueRow]
		row := func(month billing.CalendarMonth, plan billing.ID, c billing.Currency) *RevenueRow {
			return all.of(planMonth{month, plan, c}, RevenueRow{Month: month, Plan: r.plan(plan), Currency: c})
		}
		for _, i := range issued {
			to := row(i.Month, i.Plan, i.Currency)
			r.add(&to.Issued, i.Amount)
			r.add(to.of(i.Kind), i.Amount)
			r.add(&to.Voided, i.Voided)
		}
		for _, p := range paid {
			r.add(&row(p.Month, p.Plan, p.Currency).Paid, p.Amount)
		}
		out.Rows = all.sorted(func(a, b *RevenueRow) int {
			return cmp.Or(cmp.Compare(a.Month, b.Month), byName(a.Plan, b.Plan), byCode(a.Currency, b.Currency))
		})
		var totals gathered[billing.Currency, RevenueRow]
		for _, row := range out.Rows {
			totals.of(row.Currency, RevenueRow{Currency: row.Currency}).plus(r, row)
		}
		out.Totals = totals.sorted(func(a, b *RevenueRow) int { return byCode(a.Currency, b.Currency) })
		out.Pictures = drawn(r, out.Rows, func(row RevenueRow) (billing.CalendarMonth, billing.Currency) { return row.Month, row.Currency }, []layer[RevenueRow]{
			{"Recurring", func(row RevenueRow) int64 { return int64(row.Recurring) }},
			{"Usage", func(row RevenueRow) int64 { return int64(row.Usage) }},
			{"Packs", func(row RevenueRow) int64 { return int64(row.Packs) }},
			{"One-time", func(row RevenueRow) int64 { return int64(row.OneTime) }},
		})
		return nil
	})
}

// of is the figure for a kind of request.
func (row *RevenueRow) of(k billing.RequestKind) *billing.Money {
	switch k {
	case billing.Recurring:
		return &row.Recurring
	case billing.Usage:
		return &row.Usage
	case billing.PackSale:
		return &row.Packs
	case billing.OneTime:
	}
	return &row.OneTime
}

func (row *RevenueRow) plus(r *reporting, o RevenueRow) {
	r.add(&row.Issued, o.Issued)
	r.add(&row.Recurring, o.Recurring)
	r.add(&row.Usage, o.Usage)
	r.add(&row.Packs, o.Packs)
	r.add(&row.OneTime, o.OneTime)
	r.add(&row.Voided, o.Voided)
	r.add(&row.Paid, o.Paid)
}

// MinutesRow is what was sold and used in a month.
type MinutesRow struct {
	Month     billing.CalendarMonth // 0 in the totals
	Packs     billing.Millis        // sold, less what was clawed back
	Granted   billing.Millis        // included minutes of periods that began
	Included  billing.Millis        // used, of each pool
	Wallet    billing.Millis
	Billable  billing.Millis
	Uncovered billing.Millis
	LeftOver  billing.Millis // included minutes of periods that closed, which nobody used
}

// Used is what was used in the month, of all pools together.
func (r MinutesRow) Used() billing.Millis {
	return billing.Split{Included: r.Included, Wallet: r.Wallet, Billable: r.Billable, Uncovered: r.Uncovered}.Total()
}

// MinutesReport is minutes by month, and what is left now.
type MinutesReport struct {
	Report[MinutesRow]
	WalletNow   billing.Millis // in the wallets
	IncludedNow billing.Millis // left of the open periods
}

// MinutesSold is minutes sold, used and left over, by month. A call counts for the month of the day it ended on by its
// client's calendar.
func (a *App) MinutesSold(ctx context.Context, who Actor, query ReportQuery) (out MinutesReport, err error) {
	query.Plan, query.Currency = 0, "" // minutes are not kept by plan
	out.Report, err = report(ctx, a, who, query, func(ctx context.Context, r *reporting, rep *Report[MinutesRow]) error {
		rep.Rows, err = r.minutes(ctx)
		if err != nil {
			return err
		}
		var total MinutesRow
		for _, row := range rep.Rows {
			total.plus(row)
		}
		rep.Totals = []MinutesRow{total}
		rep.Pictures = drawn(r, rep.Rows, func(row MinutesRow) (billing.CalendarMonth, billing.Currency) { return row.Month, billing.Currency{} }, []layer[MinutesRow]{
			{"Included", func(row MinutesRow) int64 { return int64(row.Included) }},
			{"Wallet", func(row MinutesRow) int64 { return int64(row.Wallet) }},
			{"Billable", func(row MinutesRow) int64 { return int64(row.Billable) }},
			{"Uncovered", func(row MinutesRow) int64 { return int64(row.Uncovered) }},
		})
		if out.WalletNow, err = store.WalletTotal(ctx, r.q, r.Agency, r.Client); err != nil {
			return err
		}
		out.IncludedNow, err = store.IncludedLeft(ctx, r.q, r.Agency, r.Client)
		return err
	})
	return out, err
}

func (r *reporting) minutes(ctx context.Context) ([]MinutesRow, error) {
	all := make([]MinutesRow, len(r.Months))
	at := map[billing.CalendarMonth]*MinutesRow{}
	for i, m := range r.Months {
		all[i].Month, at[m] = m, &all[i]
	}
	packs, err := store.PackMinutes(ctx, r.q, r.ReportFilter)
	for _, p := range packs {
		at[p.Month].Packs = p.Time
	}
	if err != nil {
		return nil, err
	}
	opened, err := store.OpenedPeriods(ctx, r.q, r.ReportFilter)
	for _, p := range opened {
		at[p.Month].Granted += r.included(p.Terms, p.Periods)
	}
	if err != nil {
		return nil, err
	}
	closed, err := store.ClosedPeriods(ctx, r.q, r.ReportFilter)
	for _, p := range closed {
		at[p.Month].LeftOver += r.included(p.Terms, p.Periods) - p.Used
	}
	if err != nil {
		return nil, err
	}
	used, err := store.UsageByMonth(ctx, r.q, r.ReportFilter)
	for _, u := range used {
		row := at[u.Month]
		row.Included, row.Wallet, row.Billable, row.Uncovered = u.Split.Included, u.Split.Wallet, u.Split.Billable, u.Split.Uncovered
	}
	return all, err
}

// included are the included minutes of some periods on the same terms.
func (r *reporting) included(t billing.Terms, periods int64) billing.Millis {
	product, err := t.Included.Times(periods)
	if err != nil && r.err == nil {
		r.err = err
	}
	return product
}

func (row *MinutesRow) plus(o MinutesRow) {
	row.Packs += o.Packs
	row.Granted += o.Granted
	row.Included += o.Included
	row.Wallet += o.Wallet
	row.Billable += o.Billable
	row.Uncovered += o.Uncovered
	row.LeftOver += o.LeftOver
}

// OverageRow is what a client used beyond its minutes, of periods that closed in a month, and what was requested for it.
// Client and month are none in the totals.
type OverageRow struct {
	Month    billing.CalendarMonth
	Client   Subject
	Currency billing.Currency
	Billable billing.Millis
	Amount   billing.Money
}

// OverageReport is overage by month, and what has come up since in periods that are open.
type OverageReport struct {
	Report[OverageRow]
	Accruing []OverageRow // a row a client: what would be requested if its period ended now
}

type clientMonth struct {
	month    billing.CalendarMonth
	client   billing.ID
	currency billing.Currency
}

// Overage is billable minutes and money, by month, client and currency.
func (a *App) Overage(ctx context.Context, who Actor, query ReportQuery) (out OverageReport, err error) {
	out.Report, err = report(ctx, a, who, query, func(ctx context.Context, r *reporting, rep *Report[OverageRow]) error {
		closed, err := store.Overage(ctx, r.q, r.ReportFilter)
		if err != nil {
			return err
		}
		if err := r.nameClients(ctx); err != nil {
			return err
		}
		var all gathered[clientMonth, OverageRow]
		for _, o := range closed {
			if !r.wants(o.Terms.Currency) {
				continue
			}
			row := all.of(clientMonth{o.Month, o.Client, o.Terms.Currency}, OverageRow{Month: o.Month, Client: r.names[o.Client].Subject, Currency: o.Terms.Currency})
			row.Billable += o.Billable
			r.add(&row.Amount, o.Amount)
		}
		rows := all.sorted(func(a, b *OverageRow) int { return byCode(a.Currency, b.Currency) })
		rep.Rows = byMonthAndClient(r, rows, func(row *OverageRow) (billing.CalendarMonth, Subject) { return row.Month, row.Client })
		var totals gathered[billing.Currency, OverageRow]
		for _, row := range rep.Rows {
			total := totals.of(row.Currency, OverageRow{Currency: row.Currency})
			total.Billable += row.Billable
			r.add(&total.Amount, row.Amount)
		}
		rep.Totals = totals.sorted(func(a, b *OverageRow) int { return byCode(a.Currency, b.Currency) })
		rep.Pictures = drawn(r, rep.Rows, func(row OverageRow) (billing.CalendarMonth, billing.Currency) { return row.Month, row.Currency }, []layer[OverageRow]{
			{"Overage", func(row OverageRow) int64 { return int64(row.Amount) }},
		})
		out.Accruing, err = r.accruing(ctx)
		return err
	})
	return out, err
}

// accruing is the overage of open periods.
func (r *reporting) accruing(ctx context.Context) ([]OverageRow, error) {
	running, err := store.AccruingClients(ctx, r.q, r.Agency)
	rows := []OverageRow{}
	for _, c := range running {
		if c.Terms.Rate == nil || !r.wants(c.Terms.Currency) || r.Client != 0 && r.Client != c.Client || r.Plan != 0 && r.Plan != c.Plan {
			continue
		}
		amount, err := billing.Charge(c.Used.Billable, *c.Terms.Rate, c.Terms.Currency)
		if err != nil {
			return nil, err
		}
		rows = append(rows, OverageRow{Client: r.names[c.Client].Subject, Currency: c.Terms.Currency, Billable: c.Used.Billable, Amount: amount})
	}
	return inOrder(rows, len(r.names), func(row *OverageRow) int { return r.names[row.Client.ID].place }), err
}

// AgingRow is what a client owes in one currency now, by how long it has been due. Client is none in the totals.
type AgingRow struct {
	Client   Subject
	Currency billing.Currency
	Requests int64
	NotDue   billing.Money
	Days30   billing.Money
	Days60   billing.Money
	Days90   billing.Money
	Older    billing.Money
	Total    billing.Money
}

// Aging is what is open now, by client, currency and age.
func (a *App) Aging(ctx context.Context, who Actor, query ReportQuery) (Report[AgingRow], error) {
	query.From, query.To = 0, 0
	return report(ctx, a, who, query, func(ctx context.Context, r *reporting, out *Report[AgingRow]) error {
		if err := r.nameClients(ctx); err != nil {
			return err
		}
		type account struct {
			client   billing.ID
			currency billing.Currency
		}
		var all gathered[account, AgingRow]
		bounds := billing.AgeBounds(r.now)
		err := store.EachOpen(ctx, r.q, r.ReportFilter, func(o store.OpenRow) {
			row := all.of(account{o.Client, o.Currency}, AgingRow{Client: r.names[o.Client].Subject, Currency: o.Currency})
			row.Requests++
			r.add(row.of(o.DueAt, bounds), o.Amount)
			r.add(&row.Total, o.Amount)
		})
		if err != nil {
			return err
		}
		out.Rows = all.sorted(func(a, b *AgingRow) int {
			return cmp.Or(byCode(a.Currency, b.Currency), cmp.Compare(b.Total, a.Total), cmp.Compare(r.names[a.Client.ID].place, r.names[b.Client.ID].place))
		})
		var totals gathered[billing.Currency, AgingRow]
		for _, row := range out.Rows {
			totals.of(row.Currency, AgingRow{Currency: row.Currency}).plus(r, row)
		}
		out.Totals = totals.sorted(func(a, b *AgingRow) int { return byCode(a.Currency, b.Currency) })
		for _, t := range out.Totals {
			out.Pictures = append(out.Pictures, t.picture())
		}
		return nil
	})
}

// of is the sum of those of the age of what was due then.
func (row *AgingRow) of(due time.Time, bounds [4]time.Time) *billing.Money {
	for i, sum := range []*billing.Money{&row.NotDue, &row.Days30, &row.Days60, &row.Days90} {
		if due.After(bounds[i]) {
			return sum
		}
	}
	return &row.Older
}

func (row *AgingRow) plus(r *reporting, o AgingRow) {
	row.Requests += o.Requests
	r.add(&row.NotDue, o.NotDue)
	r.add(&row.Days30, o.Days30)
	r.add(&row.Days60, o.Days60)
	r.add(&row.Days90, o.Days90)
	r.add(&row.Older, o.Older)
	r.add(&row.Total, o.Total)
}

// picture is a bar for each age.
func (row AgingRow) picture() Picture {
	p := Picture{Currency: row.Currency, Layers: []string{"Open"}}
	for _, age := range []struct {
		name   string
		amount billing.Money
	}{{"Not due", row.NotDue}, {"1–30 days", row.Days30}, {"31–60 days", row.Days60}, {"61–90 days", row.Days90}, {"Over 90 days", row.Older}} {
		p.Bars = append(p.Bars, PictureBar{Name: age.name, Values: []int64{int64(age.amount)}, Total: int64(age.amount)})
	}
	return p
}

// RecurringRow is what the subscriptions to a plan, running at the end of a month or now, come to in an average month.
// Plan is none in the totals, which are of the last month.
type RecurringRow struct {
	Month         billing.CalendarMonth
	Plan          Subject
	Currency      billing.Currency
	Subscriptions int64
	Amount        billing.Money
}

// RecurringRevenue is recurring fees in an average month, by month, plan and currency.
func (a *App) RecurringRevenue(ctx context.Context, who Actor, query ReportQuery) (Report[RecurringRow], error) {
	query.Client = 0
	return report(ctx, a, who, query, func(ctx context.Context, r *reporting, out *Report[RecurringRow]) error {
		started, err := store.Started(ctx, r.q, r.ReportFilter)
		if err != nil {
			return err
		}
		ended, err := store.Ended(ctx, r.q, r.ReportFilter)
		if err != nil {
			return err
		}
		var all gathered[planMonth, RecurringRow]
		running := func(moves []store.MovesRow, sign int64) {
			for _, m := range moves {
				if !r.wants(m.Terms.Currency) {
					continue
				}
				for _, month := range r.Months { // it runs from that month on
					if month < m.Month {
						continue
					}
					row := all.of(planMonth{month, m.Plan, m.Terms.Currency}, RecurringRow{Month: month, Plan: r.plan(m.Plan), Currency: m.Terms.Currency})
					row.Subscriptions += sign * m.Count
					amount, err := m.Terms.Monthly().Times(sign * m.Count)
					if err != nil && r.err == nil {
						r.err = err
					}
					r.add(&row.Amount, amount)
				}
			}
		}
		running(started, 1)
		running(ended, -1)
		out.Rows = slices.DeleteFunc(all.sorted(func(a, b *RecurringRow) int {
			return cmp.Or(cmp.Compare(a.Month, b.Month), byName(a.Plan, b.Plan), byCode(a.Currency, b.Currency))
		}), func(row RecurringRow) bool { return row.Subscriptions == 0 || r.ahead(row.Month) })
		var totals gathered[billing.Currency, RecurringRow]
		for _, row := range out.Rows {
			if row.Month == min(out.To, billing.MonthOf(r.now.In(r.Zone))) {
				total := totals.of(row.Currency, RecurringRow{Month: row.Month, Currency: row.Currency})
				total.Subscriptions += row.Subscriptions
				r.add(&total.Amount, row.Amount)
			}
		}
		out.Totals = totals.sorted(func(a, b *RecurringRow) int { return byCode(a.Currency, b.Currency) })
		out.Pictures = drawn(r, out.Rows, func(row RecurringRow) (billing.CalendarMonth, billing.Currency) { return row.Month, row.Currency }, []layer[RecurringRow]{
			{"Recurring per month", func(row RecurringRow) int64 { return int64(row.Amount) }},
		})
		return nil
	})
}

// ahead says that a month is still to come.
func (r *reporting) ahead(m billing.CalendarMonth) bool { return m > billing.MonthOf(r.now.In(r.Zone)) }

// ChurnRow is how many subscriptions began and ended in a month. One that was replaced by a plan change did not churn.
type ChurnRow struct {
	Month      billing.CalendarMonth // 0 in the totals
	AtStart    int64
	Started    int64
	Canceled   int64
	ChangedIn  int64 // began by a plan change
	ChangedOut int64 // ended by one
	AtEnd      int64
	Rate       string // canceled, in percent of those at the start; "" where there were none
}

// Churn is subscriptions begun and ended, by month.
func (a *App) Churn(ctx context.Context, who Actor, query ReportQuery) (Report[ChurnRow], error) {
	query.Client = 0
	return report(ctx, a, who, query, func(ctx context.Context, r *reporting, out *Report[ChurnRow]) error {
		started, err := store.Started(ctx, r.q, r.ReportFilter)
		if err != nil {
			return err
		}
		ended, err := store.Ended(ctx, r.q, r.ReportFilter)
		if err != nil {
			return err
		}
		at, live := map[billing.CalendarMonth]*ChurnRow{}, int64(0)
		out.Rows = make([]ChurnRow, 0, len(r.Months))
		for _, m := range r.Months {
			if !r.ahead(m) {
				out.Rows = append(out.Rows, ChurnRow{Month: m})
				at[m] = &out.Rows[len(out.Rows)-1]
			}
		}
		for _, m := range started {
			switch row := at[m.Month]; {
			case !r.wants(m.Terms.Currency):
			case row == nil:
				live += m.Count
			default:
				row.Started, row.ChangedIn = row.Started+m.Count-m.Changed, row.ChangedIn+m.Changed
			}
		}
		for _, m := range ended {
			switch row := at[m.Month]; {
			case !r.wants(m.Terms.Currency):
			case row == nil:
				live -= m.Count
			default:
				row.Canceled, row.ChangedOut = row.Canceled+m.Count-m.Changed, row.ChangedOut+m.Changed
			}
		}
		total := ChurnRow{AtStart: live}
		for i := range out.Rows {
			row := &out.Rows[i]
			row.AtStart = live
			live += row.Started - row.Canceled + row.ChangedIn - row.ChangedOut
			row.AtEnd, row.Rate = live, billing.Percent(row.Canceled, row.AtStart)
			total.Started, total.Canceled = total.Started+row.Started, total.Canceled+row.Canceled
			total.ChangedIn, total.ChangedOut = total.ChangedIn+row.ChangedIn, total.ChangedOut+row.ChangedOut
		}
		total.AtEnd, total.Rate = live, billing.Percent(total.Canceled, total.AtStart)
		out.Totals = []ChurnRow{total}
		out.Pictures = drawn(r, out.Rows, func(row ChurnRow) (billing.CalendarMonth, billing.Currency) { return row.Month, billing.Currency{} }, []layer[ChurnRow]{
			{"Started", func(row ChurnRow) int64 { return row.Started }}, {"Canceled", func(row ChurnRow) int64 { return row.Canceled }},
		})
		return nil
	})
}

// MarginRow is what was charged to a client in a month, what providers took in that currency, and what remains. What they
// took in currencies that nothing was charged in stands beside it, once, and is never converted.
type MarginRow struct {
	Month    billing.CalendarMonth // 0, and no client, in the totals
	Client   Subject
	Currency billing.Currency
	Charged  billing.Money
	Cost     billing.Money
	Margin   billing.Money
	Others   []billing.Credit // costs in other currencies
}

// Margin is charges against providers' costs, by month, client and currency.
func (a *App) Margin(ctx context.Context, who Actor, query ReportQuery) (Report[MarginRow], error) {
	query.Plan = 0 // costs are not kept by plan
	return report(ctx, a, who, query, func(ctx context.Context, r *reporting, out *Report[MarginRow]) error {
		charged, err := store.Charged(ctx, r.q, r.ReportFilter)
		if err != nil {
			return err
		}
		costs, err := store.CostsByMonth(ctx, r.q, r.ReportFilter)
		if err != nil {
			return err
		}
		if err := r.nameClients(ctx); err != nil {
			return err
		}
		out.Rows = r.margins(charged, costs)
		var totals gathered[billing.Currency, MarginRow]
		for _, row := range out.Rows {
			totals.of(row.Currency, MarginRow{Currency: row.Currency}).plus(r, row)
		}
		out.Totals = totals.sorted(func(a, b *MarginRow) int { return byCode(a.Currency, b.Currency) })
		out.Pictures = drawn(r, out.Rows, func(row MarginRow) (billing.CalendarMonth, billing.Currency) { return row.Month, row.Currency }, []layer[MarginRow]{
			{"Cost", func(row MarginRow) int64 { return int64(row.Cost) }}, {"Margin", func(row MarginRow) int64 { return int64(row.Margin) }},
		})
		return nil
	})
}

// margins puts costs to the charges of the same client, month and currency.
func (r *reporting) margins(charged []store.ChargedRow, costs []store.MonthCost) []MarginRow {
	var all gathered[clientMonth, MarginRow]
	row := func(month billing.CalendarMonth, client billing.ID, c billing.Currency) *MarginRow {
		return all.of(clientMonth{month, client, c}, MarginRow{Month: month, Client: r.names[client].Subject, Currency: c})
	}
	slices.SortFunc(charged, func(a, b store.ChargedRow) int { return byCode(a.Currency, b.Currency) })
	slices.SortFunc(costs, func(a, b store.MonthCost) int { return cmp.Compare(a.Currency, b.Currency) })
	main := map[clientMonth]*MarginRow{} // where costs in other currencies stand
	for _, c := range charged {
		to := row(c.Month, c.Client, c.Currency)
		r.add(&to.Charged, c.Amount)
		if key := (clientMonth{month: c.Month, client: c.Client}); main[key] == nil {
			main[key] = to
		}
	}
	for _, c := range costs {
		currency := billing.Currency{Code: c.Currency, Digits: digitsIn(r.g, c.Currency)}
		amount, err := billing.CostAmount(c.Micros, currency)
		if err != nil && r.err == nil {
			r.err = err
		}
		to := all.at[clientMonth{c.Month, c.Client, currency}]
		beside := main[clientMonth{month: c.Month, client: c.Client}]
		if to == nil && beside != nil {
			beside.Others = append(beside.Others, billing.Credit{Currency: currency, Amount: amount})
			continue
		}
		r.add(&row(c.Month, c.Client, currency).Cost, amount)
	}
	for _, m := range all.all {
		m.Margin = m.Charged
		r.add(&m.Margin, -m.Cost)
	}
	rows := all.sorted(func(a, b *MarginRow) int { return byCode(a.Currency, b.Currency) })
	rows = byMonthAndClient(r, rows, func(row *MarginRow) (billing.CalendarMonth, Subject) { return row.Month, row.Client })
	return slices.DeleteFunc(rows, func(row MarginRow) bool { return !r.wants(row.Currency) })
}

func (row *MarginRow) plus(r *reporting, o MarginRow) {
	r.add(&row.Charged, o.Charged)
	r.add(&row.Cost, o.Cost)
	r.add(&row.Margin, o.Margin)
	for _, other := range o.Others {
		at := slices.IndexFunc(row.Others, func(c billing.Credit) bool { return c.Currency == other.Currency })
		if at < 0 {
			row.Others = append(row.Others, other)
			continue
		}
		r.add(&row.Others[at].Amount, other.Amount)
	}
}
