package store

import (
	"errors"
	"slices"
	"strings"
)

var (
	// ErrMissing: the row that was asked for is not there.
	ErrMissing = errors.New("no such row")
	// ErrConflict: a row with the same key is there already. It comes as a
	// *ConflictError, which knows the table and the columns.
	ErrConflict = errors.New("this key is taken")
	// ErrReference: the row points at one that is not there, or is pointed at
	// by one that still is.
	ErrReference = errors.New("a referenced row is missing, or still needed")
	// ErrReadOnly: the database cannot be written here. It is a standby, its
	// file is write-protected, or the statement was not run by InTx.
	ErrReadOnly = errors.New("the database is read-only")
	// ErrBusy: the database could not do it now, nothing was kept, and another
	// try may succeed. InTx has tried again already.
	ErrBusy = errors.New("the database is busy")
	// ErrUnknown: the commit was sent and its answer never came, so nobody here
	// knows whether the transaction was kept. It is never tried again.
	ErrUnknown = errors.New("whether it was kept is not known")
	// ErrStale: an account that was not held no longer stands where it was read.
	ErrStale = errors.New("an account was changed meanwhile")
	// ErrArchived: an event that was not looked up may be in an archive.
	ErrArchived = errors.New("there is an archive")
	// ErrDisk: the disk is full or does not work, and nothing was kept.
	ErrDisk = errors.New("the disk is full or does not work")
	// ErrNewer: the database was written by a newer program than this one.
	ErrNewer = errors.New("the database is newer than this program")
)

// ConflictError is a unique key that was taken. It is an ErrConflict.
type ConflictError struct {
	// Table is the table with the key, or empty when the database did not say.
	Table string
	// Columns are the columns of the key, or empty for a key over expressions.
	Columns []string
	// Constraint is the name of the key, where the database says it: SQLite
	// does so only for keys over expressions.
	Constraint string
	cause      error
}

// Error says which key is taken.
func (e *ConflictError) Error() string {
	return ErrConflict.Error() + ": " + e.Table + "(" + strings.Join(e.Columns, ", ") + ")" + e.Constraint
}

// Unwrap makes it an ErrConflict, and shows what the driver said.
func (e *ConflictError) Unwrap() []error { return []error{ErrConflict, e.cause} }

// Conflicts reports whether err is a taken key of that table which has exactly
// these columns, in any order.
func Conflicts(err error, table string, columns ...string) bool {
	var c *ConflictError
	if !errors.As(err, &c) || c.Table != table {
		return false
	}
	return slices.Equal(slices.Sorted(slices.Values(c.Columns)), slices.Sorted(slices.Values(columns)))
}

// fault is a driver's error with one of the errors above as its meaning.
type fault struct{ meaning, cause error }

func (f *fault) Error() string   { return f.meaning.Error() + ": " + f.cause.Error() }
func (f *fault) Unwrap() []error { return []error{f.meaning, f.cause} }
