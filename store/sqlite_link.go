package store

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"
)

// link is one connection to the file, with the statements that it has parsed: parsing costs more than finding a row.
// One goroutine has it at a time, and nothing in SQLite watches over that.
type link struct {
	conn   *sqlite.Conn
	parsed map[string]*parsed
	reads  []*linkRows // answers that are being read
	room   room        // for rows that are added
}

// mostParsed bounds how many statements are kept. They are pieces of the program put together, so there are not many;
// beyond the bound all begins anew.
const mostParsed = 500

// openLink connects to a file, with some settings.
func openLink(path string, settings ...string) (*link, error) {
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite, sqlite.OpenCreate)
	if err != nil {
		return nil, err
	}
	l := &link{conn: conn, parsed: map[string]*parsed{}}
	conn.SetBusyTimeout(busyFor)
	for _, each := range settings {
		if err := l.ask(question{sql: "PRAGMA " + each, read: func(Row) error { return nil }}); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %s: %w", path, each, err), l.close())
		}
	}
	return l, nil
}

// busyFor is how long SQLite waits for another program.
const busyFor = 10 * time.Second

// listen lets statements end when ctx does, until deaf. Those that write undo their whole transaction then; none can
// follow outside of it, since all fail.
func (l *link) listen(ctx context.Context) {
	if ctx.Done() != nil {
		l.conn.SetInterrupt(ctx.Done())
	}
}

func (l *link) deaf() { l.conn.SetInterrupt(nil) }

// settle ends the answers that are still being read.
func (l *link) settle() {
	for len(l.reads) > 0 {
		l.reads[0].end()
	}
}

func (l *link) close() error {
	l.settle()
	l.deaf()
	l.forget()
	return l.conn.Close()
}

func (l *link) forget() {
	for text, p := range l.parsed {
		if !p.open {
			_ = p.stmt.Finalize() // it says what its last run said
			delete(l.parsed, text)
		}
	}
}

// parsed is a statement of a link.
type parsed struct {
	stmt *sqlite.Stmt
	open bool // it is being run, or its rows are being read
	once bool // it is not kept
}

// place is where an argument stands: $2 in PostgreSQL's words is ?2 in SQLite's, to which $2 would be a name.
var place = regexp.MustCompile(`\$([0-9]+)`)

// prepared is a statement that is ready to run, until it is done.
func (l *link) prepared(text string) (*parsed, error) {
	p, known := l.parsed[text]
	if known && !p.open {
		p.open = true
		return p, nil
	}
	stmt, rest, err := l.conn.PrepareTransient(place.ReplaceAllString(text, "?$1"))
	if err != nil {
		return nil, err
	}
	if rest != 0 && strings.TrimSpace(text[len(text)-rest:]) != "" {
		return nil, errors.Join(fmt.Errorf("more than one statement: %s", text), stmt.Finalize())
	}
	p = &parsed{stmt: stmt, open: true, once: known}
	if !known {
		if len(l.parsed) >= mostParsed {
			l.forget()
		}
		l.parsed[text] = p
	}
	return p, nil
}

// done makes a statement ready to run again. What it says was said by its run.
func (p *parsed) done() {
	p.open = false
	if p.once {
		_ = p.stmt.Finalize()
		return
	}
	_ = p.stmt.Reset()
}

// bind puts the arguments into their places, each of one of the types of plainArgs.
func (p *parsed) bind(args []any) error {
	if n := p.stmt.BindParamCount(); n != len(args) {
		return fmt.Errorf("the statement has %d arguments, not %d", n, len(args))
	}
	for i, arg := range args {
		switch v := arg.(type) {
		case nil:
			p.stmt.BindNull(i + 1)
		case int64:
			p.stmt.BindInt64(i+1, v)
		case string:
			p.stmt.BindText(i+1, v)
		case []byte:
			p.stmt.BindBytes(i+1, v)
		default:
			return fmt.Errorf("argument $%d is a %T", i+1, arg)
		}
	}
	return nil
}

// run runs a statement to its end.
func (p *parsed) run() error {
	for {
		if more, err := p.stmt.Step(); err != nil || !more {
			return err
		}
	}
}

// exec runs a statement and answers how many rows it changed, if it is one that changes any.
func (l *link) exec(text string, args ...any) (changed int64, err error) {
	p, err := l.prepared(text)
	if err != nil {
		return 0, err
	}
	defer p.done()
	if err := p.bind(args); err != nil {
		return 0, err
	}
	if err := p.run(); err != nil {
		return 0, err
	}
	return int64(l.conn.Changes()), nil
}

// askEach asks questions one after the other.
func (l *link) askEach(ctx context.Context, all []question) error {
	for _, each := range all {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		args, err := sqliteDialect.plainArgs(each.args)
		if err != nil {
			return err
		}
		if err := l.ask(question{each.sql, args, each.read}); err != nil {
			return err
		}
	}
	return nil
}

// ask reads the rows of an answer.
func (l *link) ask(q question) error {
	rows, err := l.query(q.sql, q.args)
	if err != nil {
		return err
	}
	defer rows.end()
	for rows.next() {
		if err := q.read(rows); err != nil {
			return err
		}
	}
	return rows.err
}

// query begins a statement that answers with rows.
func (l *link) query(text string, args []any) (*linkRows, error) {
	p, err := l.prepared(text)
	if err != nil {
		return nil, err
	}
	if err := p.bind(args); err != nil {
		p.done()
		return nil, err
	}
	rows := &linkRows{link: l, parsed: p}
	l.reads = append(l.reads, rows)
	return rows, nil
}

// linkRows are the rows of an answer. They end with the last one, or when the link is given back.
type linkRows struct {
	link   *link
	parsed *parsed // nil at the end
	err    error
	ended  func() // hears of the end, or nil
}

func (r *linkRows) next() bool {
	if r.parsed == nil {
		return false
	}
	more, err := r.parsed.stmt.Step()
	if r.err = err; err != nil || !more {
		r.end()
		return false
	}
	return true
}

func (r *linkRows) end() {
	if r.parsed == nil {
		return
	}
	r.parsed.done()
	r.parsed = nil
	r.link.reads = slices.DeleteFunc(r.link.reads, func(other *linkRows) bool { return other == r })
	if r.ended != nil {
		r.ended()
	}
}

// Scan reads the columns of the row.
func (r *linkRows) Scan(dest ...any) error {
	if r.parsed == nil {
		return errors.New("there is no row to read")
	}
	stmt := r.parsed.stmt
	if n := stmt.ColumnCount(); n != len(dest) {
		return fmt.Errorf("%d columns were asked for, the row has %d", len(dest), n)
	}
	for i, d := range dest {
		if err := (&target{d}).Scan(column(stmt, i)); err != nil {
			return fmt.Errorf("reading column %d: %w", i+1, err)
		}
	}
	return nil
}

// column is a value of a row.
func column(stmt *sqlite.Stmt, i int) any {
	switch stmt.ColumnType(i) {
	case sqlite.TypeInteger:
		return stmt.ColumnInt64(i)
	case sqlite.TypeText:
		return stmt.ColumnText(i)
	case sqlite.TypeBlob:
		value := make([]byte, stmt.ColumnLen(i))
		stmt.ColumnBytes(i, value)
		return value
	case sqlite.TypeFloat:
		return stmt.ColumnFloat(i)
	}
	return nil
}
