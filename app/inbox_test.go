package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"minutebook/app"
	"minutebook/billing"
)

// call is a provider's report of a call of so many seconds.
func call(id string, seconds int) app.ProviderReport {
	return app.ProviderReport{UsageEvent: billing.UsageEvent{
		Kind: billing.Call, CallID: id, StartedAt: opening.Add(-time.Hour), EndedAt: opening.Add(-time.Hour + time.Duration(seconds)*time.Second),
		Talk: billing.Millis(seconds) * 1000, AssistantID: "assistant-1", PhoneNumber: "+1555", Direction: "INBOUND", Metadata: `{"a":1}`,
	}}
}

// door makes a connection and answers with what its door finds.
func (h *house) door(g agency) app.Connection {
	h.Helper()
	c, err := h.CreateConnection(h.ctx, g.owner, "retell", "Main", "signing secret", "")
	h.ok(err)
	found, err := h.ConnectionByDoor(h.ctx, "retell", c.IngestURL[strings.LastIndex(c.IngestURL, "/")+1:])
	h.ok(err)
	return found
}

// tell hands a report to a door and checks what became of it.
func (h *house) tell(c app.Connection, r app.ProviderReport, want string) app.Outcome {
	h.Helper()
	out, err := h.RecordReport(h.ctx, c, r, nil)
	if h.ok(err); out.Result != want {
		h.Errorf("RecordReport(%s) = %+v, want %s", r.CallID, out, want)
	}
	return out
}

func TestConnections(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		c := h.door(h.one)
		if c.Secret != "signing secret" || c.ClientTag != "minutebook_client" || c.Agency != h.one.ID || !strings.HasPrefix(c.IngestURL, "https://book.example/ingest/retell/") {
			t.Errorf("ConnectionByDoor = %+v", c)
		}
		key := c.IngestURL[strings.LastIndex(c.IngestURL, "/")+1:]
		listed, err := h.Connections(h.ctx, h.one.owner, app.Page{})
		if h.ok(err); listed.Total != 1 || listed.Items[0].Secret != "" || !listed.Items[0].HasSecret {
			t.Errorf("Connections = %+v", listed)
		}
		secret, off := "another", false
		_, err = h.EditConnection(h.ctx, h.one.owner, c.ID, app.ConnectionPatch{Secret: &secret})
		h.ok(err)
		entry := h.audited(h.one.owner, "connection.edit")
		if strings.Contains(entry.Before+entry.After, secret) || strings.Contains(entry.After, key) || !strings.Contains(entry.After, `"secret_changed":true`) {
			t.Errorf("audit entry %+v", entry)
		}
		again, err := h.ConnectionByDoor(h.ctx, "retell", key)
		if h.ok(err); again.Secret != "another" {
			t.Errorf("the changed secret is %q", again.Secret)
		}
		for _, at := range [][2]string{{"vapi", key}, {"retell", key + "x"}, {"retell", "\x00"}, {"../", key}} {
			_, err = h.ConnectionByDoor(h.ctx, at[0], at[1])
			h.refused(err, "not_found", "")
		}
		_, err = h.EditConnection(h.ctx, h.other.owner, c.ID, app.ConnectionPatch{Enabled: &off})
		h.refused(err, "not_found", "")
		_, err = h.EditConnection(h.ctx, h.one.owner, c.ID, app.ConnectionPatch{Enabled: &off})
		h.ok(err)
		_, err = h.ConnectionByDoor(h.ctx, "retell", key)
		h.refused(err, "not_found", "")
		h.ok(h.DeleteConnection(h.ctx, h.one.owner, c.ID))
		_, err = h.Connection(h.ctx, h.one.owner, c.ID)
		h.refused(err, "not_found", "")
	})
}

// A report is metered once; a later one of the same call counts only for its duration.
func TestReports(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		c := h.door(h.one)
		r := call("call-1", 60)
		r.ClientTag = "acme"
		first := h.tell(c, r, app.UsageAccepted)
		h.tell(c, r, app.UsageDuplicate)
		r.CostMicros, r.CostCurrency, r.EndedAt = 70_000, "USD", r.EndedAt.Add(time.Millisecond)
		h.tell(c, r, app.UsageDuplicate)
		r.Talk = 75_000
		h.tell(c, r, app.ReportCorrected)
		r.Talk = -1
		h.tell(c, r, app.UsageConflict)
		row, err := h.UsageEvent(h.ctx, h.one.owner, first.EventID)
		h.ok(err)
		if row.Event.Talk != 75_000 || row.Client != h.one.client || row.Event.Source != "retell" || len(row.Corrections) != 1 || row.Actor != "provider:retell" {
			t.Errorf("the event is %+v", row)
		}
		byID := call("call-2", 60)
		byID.ClientTag = h.one.client.String()
		h.tell(c, byID, app.UsageAccepted)
		foreign := call("call-3", 60)
		foreign.ClientTag = h.other.client.String()
		h.tell(c, foreign, app.ReportUnassigned)
	})
}

func TestUnassignedThenMapped(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		c, who := h.door(h.one), h.one.owner
		h.door(h.other)
		for i := range 3 {
			h.tell(c, call(fmt.Sprint("call-", i), 60), app.ReportUnassigned)
		}
		h.tell(c, call("call-0", 61), app.ReportUnassigned) // a later report replaces the one that waits
		elsewhere := call("call-9", 60)
		elsewhere.AssistantID, elsewhere.PhoneNumber, elsewhere.PhoneNumberID = "", "", "number-7"
		h.tell(c, elsewhere, app.ReportUnassigned)
		waiting := func(want int64) []app.UnassignedEvent {
			t.Helper()
			list, err := h.Unassigned(h.ctx, who, app.Page{})
			if h.ok(err); list.Total != want {
				t.Errorf("%d events wait, want %d", list.Total, want)
			}
			return list.Items
		}
		items := waiting(4)
		if got := items[3].Report; got.Talk != 61_000 || !got.EndedAt.Equal(call("", 61).EndedAt) || items[0].PhoneNumber != "number-7" {
			t.Errorf("the report that waits is %+v", got)
		}
		_, err := h.AssignUnassigned(h.ctx, who, items[3].ID, h.other.client, false)
		h.refused(err, "not_found", "client_id")
		_, err = h.AssignUnassigned(h.ctx, h.other.owner, items[3].ID, h.other.client, false)
		h.refused(err, "not_found", "")
		result, err := h.AssignUnassigned(h.ctx, who, items[3].ID, h.one.client, false)
		if h.ok(err); result.Result != app.UsageAccepted || result.Known.Event.Talk != 61_000 {
			t.Errorf("AssignUnassigned = %+v", result)
		}
		waiting(3)
		h.tell(c, call("call-0", 61), app.UsageDuplicate)

		metered, err := h.SetMappings(h.ctx, who, c.ID, []app.Mapping{{Match: app.ByNumber, Value: "number-7", ClientID: h.one.client}})
		if h.ok(err); metered != 1 {
			t.Errorf("SetMappings metered %d", metered)
		}
		_, err = h.AssignUnassigned(h.ctx, who, waiting(2)[0].ID, h.one.client, true) // remembers the assistant
		h.ok(err)
		waiting(0)
		h.tell(c, call("call-10", 60), app.UsageAccepted)
		mappings, err := h.Mappings(h.ctx, who, c.ID)
		if h.ok(err); len(mappings) != 2 || mappings[0].Value != "assistant-1" {
			t.Errorf("Mappings = %+v", mappings)
		}
	})
}

func TestMappingsAreChecked(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		c := h.door(h.one)
		good := app.Mapping{Match: app.ByAssistant, Value: "a", ClientID: h.one.client}
		for field, bad := range map[string]app.Mapping{
			"mappings[1].match": {Match: "FACE", Value: "a", ClientID: h.one.client}, "mappings[1].value": good,
			"mappings[1].client_id": {Match: app.ByNumber, Value: "a", ClientID: h.other.client},
		} {
			_, err := h.SetMappings(h.ctx, h.one.owner, c.ID, []app.Mapping{good, bad})
			if err == nil || !strings.HasPrefix(err.Error(), field+":") {
				t.Errorf("SetMappings(%+v) = %v, want a refusal of %s", bad, err, field)
			}
		}
		_, err := h.SetMappings(h.ctx, h.other.owner, c.ID, nil)
		h.refused(err, "not_found", "")
	})
}

func TestRejectedAndReplayed(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		c, who := h.door(h.one), h.one.owner
		bad := call("call-1", 60)
		bad.ClientTag, bad.Talk = "acme", 25*60*60*1000
		h.tell(c, bad, app.UsageRejected)
		h.tell(c, bad, app.UsageRejected)
		h.ok(h.RejectReport(h.ctx, c, billing.InvalidField("body", "is not JSON"), []byte("\xff\x00{")))
		list, err := h.Rejected(h.ctx, who, app.Page{})
		h.ok(err)
		if list.Total != 2 || list.Items[1].Tries != 2 || list.Items[1].Field != "duration_ms" || !strings.Contains(list.Items[1].Body, `"event_id":"call-1"`) {
			t.Fatalf("Rejected = %+v", list.Items)
		}
		fixed := app.UsageReport{UsageEvent: bad.UsageEvent, ClientID: h.one.client}
		fixed.Source, fixed.EventID = "retell", "call-1"
		_, err = h.ReplayRejected(h.ctx, h.other.owner, list.Items[1].ID, fixed)
		h.refused(err, "not_found", "")
		result, err := h.ReplayRejected(h.ctx, who, list.Items[1].ID, fixed)
		if h.ok(err); result.Result != app.UsageRejected || result.Error.Field != "duration_ms" {
			t.Errorf("a replay without a correction = %+v", result)
		}
		fixed.Talk = 60_000
		result, err = h.ReplayRejected(h.ctx, who, list.Items[1].ID, fixed)
		if h.ok(err); result.Result != app.UsageAccepted {
			t.Errorf("ReplayRejected = %+v", result)
		}
		h.audited(who, "usage.replay")
		_, err = h.ReplayRejected(h.ctx, who, list.Items[1].ID, fixed)
		h.refused(err, "not_found", "")
		if left, err := h.Rejected(h.ctx, who, app.Page{}); err != nil || left.Total != 1 {
			t.Errorf("%d are left, %v", left.Total, err)
		}
	})
}
