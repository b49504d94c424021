package app_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

// A rehearsal tells what an act does and keeps nothing of it; the act then does what was told.
func TestRehearse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T09:00:00Z")
		pack := w.started(100 * billing.Minute)
		apply := func(ctx context.Context) error {
			_, err := w.a.ApplyPack(ctx, w.who, w.client, pack, true, "")
			return err
		}
		before := len(w.requests())
		told, err := w.a.Rehearse(w.ctx, apply)
		w.ok(err)
		want := []string{"Issues PR-000002 for 15.00 USD, due 15 Jan 2027.", "Credits 100.00 minutes to the wallet now.", "Records a payment of 15.00 USD.", "PR-000002 becomes paid."}
		if len(told) != 1 || told[0].Name != "Bright Dental" || !slices.Equal(told[0].Says, want) {
			t.Errorf("Rehearse tells %+v, want %q", told, want)
		}
		if after := len(w.requests()); after != before {
			t.Errorf("a rehearsal left %d requests", after-before)
		}
		trial, err := w.a.Trial(w.ctx, w.who, w.client)
		w.ok(err)
		says := trial.Of(func(acc *billing.Account, now time.Time) error {
			return acc.Cancel(billing.Cancellation{OpenRequests: billing.CancelOpen}, now)
		})
		if len(says) == 0 || says[0] != "PR-000001 becomes canceled." {
			t.Errorf("Trial.Of a cancellation = %q", says)
		}
		w.ok(apply(w.ctx))
		if all := w.requests(); all[0].Label() != "PR-000002" {
			t.Errorf("the act issued %s, PR-000002 was told", all[0].Label())
		}
		refused := errors.New("no")
		if _, err := w.a.Rehearse(w.ctx, func(context.Context) error { return refused }); !errors.Is(err, refused) {
			t.Errorf("a refused rehearsal answers %v", err)
		}
		w.audited()
	})
}

func TestMarkPaid(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T09:00:00Z")
		w.started(0)
		w.clock("2027-01-20T09:00:00Z") // past due
		ids := []billing.ID{w.requests()[0].ID}
		if _, err := w.a.MarkPaid(w.ctx, w.who, append(ids, 12345), ""); app.Unavailable(err) || err == nil {
			t.Errorf("MarkPaid of one that is not there = %v", err)
		}
		w.owes(app.Owed{Currency: usd, Requests: 1, Overdue: 9900, Late: 1})
		for try, want := range []int{1, 0} {
			changed, err := w.a.MarkPaid(w.ctx, w.who, ids, "bank-1")
			w.ok(err)
			if len(changed) != want {
				t.Errorf("MarkPaid, try %d, changed %d requests, want %d", try, len(changed), want)
			}
		}
		if all := w.requests(); all[0].Status != billing.Paid || all[0].ExternalPaymentID != "bank-1" {
			t.Errorf("the request is %+v", all[0])
		}
		w.audited()
	})
}

func TestRequestFilters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T09:00:00Z")
		w.started(0)
		one := w.requests()[0]
		for _, test := range []struct {
			on     string
			filter app.RequestFilter
			want   int64
		}{
			{"2027-01-02T00:00:00Z", app.RequestFilter{Age: "not_due"}, 1},
			{"2027-01-02T00:00:00Z", app.RequestFilter{Age: "overdue"}, 0},
			{"2027-01-20T00:00:00Z", app.RequestFilter{Age: "not_due"}, 0},
			{"2027-01-20T00:00:00Z", app.RequestFilter{Age: "overdue_30"}, 1},
			{"2027-01-20T00:00:00Z", app.RequestFilter{Query: "pr-000001"}, 1},
			{"2027-01-20T00:00:00Z", app.RequestFilter{Query: one.Reference()}, 1},
			{"2027-01-20T00:00:00Z", app.RequestFilter{Query: "BRIGHT"}, 1},
			{"2027-01-20T00:00:00Z", app.RequestFilter{Query: "%"}, 0},
			{"2027-03-20T00:00:00Z", app.RequestFilter{Age: "overdue_old"}, 1},
			{"2027-03-20T00:00:00Z", app.RequestFilter{Age: "overdue_30"}, 0},
			{"2027-03-20T00:00:00Z", app.RequestFilter{Age: "open"}, 1},
		} {
			if w.now().Before(w.time(test.on)) {
				w.clock(test.on)
			}
			got, err := w.a.Requests(w.ctx, w.who, test.filter, app.Page{})
			w.ok(err)
			if got.Total != test.want {
				t.Errorf("Requests(%+v) on %s = %d, want %d", test.filter, test.on, got.Total, test.want)
			}
		}
		if _, err := w.a.Requests(w.ctx, w.who, app.RequestFilter{Age: "ancient"}, app.Page{}); err == nil {
			t.Error("an unknown age is taken")
		}
	})
}
