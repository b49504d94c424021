package gate

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"minutebook/app"
	"minutebook/billing"
)

// Problem is a refusal or a fault as it is answered: RFC 9457, as application/problem+json.
type Problem struct {
	_         struct{}       `additionalProperties:"true"`
	Type      string         `json:"type" doc:"About this kind of problem" example:"about:blank"`
	Title     string         `json:"title" doc:"The status in words"`
	Status    int            `json:"status" doc:"The HTTP status"`
	Detail    string         `json:"detail" doc:"What is wrong and, where there is one, what to do about it"`
	Code      string         `json:"code" doc:"Stable code of this refusal, see the list of errors" example:"live_subscription_exists"`
	Errors    []FieldProblem `json:"errors" doc:"The fields that are wrong"`
	RequestID string         `json:"request_id" doc:"The same as X-Request-Id"`

	retryAfter int // seconds
}

// FieldProblem is one wrong field.
type FieldProblem struct {
	Field   string `json:"field" doc:"Dotted path of the field, or name of the parameter"`
	Message string `json:"message"`
}

// ProblemType is the media type of a problem.
const ProblemType = "application/problem+json"

// NewProblem makes a problem with a status and a stable code.
func NewProblem(ctx context.Context, status int, code, detail string) *Problem {
	return &Problem{Type: "about:blank", Title: title(status), Status: status, Detail: detail, Code: code, Errors: []FieldProblem{}, RequestID: RequestID(ctx)}
}

// statusGone stands in the log for a caller that did not wait for its answer: no fault of anybody here.
const statusGone = 499

func title(status int) string {
	if status == statusGone {
		return "Caller Gone"
	}
	if status == http.StatusUnprocessableEntity {
		return "Invalid input"
	}
	return http.StatusText(status)
}

func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is the media type of a problem, whatever was asked for.
func (p *Problem) ContentType(string) string { return ProblemType }

// Write answers with the problem.
func (p *Problem) Write(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", ProblemType)
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="minutebook"`)
	}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(p.retryAfter))
	}
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // whoever asked has gone
}

// GetHeaders are the headers that belong to the problem.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(p.retryAfter))
	}
	return h
}

var statusOf = map[billing.Kind]int{
	billing.Invalid:   http.StatusUnprocessableEntity,
	billing.Conflict:  http.StatusConflict,
	billing.NotFound:  http.StatusNotFound,
	billing.Forbidden: http.StatusForbidden,
	billing.NotYou:    http.StatusUnauthorized,
	billing.TooMany:   http.StatusTooManyRequests,
	billing.TooLarge:  http.StatusRequestEntityTooLarge,
}

// Explain turns any error into a problem. A refusal says what it says; a fault says nothing but the request's id, and
// is kept for the log.
func Explain(ctx context.Context, err error) *Problem {
	var problem *Problem
	var refusal *billing.Error
	switch {
	case errors.As(err, &problem):
		return problem
	case errors.As(err, &refusal):
		return refused(ctx, refusal)
	case app.Uncertain(ctx, err):
		Fault(ctx, err)
		p := NewProblem(ctx, http.StatusServiceUnavailable, "outcome_unknown", "The database went away at the very end: this may have been done, or not. "+
			"Asking again is safe with the same Idempotency-Key, and for usage events always; otherwise look first.")
		p.retryAfter = 2
		return p
	case errors.Is(err, context.Canceled) && ctx.Err() != nil: // nobody reads this; the access log does
		return NewProblem(ctx, statusGone, "caller_gone", "The caller went away before its answer.")
	case app.Unavailable(err), errors.Is(err, context.DeadlineExceeded):
		Fault(ctx, err)
		p := NewProblem(ctx, http.StatusServiceUnavailable, "unavailable", "The database cannot do this now and nothing was changed. Try again in a moment.")
		p.retryAfter = 2
		return p
	}
	Fault(ctx, err)
	return NewProblem(ctx, http.StatusInternalServerError, "internal", "Something went wrong on our side. Name the request's id when you ask about it.")
}

func refused(ctx context.Context, e *billing.Error) *Problem {
	status, known := statusOf[e.Kind]
	if !known {
		status = http.StatusUnprocessableEntity
	}
	detail := e.Message
	if e.Field != "" {
		detail = e.Field + ": " + e.Message
	}
	if e.Remedy != "" {
		detail = strings.TrimSuffix(detail, ".") + ". " + e.Remedy
	}
	p := NewProblem(ctx, status, e.Code, detail)
	if e.Field != "" {
		p.Errors = append(p.Errors, FieldProblem{e.Field, e.Message})
	}
	for _, f := range e.Fields {
		p.Errors = append(p.Errors, FieldProblem(f))
	}
	if e.Kind == billing.TooMany {
		p.retryAfter = 2
	}
	return p
}
