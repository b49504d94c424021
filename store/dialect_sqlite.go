package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
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
