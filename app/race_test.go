package app_test

import (
	"sync/atomic"
	"testing"
	"time"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

// Two servers are sent one event id for two clients in the same moment. No lock orders the two, the unique key does: who
// comes second to it looks again, and tells of the conflict like anybody who came a second later.
func TestWhoLosesTheRaceForAnEventHearsOfTheConflict(t *testing.T) {
	var armed atomic.Bool
	written, commit := make(chan struct{}), make(chan struct{})
	db := storetest.Connect(t, storetest.MigratedURL(t, "postgres"), store.Faults(func(at store.Stage, _ string) error {
		if at == store.BeforeCommit && armed.CompareAndSwap(true, false) {
			close(written)
			<-commit
		}
		return nil
	}))
	w := newWorld(t, db, "2027-01-01T00:00:00Z")
	w.started(0)
	second, err := w.a.CreateClient(w.ctx, w.who, app.ClientSpec{Name: "Second"})
	w.ok(err)
	elsewhere := w.beside()
	send := func(a *app.App, client billing.ID) <-chan app.UsageResult {
		answer := make(chan app.UsageResult, 1)
		go func() {
			got, err := a.RecordUsage(w.ctx, w.who, []app.UsageReport{{ClientID: client, UsageEvent: billing.UsageEvent{Source: "test", EventID: "one", Kind: billing.Call, EndedAt: w.now(), Talk: 1000}}})
			if err != nil {
				t.Error(err)
				got = make([]app.UsageResult, 1)
			}
			answer <- got[0]
		}()
		return answer
	}
	armed.Store(true)
	first := send(w.a, w.client)
	<-written // but not kept yet: nobody else sees it
	loser := send(elsewhere, second.ID)
	for waits := 0; waits == 0; time.Sleep(time.Millisecond) { // at the unique key
		w.ok(db.Q(w.ctx).QueryRow(w.ctx, `SELECT COUNT(*) FROM pg_locks WHERE NOT granted`).Scan(&waits))
	}
	close(commit)
	if got := <-first; got.Result != app.UsageAccepted {
		t.Errorf("the first is %+v", got)
	}
	if got := <-loser; got.Result != app.UsageConflict {
		t.Errorf("the second is %+v, want a conflict", got)
	}
	w.audited()
}

// A call that is in the books is a repeat, whomever a report of it names: somebody else, or nobody.
func TestAKnownCallIsKnownWhoeverItIsSaidToBeOf(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		w.started(10)
		call := func(id string, client billing.ID, name string) app.UsageReport {
			return app.UsageReport{ClientID: client, ClientExternalID: name, UsageEvent: billing.UsageEvent{Source: "test", EventID: id, Kind: billing.Call, EndedAt: w.now(), Talk: 1000}}
		}
		first := w.report(call("known", w.client, ""))
		for _, each := range []struct {
			what  app.UsageReport
			want  string
			field string
		}{
			{call("known", 1, ""), app.UsageConflict, ""},
			{call("known", 0, "renamed"), app.UsageConflict, ""},
			{call("known", w.client, "renamed"), app.UsageDuplicate, ""}, // its id says whose it is
			{call("new", 1, ""), app.UsageRejected, "client_id"},
			{call("new", 0, "renamed"), app.UsageRejected, "client_external_id"},
			{call("new", w.client, "renamed"), app.UsageRejected, "client_external_id"},
			{call("known", 0, ""), app.UsageRejected, "client_id"}, // that is no report at all
		} {
			got := w.report(each.what)
			field := ""
			if got.Error != nil {
				field = got.Error.Field
			}
			if got.Result != each.want || field != each.field || each.want != app.UsageRejected && got.ID != first.ID {
				t.Errorf("%s of %d %q is answered %+v, %v, want %s", each.what.EventID, each.what.ClientID, each.what.ClientExternalID, got, got.Error, each.want)
			}
		}
		w.audited()
	})
}
