package store

import (
	"context"
	"database/sql"
	"errors"
)

// Stage is a place in the life of a transaction, or a single read, at which a test may let something go wrong.
type Stage int

const (
	BeforeBegin     Stage = iota // nothing has happened yet
	BeforeStatement              // of a transaction, or a read of the database at rest
	BeforeCommit                 // all is done, nothing is kept
	AfterCommit                  // all is kept: an error here is an answer that got lost
)

func (s Stage) String() string {
	return [...]string{"before begin", "before statement", "before commit", "after commit"}[s]
}

// Faults is for tests. Strike is asked at every stage, with the statement where there is one; what it answers is what
// the database is said to have answered, a driver's error included. An error inside a transaction loses it, as it does
// on PostgreSQL: every later statement, and the commit, answers the same. An error after the commit loses the answer
// alone and is never tried again. A panic is the death of the process: what is not committed is gone.
//
// Without this option nothing is asked and nothing is in the way.
func Faults(strike func(stage Stage, sql string) error) Option {
	return func(o *options) { o.strike = strike }
}

// faultyEngine is an engine that is asked by a test before it does anything.
type faultyEngine struct {
	engine
	faultyQ
}

func withFaults(e engine, strike func(Stage, string) error) engine {
	return &faultyEngine{engine: e, faultyQ: faultyQ{q: e, wire: &wire{dialect: e.speaks()}, strike: strike}}
}

func (e *faultyEngine) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	return e.faultyQ.Exec(ctx, sql, args...)
}

func (e *faultyEngine) Query(ctx context.Context, sql string, args ...any) (Rows, error) {
	return e.faultyQ.Query(ctx, sql, args...)
}

func (e *faultyEngine) QueryRow(ctx context.Context, sql string, args ...any) Row {
	return e.faultyQ.QueryRow(ctx, sql, args...)
}

func (e *faultyEngine) begin(ctx context.Context, mode txMode) (tx, error) {
	w := &wire{dialect: e.engine.speaks(), inTx: true}
	if err := w.said(ctx, e.strike(BeforeBegin, "")); err != nil {
		return nil, err
	}
	t, err := e.engine.begin(ctx, mode)
	if err != nil {
		return nil, err
	}
	return &faultyTx{faultyQ: faultyQ{q: t, wire: w, strike: e.strike}, tx: t}, nil
}

func (e *faultyEngine) look(ctx context.Context, all []question) (stamp string, err error) {
	for _, each := range all {
		if err := e.struck(ctx, BeforeStatement, each.sql); err != nil {
			return "", err
		}
	}
	return e.engine.look(ctx, all)
}

func (e *faultyEngine) speaks() *dialect { return e.engine.speaks() }
func (e *faultyEngine) sqlDB() *sql.DB   { return e.engine.sqlDB() }
func (e *faultyEngine) close() error     { return e.engine.close() }

// faultyQ asks before every statement.
type faultyQ struct {
	q Q
	*wire
	strike func(Stage, string) error
	lost   error // what a transaction answers to everything since it was struck
}

func (f *faultyQ) struck(ctx context.Context, stage Stage, sql string) error {
	if f.lost != nil {
		return f.lost
	}
	err := f.said(ctx, f.strike(stage, sql))
	if f.inTx {
		f.lost = err
	}
	return err
}

func (f *faultyQ) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	if err := f.struck(ctx, BeforeStatement, sql); err != nil {
		return 0, err
	}
	return f.q.Exec(ctx, sql, args...)
}

func (f *faultyQ) Query(ctx context.Context, sql string, args ...any) (Rows, error) {
	if err := f.struck(ctx, BeforeStatement, sql); err != nil {
		return nil, err
	}
	return f.q.Query(ctx, sql, args...)
}

func (f *faultyQ) QueryRow(ctx context.Context, sql string, args ...any) Row {
	rows, err := f.Query(ctx, sql, args...)
	return first{rows, err}
}

// faultyTx is a transaction of such an engine.
type faultyTx struct {
	faultyQ
	tx tx
}

// write asks before every row and every statement, as if each went by itself.
func (t *faultyTx) write(ctx context.Context, added []addition, all []statement, never ...proviso) error {
	for _, each := range added {
		for range each.rows {
			if err := t.struck(ctx, BeforeStatement, each.to.each); err != nil {
				return err
			}
		}
	}
	for _, each := range all {
		if err := t.struck(ctx, BeforeStatement, each.sql); err != nil {
			return err
		}
	}
	for _, each := range never {
		if err := t.struck(ctx, BeforeStatement, each.sql); err != nil {
			return err
		}
	}
	return t.tx.write(ctx, added, all, never...)
}

func (t *faultyTx) askAll(ctx context.Context, all []question) error {
	for _, each := range all {
		if err := t.struck(ctx, BeforeStatement, each.sql); err != nil {
			return err
		}
	}
	return t.tx.askAll(ctx, all)
}

func (t *faultyTx) rollback() { t.tx.rollback() }

func (t *faultyTx) busy() error {
	if t.failed != nil {
		return t.failed
	}
	return t.tx.busy()
}

// commit is past the point where a panic rolls back, so it does that itself.
func (t *faultyTx) commit(ctx context.Context) error {
	if err := t.beforeCommit(ctx); err != nil {
		return err
	}
	if err := t.tx.commit(ctx); err != nil {
		return err
	}
	if err := t.strike(AfterCommit, ""); err != nil {
		return &lostAnswer{err}
	}
	return nil
}

func (t *faultyTx) beforeCommit(ctx context.Context) error {
	kept := false
	defer func() {
		if !kept {
			t.tx.rollback()
		}
	}()
	err := t.struck(ctx, BeforeCommit, "")
	kept = err == nil
	return err
}

// lostAnswer is an error of a commit that took place. It never counts as busy: another try would act twice.
type lostAnswer struct{ cause error }

func (l *lostAnswer) Error() string { return "the answer to a commit was lost: " + l.cause.Error() }

// Is finds what the test answered, except ErrBusy.
func (l *lostAnswer) Is(target error) bool { return target != ErrBusy && errors.Is(l.cause, target) }
