package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"regexp"
	"sync"
)

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
	cells  driverCells
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

func (d *straight) exec(text string, args []any) error {
	stmt, err := d.prepared(text)
	if err == nil {
		_, err = stmt.(driver.StmtExecContext).ExecContext(context.Background(), d.bound(args))
	}
	return err
}

func (d *straight) bound(args []any) []driver.NamedValue {
	d.cells = driverCells{values: d.cells.values[:0]}
	for _, arg := range args {
		d.cells.put(arg)
	}
	return d.cells.values
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
