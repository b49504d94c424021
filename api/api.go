package api

import (
	"context"
	"net/http"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/gate"
)

// Prefix is where the API begins.
const Prefix = "/api/v2/external-billing"

// Options are what a server may want otherwise.
type Options struct {
	Version string      // of the program, for the document
	Limits  gate.Limits // per key
	Doors   []Door      // what else is documented and served, without a key
}

// Door is a route beside the API that checks its callers itself: a provider's signed reports.
type Door struct {
	Pattern string // as for http.ServeMux
	Handler http.Handler
}

// server is the API while it is put together.
type server struct {
	app    *app.App
	huma   huma.API
	guard  *gate.Guard
	router *gate.Router
	routes []Route
}

// Route is one line of the route table.
type Route struct {
	Method string
	Path   string
	Scope  string
}

// New puts the API together: its routes, /openapi.json, /docs, /healthz, /readyz and /metrics.
func New(a *app.App, o Options) http.Handler {
	s := assemble(a, o)
	metrics := gate.NewMetrics(a)
	s.router.HandleFunc("GET /healthz", gate.Alive)
	s.router.HandleFunc("GET /readyz", gate.Ready(a))
	s.router.Handle("GET /metrics", metrics.Handler())
	s.serveDocument()
	for _, door := range o.Doors {
		s.router.Handle(door.Pattern, door.Handler)
	}
	return gate.Porter{Clock: a.Clock, Log: a.Log, Metrics: metrics}.Admit(s.router)
}

// Routes is the route table.
func Routes(a *app.App) []Route { return assemble(a, Options{}).routes }

func assemble(a *app.App, o Options) *server {
	settle()
	if o.Version == "" {
		o.Version = "dev"
	}
	s := &server{app: a, guard: gate.NewGuard(a, o.Limits), router: &gate.Router{}}
	s.huma = huma.NewAPI(config(o.Version), s)
	for _, register := range []func(){
		s.overview, s.plans, s.packs, s.clients, s.clientUsers, s.subscriptions, s.requests, s.payments, s.usage, s.usageEvents, s.wallet, s.access,
		s.campaigns, s.timeline, s.settings, s.brand, s.connections, s.inbox, s.exports, s.reports, s.clock, s.doors,
	} {
		register()
	}
	s.documentDryRun()
	allowNulls(s.huma.OpenAPI().Components.Schemas.Map())
	return s
}

// settle sets what the HTTP library keeps for the whole process.
var settle = sync.OnceFunc(func() {
	huma.DefaultArrayNullable = false
	huma.ValidateStrictCasing = true
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return problemOf(context.Background(), status, message, errs)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, message string, errs ...error) huma.StatusError {
		return problemOf(ctx.Context(), status, message, errs)
	}
})

func config(version string) huma.Config {
	c := huma.DefaultConfig("Minutebook", version)
	c.CreateHooks, c.OpenAPIPath, c.DocsPath, c.SchemasPath = nil, "", "", ""
	c.RejectUnknownQueryParameters = true
	c.Info.Description = about
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"key": {Type: "http", Scheme: "bearer", Description: "An API key of the agency. Its scopes are read, write, usage:write and admin; write includes read and usage:write, admin includes all."},
	}
	return c
}

// Handle stands a route up behind the guard: the HTTP library calls it for each operation.
func (s *server) Handle(op *huma.Operation, handler func(huma.Context)) {
	scope, _ := op.Metadata["scope"].(string)
	short, _ := op.Metadata["short"].(shortWay)
	s.handle(op.Method, op.Path, gate.Rules{Scope: scope}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if short == nil || !short(w, r) {
			handler(humago.NewContext(op, r, w))
		}
	}))
}

// ServeHTTP is what the HTTP library wants of an adapter.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.router.ServeHTTP(w, r) }

func (s *server) handle(method, path string, rules gate.Rules, next http.Handler) {
	s.routes = append(s.routes, Route{method, path, rules.Scope})
	rules.NoDryRun = ForReal[method+" "+strings.TrimPrefix(path, Prefix)]
	s.router.Handle(method+" "+path, s.guard.Protect(rules, next))
}

// reply is what a handler answers with.
type reply[T any] struct {
	Status int
	Body   T
}

// none is the answer without a body.
type none struct{ Status int }

// words are an operation in words. Status is that of success, 200 if it is 0.
type words struct {
	summary string
	tag     string
	scope   string
	status  int
	more    string // what else is to be said
	also    []int  // statuses of refusals besides the usual ones
	short   shortWay
}

// shortWay answers what is asked as nearly all ask it, without the library and byte for byte as through it. It answers
// nothing, and says so, where anything is unusual or wrong.
type shortWay func(w http.ResponseWriter, r *http.Request) bool

// route registers one operation.
func route[I, O any](s *server, method, path string, w words, do func(ctx context.Context, who app.Actor, in *I) (O, error)) {
	op := operation(method, path, w)
	if _, empty := any(*new(O)).(none); empty {
		huma.Register(s.huma, op, func(ctx context.Context, in *I) (*none, error) {
			if _, err := do(ctx, gate.Actor(ctx), in); err != nil {
				return nil, gate.Explain(ctx, err)
			}
			return &none{Status: op.DefaultStatus}, nil
		})
		return
	}
	huma.Register(s.huma, op, func(ctx context.Context, in *I) (*reply[O], error) {
		out, err := do(ctx, gate.Actor(ctx), in)
		if err != nil {
			return nil, gate.Explain(ctx, err)
		}
		return &reply[O]{Status: op.DefaultStatus, Body: out}, nil
	})
}

func operation(method, path string, w words) huma.Operation {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	op := huma.Operation{
		OperationID: operationID(method, path), Method: method, Path: Prefix + path, Summary: w.summary, Description: w.more, Tags: []string{w.tag},
		DefaultStatus: w.status, MaxBodyBytes: -1, BodyReadTimeout: -1, Metadata: map[string]any{"scope": w.scope, "short": w.short},
		Security: []map[string][]string{{"key": {}}}, Errors: []int{401, 403, 404, 422, 429, 500, 503},
		Extensions: map[string]any{"x-scope": w.scope},
	}
	op.Errors = append(op.Errors, w.also...)
	if method != http.MethodGet {
		op.Errors = []int{400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503}
		op.Parameters = []*huma.Param{idempotencyParam()}
		if op.Metadata["dry"] = tryable(method, path); op.Metadata["dry"] == true {
			op.Parameters = append(op.Parameters, dryRunParam())
		}
	}
	return op
}

func idempotencyParam() *huma.Param {
	least, most := 1, 255
	return &huma.Param{
		Name: "Idempotency-Key", In: "header", Schema: &huma.Schema{Type: "string", MinLength: &least, MaxLength: &most},
		Description: "The same key and content again gets the first answer again, for 30 days; with other content it is refused.",
	}
}

// operationID names an operation after its path: "get-subscriptions-id".
func operationID(method, path string) string {
	return strings.ToLower(method) + strings.NewReplacer("/", "-", "{", "", "}", "", "_", "-").Replace(path)
}

// Paging is which part of a list is wanted.
type Paging struct {
	Page     int    `query:"page" minimum:"1" maximum:"1000000" default:"1" doc:"Page number, from 1"`
	PageSize int    `query:"page_size" minimum:"1" maximum:"100" default:"20" doc:"Entries a page"`
	Cursor   string `query:"cursor" maxLength:"100" doc:"The next_cursor of the part before; walks the list without drift while rows are added. Page is ignored then"`
}

func (p Paging) page() app.Page { return app.Page{Page: p.Page, Size: p.PageSize, Cursor: p.Cursor} }

// list is a part of a list.
type list[T any] struct {
	Data []T  `json:"data"`
	Meta meta `json:"meta"`
}

type meta struct {
	Total      int64   `json:"total" doc:"Entries in the whole list"`
	Page       int     `json:"page"`
	PageSize   int     `json:"page_size"`
	NextCursor *string `json:"next_cursor" doc:"Where the list goes on; null at its end"`
}

// listed turns a part of a list into what is answered.
func listed[R, T any](p Paging, l app.Listed[R], err error, out func(R) T) (list[T], error) {
	if err != nil {
		return list[T]{}, err
	}
	answer := list[T]{Data: make([]T, 0, len(l.Items)), Meta: meta{Total: l.Total, Page: p.Page, PageSize: p.PageSize, NextCursor: orNull(l.NextCursor)}}
	for _, item := range l.Items {
		answer.Data = append(answer.Data, out(item))
	}
	return answer, nil
}

// ByID is the path of one thing.
type ByID struct {
	ID string `path:"id" maxLength:"60" doc:"Its id"`
}

// id reads the id in the path: what cannot be an id is not there.
func (b ByID) id() (billing.ID, error) { return pathID(b.ID) }

// action is a command without a body, or with an empty object.
type action struct {
	ByID
	Body *struct{} `required:"false"`
}
