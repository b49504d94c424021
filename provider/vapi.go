package provider

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// VapiCustomerTag is a client tag with a meaning of its own: the client is named by the
// customer's externalId. That field belongs to the person called, so it is looked at only when
// the agency asks for it by this name.
const VapiCustomerTag = "customer.externalId"

// vapiHMAC is the default of Vapi's HMAC credential.
var vapiHMAC = scheme{
	header:      "X-Signature",
	layout:      regexp.MustCompile(`^(?:sha256=)?(?P<digest>[0-9a-fA-F]{64})$`),
	stampHeader: "X-Timestamp",
	template:    []string{"{stamp}", ".", "{body}"},
	hash:        sha256.New,
	encoding:    hex.DecodeString,
	key:         rawKey,
	stamp:       epoch,
	tolerance:   5 * time.Minute,
}

// verifyVapi accepts Vapi's three credentials. The strongest one present decides: a signature
// that fails is not excused by a token that would do.
func verifyVapi(secret string, header http.Header, body []byte, now time.Time) error {
	switch {
	case secret == "":
		return unsigned("the connection has no secret")
	case len(header.Values(vapiHMAC.header)) > 0:
		return vapiHMAC.verify(secret, header, body, now)
	case len(header.Values("X-Vapi-Secret")) > 0:
		return equalHeader(header, "X-Vapi-Secret", "", secret)
	default:
		return equalHeader(header, "Authorization", "Bearer ", secret)
	}
}

// equalHeader wants the header to be the secret, after a prefix whose case does not matter.
func equalHeader(header http.Header, name, prefix, secret string) error {
	value, err := single(header, name)
	if err != nil {
		return err
	}
	if len(value) < len(prefix) || !strings.EqualFold(value[:len(prefix)], prefix) {
		return unsigned(name + " is malformed")
	}
	if !same(value[len(prefix):], secret) {
		return unsigned(name + " differs")
	}
	return nil
}

// SignVapi makes the values of X-Signature and X-Timestamp as Vapi's HMAC credential does, for
// the demo and for tests.
func SignVapi(secret string, body []byte, now time.Time) (signature, timestamp string) {
	timestamp = strconv.FormatInt(now.Unix(), 10)
	sum, err := vapiHMAC.sum(secret, timestamp, body)
	if err != nil {
		return "", timestamp
	}
	return hex.EncodeToString(sum), timestamp
}

type vapiBody struct {
	Message struct {
		Timestamp   scalar   `json:"timestamp"`
		StartedAt   scalar   `json:"startedAt"`
		EndedAt     scalar   `json:"endedAt"`
		EndedReason scalar   `json:"endedReason"`
		Cost        scalar   `json:"cost"`
		Call        vapiCall `json:"call"`
		Assistant   struct {
			ID       scalar          `json:"id"`
			Metadata json.RawMessage `json:"metadata"`
		} `json:"assistant"`
		PhoneNumber struct {
			ID     scalar `json:"id"`
			Number scalar `json:"number"`
		} `json:"phoneNumber"`
		Customer json.RawMessage `json:"customer"`
	} `json:"message"`
}

type vapiCall struct {
	ID                 scalar `json:"id"`
	Type               scalar `json:"type"`
	AssistantID        scalar `json:"assistantId"`
	PhoneNumberID      scalar `json:"phoneNumberId"`
	StartedAt          scalar `json:"startedAt"`
	EndedAt            scalar `json:"endedAt"`
	UpdatedAt          scalar `json:"updatedAt"`
	AssistantOverrides struct {
		Metadata       json.RawMessage `json:"metadata"`
		VariableValues json.RawMessage `json:"variableValues"`
	} `json:"assistantOverrides"`
	Assistant struct {
		Metadata json.RawMessage `json:"metadata"`
	} `json:"assistant"`
	Customer json.RawMessage `json:"customer"`
}

// parseVapi reads an end-of-call-report. A status-update with status "ended" comes earlier and
// has an end reason too, but is not the record to bill.
func parseVapi(body []byte, tag string, receivedAt time.Time) (Report, error) {
	var kind struct {
		Message struct {
			Type scalar `json:"type"`
		} `json:"message"`
	}
	if err := readBody(body, &kind); err != nil {
		return Report{}, err
	}
	switch kind.Message.Type {
	case "end-of-call-report":
	case "":
		return Report{}, bad("message.type", "is missing")
	default:
		return ignored(string(kind.Message.Type)), nil
	}
	var b vapiBody
	if err := readBody(body, &b); err != nil {
		return Report{}, err
	}
	r, err := b.report(tag, receivedAt)
	if err != nil {
		return Report{}, err
	}
	return r, nil
}

func (b *vapiBody) report(tag string, receivedAt time.Time) (Report, error) {
	m, call := &b.Message, &b.Message.Call
	id, err := call.ID.callID("message.call.id")
	if err != nil {
		return Report{}, err
	}
	r := Report{
		CallID:        id,
		Kind:          KindCall,
		Stage:         StageEnded,
		AssistantID:   first(call.AssistantID, m.Assistant.ID),
		PhoneNumber:   m.PhoneNumber.Number.ident(),
		PhoneNumberID: first(call.PhoneNumberID, m.PhoneNumber.ID),
		Direction:     vapiDirection(call.Type),
		ClientTag:     b.clientTag(tag),
		EndReason:     phrase(string(m.EndedReason)),
		Metadata:      b.metadata(),
	}
	if m.Cost != "" {
		r.CostCurrency = "USD"
	}
	if r.CostMicros, err = m.Cost.whole("message.cost", 6); err != nil {
		return Report{}, err
	}
	return r, b.times(&r, receivedAt)
}

// times sets start, end and duration. Vapi tells no duration, so a connected call needs both
// times: any other time in the report could be far from the end, and would be billed. A call
// without a start never connected: that is 0 ms and no error.
func (b *vapiBody) times(r *Report, receivedAt time.Time) (err error) {
	m := &b.Message
	r.DurationSource = DurationComputed
	if r.StartedAt, err = firstISO("startedAt", m.StartedAt, m.Call.StartedAt); err != nil {
		return err
	}
	if r.EndedAt, err = firstISO("endedAt", m.EndedAt, m.Call.EndedAt); err != nil {
		return err
	}
	switch {
	case r.StartedAt.IsZero():
		return b.neverConnected(r, receivedAt)
	case r.EndedAt.IsZero():
		return bad("message.endedAt", "is missing")
	}
	r.DurationMS = r.EndedAt.UnixMilli() - r.StartedAt.UnixMilli()
	return nil
}

// neverConnected dates a call of 0 ms with the best time there is.
func (b *vapiBody) neverConnected(r *Report, receivedAt time.Time) (err error) {
	if r.EndedAt.IsZero() {
		r.EndedAt, err = b.Message.Timestamp.millis("message.timestamp")
	}
	if err == nil && r.EndedAt.IsZero() {
		r.EndedAt, err = b.Message.Call.UpdatedAt.iso("message.call.updatedAt")
	}
	if err == nil {
		r.assumeEnd(receivedAt)
	}
	return err
}

// clientTag looks where an agency can put its tag, the call's own data before the assistant's,
// which all its calls share.
func (b *vapiBody) clientTag(tag string) string {
	m, call := &b.Message, &b.Message.Call
	places := []json.RawMessage{
		call.AssistantOverrides.Metadata,
		call.AssistantOverrides.VariableValues,
		call.Assistant.Metadata,
		m.Assistant.Metadata,
	}
	if tag == VapiCustomerTag {
		places, tag = []json.RawMessage{m.Customer, call.Customer}, "externalId"
	}
	for _, place := range places {
		if client := tagIn(place, tag); client != "" {
			return client
		}
	}
	return ""
}

// metadata leaves the variable values out: they fill the prompt and are often personal.
func (b *vapiBody) metadata() json.RawMessage {
	call := &b.Message.Call
	for _, raw := range []json.RawMessage{call.AssistantOverrides.Metadata, call.Assistant.Metadata, b.Message.Assistant.Metadata} {
		if kept := metadata(raw); kept != nil {
			return kept
		}
	}
	return nil
}

func vapiDirection(callType scalar) string {
	switch callType {
	case "inboundPhoneCall":
		return Inbound
	case "outboundPhoneCall":
		return Outbound
	case "webCall", "vapi.websocketCall":
		return Web
	default:
		return ""
	}
}

func first(values ...scalar) string {
	for _, v := range values {
		if id := v.ident(); id != "" {
			return id
		}
	}
	return ""
}

// firstISO reads a time from the message, or from the call, which mirrors it.
func firstISO(name string, message, call scalar) (time.Time, error) {
	if message != "" {
		return message.iso("message." + name)
	}
	return call.iso("message.call." + name)
}
