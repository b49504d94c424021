package provider

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/gate"
)

// Doors are the paths the providers call: /ingest/{provider}/{connection} for reports of ended calls, and
// /gate/{provider}/{connection} for the question before a call. The signature is the only credential.
func Doors(a *app.App) http.Handler {
	router := &gate.Router{}
	router.Handle("POST /ingest/{provider}/{connection}", door{a, ingest})
	router.Handle("POST /gate/{provider}/{connection}", door{a, ask})
	return router
}

// door lets a provider's signed request through to what stands behind it.
type door struct {
	app    *app.App
	behind func(ctx context.Context, a *app.App, r signed) (any, error)
}

// signed is a request whose signature holds.
type signed struct {
	provider   Provider
	connection app.Connection
	body       []byte
	now        time.Time // the agency's
	query      func(name string) string
}

func (d door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, err := d.open(w, r)
	if err != nil {
		gate.Explain(r.Context(), err).Write(w)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer) // whoever asked has gone
}

// open verifies the signature over the raw bytes before anything of them is read.
func (d door) open(w http.ResponseWriter, r *http.Request) (any, error) {
	ctx := r.Context()
	p, known := ByName(r.PathValue("provider"))
	if !known {
		return nil, nobody()
	}
	connection, err := d.app.ConnectionByDoor(ctx, p.Name, r.PathValue("connection"))
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, billing.Refuse(billing.TooLarge, "body_too_large", "The report is larger than "+strconv.Itoa(MaxBody)+" bytes.", "")
	case err != nil:
		return nil, gate.NewProblem(ctx, http.StatusBadRequest, "body_cut_short", "The body ended before its time.")
	}
	now, err := d.app.Now(ctx, connection.Agency)
	if err != nil {
		return nil, err
	}
	if err := verify(p, connection.Secret, r.Header, body, d.app.Clock(), now); err != nil {
		return nil, billing.Refuse(billing.NotYou, "bad_signature", "The signature does not hold: "+err.Error()+".", "Check the connection's secret and the sender's clock.")
	}
	return d.behind(ctx, d.app, signed{p, connection, body, now, r.URL.Query().Get})
}

// verify checks a signature at the real now and, for a sandbox, at its own: a recorded webhook can be replayed into a
// sandbox whose clock stands at the time of the recording.
func verify(p Provider, secret string, header http.Header, body []byte, nows ...time.Time) (err error) {
	for _, now := range nows {
		if err = p.Verify(secret, header, body, now); err == nil {
			return nil
		}
	}
	return err
}

func nobody() error {
	return billing.Refuse(billing.NotFound, "not_found", "There is no such connection.", "Use the URL the connection shows.")
}

// ingested is what became of a report, as the provider's delivery log shows it.
type ingested struct {
	Result string `json:"result"` // accepted, duplicate, corrected, unassigned, rejected, ignored
	ID     string `json:"id,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// ingest takes a report in. Once it is durable the answer is 200, also for one that cannot be metered: a provider
// that hears a refusal tries again for nothing, or gives up on the connection.
func ingest(ctx context.Context, a *app.App, r signed) (any, error) {
	report, err := r.provider.Parse(r.body, r.connection.ClientTag, r.now)
	var bad *BadReport
	if errors.As(err, &bad) {
		why := billing.InvalidField(bad.Field, "%s", bad.Message)
		return ingested{Result: "rejected", Reason: why.Error()}, a.RejectReport(ctx, r.connection, why, r.body)
	}
	if err != nil {
		return nil, err
	}
	if report.Ignored {
		return ingested{Result: "ignored", Reason: report.Reason}, nil
	}
	outcome, err := a.RecordReport(ctx, r.connection, report.forApp(), r.body)
	if err != nil {
		return nil, err
	}
	answer := ingested{Result: outcome.Result}
	if outcome.EventID != 0 {
		answer.ID = outcome.EventID.String()
	}
	if outcome.Error != nil {
		answer.Reason = outcome.Error.Error()
	}
	return answer, nil
}

// forApp is the report as the use cases take it.
func (r Report) forApp() app.ProviderReport {
	return app.ProviderReport{
		UsageEvent: billing.UsageEvent{
			EventID: r.CallID, CallID: r.CallID, Kind: billing.UsageKind(r.Kind), StartedAt: r.StartedAt, EndedAt: r.EndedAt, Talk: billing.Millis(r.DurationMS), Chats: r.Chats,
			AssistantID: r.AssistantID, PhoneNumber: r.PhoneNumber, Direction: r.Direction, CostMicros: r.CostMicros, CostCurrency: r.CostCurrency, Metadata: string(r.Metadata),
		},
		ClientTag: r.ClientTag, PhoneNumberID: r.PhoneNumberID,
	}
}

// ask answers the question before a call in the provider's own words.
func ask(ctx context.Context, a *app.App, r signed) (any, error) {
	q, err := r.provider.Ask(r.body, r.connection.ClientTag)
	var bad *BadReport
	switch {
	case errors.As(err, &bad):
		return nil, billing.InvalidField(bad.Field, "%s", bad.Message)
	case err != nil:
		return nil, err
	case q.Ignored:
		return map[string]any{}, nil
	}
	answer, err := a.AskGate(ctx, r.connection, app.ProviderReport{
		UsageEvent: billing.UsageEvent{AssistantID: q.AssistantID, PhoneNumber: q.PhoneNumber, Direction: q.Direction}, ClientTag: q.ClientTag,
	})
	if err != nil {
		return nil, err
	}
	reply := Reply{Allowed: answer.Allowed, Message: "This line is temporarily unavailable.", AssistantID: r.query("assistant_id"), Tag: r.connection.ClientTag, Client: answer.ClientTag}
	if answer.MaxDuration != nil {
		seconds := int64(*answer.MaxDuration / 1000)
		reply.MaxSeconds = &seconds
	}
	return r.provider.Reply(q, reply), nil
}
