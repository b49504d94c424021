package store

import (
	"context"
	"fmt"
	"iter"

	"zombiezen.com/go/sqlite"
)

// add adds rows one by one.
func (l *link) add(ctx context.Context, a addition) error {
	if a.rows == 0 {
		return nil
	}
	p, err := l.prepared(a.to.each)
	if err != nil {
		return err
	}
	defer p.done()
	defer l.room.clear()
	var changed int64
	var before []cell // what is bound
	for some := range a.spelled(&l.room) {
		if err := firstFailure(some.err, ctx.Err()); err != nil {
			return err
		}
		for _, row := range some.rows {
			if err := p.add(row, before); err != nil {
				return err
			}
			changed += int64(l.conn.Changes())
			before = row
		}
		l.room.last = append(l.room.last[:0], before...) // the next rows are spelled over these
		before = l.room.last
	}
	return a.missed(changed)
}

// add runs a statement with the values of a row. Those that are as in the row before, which are many, are bound still.
func (p *parsed) add(row, before []cell) error {
	if n := p.stmt.BindParamCount(); n != len(row) {
		return fmt.Errorf("the statement has %d arguments, not %d", n, len(row))
	}
	if err := p.stmt.Reset(); err != nil {
		return err
	}
	for i := range row {
		if before == nil || !row[i].same(&before[i]) {
			row[i].bind(p.stmt, i+1)
		}
	}
	return p.run()
}

// room is where a link's rows are spelled, time and again: in one place while those in the other are in use.
type room struct {
	places [2]spelling
	last   []cell
}

// clear lets go of what the values point to.
func (r *room) clear() {
	for i := range r.places {
		r.places[i].clear()
	}
	clear(r.last)
}

// spelling is some rows of an addition as values that can be bound.
type spelling struct {
	rows  [][]cell
	cells linkCells
	err   error
}

// spelledTogether is how many rows are spelled at a time.
const spelledTogether = 128

// spelled spells the rows, some at a time. Of many, the next are spelled while the last are in use: to spell a row takes a
// tenth of what it takes to add it, and the writer is who everybody waits for.
func (a addition) spelled(in *room) iter.Seq[*spelling] {
	if a.rows <= spelledTogether {
		return func(yield func(*spelling) bool) { yield(in.places[0].spell(a, 0, a.rows)) }
	}
	return func(yield func(*spelling) bool) {
		full, empty, left := make(chan *spelling), make(chan *spelling, 2), make(chan struct{})
		empty <- &in.places[0]
		empty <- &in.places[1]
		defer func() {
			close(left)
			for range full { // until it is certain that nobody spells any more
			}
		}()
		go a.spell(full, empty, left)
		for s := range full {
			if !yield(s) {
				return
			}
			empty <- s
		}
	}
}

// spell fills what is empty with one row after the other, until all are spelled or nobody wants them.
func (a addition) spell(full chan<- *spelling, empty <-chan *spelling, left <-chan struct{}) {
	defer close(full)
	for from := 0; from < a.rows; from += spelledTogether {
		select {
		case s := <-empty:
			select {
			case full <- s.spell(a, from, min(from+spelledTogether, a.rows)):
			case <-left:
				return
			}
		case <-left:
			return
		}
	}
}

func (s *spelling) spell(a addition, from, to int) (done *spelling) {
	defer func() {
		if broken := recover(); broken != nil { // here it would end the whole program
			done, s.err = s, fmt.Errorf("spelling rows: %v", broken)
		}
	}()
	s.clear()
	for i := from; i < to; i++ {
		s.cells.first = len(s.cells.values)
		a.row(i, &s.cells)
		s.rows = append(s.rows, s.cells.values[s.cells.first:])
	}
	s.err = s.cells.err
	return s
}

func (s *spelling) clear() {
	clear(s.cells.values)
	s.rows, s.cells, s.err = s.rows[:0], linkCells{values: s.cells.values[:0]}, nil
}

// linkCells are values, row behind row.
type linkCells struct {
	values []cell
	first  int // where the row begins
	err    error
}

// cell is one value.
type cell struct {
	kind  cellKind
	n     int64
	s     string
	bytes []byte
}

type cellKind byte

const (
	nullCell cellKind = iota
	numCell
	textCell
	bytesCell
)

func (c *linkCells) put(v cell)     { c.values = append(c.values, v) }
func (c *linkCells) num(n int64)    { c.put(cell{kind: numCell, n: n}) }
func (c *linkCells) bytes(b []byte) { c.put(cell{kind: bytesCell, bytes: b}) }
func (c *linkCells) null()          { c.put(cell{}) }

func (c *linkCells) flag(b bool) {
	if b {
		c.num(1)
		return
	}
	c.num(0)
}

func (c *linkCells) text(s string) {
	if err := sound(s); err != nil && c.err == nil {
		c.err = err
	}
	c.put(cell{kind: textCell, s: s})
}

// same reports whether the two are known to be alike. Of bytes nobody knows whether they are what they were.
func (v *cell) same(other *cell) bool {
	return v.kind == other.kind && v.kind != bytesCell && v.n == other.n && v.s == other.s
}

func (v *cell) bind(stmt *sqlite.Stmt, place int) {
	switch v.kind {
	case numCell:
		stmt.BindInt64(place, v.n)
	case textCell:
		stmt.BindText(place, v.s)
	case bytesCell:
		stmt.BindBytes(place, v.bytes)
	case nullCell:
		stmt.BindNull(place)
	}
}
