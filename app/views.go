package app

import (
	"context"
	"errors"

	"minutebook/billing"
	"minutebook/store"
)

// listed reads a page of a list and writes the cursor that follows it.
func listed[T any](ctx context.Context, a *App, who Actor, page Page, read func(q store.Q, w store.Window) (store.Part[T], error)) (Listed[T], error) {
	w, err := window(who.Agency, page)
	if err != nil {
		return Listed[T]{}, err
	}
	part, err := read(a.DB.Q(ctx), w)
	return Listed[T]{Items: part.Items, Total: part.Total, NextCursor: store.Cursor(who.Agency, part.Next)}, err
}

// window checks which part of a list is wanted.
func window(agency billing.ID, p Page) (store.Window, error) {
	const mostPages = 1_000_000
	size, number := p.Size, p.Page
	if size == 0 {
		size = 20
	}
	if number == 0 {
		number = 1
	}
	switch {
	case size < 1 || size > 100:
		return store.Window{}, billing.InvalidField("page_size", "must be between 1 and 100")
	case number < 1 || number > mostPages:
		return store.Window{}, billing.InvalidField("page", "must be between 1 and %d", mostPages)
	}
	before, err := store.ParseCursor(agency, p.Cursor)
	return store.Window{Before: before, Offset: (number - 1) * size, Limit: size}, err
}

// own narrows a filter to a portal user's own client.
func own(who Actor, client billing.ID) billing.ID {
	if who.Client != 0 {
		return who.Client
	}
	return client
}

// Subscriptions lists subscriptions, newest first.
func (a *App) Subscriptions(ctx context.Context, who Actor, f store.SubscriptionFilter, p Page) (Listed[store.SubscriptionRow], error) {
	f.Client = own(who, f.Client)
	return listed(ctx, a, who, p, func(q store.Q, w store.Window) (store.Part[store.SubscriptionRow], error) {
		return store.Subscriptions(ctx, q, who.Agency, f, w)
	})
}

// Subscription reads one subscription.
func (a *App) Subscription(ctx context.Context, who Actor, id billing.ID) (store.SubscriptionRow, error) {
	s, err := store.SubscriptionByID(ctx, a.DB.Q(ctx), who.Agency, id)
	if errors.Is(err, store.ErrMissing) || (err == nil && hidden(who, s.Client)) {
		return store.SubscriptionRow{}, notFound("subscription")
	}
	return s, err
}

// Requests lists payment requests, newest first.
func (a *App) Requests(ctx context.Context, who Actor, f store.RequestFilter, p Page) (Listed[store.RequestRow], error) {
	f, err := a.checkRequestFilter(ctx, who, f)
	if err != nil {
		return Listed[store.RequestRow]{}, err
	}
	return listed(ctx, a, who, p, func(q store.Q, w store.Window) (store.Part[store.RequestRow], error) {
		return store.Requests(ctx, q, who.Agency, f, w)
	})
}

// checkRequestFilter refuses a filter that means nothing, and completes one that does.
func (a *App) checkRequestFilter(ctx context.Context, who Actor, f store.RequestFilter) (store.RequestFilter, error) {
	f.Client = own(who, f.Client)
	switch f.Age {
	case "", store.AnyOpen, store.NotDue, store.Late, store.Recent, store.Old:
	default:
		return f, billing.InvalidField("age", "must be one of open, not_due, overdue, overdue_30, overdue_old")
	}
	err := billing.CheckText("q", f.Query, 0, billing.MaxNameLength)
	if err != nil {
		return f, err
	}
	f.Now, err = a.Now(ctx, who.Agency)
	return f, err
}

// Payments lists payments, newest first; client 0 is all of them.
func (a *App) Payments(ctx context.Context, who Actor, client billing.ID, p Page) (Listed[store.PaymentRow], error) {
	return listed(ctx, a, who, p, func(q store.Q, w store.Window) (store.Part[store.PaymentRow], error) {
		return store.Payments(ctx, q, who.Agency, own(who, client), w)
	})
}

// Meters lists the usage of every client that ever had a subscription; client 0 is all of them.
func (a *App) Meters(ctx context.Context, who Actor, client billing.ID, p Page) (Listed[store.MeterRow], error) {
	return listed(ctx, a, who, p, func(q store.Q, w store.Window) (store.Part[store.MeterRow], error) {
		return store.Meters(ctx, q, who.Agency, own(who, client), w)
	})
}

// UsageEvents lists usage events, newest recorded first.
func (a *App) UsageEvents(ctx context.Context, who Actor, f store.UsageFilter, p Page) (Listed[store.UsageRow], error) {
	f.Client = own(who, f.Client)
	return listed(ctx, a, who, p, func(q store.Q, w store.Window) (store.Part[store.UsageRow], error) {
		return store.UsageEvents(ctx, q, who.Agency, f, w)
	})
}

// WalletEntries lists the movements of a client's wallet, newest first.
func (a *App) WalletEntries(ctx context.Context, who Actor, client billing.ID, p Page) (Listed[store.WalletRow], error) {
	return listed(ctx, a, who, p, func(q store.Q, w store.Window) (store.Part[store.WalletRow], error) {
		return store.WalletEntries(ctx, q, who.Agency, own(who, client), w)
	})
}

// Campaigns lists campaigns, newest first.
func (a *App) Campaigns(ctx context.Context, who Actor, client billing.ID, status billing.CampaignStatus, p Page) (Listed[store.CampaignRow], error) {
	return listed(ctx, a, who, p, func(q store.Q, w store.Window) (store.Part[store.CampaignRow], error) {
		return store.Campaigns(ctx, q, who.Agency, own(who, client), status, w)
	})
}

// Timeline lists what happened to a client, newest first; name "" is everything.
func (a *App) Timeline(ctx context.Context, who Actor, client billing.ID, name string, p Page) (Listed[store.TimelineRow], error) {
	return listed(ctx, a, who, p, func(q store.Q, w store.Window) (store.Part[store.TimelineRow], error) {
		return store.Timeline(ctx, q, who.Agency, own(who, client), name, w)
	})
}

// AuditEntries lists who did what in the agency, newest first.
func (a *App) AuditEntries(ctx context.Context, who Actor, client billing.ID, command string, p Page) (Listed[store.AuditEntry], error) {
	return listed(ctx, a, who, p, func(q store.Q, w store.Window) (store.Part[store.AuditEntry], error) {
		return store.AuditEntries(ctx, q, who.Agency, client, command, w)
	})
}
