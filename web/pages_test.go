package web_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/console"
	"minutebook/web/desk"
	"minutebook/web/portal"
)

// shown is an address of a page, and the name its pictures get.
type shown struct{ name, path string }

// everyPage is one address of each page in the tables of routes, of the console and of the portal. A page that nothing
// leads to in a busy agency fails here: so a new one cannot be forgotten by those who look at every page.
func (w *world) everyPage(owner *browser) (desks, phones []shown) {
	w.Helper()
	w.busy(owner)
	w.leftovers()
	desks = w.addresses(console.Routes(), owner.walk("/console"))
	zoe := w.browser()
	zoe.login("zoe@bright.example").at("/portal")
	return desks, w.addresses(portal.Routes(), zoe.walk("/portal"))
}

// doors are the pages before a login, and the gallery of all pieces in each of its faces.
func (w *world) doors(owner *browser) []shown {
	w.Helper()
	person, err := w.app.Clients(context.Background(), w.owner, app.ClientFilter{}, app.Page{Page: 1, Size: 1})
	if err != nil {
		w.Fatal(err)
	}
	_, link, err := w.app.InviteClientUser(context.Background(), w.owner, person.Items[0].ID, "yan@bright.example", "Yan")
	if err != nil {
		w.Fatal(err)
	}
	pages := []shown{{"login", "/login"}, {"invite", strings.TrimPrefix(link, owner.server.URL)}, {"invite-gone", "/invite/none"}, {"nowhere", "/nowhere"}}
	for _, face := range []string{"console", "portal", "door"} {
		pages = append(pages, shown{"gallery-" + face, "/ui?face=" + face})
	}
	return pages
}

// setUp is the first page of a server without an agency.
var setUp = shown{"set-up", "/setup?token=" + setupToken}

// leftovers are what an agency has besides its clients: a provider, a call nobody is known for, a call that was refused.
func (w *world) leftovers() {
	w.Helper()
	ctx := context.Background()
	connection, err := w.app.CreateConnection(ctx, w.owner, "vapi", "Main", "secret", "client_id")
	if err != nil {
		w.Fatal(err)
	}
	call := billing.UsageEvent{Source: "test", EventID: "left-1", Kind: billing.Call, EndedAt: w.now, Talk: billing.Minute}
	if _, err := w.app.RecordUsage(ctx, w.owner, []app.UsageReport{{ClientExternalID: "nobody", Raw: []byte(`{"source":"test","event_id":"left-1"}`), UsageEvent: call}}); err != nil {
		w.Fatal(err)
	}
	call.EventID, call.CallID, call.AssistantID = "left-2", "left-2", "assistant"
	if _, err := w.app.RecordReport(ctx, connection, app.ProviderReport{UsageEvent: call}, []byte("{}")); err != nil {
		w.Fatal(err)
	}
}

// addresses finds an address for each page among those that were walked over.
func (w *world) addresses(routes []desk.Route, f found) (all []shown) {
	w.Helper()
	mux, at := http.NewServeMux(), map[string]string{}
	for _, r := range routes {
		if r.Show != nil {
			mux.HandleFunc(r.Pattern(), http.NotFound)
			at[r.Pattern()] = ""
		}
	}
	f.pages["/console/settings/clock"] = true // only a sandbox is led there
	for path := range f.pages {
		r, err := http.NewRequest(http.MethodGet, path, nil)
		if err != nil {
			w.Fatal(err)
		}
		// the plainest address of a page, or the same one each time
		if _, pattern := mux.Handler(r); pattern != "" && (at[pattern] == "" || len(path) < len(at[pattern]) || len(path) == len(at[pattern]) && path < at[pattern]) {
			at[pattern] = path
		}
	}
	for pattern, path := range at {
		if path == "" {
			w.Errorf("no link leads to %s", pattern)
			continue
		}
		name := strings.NewReplacer("GET /", "", "{", "", "}", "", "/", "-").Replace(pattern)
		all = append(all, shown{name, path})
	}
	slices.SortFunc(all, func(a, b shown) int { return strings.Compare(a.name, b.name) })
	return all
}

// firstReport is also what /console/reports shows: one page at two addresses.
const firstReport = "/console/reports/revenue"

// Every page has a title of its own, landmarks in their order, the strict policy, and is small.
func TestEveryPageKeepsItsPromises(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	desks, phones := w.everyPage(owner)
	zoe := w.browser()
	zoe.login("zoe@bright.example")
	for _, side := range []struct {
		who   *browser
		pages []shown
	}{{owner, desks}, {zoe, phones}, {w.browser(), w.doors(owner)}, {newWorld(t).browser(), []shown{setUp}}} {
		titles := map[string]string{}
		for _, s := range side.pages {
			p := side.who.get(s.path)
			if other := titles[p.title()]; p.title() == "" || other != "" && s.path != firstReport && !strings.HasPrefix(s.path, "/ui") {
				t.Errorf("%s is titled %q, as is %q", s.path, p.title(), other)
			}
			titles[p.title()] = s.path
			p.landmarks()
			p.strict()
		}
	}
}

func (p *page) title() string {
	if n := find(p.root, func(n *html.Node) bool { return n.Data == "title" }); n != nil {
		return strings.TrimSpace(text(n))
	}
	return ""
}

// landmarks: the way to the content first, one main part, and its heading in it.
func (p *page) landmarks() {
	p.Helper()
	first := find(p.root, func(n *html.Node) bool { return n.Data == "a" && attr(n, "href") != "" })
	if first == nil || attr(first, "href") != "#main" {
		p.Errorf("%s: the first link does not skip to the content", p.path)
	}
	mains := 0
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "main" {
			mains++
			if find(n, func(n *html.Node) bool { return n.Data == "h1" }) == nil {
				p.Errorf("%s: the main part has no heading", p.path)
			}
		}
		if at := attr(n, "tabindex"); at != "" && at != "0" && at != "-1" {
			p.Errorf("%s: a %s pushes itself before others with tabindex %s", p.path, n.Data, at)
		}
	}
	if mains != 1 {
		p.Errorf("%s has %d main parts", p.path, mains)
	}
}

// strict: nothing from elsewhere, nothing inline, and less than 100 kB.
func (p *page) strict() {
	p.Helper()
	policy := p.header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") && !strings.Contains(policy, "default-src 'self'") {
		p.Errorf("%s allows everything: %q", p.path, policy)
	}
	for _, hole := range []string{"unsafe-inline", "unsafe-eval", "http:", "https:", "*"} {
		if strings.Contains(policy, hole) {
			p.Errorf("%s allows %s: %q", p.path, hole, policy)
		}
	}
	if len(p.body) >= 100_000 {
		p.Errorf("%s has %d bytes", p.path, len(p.body))
	}
}

// A list is a page long and small however many there are, and says so when there are none.
func TestTenThousandClientsAndNone(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	w.golden("clients-none", owner.get("/console/clients"))
	w.golden("home-none", owner.get("/console"))
	w.crowd(10_000)
	w.golden("clients-10000", owner.get("/console/clients"))
	w.golden("home-10000", owner.get("/console"))
	owner.get("/console/clients?q=Practice+07777").has("Practice 07777").lacks("Practice 00001")
	for _, path := range []string{"/console", "/console/clients", "/console/requests", "/console/payments/new", "/console/usage", "/console/campaigns", "/console/find?q=practice", "/console/usage/unassigned"} {
		owner.get(path).is(http.StatusOK).strict()
	}
}

// crowd makes so many clients, in as few steps as there may be.
func (w *world) crowd(n int) {
	w.Helper()
	list := make([]app.ClientImport, n)
	for i := range list {
		list[i].Name = fmt.Sprintf("Practice %05d", i)
	}
	for part := range slices.Chunk(list, app.MostImported) {
		if _, err := w.app.ImportClients(context.Background(), w.owner, part, true); err != nil {
			w.Fatal(err)
		}
	}
}
