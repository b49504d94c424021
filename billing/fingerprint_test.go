package billing

import (
	"encoding/json"
	"math"
	"testing"
	"time"
)

// The fingerprints in the books are of what json.Marshal writes, for whatever text a provider sends.
func FuzzAFingerprintIsOfTheEventsJSON(f *testing.F) {
	f.Add(int64(1), "vapi", `{"model":"gpt","room":"r\17"}`, "", int64(90_000), int64(1_798_761_600_123_456), "vip")
	f.Add(int64(0), "<&>", "tab\t, null\x00, del\x7f, line\u2028, ümlaut, \xff", "\u00e9", int64(-1), int64(0), "")
	f.Add(int64(math.MaxInt64), "", "", `"`, int64(math.MinInt64), int64(-62_135_596_800_000_000), "<b>")
	f.Fuzz(func(t *testing.T, client int64, source, metadata, id string, number, at int64, tag string) {
		instant := time.UnixMicro(at).UTC()
		if year := instant.Year(); year < 0 || year > 9999 {
			instant = time.Time{}
		}
		u := UsageEvent{
			Source: source, EventID: id, Kind: UsageKind(tag), EndedAt: instant, Talk: Millis(number), Chats: number, CallID: metadata, CampaignID: tag,
			AssistantID: source + id, PhoneNumber: id, Direction: id + tag, CostMicros: number, CostCurrency: source, Metadata: metadata,
		}
		for _, tags := range [][]string{nil, {}, {tag, source}} {
			u.Tags = tags
			want, err := json.Marshal(struct {
				Client ID
				Event  UsageEvent
			}{ID(client), u})
			if err != nil {
				t.Fatal(err)
			}
			if got := string(u.appendJSON(nil, ID(client))); got != string(want) {
				t.Errorf("%s, want %s", got, want)
			}
		}
	})
}
