package store_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

var listed = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)

// twoAgencies makes agencies 1 and 2, each with clients of the same names and external ids.
func twoAgencies(t testing.TB, db *store.DB, clients int) {
	t.Helper()
	err := db.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
		for agency := billing.ID(1); agency <= 2; agency++ {
			g := store.Agency{ID: agency, Name: "Same", Timezone: "UTC", Currency: "USD", CreatedAt: listed, Policy: billing.Policy{Recovery: billing.NoneOverdue, BlockedExit: billing.ExitRestart}}
			if err := store.InsertAgency(ctx, q, g); err != nil {
				return err
			}
			for i := range clients {
				c := store.Client{ID: agency*1000 + billing.ID(i), Name: fmt.Sprintf("Ärzte %d%%_\\", i), Email: "same@example.com", ExternalID: fmt.Sprint("c-", i), CreatedAt: listed}
				if err := store.InsertClient(ctx, q, agency, c, billing.PauseAll); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func clientIDs(t *testing.T, db *store.DB, agency billing.ID, f store.ClientFilter, w store.Window) ([]billing.ID, store.Part[store.ClientRow]) {
	t.Helper()
	ctx := context.Background()
	part, err := store.Clients(ctx, db.Q(ctx), agency, f, w)
	if err != nil {
		t.Fatal(err)
	}
	ids := []billing.ID{}
	for _, c := range part.Items {
		ids = append(ids, c.ID)
	}
	return ids, part
}

func TestListPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		twoAgencies(t, db, 5)
		for _, tt := range []struct {
			w    store.Window
			want string
			next billing.ID
		}{
			{store.Window{Limit: 2}, "[2004 2003]", 2003},
			{store.Window{Limit: 2, Offset: 2}, "[2002 2001]", 2001},
			{store.Window{Limit: 2, Offset: 4}, "[2000]", 0},
			{store.Window{Limit: 2, Offset: 9}, "[]", 0},
			{store.Window{Limit: 5}, "[2004 2003 2002 2001 2000]", 0},
			{store.Window{Limit: 2, Before: 2003, Offset: 4}, "[2002 2001]", 2001},
		} {
			ids, part := clientIDs(t, db, 2, store.ClientFilter{}, tt.w)
			if got := fmt.Sprint(ids); got != tt.want || part.Next != tt.next || part.Total != 5 {
				t.Errorf("Clients(%+v) = %s, next %d of %d, want %s, next %d of 5", tt.w, got, part.Next, part.Total, tt.want, tt.next)
			}
		}
	})
}

// A cursor walks every row once while rows are added in front.
func TestCursorDoesNotDrift(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		twoAgencies(t, db, 5)
		ctx := context.Background()
		seen, w := []billing.ID{}, store.Window{Limit: 2}
		for step := 0; ; step++ {
			ids, part := clientIDs(t, db, 1, store.ClientFilter{}, w)
			seen = append(seen, ids...)
			c := store.Client{ID: 1900 + billing.ID(step), Name: "New", CreatedAt: listed}
			if err := db.InTx(ctx, func(ctx context.Context, q store.Q) error {
				return store.InsertClient(ctx, q, 1, c, billing.PauseAll)
			}); err != nil {
				t.Fatal(err)
			}
			if w.Before = part.Next; part.Next == 0 {
				break
			}
		}
		if got := fmt.Sprint(seen); got != "[1004 1003 1002 1001 1000]" {
			t.Errorf("the cursor walked %s", got)
		}
	})
}

func TestClientSearch(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		twoAgencies(t, db, 12)
		for query, want := range map[string]int{
			"ÄRZTE": 12, "ärzte 3": 1, "c-7": 1, "c-": 0, "SAME@example.com": 12, "same@": 0, "%_\\": 12, "%": 12, "1%": 2, "_": 12, "x%": 0, "\\": 12, "'": 0,
		} {
			ids, _ := clientIDs(t, db, 1, store.ClientFilter{Query: query}, store.Window{Limit: 50})
			if len(ids) != want {
				t.Errorf("Clients(q=%q) found %v, want %d", query, ids, want)
			}
		}
		for filter, want := range map[store.ClientFilter]int{{Status: "none"}: 12, {Status: "active"}: 0, {Access: "allowed"}: 12, {Access: "denied"}: 0, {Only: 1003}: 1, {Only: 2003}: 0} {
			if ids, _ := clientIDs(t, db, 1, filter, store.Window{Limit: 50}); len(ids) != want {
				t.Errorf("Clients(%+v) found %v, want %d", filter, ids, want)
			}
		}
	})
}

func TestCursor(t *testing.T) {
	const agency, id = billing.ID(7_000_000_000_001), billing.ID(8_000_000_000_002)
	text := store.Cursor(agency, id)
	if got, err := store.ParseCursor(agency, text); got != id || err != nil {
		t.Errorf("ParseCursor(%q) = %d, %v, want %d", text, got, err, id)
	}
	if store.Cursor(agency, 0) != "" {
		t.Error("the end of a list has a cursor")
	}
	for _, bad := range []string{text + "A", text[:10], "x", "%%%", "AAAAAAAAAAAAAAAAAAAAAA", store.Cursor(agency+1, id)} {
		_, err := store.ParseCursor(agency, bad)
		var refusal *billing.Error
		if !errors.As(err, &refusal) || refusal.Field != "cursor" || refusal.Kind != billing.Invalid {
			t.Errorf("ParseCursor(%q) = %v, want a refusal of cursor", bad, err)
		}
	}
}

// A part of a long list is read without reading the rest of it, also where PostgreSQL knows nothing of the tables that
// are joined to it. It once joined and sorted the whole list for each part of an export.
func TestPartOfALongListIsReadAlone(t *testing.T) {
	t.Parallel()
	db := storetest.Connect(t, storetest.MigratedURL(t, "postgres"))
	twoAgencies(t, db, 100)
	write(t, db, manyEvents)
	write(t, db, `ANALYZE usage_events`)
	for name, w := range map[string]store.Window{"the first part": {Limit: 500}, "a later part": {Limit: 500, Before: 15_000}} {
		sql, args := store.PartOf(t, db, 1, store.UsageFilter{}, w)
		if plan := explainedList(t, db, sql, args); mostRead(plan, "(usage_events)") > 1_000 {
			t.Errorf("%s of 500 reads more than that:\n%s", name, strings.Join(plan, "\n"))
		}
	}
}

// Events that are sent again are read with nothing but their own clients and subscriptions, also by a plan that was made
// when there were none yet, and kept. It once read all events of the agency, which was most of what PostgreSQL did for
// single posts.
func TestEventsSentAgainAreReadAlone(t *testing.T) {
	t.Parallel()
	db := storetest.Connect(t, storetest.MigratedURL(t, "postgres"))
	twoAgencies(t, db, 100)
	err := db.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
		const sentAgain = `EXECUTE known (1, '{7,8,9000}')`
		for _, each := range []string{`SET LOCAL plan_cache_mode = force_generic_plan`, `PREPARE known AS ` + store.ListedUsage(db), sentAgain, manyEvents} {
			if _, err := q.Exec(ctx, each); err != nil {
				return err
			}
		}
		lines, err := store.Collect(func(r store.Row, line *string) error { return r.Scan(line) })(q.Query(ctx, `EXPLAIN ANALYZE `+sentAgain))
		if most := mostRead(lines, "(usage_events|clients|subscriptions)"); most > 3 {
			t.Errorf("three events are read with %d rows:\n%s", most, strings.Join(lines, "\n"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A call is found by its id, and a source's few events among all others, without reading those, by plans that are kept. It once took
// as long as reading the whole table.
func TestCallsAreFoundAlone(t *testing.T) {
	t.Parallel()
	db := storetest.Connect(t, storetest.MigratedURL(t, "postgres"))
	twoAgencies(t, db, 100)
	write(t, db, manyEvents)
	key, _ := store.CallKey(1, "", "call77")
	write(t, db, `UPDATE usage_events SET day = 20270101 + id / 800 % 28, call_id = 'call' || id % 10000, call_key = CASE id % 10000 WHEN 77 THEN $1 ELSE id % 10000 END, source = CASE WHEN id % 1000 = 0 THEN 'rare' ELSE 's' END`, key)
	write(t, db, `INSERT INTO source_days SELECT agency_id, source, day, 0, COUNT(*), COUNT(*), 0, MIN(id), MAX(id) FROM usage_events GROUP BY agency_id, source, day`)
	write(t, db, `INSERT INTO agency_days SELECT agency_id, day, 0, SUM(events), SUM(unrated), 0, 0, 0, 0, 0, 0, 0, 0, 0, MIN(first_id), MAX(last_id) FROM source_days GROUP BY agency_id, day`)
	lists := []struct {
		store.UsageFilter
		total int64
	}{
		{store.UsageFilter{CallID: "call77"}, 2},
		{store.UsageFilter{CallID: "call77", Client: 1077}, 2},
		{store.UsageFilter{CallID: "call77", Source: "s"}, 2},
		{store.UsageFilter{Source: "rare"}, 20},
		{store.UsageFilter{Source: "s"}, 19_980},
		{store.UsageFilter{Source: "s", Status: billing.Unrated}, 19_980},
		{store.UsageFilter{Status: billing.Unrated}, 20_000},
	}
	ctx := context.Background()
	for _, known := range []string{"nothing is known of the table", "only how large it is", "all is known"} {
		for _, list := range lists {
			part, err := store.UsageEvents(ctx, db.Q(ctx), 1, list.UsageFilter, store.Window{Limit: 50})
			if err != nil || part.Total != list.total || len(part.Items) != int(min(50, list.total)) {
				t.Errorf("%+v: %d events of %d, %v, want %d", list, len(part.Items), part.Total, err, list.total)
			}
			sql, args := store.PartOf(t, db, 1, list.UsageFilter, store.Window{Limit: 50})
			plan := explainedList(t, db, sql, args)
			if most := mostRead(plan, "(usage_events)"); most > 60 {
				t.Errorf("%+v is found among %d rows, while %s:\n%s", list, most, known, strings.Join(plan, "\n"))
			}
		}
		if known == "nothing is known of the table" {
			write(t, db, `UPDATE pg_class SET relpages = pg_relation_size(oid) / 8192, reltuples = 2000000 WHERE relname = 'usage_events'`)
			continue
		}
		write(t, db, `ANALYZE usage_events`)
	}
}

// manyEvents are 20,000 calls of 100 clients.
const manyEvents = `INSERT INTO usage_events (agency_id, id, client_id, seq, source, event_id, content_hash, kind, ended_at, raw_ms, chats, call_id, campaign_id,
		assistant_id, phone_number, direction, cost_micros, cost_currency, metadata, tags, status, period_index, call_period, late, billed_ms, included_ms,
		wallet_ms, billable_ms, uncovered_ms, recorded_at, actor, key_head)
	SELECT 1, n, 1000 + n % 100, n, 's', 'e' || n, '', 'CALL', 0, 5, 0, '', '', '', '', '', 0, '', '', '', 'UNRATED', 0, 0, FALSE, 0, 0, 0, 0, 0, 0, '', n FROM generate_series(1, 20000) AS n`

// explainedList is how PostgreSQL carries a statement out where it only reads, by a plan that is kept.
func explainedList(t *testing.T, db *store.DB, sql string, args []any) (plan []string) {
	t.Helper()
	err := db.InTx(context.Background(), func(ctx context.Context, q store.Q) (err error) {
		for _, each := range []string{`plan_cache_mode = force_generic_plan`, `enable_seqscan = on`, `enable_hashjoin = on`, `enable_mergejoin = on`} {
			if _, err := q.Exec(ctx, `SET LOCAL `+each); err != nil {
				return err
			}
		}
		plan, err = store.Collect(func(r store.Row, line *string) error { return r.Scan(line) })(q.Query(ctx, `EXPLAIN ANALYZE `+sql, args...))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// mostRead is how many rows of some tables the busiest step of a plan read.
func mostRead(plan []string, tables string) (most int) {
	for _, line := range plan {
		if step := regexp.MustCompile(`on ` + tables + `\b.*actual time=\S+ rows=(\d+) loops=(\d+)`).FindStringSubmatch(line); step != nil {
			rows, _ := strconv.Atoi(step[2])
			loops, _ := strconv.Atoi(step[3])
			most = max(most, rows*loops)
		}
	}
	return most
}
