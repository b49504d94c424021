package store

import (
	"context"
	"sync"
)

// Exec is for whoever should not: over the links for reading SQLite refuses what writes.
func (e *sqliteEngine) Exec(ctx context.Context, text string, args ...any) (changed int64, err error) {
	plain, err := e.plainArgs(args)
	if err != nil {
		return 0, err
	}
	l, err := e.readers.take(ctx)
	if err != nil {
		return 0, e.said(ctx, err)
	}
	defer e.readers.give(l)
	l.listen(ctx)
	changed, err = l.exec(text, plain...)
	return changed, e.said(ctx, err)
}

// Query has a link until the rows are read or closed.
func (e *sqliteEngine) Query(ctx context.Context, text string, args ...any) (Rows, error) {
	plain, err := e.plainArgs(args)
	if err != nil {
		return nil, err
	}
	l, err := e.readers.take(ctx)
	if err != nil {
		return nil, e.said(ctx, err)
	}
	l.listen(ctx)
	rows, err := l.query(text, plain)
	if err != nil {
		e.readers.give(l)
		return nil, e.said(ctx, err)
	}
	rows.ended = func() { e.readers.give(l) }
	return sqliteRows{ctx, rows, e.wire}, nil
}

// QueryRow is the first row of a Query.
func (e *sqliteEngine) QueryRow(ctx context.Context, text string, args ...any) Row {
	rows, err := e.Query(ctx, text, args...)
	return first{rows, err}
}

// Pages is how large SQLite's file is, in pages of 4 KB.
func Pages(ctx context.Context, q Q) (pages int64, err error) {
	err = q.QueryRow(ctx, `PRAGMA page_count`).Scan(&pages)
	return pages, err
}

// watch is what tells that something was committed, and a link that reads what is to be remembered until then.
type watch struct {
	path string
	open func() (*link, error)
	head header
	mu   sync.Mutex
	link *link
	over bool // it is closed
}

// look asks one after the other over the link that watches.
func (e *sqliteEngine) look(ctx context.Context, all []question) (stamp string, err error) {
	w := &e.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return "", errClosed
	}
	if w.link == nil {
		if w.link, err = w.open(); err != nil {
			return "", e.said(ctx, err)
		}
		_ = w.head.open(w.path) // else nothing is remembered
	}
	stamp = w.head.stamp()
	if err = w.link.askEach(ctx, all); err != nil {
		_ = w.leave() // the next one begins anew
	}
	return stamp, e.said(ctx, err)
}

func (e *sqliteEngine) still(stamp string) bool { return e.watch.head.still(stamp) }

func (w *watch) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	w.head.close()
	return w.leave()
}

func (w *watch) leave() error {
	if w.link == nil {
		return nil
	}
	err := w.link.close()
	w.link = nil
	return err
}
