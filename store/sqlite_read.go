package store

import (
	"context"
	"database/sql"
	"sync"
)

// asked prepares what is asked outside of transactions when it is asked for the second time: parsing costs more than
// finding a row. Statements are pieces of the program put together, so there are not many; beyond a bound the next ones
// are parsed each time.
type asked struct {
	db    *sql.DB
	mutex sync.RWMutex
	known map[string]*sql.Stmt // nil: asked once
}

const mostPrepared = 500

func (a *asked) prepared(ctx context.Context, text string) (*sql.Stmt, error) {
	a.mutex.RLock()
	stmt, seen := a.known[text]
	a.mutex.RUnlock()
	if stmt != nil {
		return stmt, nil
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	switch {
	case a.known[text] != nil:
		return a.known[text], nil
	case !seen && len(a.known) < mostPrepared:
		a.known[text] = nil
		return nil, nil
	case !seen:
		return nil, nil
	}
	stmt, err := a.db.PrepareContext(ctx, nameless(text))
	if err == nil {
		a.known[text] = stmt
	}
	return stmt, err
}

// ExecContext is sql.DB.ExecContext.
func (a *asked) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	return a.db.ExecContext(ctx, text, args...)
}

// QueryContext is sql.DB.QueryContext.
func (a *asked) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	stmt, err := a.prepared(ctx, text)
	switch {
	case err != nil:
		return nil, err
	case stmt != nil:
		return stmt.QueryContext(ctx, args...)
	}
	return a.db.QueryContext(ctx, text, args...)
}

// again prepares a statement when a transaction runs it for the second time:
// parsing costs as much as inserting.
type again struct {
	tx interface {
		PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
		ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
		QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	}
	seen map[string]*sql.Stmt
}

func (a *again) prepared(ctx context.Context, text string) (*sql.Stmt, error) {
	stmt, seen := a.seen[text]
	if !seen {
		a.seen[text] = nil
	}
	if !seen || stmt != nil {
		return stmt, nil
	}
	stmt, err := a.tx.PrepareContext(ctx, text)
	if err == nil {
		a.seen[text] = stmt
	}
	return stmt, err
}

// ExecContext is sql.Tx.ExecContext.
func (a *again) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	switch stmt, err := a.prepared(ctx, text); {
	case err != nil:
		return nil, err
	case stmt != nil:
		return stmt.ExecContext(ctx, args...)
	}
	return a.tx.ExecContext(ctx, text, args...)
}

// QueryContext is sql.Tx.QueryContext.
func (a *again) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	switch stmt, err := a.prepared(ctx, text); {
	case err != nil:
		return nil, err
	case stmt != nil:
		return stmt.QueryContext(ctx, args...)
	}
	return a.tx.QueryContext(ctx, text, args...)
}

// sqliteQ is Q over database/sql.
type sqliteQ struct {
	run interface {
		ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
		QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	}
	*wire
}

func (q sqliteQ) Exec(ctx context.Context, text string, args ...any) (int64, error) {
	plain, err := q.plainArgs(args)
	if err != nil {
		return 0, err
	}
	result, err := q.run.ExecContext(ctx, text, plain...)
	if err != nil {
		return 0, q.said(ctx, err)
	}
	return result.RowsAffected()
}

func (q sqliteQ) Query(ctx context.Context, text string, args ...any) (Rows, error) {
	plain, err := q.plainArgs(args)
	if err != nil {
		return nil, err
	}
	rows, err := q.run.QueryContext(ctx, text, plain...)
	if err != nil {
		return nil, q.said(ctx, err)
	}
	return sqliteRows{ctx, rows, q.wire}, nil
}

func (q sqliteQ) QueryRow(ctx context.Context, text string, args ...any) Row {
	rows, err := q.Query(ctx, text, args...)
	return first{rows, err}
}

type sqliteRows struct {
	ctx  context.Context // the statement's
	rows *sql.Rows
	*wire
}

func (r sqliteRows) Next() bool             { return r.rows.Next() }
func (r sqliteRows) Scan(dest ...any) error { return r.said(r.ctx, r.rows.Scan(targets(dest)...)) }
func (r sqliteRows) Err() error             { return r.said(r.ctx, r.rows.Err()) }
func (r sqliteRows) Close()                 { _ = r.rows.Close() }
