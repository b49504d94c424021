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
	arrays:     true,
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
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = patience
	}
	if config.PingTimeout == 0 {
		config.PingTimeout = patience
	}
	config.ConnConfig.BuildContextWatcherHandler = askToStop
	var settings []string
	for name, set := range map[string]string{"jit": withoutJIT, "enable_bitmapscan": inOrder} {
		if _, told := config.ConnConfig.RuntimeParams[name]; !told {
			settings = append(settings, set)
		}
	}
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		writesNumbers(conn.TypeMap())
		if len(settings) > 0 {
			if _, err := conn.Exec(ctx, strings.Join(settings, "; "), pgx.QueryExecModeSimpleProtocol); err != nil {
				return err
			}
		}
		return noteWhoAnswers(ctx, conn)
	}
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

// noteWhoAnswers notes whether a connection leads to the server itself. A pooler that shares out its connections gives out keys
// of its own for breaking off a statement, with another process than the one that answers.
func noteWhoAnswers(ctx context.Context, conn *pgx.Conn) error {
	var process uint32
	if err := conn.QueryRow(ctx, `SELECT pg_backend_pid()`, pgx.QueryExecModeSimpleProtocol).Scan(&process); err != nil {
		return err
	}
	conn.PgConn().CustomData()[direct] = process == conn.PgConn().PID() && conn.Config().DefaultQueryExecMode == pgx.QueryExecModeCacheStatement
	return nil
}

// direct is where a connection remembers that it leads to the server itself, and that statements may be kept parsed over it.
const direct = "direct"

// inOrder makes PostgreSQL read rows in the order of an index. What is listed is found by one, in its order, and a page of it
// is had by reading a page; but where PostgreSQL thinks that few rows will be found, for it has not looked at a table for a
// while, it gathers all of them and sorts them.
const inOrder = `SET enable_bitmapscan = off`

// withoutJIT ends the compiling of statements, where the server can do that. It compiles each time anew what it takes for
// costly, and a look-up that will find one row looks costly in a large table; see docs/performance.md.
const withoutJIT = `SELECT set_config('jit', 'off', FALSE) FROM pg_settings WHERE name = 'jit'`

// patience is how long one host may take to let us in, and an idle connection to
// show that it lives: behind a dead host there may be another one in the URL, and
// behind a dead connection a living server.
const patience = 5 * time.Second

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
	case "53100", "58030": // disk full, input or output failed
		return &fault{ErrDisk, err}
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
	var connecting *pgconn.ConnectError // also to a server that is not the kind the URL asks for
	return errors.As(err, &network) || errors.As(err, &connecting) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || pgconn.SafeToRetry(err)
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
