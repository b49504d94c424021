package store_test

import (
	"context"
	"strings"
	"testing"

	"minutebook/store"
	"minutebook/store/storetest"
)

// A list is looked up key by key, by the one index that holds the key, whatever PostgreSQL knows of the table: plans
// are kept, and the table may be full a minute later.
func TestEachOfAListIsFoundByItsKey(t *testing.T) {
	t.Parallel()
	db := storetest.Connect(t, storetest.MigratedURL(t, "postgres"))
	const few = `INSERT INTO usage_events (agency_id, id, client_id, seq, source, event_id, content_hash, kind, ended_at, raw_ms, chats, call_id, campaign_id,
			assistant_id, phone_number, direction, cost_micros, cost_currency, metadata, tags, status, period_index, call_period, late, billed_ms, included_ms,
			wallet_ms, billable_ms, uncovered_ms, recorded_at, actor, key_head)
		SELECT 1, n, 2, n, 's', 'e' || n, '', 'CALL', 0, 5, 0, '', '', '', '', '', 0, '', '', '', 'UNRATED', 0, 0, FALSE, 0, 0, 0, 0, 0, 0, '', n FROM generate_series(1, 60) AS n`
	for _, step := range []struct{ name, sql string }{
		{"nothing is known of empty tables", `SELECT 1`},
		{"few rows, unseen", few},
		{"few rows, seen", `ANALYZE`},
	} {
		write(t, db, step.sql)
		for _, look := range []struct{ table, where, column, kind, index string }{
			{"usage_events", "$1 > 0 AND $2 <> ''", "key_head", "bigint", "usage_events_once"},
			{"usage_events", "agency_id = $1 AND $2 <> ''", "id", "bigint", "usage_events_pkey"},
			{"accounts", "agency_id = $1 AND $2 <> ''", "client_id", "bigint", "accounts_pkey"},
			{"clients", "agency_id = $1 AND $2 <> ''", "id", "bigint", "clients_pkey"},
			{"clients", "agency_id = $1 AND $2 <> ''", "external_id", "text", "clients_external_id"},
			{"payment_requests", "agency_id = $1 AND $2 <> '' AND status IN ('PENDING', 'OVERDUE', 'FAILED')", "client_id", "bigint", "payment_requests_open"},
			{"campaigns", "agency_id = $1 AND $2 <> '' AND status <> 'STOPPED'", "client_id", "bigint", "campaigns_client"},
			{"credit_lines", "agency_id = $1 AND $2 <> '' AND left_amount > 0", "client_id", "bigint", "credit_lines_client"},
			{"client_packs", "agency_id = $1 AND $2 <> ''", "client_id", "bigint", "client_packs_pkey"},
			{"subscriptions", "agency_id = $1 AND $2 <> ''", "id", "bigint", "subscriptions_pkey"},
		} {
			plan := strings.Join(explained(t, db, `SELECT 1 FROM `+store.EachOf(db, look.table, look.where, look.column, 3, look.kind)), "\n")
			if !strings.Contains(plan, look.index+" on") || strings.Contains(plan, "Seq Scan") || strings.Contains(plan, "Sort") {
				t.Errorf("%s: %s by %s is not found by %s:\n%s", step.name, look.table, look.column, look.index, plan)
			}
		}
	}
}

// explained is how PostgreSQL would run a statement again and again, in a transaction that writes.
func explained(t *testing.T, db *store.DB, sql string) (plan []string) {
	t.Helper()
	err := db.InTx(context.Background(), func(ctx context.Context, q store.Q) (err error) {
		for _, each := range []string{`SET LOCAL plan_cache_mode = force_generic_plan`, `PREPARE looked AS ` + sql} {
			if _, err := q.Exec(ctx, each); err != nil {
				return err
			}
		}
		plan, err = store.Collect(func(r store.Row, line *string) error { return r.Scan(line) })(q.Query(ctx, `EXPLAIN EXECUTE looked (1, 's', NULL)`))
		if err == nil {
			_, err = q.Exec(ctx, `DEALLOCATE looked`)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// PostgreSQL compiles none of our statements: compiling takes longer than any of them. Who wants it says so in the URL.
func TestStatementsAreNotCompiled(t *testing.T) {
	t.Parallel()
	url := storetest.EmptyURL(t, "postgres")
	for suffix, want := range map[string]string{"": "off", "&jit=on": "on"} {
		db := storetest.Connect(t, url+suffix)
		var jit string
		if err := db.Q(context.Background()).QueryRow(context.Background(), `SHOW jit`).Scan(&jit); err != nil || jit != want {
			t.Errorf("jit with %q in the URL is %q, %v; want %q", suffix, jit, err, want)
		}
	}
}
