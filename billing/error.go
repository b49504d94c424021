package billing

import "fmt"

// Kind says what sort of refusal an Error is; the gate turns it into an HTTP status.
type Kind string

const (
	Invalid   Kind = "invalid"   // the input is wrong: 422
	Conflict  Kind = "conflict"  // the state forbids it: 409
	NotFound  Kind = "not_found" // it does not exist, or belongs to somebody else: 404
	Forbidden Kind = "forbidden" // the caller lacks the scope or role: 403
	NotYou    Kind = "not_you"   // no or bad credentials: 401
	TooMany   Kind = "too_many"  // a limit was hit: 429
	TooLarge  Kind = "too_large" // a body or batch is too big: 413
)

// Error is a refusal a person may read. Code is stable and documented in docs/errors.md; Message says what is wrong
// and Remedy, where there is one, what to do about it.
type Error struct {
	Kind    Kind
	Code    string
	Field   string // the field of the input, in dotted form, or empty
	Message string
	Remedy  string
	Fields  []FieldError // further fields, when several are wrong at once
}

// FieldError is one wrong field of an input.
type FieldError struct {
	Field   string
	Message string
}

func (e *Error) Error() string {
	text := e.Message
	if e.Field != "" {
		text = e.Field + ": " + text
	}
	if e.Remedy != "" {
		text += " " + e.Remedy
	}
	return text
}

// Refuse makes a refusal of the given kind with a stable code.
func Refuse(kind Kind, code, message, remedy string) *Error {
	return &Error{Kind: kind, Code: code, Message: message, Remedy: remedy}
}

// InvalidField refuses one field of an input.
func InvalidField(field, format string, args ...any) *Error {
	return &Error{Kind: Invalid, Code: "invalid", Field: field, Message: fmt.Sprintf(format, args...)}
}

func conflict(code, message, remedy string) *Error {
	return Refuse(Conflict, code, message, remedy)
}

// must panics on a broken invariant: a bug in the rules, never a bad input.
func must(held bool, what string) {
	if !held {
		panic("billing: " + what)
	}
}
