package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"minutebook/api"
	"minutebook/store/storetest"
)

// hostile are values no field of text or figures should trip over.
var hostile = []any{
	-1, 0, 1.5, int64(1) << 62, json.Number("1e400"), json.Number("99999999999999999999"), "", " ", " 1", "1e3", "NaN", "-0.01", "0x10", "1_000", "٣", "1.0000000000000000000000001",
	"99999999999999999999", strings.Repeat("9", 5000), "a\u0000b", "\u202e", "' OR 1=1 --", "2027-01-01", "2027-01-01T00:00:00", "0001-01-01T00:00:00Z",
	"9999-12-31T23:59:59Z", "2027-02-30T00:00:00Z", true, nil,
	[]any{},
	[]any{nil},
	map[string]any{},
	map[string]any{"a": map[string]any{}},
}

// Every field of every writing route against every hostile value: a refusal that says why, or an answer, never a fault.
func TestHostileInputIsNeverAFault(t *testing.T) {
	for _, dialect := range storetest.Dialects {
		t.Run(dialect, func(t *testing.T) {
			w := newWorld(t, storetest.Open(t, dialect))
			h := w.agency("One").house()
			for _, route := range api.Routes(w.app) {
				if body, ok := h.body(route).(fields); ok {
					h.abuse(route, body)
				}
			}
		})
	}
}

func (h *house) abuse(route api.Route, good fields) {
	h.t.Helper()
	path := h.path(route)
	for _, name := range append(slices.Sorted(maps.Keys(good)), "surprise") {
		for _, value := range hostile {
			body := maps.Clone(good)
			body[name] = value
			got := h.send(route.Method, path, body)
			if got.StatusCode >= 500 {
				h.t.Fatalf("%s %s %s=%.60v = %d: %s\n%s", route.Method, path, name, value, got.StatusCode, got.raw, h.log)
			}
			if got.StatusCode == 422 && (got.text("code") == "" || len(got.value("errors").([]any)) == 0 && got.text("code") == "invalid") {
				h.t.Errorf("%s %s %s=%.60v: no field in %s", route.Method, path, name, value, got.raw)
			}
			if got.StatusCode < 400 && name == "surprise" {
				h.t.Errorf("%s %s took an unknown field: %s", route.Method, path, got.raw)
			}
		}
	}
}

func TestHostileQueries(t *testing.T) {
	each(t, func(w *world) {
		h := w.agency("One").house()
		for _, query := range []string{
			"page=0", "page=-1", "page=x", "page=1e3", "page=99999999999999999999", "page_size=0", "page_size=101", "cursor=AAAA", "client_id=x", "client_id=-1",
			"client_id=Q2xpZW50Oi0x", "status=nope", "type=nope", "surprise=1",
		} {
			got := h.want(422, "GET", "/payment-requests?"+query, nil)
			field, _, _ := strings.Cut(query, "=")
			equal(t, query, got.text("errors.0.field"), field)
		}
		for _, query := range []string{"/clients?q=%00", "/clients?q=%ff", "/usage-events?source=%00", "/usage-events?call_id=a%00", "/audit?command=%00", "/plans?status=ACTIVE&status=ARCHIVED", "/plans?%00=1", "/plans?%zz=1", "/plans?a;b=1"} {
			h.want(422, "GET", query, nil)
		}
		for _, text := range []string{`{"client_external_id":"\u0000","name":"x"}`, `{"client_external_id":"nobody","name":"x"}`, `{"name":"x"}`} {
			if got := h.send("POST", "/campaigns", text); got.StatusCode != 422 && got.StatusCode != 404 {
				t.Errorf("POST /campaigns %s = %d %s", text, got.StatusCode, got.raw)
			}
		}
		equal(t, "check", h.want(422, "POST", "/access/check", `{"source":"vapi","assistant_id":"\u0000"}`).text("errors.0.field"), "assistant_id")
		h.want(404, "POST", "/access/check", `{"source":"vapi","assistant_id":"nobody"}`)
		for _, id := range []string{"x", "-1", "0", "1.0", "99999999999999999999", "%00", "Q2xpZW50OjA="} {
			h.want(404, "GET", "/clients/"+id, nil)
			h.want(404, "GET", "/plans/"+id, nil)
		}
		for _, from := range []string{"2027-01-01", "x", "1970-01-01T00:00:00Z"} {
			equal(t, from, h.want(422, "GET", "/usage-events?from="+from, nil).text("errors.0.field"), "from")
		}
	})
}

func TestBodiesThatCanBeReadTwoWays(t *testing.T) {
	each(t, func(w *world) {
		c := w.agency("One")
		for text, code := range map[string]string{
			`{not json`: "malformed_json", ``: "malformed_json", `null`: "invalid", `[]`: "invalid", `"x"`: "invalid",
			`{"name":"a","currency":"USD","recurring_fee":"1"} x`:          "malformed_json",
			`{"name":"a","name":"b","currency":"USD","recurring_fee":"1"}`: "malformed_json",
			`{"name":"a","na\u006de":"b","currency":"USD"}`:                "malformed_json",
			"{\"name\":\"\xff\"}": "malformed_json",
			`{"name":` + strings.Repeat("[", 65) + strings.Repeat("]", 65) + `}`: "malformed_json",
			`{"Name":"a","currency":"USD","recurring_fee":"1"}`:                  "invalid",
			`{"name":"a","currency":"USD","recurring_fee":1e400}`:                "invalid",
			`{"name":"a","currency":"USD","recurring_fee":1.5}`:                  "invalid",
		} {
			got := c.send("POST", "/plans", text)
			if got.StatusCode != 400 && got.StatusCode != 422 || got.text("code") != code {
				t.Errorf("POST /plans %.60s = %d %s, want %s", text, got.StatusCode, got.raw, code)
			}
		}
		equal(t, "plans", c.want(200, "GET", "/plans", nil).text("meta.total"), "0")
		c.want(415, "POST", "/plans", `{}`, "Content-Type", "text/plain")
		c.want(415, "POST", "/plans", `{}`, "Content-Type", "application/x-www-form-urlencoded")
		c.want(413, "POST", "/plans", `{"name":"`+strings.Repeat("a", 1<<20)+`"}`)
		equal(t, "allow", c.want(405, "DELETE", "/plans", nil).Header.Get("Allow"), "GET, HEAD, POST")
		c.want(404, "GET", "/nothing", nil)
		c.want(200, "GET", "/plans/", nil)
		c.want(200, "GET", "/plans/?page=1", nil)
	})
}

// A program whose id is an empty text asks for nothing, and is not led to another path.
func TestAnEmptyIdIsNotThere(t *testing.T) {
	c := newWorld(t, storetest.Open(t, "sqlite")).agency("One")
	for _, path := range []string{"/clients//wallet", "/clients/./wallet", "/clients/../plans", "//plans", "/clients/%2e%2e/plans", "/clients//"} {
		got := c.send("GET", path, nil)
		if got.StatusCode != 404 && path != "/clients//" || got.StatusCode >= 300 && got.text("code") != "not_found" {
			t.Errorf("GET %s = %d %s, want 404", path, got.StatusCode, got.raw)
		}
	}
	c.want(404, "POST", "/clients//hold", fields{"on": true})
}

// Values that a person mistyped never come back in a refusal.
func TestRefusalsDoNotEcho(t *testing.T) {
	c := newWorld(t, storetest.Open(t, "sqlite")).agency("One")
	got := c.want(422, "POST", "/connections", fields{"provider": "vapi", "name": 7, "secret": []string{"hunter2-secret"}})
	if strings.Contains(string(got.raw), "hunter2") || strings.Contains(c.log.String(), "hunter2") {
		t.Errorf("the refusal echoes: %s", got.raw)
	}
}

func TestInstantsAreExact(t *testing.T) {
	each(t, func(w *world) {
		c := w.agency("One")
		client, _ := c.started("Bright Dental")
		for i, told := range []struct{ in, out string }{
			{"2027-01-01T02:00:00+02:00", "2027-01-01T00:00:00Z"}, {"2027-01-01T00:00:00.1234567Z", "2027-01-01T00:00:00.123456Z"}, {"2027-01-01T00:00:00.500Z", "2027-01-01T00:00:00.5Z"},
		} {
			e := c.want(201, "POST", "/usage-events", fields{"source": "t", "event_id": fmt.Sprint(i), "client_id": client, "ended_at": told.in, "duration_ms": 1})
			equal(t, told.in, e.text("ended_at"), told.out)
		}
	})
}

func TestHeadIsFine(t *testing.T) {
	c := newWorld(t, storetest.Open(t, "sqlite")).agency("One")
	r := httptest.NewRequest("HEAD", api.Prefix+"/plans", nil)
	r.Header.Set("Authorization", "Bearer "+c.key)
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	if w.Code != 200 {
		t.Errorf("HEAD /plans = %d", w.Code)
	}
}

// A bound is told as people write numbers.
func TestBoundsAreWrittenOut(t *testing.T) {
	w := newWorld(t, storetest.Open(t, "sqlite"))
	got := w.agency("One").send("GET", "/clients?page=1000001", nil)
	if got.StatusCode != 422 || got.text("detail") != "page must be at most 1000000" {
		t.Errorf("page 1000001 = %d: %s", got.StatusCode, got.raw)
	}
}
