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
	Written     time.Time
}

// Of says whether an account stands there.
func (s Stand) Of(a *billing.Account) bool {
	return s.Seq == a.Seq && s.Events == a.Events && s.Used == a.Period.Used && s.Wallet == a.Wallet && s.Written.Equal(a.Written)
}

// HoldAccounts holds many accounts as LoadAccounts does and says no more than where they stand, in the order of the
// question, nil where there is no such client; and, once they are held, which of some events are stored already.
func HoldAccounts(ctx context.Context, q Q, hold string, named []Named, events []UsageKey) ([]*Stand, map[UsageKey]*UsageRow, error) {
	l := loader{dialect: spoken(q)}
	l.group(named)
	stands := make(map[clientKey]*Stand, len(named))
	var all []question
	for _, w := range l.wanted {
		all = append(all, question{`
			SELECT client_id, seq, events, included_ms, wallet_used_ms, billable_ms, uncovered_ms, wallet_ms, updated_at
			FROM ` + l.eachOf("accounts", "agency_id = $1", "client_id", 2, "bigint", hold), []any{w.agency, w.clients}, func(r Row) error {
			var client billing.ID
			s := &Stand{}
			err := r.Scan(&client, &s.Seq, &s.Events, &s.Used.Included, &s.Used.Wallet, &s.Used.Billable, &s.Used.Uncovered, &s.Wallet, &s.Written)
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
