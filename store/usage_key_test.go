package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

// What is digested is told apart by each of its three parts and by where one ends. Digests are kept for ever: the first is
// held by its figures, so that none that is stored ever stops being found.
func TestDigestTellsKeysApart(t *testing.T) {
	first := store.UsageKey{Agency: 1001, Source: "vapi", EventID: "call-1"}
	if got, want := first.Digest(), (store.Digest{Head: 5279217683413558181, Tail: -902521999907920576}); got != want {
		t.Errorf("Digest(%v) = %v, want %v", first, got, want)
	}
	seen := map[store.Digest]store.UsageKey{}
	for _, k := range []store.UsageKey{
		first,
		{1002, "vapi", "call-1"},
		{1001, "retell", "call-1"},
		{1001, "vapi", "call-2"},
		{1001, "vap", "icall-1"},
		{1001, "vapic", "all-1"},
		{1001, "", "vapicall-1"},
		{1001, "vapi", "019a9046-121e-766d-bd1f-84f3ccc309c1"},
		{1002, "vapi", "019a9046-121e-766d-bd1f-84f3ccc309c1"},
		{1001, "vapi", "019A9046-121E-766D-BD1F-84F3CCC309C1"},
		{1001, "vapi", "019a9046-121e-466d-bd1f-84f3ccc309c1"},
	} {
		d := k.Digest()
		if d.Head < 0 {
			t.Errorf("the head of %v is negative", k)
		}
		if other, taken := seen[d]; taken {
			t.Errorf("%v and %v have the same digest", k, other)
		}
		seen[d] = k
	}
}

// Ids that tell their time lie in the order of time, sixty-five seconds apart; others are scattered. Nobody chooses more of
// the place than that time: the rest is of the hash.
func TestDigestsOfTimedIDsLieInOrder(t *testing.T) {
	head := func(agency billing.ID, format string, ms int64) int64 {
		id := fmt.Sprintf("%012x", ms)
		return store.UsageKey{Agency: agency, Source: "s", EventID: fmt.Sprintf(format, id[:8], id[8:])}.Digest().Head
	}
	const timed, random, odd = "%s-%s-7abc-8def-000000000000", "%s-%s-4abc-8def-000000000000", "%sg%s-7abc-8def-000000000000"
	start := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	inOrder := func(format string) (n int) {
		for i := range int64(100) {
			if head(1, format, start+i*65_536) < head(2, format, start+(i+1)*65_536) {
				n++
			}
		}
		return n
	}
	if n := inOrder(timed); n != 100 {
		t.Errorf("%d of 100 timed ids lie before the next", n)
	}
	for _, format := range []string{random, odd} {
		if n := inOrder(format); n < 20 || n > 80 {
			t.Errorf("%d of 100 ids of the form %s lie before the next", n, format)
		}
	}
	if a, b := head(1, timed, start), head(2, timed, start); a>>31 != b>>31 || a == b {
		t.Errorf("two agencies' digests of one id are %x and %x: want the same time and another hash", a, b)
	}
}

// A database from before digests holds more calls, here and in the archive, than are digested at once. Afterwards each is
// found, and can neither be stored again.
func TestMigrateDigestsKeys(t *testing.T) {
	t.Parallel()
	for _, dialect := range storetest.Dialects {
		t.Run(dialect, func(t *testing.T) {
			ctx := context.Background()
			db := storetest.Connect(t, storetest.EmptyURL(t, dialect))
			if err := db.MigrateTo(ctx, 11); err != nil {
				t.Fatal(err)
			}
			at := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
			for _, agency := range []billing.ID{1, 2} {
				write(t, db, `INSERT INTO agencies (id, name, timezone, currency, currencies, recovery, blocked_exit, portal_start, portal_request_packs,
					payment_instructions, next_request_number, created_at, updated_at)
					VALUES ($1, 'Acme', 'UTC', 'USD', '{}', 'NONE_OVERDUE', 'RESTART', FALSE, FALSE, '{}', 1, $2, $2)`, agency, at)
				write(t, db, `INSERT INTO clients (agency_id, id, name, name_key, email, timezone, locale, created_at, updated_at, name_sort) VALUES ($1, 2, 'A', 'a', '', '', '', $2, $2, '')`, agency, at)
				write(t, db, `INSERT INTO usage_archives (agency_id, month, part, file, sha256, events, raw_ms, billed_ms, included_ms, wallet_ms, billable_ms, uncovered_ms, first_id, last_id,
					first_client, last_client, archived_at) VALUES ($1, 202701, 1, 'f', $2, 1, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 0)`, agency, []byte{1})
				write(t, db, `WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 5003)
					INSERT INTO usage_events (agency_id, id, client_id, seq, source, event_id, content_hash, kind, ended_at, raw_ms, chats, call_id, campaign_id,
					assistant_id, phone_number, direction, cost_micros, cost_currency, metadata, tags, status, period_index, call_period, late, billed_ms, included_ms,
					wallet_ms, billable_ms, uncovered_ms, recorded_at, actor)
					SELECT CAST($1 AS BIGINT), n, 2, n, 's', 'e' || n, $2, 'CALL', 0, 5, 0, '', '', '', '', '', 70, 'USD', '', '', 'UNRATED', 0, 0, FALSE, 0, 0, 0, 0, 0, 0, 'key' FROM n`, agency, []byte{1})
				write(t, db, `INSERT INTO usage_archived (agency_id, source, event_id, id, client_id, month, part, content_hash, status, day, ended_at)
					SELECT agency_id, 'archived', event_id, id + 10000, client_id, 202701, 1, content_hash, status, 20270101, ended_at FROM usage_events WHERE agency_id = $1 AND id < 3`, agency)
			}
			if err := db.Migrate(ctx); err != nil {
				t.Fatal(err)
			}
			for _, agency := range []billing.ID{1, 2} {
				for key, id := range map[store.UsageKey]billing.ID{
					{agency, "s", "e1"}: 1, {agency, "s", "e5000"}: 5000, {agency, "s", "e5001"}: 5001, {agency, "s", "e5003"}: 5003, {agency, "archived", "e2"}: 10002,
				} {
					found, err := store.KnownUsage(ctx, db.Q(ctx), []store.Digest{key.Digest()})
					if err != nil || len(found) != 1 || found[key.Digest()] == nil || found[key.Digest()].ID != id {
						t.Errorf("looking %v up: %v, %v, want event %d", key, found, err, id)
					}
				}
			}
		})
	}
}
