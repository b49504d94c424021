package store

import (
	"context"
	"fmt"
	"time"

	"minutebook/billing"
)

// Stand is where an account stands: enough to know whether one that was read before is still the same. Every change
// has a fact and moves Seq; the figures beside it are for a database that was put back to an earlier state meanwhile.
type Stand struct {
	Seq, Events int64
	Used        billing.Split
	Wallet      billing.Millis
	Exhausted   time.Time
	Written     time.Time
}

// StandOf is where an account stands.
func StandOf(a *billing.Account) Stand {
	return Stand{a.Seq, a.Events, a.Period.Used, a.Wallet, a.Exhausted, a.Written}
}

// Of says whether an account stands there.
func (s Stand) Of(a *billing.Account) bool {
	return s.Seq == a.Seq && s.Events == a.Events && s.Used == a.Period.Used && s.Wallet == a.Wallet && s.Written.Equal(a.Written)
}

// Left is where an account was left: by an event, and what followed from it in the same transaction.
type Left struct {
	Event billing.ID // zero: nobody knows
	Seq   int64      // the event's place among the client's facts
}

// FollowCalls brings held accounts to where they stand, if nothing but calls moved them since they were left, and says for
// which it did. Each call is one event and one fact, and nothing else is an event: where as many facts as events came, all
// of them are calls. That the database went on from where the account was left, and was not put back to an earlier state
// and then went another way, the event at its place tells.
func FollowCalls(ctx context.Context, q Q, accounts []*billing.Account, stands []*Stand, left []Left) ([]bool, error) {
	d := spoken(q)
	events := map[billing.ID]ids{}
	for i, a := range accounts {
		if stands[i].onlyCalls(a) && left[i].Event != 0 {
			events[a.Agency] = append(events[a.Agency], left[i].Event)
		}
	}
	type place struct {
		client, event billing.ID
		seq           int64
	}
	there := map[place]bool{}
	var all []question
	for agency, list := range events {
		all = append(all, question{
			`SELECT found.client_id, found.id, found.seq FROM ` + d.eachOf("usage_events", "agency_id = $1", "id", 2, "bigint", ""),
			[]any{agency, list},
			func(r Row) error {
				var p place
				err := r.Scan(&p.client, &p.event, &p.seq)
				there[p] = true // an event's id is unique, whoever's it is
				return err
			},
		})
	}
	if err := askAll(ctx, q, all); err != nil {
		return nil, fmt.Errorf("following calls: %w", err)
	}
	followed := make([]bool, len(accounts))
	for i, a := range accounts {
		if stands[i].onlyCalls(a) && there[place{a.Client, left[i].Event, left[i].Seq}] {
			stands[i].Bring(a)
			followed[i] = true
		}
	}
	return followed, nil
}

// onlyCalls says whether all facts since an account was left are events.
func (s *Stand) onlyCalls(a *billing.Account) bool {
	return s.Events > a.Events && s.Events-a.Events == s.Seq-a.Seq
}

// Bring brings an account there that only calls moved, or would have moved from there.
func (s *Stand) Bring(a *billing.Account) {
	a.Seq, a.Events, a.Period.Used, a.Wallet, a.Exhausted, a.Written = s.Seq, s.Events, s.Used, s.Wallet, s.Exhausted, s.Written
}

// HoldAccounts holds many accounts as LoadAccounts does and says no more than where they stand, in the order of the
// question, nil where there is no such client; and, once they are held, which of some events are stored already.
func HoldAccounts(ctx context.Context, q Q, hold string, named []Named, events []Digest) ([]*Stand, map[Digest]*UsageRow, error) {
	l := loader{dialect: spoken(q)}
	l.group(named)
	stands := make(map[clientKey]*Stand, len(named))
	var all []question
	for _, w := range l.wanted {
		all = append(all, question{`
			SELECT client_id, seq, events, included_ms, wallet_used_ms, billable_ms, uncovered_ms, wallet_ms, exhausted_since, updated_at
			FROM ` + l.eachOf("accounts", "agency_id = $1", "client_id", 2, "bigint", hold), []any{w.agency, w.clients}, func(r Row) error {
			var client billing.ID
			s := &Stand{}
			err := r.Scan(&client, &s.Seq, &s.Events, &s.Used.Included, &s.Used.Wallet, &s.Used.Billable, &s.Used.Uncovered, &s.Wallet, &s.Exhausted, &s.Written)
			stands[clientKey{w.agency, client}] = s
			return err
		}})
	}
	known := map[billing.ID]ids{}
	if err := askAll(ctx, q, append(all, askKnown(l.dialect, events, known)...)); err != nil {
		return nil, nil, fmt.Errorf("holding accounts: %w", err)
	}
	answer := make([]*Stand, len(named))
	for i, n := range named {
		answer[i] = stands[clientKey{n.Agency, n.Client}]
	}
	rows, err := knownRows(ctx, q, known)
	return answer, rows, err
}

// External names a client by the agency's own name for it.
type External struct {
	Agency billing.ID
	Name   string
}

// Preface is what a batch of usage has to know before it holds anything.
type Preface struct {
	Clocks  map[billing.ID]time.Time // the test clocks of those agencies that have one
	Clients map[External]billing.ID
}

// ReadPreface reads it in one message.
func ReadPreface(ctx context.Context, q Q, agencies []billing.ID, named map[External]billing.ID) (p Preface, err error) {
	p = Preface{map[billing.ID]time.Time{}, map[External]billing.ID{}}
	d := spoken(q)
	var all []question
	for _, agency := range agencies {
		all = append(all, question{`SELECT test_clock FROM agencies WHERE id = $1 AND test_clock IS NOT NULL`, []any{agency}, func(r Row) error {
			var clock time.Time
			err := r.Scan(&clock)
			p.Clocks[agency] = clock
			return err
		}})
	}
	names := map[billing.ID]texts{}
	for n := range named {
		names[n.Agency] = append(names[n.Agency], n.Name)
	}
	for agency, list := range names {
		all = append(all, question{`SELECT found.external_id, found.id FROM ` + d.eachOf("clients", "agency_id = $1", "external_id", 2, "text", ""), []any{agency, list}, func(r Row) error {
			n := External{Agency: agency}
			var id billing.ID
			err := r.Scan(&n.Name, &id)
			p.Clients[n] = id
			return err
		}})
	}
	if err := askAll(ctx, q, all); err != nil {
		return p, fmt.Errorf("reading what a batch of usage begins with: %w", err)
	}
	return p, nil
}
