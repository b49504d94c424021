package gate

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"minutebook/app"
)

// Alive answers that the process runs.
func Alive(w http.ResponseWriter, _ *http.Request) { plain(w, "ok\n") }

// Ready answers whether the database can be written.
func Ready(a *app.App) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := a.DB.Ready(r.Context()); err != nil {
			Fault(r.Context(), err)
			NewProblem(r.Context(), http.StatusServiceUnavailable, "unavailable", "The database cannot be written.").Write(w)
			return
		}
		plain(w, "ready\n")
	}
}

func plain(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = io.WriteString(w, text) // whoever asked has gone
}

// Metrics are what a Prometheus server reads. No label names an agency or a client.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	known    sync.Map // meters by ask: looking the two up takes as long as counting
}

// ask is a route and a status, and meters what counts them.
type (
	ask struct {
		route  string
		status int
	}
	meters struct {
		requests prometheus.Counter
		took     prometheus.Observer
	}
)

// NewMetrics makes the counters of one process.
func NewMetrics(a *app.App) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "minutebook_http_requests_total", Help: "Requests by route and status."}, []string{"route", "status"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "minutebook_http_request_seconds", Help: "How long requests took, by route.",
			Buckets: []float64{.002, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"route"}),
	}
	backlog := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "minutebook_due_clients", Help: "Clients for whom something has come due and is not yet carried out, at most 1000."}, func() float64 { return backlog(a) })
	m.registry.MustRegister(m.requests, m.took, backlog, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// backlog is -1 when it cannot be counted.
func backlog(a *app.App) float64 {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	n, err := a.Backlog(ctx)
	if err != nil {
		a.Log.Error("counting the backlog", "error", err)
		return -1
	}
	return float64(n)
}

// Handler serves the metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

func (m *Metrics) count(r *http.Request, status int, took time.Duration) {
	if m == nil {
		return
	}
	asked := ask{r.Pattern, status}
	found, known := m.known.Load(asked)
	if !known {
		route := strings.TrimSpace(r.Pattern)
		if route == "" {
			route = "none"
		}
		found, _ = m.known.LoadOrStore(asked, meters{m.requests.WithLabelValues(route, strconv.Itoa(status)), m.took.WithLabelValues(route)})
	}
	found.(meters).requests.Inc()
	found.(meters).took.Observe(took.Seconds())
}
