package console

import (
	"encoding/json"
	"strings"
	"time"

	"minutebook/app"
	"minutebook/billing"
)

// typedEvent is a usage event as a person corrects it: the API's names.
type typedEvent struct {
	Source           string          `json:"source"`
	EventID          string          `json:"event_id"`
	ClientID         *billing.ID     `json:"client_id"`
	ClientExternalID string          `json:"client_external_id"`
	Kind             string          `json:"kind"`
	StartedAt        *time.Time      `json:"started_at"`
	EndedAt          *time.Time      `json:"ended_at"`
	DurationMS       *int64          `json:"duration_ms"`
	Chats            int64           `json:"chats"`
	CallID           string          `json:"call_id"`
	CampaignID       string          `json:"campaign_id"`
	AssistantID      string          `json:"assistant_id"`
	PhoneNumber      string          `json:"phone_number"`
	Direction        string          `json:"direction"`
	Cost             *typedCost      `json:"cost"`
	Metadata         json.RawMessage `json:"metadata"`
	Tags             []string        `json:"tags"`
}

type typedCost struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
}

// readEvent reads a corrected event. What it has that no event has is refused, so that a typing error is seen.
func readEvent(text []byte) (app.UsageReport, error) {
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	var t typedEvent
	if err := decoder.Decode(&t); err != nil {
		return app.UsageReport{}, billing.InvalidField("event", "is not the JSON of an event: %v", err)
	}
	r := app.UsageReport{ClientExternalID: t.ClientExternalID, Raw: text, UsageEvent: billing.UsageEvent{
		Source: t.Source, EventID: t.EventID, Kind: billing.UsageKind(t.Kind), Chats: t.Chats, CallID: t.CallID, CampaignID: t.CampaignID,
		AssistantID: t.AssistantID, PhoneNumber: t.PhoneNumber, Direction: t.Direction, Tags: t.Tags,
	}}
	if r.Kind == "" {
		r.Kind = billing.Call
	}
	if t.ClientID != nil {
		r.ClientID = *t.ClientID
	}
	return r, t.complete(&r)
}

func (t typedEvent) complete(r *app.UsageReport) (err error) {
	if t.StartedAt != nil {
		r.StartedAt = t.StartedAt.UTC()
	}
	if t.EndedAt != nil {
		r.EndedAt = t.EndedAt.UTC()
	}
	switch {
	case t.DurationMS != nil:
		r.Talk = billing.Millis(*t.DurationMS)
	case t.StartedAt != nil && t.EndedAt != nil:
		r.Talk = billing.Millis(t.EndedAt.Sub(*t.StartedAt).Milliseconds())
	case r.Kind == billing.Call:
		return billing.InvalidField("duration_ms", "is required, or started_at")
	}
	if len(t.Metadata) > 0 && string(t.Metadata) != "null" {
		if t.Metadata[0] != '{' {
			return billing.InvalidField("metadata", "must be a JSON object")
		}
		r.Metadata = string(t.Metadata)
	}
	if t.Cost == nil {
		return nil
	}
	cost, err := billing.ParseRate("cost.amount", t.Cost.Amount)
	r.CostMicros, r.CostCurrency = int64(cost), t.Cost.Currency
	if err == nil {
		err = billing.CheckCurrencyCode("cost.currency", t.Cost.Currency)
	}
	return err
}
