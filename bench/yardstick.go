package main

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// yardsticks are held against the very rows a run wrote: at most so many of them are read back.
const mostRows = 100_000

// stored are rows of a table, as the driver hands them out, so that they can be written again as they are.
type stored struct {
	table   string
	columns []string
	rows    [][]any
}

// recorded reads back what a run recorded.
func (b *books) recorded(table string) (s stored, err error) {
	db, err := b.raw()
	if err != nil {
		return s, err
	}
	defer db.Close()
	rows, err := db.QueryContext(b.ctx, fmt.Sprintf("SELECT * FROM %s LIMIT %d", table, mostRows))
	if err != nil {
		return s, err
	}
	defer rows.Close()
	s.table = table
	if s.columns, err = rows.Columns(); err != nil {
		return s, err
	}
	for rows.Next() {
		row, into := make([]any, len(s.columns)), make([]any, len(s.columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return s, err
		}
		s.rows = append(s.rows, row)
	}
	if err := rows.Err(); err != nil {
		return s, err
	}
	if len(s.rows) == 0 {
		return s, fmt.Errorf("nothing was recorded in %s", table)
	}
	return s, nil
}

// part is the share of connection n of so many.
func (s stored) part(n, conns int) [][]any {
	size := len(s.rows) / conns
	return s.rows[n*size : (n+1)*size]
}

// yardLasts is how long a yardstick is measured at least.
func (b *bench) yardLasts() time.Duration { return b.span() / 2 }

// rowsPerSecond is what the database does with the same rows and nothing else: COPY in PostgreSQL, over so many
// connections, a prepared insert in SQLite; batches of 5,000, each durable, into a table with the same indexes that is
// emptied when all rows are in it.
func (b *books) rowsPerSecond(s stored, conns int) (float64, error) {
	if b.database == "postgres" {
		return b.copyRate(s, conns)
	}
	return b.insertRate(s)
}

func (b *books) copyRate(s stored, conns int) (rate float64, err error) {
	db, err := b.raw()
	if err != nil {
		return 0, err
	}
	defer db.Close()
	// LIKE takes over columns, checks and indexes, but no foreign keys.
	if _, err := db.ExecContext(b.ctx, "DROP TABLE IF EXISTS yard; CREATE TABLE yard (LIKE "+s.table+" INCLUDING ALL)"); err != nil {
		return 0, err
	}
	var written int
	var took time.Duration
	for took < b.yardLasts() {
		if _, err := db.ExecContext(b.ctx, "TRUNCATE yard"); err != nil {
			return 0, err
		}
		begun, n, err := b.copyAll(s, conns)
		if err != nil {
			return 0, err
		}
		written, took = written+n, took+time.Since(begun)
	}
	return float64(written) / took.Seconds(), nil
}

// copyAll copies the rows once; it begins to count when all connections stand.
func (b *books) copyAll(s stored, conns int) (begun time.Time, written int, err error) {
	wires := make([]*pgx.Conn, conns)
	for i := range wires {
		if wires[i], err = pgx.Connect(b.ctx, b.url); err != nil {
			return begun, 0, err
		}
		defer wires[i].Close(b.ctx)
	}
	begun = time.Now()
	faults := make([]error, conns)
	var copiers sync.WaitGroup
	for i, wire := range wires {
		mine := s.part(i, conns)
		written += len(mine)
		copiers.Go(func() {
			for len(mine) > 0 && faults[i] == nil {
				n := min(b.Batch, len(mine))
				_, faults[i] = wire.CopyFrom(b.ctx, pgx.Identifier{"yard"}, s.columns, pgx.CopyFromRows(mine[:n]))
				mine = mine[n:]
			}
		})
	}
	copiers.Wait()
	return begun, written, errors.Join(faults...)
}

func (b *books) insertRate(s stored) (rate float64, err error) {
	yard, err := b.yardFile(s.table)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, yard.drop()) }()
	insert := "INSERT INTO " + s.table + " VALUES (?" + strings.Repeat(", ?", len(s.columns)-1) + ")"
	var written int
	var took time.Duration
	for took < b.yardLasts() {
		if _, err := yard.ExecContext(b.ctx, "DELETE FROM "+s.table); err != nil {
			return 0, err
		}
		begun := time.Now()
		for rest := s.rows; len(rest) > 0; {
			n := min(b.Batch, len(rest))
			if err := b.insertBatch(yard.DB, insert, rest[:n]); err != nil {
				return 0, err
			}
			rest = rest[n:]
		}
		written, took = written+len(s.rows), took+time.Since(begun)
	}
	return float64(written) / took.Seconds(), nil
}

func (b *books) insertBatch(yard *sql.DB, insert string, rows [][]any) error {
	tx, err := yard.BeginTx(b.ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	statement, err := tx.PrepareContext(b.ctx, insert)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if _, err := statement.ExecContext(b.ctx, row...); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// yardFile is a new SQLite file with some tables of the product and their indexes, set as the product sets its own.
func (b *books) yardFile(tables ...string) (*yard, error) {
	path := filepath.Join(b.dir, fmt.Sprintf("yard-%d.db", b.world.copies.Add(1)))
	db, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=cache_size(-65536)&_pragma=wal_autocheckpoint(20000)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	yard := &yard{db, path}
	for _, table := range tables {
		if err := b.sameTable(db, table); err != nil {
			return nil, errors.Join(err, yard.drop())
		}
	}
	return yard, nil
}

// yard is where a yardstick writes; path is empty within a database of the product's.
type yard struct {
	*sql.DB
	path string
}

func (y *yard) drop() error {
	err := y.Close()
	if y.path != "" {
		err = errors.Join(err, os.Remove(y.path))
	}
	return err
}

func (b *books) sameTable(yard *sql.DB, table string) error {
	db, err := b.raw()
	if err != nil {
		return err
	}
	defer db.Close()
	rows, err := db.QueryContext(b.ctx, "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type = 'table' DESC", table)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var statement string
		if err := rows.Scan(&statement); err != nil {
			return err
		}
		if _, err := yard.ExecContext(b.ctx, statement); err != nil {
			return err
		}
	}
	return rows.Err()
}
