package gate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"minutebook/billing"
	"minutebook/store"
)

func TestCheckJSON(t *testing.T) {
	for text, wrong := range map[string]string{
		`{"a":[1,2.5e3,-0,"x\"}",{"b":null}],"c":true}`: "", ` [ ] `: "", `{}`: "", `"x"`: "", `0`: "", `{"a":{"b":1},"b":1}`: "", `{"a.b":1,"a":{"b":2}}`: "",
		"": MalformedJSON, "  ": MalformedJSON, "{": MalformedJSON, `{"a":1,}`: MalformedJSON, `{"a":1} {}`: MalformedJSON, "\"\xff\"": MalformedJSON, `{"a":1,"a":1}`: MalformedJSON,
		`{"x":[{"a":1,"\u0061":1}]}`: MalformedJSON, `{"a":1e400}`: "invalid", `[-1e999]`: "invalid", `01`: MalformedJSON, `NaN`: MalformedJSON,
		strings.Repeat("[", 64) + strings.Repeat("]", 64): "", strings.Repeat("[", 65) + strings.Repeat("]", 65): MalformedJSON, strings.Repeat("[", 1<<20): MalformedJSON,
		`"` + strings.Repeat("[", 100) + `"`: "",
	} {
		got := ""
		if fault := CheckJSON([]byte(text)); fault != nil {
			got = fault.Code
		}
		if got != wrong {
			t.Errorf("CheckJSON(%.40q) = %q, want %q", text, got, wrong)
		}
	}
}

func FuzzCheckJSON(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":"\u0061\\"}]}`))
	f.Add([]byte(`{"a":1,"\u0061":2}`))
	for _, each := range []string{`[-0.5e+3,01,-,1.,{"a" : {}, "a":[]}]`, "{\"a\":\"\u007f\\ud800\"}\x00", `[nul]`, `{"a",}`, `[1 2]`} {
		f.Add([]byte(each))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var v any
		switch fault := CheckJSON(text); {
		case fault == nil && json.Unmarshal(text, &v) != nil:
			t.Errorf("%q is taken for JSON", text)
		case fault == nil && faultOf(text) != nil:
			t.Errorf("%q is taken at first sight, and refused when looked through: %v", text, faultOf(text))
		case fault != nil && (fault.Code == "" || fault.Message == ""):
			t.Errorf("%q is refused without a reason: %+v", text, fault)
		}
	})
}

// admitted runs a handler behind a porter and answers with what came out and the log.
func admitted(t *testing.T, header http.Header, do http.HandlerFunc) (*httptest.ResponseRecorder, string) {
	t.Helper()
	log := &bytes.Buffer{}
	door := Porter{Clock: func() time.Time { return time.Unix(0, 0) }, Log: slog.New(slog.NewJSONHandler(log, nil))}
	r := httptest.NewRequest("GET", "/secret-door?token=secret", nil)
	r.Header = header
	w := httptest.NewRecorder()
	door.Admit(do).ServeHTTP(w, r)
	return w, log.String()
}

func TestPorterRescues(t *testing.T) {
	w, log := admitted(t, http.Header{"X-Request-Id": {"abc-1"}}, func(http.ResponseWriter, *http.Request) { panic("boom with detail") })
	if w.Code != 500 || w.Header().Get("X-Request-Id") != "abc-1" || !strings.Contains(w.Body.String(), `"request_id":"abc-1"`) || strings.Contains(w.Body.String(), "boom") {
		t.Errorf("a panic answered %d %v %s", w.Code, w.Header(), w.Body)
	}
	if !strings.Contains(log, "boom with detail") || strings.Contains(log, "secret") {
		t.Errorf("the log says %s", log)
	}
}

func TestCallerThatWentAwayIsNoFault(t *testing.T) {
	w, log := admitted(t, http.Header{}, func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		cancel()
		Explain(ctx, fmt.Errorf("waiting for the batch: %w", ctx.Err())).Write(w)
	})
	if w.Code != statusGone || !strings.Contains(log, `"level":"INFO"`) || !strings.Contains(log, `"status":499`) || strings.Contains(log, "error") {
		t.Errorf("a caller that went away: %d, the log says %s", w.Code, log)
	}
	if p := Explain(context.Background(), context.Canceled); p.Status != 500 {
		t.Errorf("what was cancelled by somebody else is explained as %d", p.Status)
	}
}

// Whoever reads the log must find what nobody can know, also where the caller is no longer there to be told.
func TestCommitCutOffByALeavingCallerIsUncertain(t *testing.T) {
	w, log := admitted(t, http.Header{}, func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		cancel()
		Explain(ctx, fmt.Errorf("%w: %w", store.ErrUnknown, ctx.Err())).Write(w)
	})
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "outcome_unknown") || !strings.Contains(log, `"level":"ERROR"`) {
		t.Errorf("a commit cut off: %d %s, the log says %s", w.Code, w.Body, log)
	}
}

func TestPorterMakesRequestIDs(t *testing.T) {
	for _, given := range []string{"", "with space", strings.Repeat("x", 65), "a\"b"} {
		w, _ := admitted(t, http.Header{"X-Request-Id": {given}}, func(http.ResponseWriter, *http.Request) {})
		if id := w.Header().Get("X-Request-Id"); !goodRequestID.MatchString(id) || id == given {
			t.Errorf("X-Request-Id %q came back as %q", given, id)
		}
	}
}

func TestExplain(t *testing.T) {
	for _, each := range []struct {
		err    error
		status int
		code   string
	}{
		{billing.InvalidField("a", "is wrong"), 422, "invalid"},
		{billing.Refuse(billing.Conflict, "x", "No.", "Do."), 409, "x"},
		{billing.Refuse(billing.TooMany, "y", "No.", ""), 429, "y"},
		{errors.New("password of the database"), 500, "internal"},
		{context.DeadlineExceeded, 503, "unavailable"},
		{fmt.Errorf("saving: %w", store.ErrDisk), 503, "unavailable"},
		{fmt.Errorf("saving: %w", store.ErrUnknown), 503, "outcome_unknown"},
	} {
		w := httptest.NewRecorder()
		Explain(context.Background(), each.err).Write(w)
		if w.Code != each.status || !strings.Contains(w.Body.String(), `"code":"`+each.code+`"`) || strings.Contains(w.Body.String(), "password") {
			t.Errorf("%v is explained as %d %s", each.err, w.Code, w.Body)
		}
		if (w.Code == 429 || w.Code == 503) && w.Header().Get("Retry-After") == "" {
			t.Errorf("%v: no Retry-After", each.err)
		}
	}
}

func TestRouter(t *testing.T) {
	m := &Router{}
	m.HandleFunc("GET /things/{id}", func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(r.PathValue("id"))) })
	for _, each := range []struct {
		method, path string
		status       int
		body         string
	}{
		{"GET", "/things/7", 200, "7"},
		{"GET", "/things/7/", 200, "7"},
		{"GET", "/things/7//", 200, "7"},
		{"GET", "/things/a%2Fb/", 200, "a/b"},
		{"GET", "/things/a%2F", 200, "a/"}, // a slash that is escaped is part of the id, also at the end
		{"GET", "/things/a%2F/", 200, "a/"},
		{"GET", "/things/%2F", 404, "not_found"}, // net/http takes it for the end of the path
		{"GET", "/things/%2F%2F//", 200, "//"},
		{"HEAD", "/things/7", 200, "7"},
		{"POST", "/things/7/", 405, "method_not_allowed"},
		{"GET", "/other", 404, "not_found"},
		{"GET", "/", 404, "not_found"},
	} {
		w := httptest.NewRecorder()
		m.ServeHTTP(w, httptest.NewRequest(each.method, each.path, nil))
		if w.Code != each.status || !strings.Contains(w.Body.String(), each.body) {
			t.Errorf("%s %s = %d %s, want %d %s", each.method, each.path, w.Code, w.Body, each.status, each.body)
		}
		if w.Code == 405 && w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("Allow = %q", w.Header().Get("Allow"))
		}
	}
}

func TestLimiterForgetsTheSilent(t *testing.T) {
	l, now := newLimiter(Limits{PerSecond: 1, Burst: 1}), time.Unix(1000, 0)
	for i, want := range []bool{true, false} {
		if ok, _ := l.allow(1, now); ok != want {
			t.Errorf("request %d allowed: %v", i, ok)
		}
	}
	if ok, _ := l.allow(1, now.Add(time.Second)); !ok {
		t.Error("a second later it is not allowed again")
	}
	l.allow(2, now.Add(time.Hour))
	if len(l.keys) != 1 {
		t.Errorf("%d keys are remembered", len(l.keys))
	}
}
