package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"minutebook/api"
	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

// exceptions are the answers of the route table that are not as its scopes say, with the reason: "POST /x as read". The
// list may only shrink; what is not needed any more is an error.
var exceptions = map[string]int{}

// suitor is somebody who asks, and what they should be answered with: 401, 403, 404, or 0 where they may.
type suitor struct {
	who    string
	header string
	want   func(route api.Route) int
}

// TestEveryRouteForEveryCaller asks every route as everybody, with a request that is good, and derives from the route's
// scope what the answer has to be.
func TestEveryRouteForEveryCaller(t *testing.T) {
	for _, dialect := range storetest.Dialects {
		t.Run(dialect, func(t *testing.T) {
			writes := &storetest.Writes{}
			w := newWorld(t, storetest.Connect(t, storetest.MigratedURL(t, dialect), store.Faults(writes.Strike)))
			h, other := w.agency("One").house(), w.agency("One").house()
			suitors := w.suitors(h, other)
			w.app.Clock = func() time.Time { return begin.Add(2 * time.Hour) } // the key that expires has expired
			asked, met := 0, map[string]bool{}
			for _, s := range suitors {
				for _, route := range api.Routes(w.app) {
					name := route.Method + " " + strings.TrimPrefix(route.Path, api.Prefix) + " as " + s.who
					want := s.want(route)
					if status, is := exceptions[name]; is {
						want, met[name] = status, true
					}
					asked++
					writes.Take()
					got := h.as(s.header, route.Method, h.path(route), h.body(route))
					switch {
					case want == 0 && (got.StatusCode == 401 || got.StatusCode == 403 || got.StatusCode >= 500), want != 0 && got.StatusCode != want:
						t.Errorf("%s = %d, want %d (0: they may)\n%s", name, got.StatusCode, want, got.raw)
					case want != 0:
						if wrote := writes.Take("api_keys"); len(wrote) > 0 {
							t.Errorf("%s is refused with %d and wrote %v", name, got.StatusCode, wrote)
						}
					}
					if want == 401 && got.Header.Get("WWW-Authenticate") == "" {
						t.Errorf("%s: no WWW-Authenticate", name)
					}
					if want == 404 {
						h.likeUnknown(s.header, route, got)
					}
				}
			}
			for name := range exceptions {
				if !met[name] {
					t.Errorf("the exception %q is not met any more: take it out", name)
				}
			}
			t.Logf("%d routes x %d callers = %d answers as their scopes say, %d exceptions", len(api.Routes(w.app)), len(suitors), asked, len(exceptions))
		})
	}
}

// suitors are all kinds of callers, those who change things last.
func (w *world) suitors(h, other *house) []suitor {
	ctx := context.Background()
	always := func(status int) func(api.Route) int { return func(api.Route) int { return status } }
	who, err := w.app.KeyActor(ctx, h.key)
	if err != nil {
		w.t.Fatal(err)
	}
	key := func(scope string, expires time.Time) (billing.ID, string) {
		made, secret, err := w.app.CreateKey(ctx, who, "A key", []string{scope}, expires)
		if err != nil {
			w.t.Fatal(err)
		}
		return made.ID, secret
	}
	disabled, disabledKey := key(app.ScopeAdmin, time.Time{})
	if err := w.app.DisableKey(ctx, who, disabled); err != nil {
		w.t.Fatal(err)
	}
	_, expired := key(app.ScopeAdmin, begin.Add(time.Hour))
	client, err := billing.ParseID(h.ids["/clients"])
	if err != nil {
		w.t.Fatal(err)
	}
	_, link, err := w.app.InviteClientUser(ctx, who, client, "client@example.com", "")
	if err != nil {
		w.t.Fatal(err)
	}
	_, invitation, _ := strings.Cut(link, "/invite/")
	if _, err := w.app.AcceptInvite(ctx, invitation, "correct horse battery client"); err != nil {
		w.t.Fatal(err)
	}
	session, _, err := w.app.Login(ctx, "client@example.com", "correct horse battery client", "192.0.2.1")
	if err != nil {
		w.t.Fatal(err)
	}
	all := []suitor{
		{"nobody", "", always(401)},
		{"an empty key", "Bearer ", always(401)},
		{"garbage", "Bearer mb_garbage", always(401)},
		{"a key that is cut short", "Bearer " + h.key[:len(h.key)-1], always(401)},
		{"a key that is too long", "Bearer " + h.key + "x", always(401)},
		{"a key in another case", "Bearer " + strings.ToUpper(h.key), always(401)},
		{"a key by another scheme", "Basic " + h.key, always(401)},
		{"a disabled key", "Bearer " + disabledKey, always(401)},
		{"an expired key", "Bearer " + expired, always(401)},
		{"a client's user", "Bearer " + session, always(401)},
		{"an invitation", "Bearer " + invitation, always(401)},
		{"another agency", "Bearer " + other.key, func(route api.Route) int {
			if strings.Contains(route.Path, "{") {
				return 404
			}
			return 0
		}},
	}
	for _, scope := range []string{app.ScopeRead, app.ScopeUsageWrite, app.ScopeWrite, app.ScopeAdmin} {
		_, secret := key(scope, time.Time{})
		all = append(all, suitor{"the scope " + scope, "Bearer " + secret, func(route api.Route) int {
			if includes(scope, route.Scope) {
				return 0
			}
			return 403
		}})
	}
	return all
}

// includes is what the document says of the scopes.
func includes(has, wanted string) bool {
	return has == wanted || has == app.ScopeAdmin || has == app.ScopeWrite && (wanted == app.ScopeRead || wanted == app.ScopeUsageWrite)
}

// as sends a request with any Authorization, and always the same id of the request.
func (c *caller) as(authorization, method, path string, body any) answer {
	c.t.Helper()
	return (&caller{world: c.world}).send(method, path, body, "Authorization", authorization, "X-Request-Id", "r")
}

// likeUnknown asks the same of ids that nobody has: the answer must not differ.
func (h *house) likeUnknown(authorization string, route api.Route, foreign answer) {
	h.t.Helper()
	nobodys := func(text string) string {
		for _, id := range h.ids {
			if len(id) > 5 {
				text = strings.ReplaceAll(text, id, "123456789")
			}
		}
		return text
	}
	body := h.body(route)
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			h.t.Fatal(err)
		}
		body = nobodys(string(text))
	}
	got := h.as(authorization, route.Method, nobodys(h.path(route)), body)
	if got.StatusCode != foreign.StatusCode || nobodys(string(foreign.raw)) != string(got.raw) {
		h.t.Errorf("%s %s: a foreign id is told from an unknown one:\n%s\n%s", route.Method, route.Path, foreign.raw, got.raw)
	}
}

// turns is a mint that counts for each agency by itself, so that what one agency sees can be compared to the byte.
type turns struct {
	who  int
	next [2]billing.ID
}

func (m *turns) mint() billing.ID {
	m.next[m.who]++
	return billing.ID(m.who+1)*1_000_000_000 + m.next[m.who]
}

// TestAnAgencySeesTheSameWithAndWithoutAnother tells the same story with one agency on the server, and with another one
// beside it that is alike in every name, does the same after each step, and then much more: everything the first can
// ask for is the same to the byte.
func TestAnAgencySeesTheSameWithAndWithoutAnother(t *testing.T) {
	for _, dialect := range storetest.Dialects {
		t.Run(dialect, func(t *testing.T) {
			alone, beside := seen(t, dialect, false), seen(t, dialect, true)
			for what, is := range alone {
				if beside[what] != is {
					from := 0
					for from < min(len(is), len(beside[what])) && is[from] == beside[what][from] {
						from++
					}
					from = max(0, from-200)
					t.Errorf("%s alone:\n...%.400s\nbeside another agency:\n...%.400s", what, is[from:], beside[what][min(from, len(beside[what])):])
				}
			}
			if len(alone) != len(beside) || len(alone) < 60 {
				t.Errorf("%d answers alone, %d beside another agency", len(alone), len(beside))
			}
			t.Logf("%d answers compared", len(alone))
		})
	}
}

// story is what an agency goes through after it has one of everything.
var story = []func(h *house){
	func(h *house) {
		h.want(200, "POST", "/usage-events/batch", fields{"events": []fields{h.call("a", 60_000), h.call("b", 18_000_000), h.call("a", 60_000), h.call("", 1)}})
	},
	func(h *house) {
		h.want(201, "POST", "/clients/"+h.ids["/clients"]+"/packs/"+h.ids["/packs"]+"/apply", fields{"payment_status": "PAID", "external_payment_id": "tx-1"})
	},
	func(h *house) { h.want(201, "POST", "/usage-events", h.call("c", 600_000)) },
	func(h *house) {
		h.want(200, "POST", "/usage-events/"+h.ids["/usage-events"]+"/void", fields{"reason": "a slip"})
	},
	func(h *house) {
		h.want(201, "POST", "/clients", fields{"name": "Clear Dental", "external_id": "clear", "email": "office@clear.example"})
	},
	func(h *house) {
		got := h.send("POST", "/clients", fields{"name": "Clear Dental", "external_id": "clear"}, "Idempotency-Key", "twice")
		if got.StatusCode != 409 {
			h.t.Errorf("the same external id again = %d %s", got.StatusCode, got.raw)
		}
	},
	func(h *house) {
		h.want(200, "PUT", "/connections/"+h.ids["/connections"]+"/mappings", fields{"mappings": []fields{{"match": "ASSISTANT", "value": "assistant-1", "client_id": h.ids["/clients"]}}})
	},
	func(h *house) { h.clock("2027-02-01T00:00:00Z") },
	func(h *house) { h.clock("2027-02-20T00:00:00Z") },
	func(h *house) {
		h.want(200, "POST", "/campaigns/"+h.ids["/campaigns"]+"/pause", fields{"reason": "holidays"})
	},
	func(h *house) {
		h.want(200, "PATCH", "/settings", fields{"name": "Acme Voice", "payment_instructions": fields{"text": "By transfer."}})
	},
}

func (h *house) call(id string, ms int) fields {
	return fields{"source": "t", "event_id": id, "client_id": h.ids["/clients"], "ended_at": "2027-01-01T00:00:00Z", "duration_ms": ms, "assistant_id": "assistant-1"}
}

// seen tells the story and answers all that the first agency can ask for.
func seen(t *testing.T, dialect string, beside bool) map[string]string {
	t.Helper()
	w := newWorld(t, storetest.Open(t, dialect))
	turn := &turns{}
	w.app.Mint = turn.mint
	houses := []*house{w.agency("Acme").house()}
	if beside {
		turn.who = 1
		houses = append(houses, w.agency("Acme").house())
	}
	for _, step := range story {
		for who, h := range houses {
			turn.who = who
			step(h)
		}
	}
	if beside {
		turn.who = 1
		houses[1].bustle()
	}
	turn.who = 0
	return houses[0].view()
}

// bustle is what the other agency does besides.
func (h *house) bustle() {
	for n := range 30 {
		h.want(201, "POST", "/usage-events", h.call(fmt.Sprint("more-", n), 1000))
		h.want(201, "POST", "/payment-requests", h.bodies["POST /payment-requests"])
		h.want(201, "POST", "/clients", fields{"name": fmt.Sprint("Bright Dental ", n)})
	}
	h.want(422, "POST", "/usage-events", fields{"source": "t", "event_id": "bad", "client_external_id": "nobody", "ended_at": "2027-01-01T00:00:00Z", "duration_ms": 1})
	h.clock("2027-06-01T00:00:00Z")
}

// drawn is what is drawn by lot: cursors, the secret doors of connections, the ids of requests, the beginnings of keys,
// what proves a host.
var drawn = regexp.MustCompile(`"next_cursor":"[^"]+"|/(?:ingest|gate)/(\w+)/\w+|"request_id":"[A-Z2-7]{26}"|"prefix":"[a-z0-9]+"|portal-check=\w+`)

// view is the answer to every reading route, with every filter that names something, in parts and whole, and to ids that
// belong to the other agency, if there is one.
func (h *house) view() map[string]string {
	all := map[string]string{}
	ask := func(path string) answer {
		got := h.as("Bearer "+h.key, "GET", path, nil)
		all[path] = drawn.ReplaceAllString(fmt.Sprint(got.StatusCode, got.Header, string(got.raw)), "$1")
		return got
	}
	for _, route := range api.Routes(h.app) {
		if route.Method != "GET" {
			continue
		}
		path := h.path(route)
		ask(path)
		if strings.HasSuffix(path, h.ids["/clients"]) || !bytes.Contains(h.as("Bearer "+h.key, "GET", path, nil).raw, []byte(`"next_cursor"`)) {
			if strings.Contains(route.Path, "{") {
				all[path+" of the other"] = h.foreign(path)
			}
			continue
		}
		ask(path + "?page_size=1&page=2")
		got := ask(path + "?page_size=2")
		for n := 0; got.value("meta.next_cursor") != nil && n < 50; n++ {
			got = h.as("Bearer "+h.key, "GET", path+"?page_size=2&cursor="+got.text("meta.next_cursor"), nil)
			all[fmt.Sprint(path, " part ", n)] = drawn.ReplaceAllString(string(got.raw), "$1")
		}
	}
	for _, query := range []string{
		"/clients?q=bright", "/clients?status=active", "/payment-requests?status=OVERDUE", "/usage-events?source=t", "/usage-events?call_id=c",
		"/payment-requests?client_id=" + h.ids["/clients"], "/usage?client_id=" + h.ids["/clients"], "/audit?client_id=" + h.ids["/clients"],
	} {
		ask(query)
	}
	return all
}

// foreign is the answer to a path with the ids of the other agency, which has minted them in the same order.
func (h *house) foreign(path string) string {
	theirs := strings.ReplaceAll(path, "/1000", "/2000")
	got := h.as("Bearer "+h.key, "GET", theirs, nil)
	if theirs != path && got.StatusCode != http.StatusNotFound {
		h.t.Errorf("GET %s = %d, want 404", theirs, got.StatusCode)
	}
	return fmt.Sprint(got.StatusCode, string(got.raw))
}
