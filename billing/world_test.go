package billing

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// world is one client with all its history in memory: what the store is to the program, this is to the tests of the
// rules. A refused verb leaves an account that must be thrown away, so the world rebuilds it from the facts.
type world struct {
	Account *Account
	Facts   []Entry
	Now     time.Time
	Events  map[string]*RecordedUsage // by event id
	Closed  map[periodKey]*ClosedPeriod
	Periods []Period // every period ever opened, with its final figures

	slice   int // how many instants one Advance may carry out
	minted  ID
	numbers int64
	billed  map[periodKey]ID // the Usage request of a closed period
}

type periodKey struct {
	Subscription ID
	Index        int
}

func newWorld(now time.Time) *world {
	w := &world{Now: now, slice: 100_000, Events: map[string]*RecordedUsage{}, Closed: map[periodKey]*ClosedPeriod{}, billed: map[periodKey]ID{}}
	w.Account = w.blank()
	return w
}

// blank is the client before anything happened to it.
func (w *world) blank() *Account {
	a := &Account{Agency: 1, Client: 2, Zone: "UTC", Denial: PauseAll}
	if w.Account != nil {
		a.Policy, a.Zone = w.Account.Policy, w.Account.Zone
	}
	return a.With(w.mint)
}

// mint counts, so that goldens do not change from run to run.
func (w *world) mint() ID {
	w.minted++
	return 1000 + w.minted
}

// do brings the client forward to now, lets the verb act, carries out what it made due, and keeps the facts.
func (w *world) do(verb func(*Account) error) ([]Entry, error) {
	past, err := w.advance()
	if err != nil {
		return nil, err
	}
	if err := verb(w.Account); err != nil {
		w.Account = w.replay()
		return past, err
	}
	made := w.keep()
	due, err := w.advance()
	return slices.Concat(past, made, due), err
}

func (w *world) advance() ([]Entry, error) {
	for range 100_000 {
		done, err := w.Account.Advance(w.Now, w.slice)
		if done || err != nil {
			return w.keep(), err
		}
	}
	return w.keep(), fmt.Errorf("time does not settle at %s", w.Now)
}

// keep stores what was recorded, as the store would.
func (w *world) keep() []Entry {
	err := w.Account.NumberRequests(func() (int64, error) { w.numbers++; return w.numbers, nil })
	must(err == nil, "numbering in memory")
	fresh := w.Account.Fresh()
	w.Account.fresh = nil
	for _, e := range fresh {
		w.note(e)
	}
	w.Facts = append(w.Facts, fresh...)
	return fresh
}

// note keeps the views that voids and corrections need.
func (w *world) note(e Entry) {
	switch f := e.Fact.(type) {
	case PeriodOpened:
		w.Periods = append(w.Periods, Period{SubscriptionID: f.SubscriptionID, Index: f.Index, Start: f.Start, End: f.End})
	case PeriodClosed:
		last := &w.Periods[len(w.Periods)-1]
		last.ClosedAt, last.Used = f.ClosedAt, f.Used
		w.Closed[periodKey{f.SubscriptionID, f.Index}] = &ClosedPeriod{Terms: w.termsOf(f.SubscriptionID), Billable: f.Used.Billable}
	case RequestIssued:
		if r := f.Request; r.Kind == Usage {
			w.billed[periodKey{r.SubscriptionID, r.PeriodIndex}] = r.ID
		}
	case UsageRecorded:
		u := &RecordedUsage{ID: f.ID, Event: f.Event, Status: f.Status, Billed: f.Billed}
		if f.Status == Rated {
			u.Parts = []Part{{f.SubscriptionID, f.PeriodIndex, f.Split}}
		}
		w.Events[f.Event.EventID] = u
	case UsageCorrected:
		w.noteCorrection(f)
	}
}

func (w *world) noteCorrection(f UsageCorrected) {
	for _, u := range w.Events {
		if u.ID != f.UsageEventID {
			continue
		}
		for _, p := range f.Parts {
			if closed := w.Closed[periodKey{p.SubscriptionID, p.PeriodIndex}]; closed != nil {
				closed.Returned -= p.Split.Billable
			}
		}
		if f.Void {
			u.Status = VoidUsage
			return
		}
		u.Event.Talk, u.Billed = f.Talk, f.Billed
		for _, p := range f.Parts {
			u.addPart(p)
		}
	}
}

func (u *RecordedUsage) addPart(p Part) {
	for i, q := range u.Parts {
		if q.SubscriptionID == p.SubscriptionID && q.PeriodIndex == p.PeriodIndex {
			u.Parts[i].Split = q.Split.Plus(p.Split)
			return
		}
	}
	u.Parts = append(u.Parts, p)
}

// history is what the store would answer about a closed period.
func (w *world) history(subscription ID, index int) ClosedPeriod {
	key := periodKey{subscription, index}
	closed := w.Closed[key]
	if closed == nil {
		return ClosedPeriod{Terms: w.termsOf(subscription)}
	}
	h := *closed
	if request := w.Account.Request(w.billed[key]); request != nil {
		h.Billed = request.Status != Voided
	}
	return h
}

func (w *world) termsOf(subscription ID) Terms {
	for _, e := range w.Facts {
		if s, ok := e.Fact.(SubscriptionStarted); ok && s.SubscriptionID == subscription {
			return s.Terms
		}
	}
	if s := w.Account.Subscription; s != nil && s.ID == subscription {
		return s.Terms
	}
	return Terms{}
}

// replay rebuilds the account from its facts.
func (w *world) replay() *Account {
	a := w.blank()
	for _, e := range w.Facts {
		a.Seq++
		a.Apply(e.At, e.Fact)
	}
	return a
}

// replayStored is replay through the form in which facts are kept.
func (w *world) replayStored() (*Account, error) {
	a := w.blank()
	for _, e := range w.Facts {
		body, err := json.Marshal(e.Fact)
		if err != nil {
			return nil, fmt.Errorf("writing %s: %w", e.Fact.FactName(), err)
		}
		f, err := DecodeFact(e.Fact.FactName(), body)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", e.Fact.FactName(), err)
		}
		a.Seq++
		a.Apply(e.At, f)
	}
	return a, nil
}

// byNumber finds a request by its label's number.
func (w *world) byNumber(number int64) *Request {
	for _, r := range w.Account.Requests {
		if r.Number == number {
			return r
		}
	}
	return nil
}
