package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// What a transaction begins with.
var (
	// What is written is found by its key: plans are kept for as long as a connection lives, and one that was made for a small
	// table, or before anything was known of it, must not read all of it once it is large.
	beginWriting = []string{
		`BEGIN ISOLATION LEVEL READ COMMITTED`,
		`SELECT set_config('enable_seqscan', 'off', TRUE), set_config('enable_hashjoin', 'off', TRUE), set_config('enable_mergejoin', 'off', TRUE)`,
	}
	beginReading = []string{`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`}
)

func (e *postgresEngine) begin(ctx context.Context, mode txMode) (tx, error) {
	conn, err := e.pool.Acquire(ctx)
	if err != nil {
		return nil, e.said(ctx, err)
	}
	line := &line{conn: conn, opening: beginWriting}
	if mode == reading {
		line.opening = beginReading
	}
	return &postgresTx{postgresQ: postgresQ{run: line, wire: &wire{dialect: postgresDialect, inTx: true}}, line: line}, nil
}

// line is a connection that a transaction has to itself. It begins with the first statement, where that can be in the same
// message: an answer that is waited for costs more than what it says.
type line struct {
	conn    *pgxpool.Conn
	opening []string // what it begins with; none once it has begun
	down    error    // why nothing goes over it any more
}

// opened lets the transaction begin, if it did not yet.
func (l *line) opened(ctx context.Context) error {
	if l.down != nil || l.opening == nil {
		return l.down
	}
	_, err := l.conn.Exec(ctx, strings.Join(l.opening, "; "), pgx.QueryExecModeSimpleProtocol)
	return l.began(err)
}

// began notes that the transaction began, or that it did not: then what comes must not be kept each by itself.
func (l *line) began(err error) error {
	l.opening = nil
	if err == nil && l.conn.Conn().PgConn().TxStatus() == 'I' {
		err = errors.New("the transaction did not begin")
	}
	l.down = err
	return err
}

func (l *line) Exec(ctx context.Context, sql string, args ...any) (tag pgconn.CommandTag, err error) {
	if err := l.opened(ctx); err != nil {
		return tag, err
	}
	return l.conn.Exec(ctx, sql, args...)
}

func (l *line) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if err := l.opened(ctx); err != nil {
		return nil, err
	}
	return l.conn.Query(ctx, sql, args...)
}

// end lets go of the connection with the statement that ends the transaction.
func (l *line) end(ctx context.Context, sql string) (tag pgconn.CommandTag, err error) {
	if l.conn == nil {
		return tag, pgx.ErrTxClosed
	}
	if l.opening == nil && !l.conn.Conn().IsClosed() {
		tag, err = l.conn.Exec(ctx, sql)
	}
	l.conn.Release() // it is closed if it is still in a transaction
	l.conn, l.down = nil, pgx.ErrTxClosed
	return tag, err
}

// postgresTx is one transaction.
type postgresTx struct {
	postgresQ
	line *line
}

// parting is how long the end of a transaction may take.
const parting = 10 * time.Second

// commit does not heed the caller's hurry any more: half a commit is a question
// nobody can answer.
func (t *postgresTx) commit(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), parting)
	defer cancel()
	if t.line.conn != nil && t.line.conn.Conn().IsClosed() { // afterwards nobody can tell: then, too, pgx calls a commit safe to send again
		t.rollback()
		return &fault{ErrBusy, errors.New("the connection ended before the commit")}
	}
	if err := t.line.down; err != nil { // it never began
		t.rollback()
		return t.said(ctx, err)
	}
	tag, err := t.line.end(ctx, `COMMIT`)
	if err == nil && tag.String() == "ROLLBACK" { // an error was passed over
		err = pgx.ErrTxCommitRollback
	}
	return committed(ctx, err)
}

// committed is what the answer to a commit means. The server refuses one with an
// ordinary error; whatever else comes, or comes when we had already asked it to
// stop, says nothing: it may have kept the transaction, and when we break off its
// wait for a standby it even says that it did.
func committed(ctx context.Context, err error) error {
	var e *pgconn.PgError
	switch {
	case err == nil && ctx.Err() == nil:
		return nil
	case err == nil:
		return &fault{ErrUnknown, ctx.Err()}
	case errors.Is(err, pgx.ErrTxCommitRollback), errors.Is(err, pgx.ErrTxClosed):
		return err
	case !errors.As(err, &e) || e.SeverityUnlocalized != "ERROR":
		return &fault{ErrUnknown, err}
	}
	return postgresMeaning(err)
}

// rollback has nobody to tell: what was not committed is gone in any case.
func (t *postgresTx) rollback() {
	ctx, cancel := context.WithTimeout(context.Background(), parting)
	defer cancel()
	_, _ = t.line.end(ctx, `ROLLBACK`)
}
