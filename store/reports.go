package store

import (
	"context"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"minutebook/billing"
)

// ReportFilter is what a report is asked about: months one after the other, and what narrows it; zero values leave it open.
type ReportFilter struct {
	Agency   billing.ID
	Months   []billing.CalendarMonth
	Zone     *time.Location // whose months
	Client   billing.ID
	Plan     billing.ID
	Currency string
}

// Subject is a client or a plan with its name.
type Subject struct {
	ID   billing.ID
	Name string
}

// statistic is a query that groups by month.
type statistic struct {
	ReportFilter
	args  []any
	where []string
}

func (f ReportFilter) query(agencyColumn string) *statistic {
	return &statistic{ReportFilter: f, args: []any{f.Agency}, where: []string{agencyColumn + " = $1"}}
}

func (s *statistic) arg(v any) string {
	s.args = append(s.args, v)
	return fmt.Sprintf("$%d", len(s.args))
}

func (s *statistic) only(condition string, value any) {
	s.where = append(s.where, condition+" = "+s.arg(value))
}

// narrowed adds the filters that a query has columns for.
func (s *statistic) narrowed(client, plan, currency string) *statistic {
	if s.Client != 0 {
		s.only(client, s.Client)
	}
	if s.Plan != 0 {
		s.only(plan, s.Plan)
	}
	if s.Currency != "" && currency != "" {
		s.only(currency, s.Currency)
	}
	return s
}

// planJoin joins the subscriptions of payment requests r, where the plan is asked about.
func (s *statistic) planJoin() string {
	if s.Plan == 0 {
		return ""
	}
	return " JOIN subscriptions s ON s.agency_id = r.agency_id AND s.id = r.subscription_id"
}

// month is the place among the months of an instant, which is narrowed to them; -1 for what lies before them, where that
// is wanted.
func (s *statistic) month(column string, before bool) string {
	starts, end := s.bounds()
	places := make([]string, len(starts))
	for i, start := range starts {
		places[i] = s.arg(start)
	}
	s.where = append(s.where, column+" < "+s.arg(end))
	if before {
		return among(column, places, -1, len(places)-1)
	}
	s.where = append(s.where, column+" >= "+places[0])
	return among(column, places, 0, len(places)-1)
}

// among finds an instant's place from one to another by halves, so that no row is compared with each of sixty starts.
func among(column string, starts []string, from, to int) string {
	if from == to {
		return strconv.Itoa(from)
	}
	half := from + (to-from+1)/2
	return "CASE WHEN " + column + " < " + starts[half] + " THEN " + among(column, starts, from, half-1) + " ELSE " + among(column, starts, half, to) + " END"
}

// within narrows an instant to the months, and tells the month of one that lies there.
func (s *statistic) within(column string) func(time.Time) billing.CalendarMonth {
	starts, end := s.bounds()
	s.where = append(s.where, column+" >= "+s.arg(starts[0]), column+" < "+s.arg(end))
	return func(at time.Time) billing.CalendarMonth {
		after := sort.Search(len(starts), func(i int) bool { return starts[i].After(at) })
		return s.Months[after-1]
	}
}

// bounds are when each of the months begins, and when the last one ends.
func (f ReportFilter) bounds() (starts []time.Time, end time.Time) {
	for _, m := range f.Months {
		starts = append(starts, m.Start(f.Zone))
	}
	return starts, f.Months[len(f.Months)-1].Plus(1).Start(f.Zone)
}

// days narrows a column of days to the months, by whose calendar ever they are.
func (s *statistic) days(column string) {
	s.where = append(s.where, column+" >= "+s.arg(s.Months[0].First()), column+" <= "+s.arg(s.Months[len(s.Months)-1].Last()))
}

func (s *statistic) conditions() string { return strings.Join(s.where, " AND ") }

// monthAt is the month at a place, 0 before the first.
func (f ReportFilter) monthAt(place int) billing.CalendarMonth {
	if place < 0 {
		return 0
	}
	return f.Months[place]
}

// IssuedRow is what was requested of one kind in one month, on subscriptions to one plan.
type IssuedRow struct {
	Month    billing.CalendarMonth
	Plan     billing.ID // 0 for what belongs to no subscription
	Currency billing.Currency
	Kind     billing.RequestKind
	Amount   billing.Money
	Voided   billing.Money // of that, canceled since
}

// Issued sums payment requests by the month they were issued in.
func Issued(ctx context.Context, q Q, f ReportFilter) ([]IssuedRow, error) {
	s := f.query("r.agency_id").narrowed("r.client_id", "s.plan_id", "r.currency")
	month := s.month("r.issued_at", false)
	return Collect(func(r Row, i *IssuedRow) error {
		var at int
		err := r.Scan(&at, &i.Plan, &i.Currency.Code, &i.Currency.Digits, &i.Kind, &i.Amount, &i.Voided)
		i.Month = f.monthAt(at)
		return err
	})(q.Query(ctx, `
		SELECT CAST(m AS BIGINT), plan_id, currency, currency_digits, kind, CAST(SUM(amount) AS BIGINT), CAST(SUM(voided) AS BIGINT)
		FROM (SELECT `+month+` AS m, s.plan_id, r.currency, r.currency_digits, r.kind, r.amount, CASE WHEN r.status = 'CANCELED' THEN r.amount ELSE 0 END AS voided
		      FROM payment_requests r
		      LEFT JOIN subscriptions s ON s.agency_id = r.agency_id AND s.id = r.subscription_id
		      WHERE `+s.conditions()+`) t
		GROUP BY m, plan_id, currency, currency_digits, kind`, s.args...))
}

// PaidRow is what was paid towards requests in one month, on subscriptions to one plan; less than nothing where more was
// reversed.
type PaidRow struct {
	Month    billing.CalendarMonth
	Plan     billing.ID
	Currency billing.Currency
	Amount   billing.Money
}

// PaidByMonth sums what payments were for by the month they were received in.
func PaidByMonth(ctx context.Context, q Q, f ReportFilter) ([]PaidRow, error) {
	s := f.query("p.agency_id").narrowed("p.client_id", "s.plan_id", "p.currency")
	month := s.month("p.received_at", false)
	return Collect(func(r Row, p *PaidRow) error {
		var at int
		err := r.Scan(&at, &p.Plan, &p.Currency.Code, &p.Currency.Digits, &p.Amount)
		p.Month = f.monthAt(at)
		return err
	})(q.Query(ctx, `
		SELECT CAST(m AS BIGINT), plan_id, currency, currency_digits, CAST(SUM(amount) AS BIGINT)
		FROM (SELECT `+month+` AS m, s.plan_id, p.currency, p.currency_digits, l.amount
		      FROM payments p
		      JOIN payment_allocations l ON l.agency_id = p.agency_id AND l.payment_id = p.id
		      JOIN payment_requests r ON r.agency_id = l.agency_id AND r.id = l.payment_request_id
		      LEFT JOIN subscriptions s ON s.agency_id = r.agency_id AND s.id = r.subscription_id
		      WHERE `+s.conditions()+`) t
		GROUP BY m, plan_id, currency, currency_digits`, s.args...))
}

// MonthMillis is talk time of a month.
type MonthMillis struct {
	Month billing.CalendarMonth
	Time  billing.Millis
}

// PackMinutes sums the minutes of packs that were sold, less what was clawed back, by month.
func PackMinutes(ctx context.Context, q Q, f ReportFilter) ([]MonthMillis, error) {
	s := f.query("r.agency_id").narrowed("r.client_id", "s.plan_id", "")
	month := s.month("r.issued_at", false)
	return Collect(func(r Row, m *MonthMillis) error {
		var at int
		err := r.Scan(&at, &m.Time)
		m.Month = f.monthAt(at)
		return err
	})(q.Query(ctx, `
		SELECT CAST(m AS BIGINT), CAST(SUM(ms) AS BIGINT)
		FROM (SELECT `+month+` AS m, r.pack_ms - r.clawed_back_ms AS ms
		      FROM payment_requests r`+s.planJoin()+`
		      WHERE `+s.conditions()+` AND r.kind = 'PACK') t
		GROUP BY m`, s.args...))
}

// PeriodsRow are the periods of one month, of subscriptions to one version of a plan.
type PeriodsRow struct {
	Month   billing.CalendarMonth
	Plan    billing.ID
	Terms   billing.Terms
	Periods int64
	Used    billing.Millis // included minutes, at closing
}

// OpenedPeriods counts periods by the month they began in.
func OpenedPeriods(ctx context.Context, q Q, f ReportFilter) ([]PeriodsRow, error) {
	return periods(ctx, q, f, "p.start_at")
}

// ClosedPeriods counts periods by the month they closed in.
func ClosedPeriods(ctx context.Context, q Q, f ReportFilter) ([]PeriodsRow, error) {
	return periods(ctx, q, f, "p.closed_at")
}

func periods(ctx context.Context, q Q, f ReportFilter, instant string) ([]PeriodsRow, error) {
	terms, err := soldTerms(ctx, q, f.Agency, "")
	if err != nil {
		return nil, err
	}
	s := f.query("p.agency_id").narrowed("s.client_id", "s.plan_id", "")
	month := s.month(instant, false)
	return Collect(func(r Row, p *PeriodsRow) error {
		var at int
		var v planVersion
		err := r.Scan(&at, &v.plan, &v.version, &p.Periods, &p.Used)
		p.Month, p.Plan, p.Terms = f.monthAt(at), v.plan, terms[v]
		return err
	})(q.Query(ctx, `
		SELECT CAST(m AS BIGINT), plan_id, plan_version, COUNT(*), CAST(SUM(included_ms) AS BIGINT)
		FROM (SELECT `+month+` AS m, s.plan_id, s.plan_version, p.included_ms
		      FROM periods p
		      JOIN subscriptions s ON s.agency_id = p.agency_id AND s.id = p.subscription_id
		      WHERE `+s.conditions()+`) t
		GROUP BY m, plan_id, plan_version`, s.args...))
}

// MonthUsage is what was used in a month, of the days as the clients' own calendars have them.
type MonthUsage struct {
	Month billing.CalendarMonth
	Split billing.Split
}

// UsageByMonth sums the days: of a client, or else the agency's.
func UsageByMonth(ctx context.Context, q Q, f ReportFilter) ([]MonthUsage, error) {
	s, table := f.query("agency_id"), "agency_days"
	if f.Client != 0 {
		table = "usage_days"
		s.only("client_id", f.Client)
	}
	s.days("day")
	return Collect(func(r Row, m *MonthUsage) error {
		return r.Scan(&m.Month, &m.Split.Included, &m.Split.Wallet, &m.Split.Billable, &m.Split.Uncovered)
	})(q.Query(ctx, `
		SELECT day / 100, CAST(SUM(included_ms) AS BIGINT), CAST(SUM(wallet_ms) AS BIGINT), CAST(SUM(billable_ms) AS BIGINT), CAST(SUM(uncovered_ms) AS BIGINT)
		FROM `+table+`
		WHERE `+s.conditions()+`
		GROUP BY day / 100`, s.args...))
}

// OverageRow are billable minutes of periods that closed in one month, and what was requested for them.
type OverageRow struct {
	Month    billing.CalendarMonth
	Client   billing.ID
	Terms    billing.Terms
	Billable billing.Millis
	Amount   billing.Money
}

// Overage sums billable minutes by the month their period closed in. What was requested for them stands beside them,
// unless it was canceled.
func Overage(ctx context.Context, q Q, f ReportFilter) ([]OverageRow, error) {
	terms, err := soldTerms(ctx, q, f.Agency, "")
	if err != nil {
		return nil, err
	}
	s := f.query("p.agency_id").narrowed("s.client_id", "s.plan_id", "")
	month := s.month("p.closed_at", false)
	return Collect(func(r Row, o *OverageRow) error {
		var at int
		var v planVersion
		err := r.Scan(&at, &o.Client, &v.plan, &v.version, &o.Billable, &o.Amount)
		o.Month, o.Terms = f.monthAt(at), terms[v]
		return err
	})(q.Query(ctx, `
		SELECT CAST(m AS BIGINT), client_id, plan_id, plan_version, CAST(SUM(billable_ms) AS BIGINT), CAST(SUM(amount) AS BIGINT)
		FROM (SELECT `+month+` AS m, s.client_id, s.plan_id, s.plan_version, p.billable_ms, COALESCE(r.amount, 0) AS amount
		      FROM periods p
		      JOIN subscriptions s ON s.agency_id = p.agency_id AND s.id = p.subscription_id
		      LEFT JOIN payment_requests r ON r.agency_id = p.agency_id AND r.subscription_id = p.subscription_id AND r.period_index = p.idx
		                AND r.kind = 'USAGE' AND r.status <> 'CANCELED'
		      WHERE `+s.conditions()+` AND (p.billable_ms > 0 OR r.amount > 0)) t
		GROUP BY m, client_id, plan_id, plan_version`, s.args...))
}

// OpenRow is what is open of one payment request.
type OpenRow struct {
	Client   billing.ID
	Currency billing.Currency
	DueAt    time.Time
	Amount   billing.Money
}

// EachOpen reads what is open of each payment request. Nothing is summed here: it takes a database longer to tell the ages apart, one
// by one, than to name the due dates.
func EachOpen(ctx context.Context, q Q, f ReportFilter, each func(OpenRow)) error {
	s := f.query("r.agency_id").narrowed("r.client_id", "s.plan_id", "r.currency")
	rows, err := q.Query(ctx, `
		SELECT r.client_id, r.currency, r.currency_digits, r.due_at, r.amount - r.amount_paid
		FROM payment_requests r`+s.planJoin()+`
		WHERE `+s.conditions()+` AND r.status IN ('PENDING', 'OVERDUE', 'FAILED')`, s.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var o OpenRow
		if err := rows.Scan(&o.Client, &o.Currency.Code, &o.Currency.Digits, &o.DueAt, &o.Amount); err != nil {
			return err
		}
		each(o)
	}
	return rows.Err()
}

// MovesRow are the subscriptions to one version of a plan that began, or ended, in one month; month 0 is all before.
type MovesRow struct {
	Month   billing.CalendarMonth
	Plan    billing.ID
	Terms   billing.Terms
	Count   int64
	Changed int64 // of these, by a plan change: another of the same client ended, or began, at that instant
}

// Started counts subscriptions by the month they began in.
func Started(ctx context.Context, q Q, f ReportFilter) ([]MovesRow, error) {
	return moves(ctx, q, f, "started_at", "canceled_at")
}

// Ended counts subscriptions by the month they were canceled in.
func Ended(ctx context.Context, q Q, f ReportFilter) ([]MovesRow, error) {
	return moves(ctx, q, f, "canceled_at", "started_at")
}

func moves(ctx context.Context, q Q, f ReportFilter, instant, other string) ([]MovesRow, error) {
	terms, err := soldTerms(ctx, q, f.Agency, "")
	if err != nil {
		return nil, err
	}
	s := f.query("s.agency_id").narrowed("s.client_id", "s.plan_id", "")
	month := s.month("s."+instant, true)
	return Collect(func(r Row, m *MovesRow) error {
		var at int
		var v planVersion
		err := r.Scan(&at, &v.plan, &v.version, &m.Count, &m.Changed)
		m.Month, m.Plan, m.Terms = f.monthAt(at), v.plan, terms[v]
		return err
	})(q.Query(ctx, `
		SELECT CAST(m AS BIGINT), plan_id, plan_version, COUNT(*), CAST(SUM(changed) AS BIGINT)
		FROM (SELECT `+month+` AS m, s.plan_id, s.plan_version, CASE WHEN EXISTS (
		             SELECT 1 FROM subscriptions o
		             WHERE o.agency_id = s.agency_id AND o.client_id = s.client_id AND o.id <> s.id AND o.`+other+` = s.`+instant+`) THEN 1 ELSE 0 END AS changed
		      FROM subscriptions s
		      WHERE `+s.conditions()+`) t
		GROUP BY m, plan_id, plan_version`, s.args...))
}

// ChargedRow is what was requested of a client in one month and not canceled.
type ChargedRow struct {
	Month    billing.CalendarMonth
	Client   billing.ID
	Currency billing.Currency
	Amount   billing.Money
}

// Charged lists payment requests with the month they were issued in. They are not summed: a client has one or two a month, and a
// database takes longer to put them together than to name them.
func Charged(ctx context.Context, q Q, f ReportFilter) ([]ChargedRow, error) {
	s := f.query("r.agency_id")
	if f.Client != 0 {
		s.only("r.client_id", f.Client)
	}
	monthOf := s.within("r.issued_at")
	return Collect(func(r Row, c *ChargedRow) error {
		var issued time.Time
		err := r.Scan(&issued, &c.Client, &c.Currency.Code, &c.Currency.Digits, &c.Amount)
		c.Month = monthOf(issued)
		return err
	})(q.Query(ctx, `
		SELECT r.issued_at, r.client_id, r.currency, r.currency_digits, r.amount
		FROM payment_requests r
		WHERE `+s.conditions()+` AND r.status <> 'CANCELED'`, s.args...))
}

// MonthCost is what providers took for a client's usage in one month, in one currency.
type MonthCost struct {
	Month    billing.CalendarMonth
	Client   billing.ID
	Currency string
	Micros   int64
}

// CostsByMonth sums the days.
func CostsByMonth(ctx context.Context, q Q, f ReportFilter) ([]MonthCost, error) {
	s := f.query("u.agency_id")
	if f.Client != 0 {
		s.only("u.client_id", f.Client)
	}
	s.days("u.day")
	return Collect(func(r Row, m *MonthCost) error {
		return r.Scan(&m.Month, &m.Client, &m.Currency, &m.Micros)
	})(q.Query(ctx, `
		SELECT u.day / 100, u.client_id, u.cost_currency, CAST(SUM(u.cost_micros) AS BIGINT)
		FROM usage_costs u
		WHERE `+s.conditions()+`
		GROUP BY u.day / 100, u.client_id, u.cost_currency`, s.args...))
}

// NamesOfPlans are the names of all plans, as they are called now.
func NamesOfPlans(ctx context.Context, q Q, agency billing.ID) (map[billing.ID]string, error) {
	plans, err := Collect(func(r Row, p *Subject) error { return r.Scan(&p.ID, &p.Name) })(q.Query(ctx, `SELECT id, name FROM plans WHERE agency_id = $1`, agency))
	names := map[billing.ID]string{}
	for _, p := range plans {
		names[p.ID] = p.Name
	}
	return names, err
}

// WalletTotal is what stands in the wallets now: of one client, or of all.
func WalletTotal(ctx context.Context, q Q, agency, client billing.ID) (total billing.Millis, err error) {
	only, args := "", []any{agency}
	if client != 0 {
		only, args = " AND client_id = $2", append(args, client)
	}
	err = q.QueryRow(ctx, `SELECT CAST(COALESCE(SUM(wallet_ms), 0) AS BIGINT) FROM accounts WHERE agency_id = $1`+only, args...).Scan(&total)
	return total, err
}
