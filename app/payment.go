package app

import (
	"context"
	"errors"
	"time"

	"minutebook/billing"
	"minutebook/store"
)

// UpdateRequest sets a payment request's status and texts. Rules 7.2.
func (a *App) UpdateRequest(ctx context.Context, who Actor, request billing.ID, u billing.RequestUpdate) error {
	r, err := a.Request(ctx, who, request)
	if err != nil {
		return err
	}
	act := act{command: "payment_request.update", requests: []billing.ID{request}}
	return a.change(ctx, who, r.Client, act, func(acc *billing.Account, now time.Time) error {
		return acc.UpdateRequest(request, u, now)
	})
}

// RequestOneTime asks a client for a one-time amount. Rules 7.1.
func (a *App) RequestOneTime(ctx context.Context, who Actor, client billing.ID, o billing.OneTimeRequest) (request billing.ID, err error) {
	err = a.change(ctx, who, client, act{command: "payment_request.create"}, func(acc *billing.Account, now time.Time) (err error) {
		request, err = acc.RequestOneTime(o, now)
		return err
	})
	return request, err
}

// ReceivePayment records money and puts it on requests; a zero instant of receipt means now. Rules 7.4.
func (a *App) ReceivePayment(ctx context.Context, who Actor, client billing.ID, p billing.Payment) (payment billing.ID, err error) {
	act := act{command: "payment.record"}
	for _, part := range p.Allocations {
		act.requests = append(act.requests, part.RequestID)
	}
	err = a.change(ctx, who, client, act, func(acc *billing.Account, now time.Time) (err error) {
		if p.ReceivedAt.IsZero() {
			p.ReceivedAt = now
		}
		payment, err = acc.ReceivePayment(p, now)
		return err
	})
	return payment, err
}

// ApplyPack sells a pack to a client. Rules 7.3.
func (a *App) ApplyPack(ctx context.Context, who Actor, client, pack billing.ID, paid bool, externalID string) (request billing.ID, err error) {
	err = a.changeWith(ctx, who, client, act{command: "pack.apply"}, func(ctx context.Context, q store.Q, acc *billing.Account, now time.Time) error {
		p, err := a.pack(ctx, q, who.Agency, pack)
		if err != nil {
			return err
		}
		request, err = acc.ApplyPack(p, paid, externalID, now)
		return err
	})
	return request, err
}

// AdjustWallet moves a wallet by hand. Rules 7.5.
func (a *App) AdjustWallet(ctx context.Context, who Actor, client billing.ID, delta billing.Millis, reason string) error {
	return a.change(ctx, who, client, act{command: "wallet.adjust", reason: reason}, func(acc *billing.Account, now time.Time) error {
		return acc.AdjustWallet(delta, reason, now)
	})
}

// Request reads one payment request.
func (a *App) Request(ctx context.Context, who Actor, id billing.ID) (store.RequestRow, error) {
	r, err := store.RequestByID(ctx, a.DB.Q(ctx), who.Agency, id)
	if errors.Is(err, store.ErrMissing) || (err == nil && hidden(who, r.Client)) {
		return store.RequestRow{}, notFound("payment request")
	}
	return r, err
}

// Payment reads one payment.
func (a *App) Payment(ctx context.Context, who Actor, id billing.ID) (store.PaymentRow, error) {
	p, err := store.PaymentByID(ctx, a.DB.Q(ctx), who.Agency, id)
	if errors.Is(err, store.ErrMissing) || (err == nil && hidden(who, p.Client)) {
		return store.PaymentRow{}, notFound("payment")
	}
	return p, err
}

// hidden says whether a client is none of the actor's business: a portal user sees its own client only.
func hidden(who Actor, client billing.ID) bool { return who.Client != 0 && who.Client != client }
