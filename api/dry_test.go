package api_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"minutebook/api"
	"minutebook/store/storetest"
)

// ready are what has to be done before a command of the house can be carried out.
var ready = map[string]func(h *house){
	"POST /clients/{id}/subscription": func(h *house) {
		h.want(200, "POST", "/subscriptions/"+h.ids["/subscriptions"]+"/cancel", fields{"open_requests": "KEEP"})
	},
	"PUT /clients/{id}/plan": func(h *house) {
		h.want(200, "POST", "/subscriptions/"+h.ids["/subscriptions"]+"/cancel", fields{"open_requests": "KEEP"})
	},
	"DELETE /clients/{id}/plan": func(h *house) {
		h.want(200, "POST", "/subscriptions/"+h.ids["/subscriptions"]+"/cancel", fields{"open_requests": "KEEP"})
	},
	"POST /subscriptions/{id}/undo-cancel": func(h *house) {
		h.want(200, "POST", "/subscriptions/"+h.ids["/subscriptions"]+"/cancel", fields{"at_period_end": true})
	},
	"POST /campaigns/{id}/resume": func(h *house) {
		h.want(200, "POST", "/campaigns/"+h.ids["/campaigns"]+"/pause", fields{"reason": "why"})
	},
}

// Each command that can be tried answers what it answers afterwards, to the byte but for what would happen, and the
// trial leaves nothing behind: no row of any table, no number, no key.
func TestDryRunOfEveryCommand(t *testing.T) {
	each(t, func(w *world) {
		turn := &turns{}
		w.app.Mint = turn.mint
		tried := 0
		for _, route := range tryable(t, w) {
			name := route.Method + " " + strings.TrimPrefix(route.Path, api.Prefix)
			h := w.agency("Acme").house()
			if prepare := ready[name]; prepare != nil {
				prepare(h)
			}
			path, body := h.path(route), h.body(route)
			before, next := storetest.Rows(t, w.app.DB), turn.next
			dry := h.send(route.Method, path+"?dry_run=true", body, onceKey, "k", "X-Request-Id", "r")
			if after := storetest.Rows(t, w.app.DB); !slices.Equal(before, after) {
				t.Errorf("%s: a dry run left %q", name, difference(after, before))
			}
			turn.next = next
			real := h.send(route.Method, path, body, "X-Request-Id", "r")
			if real.StatusCode >= 300 || dry.StatusCode != real.StatusCode {
				t.Errorf("%s: the dry run was answered %d, the command %d: %s", name, dry.StatusCode, real.StatusCode, real.raw)
				continue
			}
			if _, told := dry.body["what_happens"].([]any); !told || dry.Header.Get("Minutebook-Dry-Run") != "true" || dry.Header.Get("Content-Type") != real.Header.Get("Content-Type") {
				t.Errorf("%s: the dry run was answered %v %s", name, dry.Header, dry.raw)
			}
			delete(dry.body, "what_happens")
			if one, other := spelt(t, dry.body), spelt(t, real.body); one != other || real.Header.Get("Minutebook-Dry-Run") != "" {
				t.Errorf("%s: the dry run was answered\n%s\nthe command\n%s %v", name, one, other, real.Header)
			}
			tried++
		}
		if tried < 25 {
			t.Errorf("only %d commands were tried", tried)
		}
	})
}

// A dry run is refused as its command is, whatever is wrong.
func TestDryRunIsRefusedAsItsCommand(t *testing.T) {
	each(t, func(w *world) {
		h, other := w.agency("One").house(), w.agency("Two")
		client, request := h.ids["/clients"], h.ids["/payment-requests"]
		other.want(200, "GET", "/plans", nil) // its key has been seen
		for _, try := range []struct {
			who          *caller
			method, path string
			body         any
		}{
			{h.caller, "POST", "/clients/" + client + "/subscription", fields{}},
			{h.caller, "POST", "/clients/" + client + "/wallet/adjust", fields{"minutes": "-1.00", "reason": "why"}},
			{h.caller, "POST", "/clients/" + client + "/wallet/adjust", fields{"minutes": "x"}},
			{h.caller, "PATCH", "/payment-requests/" + request + "/update", fields{"status": "LOST"}},
			{h.caller, "POST", "/clients/77/hold", fields{"on": true, "reason": "why"}},
			{h.caller, "POST", "/clients/" + client + "/hold?more=1", fields{"on": true, "reason": "why"}},
			{h.caller, "POST", "/plans", "{"},
			{other, "PATCH", "/payment-requests/" + request + "/update", fields{"status": "PAID"}},
			{&caller{world: w, key: "mb_none"}, "POST", "/plans", fields{}},
		} {
			mark := "?"
			if strings.Contains(try.path, "?") {
				mark = "&"
			}
			before := storetest.Rows(t, w.app.DB)
			dry := try.who.send(try.method, try.path+mark+"dry_run=true", try.body, "X-Request-Id", "r")
			if after := storetest.Rows(t, w.app.DB); !slices.Equal(before, after) {
				t.Errorf("%s %s: a refused dry run left %q", try.method, try.path, difference(after, before))
			}
			real := try.who.send(try.method, try.path, try.body, "X-Request-Id", "r")
			if dry.StatusCode != real.StatusCode || !bytes.Equal(dry.raw, real.raw) || real.StatusCode < 400 {
				t.Errorf("%s %s: the dry run was answered %d %s, the command %d %s", try.method, try.path, dry.StatusCode, dry.raw, real.StatusCode, real.raw)
			}
		}
	})
}

// What would happen is told with its figures, client by client, in the words of the console.
func TestDryRunTellsWhatHappens(t *testing.T) {
	each(t, func(w *world) {
		c := w.agency("Acme")
		client := c.client("Bright Dental").text("id")
		c.want(200, "PUT", "/clients/"+client+"/plan", fields{"plan_id": c.plan(nil).text("id")})
		got := c.want(201, "POST", "/clients/"+client+"/subscription?dry_run=true", fields{})
		equal(t, "whose", got.text("what_happens.0.client_id")+" "+got.text("what_happens.0.client_name"), client+" Bright Dental")
		if says := got.text("what_happens.0.says"); !strings.Contains(says, "PR-000001") || !strings.Contains(says, "99.00 USD") {
			t.Errorf("a start tells %s", says)
		}
		equal(t, "subscriptions", c.want(200, "GET", "/subscriptions", nil).text("meta.total"), "0")
		c.want(201, "POST", "/clients/"+client+"/subscription?dry_run=false", fields{})
		fee := c.want(200, "GET", "/payment-requests", nil)
		equal(t, "number", fee.text("data.0.number"), "PR-000001")
		paid := c.want(200, "PATCH", "/payment-requests/"+fee.text("data.0.id")+"/update?dry_run=true", fields{"status": "PAID"})
		equal(t, "status", paid.text("data.status"), "PAID")
		equal(t, "still", c.want(200, "GET", "/payment-requests", nil).text("data.0.status"), "PENDING")
		equal(t, "nothing", c.want(200, "POST", "/clients/"+client+"/hold?dry_run=true", fields{"on": false}).text("what_happens"), "[]")
	})
}

// What has no dry run says so and does nothing; a wish that is no clear one is refused.
func TestWhatHasNoDryRun(t *testing.T) {
	each(t, func(w *world) {
		h := w.agency("One").house()
		can := tryable(t, w)
		refused := 0
		for _, route := range api.Routes(w.app) {
			if route.Method == "GET" || slices.Contains(can, route) {
				continue
			}
			before := storetest.Rows(t, w.app.DB)
			got := h.want(422, route.Method, h.path(route)+"?dry_run=true", h.body(route))
			equal(t, route.Path, got.text("code")+" "+got.text("errors.0.field"), "no_dry_run dry_run")
			if after := storetest.Rows(t, w.app.DB); !slices.Equal(before, after) {
				t.Errorf("%s: a refused dry run left %q", route.Path, difference(after, before))
			}
			refused++
		}
		if refused != len(api.ForReal) {
			t.Errorf("%d commands have no dry run, but %d are named", refused, len(api.ForReal))
		}
		for _, wish := range []string{"", "1", "TRUE", "yes", "true&dry_run=true"} {
			equal(t, wish, h.want(422, "POST", "/plans?dry_run="+wish, h.bodies["POST /plans"]).text("errors.0.field"), "dry_run")
		}
		h.want(422, "GET", "/plans?dry_run=true", nil)
	})
}

// tryable are the commands of which the document says that they can be tried.
func tryable(t *testing.T, w *world) (routes []api.Route) {
	t.Helper()
	text, err := api.Document(w.app, "test")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name string }
		}
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	for _, route := range api.Routes(w.app) {
		for _, p := range doc.Paths[route.Path][strings.ToLower(route.Method)].Parameters {
			if p.Name == "dry_run" {
				routes = append(routes, route)
			}
		}
	}
	return routes
}

func spelt(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// difference is what one list has that the other has not.
func difference(of, from []string) []string {
	return slices.DeleteFunc(slices.Clone(of), func(line string) bool { return slices.Contains(from, line) })
}
