package api_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"minutebook/api"
	"minutebook/gate"
	"minutebook/store/storetest"
)

// BenchmarkRequest is what a request costs from the porter to the database and back, without a network: posts of one event
// and of a hundred, from 64 callers at once, and access checks.
func BenchmarkRequest(b *testing.B) {
	for name, measured := range map[string]func(c *quick, n int64){
		"single": func(c *quick, n int64) { c.ask(http.StatusCreated, "POST", "/usage-events", c.event(n)) },
		"batch100": func(c *quick, n int64) {
			var events []string
			for i := range int64(100) {
				events = append(events, c.event(n*100+i))
			}
			c.ask(http.StatusOK, "POST", "/usage-events/batch", `{"events":[`+strings.Join(events, ",")+`]}`)
		},
		"access": func(c *quick, n int64) {
			c.ask(http.StatusOK, "GET", "/clients/"+c.clients[n%int64(len(c.clients))]+"/access", "")
		},
		"key alone": func(c *quick, _ int64) { c.ask(http.StatusUnprocessableEntity, "GET", "/clients/1/access?more=1", "") },
	} {
		b.Run(name, func(b *testing.B) {
			c := newQuick(b)
			var n atomic.Int64
			b.ReportAllocs()
			b.SetParallelism(32)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					measured(c, n.Add(1))
				}
			})
		})
	}
}

// quick is a caller that looks at nothing but the status.
type quick struct {
	*caller
	clients []string
}

func newQuick(b *testing.B) *quick {
	b.Helper()
	w := newWorld(b, storetest.Open(b, "sqlite"))
	w.app.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	w.handler = api.New(w.app, api.Options{Version: "test", Limits: gate.Limits{PerSecond: 1_000_000_000}})
	c := &quick{caller: w.agency("One")}
	plan := c.plan(nil).text("id")
	for i := range 200 {
		client := c.client(fmt.Sprint("Client ", i)).text("id")
		c.want(200, "PUT", "/clients/"+client+"/plan", fields{"plan_id": plan})
		c.want(201, "POST", "/clients/"+client+"/subscription", fields{})
		c.clients = append(c.clients, client)
	}
	return c
}

func (c *quick) event(n int64) string {
	return fmt.Sprintf(`{"source":"bench","event_id":"e-%032d","client_id":"%s","ended_at":"2027-01-01T00:00:00.000Z","duration_ms":%d,`+
		`"call_id":"call_%d","direction":"OUTBOUND","metadata":{"campaign":"spring recall","agent":"front desk"}}`, n, c.clients[n%int64(len(c.clients))], 1000+n%60000, n)
}

func (c *quick) ask(want int, method, path, body string) {
	r := httptest.NewRequest(method, api.Prefix+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+c.key)
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	if w.Code != want {
		c.t.Errorf("%s %s = %d: %s", method, path, w.Code, w.Body)
	}
}
