package gate

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"time"

	"minutebook/app"
	"minutebook/billing"
)

// passage is what is known of a request while it passes; parts of it are learned on the way.
type passage struct {
	id     string
	agency billing.ID
	key    billing.ID
	who    app.Actor
	faults []error
	keep   bool // what a refused request did is kept all the same
}

type passageKey struct{}

func passing(ctx context.Context) *passage {
	p, _ := ctx.Value(passageKey{}).(*passage)
	if p == nil {
		p = &passage{} // outside of a request: nobody will read it
	}
	return p
}

// RequestID is the id of the request that ctx belongs to.
func RequestID(ctx context.Context) string { return passing(ctx).id }

// Fault keeps an error for the access log's line about the request.
func Fault(ctx context.Context, err error) {
	p := passing(ctx)
	p.faults = append(p.faults, err)
}

// KeepDespiteRefusal says that what a request did is to be kept although it is answered with a refusal.
func KeepDespiteRefusal(ctx context.Context) { passing(ctx).keep = true }

// Porter is the outermost door: it gives each request an id, catches panics, writes the access log and counts.
type Porter struct {
	Clock   func() time.Time
	Log     *slog.Logger
	Metrics *Metrics
}

// Admit lets requests through to a handler.
func (d Porter) Admit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := d.Clock()
		p := &passage{id: requestID(r.Header.Get("X-Request-Id"))}
		r = r.WithContext(context.WithValue(r.Context(), passageKey{}, p))
		seen := &watched{ResponseWriter: w}
		w.Header().Set("X-Request-Id", p.id)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		defer func() { d.tell(r, seen, p, d.Clock().Sub(begun)) }() // also of a connection that is broken on purpose
		defer func() {
			if caught := recover(); caught != nil {
				d.rescue(seen, r, caught)
			}
		}()
		next.ServeHTTP(seen, r)
	})
}

// rescue answers for a handler that panicked. A handler that means to break the connection may.
func (d Porter) rescue(w *watched, r *http.Request, caught any) {
	if caught == http.ErrAbortHandler {
		panic(caught)
	}
	problem := Explain(r.Context(), fmt.Errorf("panic: %v\n%s", caught, debug.Stack()))
	if w.status == 0 {
		problem.Write(w)
	}
}

func (d Porter) tell(r *http.Request, w *watched, p *passage, took time.Duration) {
	status := w.status
	if status == 0 {
		status = http.StatusOK
	}
	d.Metrics.count(r, status, took)
	level := slog.LevelInfo
	attrs := append(make([]slog.Attr, 0, 9),
		slog.String("request_id", p.id), slog.String("method", r.Method), slog.String("route", r.Pattern), slog.Int("status", status),
		slog.Int64("bytes", w.written), slog.Duration("took", took))
	if p.agency != 0 {
		attrs = append(attrs, slog.String("agency", p.agency.String()), slog.String("key", p.key.String()))
	}
	for _, fault := range p.faults {
		level = slog.LevelError
		attrs = append(attrs, slog.String("error", fault.Error()))
	}
	d.Log.LogAttrs(r.Context(), level, "request", attrs...)
}

var goodRequestID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// requestID is the one the request came with, if it is fit for a log, else a new one.
func requestID(given string) string {
	if given != "" && goodRequestID.MatchString(given) {
		return given
	}
	return rand.Text()
}

// watched remembers what was answered.
type watched struct {
	http.ResponseWriter
	status  int
	written int64
}

func (w *watched) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watched) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.written += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }
