package sim

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
)

// worker is one process of the program.
type worker struct {
	app    *app.App
	skew   time.Duration
	frozen time.Time // its clock stands still here, if set
}

// start is a process that begins anew.
func (w *world) start(k *worker) *worker {
	sealer, err := app.NewSealer(make([]byte, 32))
	w.must(err)
	k.app = &app.App{
		DB: w.db, Secrets: sealer, PublicURL: "http://localhost", Log: slog.New(slog.DiscardHandler), Mint: func() billing.ID { w.minted++; return w.minted },
		Clock: func() time.Time {
			if !k.frozen.IsZero() {
				return k.frozen
			}
			return w.now.Add(k.skew)
		},
	}
	return k
}

func (w *world) worker(dice *rand.Rand) *worker { return w.workers[dice.IntN(len(w.workers))] }

// jump does to a process's clock what happens to clocks.
func (w *world) jump(k *worker) {
	if !k.frozen.IsZero() {
		k.frozen = time.Time{}
		return
	}
	if w.dice.IntN(4) == 0 {
		k.frozen = w.now.Add(k.skew)
		w.result.Reach["clock stood still"]++
		return
	}
	const day = 24 * time.Hour
	before := w.now.Add(k.skew)
	k.skew = []time.Duration{0, 10 * time.Minute, -10 * time.Minute, -time.Hour, -day, day, 40 * day}[w.dice.IntN(7)]
	if t := w.tenants[w.dice.IntN(2)]; w.dice.IntN(2) == 0 { // to just before a period that began, or just behind its end
		p := t.homes[w.dice.IntN(2)].lens.Account.Period
		k.skew = []time.Duration{p.Start.Add(-time.Hour).Sub(w.now), p.End.Add(time.Hour).Sub(w.now)}[w.dice.IntN(2)]
		k.skew = min(max(k.skew, -40*day), 40*day)
	}
	after := w.now.Add(k.skew)
	for _, t := range w.tenants {
		for _, h := range t.homes {
			end, start := h.lens.Account.Period.End, h.lens.Account.Period.Start
			w.result.Reach.at("clock stepped back over a boundary", after.Before(start) && !before.Before(start))
			w.result.Reach.at("clock stepped ahead over a boundary", !after.Before(end) && before.Before(end))
		}
	}
}

// sweep lets a process do what its job does every second.
func (w *world) sweep(k *worker) {
	touched := false
	for range 30 {
		moved := 0
		err := w.dare(k, func() (err error) { moved, err = k.app.AdvanceDue(w.ctx, 50); return err })
		w.result.Reach.at("time sweep met a fault", err != nil)
		touched = touched || err != nil || moved > 0
		if err != nil || moved == 0 {
			break
		}
	}
	for _, t := range w.tenants {
		for _, h := range t.homes {
			if touched {
				w.see(t, h)
			}
		}
	}
}

// errDied is what a process answers that died.
var errDied = errors.New("the process died")

// death is what a dying process panics with.
type death struct{}

// dare lets a process do something while faults are armed. If it dies, it is started again.
func (w *world) dare(k *worker, do func() error) (err error) {
	w.armed, w.hit = true, ""
	defer func() {
		w.armed, w.dead = false, false
		switch p := recover().(type) {
		case nil:
		case death:
			err = errDied
			w.start(k)
		default:
			w.broken("panic: %v", p)
			err = errDied
		}
	}()
	return do()
}

// known says whether an answer is one that only a fault before it can have caused.
func (w *world) known(err error) bool {
	return errors.Is(err, store.ErrBusy) || errors.Is(err, store.ErrUnknown)
}

// calamity is a way in which a call of the database goes wrong.
type calamity struct {
	place  string
	err    error // what the database answers; nil: the process dies
	commit bool  // only after a commit: what was done stays, the answer is lost
}

var calamities = []calamity{
	{place: "", err: fmt.Errorf("somebody writes: %w", store.ErrBusy)},
	{place: "deadlock", err: fmt.Errorf("deadlock detected: %w", store.ErrBusy)},
	{place: "timeout", err: context.DeadlineExceeded},
	{place: "disk full", err: store.ErrDisk},
	{place: "read-only", err: store.ErrReadOnly},
	{place: "", err: errors.New("the connection broke in the commit"), commit: true},
	{place: ""}, // death
}

// strike decides over each call of the database.
func (w *world) strike(stage store.Stage, _ string) error {
	if w.dead {
		panic(death{})
	}
	if !w.armed || w.spared || w.rate == 0 || len(w.modes) == 0 || w.dice.IntN(w.rate) != 0 {
		return nil
	}
	c := w.modes[w.dice.IntN(len(w.modes))]
	if c.err != nil && c.commit != (stage == store.AfterCommit) {
		return nil
	}
	w.stage, w.hit = stage, "struck"
	w.result.Reach.at(c.place, c.place != "")
	if c.err == nil {
		w.dead = true
		panic(death{})
	}
	return c.err
}
