package store

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// fewRows go as statements, more of them by COPY.
const fewRows = 5

// write sends new rows, by COPY where they are many, and then everything else, all at once.
func (t *postgresTx) write(ctx context.Context, added []addition, all []statement, never ...proviso) error {
	legs, err := t.legs(added, all, never)
	if err != nil || len(legs) == 0 {
		return err
	}
	return t.said(ctx, t.line.take(ctx, legs))
}

// legs are the steps of a write.
func (t *postgresTx) legs(added []addition, all []statement, never []proviso) (legs []leg, err error) {
	for i := range added {
		if legs, err = t.adding(legs, &added[i]); err != nil {
			return nil, err
		}
	}
	for _, each := range all {
		if legs, err = t.running(legs, each); err != nil {
			return nil, err
		}
	}
	for _, each := range never {
		legs = append(legs, leg{sql: "SELECT " + unless("EXISTS ("+each.sql+")"), broken: each.broken})
	}
	return legs, nil
}

// adding appends what adds rows.
func (t *postgresTx) adding(legs []leg, a *addition) (_ []leg, err error) {
	switch {
	case a.rows == 0:
		return legs, nil
	case a.to.arrays != "":
		c := arrayCells{columns: make([]arrayColumn, a.to.columns), rows: a.rows}
		for i := range a.rows {
			c.at = 0
			a.row(i, &c)
		}
		return append(legs, leg{sql: a.to.arrays, args: c.args(), broken: a.missed(0)}), c.err
	case a.rows > fewRows:
		return append(legs, leg{sql: a.to.copy, copied: a}), nil
	}
	for i := range a.rows {
		if legs, err = t.running(legs, a.statement(i)); err != nil {
			return nil, err
		}
	}
	return legs, nil
}

// running appends a statement.
func (t *postgresTx) running(legs []leg, s statement) ([]leg, error) {
	plain, err := t.plainArgs(s.args)
	return append(legs, leg{sql: s.sql, args: plain}), err
}

// arrayCells are the values of rows, column by column.
type arrayCells struct {
	columns []arrayColumn
	rows    int
	at      int
	err     error
}

// arrayColumn is one column: of numbers or of texts.
type arrayColumn struct {
	nums  []int64
	texts []string
}

func (c *arrayCells) num(n int64) {
	column := &c.columns[c.at]
	if column.nums == nil {
		column.nums = make([]int64, 0, c.rows)
	}
	column.nums = append(column.nums, n)
	c.at++
}

func (c *arrayCells) text(s string) {
	if err := sound(s); err != nil && c.err == nil {
		c.err = err
	}
	c.columns[c.at].texts = append(c.columns[c.at].texts, s)
	c.at++
}

func (c *arrayCells) bytes([]byte) {
	c.err = errors.New("no statement over arrays has a column of bytes")
}

func (c *arrayCells) flag(bool) {
	c.err = errors.New("no statement over arrays has a column of booleans")
}

// null is 0 in an array of numbers; the statements make it NULL again.
func (c *arrayCells) null() { c.num(0) }

func (c *arrayCells) args() []any {
	args := make([]any, len(c.columns))
	for i, column := range c.columns {
		args[i] = column.nums
		if column.texts != nil {
			args[i] = column.texts
		}
	}
	return args
}

// writesNumbers lets a connection write arrays of numbers in one go: the driver asks its way to each of them.
func writesNumbers(m *pgtype.Map) {
	if known, is := m.TypeForOID(pgtype.Int8ArrayOID); is {
		m.RegisterType(&pgtype.Type{Name: known.Name, OID: known.OID, Codec: numbersCodec{known.Codec}})
	}
}

type numbersCodec struct{ pgtype.Codec }

func (c numbersCodec) PlanEncode(m *pgtype.Map, oid uint32, format int16, value any) pgtype.EncodePlan {
	if _, is := value.([]int64); is && format == pgx.BinaryFormatCode {
		return numbersPlan{}
	}
	return c.Codec.PlanEncode(m, oid, format, value)
}

type numbersPlan struct{}

// Encode writes the binary form of an array: one dimension that begins at 1, no NULL, each number with its length in front.
func (numbersPlan) Encode(value any, buf []byte) ([]byte, error) {
	list, _ := value.([]int64)
	if list == nil { // plans are kept by type
		return nil, nil
	}
	if need := 20 + 12*len(list); cap(buf)-len(buf) < need {
		buf = slices.Grow(buf, need+cap(buf)) // there are other columns to come
	}
	for _, n := range [...]uint32{1, 0, pgtype.Int8OID, uint32(len(list)), 1} {
		buf = binary.BigEndian.AppendUint32(buf, n)
	}
	for _, n := range list {
		buf = binary.BigEndian.AppendUint32(buf, 8)
		buf = binary.BigEndian.AppendUint64(buf, uint64(n))
	}
	return buf, nil
}

func (q postgresQ) queue(send *pgx.Batch, s statement) error {
	plain, err := q.plainArgs(s.args)
	send.Queue(s.sql, plain...)
	return err
}

// copyData appends the rows in COPY's binary form.
func (a addition) copyData(to []byte) ([]byte, error) {
	c := copyCells{buf: append(to, copyHead...)}
	for i := range a.rows {
		c.buf = binary.BigEndian.AppendUint16(c.buf, uint16(a.to.columns))
		a.row(i, &c)
	}
	return binary.BigEndian.AppendUint16(c.buf, math.MaxUint16), c.err // the end
}

// copyHead begins COPY's binary form: its signature, and two empty fields.
const copyHead = "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// copyCells are the values of rows in that form: each with its length in front.
type copyCells struct {
	buf []byte
	err error
}

func (c *copyCells) num(n int64) {
	c.buf = binary.BigEndian.AppendUint32(c.buf, 8)
	c.buf = binary.BigEndian.AppendUint64(c.buf, uint64(n))
}

func (c *copyCells) text(s string) {
	if err := sound(s); err != nil && c.err == nil {
		c.err = err
	}
	c.buf = binary.BigEndian.AppendUint32(c.buf, uint32(len(s)))
	c.buf = append(c.buf, s...)
}

func (c *copyCells) bytes(b []byte) {
	c.buf = binary.BigEndian.AppendUint32(c.buf, uint32(len(b)))
	c.buf = append(c.buf, b...)
}

func (c *copyCells) flag(b bool) {
	c.buf = append(c.buf, 0, 0, 0, 1, 0)
	if b {
		c.buf[len(c.buf)-1] = 1
	}
}

func (c *copyCells) null() { c.buf = append(c.buf, 0xff, 0xff, 0xff, 0xff) }
