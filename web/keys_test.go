package web_test

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"minutebook/billing"
)

// press types a key into whatever has the focus.
func (b *window) press(keys string, with ...chromedp.KeyOption) {
	b.Helper()
	b.do(chromedp.KeyEvent(keys, with...))
}

// becomes waits until an expression is true on the page.
func (b *window) becomes(expression string) {
	b.Helper()
	const pause, tries = 50 * time.Millisecond, 2400
	for range tries {
		if yes, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("!!("+expression+")")); err == nil && yes {
			return
		}
		time.Sleep(pause)
	}
	b.Fatalf("it never became true: %s", expression)
}

// Everything is reached from the keyboard, and single keys can be switched off.
func TestKeys(t *testing.T) {
	w := newWorld(t)
	paths := w.busy(w.agency())
	b := w.open(1280, false)
	b.visit("/login")
	b.enter("ada@acme.example")
	b.press("gc")
	b.becomes(`location.pathname === "/console/clients"`)
	b.becomes(`document.documentElement.classList.contains("js")`)
	b.press("/")
	b.becomes(`document.activeElement.matches("main input[type=search]")`)
	b.press("\x1b")
	b.do(chromedp.Click("h1"))
	b.run("document.activeElement.blur()")
	b.press("k", chromedp.KeyModifiers(chromedp.ModifierCtrl))
	b.becomes(`document.querySelectorAll(".palette [role=option]").length > 5`)
	b.shot("palette-1280")
	b.press("bright")
	b.becomes(`document.querySelector(".palette [aria-selected=true]")?.textContent.includes("Bright Dental")`)
	b.press("\r")
	b.becomes(`location.pathname === "` + paths["client"] + `"`)
	b.becomes(`document.documentElement.classList.contains("js")`)
	b.press("?")
	b.becomes(`document.querySelector("dialog[open] .keys")`)
	b.shot("keys-1280")
	b.do(chromedp.Click("dialog[open] input[type=checkbox]"), chromedp.Click("dialog[open] .btn.main"))
	b.becomes(`!document.querySelector("dialog[open]")`)
	b.press("?")
	b.press("k", chromedp.KeyModifiers(chromedp.ModifierCtrl)) // is no single key
	b.becomes(`document.querySelector("dialog[open].palette") && !document.querySelector(".keys")`)
}

// A call that arrives is shown without a reload, and what somebody types into is left alone.
func TestPagesAreLive(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	id := idIn(t, w.busy(owner)["client"])
	b := w.open(1280, false)
	b.visit("/login")
	b.enter("ada@acme.example")
	b.visit("/console/usage")
	b.visit("/console")
	b.becomes(`document.documentElement.dataset.stream === "open"`)
	b.run("window.here = 1")
	before := ask(b, chromedp.Evaluate[string](`document.querySelector('[data-live="calls"]').innerText`))
	w.call(id, "just-now", 3*billing.Minute+21_000)
	b.becomes(`document.querySelector('[data-live="calls"]').innerText.includes("3.35")`)
	if after := ask(b, chromedp.Evaluate[string](`document.querySelector('[data-live="calls"]').innerText`)); after == before {
		t.Errorf("the latest calls are still %q", after)
	}
	b.becomes("window.here === 1")
	b.behaved("home, live")
}

// Rows are picked one by one or all at once; the act that is for them waits until there are some.
func TestBulk(t *testing.T) {
	w := newWorld(t)
	b := w.open(1280, false)
	b.visit("/ui")
	b.becomes(`document.querySelector("#bulk-act").disabled`)
	b.do(chromedp.Click("th.pick input"))
	b.becomes(`document.querySelector(".bulk").innerText.includes("2 picked") && !document.querySelector("#bulk-act").disabled`)
	b.do(chromedp.Click("td.pick input"))
	b.becomes(`document.querySelector(".bulk").innerText.includes("1 picked") && document.querySelector("th.pick input").indeterminate`)
	b.do(chromedp.Click("#bulk-act"), chromedp.WaitVisible("dialog[open] #bulk"))
	b.becomes(`new FormData(document.getElementById("bulk")).getAll("request").length === 1`)
}

// The gallery of all pieces fits a desk, a phone and a window at 200 %, in light and dark, in every face.
func TestGalleryFits(t *testing.T) {
	w := newWorld(t)
	for _, look := range []struct {
		name  string
		width int64
		dark  bool
	}{{"1280-light", 1280, false}, {"360-light", 360, false}, {"1280-dark", 1280, true}, {"360-dark", 360, true}, {"640-zoomed", 640, false}, {"320-light", 320, false}} {
		b := w.open(look.width, look.dark)
		for _, face := range []string{"console", "portal", "door"} {
			b.visit("/ui?face=" + face)
			b.run(`document.querySelectorAll("dialog[open]").forEach((d) => d.close())`)
			b.shot("gallery-" + face + "-" + look.name)
		}
	}
}

// run runs a script on the page.
func (b *window) run(script string) {
	b.Helper()
	ask(b, chromedp.Evaluate[bool]("(() => { "+script+"; return true; })()"))
}
