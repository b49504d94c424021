package store

import (
	"context"
	"errors"

	"github.com/pressly/goose/v3"
)

// dialect is what really differs between the two database programs. The files
// dialect_sqlite.go and dialect_postgres.go hold one value of it each; those that
// begin with sqlite_ and postgres_ hold the plumbing to their driver.
type dialect struct {
	name       string
	forUpdate  string
	skipLocked string
	arrays     bool                    // a list can be an argument; else it goes as JSON
	noBool     bool                    // booleans are the integers 0 and 1
	schema     func(ddl string) string // PostgreSQL's words for a table as this program's
	meaning    func(error) error       // a driver's error as one of this package's
	goose      goose.Dialect
	locker     func() ([]goose.ProviderOption, error) // keeps migrators apart
}

// openers knows the way in by the scheme of the URL.
var openers = map[string]func(context.Context, string, options) (engine, error){
	"sqlite":     openSQLite,
	"postgres":   openPostgres,
	"postgresql": openPostgres,
}

// wire is what both drivers have in common: a dialect, and in a transaction the
// memory of the first failure that asks for another try.
type wire struct {
	*dialect
	inTx   bool
	failed error
}

// said is a driver's error as this package says it, or nil. When ctx ended, that
// is the reason, whatever the database made of it.
func (w *wire) said(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ended := ctx.Err(); ended != nil {
		return &fault{ended, err}
	}
	err = w.meaning(err)
	if w.inTx && w.failed == nil && errors.Is(err, ErrBusy) {
		w.failed = err
	}
	return err
}

func (w *wire) busy() error { return w.failed }
