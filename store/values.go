package store

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"minutebook/billing"
)

// plainArgs are the arguments of a statement in the few types both drivers
// write alike: nil, int64, string, []byte, and bool where columns have it.
func (d *dialect) plainArgs(args []any) ([]any, error) {
	plain := make([]any, len(args))
	for i, arg := range args {
		v, err := d.plain(arg)
		if err != nil {
			return nil, fmt.Errorf("argument $%d: %w", i+1, err)
		}
		plain[i] = v
	}
	return plain, nil
}

// plain is one argument in one of those types.
func (d *dialect) plain(arg any) (any, error) {
	switch v := arg.(type) {
	case nil, int64:
		return v, nil
	case string:
		return text(v)
	case bool:
		return d.plainBool(v), nil
	case time.Time:
		if v.IsZero() {
			return nil, nil
		}
		return v.UnixMicro(), nil
	case json.RawMessage: // kept in TEXT columns, which do not take bytes
		if v == nil {
			return nil, nil
		}
		return string(v), nil
	case ids, numbers, texts:
		return d.plainList(v)
	}
	return d.plainKind(reflect.ValueOf(arg))
}

// text is text that both databases take: PostgreSQL refuses what is not UTF-8 and NUL, SQLite would keep it. It came
// from outside, so the refusal is one for a person.
func text(s string) (any, error) {
	if err := sound(s); err != nil {
		return nil, err
	}
	return s, nil
}

// sound refuses a text that a database would not take.
func sound(s string) error {
	if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
		return billing.InvalidField("text", "must be valid UTF-8 without NUL characters")
	}
	return nil
}

// plainBool is 0 or 1 for a database without booleans.
func (d *dialect) plainBool(b bool) any {
	switch {
	case !d.noBool:
		return b
	case b:
		return int64(1)
	}
	return int64(0)
}

// plainKind looks through names and pointers.
func (d *dialect) plainKind(v reflect.Value) (any, error) {
	switch {
	case v.Kind() == reflect.Pointer && v.IsNil():
		return nil, nil
	case v.Kind() == reflect.Pointer:
		return d.plain(v.Elem().Interface())
	case v.CanInt():
		return v.Int(), nil
	case v.CanUint() && v.Uint() <= math.MaxInt64:
		return int64(v.Uint()), nil
	case v.Kind() == reflect.String:
		return text(v.String())
	case v.Kind() == reflect.Bool:
		return d.plainBool(v.Bool()), nil
	case isBytes(v.Type()):
		if v.IsNil() {
			return nil, nil
		}
		return v.Bytes(), nil
	}
	return nil, fmt.Errorf("no column can keep %v of type %s", v, v.Type())
}

func isBytes(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8
}

// targets wraps the destinations of a Scan, so that both drivers hand over what
// they read and the conversions are ours.
func targets(dest []any) []any {
	wrapped := make([]any, len(dest))
	for i, d := range dest {
		wrapped[i] = &target{d}
	}
	return wrapped
}

// target is one destination: a pointer.
type target struct{ to any }

// Scan keeps src, a driver's value, in the destination.
func (t *target) Scan(src any) (err error) {
	if src == nil {
		return t.clear()
	}
	switch to := t.to.(type) {
	case *int64:
		*to, err = asInt(src)
	case *string:
		*to, err = asString(src)
	case *bool:
		*to, err = asBool(src)
	case *[]byte:
		*to, err = asBytes(src)
	case *time.Time:
		*to, err = asTime(src)
	case *billing.ID:
		var n int64
		n, err = asInt(src)
		*to = billing.ID(n)
	case *billing.Millis:
		var n int64
		n, err = asInt(src)
		*to = billing.Millis(n)
	default:
		err = t.scanKind(src)
	}
	return err
}

// clear makes NULL the zero value: nil for a pointer, nothing for the rest.
func (t *target) clear() error {
	switch to := t.to.(type) { // what columns without a value are mostly read into
	case *time.Time:
		*to = time.Time{}
		return nil
	case *string:
		*to = ""
		return nil
	case *billing.ID:
		*to = 0
		return nil
	}
	v := reflect.ValueOf(t.to)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return fmt.Errorf("the destination is a %T, not a pointer", t.to)
	}
	v.Elem().SetZero()
	return nil
}

// scanKind looks through names and pointers.
func (t *target) scanKind(src any) error {
	v := reflect.ValueOf(t.to)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return fmt.Errorf("the destination is a %T, not a pointer", t.to)
	}
	to := v.Elem()
	switch {
	case to.Kind() == reflect.Pointer:
		fresh := reflect.New(to.Type().Elem())
		to.Set(fresh)
		return (&target{fresh.Interface()}).Scan(src)
	case to.CanInt():
		n, err := asInt(src)
		if err == nil && to.OverflowInt(n) {
			err = fmt.Errorf("%d does not fit into %s", n, to.Type())
		}
		to.SetInt(n)
		return err
	case to.CanUint():
		n, err := asInt(src)
		if err == nil && (n < 0 || to.OverflowUint(uint64(n))) {
			err = fmt.Errorf("%d does not fit into %s", n, to.Type())
		}
		to.SetUint(uint64(n))
		return err
	case to.Kind() == reflect.String:
		s, err := asString(src)
		to.SetString(s)
		return err
	case to.Kind() == reflect.Bool:
		b, err := asBool(src)
		to.SetBool(b)
		return err
	case isBytes(to.Type()):
		b, err := asBytes(src)
		to.SetBytes(b)
		return err
	}
	return fmt.Errorf("no column can be read into a %s", to.Type())
}

func asInt(src any) (int64, error) {
	if n, ok := src.(int64); ok {
		return n, nil
	}
	return 0, fmt.Errorf("a %T (%v) is no integer; sums need CAST(... AS BIGINT)", src, src)
}

func asString(src any) (string, error) {
	switch s := src.(type) {
	case string:
		return s, nil
	case []byte:
		return string(s), nil
	}
	return "", fmt.Errorf("a %T is no text", src)
}

func asBool(src any) (bool, error) {
	switch b := src.(type) {
	case bool:
		return b, nil
	case int64:
		if b == 0 || b == 1 {
			return b == 1, nil
		}
	}
	return false, fmt.Errorf("a %T (%v) is no boolean", src, src)
}

func asBytes(src any) ([]byte, error) {
	switch b := src.(type) {
	case []byte: // the driver may use its memory again
		return append([]byte{}, b...), nil
	case string:
		return []byte(b), nil
	}
	return nil, fmt.Errorf("a %T is no row of bytes", src)
}

func asTime(src any) (time.Time, error) {
	n, err := asInt(src)
	if err != nil {
		return time.Time{}, err
	}
	return time.UnixMicro(n).UTC(), nil
}
