package store

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// maxTries is how often a transaction is begun before its caller hears of
// ErrBusy. Contended rows under SERIALIZABLE need more than a handful.
const maxTries = 20

// txMode says what a transaction is for.
type txMode int

const (
	writing txMode = iota
	reading
)

// tx is a transaction of either database program.
type tx interface {
	many
	commit(ctx context.Context) error
	rollback()
	// busy is the first statement's failure that asks for another try. It is
	// remembered here because a rule may hide it behind an error of its own.
	busy() error
}

// ambient is the transaction a context carries.
type ambient struct {
	db    *DB
	q     Q
	again *error // why it has to be run again
	after *[]func(context.Context)
}

type ambientKey struct{}

// within is the transaction of this database that ctx carries, or nil.
func (db *DB) within(ctx context.Context) Q {
	if a, _ := ctx.Value(ambientKey{}).(ambient); a.db == db {
		return a.q
	}
	return nil
}

// RunAgain says that the transaction ctx carries has to be run again, because of err: whatever fn makes of that error,
// nothing is kept and InTx tries anew. It reports whether there is such a transaction.
func (db *DB) RunAgain(ctx context.Context, err error) bool {
	a, _ := ctx.Value(ambientKey{}).(ambient)
	if a.db != db || a.again == nil {
		return false
	}
	*a.again = &fault{ErrBusy, err}
	return true
}

// Carries reports whether ctx carries a transaction of this database.
func (db *DB) Carries(ctx context.Context) bool { return db.within(ctx) != nil }

// AfterCommit runs fn once the transaction that ctx carries is kept, without it; if it is undone, never. Without a
// transaction it runs fn at once.
func (db *DB) AfterCommit(ctx context.Context, fn func(ctx context.Context)) {
	if a, _ := ctx.Value(ambientKey{}).(ambient); a.db == db && a.after != nil {
		*a.after = append(*a.after, fn)
		return
	}
	fn(ctx)
}

// Q is the transaction that ctx carries or, without one, the database at rest,
// which is for reading only: SQLite answers a write with ErrReadOnly.
func (db *DB) Q(ctx context.Context) Q {
	if q := db.within(ctx); q != nil {
		return q
	}
	return patient{q: db.engine, limit: db.options.timeout}
}

// InTx runs fn in one write transaction: what fn did is kept when it returns
// nil, and gone when it returns an error or panics.
//
// The ctx handed to fn carries the transaction. With it, another InTx joins: it
// is neither committed nor rolled back by itself, so whoever swallows its error
// keeps what it had done so far. SQLite has one writer at a time; PostgreSQL
// runs READ COMMITTED, where rows that are read to be changed are held with
// ForUpdate.
//
// When the database asks for it (serialization failure, deadlock, busy file,
// lost connection before the commit), fn is run again, up to twenty times; then
// the error is ErrBusy. A failure of the commit itself is never tried again
// unless the database says that nothing was kept.
func (db *DB) InTx(ctx context.Context, fn func(ctx context.Context, q Q) error) error {
	if q := db.within(ctx); q != nil {
		return fn(ctx, q)
	}
	after, err := db.inTx(ctx, fn)
	for _, fn := range after {
		fn(ctx)
	}
	return err
}

// inTx is InTx up to its end, and what is to be done then.
func (db *DB) inTx(ctx context.Context, fn func(ctx context.Context, q Q) error) (after []func(context.Context), err error) {
	ctx, cancel := bounded(ctx, db.options.timeout)
	defer cancel()
	var busy error
	for try := 1; try <= maxTries; try++ {
		after, err := db.attempt(ctx, writing, fn)
		switch {
		case err == nil:
			keep(ctx)
			return after, nil
		case !errors.Is(err, ErrBusy) && ctx.Err() == nil:
			return nil, err
		case !errors.Is(err, ErrBusy): // out of time: say what it was spent on
			return nil, errors.Join(err, busy)
		}
		busy = err
		if sleep(ctx, backoff(try)) != nil {
			return nil, errors.Join(ctx.Err(), busy)
		}
	}
	return nil, fmt.Errorf("after %d tries: %w", maxTries, busy)
}

// noteKey is where a context says whether something was kept.
type noteKey struct{}

// Noting is a context in which InTx notes that it kept something; see Kept.
func Noting(ctx context.Context) context.Context {
	return context.WithValue(ctx, noteKey{}, new(atomic.Bool))
}

// Kept reports whether a transaction was committed under this context of Noting.
func Kept(ctx context.Context) bool {
	note, _ := ctx.Value(noteKey{}).(*atomic.Bool)
	return note != nil && note.Load()
}

func keep(ctx context.Context) {
	if note, _ := ctx.Value(noteKey{}).(*atomic.Bool); note != nil {
		note.Store(true)
	}
}

// Snapshot runs fn in a transaction that sees the database as of one instant
// and cannot write. It is for reports, exports and copies.
func (db *DB) Snapshot(ctx context.Context, fn func(ctx context.Context, q Q) error) error {
	if q := db.within(ctx); q != nil {
		return fn(ctx, q)
	}
	_, err := db.attempt(ctx, reading, fn)
	return err
}

// attempt is one try: begin, fn, commit, or else everything undone.
func (db *DB) attempt(ctx context.Context, mode txMode, fn func(context.Context, Q) error) (after []func(context.Context), err error) {
	t, err := db.engine.begin(ctx, mode)
	if err != nil {
		return nil, err
	}
	committing := false
	defer func() { // a panic passes through here too, and goes on
		if !committing {
			t.rollback()
		}
	}()
	var again error
	err = fn(context.WithValue(ctx, ambientKey{}, ambient{db: db, q: t, again: &again, after: &after}), t)
	if t.busy() != nil {
		return nil, t.busy()
	}
	if again != nil {
		return nil, again
	}
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("before the commit: %w", err)
	}
	committing = true
	return after, t.commit(ctx)
}

// backoff is how long to wait before the next try: doubling from five
// milliseconds to a quarter of a second, less up to half of it by chance, so
// that those who collided do not collide again.
func backoff(try int) time.Duration {
	wait := min(5*time.Millisecond<<min(try-1, 10), 250*time.Millisecond)
	var dice [2]byte
	_, _ = rand.Read(dice[:]) // it never fails
	return wait - wait/2*time.Duration(binary.BigEndian.Uint16(dice[:]))/65536
}

// sleep waits for d, or less when ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
