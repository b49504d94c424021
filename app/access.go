package app

import (
	"context"
	"errors"
	"time"

	"minutebook/billing"
	"minutebook/store"
)

// Access answers whether a client may call now, why not, since when and what lifts it. It is exact: what has come due
// is carried out first. Rules 8.1 and 8.2.
func (a *App) Access(ctx context.Context, who Actor, client billing.ID, direction string) (answer billing.Answer, err error) {
	if hidden(who, client) {
		return answer, notFound("client")
	}
	meter, err := a.meter(ctx, who.Agency, client)
	if err != nil {
		return answer, err
	}
	if meter.Account == nil {
		return answer, notFound("client")
	}
	now := meter.Clock
	if now.IsZero() {
		now = a.wall()
	}
	now = later(now, meter.Written)
	isDue := !meter.Due.IsZero() && !meter.Due.After(now)
	if isDue || meter.Decide(now).NamesRequests() { // then it takes the whole account
		err = a.look(ctx, who, client, func(acc *billing.Account, now time.Time) error {
			answer = acc.Explain(direction, now)
			return nil
		})
		return answer, err
	}
	return meter.Explain(direction, now), nil
}

// AccessQuestion asks about a client by id, external id, or what a provider knows: an assistant or a number.
type AccessQuestion struct {
	Client      ClientRef
	Source      string // provider
	AssistantID string
	PhoneNumber string
	Direction   string
}

// CheckAccess finds the client a question is about and answers for it.
func (a *App) CheckAccess(ctx context.Context, who Actor, question AccessQuestion) (billing.Answer, billing.ID, error) {
	client, err := a.clientInQuestion(ctx, who, question)
	if err != nil {
		return billing.Answer{}, 0, err
	}
	answer, err := a.Access(ctx, who, client, question.Direction)
	return answer, client, err
}

func (a *App) clientInQuestion(ctx context.Context, who Actor, question AccessQuestion) (billing.ID, error) {
	if question.Client != (ClientRef{}) {
		return a.ResolveClient(ctx, who.Agency, question.Client)
	}
	if question.AssistantID == "" && question.PhoneNumber == "" {
		return 0, billing.InvalidField("client_id", "is required, or assistant_id or phone_number with its source")
	}
	client, err := store.MappedClient(ctx, a.DB.Q(ctx), who.Agency, question.Source, question.AssistantID, question.PhoneNumber)
	if errors.Is(err, store.ErrMissing) {
		return 0, missingIn("assistant_id", "client for this assistant or number")
	}
	return client, err
}

// SetHold denies a client by hand, or lifts that. Rules 8.1.
func (a *App) SetHold(ctx context.Context, who Actor, client billing.ID, on bool, reason string) error {
	return a.change(ctx, who, client, act{command: "hold.set", reason: reason}, func(acc *billing.Account, now time.Time) error {
		return acc.SetHold(on, reason, now)
	})
}

// SetOverride exempts a client until an instant; a zero instant ends that. Rules 8.4.
func (a *App) SetOverride(ctx context.Context, who Actor, client billing.ID, until time.Time, reason string) error {
	return a.change(ctx, who, client, act{command: "override.set", reason: reason}, func(acc *billing.Account, now time.Time) error {
		return acc.SetOverride(until, reason, now)
	})
}

// look shows a client's account as it is now to a function that only reads. If something has come due, it is carried
// out and saved first.
func (a *App) look(ctx context.Context, who Actor, client billing.ID, see func(acc *billing.Account, now time.Time) error) error {
	if hidden(who, client) {
		return notFound("client")
	}
	behind := false
	err := a.DB.Snapshot(ctx, func(ctx context.Context, q store.Q) error {
		acc, err := store.LoadAccount(ctx, q, "", who.Agency, client)
		if errors.Is(err, store.ErrMissing) {
			return notFound("client")
		}
		if err != nil {
			return err
		}
		now, err := a.nowOf(ctx, acc)
		if err != nil {
			return err
		}
		if due, any := acc.NextDue(); any && !due.After(now) {
			behind = true
			return nil
		}
		return see(acc, now)
	})
	if err != nil || !behind {
		return err
	}
	return a.change(ctx, system(who.Agency), client, act{command: "time"}, func(acc *billing.Account, now time.Time) error { return see(acc, now) })
}

// Account shows a client's account as it is now, for pages that explain it.
func (a *App) Account(ctx context.Context, who Actor, client billing.ID) (acc *billing.Account, now time.Time, err error) {
	err = a.look(ctx, who, client, func(seen *billing.Account, at time.Time) error {
		acc, now = seen, at
		return nil
	})
	return acc, now, err
}

// GateAnswer is what a provider is told before it connects a call.
type GateAnswer struct {
	billing.Answer
	ClientTag string // names the client in the call's metadata; empty when nobody knows whose call it would be
}

// AskGate answers a provider's question before a call. A call of nobody is let through: it will be reported, wait
// for its client and be metered then; a call lost because a mapping is missing is lost for good. Rules 8.1.
func (a *App) AskGate(ctx context.Context, conn Connection, about ProviderReport) (GateAnswer, error) {
	client, err := a.clientOfReport(ctx, conn.Agency, conn.ID, about)
	if err != nil || client == 0 {
		return GateAnswer{Answer: billing.Answer{Allowed: true, Message: "No client is known for this call."}}, err
	}
	card, err := store.ClientCard(ctx, a.DB.Q(ctx), conn.Agency, client, "")
	if err != nil {
		return GateAnswer{}, err
	}
	answer, err := a.Access(ctx, conn.Actor(), client, about.Direction)
	tag := card.ExternalID
	if tag == "" {
		tag = client.String()
	}
	return GateAnswer{answer, tag}, err
}
