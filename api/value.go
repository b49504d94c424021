package api

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"minutebook/billing"
)

// optional is a field of a change: absent, null or a value.
type optional[T any] struct {
	Set   bool // it was sent
	Null  bool // as null
	Value T
}

// UnmarshalJSON is called only for fields that were sent.
func (o *optional[T]) UnmarshalJSON(text []byte) error {
	o.Set = true
	if o.Null = string(bytes.TrimSpace(text)) == "null"; o.Null {
		return nil
	}
	return json.Unmarshal(text, &o.Value)
}

// Schema is that of a value.
func (optional[T]) Schema(r huma.Registry) *huma.Schema {
	s := *r.Schema(reflect.TypeFor[T](), true, "")
	s.Nullable = false
	return &s
}

// into changes a field if a value was sent; null is refused.
func (o optional[T]) into(field string, target *T) error {
	return o.use(field, func(v T) error {
		*target = v
		return nil
	})
}

// use hands a value on if one was sent; null is refused.
func (o optional[T]) use(field string, set func(T) error) error {
	switch {
	case !o.Set:
		return nil
	case o.Null:
		return billing.InvalidField(field, "must not be null; leave it out to keep it")
	}
	return set(o.Value)
}

// pointer is nil for what was not sent; null is refused.
func (o optional[T]) pointer(field string) (p *T, err error) {
	return p, o.use(field, func(v T) error {
		p = &v
		return nil
	})
}

// cleared is pointer where null means the type's zero: it takes a value back.
func (o optional[T]) cleared() *T {
	if !o.Set {
		return nil
	}
	return &o.Value // still zero for null
}

// usePrice hands on a value or null, if it was sent.
func (o optional[T]) useOrNull(set func(*T) error) error {
	switch {
	case !o.Set:
		return nil
	case o.Null:
		return set(nil)
	}
	return set(&o.Value)
}

// ref names a thing by its id: a string or a whole number. Clients may also be named by their global id.
type ref string

// UnmarshalJSON takes a number literally, so that no digit of it is lost.
func (r *ref) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		return json.Unmarshal(text, (*string)(r))
	}
	if string(text) != "null" {
		*r = ref(text)
	}
	return nil
}

// Schema says that both are taken.
func (ref) Schema(huma.Registry) *huma.Schema {
	most := 60
	return &huma.Schema{OneOf: []*huma.Schema{{Type: "string", MaxLength: &most}, {Type: "integer", Format: "int64"}}}
}

// id reads a reference in a body or a query.
func (r ref) id(field string) (billing.ID, error) {
	if r == "" {
		return 0, nil
	}
	id, err := billing.ParseID(string(r))
	if err != nil {
		return 0, billing.InvalidField(field, "must be an id: a positive whole number")
	}
	return id, nil
}

// must is id where there has to be one.
func (r ref) must(field string) (billing.ID, error) {
	if r == "" {
		return 0, billing.InvalidField(field, "is required")
	}
	return r.id(field)
}

// client reads a reference to a client: a plain id, or base64 of "Client:42".
func (r ref) client(field string) (billing.ID, error) {
	id, known := clientID(string(r))
	if !known {
		return 0, billing.InvalidField(field, "must be the id of a client: a positive whole number, or its global id")
	}
	return id, nil
}

// clientID reads "42" or base64 of "Client:42"; "" is 0.
func clientID(text string) (billing.ID, bool) {
	if text == "" {
		return 0, true
	}
	if id, err := billing.ParseID(text); err == nil {
		return id, true
	}
	raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		return 0, false
	}
	number, global := strings.CutPrefix(string(raw), "Client:")
	id, err := billing.ParseID(number)
	return id, global && err == nil
}

// pathID reads an id in a path: what cannot be one names nothing.
func pathID(text string) (billing.ID, error) {
	id, err := billing.ParseID(text)
	if err != nil {
		return 0, billing.Refuse(billing.NotFound, "not_found", "There is nothing with this id.", "")
	}
	return id, nil
}

// pathClient is pathID for a client, which may be named by its global id.
func pathClient(text string) (billing.ID, error) {
	id, known := clientID(text)
	if !known || id == 0 {
		return 0, billing.Refuse(billing.NotFound, "not_found", "There is no such client.", "")
	}
	return id, nil
}

// readInstant reads RFC 3339 with an offset; "" is the zero instant.
func readInstant(field, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || strings.Contains(text, ",") {
		return time.Time{}, billing.InvalidField(field, `must be a date and time with Z or an offset, such as "2027-01-31T10:30:00Z"`)
	}
	if t = t.UTC(); t.Year() < 2000 || t.Year() > 2199 {
		return time.Time{}, billing.InvalidField(field, "must lie in the years 2000 to 2199")
	}
	return t.Truncate(time.Microsecond), nil
}

// instant is an instant that is always there, in UTC with at most microseconds.
type instant time.Time

const instantLayout = "2006-01-02T15:04:05.999999Z"

// MarshalJSON writes it without needless zeros.
func (i instant) MarshalJSON() ([]byte, error) {
	return []byte(`"` + time.Time(i).UTC().Format(instantLayout) + `"`), nil
}

// Schema is a date-time.
func (instant) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "string", Format: "date-time", Examples: []any{"2027-01-31T10:30:00Z"}}
}

// moment is an instant that may be absent: null.
type moment time.Time

// MarshalJSON writes null for the zero instant.
func (m moment) MarshalJSON() ([]byte, error) {
	if time.Time(m).IsZero() {
		return []byte("null"), nil
	}
	return instant(m).MarshalJSON()
}

// Schema is a date-time or null.
func (moment) Schema(r huma.Registry) *huma.Schema {
	s := instant{}.Schema(r)
	s.Nullable = true
	return s
}

// nullable is an object that may be absent: null.
type nullable[T any] struct{ Value *T }

// MarshalJSON writes null for an absent object.
func (n nullable[T]) MarshalJSON() ([]byte, error) { return json.Marshal(n.Value) }

// Schema is that of the object, or null.
func (nullable[T]) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{AnyOf: []*huma.Schema{r.Schema(reflect.TypeFor[T](), true, ""), {Type: "null"}}}
}

// orNull is nil for the type's zero.
func orNull[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// textOf is a value's text, or nil for none.
func textOf[T any](v *T, text func(T) string) *string {
	if v == nil {
		return nil
	}
	return new(text(*v))
}

// firstError is the first thing that is wrong.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
