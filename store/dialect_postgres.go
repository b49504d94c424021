package store

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"net"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

var postgresDialect = &dialect{
	name:       "postgres",
	forUpdate:  " FOR UPDATE",
	skipLocked: " FOR UPDATE SKIP LOCKED",
	schema:     func(ddl string) string { return ddl },
	meaning:    postgresMeaning,
	goose:      goose.DialectPostgres,
	locker:     tableLocker,
}

// tableLocker keeps migrators apart with a table, which works through a pooler,
// where advisory locks do not. They wait five minutes for each other.
func tableLocker() ([]goose.ProviderOption, error) {
	locker, err := lock.NewPostgresTableLocker(lock.WithTableLockTimeout(200*time.Millisecond, 1500))
	return []goose.ProviderOption{goose.WithLocker(locker)}, err
}

// postgresEngine is a pool of connections; each does anything.
type postgresEngine struct {
	postgresQ
	pool *pgxpool.Pool
	std  *sql.DB // the same pool, for the migrations
}

func openPostgres(ctx context.Context, address string, o options) (engine, error) {
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, err
	}
	switch {
	case o.conns > 0:
		config.MaxConns = int32(o.conns)
	case !strings.Contains(address, "pool_max_conns"):
		config.MaxConns = int32(max(16, 4*runtime.GOMAXPROCS(0)))
	}
	if config.ConnConfig.RuntimeParams["application_name"] == "" {
		config.ConnConfig.RuntimeParams["application_name"] = "minutebook"
	}
	config.ConnConfig.BuildContextWatcherHandler = askToStop
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	q := postgresQ{run: pool, wire: &wire{dialect: postgresDialect}}
	return &postgresEngine{postgresQ: q, pool: pool, std: stdlib.OpenDBFromPool(pool)}, nil
}

// askToStop makes a statement whose context ended stop on the server as well,
// and keeps the connection if the server answers within seconds.
func askToStop(conn *pgconn.PgConn) ctxwatch.Handler {
	return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: 3 * time.Second}
}

func (e *postgresEngine) speaks() *dialect { return postgresDialect }
func (e *postgresEngine) sqlDB() *sql.DB   { return e.std }

func (e *postgresEngine) close() error {
	err := e.std.Close()
	e.pool.Close()
	return err
}

func (e *postgresEngine) begin(ctx context.Context, mode txMode) (tx, error) {
	how := pgx.TxOptions{IsoLevel: pgx.ReadCommitted}
	if mode == reading {
		how = pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	}
	t, err := e.pool.BeginTx(ctx, how)
	if err != nil {
		return nil, e.said(ctx, err)
	}
	return &postgresTx{postgresQ: postgresQ{run: t, wire: &wire{dialect: postgresDialect, inTx: true}}, tx: t}, nil
}

// postgresTx is one transaction.
type postgresTx struct {
	postgresQ
	tx pgx.Tx
}

// parting is how long the end of a transaction may take.
const parting = 10 * time.Second

// commit does not heed the caller's hurry any more: half a commit is a question
// nobody can answer. Only two codes promise that nothing was kept.
func (t *postgresTx) commit(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), parting)
	defer cancel()
	err := t.tx.Commit(ctx)
	var e *pgconn.PgError
	if errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01") {
		return &fault{ErrBusy, err}
	}
	return err
}

// rollback has nobody to tell: what was not committed is gone in any case.
func (t *postgresTx) rollback() {
	ctx, cancel := context.WithTimeout(context.Background(), parting)
	defer cancel()
	_ = t.tx.Rollback(ctx)
}

// postgresQ is Q over pgx.
type postgresQ struct {
	run interface {
		Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
		Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	}
	*wire
}

func (q postgresQ) Exec(ctx context.Context, text string, args ...any) (int64, error) {
	plain, err := q.plainArgs(args)
	if err != nil {
		return 0, err
	}
	tag, err := q.run.Exec(ctx, text, plain...)
	return tag.RowsAffected(), q.said(ctx, err)
}

func (q postgresQ) Query(ctx context.Context, text string, args ...any) (Rows, error) {
	plain, err := q.plainArgs(args)
	if err != nil {
		return nil, err
	}
	rows, err := q.run.Query(ctx, text, plain...)
	if err != nil {
		return nil, q.said(ctx, err)
	}
	return postgresRows{ctx, rows, q.wire}, nil
}

func (q postgresQ) QueryRow(ctx context.Context, text string, args ...any) Row {
	rows, err := q.Query(ctx, text, args...)
	return first{rows, err}
}

type postgresRows struct {
	ctx  context.Context // the statement's
	rows pgx.Rows
	*wire
}

func (r postgresRows) Next() bool             { return r.rows.Next() }
func (r postgresRows) Scan(dest ...any) error { return r.said(r.ctx, r.rows.Scan(targets(dest)...)) }
func (r postgresRows) Err() error             { return r.said(r.ctx, r.rows.Err()) }
func (r postgresRows) Close()                 { r.rows.Close() }

func postgresMeaning(err error) error {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		if lost(err) {
			return &fault{ErrBusy, err}
		}
		return err
	}
	switch e.Code {
	case "23505":
		return &ConflictError{Table: e.TableName, Columns: conflictColumns(e.Detail), Constraint: e.ConstraintName, cause: err}
	case "23503":
		return &fault{ErrReference, err}
	case "25006":
		return &fault{ErrReadOnly, err}
	case "40001", "40P01", "55P03", // serialization, deadlock, lock not available
		"57P01", "57P02", "57P03", "53300": // the server ends, ended, begins, is full
		return &fault{ErrBusy, err}
	}
	return err
}

// lost reports whether the server went away, rather than the caller.
func lost(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var network *net.OpError
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || pgconn.SafeToRetry(err)
}

// takenKey is the list in "Key (a, b)=(1, x) already exists.", in any language.
var takenKey = regexp.MustCompile(`\((.*?)\)=\(`)

func conflictColumns(detail string) []string {
	m := takenKey.FindStringSubmatch(detail)
	if m == nil || strings.Contains(m[1], "(") {
		return nil
	}
	return strings.Split(m[1], ", ")
}
