package store

import (
	"context"
	"fmt"
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

// watch is a link that is kept: what SQLite says of commits, it says to each connection anew.
type watch struct {
	open func() (*link, error)
	mu   sync.Mutex
	turn int // how many links there were
	link *link
}

// look asks one after the other over the link that watches.
func (e *sqliteEngine) look(ctx context.Context, all []question) (stamp string, err error) {
	w := &e.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.link == nil {
		if w.link, err = w.open(); err != nil {
			return "", e.said(ctx, err)
		}
		w.turn++
	}
	var version int64
	all = append([]question{{`PRAGMA data_version`, nil, func(r Row) error { return r.Scan(&version) }}}, all...)
	if err = w.link.askEach(ctx, all); err != nil {
		_ = w.leave() // the next one begins anew
	}
	return fmt.Sprintf("%d.%d", w.turn, version), e.said(ctx, err)
}

func (w *watch) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
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
