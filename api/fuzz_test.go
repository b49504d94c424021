package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"minutebook/api"
	"minutebook/gate"
	"minutebook/store"
	"minutebook/store/storetest"
)

// target is a house that is asked anything at all, again and again. What it is asked may change it, so now and then it
// makes room for a new one.
type target struct {
	*house
	routes   []api.Route
	schemas  map[string]schema // of bodies, by route
	queries  map[string]map[string]schema
	shared   map[string]schema // the document's own
	writes   *storetest.Writes
	keeper   *storetest.Keeper
	left     int // acts until the next house
	checked  int
	statuses map[int]int
}

// schema is a schema of the document.
type schema = map[string]any

// house is good for so many acts.
const actsOfAHouse = 2000

// leftBehind is what a refusal may leave: what was refused, the memory of the answer, and that the key was used.
var leftBehind = []string{"rejected_events", "idempotency_keys", "api_keys"}

// newTarget makes a target that lives as long as the process or, for a test, as long as the test.
func newTarget(t testing.TB) *target {
	t.Helper()
	g := &target{statuses: map[int]int{}}
	g.build()
	g.readDocument()
	t.Cleanup(func() { g.keeper.End() })
	return g
}

func (g *target) build() {
	if g.keeper != nil {
		g.keeper.End()
	}
	g.keeper, g.writes, g.left = storetest.NewKeeper(), &storetest.Writes{}, actsOfAHouse
	w := newWorld(g.keeper, storetest.Connect(g.keeper, storetest.MigratedURL(g.keeper, "sqlite"), store.Faults(g.writes.Strike)))
	g.house = w.agency("One").house()
	g.routes = api.Routes(w.app)
}

func (g *target) readDocument() {
	text, err := os.ReadFile(filepath.Join("testdata", "openapi.json"))
	if err != nil {
		panic(err)
	}
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct {
				Name, In string
				Schema   schema
			}
			RequestBody struct {
				Content map[string]struct{ Schema schema }
			}
		}
		Components struct{ Schemas map[string]schema }
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		panic(err)
	}
	g.shared, g.schemas, g.queries = doc.Components.Schemas, map[string]schema{}, map[string]map[string]schema{}
	for path, operations := range doc.Paths {
		for method, op := range operations {
			key := strings.ToUpper(method) + " " + path
			if body, has := op.RequestBody.Content["application/json"]; has {
				g.schemas[key] = body.Schema
			}
			g.queries[key] = map[string]schema{}
			for _, p := range op.Parameters {
				if p.In == "query" {
					g.queries[key][p.Name] = p.Schema
				}
			}
		}
	}
}

// dice draws decisions from a fuzzer's bytes; when they are used up it draws the first choice.
type dice struct{ left []byte }

func (d *dice) n(most int) int {
	if len(d.left) == 0 || most < 2 {
		return 0
	}
	n := int(d.left[0])
	d.left = d.left[1:]
	if most > 256 && len(d.left) > 0 {
		n = n<<8 | int(d.left[0])
		d.left = d.left[1:]
	}
	return n % most
}

// one says yes one time in so many.
func (d *dice) one(in int) bool { return d.n(in) == in-1 }

// text is raw text of the fuzzer's own.
func (d *dice) text() string {
	n := min(d.n(40), len(d.left))
	text := string(d.left[:n])
	d.left = d.left[n:]
	return text
}

// ask draws a request to any route and judges the answer.
func (g *target) ask(t testing.TB, d *dice) {
	route := g.routes[d.n(len(g.routes))]
	path := g.drawPath(d, route)
	if query := g.drawQuery(d, route); query != "" {
		path += "?" + query
	}
	var body []byte
	if route.Method != "GET" {
		body, _ = json.Marshal(g.drawBody(d, route)) // json.Number may be no number: then it is empty
	}
	kind := "application/json"
	if d.one(30) {
		kind = []string{"", "text/plain", "application/x-ndjson", "application/json; charset=utf-8", "multipart/form-data", d.text()}[d.n(6)]
	}
	headers := http.Header{"Content-Type": {kind}}
	if d.one(10) {
		headers.Set("Idempotency-Key", []string{"k", "k", "l", "", strings.Repeat("k", 256), d.text()}[d.n(6)])
	}
	g.judge(t, route.Method, path, body, headers)
}

func (g *target) drawPath(d *dice, route api.Route) string {
	begin, _, _ := strings.Cut(strings.TrimPrefix(route.Path, api.Prefix)[1:], "/")
	for _, name := range []string{"{id}", "{pack_id}", "{user_id}"} {
		id := g.ids[name]
		if name == "{id}" {
			id = g.ids["/"+begin]
		}
		if d.one(8) {
			id = url.PathEscape(g.drawText(d))
		}
		route.Path = strings.Replace(route.Path, name, id, 1)
	}
	return route.Path
}

// drawText is a text nobody should trip over: an id of another thing, a figure, nonsense.
func (g *target) drawText(d *dice) string {
	switch d.n(4) {
	case 0:
		ids := slices.Sorted(maps.Keys(g.ids))
		return g.ids[ids[d.n(len(ids))]]
	case 1:
		return d.text()
	}
	return fmt.Sprint(hostile[d.n(len(hostile))])
}

func (g *target) drawQuery(d *dice, route api.Route) string {
	known := g.queries[route.Method+" "+route.Path]
	query := url.Values{}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		if d.one(3) {
			query.Add(name, fmt.Sprint(g.drawValue(d, known[name], name, 0)))
		}
	}
	if d.one(40) {
		query.Add(d.text(), d.text())
	}
	if d.one(40) {
		return query.Encode() + "&" + d.text()
	}
	return query.Encode()
}

func (g *target) drawBody(d *dice, route api.Route) any {
	described := g.schemas[route.Method+" "+route.Path]
	if good, has := g.body(route).(fields); has && d.n(2) == 0 {
		body := maps.Clone(good)
		for _, name := range slices.Sorted(maps.Keys(body)) {
			switch {
			case d.one(6):
				delete(body, name)
			case d.one(4):
				body[name] = g.drawValue(d, g.property(described, name), name, 1)
			}
		}
		return body
	}
	return g.drawValue(d, described, "", 0)
}

func (g *target) resolve(s schema) schema {
	for range 8 {
		ref, is := s["$ref"].(string)
		if !is {
			break
		}
		s = g.shared[strings.TrimPrefix(ref, "#/components/schemas/")]
	}
	return s
}

func (g *target) property(s schema, name string) schema {
	all, _ := g.resolve(s)["properties"].(map[string]any)
	one, _ := all[name].(map[string]any)
	return one
}

// drawValue draws what the schema allows, and now and then what it does not.
func (g *target) drawValue(d *dice, s schema, name string, depth int) any {
	s = g.resolve(s)
	if depth > 0 && d.one(7) || depth > 6 {
		return hostile[d.n(len(hostile))]
	}
	if choices, has := s["enum"].([]any); has && !d.one(10) {
		return choices[d.n(len(choices))]
	}
	kind := fmt.Sprint(s["type"])
	switch {
	case strings.Contains(kind, "object"):
		return g.drawObject(d, s, depth)
	case strings.Contains(kind, "array"):
		items, _ := s["items"].(map[string]any)
		list := []any{}
		for range d.n(4) {
			list = append(list, g.drawValue(d, items, strings.TrimSuffix(name, "s"), depth+1))
		}
		return list
	case strings.Contains(kind, "boolean"):
		return d.n(2) == 0
	case strings.Contains(kind, "integer"), strings.Contains(kind, "number"):
		return g.drawNumber(d, s)
	}
	return g.drawString(d, s, name)
}

func (g *target) drawObject(d *dice, s schema, depth int) any {
	body := fields{}
	properties, _ := s["properties"].(map[string]any)
	required, _ := s["required"].([]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if slices.Contains(required, any(name)) && !d.one(12) || d.n(3) == 0 {
			one, _ := properties[name].(map[string]any)
			body[name] = g.drawValue(d, one, name, depth+1)
		}
	}
	if d.one(25) {
		body[d.text()] = d.text()
	}
	return body
}

func (g *target) drawNumber(d *dice, s schema) any {
	least, _ := s["minimum"].(float64)
	most, has := s["maximum"].(float64)
	if !has {
		most = 1e6
	}
	return []any{int64(least), int64(most), int64(least) - 1, int64(most) + 1, int64(least) + int64(d.n(1000)), 1.5, json.Number("1e2")}[d.n(7)]
}

func (g *target) drawString(d *dice, s schema, name string) any {
	switch name {
	case "client_id", "plan_id", "pack_id", "payment_request_id", "campaign_id":
		if !d.one(6) {
			return g.ids[map[string]string{"client_id": "/clients", "plan_id": "/plans", "pack_id": "/packs", "payment_request_id": "/payment-requests", "campaign_id": "/campaigns"}[name]]
		}
	case "currency":
		return []string{"USD", "EUR", "JPY", "KWD", "USDT", "", "usd", "ABC", d.text()}[d.n(9)]
	case "timezone":
		return []string{"UTC", "Europe/Berlin", "Africa/Cairo", "Local", "../etc", d.text()}[d.n(6)]
	case "cursor":
		return d.text()
	}
	if s["format"] == "date-time" || strings.HasSuffix(name, "_at") || strings.HasSuffix(name, "_date") || name == "until" || name == "now" {
		return []string{"2027-01-02T03:04:05Z", "2027-01-01T00:00:00Z", "2026-12-31T23:59:59.999999999-12:00", "2027-02-30T00:00:00Z", "9999-12-31T23:59:59Z", "2027-01-01T00:00:60Z", d.text()}[d.n(7)]
	}
	return []string{"a" + strconv.Itoa(d.n(50)), "1.00", "0", "12.5", "0.000001", "999999999999.99", "-1", d.text(), strings.Repeat("x", d.n(600))}[d.n(9)]
}

// judge sends a request and says what no answer may be: a fault, an undocumented shape, a refusal without a code, and
// a refusal that changed something all the same.
func (g *target) judge(t testing.TB, method, path string, body []byte, headers http.Header) *httptest.ResponseRecorder {
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(body)
	}
	r, err := http.NewRequest(method, "http://minutes.example"+path, reader)
	if err != nil {
		return nil // no client can send this
	}
	if r.Body == nil {
		r.Body = http.NoBody // as a server has it
	}
	r.RequestURI, r.RemoteAddr = r.URL.RequestURI(), "192.0.2.1:1234"
	r.Header = headers.Clone()
	r.Header.Set("Authorization", "Bearer "+g.key)
	g.log.Reset()
	g.writes.Take() // what the house was made of
	w := httptest.NewRecorder()
	g.handler.ServeHTTP(w, r)
	g.statuses[w.Code]++
	told := func(what string) {
		t.Helper()
		t.Fatalf("%s: %s %s %q\n%.2000s\n= %d %s\n%s", what, method, path, headers, body, w.Code, w.Body, g.log)
	}
	written := g.writes.Take(leftBehind...)
	switch {
	case w.Code >= 500:
		told("a fault")
	case w.Code == http.StatusTooManyRequests:
		told("nothing was asked: the limiter answers")
	case w.Code >= 400:
		var problem gate.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil || problem.Code == "" || problem.Status != w.Code || w.Header().Get("Content-Type") != gate.ProblemType {
			told("a refusal that is no problem")
		}
		if len(written) > 0 {
			told(fmt.Sprintf("a refusal that wrote %v", written))
		}
	case method == "GET" && len(written) > 0:
		told(fmt.Sprintf("a reading that wrote %v", written))
	}
	got := answer{Response: w.Result(), raw: w.Body.Bytes()}
	_ = json.Unmarshal(got.raw, &got.body)             // not everything is an object
	if g.checked++; w.Code < 400 || g.checked%8 == 0 { // refusals are all alike, and the check takes longer than they do
		plain := r.Clone(t.Context())
		plain.URL = &url.URL{Scheme: "http", Host: "minutes.example", Path: g.plain(method, r.URL.EscapedPath())}
		g.check.answer(t, plain, got)
	}
	if len(written) > 0 {
		if g.left--; g.left < 0 {
			g.build()
		}
	}
	return w
}

// plain is a path with plain ids: the checker, unlike the server, trips over others.
func (g *target) plain(method, path string) string {
	asked := strings.Split(strings.TrimRight(path, "/"), "/")
	for _, route := range g.routes {
		parts := strings.Split(route.Path, "/")
		if route.Method != method || len(parts) != len(asked) {
			continue
		}
		fits := true
		for i, part := range parts {
			if strings.HasPrefix(part, "{") && asked[i] != "" {
				parts[i] = "1"
			} else if part != asked[i] {
				fits = false
			}
		}
		if fits {
			return strings.Join(parts, "/")
		}
	}
	return path
}

// FuzzRoutes asks any route anything, by a generator that reads the OpenAPI document.
func FuzzRoutes(f *testing.F) {
	g := newTarget(f)
	for seed := range 40 {
		f.Add(noise(uint64(seed)))
	}
	f.Fuzz(func(t *testing.T, data []byte) { g.ask(t, &dice{data}) })
}

func noise(seed uint64) []byte {
	from, data := rand.New(rand.NewPCG(seed, 7)), make([]byte, 300)
	for i := range data {
		data[i] = byte(from.Uint32())
	}
	return data
}

// TestAnyRouteMayBeAskedAnything draws requests by lot: MINUTEBOOK_PROOF_REQUESTS of them, from
// MINUTEBOOK_PROOF_SEED on.
func TestAnyRouteMayBeAskedAnything(t *testing.T) {
	g := newTarget(t)
	many, from := figure(t, "REQUESTS", 3000), figure(t, "SEED", 1)
	for n := range many {
		g.ask(t, &dice{noise(uint64(from + n))})
		if t.Failed() {
			t.Fatalf("MINUTEBOOK_PROOF_SEED=%d MINUTEBOOK_PROOF_REQUESTS=1 asks it again", from+n)
		}
	}
	t.Logf("asked %d times, answers %v", many, g.statuses)
	if g.statuses[200] == 0 || g.statuses[201] == 0 || g.statuses[422] == 0 || g.statuses[404] == 0 || g.statuses[409] == 0 {
		t.Errorf("answers %v: a kind of answer was never reached", g.statuses)
	}
}

// figure is a figure of the proof: small at every commit, as large as MINUTEBOOK_PROOF_<name> says at will.
func figure(t testing.TB, name string, small int) int {
	t.Helper()
	text := os.Getenv("MINUTEBOOK_PROOF_" + name)
	if text == "" {
		return small
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("MINUTEBOOK_PROOF_%s is %q, want a number above 0", name, text)
	}
	return n
}

var asJSON = http.Header{"Content-Type": {"application/json"}}

// writing are the routes that take a body.
func (g *target) writing() (routes []api.Route) {
	for _, route := range g.routes {
		if _, has := g.body(route).(fields); has {
			routes = append(routes, route)
		}
	}
	return routes
}

// FuzzBody sends any bytes as the body of any writing route.
func FuzzBody(f *testing.F) {
	g := newTarget(f)
	for i, route := range g.writing() {
		body, err := json.Marshal(g.body(route))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(byte(i), body)
	}
	f.Fuzz(func(t *testing.T, which byte, body []byte) {
		routes := g.writing()
		route := routes[int(which)%len(routes)]
		g.judge(t, route.Method, api.Prefix+g.path(route), body, asJSON)
	})
}

// FuzzEvent sends any bytes as a usage event: what is taken must be found as it was sent, and count once.
func FuzzEvent(f *testing.F) {
	g := newTarget(f)
	f.Add([]byte(`{"source":"t","event_id":"9","client_id":"CLIENT","ended_at":"2027-01-01T00:00:00Z","duration_ms":1500}`))
	f.Add([]byte(`{"source":"t","event_id":"8","client_id":"CLIENT","kind":"CHAT","chats":3,"ended_at":"2026-12-31T23:00:00-02:00","metadata":{"a":[1]},"tags":["x"],"cost":{"amount":"0.12","currency":"USD"}}`))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) {
		body = bytes.ReplaceAll(body, []byte("CLIENT"), []byte(g.ids["/clients"]))
		first := g.judge(t, "POST", api.Prefix+"/usage-events", body, asJSON)
		if first == nil || first.Code != http.StatusCreated {
			return
		}
		again := g.judge(t, "POST", api.Prefix+"/usage-events", body, asJSON)
		if again.Code != http.StatusOK && g.left != actsOfAHouse {
			t.Fatalf("%s is taken, and sent again answered %d %s", body, again.Code, again.Body)
		}
	})
}

// FuzzLines sends any bytes as a batch of one event a line: each line is answered, in order.
func FuzzLines(f *testing.F) {
	g := newTarget(f)
	f.Add([]byte(`{"source":"t","event_id":"7","client_id":"CLIENT","ended_at":"2027-01-01T00:00:00Z","duration_ms":1500}` + "\n\n{\n[]\r\nnull\n"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) {
		body = bytes.ReplaceAll(body, []byte("CLIENT"), []byte(g.ids["/clients"]))
		got := g.judge(t, "POST", api.Prefix+"/usage-events/batch", body, http.Header{"Content-Type": {gate.NDJSON}})
		if got.Code != http.StatusOK {
			return
		}
		lines := 0
		for line := range bytes.Lines(body) {
			if len(bytes.TrimSpace(line)) > 0 {
				lines++
			}
		}
		var out struct{ Data []json.RawMessage }
		if err := json.Unmarshal(got.Body.Bytes(), &out); err != nil || len(out.Data) != lines {
			t.Fatalf("%d lines are answered by %d results, %v", lines, len(out.Data), err)
		}
	})
}

// lists are the paths that answer with a list.
func (g *target) lists() (paths []string) {
	for _, route := range g.routes {
		if _, is := g.queries["GET "+route.Path]["cursor"]; is && route.Method == "GET" {
			paths = append(paths, g.path(route))
		}
	}
	return paths
}

// FuzzQuery asks any list with any query.
func FuzzQuery(f *testing.F) {
	g := newTarget(f)
	for i := range g.lists() {
		f.Add(byte(i), "page=1&page_size=2&status=ACTIVE&client_id=1&from=2027-01-01T00:00:00Z&q=a%25_")
		f.Add(byte(i), "")
	}
	f.Fuzz(func(t *testing.T, which byte, query string) {
		lists := g.lists()
		g.judge(t, "GET", api.Prefix+lists[int(which)%len(lists)]+"?"+query, nil, http.Header{})
	})
}

// FuzzCursor asks any list to go on at any place: it is refused, or goes on.
func FuzzCursor(f *testing.F) {
	g := newTarget(f)
	g.client("A")
	for i := range g.lists() {
		f.Add(byte(i), g.want(200, "GET", "/clients?page_size=1", nil).text("meta.next_cursor"))
		f.Add(byte(i), "AAAA")
	}
	f.Fuzz(func(t *testing.T, which byte, cursor string) {
		lists := g.lists()
		got := g.judge(t, "GET", api.Prefix+lists[int(which)%len(lists)]+"?page_size=1&cursor="+url.QueryEscape(cursor), nil, http.Header{})
		if got.Code != http.StatusOK && got.Code != http.StatusUnprocessableEntity {
			t.Fatalf("cursor %q = %d %s", cursor, got.Code, got.Body)
		}
	})
}

// FuzzID asks for anything by any id: it is there, or it is not there.
func FuzzID(f *testing.F) {
	g := newTarget(f)
	for _, id := range []string{"1", "-1", g.ids["/clients"], "Q2xpZW50OjEyMw==", "0x10", "١", "../plans", "%2e%2e"} {
		f.Add(byte(0), id)
	}
	f.Add(byte(0xA6), "/") // the list of packs was the answer
	f.Fuzz(func(t *testing.T, which byte, id string) {
		var reading []string
		for _, route := range g.routes {
			if route.Method == "GET" && strings.Contains(route.Path, "{id}") {
				reading = append(reading, route.Path)
			}
		}
		if id == "" || id == "." || id == ".." {
			return // another path
		}
		got := g.judge(t, "GET", strings.Replace(reading[int(which)%len(reading)], "{id}", url.PathEscape(id), 1), nil, http.Header{})
		if got != nil && got.Code != http.StatusOK && got.Code != http.StatusNotFound && got.Code != http.StatusUnprocessableEntity {
			t.Fatalf("id %q = %d %s", id, got.Code, got.Body)
		}
	})
}

// FuzzIdempotencyKey repeats a request under any key: the same bytes come again, and the act happens once.
func FuzzIdempotencyKey(f *testing.F) {
	g := newTarget(f)
	f.Add("key-1", "5.00")
	f.Add(strings.Repeat("k", 255), "-1")
	f.Add("a\x00b", "1")
	f.Fuzz(func(t *testing.T, key, minutes string) {
		headers := http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {key}}
		body, err := json.Marshal(fields{"minutes": minutes, "reason": "fuzz"})
		if err != nil {
			t.Fatal(err)
		}
		path := api.Prefix + "/clients/" + g.ids["/clients"] + "/wallet/adjust"
		first := g.judge(t, "POST", path, body, headers)
		if g.left == actsOfAHouse || first.Code == http.StatusUnprocessableEntity && strings.Contains(first.Body.String(), "idempotency_key_reused") {
			return
		}
		again := g.judge(t, "POST", path, body, headers)
		if g.left == actsOfAHouse {
			return
		}
		remembered := again.Header().Get("Idempotent-Replayed") == "true"
		if first.Code < 300 && (!remembered || again.Body.String() != first.Body.String()) || again.Code != first.Code {
			t.Fatalf("key %q: %d %s, then %d %s (replayed: %v)", key, first.Code, first.Body, again.Code, again.Body, remembered)
		}
	})
}
