package provider

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

var (
	update     = flag.Bool("update", false, "rewrite the golden reports")
	receivedAt = time.Date(2026, 8, 20, 20, 22, 16, 123456789, time.UTC)
)

// Each recorded body stands beside the report it must become.
func TestGolden(t *testing.T) {
	for _, p := range providers {
		for _, file := range bodies(t, p.Name) {
			t.Run(p.Name+"/"+filepath.Base(file), func(t *testing.T) {
				report, err := p.Parse(read(t, file), "client_id", receivedAt)
				if err != nil {
					t.Fatalf("Parse(%s) = %v", file, err)
				}
				golden(t, strings.TrimSuffix(file, ".json")+".golden", report)
			})
		}
	}
}

func golden(t *testing.T, file string, report Report) {
	t.Helper()
	got, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(read(t, file)), string(got)); diff != "" {
		t.Errorf("report differs (-want +got):\n%s", diff)
	}
}

func bodies(t testing.TB, name string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", name, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recorded bodies of %s: %v", name, err)
	}
	return files
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// The analysis is the same report in all but its stage.
func TestRetellAnalyzedIsTheSameReport(t *testing.T) {
	ended, err := parseRetell(read(t, "testdata/retell/ended.json"), "client_id", receivedAt)
	if err != nil {
		t.Fatal(err)
	}
	analyzed, err := parseRetell(read(t, "testdata/retell/analyzed.json"), "client_id", receivedAt)
	if err != nil {
		t.Fatal(err)
	}
	ended.Stage = StageAnalyzed
	if diff := cmp.Diff(ended, analyzed); diff != "" {
		t.Errorf("reports differ (-ended +analyzed):\n%s", diff)
	}
}

func TestBadReports(t *testing.T) {
	for _, c := range []struct{ provider, body, field string }{
		{"vapi", ``, "body"},
		{"vapi", `{`, "body"},
		{"vapi", `[]`, "body"},
		{"vapi", `"text"`, "body"},
		{"vapi", `{} {}`, "body"},
		{"vapi", "{\"message\":{\"type\":\"\xff\"}}", "body"},
		{"vapi", strings.Repeat("[", 20000), "body"},
		{"vapi", `{"message":[]}`, "message"},
		{"vapi", `{"message":{}}`, "message.type"},
		{"vapi", `null`, "message.type"},
		{"vapi", `{"message":{"type":{}}}`, "message.type"},
		{"vapi", vapiBodyText, "message.call.id"},
		{"vapi", vapiWith(`"id":""`, ``), "message.call.id"},
		{"vapi", vapiWith(`"id":"  "`, ``), "message.call.id"},
		{"vapi", vapiWith(`"id":"a\u0000b"`, ``), "message.call.id"},
		{"vapi", vapiWith(`"id":"`+strings.Repeat("x", 201)+`"`, ``), "message.call.id"},
		{"vapi", vapiWith(`"id":true`, ``), "message.call.id"},
		{"vapi", vapiWith(`"id":["c"]`, ``), "message.call.id"},
		{"vapi", vapiWith(`"id":"c"`, `"startedAt":"2026-08-20T20:20:00Z"`), "message.endedAt"},
		{"vapi", vapiWith(`"id":"c"`, `"startedAt":"2026-08-20T20:20:00Z","timestamp":1787266934500`), "message.endedAt"},
		{"vapi", vapiWith(`"id":"c"`, `"startedAt":"yesterday"`), "message.startedAt"},
		{"vapi", vapiWith(`"id":"c"`, `"endedAt":"0001-01-01T00:00:00Z"`), "message.endedAt"},
		{"vapi", vapiWith(`"id":"c"`, `"timestamp":1e17`), "message.timestamp"},
		{"vapi", vapiWith(`"id":"c","updatedAt":{}`, ``), "message.call.updatedAt"},
		{"vapi", vapiWith(`"id":"c"`, `"cost":"free"`), "message.cost"},
		{"vapi", vapiWith(`"id":"c"`, `"cost":1e9999`), "message.cost"},
		{"retell", `{"call":{}}`, "event"},
		{"retell", `{"event":7.5e3}`, ""},
		{"retell", `{"event":"call_ended"}`, "call.call_id"},
		{"retell", `{"event":"call_ended","call":{"call_id":null}}`, "call.call_id"},
		{"retell", `{"event":"call_ended","call":{"call_id":{}}}`, "call.call_id"},
		{"retell", `{"event":"call_ended","call":"c"}`, "call"},
		{"retell", `{"event":"call_ended","call":{"call_id":"c","start_timestamp":1714608475945}}`, "call.end_timestamp"},
		{"retell", `{"event":"call_ended","call":{"call_id":"c","start_timestamp":-1}}`, "call.start_timestamp"},
		{"retell", `{"event":"call_ended","call":{"call_id":"c","duration_ms":"long"}}`, "call.duration_ms"},
		{"retell", `{"event":"call_ended","call":{"call_id":"c","start_timestamp":1,"duration_ms":999999999999999999}}`, "call.duration_ms"},
		{"retell", `{"event":"call_ended","call":{"call_id":"c","call_cost":7}}`, "call.call_cost"},
		{"retell", `{"event":"chat_ended","chat":{}}`, "chat.chat_id"},
		{"retell", `{"event":"chat_ended","chat":{"chat_id":"c","end_timestamp":"x"}}`, "chat.end_timestamp"},
	} {
		report, err := mustProvider(t, c.provider).Parse([]byte(c.body), "client_id", receivedAt)
		var wrong *BadReport
		switch {
		case c.field == "" && err == nil && report.Ignored:
		case !errors.As(err, &wrong) || wrong.Field != c.field:
			t.Errorf("%s: Parse(%.90s) = %v, want %s refused", c.provider, c.body, err, c.field)
		case !cmp.Equal(report, Report{}):
			t.Errorf("%s: Parse(%.90s) left %+v behind", c.provider, c.body, report)
		}
	}
}

// A duration Retell reports is kept even where its own timestamps disagree.
func TestRetellReportedDurationWins(t *testing.T) {
	body := `{"event":"call_ended","call":{"call_id":"c","start_timestamp":1000,"end_timestamp":9000,"duration_ms":7999}}`
	r, err := parseRetell([]byte(body), "", receivedAt)
	if err != nil || r.DurationMS != 7999 || r.DurationSource != DurationReported {
		t.Errorf("Parse() = %d ms %s, %v, want 7999 ms reported", r.DurationMS, r.DurationSource, err)
	}
}

// vapiWith is an end-of-call-report with these fields in its call and its message.
func vapiWith(call, message string) string {
	if message != "" {
		message = "," + message
	}
	return `{"message":{"type":"end-of-call-report","call":{` + call + `}` + message + `}}`
}

func TestTooLargeBody(t *testing.T) {
	body := `{"event":"call_started","x":"` + strings.Repeat("x", MaxBody) + `"}`
	var wrong *BadReport
	if _, err := parseRetell([]byte(body), "", receivedAt); !errors.As(err, &wrong) || wrong.Field != "body" {
		t.Errorf("Parse(9 MiB) = %v, want the body refused", err)
	}
}

func TestVapiTags(t *testing.T) {
	for _, c := range []struct{ name, call, message, tag, want string }{
		{"overrides first", `"assistantOverrides":{"metadata":{"c":"a"},"variableValues":{"c":"b"}}`, ``, "c", "a"},
		{"then variables", `"assistantOverrides":{"metadata":{},"variableValues":{"c":"b"}}`, ``, "c", "b"},
		{"then the call's assistant", `"assistant":{"metadata":{"c":"d"}}`, `"assistant":{"metadata":{"c":"e"}}`, "c", "d"},
		{"then the message's", ``, `"assistant":{"metadata":{"c":"e"}}`, "c", "e"},
		{"empty is not a tag", `"assistantOverrides":{"metadata":{"c":" "},"variableValues":{"c":"b"}}`, ``, "c", "b"},
		{"number", `"assistantOverrides":{"metadata":{"c":9007199254740993}}`, ``, "c", "9007199254740993"},
		{"object", `"assistantOverrides":{"metadata":{"c":{"id":1}}}`, ``, "c", ""},
		{"boolean", `"assistantOverrides":{"metadata":{"c":true}}`, ``, "c", ""},
		{"case matters", `"assistantOverrides":{"metadata":{"C":"a"}}`, ``, "c", ""},
		{"metadata is no object", `"assistantOverrides":{"metadata":"c"}`, ``, "c", ""},
		{"no tag configured", `"assistantOverrides":{"metadata":{"":"a"}}`, ``, "", ""},
		{"the customer is not the client", ``, `"customer":{"externalId":"x"}`, "c", ""},
		{"unless asked for", ``, `"customer":{"externalId":"x"}`, VapiCustomerTag, "x"},
		{"or by its short name", ``, `"customer":{"externalId":"x"}`, "externalId", ""},
		{"on the call", `"customer":{"externalId":7}`, ``, VapiCustomerTag, "7"},
	} {
		call := `"id":"c1"`
		if c.call != "" {
			call += "," + c.call
		}
		r, err := parseVapi([]byte(vapiWith(call, c.message)), c.tag, receivedAt)
		if err != nil || r.ClientTag != c.want {
			t.Errorf("%s: ClientTag = %q, %v, want %q", c.name, r.ClientTag, err, c.want)
		}
	}
}

func TestDecimal(t *testing.T) {
	for _, c := range []struct {
		text  string
		shift int
		want  int64
	}{
		{"0", 6, 0},
		{"-0.0", 6, 0},
		{"0.2411", 6, 241100},
		{"2.4e-05", 6, 24},
		{"1E+2", 6, 100000000},
		{"0.0000005", 6, 1},
		{"0.00000049999999999999999999", 6, 0},
		{"0.00000009", 6, 0},
		{"-0.0000005", 6, -1},
		{"-0.0000015", 6, -2},
		{"7", 4, 70000},
		{"7.12345", 4, 71235},
		{"0.1", 1, 1},
		{"00012.5", 0, 13},
		{"1e-9999", 6, 0},
		{"0e9999", 6, 0},
		{"999999999999.999999", 6, 999999999999999999},
	} {
		if got, err := decimal(c.text, c.shift); err != nil || got != c.want {
			t.Errorf("decimal(%q, %d) = %d, %v, want %d", c.text, c.shift, got, err, c.want)
		}
	}
	for _, text := range []string{"", "-", ".5", "5.", "1e", "0x10", "NaN", "1e99999", "1e9999", "1000000000000000000", " 1"} {
		if got, err := decimal(text, 0); err == nil {
			t.Errorf("decimal(%q, 0) = %d, want an error", text, got)
		}
	}
}

func TestMetadata(t *testing.T) {
	big := `{"x":"` + strings.Repeat("x", maxMetadata) + `"}`
	for text, want := range map[string]string{
		``:                 ``,
		`null`:             ``,
		`{}`:               ``,
		` { "a" : 1 } `:    `{"a":1}`,
		`[1, 2]`:           `{"metadata":[1,2]}`,
		`"free text"`:      `{"metadata":"free text"}`,
		`{"a":{"b":[""]}}`: `{"a":{"b":[""]}}`,
		big:                ``,
	} {
		if got := string(metadata(json.RawMessage(text))); got != want {
			t.Errorf("metadata(%.40s) = %.60s, want %s", text, got, want)
		}
	}
}

func TestByName(t *testing.T) {
	for _, name := range Names() {
		if p := mustProvider(t, name); p.Verify == nil || p.Parse == nil {
			t.Errorf("ByName(%q) is incomplete", name)
		}
	}
	for _, name := range []string{"", "Vapi", "bland"} {
		if _, ok := ByName(name); ok {
			t.Errorf("ByName(%q) found a provider", name)
		}
	}
}

func FuzzVapi(f *testing.F)   { fuzzParse(f, "vapi") }
func FuzzRetell(f *testing.F) { fuzzParse(f, "retell") }

func fuzzParse(f *testing.F, name string) {
	p := mustProvider(f, name)
	for _, file := range bodies(f, name) {
		f.Add(read(f, file), "client_id")
	}
	f.Add([]byte(retellBodyText), "")
	f.Add([]byte(`{"event":"call_ended","call":{"call_id":"1","call_type":"web_call","metadata":{"n":74E0812345678901234}}}`), "")
	f.Add([]byte(vapiBodyText), VapiCustomerTag)
	f.Fuzz(func(t *testing.T, body []byte, tag string) {
		report, err := p.Parse(body, tag, receivedAt)
		var wrong *BadReport
		switch {
		case err != nil && !errors.As(err, &wrong):
			t.Fatalf("Parse() = %T %v, want a *BadReport", err, err)
		case err == nil && !report.Ignored:
			checkReport(t, report)
		}
	})
}

// checkReport holds for every report, whatever was sent.
func checkReport(t *testing.T, r Report) {
	for _, s := range []string{r.CallID, r.AssistantID, r.PhoneNumber, r.PhoneNumberID, r.ClientTag, r.EndReason} {
		if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) || len(s) > 4*maxPhrase {
			t.Errorf("text %q cannot be stored", s)
		}
	}
	if r.CallID == "" || r.EndedAt.IsZero() || r.Stage == "" {
		t.Errorf("incomplete: %+v", r)
	}
	if (r.Kind == KindCall) != (r.Chats == 0) || (r.Kind == KindChat) != (r.Chats == 1) {
		t.Errorf("kind %q with %d chats", r.Kind, r.Chats)
	}
	if r.CostMicros != 0 && r.CostCurrency == "" {
		t.Errorf("cost %d without a currency", r.CostMicros)
	}
	for _, at := range []time.Time{r.StartedAt, r.EndedAt} {
		if at.Location() != time.UTC || at.Nanosecond()%int(time.Millisecond) != 0 || at.Year() > 9999 {
			t.Errorf("time %v is not UTC and whole ms", at)
		}
	}
	var object map[string]json.RawMessage // kept as it was sent, numbers nobody else reads included
	if r.Metadata != nil && (len(r.Metadata) > maxMetadata || json.Unmarshal(r.Metadata, &object) != nil) {
		t.Errorf("metadata %.80s is not a small object", r.Metadata)
	}
}
