package web_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"minutebook/app"
	"minutebook/billing"
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
	owner.get("/console/settings/rules").submit("rules", url.Values{"portal_start": {"on"}}).has("Saved.")
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
	client = owner.get(home).submit("assign-plan", values).submit("start", nil)
	client.submit("packs", url.Values{packBox(client): {"on"}})
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
