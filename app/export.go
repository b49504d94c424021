package app

import (
	"context"
	"io"

	"minutebook/billing"
	"minutebook/store"
)

// column is one column of an export, named as the API names the field.
type column[T any] struct {
	name string
	cell func(T) any
}

// exporting writes the head of an export, and answers what writes its rows, a slice at a time.
func exporting[T any](w io.Writer, columns []column[T]) func([]T) error {
	s, names := &sheet{out: w}, make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	s.head(names)
	return func(slice []T) error {
		for _, row := range slice {
			for _, c := range columns {
				s.cell(c.cell(row))
			}
			s.end()
		}
		return s.send()
	}
}

// ExportRequests writes the payment requests of a list as CSV, newest first.
func (a *App) ExportRequests(ctx context.Context, who Actor, f RequestFilter, w io.Writer) error {
	f, err := a.checkRequestFilter(ctx, who, f)
	if err != nil {
		return err
	}
	rows := exporting(w, requestColumns)
	return store.EachRequest(ctx, a.DB.Q(ctx), who.Agency, f, rows)
}

// ExportPayments writes the payments of a list as CSV, newest first; client 0 is all of them.
func (a *App) ExportPayments(ctx context.Context, who Actor, client billing.ID, w io.Writer) error {
	rows := exporting(w, paymentColumns)
	return store.EachPayment(ctx, a.DB.Q(ctx), who.Agency, own(who, client), rows)
}

// ExportUsageEvents writes the usage events of a list as CSV, newest recorded first; archived ones follow, by month.
func (a *App) ExportUsageEvents(ctx context.Context, who Actor, f UsageFilter, w io.Writer) error {
	f.Client = own(who, f.Client)
	rows := exporting(w, usageColumns)
	before, err := store.Archives(ctx, a.DB.Q(ctx), who.Agency)
	if err != nil {
		return err
	}
	if err := store.EachUsageEvent(ctx, a.DB.Q(ctx), who.Agency, f, rows); err != nil {
		return err
	}
	return a.exportArchived(ctx, who.Agency, f, before, rows)
}

// ExportClients writes the clients of a list as CSV, newest first.
func (a *App) ExportClients(ctx context.Context, who Actor, f ClientFilter, w io.Writer) error {
	if err := checkClientFilter(f); err != nil {
		return err
	}
	f.Only = own(who, f.Only)
	rows := exporting(w, clientColumns)
	return store.EachClient(ctx, a.DB.Q(ctx), who.Agency, f, rows)
}

// money is an amount as a figure.
func money(c billing.Currency, m billing.Money) decimal { return decimal(c.Format(m)) }

var requestColumns = []column[RequestRow]{
	{"id", func(r RequestRow) any { return r.ID }},
	{"number", func(r RequestRow) any { return r.Label() }},
	{"client_id", func(r RequestRow) any { return r.Client }},
	{"client_name", func(r RequestRow) any { return r.ClientName }},
	{"subscription_id", func(r RequestRow) any { return r.SubscriptionID }},
	{"status", func(r RequestRow) any { return string(r.Status) }},
	{"type", func(r RequestRow) any { return r.Kind.Type() }},
	{"kind", func(r RequestRow) any { return string(r.Kind) }},
	{"amount", func(r RequestRow) any { return money(r.Currency, r.Amount) }},
	{"amount_paid", func(r RequestRow) any { return money(r.Currency, r.AmountPaid) }},
	{"amount_due", func(r RequestRow) any { return money(r.Currency, r.Due()) }},
	{"currency", func(r RequestRow) any { return r.Currency.Code }},
	{"period_start", func(r RequestRow) any { return r.PeriodStart }},
	{"period_end", func(r RequestRow) any { return r.PeriodEnd }},
	{"issued_at", func(r RequestRow) any { return r.IssuedAt }},
	{"due_date", func(r RequestRow) any { return r.DueAt }},
	{"grace_period_ends_at", func(r RequestRow) any { return r.GraceEndsAt }},
	{"paid_at", func(r RequestRow) any { return r.PaidAt }},
	{"external_payment_id", func(r RequestRow) any { return r.ExternalPaymentID }},
	{"payment_reference", func(r RequestRow) any { return r.Reference() }},
	{"notes", func(r RequestRow) any { return r.Notes }},
	{"line_items", lineItems},
	{"pack_id", func(r RequestRow) any { return r.PackID }},
	{"clawed_back_ms", func(r RequestRow) any { return r.ClawedBack }},
	{"shortfall_ms", func(r RequestRow) any { return r.Shortfall }},
	{"created_at", func(r RequestRow) any { return r.CreatedAt }},
	{"updated_at", func(r RequestRow) any { return r.UpdatedAt }},
}

// lineItems are a request's lines as JSON, as the API shows them.
func lineItems(r RequestRow) any {
	type line struct {
		Description string `json:"description"`
		Quantity    string `json:"quantity"`
		Unit        string `json:"unit"`
		UnitAmount  string `json:"unit_amount"`
		Amount      string `json:"amount"`
	}
	lines := []line{}
	for _, l := range r.Lines {
		lines = append(lines, line{l.Description, l.Quantity, l.Unit, l.UnitAmount, r.Currency.Format(l.Amount)})
	}
	return asJSON(lines)
}

var paymentColumns = []column[PaymentRow]{
	{"id", func(p PaymentRow) any { return p.ID }},
	{"client_id", func(p PaymentRow) any { return p.Client }},
	{"client_name", func(p PaymentRow) any { return p.ClientName }},
	{"currency", func(p PaymentRow) any { return p.Currency.Code }},
	{"amount", func(p PaymentRow) any { return money(p.Currency, p.Amount) }},
	{"credit", func(p PaymentRow) any { return money(p.Currency, p.Credit) }},
	{"method", func(p PaymentRow) any { return p.Method }},
	{"reference", func(p PaymentRow) any { return p.Reference }},
	{"received_at", func(p PaymentRow) any { return p.ReceivedAt }},
	{"recorded_at", func(p PaymentRow) any { return p.RecordedAt }},
	{"recorded_by", func(p PaymentRow) any { return p.Actor }},
	{"reverses", func(p PaymentRow) any { return p.Reverses }},
	{"allocations", allocations},
}

// allocations are what a payment was for, as JSON, as the API shows it.
func allocations(p PaymentRow) any {
	type allocation struct {
		RequestID billing.ID `json:"payment_request_id"`
		Amount    string     `json:"amount"`
	}
	parts := []allocation{}
	for _, part := range p.Allocations {
		parts = append(parts, allocation{part.RequestID, p.Currency.Format(part.Amount)})
	}
	return asJSON(parts)
}

var usageColumns = []column[UsageRow]{
	{"id", func(u UsageRow) any { return u.ID }},
	{"source", func(u UsageRow) any { return u.Event.Source }},
	{"event_id", func(u UsageRow) any { return u.Event.EventID }},
	{"client_id", func(u UsageRow) any { return u.Client }},
	{"client_name", func(u UsageRow) any { return u.ClientName }},
	{"kind", func(u UsageRow) any { return string(u.Event.Kind) }},
	{"started_at", func(u UsageRow) any { return u.Event.StartedAt }},
	{"ended_at", func(u UsageRow) any { return u.Event.EndedAt }},
	{"duration_ms", func(u UsageRow) any { return u.Event.Talk }},
	{"chats", func(u UsageRow) any { return u.Event.Chats }},
	{"call_id", func(u UsageRow) any { return u.Event.CallID }},
	{"campaign_id", func(u UsageRow) any { return u.Event.CampaignID }},
	{"assistant_id", func(u UsageRow) any { return u.Event.AssistantID }},
	{"phone_number", func(u UsageRow) any { return u.Event.PhoneNumber }},
	{"direction", func(u UsageRow) any { return u.Event.Direction }},
	{"cost_amount", func(u UsageRow) any {
		if u.Event.CostCurrency == "" {
			return nil
		}
		return decimal(billing.Rate(u.Event.CostMicros).String())
	}},
	{"cost_currency", func(u UsageRow) any { return u.Event.CostCurrency }},
	{"metadata", func(u UsageRow) any { return u.Event.Metadata }},
	{"tags", func(u UsageRow) any { return asJSON(append([]string{}, u.Event.Tags...)) }},
	{"status", func(u UsageRow) any { return string(u.Status) }},
	{"subscription_id", func(u UsageRow) any { return u.SubscriptionID }},
	{"period_index", func(u UsageRow) any { return ofRated(u, u.PeriodIndex) }},
	{"call_period_index", func(u UsageRow) any { return ofRated(u, u.CallPeriod) }},
	{"late", func(u UsageRow) any { return u.Late }},
	{"raw_ms", func(u UsageRow) any { return u.Event.Talk }},
	{"billed_ms", func(u UsageRow) any { return u.Billed }},
	{"included_ms", func(u UsageRow) any { return u.Split.Included }},
	{"wallet_ms", func(u UsageRow) any { return u.Split.Wallet }},
	{"billable_ms", func(u UsageRow) any { return u.Split.Billable }},
	{"uncovered_ms", func(u UsageRow) any { return u.Split.Uncovered }},
	{"recorded_at", func(u UsageRow) any { return u.RecordedAt }},
}

// ofRated is a figure that an unrated event does not have.
func ofRated(u UsageRow, n int) any {
	if u.SubscriptionID == 0 {
		return nil
	}
	return n
}

var clientColumns = []column[ClientRow]{
	{"id", func(c ClientRow) any { return c.ID }},
	{"name", func(c ClientRow) any { return c.Name }},
	{"email", func(c ClientRow) any { return c.Email }},
	{"external_id", func(c ClientRow) any { return c.ExternalID }},
	{"timezone", func(c ClientRow) any { return c.Timezone }},
	{"locale", func(c ClientRow) any { return c.Locale }},
	{"denial_policy", func(c ClientRow) any { return string(c.Denial) }},
	{"plan_id", func(c ClientRow) any { return c.PlanID }},
	{"plan_name", func(c ClientRow) any { return c.PlanName }},
	{"pack_ids", func(c ClientRow) any { return asJSON(append([]billing.ID{}, c.PackIDs...)) }},
	{"subscription_id", func(c ClientRow) any { return c.SubscriptionID }},
	{"status", func(c ClientRow) any { return string(c.Status) }},
	{"wallet_ms", func(c ClientRow) any { return c.Wallet }},
	{"minutes_addon_balance", func(c ClientRow) any { return decimal(c.Wallet.Minutes()) }},
	{"amount_due", amountsDue},
	{"access_allowed", func(c ClientRow) any { return c.Access.Reason == "" }},
	{"access_reason", func(c ClientRow) any { return string(c.Access.Reason) }},
	{"access_since", func(c ClientRow) any { return c.Access.Since }},
	{"created_at", func(c ClientRow) any { return c.CreatedAt }},
	{"updated_at", func(c ClientRow) any { return c.UpdatedAt }},
}

// amountsDue are what a client owes, as JSON, as the API shows it.
func amountsDue(c ClientRow) any { return amountsJSON(c.AmountDue) }

func amountsJSON(amounts []billing.Credit) string {
	type amount struct {
		Currency string `json:"currency"`
		Amount   string `json:"amount"`
	}
	all := []amount{}
	for _, a := range amounts {
		all = append(all, amount{a.Currency.Code, a.Currency.Format(a.Amount)})
	}
	return asJSON(all)
}
