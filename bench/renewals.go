package main

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// slice is how many clients the server's own job brings forward at once.
const slice = 200

// renewals: every client's month ends in the same second; app.AdvanceDue closes it, asks for the money and opens the
// next. Against bare statements, one after the other, that write as many of the same rows.
func renewals(w *world, _ int) (figures []figure, err error) {
	b, err := w.fresh()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.drop()) }()
	later := b.begun.AddDate(0, 1, 0).Add(time.Hour)
	a, err := b.open(func() time.Time { return later })
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.DB.Close()) }()
	before, err := b.written()
	if err != nil {
		return nil, err
	}
	look, begun, moved := b.parties().look(), time.Now(), 0
	for time.Since(begun) < b.span() {
		n, err := a.AdvanceDue(b.ctx, slice)
		if err != nil {
			return nil, err
		}
		if moved += n; n == 0 {
			break
		}
	}
	took := time.Since(begun)
	cpu := b.parties().since(look, max(moved, 1))
	cpu.server, cpu.generator = cpu.generator, 0
	after, err := b.written()
	if err != nil {
		return nil, err
	}
	if renewed := after["periods"] - before["periods"]; renewed < int64(moved) || moved == 0 {
		return nil, fmt.Errorf("%d clients were brought forward, and %d periods opened", moved, renewed)
	}
	f := figure{what: "renewals", value: float64(moved) / took.Seconds(), unit: "subscriptions/s", cpu: cpu, want: atLeast(5000), yard: "bare statements"}
	if b.database == "sqlite" {
		f.want = atLeast(3000)
	}
	each := map[string]int{}
	for table := range after {
		each[table] = int((after[table] - before[table] + int64(moved)/2) / int64(moved))
	}
	f.yards, err = b.bareRenewals(each)
	return []figure{f}, err
}

// written counts the rows a renewal adds to.
func (b *books) written() (map[string]int64, error) {
	counts := map[string]int64{}
	for _, table := range []string{"periods", "payment_requests", "facts"} {
		n, err := b.count("SELECT COUNT(*) FROM " + table)
		if err != nil {
			return nil, err
		}
		counts[table] = n
	}
	return counts, nil
}

// bareRenewals writes as many rows a renewal into the same tables, emptied and without foreign keys, and one update of
// a client's row for each, in transactions as large as the job's.
func (b *books) bareRenewals(each map[string]int) (rate float64, err error) {
	db, rows, err := b.bareTables()
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.drop()) }()
	most := len(rows["accounts"].rows)
	for table, n := range each {
		if n > 0 {
			most = min(most, len(rows[table].rows)/n)
		}
	}
	begun, done := time.Now(), 0
	for done < most && time.Since(begun) < b.yardLasts() {
		n := min(slice, most-done)
		if err := b.bareSlice(db.DB, rows, each, done, n); err != nil {
			return 0, err
		}
		done += n
	}
	return float64(done) / time.Since(begun).Seconds(), nil
}

// bareTables are the tables with their indexes and nothing else: the clients' rows stand in theirs, the others' are
// held back to be written.
func (b *books) bareTables() (db *yard, rows map[string]stored, err error) {
	rows = map[string]stored{}
	tables := []string{"periods", "payment_requests", "facts", "accounts"}
	for _, table := range tables {
		if rows[table], err = b.recorded(table); err != nil {
			return nil, nil, err
		}
	}
	if b.database == "sqlite" {
		db, err = b.yardFile(tables...)
	} else {
		db, err = b.yardSchema(tables)
	}
	if err != nil {
		return nil, nil, err
	}
	return db, rows, b.insertBatch(db.DB, insertInto(rows["accounts"]), rows["accounts"].rows)
}

// yardSchema holds the same tables beside the product's in PostgreSQL.
func (b *books) yardSchema(tables []string) (*yard, error) {
	db, err := b.raw()
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // the path is a connection's
	statements := "CREATE SCHEMA yard; SET search_path = yard"
	for _, table := range tables {
		statements += fmt.Sprintf("; CREATE TABLE %s (LIKE public.%s INCLUDING ALL)", table, table)
	}
	if _, err := db.ExecContext(b.ctx, statements); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &yard{DB: db}, nil
}

// insertInto is the statement that writes a row as it was read.
func insertInto(s stored) string {
	var marks []string
	for i := range s.columns {
		marks = append(marks, fmt.Sprintf("$%d", i+1))
	}
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", s.table, strings.Join(s.columns, ", "), strings.Join(marks, ", "))
}

func (b *books) bareSlice(db *sql.DB, rows map[string]stored, each map[string]int, from, n int) error {
	tx, err := db.BeginTx(b.ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	update, err := tx.PrepareContext(b.ctx, "UPDATE accounts SET next_due = next_due + 1 WHERE agency_id = $1 AND client_id = $2")
	if err != nil {
		return err
	}
	inserts := map[string]*sql.Stmt{}
	for table := range each {
		if inserts[table], err = tx.PrepareContext(b.ctx, insertInto(rows[table])); err != nil {
			return err
		}
	}
	accounts := rows["accounts"]
	for i := from; i < from+n; i++ {
		if _, err := update.ExecContext(b.ctx, accounts.value(i, "agency_id"), accounts.value(i, "client_id")); err != nil {
			return err
		}
		for table, times := range each {
			for k := range times {
				if _, err := inserts[table].ExecContext(b.ctx, rows[table].rows[i*times+k]...); err != nil {
					return err
				}
			}
		}
	}
	return tx.Commit()
}

// value is one column of a row.
func (s stored) value(row int, column string) any {
	for i, name := range s.columns {
		if name == column {
			return s.rows[row][i]
		}
	}
	return nil
}
