package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"minutebook/api"
)

const onceKey = "Idempotency-Key"

func TestIdempotencyKey(t *testing.T) {
	each(t, func(w *world) {
		c, other := w.agency("One"), w.agency("Two")
		pack := c.pack().text("id")
		client, _ := c.started("Bright Dental", pack)
		path := "/clients/" + client + "/packs/" + pack + "/apply"
		first := c.want(201, "POST", path, fields{"payment_status": "PAID"}, onceKey, "k 1")
		again := c.want(201, "POST", path, fields{"payment_status": "PAID"}, onceKey, "k 1")
		equal(t, "the answer again", string(again.raw), string(first.raw))
		equal(t, "replayed", again.Header.Get("Idempotent-Replayed")+first.Header.Get("Idempotent-Replayed"), "true")
		equal(t, "wallet", c.want(200, "GET", "/clients/"+client+"/wallet", nil).text("minutes_addon_balance"), "60.00")
		equal(t, "other content", c.want(422, "POST", path, fields{}, onceKey, "k 1").text("code"), "idempotency_key_reused")
		equal(t, "other path", c.want(422, "POST", "/packs", fields{}, onceKey, "k 1").text("code"), "idempotency_key_reused")
		other.want(201, "POST", "/clients", fields{"name": "Theirs"}, onceKey, "k 1")
		for _, bad := range []string{"", strings.Repeat("k", 256), "kü"} {
			equal(t, bad, c.want(422, "POST", "/clients", fields{"name": "x"}, onceKey, bad).text("errors.0.field"), onceKey)
		}
	})
}

func TestIdempotencyKeyKeepsRefusals(t *testing.T) {
	each(t, func(w *world) {
		c := w.agency("One")
		client := c.client("A").text("id")
		start := "/clients/" + client + "/subscription"
		equal(t, "first", c.want(409, "POST", start, fields{}, onceKey, "s").text("code"), "no_plan_assigned")
		c.want(200, "PUT", "/clients/"+client+"/plan", fields{"plan_id": c.plan(nil).text("id")})
		got := c.want(409, "POST", start, fields{}, onceKey, "s")
		equal(t, "again", got.text("code")+" "+got.Header.Get("Idempotent-Replayed"), "no_plan_assigned true")
		c.want(201, "POST", start, fields{}, onceKey, "s2")
		// A refused event is kept in its list all the same.
		event := fields{"source": "t", "event_id": "1", "client_id": "77", "ended_at": "2027-01-01T00:00:00Z", "duration_ms": 1}
		c.want(422, "POST", "/usage-events", event, onceKey, "e")
		c.want(422, "POST", "/usage-events", event, onceKey, "e")
		list := c.want(200, "GET", "/rejected-events", nil)
		equal(t, "rejected", list.text("meta.total")+" "+list.text("data.0.tries"), "1 1")
	})
}

// Many at once under one key: one acts, the others get its answer or hear that it is still running.
func TestIdempotencyKeyUnderAStampede(t *testing.T) {
	each(t, func(w *world) {
		c := w.agency("One")
		codes := make([]int, 12)
		var all sync.WaitGroup
		for i := range codes {
			all.Go(func() {
				r := httptest.NewRequest("POST", api.Prefix+"/clients", strings.NewReader(`{"name":"Once"}`))
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("Authorization", "Bearer "+c.key)
				r.Header.Set(onceKey, "same")
				rec := httptest.NewRecorder()
				c.handler.ServeHTTP(rec, r)
				codes[i] = rec.Code
			})
		}
		all.Wait()
		for _, code := range codes {
			if code != http.StatusCreated && code != http.StatusConflict {
				t.Errorf("a stampede answered %d", code)
			}
		}
		equal(t, "clients", c.want(200, "GET", "/clients", nil).text("meta.total"), "1")
	})
}
