package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"minutebook/api"
	"minutebook/app"
	"minutebook/gate"
	"minutebook/store"
	"minutebook/store/storetest"
)

// world is a server on a database of its own.
type world struct {
	t       testing.TB
	app     *app.App
	handler http.Handler
	log     *bytes.Buffer
	check   *checker
}

var begin = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)

func newWorld(t testing.TB, db *store.DB) *world {
	t.Helper()
	log := &bytes.Buffer{}
	sealer, err := app.NewSealer(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	a := &app.App{
		DB: db, Clock: func() time.Time { return begin }, Mint: app.NewMint(func() time.Time { return begin }), Secrets: sealer,
		PublicURL: "https://minutes.example", Log: slog.New(slog.NewJSONHandler(log, nil)),
	}
	// Time stands still here, and a limit would be used up for ever.
	w := &world{t: t, app: a, handler: api.New(a, api.Options{Version: "test", Limits: gate.Limits{PerSecond: 1_000_000_000}}), log: log}
	w.check = newChecker(t, a)
	return w
}

// each runs a test on both databases.
func each(t *testing.T, test func(w *world)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { test(newWorld(t, db)) })
}

// caller is a program with a key.
type caller struct {
	*world
	key string
	id  string // of the agency
}

// agency makes a sandbox agency and a caller with its first key.
func (w *world) agency(name string) *caller {
	w.t.Helper()
	clock := begin
	made, key, err := w.app.CreateAgency(context.Background(), app.AgencySpec{
		Name: name, OwnerEmail: "owner@example.com", OwnerPassword: "correct horse battery staple", Timezone: "UTC", Currency: "USD", TestClock: &clock,
	})
	if err != nil {
		w.t.Fatalf("making the agency %s: %v", name, err)
	}
	return &caller{world: w, key: key, id: made.ID.String()}
}

// answer is a response that was read.
type answer struct {
	*http.Response
	raw  []byte
	body map[string]any
}

// send sends a request and checks the answer against the document.
func (c *caller) send(method, path string, body any, headers ...string) answer {
	c.t.Helper()
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			c.t.Fatal(err)
		}
		reader = bytes.NewReader(text)
	}
	r := httptest.NewRequest(method, api.Prefix+path, reader)
	if reader != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.key != "" {
		r.Header.Set("Authorization", "Bearer "+c.key)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	got := answer{Response: w.Result(), raw: w.Body.Bytes()}
	_ = json.Unmarshal(got.raw, &got.body) // not everything is an object
	c.check.answer(c.t, r, got)
	return got
}

// want sends a request that must be answered with a status.
func (c *caller) want(status int, method, path string, body any, headers ...string) answer {
	c.t.Helper()
	got := c.send(method, path, body, headers...)
	if got.StatusCode != status {
		c.t.Fatalf("%s %s %v = %d, want %d: %s", method, path, body, got.StatusCode, status, got.raw)
	}
	return got
}

// text is a field of the answer, by its dotted path.
func (a answer) text(path string) string {
	v := a.value(path)
	if s, ok := v.(string); ok {
		return s
	}
	text, _ := json.Marshal(v)
	return string(text)
}

func (a answer) value(path string) any {
	var v any = a.body
	for _, name := range strings.Split(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[name]
		case []any:
			n, err := strconv.Atoi(name)
			if err != nil || n >= len(in) {
				return nil
			}
			v = in[n]
		default:
			return nil
		}
	}
	return v
}

// fields are what a test sends.
type fields = map[string]any

// plan, pack, client and started are everyday steps.
func (c *caller) plan(over fields) answer {
	c.t.Helper()
	body := fields{
		"name": "Growth", "currency": "USD", "recurring_fee": "99.00", "included_minutes": "300", "per_minute_rate": "0.25", "addon_packs_enabled": true,
		"payment_due_days": 14, "grace_days": 7,
	}
	for name, v := range over {
		body[name] = v
	}
	return c.want(201, "POST", "/plans", body)
}

func (c *caller) pack() answer {
	c.t.Helper()
	return c.want(201, "POST", "/packs", fields{"name": "60 Minutes", "minutes": "60", "price": "15.00", "currency": "USD"})
}

func (c *caller) client(name string) answer {
	c.t.Helper()
	return c.want(201, "POST", "/clients", fields{"name": name})
}

// started is a client with a running subscription.
func (c *caller) started(name string, packs ...string) (client, subscription string) {
	c.t.Helper()
	client = c.client(name).text("id")
	c.want(200, "PUT", "/clients/"+client+"/plan", fields{"plan_id": c.plan(nil).text("id")})
	if len(packs) > 0 {
		c.want(200, "PUT", "/clients/"+client+"/packs", fields{"pack_ids": packs})
	}
	return client, c.want(201, "POST", "/clients/"+client+"/subscription", fields{}).text("id")
}

func (c *caller) clock(now string) {
	c.t.Helper()
	c.want(200, "POST", "/test-clock", fields{"now": now})
}

// plain asks for something beside the API, which the document does not hold.
func (c *caller) plain(method, path string) answer {
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return answer{Response: w.Result(), raw: w.Body.Bytes()}
}
