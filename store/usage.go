package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"minutebook/billing"
)

var usageTable = tableOf("usage_events", `agency_id id client_id seq source event_id key_head key_tail call_key content_hash kind started_at ended_at raw_ms chats call_id
	campaign_id assistant_id phone_number direction cost_micros cost_currency metadata tags status subscription_id period_index
	call_period late billed_ms included_ms wallet_ms billable_ms uncovered_ms recorded_at actor day`)

// newUsage is a row of usage_events: an event with its split, which is the event's own fact.
type newUsage struct {
	account *billing.Account
	entry   *billing.Entry
	actor   string
	day     billing.Date
	key     Digest
}

func (u *newUsage) into(c cells) {
	f := u.entry.Fact.(billing.UsageRecorded)
	e := &f.Event
	putID(c, u.account.Agency)
	putID(c, f.ID)
	putID(c, u.account.Client)
	c.num(u.entry.Seq)
	c.text(e.Source)
	c.text(e.EventID)
	u.key.into(c)
	putCallKey(c, u.account.Agency, e.EventID, e.CallID)
	c.bytes(e.Fingerprint(u.account.Client))
	c.text(string(e.Kind))
	putTime(c, e.StartedAt)
	putTime(c, e.EndedAt)
	c.num(int64(e.Talk))
	c.num(e.Chats)
	c.text(e.CallID)
	c.text(e.CampaignID)
	c.text(e.AssistantID)
	c.text(e.PhoneNumber)
	c.text(e.Direction)
	c.num(e.CostMicros)
	c.text(e.CostCurrency)
	c.text(e.Metadata)
	c.text(tagsText(e.Tags))
	c.text(string(f.Status))
	putRef(c, f.SubscriptionID)
	c.num(int64(f.PeriodIndex))
	c.num(int64(f.CallPeriod))
	c.flag(f.Late)
	c.num(int64(f.Billed))
	c.num(int64(f.Split.Included))
	c.num(int64(f.Split.Wallet))
	c.num(int64(f.Split.Billable))
	c.num(int64(f.Split.Uncovered))
	putTime(c, u.entry.At)
	c.text(u.actor)
	c.num(int64(u.day))
}

// tagsText is a JSON array, or empty.
func tagsText(tags []string) string {
	if len(tags) == 0 {
		return ""
	}
	text, _ := json.Marshal(tags) // texts can always be written
	return string(text)
}

func (w *writer) usage(e *billing.Entry, f *billing.UsageRecorded, actor string) {
	u := newUsage{
		account: w.Account, entry: e, actor: actor, day: billing.DateOf(f.Event.EndedAt.In(zoneNamed(w.Account.Zone))),
		key: UsageKey{w.Account.Agency, f.Event.Source, f.Event.EventID}.Digest(),
	}
	w.sums().recorded(u.day, e.Seq, f)
	w.batch.sourceDays.recorded(w.Account.Agency, u.day, f)
	w.batch.usage = append(w.batch.usage, u)
}

// sums are what the facts add to the sums by day.
func (w *writer) sums() days {
	if w.days == nil {
		w.days = days{}
	}
	return w.days
}

func (w *writer) correction(seq int64, f billing.UsageCorrected, actor string) {
	u := w.corrected[f.UsageEventID]
	w.batch.sourceDays.corrected(w.Account.Agency, u.Event.Source, u.Day, w.sums().correct(u, f))
	w.exec(`
		INSERT INTO usage_corrections (agency_id, id, usage_event_id, client_id, seq, void, raw_ms, billed_ms, parts, wallet_delta_ms, reason, actor, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		w.Account.Agency, f.CorrectionID, f.UsageEventID, w.Account.Client, seq, f.Void, f.Talk, f.Billed, w.json(f.Parts), f.WalletDelta, f.Reason, actor, w.RecordedAt)
}

// UsageRow is a stored event with what corrections made of it: Status, Billed, Parts and Split are as they stand now,
// but those of a voided event, which stay what they were before.
type UsageRow struct {
	billing.RecordedUsage
	Client         billing.ID
	ClientName     string
	Seq            int64
	SubscriptionID billing.ID
	PeriodIndex    int
	CallPeriod     int
	Late           bool
	Split          billing.Split
	Drawn          billing.Split // the split at recording
	Terms          billing.Terms // of its subscription; zero for an unrated event
	ContentHash    []byte
	RecordedAt     time.Time
	Actor          string
	Day            billing.Date // of the call's end
	Corrections    []CorrectionRow
	Archived       bool // it lies in the archive; of what KnownUsage finds there, only what tells a repeat is filled in
}

// RecordedRow is the row of an event that was just recorded, as it is about to be stored.
func RecordedRow(a *billing.Account, event billing.ID, actor string) *UsageRow {
	for i := len(a.Fresh()) - 1; i >= 0; i-- {
		entry := &a.Fresh()[i]
		if f, is := entry.Fact.(billing.UsageRecorded); is && f.ID == event {
			return recordedRow(a, entry, f, actor)
		}
	}
	return nil
}

func recordedRow(a *billing.Account, entry *billing.Entry, f billing.UsageRecorded, actor string) *UsageRow {
	whole := &struct {
		row  UsageRow
		part [1]billing.Part
	}{}
	u := &whole.row
	*u = UsageRow{
		RecordedUsage: billing.RecordedUsage{ID: f.ID, Event: f.Event, Status: f.Status, Billed: f.Billed}, Client: a.Client, ClientName: a.Name, Seq: entry.Seq,
		SubscriptionID: f.SubscriptionID, PeriodIndex: f.PeriodIndex, CallPeriod: f.CallPeriod, Late: f.Late, Split: f.Split, Drawn: f.Split,
		RecordedAt: entry.At, Actor: actor,
	}
	if f.Status == billing.Rated {
		u.Terms = a.Subscription.Terms
		whole.part[0] = billing.Part{SubscriptionID: f.SubscriptionID, PeriodIndex: f.PeriodIndex, Split: f.Split}
		u.Parts = whole.part[:]
	}
	return u
}

// CorrectionRow is a void, or a later report that differed.
type CorrectionRow struct {
	ID          billing.ID
	Event       billing.ID
	Void        bool
	Talk        billing.Millis
	Billed      billing.Millis
	Parts       []billing.Part
	WalletDelta billing.Millis
	Reason      string
	Actor       string
	RecordedAt  time.Time
}

const (
	usageColumns = `e.client_id, c.name, e.seq, e.source, e.event_id, e.content_hash, e.kind, e.started_at, e.ended_at, e.raw_ms, e.chats, e.call_id,
		e.campaign_id, e.assistant_id, e.phone_number, e.direction, e.cost_micros, e.cost_currency, e.metadata, e.tags, e.status, e.subscription_id,
		e.period_index, e.call_period, e.late, e.billed_ms, e.included_ms, e.wallet_ms, e.billable_ms, e.uncovered_ms, e.recorded_at, e.actor, e.day, s.terms`
	usageSource = `usage_events e JOIN clients c ON c.agency_id = e.agency_id AND c.id = e.client_id
		LEFT JOIN subscriptions s ON s.agency_id = e.agency_id AND s.id = e.subscription_id`
)

// readUsage reads the columns above behind the event's id.
func readUsage(r Row, u *UsageRow) error {
	var tags, terms string
	e := &u.Event
	err := r.Scan(&u.Client, &u.ClientName, &u.Seq, &e.Source, &e.EventID, &u.ContentHash, &e.Kind, &e.StartedAt, &e.EndedAt, &e.Talk, &e.Chats, &e.CallID,
		&e.CampaignID, &e.AssistantID, &e.PhoneNumber, &e.Direction, &e.CostMicros, &e.CostCurrency, &e.Metadata, &tags, &u.Status, &u.SubscriptionID,
		&u.PeriodIndex, &u.CallPeriod, &u.Late, &u.Billed, &u.Split.Included, &u.Split.Wallet, &u.Split.Billable, &u.Split.Uncovered, &u.RecordedAt, &u.Actor, &u.Day, &terms)
	if err != nil {
		return err
	}
	u.drawn()
	return firstFailure(decodeInto(tags, &e.Tags), decodeInto(terms, &u.Terms))
}

// drawn is the row as it was recorded: drawn from one period, if from any.
func (u *UsageRow) drawn() {
	u.Drawn = u.Split
	if u.Status == billing.Rated {
		u.Parts = []billing.Part{{SubscriptionID: u.SubscriptionID, PeriodIndex: u.PeriodIndex, Split: u.Split}}
	}
}

func decodeInto(text string, into any) error {
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), into)
}

func firstFailure(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// usageWithID reads a row whose first column is the id.
func usageWithID(r Row, u *UsageRow) error { return readUsage(withID{r, &u.ID}, u) }

// correct brings rows to where their corrections left them.
func correct(ctx context.Context, q Q, agency billing.ID, rows []UsageRow) error {
	at := map[billing.ID]int{}
	for i, u := range rows {
		at[u.ID] = i
	}
	for start := 0; start < len(rows); start += 500 {
		args, places := []any{agency}, []string{}
		for _, u := range rows[start:min(start+500, len(rows))] {
			args = append(args, u.ID)
			places = append(places, fmt.Sprintf("$%d", len(args)))
		}
		corrections, err := Collect(readCorrection)(q.Query(ctx, `
			SELECT id, usage_event_id, void, raw_ms, billed_ms, parts, wallet_delta_ms, reason, actor, recorded_at
			FROM usage_corrections
			WHERE agency_id = $1 AND usage_event_id IN (`+strings.Join(places, ", ")+`)
			ORDER BY id`, args...))
		if err != nil {
			return fmt.Errorf("reading corrections of usage events: %w", err)
		}
		for _, c := range corrections {
			rows[at[c.Event]].apply(c)
		}
	}
	return nil
}

func readCorrection(r Row, c *CorrectionRow) error {
	var parts string
	if err := r.Scan(&c.ID, &c.Event, &c.Void, &c.Talk, &c.Billed, &parts, &c.WalletDelta, &c.Reason, &c.Actor, &c.RecordedAt); err != nil {
		return err
	}
	return decodeInto(parts, &c.Parts)
}

func (u *UsageRow) apply(c CorrectionRow) {
	u.Corrections = append(u.Corrections, c)
	if c.Void {
		u.Status = billing.VoidUsage
		return
	}
	u.Event.Talk = c.Talk
	if u.Status != billing.Rated {
		return
	}
	u.Billed = c.Billed
	for _, part := range c.Parts {
		u.Split = u.Split.Plus(part.Split)
		u.addPart(part)
	}
}

// addPart keeps one part a period, in the order they were first drawn.
func (u *UsageRow) addPart(part billing.Part) {
	for i := range u.Parts {
		if u.Parts[i].SubscriptionID == part.SubscriptionID && u.Parts[i].PeriodIndex == part.PeriodIndex {
			u.Parts[i].Split = u.Parts[i].Split.Plus(part.Split)
			return
		}
	}
	u.Parts = append(u.Parts, part)
}

// SameContent says whether a report says the very same as the stored event.
func (u *UsageRow) SameContent(client billing.ID, e billing.UsageEvent) bool {
	if u.ContentHash == nil { // recorded just now
		u.ContentHash = u.Event.Fingerprint(u.Client)
	}
	return bytes.Equal(u.ContentHash, e.Fingerprint(client))
}

// listedUsage is usageSource for the events of an agency, $1, in a list of ids, $2. Each part of a row is looked up by its
// own, or PostgreSQL reads all clients and subscriptions of the agency for each event; see eachOf.
func (d *dialect) listedUsage() string {
	if !d.arrays {
		return usageSource + ` WHERE e.agency_id = $1 AND ` + d.anyOf("e.id", 2, "bigint")
	}
	return d.eachOf("usage_events", "agency_id = $1", "id", 2, "bigint", "") + ` JOIN LATERAL (SELECT found.*) AS e ON TRUE
		JOIN LATERAL (SELECT name FROM clients WHERE agency_id = e.agency_id AND id >= e.client_id AND id <= e.client_id ORDER BY id) AS c ON TRUE
		LEFT JOIN LATERAL (SELECT terms FROM subscriptions WHERE agency_id = e.agency_id AND id >= e.subscription_id AND id <= e.subscription_id ORDER BY id) AS s ON TRUE`
}

// UsageByID reads one event. ErrMissing if the agency has none such.
func UsageByID(ctx context.Context, q Q, agency, id billing.ID) (UsageRow, error) {
	rows := make([]UsageRow, 1)
	err := usageWithID(q.QueryRow(ctx, `SELECT e.id, `+usageColumns+` FROM `+usageSource+` WHERE e.agency_id = $1 AND e.id = $2`, agency, id), &rows[0])
	if err != nil {
		return UsageRow{}, err
	}
	return rows[0], correct(ctx, q, agency, rows)
}

// LoadClosedPeriod reads what a correction needs to know of a period that is over.
func LoadClosedPeriod(ctx context.Context, q Q, agency, subscription billing.ID, index int) (billing.ClosedPeriod, error) {
	var p billing.ClosedPeriod
	var terms string
	err := q.QueryRow(ctx, `
		SELECT p.billable_ms, s.terms, EXISTS (
		       SELECT 1 FROM payment_requests r
		       WHERE r.agency_id = p.agency_id AND r.subscription_id = p.subscription_id AND r.period_index = p.idx AND r.kind = 'USAGE' AND r.status <> 'CANCELED')
		FROM periods p JOIN subscriptions s ON s.agency_id = p.agency_id AND s.id = p.subscription_id
		WHERE p.agency_id = $1 AND p.subscription_id = $2 AND p.idx = $3`, agency, subscription, index).Scan(&p.Billable, &terms, &p.Billed)
	if err != nil {
		return p, fmt.Errorf("reading period %d of subscription %d: %w", index, subscription, err)
	}
	p.Returned, err = returnedBillable(ctx, q, agency, subscription, index)
	return p, firstFailure(err, decodeInto(terms, &p.Terms))
}

// returnedBillable sums the billable time that corrections gave back to a period after it was closed.
func returnedBillable(ctx context.Context, q Q, agency, subscription billing.ID, index int) (billing.Millis, error) {
	var returned billing.Millis
	corrections, err := Collect(readCorrection)(q.Query(ctx, `
		SELECT v.id, v.usage_event_id, v.void, v.raw_ms, v.billed_ms, v.parts, v.wallet_delta_ms, v.reason, v.actor, v.recorded_at
		FROM usage_corrections v
		JOIN periods p ON p.agency_id = v.agency_id AND p.subscription_id = $2 AND p.idx = $3
		WHERE v.agency_id = $1 AND v.seq > p.closed_seq AND v.client_id = (
		      SELECT client_id FROM subscriptions WHERE agency_id = $1 AND id = $2)`, agency, subscription, index))
	for _, c := range corrections {
		for _, part := range c.Parts {
			if part.SubscriptionID == subscription && part.PeriodIndex == index {
				returned -= part.Split.Billable
			}
		}
	}
	return returned, err
}
