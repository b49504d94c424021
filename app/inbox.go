package app

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"minutebook/billing"
	"minutebook/store"
)

// ProviderReport is an ended call or chat as a provider told it. Source and event id are set here: the provider's name
// and its call id.
type ProviderReport struct {
	billing.UsageEvent
	ClientTag     string // the client's id or external id, as the agency put it on the call; may be empty
	PhoneNumberID string // the provider's name for the number; a NUMBER mapping matches either
	LocationID    string
}

// What became of a provider's report, beside the results of a usage report.
const (
	ReportUnassigned = "unassigned" // nobody knows its client yet
	ReportCorrected  = "corrected"  // a later report of a known call told another duration
)

// Outcome is what became of a provider's report.
type Outcome struct {
	Result  string
	EventID billing.ID // of the usage event, or of the unassigned one
	Error   *billing.Error
}

// RecordReport meters a provider's report. Its client is named by the tag, else by the connection's mappings, first of
// the assistant, then of the number, then of the location; a report without a client waits in the unassigned list.
// A later report of a known call corrects its duration, and changes nothing else. The body itself is not kept: it
// carries what was said. Rules 5.1, 5.2 and 5.9.
func (a *App) RecordReport(ctx context.Context, conn Connection, r ProviderReport, _ []byte) (Outcome, error) {
	r.Source, r.EventID = conn.Provider, r.CallID
	who := conn.Actor()
	key := store.UsageKey{Agency: conn.Agency, Source: r.Source, EventID: r.EventID}.Digest()
	known, err := store.KnownUsage(ctx, a.DB.Q(ctx), []store.Digest{key})
	if err != nil {
		return Outcome{}, err
	}
	if row, metered := known[key]; metered {
		return a.reportAgain(ctx, who, *row, r)
	}
	client, err := a.clientOfReport(ctx, conn.Agency, conn.ID, r)
	if err != nil {
		return Outcome{}, err
	}
	if client == 0 {
		return a.parkReport(ctx, conn, r)
	}
	return a.meterReport(ctx, who, client, r)
}

// RejectReport keeps a provider's body that could not be read as a report, so that the agency sees it.
func (a *App) RejectReport(ctx context.Context, conn Connection, why *billing.Error, rawBody []byte) error {
	return a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		r := UsageReport{UsageEvent: billing.UsageEvent{Source: conn.Provider}, Raw: rawBody}
		return store.PutRejected(ctx, q, []store.Rejected{a.rejectedEvent(conn.Actor(), a.wall(), &r, why)})
	})
}

// reportAgain takes a further report of a call that is metered: only another duration matters.
func (a *App) reportAgain(ctx context.Context, who Actor, row store.UsageRow, r ProviderReport) (Outcome, error) {
	var refusal *billing.Error
	if row.Archived { // then only its file knows the duration
		whole, err := a.UsageEvent(ctx, who, row.ID)
		if errors.As(err, &refusal) {
			return Outcome{Result: UsageConflict, EventID: row.ID, Error: refusal}, nil
		}
		if err != nil {
			return Outcome{}, err
		}
		row = whole
	}
	if r.Kind != billing.Call || row.Event.Kind != billing.Call || r.Talk == row.Event.Talk || row.Status == billing.VoidUsage {
		return Outcome{Result: UsageDuplicate, EventID: row.ID}, nil
	}
	err := a.CorrectUsage(ctx, who, row.ID, r.Talk, "A later report of the call told another duration.")
	if errors.As(err, &refusal) {
		return Outcome{Result: UsageConflict, EventID: row.ID, Error: refusal}, nil
	}
	return Outcome{Result: ReportCorrected, EventID: row.ID}, err
}

// meterReport meters a report whose client is known, and closes the waiting one of the same call.
func (a *App) meterReport(ctx context.Context, who Actor, client billing.ID, r ProviderReport) (out Outcome, err error) {
	err = a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		results, err := a.RecordUsage(ctx, who, []UsageReport{{UsageEvent: r.UsageEvent, ClientID: client, Raw: reportBody(r.UsageEvent, client)}})
		if err != nil {
			return err
		}
		out = Outcome{Result: results[0].Result, EventID: results[0].ID, Error: results[0].Error}
		return store.CloseUnassigned(ctx, q, who.Agency, store.UsageKey{Source: r.Source, EventID: r.EventID}, results[0].ID, a.wall())
	})
	if err == nil && out.Result == UsageConflict { // somebody else metered another report of it just now
		row, err := store.UsageByID(ctx, a.DB.Q(ctx), who.Agency, out.EventID)
		if err != nil {
			return Outcome{}, err
		}
		return a.reportAgain(ctx, who, row, r)
	}
	return out, err
}

func (a *App) parkReport(ctx context.Context, conn Connection, r ProviderReport) (out Outcome, err error) {
	event, err := json.Marshal(r)
	if err != nil {
		return Outcome{}, err
	}
	number := r.PhoneNumber
	if number == "" {
		number = r.PhoneNumberID
	}
	waiting := store.Unassigned{
		ID: a.Mint(), ConnectionID: conn.ID, Source: r.Source, EventID: r.EventID, Event: string(event),
		ClientTag: r.ClientTag, AssistantID: r.AssistantID, PhoneNumber: number, CreatedAt: a.wall(),
	}
	err = a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		out, err = a.park(ctx, q, conn, waiting, r)
		return err
	})
	return out, err
}

// park keeps a report and looks again for its client: whoever changes the connection's mappings holds the connection,
// which the new row waits for, and so each of the two sees what the other did.
func (a *App) park(ctx context.Context, q store.Q, conn Connection, waiting store.Unassigned, r ProviderReport) (Outcome, error) {
	id, err := store.PutUnassigned(ctx, q, conn.Agency, waiting)
	if err != nil {
		return Outcome{}, err
	}
	client, err := a.clientOfReport(ctx, conn.Agency, conn.ID, r)
	if err != nil || client == 0 {
		return Outcome{Result: ReportUnassigned, EventID: id}, err
	}
	waiting.ID = id
	result, err := a.assign(ctx, q, conn.Actor(), waiting, client)
	return Outcome{Result: result.Result, EventID: result.ID, Error: result.Error}, err
}

// clientOfReport finds the client of a report, or 0.
func (a *App) clientOfReport(ctx context.Context, agency, connection billing.ID, r ProviderReport) (billing.ID, error) {
	for _, ref := range tagRefs(r.ClientTag) {
		id, err := a.ResolveClient(ctx, agency, ref)
		var refusal *billing.Error
		if err == nil || !errors.As(err, &refusal) {
			return id, err
		}
	}
	if r.ClientTag != "" {
		return 0, nil // the agency named somebody: a mapping would guess against its word
	}
	for _, m := range mappingsOf(r) {
		id, err := store.MappedBy(ctx, a.DB.Q(ctx), agency, connection, m.Match, m.Value)
		if !errors.Is(err, store.ErrMissing) {
			return id, err
		}
	}
	return 0, nil
}

// tagRefs are what a tag may mean: the agency's own name for a client first, then an id.
func tagRefs(tag string) []ClientRef {
	if tag == "" {
		return nil
	}
	refs := []ClientRef{{ExternalID: tag}}
	if id, err := billing.ParseID(tag); err == nil {
		refs = append(refs, ClientRef{ID: id})
	}
	return refs
}

// mappingsOf are the mappings that would name the client of a report, the first that is there wins.
func mappingsOf(r ProviderReport) (wanted []Mapping) {
	for _, m := range []Mapping{{Match: ByAssistant, Value: r.AssistantID}, {Match: ByNumber, Value: r.PhoneNumber}, {Match: ByNumber, Value: r.PhoneNumberID}, {Match: ByLocation, Value: r.LocationID}} {
		if m.Value != "" {
			wanted = append(wanted, m)
		}
	}
	return wanted
}

// UnassignedEvent is a reported call whose client nobody named yet.
type UnassignedEvent struct {
	store.Unassigned
	Report ProviderReport
}

// Unassigned lists the calls that wait for a client, newest first.
func (a *App) Unassigned(ctx context.Context, who Actor, p Page) (Listed[UnassignedEvent], error) {
	return listed(ctx, a, who, p, func(q store.Q, w store.Window) (store.Part[UnassignedEvent], error) {
		kept, err := store.UnassignedEvents(ctx, q, who.Agency, 0, w)
		part := store.Part[UnassignedEvent]{Items: []UnassignedEvent{}, Total: kept.Total, Next: kept.Next}
		for _, u := range kept.Items {
			report, bad := readReport(u)
			err = errors.Join(err, bad)
			part.Items = append(part.Items, UnassignedEvent{u, report})
		}
		return part, err
	})
}

func readReport(u store.Unassigned) (r ProviderReport, err error) {
	err = json.Unmarshal([]byte(u.Event), &r)
	return r, err
}

// AssignUnassigned names the client of a waiting call and meters it. Remember keeps a mapping of its assistant, or else
// of its number, and meters what else that names the client for.
func (a *App) AssignUnassigned(ctx context.Context, who Actor, id, client billing.ID, remember bool) (result UsageResult, err error) {
	if _, err := a.ResolveClient(ctx, who.Agency, ClientRef{ID: client}); err != nil {
		return UsageResult{}, err
	}
	var connection billing.ID
	err = a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		u, err := store.UnassignedByID(ctx, q, who.Agency, id)
		if errors.Is(err, store.ErrMissing) {
			return notFound("unassigned event")
		}
		if err != nil {
			return err
		}
		connection = u.ConnectionID
		if result, err = a.assign(ctx, q, who, u, client); err != nil || !remember {
			return err
		}
		return a.remember(ctx, q, who, u, client)
	})
	if err == nil && remember {
		_, err = a.meterUnassigned(ctx, who, connection)
	}
	return result, err
}

// assign meters a waiting report for a client.
func (a *App) assign(ctx context.Context, q store.Q, who Actor, u store.Unassigned, client billing.ID) (UsageResult, error) {
	r, err := readReport(u)
	if err != nil {
		return UsageResult{}, err
	}
	results, err := a.RecordUsage(ctx, who, []UsageReport{{UsageEvent: r.UsageEvent, ClientID: client, Raw: reportBody(r.UsageEvent, client)}})
	if err != nil {
		return UsageResult{}, err
	}
	now := a.wall()
	if err := store.AssignedUnassigned(ctx, q, who.Agency, u.ID, results[0].ID, now); err != nil {
		return UsageResult{}, err
	}
	return results[0], a.audit(ctx, q, who, now, "usage.assign", "unassigned_event:"+u.ID.String(), client, "", nil,
		map[string]any{"client_id": client, "result": results[0].Result, "usage_event_id": results[0].ID})
}

func (a *App) remember(ctx context.Context, q store.Q, who Actor, u store.Unassigned, client billing.ID) error {
	r, err := readReport(u)
	if err != nil {
		return err
	}
	wanted := mappingsOf(r)
	if len(wanted) == 0 {
		return billing.InvalidField("map", "there is no assistant, number or location to remember")
	}
	if _, err := a.connection(ctx, q, who, u.ConnectionID, a.DB.ForUpdate()); err != nil {
		return err
	}
	m := wanted[0]
	m.ClientID = client
	if err := store.AddMapping(ctx, q, who.Agency, u.ConnectionID, m); err != nil {
		return err
	}
	return a.audit(ctx, q, who, a.wall(), "connection.map", "connection:"+u.ConnectionID.String(), client, "", nil, mappingsAudit([]Mapping{m}))
}

// meterUnassigned meters the waiting calls of a connection that its tags and mappings now name a client for: each in
// a transaction of its own, so that a long queue is worked off piece by piece.
func (a *App) meterUnassigned(ctx context.Context, who Actor, connection billing.ID) (metered int, err error) {
	w := store.Window{Limit: 100}
	for {
		part, err := store.UnassignedEvents(ctx, a.DB.Q(ctx), who.Agency, connection, w)
		if err != nil {
			return metered, err
		}
		for _, u := range part.Items {
			done, err := a.meterWaiting(ctx, who, u.ID)
			if err != nil {
				return metered, err
			}
			if done {
				metered++
			}
		}
		if w.Before = part.Next; w.Before == 0 {
			return metered, nil
		}
	}
}

func (a *App) meterWaiting(ctx context.Context, who Actor, id billing.ID) (done bool, err error) {
	err = a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		done = false
		u, err := store.UnassignedByID(ctx, q, who.Agency, id)
		if errors.Is(err, store.ErrMissing) {
			return nil
		}
		if err != nil {
			return err
		}
		r, err := readReport(u)
		if err != nil {
			return err
		}
		client, err := a.clientOfReport(ctx, who.Agency, u.ConnectionID, r)
		if err != nil || client == 0 {
			return err
		}
		done = true
		_, err = a.assign(ctx, q, who, u, client)
		return err
	})
	return done, err
}

// RejectedEvent is a refused usage event, kept so that it can be corrected and replayed.
type RejectedEvent = store.Rejected

// Rejected lists the refused events, newest first.
func (a *App) Rejected(ctx context.Context, who Actor, p Page) (Listed[RejectedEvent], error) {
	return listed(ctx, a, who, p, func(q store.Q, w store.Window) (store.Part[RejectedEvent], error) {
		return store.RejectedEvents(ctx, q, who.Agency, w)
	})
}

// RejectedEvent reads one refused event.
func (a *App) RejectedEvent(ctx context.Context, who Actor, id billing.ID) (RejectedEvent, error) {
	e, err := store.RejectedByID(ctx, a.DB.Q(ctx), who.Agency, id)
	if errors.Is(err, store.ErrMissing) {
		return RejectedEvent{}, notFound("rejected event")
	}
	return e, err
}

// ReplayRejected meters a refused event in its corrected form and closes it. When that is refused again, the list
// keeps it with the new reason, which is answered as the result.
func (a *App) ReplayRejected(ctx context.Context, who Actor, id billing.ID, corrected UsageReport) (result UsageResult, err error) {
	err = a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		if _, err := a.RejectedEvent(ctx, who, id); err != nil {
			return err
		}
		now, err := a.Now(ctx, who.Agency)
		if err != nil {
			return err
		}
		if why, err := a.whyRejected(ctx, who, corrected, now); err != nil {
			return err
		} else if why != nil {
			result = UsageResult{Result: UsageRejected, EventID: corrected.EventID, Error: why}
			return store.RejectAgain(ctx, q, who.Agency, id, why.Field, why.Message, now)
		}
		return a.replay(ctx, q, who, id, corrected, now, &result)
	})
	return result, err
}

func (a *App) replay(ctx context.Context, q store.Q, who Actor, id billing.ID, corrected UsageReport, now time.Time, result *UsageResult) error {
	results, err := a.RecordUsage(ctx, who, []UsageReport{corrected})
	if err != nil {
		return err
	}
	if *result = results[0]; result.Result != UsageAccepted && result.Result != UsageDuplicate {
		return nil
	}
	if err := store.ReplayedRejected(ctx, q, who.Agency, id, result.ID, now); err != nil {
		return err
	}
	return a.audit(ctx, q, who, now, "usage.replay", "rejected_event:"+id.String(), 0, "", nil, map[string]any{"result": result.Result, "usage_event_id": result.ID})
}

// whyRejected tells beforehand why an event would be refused, so that a replay never makes a second line of the list.
func (a *App) whyRejected(ctx context.Context, who Actor, r UsageReport, now time.Time) (*billing.Error, error) {
	if r.Problem != nil {
		return r.Problem, nil
	}
	_, err := a.ResolveClient(ctx, who.Agency, ClientRef{ID: r.ClientID, ExternalID: r.ClientExternalID})
	if err == nil {
		err = r.UsageEvent.Check(now)
	}
	var refusal *billing.Error
	if errors.As(err, &refusal) {
		return refusal, nil
	}
	return nil, err
}

// rejectedEvent is a refused event as it was sent; the same one again is one more try.
func (a *App) rejectedEvent(who Actor, now time.Time, r *UsageReport, why *billing.Error) store.Rejected {
	body := string(r.Raw)
	if !json.Valid(r.Raw) {
		body = asJSON(map[string]string{"text": printable(r.Raw)})
	}
	source, event := r.Source, r.EventID
	if billing.CheckText("", source, 0, 100) != nil || billing.CheckText("", event, 0, 255) != nil {
		source, event = "", "" // what cannot be a name is in the body
	}
	return store.Rejected{
		Agency: who.Agency, ID: a.Mint(), Source: source, EventID: event, Body: shortened(body), Field: why.Field, Reason: why.Message, Actor: who.String(), CreatedAt: now,
	}
}
