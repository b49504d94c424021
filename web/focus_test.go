package web_test

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// stop is where the Tab key has led to.
type stop struct {
	Name    string  `json:"name"`
	Body    bool    `json:"body"`    // nowhere: past the last of them
	Within  bool    `json:"within"`  // the open dialog, if there is one
	Shown   bool    `json:"shown"`   // it can be seen, and that it has the focus
	Follows bool    `json:"follows"` // the one before, in the document and to the eye
	Rest    float64 `json:"rest"`    // how many that can be reached were not reached yet
}

// follower watches the focus. What can be reached is what a browser stops at by itself; a group of radio buttons is one stop.
const follower = `
	window.walked = [];
	window.reachable = (within) => [...within.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")].filter((e) => !e.disabled && e.type !== "hidden" && e.tabIndex >= 0 && e.checkVisibility({ visibilityProperty: true }) && (e.type !== "radio" || e.checked));
	window.follow = () => {
		const e = document.activeElement, before = walked.at(-1), dialog = document.querySelector("dialog[open]");
		if (e === document.body) return { name: "", body: true, within: false, shown: true, follows: true, rest: reachable(dialog ?? document).filter((r) => !walked.includes(r)).length };
		if (e === before && e.type === "date") return { name: e.name, body: false, within: !!dialog?.contains(e), shown: true, follows: true, rest: 0 }; // day, month and year are stops of one field
		const style = getComputedStyle(e), box = e.getBoundingClientRect();
		const shown = e.matches(":focus-visible") && (style.outlineStyle !== "none" || style.boxShadow !== "none" || e.closest(".palette")) && box.width > 1 && box.height > 1 && box.right > 0 && box.left < innerWidth && box.bottom > 0 && box.top < innerHeight;
		let follows = !walked.includes(e);
		if (before && document.contains(before)) {
			follows &&= !!(before.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING);
			const frame = "nav, .head, .send, .tools, tr, .fields, .sides, dialog, .card, header", a = before.getBoundingClientRect();
			if (before.closest(frame) === e.closest(frame)) follows &&= box.top >= a.bottom - 2 || (box.bottom > a.top && box.left >= a.left - 2);
		}
		walked.push(e);
		return { name: e.outerHTML.slice(0, 90), body: false, within: !!dialog?.contains(e), shown, follows, rest: 0 };
	};`

// tab presses Tab and says where that led.
func (b *window) tab() stop {
	b.Helper()
	b.press("\t")
	return ask(b, chromedp.Evaluate[stop]("follow()"))
}

// walkByTab goes through a page, or an open dialog, until there is nothing more, and complains of what is out of order.
func (b *window) walkByTab(name string, within bool) (stops int) {
	b.Helper()
	for range 400 {
		s := b.tab()
		if s.Body || within && !s.Within {
			if !s.Body || s.Rest > 0 {
				b.Errorf("%s: Tab left for %q with %v not reached", name, s.Name, s.Rest)
			}
			return stops
		}
		stops++
		if !s.Shown {
			b.Errorf("%s: the focus cannot be seen at %s", name, s.Name)
		}
		if !s.Follows {
			b.Errorf("%s: Tab jumps to %s", name, s.Name)
		}
	}
	b.Fatalf("%s: Tab does not come to an end", name)
	return stops
}

// Everything is reached by Tab, once, in the order it is read in, and is seen to be; the way to the content comes first.
// A dialog takes the focus, keeps it and gives it back.
func TestTabWalk(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	paths := w.busy(owner)
	for _, look := range looks[:2] {
		b := w.open(look.width, look.dark)
		b.visit("/login")
		b.run(follower + `document.querySelector(".skip").focus(); follow()`) // it begins in the first field
		b.walkByTab("login", false)
		b.visit("/login")
		b.enter("ada@acme.example")
		for _, name := range []string{"home", "clients", "client", "requests", "plan-edit", "usage", "brand"} {
			b.visit(paths[name])
			b.becomes(`document.documentElement.classList.contains("js")`)
			b.run(follower + `document.activeElement.blur()`)
			first := b.tab()
			if !ask(b, chromedp.Evaluate[bool](`document.activeElement.matches(".skip")`)) || !first.Shown {
				t.Errorf("%s: the first stop is %s", name, first.Name)
			}
			if n := b.walkByTab(name+"-"+look.name, false); n < 10 {
				t.Errorf("%s has %d stops only", name, n)
			}
		}
		b.visit("/console/clients")
		b.press("\t")
		b.press("\r")
		b.press("\t")
		if !ask(b, chromedp.Evaluate[bool](`document.querySelector("main").contains(document.activeElement)`)) {
			t.Error("the way to the content does not lead there")
		}
		b.dialogKeepsTheFocus(paths["client"])
		b.visit("/console")
		b.do(chromedp.Click("#out button"), chromedp.WaitVisible("#login"))
		b.enter("zoe@bright.example")
		for _, path := range []string{"/portal", "/portal/calls", "/portal/account"} {
			b.visit(path)
			b.run(follower)
			b.walkByTab(path+" "+look.name, false)
		}
	}
}

// dialogKeepsTheFocus opens the dialog of an act from the keyboard, goes round in it, and leaves it.
func (b *window) dialogKeepsTheFocus(path string) {
	b.Helper()
	b.visit(path)
	b.becomes(`document.documentElement.classList.contains("js")`)
	b.run(follower + `document.querySelector("#hold-act").focus()`)
	b.press("\r")
	b.becomes(`document.querySelector("dialog[open] #hold")`)
	if !ask(b, chromedp.Evaluate[bool](`document.querySelector("dialog[open]").contains(document.activeElement)`)) {
		b.Error("the dialog did not take the focus")
	}
	for i := range 12 {
		b.press("\t")
		if out := ask(b, chromedp.Evaluate[bool](`document.activeElement !== document.body && !document.querySelector("dialog[open]").contains(document.activeElement)`)); out {
			b.Errorf("after %d times Tab the focus is behind the dialog", i+1)
		}
	}
	b.press("\x1b")
	b.becomes(`!document.querySelector("dialog[open]")`)
	b.becomes(`document.activeElement.id === "hold-act"`)
}
