package web_test

import (
	"flag"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"minutebook/billing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// What the main pages say, word for word.
func TestWordsOfThePages(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	paths := w.busy(owner)
	for name, path := range paths {
		w.golden(name, owner.get(path))
	}
	zoe := w.browser()
	w.golden("portal", zoe.login("zoe@bright.example"))
	w.later(owner, 6)
	w.golden("client-late", owner.get(paths["client"]))
	w.golden("portal-late", zoe.login("zoe@bright.example"))
	w.golden("home-late", owner.get("/console"))
}

var (
	ids      = regexp.MustCompile(`\b[0-9]{15,}\b`)
	server   = regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+`)
	prefixes = regexp.MustCompile(`\b(mb_|prefix )[a-z0-9]+`)
	doors    = regexp.MustCompile(`/ingest/([a-z]+)/\w+`)
)

// steady is the text of a page without what chance decides.
func steady(text string) string {
	text = ids.ReplaceAllString(text, "ID")
	text = server.ReplaceAllString(text, "SERVER")
	text = prefixes.ReplaceAllString(text, "$1…")
	return doors.ReplaceAllString(text, "/ingest/$1/DOOR")
}

func (w *world) golden(name string, p *page) {
	w.Helper()
	file := filepath.Join("testdata", name+".golden")
	got := strings.ReplaceAll(steady(p.text), ". ", ".\n") + "\n"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			w.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		w.Fatal(err)
	}
	if got != string(want) {
		w.Errorf("%s says\n%s\nwant\n%s", p.path, got, want)
	}
}

// Names are shown as they are, whatever is in them: none becomes markup.
func TestHostileNames(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	hostile := `"><script>alert('x')</script><b onmouseover=1>&amp;{{.}}` + "\u202e"
	plan := growth()
	plan.Set("name", hostile)
	plan.Set("description", hostile)
	owner.get("/console/catalog/plans/new").submit("plan", plan).has(hostile)
	client := owner.get("/console/clients/new").submit("client", url.Values{"name": {hostile}, "external_id": {hostile}})
	home, id := client.path, idIn(t, client.path)
	client.submit("assign-plan", nil).submit("start", nil).has(hostile)
	owner.get(home+"/campaigns").submit("register", url.Values{"name": {hostile}, "external_id": {hostile}}).has(hostile)
	owner.get(home).submit("hold", url.Values{"reason": {hostile}}).has(hostile)
	w.call(id, hostile, billing.Minute)
	owner.get("/console/settings").submit("agency", url.Values{"name": {hostile}}).has("Saved.")
	f := owner.walk("/console")
	if len(f.pages) < 30 {
		t.Errorf("the walk saw %d pages only: %v", len(f.pages), slices.Sorted(maps.Keys(f.pages)))
	}
	zoe := w.invited(owner, home, "zoe@bright.example")
	zoe.get("/portal").has(hostile)
}
