package app

import (
	"context"
	"errors"
	"maps"
	"slices"
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

// MostMarked is how many requests may be marked paid at once.
const MostMarked = 100

// MarkPaid sets several requests to paid, those of all clients in one transaction: all or none. One that is paid already
// stays as it is, so that twice is harmless. It answers the requests that changed. Rules 7.2.
func (a *App) MarkPaid(ctx context.Context, who Actor, requests []billing.ID, externalID string) (changed []billing.ID, err error) {
	if len(requests) == 0 || len(requests) > MostMarked {
		return nil, billing.InvalidField("payment_request_ids", "must name between 1 and %d payment requests", MostMarked)
	}
	err = a.DB.InTx(ctx, func(ctx context.Context, _ store.Q) error {
		changed = nil
		byClient := map[billing.ID][]billing.ID{}
		for _, id := range requests {
			r, err := a.Request(ctx, who, id)
			if err != nil {
				return err
			}
			byClient[r.Client] = append(byClient[r.Client], id)
		}
		for _, client := range slices.Sorted(maps.Keys(byClient)) { // in one order, so that two at once do not wait for each other
			marked, err := a.markPaid(ctx, who, client, byClient[client], externalID)
			if err != nil {
				return err
			}
			changed = append(changed, marked...)
		}
		return nil
	})
	return changed, err
}

func (a *App) markPaid(ctx context.Context, who Actor, client billing.ID, requests []billing.ID, externalID string) (changed []billing.ID, err error) {
	act := act{command: "payment_request.mark_paid", requests: requests}
	err = a.change(ctx, who, client, act, func(acc *billing.Account, now time.Time) error {
		changed = nil
		for _, id := range requests {
			r := acc.Request(id)
			if r != nil && r.Status == billing.Paid {
				continue
			}
			u := billing.RequestUpdate{Status: billing.Paid}
			if externalID != "" {
				u.ExternalPaymentID = &externalID
			}
			if err := acc.UpdateRequest(id, u, now); err != nil {
				return err
			}
			changed = append(changed, id)
		}
		return nil
	})
	return changed, err
}

// OpenAmounts sums what is still open of some requests, one entry a currency in the order they come.
func OpenAmounts(requests []RequestRow) (sums []billing.Credit) {
	for _, r := range requests {
		i := slices.IndexFunc(sums, func(c billing.Credit) bool { return c.Currency == r.Currency })
		if i < 0 {
			sums = append(sums, billing.Credit{Currency: r.Currency})
			i = len(sums) - 1
		}
		sums[i].Amount += r.Due()
	}
	return sums
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

// RequestPack lets a client take a pack it is offered, on credit, where the agency allows that. Rules 7.3.
func (a *App) RequestPack(ctx context.Context, who Actor, client, pack billing.ID) (request billing.ID, err error) {
	settings, err := a.Settings(ctx, who)
	if err != nil {
		return 0, err
	}
	act := act{command: "pack.request", portal: settings.PortalRequestPacks}
	err = a.changeWith(ctx, who, client, act, func(ctx context.Context, q store.Q, acc *billing.Account, now time.Time) error {
		p, err := a.pack(ctx, q, who.Agency, pack)
		if err != nil {
			return err
		}
		request, err = acc.RequestPack(p, now)
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
