package api_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"minutebook/app"
	"minutebook/store"
)

// A repeat of an archived call is a success whether or not its file can be read here, and says so as it is documented.
func TestARepeatOfAnArchivedCall(t *testing.T) {
	each(t, func(w *world) {
		folder := filepath.Join(w.t.TempDir(), "archive")
		w.app.Archive = store.ArchiveFolder{Path: folder}
		c := w.agency("Acme")
		client, _ := c.started("Bright Dental")
		call := fields{"source": "t", "event_id": "1", "client_id": client, "ended_at": "2027-01-01T00:00:00Z", "duration_ms": 60_000}
		c.want(422, "POST", "/usage-events", fields{"source": "t", "event_id": "1", "client_id": "77", "ended_at": "2027-01-01T00:00:00Z", "duration_ms": 60_000})
		rejected := c.want(200, "GET", "/rejected-events", nil).text("data.0.id")
		first := c.want(201, "POST", "/usage-events", call)
		c.want(200, "POST", "/payment-requests/mark-paid", fields{"payment_request_ids": []string{c.want(200, "GET", "/payment-requests", nil).text("data.0.id")}})
		c.clock("2027-04-01T00:00:00Z")
		moved := int64(0)
		if err := w.app.ArchiveUsage(context.Background(), app.ArchiveSpec{OlderThanMonths: 1}, func(a store.Archive) { moved += a.Sums.Events }); err != nil || moved != 1 {
			w.t.Fatalf("%d events were archived, %v", moved, err)
		}
		again := c.want(200, "POST", "/usage-events", call)
		equal(w.t, "again", again.text("id")+" "+again.text("included_ms")+" "+again.text("duplicate")+" "+again.text("archived"), first.text("id")+" 60000 true true")

		if err := os.RemoveAll(folder); err != nil {
			w.t.Fatal(err)
		}
		for _, folder := range []string{folder, ""} { // it is lost, or was never named to this server
			w.app.Archive = store.ArchiveFolder{Path: folder}
			again = c.want(200, "POST", "/usage-events", call)
			equal(w.t, "without its file", again.text("id")+" "+again.text("client_id")+" "+again.text("ended_at")+" "+again.text("status")+" "+again.text("duplicate")+" "+again.text("archived"),
				first.text("id")+" "+client+" 2027-01-01T00:00:00Z RATED true true")
			if detail := again.text("detail"); !strings.Contains(detail, "--archive-dir") || again.value("included_ms") != nil {
				w.t.Errorf("a repeat without its file is answered %s", again.raw)
			}
			equal(w.t, "in a batch", c.want(200, "POST", "/usage-events/batch", fields{"events": []fields{call}}).text("data.0.result"), "duplicate")
			equal(w.t, "to be read", c.want(409, "GET", "/usage-events/"+first.text("id"), nil).text("code"), "archived")
		}
		replayed := c.want(200, "POST", "/rejected-events/"+rejected+"/replay", call)
		equal(w.t, "replayed", replayed.text("id")+" "+replayed.text("duplicate"), first.text("id")+" true")
		other := fields{"source": "t", "event_id": "1", "client_id": client, "ended_at": "2027-01-01T00:00:00Z", "duration_ms": 1}
		equal(w.t, "with other content", c.want(409, "POST", "/usage-events", other).text("code"), "event_conflict")
	})
}
