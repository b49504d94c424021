package web_test

import (
	"net/url"
	"strings"
	"testing"

	"minutebook/billing"
)

// growth is the plan of the stories, as it is typed in.
func growth() url.Values {
	return url.Values{
		"name": {"Growth"}, "recurring_fee": {"99.00"}, "per_minute_rate": {"0.25"}, "included_minutes": {"300"}, "addon_packs_enabled": {"on"},
		"chat_enabled": {"on"}, "chats_per_minute": {"5"}, "interval_count": {"2"}, "payment_due_days": {"14"}, "grace_days": {"7"},
	}
}

// idIn is the id at the end of a path.
func idIn(t *testing.T, path string) billing.ID {
	t.Helper()
	id, err := billing.ParseID(path[strings.LastIndex(path, "/")+1:])
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestMainStory(t *testing.T) {
	w := newWorld(t)
	b := w.agency()
	b.get("/console").has("First steps", "Make a plan", "New plan")

	b.get("/console/catalog/plans/new").submit("plan", growth()).has("Growth is in the catalog", "Recurring · 99.00 USD / 2 months", "Usage · 0.25/min", "Add-on packs · On", "Chat Enabled", "1 min = 5 chats", "2× Monthly", "Version 1")
	b.get("/console/catalog/packs/new").submit("pack", url.Values{"name": {"100 Minutes"}, "minutes": {"100"}, "price": {"20"}}).at("/console/catalog/packs").has("100 Minutes", "20.00 USD")

	client := b.get("/console/clients/new").submit("client", url.Values{"name": {"Bright Dental"}, "email": {"office@bright.example"}}).has("Bright Dental is added", "No plan assigned")
	id, home := idIn(t, client.path), client.path
	client = client.submit("assign-plan", nil).at(home).has("The plan is assigned", "Start subscription")
	client.submit("start", nil).at(home).has("The subscription is started", "Active", "Available: 300 / 300 min", "PR-000001", "99.00 USD", "What happens next", "PR-000001 (99.00 USD) is due. If unpaid: past due")

	packs := b.get(home + "/packs")
	packs = packs.submit("packs", url.Values{packBox(packs): {"on"}}).at(home+"/packs").has("The offered packs are saved", "Issues PR-000002 for 20.00 USD, due 29 Jan 2027.", "Credits 100.00 minutes to the wallet now.", "If paid already: Records a payment of 20.00 USD.")
	packs.submit(actID(packs, "apply-"), url.Values{"payment_status": {"PAID"}, "do": {"tell"}}).is(200).has("Records a payment of 20.00 USD.", "PR-000002 becomes paid.")
	b.get(home).lacks("PR-000002")
	packs.submit(actID(packs, "apply-"), url.Values{"payment_status": {"PENDING"}}).has("100.00 minutes are credited. PR-000002 over 20.00 USD is issued.")
	w.call(id, "call-1", 310*billing.Minute)
	b.get(home).has("Available: 0 / 300 min", "Used up", "90.00")
	b.get(home+"/usage").has("call-1", "300 min included, 10 min wallet")

	client = b.get(home).submit(actID(b.get(home), "status-"), url.Values{"status": {"PAID"}, "external_payment_id": {"txn_1"}}).at(home)
	client.has("is set to paid")
	b.get(home).submit("payment", nil).at(home).has("is recorded", "Paid")
	b.get(home+"/timeline").has("Subscription started on Growth, version 1", "PR-000001 issued: 99.00 USD", "Payment recorded", "Wallet: pack credited, 100.00 minutes", "Call recorded", "ada@acme.example")

	invitation := b.get(home+"/settings").submit("invite", url.Values{"email": {"zoe@bright.example"}}).has("zoe@bright.example is invited")
	link := invitation.text[strings.Index(invitation.text, "/invite/"):]
	link = strings.Fields(link)[0]
	p := w.browser()
	p.get(link).has("Welcome").submit("invite", url.Values{"password": {password}, "again": {password}}).at("/portal").
		has("Your current plan, usage, and available add-ons.", "Growth", "300 of 300 min", "100 Minutes", "PR-000001")
	p.get("/portal/calls").has("Call call-1 of 310 min: 300 min included, 10 min from the wallet.")
}

func packBox(p *page) string {
	_, values := p.form("packs")
	for _, id := range p.ids("packs-pack_") {
		return strings.TrimPrefix(id, "packs-")
	}
	p.Fatalf("no pack to tick in %v", values)
	return ""
}

// actID is the id of the first form whose id begins so.
func actID(p *page, prefix string) string {
	p.Helper()
	for _, id := range p.ids(prefix) {
		if !strings.HasSuffix(id, "-act") && !strings.HasSuffix(id, "-title") {
			return id
		}
	}
	p.Fatalf("%s has no %q:\n%s", p.path, prefix, p.text)
	return ""
}

func (p *page) ids(prefix string) (ids []string) {
	for n := range p.root.Descendants() {
		if id := attr(n, "id"); strings.HasPrefix(id, prefix) {
			ids = append(ids, id)
		}
	}
	return ids
}

func TestLateClient(t *testing.T) {
	w := newWorld(t)
	b := w.agency()
	home := w.running(b)
	w.later(b, 15)
	b.get(home).has("Past due", "Access denied: payment overdue", "Payment of PR-000001 (99.00 USD)")
	w.later(b, 8)
	b.get(home).has("Blocked", "Nothing by itself: the subscription is blocked")
	b.get("/console").has("Blocked: unpaid past its grace period", "Bright Dental")
	b.get(home).submit("cancel", url.Values{"open_requests": {"CANCEL"}, "reason": {"They left"}}).has("The subscription is canceled.", "Canceled on", "They left")
}

// running makes a client with a running subscription and answers its page.
func (w *world) running(b *browser) string {
	w.Helper()
	b.get("/console/catalog/plans/new").submit("plan", growth())
	client := b.get("/console/clients/new").submit("client", url.Values{"name": {"Bright Dental"}})
	home := client.path
	client.submit("assign-plan", nil).submit("start", nil).has("Active")
	return home
}

func TestRefusedForms(t *testing.T) {
	w := newWorld(t)
	b := w.agency()
	bad := growth()
	bad.Set("recurring_fee", "ninety")
	b.get("/console/catalog/plans/new").submit("plan", bad).is(422).has("Is no number: write it like 99.00")
	home := w.running(b)
	again := b.get(home).submit("wallet", url.Values{"minutes": {"-5"}, "reason": {"A slip"}}).is(409).has("cannot go below zero")
	if _, values := again.form("wallet"); values.Get("minutes") != "-5" || values.Get("reason") != "A slip" {
		t.Errorf("what was typed is lost: %v", values)
	}
	b.get(home).submit("override", url.Values{"until": {"2020-01-01"}, "reason": {"x"}}).is(422).has("Must lie in the future")
}

func TestDoubleClick(t *testing.T) {
	w := newWorld(t)
	b := w.agency()
	home := w.running(b)
	shown := b.get(home)
	action, values := shown.form("wallet")
	values.Set("minutes", "10")
	values.Set("reason", "Sorry")
	b.post(action, values).at(home).has("10.00")
	b.post(action, values).at(home).has("The wallet is adjusted by 10.00 minutes.")
	b.get(home).has("10.00").lacks("20.00")
	values.Set("minutes", "11")
	b.post(action, values).is(409).has("sent before")
}
