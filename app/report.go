package app

import (
	"encoding/json"
	"strings"
	"time"

	"minutebook/billing"
)

// mostRejected bounds what is kept of a refused body, in bytes.
const mostRejected = 64 << 10

// reportBody writes a provider's report in the form of the API's usage event, so that a refused one can be corrected
// and replayed like any other.
func reportBody(u billing.UsageEvent, client billing.ID) []byte {
	body := map[string]any{"source": u.Source, "event_id": u.EventID, "client_id": client, "kind": u.Kind, "ended_at": u.EndedAt.Format(time.RFC3339Nano)}
	if !u.StartedAt.IsZero() {
		body["started_at"] = u.StartedAt.Format(time.RFC3339Nano)
	}
	if u.Kind == billing.Chat {
		body["chats"] = u.Chats
	} else {
		body["duration_ms"] = u.Talk
	}
	for name, text := range map[string]string{"call_id": u.CallID, "campaign_id": u.CampaignID, "assistant_id": u.AssistantID, "phone_number": u.PhoneNumber, "direction": u.Direction} {
		if text != "" {
			body[name] = text
		}
	}
	if json.Valid([]byte(u.Metadata)) {
		body["metadata"] = json.RawMessage(u.Metadata)
	}
	return []byte(asJSON(body))
}

// printable is text that both databases take, whatever was sent.
func printable(raw []byte) string {
	return strings.ReplaceAll(strings.ToValidUTF8(string(raw[:min(len(raw), mostRejected)]), "\uFFFD"), "\x00", "\uFFFD")
}

// shortened is a JSON text of bounded length: one that is longer is kept as the text of its beginning.
func shortened(body string) string {
	if len(body) <= mostRejected && !strings.Contains(body, "\x00") && strings.ToValidUTF8(body, "") == body {
		return body
	}
	return asJSON(map[string]string{"text": printable([]byte(body))})
}
