package store

import (
	"context"
	"database/sql"
)

// migrating is the transaction of a migration, which database/sql has, as a Q. Each statement is parsed once: some run for
// every call.
type migrating struct {
	tx     *sql.Tx
	parsed map[string]*sql.Stmt
	*wire
}

func (m *migrating) prepared(ctx context.Context, text string) (*sql.Stmt, error) {
	if stmt, known := m.parsed[text]; known {
		return stmt, nil
	}
	stmt, err := m.tx.PrepareContext(ctx, text)
	if err == nil {
		m.parsed[text] = stmt
	}
	return stmt, err
}

// Exec is sql.Tx.ExecContext.
func (m *migrating) Exec(ctx context.Context, text string, args ...any) (int64, error) {
	plain, err := m.plainArgs(args)
	if err != nil {
		return 0, err
	}
	stmt, err := m.prepared(ctx, text)
	if err != nil {
		return 0, m.said(ctx, err)
	}
	result, err := stmt.ExecContext(ctx, plain...)
	if err != nil {
		return 0, m.said(ctx, err)
	}
	return result.RowsAffected()
}

// Query is sql.Tx.QueryContext.
func (m *migrating) Query(ctx context.Context, text string, args ...any) (Rows, error) {
	plain, err := m.plainArgs(args)
	if err != nil {
		return nil, err
	}
	stmt, err := m.prepared(ctx, text)
	if err != nil {
		return nil, m.said(ctx, err)
	}
	rows, err := stmt.QueryContext(ctx, plain...)
	if err != nil {
		return nil, m.said(ctx, err)
	}
	return migratingRows{ctx, rows, m.wire}, nil
}

// QueryRow is the first row of a Query.
func (m *migrating) QueryRow(ctx context.Context, text string, args ...any) Row {
	rows, err := m.Query(ctx, text, args...)
	return first{rows, err}
}

type migratingRows struct {
	ctx  context.Context // the statement's
	rows *sql.Rows
	*wire
}

func (r migratingRows) Next() bool             { return r.rows.Next() }
func (r migratingRows) Scan(dest ...any) error { return r.said(r.ctx, r.rows.Scan(targets(dest)...)) }
func (r migratingRows) Err() error             { return r.said(r.ctx, r.rows.Err()) }
func (r migratingRows) Close()                 { _ = r.rows.Close() }
