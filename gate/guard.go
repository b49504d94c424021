package gate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"minutebook/app"
	"minutebook/billing"
)

// Body limits in bytes.
const (
	MaxBody  = 1 << 20
	MaxBatch = 8 << 20
)

// NDJSON is the media type of one JSON value a line.
const NDJSON = "application/x-ndjson"

// Rules are what a route asks of its requests.
type Rules struct {
	Scope   string   // what the key must be good for
	MaxBody int64    // in bytes, 0 for MaxBody
	Types   []string // media types besides application/json, whose bodies the route checks itself

	NoDryRun string // why there is none; empty where there is
}

// Guard stands before the routes of the API.
type Guard struct {
	app   *app.App
	limit *limiter
}

// NewGuard makes a guard.
func NewGuard(a *app.App, limits Limits) *Guard { return &Guard{app: a, limit: newLimiter(limits)} }

// Actor is who asks: what the guard found out.
func Actor(ctx context.Context) app.Actor { return passing(ctx).who }

// Protect lets only those requests through that follow the rules; a handler is called again when the database asks
// for another try.
func (g *Guard) Protect(rules Rules, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, err := g.identify(r, rules)
		if err == nil {
			passing(r.Context()).who = who
			err = g.pass(w, r, who, rules, next)
		}
		if err != nil {
			Explain(r.Context(), err).Write(w)
		}
	})
}

// identify finds out who asks and whether they may.
func (g *Guard) identify(r *http.Request, rules Rules) (app.Actor, error) {
	ctx := r.Context()
	if carriesKey(r.URL.RawQuery) {
		return app.Actor{}, billing.Refuse(billing.NotYou, "key_in_query", "A key must not stand in the address, where logs keep it.", "Send it as \"Authorization: Bearer mb_…\", and replace this one.")
	}
	if err := checkQuery(r.URL.RawQuery); err != nil {
		return app.Actor{}, err
	}
	scheme, bearer, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		bearer = ""
	}
	who, err := g.app.KeyActor(ctx, strings.TrimSpace(bearer))
	if err != nil {
		return app.Actor{}, err
	}
	p := passing(ctx)
	p.agency, p.key, who.RequestID = who.Agency, who.ID, p.id
	if ok, seconds := g.limit.allow(who.ID, g.app.Clock()); !ok {
		problem := NewProblem(ctx, http.StatusTooManyRequests, "rate_limited", "This key asks too often. Wait a moment.")
		problem.retryAfter = seconds
		return app.Actor{}, problem
	}
	if !who.May(rules.Scope) {
		return app.Actor{}, billing.Refuse(billing.Forbidden, "missing_scope", fmt.Sprintf("This needs the scope %q.", rules.Scope), "Use a key that has it.")
	}
	return who, nil
}

// carriesKey says whether a query holds something that looks like a key of ours.
func carriesKey(query string) bool { return strings.Contains(query, "=mb_") }

// checkQuery refuses parameters that are no clean text: no database takes them.
func checkQuery(query string) error {
	if query == "" {
		return nil
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return billing.InvalidField("query", "cannot be read; encode it as a URL asks")
	}
	for name, each := range values {
		if billing.CheckText("", name, 0, len(query)) != nil {
			return billing.InvalidField("query", "must not name a parameter with control characters")
		}
		if len(each) > 1 {
			return billing.InvalidField(name, "must be given once")
		}
		if err := billing.CheckText(name, each[0], 0, len(query)); err != nil {
			return err
		}
	}
	return nil
}

// pass checks the body and calls the handler, under the Idempotency-Key if there is one.
func (g *Guard) pass(w http.ResponseWriter, r *http.Request, who app.Actor, rules Rules, next http.Handler) error {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		next.ServeHTTP(w, r)
		return nil
	}
	body, err := readBody(w, r, rules)
	if err != nil {
		return err
	}
	key, given, err := idempotencyKey(r)
	if err != nil {
		return err
	}
	r, dry, err := rehearsal(r, rules)
	if err != nil {
		return err
	}
	if dry {
		return g.rehearse(w, r, body, next)
	}
	if given {
		return g.once(w, r, who, key, body, next)
	}
	r = r.WithContext(app.Noting(r.Context()))
	r.Body = held(body)
	next.ServeHTTP(w, r)
	return nil
}

// readBody takes in the whole body and refuses what is too large, of another type, or no clean JSON.
func readBody(w http.ResponseWriter, r *http.Request, rules Rules) ([]byte, error) {
	most := rules.MaxBody
	if most == 0 {
		most = MaxBody
	}
	body, err := readAll(http.MaxBytesReader(w, r.Body, most), r.ContentLength)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, billing.Refuse(billing.TooLarge, "body_too_large", fmt.Sprintf("The body is larger than %d bytes.", most), "Send less at once.")
	case err != nil:
		return nil, NewProblem(r.Context(), http.StatusBadRequest, "body_cut_short", "The body ended before its time.")
	case len(body) == 0:
		return nil, nil
	}
	kind, err := mediaType(r.Header.Get("Content-Type"))
	switch {
	case err == nil && slices.Contains(rules.Types, kind):
		return body, nil
	case err != nil || kind != "application/json":
		return nil, NewProblem(r.Context(), http.StatusUnsupportedMediaType, "unsupported_media_type", "The body must be "+strings.Join(append([]string{"application/json"}, rules.Types...), " or ")+", and say so in Content-Type.")
	}
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return nil, NewProblem(r.Context(), http.StatusUnsupportedMediaType, "unsupported_media_type", "The body must not be compressed.")
	}
	return body, jsonProblem(r.Context(), CheckJSON(body))
}

// readAll reads a body into as much memory as it was announced to take, if that is little.
func readAll(body io.Reader, announced int64) ([]byte, error) {
	if announced <= 0 || announced > 64<<10 {
		return io.ReadAll(body)
	}
	text := make([]byte, announced)
	switch _, err := io.ReadFull(body, text); {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, io.ErrUnexpectedEOF
	case err != nil:
		return nil, err
	}
	return text, nil
}

// mediaType is the type that a header names.
func mediaType(header string) (string, error) {
	if header == "application/json" { // as nearly always
		return header, nil
	}
	kind, _, err := mime.ParseMediaType(header)
	return kind, err
}

// jsonProblem answers malformed JSON with 400: it could not even be read.
func jsonProblem(ctx context.Context, e *billing.Error) error {
	switch {
	case e == nil:
		return nil
	case e.Code != MalformedJSON:
		return e
	}
	p := refused(ctx, e)
	p.Status, p.Title = http.StatusBadRequest, title(http.StatusBadRequest)
	return p
}
