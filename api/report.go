package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/danielgtaylor/huma/v2"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/gate"
)

// maxMetadata bounds an event's metadata, in bytes of compact JSON.
const maxMetadata = 16 << 10

// reader reads usage events one by one, each with its own verdict: a bad one never spoils its neighbours.
type reader struct {
	registry huma.Registry
	schema   *huma.Schema
}

// report reads an event of clean JSON. What is wrong with its shape is in the report's Problem.
func (r reader) report(raw []byte) app.UsageReport {
	if report, ok := plainly(raw); ok {
		return report
	}
	return r.thoroughly(raw)
}

// thoroughly reads an event however it is written.
func (r reader) thoroughly(raw []byte) app.UsageReport {
	report := app.UsageReport{Raw: raw}
	var any any
	if err := json.Unmarshal(raw, &any); err != nil {
		report.Problem = billing.InvalidField("", "The event is not JSON.")
		return report
	}
	report.Source, report.EventID = named(any, "source"), named(any, "event_id")
	path, found := huma.NewPathBuffer(nil, 0), &huma.ValidateResult{}
	path.Push("body")
	huma.Validate(r.registry, r.schema, path, huma.ModeWriteToServer, any, found)
	if len(found.Errors) > 0 {
		report.Problem = shapeProblem(found.Errors)
		return report
	}
	var in eventIn
	err := json.Unmarshal(raw, &in)
	if err == nil {
		err = in.into(&report)
	}
	if err != nil && !errors.As(err, &report.Problem) {
		report.Problem = billing.InvalidField("", "The event cannot be read.")
	}
	return report
}

// named is the text of a field, as far as there is one.
func named(value any, field string) string {
	fields, _ := value.(map[string]any)
	text, _ := fields[field].(string)
	return text
}

func shapeProblem(errs []error) *billing.Error {
	field, message := fieldOf(errs[0])
	problem := billing.InvalidField(field, "%s", message)
	for _, err := range errs[1:] {
		field, message := fieldOf(err)
		problem.Fields = append(problem.Fields, billing.FieldError{Field: field, Message: message})
	}
	return problem
}

// badLine is the report of a line that is no clean JSON.
func badLine(raw []byte, why *billing.Error) app.UsageReport {
	why.Kind, why.Code = billing.Invalid, gate.MalformedJSON
	return app.UsageReport{Raw: raw, Problem: why}
}

// into fills a report.
func (in eventIn) into(r *app.UsageReport) (err error) {
	client, err := in.ref()
	if err != nil {
		return err
	}
	r.ClientID, r.ClientExternalID = client.ID, client.ExternalID
	r.UsageEvent = billing.UsageEvent{
		Source: in.Source, EventID: in.ID, Kind: billing.UsageKind(in.Kind), CallID: in.CallID, CampaignID: in.CampaignID, AssistantID: in.AssistantID,
		PhoneNumber: in.PhoneNumber, Direction: in.Direction, Tags: in.Tags,
	}
	if r.Kind == "" {
		r.Kind = billing.Call
	}
	steps := []func(*billing.UsageEvent) error{in.times, in.extent, in.price, in.extras}
	for _, step := range steps {
		if err := step(&r.UsageEvent); err != nil {
			return err
		}
	}
	return nil
}

func (in eventIn) times(u *billing.UsageEvent) (err error) {
	if u.StartedAt, err = readInstant("started_at", in.StartedAt); err != nil {
		return err
	}
	if u.EndedAt, err = readInstant("ended_at", in.EndedAt); err != nil {
		return err
	}
	if u.EndedAt.IsZero() {
		return billing.InvalidField("ended_at", "is required")
	}
	return nil
}

// extent is how long a call was, or how many chats there were.
func (in eventIn) extent(u *billing.UsageEvent) error {
	switch {
	case u.Kind == billing.Chat:
		u.Chats = 1
		if in.Chats != nil {
			u.Chats = *in.Chats
		}
		if in.DurationMS != nil {
			u.Talk = billing.Millis(*in.DurationMS)
		}
		return nil
	case in.Chats != nil:
		return billing.InvalidField("chats", "belongs to a CHAT; set kind to CHAT or leave it out")
	case in.DurationMS != nil:
		u.Talk = billing.Millis(*in.DurationMS)
		return nil
	case u.StartedAt.IsZero():
		return billing.InvalidField("duration_ms", "is required, or started_at")
	}
	u.Talk = billing.Millis(u.EndedAt.Sub(u.StartedAt).Milliseconds())
	if u.EndedAt.Before(u.StartedAt) {
		return billing.InvalidField("ended_at", "lies before started_at")
	}
	return nil
}

func (in eventIn) price(u *billing.UsageEvent) error {
	if in.Cost == nil {
		return nil
	}
	amount, err := billing.ParseRate("cost.amount", in.Cost.Amount)
	if err != nil {
		return err
	}
	u.CostMicros, u.CostCurrency = int64(amount), in.Cost.Currency
	return billing.CheckCurrencyCode("cost.currency", in.Cost.Currency)
}

func (in eventIn) extras(u *billing.UsageEvent) error {
	for i, tag := range in.Tags {
		if err := billing.CheckText(fmt.Sprintf("tags[%d]", i), tag, 1, 100); err != nil {
			return err
		}
	}
	var compact bytes.Buffer
	if len(in.Metadata) == 0 || string(in.Metadata) == "null" || json.Compact(&compact, in.Metadata) != nil {
		return nil
	}
	if compact.Len() > maxMetadata {
		return billing.InvalidField("metadata", "must be at most %d bytes", maxMetadata)
	}
	if compact.String() != "{}" {
		u.Metadata = compact.String()
	}
	return nil
}
