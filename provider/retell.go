package provider

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

// retellHMAC: the secret is the API key that carries the webhook badge.
var retellHMAC = scheme{
	header:    "X-Retell-Signature",
	layout:    regexp.MustCompile(`^v=(?P<stamp>[0-9]{1,15}),d=(?P<digest>[0-9a-fA-F]{64})$`),
	template:  []string{"{body}", "{stamp}"},
	hash:      sha256.New,
	encoding:  hex.DecodeString,
	key:       rawKey,
	stamp:     epochMillis,
	tolerance: 5 * time.Minute,
}

func epochMillis(s string) (time.Time, error) {
	ms, err := strconv.ParseInt(s, 10, 64)
	return time.UnixMilli(ms), err
}

func verifyRetell(secret string, header http.Header, body []byte, now time.Time) error {
	return retellHMAC.verify(secret, header, body, now)
}

// SignRetell makes the value of X-Retell-Signature, for the demo and for tests.
func SignRetell(secret string, body []byte, now time.Time) string {
	stamp := strconv.FormatInt(now.UnixMilli(), 10)
	sum, err := retellHMAC.sum(secret, stamp, body)
	if err != nil {
		return ""
	}
	return "v=" + stamp + ",d=" + hex.EncodeToString(sum)
}

type retellBody struct {
	Call retellCall `json:"call"`
	Chat retellChat `json:"chat"`
}

// retellCall and retellChat name what Retell calls these fields.
type retellCall struct {
	CallID     scalar          `json:"call_id"`
	CallType   scalar          `json:"call_type"`
	AgentID    scalar          `json:"agent_id"`
	Direction  scalar          `json:"direction"`
	FromNumber scalar          `json:"from_number"`
	ToNumber   scalar          `json:"to_number"`
	Start      scalar          `json:"start_timestamp"`
	End        scalar          `json:"end_timestamp"`
	DurationMS scalar          `json:"duration_ms"`
	EndReason  scalar          `json:"disconnection_reason"`
	Metadata   json.RawMessage `json:"metadata"`
	CallCost   retellCost      `json:"call_cost"`
}

type retellChat struct {
	ChatID   scalar          `json:"chat_id"`
	AgentID  scalar          `json:"agent_id"`
	Start    scalar          `json:"start_timestamp"`
	End      scalar          `json:"end_timestamp"`
	Metadata json.RawMessage `json:"metadata"`
	ChatCost retellCost      `json:"chat_cost"`
}

// retellCost is in cents of a US dollar, often with a fraction.
type retellCost struct {
	Combined scalar `json:"combined_cost"`
}

// parseRetell reads the end of a call or chat. The analysis that follows is the same report with
// another stage. A call_started is ignored: it comes for connected calls only and has no length.
func parseRetell(body []byte, tag string, receivedAt time.Time) (Report, error) {
	var kind struct {
		Event scalar `json:"event"`
	}
	if err := readBody(body, &kind); err != nil {
		return Report{}, err
	}
	stage := StageEnded
	switch kind.Event {
	case "call_ended", "chat_ended":
	case "call_analyzed", "chat_analyzed":
		stage = StageAnalyzed
	case "":
		return Report{}, bad("event", "is missing")
	default:
		return ignored(string(kind.Event)), nil
	}
	var b retellBody
	if err := readBody(body, &b); err != nil {
		return Report{}, err
	}
	read := b.Call.report
	if kind.Event == "chat_ended" || kind.Event == "chat_analyzed" {
		read = b.Chat.report
	}
	r, err := read(tag, receivedAt)
	if err != nil {
		return Report{}, err
	}
	r.Stage = stage
	return r, nil
}

func (c *retellCall) report(tag string, receivedAt time.Time) (Report, error) {
	id, err := c.CallID.callID("call.call_id")
	if err != nil {
		return Report{}, err
	}
	r := Report{
		CallID:      id,
		Kind:        KindCall,
		AssistantID: c.AgentID.ident(),
		Direction:   c.direction(),
		ClientTag:   tagIn(c.Metadata, tag),
		EndReason:   phrase(string(c.EndReason)),
		Metadata:    metadata(c.Metadata),
	}
	switch r.Direction {
	case Outbound:
		r.PhoneNumber = c.FromNumber.ident()
	case Inbound:
		r.PhoneNumber = c.ToNumber.ident()
	}
	if err := c.CallCost.price(&r, "call.call_cost.combined_cost"); err != nil {
		return Report{}, err
	}
	return r, c.times(&r, receivedAt)
}

// times sets start, end and duration. The duration Retell reports wins over the one its
// timestamps give. A failed dial has neither: it lasted 0 ms.
func (c *retellCall) times(r *Report, receivedAt time.Time) (err error) {
	if r.StartedAt, err = c.Start.millis("call.start_timestamp"); err != nil {
		return err
	}
	if r.EndedAt, err = c.End.millis("call.end_timestamp"); err != nil {
		return err
	}
	if r.DurationMS, err = c.DurationMS.whole("call.duration_ms", 0); err != nil {
		return err
	}
	r.DurationSource = DurationReported
	if c.DurationMS == "" {
		r.DurationSource = DurationComputed
	}
	return c.complete(r, receivedAt)
}

// complete fills in what follows from the rest.
func (c *retellCall) complete(r *Report, receivedAt time.Time) (err error) {
	computed := r.DurationSource == DurationComputed
	switch {
	case r.StartedAt.IsZero():
		r.assumeEnd(receivedAt)
	case !r.EndedAt.IsZero() && computed:
		r.DurationMS = r.EndedAt.UnixMilli() - r.StartedAt.UnixMilli()
	case r.EndedAt.IsZero() && computed:
		return bad("call.end_timestamp", "is missing")
	case r.EndedAt.IsZero():
		r.EndedAt, err = instant("call.duration_ms", r.StartedAt.UnixMilli()+r.DurationMS)
	}
	return err
}

func (c *retellCall) direction() string {
	switch {
	case c.CallType == "web_call":
		return Web
	case c.Direction == "inbound":
		return Inbound
	case c.Direction == "outbound":
		return Outbound
	default:
		return ""
	}
}

func (c *retellChat) report(tag string, receivedAt time.Time) (r Report, err error) {
	r = Report{
		Kind:        KindChat,
		Chats:       1,
		AssistantID: c.AgentID.ident(),
		ClientTag:   tagIn(c.Metadata, tag),
		Metadata:    metadata(c.Metadata),
	}
	if r.CallID, err = c.ChatID.callID("chat.chat_id"); err != nil {
		return r, err
	}
	if r.StartedAt, err = c.Start.millis("chat.start_timestamp"); err != nil {
		return r, err
	}
	if r.EndedAt, err = c.End.millis("chat.end_timestamp"); err != nil {
		return r, err
	}
	r.assumeEnd(receivedAt)
	return r, c.ChatCost.price(&r, "chat.chat_cost.combined_cost")
}

func (c retellCost) price(r *Report, field string) (err error) {
	if c.Combined == "" {
		return nil
	}
	r.CostCurrency = "USD"
	r.CostMicros, err = c.Combined.whole(field, 4)
	return err
}
