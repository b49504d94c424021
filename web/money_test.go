package web_test

import (
	"net/url"
	"testing"
)

// What is picked is listed first, with what it does to whom, and then done once.
func TestMarkSeveralPaid(t *testing.T) {
	w := newWorld(t)
	b := w.agency()
	home := w.running(b)
	other := b.get("/console/clients/new").submit("client", url.Values{"name": {"Harbor Realty"}})
	other.submit("assign-plan", nil).submit("start", nil).has("PR-000002")
	w.later(b, 15)
	b.get(home).has("Past due")
	picks := url.Values{"request": {pick(t, b, "PR-000001"), pick(t, b, "PR-000002")}, "do": {"tell"}}
	asked := b.get("/console/requests?age=overdue").has("PR-000001", "PR-000002").submit("paid", picks)
	asked.is(200).has("What will happen", "Bright Dental", "Harbor Realty", "Records a payment of 99.00 USD.", "PR-000002 becomes paid.", "The subscription becomes active.", "Calls are allowed again.", "198.00 USD", "Mark 2 requests paid")
	b.get(home).has("Past due")
	action, values := asked.form("paid")
	values.Set("external_payment_id", "batch-7")
	b.post(action, values).at("/console/requests").has("2 requests are marked paid.")
	b.post(action, values).at("/console/requests").has("2 requests are marked paid.") // a second click
	b.get(home).has("Active", "batch-7")
	b.get("/console/payments").has("2 payments", "batch-7")
	b.get("/console/requests").submit("paid", url.Values{"do": {"tell"}}).is(422).has("Nothing was picked")
	b.get("/console/requests?q=PR-000002").has("Harbor Realty").lacks("PR-000001")
	b.get("/console/requests?q=bright&status=PAID").has("PR-000001").lacks("PR-000002")
	b.get("/console/requests?age=not_due").has("No request fits")
}

// pick is what the box in front of a request sends.
func pick(t *testing.T, b *browser, number string) string {
	t.Helper()
	return idIn(t, b.get("/console/requests").link(number)).String()
}

func TestOnePaymentOverSeveralRequests(t *testing.T) {
	w := newWorld(t)
	b := w.agency()
	home := w.running(b)
	b.get(home).submit("one-time", url.Values{"description": {"Set-up"}, "amount": {"50"}, "due_date": {"2027-02-01"}})
	form := b.get(b.get("/console/payments/new").has("Who paid?", "149.00 USD").linkTo(home)).has("PR-000001", "PR-000002", "50.00 USD open")
	first, second := "part_"+pick(t, b, "PR-000001"), "part_"+pick(t, b, "PR-000002")
	typed := url.Values{"amount": {"100"}, first: {"60"}, second: {"30"}, "do": {"tell"}}
	told := form.submit("split", typed).is(200).has("Nothing is done yet", "Records a payment of 100.00 USD; 10.00 USD of it become client credit.")
	if _, values := told.form("split"); values.Get(first) != "60" {
		t.Errorf("what was typed is lost: %v", values)
	}
	b.get(home).has("149.00 USD")
	typed.Del("do")
	typed.Set(second, "ninety")
	form.submit("split", typed).is(422).has("Is no number")
	typed.Set(second, "30")
	form.submit("split", typed).at(home).has("100.00 USD is recorded.", "59.00 USD")
}

// A canceled request tells what marking it paid would record: all of it, though nothing is open.
func TestACanceledRequestTellsWhatPayingItTakes(t *testing.T) {
	w := newWorld(t)
	b := w.agency()
	w.running(b)
	path := b.get("/console/requests").lacks("Update status").link("PR-000001")
	id := idIn(t, path).String()
	b.get(path).submit("status-"+id, url.Values{"status": {"CANCELED"}})
	canceled := b.get(path).has("Canceled", "Paid: records a payment of 99.00 USD now.", "Any other status asks for it again.")
	canceled.submit("status-"+id, url.Values{"status": {"PAID"}})
	b.get("/console/payments").has("1 payment", "99.00 USD")
}
