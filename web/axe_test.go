package web_test

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// axeVersion is the one that scripts/axe puts into the user's cache.
const axeVersion = "4.14.1"

// axe is the accessibility checker's script.
func axe(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile(filepath.Join(cache, "minutebook", "axe-"+axeVersion+".min.js"))
	if err != nil {
		t.Fatalf("%v (is it installed? `make deps`)", err)
	}
	return string(script)
}

// judge is what axe says of a page: nothing, if all is well. Open dialogs are judged with the page.
const judge = `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then((found) => {
	document.body.dataset.axe = found.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html.slice(0, 200)).join(" | ")).join("\n") || "well";
}); true`

// accessible fails for every violation axe finds on the page that is shown.
func (b *window) accessible(name, script string) {
	b.Helper()
	b.run(script)
	ask(b, chromedp.Evaluate[bool](judge))
	b.becomes("document.body.dataset.axe")
	if found := ask(b, chromedp.Evaluate[string]("document.body.dataset.axe")); found != "well" {
		b.Errorf("%s: %s", name, found)
	}
}

// No page has anything that axe-core objects to, in light and dark, wide and narrow.
func TestAxe(t *testing.T) {
	script := axe(t)
	w := newWorld(t)
	owner := w.agency()
	desks, phones := w.everyPage(owner)
	owner.get("/console/settings/brand").submit("brand", url.Values{"accent": {"#ffcc00"}, "support_email": {"help@acme.example"}})
	for _, look := range []struct {
		name  string
		width int64
		dark  bool
	}{{"1280-light", 1280, false}, {"360-dark", 360, true}} {
		t.Run(look.name, func(t *testing.T) {
			here := *w
			here.T = t
			b := here.open(look.width, look.dark)
			for _, s := range w.doors(owner) {
				b.visit(s.path)
				b.accessible(s.name, script)
			}
			bare := newWorld(t).open(look.width, look.dark)
			bare.visit(setUp.path)
			bare.accessible(setUp.name, script)
			b.visit("/login")
			b.enter("ada@acme.example")
			for _, s := range desks {
				b.visit(s.path)
				b.accessible(s.name, script)
			}
			b.press("k", chromedp.KeyModifiers(chromedp.ModifierCtrl))
			b.becomes(`document.querySelectorAll(".palette [role=option]").length > 5`)
			b.accessible("palette", script)
			b.visit("/console")
			b.do(chromedp.Click("#out button"), chromedp.WaitVisible("#login"))
			b.enter("zoe@bright.example")
			for _, s := range phones {
				b.visit(s.path)
				b.accessible(s.name, script)
			}
		})
	}
}
