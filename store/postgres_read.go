package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"minutebook/billing"
)

// postgresQ is Q over pgx.
type postgresQ struct {
	run interface {
		Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
		Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	}
	*wire
}

func (q postgresQ) Exec(ctx context.Context, text string, args ...any) (int64, error) {
	plain, err := q.plainArgs(args)
	if err != nil {
		return 0, err
	}
	tag, err := q.run.Exec(ctx, text, plain...)
	return tag.RowsAffected(), q.said(ctx, err)
}

func (q postgresQ) Query(ctx context.Context, text string, args ...any) (Rows, error) {
	plain, err := q.plainArgs(args)
	if err != nil {
		return nil, err
	}
	rows, err := q.run.Query(ctx, text, plain...)
	if err != nil {
		return nil, q.said(ctx, err)
	}
	return postgresRows{ctx, rows, q.wire}, nil
}

func (q postgresQ) QueryRow(ctx context.Context, text string, args ...any) Row {
	rows, err := q.Query(ctx, text, args...)
	return first{rows, err}
}

type postgresRows struct {
	ctx  context.Context // the statement's
	rows pgx.Rows
	*wire
}

func (r postgresRows) Next() bool { return r.rows.Next() }

// Scan reads the bytes of a row itself where it knows their form: asking the driver for every value costs as much as
// the statement.
func (r postgresRows) Scan(dest ...any) error {
	raw, fields := r.rows.RawValues(), r.rows.FieldDescriptions()
	if len(raw) != len(dest) || len(fields) != len(raw) {
		return r.said(r.ctx, r.rows.Scan(targets(dest)...))
	}
	for i := range fields {
		if !known(&fields[i]) {
			return r.said(r.ctx, r.rows.Scan(targets(dest)...))
		}
	}
	for i, d := range dest {
		if err := scanRaw(raw[i], fields[i].DataTypeOID, d); err != nil {
			r.rows.Close()
			return fmt.Errorf("reading column %s: %w", fields[i].Name, err)
		}
	}
	return nil
}

// known says whether a column comes in a form that scanRaw reads: integers in eight bytes, texts and bytes as they are.
func known(f *pgconn.FieldDescription) bool {
	switch f.DataTypeOID {
	case pgtype.Int8OID, pgtype.ByteaOID, pgtype.BoolOID:
		return f.Format == pgx.BinaryFormatCode
	case pgtype.TextOID:
		return true
	}
	return false
}

func scanRaw(raw []byte, oid uint32, dest any) error {
	t := target{dest}
	if raw == nil {
		return t.clear()
	}
	switch oid {
	case pgtype.Int8OID:
		n := int64(binary.BigEndian.Uint64(raw))
		switch to := dest.(type) { // in a box, each number takes memory
		case *int64:
			*to = n
		case *billing.ID:
			*to = billing.ID(n)
		case *billing.Millis:
			*to = billing.Millis(n)
		case *time.Time:
			*to = time.UnixMicro(n).UTC()
		default:
			return t.Scan(n)
		}
		return nil
	case pgtype.BoolOID:
		return t.Scan(raw[0] == 1)
	case pgtype.ByteaOID:
		return t.Scan(raw)
	}
	if to, is := dest.(*string); is {
		*to = string(raw)
		return nil
	}
	return t.Scan(string(raw))
}

func (r postgresRows) Err() error { return r.said(r.ctx, r.rows.Err()) }
func (r postgresRows) Close()     { r.rows.Close() }

// askAll asks all questions in one message.
func (t *postgresTx) askAll(ctx context.Context, all []question) error {
	return t.send(ctx, func(message *pgx.Batch) error {
		for _, each := range all {
			if err := t.queue(message, statement{each.sql, each.args}); err != nil {
				return err
			}
		}
		return nil
	}, func(answers pgx.BatchResults) error { return t.read(ctx, answers, all) })
}

// send sends a message that fill puts together, and lets read read the answers. The transaction begins with it, if it did not yet.
func (t *postgresTx) send(ctx context.Context, fill func(*pgx.Batch) error, read func(pgx.BatchResults) error) error {
	message, opening := &pgx.Batch{}, t.line.opening
	for _, sql := range opening {
		message.Queue(sql)
	}
	if err := fill(message); err != nil || message.Len() == len(opening) {
		return err
	}
	if t.line.down != nil {
		return t.said(ctx, t.line.down)
	}
	answers := t.line.conn.SendBatch(ctx, message)
	for range opening {
		if _, err := answers.Exec(); err != nil {
			return t.said(ctx, t.line.began(errors.Join(err, answers.Close())))
		}
	}
	err := read(answers)
	if opening != nil {
		if begun := t.line.began(nil); err == nil {
			err = t.said(ctx, begun)
		}
	}
	return err
}

// read reads the answers to questions, in their order.
func (q postgresQ) read(ctx context.Context, answers pgx.BatchResults, all []question) (err error) {
	defer func() {
		if ended := answers.Close(); err == nil {
			err = q.said(ctx, ended)
		}
	}()
	for _, each := range all {
		rows, err := answers.Query()
		if err != nil {
			return q.said(ctx, err)
		}
		if err := readAll(each.read)(postgresRows{ctx, rows, q.wire}, nil); err != nil {
			return err
		}
	}
	return nil
}

// stampNow is which transactions have ended, and which server says so: after a failover another one may count the same.
const stampNow = `SELECT pg_current_snapshot()::text || ' ' || pg_postmaster_start_time()::text`

// look asks all in one message; each statement of it sees what was committed when it begins.
func (e *postgresEngine) look(ctx context.Context, all []question) (stamp string, err error) {
	if len(all) == 0 {
		err := e.QueryRow(ctx, stampNow).Scan(&stamp)
		return stamp, err
	}
	all = append([]question{{stampNow, nil, func(r Row) error { return r.Scan(&stamp) }}}, all...)
	send := &pgx.Batch{}
	for _, each := range all {
		if err := e.queue(send, statement{each.sql, each.args}); err != nil {
			return "", err
		}
	}
	return stamp, e.read(ctx, e.pool.SendBatch(ctx, send), all)
}

// still knows nothing without asking.
func (e *postgresEngine) still(string) bool { return false }
