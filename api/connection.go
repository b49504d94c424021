package api

import (
	"context"
	"fmt"
	"net/http"

	"minutebook/app"
	"minutebook/billing"
)

// connectionOut is an agency's door for one account at a voice provider.
type connectionOut struct {
	ID        billing.ID `json:"id"`
	Provider  string     `json:"provider" example:"vapi"`
	Name      string     `json:"name"`
	ClientTag string     `json:"client_tag" doc:"Under which the metadata of a call names its client"`
	Enabled   bool       `json:"enabled"`
	HasSecret bool       `json:"has_secret" doc:"The secret itself is never shown"`
	IngestURL string     `json:"ingest_url" doc:"Where the provider reports ended calls; keep it to yourself"`
	GateURL   string     `json:"gate_url" doc:"Where the provider asks before a call"`
	CreatedAt instant    `json:"created_at"`
	UpdatedAt instant    `json:"updated_at"`
}

func connection(c app.Connection) connectionOut {
	return connectionOut{
		ID: c.ID, Provider: c.Provider, Name: c.Name, ClientTag: c.ClientTag, Enabled: c.Enabled, HasSecret: c.HasSecret, IngestURL: c.IngestURL, GateURL: c.GateURL,
		CreatedAt: instant(c.CreatedAt), UpdatedAt: instant(c.UpdatedAt),
	}
}

type connectionNew struct {
	Provider  string         `json:"provider" minLength:"1" maxLength:"40" example:"vapi"`
	Name      string         `json:"name" minLength:"1" maxLength:"300"`
	Secret    string         `json:"secret" required:"false" maxLength:"500" doc:"With which the provider signs"`
	ClientTag string         `json:"client_tag" required:"false" maxLength:"100" doc:"minutebook_client if not given"`
	Enabled   optional[bool] `json:"enabled" required:"false" doc:"True if not given"`
}

type connectionEdit struct {
	Name      optional[string] `json:"name" required:"false" minLength:"1" maxLength:"300"`
	Secret    optional[string] `json:"secret" required:"false" maxLength:"500"`
	ClientTag optional[string] `json:"client_tag" required:"false" maxLength:"100"`
	Enabled   optional[bool]   `json:"enabled" required:"false"`
}

type mappingsOut struct {
	Mappings []mappingOut `json:"mappings"`
}

type mappingOut struct {
	Match    string     `json:"match" enum:"ASSISTANT,NUMBER,LOCATION"`
	Value    string     `json:"value"`
	ClientID billing.ID `json:"client_id"`
}

type mappingsIn struct {
	Mappings []mappingIn `json:"mappings" maxItems:"5000" doc:"The whole set"`
}

type mappingIn struct {
	Match string `json:"match" enum:"ASSISTANT,NUMBER,LOCATION"`
	Value string `json:"value" minLength:"1" maxLength:"255"`
	ClientNamed
}

func (s *server) connections() {
	const tag = "Connections"
	route(s, http.MethodPost, "/connections", words{summary: "Connect a voice provider", tag: tag, scope: app.ScopeAdmin, status: 201}, s.createConnection)
	route(s, http.MethodGet, "/connections", words{summary: "List connections", tag: tag, scope: app.ScopeAdmin}, s.listConnections)
	route(s, http.MethodGet, "/connections/{id}", words{summary: "Read a connection", tag: tag, scope: app.ScopeAdmin}, s.readConnection)
	route(s, http.MethodPatch, "/connections/{id}", words{summary: "Edit a connection", tag: tag, scope: app.ScopeAdmin}, s.editConnection)
	route(s, http.MethodDelete, "/connections/{id}", words{summary: "End a connection", tag: tag, scope: app.ScopeAdmin, status: 204}, s.deleteConnection)
	route(s, http.MethodGet, "/connections/{id}/mappings", words{summary: "List a connection's mappings", tag: tag, scope: app.ScopeAdmin}, s.readMappings)
	route(s, http.MethodPut, "/connections/{id}/mappings", words{
		summary: "Set a connection's mappings", tag: tag, scope: app.ScopeAdmin,
		more: "The whole set. Calls that waited for a client they now name are metered.",
	}, s.setMappings)
}

func (s *server) createConnection(ctx context.Context, who app.Actor, in *struct{ Body connectionNew }) (connectionOut, error) {
	b, enabled := in.Body, true
	if err := b.Enabled.into("enabled", &enabled); err != nil {
		return connectionOut{}, err
	}
	c, err := s.app.CreateConnection(ctx, who, b.Provider, b.Name, b.Secret, b.ClientTag)
	if err == nil && !enabled {
		c, err = s.app.EditConnection(ctx, who, c.ID, app.ConnectionPatch{Enabled: &enabled})
	}
	return connection(c), err
}

func (s *server) listConnections(ctx context.Context, who app.Actor, in *struct{ Paging }) (list[connectionOut], error) {
	l, err := s.app.Connections(ctx, who, in.page())
	return listed(in.Paging, l, err, connection)
}

func (s *server) readConnection(ctx context.Context, who app.Actor, in *ByID) (connectionOut, error) {
	id, err := in.id()
	if err != nil {
		return connectionOut{}, err
	}
	c, err := s.app.Connection(ctx, who, id)
	return connection(c), err
}

func (s *server) editConnection(ctx context.Context, who app.Actor, in *struct {
	ByID
	Body connectionEdit
},
) (connectionOut, error) {
	id, err := in.id()
	if err != nil {
		return connectionOut{}, err
	}
	var p app.ConnectionPatch
	if err := firstError(in.Body.Name.use("name", keep(&p.Name)), in.Body.Secret.use("secret", keep(&p.Secret)),
		in.Body.ClientTag.use("client_tag", keep(&p.ClientTag)), in.Body.Enabled.use("enabled", keep(&p.Enabled))); err != nil {
		return connectionOut{}, err
	}
	c, err := s.app.EditConnection(ctx, who, id, p)
	return connection(c), err
}

func (s *server) deleteConnection(ctx context.Context, who app.Actor, in *action) (none, error) {
	id, err := in.id()
	if err != nil {
		return none{}, err
	}
	return none{}, s.app.DeleteConnection(ctx, who, id)
}

func (s *server) readMappings(ctx context.Context, who app.Actor, in *ByID) (mappingsOut, error) {
	id, err := in.id()
	if err != nil {
		return mappingsOut{}, err
	}
	return s.showMappings(ctx, who, id)
}

func (s *server) showMappings(ctx context.Context, who app.Actor, connection billing.ID) (mappingsOut, error) {
	all, err := s.app.Mappings(ctx, who, connection)
	out := mappingsOut{Mappings: []mappingOut{}}
	for _, m := range all {
		out.Mappings = append(out.Mappings, mappingOut{string(m.Match), m.Value, m.ClientID})
	}
	return out, err
}

func (s *server) setMappings(ctx context.Context, who app.Actor, in *struct {
	ByID
	Body mappingsIn
},
) (mappingsOut, error) {
	id, err := in.id()
	if err != nil {
		return mappingsOut{}, err
	}
	all := []app.Mapping{}
	for i, m := range in.Body.Mappings {
		client, err := s.find(ctx, who, m.ClientNamed)
		if err != nil {
			return mappingsOut{}, inside(fmt.Sprintf("mappings[%d]", i), err)
		}
		all = append(all, app.Mapping{Match: app.Match(m.Match), Value: m.Value, ClientID: client})
	}
	if _, err := s.app.SetMappings(ctx, who, id, all); err != nil {
		return mappingsOut{}, err
	}
	return s.showMappings(ctx, who, id)
}
