package api

import (
	"context"
	"net/http"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/gate"
)

// accessOut is whether a client may call now, in the words that agency and client both read.
type accessOut struct {
	Allowed     bool    `json:"allowed"`
	Reason      *string `json:"reason" enum:"subscription_blocked,payment_overdue,no_subscription,minutes_exhausted,agency_hold"`
	Message     string  `json:"message"`
	Since       moment  `json:"since"`
	LiftedBy    *string `json:"lifted_by" doc:"What exactly lifts the denial"`
	MaxDuration *int64  `json:"max_duration_seconds" doc:"How long a call may last on what is left; null: no limit"`
}

func access(a billing.Answer) accessOut {
	out := accessOut{Allowed: a.Allowed, Reason: orNull(string(a.Reason)), Message: a.Message, Since: moment(a.Since), LiftedBy: orNull(a.LiftedBy)}
	if a.MaxDuration != nil {
		out.MaxDuration = new(int64(*a.MaxDuration) / 1000)
	}
	return out
}

// checkedOut is an access answer with the client it is about.
type checkedOut struct {
	ClientID    billing.ID `json:"client_id"`
	Allowed     bool       `json:"allowed"`
	Reason      *string    `json:"reason" enum:"subscription_blocked,payment_overdue,no_subscription,minutes_exhausted,agency_hold"`
	Message     string     `json:"message"`
	Since       moment     `json:"since"`
	LiftedBy    *string    `json:"lifted_by"`
	MaxDuration *int64     `json:"max_duration_seconds"`
}

type checkIn struct {
	ClientNamed
	Source      string `json:"source" required:"false" maxLength:"100" doc:"The provider that knows the assistant or the number" example:"vapi"`
	AssistantID string `json:"assistant_id" required:"false" maxLength:"255"`
	PhoneNumber string `json:"phone_number" required:"false" maxLength:"255"`
	Direction   string `json:"direction" required:"false" enum:"INBOUND,OUTBOUND,WEB"`
}

func (s *server) access() {
	const tag = "Access"
	route(s, http.MethodGet, "/clients/{id}/access", words{summary: "May this client call now?", tag: tag, scope: app.ScopeRead, short: s.readAccessPlainly}, s.readAccess)
	route(s, http.MethodGet, "/clients/{id}/upcoming", words{
		summary: "What happens next?", tag: tag, scope: app.ScopeRead,
		more: "What will happen to the client by itself, soonest first: due dates, the end of grace, the period's end with what it requests, a scheduled cancellation or plan change, the end of an exemption. Computed by the rules themselves, on a copy that is brought forward; each entry says what happens unless something else is done before.",
	}, s.readUpcoming)
	route(s, http.MethodPost, "/access/check", words{
		summary: "May this client, assistant or number call now?", tag: tag, scope: app.ScopeRead,
		more: "Asks; changes nothing. Answers 200 whether or not it is allowed.",
	}, s.checkAccess)
}

func (s *server) readAccess(ctx context.Context, who app.Actor, in *struct {
	ByClient
	Direction string `query:"direction" enum:"INBOUND,OUTBOUND,WEB"`
},
) (accessOut, error) {
	id, err := in.id()
	if err != nil {
		return accessOut{}, err
	}
	answer, err := s.app.Access(ctx, who, id, in.Direction)
	return access(answer), err
}

// readAccessPlainly is readAccess for a client that is named by its id and may be asked about.
func (s *server) readAccessPlainly(w http.ResponseWriter, r *http.Request) bool {
	direction, known := plainDirections[r.URL.RawQuery]
	if accept := r.Header.Get("Accept"); !known || accept != "" && accept != "*/*" && accept != "application/json" {
		return false
	}
	client, err := billing.ParseID(r.PathValue("id"))
	if err != nil {
		return false
	}
	answer, err := s.app.Access(r.Context(), gate.Actor(r.Context()), client, direction)
	if err != nil {
		return false
	}
	text, err := access(answer).spelled()
	if err != nil {
		return false
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text) // whoever asked has gone
	return true
}

var plainDirections = map[string]string{"": "", "direction=INBOUND": "INBOUND", "direction=OUTBOUND": "OUTBOUND", "direction=WEB": "WEB"}

// comingOut is something that will happen by itself.
type comingOut struct {
	At               instant     `json:"at"`
	Kind             string      `json:"kind" enum:"request_due,grace_end,period_end,cancellation,plan_change,override_end"`
	Message          string      `json:"message"`
	Warning          bool        `json:"warning" doc:"It takes something away"`
	PaymentRequestID *billing.ID `json:"payment_request_id"`
}

type upcomingOut struct {
	Data []comingOut `json:"data"`
}

func (s *server) readUpcoming(ctx context.Context, who app.Actor, in *ByClient) (upcomingOut, error) {
	id, err := in.id()
	if err != nil {
		return upcomingOut{}, err
	}
	coming, err := s.app.Upcoming(ctx, who, id)
	out := upcomingOut{Data: []comingOut{}}
	for _, c := range coming {
		out.Data = append(out.Data, comingOut{At: instant(c.At), Kind: string(c.Kind), Message: c.What, Warning: c.Bad, PaymentRequestID: orNull(c.Request)})
	}
	return out, err
}

func (s *server) checkAccess(ctx context.Context, who app.Actor, in *struct{ Body checkIn }) (checkedOut, error) {
	b := in.Body
	named, err := b.ref()
	if err := firstError(err, billing.CheckText("source", b.Source, 0, 100), billing.CheckText("assistant_id", b.AssistantID, 0, 255),
		billing.CheckText("phone_number", b.PhoneNumber, 0, 255)); err != nil {
		return checkedOut{}, err
	}
	answer, client, err := s.app.CheckAccess(ctx, who, app.AccessQuestion{
		Client: named, Source: b.Source, AssistantID: b.AssistantID, PhoneNumber: b.PhoneNumber, Direction: b.Direction,
	})
	a := access(answer)
	return checkedOut{client, a.Allowed, a.Reason, a.Message, a.Since, a.LiftedBy, a.MaxDuration}, err
}
