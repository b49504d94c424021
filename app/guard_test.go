package app_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

// guard is a unique key that stands between a slip of the program and a wrong bill.
type guard struct {
	table   string
	key     []string
	columns string // of the row that is written a second time
	second  string // what the second row says otherwise: column=expression, by commas
	other   string // what makes it another row, which is fine
	where   string
}

var guards = []guard{
	{
		table: "payment_requests", key: []string{"agency_id", "subscription_id", "period_index", "kind"},
		columns: "agency_id,id,number,reference,client_id,subscription_id,period_index,kind,status,currency,currency_digits,lines,amount,amount_paid,issued_at,due_at,external_payment_id,notes,settlement,pack_ms,clawed_back_ms,shortfall_ms,created_at,updated_at",
		second:  "id=id+1,number=number+1000,reference='X',status='PENDING',amount_paid=0", other: "period_index=period_index+1000", where: "kind = 'RECURRING'",
	},
	{
		table: "subscriptions", key: []string{"agency_id", "client_id"},
		columns: "agency_id,id,client_id,plan_id,plan_version,terms,timezone,anchor,status,status_since,started_at,cancel,canceled_at,reason,created_at,updated_at",
		second:  "id=id+1", other: "status='canceled',canceled_at=started_at", where: "status <> 'canceled'",
	},
	{
		table: "usage_events", key: []string{"key_head", "key_tail"},
		columns: "agency_id,id,client_id,seq,source,event_id,key_head,key_tail,content_hash,kind,ended_at,raw_ms,chats,call_id,campaign_id,assistant_id,phone_number,direction,cost_micros,cost_currency,metadata,tags,status,subscription_id,period_index,call_period,late,billed_ms,included_ms,wallet_ms,billable_ms,uncovered_ms,recorded_at,actor",
		second:  "id=id+1,seq=seq+1000", other: "key_tail=key_tail/2", where: "event_id = 'e1'",
	},
	{
		table: "wallet_entries", key: []string{"agency_id", "payment_request_id"},
		columns: "agency_id,id,client_id,seq,at,kind,delta_ms,balance_ms,payment_request_id,pack_id,usage_event_id,reason,actor",
		second:  "id=id+1", other: "kind='ADJUSTMENT'", where: "kind = 'PACK'",
	},
	{
		table: "usage_corrections", key: []string{"agency_id", "usage_event_id"},
		columns: "agency_id,id,usage_event_id,client_id,seq,void,raw_ms,billed_ms,parts,wallet_delta_ms,reason,actor,recorded_at",
		second:  "id=id+1", other: "void=(1=0)", where: "void",
	},
}

// again is the statement that writes a row a second time.
func (g guard) again(changes ...string) string {
	list := "," + g.columns + ","
	for change := range strings.SplitSeq(strings.Join(changes, ","), ",") {
		column, value, _ := strings.Cut(change, "=")
		list = strings.Replace(list, ","+column+",", ","+value+",", 1)
	}
	return "INSERT INTO " + g.table + " (" + g.columns + ") SELECT " + strings.Trim(list, ",") + " FROM " + g.table + " WHERE " + g.where + " ORDER BY id LIMIT 1"
}

// TestGuardsOfTheDatabase: should the program ever try, the database refuses what may be there once only, and nothing
// beside it.
func TestGuardsOfTheDatabase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		w.busy()
		for _, g := range guards {
			if err := w.tried(g.again(g.second)); !store.Conflicts(err, g.table, g.key...) {
				t.Errorf("%s written twice: %v, want a taken key %v", g.table, err, g.key)
			}
			if err := w.tried(g.again(g.second, g.other)); err != nil {
				t.Errorf("%s with %s: %v, want no refusal", g.table, g.other, err)
			}
		}
	})
}

// tried writes one row, answers what the database says to it, and leaves everything as it was.
func (w *world) tried(statement string) (said error) {
	w.Helper()
	undo := errors.New("leave it as it was")
	err := w.a.DB.InTx(w.ctx, func(ctx context.Context, q store.Q) error {
		var n int64
		if n, said = q.Exec(ctx, statement); said == nil && n != 1 {
			w.Errorf("%d rows for %s", n, statement)
		}
		return undo
	})
	if !errors.Is(err, undo) {
		w.Fatal(err)
	}
	return said
}

// TestOutboxTellsEveryFactOnce: every fact is on its way out exactly once, with its own place in the client's history,
// by which a receiver tells the older from the newer.
func TestOutboxTellsEveryFactOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		w.busy()
		count := func(query string) (n int64) {
			w.ok(db.Q(w.ctx).QueryRow(w.ctx, query, w.who.Agency).Scan(&n))
			return n
		}
		facts := count(`SELECT COUNT(*) FROM facts WHERE agency_id = $1`)
		told := count(`SELECT COUNT(*) FROM outbox WHERE agency_id = $1`)
		alike := count(`
			SELECT COUNT(*)
			FROM facts f JOIN outbox o ON o.agency_id = f.agency_id AND o.client_id = f.client_id AND o.seq = f.seq AND o.id = f.id AND o.name = f.name AND o.body = f.body AND o.at = f.at
			WHERE f.agency_id = $1`)
		if facts == 0 || told != facts || alike != facts {
			t.Errorf("%d facts, %d told, %d of them alike", facts, told, alike)
		}
	})
}

// TestTwoSourcesMayUseOneEventID: an event is known by its source and its id, not by its id alone.
func TestTwoSourcesMayUseOneEventID(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		w.started(0)
		for i, source := range []string{"one", "two"} {
			r := app.UsageReport{ClientID: w.client, UsageEvent: billing.UsageEvent{Source: source, EventID: "call-1", Kind: billing.Call, EndedAt: w.now(), Talk: billing.Minute}}
			if got := w.report(r); got.Result != app.UsageAccepted {
				t.Errorf("report %d: %s, want accepted", i, got.Result)
			}
			if got := w.report(r); got.Result != app.UsageDuplicate {
				t.Errorf("report %d again: %s, want duplicate", i, got.Result)
			}
		}
		acc, _, err := w.a.Account(w.ctx, w.who, w.client)
		w.ok(err)
		if acc.Period.Used.Included != 2*billing.Minute {
			t.Errorf("used %v, want two minutes", acc.Period.Used)
		}
		w.audited()
	})
}

// TestTimeAloneBringsAnAccountForward: what comes due is carried out although nobody looks at the client or writes it.
func TestTimeAloneBringsAnAccountForward(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		w.started(0)
		for _, step := range []struct {
			clock string
			want  billing.RequestStatus
		}{{"2027-01-14T23:59:59Z", billing.Pending}, {"2027-01-15T00:00:00Z", billing.Overdue}} {
			w.clock(step.clock)
			if got := w.requests(); len(got) != 1 || got[0].Status != step.want {
				t.Errorf("at %s: %d requests, the first %s, want one that is %s", step.clock, len(got), got[0].Status, step.want)
			}
		}
	})
}

// TestOneBadEventDoesNotFailItsNeighbours: an event that only the rules can refuse, since the period's amount would no
// longer be exact, is rejected by itself; those before and behind it count.
func TestOneBadEventDoesNotFailItsNeighbours(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		who, dear := h.one.owner, billing.MaxRate
		_, err := h.UpdateSettings(h.ctx, who, app.SettingsPatch{Currencies: &map[string]int{"BTC": 8}})
		h.ok(err)
		plan, err := h.CreatePlan(h.ctx, who, billing.Terms{Name: "Dear", Currency: billing.Currency{Code: "BTC", Digits: 8}, Rate: &dear, Interval: billing.Month, IntervalCount: 1})
		h.ok(err)
		h.ok(h.AssignPlan(h.ctx, who, h.one.client, plan.ID))
		_, err = h.Start(h.ctx, who, h.one.client)
		h.ok(err)
		batch := []app.UsageReport{}
		for i := range 67 { // 64 days of talk cost as much as can be counted
			talk := billing.LongestCall
			if i == 66 {
				talk = 0
			}
			batch = append(batch, app.UsageReport{ClientID: h.one.client, UsageEvent: billing.UsageEvent{Source: "s", EventID: fmt.Sprint(i), Kind: billing.Call, EndedAt: h.clock(), Talk: talk}})
		}
		results, err := h.RecordUsage(h.ctx, who, batch)
		h.ok(err)
		for i, r := range results {
			want := app.UsageAccepted
			if i == 64 || i == 65 {
				want = app.UsageRejected
			}
			if r.Result != want {
				t.Errorf("event %d: %s (%v), want %s", i, r.Result, r.Error, want)
			}
		}
	})
}
