package app

import (
	"context"
	"errors"
	"time"

	"minutebook/billing"
	"minutebook/store"
)

// Told is what an act does to one client, in sentences.
type Told struct {
	Client billing.ID
	Name   string // the client's
	Says   []string
}

// Rehearse tells what an act would do, by letting it happen in a transaction that is undone: the words are those of the
// very rules, and the figures and numbers those that would be kept.
func (a *App) Rehearse(ctx context.Context, act func(ctx context.Context) error) ([]Told, error) {
	var heard *listener
	err := a.DB.InTx(ctx, func(ctx context.Context, _ store.Q) error {
		heard = &listener{} // the act may have to be tried again
		if err := act(context.WithValue(ctx, listenerKey{}, heard)); err != nil {
			return err
		}
		return errUndo
	})
	if !errors.Is(err, errUndo) {
		return nil, err
	}
	return heard.told, nil
}

// listener hears what is saved under its context.
type listener struct{ told []Told }

type listenerKey struct{}

// hear tells the listener of a rehearsal, if there is one, what an actor did to an account.
func hear(ctx context.Context, acc *billing.Account, own []billing.Entry) {
	l, _ := ctx.Value(listenerKey{}).(*listener)
	if l == nil || len(own) == 0 {
		return
	}
	says := acc.Tell(own)
	for i := range l.told {
		if l.told[i].Client == acc.Client {
			l.told[i].Says = append(l.told[i].Says, says...)
			return
		}
	}
	l.told = append(l.told, Told{Client: acc.Client, Name: acc.Name, Says: says})
}

// Trial is a client's account as it is now, for a page that tells beforehand what its buttons do.
type Trial struct {
	Account *billing.Account
	Now     time.Time
	next    int64 // the number the next payment request gets
}

// Trial takes the account for a page.
func (a *App) Trial(ctx context.Context, who Actor, client billing.ID) (t Trial, err error) {
	if t.Account, t.Now, err = a.Account(ctx, who, client); err != nil {
		return t, err
	}
	t.next, err = store.NextRequestNumber(ctx, a.DB.Q(ctx), who.Agency)
	return t, err
}

// Of tells what a rule would do. What is refused is told by its refusal.
func (t Trial) Of(rule func(acc *billing.Account, now time.Time) error) []string {
	says, err := t.Account.Rehearse(t.Now, t.next, func(acc *billing.Account) error { return rule(acc, t.Now) })
	var refused *billing.Error
	switch {
	case errors.As(err, &refused):
		return []string{refused.Error()}
	case err != nil:
		return []string{"This cannot be told beforehand."}
	}
	return says
}

// Upcoming lists what will happen to a client by itself, soonest first. Rules 3.4.
func (a *App) Upcoming(ctx context.Context, who Actor, client billing.ID) (coming []billing.Coming, err error) {
	err = a.look(ctx, who, client, func(acc *billing.Account, now time.Time) (err error) {
		coming, err = acc.Upcoming(now)
		return err
	})
	return coming, err
}
