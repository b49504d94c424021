package app

import (
	"context"
	"errors"
	"fmt"

	"minutebook/billing"
	"minutebook/store"
)

// FirstAnswer is what was answered to the first request under an Idempotency-Key.
type FirstAnswer = store.FirstAnswer

// Attempt is one try of an act: what it answered, and whether what it did is to be kept. What is not kept is undone,
// but its answer is remembered all the same, unless Broken says that it was a fault of ours.
type Attempt struct {
	Answer FirstAnswer
	Keep   bool
	Broken bool
}

// errUndo ends a transaction whose work is not to be kept.
var errUndo = errors.New("the attempt is undone")

// Once acts under an Idempotency-Key: the first request acts, a repeat with the same fingerprint gets the first answer
// again. The act and the memory of its answer are kept in one transaction, which ctx carries into the act; the act
// may be run several times when the database asks for it. What the act put off until after its commit is done before
// there is an answer, the first or a repeated one; should it fail, a repeat tries again.
func (a *App) Once(ctx context.Context, who Actor, key string, fingerprint []byte, act func(ctx context.Context) Attempt) (answer FirstAnswer, replayed bool, err error) {
	claim := store.Claim{Agency: who.Agency, Key: key, Fingerprint: fingerprint, ID: a.Mint(), At: a.wall()}
	answer, replayed, err = a.claim(ctx, claim)
	if err != nil {
		return answer, replayed, err
	}
	if replayed { // whoever gave the first answer may have died before it had carried out what a moved clock made due
		return answer, true, a.settle(ctx, who.Agency)
	}
	var late error
	ctx = context.WithValue(ctx, afterwardsKey{}, &late)
	settled := false
	defer func() { // also when the act panics
		if !settled {
			a.giveBack(ctx, claim)
		}
	}()
	answer, settled, err = a.actOn(ctx, claim, act)
	if err == nil {
		err = late
	}
	return answer, false, err
}

// afterwardsKey is where a context of Once hears what went wrong after the commit.
type afterwardsKey struct{}

func afterwards(ctx context.Context, err error) {
	if late, _ := ctx.Value(afterwardsKey{}).(*error); late != nil && err != nil {
		*late = err
	}
}

// claim takes the key, or finds out that somebody else has it.
func (a *App) claim(ctx context.Context, c store.Claim) (answer FirstAnswer, replayed bool, err error) {
	var state store.Claimed
	err = a.DB.InTx(ctx, func(ctx context.Context, q store.Q) (err error) {
		state, answer, err = store.TakeClaim(ctx, q, c, a.DB.ForUpdate())
		return err
	})
	switch {
	case err != nil:
		return answer, false, fmt.Errorf("claiming an idempotency key: %w", err)
	case state == store.ClaimMismatch:
		return answer, false, billing.Refuse(billing.Invalid, "idempotency_key_reused", "This Idempotency-Key was used for another request.", "Use a new key for a new request.")
	case state == store.ClaimRunning:
		return answer, false, keyInUse()
	}
	return answer, state == store.ClaimReplay, nil
}

func keyInUse() error {
	return billing.Refuse(billing.Conflict, "idempotency_key_in_use", "A request with this Idempotency-Key is still running.", "Repeat it in a moment to get its answer.")
}

// actOn runs the act and remembers its answer; settled says that the claim needs no giving back.
func (a *App) actOn(ctx context.Context, c store.Claim, act func(ctx context.Context) Attempt) (answer FirstAnswer, settled bool, err error) {
	var tried Attempt
	err = a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		if tried = act(ctx); !tried.Keep {
			return errUndo
		}
		return store.FinishClaim(ctx, q, c, tried.Answer, a.wall())
	})
	switch {
	case errors.Is(err, errUndo) && tried.Broken:
		return tried.Answer, false, nil
	case errors.Is(err, errUndo):
		err = a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
			return store.FinishClaim(ctx, q, c, tried.Answer, a.wall())
		})
	}
	if errors.Is(err, store.ErrClaimLost) {
		return answer, true, keyInUse()
	}
	return tried.Answer, err == nil, err
}

func (a *App) giveBack(ctx context.Context, c store.Claim) {
	err := a.DB.InTx(context.WithoutCancel(ctx), func(ctx context.Context, q store.Q) error { return store.GiveBackClaim(ctx, q, c) })
	if err != nil {
		a.Log.Error("giving an idempotency key back", "agency", c.Agency, "error", err)
	}
}

// Unavailable says whether an error means that the database cannot do it now: another try may succeed.
func Unavailable(err error) bool {
	return errors.Is(err, store.ErrBusy) || errors.Is(err, store.ErrReadOnly) || errors.Is(err, store.ErrDisk)
}

// Noting is a context that remembers whether anything was kept under it; see Uncertain.
func Noting(ctx context.Context) context.Context { return store.Noting(ctx) }

// Uncertain says whether, when err is all there is to answer, the act may have been kept all the same: the answer to
// its commit was lost, or it was kept and could not be read back.
func Uncertain(ctx context.Context, err error) bool {
	return errors.Is(err, store.ErrUnknown) || store.Kept(ctx) && (Unavailable(err) || errors.Is(err, context.DeadlineExceeded))
}

// Backlog counts the clients for whom something has come due and is not yet carried out, up to a thousand.
func (a *App) Backlog(ctx context.Context) (int, error) {
	due, err := store.DueClients(ctx, a.DB.Q(ctx), a.wall(), store.DueClient{}, 1000)
	return len(due), err
}
