package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgtype"
)

// leg is one step of a flight: a statement, and the rows that follow it where it is a COPY.
type leg struct {
	sql    string
	args   []any
	copied *addition
	broken error // what it means that the statement made itself fail; see unless
}

// take takes all legs, or lets nothing of the transaction be kept.
func (l *line) take(ctx context.Context, legs []leg) error {
	if l.down != nil {
		return l.down
	}
	err := l.travel(ctx, legs)
	if err != nil && l.down == nil {
		l.down = err
	}
	return err
}

func (l *line) travel(ctx context.Context, legs []leg) error {
	if is, _ := l.conn.Conn().PgConn().CustomData()[direct].(bool); !is {
		return l.walk(ctx, legs)
	}
	if l.opening == nil {
		return l.fly(ctx, legs)
	}
	all := make([]leg, 0, len(l.opening)+len(legs))
	for _, sql := range l.opening {
		all = append(all, leg{sql: sql})
	}
	err := l.fly(ctx, append(all, legs...))
	return firstFailure(err, l.began(nil))
}

// fly sends all legs to the server at once and then reads their answers: while a program waits for one, others have the machine.
// After the first leg that fails the server passes over the rest.
//
// The driver's own pipelines know no COPY. A server takes rows for COPY before it has said that it waits for them, and
// ignores them where the COPY failed (PostgreSQL, Frontend/Backend Protocol, COPY Operations).
func (l *line) fly(ctx context.Context, legs []leg) error {
	conn := l.conn.Conn()
	message, err := spell(ctx, conn, legs)
	if err != nil {
		return err
	}
	if err := push(ctx, conn, message); err != nil {
		l.cut()
		return err
	}
	return l.land(ctx, legs)
}

// spell writes the messages of all legs, with one behind them that asks for an answer. A statement is parsed once a connection.
func spell(ctx context.Context, conn *pgx.Conn, legs []leg) (message []byte, err error) {
	known, room := make([]*pgconn.StatementDescription, len(legs)), 0
	for i, leg := range legs {
		if known[i], err = conn.Prepare(ctx, leg.sql, leg.sql); err != nil {
			return nil, err
		}
		room += leg.room()
	}
	message = make([]byte, 0, room)
	for i, leg := range legs {
		if message, err = leg.spell(message, conn.TypeMap(), known[i]); err != nil {
			return nil, err
		}
	}
	return (&pgproto3.Sync{}).Encode(message)
}

// room is about how many bytes a leg takes.
func (s leg) room() int {
	if s.copied != nil {
		return 500 + 500*s.copied.rows
	}
	return 500
}

func (s leg) spell(message []byte, types *pgtype.Map, known *pgconn.StatementDescription) (_ []byte, err error) {
	var values pgx.ExtendedQueryBuilder
	if err := values.Build(types, known, s.args); err != nil {
		return nil, err
	}
	bind := pgproto3.Bind{PreparedStatement: known.Name, ParameterFormatCodes: values.ParamFormats, Parameters: values.ParamValues, ResultFormatCodes: values.ResultFormats}
	if message, err = bind.Encode(message); err != nil {
		return nil, err
	}
	if message, err = (&pgproto3.Execute{}).Encode(message); err != nil || s.copied == nil {
		return message, err
	}
	return s.copied.spellCopy(message)
}

// spellCopy writes the rows as one message of COPY's data, and that they end.
func (a addition) spellCopy(message []byte) ([]byte, error) {
	head := len(message) + 1
	message, err := a.copyData(append(message, 'd', 0, 0, 0, 0))
	if err != nil {
		return nil, err
	}
	if len(message)-head > math.MaxInt32 {
		return nil, errors.New("too many rows for one message")
	}
	binary.BigEndian.PutUint32(message[head:], uint32(len(message)-head))
	return (&pgproto3.CopyDone{}).Encode(message)
}

// push sends a message. A server that does not read for as long as ctx lasts is one that is not there.
func push(ctx context.Context, conn *pgx.Conn, message []byte) error {
	wire := conn.PgConn().Conn()
	stop := context.AfterFunc(ctx, func() { _ = wire.SetWriteDeadline(time.Unix(1, 0)) })
	_, err := wire.Write(message)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	return err
}

// land reads the answers. What comes behind a failure is soon said.
func (l *line) land(ctx context.Context, legs []leg) (failed error) {
	wire, next := l.conn.Conn().PgConn(), 0
	for {
		message, err := wire.ReceiveMessage(ctx)
		if err != nil {
			l.cut()
			return firstFailure(failed, err)
		}
		switch message := message.(type) {
		case *pgproto3.CommandComplete:
			next++
		case *pgproto3.ErrorResponse:
			failed = firstFailure(failed, legs[min(next, len(legs)-1)].meaning(pgconn.ErrorResponseToPgError(message)))
			rest, cancel := context.WithTimeout(context.WithoutCancel(ctx), parting)
			defer cancel()
			ctx = rest
		case *pgproto3.ReadyForQuery:
			if failed == nil && next < len(legs) {
				failed = fmt.Errorf("%d of %d statements were answered", next, len(legs))
			}
			return failed
		}
	}
}

// meaning is what a leg's failure means.
func (s leg) meaning(err error) error {
	var said *pgconn.PgError
	if s.broken != nil && errors.As(err, &said) && said.Code == divisionByZero {
		return s.broken
	}
	return err
}

// divisionByZero is SQLSTATE 22012.
const divisionByZero = "22012"

// cut ends a connection of which nobody knows any more what will be read from it next.
func (l *line) cut() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // there is nothing to say to the server
	_ = l.conn.Conn().Close(ctx)
}

// walk sends one leg after the other. A pooler that shares out its connections may keep no parsed statement, and may lose one of
// them for good where a COPY fails whose rows it still carries (https://github.com/pgbouncer/pgbouncer/pull/1470).
func (l *line) walk(ctx context.Context, legs []leg) error {
	for _, leg := range legs {
		if err := l.step(ctx, leg); err != nil {
			return leg.meaning(err)
		}
	}
	return nil
}

func (l *line) step(ctx context.Context, s leg) error {
	if s.copied == nil {
		_, err := l.Exec(ctx, s.sql, s.args...)
		return err
	}
	data, err := s.copied.copyData(make([]byte, 0, s.room()))
	if err != nil {
		return err
	}
	if err := l.opened(ctx); err != nil {
		return err
	}
	_, err = l.conn.Conn().PgConn().CopyFrom(ctx, bytes.NewReader(data), s.sql)
	return err
}
