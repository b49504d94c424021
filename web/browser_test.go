package web_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	devpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"minutebook/billing"
)

// window is a real browser.
type window struct {
	*world
	ctx    context.Context
	folder string
}

// open starts the browser that `make deps` installs.
func (w *world) open(width int64, dark bool) *window {
	w.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-dev-shm-usage", true))
	allocated, stop := chromedp.NewExecAllocator(context.Background(), options...)
	w.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(allocated)
	w.Cleanup(closeTab)
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	coloured := func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		return chromedp.Void{}, err
	}
	watched := func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, devpage.AddScriptToEvaluateOnNewDocument, devpage.AddScriptToEvaluateOnNewDocumentParams{Source: watcher})
		return chromedp.Void{}, err
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 900), coloured, watched); err != nil {
		w.Fatalf("starting Chromium: %v (is it installed? `make deps`)", err)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	w.Cleanup(cancel)
	folder := os.Getenv("MINUTEBOOK_SCREENSHOTS")
	if folder == "" {
		folder = w.TempDir()
	}
	return &window{w, ctx, folder}
}

func (b *window) do(actions ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.lost(err)
	}
}

// lost ends the test and says where it was.
func (b *window) lost(err error) {
	b.Helper()
	where, _ := chromedp.Run(b.ctx, chromedp.Location())
	text, _ := chromedp.Run(b.ctx, chromedp.Text("body"))
	b.Fatalf("%v at %s:\n%s", err, where, text)
}

// ask runs an action that answers something.
func ask[T any](b *window, action chromedp.Action[T]) T {
	b.Helper()
	answer, err := chromedp.Run(b.ctx, action)
	if err != nil {
		b.lost(err)
	}
	return answer
}

func (b *window) visit(path string) {
	b.Helper()
	b.do(chromedp.Navigate(b.server.URL+path), chromedp.WaitReady("main"))
}

// sees waits until the page says so. While one page follows another there is none to ask, and it asks again.
func (b *window) sees(words string) {
	b.Helper()
	const pause, tries = 50 * time.Millisecond, 2400
	said := chromedp.Evaluate[bool](fmt.Sprintf("!!document.body && document.readyState === 'complete' && document.body.innerText.includes(%q)", words))
	for range tries {
		if yes, err := chromedp.Run(b.ctx, said); err == nil && yes {
			return
		}
		time.Sleep(pause)
	}
	b.lost(fmt.Errorf("the page never said %q", words))
}

// watcher notes what a page should never do: break its own policy, fail, or move what is already shown.
const watcher = `
	window.faults = [];
	window.shift = 0;
	window.moved = [];
	addEventListener("securitypolicyviolation", (e) => faults.push(e.violatedDirective + " " + e.blockedURI));
	addEventListener("error", (e) => faults.push(e.message));
	addEventListener("unhandledrejection", (e) => faults.push(String(e.reason)));
	new PerformanceObserver((list) => { for (const e of list.getEntries()) if (!e.hadRecentInput) { shift += e.value; moved.push(...e.sources.map((s) => s.node?.outerHTML?.slice(0, 80))); } }).observe({ type: "layout-shift", buffered: true });`

// behaved fails for what the page should not have done: a fault, a request to another host, 100 kB and more, a layout
// that moved.
func (b *window) behaved(name string) {
	b.Helper()
	if faults := ask(b, chromedp.Evaluate[string](`faults.join("; ")`)); faults != "" {
		b.Errorf("%s: %s", name, faults)
	}
	if elsewhere := ask(b, chromedp.Evaluate[string](`performance.getEntriesByType("resource").map((r) => r.name).filter((n) => !n.startsWith(location.origin)).join(" ")`)); elsewhere != "" {
		b.Errorf("%s asks %s", name, elsewhere)
	}
	if size := ask(b, chromedp.Evaluate[float64](`[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].reduce((sum, r) => sum + r.encodedBodySize, 0)`)); size >= 100_000 {
		b.Errorf("%s has %v bytes", name, size)
	}
	if shift := ask(b, chromedp.Evaluate[float64]("shift")); shift > 0.01 {
		b.Errorf("%s moved by %v after it was shown: %s", name, shift, ask(b, chromedp.Evaluate[string](`moved.join(" ")`)))
	}
}

// shot keeps a picture of a page that did nothing it should not.
func (b *window) shot(name string) {
	b.Helper()
	b.behaved(name)
	b.picture(name)
}

// picture keeps a picture of the whole page and checks that nothing sticks out to the side, nor is hidden there.
func (b *window) picture(name string) {
	b.Helper()
	picture := ask(b, chromedp.FullScreenshot(100))
	over := ask(b, chromedp.Evaluate[float64]("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
	if over > 0 {
		wide := ask(b, chromedp.Evaluate[string](`[...document.querySelectorAll("body *")].filter((e) => !e.closest("thead") && e.getBoundingClientRect().right > innerWidth + 1).slice(0, 6).map((e) => e.tagName + "." + e.getAttribute("class") + " " + e.textContent.slice(0, 20)).join(" > ")`))
		b.Errorf("%s is %v pixels wider than the window: %s", name, over, wide)
	}
	if cut := ask(b, chromedp.Evaluate[string](`[...document.querySelectorAll(".card, .table")].filter((e) => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== "auto").flatMap((e) => [...e.querySelectorAll("*")].filter((i) => i.getBoundingClientRect().right > e.getBoundingClientRect().right + 1 && !i.closest("thead, .hush, .wide"))).slice(0, 4).map((e) => e.outerHTML.slice(0, 150)).join(" > ")`)); cut != "" {
		b.Errorf("%s cuts something off at the side: %s", name, cut)
	}
	if slipped := ask(b, chromedp.Evaluate[bool](`[...document.querySelectorAll(".over:has(.brand) #out")].some((e) => e.getBoundingClientRect().top >= document.querySelector(".over .brand").getBoundingClientRect().bottom)`)); slipped {
		b.Errorf("%s has the way out below the first row", name)
	}
	if err := os.WriteFile(filepath.Join(b.folder, name+".png"), picture, 0o600); err != nil {
		b.Fatal(err)
	}
}

// The whole story in a real browser: from the set-up to what the client sees, wide and narrow, in light and dark.
func TestStoryInABrowser(t *testing.T) {
	for _, look := range looks {
		t.Run(look.name, func(t *testing.T) {
			w := newWorld(t)
			b := w.open(look.width, look.dark)
			b.tellsStory(look.name, b.shot)
		})
	}
}

// Without scripts the same pages do the same: every dialog is a part of the page that opens by itself, every act a form.
func TestStoryWithoutScripts(t *testing.T) {
	w := newWorld(t)
	b := w.open(360, false)
	off := func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return chromedp.Void{}, err
	}
	b.do(off)
	b.tellsStory("no-script", func(name string) {
		b.Helper()
		if ran := ask(b, chromedp.Evaluate[bool](`document.documentElement.classList.contains("js")`)); ran {
			b.Errorf("%s: a script ran", name)
		}
		b.picture(name)
	})
}

// tellsStory is the essential path, by clicks: set-up, plan, client, start, calls, pack, exhausted, paid, overdue, portal.
func (b *window) tellsStory(look string, shot func(name string)) {
	b.Helper()
	b.visit("/setup?token=" + setupToken)
	b.do(chromedp.SetValue("#setup-name", "Acme Voice"), chromedp.SetValue("#setup-owner_email", "ada@acme.example"), chromedp.SetValue("#setup-owner_password", password), chromedp.Submit("#setup"))
	b.sees("First steps")
	shot("story-1-first-steps-" + look)
	cookie := b.session()
	who, _, err := b.app.SessionActor(context.Background(), cookie)
	if err != nil {
		b.Fatal(err)
	}
	b.owner = who
	b.visit("/console/catalog/plans/new")
	b.do(chromedp.SetValue("#plan-name", "Growth"), chromedp.SetValue("#plan-recurring_fee", "99.00"), chromedp.SetValue("#plan-included_minutes", "300"), chromedp.Click("#plan-addon_packs_enabled"), chromedp.Click(`#plan button[value="save"]`))
	b.sees("Growth is in the catalog")
	b.visit("/console/catalog/packs/new")
	b.do(chromedp.SetValue("#pack-name", "100 Minutes"), chromedp.SetValue("#pack-minutes", "100"), chromedp.SetValue("#pack-price", "20"), chromedp.Click(`#pack button[type="submit"]`))
	b.sees("100 Minutes")
	b.visit("/console/clients/new")
	b.do(chromedp.SetValue("#client-name", "Bright Dental"), chromedp.Click(`#client button[type="submit"]`))
	b.sees("Bright Dental is added")
	b.act("#assign-plan-act", "#assign-plan")
	b.sees("The plan is assigned")
	b.act("#start-act", "#start")
	b.sees("The subscription is started")
	shot("story-2-started-" + look)
	home := b.where()
	id := idIn(b.T, home)

	b.call(id, "call-1", 310*billing.Minute)
	b.visit(home)
	b.sees("Used up")
	b.sees("Access denied")
	shot("story-3-exhausted-" + look)
	b.visit(home + "/packs")
	b.do(chromedp.Click("#packs-act", chromedp.NodeVisible), chromedp.WaitVisible("#packs"), chromedp.Click(`#packs input[type="checkbox"]`), chromedp.Click(`#packs button[type="submit"]`))
	b.sees("The offered packs are saved")
	apply := b.idOf("apply-")
	b.act("#"+apply+"-act", "#"+apply)
	b.sees("100.00 minutes are credited")
	b.call(id, "call-2", 5*billing.Minute)
	b.visit(home + "/usage")
	b.sees("call-2")

	b.now = b.now.AddDate(0, 0, 10)
	b.visit("/login")
	b.enter("ada@acme.example")
	b.visit(home)
	b.sees("Past due")
	b.sees("Access denied: payment overdue")
	shot("story-4-overdue-" + look)
	b.seesPortal(home, look, shot)
}

// where is the path of the page that is shown.
func (b *window) where() string {
	b.Helper()
	u, err := url.Parse(ask(b, chromedp.Location()))
	if err != nil {
		b.Fatal(err)
	}
	return u.Path
}

// session is the cookie of who is logged in.
func (b *window) session() string {
	b.Helper()
	cookies := func(ctx context.Context, t *chromedp.Target) (string, error) {
		got, err := cdp.Call(ctx, t, network.GetCookies, network.GetCookiesParams{})
		if err != nil || len(got.Cookies) == 0 {
			return "", fmt.Errorf("no cookie: %w", err)
		}
		return got.Cookies[0].Value, nil
	}
	return ask(b, chromedp.Action[string](cookies))
}

// idOf is the id of the first dialog whose id begins so.
func (b *window) idOf(prefix string) string {
	b.Helper()
	return ask(b, chromedp.Evaluate[string](fmt.Sprintf(`document.querySelector('[id^="%s"][id$="-act"]').id.replace(/-act$/, "")`, prefix)))
}

// act opens a dialog and sends its form.
func (b *window) act(button, form string) {
	b.Helper()
	b.do(chromedp.Click(button, chromedp.NodeVisible), chromedp.WaitVisible(form), chromedp.Click(form+` button[type="submit"]`, chromedp.NodeVisible))
}

// seesPortal lets a person of the client in, who sees what is overdue; the agency is paid, and the person sees that.
func (b *window) seesPortal(home, look string, shot func(name string)) {
	b.Helper()
	b.visit(home + "/settings")
	b.do(chromedp.Click("#invite-act", chromedp.NodeVisible), chromedp.WaitVisible("#invite"), chromedp.SetValue("#invite-email", "zoe@bright.example"), chromedp.Click(`#invite button[type="submit"]`, chromedp.NodeVisible))
	b.sees("zoe@bright.example is invited")
	link := ask(b, chromedp.Text("pre"))
	b.do(chromedp.Click(`#out button`), chromedp.WaitVisible("#login"))
	b.visit(strings.TrimPrefix(strings.TrimSpace(link), b.server.URL))
	b.do(chromedp.SetValue("#invite-password", password), chromedp.SetValue("#invite-again", password), chromedp.Click(`#invite button[type="submit"]`))
	b.sees("Payment overdue - access restricted")
	shot("story-5-portal-overdue-" + look)
	b.do(chromedp.Click(`#out button`))
	b.enter("ada@acme.example")
	for range 2 {
		b.visit(home)
		id := b.idOf("status-")
		b.do(chromedp.Click("#"+id+"-act", chromedp.NodeVisible), chromedp.WaitVisible("#"+id), chromedp.SetValue("#"+id+` select[name="status"]`, "PAID"), chromedp.Click("#"+id+` button[type="submit"]`, chromedp.NodeVisible))
		b.sees("is set to paid")
	}
	b.do(chromedp.Click(`#out button`))
	b.enter("zoe@bright.example")
	b.sees("Your current plan, usage, and available add-ons.")
	b.sees("Paid")
	shot("story-6-portal-" + look)
}

// Every page fits a phone and a desk, in light and dark, and is kept as a picture.
func TestPagesFitTheirWindow(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	desks, phones := w.everyPage(owner)
	for _, look := range looks {
		t.Run(look.name, func(t *testing.T) {
			here := *w
			here.T = t
			b := here.open(look.width, look.dark)
			b.visit("/login")
			b.shot("login-" + look.name)
			b.enter("ada@acme.example")
			for _, s := range desks {
				b.visit(s.path)
				b.shot(s.name + "-" + look.name)
			}
			b.visit("/console")
			b.do(chromedp.Click("#out button"), chromedp.WaitVisible("#login"))
			b.enter("zoe@bright.example")
			for _, s := range phones {
				b.visit(s.path)
				b.shot(s.name + "-" + look.name)
			}
		})
	}
}

func (b *window) enter(email string) {
	b.Helper()
	b.do(chromedp.WaitVisible("#login"), chromedp.SetValue("#login-email", email), chromedp.SetValue("#login-password", password), chromedp.Click(`#login button[type="submit"]`), chromedp.WaitVisible("#out"))
}

// busy makes an agency with something on every page, and names the pages.
func (w *world) busy(b *browser) map[string]string {
	w.Helper()
	home := w.running(b)
	id := idIn(w.T, home)
	b.get("/console/catalog/packs/new").submit("pack", url.Values{"name": {"100 Minutes"}, "minutes": {"100"}, "price": {"20"}})
	b.get("/console/catalog/plans/new").submit("plan", url.Values{"name": {"Pay as you go <b>"}, "per_minute_rate": {"0.30"}})
	packs := b.get(home + "/packs")
	packs = packs.submit("packs", url.Values{packBox(packs): {"on"}})
	packs.submit(actID(packs, "apply-"), nil)
	b.get(home+"/campaigns").submit("register", url.Values{"name": {"Recall patients"}})
	for i, minutes := range []billing.Millis{12, 40, 7, 90, 33, 61, 44, 60, 40} {
		w.later(b, 1)
		w.call(id, fmt.Sprintf("call-%d", i), minutes*billing.Minute+1234)
	}
	other := b.get("/console/clients/new").submit("client", url.Values{"name": {`<script>alert("Hostile & Sons")</script>`}, "email": {"a-very-long-address-of-somebody-who-means-it@subdomain.of.a.long.example"}})
	plan := b.get("/console/catalog").link("Growth")
	request := b.get("/console/requests").link("PR-000001")
	link := b.get(home+"/settings").submit("invite", url.Values{"email": {"zoe@bright.example"}})
	words := strings.Fields(link.text[strings.Index(link.text, "/invite/"):])
	w.browser().get(words[0]).submit("invite", url.Values{"password": {password}, "again": {password}}).at("/portal")
	return map[string]string{
		"home": "/console", "clients": "/console/clients", "client": home, "client-packs": home + "/packs", "payments": "/console/payments", "payment": home + "/payments/new", "client-usage": home + "/usage", "client-campaigns": home + "/campaigns", "client-timeline": home + "/timeline",
		"client-settings": home + "/settings", "new-client": other.path, "requests": "/console/requests", "request": request, "catalog": "/console/catalog", "plan": plan, "plan-edit": plan + "/edit",
		"usage": "/console/usage", "event": b.get("/console/usage").linkTo("/console/usage/9"), "rejected": "/console/usage/rejected", "settings": "/console/settings", "rules": "/console/settings/rules",
		"portal-settings": "/console/settings/portal",
		"connections":     "/console/settings/connections", "brand": "/console/settings/brand", "find": "/console/find?q=bright", "keys": "/console/settings/keys", "team": "/console/settings/team", "audit": "/console/settings/audit",
		"security": "/console/settings/security", "import": "/console/clients/import", "campaigns": "/console/campaigns", "plan-new": "/console/catalog/plans/new",
	}
}

// looks are the windows every page is looked at in.
var looks = []struct {
	name  string
	width int64
	dark  bool
}{{"1280-light", 1280, false}, {"360-light", 360, false}, {"1280-dark", 1280, true}, {"360-dark", 360, true}}

// The portal in three scripts, on a phone and a desk, in light and dark: with something to pay, and with it overdue.
func TestPortalInABrowser(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	locales := []string{"en", "de", "hi"}
	for locale, currency := range map[string]string{"en": "USD", "de": "EUR", "hi": "INR"} {
		w.reader(owner, locale, currency)
	}
	w.talk(locales...)
	for _, state := range []string{"", "late-"} {
		if state != "" {
			w.now = w.now.AddDate(0, 0, 9)
		}
		for _, look := range looks {
			t.Run(state+look.name, func(t *testing.T) {
				here := *w
				here.T = t
				b := here.open(look.width, look.dark)
				for _, locale := range locales {
					b.readPortal(locale, state, locale+"-"+look.name)
				}
			})
		}
	}
}

// readPortal looks at every page of a client's portal.
func (b *window) readPortal(locale, state, name string) {
	b.Helper()
	b.visit("/login")
	b.enter("zoe." + locale + "@bright.example")
	b.shot("portal-" + state + name)
	b.do(chromedp.Click("td a.to"), chromedp.WaitVisible(".crumbs"))
	b.shot("portal-request-" + state + name)
	if state == "" {
		b.visit("/portal/calls")
		b.shot("portal-calls-" + name)
		b.visit("/portal")
		b.do(chromedp.Click(`[id^="pack-"] > summary, [id^="pack-"][id$="-act"]`), chromedp.WaitVisible(".says"))
		b.shot("portal-pack-" + name)
	}
	b.visit("/portal")
	b.do(chromedp.Click("#out button"), chromedp.WaitVisible("#login"))
}
