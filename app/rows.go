package app

import "minutebook/store"

// What use cases answer with: rows as the store reads them. The doors know them by these names, so that they need
// not know the store.
type (
	SubscriptionRow    = store.SubscriptionRow
	SubscriptionFilter = store.SubscriptionFilter
	RequestRow         = store.RequestRow
	RequestFilter      = store.RequestFilter
	RequestAge         = store.RequestAge
	PaymentRow         = store.PaymentRow
	MeterRow           = store.MeterRow
	UsageRow           = store.UsageRow
	UsageFilter        = store.UsageFilter
	WalletRow          = store.WalletRow
	CampaignRow        = store.CampaignRow
	TimelineRow        = store.TimelineRow
	AuditEntry         = store.AuditEntry
)
