package api

import (
	"encoding/json"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"minutebook/app"
	"minutebook/gate"
)

var plainEvents = []string{
	`{"source":"bench","event_id":"e1","client_id":"42","ended_at":"2027-01-01T00:00:00.000Z","duration_ms":1000,"call_id":"c","direction":"OUTBOUND","metadata":{"a":"b c","d":[1,{"e":null}]}}`,
	` { "source" : "bench" , "event_id" : "e1" , "client_id" : 42 , "ended_at" : "2027-01-01T00:00:00+02:00" , "kind" : "CHAT" , "chats" : 3 , "metadata" : {} } `,
	`{"source":"b","event_id":"é","client_external_id":"x","ended_at":"2027-01-01T00:00:00Z","started_at":"2026-12-31T23:59:00Z","kind":"CALL","campaign_id":"a","assistant_id":"b","phone_number":"+1"}`,
}

var oddEvents = []string{
	`{}`, `[]`, `7`, `"x"`, `null`, `{"source":"b"}`,
	`{"source":"b","event_id":"e","ended_at":"2027-01-01T00:00:00Z","duration_ms":-1}`, `{"source":"b","event_id":"e","ended_at":"2027-01-01T00:00:00Z","duration_ms":1.5}`,
	`{"source":"b","event_id":"e","ended_at":"2027-01-01T00:00:00Z","duration_ms":86400001}`, `{"source":"b","event_id":"e","ended_at":"2027-01-01T00:00:00,5Z","duration_ms":1}`,
	`{"source":"b","event_id":"e","ended_at":"","duration_ms":1}`, `{"source":"","event_id":"e","ended_at":"2027-01-01T00:00:00Z","duration_ms":1}`,
	`{"source":"b","event_id":"e\u0041","ended_at":"2027-01-01T00:00:00Z","duration_ms":1,"direction":"UP"}`, `{"Source":"b","event_id":"e","ended_at":"2027-01-01T00:00:00Z","duration_ms":1}`,
	`{"source":"b","event_id":"e","client_id":99999999999999999999,"ended_at":"2027-01-01T00:00:00Z","duration_ms":1}`, `{"source":"b","event_id":"e","client_id":"Q2xpZW50OjQy","ended_at":"2027-01-01T00:00:00Z","duration_ms":1,"tags":["x"]}`,
	`{"source":"b","event_id":"e","client_id":null,"ended_at":"2027-01-01T00:00:00Z","duration_ms":null,"metadata":null,"cost":{"amount":"1.5","currency":"USD"}}`,
	`{"source":"b","event_id":"e","ended_at":"2027-01-01T00:00:00Z","duration_ms":1,"chats":1,"metadata":{"a": 1}}`, `{"source":"b","event_id":"e","ended_at":"1999-01-01T00:00:00Z","duration_ms":1,"surprise":1}`,
}

// usageReader is the reader of the server.
func usageReader() reader {
	s := assemble(&app.App{Clock: time.Now, Log: slog.New(slog.DiscardHandler)}, Options{})
	registry := s.huma.OpenAPI().Components.Schemas
	return reader{registry, registry.Schema(reflect.TypeFor[eventIn](), false, "")}
}

// TestPlainEventsAreReadPlainly: what nearly all send takes the short way, and both ways read the same.
func TestPlainEventsAreReadPlainly(t *testing.T) {
	r := usageReader()
	for _, text := range plainEvents {
		if _, ok := plainly([]byte(text)); !ok {
			t.Errorf("%s takes the long way", text)
		}
		sameReading(t, r, []byte(text))
	}
	for _, text := range oddEvents {
		sameReading(t, r, []byte(text))
	}
}

func sameReading(t *testing.T, r reader, text []byte) {
	t.Helper()
	short, ok := plainly(text)
	if long := r.thoroughly(text); ok && !reflect.DeepEqual(short, long) {
		t.Errorf("%q is read as\n%+v\nand thoroughly as\n%+v", text, short, long)
	}
}

func FuzzPlainly(f *testing.F) {
	for _, text := range append(plainEvents, oddEvents...) {
		f.Add([]byte(text))
	}
	r := usageReader()
	f.Fuzz(func(t *testing.T, text []byte) {
		if gate.CheckJSON(text) != nil {
			return
		}
		sameReading(t, r, text)
	})
}

// FuzzBatch: each event of a batch is read as it is by itself.
func FuzzBatch(f *testing.F) {
	r := usageReader()
	for i := range plainEvents {
		f.Add([]byte(`{"events":[` + plainEvents[i] + "," + oddEvents[i] + "," + plainEvents[0] + `]}`))
	}
	f.Add([]byte(`{"events":[` + strings.Join(oddEvents, " , ") + `]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if gate.CheckJSON(text) != nil {
			return
		}
		var got []app.UsageReport
		if !apart(text, func(s *skimmer) { got = r.next(s, got) }) {
			return
		}
		var whole map[string][]json.RawMessage
		if err := json.Unmarshal(text, &whole); err != nil || len(whole["events"]) != len(got) {
			t.Fatalf("%q: %d events, want %d (%v)", text, len(got), len(whole["events"]), err)
		}
		for i, each := range whole["events"] {
			if want := r.report(each); !reflect.DeepEqual(got[i], want) {
				t.Errorf("%q: event %d is read as\n%+v\nand by itself as\n%+v", text, i, got[i], want)
			}
		}
	})
}

// FuzzApart: a batch falls apart into what a reader of JSON finds in it.
func FuzzApart(f *testing.F) {
	for _, text := range []string{`{"events":[{"a":[1,"]"]},2 , "x\"" ,null,[]]}`, ` { "events" : [ ] } `, `{"events":[],"more":1}`, `{}`, `[]`, `{"events":null}`, `{"events":{}}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if gate.CheckJSON(text) != nil {
			return
		}
		var parts [][]byte
		if !apart(text, func(s *skimmer) {
			from := s.at
			s.pass()
			parts = append(parts, text[from:s.at])
		}) {
			return
		}
		var whole map[string][]json.RawMessage
		if err := json.Unmarshal(text, &whole); err != nil || len(whole) != 1 || len(whole["events"]) != len(parts) {
			t.Fatalf("%q: %d parts, want %d (%v)", text, len(parts), len(whole["events"]), err)
		}
		for i, part := range whole["events"] {
			if string(part) != string(parts[i]) {
				t.Errorf("%q: part %d is %q, want %q", text, i, parts[i], part)
			}
		}
	})
}
