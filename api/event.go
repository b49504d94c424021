package api

import (
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"

	"minutebook/app"
	"minutebook/billing"
)

// eventIn is one ended call or chat as it is reported.
type eventIn struct {
	Source string `json:"source" minLength:"1" maxLength:"100" doc:"Who reports; with event_id unique for ever" example:"vapi"`
	ID     string `json:"event_id" minLength:"1" maxLength:"255"`
	ClientNamed
	Kind        string   `json:"kind" required:"false" enum:"CALL,CHAT" doc:"CALL if not given"`
	StartedAt   string   `json:"started_at" required:"false" format:"date-time"`
	EndedAt     string   `json:"ended_at" format:"date-time"`
	DurationMS  *int64   `json:"duration_ms" required:"false" minimum:"0" maximum:"86400000" doc:"Talk time; if not given, the end minus the start"`
	Chats       *int64   `json:"chats" required:"false" minimum:"1" maximum:"100000" doc:"Of a CHAT; 1 if not given"`
	CallID      string   `json:"call_id" required:"false" maxLength:"255"`
	CampaignID  string   `json:"campaign_id" required:"false" maxLength:"255"`
	AssistantID string   `json:"assistant_id" required:"false" maxLength:"255"`
	PhoneNumber string   `json:"phone_number" required:"false" maxLength:"255"`
	Direction   string   `json:"direction" required:"false" enum:"INBOUND,OUTBOUND,WEB"`
	Cost        *cost    `json:"cost" required:"false" doc:"What the provider asked for it"`
	Metadata    object   `json:"metadata" required:"false" doc:"At most 16 kB"`
	Tags        []string `json:"tags" required:"false" maxItems:"20" doc:"Each at most 100 characters"`
}

// cost is a provider's price.
type cost struct {
	Amount   string `json:"amount" maxLength:"40" doc:"Up to six decimals" example:"0.1234"`
	Currency string `json:"currency" minLength:"2" maxLength:"10"`
}

// object is any JSON object.
type object json.RawMessage

// MarshalJSON writes it as it is.
func (o object) MarshalJSON() ([]byte, error) { return json.RawMessage(o).MarshalJSON() }

// UnmarshalJSON takes it as it is.
func (o *object) UnmarshalJSON(text []byte) error { return (*json.RawMessage)(o).UnmarshalJSON(text) }

// Schema is an object with any fields.
func (object) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "object", AdditionalProperties: true}
}

// eventOut is a stored event with its split.
type eventOut struct {
	Source          string          `json:"source"`
	EventID         string          `json:"event_id"`
	ID              billing.ID      `json:"id"`
	ClientID        billing.ID      `json:"client_id"`
	ClientName      string          `json:"client_name"`
	Kind            string          `json:"kind" enum:"CALL,CHAT"`
	StartedAt       moment          `json:"started_at"`
	EndedAt         instant         `json:"ended_at"`
	DurationMS      int64           `json:"duration_ms" doc:"As the latest report told it"`
	Chats           int64           `json:"chats"`
	CallID          *string         `json:"call_id"`
	CampaignID      *string         `json:"campaign_id"`
	AssistantID     *string         `json:"assistant_id"`
	PhoneNumber     *string         `json:"phone_number"`
	Direction       *string         `json:"direction" enum:"INBOUND,OUTBOUND,WEB"`
	Cost            nullable[cost]  `json:"cost"`
	Metadata        object          `json:"metadata"`
	Tags            []string        `json:"tags"`
	Status          string          `json:"status" enum:"RATED,UNRATED,VOIDED"`
	SubscriptionID  *billing.ID     `json:"subscription_id"`
	PeriodIndex     *int            `json:"period_index" doc:"The period it was drawn from; null for an unrated event"`
	CallPeriodIndex *int            `json:"call_period_index" doc:"The period its own time belongs to"`
	Late            bool            `json:"late" doc:"It ended before the period it was drawn from began"`
	RawMS           int64           `json:"raw_ms" doc:"Talk time"`
	BilledMS        int64           `json:"billed_ms" doc:"After call rounding"`
	IncludedMS      int64           `json:"included_ms"`
	WalletMS        int64           `json:"wallet_ms"`
	BillableMS      int64           `json:"billable_ms"`
	UncoveredMS     int64           `json:"uncovered_ms" doc:"Used, never billed"`
	RecordedAt      instant         `json:"recorded_at"`
	Duplicate       bool            `json:"duplicate" doc:"This report was a repeat"`
	Archived        bool            `json:"archived" doc:"It was moved to the archive and can no longer be changed"`
	Receipt         string          `json:"receipt" doc:"What became of its minutes, in words"`
	Corrections     []correctionOut `json:"corrections" doc:"A void, and later reports that differed"`
}

type correctionOut struct {
	ID            billing.ID `json:"id"`
	Void          bool       `json:"void"`
	RawMS         int64      `json:"raw_ms"`
	BilledMS      int64      `json:"billed_ms"`
	WalletDeltaMS int64      `json:"wallet_delta_ms"`
	Reason        string     `json:"reason"`
	Actor         string     `json:"actor"`
	RecordedAt    instant    `json:"recorded_at"`
}

func event(u app.UsageRow) eventOut {
	e := u.Event
	out := eventOut{
		Source: e.Source, EventID: e.EventID, ID: u.ID, ClientID: u.Client, ClientName: u.ClientName, Kind: string(e.Kind), StartedAt: moment(e.StartedAt),
		EndedAt: instant(e.EndedAt), DurationMS: int64(e.Talk), Chats: e.Chats, CallID: orNull(e.CallID), CampaignID: orNull(e.CampaignID),
		AssistantID: orNull(e.AssistantID), PhoneNumber: orNull(e.PhoneNumber), Direction: orNull(e.Direction), Metadata: object("{}"),
		Tags: append([]string{}, e.Tags...), Status: string(u.Status), SubscriptionID: orNull(u.SubscriptionID), Late: u.Late, RawMS: int64(e.Talk),
		BilledMS: int64(u.Billed), IncludedMS: int64(u.Split.Included), WalletMS: int64(u.Split.Wallet), BillableMS: int64(u.Split.Billable),
		UncoveredMS: int64(u.Split.Uncovered), RecordedAt: instant(u.RecordedAt), Archived: u.Archived, Receipt: receipt(u), Corrections: []correctionOut{},
	}
	if u.SubscriptionID != 0 {
		out.PeriodIndex, out.CallPeriodIndex = &u.PeriodIndex, &u.CallPeriod
	}
	if e.Metadata != "" {
		out.Metadata = object(readable([]byte(e.Metadata)))
	}
	if e.CostCurrency != "" {
		out.Cost.Value = &cost{billing.Rate(e.CostMicros).String(), e.CostCurrency}
	}
	for _, c := range u.Corrections {
		out.Corrections = append(out.Corrections, correctionOut{c.ID, c.Void, int64(c.Talk), int64(c.Billed), int64(c.WalletDelta), c.Reason, c.Actor, instant(c.RecordedAt)})
	}
	return out
}

func receipt(u app.UsageRow) string {
	r := billing.Receipt{Event: u.RecordedUsage, Split: u.Split, Terms: u.Terms, Late: u.Late, Period: u.PeriodIndex, CallPeriod: u.CallPeriod}
	for _, c := range u.Corrections {
		if c.Void {
			r.VoidReason = c.Reason
		} else {
			r.Corrected = true
		}
	}
	return r.String()
}
