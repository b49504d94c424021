package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"minutebook/billing"
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
		if len(settings) == 0 {
			return nil
		}
		_, err := conn.Exec(ctx, strings.Join(settings, "; "), pgx.QueryExecModeSimpleProtocol)
		return err
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

// fewRows go faster as statements, in one message with all others, than by COPY, which is a conversation of its own.
const fewRows = 5

// write sends new rows by COPY, table by table, and then everything else in one message.
func (t *postgresTx) write(ctx context.Context, added []addition, all []statement) error {
	send := &pgx.Batch{}
	for _, each := range added {
		if err := t.add(ctx, send, each); err != nil {
			return err
		}
	}
	for _, each := range all {
		if err := t.queue(send, each); err != nil {
			return err
		}
	}
	if send.Len() == 0 {
		return nil
	}
	if err := t.line.opened(ctx); err != nil {
		return t.said(ctx, err)
	}
	return t.said(ctx, t.line.conn.SendBatch(ctx, send).Close())
}

func (t *postgresTx) add(ctx context.Context, send *pgx.Batch, a addition) error {
	switch {
	case a.rows == 0:
		return nil
	case a.to.arrays != "":
		c := arrayCells{columns: make([]arrayColumn, a.to.columns), rows: a.rows}
		for i := range a.rows {
			c.at = 0
			a.row(i, &c)
		}
		if c.err == nil {
			send.Queue(a.to.arrays, c.args()...).Exec(func(tag pgconn.CommandTag) error { return a.missed(tag.RowsAffected()) })
		}
		return c.err
	case a.rows > fewRows:
		return t.copy(ctx, a)
	}
	for i := range a.rows {
		if err := t.queue(send, a.statement(i)); err != nil {
			return err
		}
	}
	return nil
}

// arrayCells are the values of rows, column by column.
type arrayCells struct {
	columns []arrayColumn
	rows    int
	at      int
	err     error
}

// arrayColumn is one column: of numbers or of texts.
type arrayColumn struct {
	nums  []int64
	texts []string
}

func (c *arrayCells) num(n int64) {
	column := &c.columns[c.at]
	if column.nums == nil {
		column.nums = make([]int64, 0, c.rows)
	}
	column.nums = append(column.nums, n)
	c.at++
}

func (c *arrayCells) text(s string) {
	if err := sound(s); err != nil && c.err == nil {
		c.err = err
	}
	c.columns[c.at].texts = append(c.columns[c.at].texts, s)
	c.at++
}

func (c *arrayCells) bytes([]byte) {
	c.err = errors.New("no statement over arrays has a column of bytes")
}

func (c *arrayCells) flag(bool) {
	c.err = errors.New("no statement over arrays has a column of booleans")
}

// null is 0 in an array of numbers; the statements make it NULL again.
func (c *arrayCells) null() { c.num(0) }

func (c *arrayCells) args() []any {
	args := make([]any, len(c.columns))
	for i, column := range c.columns {
		args[i] = column.nums
		if column.texts != nil {
			args[i] = column.texts
		}
	}
	return args
}

// writesNumbers lets a connection write arrays of numbers in one go: the driver asks its way to each of them.
func writesNumbers(m *pgtype.Map) {
	if known, is := m.TypeForOID(pgtype.Int8ArrayOID); is {
		m.RegisterType(&pgtype.Type{Name: known.Name, OID: known.OID, Codec: numbersCodec{known.Codec}})
	}
}

type numbersCodec struct{ pgtype.Codec }

func (c numbersCodec) PlanEncode(m *pgtype.Map, oid uint32, format int16, value any) pgtype.EncodePlan {
	if _, is := value.([]int64); is && format == pgx.BinaryFormatCode {
		return numbersPlan{}
	}
	return c.Codec.PlanEncode(m, oid, format, value)
}

type numbersPlan struct{}

// Encode writes the binary form of an array: one dimension that begins at 1, no NULL, each number with its length in front.
func (numbersPlan) Encode(value any, buf []byte) ([]byte, error) {
	list, _ := value.([]int64)
	if list == nil { // plans are kept by type
		return nil, nil
	}
	if need := 20 + 12*len(list); cap(buf)-len(buf) < need {
		buf = slices.Grow(buf, need+cap(buf)) // there are other columns to come
	}
	for _, n := range [...]uint32{1, 0, pgtype.Int8OID, uint32(len(list)), 1} {
		buf = binary.BigEndian.AppendUint32(buf, n)
	}
	for _, n := range list {
		buf = binary.BigEndian.AppendUint32(buf, 8)
		buf = binary.BigEndian.AppendUint64(buf, uint64(n))
	}
	return buf, nil
}

func (q postgresQ) queue(send *pgx.Batch, s statement) error {
	plain, err := q.plainArgs(s.args)
	send.Queue(s.sql, plain...)
	return err
}

// copy adds rows by COPY in its binary form.
func (t *postgresTx) copy(ctx context.Context, a addition) error {
	c := copyCells{buf: append(make([]byte, 0, 64+500*a.rows), copyHead...)}
	for i := range a.rows {
		c.buf = binary.BigEndian.AppendUint16(c.buf, uint16(a.to.columns))
		a.row(i, &c)
	}
	if c.err != nil {
		return c.err
	}
	c.buf = binary.BigEndian.AppendUint16(c.buf, math.MaxUint16) // the end
	if err := t.line.opened(ctx); err != nil {
		return t.said(ctx, err)
	}
	_, err := t.line.conn.Conn().PgConn().CopyFrom(ctx, bytes.NewReader(c.buf), a.to.copy)
	return t.said(ctx, err)
}

// copyHead begins COPY's binary form: its signature, and two empty fields.
const copyHead = "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// copyCells are the values of rows in that form: each with its length in front.
type copyCells struct {
	buf []byte
	err error
}

func (c *copyCells) num(n int64) {
	c.buf = binary.BigEndian.AppendUint32(c.buf, 8)
	c.buf = binary.BigEndian.AppendUint64(c.buf, uint64(n))
}

func (c *copyCells) text(s string) {
	if err := sound(s); err != nil && c.err == nil {
		c.err = err
	}
	c.buf = binary.BigEndian.AppendUint32(c.buf, uint32(len(s)))
	c.buf = append(c.buf, s...)
}

func (c *copyCells) bytes(b []byte) {
	c.buf = binary.BigEndian.AppendUint32(c.buf, uint32(len(b)))
	c.buf = append(c.buf, b...)
}

func (c *copyCells) flag(b bool) {
	c.buf = append(c.buf, 0, 0, 0, 1, 0)
	if b {
		c.buf[len(c.buf)-1] = 1
	}
}

func (c *copyCells) null() { c.buf = append(c.buf, 0xff, 0xff, 0xff, 0xff) }

// askAll asks all questions in one message, with which the transaction begins, if it did not yet.
func (t *postgresTx) askAll(ctx context.Context, all []question) error {
	if len(all) == 0 {
		return nil
	}
	if t.line.down != nil {
		return t.said(ctx, t.line.down)
	}
	send, opening := &pgx.Batch{}, t.line.opening
	for _, sql := range opening {
		send.Queue(sql)
	}
	for _, each := range all {
		if err := t.queue(send, statement{each.sql, each.args}); err != nil {
			return err
		}
	}
	answers := t.line.conn.SendBatch(ctx, send)
	for range opening {
		if _, err := answers.Exec(); err != nil {
			return t.said(ctx, t.line.began(errors.Join(err, answers.Close())))
		}
	}
	err := t.read(ctx, answers, all)
	if opening != nil {
		if begun := t.line.began(nil); err == nil {
			err = t.said(ctx, begun)
		}
	}
	return err
}

// read reads the answers to questions, in their order.
func (q postgresQ) read(ctx context.Context, answers pgx.BatchResults, all []question) (err error) {
	defer func() {
		if ended := answers.Close(); err == nil {
			err = q.said(ctx, ended)
		}
	}()
	for _, each := range all {
		rows, err := answers.Query()
		if err != nil {
			return q.said(ctx, err)
		}
		if err := readAll(each.read)(postgresRows{ctx, rows, q.wire}, nil); err != nil {
			return err
		}
	}
	return nil
}

// stampNow is which transactions have ended, and which server says so: after a failover another one may count the same.
const stampNow = `SELECT pg_current_snapshot()::text || ' ' || pg_postmaster_start_time()::text`

// look asks all in one message; each statement of it sees what was committed when it begins.
func (e *postgresEngine) look(ctx context.Context, all []question) (stamp string, err error) {
	if len(all) == 0 {
		err := e.QueryRow(ctx, stampNow).Scan(&stamp)
		return stamp, err
	}
	all = append([]question{{stampNow, nil, func(r Row) error { return r.Scan(&stamp) }}}, all...)
	send := &pgx.Batch{}
	for _, each := range all {
		if err := e.queue(send, statement{each.sql, each.args}); err != nil {
			return "", err
		}
	}
	return stamp, e.read(ctx, e.pool.SendBatch(ctx, send), all)
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

func (r postgresRows) Next() bool { return r.rows.Next() }

// Scan reads the bytes of a row itself where it knows their form: asking the driver for every value costs as much as
// the statement.
func (r postgresRows) Scan(dest ...any) error {
	raw, fields := r.rows.RawValues(), r.rows.FieldDescriptions()
	if len(raw) != len(dest) || len(fields) != len(raw) {
		return r.said(r.ctx, r.rows.Scan(targets(dest)...))
	}
	for i := range fields {
		if !known(&fields[i]) {
			return r.said(r.ctx, r.rows.Scan(targets(dest)...))
		}
	}
	for i, d := range dest {
		if err := scanRaw(raw[i], fields[i].DataTypeOID, d); err != nil {
			r.rows.Close()
			return fmt.Errorf("reading column %s: %w", fields[i].Name, err)
		}
	}
	return nil
}

// known says whether a column comes in a form that scanRaw reads: integers in eight bytes, texts and bytes as they are.
func known(f *pgconn.FieldDescription) bool {
	switch f.DataTypeOID {
	case pgtype.Int8OID, pgtype.ByteaOID, pgtype.BoolOID:
		return f.Format == pgx.BinaryFormatCode
	case pgtype.TextOID:
		return true
	}
	return false
}

func scanRaw(raw []byte, oid uint32, dest any) error {
	t := target{dest}
	if raw == nil {
		return t.clear()
	}
	switch oid {
	case pgtype.Int8OID:
		n := int64(binary.BigEndian.Uint64(raw))
		switch to := dest.(type) { // in a box, each number takes memory
		case *int64:
			*to = n
		case *billing.ID:
			*to = billing.ID(n)
		case *billing.Millis:
			*to = billing.Millis(n)
		case *time.Time:
			*to = time.UnixMicro(n).UTC()
		default:
			return t.Scan(n)
		}
		return nil
	case pgtype.BoolOID:
		return t.Scan(raw[0] == 1)
	case pgtype.ByteaOID:
		return t.Scan(raw)
	}
	if to, is := dest.(*string); is {
		*to = string(raw)
		return nil
	}
	return t.Scan(string(raw))
}

func (r postgresRows) Err() error { return r.said(r.ctx, r.rows.Err()) }
func (r postgresRows) Close()     { r.rows.Close() }

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
