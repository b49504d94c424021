package provider

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	maxIdent    = 200 // bytes
	maxPhrase   = 200 // runes
	maxMetadata = 50 << 10
	lastMilli   = 253402300799999 // the last millisecond of the year 9999
)

// readBody refuses what is no JSON or too large, then fills the target. Text that is not UTF-8
// is refused here, once, since PostgreSQL would refuse it later. Nesting is limited by
// encoding/json.
func readBody(body []byte, target any) error {
	if len(body) > MaxBody {
		return bad("body", "is larger than "+strconv.Itoa(MaxBody)+" bytes")
	}
	if !utf8.Valid(body) {
		return bad("body", "is not UTF-8")
	}
	err := json.Unmarshal(body, target)
	var wrong *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrong) && wrong.Field != "":
		return bad(wrong.Field, "must not be a JSON "+wrong.Value)
	case errors.As(err, &wrong):
		return bad("body", "must be a JSON object")
	default:
		return bad("body", "is not JSON")
	}
}

// scalar is a JSON string or number as text: providers and agencies write ids both ways. Null
// and absent are empty.
type scalar string

// UnmarshalJSON takes a number literally, so that no digit of it is lost.
func (s *scalar) UnmarshalJSON(raw []byte) error {
	switch c := raw[0]; {
	case c == 'n':
		return nil
	case c == '"':
		return json.Unmarshal(raw, (*string)(s))
	case c == '-' || c >= '0' && c <= '9':
		*s = scalar(raw)
		return nil
	case c == '{':
		return &json.UnmarshalTypeError{Value: "object", Type: reflect.TypeFor[string]()}
	case c == '[':
		return &json.UnmarshalTypeError{Value: "array", Type: reflect.TypeFor[string]()}
	default:
		return &json.UnmarshalTypeError{Value: "boolean", Type: reflect.TypeFor[string]()}
	}
}

// ident is the text if it can be an identifier, else empty. Cutting it short could make it
// somebody else's.
func (s scalar) ident() string {
	t := strings.TrimSpace(string(s))
	if len(t) > maxIdent || strings.ContainsFunc(t, unicode.IsControl) {
		return ""
	}
	return t
}

// callID is the id a report cannot do without.
func (s scalar) callID(field string) (string, error) {
	if strings.TrimSpace(string(s)) == "" {
		return "", bad(field, "is missing")
	}
	id := s.ident()
	if id == "" {
		return "", bad(field, "is not usable as an id")
	}
	return id, nil
}

// iso reads a date and time with its zone; empty is the zero time.
func (s scalar) iso(field string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, string(s))
	if err != nil {
		return time.Time{}, bad(field, "is not an ISO 8601 date and time")
	}
	return instant(field, t.UnixMilli())
}

// millis reads milliseconds since 1970; empty and 0, which some clients send for "not set", are
// the zero time.
func (s scalar) millis(field string) (time.Time, error) {
	ms, err := s.whole(field, 0)
	if err != nil || ms == 0 {
		return time.Time{}, err
	}
	return instant(field, ms)
}

// whole is the decimal times ten to the shift, as a whole number; empty is 0.
func (s scalar) whole(field string, shift int) (int64, error) {
	if s == "" {
		return 0, nil
	}
	n, err := decimal(string(s), shift)
	if err != nil {
		return 0, bad(field, err.Error())
	}
	return n, nil
}

// instant keeps times within what JSON and both databases can hold.
func instant(field string, ms int64) (time.Time, error) {
	if ms < 0 || ms > lastMilli {
		return time.Time{}, bad(field, "is outside the years 1970 to 9999")
	}
	return time.UnixMilli(ms).UTC(), nil
}

// phrase makes provider prose fit to store and show.
func phrase(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
	if utf8.RuneCountInString(s) > maxPhrase {
		s = string([]rune(s)[:maxPhrase])
	}
	return strings.TrimSpace(s)
}

// tagIn looks the tag up in a JSON object. Anything that is not a string or a number names
// nobody.
func tagIn(object json.RawMessage, tag string) string {
	var fields map[string]json.RawMessage
	if tag == "" || len(object) == 0 || json.Unmarshal(object, &fields) != nil {
		return ""
	}
	var value scalar
	if raw, ok := fields[tag]; !ok || json.Unmarshal(raw, &value) != nil {
		return ""
	}
	return value.ident()
}

// metadata keeps the agency's data in the shape a usage event has it: an object, compact.
func metadata(raw json.RawMessage) json.RawMessage {
	var out bytes.Buffer
	if len(raw) == 0 || json.Compact(&out, raw) != nil {
		return nil
	}
	kept := out.Bytes()
	switch {
	case bytes.Equal(kept, []byte("null")), bytes.Equal(kept, []byte("{}")):
		return nil
	case kept[0] != '{':
		kept = append(append([]byte(`{"metadata":`), kept...), '}')
	}
	if len(kept) > maxMetadata {
		return nil
	}
	return kept
}
