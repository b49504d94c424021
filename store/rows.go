package store

import (
	"context"
	"fmt"
	"time"
)

// Collect reads all rows of an answer, in order. It takes what Query returns,
// closes the rows and returns nil when there are none:
//
//	store.Collect(func(r store.Row, c *Client) error {
//		return r.Scan(&c.ID, &c.Name)
//	})(q.Query(ctx, `SELECT id, name FROM clients WHERE agency_id = $1`, agency))
func Collect[T any](read func(Row, *T) error) func(Rows, error) ([]T, error) {
	return func(rows Rows, err error) ([]T, error) {
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		var all []T
		for rows.Next() {
			var one T
			if err := read(rows, &one); err != nil {
				return nil, err
			}
			all = append(all, one)
		}
		return all, rows.Err()
	}
}

// first is the Row of a QueryRow: the first of rows, which Scan also closes.
type first struct {
	rows Rows
	err  error
}

func (f first) Scan(dest ...any) error {
	if f.err != nil {
		return f.err
	}
	defer f.rows.Close()
	if !f.rows.Next() {
		if err := f.rows.Err(); err != nil {
			return err
		}
		return fmt.Errorf("%w", ErrMissing)
	}
	if err := f.rows.Scan(dest...); err != nil {
		return err
	}
	f.rows.Close()
	return f.rows.Err()
}

// patient asks q with a limit for every statement that has none.
type patient struct {
	q     Q
	limit time.Duration
}

func (p patient) speaks() *dialect { return spoken(p.q) }

func (p patient) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	ctx, cancel := bounded(ctx, p.limit)
	defer cancel()
	return p.q.Exec(ctx, sql, args...)
}

func (p patient) Query(ctx context.Context, sql string, args ...any) (Rows, error) {
	ctx, cancel := bounded(ctx, p.limit)
	rows, err := p.q.Query(ctx, sql, args...)
	if err != nil {
		cancel()
		return nil, err
	}
	return &patientRows{Rows: rows, cancel: cancel}, nil
}

func (p patient) QueryRow(ctx context.Context, sql string, args ...any) Row {
	rows, err := p.Query(ctx, sql, args...)
	return first{rows, err}
}

// patientRows end their limit when they are closed, and remember how they ended
// before that: afterwards all would look cancelled.
type patientRows struct {
	Rows
	cancel context.CancelFunc
	closed bool
	err    error
}

func (r *patientRows) Err() error {
	if r.closed {
		return r.err
	}
	return r.Rows.Err()
}

func (r *patientRows) Close() {
	if r.closed {
		return
	}
	r.Rows.Close()
	r.closed, r.err = true, r.Rows.Err()
	r.cancel()
}
