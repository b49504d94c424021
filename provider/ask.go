package provider

import (
	"encoding/json"
	"strings"
)

// Question is what a provider asks before it connects a call: may this client call now?
type Question struct {
	// Ignored is set when the message is no question; it is acknowledged and nothing else is done.
	Ignored bool

	// What a mapping can match, and the client's tag where the agency put one.
	AssistantID string
	PhoneNumber string
	ClientTag   string
	Direction   string

	predial bool // of a Vapi campaign: the answer is yes or no, nothing is set up
}

// Reply is the answer in our words.
type Reply struct {
	Allowed bool
	Message string // what a refused caller may hear
	// MaxSeconds is how long the call may last; nil for no limit of ours.
	MaxSeconds *int64
	// AssistantID is who takes an allowed call where the provider leaves that to the answer.
	AssistantID string
	// Tag and Client are put into the call's metadata, so that its report names the client.
	Tag    string
	Client string
}

// Bounds the providers set to a call's length, in seconds.
const (
	vapiShortest   = 10
	vapiLongest    = 43_200
	retellShortest = 60
	retellLongest  = 7_200
)

type vapiQuestion struct {
	Message struct {
		Type        scalar     `json:"type"`
		Call        vapiAsked  `json:"call"`
		Campaign    vapiAsked  `json:"campaign"`
		PhoneNumber vapiNumber `json:"phoneNumber"`
		AssistantID scalar     `json:"assistantId"`
	} `json:"message"`
}

type vapiAsked struct {
	Type          scalar `json:"type"`
	AssistantID   scalar `json:"assistantId"`
	PhoneNumberID scalar `json:"phoneNumberId"`
	Overrides     struct {
		Metadata json.RawMessage `json:"metadata"`
	} `json:"assistantOverrides"`
}

type vapiNumber struct {
	ID     scalar `json:"id"`
	Number scalar `json:"number"`
}

// askVapi reads the two questions Vapi waits for: assistant-request before an inbound call is answered, and
// campaign.predial before a contact is dialled.
func askVapi(body []byte, tag string) (Question, error) {
	var b vapiQuestion
	if err := readBody(body, &b); err != nil {
		return Question{}, err
	}
	m := b.Message
	q := Question{
		AssistantID: firstText(m.AssistantID.ident(), m.Call.AssistantID.ident(), m.Campaign.AssistantID.ident()),
		PhoneNumber: firstText(m.PhoneNumber.Number.ident(), m.PhoneNumber.ID.ident(), m.Call.PhoneNumberID.ident(), m.Campaign.PhoneNumberID.ident()),
		ClientTag:   firstText(tagIn(m.Call.Overrides.Metadata, tag), tagIn(m.Campaign.Overrides.Metadata, tag)),
	}
	switch m.Type.ident() {
	case "assistant-request":
		q.Direction = Inbound
	case "campaign.predial":
		q.Direction, q.predial = Outbound, true
	default:
		return Question{Ignored: true}, nil
	}
	return q, nil
}

// replyVapi answers as Vapi reads it. It never waits longer than 7.5 s, and takes an error as the words to say. An
// allowed call whose assistant nobody named cannot be connected.
func replyVapi(q Question, r Reply) any {
	switch {
	case q.predial:
		return map[string]any{"eligible": r.Allowed && longEnough(r, vapiShortest)}
	case !r.Allowed || !longEnough(r, vapiShortest):
		return map[string]any{"error": firstText(r.Message, "This line is temporarily unavailable.")}
	case r.AssistantID == "":
		return map[string]any{"error": "This line is not set up: its gate URL names no assistant_id."}
	}
	overrides := map[string]any{}
	if r.MaxSeconds != nil {
		overrides["maxDurationSeconds"] = min(*r.MaxSeconds, vapiLongest)
	}
	if r.Client != "" {
		overrides["metadata"] = map[string]string{r.Tag: r.Client}
	}
	return map[string]any{"assistantId": r.AssistantID, "assistantOverrides": overrides}
}

type retellQuestion struct {
	Event   scalar `json:"event"`
	Inbound struct {
		AgentID  scalar          `json:"agent_id"`
		ToNumber scalar          `json:"to_number"`
		Metadata json.RawMessage `json:"metadata"`
	} `json:"call_inbound"`
	// Older bodies carry the fields at the top.
	AgentID  scalar `json:"agent_id"`
	ToNumber scalar `json:"to_number"`
}

// askRetell reads the question Retell asks before it answers an inbound call.
func askRetell(body []byte, tag string) (Question, error) {
	var b retellQuestion
	if err := readBody(body, &b); err != nil {
		return Question{}, err
	}
	if event := b.Event.ident(); event != "call_inbound" && event != "chat_inbound" {
		return Question{Ignored: true}, nil
	}
	return Question{
		AssistantID: firstText(b.Inbound.AgentID.ident(), b.AgentID.ident()),
		PhoneNumber: firstText(b.Inbound.ToNumber.ident(), b.ToNumber.ident()),
		ClientTag:   tagIn(b.Inbound.Metadata, tag), Direction: Inbound,
	}, nil
}

// replyRetell answers as Retell reads it. With less than its shortest cap left, a call can only be refused.
func replyRetell(q Question, r Reply) any {
	if !r.Allowed || !longEnough(r, retellShortest) {
		return map[string]any{"call_inbound": map[string]any{"reject": true}}
	}
	answer := map[string]any{}
	if agent := firstText(r.AssistantID, q.AssistantID); agent != "" {
		answer["override_agent_id"] = agent
	}
	if r.Client != "" {
		answer["metadata"] = map[string]string{r.Tag: r.Client}
	}
	if r.MaxSeconds != nil {
		answer["agent_override"] = map[string]any{"agent": map[string]any{"max_call_duration_ms": min(*r.MaxSeconds, retellLongest) * 1000}}
	}
	return map[string]any{"call_inbound": answer}
}

func longEnough(r Reply, shortest int64) bool {
	return r.MaxSeconds == nil || *r.MaxSeconds >= shortest
}

func firstText(texts ...string) string {
	for _, text := range texts {
		if text = strings.TrimSpace(text); text != "" {
			return text
		}
	}
	return ""
}
