package app

import (
	"context"

	"minutebook/billing"
	"minutebook/store"
)

// FormAnswer is what a form answered, as it is kept under its key.
type FormAnswer struct {
	Body     []byte
	Replayed bool // it was answered before; nothing was done now
}

// OnceForm lets an act happen once under a key: the act and the mark that it was done are kept together or not at all. A
// key that was used before answers again what it answered then; for something else it is refused.
func (a *App) OnceForm(ctx context.Context, who Actor, key string, fingerprint []byte, act func(ctx context.Context) (FormAnswer, error)) (answer FormAnswer, err error) {
	err = a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		claim := store.Claim{Agency: who.Agency, Key: key, Fingerprint: fingerprint, ID: a.Mint(), At: a.wall()}
		state, first, err := store.TakeClaim(ctx, q, claim, a.DB.ForUpdate())
		if err != nil {
			return err
		}
		switch state {
		case store.ClaimReplay:
			answer = FormAnswer{Body: first.Body, Replayed: true}
			return nil
		case store.ClaimMismatch, store.ClaimRunning:
			return billing.Refuse(billing.Conflict, "sent_already", "This was sent before, with something else in it.", "Open the page again and send it from there.")
		case store.ClaimFresh:
		}
		if answer, err = act(ctx); err != nil {
			return err
		}
		return store.FinishClaim(ctx, q, claim, store.FirstAnswer{Status: 200, ContentType: "text/plain", Body: answer.Body}, a.wall())
	})
	return answer, err
}
