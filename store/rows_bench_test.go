package store_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"minutebook/store"
	"minutebook/store/storetest"
)

// BenchmarkBareInserts adds calls to SQLite's usage_events and does nothing else, 5,000 to a transaction: as this package
// does, and with a prepared statement of database/sql.
func BenchmarkBareInserts(b *testing.B) {
	const columns = `agency_id id client_id seq source event_id key_head key_tail call_key content_hash kind started_at ended_at raw_ms chats call_id
		campaign_id assistant_id phone_number direction cost_micros cost_currency metadata tags status subscription_id period_index
		call_period late billed_ms included_ms wallet_ms billable_ms uncovered_ms recorded_at actor day`
	const together = 5_000
	names := strings.Fields(columns)
	rows := func(batch int) [][]any {
		list := make([][]any, together)
		for i := range list {
			n := int64(batch*together + i)
			key := sha256.Sum256(fmt.Append(nil, n))
			event := fmt.Sprintf("%x", key[16:])
			head, tail := int64(binary.BigEndian.Uint64(key[:])), int64(binary.BigEndian.Uint64(key[8:]))
			list[i] = []any{
				int64(1), n, 1000 + n%7, n, "vapi", event, head, tail, nil, key[:], "CALL", int64(1_700_000_000_000_000), int64(1_700_000_060_000_000), int64(60_000), int64(0), event,
				"campaign", "assistant", "+15550100", "outbound", int64(120_000), "USD", "", "", "RATED", int64(5), int64(3),
				int64(3), int64(0), int64(60_000), int64(60_000), int64(0), int64(0), int64(0), int64(1_700_000_061_000_000), "key:1", int64(19_675),
			}
		}
		slices.SortFunc(list, func(a, b []any) int { return int(min(1, max(-1, a[6].(int64)>>1-b[6].(int64)>>1))) })
		return list
	}
	ctx := context.Background()
	adders := map[string]func(b *testing.B, url string) func(rows [][]any) error{
		"store": func(b *testing.B, url string) func([][]any) error {
			db := storetest.Connect(b, url)
			return func(rows [][]any) error {
				return db.InTx(ctx, func(ctx context.Context, q store.Q) error {
					return store.AddRows(ctx, q, "usage_events", columns, rows)
				})
			}
		},
		"database/sql": func(b *testing.B, url string) func([][]any) error {
			db, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(url, "sqlite:")+
				"?_txlock=immediate&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=cache_size(-65536)&_pragma=wal_autocheckpoint(60000)")
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = db.Close() })
			return func(rows [][]any) error {
				tx, err := db.Begin()
				if err != nil {
					return err
				}
				insert, err := tx.Prepare("INSERT INTO usage_events (" + strings.Join(names, ", ") + ") VALUES (?" + strings.Repeat(", ?", len(names)-1) + ")")
				for i := 0; err == nil && i < len(rows); i++ {
					_, err = insert.Exec(rows[i]...)
				}
				if err != nil {
					return err
				}
				return tx.Commit()
			}
		},
	}
	for _, name := range []string{"database/sql", "store"} {
		b.Run(name, func(b *testing.B) {
			url := storetest.MigratedURL(b, "sqlite")
			twoAgencies(b, storetest.Connect(b, url), 7)
			add := adders[name](b, url)
			for i := 0; b.Loop(); i++ {
				b.StopTimer()
				some := rows(i)
				b.StartTimer()
				if err := add(some); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*together), "µs/row")
		})
	}
}

// BenchmarkNothingWasCommitted is what it takes to know so, and with it a client's meter, beside a statement that says the same.
func BenchmarkNothingWasCommitted(b *testing.B) {
	ctx := context.Background()
	db := storetest.Open(b, "sqlite")
	twoAgencies(b, db, 2)
	one := store.Named{Agency: 1, Client: 1001}
	var known store.KnownMeters
	for range 12 {
		same(b, db, &known, []store.Named{one})
	}
	b.Run("header", func(b *testing.B) {
		for b.Loop() {
			if _, is := known.Known(db, one); !is {
				b.Fatal("it is not known")
			}
		}
	})
	b.Run("statement", func(b *testing.B) {
		for b.Loop() {
			var version int64
			if err := db.Q(ctx).QueryRow(ctx, `PRAGMA data_version`).Scan(&version); err != nil {
				b.Fatal(err)
			}
		}
	})
}
