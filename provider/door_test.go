package provider_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/provider"
	"minutebook/store"
	"minutebook/store/storetest"
)

// doorWorld is an agency with a client on a plan, and its two connections.
type doorWorld struct {
	testing.TB
	ctx    context.Context
	a      *app.App
	who    app.Actor
	client billing.ID
	doors  http.Handler
	now    time.Time
	retell app.Connection
	vapi   app.Connection
}

const doorSecret = "key_0123456789"

func newDoorWorld(t testing.TB, db *store.DB) *doorWorld {
	t.Helper()
	now := time.Date(2026, 8, 20, 20, 22, 20, 0, time.UTC)
	sealer, err := app.NewSealer(make([]byte, 32))
	a := &app.App{DB: db, Clock: func() time.Time { return now }, Mint: app.NewMint(time.Now), Secrets: sealer, PublicURL: "http://localhost", Log: slog.New(slog.DiscardHandler)}
	w := &doorWorld{TB: t, ctx: t.Context(), a: a, doors: provider.Doors(a), now: now}
	w.ok(err)
	made, _, err := a.CreateAgency(w.ctx, app.AgencySpec{Name: "Acme", OwnerEmail: "o@example.com", OwnerPassword: "correct horse battery", Timezone: "UTC", Currency: "USD"})
	w.ok(err)
	w.who = app.Operator(made.ID)
	w.client = w.started("acme-dental")
	w.retell, err = a.CreateConnection(w.ctx, w.who, "retell", "Retell", doorSecret, "client_id")
	w.ok(err)
	w.vapi, err = a.CreateConnection(w.ctx, w.who, "vapi", "Vapi", doorSecret, "client_id")
	w.ok(err)
	return w
}

func (w *doorWorld) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *doorWorld) started(externalID string) billing.ID {
	w.Helper()
	fee := billing.Money(9900)
	usd := billing.Currency{Code: "USD", Digits: 2}
	plan, err := w.a.CreatePlan(w.ctx, w.who, billing.Terms{Name: "Growth", Currency: usd, RecurringFee: &fee, Included: 300 * billing.Minute, Interval: billing.Month, IntervalCount: 1, PaymentDueDays: 7, GraceDays: 7})
	w.ok(err)
	client, err := w.a.CreateClient(w.ctx, w.who, app.ClientSpec{Name: "Acme Dental", ExternalID: externalID})
	w.ok(err)
	w.ok(w.a.AssignPlan(w.ctx, w.who, client.ID, plan.ID))
	_, err = w.a.Start(w.ctx, w.who, client.ID)
	w.ok(err)
	return client.ID
}

// send posts a body that is signed at the world's now, and answers with the status and the result.
func (w *doorWorld) send(url, body string) (int, map[string]any) {
	w.Helper()
	r := httptest.NewRequestWithContext(w.ctx, http.MethodPost, strings.TrimPrefix(url, "http://localhost"), strings.NewReader(body))
	if strings.Contains(url, "/retell/") {
		r.Header.Set("X-Retell-Signature", provider.SignRetell(doorSecret, []byte(body), w.now))
	} else {
		signature, stamp := provider.SignVapi(doorSecret, []byte(body), w.now)
		r.Header.Set("X-Signature", signature)
		r.Header.Set("X-Timestamp", stamp)
	}
	return w.serve(r)
}

func (w *doorWorld) serve(r *http.Request) (int, map[string]any) {
	w.Helper()
	answer := httptest.NewRecorder()
	w.doors.ServeHTTP(answer, r)
	var body map[string]any
	w.ok(json.Unmarshal(answer.Body.Bytes(), &body))
	return answer.Code, body
}

// report is a Retell report of a call that just ended.
func (w *doorWorld) report(event, callID, client string, duration int64) string {
	end := w.now.Add(-2 * time.Minute).UnixMilli() // long enough ago for the connection's day to have a start
	metadata := `{}`
	if client != "" {
		metadata = fmt.Sprintf(`{"client_id":%q}`, client)
	}
	return fmt.Sprintf(`{"event":%q,"call":{"call_id":%q,"call_type":"phone_call","agent_id":"agent_1","direction":"inbound","from_number":"+1","to_number":"+12137771235",
		"start_timestamp":%d,"end_timestamp":%d,"duration_ms":%d,"disconnection_reason":"user_hangup","metadata":%s,"call_cost":{"combined_cost":7}}}`,
		event, callID, end-duration, end, duration, metadata)
}

func (w *doorWorld) used() billing.Millis {
	w.Helper()
	acc, _, err := w.a.Account(w.ctx, w.who, w.client)
	w.ok(err)
	return acc.Period.Used.Included
}

func TestDoorMetersACallOnceAndCorrectsIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newDoorWorld(t, db)
		w.now = w.now.Add(10 * time.Minute) // the calls end after the start
		later := w.now
		w.a.Clock = func() time.Time { return later }
		for _, step := range []struct {
			event, want string
			duration    int64
			used        billing.Millis
		}{
			{"call_started", "ignored", 0, 0},
			{"call_ended", "accepted", 90_000, 90_000},
			{"call_ended", "duplicate", 90_000, 90_000},
			{"call_analyzed", "duplicate", 90_000, 90_000},
			{"call_analyzed", "corrected", 75_500, 75_500},
			{"call_analyzed", "duplicate", 75_500, 75_500},
			{"call_analyzed", "corrected", 100_000, 100_000},
		} {
			status, answer := w.send(w.retell.IngestURL, w.report(step.event, "c1", "acme-dental", step.duration))
			if status != http.StatusOK || answer["result"] != step.want {
				t.Fatalf("%s of %d ms = %d %v, want 200 %s", step.event, step.duration, status, answer, step.want)
			}
			if got := w.used(); got != step.used {
				t.Fatalf("after %s of %d ms: used = %d, want %d", step.event, step.duration, got, step.used)
			}
		}
	})
}

func TestDoorKeepsWhatNobodyNamedUntilItIsMapped(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newDoorWorld(t, db)
		w.now = w.now.Add(10 * time.Minute)
		later := w.now
		w.a.Clock = func() time.Time { return later }
		for range 2 {
			if status, answer := w.send(w.retell.IngestURL, w.report("call_ended", "c2", "", 60_000)); status != http.StatusOK || answer["result"] != "unassigned" {
				t.Fatalf("a call of nobody = %d %v, want 200 unassigned", status, answer)
			}
		}
		metered, err := w.a.SetMappings(w.ctx, w.who, w.retell.ID, []app.Mapping{{Match: "ASSISTANT", Value: "agent_1", ClientID: w.client}})
		if err != nil || metered != 1 || w.used() != 60_000 {
			t.Fatalf("mapping metered %d events, used %d ms, %v; want 1 and 60000", metered, w.used(), err)
		}
		if status, answer := w.send(w.retell.IngestURL, w.report("call_analyzed", "c2", "", 60_000)); status != http.StatusOK || answer["result"] != "duplicate" {
			t.Fatalf("the same call again = %d %v, want 200 duplicate", status, answer)
		}
	})
}

func TestDoorTakesVapi(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newDoorWorld(t, db)
		w.now = time.Date(2026, 8, 20, 20, 40, 0, 0, time.UTC)
		w.a.Clock = func() time.Time { return w.now }
		body := `{"message":{"type":"end-of-call-report","startedAt":"2026-08-20T20:30:00.000Z","endedAt":"2026-08-20T20:32:14.500Z","cost":0.2411,
			"call":{"id":"019a9046","type":"inboundPhoneCall","assistantId":"4a17","assistantOverrides":{"metadata":{"client_id":"acme-dental"}}}}}`
		if status, answer := w.send(w.vapi.IngestURL, body); status != http.StatusOK || answer["result"] != "accepted" {
			t.Fatalf("end-of-call-report = %d %v, want 200 accepted", status, answer)
		}
		if got := w.used(); got != 134_500 {
			t.Errorf("used = %d ms, want 134500", got)
		}
	})
}

func TestDoorRefusesWhatIsNotSigned(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newDoorWorld(t, db)
		body := w.report("call_ended", "c1", "acme-dental", 1000)
		path := strings.TrimPrefix(w.retell.IngestURL, "http://localhost")
		request := func(path string, signature string) *http.Request {
			r := httptest.NewRequestWithContext(w.ctx, http.MethodPost, path, strings.NewReader(body))
			r.Header.Set("X-Retell-Signature", signature)
			return r
		}
		good := provider.SignRetell(doorSecret, []byte(body), w.now)
		for _, c := range []struct {
			name    string
			request *http.Request
			want    int
		}{
			{"no signature", request(path, ""), 401},
			{"another key", request(path, provider.SignRetell("other", []byte(body), w.now)), 401},
			{"an old signature", request(path, provider.SignRetell(doorSecret, []byte(body), w.now.Add(-6*time.Minute))), 401},
			{"an unknown connection", request("/ingest/retell/nobody", good), 404},
			{"another provider's door", request(strings.Replace(path, "retell", "vapi", 1), good), 404},
			{"an unknown provider", request("/ingest/nobody/x", good), 404},
		} {
			status, answer := w.serve(c.request)
			if status != c.want || answer["code"] == nil || answer["detail"] == "" {
				t.Errorf("%s = %d %v, want a problem with %d", c.name, status, answer, c.want)
			}
		}
		if w.used() != 0 {
			t.Error("something was metered")
		}
	})
}

func TestDoorKeepsAReportItCannotRead(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newDoorWorld(t, db)
		for _, body := range []string{`{"event":"call_ended","call":{"call_id":"c9","duration_ms":"soon"}}`, `{"event":"call_ended","call":{}}`} {
			if status, answer := w.send(w.retell.IngestURL, body); status != http.StatusOK || answer["result"] != "rejected" {
				t.Fatalf("%s = %d %v, want 200 rejected", body, status, answer)
			}
		}
		if status, answer := w.send(w.retell.IngestURL, w.report("call_ended", "c3", "acme-dental", -5)); status != http.StatusOK || answer["result"] != "rejected" {
			t.Fatalf("a negative duration = %d %v, want 200 rejected", status, answer)
		}
		kept, err := w.a.Rejected(w.ctx, w.who, app.Page{})
		if err != nil || kept.Total != 3 {
			t.Errorf("rejected list holds %d, %v; want 3", kept.Total, err)
		}
	})
}

func TestGateFollowsAccess(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newDoorWorld(t, db)
		ask := func() map[string]any {
			t.Helper()
			status, answer := w.send(w.retell.GateURL, `{"event":"call_inbound","call_inbound":{"agent_id":"agent_1","to_number":"+12137771235"}}`)
			if status != http.StatusOK {
				t.Fatalf("gate = %d %v", status, answer)
			}
			return answer["call_inbound"].(map[string]any)
		}
		if got := ask(); got["reject"] != nil || got["metadata"] != nil {
			t.Errorf("a call of nobody: %v, want it let through without a client", got)
		}
		_, err := w.a.SetMappings(w.ctx, w.who, w.retell.ID, []app.Mapping{{Match: "NUMBER", Value: "+12137771235", ClientID: w.client}})
		w.ok(err)
		got := ask()
		tag, _ := json.Marshal(got["metadata"])
		cap, _ := json.Marshal(got["agent_override"])
		if string(tag) != `{"client_id":"acme-dental"}` || string(cap) != `{"agent":{"max_call_duration_ms":7200000}}` {
			t.Errorf("an allowed call: %v, want the client's tag and a cap", got)
		}
		w.ok(w.a.SetHold(w.ctx, w.who, w.client, true, "a talk is due"))
		if got := ask(); got["reject"] != true {
			t.Errorf("a denied client: %v, want reject", got)
		}
	})
}

// FuzzDoor lets a provider say anything, well signed: it is never our fault, what is taken in is taken in once, and the
// answer to a report is never a refusal but for its size.
func FuzzDoor(f *testing.F) {
	keeper := storetest.NewKeeper()
	w := newDoorWorld(keeper, storetest.Open(keeper, "sqlite"))
	f.Cleanup(func() { keeper.End() })
	f.Add(byte(0), []byte(w.report("call_ended", "call-1", "acme-dental", 60_000)))
	f.Add(byte(1), []byte(`{"message":{"type":"end-of-call-report","call":{"id":"a"}}}`))
	f.Add(byte(2), []byte(`{"event":"call_inbound","call_inbound":{"agent_id":"agent_1","from_number":"+1","to_number":"+2"}}`))
	f.Add(byte(3), []byte(`{"message":{"type":"assistant-request","call":{"id":"a"}}}`))
	f.Add(byte(0), []byte(`{"event":"call_ended","call":{"call_id":"","start_timestamp":1e400,"metadata":[[[[]]]]}}`))
	f.Fuzz(func(t *testing.T, which byte, body []byte) {
		url := []string{w.retell.IngestURL, w.vapi.IngestURL, w.retell.GateURL, w.vapi.GateURL}[which%4]
		if len(body) > 1<<20 {
			return
		}
		status, answer := w.send(url, string(body))
		if status >= 500 || which%4 < 2 && status != http.StatusOK {
			t.Fatalf("%s %q = %d %v", url, body, status, answer)
		}
		if answer["result"] == "accepted" {
			if _, again := w.send(url, string(body)); again["result"] == "accepted" {
				t.Fatalf("%s %q is accepted twice: %v", url, body, again)
			}
		}
	})
}
