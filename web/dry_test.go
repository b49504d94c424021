package web_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"minutebook/api"
	"minutebook/web/console"
)

// tellers are the acts of the console that tell beforehand what they do, by the API's command that tells the same with
// dry_run. Where no command stands, what is told holds for everybody and has no figure of the books.
var tellers = map[string]string{
	"POST /console/clients/{client}/assign-plan": "PUT /clients/{id}/plan",
	"POST /console/clients/{client}/remove-plan": "DELETE /clients/{id}/plan",
	"POST /console/clients/{client}/start":       "POST /clients/{id}/subscription",
	"POST /console/clients/{client}/cancel":      "POST /subscriptions/{id}/cancel",
	"POST /console/clients/{client}/undo-cancel": "POST /subscriptions/{id}/undo-cancel",
	"POST /console/clients/{client}/change-plan": "POST /subscriptions/{id}/change-plan",
	"POST /console/clients/{client}/hold":        "POST /clients/{id}/hold",
	"POST /console/clients/{client}/override":    "POST /clients/{id}/override",
	"POST /console/clients/{client}/wallet":      "POST /clients/{id}/wallet/adjust",
	"POST /console/clients/{client}/packs":       "PUT /clients/{id}/packs",
	"POST /console/clients/{client}/apply-pack":  "POST /clients/{id}/packs/{pack_id}/apply",
	"POST /console/clients/{client}/payment":     "POST /payments",
	"POST /console/clients/{client}/payments":    "POST /payments",
	"POST /console/clients/{client}/one-time":    "POST /payment-requests",
	"POST /console/clients/{client}/campaigns":   "POST /campaigns",
	"POST /console/requests/paid":                "POST /payment-requests/mark-paid",
	"POST /console/requests/{request}/update":    "PATCH /payment-requests/{id}/update",
	"POST /console/usage/{event}/void":           "POST /usage-events/{id}/void",
	"POST /console/campaigns/{campaign}/pause":   "POST /campaigns/{id}/pause",
	"POST /console/campaigns/{campaign}/resume":  "POST /campaigns/{id}/resume",
	"POST /console/campaigns/{campaign}/stop":    "POST /campaigns/{id}/stop",
	"POST /console/catalog/packs/{pack}/archive": "POST /packs/{id}/archive",
	"POST /console/catalog/plans":                "POST /plans",
	"POST /console/catalog/plans/{plan}/edit":    "PATCH /plans/{id}",
	"POST /console/catalog/plans/{plan}/archive": "POST /plans/{id}/archive",

	"POST /console/clients/{client}/users":               "",
	"POST /console/clients/{client}/users/{user}/remove": "",
	"POST /console/settings/connections":                 "",
	"POST /console/settings/keys":                        "",
	"POST /console/settings/keys/{key}/disable":          "",
	"POST /console/settings/security/{login}/end":        "",
	"POST /console/settings/team":                        "",
}

// Whatever the console tells of an act before it is done, the API tells of the command: it has a dry run.
func TestWhatIsToldBeforehandIsInTheAPI(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	home := w.busy(owner)["client"]
	owner.get(home).submit("hold", url.Values{"reason": {"by hand"}})
	owner.get("/console/clients/new").submit("client", url.Values{"name": {"Idle Dental"}}).submit("assign-plan", nil) // may be started
	mux := http.NewServeMux()
	for _, r := range console.Routes() {
		if r.Do != nil {
			mux.HandleFunc(r.Pattern(), http.NotFound)
		}
	}
	told := map[string]bool{}
	for path := range owner.walk("/console").pages {
		for _, action := range owner.get(path).telling() {
			r, err := http.NewRequest(http.MethodPost, action, nil)
			if err != nil {
				t.Fatal(err)
			}
			_, pattern := mux.Handler(r)
			told[pattern] = true
		}
	}
	if len(told) < 25 || !told["POST /console/clients/{client}/start"] {
		t.Errorf("only these tell what they do: %v", slices.Sorted(maps.Keys(told)))
	}
	can := w.tryable()
	for pattern := range told {
		if _, known := tellers[pattern]; !known {
			t.Errorf("%s tells what it does, and no command of the API is known that does", pattern)
		}
	}
	for pattern, command := range tellers {
		if command != "" && !can[command] {
			t.Errorf("%s tells what it does, but %s has no dry run", pattern, command)
		}
	}
}

// telling are the addresses of the forms of a page that tell what they do, or offer to.
func (p *page) telling() (actions []string) {
	if p.root == nil {
		return nil
	}
	for n := range p.root.Descendants() {
		if n.Type != html.ElementNode || n.Data != "form" || attr(n, "method") != "post" {
			continue
		}
		offers := false
		for s := range n.Parent.Descendants() {
			offers = offers || attr(s, "class") == "says" || s.Data == "button" && attr(s, "name") == "do" && attr(s, "form") == "" && within(s, n)
		}
		if offers {
			actions = append(actions, attr(n, "action"))
		}
	}
	return actions
}

func within(n, around *html.Node) bool {
	return slices.Contains(slices.Collect(n.Ancestors()), around)
}

// tryable are the commands whose dry run the API's document offers.
func (w *world) tryable() map[string]bool {
	w.Helper()
	text, err := api.Document(w.app, "test")
	if err != nil {
		w.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name string }
		}
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		w.Fatal(err)
	}
	can := map[string]bool{}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			for _, p := range op.Parameters {
				if p.Name == "dry_run" {
					can[strings.ToUpper(method)+" "+strings.TrimPrefix(path, api.Prefix)] = true
				}
			}
		}
	}
	return can
}
