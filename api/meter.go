package api

import (
	"context"
	"net/http"

	"minutebook/app"
	"minutebook/billing"
)

// usageOut is a client's usage in its open period, or its last.
type usageOut struct {
	ClientID             billing.ID `json:"client_id"`
	ClientName           string     `json:"client_name"`
	SubscriptionID       billing.ID `json:"subscription_id"`
	MinutesIncludedLimit string     `json:"minutes_included_limit" example:"300.00"`
	MinutesIncludedUsed  string     `json:"minutes_included_used"`
	MinutesIncludedLeft  string     `json:"minutes_included_left"`
	MinutesAddonBalance  string     `json:"minutes_addon_balance"`
	MinutesBillableUsed  string     `json:"minutes_billable_used"`
	MinutesUncovered     string     `json:"minutes_uncovered" doc:"Used, seen by the agency, never billed"`
	MinutesUsed          string     `json:"minutes_used" doc:"Of all pools together"`
	MinutesHeld          string     `json:"minutes_held"`
	IncludedLimitMS      int64      `json:"included_limit_ms"`
	IncludedUsedMS       int64      `json:"included_used_ms"`
	IncludedLeftMS       int64      `json:"included_left_ms"`
	WalletMS             int64      `json:"wallet_ms"`
	BillableMS           int64      `json:"billable_ms"`
	UncoveredMS          int64      `json:"uncovered_ms"`
	UsedMS               int64      `json:"used_ms"`
	HeldMS               int64      `json:"held_ms"`
	AmountBillable       string     `json:"amount_billable" doc:"What the period's usage request would be now"`
	Currency             string     `json:"currency"`
	CurrentPeriodStart   instant    `json:"current_period_start"`
	CurrentPeriodEnd     instant    `json:"current_period_end"`
	UpdatedAt            instant    `json:"updated_at"`
}

func meter(m app.MeterRow) (usageOut, error) {
	used := m.Period.Used
	amount, err := m.Terms.Accrued(used)
	if err != nil {
		return usageOut{}, err
	}
	left := m.Terms.IncludedLeft(used)
	const held = billing.Millis(0) // nothing is held for a running call
	return usageOut{
		ClientID: m.Client, ClientName: m.ClientName, SubscriptionID: m.SubscriptionID,
		MinutesIncludedLimit: m.Terms.Included.Minutes(), MinutesIncludedUsed: used.Included.Minutes(), MinutesIncludedLeft: left.Minutes(), MinutesAddonBalance: m.Wallet.Minutes(),
		MinutesBillableUsed: used.Billable.Minutes(), MinutesUncovered: used.Uncovered.Minutes(), MinutesUsed: used.Total().Minutes(), MinutesHeld: held.Minutes(),
		IncludedLimitMS: int64(m.Terms.Included), IncludedUsedMS: int64(used.Included), IncludedLeftMS: int64(left), WalletMS: int64(m.Wallet), BillableMS: int64(used.Billable),
		UncoveredMS: int64(used.Uncovered), UsedMS: int64(used.Total()), HeldMS: int64(held), AmountBillable: m.Terms.Currency.Format(amount), Currency: m.Terms.Currency.Code,
		CurrentPeriodStart: instant(m.Period.Start), CurrentPeriodEnd: instant(m.Period.End), UpdatedAt: instant(m.UpdatedAt),
	}, nil
}

func (s *server) usage() {
	route(s, http.MethodGet, "/usage", words{
		summary: "List usage by client", tag: "Usage", scope: app.ScopeRead,
		more: "One row for every client that ever had a subscription: its open period, or its last.",
	}, s.listUsage)
}

func (s *server) listUsage(ctx context.Context, who app.Actor, in *struct {
	ClientQuery
	Paging
},
) (list[usageOut], error) {
	client, err := in.client()
	if err != nil {
		return list[usageOut]{}, err
	}
	l, err := s.app.Meters(ctx, who, client, in.page())
	var failed error
	out, err := listed(in.Paging, l, err, func(m app.MeterRow) usageOut {
		row, err := meter(m)
		failed = firstError(failed, err)
		return row
	})
	return out, firstError(err, failed)
}
