package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"reflect"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/gate"
)

// maxEvents bounds a batch.
const maxEvents = 10_000

// conflictOut is the refusal of an event that is stored with other content: it shows both.
type conflictOut struct {
	gate.Problem
	Stored eventOut `json:"stored"`
	Sent   object   `json:"sent"`
}

// resultOut is what became of one event of a batch.
type resultOut struct {
	Index   int                   `json:"index" doc:"Its place in the batch, from 0"`
	Result  string                `json:"result" enum:"accepted,duplicate,conflict,rejected"`
	EventID string                `json:"event_id"`
	ID      *billing.ID           `json:"id" doc:"Of the stored event"`
	Error   nullable[resultError] `json:"error"`
}

type resultError struct {
	Code    string `json:"code"`
	Field   string `json:"field"`
	Message string `json:"message"`
}

// batchOut is what became of a batch.
type batchOut struct {
	Data []resultOut `json:"data"`
	Meta batchMeta   `json:"meta"`
}

type batchMeta struct {
	Accepted   int `json:"accepted"`
	Duplicates int `json:"duplicates"`
	Conflicts  int `json:"conflicts"`
	Rejected   int `json:"rejected"`
}

// batchIn is a batch as one JSON object.
type batchIn struct {
	Events []eventIn `json:"events" maxItems:"10000"`
}

func (s *server) usageEvents() {
	const tag = "Usage events"
	registry := s.huma.OpenAPI().Components.Schemas
	r := reader{registry, registry.Schema(reflect.TypeFor[eventIn](), false, "")}
	s.documentUsage(tag)
	s.handle(http.MethodPost, Prefix+"/usage-events", gate.Rules{Scope: app.ScopeUsageWrite}, answering(s.recordOne(r)))
	s.handle(http.MethodPost, Prefix+"/usage-events/batch", gate.Rules{Scope: app.ScopeUsageWrite, MaxBody: gate.MaxBatch, Types: []string{gate.NDJSON}}, answering(s.recordBatch(r)))
	route(s, http.MethodGet, "/usage-events", words{summary: "List usage events", tag: tag, scope: app.ScopeRead}, s.listEvents)
	route(s, http.MethodGet, "/usage-events/{id}", words{summary: "Read a usage event", tag: tag, scope: app.ScopeRead, also: []int{http.StatusConflict}, more: "An archived one is read from its file; 409 where that cannot be read."}, s.readEvent)
	route(s, http.MethodPost, "/usage-events/{id}/void", words{
		summary: "Void a usage event", tag: tag, scope: app.ScopeWrite,
		more: "Its minutes return to the pools they came from; nothing is deleted.",
	}, s.voidEvent)
}

// answering is a handler that answers with a status and a value, or a refusal.
func answering(do func(r *http.Request) (int, any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.URL.RawQuery) > 0 {
			for name := range r.URL.Query() {
				gate.Explain(r.Context(), billing.InvalidField(name, "is not a known parameter")).Write(w)
				return
			}
		}
		status, out, err := do(r)
		if err != nil {
			gate.Explain(r.Context(), err).Write(w)
			return
		}
		if problem, conflicting := out.(conflictOut); conflicting {
			w.Header().Set("Content-Type", problem.ContentType(""))
		} else {
			w.Header().Set("Content-Type", "application/json")
		}
		w.WriteHeader(status)
		if often, is := out.(interface{ spelled() ([]byte, error) }); is {
			if text, err := often.spelled(); err == nil {
				_, _ = w.Write(text) // whoever asked has gone
				return
			}
		}
		_ = json.NewEncoder(w).Encode(out) // whoever asked has gone
	})
}

func (s *server) recordOne(events reader) func(r *http.Request) (int, any, error) {
	return func(r *http.Request) (int, any, error) {
		raw, err := eventBody(r)
		if err != nil {
			return 0, nil, err
		}
		results, err := s.app.RecordUsage(r.Context(), gate.Actor(r.Context()), []app.UsageReport{events.report(raw)})
		if err != nil {
			return 0, nil, err
		}
		return s.recorded(r.Context(), results[0], raw)
	}
}

// eventBody is the body of a request that reports one event.
func eventBody(r *http.Request) ([]byte, error) {
	raw, err := gate.Body(r)
	if err == nil && len(raw) == 0 {
		err = problemOf(r.Context(), http.StatusBadRequest, "The body is empty; a usage event was expected.", nil)
	}
	return raw, err
}

// recorded is the answer to one event.
func (s *server) recorded(ctx context.Context, result app.UsageResult, raw []byte) (int, any, error) {
	switch result.Result {
	case app.UsageAccepted:
		return http.StatusCreated, event(*result.Known), nil
	case app.UsageDuplicate:
		return http.StatusOK, s.repeated(ctx, result.Known), nil
	case app.UsageConflict:
		problem := gate.Explain(ctx, result.Error)
		out, err := s.stored(ctx, result.Known)
		if err != nil {
			return 0, nil, problem
		}
		return problem.Status, conflictOut{*problem, out, object(raw)}, nil
	}
	gate.KeepDespiteRefusal(ctx) // it stands in the list of rejected events
	return 0, nil, result.Error
}

// repeatOut is what is known of a repeat whose event lies in the archive, in a file that cannot be read here: it counted
// when it first came, and whoever sends it again is told so all the same.
type repeatOut struct {
	Source    string     `json:"source"`
	EventID   string     `json:"event_id"`
	ID        billing.ID `json:"id"`
	ClientID  billing.ID `json:"client_id"`
	EndedAt   instant    `json:"ended_at"`
	Status    string     `json:"status" enum:"RATED,UNRATED,VOIDED"`
	Duplicate bool       `json:"duplicate" enum:"true"`
	Archived  bool       `json:"archived" enum:"true"`
	Detail    string     `json:"detail" doc:"Why its figures are not here, and what to do about it"`
}

// repeated is the answer to a report that was seen before: the event with its figures, wherever those can be read.
func (s *server) repeated(ctx context.Context, known *app.UsageRow) any {
	out, err := s.stored(ctx, known)
	if err != nil {
		return repeatOut{
			known.Event.Source, known.Event.EventID, known.ID, known.Client, instant(known.Event.EndedAt), string(known.Status), true, true,
			gate.Explain(ctx, err).Detail,
		}
	}
	out.Duplicate = true
	return out
}

// stored is an event that was seen before. An archived one is read from its file, which may not be there.
func (s *server) stored(ctx context.Context, known *app.UsageRow) (eventOut, error) {
	if !known.Archived {
		return event(*known), nil
	}
	return s.showEvent(ctx, gate.Actor(ctx), known.ID)
}

func (s *server) recordBatch(events reader) func(r *http.Request) (int, any, error) {
	return func(r *http.Request) (int, any, error) {
		raw, err := gate.Body(r)
		if err != nil {
			return 0, nil, err
		}
		reports, err := events.batch(r, raw)
		if err != nil {
			return 0, nil, err
		}
		if len(reports) > maxEvents {
			return 0, nil, billing.Refuse(billing.TooLarge, "batch_too_large", fmt.Sprintf("The batch has more than %d events.", maxEvents), "Send it in parts.")
		}
		results, err := s.app.RecordUsage(r.Context(), gate.Actor(r.Context()), reports)
		if err != nil {
			return 0, nil, err
		}
		return http.StatusOK, batch(results), nil
	}
}

// batch reads the events of a batch, in whichever form it came.
func (r reader) batch(req *http.Request, raw []byte) ([]app.UsageReport, error) {
	if kind, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type")); kind == gate.NDJSON {
		return r.lines(raw), nil
	}
	reports := make([]app.UsageReport, 0, min(len(raw)/200+1, maxEvents+1))
	if apart(raw, func(s *skimmer) { reports = r.next(s, reports) }) {
		return reports, nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, billing.InvalidField("", "The body must be an object with the field events, or one event a line.")
	}
	for name := range fields {
		if name != "events" {
			return nil, billing.InvalidField(name, "is not a known field")
		}
	}
	var items []json.RawMessage
	if err := json.Unmarshal(fields["events"], &items); err != nil || items == nil {
		return nil, billing.InvalidField("events", "must be a list of usage events")
	}
	reports = make([]app.UsageReport, 0, len(items))
	for _, item := range items[:min(len(items), maxEvents+1)] {
		reports = append(reports, r.report(item))
	}
	return reports, nil
}

// next reads the next event of a batch; of those beyond what is taken, one.
func (r reader) next(s *skimmer, reports []app.UsageReport) []app.UsageReport {
	from := s.at
	if len(reports) <= maxEvents {
		if report, ok := s.event(); ok {
			return append(reports, report)
		}
	}
	s.at = from
	s.pass()
	if len(reports) <= maxEvents {
		reports = append(reports, r.thoroughly(s.text[from:s.at]))
	}
	return reports
}

// lines reads one event a line; empty lines are passed over.
func (r reader) lines(raw []byte) (reports []app.UsageReport) {
	for line := range bytes.Lines(raw) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		if len(reports) > maxEvents {
			break
		}
		if fault := gate.CheckJSON(line); fault != nil {
			reports = append(reports, badLine(line, fault))
			continue
		}
		reports = append(reports, r.report(line))
	}
	return reports
}

func batch(results []app.UsageResult) batchOut {
	out := batchOut{Data: make([]resultOut, 0, len(results))}
	counts := map[string]*int{
		app.UsageAccepted: &out.Meta.Accepted, app.UsageDuplicate: &out.Meta.Duplicates, app.UsageConflict: &out.Meta.Conflicts, app.UsageRejected: &out.Meta.Rejected,
	}
	for i, r := range results {
		*counts[r.Result]++
		each := resultOut{Index: i, Result: r.Result, EventID: r.EventID, ID: orNull(r.ID)}
		if r.Error != nil {
			each.Error.Value = &resultError{r.Error.Code, r.Error.Field, r.Error.Message}
		}
		out.Data = append(out.Data, each)
	}
	return out
}

// EventQuery narrows a list of usage events.
type EventQuery struct {
	ClientQuery
	From   string `query:"from" format:"date-time" doc:"Ended at or after"`
	To     string `query:"to" format:"date-time" doc:"Ended before"`
	Status string `query:"status" enum:"RATED,UNRATED,VOIDED"`
	Source string `query:"source" maxLength:"100"`
	CallID string `query:"call_id" maxLength:"255"`
}

func (q EventQuery) filter() (f app.UsageFilter, err error) {
	f = app.UsageFilter{Status: billing.UsageStatus(q.Status), Source: q.Source, CallID: q.CallID}
	if f.Client, err = q.client(); err != nil {
		return f, err
	}
	if f.From, err = readInstant("from", q.From); err != nil {
		return f, err
	}
	f.To, err = readInstant("to", q.To)
	return f, err
}

func (s *server) listEvents(ctx context.Context, who app.Actor, in *struct {
	EventQuery
	Paging
},
) (list[eventOut], error) {
	f, err := in.filter()
	if err != nil {
		return list[eventOut]{}, err
	}
	l, err := s.app.UsageEvents(ctx, who, f, in.page())
	return listed(in.Paging, l, err, event)
}

func (s *server) readEvent(ctx context.Context, who app.Actor, in *ByID) (eventOut, error) {
	id, err := in.id()
	if err != nil {
		return eventOut{}, err
	}
	return s.showEvent(ctx, who, id)
}

func (s *server) showEvent(ctx context.Context, who app.Actor, id billing.ID) (eventOut, error) {
	u, err := s.app.UsageEvent(ctx, who, id)
	return event(u), err
}

func (s *server) voidEvent(ctx context.Context, who app.Actor, in *struct {
	ByID
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"500"`
	}
},
) (eventOut, error) {
	id, err := in.id()
	if err != nil {
		return eventOut{}, err
	}
	if err := s.app.VoidUsage(ctx, who, id, in.Body.Reason); err != nil {
		return eventOut{}, err
	}
	return s.showEvent(ctx, who, id)
}
