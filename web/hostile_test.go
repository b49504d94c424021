package web_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/console"
	"minutebook/web/lang"
)

// odd are names as nobody expects them, two of them as long as a name may be, and the largest sums in currencies with two, no and three decimals.
var odd = []struct {
	kind, name string
	currency   billing.Currency
	sum        billing.Money
}{
	{"markup", `<script>alert('x')</script><b onmouseover="1">&amp;{{.}}</b>`, billing.Currency{Code: "USD", Digits: 2}, 123_456_789_012_34},
	{"long", strings.Repeat("Donaudampfschiffahrt", 15), billing.Currency{Code: "JPY"}, 123_456_789_012},
	{"right-to-left", "عيادة الأسنان المشرقة (123) \u202egnp.exe", billing.Currency{Code: "KWD", Digits: 3}, 98_765_432_109_876},
	{"many-words", strings.Repeat("Gemeinschaftspraxis am Stadtpark ", 9) + "GbR", billing.Currency{Code: "EUR", Digits: 2}, 123_456_789_012_34},
	{"emoji", "👩‍👩‍👧‍👦🦷 Zahnärzte " + strings.Repeat("🦷", 60), billing.Currency{Code: "USD", Digits: 2}, 999_999_999_999_99},
}

// oddities makes an agency of such names only: for each a plan, a pack, a campaign, a call, a request, a hold and, for each language
// of the portal, a client who reads it. It answers the addresses of one client of each kind.
func (w *world) oddities(owner *browser) (homes map[string]string) {
	w.Helper()
	ctx, homes := context.Background(), map[string]string{}
	rate, long := billing.Rate(999_999_999), odd[1].name
	if _, err := w.app.UpdateSettings(ctx, w.owner, app.SettingsPatch{Name: &long}); err != nil {
		w.Fatal(err)
	}
	for i, locale := range append(lang.Codes(), "en") {
		o := odd[i%len(odd)]
		key := fmt.Sprint(i, firstOf(o.name, 250))
		plan := made(w.app.CreatePlan(ctx, w.owner, billing.Terms{
			Name: o.name, Description: o.name, Currency: o.currency, RecurringFee: &o.sum, Rate: &rate, Included: 999_999_999 * billing.Minute, Interval: billing.Month, IntervalCount: 1, AddonPacks: true, PaymentDueDays: 1, GraceDays: 100,
		}))
		pack := made(w.app.CreatePack(ctx, w.owner, billing.Pack{Name: o.name, Description: o.name, Minutes: 99_999_999 * billing.Minute, Price: o.sum, Currency: o.currency}))
		client := made(w.app.CreateClient(ctx, w.owner, app.ClientSpec{Name: o.name, ExternalID: key, Email: strings.Repeat("a", 60) + fmt.Sprint(i) + "@" + strings.Repeat("b", 60) + ".example", Locale: locale}))
		settled(w.app.AssignPlan(ctx, w.owner, client.ID, plan.ID))
		settled(w.app.AssignPacks(ctx, w.owner, client.ID, []billing.ID{pack.ID}))
		made(w.app.Start(ctx, w.owner, client.ID))
		made(w.app.ApplyPack(ctx, w.owner, client.ID, pack.ID, true, long[:100]))
		made(w.app.RequestOneTime(ctx, w.owner, client.ID, billing.OneTimeRequest{Currency: o.currency, Lines: []billing.LineItem{{Description: o.name, Amount: o.sum}}, DueAt: w.now.AddDate(0, 2, 0)}))
		made(w.app.RegisterCampaign(ctx, w.owner, client.ID, billing.Campaign{Name: o.name, ExternalID: key}))
		w.call(client.ID, key, 100*billing.Minute+1)
		if i%2 == 1 {
			settled(w.app.SetHold(ctx, w.owner, client.ID, true, o.name))
		}
		homes[o.kind] = "/console/clients/" + client.ID.String()
		user, link, err := w.app.InviteClientUser(ctx, w.owner, client.ID, locale+fmt.Sprint(i)+"@odd.example", o.name)
		settled(err)
		_, token, _ := strings.Cut(link, "/invite/")
		made(w.app.AcceptInvite(ctx, token, password))
		w.readers[locale] = user.ID
	}
	w.leftovers()
	return homes
}

// firstOf is as much of a text as fits where less does than in a name.
func firstOf(text string, most int) string {
	letters := []rune(text)
	return string(letters[:min(len(letters), most)])
}

// Pages with such names and sums, word for word, from which none became markup; and no longer name is taken.
func TestWordsOfOddPages(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	homes := w.oddities(owner)
	for kind, home := range homes {
		w.golden("odd-client-"+kind, owner.get(home))
	}
	for name, path := range map[string]string{
		"home": "/console", "clients": "/console/clients", "requests": "/console/requests", "catalog": "/console/catalog", "campaigns": "/console/campaigns", "usage": "/console/usage", "payments": "/console/payments",
		"revenue": "/console/reports/revenue", "aging": "/console/reports/aging", "packs": homes["markup"] + "/packs", "timeline": homes["right-to-left"] + "/timeline",
	} {
		w.golden("odd-"+name, owner.get(path).is(200).strictly())
	}
	for i, locale := range lang.Codes() {
		b := w.browser()
		home := b.login(locale + fmt.Sprint(i) + "@odd.example").at("/portal").strictly()
		w.golden("odd-portal-"+locale, home)
		b.paper(home.linkTo("/portal/requests/"), "odd-"+locale)
	}
	owner.get("/console/clients/new").submit("client", url.Values{"name": {strings.Repeat("x", 301)}}).is(422).has("300 characters")
}

func (p *page) strictly() *page {
	p.Helper()
	p.strict()
	return p
}

// wide are the pages with the widest tables and filters.
var wide = map[string]bool{"console": true, "console-clients": true, "console-clients-client": true, "console-requests": true, "console-usage": true, "console-reports-revenue": true, "console-campaigns": true}

// Every page with such names and sums stays within a phone, and a desk, in each language of the portal.
func TestOddPagesFitTheirWindow(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	w.oddities(owner)
	w.now = w.now.AddDate(0, 0, 2) // late, and denied
	owner.login("ada@acme.example")
	desks := w.addresses(console.Routes(), owner.walk("/console"))
	for _, look := range looks[:2] {
		b := w.open(look.width, look.dark)
		b.visit("/login")
		b.enter("ada@acme.example")
		for _, s := range desks {
			if look.width > 360 && !wide[s.name] {
				continue
			}
			b.visit(s.path)
			b.picture("odd-" + s.name + "-" + look.name)
		}
		b.visit("/console")
		b.do(chromedp.Click("#out button"), chromedp.WaitVisible("#login"))
		for i, locale := range lang.Codes() {
			b.enter(locale + fmt.Sprint(i) + "@odd.example")
			b.visit("/portal")
			b.picture("odd-portal-" + locale + "-" + look.name)
			b.do(chromedp.Click("td a.to"), chromedp.WaitVisible(".crumbs"))
			b.picture("odd-portal-request-" + locale + "-" + look.name)
			b.do(chromedp.Click("#out button"), chromedp.WaitVisible("#login"))
		}
	}
}
