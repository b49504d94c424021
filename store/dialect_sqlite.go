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
	_ "modernc.org/sqlite" // database/sql's, for the migrations
	"zombiezen.com/go/sqlite"
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

// sqliteEngine writes over one link and reads over several.
type sqliteEngine struct {
	*wire
	writer, readers *links
	fold            *folder
	watch           watch
	std             *sql.DB // for the migrations alone: connects when they run, and leaves after
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
	most := o.conns
	if most == 0 {
		most = max(4, runtime.GOMAXPROCS(0))
	}
	reader := func() (*link, error) { return openLink(path, "query_only(1)", "cache_size(-16384)") }
	e := &sqliteEngine{
		wire: &wire{dialect: sqliteDialect},
		writer: newLinks(1, func() (*link, error) {
			return openLink(path, "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "cache_size(-65536)",
				"wal_autocheckpoint(60000)") // pages: only should the folder not come round to it
		}),
		readers: newLinks(most, reader),
		watch:   watch{path: path, open: reader},
	}
	var err error
	if e.std, err = openStd(path); err != nil {
		return nil, err
	}
	e.fold = startFolder(newLinks(1, func() (*link, error) { return openLink(path, "synchronous(FULL)", "wal_autocheckpoint(0)") }), e.writer)
	if err := e.works(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), e.close())
	}
	return e, nil
}

// works proves that the file can be opened for writing.
func (e *sqliteEngine) works(ctx context.Context) error {
	l, err := e.writer.take(ctx)
	if err == nil {
		e.writer.give(l)
	}
	return err
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

// openStd is the file as database/sql has it.
func openStd(path string) (*sql.DB, error) {
	settings := url.Values{"_txlock": {"immediate"}, "_pragma": {"synchronous(FULL)", fmt.Sprintf("busy_timeout(%d)", busyFor.Milliseconds()), "foreign_keys(1)"}}
	name := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: settings.Encode()}
	db, err := sql.Open("sqlite", name.String())
	if err == nil {
		db.SetMaxOpenConns(1)
		db.SetMaxIdleConns(-1)
	}
	return db, err
}

func (e *sqliteEngine) speaks() *dialect { return sqliteDialect }
func (e *sqliteEngine) sqlDB() *sql.DB   { return e.std }

// close closes the readers first, so that the writer, the last to leave, folds the log into the file.
func (e *sqliteEngine) close() error {
	return errors.Join(e.std.Close(), e.watch.close(), e.readers.close(), e.fold.close(), e.writer.close())
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

func sqliteMeaning(err error) error {
	code := sqlite.ErrCode(err)
	switch code {
	case sqlite.ResultConstraintUnique, sqlite.ResultConstraintPrimaryKey:
		return sqliteConflict(err)
	case sqlite.ResultConstraintForeignKey:
		return &fault{ErrReference, err}
	}
	switch code.ToPrimary() {
	case sqlite.ResultBusy, sqlite.ResultLocked:
		return &fault{ErrBusy, err}
	case sqlite.ResultReadOnly:
		return &fault{ErrReadOnly, err}
	case sqlite.ResultIOErr, sqlite.ResultFull, sqlite.ResultCantOpen:
		return &fault{ErrDisk, err}
	}
	return err
}

var (
	takenColumns = regexp.MustCompile(`UNIQUE constraint failed: ([^'(]+\.[^'(]+?)(?: \(\d+\))?$`)
	takenIndex   = regexp.MustCompile(`UNIQUE constraint failed: index '([^']+)'`)
)

// sqliteConflict reads the key out of "UNIQUE constraint failed: t.a, t.b".
func sqliteConflict(err error) error {
	conflict := &ConflictError{cause: err}
	if m := takenIndex.FindStringSubmatch(err.Error()); m != nil {
		conflict.Constraint = m[1]
	}
	m := takenColumns.FindStringSubmatch(err.Error())
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
