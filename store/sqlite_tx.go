package store

import (
	"context"
	"database/sql"
	"errors"

	"modernc.org/sqlite"
)

func (e *sqliteEngine) begin(ctx context.Context, mode txMode) (tx, error) {
	if mode == reading {
		return e.beginOn(ctx, e.readers, nil, nil)
	}
	return e.beginOn(ctx, e.writer, &e.parsed, e.fold)
}

func (e *sqliteEngine) beginOn(ctx context.Context, pool *sql.DB, parsed *parsed, fold *folder) (tx, error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, e.said(ctx, err)
	}
	// database/sql would roll back on its own when ctx ends, while we speak to the driver: what follows would be kept
	// statement by statement. So ctx ends the wait for the beginning, and after that the statements, never the transaction.
	begun, end := context.WithCancel(context.WithoutCancel(ctx))
	began := context.AfterFunc(ctx, end)
	t, err := conn.BeginTx(begun, nil)
	if err == nil && !began() {
		err = errors.Join(ctx.Err(), t.Rollback())
	}
	if err != nil {
		end()
		return nil, e.said(ctx, errors.Join(err, conn.Close()))
	}
	again := &again{tx: t, seen: map[string]*sql.Stmt{}}
	return &sqliteTx{sqliteQ: sqliteQ{run: again, wire: &wire{dialect: sqliteDialect, inTx: true}}, tx: t, conn: conn, parsed: parsed, fold: fold, end: end}, nil
}

// sqliteTx is one transaction.
type sqliteTx struct {
	sqliteQ
	tx     *sql.Tx
	conn   *sql.Conn
	parsed *parsed // nil in a transaction that only reads
	fold   *folder // so is this
	end    context.CancelFunc
}

// leave gives the connection back to its pool.
func (t *sqliteTx) leave() {
	t.end()
	_ = t.conn.Close()
}

func (t *sqliteTx) commit(ctx context.Context) error {
	err := t.said(ctx, t.tx.Commit())
	if err != nil { // a commit that was refused leaves the transaction open
		t.rollback()
	} else {
		t.leave()
		t.fold.look()
	}
	var e *sqlite.Error
	if errors.As(err, &e) && e.Code() == sqliteSync { // written, but perhaps not to stay
		return &fault{ErrUnknown, e}
	}
	return err
}

// rollback has nobody to tell: what was not committed is gone in any case.
func (t *sqliteTx) rollback() {
	_ = t.tx.Rollback()
	t.leave()
}

// write runs each statement over the driver itself, parsed once for all transactions: what lies between would cost as
// much as the insert.
func (t *sqliteTx) write(ctx context.Context, added []addition, all []statement) error {
	return t.straight(ctx, func(d *straight) error {
		for _, each := range added {
			if err := d.add(ctx, each); err != nil {
				return err
			}
		}
		for _, s := range all {
			args, err := t.plainArgs(s.args)
			if err != nil {
				return err
			}
			if err := d.exec(s.sql, args); err != nil {
				return err
			}
		}
		return nil
	})
}

// askAll asks over the driver itself.
func (t *sqliteTx) askAll(ctx context.Context, all []question) error {
	if t.parsed == nil {
		return askEach(ctx, t, all)
	}
	return t.straight(ctx, func(d *straight) error { return d.askEach(ctx, all) })
}

func (t *sqliteTx) straight(ctx context.Context, do func(d *straight) error) error {
	return t.said(ctx, t.parsed.straight(t.conn, do))
}
