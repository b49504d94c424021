package api

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"minutebook/app"
	"minutebook/billing"
)

// overviewOut is what an agency looks at first.
type overviewOut struct {
	Outstanding   []owedOut    `json:"outstanding" doc:"One entry a currency"`
	OpenRequests  int64        `json:"open_requests" doc:"In all currencies"`
	LateRequests  int64        `json:"late_requests" doc:"Of them, those that are overdue"`
	UsedToday     dayOut       `json:"used_today"`
	UsedThisMonth TalliedOut   `json:"used_this_month"`
	Days          []dayOut     `json:"days" doc:"Of this month, those with usage"`
	Subscriptions int64        `json:"live_subscriptions"`
	Recurring     []amountOut  `json:"recurring_revenue" doc:"Recurring fees in an average month, one entry a currency"`
	AtRisk        []riskOut    `json:"at_risk" doc:"The gravest first"`
	Renewals      []renewalOut `json:"renewals" doc:"Periods that end within 7 days"`
}

// owedOut is the money outstanding in a currency, by age.
type owedOut struct {
	Currency string `json:"currency"`
	Requests int64  `json:"requests"`
	Late     int64  `json:"late_requests"`
	NotDue   string `json:"not_due"`
	Recent   string `json:"overdue_30" doc:"Overdue for at most 30 days"`
	Old      string `json:"overdue_old" doc:"Overdue for longer"`
	PastDue  string `json:"overdue" doc:"Overdue, of any age"`
	Open     string `json:"open" doc:"All of it"`
}

// TalliedOut is what usage came to.
type TalliedOut struct {
	Events      int64  `json:"events"`
	Calls       int64  `json:"calls"`
	Chats       int64  `json:"chats"`
	BilledMS    int64  `json:"billed_ms"`
	IncludedMS  int64  `json:"included_ms"`
	WalletMS    int64  `json:"wallet_ms"`
	BillableMS  int64  `json:"billable_ms"`
	UncoveredMS int64  `json:"uncovered_ms"`
	Minutes     string `json:"minutes" doc:"Drawn from all pools" example:"120.50"`
}

type dayOut struct {
	Day string `json:"day" format:"date" example:"2027-01-31"`
	TalliedOut
}

type riskOut struct {
	ClientID   billing.ID `json:"client_id"`
	ClientName string     `json:"client_name"`
	Status     string     `json:"status"`
	Why        string     `json:"why"`
}

type renewalOut struct {
	ClientID   billing.ID `json:"client_id"`
	ClientName string     `json:"client_name"`
	PeriodEnd  instant    `json:"period_end"`
	Fee        *string    `json:"recurring_fee"`
	Currency   string     `json:"currency"`
}

func tallied(t billing.Tally) TalliedOut {
	s := t.Split
	return TalliedOut{t.Events, t.Calls, t.Chats, int64(t.Billed), int64(s.Included), int64(s.Wallet), int64(s.Billable), int64(s.Uncovered), t.Drawn().Minutes()}
}

func days(usage map[billing.Date]billing.Tally) []dayOut {
	out := []dayOut{}
	for _, day := range slices.Sorted(maps.Keys(usage)) {
		out = append(out, dayOut{day.String(), tallied(usage[day])})
	}
	return out
}

func (s *server) overview() {
	const tag = "Reports"
	route(s, http.MethodGet, "/overview", words{
		summary: "The agency at a glance", tag: tag, scope: app.ScopeRead,
		more: "What the console's home page shows: money outstanding by age, usage of this month, recurring revenue, clients at risk and renewals.",
	}, s.readOverview)
	route(s, http.MethodGet, "/usage/days", words{
		summary: "Usage by day", tag: "Usage", scope: app.ScopeRead,
		more: "By the day on which calls ended, in their client's calendar; days without usage are left out. At most 400 days at once.",
	}, s.listDays)
	route(s, http.MethodPost, "/plans/example", words{
		summary: "Calculate an example", tag: "Plans", scope: app.ScopeRead,
		more: "What a client on such a plan would be asked for, for one period with so many minutes. The rules live through that period; nothing is kept.",
	}, s.examplePlan)
	route(s, http.MethodPost, "/clients/import", words{
		summary: "Import clients", tag: "Clients", scope: app.ScopeWrite,
		more: "All of them in one transaction, or none if one is refused. With dry_run nothing is kept either way, and the answer says what would become of each.",
	}, s.importClients)
}

func (s *server) readOverview(ctx context.Context, who app.Actor, _ *struct{}) (overviewOut, error) {
	o, err := s.app.Overview(ctx, who, 0)
	out := overviewOut{
		Outstanding: []owedOut{}, UsedToday: dayOut{o.Today.String(), tallied(o.Used)}, UsedThisMonth: tallied(o.Month), Days: days(o.Days), OpenRequests: o.Open, LateRequests: o.Late, Subscriptions: o.Live,
		Recurring: []amountOut{}, AtRisk: []riskOut{}, Renewals: []renewalOut{},
	}
	for _, m := range o.Outstanding {
		c := m.Currency
		out.Outstanding = append(out.Outstanding, owedOut{c.Code, m.Requests, m.Late, c.Format(m.Due), c.Format(m.Overdue), c.Format(m.Old), c.Format(m.PastDue()), c.Format(m.Open())})
	}
	for _, m := range o.Monthly {
		out.Recurring = append(out.Recurring, amountOut{m.Currency.Code, m.Currency.Format(m.Amount)})
	}
	for _, r := range o.AtRisk {
		out.AtRisk = append(out.AtRisk, riskOut{r.Client, r.Name, string(r.Status), r.Why})
	}
	for _, r := range o.Renewals {
		out.Renewals = append(out.Renewals, renewalOut{r.Client, r.Name, instant(r.PeriodEnd), textOf(r.Terms.RecurringFee, r.Terms.Currency.Format), r.Terms.Currency.Code})
	}
	return out, err
}

type daysOut struct {
	Data []dayOut `json:"data"`
}

func (s *server) listDays(ctx context.Context, who app.Actor, in *struct {
	ClientQuery
	From string `query:"from" required:"true" format:"date" doc:"The first day"`
	To   string `query:"to" required:"true" format:"date" doc:"The last day"`
},
) (daysOut, error) {
	client, err := in.client()
	if err != nil {
		return daysOut{}, err
	}
	from, wrong := time.Parse(time.DateOnly, in.From)
	if wrong != nil {
		return daysOut{}, billing.InvalidField("from", "must be a date such as 2027-01-31")
	}
	to, wrong := time.Parse(time.DateOnly, in.To)
	if wrong != nil || to.Before(from) || to.Sub(from) > 400*24*time.Hour {
		return daysOut{}, billing.InvalidField("to", "must be a date, at most 400 days after from")
	}
	usage, err := s.app.UsageByDay(ctx, who, client, billing.DateOf(from), billing.DateOf(to))
	return daysOut{Data: days(usage)}, err
}

type exampleIn struct {
	Name     string `json:"name" required:"false" maxLength:"300"`
	Currency string `json:"currency" minLength:"2" maxLength:"10"`
	TermsIn
	Minutes string `json:"minutes" maxLength:"40" doc:"Of use in one period" example:"420"`
}

type exampleOut struct {
	Minutes     string          `json:"minutes"`
	IncludedMS  int64           `json:"included_ms"`
	WalletMS    int64           `json:"wallet_ms"`
	BillableMS  int64           `json:"billable_ms"`
	UncoveredMS int64           `json:"uncovered_ms"`
	CoveredMS   int64           `json:"covered_ms" doc:"All but what no pool gives: after so much, calls stop"`
	Currency    string          `json:"currency"`
	Requests    []exampleAmount `json:"payment_requests"`
	Amount      string          `json:"amount" doc:"In all"`
}

type exampleAmount struct {
	Kind      string    `json:"kind" enum:"RECURRING,USAGE"`
	Amount    string    `json:"amount"`
	LineItems []lineOut `json:"line_items"`
}

func (s *server) examplePlan(ctx context.Context, who app.Actor, in *struct{ Body exampleIn }) (exampleOut, error) {
	c, err := s.currency(ctx, who, "currency", in.Body.Currency)
	if err != nil {
		return exampleOut{}, err
	}
	t := defaultTerms(in.Body.Name, c)
	if t.Name == "" {
		t.Name = "Example"
	}
	if err := in.Body.apply(&t); err != nil {
		return exampleOut{}, err
	}
	talk, err := billing.ParseMinutes("minutes", in.Body.Minutes)
	if err != nil {
		return exampleOut{}, err
	}
	e, err := t.Example(talk)
	if err != nil {
		return exampleOut{}, err
	}
	out := exampleOut{talk.Minutes(), int64(e.Used.Included), int64(e.Used.Wallet), int64(e.Used.Billable), int64(e.Used.Uncovered), int64(e.Covered), c.Code, []exampleAmount{}, c.Format(e.Sum)}
	for _, r := range e.Requests {
		out.Requests = append(out.Requests, exampleAmount{string(r.Kind), c.Format(r.Amount), request(app.RequestRow{Request: *r}).LineItems})
	}
	return out, nil
}

type importIn struct {
	Clients []importedIn `json:"clients" minItems:"1" maxItems:"2000"`
	DryRun  bool         `json:"dry_run" required:"false"`
}

type importedIn struct {
	Name       string `json:"name" maxLength:"400"`
	Email      string `json:"email" required:"false" maxLength:"400"`
	ExternalID string `json:"external_id" required:"false" maxLength:"400"`
	Timezone   string `json:"timezone" required:"false" maxLength:"100"`
	Locale     string `json:"locale" required:"false" maxLength:"100"`
	Plan       string `json:"plan" required:"false" maxLength:"400" doc:"The name of an active plan to assign; nothing starts"`
}

type importOut struct {
	Imported bool      `json:"imported" doc:"False after a dry run"`
	Data     []lineRow `json:"data"`
}

type lineRow struct {
	Line     int         `json:"line"`
	ClientID *billing.ID `json:"client_id" doc:"Null where it was refused, and after a dry run"`
	Name     string      `json:"name"`
	Field    *string     `json:"field"`
	Error    *string     `json:"error" doc:"Why it is refused"`
}

func (s *server) importClients(ctx context.Context, who app.Actor, in *struct{ Body importIn }) (importOut, error) {
	var wanted []app.ClientImport
	for _, c := range in.Body.Clients {
		wanted = append(wanted, app.ClientImport{Plan: c.Plan, ClientSpec: app.ClientSpec{Name: c.Name, Email: c.Email, ExternalID: c.ExternalID, Timezone: c.Timezone, Locale: c.Locale}})
	}
	lines, err := s.app.ImportClients(ctx, who, wanted, !in.Body.DryRun)
	out := importOut{Imported: !in.Body.DryRun, Data: []lineRow{}}
	for _, l := range lines {
		row := lineRow{Line: l.Line, Name: l.Name}
		switch {
		case l.Error != nil:
			row.Field, row.Error = orNull(l.Error.Field), &l.Error.Message
		case !in.Body.DryRun:
			row.ClientID = orNull(l.Client)
		}
		out.Data = append(out.Data, row)
	}
	return out, err
}
