package api_test

import "testing"

// The main job, from catalog to money: fee at start, minutes drawn in order, overage at period end, paid by hand.
func TestMainStory(t *testing.T) {
	each(t, func(w *world) {
		c := w.agency("Acme Voice")
		pack := c.pack().text("id")
		client, subscription := c.started("Bright Dental", pack)
		fee := c.want(200, "GET", "/payment-requests?client_id="+client, nil)
		equal(t, "fee", fee.text("data.0.type")+" "+fee.text("data.0.kind")+" "+fee.text("data.0.amount")+" "+fee.text("data.0.due_date"), "SUBSCRIPTION RECURRING 99.00 2027-01-15T00:00:00Z")
		paid := c.want(200, "PATCH", "/payment-requests/"+fee.text("data.0.id")+"/update", fields{"status": "PAID", "external_payment_id": "bank-1"})
		equal(t, "paid", paid.text("message")+" "+paid.text("data.status")+" "+paid.text("data.amount_due"), "Payment status updated successfully. PAID 0.00")
		applied := c.want(201, "POST", "/clients/"+client+"/packs/"+pack+"/apply", fields{"payment_status": "PAID"})
		equal(t, "wallet", applied.text("minutes_addon_balance"), "60.00")
		c.clock("2027-01-10T12:00:00Z")
		c.want(201, "POST", "/usage-events", fields{"source": "test", "event_id": "1", "client_id": client, "ended_at": "2027-01-10T12:00:00Z", "duration_ms": 290 * 60000})
		e := c.want(201, "POST", "/usage-events", fields{"source": "test", "event_id": "2", "client_id": client, "ended_at": "2027-01-10T12:00:00Z", "duration_ms": 100 * 60000, "call_id": "call-1"})
		equal(t, "split", e.text("included_ms")+" "+e.text("wallet_ms")+" "+e.text("billable_ms")+" "+e.text("uncovered_ms"), "600000 3600000 1800000 0")
		equal(t, "receipt", e.text("receipt"), "Call call-1 of 100 min: 10 min included, 60 min from the wallet, 30 min billable at 0.25 USD per minute.")
		usage := c.want(200, "GET", "/usage?client_id="+client, nil)
		equal(t, "billable", usage.text("data.0.minutes_billable_used")+" "+usage.text("data.0.amount_billable"), "30.00 7.50")
		c.clock("2027-02-01T00:00:00Z")
		over := c.want(200, "GET", "/payment-requests?type=OVERAGE&client_id="+client, nil)
		equal(t, "overage", over.text("meta.total")+" "+over.text("data.0.amount")+" "+over.text("data.0.status"), "1 7.50 PENDING")
		equal(t, "period", c.want(200, "GET", "/subscriptions/"+subscription, nil).text("period_index"), "1")
	})
}

func equal(t testing.TB, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s = %q, want %q", what, got, want)
	}
}
