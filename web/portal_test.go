package web_test

import (
	"net/url"
	"strings"
	"testing"
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
		lacks("Outstanding balance", "Calls")
	w.later(owner, 7)
	zoe.login("zoe@bright.example").has("Subscription suspended", "Please contact Acme Voice", "Blocked").lacks("Usage This Period")
}
