package sim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
)

// home is a client as the store has it.
type home struct {
	id       billing.ID
	external string
	log      []Told
	lens     *Client  // read back from the store
	told     []string // its facts, in writing
}

// tell gives a client a command, asks until it is answered, and looks at what came of it.
func (w *world) tell(t *tenant, h *home, do any) {
	idle := h.idle(do)
	before := Clone(h.lens.Account)
	facts := len(h.lens.Facts)
	made, at, err := w.ask(t, h, do)
	w.result.Commands++
	t.answers = append(t.answers, fmt.Sprintf("%T %v", do, err))
	var refusal *billing.Error
	switch {
	case errors.As(err, &refusal):
		w.result.Refused++
		fmt.Fprintf(w.trace, "%T %s\n", do, refusal.Code)
	case err != nil:
		w.broken("%T%+v was answered %v", do, do, err)
	case !at.IsZero() && !idle:
		h.log = append(h.log, Told{At: at, Do: do, Made: made})
		h.lens.Log = h.log
		w.result.Reach.note(h.lens, before, do, h.lens.Facts[facts:])
	}
	w.look(t, h, do)
}

// idle says whether a command is welcome and changes nothing: a call that is known, a correction to what is there.
func (h *home) idle(do any) bool {
	switch do := do.(type) {
	case Use:
		return h.lens.Event(do.Event.Source, do.Event.EventID) != nil
	case Correct:
		u := h.lens.Event(do.Source, do.Event)
		return u == nil || u.Status == billing.VoidUsage || u.Event.Kind != billing.Call || u.Event.Talk == do.Talk
	}
	return false
}

// look holds what the store has of a client against the rules and the second opinion.
func (w *world) look(t *tenant, h *home, do any) {
	found := h.lens.Broken(w.step%10 == 0)
	found = append(found, Second{}.Differs(h.lens)...)
	for _, wrong := range found {
		w.broken("client %d in %s, after %T%+v at %s: %s", h.id, h.lens.Account.Zone, do, do, h.lens.Now.Format(time.RFC3339Nano), wrong)
	}
}

// patience is how often a command is asked before the world gives up. Long before, faults leave it alone.
const patience, stormy = 60, 30

// ask asks for a command until it is answered. It says when it was done: the zero instant if nothing was.
func (w *world) ask(t *tenant, h *home, do any) (made billing.ID, at time.Time, err error) {
	defer func() { w.spared = false }()
	t.asked++
	who, key := w.somebody(t, h, do), fmt.Sprint("key-", t.asked)
	var earliest time.Time // by the clocks it was asked by
	var last *worker
	for try := 1; try <= patience; try++ {
		k := w.worker(t.dice)
		if last != nil && k.app.Clock().Sub(earliest) > store.ClaimKept-24*time.Hour { // it may have forgotten the key, and nobody repeats as late as that
			k = last
		}
		if last = k; earliest.IsZero() || k.app.Clock().Before(earliest) {
			earliest = k.app.Clock()
		}
		behind := k.app.Clock().Before(h.lens.Now)
		w.spared = try > stormy
		err := w.dare(k, func() (err error) { made, err = w.once(k.app, t, h, who, key, do); return err })
		lost := w.hit != "" && w.stage == store.AfterCommit
		if w.see(t, h) {
			at = h.lens.Now
			w.result.Reach.at("written by a worker that is behind", behind)
		}
		var refusal *billing.Error
		switch errors.As(err, &refusal); {
		case refusal != nil && refusal.Code == "idempotency_key_in_use":
			w.result.Reach["died between a claim and its commit"]++
			w.pass(store.ClaimTimeout + time.Second)
			k.frozen = time.Time{}
		case refusal != nil, err == nil:
			w.result.Reach.at("portal user acted", err == nil && who.Kind == app.ByPortal)
			w.result.Reach.at("portal user refused", err != nil && who.Kind == app.ByPortal)
			return made, at, err
		case w.hit == "" && !w.known(err): // nothing was struck, and yet it failed
			return made, at, err
		default:
			w.result.Reach["a command met a fault"]++
			w.result.Reach.at("unknown outcome, asked again", lost && !errors.Is(err, errDied))
			w.result.Reach.at("died after a commit", lost && errors.Is(err, errDied))
			w.result.Reach.at("died before a commit", !lost && errors.Is(err, errDied))
			w.pass(time.Duration(w.dice.IntN(5000)) * time.Millisecond)
			w.sweep(w.worker(w.dice))
		}
	}
	return made, at, fmt.Errorf("not answered in %d tries", patience)
}

func (h *home) event(source, event string) billing.ID {
	if u := h.lens.Event(source, event); u != nil {
		return u.ID
	}
	return 1
}

// see reads a client back from the store and says whether it has new facts. What was there before must be there
// unchanged: no fact, no order of facts, no due date moves, whatever the clocks do.
func (w *world) see(t *tenant, h *home) (grew bool) {
	var stored store.History
	w.must(w.db.Snapshot(w.ctx, func(ctx context.Context, q store.Q) (err error) {
		stored, err = store.LoadHistory(ctx, q, t.agency, h.id)
		return err
	}))
	was := h.lens
	h.lens = lensOf(stored, t.run)
	h.lens.Log = h.log
	var told []string
	for _, e := range h.lens.Facts {
		body, err := json.Marshal(e.Fact)
		w.must(err)
		told = append(told, fmt.Sprintf("%d %d %s %s", e.Seq, e.At.UnixMicro(), e.Fact.FactName(), body))
	}
	if len(told) < len(h.told) {
		w.broken("client %d had %d facts and has %d", h.id, len(h.told), len(told))
		return false
	}
	for i, line := range h.told {
		if told[i] != line {
			w.broken("client %d: fact %q became %q", h.id, line, told[i])
		}
	}
	grew = len(told) > len(h.told)
	h.told = told
	if was != nil {
		w.forward(h, was)
	}
	return grew
}

// forward compares two looks at one client.
func (w *world) forward(h *home, was *Client) {
	is := h.lens
	if is.Account.Seq < was.Account.Seq || is.Account.Written.Before(was.Account.Written) || is.Now.Before(was.Now) {
		w.broken("client %d went back from %d at %s to %d at %s", h.id, was.Account.Seq, was.Account.Written, is.Account.Seq, is.Account.Written)
	}
	for _, q := range was.Account.Requests {
		r := is.Account.Request(q.ID)
		if r == nil || !r.DueAt.Equal(q.DueAt) || !r.GraceEndsAt.Equal(q.GraceEndsAt) || !r.IssuedAt.Equal(q.IssuedAt) || r.Amount != q.Amount || r.Number != q.Number {
			w.broken("client %d: request %+v became %+v", h.id, q, r)
		}
	}
}

// lensOf is a client's life as its facts tell it, with the account as the store has it.
func lensOf(h store.History, t *run) *Client {
	c := NewClient(time.Time{}, h.Account.Zone, h.Account.Policy, h.Account.Client)
	replay := &billing.Account{Agency: h.Account.Agency, Client: h.Account.Client, Policy: h.Account.Policy, Zone: h.Account.Zone, Denial: billing.PauseAll}
	for _, f := range h.Facts {
		before := replay.Summary()
		replay.Seq = f.Seq
		replay.Apply(f.At, f.Fact)
		e := billing.Entry{Seq: f.Seq, At: f.At, Fact: f.Fact, Before: before, After: replay.Summary()}
		c.note(e)
		c.Facts = append(c.Facts, e)
		c.Now = f.At
	}
	c.Account = h.Account
	c.Account.CreditLines = h.CreditLines
	c.Plans, c.Packs = t.plans, t.packs
	return c
}
