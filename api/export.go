package api

import (
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"minutebook/app"
	"minutebook/gate"
)

// file writes what is downloaded.
type file func(ctx context.Context, w io.Writer) error

// download registers a route that answers with a CSV file, named as its path ends.
func download[I any](s *server, path string, w words, write func(who app.Actor, in *I) (file, error)) {
	op := operation(http.MethodGet, path, w)
	text := &huma.Schema{Type: huma.TypeString, Description: "RFC 4180, UTF-8, the names of the fields in the first line"}
	op.Responses = map[string]*huma.Response{"200": {Description: "The table", Content: map[string]*huma.MediaType{"text/csv": {Schema: text}}}}
	huma.Register(s.huma, op, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		write, err := write(gate.Actor(ctx), in)
		if err != nil {
			return nil, gate.Explain(ctx, err)
		}
		return &huma.StreamResponse{Body: func(c huma.Context) {
			r, answer := humago.Unwrap(c)
			if err := (gate.Download{Name: path[strings.LastIndex(path, "/")+1:], Write: write}).Serve(answer, r); err != nil {
				gate.Explain(r.Context(), err).Write(answer)
			}
		}}, nil
	})
}

func (s *server) exports() {
	const tag = "Exports"
	about := func(what string) words {
		return words{
			summary: "Download " + what + " as CSV", tag: tag, scope: app.ScopeRead,
			more: "The list with the same filters, whole, newest first. Columns are named as the fields of the list; what has parts stands as JSON in its cell. " +
				"Text that a spreadsheet would take for a formula begins with an apostrophe.",
		}
	}
	download(s, "/exports/usage-events.csv", about("usage events"), s.exportEvents)
	download(s, "/exports/payment-requests.csv", about("payment requests"), s.exportRequests)
	download(s, "/exports/payments.csv", about("payments"), s.exportPayments)
	download(s, "/exports/clients.csv", about("clients"), s.exportClients)
}

func (s *server) exportEvents(who app.Actor, in *EventQuery) (file, error) {
	f, err := in.filter()
	return func(ctx context.Context, w io.Writer) error { return s.app.ExportUsageEvents(ctx, who, f, w) }, err
}

func (s *server) exportRequests(who app.Actor, in *RequestQuery) (file, error) {
	f, err := in.filter()
	return func(ctx context.Context, w io.Writer) error { return s.app.ExportRequests(ctx, who, f, w) }, err
}

func (s *server) exportPayments(who app.Actor, in *ClientQuery) (file, error) {
	client, err := in.client()
	return func(ctx context.Context, w io.Writer) error { return s.app.ExportPayments(ctx, who, client, w) }, err
}

func (s *server) exportClients(who app.Actor, in *ClientsQuery) (file, error) {
	f, err := in.filter()
	return func(ctx context.Context, w io.Writer) error { return s.app.ExportClients(ctx, who, f, w) }, err
}
