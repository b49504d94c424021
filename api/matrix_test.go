package api_test

import (
	"strings"
	"testing"

	"minutebook/api"
	"minutebook/gate"
)

// house is an agency with one of everything.
type house struct {
	*caller
	ids    map[string]string // by the route's beginning
	bodies map[string]any    // a good body for each writing route
}

func (c *caller) house() *house {
	c.t.Helper()
	pack := c.pack().text("id")
	client, subscription := c.started("Bright Dental", pack)
	plan := c.want(200, "GET", "/plans", nil).text("data.0.id")
	request := c.want(200, "GET", "/payment-requests", nil).text("data.0.id")
	payment := c.want(201, "POST", "/payments", fields{"client_id": client, "currency": "USD", "amount": "1.00"}).text("id")
	event := c.want(201, "POST", "/usage-events", fields{"source": "t", "event_id": "1", "client_id": client, "ended_at": "2027-01-01T00:00:00Z", "duration_ms": 1}).text("id")
	c.want(422, "POST", "/usage-events", fields{"source": "t", "event_id": "2", "client_id": "999", "ended_at": "2027-01-01T00:00:00Z", "duration_ms": 1})
	rejected := c.want(200, "GET", "/rejected-events", nil).text("data.0.id")
	campaign := c.want(201, "POST", "/campaigns", fields{"client_id": client, "name": "Recall"}).text("id")
	connection := c.want(201, "POST", "/connections", fields{"provider": "vapi", "name": "Main", "secret": "whsec"}).text("id")
	user := c.want(201, "POST", "/clients/"+client+"/users", fields{"email": "pat@example.com"}).text("id")
	host := c.want(201, "POST", "/settings/portal-hosts", fields{"host": "portal." + strings.ToLower(c.id) + ".example"}).text("host")
	h := &house{caller: c, ids: map[string]string{
		"/plans": plan, "/packs": pack, "/clients": client, "/subscriptions": subscription, "/payment-requests": request, "/payments": payment,
		"/usage-events": event, "/rejected-events": rejected, "/unassigned-events": "1", "/campaigns": campaign, "/connections": connection,
		"{pack_id}": pack, "{user_id}": user, "{host}": host,
	}}
	h.bodies = map[string]any{
		"POST /plans": fields{
			"name": "Other", "currency": "USD", "recurring_fee": "1.00", "description": "d", "included_minutes": "10", "per_minute_rate": "0.1",
			"interval": "MONTH", "interval_count": 1, "addon_packs_enabled": true, "chat_enabled": true, "chats_per_minute": "5", "payment_due_days": 7, "grace_days": 7,
			"rounding": fields{"increment_seconds": 1}, "overage_cap_minutes": "100",
		},
		"POST /plans/example":                      fields{"name": "Other", "currency": "USD", "recurring_fee": "1.00", "minutes": "420"},
		"POST /clients/import":                     fields{"clients": []fields{{"name": "Other", "plan": "Growth"}}, "dry_run": true},
		"PATCH /plans/{id}":                        fields{"name": "Other"},
		"POST /packs":                              fields{"name": "Other", "minutes": "1", "price": "1", "currency": "USD", "description": "d"},
		"PATCH /packs/{id}":                        fields{"name": "Other"},
		"POST /clients":                            fields{"name": "Other", "email": "a@example.com", "external_id": "x-1", "timezone": "UTC", "locale": "de-DE", "denial_policy": "PAUSE_ALL"},
		"PATCH /clients/{id}":                      fields{"name": "Other"},
		"PUT /clients/{id}/plan":                   fields{"plan_id": plan},
		"PUT /clients/{id}/packs":                  fields{"pack_ids": []string{pack}},
		"POST /clients/{id}/packs/{pack_id}/apply": fields{"payment_status": "PENDING", "external_payment_id": "x"},
		"POST /clients/{id}/hold":                  fields{"on": true, "reason": "why"},
		"POST /clients/{id}/override":              fields{"until": "2027-06-01T00:00:00Z", "reason": "why"},
		"POST /clients/{id}/users":                 fields{"email": "sam@example.com", "name": "Sam"},
		"POST /clients/{id}/wallet/adjust":         fields{"minutes": "1.00", "reason": "why"},
		"POST /subscriptions/{id}/cancel":          fields{"at_period_end": true, "open_requests": "KEEP", "bill_usage": true, "reason": "why"},
		"POST /subscriptions/{id}/change-plan":     fields{"plan_id": plan, "at_period_end": true, "prorate": true, "open_requests": "KEEP", "bill_usage": true},
		"POST /payment-requests":                   fields{"client_id": client, "currency": "USD", "line_items": []fields{{"description": "Set-up", "amount": "5.00"}}, "due_date": "2027-02-01T00:00:00Z", "notes": "n"},
		"PATCH /payment-requests/{id}/update":      fields{"status": "PENDING", "external_payment_id": "x", "notes": "n", "clawback": false},
		"POST /payment-requests/mark-paid":         fields{"payment_request_ids": []string{request}, "external_payment_id": "x"},
		"POST /payments":                           fields{"client_id": client, "currency": "USD", "amount": "1.00", "method": "bank", "reference": "r", "received_at": "2027-01-01T00:00:00Z", "allocations": []fields{{"payment_request_id": request, "amount": "0.01"}}},
		"POST /usage-events": fields{
			"source": "t", "event_id": "9", "client_id": client, "kind": "CALL", "started_at": "2027-01-01T00:00:00Z", "ended_at": "2027-01-01T00:00:00Z", "duration_ms": 1,
			"call_id": "c", "campaign_id": "c", "assistant_id": "a", "phone_number": "+49", "direction": "WEB", "cost": fields{"amount": "0.1", "currency": "USD"}, "metadata": fields{"a": 1}, "tags": []string{"t"},
		},
		"POST /usage-events/batch":            fields{"events": []fields{}},
		"POST /usage-events/{id}/void":        fields{"reason": "why"},
		"POST /access/check":                  fields{"client_id": client, "source": "vapi", "direction": "WEB"},
		"POST /campaigns":                     fields{"client_id": client, "name": "Other", "external_id": "x", "direction": "OUTBOUND"},
		"PATCH /campaigns/{id}":               fields{"name": "Other"},
		"POST /campaigns/{id}/pause":          fields{"reason": "why"},
		"PATCH /settings":                     fields{"name": "Other", "recovery": "NONE_OVERDUE", "payment_instructions": fields{"text": "pay"}},
		"PATCH /settings/brand":               fields{"accent": "#1f5f5b", "display_name": "Other", "show_powered_by": false},
		"PUT /settings/brand/logo":            fields{"content": "PHN2Zy8+"},
		"POST /settings/portal-hosts":         fields{"host": "portal.other.example"},
		"POST /connections":                   fields{"provider": "vapi", "name": "Other", "secret": "s", "client_tag": "tag", "enabled": true},
		"PATCH /connections/{id}":             fields{"name": "Other"},
		"PUT /connections/{id}/mappings":      fields{"mappings": []fields{{"match": "NUMBER", "value": "+49", "client_id": client}}},
		"POST /unassigned-events/{id}/assign": fields{"client_id": client, "map": false},
		"POST /rejected-events/{id}/replay":   fields{"source": "t", "event_id": "2", "client_id": client, "ended_at": "2027-01-01T00:00:00Z", "duration_ms": 1},
		"POST /test-clock":                    fields{"now": "2027-01-02T00:00:00Z"},
	}
	return h
}

// path fills a route's path with the ids of the house.
func (h *house) path(route api.Route) string {
	path := strings.TrimPrefix(route.Path, api.Prefix)
	begin, _, _ := strings.Cut(path[1:], "/")
	path = strings.Replace(path, "{id}", h.ids["/"+begin], 1)
	for _, name := range []string{"{pack_id}", "{user_id}", "{host}"} {
		path = strings.Replace(path, name, h.ids[name], 1)
	}
	return path
}

func (h *house) body(route api.Route) any {
	body, has := h.bodies[route.Method+" "+strings.TrimPrefix(route.Path, api.Prefix)]
	switch {
	case has:
		return body
	case route.Method == "GET":
		return nil
	}
	return fields{}
}

// A foreign id in a query, a body or a cursor finds nothing either.
func TestForeignIdsFindNothing(t *testing.T) {
	each(t, func(w *world) {
		h, other := w.agency("One").house(), w.agency("Two")
		client, request := h.ids["/clients"], h.ids["/payment-requests"]
		for _, list := range []string{"/subscriptions", "/payment-requests", "/payments", "/usage", "/usage-events", "/campaigns", "/audit"} {
			equal(t, list, other.want(200, "GET", list+"?client_id="+client, nil).text("meta.total"), "0")
		}
		other.want(404, "POST", "/campaigns", fields{"client_id": client, "name": "x"})
		other.want(404, "POST", "/payments", fields{"client_id": client, "currency": "USD", "amount": "1"})
		mine := other.client("Own").text("id")
		other.want(422, "POST", "/payments", fields{"client_id": mine, "currency": "USD", "amount": "1", "allocations": []fields{{"payment_request_id": request, "amount": "1"}}})
		other.want(404, "PUT", "/clients/"+mine+"/plan", fields{"plan_id": h.ids["/plans"]})
		h.client("A")
		cursor := h.want(200, "GET", "/clients?page_size=1", nil).text("meta.next_cursor")
		h.want(200, "GET", "/clients?cursor="+cursor, nil)
		other.want(422, "GET", "/clients?cursor="+cursor, nil)
	})
}

func TestKeysAreRefusedInTheAddress(t *testing.T) {
	each(t, func(w *world) {
		c := w.agency("One")
		equal(t, "code", c.want(401, "GET", "/plans?api_key="+c.key, nil).text("code"), "key_in_query")
		if strings.Contains(w.log.String(), c.key) {
			t.Error("the log holds the key")
		}
	})
}

func TestRateLimit(t *testing.T) {
	each(t, func(w *world) {
		c := w.agency("One")
		w.handler = api.New(w.app, api.Options{Limits: gate.Limits{PerSecond: 1, Burst: 2}})
		c.want(200, "GET", "/plans", nil)
		c.want(200, "GET", "/plans", nil)
		got := c.want(429, "GET", "/plans", nil)
		equal(t, "code", got.text("code"), "rate_limited")
		if got.Header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	})
}
