package api

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/gate"
)

// unassignedOut is a reported call whose client nobody named yet.
type unassignedOut struct {
	ID           billing.ID `json:"id"`
	ConnectionID billing.ID `json:"connection_id"`
	Source       string     `json:"source"`
	EventID      string     `json:"event_id"`
	Kind         string     `json:"kind" enum:"CALL,CHAT"`
	StartedAt    moment     `json:"started_at"`
	EndedAt      instant    `json:"ended_at"`
	DurationMS   int64      `json:"duration_ms"`
	ClientTag    *string    `json:"client_tag" doc:"What the call's metadata named, and no client answers to"`
	AssistantID  *string    `json:"assistant_id"`
	PhoneNumber  *string    `json:"phone_number"`
	CreatedAt    instant    `json:"created_at"`
	UpdatedAt    instant    `json:"updated_at"`
}

func unassigned(u app.UnassignedEvent) unassignedOut {
	return unassignedOut{
		ID: u.ID, ConnectionID: u.ConnectionID, Source: u.Source, EventID: u.EventID, Kind: string(u.Report.Kind), StartedAt: moment(u.Report.StartedAt),
		EndedAt: instant(u.Report.EndedAt), DurationMS: int64(u.Report.Talk), ClientTag: orNull(u.ClientTag), AssistantID: orNull(u.AssistantID),
		PhoneNumber: orNull(u.PhoneNumber), CreatedAt: instant(u.CreatedAt), UpdatedAt: instant(u.UpdatedAt),
	}
}

// rejectedOut is a refused event, kept so that it can be corrected and replayed.
type rejectedOut struct {
	ID        billing.ID      `json:"id"`
	Source    *string         `json:"source"`
	EventID   *string         `json:"event_id"`
	Body      json.RawMessage `json:"body" doc:"As it was sent; a number beyond 64-bit floating point is told as a string"`
	Field     *string         `json:"field"`
	Reason    string          `json:"reason"`
	Tries     int64           `json:"tries" doc:"How often it was sent"`
	Actor     string          `json:"actor"`
	CreatedAt instant         `json:"created_at"`
	UpdatedAt instant         `json:"updated_at"`
}

func rejected(e app.RejectedEvent) rejectedOut {
	return rejectedOut{
		ID: e.ID, Source: orNull(e.Source), EventID: orNull(e.EventID), Body: rawJSON(e.Body), Field: orNull(e.Field), Reason: e.Reason, Tries: e.Tries,
		Actor: e.Actor, CreatedAt: instant(e.CreatedAt), UpdatedAt: instant(e.UpdatedAt),
	}
}

func (s *server) inbox() {
	const tag = "Inbox"
	route(s, http.MethodGet, "/unassigned-events", words{summary: "List calls without a client", tag: tag, scope: app.ScopeRead}, s.listUnassigned)
	route(s, http.MethodPost, "/unassigned-events/{id}/assign", words{
		summary: "Name the client of a call", tag: tag, scope: app.ScopeWrite,
		more: "Meters it and answers with the usage event.",
	}, s.assign)
	route(s, http.MethodGet, "/rejected-events", words{summary: "List refused events", tag: tag, scope: app.ScopeRead}, s.listRejected)
	s.replayRoute(tag)
}

func (s *server) listUnassigned(ctx context.Context, who app.Actor, in *struct{ Paging }) (list[unassignedOut], error) {
	l, err := s.app.Unassigned(ctx, who, in.page())
	return listed(in.Paging, l, err, unassigned)
}

func (s *server) listRejected(ctx context.Context, who app.Actor, in *struct{ Paging }) (list[rejectedOut], error) {
	l, err := s.app.Rejected(ctx, who, in.page())
	return listed(in.Paging, l, err, rejected)
}

func (s *server) assign(ctx context.Context, who app.Actor, in *struct {
	ByID
	Body struct {
		ClientNamed
		Map bool `json:"map" required:"false" doc:"Remember the client for the assistant, or else the number"`
	}
},
) (meteredOut, error) {
	id, err := in.id()
	if err != nil {
		return meteredOut{}, err
	}
	client, err := s.find(ctx, who, in.Body.ClientNamed)
	if err != nil {
		return meteredOut{}, err
	}
	result, err := s.app.AssignUnassigned(ctx, who, id, client, in.Body.Map)
	return s.metered(ctx, result, err)
}

// meteredOut is the event that came of a command that meters one, an eventOut, or a repeatOut.
type meteredOut struct{ out any }

// MarshalJSON writes what it is.
func (m meteredOut) MarshalJSON() ([]byte, error) { return json.Marshal(m.out) }

// Schema is either.
func (meteredOut) Schema(registry huma.Registry) *huma.Schema {
	return &huma.Schema{AnyOf: []*huma.Schema{
		registry.Schema(reflect.TypeFor[eventOut](), true, ""), registry.Schema(reflect.TypeFor[repeatOut](), true, ""),
	}}
}

// metered is the event that came of a command that meters one.
func (s *server) metered(ctx context.Context, result app.UsageResult, err error) (meteredOut, error) {
	switch {
	case err != nil:
		return meteredOut{}, err
	case result.Error != nil:
		gate.KeepDespiteRefusal(ctx) // it stands in the list of rejected events
		return meteredOut{}, unknownClient(result.Error)
	case result.Result == app.UsageDuplicate:
		return meteredOut{s.repeated(ctx, result.Known)}, nil
	}
	out, err := s.stored(ctx, result.Known)
	return meteredOut{out}, err
}

// unknownClient says of a client that is not there that the event is invalid: what the path names is there.
func unknownClient(e *billing.Error) *billing.Error {
	if e.Kind != billing.NotFound {
		return e
	}
	invalid := *e
	invalid.Kind, invalid.Code = billing.Invalid, "unknown_client"
	return &invalid
}

// replayRoute registers the replay of a corrected event, which is read like any other so that it is refused for the
// same reasons.
func (s *server) replayRoute(tag string) {
	registry := s.huma.OpenAPI().Components.Schemas
	events := reader{registry, registry.Schema(reflect.TypeFor[eventIn](), false, "")}
	op := operation(http.MethodPost, "/rejected-events/{id}/replay", words{
		summary: "Replay a corrected event", tag: tag, scope: app.ScopeWrite,
		more: "The body is the corrected usage event. Refused again, it stays in the list with the new reason.",
	})
	op.Parameters = append(op.Parameters, &huma.Param{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}, Description: "Its id"})
	op.RequestBody = jsonBody(registry.Schema(reflect.TypeFor[eventIn](), true, ""), "The corrected usage event")
	s.documentErrors(&op)
	op.Responses["200"] = jsonResponse("Metered", registry.Schema(reflect.TypeFor[meteredOut](), true, ""))
	s.huma.OpenAPI().AddOperation(&op)
	s.handle(op.Method, op.Path, gate.Rules{Scope: app.ScopeWrite}, answering(s.replay(events)))
}

func (s *server) replay(events reader) func(r *http.Request) (int, any, error) {
	return func(r *http.Request) (int, any, error) {
		id, err := pathID(r.PathValue("id"))
		if err != nil {
			return 0, nil, err
		}
		raw, err := eventBody(r)
		if err != nil {
			return 0, nil, err
		}
		result, err := s.app.ReplayRejected(r.Context(), gate.Actor(r.Context()), id, events.report(raw))
		out, err := s.metered(r.Context(), result, err)
		return http.StatusOK, out, err
	}
}
