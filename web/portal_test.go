package web_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/lang"
	"minutebook/web/portal"
)

func TestPortalStartsIfTheAgencyAllowsIt(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	owner.get("/console/catalog/plans/new").submit("plan", growth())
	client := owner.get("/console/clients/new").submit("client", url.Values{"name": {"Bright Dental"}})
	home := client.path
	zoe := w.invited(owner, home, "zoe@bright.example")
	zoe.get("/portal").has("No plan yet")
	owner.get(home).submit("assign-plan", nil)
	zoe.get("/portal").has("Growth", "It starts when Acme Voice starts it.").lacks("Start my subscription")
	zoe.post("/portal/start", url.Values{"once": {"key"}}).is(403)
	owner.get("/console/settings/portal").submit("portal", url.Values{"portal_start": {"on"}}).has("Saved.")
	zoe.get("/portal").submit("start", nil).at("/portal").has("Your subscription is started.", "Outstanding balance", "99.00 USD unpaid: PR-000001, due 29 Jan 2027.")
}

// invited lets a person of the client in.
func (w *world) invited(owner *browser, home, email string) *browser {
	w.Helper()
	shown := owner.get(home+"/settings").submit("invite", url.Values{"email": {email}})
	b := w.browser()
	b.get(strings.Fields(shown.text[strings.Index(shown.text, "/invite/"):])[0]).submit("invite", url.Values{"password": {password}, "again": {password}}).at("/portal")
	return b
}

func TestPortalCloses(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	home := w.running(owner)
	zoe := w.invited(owner, home, "zoe@bright.example")
	owner.get("/console/settings/payment").submit("payment", url.Values{"payment_instructions.text": {"By transfer, please."}, "payment_instructions.iban": {"DE02120300000000202051"}}).has("Saved.")
	zoe.get("/portal").has("Usage This Period", "Available Add-On Packs", "By transfer, please.")
	w.later(owner, 14)
	zoe.login("zoe@bright.example").has("Payment overdue - access restricted", "Payment is overdue: PR-000001 (99.00 USD). Calls and campaigns are paused since 29 Jan 2027.", "Lifted by: Payment of PR-000001 (99.00 USD).", "DE02 1203 0000 0000 2020 51", "Past due", "Usage This Period").
		lacks("Outstanding balance")
	w.later(owner, 7)
	zoe.login("zoe@bright.example").has("Subscription suspended", "Please contact Acme Voice", "Blocked", "Usage This Period")
}

// reader is a client's person reading in a language, of an agency that takes euros by transfer and lets packs be taken.
func (w *world) reader(owner *browser, locale, currency string) *browser {
	w.Helper()
	yes := true
	instructions := app.Instructions{Text: "Thank you for paying within the time given.", AccountName: "Acme Voice GmbH", IBAN: "DE02120300000000202051", BIC: "BYLADEM1001", UPI: "acme@okbank", Link: "https://pay.acme.example/?ref={reference}&sum={amount}"}
	if _, err := w.app.UpdateSettings(context.Background(), w.owner, app.SettingsPatch{PortalRequestPacks: &yes, PortalStart: &yes, Instructions: &instructions}); err != nil {
		w.Fatal(err)
	}
	plan := growth()
	plan.Set("name", "Growth "+locale)
	plan.Set("currency", currency)
	plan.Set("interval_count", "1")
	if currency == "JPY" {
		plan.Set("recurring_fee", "9900")
	}
	plan.Set("description", "For a growing practice")
	owner.get("/console/catalog/plans/new").submit("plan", plan)
	owner.get("/console/catalog/packs/new").submit("pack", url.Values{"name": {"Pack " + locale}, "minutes": {"1000"}, "price": {"1200"}, "currency": {currency}})
	client := owner.get("/console/clients/new").submit("client", url.Values{"name": {"Bright Dental " + locale}, "locale": {locale}, "timezone": {"Asia/Kolkata"}})
	home := client.path
	form := owner.get(home)
	_, values := form.form("assign-plan")
	for n := range form.root.Descendants() {
		if n.Data == "option" && text(n) == "Growth "+locale {
			values.Set("plan_id", attr(n, "value"))
		}
	}
	owner.get(home).submit("assign-plan", values).submit("start", nil)
	packs := owner.get(home + "/packs")
	packs.submit("packs", url.Values{packBox(packs): {"on"}})
	w.readers[locale] = idIn(w.T, home)
	return w.invited(owner, home, "zoe."+strings.ToLower(locale)+"@bright.example")
}

// talk lets a week of calls pass for the clients who read in these languages.
func (w *world) talk(locales ...string) {
	for i, minutes := range []billing.Millis{12, 40, 7, 55, 33, 61, 44} {
		w.now = w.now.AddDate(0, 0, 1)
		for _, locale := range locales {
			w.call(w.readers[locale], fmt.Sprintf("%s-%d", locale, i), minutes*billing.Minute+1234)
		}
	}
}

// In past due and blocked every page of the portal is closed but those that say what is to be paid.
func TestPortalClosesEveryOtherRoute(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	zoe := w.reader(owner, "de", "EUR")
	open := map[string]bool{"/portal": true, "/portal/requests/{request}": true, "/portal/requests/{request}/pdf": true}
	pack := strings.TrimPrefix(actID(zoe.get("/portal"), "pack-"), "pack-")
	request := zoe.get("/portal").linkTo("/portal/requests/")
	for _, days := range []int{14, 7} { // past due, then blocked
		w.later(owner, days)
		zoe.login("zoe.de@bright.example").at("/portal")
		for _, r := range portal.Routes() {
			path := strings.NewReplacer("/portal/requests/{request}", request, "{pack}", pack).Replace(r.Path)
			answer := zoe.send(r, path)
			if want := map[bool]int{true: http.StatusOK, false: http.StatusForbidden}[open[r.Path]]; answer.StatusCode != want {
				t.Errorf("%s answered %d, want %d", r.Pattern(), answer.StatusCode, want)
			}
		}
		zoe.get("/portal").lacks("Anfordern", "Anrufe Zoe").has("Mit Ihrer Banking-App scannen", "1.000 Minuten")
		zoe.get("/portal/calls").is(http.StatusForbidden).has("Nicht erlaubt", "solange eine Zahlung überfällig ist")
	}
}

// send visits a route; a form of it goes with a key.
func (b *browser) send(r desk.Route, path string) *http.Response {
	b.Helper()
	method, body := http.MethodGet, url.Values{}
	if r.Do != nil {
		method, body = http.MethodPost, url.Values{"once": {rand.Text()}}
	}
	request, err := http.NewRequest(method, b.url(path).String(), strings.NewReader(body.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := b.client.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	answer.Body.Close()
	return answer
}

// A client takes a pack: the dialog says what it does, and that is what happens.
func TestPortalTakesAPack(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	zoe := w.reader(owner, "de", "EUR")
	seen := zoe.get("/portal").has("Ihrem Zusatzguthaben werden sofort 1.000 Minuten gutgeschrieben.", "Es wird eine Zahlungsanforderung über 1.200,00 € ausgestellt, fällig am 29. Jan. 2027.")
	act := actID(seen, "pack-")
	action, values := seen.form(act)
	zoe.post(action, values).at("/portal").has("1.000 Minuten wurden gutgeschrieben. PR-000002 über 1.200,00 € ist ausgestellt, fällig am 29. Jan. 2027.", "1.000,00 min")
	zoe.post(action, values).at("/portal") // sent twice, it acts once
	zoe.get("/portal").lacks("PR-000003", "2.000,00 min")
	no := false
	if _, err := w.app.UpdateSettings(context.Background(), w.owner, app.SettingsPatch{PortalRequestPacks: &no}); err != nil {
		t.Fatal(err)
	}
	values.Set("once", rand.Text())
	zoe.post(action, values).is(http.StatusForbidden).has("Ihre Agentur verkauft Zusatzpakete selbst.")
	zoe.get("/portal").lacks("Anfordern").has("Zum Kauf wenden Sie sich an Acme Voice")
}

// Who owes for one pack takes no other: a pack never makes the subscription past due, so the rule has to.
func TestPortalSellsNothingOnTopOfADebt(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	zoe := w.reader(owner, "es", "EUR")
	seen := zoe.get("/portal")
	zoe.get("/portal").submit(actID(seen, "pack-"), nil).has("Se añadieron 1000 minutos")
	first := idIn(t, seen.linkTo("/portal/requests/"))
	if err := w.app.UpdateRequest(context.Background(), w.owner, first, billing.RequestUpdate{Status: billing.Paid}); err != nil {
		t.Fatal(err)
	}
	w.later(owner, 15)
	late := zoe.login("zoe.es@bright.example").has("vencido desde el", "Activa")
	late.submit(actID(late, "pack-"), nil).is(http.StatusConflict).has("Hay un pago atrasado. Páguelo antes de solicitar más minutos.")
	zoe.get("/portal").lacks("2000,00", "PR-000003")
}

// What is the agency's alone never reaches its client: other clients, costs, notes, keys, ids of payments.
func TestPortalTellsNothingOfTheAgencys(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	zoe := w.reader(owner, "en", "USD")
	other := w.reader(owner, "fr", "EUR")
	client, ctx := w.readers["en"], context.Background()
	if _, err := w.app.RecordUsage(ctx, w.owner, []app.UsageReport{{ClientID: client, Raw: []byte("{}"), UsageEvent: billing.UsageEvent{
		Source: "secretsource", EventID: "secretevent", CallID: "call-1", Kind: billing.Call, EndedAt: w.now, Talk: 3 * billing.Minute, Direction: "OUTBOUND",
		CostMicros: 7_654_321, CostCurrency: "USD", AssistantID: "secretassistant", PhoneNumber: "+4915112345678", Metadata: `{"secret":"metadata"}`, Tags: []string{"secrettag"},
	}}}); err != nil {
		t.Fatal(err)
	}
	link := zoe.get("/portal").linkTo("/portal/requests/")
	notes, external := "secret notes", "secret_txn"
	if err := w.app.UpdateRequest(ctx, w.owner, idIn(t, link), billing.RequestUpdate{Notes: &notes, Status: billing.Paid, ExternalPaymentID: &external}); err != nil {
		t.Fatal(err)
	}
	secrets := []string{"secret", "7.65", "7654321", "+49151", "Bright Dental fr", "Growth fr", "ada@acme.example", "mb_", "metadata"}
	for path := range zoe.walk("/portal").pages {
		page := zoe.get(path)
		page.lacks(secrets...)
		for _, secret := range secrets {
			if secret != "secret" && strings.Contains(string(page.body), secret) || strings.Contains(string(page.body), "secret") {
				t.Errorf("%s holds %q", path, secret)
			}
		}
	}
	theirs := other.get("/portal").linkTo("/portal/requests/")
	for _, path := range []string{theirs, theirs + "/pdf", "/portal/requests/1", "/portal/requests/x"} {
		zoe.get(path).is(http.StatusNotFound).lacks("Growth", "99.00")
	}
}

// Every page of the portal in every language: what it says word for word, no English in another language, the language
// named, small enough for a phone.
func TestPortalInEveryLanguage(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	currencies := map[string]string{"en": "USD", "de": "EUR", "fr": "KWD", "es": "EUR", "pt": "JPY", "hi": "INR"}
	readers := map[string]*browser{}
	for _, locale := range lang.Codes() {
		readers[locale] = w.reader(owner, locale, currencies[locale])
	}
	w.talk(lang.Codes()...)
	for _, state := range []string{"", "-late"} {
		if state != "" {
			w.now = w.now.AddDate(0, 0, 9)
		}
		for _, locale := range lang.Codes() {
			b := readers[locale]
			home := b.login("zoe." + locale + "@bright.example")
			w.golden("portal-"+locale+state, home)
			pages := []*page{home, b.get(home.linkTo("/portal/requests/")), b.get("/portal/calls"), b.get("/portal/requests/1")}
			for _, p := range pages {
				p.inLanguage(locale)
			}
		}
	}
}

// english are words of the portal that no other of its languages has.
var english = regexp.MustCompile(`\b(the|and|your|Your|usage|Usage|minutes|Minutes|payment|Payment|Billing|Calls|calls|due|Due|paid|Paid|Log out|page|Skip|Amount|Number|How|There|Nothing|Current)\b`)

func (p *page) inLanguage(locale string) {
	p.Helper()
	tag := find(p.root, func(n *html.Node) bool { return n.Data == "html" })
	if attr(tag, "lang") != locale || attr(tag, "dir") != "ltr" {
		p.Errorf("%s says it is in %q, %q; want %s", p.path, attr(tag, "lang"), attr(tag, "dir"), locale)
	}
	if len(p.body) > 100_000 {
		p.Errorf("%s has %d bytes", p.path, len(p.body))
	}
	own := strings.NewReplacer("Thank you for paying within the time given.", "", "For a growing practice", "") // the agency's own words
	text := own.Replace(p.text)
	if locale == "fr" {
		text = strings.NewReplacer("minutes", "", "Minutes", "", "page", "", " due ", " ").Replace(text) // French ones
	}
	if found := english.FindString(text); found != "" && locale != "en" {
		p.Errorf("%s in %s says %q:\n%s", p.path, locale, found, p.text)
	}
}

// The door speaks the browser's language, and an invitation the client's.
func TestDoorSpeaksTheVisitorsLanguage(t *testing.T) {
	w := newWorld(t)
	w.agency()
	b := w.browser()
	b.client.Transport = spoken{"pt-BR,pt;q=0.9,en;q=0.1"}
	b.get("/login").has("Endereço de e-mail").inLanguage("pt")
	b.get("/login").submit("login", url.Values{"email": {"nobody@acme.example"}, "password": {"wrong password"}}).is(http.StatusUnauthorized).has("O endereço de e-mail ou a senha está incorreto.").inLanguage("pt")
	b.get("/nowhere").is(http.StatusNotFound).has("Esta página não existe.").inLanguage("pt")
	b.get("/invite/none").is(http.StatusNotFound).has("Convite inválido").inLanguage("pt")
	client, err := w.app.CreateClient(context.Background(), w.owner, app.ClientSpec{Name: "Praxis", Locale: "hi"})
	if err != nil {
		t.Fatal(err)
	}
	_, link, err := w.app.InviteClientUser(context.Background(), w.owner, client.ID, "zoe@praxis.example", "")
	if err != nil {
		t.Fatal(err)
	}
	invited := b.get(strings.TrimPrefix(link, w.app.PublicURL))
	invited.has("स्वागत है").inLanguage("hi")
	invited.submit("invite", url.Values{"password": {"short"}, "again": {"short"}}).is(422).has("कम से कम 12 वर्ण होने चाहिए").inLanguage("hi")
}

// spoken sends a browser's languages along.
type spoken struct{ languages string }

func (s spoken) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("Accept-Language", s.languages)
	return http.DefaultTransport.RoundTrip(r)
}
