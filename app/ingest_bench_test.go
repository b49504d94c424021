package app_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

// ingestClients is how many clients a benchmark spreads its calls over, evenly: the worst case for balances.
const ingestClients = 10_000

// BenchmarkRecordUsage meters calls in batches, by one sender and by two at once, and single calls by 64. Each case is set against its yardstick
// over the very rows it wrote, put once more into the same table and indexes, as raw as the database takes them: COPY
// on PostgreSQL, a prepared INSERT in a loop on SQLite, in as many transactions. Every client had a call before, so that
// its account is in memory.
func BenchmarkRecordUsage(b *testing.B) {
	for _, dialect := range storetest.Dialects {
		for _, each := range [][2]int{{1, 1}, {1, 8}, {1, 64}, {1, 256}, {1, 1000}, {1, 5000}, {2, 100}, {2, 1000}, {2, 5000}, {64, 1}} {
			senders, size := each[0], each[1]
			b.Run(fmt.Sprintf("%s/senders=%d/batch=%d", dialect, senders, size), func(b *testing.B) {
				w := newIngest(b, dialect)
				w.meet(b)
				w.record(b, senders, size)
			})
		}
	}
}

// BenchmarkRecordUsageOfStrangers is the same for clients whose accounts are mostly not in memory.
func BenchmarkRecordUsageOfStrangers(b *testing.B) {
	for _, dialect := range storetest.Dialects {
		for _, size := range []int{8, 64} {
			b.Run(fmt.Sprintf("%s/batch=%d", dialect, size), func(b *testing.B) {
				newIngest(b, dialect).record(b, 1, size)
			})
		}
	}
}

// ingest is an agency with many clients, all of them on a plan.
type ingest struct {
	a       *app.App
	who     app.Actor
	url     string
	clients []billing.ID
}

func newIngest(b *testing.B, dialect string) *ingest {
	b.Helper()
	url := storetest.MigratedURL(b, dialect)
	db := storetest.Connect(b, url)
	w := &ingest{url: url, a: &app.App{DB: db, Clock: time.Now, Mint: app.NewMint(time.Now), Log: slog.New(slog.DiscardHandler)}}
	ctx := b.Context()
	made, _, err := w.a.CreateAgency(ctx, app.AgencySpec{Name: "Acme", OwnerEmail: "o@example.com", OwnerPassword: "correct horse battery", Timezone: "UTC", Currency: "USD"})
	w.ok(b, err)
	w.who = app.Operator(made.ID)
	fee, rate := billing.Money(9900), billing.Rate(250_000)
	plan, err := w.a.CreatePlan(ctx, w.who, billing.Terms{Name: "Growth", Currency: usd, RecurringFee: &fee, PaymentDueDays: 14, GraceDays: 7, Included: 300 * billing.Minute, Rate: &rate, Interval: billing.Month, IntervalCount: 1, AddonPacks: true})
	w.ok(b, err)
	first, err := w.a.CreateClient(ctx, w.who, app.ClientSpec{Name: "Bright Dental"})
	w.ok(b, err)
	w.ok(b, w.a.AssignPlan(ctx, w.who, first.ID, plan.ID))
	_, err = w.a.Start(ctx, w.who, first.ID)
	w.ok(b, err)
	w.clients = append(w.clients, first.ID)
	for i := range ingestClients - 1 {
		w.clients = append(w.clients, first.ID+billing.ID(i)+1)
	}
	w.ok(b, db.InTx(ctx, w.multiply))
	return w
}

// multiply makes the other clients out of the first, which only a benchmark may: they have no past.
func (w *ingest) multiply(ctx context.Context, q store.Q) error {
	const others = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) `
	for _, each := range []string{
		`INSERT INTO clients (agency_id, id, name, name_key, email, timezone, locale, created_at, updated_at)
			SELECT agency_id, id + i, name, name_key, email, timezone, locale, created_at, updated_at FROM clients, n`,
		`INSERT INTO subscriptions SELECT agency_id, id + i, client_id + i, plan_id, plan_version, terms, timezone, anchor, status, status_since, started_at, cancel, canceled_at, reason, created_at, updated_at FROM subscriptions, n`,
		`INSERT INTO periods SELECT agency_id, subscription_id + i, idx, start_at, end_at, closed_at, closed_seq, included_ms, wallet_ms, billable_ms, uncovered_ms FROM periods, n`,
		`INSERT INTO accounts (agency_id, client_id, seq, plan_id, denial_policy, hold_reason, override_reason, subscription_id, period_index, period_start,
			period_end, included_ms, wallet_used_ms, billable_ms, uncovered_ms, wallet_ms, access_reason, next_due, updated_at)
			SELECT agency_id, client_id + i, seq, plan_id, denial_policy, hold_reason, override_reason, subscription_id + i, period_index, period_start,
			period_end, included_ms, wallet_used_ms, billable_ms, uncovered_ms, wallet_ms, access_reason, next_due, updated_at FROM accounts, n`,
	} {
		if _, err := q.Exec(ctx, others+each, ingestClients-1); err != nil {
			return err
		}
	}
	return nil
}

func (w *ingest) ok(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// reports are calls of clients drawn by chance, with random ids, as providers send them.
func (w *ingest) reports(n int) []app.UsageReport {
	dice := make([]byte, 18*n)
	_, _ = rand.Read(dice)
	all, now := make([]app.UsageReport, n), time.Now().UTC()
	for i := range all {
		d := dice[18*i:][:18]
		id := hex.EncodeToString(d[:16])
		all[i] = app.UsageReport{ClientID: w.clients[(int(d[16])<<8|int(d[17]))%len(w.clients)], UsageEvent: billing.UsageEvent{
			Source: "vapi", EventID: id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:], Kind: billing.Call, StartedAt: now.Add(-90 * time.Second),
			EndedAt: now, Talk: billing.Millis(1000 * (1 + int64(d[0]))), CallID: "call-" + id[:12], Direction: "OUTBOUND", PhoneNumber: "+4915112345678", Metadata: `{"model":"gpt","room":"r-17"}`,
		}}
	}
	return all
}

// meet records a call of each client.
func (w *ingest) meet(b *testing.B) {
	b.Helper()
	calls := w.reports(len(w.clients))
	for i := range calls {
		calls[i].ClientID = w.clients[i]
	}
	_, err := w.a.RecordUsage(b.Context(), w.who, calls)
	w.ok(b, err)
}

func (w *ingest) record(b *testing.B, senders, size int) {
	batches := make([][]app.UsageReport, b.N)
	for i := range batches {
		batches[i] = w.reports(size)
	}
	b.ReportAllocs()
	spent := w.processorTime(b)
	b.ResetTimer()
	inParallel(b, senders, b.N, func(i int) error {
		got, err := w.a.RecordUsage(context.Background(), w.who, batches[i])
		if err == nil && got[0].Result != app.UsageAccepted {
			err = fmt.Errorf("%+v", got[0])
		}
		return err
	})
	b.StopTimer()
	spent = w.processorTime(b) - spent
	b.ReportMetric(spent.Seconds()*1e6/float64(b.N*size), "cpu-µs/event")
	ours := float64(b.N*size) / b.Elapsed().Seconds()
	b.ReportMetric(ours, "events/s")
	raw := w.again(b, senders, size)
	b.ReportMetric(raw, "raw/s")
	b.ReportMetric(ours/raw, "ratio")
}

func inParallel(b *testing.B, senders, n int, do func(i int) error) {
	var all sync.WaitGroup
	for s := range senders {
		all.Go(func() {
			for i := s; i < n; i += senders {
				if err := do(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

// again writes the recorded rows once more, raw, and answers how many went in a second.
func (w *ingest) again(b *testing.B, senders, size int) float64 {
	if w.a.DB.Dialect() == "sqlite" {
		return w.insertAgain(b, size)
	}
	return w.copyAgain(b, senders, size)
}

func (w *ingest) copyAgain(b *testing.B, senders, size int) float64 {
	conns := make([]*pgx.Conn, senders)
	for i := range conns {
		conn, err := pgx.Connect(b.Context(), w.url)
		w.ok(b, err)
		defer func() { _ = conn.Close(context.Background()) }()
		conns[i] = conn
	}
	var stored bytes.Buffer
	_, err := conns[0].PgConn().CopyTo(b.Context(), &stored, `COPY (SELECT * FROM usage_events ORDER BY seq, id) TO STDOUT`)
	w.ok(b, err)
	_, err = conns[0].Exec(b.Context(), `TRUNCATE usage_events CASCADE`)
	w.ok(b, err)
	lines := bytes.SplitAfter(stored.Bytes(), []byte("\n"))
	lines = lines[:len(lines)-1]
	spent := w.processorTime(b)
	begun := time.Now()
	inParallel(b, senders, len(lines)/size, func(i int) error {
		batch := bytes.NewReader(bytes.Join(lines[i*size:(i+1)*size], nil))
		_, err := conns[i%senders].PgConn().CopyFrom(context.Background(), batch, `COPY usage_events FROM STDIN`)
		return err
	})
	took := time.Since(begun)
	b.ReportMetric((w.processorTime(b)-spent).Seconds()*1e6/float64(len(lines)), "raw-cpu-µs/event")
	return float64(len(lines)) / took.Seconds()
}

func (w *ingest) insertAgain(b *testing.B, size int) float64 {
	db, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(w.url, "sqlite:")+"?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=cache_size(-65536)&_pragma=wal_autocheckpoint(20000)")
	w.ok(b, err)
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	rows := readRows(b, db)
	_, err = db.Exec(`DELETE FROM usage_events`)
	w.ok(b, err)
	_, err = db.Exec(`PRAGMA wal_checkpoint(TRUNCATE)`)
	w.ok(b, err)
	text := `INSERT INTO usage_events VALUES (` + strings.TrimSuffix(strings.Repeat("?,", len(rows[0])), ",") + `)`
	spent := w.processorTime(b)
	begun := time.Now()
	for i := 0; i < len(rows); i += size {
		tx, err := db.Begin()
		w.ok(b, err)
		insert, err := tx.Prepare(text)
		w.ok(b, err)
		for _, row := range rows[i:min(i+size, len(rows))] {
			_, err := insert.Exec(row...)
			w.ok(b, err)
		}
		w.ok(b, tx.Commit())
	}
	took := time.Since(begun)
	b.ReportMetric((w.processorTime(b)-spent).Seconds()*1e6/float64(len(rows)), "raw-cpu-µs/event")
	return float64(len(rows)) / took.Seconds()
}

func readRows(b *testing.B, db *sql.DB) (all [][]any) {
	b.Helper()
	rows, err := db.Query(`SELECT * FROM usage_events ORDER BY seq, id`)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		b.Fatal(err)
	}
	for rows.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			b.Fatal(err)
		}
		all = append(all, row)
	}
	return all
}

// processorTime is what this process has used of the processors and, where its server is on this machine, PostgreSQL:
// what others do at the time moves it less than the clock.
func (w *ingest) processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	w.ok(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	sum := time.Duration(used.Utime.Nano() + used.Stime.Nano())
	if strings.HasPrefix(w.url, "sqlite:") {
		return sum
	}
	conn, err := pgx.Connect(b.Context(), w.url)
	w.ok(b, err)
	defer func() { _ = conn.Close(context.Background()) }()
	var pid int
	w.ok(b, conn.QueryRow(b.Context(), `SELECT pg_backend_pid()`).Scan(&pid))
	postmaster, _ := processStat(pid)
	others, err := filepath.Glob("/proc/[0-9]*/stat")
	w.ok(b, err)
	for _, other := range others {
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(other))); err == nil {
			if parent, took := processStat(pid); parent == postmaster {
				sum += took
			}
		}
	}
	return sum
}

// processStat reads a process's parent and its time on the processors, in hundredths of a second.
func processStat(pid int) (parent int, took time.Duration) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	parent, _ = strconv.Atoi(fields[1])
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return parent, time.Duration(user+system) * 10 * time.Millisecond
}
