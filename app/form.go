package app

import (
	"context"
	"errors"

	"minutebook/billing"
)

// FormAnswer is what a form answered, as it is kept under its key.
type FormAnswer struct {
	Body     []byte
	Replayed bool // it was answered before; nothing was done now
}

// OnceForm is Once for a page's form: sent twice it acts once and answers the same. A refusal is not remembered, for
// the form is shown again, corrected and sent under the same key.
func (a *App) OnceForm(ctx context.Context, who Actor, key string, fingerprint []byte, act func(ctx context.Context) (FormAnswer, error)) (FormAnswer, error) {
	var refused error
	answer, replayed, err := a.Once(ctx, who, key, fingerprint, func(ctx context.Context) Attempt {
		done, err := act(ctx)
		if refused = err; err != nil {
			return Attempt{Broken: true}
		}
		return Attempt{Keep: true, Answer: FirstAnswer{Status: 200, ContentType: "text/plain", Body: done.Body}}
	})
	var taken *billing.Error
	if errors.As(err, &taken) {
		return FormAnswer{}, billing.Refuse(billing.Conflict, "sent_already", "This was sent before, with something else in it.", "Open the page again and send it from there.")
	}
	return FormAnswer{Body: answer.Body, Replayed: replayed}, errors.Join(err, refused)
}
