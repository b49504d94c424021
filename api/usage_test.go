package api_test

import (
	"fmt"
	"strings"
	"testing"
)

func usageEvent(client, id string, over fields) fields {
	e := fields{"source": "t", "event_id": id, "client_id": client, "ended_at": "2027-01-01T00:00:00Z", "duration_ms": 60000}
	for name, v := range over {
		e[name] = v
	}
	return e
}

func TestOneUsageEvent(t *testing.T) {
	each(t, func(w *world) {
		c := w.agency("One")
		client, _ := c.started("Bright Dental")
		first := c.want(201, "POST", "/usage-events", usageEvent(client, "1", fields{"metadata": fields{"a": 1}, "tags": []string{"x"}, "cost": fields{"amount": "0.0512", "currency": "USD"}}))
		equal(t, "cost", first.text("cost.amount")+first.text("metadata.a")+first.text("tags.0"), "0.05121x")
		again := c.want(200, "POST", "/usage-events", usageEvent(client, "1", fields{"metadata": fields{"a": 1}, "tags": []string{"x"}, "cost": fields{"amount": "0.0512", "currency": "USD"}}))
		equal(t, "again", again.text("id")+again.text("duplicate"), first.text("id")+"true")
		conflict := c.want(409, "POST", "/usage-events", usageEvent(client, "1", fields{"duration_ms": 5}))
		equal(t, "both", conflict.text("code")+conflict.text("stored.duration_ms")+conflict.text("sent.duration_ms"), "event_conflict600005")
		equal(t, "unknown", c.want(422, "POST", "/usage-events", usageEvent("42", "2", nil)).text("code"), "unknown_client")
		equal(t, "derived", c.want(201, "POST", "/usage-events", usageEvent(client, "3", fields{"duration_ms": nil, "started_at": "2026-12-31T23:59:30Z"})).text("raw_ms"), "30000")
		equal(t, "no extent", c.want(422, "POST", "/usage-events", usageEvent(client, "4", fields{"duration_ms": nil})).text("errors.0.field"), "duration_ms")
		for field, value := range map[string]any{"metadata": fields{"a": strings.Repeat("x", 17000)}, "tags": make([]string, 21), "cost": fields{"amount": 1.5, "currency": "USD"}, "surprise": 1} {
			got := c.want(422, "POST", "/usage-events", usageEvent(client, "5", fields{field: value}))
			if !strings.HasPrefix(got.text("errors.0.field"), field) {
				t.Errorf("%s: %s", field, got.raw)
			}
		}
		voided := c.want(200, "POST", "/usage-events/"+first.text("id")+"/void", fields{"reason": "a test call"})
		equal(t, "voided", voided.text("status")+" "+voided.text("receipt"), "VOIDED Call 1 of 1 min: 1 min included. It was voided and its minutes were given back: a test call")
		equal(t, "list", c.want(200, "GET", "/usage-events?status=VOIDED&client_id="+client, nil).text("meta.total"), "1")
	})
}

func TestBatchAnswersEachByItself(t *testing.T) {
	each(t, func(w *world) {
		c := w.agency("One")
		client, _ := c.started("Bright Dental")
		batch := []any{usageEvent(client, "1", nil), usageEvent("999", "2", nil), usageEvent(client, "3", fields{"duration_ms": -5}), "nonsense", nil, 7, usageEvent(client, "1", nil), usageEvent(client, "1", fields{"duration_ms": 1})}
		got := c.want(200, "POST", "/usage-events/batch", fields{"events": batch})
		var results []string
		for i := range batch {
			results = append(results, got.text(fmt.Sprintf("data.%d.result", i)))
		}
		equal(t, "results", strings.Join(results, " "), "accepted rejected rejected rejected rejected rejected duplicate conflict")
		equal(t, "meta", got.text("meta.accepted")+got.text("meta.duplicates")+got.text("meta.conflicts")+got.text("meta.rejected"), "1115")
		lines := `{"source":"t","event_id":"n1","client_id":"` + client + `","ended_at":"2027-01-01T00:00:00Z","duration_ms":1}` + "\n\n{broken\n" + `{"source":"t","source":"t"}` + "\n"
		got = c.want(200, "POST", "/usage-events/batch", lines, "Content-Type", "application/x-ndjson")
		equal(t, "lines", got.text("data.0.result")+" "+got.text("data.1.result")+" "+got.text("data.2.result"), "accepted rejected rejected")
		c.want(422, "POST", "/usage-events/batch", fields{"events": "x"})
		c.want(422, "POST", "/usage-events/batch", fields{"events": []any{}, "more": 1})
		c.want(422, "POST", "/usage-events/batch", `[]`)
		c.want(422, "POST", "/usage-events/batch", nil)
		c.want(413, "POST", "/usage-events/batch", `{"events":[`+strings.Repeat("1,", 10000)+`1]}`)
		c.want(413, "POST", "/usage-events/batch", `{"events":["`+strings.Repeat("x", 8<<20)+`"]}`)
	})
}

func TestRejectedEventIsCorrectedAndReplayed(t *testing.T) {
	each(t, func(w *world) {
		c := w.agency("One")
		client, _ := c.started("Bright Dental")
		c.want(422, "POST", "/usage-events", usageEvent("999", "1", nil))
		id := c.want(200, "GET", "/rejected-events", nil).text("data.0.id")
		c.want(422, "POST", "/rejected-events/"+id+"/replay", usageEvent("998", "1", nil))
		equal(t, "tries", c.want(200, "GET", "/rejected-events", nil).text("data.0.tries"), "2")
		equal(t, "replayed", c.want(200, "POST", "/rejected-events/"+id+"/replay", usageEvent(client, "1", nil)).text("status"), "RATED")
		equal(t, "left", c.want(200, "GET", "/rejected-events", nil).text("meta.total"), "0")
		c.want(404, "POST", "/rejected-events/"+id+"/replay", usageEvent(client, "1", nil))
	})
}

// JSON allows numbers that ordinary readers refuse; a refused line that holds one must not make the list unreadable.
func TestRejectedEventWithANumberNobodyReads(t *testing.T) {
	each(t, func(w *world) {
		c := w.agency("One")
		client, _ := c.started("Bright Dental")
		line := `{"source":"t","event_id":"1","client_id":"` + client + `","duration_ms":1e400,"metadata":{"a":[-1E+999,1.50,0],"b":"\\\"9e999"}}`
		equal(t, "result", c.want(200, "POST", "/usage-events/batch", line, "Content-Type", "application/x-ndjson").text("data.0.result"), "rejected")
		list := c.want(200, "GET", "/rejected-events", nil)
		for _, part := range []string{`"duration_ms":"1e400"`, `"a":["-1E+999",1.50,0]`, `"b":"\\\"9e999"`} {
			if !strings.Contains(string(list.raw), part) {
				t.Errorf("the list lacks %s: %s", part, list.raw)
			}
		}
		equal(t, "replayed", c.want(200, "POST", "/rejected-events/"+list.text("data.0.id")+"/replay", usageEvent(client, "1", nil)).text("status"), "RATED")
	})
}

func TestPatchTellsNullFromAbsent(t *testing.T) {
	each(t, func(w *world) {
		c := w.agency("One")
		plan := c.plan(fields{"overage_cap_minutes": "10"}).text("id")
		got := c.want(200, "PATCH", "/plans/"+plan, fields{"overage_cap_minutes": nil, "included_minutes": "5"})
		equal(t, "cap", got.text("overage_cap_minutes")+" "+got.text("recurring_fee")+" "+got.text("version"), "null 99.00 2")
		got = c.want(200, "PATCH", "/plans/"+plan, fields{"included_minutes": "0", "recurring_fee": nil})
		equal(t, "fee", got.text("recurring_fee")+" "+got.text("per_minute_rate"), "null 0.25")
		c.want(422, "PATCH", "/plans/"+plan, fields{"per_minute_rate": nil})
		equal(t, "null name", c.want(422, "PATCH", "/plans/"+plan, fields{"name": nil}).text("errors.0.field"), "name")
		equal(t, "nothing", c.want(200, "PATCH", "/plans/"+plan, fields{}).text("version"), "3")
	})
}
