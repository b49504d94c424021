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

// UsageReport is an event as a door read it: what happened, to which client, and the words it came in.
type UsageReport struct {
	billing.UsageEvent
	ClientID         billing.ID
	ClientExternalID string
	Raw              []byte         // as it was sent, for the rejected list
	Problem          *billing.Error // what the door found wrong with its shape
}

// What became of a report.
const (
	UsageAccepted  = "accepted"
	UsageDuplicate = "duplicate"
	UsageConflict  = "conflict"
	UsageRejected  = "rejected"
)

// UsageResult is what became of one report of a batch.
type UsageResult struct {
	Result  string
	EventID string
	ID      billing.ID
	Error   *billing.Error
	Known   *store.UsageRow // what is stored now: accepted, seen before, or in conflict
}

// RecordUsage meters a batch of reports in one transaction and answers each by itself: a bad one never fails its
// neighbours, and is kept in the rejected list. Rules 5.1 to 5.7.
func (a *App) RecordUsage(ctx context.Context, who Actor, reports []UsageReport) (results []UsageResult, err error) {
	if who.Kind != ByProvider {
		if err := needs(who, ScopeUsageWrite); err != nil {
			return nil, err
		}
	}
	if a.DB.Carries(ctx) { // the caller's own transaction: its effect is kept or undone with the rest of it
		return a.recordAlone(ctx, who, reports)
	}
	return a.together(ctx, who, reports)
}

// recordAlone meters the reports of one caller in one transaction.
func (a *App) recordAlone(ctx context.Context, who Actor, reports []UsageReport) (results []UsageResult, err error) {
	const tries = 5
	for try := 1; ; try++ {
		err = a.DB.InTx(ctx, func(ctx context.Context, q store.Q) (err error) {
			results, err = a.meter(ctx, q, who, reports)
			return err
		})
		// The same event id sent for two clients at once: no lock orders the two, the unique key does. The loser
		// comes again and then finds the winner's event.
		if !store.Conflicts(err, "usage_events", "agency_id", "source", "event_id") || try == tries || a.DB.RunAgain(ctx, err) {
			return results, err
		}
	}
}

// meter draws the reports of one actor within a transaction.
func (a *App) meter(ctx context.Context, q store.Q, who Actor, reports []UsageReport) ([]UsageResult, error) {
	now, err := a.Now(ctx, who.Agency)
	if err != nil {
		return nil, err
	}
	m := metering{
		a: a, ctx: ctx, q: q, who: who, now: now, reports: slices.Clone(reports), results: make([]UsageResult, len(reports)),
		clients: map[ClientRef]billing.ID{}, accounts: map[billing.ID]*metered{}, fresh: map[store.UsageKey]*store.UsageRow{},
	}
	return m.results, m.run()
}

// metering is one batch on its way through the rules.
type metering struct {
	a        *App
	ctx      context.Context
	q        store.Q
	who      Actor
	now      time.Time
	reports  []UsageReport
	results  []UsageResult
	clients  map[ClientRef]billing.ID // 0: there is no such client
	accounts map[billing.ID]*metered
	known    map[store.UsageKey]store.UsageRow
	fresh    map[store.UsageKey]*store.UsageRow // events of this very batch
}

// metered is a client's account during the batch.
type metered struct {
	*billing.Account
	now time.Time // its own: never before it was last written
	due int       // facts that time alone brought about
}

func (m *metering) run() error {
	steps := []func() error{m.resolveClients, m.holdAccounts, m.findKnown, m.draw, m.save, m.keepRejected}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// resolveClients finds the client of each report, and refuses those that name none.
func (m *metering) resolveClients() error {
	for i := range m.reports {
		r := &m.reports[i]
		m.results[i].EventID = r.EventID
		r.StartedAt, r.EndedAt = micros(r.StartedAt), micros(r.EndedAt)
		if problem := m.shape(r); problem != nil {
			m.reject(i, problem)
			continue
		}
		id, err := m.client(ClientRef{ID: r.ClientID, ExternalID: r.ClientExternalID})
		var refusal *billing.Error
		switch {
		case errors.As(err, &refusal):
			m.reject(i, &billing.Error{Kind: billing.Invalid, Code: "unknown_client", Field: refusal.Field, Message: "there is no such client", Remedy: "Create the client, or correct the event and replay it from the rejected list."})
		case err != nil:
			return err
		}
		r.ClientID = id
	}
	return nil
}

// client finds a client, once for all reports that name it alike.
func (m *metering) client(ref ClientRef) (billing.ID, error) {
	if id, known := m.clients[ref]; known {
		return id, nil
	}
	id, err := m.a.ResolveClient(m.ctx, m.who.Agency, ref)
	if err == nil {
		m.clients[ref] = id
	}
	return id, err
}

// shape is what is wrong with a report by itself, before anything is looked up.
func (m *metering) shape(r *UsageReport) *billing.Error {
	var refusal *billing.Error
	if r.Problem == nil && !errors.As(r.Check(m.now), &refusal) {
		return nil
	}
	if r.Problem != nil {
		return r.Problem
	}
	return refusal
}

// micros is the precision instants are kept in.
func micros(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// holdAccounts loads the clients in the order of their ids, so that two batches never wait for one another in a
// circle, and brings each forward to now.
func (m *metering) holdAccounts() error {
	var ids []billing.ID
	for i, r := range m.reports {
		if m.results[i].Result == "" {
			ids = append(ids, r.ClientID)
		}
	}
	slices.Sort(ids)
	var named []store.Named
	for _, id := range slices.Compact(ids) {
		named = append(named, store.Named{Agency: m.who.Agency, Client: id})
	}
	if len(named) == 0 {
		return nil
	}
	accounts, err := m.a.loadAll(m.ctx, m.q, named)
	if err != nil {
		return err
	}
	for _, acc := range accounts {
		m.accounts[acc.Client] = &metered{Account: acc}
	}
	return m.bringForward()
}

// bringForward brings the held accounts to now. The clock is read again: who held an account before us may have
// written it at a later instant than the one at which we began to wait, and its time does not run backwards.
func (m *metering) bringForward() error {
	now, err := m.a.Now(m.ctx, m.who.Agency)
	if err != nil {
		return err
	}
	m.now = later(m.now, now)
	for _, acc := range m.accounts {
		acc.now = later(m.now, acc.Written)
		for done := false; !done; {
			if done, err = acc.Advance(acc.now, slice); err != nil {
				return err
			}
		}
		acc.due = len(acc.Fresh())
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func (m *metering) findKnown() (err error) {
	var keys []store.UsageKey
	for i, r := range m.reports {
		if m.results[i].Result == "" {
			keys = append(keys, store.UsageKey{Source: r.Source, EventID: r.EventID})
		}
	}
	m.known, err = store.KnownUsage(m.ctx, m.q, m.who.Agency, keys)
	return err
}

// draw lets the rules draw each new event, in the order of the batch.
func (m *metering) draw() error {
	for i, r := range m.reports {
		if m.results[i].Result != "" || m.repeated(i, r) {
			continue
		}
		acc := m.accounts[r.ClientID]
		recorded, err := acc.Use(r.UsageEvent, acc.now)
		var refusal *billing.Error
		switch {
		case errors.As(err, &refusal):
			m.reject(i, refusal)
			continue
		case err != nil:
			return err
		}
		row := store.RecordedRow(acc.Account, recorded, acc.now, m.who.String())
		m.fresh[store.UsageKey{Source: r.Source, EventID: r.EventID}] = &row
		m.results[i] = UsageResult{Result: UsageAccepted, EventID: r.EventID, ID: recorded.ID, Known: &row}
	}
	return nil
}

// repeated answers an event that was seen before, in the books or earlier in this batch.
func (m *metering) repeated(i int, r UsageReport) bool {
	key, result := store.UsageKey{Source: r.Source, EventID: r.EventID}, &m.results[i]
	row := m.fresh[key]
	if known, stored := m.known[key]; stored {
		row = &known
	}
	if row == nil {
		return false
	}
	result.Result, result.ID, result.Known = UsageDuplicate, row.ID, row
	if !row.SameContent(r.ClientID, r.UsageEvent) {
		result.Result = UsageConflict
		result.Error = billing.Refuse(billing.Conflict, "event_conflict", "An event of this source and event_id is stored with other content; nothing was changed.",
			"Send a new event_id for another call, or void the stored event.")
	}
	return true
}

func (m *metering) reject(i int, why *billing.Error) {
	m.results[i].Result, m.results[i].Error = UsageRejected, why
}

func (m *metering) save() error {
	var all []store.Saving
	for _, id := range slices.Sorted(maps.Keys(m.accounts)) {
		acc := m.accounts[id]
		all = append(all, m.a.saving(m.who, act{command: recordingUsage}, acc.Account, acc.due, acc.now))
	}
	return m.a.saveAll(m.ctx, m.q, all)
}

func (m *metering) keepRejected() error {
	for i, r := range m.reports {
		if m.results[i].Result != UsageRejected {
			continue
		}
		if err := m.a.keepRejected(m.ctx, m.q, m.who, m.now, r, m.results[i].Error); err != nil {
			return err
		}
	}
	return nil
}

// VoidUsage takes an event back. Rules 5.8.
func (a *App) VoidUsage(ctx context.Context, who Actor, event billing.ID, reason string) error {
	return a.changeUsage(ctx, who, event, act{command: "usage.void", reason: reason}, func(u store.UsageRow, acc *billing.Account, history billing.History, now time.Time) error {
		return acc.Void(u.RecordedUsage, history, reason, now)
	})
}

// CorrectUsage brings an event to the talk time of a later report of the same call; the same talk time changes
// nothing. Rules 5.9.
func (a *App) CorrectUsage(ctx context.Context, who Actor, event billing.ID, talk billing.Millis, reason string) error {
	return a.changeUsage(ctx, who, event, act{command: "usage.correct", reason: reason}, func(u store.UsageRow, acc *billing.Account, history billing.History, now time.Time) error {
		if u.Event.Talk == talk || u.Status == billing.VoidUsage {
			return nil
		}
		changed := u.Event
		changed.Talk = talk
		if err := changed.Check(now); err != nil {
			return err
		}
		return acc.Correct(u.RecordedUsage, talk, history, reason, now)
	})
}

type usageRule func(u store.UsageRow, acc *billing.Account, history billing.History, now time.Time) error

// changeUsage changes the client of an event by a rule that corrects it.
func (a *App) changeUsage(ctx context.Context, who Actor, event billing.ID, act act, rule usageRule) error {
	u, err := a.UsageEvent(ctx, who, event)
	if err != nil {
		return err
	}
	return a.changeWith(ctx, who, u.Client, act, func(ctx context.Context, q store.Q, acc *billing.Account, now time.Time) error {
		u, err := store.UsageByID(ctx, q, who.Agency, event) // again, now that the account is held
		if err != nil {
			return err
		}
		history, err := a.history(ctx, q, who.Agency, u)
		if err != nil {
			return err
		}
		return rule(u, acc, history, now)
	})
}

// history reads the closed periods an event was drawn from.
func (a *App) history(ctx context.Context, q store.Q, agency billing.ID, u store.UsageRow) (billing.History, error) {
	type period struct {
		subscription billing.ID
		index        int
	}
	closed := map[period]billing.ClosedPeriod{}
	for _, part := range u.Parts {
		p, err := store.LoadClosedPeriod(ctx, q, agency, part.SubscriptionID, part.PeriodIndex)
		if err != nil {
			return nil, err
		}
		closed[period{part.SubscriptionID, part.PeriodIndex}] = p
	}
	return func(subscription billing.ID, index int) billing.ClosedPeriod {
		return closed[period{subscription, index}]
	}, nil
}

// UsageEvent reads one event.
func (a *App) UsageEvent(ctx context.Context, who Actor, id billing.ID) (store.UsageRow, error) {
	u, err := store.UsageByID(ctx, a.DB.Q(ctx), who.Agency, id)
	if errors.Is(err, store.ErrMissing) || (err == nil && hidden(who, u.Client)) {
		return store.UsageRow{}, notFound("usage event")
	}
	return u, err
}
