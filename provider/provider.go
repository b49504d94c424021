// Package provider knows the doors of the voice providers: how each one signs what it sends,
// and what its report of a finished call says in our words.
//
// It is pure. A report comes in as bytes and leaves as a Report; nothing here reads a clock, a
// database or the network. Whether the reported call can be billed, to whom and for how much is
// not decided here: an absurd duration passes through, so that the rules can refuse it with a
// reason and keep it where the agency sees it.
//
// Each provider has one file (vapi.go, retell.go) with its signature and its fields.
package provider

import (
	"encoding/json"
	"net/http"
	"time"
)

// MaxBody is the largest report, in bytes, that Parse reads. Reports carry transcripts, so it is
// generous; a door should stop reading a request there.
const MaxBody = 8 << 20

// Provider is one voice provider's door.
type Provider struct {
	// Name is the provider's name in paths and in the source of a usage event.
	Name string

	// Verify reports whether the request was signed with the connection's secret. The body is
	// the raw one, before any decoding. Every refusal is an ErrSignature.
	Verify func(secret string, header http.Header, body []byte, now time.Time) error

	// Parse reads a report. The tag is the name under which the agency's metadata holds the
	// client; receivedAt stands in for the end of a call that never connected and has no time
	// of its own. Every error is a *BadReport.
	Parse func(body []byte, tag string, receivedAt time.Time) (Report, error)

	// Ask reads what the provider asks before a call. Every error is a *BadReport.
	Ask func(body []byte, tag string) (Question, error)

	// Reply is the JSON body of the answer, in the provider's words.
	Reply func(q Question, r Reply) any
}

var providers = []Provider{
	{Name: "vapi", Verify: verifyVapi, Parse: parseVapi, Ask: askVapi, Reply: replyVapi},
	{Name: "retell", Verify: verifyRetell, Parse: parseRetell, Ask: askRetell, Reply: replyRetell},
}

// ByName finds a provider by its exact name.
func ByName(name string) (Provider, bool) {
	for _, p := range providers {
		if p.Name == name {
			return p, true
		}
	}
	return Provider{}, false
}

// Names lists the providers' names in a fixed order.
func Names() []string {
	var names []string
	for _, p := range providers {
		names = append(names, p.Name)
	}
	return names
}

// The kinds of Report.
const (
	KindCall = "CALL"
	KindChat = "CHAT"
)

// The directions of a Report; empty when the provider does not say.
const (
	Inbound  = "INBOUND"
	Outbound = "OUTBOUND"
	Web      = "WEB"
)

// Where a Report's duration comes from: a field of the provider's, or the end minus the start.
const (
	DurationReported = "reported"
	DurationComputed = "computed"
)

// The stages of a Report. A provider may tell of one call twice, the second time with an
// analysis and perhaps a better cost.
const (
	StageEnded    = "ended"
	StageAnalyzed = "analyzed"
)

// Report is what a provider says about one finished call or chat. Times are UTC and whole
// milliseconds. Text that could not be an identifier (control characters, more than 200 bytes)
// is left empty.
type Report struct {
	// Ignored is set when the message is not about the end of a call: it is acknowledged and
	// nothing else is done. Reason then says what it was, and no other field is set.
	Ignored bool
	Reason  string

	// CallID is the provider's id of the call or chat, never empty.
	CallID string
	// Kind is KindCall or KindChat, Stage one of the stages.
	Kind  string
	Stage string

	// StartedAt is zero for a call that never connected.
	StartedAt time.Time
	// EndedAt is always set. EndAssumed means that the report had no end and the time of
	// receipt stands in: a repeat of the same report will then differ here, and only here.
	EndedAt    time.Time
	EndAssumed bool

	// DurationMS is the call's length in milliseconds, as told: it may be negative or absurd.
	// It is 0 for a call that never connected, and for a chat.
	DurationMS     int64
	DurationSource string
	// Chats counts conversations: 1 for a chat, 0 for a call.
	Chats int64

	// AssistantID, PhoneNumber (the agency's own number, not the other party's) and
	// PhoneNumberID are what a mapping can match.
	AssistantID   string
	PhoneNumber   string
	PhoneNumberID string
	Direction     string

	// ClientTag is the value the agency's metadata holds under the tag, empty if none.
	ClientTag string

	// CostMicros is the provider's price in millionths of CostCurrency; the currency is empty
	// when no price was told.
	CostMicros   int64
	CostCurrency string

	EndReason string

	// Metadata is the agency's own data on the call, a compact JSON object of at most 50 KiB;
	// nil when there is none or more than that. A value that is not an object is kept under
	// the name "metadata".
	Metadata json.RawMessage
}

// BadReport is a body that cannot be read as a report. Field is the path in the body ("body"
// when it is the whole), Message a phrase that continues it.
type BadReport struct {
	Field   string
	Message string
}

func (e *BadReport) Error() string { return e.Field + " " + e.Message }

func bad(field, message string) error { return &BadReport{Field: field, Message: message} }

func ignored(event string) Report {
	return Report{Ignored: true, Reason: phrase(event) + " is not the end of a call"}
}

// assumeEnd lets the time of receipt stand in for an end nobody told.
func (r *Report) assumeEnd(receivedAt time.Time) {
	if r.EndedAt.IsZero() {
		r.EndedAt = receivedAt.UTC().Truncate(time.Millisecond)
		r.EndAssumed = true
	}
}
