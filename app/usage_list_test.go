package app_test

import (
	"fmt"
	"testing"
	"time"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

// A list of usage events is bounded and counted by the sums of days. It shows, and counts, exactly the events that its
// filter names, whatever day they are of, in whatever zone, however late they came.
func TestUsageEventListsAreExact(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		clients := w.eventful()
		all, err := w.a.UsageEvents(w.ctx, w.who, app.UsageFilter{}, app.Page{Size: 100})
		w.ok(err)
		if len(all.Items) < 20 || all.Total != int64(len(all.Items)) {
			t.Fatalf("%d events, total %d", len(all.Items), all.Total)
		}
		var bounds []time.Time
		for day := w.time("2026-12-31T00:00:00Z"); day.Before(w.time("2027-01-06T00:00:00Z")); day = day.Add(5*time.Hour + 30*time.Minute) {
			bounds = append(bounds, day)
		}
		for _, client := range []billing.ID{0, clients[0], clients[1]} {
			for _, status := range []billing.UsageStatus{"", billing.Rated, billing.Unrated, billing.VoidUsage} {
				w.lists(all.Items, app.UsageFilter{Client: client, Status: status, Source: "nobody's"})
				for _, source := range []string{"", "late", "test"} {
					for i := range bounds {
						w.lists(all.Items, app.UsageFilter{Client: client, Status: status, Source: source, From: bounds[i]})
						w.lists(all.Items, app.UsageFilter{Client: client, Status: status, Source: source, To: bounds[i]})
						for _, apart := range []int{3, 20} { // less than a day, and with days between
							w.lists(all.Items, app.UsageFilter{Client: client, Status: status, Source: source, From: bounds[i], To: bounds[min(i+apart, len(bounds)-1)]})
						}
					}
					w.lists(all.Items, app.UsageFilter{Client: client, Status: status, Source: source})
					for _, call := range []string{"4", "twice", "late one", "nobody's"} {
						w.lists(all.Items, app.UsageFilter{Client: client, Status: status, Source: source, CallID: call})
						w.lists(all.Items, app.UsageFilter{Client: client, Status: status, Source: source, CallID: call, From: bounds[5], To: bounds[15]})
					}
				}
			}
		}
	})
}

// An agency with one source has the same list with and without it.
func TestAListOfTheOnlySource(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T12:00:00Z")
		w.started(0)
		for range 3 {
			w.use(1)
		}
		all, err := w.a.UsageEvents(w.ctx, w.who, app.UsageFilter{}, app.Page{Size: 100})
		w.ok(err)
		for _, f := range []app.UsageFilter{{Source: "test"}, {Source: "test", Client: w.client}, {Source: "test", To: w.now()}, {Source: "tes"}, {Source: "test", Status: billing.Unrated}} {
			w.lists(all.Items, f)
		}
	})
}

// eventful is two clients in far zones with calls around their midnights: some late, some void, some unrated. Some bear their
// call's id as their own, as providers' do, some share one.
func (w *world) eventful() (clients []billing.ID) {
	w.Helper()
	ended := w.time("2027-01-01T00:00:00Z")
	for i, zone := range []string{"Pacific/Kiritimati", "America/Los_Angeles"} {
		if i == 0 {
			w.started(0)
		} else {
			c, err := w.a.CreateClient(w.ctx, w.who, app.ClientSpec{Name: "Unsubscribed"})
			w.ok(err)
			w.client = c.ID
		}
		_, err := w.a.EditClient(w.ctx, w.who, w.client, app.ClientPatch{Timezone: &zone})
		w.ok(err)
		clients = append(clients, w.client)
	}
	report := func(source, call string, i int, at time.Time) app.UsageResult {
		w.client = clients[i%2]
		w.events++
		if call == "its own" {
			call = fmt.Sprint(w.events)
		}
		return w.report(app.UsageReport{ClientID: w.client, UsageEvent: billing.UsageEvent{Source: source, EventID: fmt.Sprint(w.events), CallID: call, Kind: billing.Call, EndedAt: at, Talk: 1000}})
	}
	for i := range 20 {
		at := ended.Add(time.Duration(i) * 5 * time.Hour)
		if i > 0 {
			w.clock(at.Format(time.RFC3339))
		}
		r := report("test", []string{"its own", "twice", ""}[i%3], i/2, at)
		if i%5 == 0 {
			w.ok(w.a.VoidUsage(w.ctx, w.who, r.ID, "a test"))
		}
	}
	report("late", "late one", 0, ended.Add(3*time.Hour))
	report("late", "twice", 1, ended.Add(4*time.Hour))
	return clients
}

// lists checks a list against all events, filtered here.
func (w *world) lists(all []app.UsageRow, f app.UsageFilter) {
	w.Helper()
	var want []billing.ID
	for _, u := range all {
		if (f.Client == 0 || u.Client == f.Client) && (f.Status == "" || u.Status == f.Status) && (f.Source == "" || u.Event.Source == f.Source) && (f.CallID == "" || u.Event.CallID == f.CallID) &&
			(f.From.IsZero() || !u.Event.EndedAt.Before(f.From)) && (f.To.IsZero() || u.Event.EndedAt.Before(f.To)) {
			want = append(want, u.ID)
		}
	}
	var got []billing.ID
	for cursor := ""; ; {
		part, err := w.a.UsageEvents(w.ctx, w.who, f, app.Page{Size: 7, Cursor: cursor})
		w.ok(err)
		if part.Total != int64(len(want)) {
			w.Fatalf("%+v: total %d, want %d", f, part.Total, len(want))
		}
		for _, u := range part.Items {
			got = append(got, u.ID)
		}
		if cursor = part.NextCursor; cursor == "" {
			break
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.Fatalf("%+v: %v, want %v", f, got, want)
	}
	third, err := w.a.UsageEvents(w.ctx, w.who, f, app.Page{Size: 4, Page: 3})
	w.ok(err)
	want = want[min(8, len(want)):min(12, len(want))]
	for i, u := range third.Items {
		if i >= len(want) || u.ID != want[i] {
			w.Fatalf("%+v: the third page differs from %v at %d", f, want, i)
		}
	}
	if len(third.Items) != len(want) {
		w.Fatalf("%+v: the third page has %d events, want %d", f, len(third.Items), len(want))
	}
}
