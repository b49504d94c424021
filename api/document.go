package api

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"minutebook/app"
	"minutebook/gate"
)

// about introduces the document.
const about = `The billing book of a voice agency: what was talked, what it costs, who has paid, and who may call.

Ids are strings. Money and minutes are decimal strings; the exact milliseconds stand beside every figure of minutes. Date-times are RFC 3339 in UTC.
Unknown fields and parameters are refused. Every refusal is application/problem+json with a stable code.`

// Document is the OpenAPI document as it is served.
func Document(a *app.App, version string) ([]byte, error) {
	return json.MarshalIndent(assemble(a, Options{Version: version}).huma.OpenAPI(), "", "  ")
}

// serveDocument serves the document, and a page of it for people.
func (s *server) serveDocument() {
	text, err := json.MarshalIndent(s.huma.OpenAPI(), "", "  ")
	if err != nil {
		panic("api: the document cannot be written: " + err.Error()) // it is made of our own types
	}
	page := browsable(s.huma.OpenAPI())
	s.router.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(text) // whoever asked has gone
	})
	s.router.HandleFunc("GET /docs", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		_, _ = w.Write(page) // whoever asked has gone
	})
	s.router.HandleFunc("GET /docs/style.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write([]byte(docsStyle)) // whoever asked has gone
	})
}

// documentUsage documents the two routes that read their bodies themselves.
func (s *server) documentUsage(tag string) {
	oapi, registry := s.huma.OpenAPI(), s.huma.OpenAPI().Components.Schemas
	schema := func(t reflect.Type) *huma.Schema { return registry.Schema(t, true, "") }
	one := operation(http.MethodPost, "/usage-events", words{
		summary: "Report an ended call or chat", tag: tag, scope: app.ScopeUsageWrite,
		more: "Recorded whatever the balance. The same event again has no second effect and answers 200; other content under the same id is a conflict that shows both. A refused event is kept in the list of rejected events.",
	})
	one.RequestBody = jsonBody(schema(reflect.TypeFor[eventIn]()), "The event")
	s.documentErrors(&one)
	one.Responses["201"] = jsonResponse("Recorded", schema(reflect.TypeFor[eventOut]()))
	one.Responses["200"] = jsonResponse("Seen before; without its figures where it lies in the archive and its file cannot be read", schema(reflect.TypeFor[meteredOut]()))
	one.Responses["409"] = &huma.Response{Description: "Stored with other content", Content: map[string]*huma.MediaType{
		gate.ProblemType: {Schema: &huma.Schema{AnyOf: []*huma.Schema{schema(reflect.TypeFor[conflictOut]()), schema(reflect.TypeFor[gate.Problem]())}}},
	}}
	oapi.AddOperation(&one)
	many := operation(http.MethodPost, "/usage-events/batch", words{
		summary: "Report many at once", tag: tag, scope: app.ScopeUsageWrite,
		more: "Up to 10,000 events and 8 MiB, as one object or one event a line. Each is answered by itself; a bad one never fails its neighbours.",
	})
	many.RequestBody = jsonBody(schema(reflect.TypeFor[batchIn]()), "The events")
	many.RequestBody.Content[gate.NDJSON] = &huma.MediaType{Schema: schema(reflect.TypeFor[eventIn]())}
	s.documentErrors(&many)
	many.Responses["200"] = jsonResponse("What became of each", schema(reflect.TypeFor[batchOut]()))
	oapi.AddOperation(&many)
}

// doors documents the providers' doors; they are served beside the API.
func (s *server) doors() {
	s.door("ingest", "A voice provider's report",
		"Takes the provider's own webhook body and checks its signature. Answers 200 as soon as the report is durable, also for a repeat, an unassigned or a rejected one; what is no end of a call is ignored.",
		s.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[ingestedOut](), true, ""))
	s.door("gate", "A voice provider's question before a call", "Answers in the provider's own words whether the call may take place.",
		&huma.Schema{Type: huma.TypeObject, AdditionalProperties: true})
}

func (s *server) door(name, summary, more string, answer *huma.Schema) {
	op := huma.Operation{
		OperationID: "post-" + name + "-provider-connection", Method: http.MethodPost, Path: "/" + name + "/{provider}/{connection}", Tags: []string{"Provider doors"},
		Summary: summary, Description: more, Errors: []int{400, 401, 404, 413, 422, 500, 503}, Security: []map[string][]string{},
		Parameters: []*huma.Param{
			{Name: "provider", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}, Example: "vapi"},
			{Name: "connection", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}, Description: "The unguessable part of the connection's URL"},
		},
		RequestBody: jsonBody(&huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}, "The provider's own body"),
	}
	s.documentErrors(&op)
	op.Responses["200"] = jsonResponse("Taken", answer)
	s.huma.OpenAPI().AddOperation(&op)
}

// ingestedOut is the answer at a provider's door.
type ingestedOut struct {
	Result string `json:"result" enum:"accepted,duplicate,conflict,corrected,unassigned,rejected,ignored"`
	ID     string `json:"id,omitempty" doc:"Of the usage event, or of the unassigned one"`
	Reason string `json:"reason,omitempty" doc:"Why it was rejected or ignored"`
}

// allowNulls lets fields that may be null be so although their values are listed.
func allowNulls(schemas map[string]*huma.Schema) {
	for _, s := range schemas {
		for _, field := range s.Properties {
			if field.Nullable && len(field.Enum) > 0 && field.Enum[len(field.Enum)-1] != nil {
				field.Enum = append(slices.Clone(field.Enum), nil)
			}
		}
	}
}

func jsonBody(s *huma.Schema, description string) *huma.RequestBody {
	return &huma.RequestBody{Required: true, Description: description, Content: map[string]*huma.MediaType{"application/json": {Schema: s}}}
}

func jsonResponse(description string, s *huma.Schema) *huma.Response {
	return &huma.Response{Description: description, Content: map[string]*huma.MediaType{"application/json": {Schema: s}}}
}

func (s *server) documentErrors(op *huma.Operation) {
	problem := s.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[gate.Problem](), true, "")
	op.Responses = map[string]*huma.Response{}
	for _, status := range op.Errors {
		op.Responses[strconv.Itoa(status)] = &huma.Response{Description: http.StatusText(status), Content: map[string]*huma.MediaType{gate.ProblemType: {Schema: problem}}}
	}
}
