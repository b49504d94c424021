package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
)

//go:embed schema/*.sql
var schema embed.FS

// MigrationStatus says how far a database is.
type MigrationStatus struct {
	// Current is the number of the last migration in the database; 0 is empty.
	Current int64
	// Target is the number of the last migration this program knows.
	Target int64
}

// Pending reports whether Migrate has something to do.
func (s MigrationStatus) Pending() bool { return s.Current < s.Target }

// MigrationStatus asks the database how far it is. The error is ErrNewer when
// it is further than this program.
func (db *DB) MigrationStatus(ctx context.Context) (MigrationStatus, error) {
	p, err := db.migrator()
	if err != nil {
		return MigrationStatus{}, err
	}
	return status(ctx, p)
}

// Migrate brings the schema up to this program, and does nothing when it is
// there already. Programs may migrate one database at the same time: one does
// the work. It refuses, with ErrNewer, a database that a newer program wrote.
func (db *DB) Migrate(ctx context.Context) error {
	var err error
	for try := range 5 {
		// SQLite has nothing to lock migrators with: who comes second finds
		// the table there, is undone, and sees at the next look that all is done.
		if err = db.migrate(ctx); err == nil || errors.Is(err, ErrNewer) {
			return err
		}
		if sleep(ctx, time.Duration(try+1)*20*time.Millisecond) != nil {
			break
		}
	}
	return fmt.Errorf("migrating the database: %w", err)
}

func (db *DB) migrate(ctx context.Context) error {
	p, err := db.migrator()
	if err != nil {
		return err
	}
	if _, err := status(ctx, p); err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

func status(ctx context.Context, p *goose.Provider) (MigrationStatus, error) {
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return MigrationStatus{}, fmt.Errorf("asking the database for its schema version: %w", err)
	}
	s := MigrationStatus{Current: current, Target: target}
	if current > target {
		return s, fmt.Errorf("%w: its schema is at %d, this program knows up to %d; run the newer program, or restore a backup from before",
			ErrNewer, current, target)
	}
	return s, nil
}

// migrator hands the schema files to goose as functions, so that the files are
// plain SQL and goose has nothing to parse.
func (db *DB) migrator() (*goose.Provider, error) {
	migrations, err := readSchema(schema, db.dialect)
	if err != nil {
		return nil, fmt.Errorf("reading the schema: %w", err)
	}
	opts, err := db.dialect.locker()
	if err != nil {
		return nil, err
	}
	opts = append(opts, goose.WithGoMigrations(migrations...), goose.WithDisableGlobalRegistry(true))
	return goose.NewProvider(db.dialect.goose, db.engine.sqlDB(), nil, opts...)
}

// readSchema reads schema/NNNN_name.sql, in the words of one database.
func readSchema(files fs.FS, d *dialect) ([]*goose.Migration, error) {
	names, err := fs.Glob(files, "schema/*.sql")
	if err != nil {
		return nil, err
	}
	var all []*goose.Migration
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		number, _, _ := strings.Cut(path.Base(name), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s does not begin with its number: %w", name, err)
		}
		ddl := d.schema(string(text))
		up := func(ctx context.Context, tx *sql.Tx) error {
			if _, err := tx.ExecContext(ctx, ddl); err != nil {
				return err
			}
			return fill(ctx, d, version, tx)
		}
		all = append(all, goose.NewGoMigration(version, &goose.GoFunc{RunTx: up}, nil))
	}
	return all, nil
}
