package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// Q is something that can be asked: the database at rest, or a transaction.
//
// On PostgreSQL a transaction is one wire: read the rows of a Query to their
// end, or close them, before the next statement.
type Q interface {
	// Exec runs a statement and returns how many rows it touched.
	Exec(ctx context.Context, sql string, args ...any) (rows int64, err error)
	// Query runs a statement that answers with rows. The caller closes them.
	Query(ctx context.Context, sql string, args ...any) (Rows, error)
	// QueryRow runs a statement that answers with one row. What went wrong is
	// told by Scan: ErrMissing when there was no row.
	QueryRow(ctx context.Context, sql string, args ...any) Row
}

// Row is one row of an answer.
type Row interface {
	// Scan reads the columns, in order, into pointers.
	Scan(dest ...any) error
}

// Rows are the rows of an answer, one at a time.
type Rows interface {
	Row
	// Next moves to the next row and reports whether there is one.
	Next() bool
	// Err is what ended the rows early, if anything did.
	Err() error
	// Close lets go of the answer. Closing twice is harmless.
	Close()
}

// DB is one Minutebook database. It may be used by many goroutines.
type DB struct {
	engine  engine
	dialect *dialect
	options options
}

// options are the few things an opener may want otherwise.
type options struct {
	timeout time.Duration
	conns   int
	strike  func(Stage, string) error // a test's, or nil
}

// Option changes how a database is opened.
type Option func(*options)

// Timeout bounds a write transaction, with its retries, and a single read whose
// context has no deadline of its own. A caller's own deadline always wins, be it
// shorter or longer. The default is 30 seconds.
func Timeout(d time.Duration) Option { return func(o *options) { o.timeout = d } }

// Conns bounds the connections held for reading and, on PostgreSQL, writing.
// Zero leaves the choice to the program, or to pool_max_conns in the URL.
func Conns(n int) Option { return func(o *options) { o.conns = n } }

// Open opens the database at url: "sqlite:PATH", whose file and folder are made
// when they are missing, or "postgres://...". It proves that the database
// answers, but neither creates nor checks the schema: see Migrate.
func Open(ctx context.Context, url string, opts ...Option) (*DB, error) {
	o := options{timeout: 30 * time.Second}
	for _, opt := range opts {
		opt(&o)
	}
	scheme, _, _ := strings.Cut(url, ":")
	open, known := openers[scheme]
	if !known {
		return nil, fmt.Errorf("opening the database: the URL must begin with sqlite: or postgres://, not %q", scheme)
	}
	e, err := open(ctx, url, o)
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	if o.strike != nil {
		e = withFaults(e, o.strike)
	}
	return &DB{engine: e, dialect: e.speaks(), options: o}, nil
}

// Close lets go of every connection. It waits for those in use.
func (db *DB) Close() error { return db.engine.close() }

// Dialect names the database program: "sqlite" or "postgres".
func (db *DB) Dialect() string { return db.dialect.name }

// ForUpdate is what follows a SELECT in a transaction to hold the rows it found
// until the end. It is empty on SQLite, where the writer is alone anyway.
func (db *DB) ForUpdate() string { return db.dialect.forUpdate }

// SkipLocked is ForUpdate for queues: rows somebody else holds are passed over.
func (db *DB) SkipLocked() string { return db.dialect.skipLocked }

// Ready proves that the database can be written, by writing to it.
func (db *DB) Ready(ctx context.Context) error {
	ctx, cancel := bounded(ctx, 5*time.Second)
	defer cancel()
	err := db.InTx(ctx, func(ctx context.Context, q Q) error {
		rows, err := q.Exec(ctx, `UPDATE readiness SET writes = writes + 1 WHERE id = 1`)
		if err == nil && rows != 1 {
			err = fmt.Errorf("the readiness row is gone: %d rows", rows)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("proving that the database can be written: %w", err)
	}
	return nil
}

// engine is one database program as the rest of this package sees it.
type engine interface {
	Q // for reading, outside any transaction
	begin(ctx context.Context, mode txMode) (tx, error)
	// look asks questions outside any transaction, and says before which stamp: as long as the next look has the same, nothing
	// was committed by anybody since this one's was taken. An empty stamp says nothing.
	look(ctx context.Context, all []question) (stamp string, err error)
	// still says, if that can be told without asking, that the stamp would be the same.
	still(stamp string) bool
	speaks() *dialect
	sqlDB() *sql.DB // for the migrations, which want to write
	close() error
}

// bounded gives ctx a deadline, unless it has one.
func bounded(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if _, has := ctx.Deadline(); has {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, d)
}
