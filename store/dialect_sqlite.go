package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
)

// sqliteDialect: every write transaction is alone, so rows need no holding.
var sqliteDialect = &dialect{
	name:    "sqlite",
	noBool:  true,
	schema:  sqliteSchema,
	meaning: sqliteMeaning,
	goose:   goose.DialectSQLite3,
	locker:  func() ([]goose.ProviderOption, error) { return nil, nil },
}

// sqliteEngine writes over one connection and reads over several.
type sqliteEngine struct {
	sqliteQ
	writer, readers *sql.DB
	parsed          parsed // of the writer's one connection; whoever has that has these
	fold            *folder
	watch           watch
}

// openSQLite opens the file of a sqlite:PATH, making it when it is missing.
func openSQLite(ctx context.Context, address string, o options) (engine, error) {
	path := strings.TrimPrefix(strings.TrimPrefix(address, "sqlite:"), "//")
	if path == "" || strings.HasPrefix(path, ":") || strings.HasPrefix(path, "file:") {
		return nil, fmt.Errorf("sqlite: needs the path of a file, as in sqlite:data/minutebook.db, not %q", path)
	}
	if err := makeFile(path); err != nil {
		return nil, err
	}
	writer, err := openFile(ctx, path, 1, url.Values{
		"_txlock": {"immediate"},
		"_pragma": {
			"journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(10000)", "foreign_keys(1)", "cache_size(-65536)",
			"wal_autocheckpoint(60000)", // pages: only should the folder not come round to it
		},
	})
	if err != nil {
		return nil, err
	}
	conns := o.conns
	if conns == 0 {
		conns = max(4, runtime.GOMAXPROCS(0))
	}
	readers, err := openFile(ctx, path, conns+1, url.Values{ // one watches
		"_pragma": {"busy_timeout(10000)", "query_only(1)", "cache_size(-16384)"},
	})
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	folds, err := openFile(ctx, path, 1, url.Values{"_pragma": {"busy_timeout(10000)", "synchronous(FULL)", "wal_autocheckpoint(0)"}})
	if err != nil {
		return nil, errors.Join(err, readers.Close(), writer.Close())
	}
	q := sqliteQ{run: &asked{db: readers, known: map[string]*sql.Stmt{}}, wire: &wire{dialect: sqliteDialect}}
	return &sqliteEngine{sqliteQ: q, writer: writer, readers: readers, fold: startFolder(folds, writer)}, nil
}

// makeFile makes the file and its folder for us alone: it holds people's data.
func makeFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// openFile opens a pool of at most conns connections and proves that it works.
func openFile(ctx context.Context, path string, conns int, settings url.Values) (*sql.DB, error) {
	name := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: settings.Encode()}
	db, err := sql.Open("sqlite", name.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), db.Close())
	}
	return db, nil
}

func (e *sqliteEngine) speaks() *dialect { return sqliteDialect }
func (e *sqliteEngine) sqlDB() *sql.DB   { return e.writer }

// close closes the readers first, so that the writer, the last to leave, folds the log into the file. It does so only
// when none of its statements is left.
func (e *sqliteEngine) close() error {
	return errors.Join(e.watch.close(), e.readers.Close(), e.forget(), e.fold.close(), e.writer.Close())
}

// watch is a connection that is kept: what SQLite says of commits, it says to each connection anew.
type watch struct {
	mu     sync.Mutex
	turn   int // how many there were
	conn   *sql.Conn
	parsed parsed
}

// look asks one after the other over the connection that watches.
func (e *sqliteEngine) look(ctx context.Context, all []question) (stamp string, err error) {
	w := &e.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conn == nil {
		if w.conn, err = e.readers.Conn(ctx); err != nil {
			return "", e.said(ctx, err)
		}
		w.turn++
	}
	var version int64
	all = append([]question{{`PRAGMA data_version`, nil, func(r Row) error { return r.Scan(&version) }}}, all...)
	if err = w.parsed.straight(w.conn, func(d *straight) error { return d.askEach(ctx, all) }); err != nil {
		err = errors.Join(e.said(ctx, err), w.leave())
	}
	return fmt.Sprintf("%d.%d", w.turn, version), err
}

func (w *watch) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.leave()
}

// leave closes its statements first: with one left the connection would stay, and the log with it.
func (w *watch) leave() error {
	if w.conn == nil {
		return nil
	}
	w.parsed.of(nil)
	err := w.conn.Close()
	w.conn = nil
	return err
}

// forget lets go of the writer's statements, once whoever writes is through.
func (e *sqliteEngine) forget() error {
	ctx, cancel := bounded(context.Background(), closing)
	defer cancel()
	conn, err := e.writer.Conn(ctx)
	if err != nil {
		return fmt.Errorf("waiting for the last writer: %w", err)
	}
	e.parsed.of(nil)
	return conn.Close()
}

// closing is how long the last writer may take.
const closing = 10 * time.Second

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

// parsed are the statements of a connection that is kept.
type parsed struct {
	conn       any
	statements map[string]driver.Stmt
}

// straight lets a function use the connection below database/sql.
func (p *parsed) straight(conn *sql.Conn, do func(d *straight) error) error {
	var did error
	err := conn.Raw(func(c any) error {
		p.of(c)
		did = do(&straight{conn: c.(driver.ConnPrepareContext), parsed: p})
		return nil // whatever did not work, the connection did
	})
	return errors.Join(err, did)
}

// of forgets the statements of another connection. They would keep it open although it is closed.
func (p *parsed) of(conn any) {
	if p.conn == conn {
		return
	}
	for _, stmt := range p.statements {
		_ = stmt.Close() // it holds nothing
	}
	p.conn, p.statements = conn, map[string]driver.Stmt{}
}

// mostParsed bounds how many statements are kept, should one ever have many forms.
const mostParsed = 500

// straight is a connection below database/sql.
type straight struct {
	conn   driver.ConnPrepareContext
	parsed *parsed
	values []driver.NamedValue
	err    error
}

func (d *straight) prepared(text string) (driver.Stmt, error) {
	if stmt, known := d.parsed.statements[text]; known {
		return stmt, nil
	}
	if len(d.parsed.statements) >= mostParsed {
		for text, stmt := range d.parsed.statements {
			_ = stmt.Close() // it holds nothing
			delete(d.parsed.statements, text)
		}
	}
	stmt, err := d.conn.PrepareContext(context.Background(), nameless(text))
	if err == nil {
		d.parsed.statements[text] = stmt
	}
	return stmt, err
}

// numbered is an argument's place.
var numbered = regexp.MustCompile(`\$[0-9]+`)

// nameless is a statement whose arguments have no names, where each is used once and in order: the driver asks for the
// name of each argument of each row.
func nameless(text string) string {
	for i, place := range numbered.FindAllString(text, -1) {
		if place != fmt.Sprintf("$%d", i+1) {
			return text
		}
	}
	return numbered.ReplaceAllString(text, "?")
}

func (d *straight) add(ctx context.Context, a addition) error {
	if a.rows == 0 {
		return nil
	}
	stmt, err := d.prepared(a.to.each)
	if err != nil {
		return err
	}
	var changed int64
	for i := range a.rows {
		if i%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		d.values = d.values[:0]
		a.row(i, d)
		if d.err != nil {
			return d.err
		}
		done, err := stmt.(driver.StmtExecContext).ExecContext(context.Background(), d.values)
		if err != nil {
			return err
		}
		if a.to.found {
			n, err := done.RowsAffected()
			if err != nil {
				return err
			}
			changed += n
		}
	}
	return a.missed(changed)
}

func (d *straight) put(v driver.Value) {
	d.values = append(d.values, driver.NamedValue{Ordinal: len(d.values) + 1, Value: v})
}

func (d *straight) num(n int64)    { d.put(n) }
func (d *straight) bytes(b []byte) { d.put(b) }
func (d *straight) null()          { d.put(nil) }

func (d *straight) flag(b bool) {
	if b {
		d.put(int64(1))
		return
	}
	d.put(int64(0))
}

func (d *straight) text(s string) {
	if err := sound(s); err != nil && d.err == nil {
		d.err = err
	}
	d.put(s)
}

func (d *straight) exec(text string, args []any) error {
	stmt, err := d.prepared(text)
	if err == nil {
		_, err = stmt.(driver.StmtExecContext).ExecContext(context.Background(), d.bound(args))
	}
	return err
}

func (d *straight) bound(args []any) []driver.NamedValue {
	d.values = d.values[:0]
	for _, arg := range args {
		d.put(arg)
	}
	return d.values
}

// askEach asks questions one after the other.
func (d *straight) askEach(ctx context.Context, all []question) error {
	for _, each := range all {
		args, err := sqliteDialect.plainArgs(each.args)
		if err != nil {
			return err
		}
		if err := d.query(each.sql, args, each.read); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (d *straight) query(text string, args []any, read func(Row) error) (err error) {
	stmt, err := d.prepared(text)
	if err != nil {
		return err
	}
	rows, err := stmt.(driver.StmtQueryContext).QueryContext(context.Background(), d.bound(args))
	if err != nil {
		return err
	}
	defer func() {
		if closed := rows.Close(); err == nil {
			err = closed
		}
	}()
	row := driverRow(make([]driver.Value, len(rows.Columns())))
	for {
		switch err := rows.Next(row); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := read(row); err != nil {
			return err
		}
	}
}

// driverRow is a row as the driver hands it over.
type driverRow []driver.Value

// Scan keeps the values.
func (r driverRow) Scan(dest ...any) error {
	if len(dest) != len(r) {
		return fmt.Errorf("%d columns were asked for, the row has %d", len(dest), len(r))
	}
	for i, d := range dest {
		if err := (&target{d}).Scan(r[i]); err != nil {
			return fmt.Errorf("reading column %d: %w", i+1, err)
		}
	}
	return nil
}

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

// Words of the schema as SQLite has them. STRICT makes it refuse text, fractions
// and overflow in an INTEGER column, which it takes in silence otherwise.
var (
	integerWords = regexp.MustCompile(`\b(BIGINT|BOOLEAN)\b`)
	bytesWord    = regexp.MustCompile(`\bBYTEA\b`)
	collateC     = regexp.MustCompile(` COLLATE "C"`)
	endOfTable   = regexp.MustCompile(`(?m)^\);`)
	storage      = regexp.MustCompile(`(?m)^ALTER TABLE \w+ SET \(.*\);$`)
	collation    = regexp.MustCompile(`(?m)^ALTER TABLE \w+ ALTER COLUMN \w+ TYPE TEXT COLLATE "C";$`)
	unkept       = regexp.MustCompile(`(?m)^ALTER TABLE \w+ DROP CONSTRAINT \w+;$`)
)

func sqliteSchema(ddl string) string {
	ddl = integerWords.ReplaceAllString(ddl, "INTEGER")
	ddl = bytesWord.ReplaceAllString(ddl, "BLOB")
	ddl = collation.ReplaceAllString(ddl, "")
	ddl = collateC.ReplaceAllString(ddl, "") // its own order is that of bytes
	ddl = storage.ReplaceAllString(ddl, "")  // it has no such settings
	ddl = unkept.ReplaceAllString(ddl, "")   // it cannot, and its check costs little
	return endOfTable.ReplaceAllString(ddl, ") STRICT;")
}

// Result codes, extended where the plain one says too little.
const (
	sqliteBusy       = 5
	sqliteLocked     = 6
	sqliteReadOnly   = 8
	sqliteIO         = 10
	sqliteFull       = 13
	sqliteCannotOpen = 14
	sqliteForeignKey = 787
	sqliteSync       = 1034
	sqlitePrimaryKey = 1555
	sqliteUnique     = 2067
)

func sqliteMeaning(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() {
	case sqliteUnique, sqlitePrimaryKey:
		return sqliteConflict(e)
	case sqliteForeignKey:
		return &fault{ErrReference, err}
	}
	switch e.Code() & 0xff {
	case sqliteBusy, sqliteLocked:
		return &fault{ErrBusy, err}
	case sqliteReadOnly:
		return &fault{ErrReadOnly, err}
	case sqliteIO, sqliteFull, sqliteCannotOpen:
		return &fault{ErrDisk, err}
	}
	return err
}

var (
	takenColumns = regexp.MustCompile(`UNIQUE constraint failed: ([^'(]+\.[^'(]+?)(?: \(\d+\))?$`)
	takenIndex   = regexp.MustCompile(`UNIQUE constraint failed: index '([^']+)'`)
)

// sqliteConflict reads the key out of "UNIQUE constraint failed: t.a, t.b".
func sqliteConflict(e *sqlite.Error) error {
	conflict := &ConflictError{cause: e}
	if m := takenIndex.FindStringSubmatch(e.Error()); m != nil {
		conflict.Constraint = m[1]
	}
	m := takenColumns.FindStringSubmatch(e.Error())
	if m == nil {
		return conflict
	}
	for _, column := range strings.Split(m[1], ", ") {
		table, name, _ := strings.Cut(column, ".")
		conflict.Table = table
		conflict.Columns = append(conflict.Columns, name)
	}
	return conflict
}
