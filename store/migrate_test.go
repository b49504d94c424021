package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

func TestMigrate(t *testing.T) {
	t.Parallel()
	for _, dialect := range storetest.Dialects {
		t.Run(dialect, func(t *testing.T) {
			ctx := context.Background()
			db := storetest.Connect(t, storetest.EmptyURL(t, dialect))
			if s, err := db.MigrationStatus(ctx); err != nil || s.Current != 0 || !s.Pending() {
				t.Errorf("before: %+v, %v", s, err)
			}
			for range 2 { // the second time, there is nothing to do
				if err := db.Migrate(ctx); err != nil {
					t.Fatal(err)
				}
				if s, err := db.MigrationStatus(ctx); err != nil || s.Current != s.Target || s.Pending() {
					t.Errorf("after: %+v, %v", s, err)
				}
			}
			if err := db.Ready(ctx); err != nil {
				t.Error(err)
			}
		})
	}
}

// oneClient is agency 1 with client 2, in a database of any schema.
func oneClient(t *testing.T, db *store.DB, zone string, at time.Time) {
	t.Helper()
	write(t, db, `INSERT INTO agencies (id, name, timezone, currency, currencies, recovery, blocked_exit, portal_start, portal_request_packs,
		payment_instructions, next_request_number, created_at, updated_at)
		VALUES (1, 'Acme', $2, 'USD', '{}', 'NONE_OVERDUE', 'RESTART', FALSE, FALSE, '{}', 1, $1, $1)`, at, zone)
	write(t, db, `INSERT INTO clients (agency_id, id, name, name_key, email, timezone, locale, created_at, updated_at) VALUES (1, 2, 'A', 'a', '', '', '', $1, $1)`, at)
}

// A database of the first schema holds a call: the second one finds its day and sums it.
func TestMigrateSumsCallsByDay(t *testing.T) {
	t.Parallel()
	for _, dialect := range storetest.Dialects {
		t.Run(dialect, func(t *testing.T) {
			ctx := context.Background()
			db := storetest.Connect(t, storetest.EmptyURL(t, dialect))
			if err := db.MigrateTo(ctx, 1); err != nil {
				t.Fatal(err)
			}
			at := time.Date(2027, 1, 1, 23, 30, 0, 0, time.UTC)
			oneClient(t, db, "Asia/Kolkata", at)
			write(t, db, `INSERT INTO accounts (agency_id, client_id, seq, denial_policy, hold_reason, override_reason, period_index, included_ms, wallet_used_ms,
				billable_ms, uncovered_ms, wallet_ms, access_reason, updated_at) VALUES (1, 2, 1, 'PAUSE_ALL', '', '', 0, 0, 0, 0, 0, 0, '', $1)`, at)
			write(t, db, `INSERT INTO usage_events (agency_id, id, client_id, seq, source, event_id, content_hash, kind, ended_at, raw_ms, chats, call_id, campaign_id,
				assistant_id, phone_number, direction, cost_micros, cost_currency, metadata, tags, status, period_index, call_period, late, billed_ms, included_ms,
				wallet_ms, billable_ms, uncovered_ms, recorded_at, actor)
				VALUES (1, 3, 2, 1, 's', 'e', $1, 'CALL', $2, 5, 0, '', '', '', '', '', 70, 'USD', '', '', 'UNRATED', 0, 0, FALSE, 0, 0, 0, 0, 0, $2, 'key')`, []byte{1}, at)
			if err := db.Migrate(ctx); err != nil {
				t.Fatal(err)
			}
			days, err := store.UsageDays(ctx, db.Q(ctx), 1, 2, 20270101, 20270103)
			if err != nil {
				t.Fatal(err)
			}
			want := store.DayRow{Client: 2, Day: 20270102, FirstID: 3, LastID: 3, FirstSeq: 1, LastSeq: 1, FirstEnded: at, LastEnded: at}
			want.Tally = billing.Tally{Events: 1, Unrated: 1, Calls: 1, Talk: 5}
			if len(days) != 1 || days[0] != want {
				t.Errorf("days = %+v, want %+v", days, want)
			}
			whole, err := store.AgencyDays(ctx, db.Q(ctx), 1, 20270101, 20270103)
			if err != nil || len(whole) != 1 || whole[0] != (store.AgencyDay{Day: 20270102, Tally: want.Tally, FirstID: 3, LastID: 3}) {
				t.Errorf("the agency's days = %+v, %v", whole, err)
			}
			sources, err := store.SourceDays(ctx, db.Q(ctx), 1)
			if err != nil || len(sources) != 1 || sources[0] != (store.SourceDay{Source: "s", Day: 20270102, Events: 1, Unrated: 1, FirstID: 3, LastID: 3}) {
				t.Errorf("the days of sources = %+v, %v", sources, err)
			}
			costs, err := store.UsageCosts(ctx, db.Q(ctx), 1, 0, 20270101, 20270103)
			if err != nil || len(costs) != 1 || costs[0] != (store.CostRow{Client: 2, Day: 20270102, Currency: "USD", Micros: 70}) {
				t.Errorf("costs = %+v, %v", costs, err)
			}
		})
	}
}

// A database with stored, voided and archived events counts them by source and day.
func TestMigrateCountsSources(t *testing.T) {
	t.Parallel()
	for _, dialect := range storetest.Dialects {
		t.Run(dialect, func(t *testing.T) {
			ctx := context.Background()
			db := storetest.Connect(t, storetest.EmptyURL(t, dialect))
			if err := db.MigrateTo(ctx, 13); err != nil {
				t.Fatal(err)
			}
			at := time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC)
			oneClient(t, db, "UTC", at)
			for id, source := range []string{"s", "s", "s", "other"} {
				write(t, db, `INSERT INTO usage_events (agency_id, id, client_id, seq, source, event_id, content_hash, kind, ended_at, raw_ms, chats, call_id, campaign_id,
					assistant_id, phone_number, direction, cost_micros, cost_currency, metadata, tags, status, period_index, call_period, late, billed_ms, included_ms,
					wallet_ms, billable_ms, uncovered_ms, recorded_at, actor, day, key_head)
					VALUES (1, $1, 2, $1, $2, '', $3, 'CALL', $4, 5, 0, $2, '', '', '', '', 70, 'USD', '', '', 'UNRATED', 0, 0, FALSE, 0, 0, 0, 0, 0, $4, 'key', 20270101, $1)`,
					id+10, source, []byte{1}, at)
			}
			write(t, db, `INSERT INTO usage_corrections (agency_id, id, usage_event_id, client_id, seq, void, raw_ms, billed_ms, parts, wallet_delta_ms, reason, actor, recorded_at)
				VALUES (1, 20, 11, 2, 20, FALSE, 1, 0, '[]', 0, '', '', $1), (1, 21, 11, 2, 21, TRUE, 0, 0, '[]', 0, '', '', $1)`, at)
			write(t, db, `INSERT INTO usage_archived (agency_id, source, event_id, key_head, key_tail, id, client_id, month, part, content_hash, status, day, ended_at)
				VALUES (1, 's', 'x', 1, 1, 5, 2, 202701, 1, $1, 'RATED', 20270101, $2), (1, 's', 'y', 2, 1, 6, 2, 202701, 1, $1, 'UNRATED', 20270102, $2)`, []byte{1}, at)
			if err := db.Migrate(ctx); err != nil {
				t.Fatal(err)
			}
			got, err := store.SourceDays(ctx, db.Q(ctx), 1)
			want := []store.SourceDay{
				{Source: "other", Day: 20270101, Events: 1, Unrated: 1, FirstID: 13, LastID: 13},
				{Source: "s", Day: 20270101, Events: 4, Unrated: 2, Voided: 1, FirstID: 5, LastID: 12},
				{Source: "s", Day: 20270102, Events: 1, Unrated: 1, FirstID: 6, LastID: 6},
			}
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("the days of sources = %+v, %v, want %+v", got, err, want)
			}
			key, _ := store.CallKey(1, "", "other")
			var stored int64
			if err := db.Q(ctx).QueryRow(ctx, `SELECT call_key FROM usage_events WHERE id = 13`).Scan(&stored); err != nil || stored != key {
				t.Errorf("the call's key = %d, %v, want %d", stored, err, key)
			}
			counted, err := store.CountSourceDays(ctx, db.Q(ctx), 1)
			if err != nil || !slices.Equal(counted, want) {
				t.Errorf("counted = %+v, %v, want %+v", counted, err, want)
			}
		})
	}
}

// Four programs begin at the same time: all find the schema there. They collide
// at one place in an empty database, and at another where somebody asked for the
// status before.
func TestConcurrentMigrators(t *testing.T) {
	t.Parallel()
	for _, dialect := range storetest.Dialects {
		for _, asked := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, asked before %t", dialect, asked), func(t *testing.T) {
				migrateAtOnce(t, storetest.EmptyURL(t, dialect), asked)
			})
		}
	}
}

func migrateAtOnce(t *testing.T, url string, asked bool) {
	t.Helper()
	ctx := context.Background()
	if asked {
		if _, err := storetest.Connect(t, url).MigrationStatus(ctx); err != nil {
			t.Fatal(err)
		}
	}
	var programs sync.WaitGroup
	for range 4 {
		db := storetest.Connect(t, url)
		programs.Go(func() {
			if err := errors.Join(db.Migrate(ctx), db.Ready(ctx)); err != nil {
				t.Error(err)
			}
		})
	}
	programs.Wait()
}

func TestRefusesNewer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		write(t, db, `INSERT INTO goose_db_version (version_id, is_applied) VALUES ($1, TRUE)`, 99999)
		if err := db.Migrate(ctx); !errors.Is(err, store.ErrNewer) {
			t.Errorf("Migrate = %v, want ErrNewer", err)
		}
		if s, err := db.MigrationStatus(ctx); !errors.Is(err, store.ErrNewer) || s.Current != 99999 {
			t.Errorf("MigrationStatus = %+v, %v, want ErrNewer", s, err)
		}
	})
}

func TestSchemaFileNames(t *testing.T) {
	if err := store.ReadSchema("0002_more.sql"); err != nil {
		t.Error(err)
	}
	if err := store.ReadSchema("more.sql"); err == nil {
		t.Error("a schema file without a number was taken")
	}
}
