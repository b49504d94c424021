package api

import (
	"context"
	"encoding/json"
	"net/http"

	"minutebook/app"
	"minutebook/billing"
)

// timelineOut is something that happened to a client: what, when, who, why, before and after.
type timelineOut struct {
	ID         billing.ID      `json:"id"`
	Event      string          `json:"event" example:"subscription.started"`
	At         instant         `json:"at" doc:"Its own instant"`
	RecordedAt instant         `json:"recorded_at"`
	Actor      string          `json:"actor"`
	Command    string          `json:"command"`
	Reason     *string         `json:"reason"`
	Detail     json.RawMessage `json:"detail" doc:"What the event carries; null for none"`
	Before     json.RawMessage `json:"before"`
	After      json.RawMessage `json:"after"`
}

func happened(t app.TimelineRow) timelineOut {
	return timelineOut{
		ID: t.ID, Event: t.Name, At: instant(t.At), RecordedAt: instant(t.RecordedAt), Actor: t.Actor, Command: t.Command, Reason: orNull(t.Reason),
		Detail: rawJSON(t.Body), Before: rawJSON(t.Before), After: rawJSON(t.After),
	}
}

// rawJSON is stored JSON, null for none.
func rawJSON(text string) json.RawMessage {
	if text == "" {
		return json.RawMessage("null")
	}
	return readable([]byte(text))
}

// auditOut is a line of who did what in the agency.
type auditOut struct {
	ID         billing.ID      `json:"id"`
	RecordedAt instant         `json:"recorded_at"`
	Actor      string          `json:"actor"`
	Command    string          `json:"command"`
	Subject    string          `json:"subject"`
	ClientID   *billing.ID     `json:"client_id"`
	Reason     *string         `json:"reason"`
	Before     json.RawMessage `json:"before"`
	After      json.RawMessage `json:"after"`
	RequestID  *string         `json:"request_id"`
}

func audit(e app.AuditEntry) auditOut {
	return auditOut{
		ID: e.ID, RecordedAt: instant(e.RecordedAt), Actor: e.Actor, Command: e.Command, Subject: e.Subject, ClientID: orNull(e.Client), Reason: orNull(e.Reason),
		Before: rawJSON(e.Before), After: rawJSON(e.After), RequestID: orNull(e.RequestID),
	}
}

func (s *server) timeline() {
	const tag = "History"
	route(s, http.MethodGet, "/clients/{id}/timeline", words{summary: "What happened to a client", tag: tag, scope: app.ScopeRead}, s.readTimeline)
	route(s, http.MethodGet, "/audit", words{summary: "Who did what in the agency", tag: tag, scope: app.ScopeRead}, s.readAudit)
}

func (s *server) readTimeline(ctx context.Context, who app.Actor, in *struct {
	ByClient
	Event string `query:"event" maxLength:"60" doc:"Only events of this name"`
	Paging
},
) (list[timelineOut], error) {
	id, err := in.id()
	if err != nil {
		return list[timelineOut]{}, err
	}
	if _, err := s.app.Client(ctx, who, id); err != nil {
		return list[timelineOut]{}, err
	}
	l, err := s.app.Timeline(ctx, who, id, in.Event, in.page())
	return listed(in.Paging, l, err, happened)
}

func (s *server) readAudit(ctx context.Context, who app.Actor, in *struct {
	ClientQuery
	Command string `query:"command" maxLength:"60" doc:"Only this command" example:"plan.edit"`
	Paging
},
) (list[auditOut], error) {
	client, err := in.client()
	if err != nil {
		return list[auditOut]{}, err
	}
	l, err := s.app.AuditEntries(ctx, who, client, in.Command, in.page())
	return listed(in.Paging, l, err, audit)
}
