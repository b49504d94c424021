package store

import (
	"context"
	"errors"

	"zombiezen.com/go/sqlite"
)

func (e *sqliteEngine) begin(ctx context.Context, mode txMode) (tx, error) {
	t := &sqliteTx{wire: &wire{dialect: sqliteDialect, inTx: true}, from: e.writer, fold: e.fold}
	how := "BEGIN IMMEDIATE" // who reads in order to write would be thrown out if another wrote in between
	if mode == reading {
		t.from, t.fold, how = e.readers, nil, "BEGIN"
	}
	var err error
	if t.link, err = t.from.take(ctx); err != nil {
		return nil, e.said(ctx, err)
	}
	t.link.listen(ctx)
	if _, err = t.link.exec(how); err == nil {
		err = ctx.Err()
	}
	if err != nil {
		t.rollback()
		return nil, e.said(ctx, err)
	}
	return t, nil
}

// sqliteTx is one transaction.
type sqliteTx struct {
	*wire
	link *link // nil once it is over
	from *links
	fold *folder // nil in a transaction that only reads
}

// errOver is the answer of a transaction that was ended, by us or by SQLite, which undoes all when the disk is full.
var errOver = errors.New("the transaction is over")

// leave gives the link back.
func (t *sqliteTx) leave() {
	t.from.give(t.link)
	t.link = nil
}

func (t *sqliteTx) commit(ctx context.Context) error {
	t.link.settle()
	t.link.deaf() // from here on only the disk can refuse
	_, err := t.link.exec("COMMIT")
	unknown := sqlite.ErrCode(err) == sqlite.ResultIOErrFsync // written, but perhaps not to stay
	if err = t.said(ctx, err); err != nil {
		t.rollback() // a commit that was refused leaves the transaction open
	} else {
		t.leave()
		t.fold.look()
	}
	if unknown {
		return &fault{ErrUnknown, err}
	}
	return err
}

// rollback has nobody to tell: what was not committed is gone in any case.
func (t *sqliteTx) rollback() {
	if t.link == nil {
		return
	}
	t.link.settle()
	t.link.deaf()
	if !t.link.conn.AutocommitEnabled() {
		_, _ = t.link.exec("ROLLBACK")
	}
	t.leave()
}

// do lets a function use the link. What follows after SQLite undid the transaction would be kept statement by statement.
func (t *sqliteTx) do(ctx context.Context, use func(l *link) error) error {
	switch {
	case t.link == nil || t.link.conn.AutocommitEnabled():
		return errOver
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return t.said(ctx, use(t.link))
}

func (t *sqliteTx) Exec(ctx context.Context, text string, args ...any) (changed int64, err error) {
	plain, err := t.plainArgs(args)
	if err != nil {
		return 0, err
	}
	err = t.do(ctx, func(l *link) (err error) {
		changed, err = l.exec(text, plain...)
		return err
	})
	return changed, err
}

func (t *sqliteTx) Query(ctx context.Context, text string, args ...any) (Rows, error) {
	plain, err := t.plainArgs(args)
	if err != nil {
		return nil, err
	}
	rows := sqliteRows{ctx: ctx, wire: t.wire}
	err = t.do(ctx, func(l *link) (err error) {
		rows.rows, err = l.query(text, plain)
		return err
	})
	if err != nil {
		return nil, err
	}
	return rows, nil
}

func (t *sqliteTx) QueryRow(ctx context.Context, text string, args ...any) Row {
	rows, err := t.Query(ctx, text, args...)
	return first{rows, err}
}

// write adds rows, runs statements and looks at the provisos, each by itself.
func (t *sqliteTx) write(ctx context.Context, added []addition, all []statement, never ...proviso) error {
	return t.do(ctx, func(l *link) error {
		for _, each := range added {
			if err := l.add(ctx, each); err != nil {
				return err
			}
		}
		for _, s := range all {
			args, err := t.plainArgs(s.args)
			if err != nil {
				return err
			}
			if _, err := l.exec(s.sql, args...); err != nil {
				return err
			}
		}
		for _, each := range never {
			if err := l.askEach(ctx, []question{{sql: each.sql, read: func(Row) error { return each.broken }}}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *sqliteTx) askAll(ctx context.Context, all []question) error {
	return t.do(ctx, func(l *link) error { return l.askEach(ctx, all) })
}

// sqliteRows are rows whose errors are this package's.
type sqliteRows struct {
	ctx  context.Context // the statement's
	rows *linkRows
	*wire
}

func (r sqliteRows) Next() bool             { return r.rows.next() }
func (r sqliteRows) Scan(dest ...any) error { return r.said(r.ctx, r.rows.Scan(dest...)) }
func (r sqliteRows) Err() error             { return r.said(r.ctx, r.rows.err) }
func (r sqliteRows) Close()                 { r.rows.end() }
