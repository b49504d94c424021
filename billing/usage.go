package billing

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// UsageKind is what ended: a call or a chat.
type UsageKind string

const (
	Call UsageKind = "CALL"
	Chat UsageKind = "CHAT"
)

// Bounds of a usage event. Rules 5.2.
const (
	LongestCall    = Millis(24 * 60 * 60 * 1000)
	FutureLeniency = 10 * time.Minute
	MostChats      = 100_000
)

// UsageEvent is one ended call or chat as it was reported.
type UsageEvent struct {
	Source       string
	EventID      string // with Source unique for ever in the agency
	Kind         UsageKind
	StartedAt    time.Time // zero when it was not reported
	EndedAt      time.Time
	Talk         Millis // talk time of a call
	Chats        int64  // number of chats
	CallID       string
	CampaignID   string
	AssistantID  string
	PhoneNumber  string
	Direction    string
	CostMicros   int64 // the provider's cost in millionths of CostCurrency
	CostCurrency string
	Metadata     string // JSON object, "" for none
	Tags         []string
}

// Check refuses an event that cannot have happened. Rules 5.2.
func (u UsageEvent) Check(now time.Time) error {
	switch {
	case strings.TrimSpace(u.Source) == "":
		return InvalidField("source", "must not be empty")
	case strings.TrimSpace(u.EventID) == "":
		return InvalidField("event_id", "must not be empty")
	case u.Kind != Call && u.Kind != Chat:
		return InvalidField("kind", "must be CALL or CHAT")
	case u.EndedAt.IsZero():
		return InvalidField("ended_at", "is required")
	case !u.StartedAt.IsZero() && u.EndedAt.Before(u.StartedAt):
		return InvalidField("ended_at", "lies before started_at")
	case u.EndedAt.After(now.Add(FutureLeniency)):
		return InvalidField("ended_at", "lies more than 10 minutes in the future; check the clock of the sender")
	case u.Talk < 0:
		return InvalidField("duration_ms", "must not be negative")
	case u.Talk > LongestCall:
		return InvalidField("duration_ms", "must be at most 24 hours (86400000)")
	case u.Kind == Chat && (u.Chats < 1 || u.Chats > MostChats):
		return InvalidField("chats", "must be between 1 and %d", MostChats)
	}
	return firstError(checkText("source", u.Source, 1, 100), checkText("event_id", u.EventID, 1, 255), checkText("call_id", u.CallID, 0, 255),
		checkText("campaign_id", u.CampaignID, 0, 255), checkText("assistant_id", u.AssistantID, 0, 255), checkText("phone_number", u.PhoneNumber, 0, 255),
		u.checkCost(), u.checkTags(), u.checkDirection())
}

func (u UsageEvent) checkCost() error {
	switch {
	case u.CostCurrency != "":
		return CheckCurrencyCode("cost.currency", u.CostCurrency)
	case u.CostMicros != 0:
		return InvalidField("cost.currency", "is required with an amount")
	}
	return nil
}

func (u UsageEvent) checkTags() error {
	for i, tag := range u.Tags {
		if err := checkText(fmt.Sprintf("tags[%d]", i), tag, 1, 100); err != nil {
			return err
		}
	}
	if !utf8.ValidString(u.Metadata) || strings.Contains(u.Metadata, "\x00") {
		return InvalidField("metadata", "must be a JSON object in UTF-8")
	}
	return nil
}

func (u UsageEvent) checkDirection() error {
	switch u.Direction {
	case "", "INBOUND", "OUTBOUND", "WEB":
		return nil
	}
	return InvalidField("direction", "must be one of INBOUND, OUTBOUND, WEB")
}

// Billed is what the event draws under the given terms. Rules 5.3.
func (u UsageEvent) Billed(t Terms) Millis {
	switch {
	case u.Kind == Call:
		return t.Rounding.Apply(u.Talk)
	case t.Chat:
		return Millis(u.Chats) * t.ChatsPerMinute.PerChat()
	}
	return 0
}

// Split is talk time over the three pools and the uncovered rest.
type Split struct {
	Included  Millis `json:"included_ms"`
	Wallet    Millis `json:"wallet_ms"`
	Billable  Millis `json:"billable_ms"`
	Uncovered Millis `json:"uncovered_ms"`
}

// Total is the sum of the four parts.
func (s Split) Total() Millis { return s.Included + s.Wallet + s.Billable + s.Uncovered }

// Plus adds two splits part by part.
func (s Split) Plus(t Split) Split {
	return Split{s.Included + t.Included, s.Wallet + t.Wallet, s.Billable + t.Billable, s.Uncovered + t.Uncovered}
}

// Minus subtracts a split part by part.
func (s Split) Minus(t Split) Split {
	return Split{s.Included - t.Included, s.Wallet - t.Wallet, s.Billable - t.Billable, s.Uncovered - t.Uncovered}
}

// UsageStatus says whether an event was drawn from pools.
type UsageStatus string

const (
	Rated     UsageStatus = "RATED"
	Unrated   UsageStatus = "UNRATED" // no live subscription, or the call ended before its start
	VoidUsage UsageStatus = "VOIDED"
)

// Draw splits billed time over the pools in their order: included, wallet, billable, uncovered. Rules 5.4.
func (a *Account) Draw(billed Millis) Split {
	left := a.Left()
	var s Split
	s.Included = min(billed, left.Included)
	s.Wallet = min(billed-s.Included, left.Wallet)
	s.Billable = min(billed-s.Included-s.Wallet, left.Billable)
	s.Uncovered = billed - s.Included - s.Wallet - s.Billable
	return s
}

// Unlimited stands for a billable pool without a cap.
const Unlimited = Millis(1) << 62

// Left is what each pool could still give. The wallet counts only where the terms allow add-on packs. Rules 5.4.
func (a *Account) Left() Split {
	if !a.Live() {
		return Split{}
	}
	t, used := a.Subscription.Terms, a.Period.Used
	left := Split{Included: max(0, t.Included-used.Included)}
	if t.AddonPacks {
		left.Wallet = a.Wallet
	}
	if t.Rate != nil {
		left.Billable = Unlimited
		if t.OverageCap != nil {
			left.Billable = max(0, *t.OverageCap-used.Billable)
		}
	}
	return left
}

// IsExhausted says that no pool has anything left. Rules 5.7.
func (a *Account) IsExhausted() bool {
	return a.Live() && a.Left() == Split{}
}

// Use meters an event that was not seen before: it is recorded whatever the balance, and drawn from the open period,
// whatever its own time. Rules 5.2 to 5.6.
func (a *Account) Use(u UsageEvent, at time.Time) (UsageRecorded, error) {
	if err := u.Check(at); err != nil {
		return UsageRecorded{}, err
	}
	e := UsageRecorded{ID: a.mint(), Event: u, Status: Unrated}
	if a.Live() && !u.EndedAt.Before(a.Subscription.StartedAt) {
		if err := a.rate(&e); err != nil {
			return UsageRecorded{}, err
		}
	}
	a.record(at, e)
	a.settleAccess(at)
	return e, nil
}

func (a *Account) rate(e *UsageRecorded) error {
	s := a.Subscription
	e.Status, e.SubscriptionID, e.PeriodIndex, e.CallPeriod = Rated, s.ID, a.Period.Index, a.Period.Index
	e.Billed = e.Event.Billed(s.Terms)
	if a.Period.Used.Total() > Unlimited-e.Billed {
		return InvalidField("duration_ms", "would make the period's talk time too large to be counted exactly")
	}
	e.Split = a.Draw(e.Billed)
	if err := a.checkCharge(e.Split.Billable); err != nil {
		return err
	}
	if e.Event.EndedAt.Before(a.Period.Start) {
		grid, err := s.Schedule()
		if err != nil {
			return err
		}
		e.Late, e.CallPeriod = true, grid.Slot(e.Event.EndedAt)
	}
	return nil
}

// checkCharge refuses billable time whose amount could not be computed at period end, when nobody is left to refuse.
func (a *Account) checkCharge(more Millis) error {
	t := a.Subscription.Terms
	if t.Rate == nil {
		return nil
	}
	if _, err := Charge(a.Period.Used.Billable+more, *t.Rate, t.Currency); err != nil {
		return InvalidField("duration_ms", "would make the period's amount too large to be computed exactly")
	}
	return nil
}

// Part is a share of an event that was drawn from one period.
type Part struct {
	SubscriptionID ID    `json:"subscription_id"`
	PeriodIndex    int   `json:"period_index"`
	Split          Split `json:"split"`
}

// RecordedUsage is a stored event with what later corrections made of it. Parts are in the order they were drawn.
type RecordedUsage struct {
	ID     ID
	Event  UsageEvent
	Status UsageStatus
	Billed Millis
	Parts  []Part
}

// ClosedPeriod is what a correction needs to know of a period that is over.
type ClosedPeriod struct {
	Terms    Terms
	Billable Millis // final figure
	Returned Millis // billable ms given back since it closed
	Billed   bool   // its Usage request was issued and is not canceled
}

// History finds the closed period of a part.
type History func(subscription ID, index int) ClosedPeriod

// Void takes an event back with a reason: its minutes return to the very pools they came from; where the period is
// closed, as wallet credit, and a billable part as a credit line on the next Usage request. Rules 5.8.
func (a *Account) Void(e RecordedUsage, history History, reason string, at time.Time) error {
	if e.Status == VoidUsage {
		return conflict("already_voided", "The event is already voided.", "")
	}
	if err := checkText("reason", reason, 1, 500); err != nil {
		return err
	}
	back := UsageCorrected{CorrectionID: a.mint(), UsageEventID: e.ID, Void: true, Talk: e.Event.Talk, Reason: reason}
	a.giveBack(e, e.Billed, history, &back, at)
	return a.settle(at)
}

// Correct brings an event to another talk time, as a provider's later report of the same call demands: more is drawn
// from the open period, less is given back, uncovered and billable first. The event itself is never changed. Rules 5.9.
func (a *Account) Correct(e RecordedUsage, talk Millis, history History, reason string, at time.Time) error {
	if talk < 0 || talk > LongestCall {
		return InvalidField("duration_ms", "must be between 0 and 24 hours (86400000)")
	}
	if e.Status != Rated {
		a.record(at, UsageCorrected{CorrectionID: a.mint(), UsageEventID: e.ID, Talk: talk, Reason: reason})
		return nil
	}
	terms := history(e.Parts[0].SubscriptionID, e.Parts[0].PeriodIndex).Terms
	if a.Live() && a.Subscription.ID == e.Parts[0].SubscriptionID {
		terms = a.Subscription.Terms
	}
	changed := e.Event
	changed.Talk = talk
	c := UsageCorrected{CorrectionID: a.mint(), UsageEventID: e.ID, Talk: talk, Billed: changed.Billed(terms), Reason: reason}
	switch more := c.Billed - e.Billed; {
	case more > 0 && a.Live():
		split := a.Draw(more)
		if err := a.checkCharge(split.Billable); err != nil {
			return err
		}
		c.Parts, c.WalletDelta = []Part{{a.Subscription.ID, a.Period.Index, split}}, -split.Wallet
		a.record(at, c)
	case more < 0:
		a.giveBack(e, -more, history, &c, at)
	default:
		c.Billed = e.Billed // without a live subscription there is no pool to draw more from
		a.record(at, c)
	}
	return a.settle(at)
}

// giveBack returns billed time to the pools it came from, the last drawn first, and records the correction.
func (a *Account) giveBack(e RecordedUsage, want Millis, history History, c *UsageCorrected, at time.Time) {
	var lines []CreditLineGranted
	type period struct {
		subscription ID
		index        int
	}
	returned := map[period]Millis{}
	for i := len(e.Parts) - 1; i >= 0 && want > 0; i-- {
		part := e.Parts[i]
		take := part.Split.last(want)
		want -= take.Total()
		c.Parts = append(c.Parts, Part{part.SubscriptionID, part.PeriodIndex, Split{}.Minus(take)})
		c.WalletDelta += take.Wallet
		if a.isOpen(part) {
			continue
		}
		c.WalletDelta += take.Included
		closed := history(part.SubscriptionID, part.PeriodIndex)
		key := period{part.SubscriptionID, part.PeriodIndex}
		closed.Returned += returned[key]
		returned[key] += take.Billable
		if line, due := a.creditFor(e, take.Billable, closed); due {
			lines = append(lines, line)
		}
	}
	a.record(at, *c)
	for _, line := range lines {
		a.record(at, line)
	}
}

// last takes ms from the end of a split: uncovered first, included last.
func (s Split) last(want Millis) Split {
	var t Split
	t.Uncovered = min(want, s.Uncovered)
	t.Billable = min(want-t.Uncovered, s.Billable)
	t.Wallet = min(want-t.Uncovered-t.Billable, s.Wallet)
	t.Included = min(want-t.Uncovered-t.Billable-t.Wallet, s.Included)
	return t
}

func (a *Account) isOpen(p Part) bool {
	return a.Live() && a.Subscription.ID == p.SubscriptionID && a.Period.Index == p.PeriodIndex
}

// creditFor prices billable time of a closed period that is given back: the difference of what the period would have
// cost, so that giving back call by call never returns more than was asked for.
func (a *Account) creditFor(e RecordedUsage, back Millis, h ClosedPeriod) (CreditLineGranted, bool) {
	if back == 0 || !h.Billed || h.Terms.Rate == nil {
		return CreditLineGranted{}, false
	}
	before, err := Charge(h.Billable-h.Returned, *h.Terms.Rate, h.Terms.Currency)
	must(err == nil, "a closed period whose charge cannot be computed")
	after, err := Charge(h.Billable-h.Returned-back, *h.Terms.Rate, h.Terms.Currency)
	must(err == nil, "a closed period whose charge cannot be computed")
	if before == after {
		return CreditLineGranted{}, false
	}
	return CreditLineGranted{CreditLine{
		ID: a.mint(), Currency: h.Terms.Currency, Amount: before - after, Left: before - after, UsageEventID: e.ID,
		Description: say("line.void", "time", back, "call", e.Event.Name()).String(),
	}}, true
}

// Name is how a person refers to the event: its call id, else its event id.
func (u UsageEvent) Name() string {
	if u.CallID != "" {
		return u.CallID
	}
	return u.EventID
}

// CreditLine is money given back on minutes of a closed period; it waits for the next Usage request. Rules 5.8.
type CreditLine struct {
	ID           ID       `json:"id"`
	Currency     Currency `json:"currency"`
	Amount       Money    `json:"amount"`
	Left         Money    `json:"left"`
	UsageEventID ID       `json:"usage_event_id"`
	Description  string   `json:"description"`
}

// Fingerprint tells a repeat of an event from another event of the same id: it covers everything that was reported,
// and the client it was reported for. Rules 5.1.
func (u UsageEvent) Fingerprint(client ID) []byte {
	var room [1024]byte
	sum := sha256.Sum256(u.appendJSON(room[:0], client))
	return sum[:]
}

// appendJSON writes what json.Marshal makes of struct{Client ID; Event UsageEvent}: every fingerprint in the books is one
// of these bytes, and every call asks for one.
func (u *UsageEvent) appendJSON(b []byte, client ID) []byte {
	text := func(name, s string) { b = appendText(append(b, name...), s) }
	number := func(name string, n int64) { b = strconv.AppendInt(append(b, name...), n, 10) }
	instant := func(name string, t time.Time) {
		var err error
		b, err = t.AppendText(append(append(b, name...), '"'))
		must(err == nil, "an instant that cannot be written as JSON")
		b = append(b, '"')
	}
	number(`{"Client":"`, int64(client))
	text(`","Event":{"Source":`, u.Source)
	text(`,"EventID":`, u.EventID)
	text(`,"Kind":`, string(u.Kind))
	instant(`,"StartedAt":`, u.StartedAt)
	instant(`,"EndedAt":`, u.EndedAt)
	number(`,"Talk":`, int64(u.Talk))
	number(`,"Chats":`, u.Chats)
	text(`,"CallID":`, u.CallID)
	text(`,"CampaignID":`, u.CampaignID)
	text(`,"AssistantID":`, u.AssistantID)
	text(`,"PhoneNumber":`, u.PhoneNumber)
	text(`,"Direction":`, u.Direction)
	number(`,"CostMicros":`, u.CostMicros)
	text(`,"CostCurrency":`, u.CostCurrency)
	text(`,"Metadata":`, u.Metadata)
	b = append(b, `,"Tags":`...)
	if u.Tags == nil {
		return append(b, "null}}"...)
	}
	b = append(b, '[')
	for i, tag := range u.Tags {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, tag)
	}
	return append(b, "]}}"...)
}

// appendText writes a text as json.Marshal does, which is asked only about what is not plain.
func appendText(b []byte, s string) []byte {
	begin := len(b)
	b = append(b, '"')
	written := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b, written = append(append(b, s[written:i]...), '\\'), i
		case c < ' ' || c > '~' || c == '<' || c == '>' || c == '&':
			text, err := json.Marshal(s)
			must(err == nil, "a text that cannot be written as JSON")
			return append(b[:begin], text...)
		}
	}
	return append(append(b, s[written:]...), '"')
}
