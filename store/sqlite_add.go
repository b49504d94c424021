package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"iter"
)

// add adds rows one by one.
func (d *straight) add(ctx context.Context, a addition) error {
	if a.rows == 0 {
		return nil
	}
	stmt, err := d.prepared(a.to.each)
	if err != nil {
		return err
	}
	var changed int64
	for some := range a.spelled() {
		if err := firstFailure(some.err, ctx.Err()); err != nil {
			return err
		}
		for _, values := range some.rows {
			done, err := stmt.(driver.StmtExecContext).ExecContext(context.Background(), values)
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
	}
	return a.missed(changed)
}

// spelling is some rows of an addition in the values that the driver takes.
type spelling struct {
	rows  [][]driver.NamedValue
	cells driverCells
	err   error
}

// spelledTogether is how many rows are spelled at a time.
const spelledTogether = 128

// spelled spells the rows, some at a time. Of many, the next are spelled while the last are in use: to spell a row takes a
// tenth of what it takes to add it, and the writer is who everybody waits for.
func (a addition) spelled() iter.Seq[*spelling] {
	if a.rows <= spelledTogether {
		return func(yield func(*spelling) bool) { yield((&spelling{}).spell(a, 0, a.rows)) }
	}
	return func(yield func(*spelling) bool) {
		full, empty, left := make(chan *spelling), make(chan *spelling, 2), make(chan struct{})
		empty <- &spelling{}
		empty <- &spelling{}
		defer close(left)
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
	s.rows, s.cells = s.rows[:0], driverCells{values: s.cells.values[:0]}
	for i := from; i < to; i++ {
		s.cells.first = len(s.cells.values)
		a.row(i, &s.cells)
		s.rows = append(s.rows, s.cells.values[s.cells.first:])
	}
	s.err = s.cells.err
	return s
}

// driverCells are values as the driver takes them, row behind row.
type driverCells struct {
	values []driver.NamedValue
	first  int // where the row begins
	err    error
}

func (c *driverCells) put(v driver.Value) {
	c.values = append(c.values, driver.NamedValue{Ordinal: len(c.values) - c.first + 1, Value: v})
}

func (c *driverCells) num(n int64)    { c.put(n) }
func (c *driverCells) bytes(b []byte) { c.put(b) }
func (c *driverCells) null()          { c.put(nil) }

func (c *driverCells) flag(b bool) {
	if b {
		c.put(int64(1))
		return
	}
	c.put(int64(0))
}

func (c *driverCells) text(s string) {
	if err := sound(s); err != nil && c.err == nil {
		c.err = err
	}
	c.put(s)
}
