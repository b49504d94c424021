package app_test

import (
	"testing"

	"minutebook/app"
	"minutebook/store"
	"minutebook/store/storetest"
)

// The timeline is a client's facts and calls without a gap, newest first, by pages as by cursor, and it knows how long
// it is without counting.
func TestTheTimelineIsWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		w.busy()
		acc, _, err := w.a.Account(w.ctx, w.who, w.client)
		w.ok(err)
		all := w.walk("", true)
		if int64(len(all)) != acc.Seq {
			t.Fatalf("%d entries, want %d", len(all), acc.Seq)
		}
		named := map[string]int{}
		for i, e := range all {
			if e.Seq != acc.Seq-int64(i) {
				t.Fatalf("entry %d is %d, want %d", i, e.Seq, acc.Seq-int64(i))
			}
			named[e.Name]++
		}
		if pages := w.walk("", false); len(pages) != len(all) || pages[9].Seq != all[9].Seq {
			t.Errorf("by pages %d entries, by cursor %d", len(pages), len(all))
		}
		for _, name := range []string{"usage.recorded", "payment_request.issued", "usage.corrected", "no.such"} {
			if got := w.walk(name, true); len(got) != named[name] || name != "no.such" && len(got) == 0 {
				t.Errorf("%d entries of %s, want %d", len(got), name, named[name])
			}
		}
	})
}

func (w *world) walk(name string, byCursor bool) (all []app.TimelineRow) {
	w.Helper()
	page := app.Page{Size: 5, Page: 1}
	for {
		part, err := w.a.Timeline(w.ctx, w.who, w.client, name, page)
		w.ok(err)
		if all = append(all, part.Items...); part.NextCursor == "" {
			if part.Total != int64(len(all)) {
				w.Errorf("%q: total %d, but %d entries", name, part.Total, len(all))
			}
			return all
		}
		if byCursor {
			page.Cursor = part.NextCursor
		} else {
			page.Page++
		}
	}
}

// The audit log calls a client by the name it has now, and a line about no client nothing.
func TestTheAuditLogNamesClients(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		w.started(0)
		name := "Brighter Dental"
		_, err := w.a.EditClient(w.ctx, w.who, w.client, app.ClientPatch{Name: &name})
		w.ok(err)
		log, err := w.a.AuditEntries(w.ctx, w.who, 0, "", app.Page{Size: 100})
		w.ok(err)
		named := 0
		for _, e := range log.Items {
			want := ""
			if e.Client != 0 {
				want, named = name, named+1
			}
			if e.ClientName != want {
				t.Errorf("%s of client %d names %q, want %q", e.Command, e.Client, e.ClientName, want)
			}
		}
		if named == 0 || named == len(log.Items) {
			t.Errorf("%d of %d lines are about a client", named, len(log.Items))
		}
	})
}
