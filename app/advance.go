package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"minutebook/billing"
	"minutebook/store"
)

// AdvanceDue carries out what has come due, for at most limit clients, the longest due first, each up to its own next
// instant, so that a backlog is worked off in the order it happened. It answers how many clients it moved; 0 means
// that nothing is due, or that others are at it. Several processes may run it side by side. Rules 3.3.
func (a *App) AdvanceDue(ctx context.Context, limit int) (int, error) {
	due, err := store.DueClients(ctx, a.DB.Q(ctx), a.wall(), limit)
	if err != nil {
		return 0, fmt.Errorf("looking for what has come due: %w", err)
	}
	moved, faults := 0, []error{}
	for _, d := range due {
		did, err := a.advanceTo(ctx, d, a.DB.SkipLocked())
		if err != nil { // one client's fault is not the next one's
			faults = append(faults, fmt.Errorf("bringing client %d of agency %d forward: %w", d.Client, d.Agency, err))
		}
		if did {
			moved++
		}
		if ctx.Err() != nil {
			break
		}
	}
	return moved, errors.Join(faults...)
}

func (a *App) advance(ctx context.Context, due []store.DueClient) (int, error) {
	for i, d := range due {
		if _, err := a.advanceTo(ctx, d, a.DB.ForUpdate()); err != nil {
			return i, fmt.Errorf("bringing client %d of agency %d forward: %w", d.Client, d.Agency, err)
		}
	}
	return len(due), nil
}

// advanceTo brings a client forward to the instant it was due, and answers false if somebody else was faster: then
// nothing is left to do. Where hold passes over clients that are held, so does this one, and processes that work off
// one backlog share it instead of queueing up behind each other.
func (a *App) advanceTo(ctx context.Context, d store.DueClient, hold string) (did bool, err error) {
	err = a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		if did, err = store.HoldDue(ctx, q, hold, d); err != nil || !did {
			return err
		}
		acc, err := a.load(ctx, q, d.Agency, d.Client)
		if err != nil {
			return err
		}
		recorded, err := a.nowOf(ctx, acc)
		if err != nil {
			return err
		}
		if _, err := acc.Advance(d.Due, slice); err != nil {
			return err
		}
		return a.save(ctx, q, system(d.Agency), act{command: "time"}, acc, len(acc.Fresh()), recorded)
	})
	return did, err
}

// TestClock is a sandbox's now. Rules 3.5.
func (a *App) TestClock(ctx context.Context, who Actor) (time.Time, error) {
	clock, err := store.TestClock(ctx, a.DB.Q(ctx), who.Agency)
	if err == nil && clock.IsZero() {
		err = notASandbox()
	}
	return clock, err
}

// lastYear bounds a test clock: beyond it, a slip of the finger would bill for centuries.
const lastYear = 2200

// MoveTestClock moves a sandbox's clock forward and carries out everything due on the way. Rules 3.5.
func (a *App) MoveTestClock(ctx context.Context, who Actor, to time.Time) (time.Time, error) {
	to = to.UTC().Truncate(time.Millisecond)
	err := a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		clock, err := store.HoldTestClock(ctx, q, a.DB.ForUpdate(), who.Agency)
		switch {
		case err != nil:
			return err
		case clock.IsZero():
			return notASandbox()
		case !to.After(clock):
			return billing.InvalidField("now", "must be later than %s; a test clock only moves forward", clock.Format(time.RFC3339))
		case to.Year() >= lastYear:
			return billing.InvalidField("now", "must lie before the year %d", lastYear)
		}
		if err := a.audit(ctx, q, who, clock, "test_clock.move", "test_clock", 0, "", map[string]any{"now": clock}, map[string]any{"now": to}); err != nil {
			return err
		}
		return store.SetTestClock(ctx, q, who.Agency, to)
	})
	if err != nil {
		return time.Time{}, err
	}
	return to, a.catchUp(ctx, who.Agency, to)
}

// catchUp carries out what is due in one agency until nothing is left.
func (a *App) catchUp(ctx context.Context, agency billing.ID, to time.Time) error {
	for {
		due, err := store.DueClientsOf(ctx, a.DB.Q(ctx), agency, to, 100)
		if err != nil || len(due) == 0 {
			return err
		}
		for i := range due {
			if due[i].Due.After(due[0].Due) { // the first may become due again before this one
				due = due[:i]
				break
			}
		}
		if _, err := a.advance(ctx, due); err != nil {
			return err
		}
	}
}

func notASandbox() error {
	return billing.Refuse(billing.Conflict, "not_a_sandbox", "This agency has no test clock: its time is the real one.",
		"Create a sandbox agency with `minutebook agency create --test-clock`.")
}
