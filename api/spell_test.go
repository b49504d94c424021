package api

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"minutebook/billing"
)

// TestBatchIsSpelledAsTheLibraryWritesIt: the same of what became of a batch.
func TestBatchIsSpelledAsTheLibraryWritesIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "accepted", "a<b>&c", `"\`}))
		out := batchOut{Data: []resultOut{}, Meta: batchMeta{1, rapid.Int().Draw(t, "duplicates"), 3, 4}}
		for i := range rapid.IntRange(0, 3).Draw(t, "events") {
			r := resultOut{Index: i, Result: text.Draw(t, "result"), EventID: text.Draw(t, "event")}
			if rapid.Bool().Draw(t, "stored") {
				r.ID = new(billing.ID(rapid.Int64().Draw(t, "id")))
			} else {
				r.Error.Value = &resultError{"invalid", text.Draw(t, "field"), text.Draw(t, "message")}
			}
			out.Data = append(out.Data, r)
		}
		var want bytes.Buffer
		if err := json.NewEncoder(&want).Encode(out); err != nil {
			t.Fatal(err)
		}
		if got, err := out.spelled(); err != nil || !bytes.Equal(got, want.Bytes()) {
			t.Fatalf("spelled %s, %v\nwant    %s", got, err, want.Bytes())
		}
	})
}

// TestEventIsSpelledAsTheLibraryWritesIt: a stored event written by hand is what encoding/json makes of it.
func TestEventIsSpelledAsTheLibraryWritesIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "plain", "a<b>&c", "\u2028", `"\`, "\x00\x7f\t", "é \xff", "日本"}))
		number := rapid.Int64()
		at := rapid.Custom(func(t *rapid.T) time.Time {
			return time.UnixMicro(rapid.Int64Range(946_684_800_000_000, 7_258_118_399_999_999).Draw(t, "µs")).In(time.FixedZone("", 5400))
		})
		maybe := func(name string) *string {
			if rapid.Bool().Draw(t, name+"?") {
				return nil
			}
			return new(text.Draw(t, name))
		}
		e := eventOut{
			Source: text.Draw(t, "source"), EventID: text.Draw(t, "event id"), ID: billing.ID(number.Draw(t, "id")), ClientID: billing.ID(number.Draw(t, "client")),
			ClientName: text.Draw(t, "name"), Kind: text.Draw(t, "kind"), EndedAt: instant(at.Draw(t, "ended")), DurationMS: number.Draw(t, "duration"), Chats: number.Draw(t, "chats"),
			CallID: maybe("call"), CampaignID: maybe("campaign"), AssistantID: maybe("assistant"), PhoneNumber: maybe("number"), Direction: maybe("direction"),
			Metadata: object(rapid.SampledFrom([]string{"{}", `{"a":"<b>"}`, ` { "a" : 1 } `, `{"é":[1,2]}`, "null"}).Draw(t, "metadata")),
			Tags:     rapid.SampledFrom([][]string{nil, {}, {"a", "<b>"}}).Draw(t, "tags"), Status: text.Draw(t, "status"), Late: rapid.Bool().Draw(t, "late"),
			RawMS: number.Draw(t, "raw"), BilledMS: number.Draw(t, "billed"), IncludedMS: number.Draw(t, "included"), WalletMS: number.Draw(t, "wallet"),
			BillableMS: number.Draw(t, "billable"), UncoveredMS: number.Draw(t, "uncovered"), RecordedAt: instant(at.Draw(t, "recorded")),
			Duplicate: rapid.Bool().Draw(t, "duplicate"), Archived: rapid.Bool().Draw(t, "archived"), Receipt: text.Draw(t, "receipt"), Corrections: []correctionOut{},
		}
		if rapid.Bool().Draw(t, "more") {
			e.StartedAt = moment(at.Draw(t, "started"))
			e.Cost.Value = &cost{"0.1234", text.Draw(t, "currency")}
			e.SubscriptionID, e.PeriodIndex, e.CallPeriodIndex = new(billing.ID(number.Draw(t, "subscription"))), new(rapid.Int().Draw(t, "period")), new(rapid.Int().Draw(t, "call's"))
			e.Corrections = append(e.Corrections, correctionOut{ID: 7, Reason: text.Draw(t, "reason"), RecordedAt: e.RecordedAt})
		}
		var want bytes.Buffer
		if err := json.NewEncoder(&want).Encode(e); err != nil {
			t.Fatal(err)
		}
		if got, err := e.spelled(); err != nil || !bytes.Equal(got, want.Bytes()) {
			t.Fatalf("spelled %s, %v\nwant    %s", got, err, want.Bytes())
		}
	})
}
