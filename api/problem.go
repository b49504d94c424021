package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"minutebook/billing"
	"minutebook/gate"
)

// codes are those of refusals that the HTTP library makes.
var codes = map[int]string{
	http.StatusBadRequest:            gate.MalformedJSON,
	http.StatusUnsupportedMediaType:  "unsupported_media_type",
	http.StatusRequestEntityTooLarge: "body_too_large",
	http.StatusUnprocessableEntity:   "invalid",
}

// problemOf is a refusal of the HTTP library in our form: which field, what is wrong with it, and never its value.
func problemOf(ctx context.Context, status int, message string, errs []error) *gate.Problem {
	code, known := codes[status]
	if !known && status >= http.StatusInternalServerError {
		return gate.Explain(ctx, fmt.Errorf("%s: %w", message, errors.Join(errs...)))
	}
	p := gate.NewProblem(ctx, status, code, message)
	for _, err := range errs {
		if field, wrong := fieldOf(err); field != "" || wrong != "" {
			p.Errors = append(p.Errors, gate.FieldProblem{Field: field, Message: wrong})
		}
	}
	if len(p.Errors) > 0 {
		first := p.Errors[0]
		p.Detail = strings.TrimSpace(first.Field + " " + first.Message)
	}
	return p
}

// fieldOf reads the HTTP library's finding: "body.lines[0].amount", "expected string".
func fieldOf(err error) (field, message string) {
	var detailed huma.ErrorDetailer
	if !errors.As(err, &detailed) {
		return "", "cannot be read"
	}
	d := detailed.ErrorDetail()
	_, field, _ = strings.Cut(d.Location, ".")
	if required := requiredField.FindStringSubmatch(d.Message); required != nil {
		return strings.TrimPrefix(field+"."+required[1], "."), "is required"
	}
	_, number := d.Value.(float64)
	if d.Message == "expected string" && number {
		return field, `must be a string, also for a number: "99.00"`
	}
	for _, phrase := range phrases {
		if phrase.pattern.MatchString(d.Message) {
			return field, plainNumber(phrase.pattern.ReplaceAllString(d.Message, phrase.ours))
		}
	}
	return field, "is not as it should be: " + d.Message
}

var requiredField = regexp.MustCompile(`^expected required property (\S+) to be present$`)

// phrases are the HTTP library's words and ours.
var phrases = []struct {
	pattern *regexp.Regexp
	ours    string
}{
	{regexp.MustCompile(`^unexpected property$`), "is not a known field"},
	{regexp.MustCompile(`^unknown query parameter$`), "is not a known parameter"},
	{regexp.MustCompile(`^required \w+ parameter is missing$`), "is required"},
	{regexp.MustCompile(`^invalid (integer|boolean)$`), "must be an $1"},
	{regexp.MustCompile(`^expected (string|integer|array|object|boolean|number)$`), "must be of type $1"},
	{regexp.MustCompile(`^expected value to be one of "(.*)"$`), "must be one of $1"},
	{regexp.MustCompile(`^expected number >= (\S+)$`), "must be at least $1"},
	{regexp.MustCompile(`^expected number <= (\S+)$`), "must be at most $1"},
	{regexp.MustCompile(`^expected length >= 1$`), "must not be empty"},
	{regexp.MustCompile(`^expected length <= (\d+)$`), "must be at most $1 characters"},
	{regexp.MustCompile(`^expected array length >= (\d+)$`), "must have at least $1 entries"},
	{regexp.MustCompile(`^expected array length <= (\d+)$`), "must have at most $1 entries"},
	{regexp.MustCompile(`^expected string to be RFC 3339 date-time$`), `must be a date and time with Z or an offset, such as "2027-01-31T10:30:00Z"`},
	{regexp.MustCompile(`^expected value to match .*$`), "must be a string or a whole number"},
	{regexp.MustCompile(`^request body is required$`), "is required"},
}

var power = regexp.MustCompile(`\b[0-9.]+e\+[0-9]+\b`)

// plainNumber writes large numbers out: people do not read 8.64e+07.
func plainNumber(text string) string {
	return power.ReplaceAllStringFunc(text, func(number string) string {
		n, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return number
		}
		return strconv.FormatFloat(n, 'f', -1, 64)
	})
}

// inside says that the fields of a refusal are those of a part of the input.
func inside(part string, err error) error {
	var refusal *billing.Error
	if !errors.As(err, &refusal) {
		return err
	}
	moved := *refusal
	moved.Field = strings.TrimSuffix(part+"."+refusal.Field, ".")
	return &moved
}
