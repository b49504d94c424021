package web_test

import (
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// Requests are picked and marked paid on a page that tells first what happens: at a desk and on a phone.
func TestBulkMarkPaidInABrowser(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	home := w.running(owner)
	owner.get("/console/catalog/packs/new").submit("pack", url.Values{"name": {"100 Minutes"}, "minutes": {"100"}, "price": {"20"}})
	packs := owner.get(home + "/packs")
	packs.submit("packs", url.Values{packBox(packs): {"on"}})
	for _, width := range []int64{1280, 360} {
		packs = owner.get(home + "/packs")
		packs.submit(actID(packs, "apply-"), nil)
		b := w.open(width, false)
		b.visit("/login")
		b.enter("ada@acme.example")
		b.visit("/console/requests")
		b.becomes(`document.querySelector("#paid-act").disabled`)
		b.run(`for (const box of document.querySelectorAll("td.pick input")) if (!box.checked) box.click()`)
		b.becomes(`!document.querySelector("#paid-act").disabled`)
		b.do(chromedp.Click("#paid-act"), chromedp.WaitVisible("dialog[open] #paid"), chromedp.Click(`#paid button[value="tell"]`))
		b.sees("What will happen")
		b.shot("mark-paid-" + strconv.FormatInt(width, 10))
		owner.get("/console/requests?status=PENDING").has("PR-0") // nothing is done yet
		b.do(chromedp.Click(`#paid .send button[type="submit"]`))
		b.sees("marked paid.")
		owner.get("/console/requests?status=PENDING").lacks("PR-0")
		b.behaved("mark paid")
	}
	owner.get("/console/requests?status=PAID").has("PR-000001", "PR-000002", "PR-000003")
}

// A list is chosen as a file, corrected where it stands, and imported once.
func TestImportInABrowser(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	w.running(owner)
	b := w.open(1280, false)
	b.visit("/login")
	b.enter("ada@acme.example")
	b.visit("/console/clients/import")
	file := filepath.Join(t.TempDir(), "clients.csv")
	if err := os.WriteFile(file, []byte("name,email,plan\nHarbor Realty,office@harbor.example,growth\nPixel,not an address,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.SetUploadFiles(`#import input[type="file"]`, []string{file}), chromedp.Click(`#import button[type="submit"]`))
	b.sees("must be an e-mail address")
	b.shot("import-refused")
	owner.get("/console/clients").lacks("Harbor Realty")
	b.run(`const list = document.querySelector("#import textarea"); list.value = list.value.replace("not an address", "pixel@pixel.example")`)
	b.do(chromedp.Click(`#import button[type="submit"]`))
	b.sees("Import 2 clients")
	b.shot("import-checked")
	owner.get("/console/clients").lacks("Harbor Realty")
	b.run(`document.querySelector("#import").requestSubmit()`)
	b.sees("2 clients are imported.")
	b.behaved("import")
	owner.get("/console/clients").has("Harbor Realty", "Pixel", "3 clients")
}

// The card and the example month follow what is typed; nothing is saved by that, and the form is sent as it was.
func TestPlanPreviewWhileTyping(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	b := w.open(1280, false)
	b.visit("/login")
	b.enter("ada@acme.example")
	b.visit("/console/catalog/plans/new")
	b.do(chromedp.SendKeys("#plan-name", "Growth"), chromedp.SendKeys("#plan-recurring_fee", "99"), chromedp.SendKeys("#plan-included_minutes", "300"), chromedp.SendKeys("#plan-per_minute_rate", "0.25"))
	b.becomes(`document.querySelector("#preview").innerText.includes("A client using 420 minutes pays 129.00 USD.")`)
	b.do(chromedp.SendKeys("#plan-per_minute_rate", "x")) // what cannot be read leaves the last card
	b.do(chromedp.SendKeys("#plan-per_minute_rate", "\b5"))
	b.becomes(`document.querySelector("#preview").innerText.includes("pays 129.60 USD.")`)
	b.shot("plan-preview")
	owner.get("/console/catalog").has("No plans yet")
	b.do(chromedp.Click(`#plan button[value="save"]`))
	b.sees("Growth is in the catalog")
	b.behaved("plan preview")
}

// Usage events are narrowed by all that is known of them; the file that is exported has the same ones.
func TestUsageEventsAreNarrowed(t *testing.T) {
	w := newWorld(t)
	b := w.agency()
	paths := w.busy(b)
	client := idIn(t, paths["client"]).String()
	b.get("/console/usage").has("9 events", "call-0", "call-8", "Any client", "Bright Dental")
	day := func(n int) string { return w.now.AddDate(0, 0, n).Format("2006-01-02") }
	b.get("/console/usage?client="+client).has("9 events", "Show all")
	b.get("/console/usage?source=" + url.QueryEscape("nobody")).has("0 events")
	one := b.get("/console/usage?client="+client+"&from="+day(0)+"&to="+day(0)).has("1 event", "call-8").lacks("call-7")
	b.get("/console/usage?to="+day(-1)).has("8 events", "call-7").lacks("call-8")
	b.get("/console/usage?from=yesterday").has("9 events")
	if csv := string(b.get(one.link("Export")).body); !strings.Contains(csv, "call-8") || strings.Contains(csv, "call-7") {
		t.Errorf("what is exported is not what is shown: %s", csv)
	}
	b.get("/console/usage?client=1").is(404)
	b.get("/console/exports/usage-events.csv?client=1").is(404)
}
