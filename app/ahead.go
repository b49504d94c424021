package app

import (
	"cmp"
	"context"
	"errors"

	"minutebook/store"
)

// SQLite has one writer. So that it need not wait for the rules, a large batch of usage is reckoned before its transaction,
// while the batch before is written: it goes on from the accounts as that one will leave them. What it read by then is held
// against what stands when it is written, as with every batch that is trusting; see [store.Saving]. What it knew from the
// batch before holds only if that one was kept as it was reckoned: else both are done anew, within their transactions.

// lead is what a batch that is reckoned ahead goes on from, and what the next one may go on from.
type lead struct {
	before *metering // the batch that is being written meanwhile, reckoned ahead too; nil: none is
	used   bool      // it was written once, or tried to be
	kept   bool      // as it was reckoned
}

// mostPagesAhead is how large the file may be, in pages: some 800 MB, or 1.7 million calls, where each event is looked up. Whoever
// does that over another connection than the writer's reads its pages anew after each commit, and of a large index nearly each
// key has one of its own.
const mostPagesAhead = 200_000

// errNotAhead says that a batch cannot be reckoned before the one before it is written, or better is not.
var errNotAhead = errors.New("not to be reckoned ahead")

// reckonAhead reckons a batch while another one may be written. It answers nil where that cannot be done.
func (a *App) reckonAhead(posts []*post, before *metering) (m *metering) {
	if !a.leads.ask() {
		return nil
	}
	defer func() {
		if recover() != nil { // its own transaction will come upon it again, and say so
			m = nil
		}
	}()
	m = &metering{a: a, posts: posts, trusting: true, presuming: a.presumes(), lead: &lead{before: before}}
	err := a.DB.Snapshot(context.Background(), func(ctx context.Context, q store.Q) error {
		m.ctx, m.q = ctx, q
		if pages, err := store.Pages(ctx, q); err != nil || !m.presuming && pages > cmp.Or(a.aheadUpTo, mostPagesAhead) {
			return cmp.Or(err, errNotAhead)
		}
		return m.reckon()
	})
	if err != nil {
		m.takeBack()
		return nil
	}
	m.lend()
	return m
}

// lend puts accounts back on the shelf where the batch will leave them, for the next one to go on from. What the batch
// writes of them is kept apart.
func (m *metering) lend() {
	for _, acc := range m.order {
		if !acc.onlyUsed() {
			continue
		}
		next, written := acc.shelved, *acc.Account
		next.left, next.stood = acc.lastEvent(), nil
		next.Kept(acc.kept())
		acc.Account, acc.lent = &written, next.Account
		m.a.shelf.put(next)
	}
}

// mayRead refuses to read an account that the batch before moves: as it stands in the database it is not any more.
func (l *lead) mayRead(named []store.Named, found []shelved) error {
	if l == nil || l.before == nil {
		return nil
	}
	for i, n := range named {
		if found[i].Account == nil && l.before.accounts[account{n.Agency, n.Client}] != nil {
			return errNotAhead
		}
	}
	return nil
}

// earlier is an event of the batch before.
func (l *lead) earlier(key store.Digest) *store.UsageRow {
	if l == nil || l.before == nil {
		return nil
	}
	i, there := l.before.fresh[key]
	if !there {
		return nil
	}
	row := *l.before.reports[i].result.Known // that batch's callers read theirs
	return &row
}

// stands says whether a batch that was reckoned ahead can still be written so.
func (m *metering) stands() bool {
	return m != nil && !m.lead.used && (m.lead.before == nil || m.lead.before.lead.kept)
}

// write writes what was reckoned ahead.
func (m *metering) write(ctx context.Context, q store.Q) error {
	m.ctx, m.q, m.lead.used, m.lead.before = ctx, q, true, nil
	return m.save()
}

// keep notes that the batch was kept as it was reckoned.
func (l *lead) keep() {
	if l != nil {
		l.kept = true
	}
}

// undo takes back what was lent, unless the batch was kept.
func (m *metering) undo() {
	if m == nil || m.lead.kept {
		return
	}
	for _, acc := range m.order {
		if acc.lent != nil {
			m.a.shelf.forget(acc.lent)
		}
	}
}
