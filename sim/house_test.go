package sim_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
)

// proof reads how large a test is to run: a number, "all" for everything there is, or else the given small size.
func proof(t testing.TB, name string, small int) int {
	t.Helper()
	switch text := os.Getenv("MINUTEBOOK_PROOF_" + name); text {
	case "":
		return small
	case "all":
		return 1 << 30
	default:
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("MINUTEBOOK_PROOF_%s: %v", name, err)
		}
		return n
	}
}

// world is one sandbox agency on a database, and the one who tells it things.
type world struct {
	testing.TB
	ctx context.Context
	a   *app.App
	who app.Actor
	ids map[string]billing.ID // what the steps answered

	mu  sync.Mutex
	now time.Time // the wall's clock, which only sleep moves
}

var (
	opening = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	usd     = billing.Currency{Code: "USD", Digits: 2}
)

// worlds counts them.
var worlds atomic.Int64

func newWorld(t testing.TB, db *store.DB) *world {
	t.Helper()
	w := &world{TB: t, ctx: context.Background(), ids: map[string]billing.ID{}, now: opening}
	sealer, err := app.NewSealer(make([]byte, 32))
	w.ok(err)
	apart := time.Duration(worlds.Add(1)) * time.Second // all walls show the same time, and ids must differ all the same
	mint := app.NewMint(func() time.Time { return w.wall().Add(apart) })
	w.a = &app.App{DB: db, Clock: w.wall, Mint: mint, Secrets: sealer, PublicURL: "http://localhost", Log: slog.New(slog.DiscardHandler)}
	agency := store.Agency{
		ID: w.a.Mint(), Name: "Acme", Timezone: "UTC", Currency: "USD", TestClock: opening, CreatedAt: opening, UpdatedAt: opening,
		Policy: billing.Policy{Recovery: billing.NoneOverdue, BlockedExit: billing.ExitRestart},
	}
	w.ok(db.InTx(w.ctx, func(ctx context.Context, q store.Q) error { return store.InsertAgency(ctx, q, agency) }))
	w.who = app.Operator(agency.ID)
	return w
}

// through is the same agency reached through another connection, as another process would.
func (w *world) through(db *store.DB) *world {
	a := &app.App{DB: db, Clock: w.a.Clock, Mint: w.a.Mint, Secrets: w.a.Secrets, PublicURL: w.a.PublicURL, Log: w.a.Log}
	return &world{TB: w.TB, ctx: w.ctx, a: a, who: w.who, ids: w.ids, now: w.wall()}
}

func (w *world) wall() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) sleep(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// audited fails unless all books of the database are what their facts say.
func (w *world) audited() {
	w.Helper()
	report, err := w.a.Audit(w.ctx)
	w.ok(err)
	for _, d := range report.Differences {
		w.Errorf("audit: %s", d)
	}
}

// code is the stable code of a refusal, "" for success, and the text of anything else.
func code(err error) string {
	var refusal *billing.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &refusal):
		return refusal.Code
	}
	return "fault: " + err.Error()
}

// a table of the schema, with the columns that can be compared between two runs.
type table struct {
	name    string
	columns []string
}

// unlike are columns that differ between two runs of the same story: they hold the wall's clock, chance, or how often
// something was tried, or follow from the number of the agency.
var unlike = map[string]bool{
	"facts.id": true, "outbox.id": true, "audit_entries.id": true, "audit_entries.recorded_at": true, "connections.door": true, "connections.created_at": true,
	"connections.updated_at": true, "unassigned_events.id": true, "unassigned_events.created_at": true, "unassigned_events.updated_at": true,
	"unassigned_events.assigned_at": true, "rejected_events.id": true, "rejected_events.tries": true, "rejected_events.updated_at": true,
	"rejected_events.created_at": true, "rejected_events.replayed_at": true, "idempotency_keys.claim": true, "idempotency_keys.claimed_at": true, "idempotency_keys.finished_at": true,
	"usage_events.key_head": true, "usage_events.key_tail": true, "usage_events.call_key": true, "usage_archived.key_head": true, "usage_archived.key_tail": true,
}

var (
	tableText  = regexp.MustCompile(`(?ms)^CREATE TABLE (\w+) \(\n(.*?)^\);`)
	columnText = regexp.MustCompile(`(?m)^    ([a-z_]+) +(?:BIGINT|TEXT|BOOLEAN)\b`)
	addedText  = regexp.MustCompile(`(?m)^ALTER TABLE (\w+) ADD COLUMN (\w+)`)
)

// tables reads the schema: whatever is added to it is compared too. The facts come first.
var tables = sync.OnceValue(func() (all []table) {
	files, _ := filepath.Glob("../store/schema/*.sql")
	for _, file := range files { // in the order they are applied in
		text, err := os.ReadFile(file)
		if err != nil {
			panic(err)
		}
		for _, m := range tableText.FindAllStringSubmatch(string(text), -1) {
			t := table{name: m[1]}
			for _, c := range columnText.FindAllStringSubmatch(m[2], -1) {
				t.add(c[1])
			}
			all = append(all, t)
		}
		for _, m := range addedText.FindAllStringSubmatch(string(text), -1) {
			all[slices.IndexFunc(all, func(t table) bool { return t.name == m[1] })].add(m[2])
		}
	}
	// How the days of an agency and of its sources are parted follows from connections. What they add up to is the audit's.
	all = slices.DeleteFunc(all, func(t table) bool {
		return !slices.Contains(t.columns, "agency_id") || t.name == "agency_days" || t.name == "source_days"
	})
	slices.SortStableFunc(all, func(a, b table) int { return rank(a) - rank(b) })
	return all
})

func (t *table) add(column string) {
	if !unlike[t.name+"."+column] {
		t.columns = append(t.columns, column)
	}
}

// Columns that came to a table later are compared as well.
func TestEveryColumnIsCompared(t *testing.T) {
	seen := map[string]bool{}
	for _, t := range tables() {
		for _, c := range t.columns {
			seen[t.name+"."+c] = true
		}
	}
	for _, column := range []string{"usage_events.raw_ms", "usage_events.day", "accounts.events", "accounts.sandbox", "clients.name_sort", "usage_days.last_seq"} {
		if !seen[column] {
			t.Errorf("%s is not compared", column)
		}
	}
}

func rank(t table) int {
	return slices.Index([]string{"usage_events", "facts"}, t.name) * -1
}

// read gives a table's rows of one agency as lines of text.
func (w *world) read(t table) []string {
	w.Helper()
	columns := make([]string, len(t.columns))
	for i, c := range t.columns {
		columns[i] = "COALESCE(CAST(" + c + " AS TEXT), '-')"
	}
	order := ""
	if slices.Contains(t.columns, "seq") {
		order = " ORDER BY client_id, seq"
	}
	rows, err := store.Collect(func(r store.Row, line *string) error { return r.Scan(line) })(w.a.DB.Q(w.ctx).Query(w.ctx,
		"SELECT "+strings.Join(columns, " || '|' || ")+" FROM "+t.name+" WHERE agency_id = $1"+order, w.who.Agency))
	if err != nil {
		w.Fatalf("reading %s: %v", t.name, err)
	}
	return rows
}

var idText = regexp.MustCompile(`\b\d{17,19}\b`)

// books are all rows of the agency but those of the tables left out, in a form that two runs of the same story share:
// an id is named by its place in the history, or not at all.
func (w *world) books(leaveOut ...string) []string {
	w.Helper()
	names := map[string]string{}
	named := func(line string, learn bool) string {
		return idText.ReplaceAllStringFunc(line, func(id string) string {
			if _, known := names[id]; !known && learn {
				names[id] = fmt.Sprintf("#%d", len(names))
			}
			return cmp2(names[id], "#")
		})
	}
	var lines []string
	for _, t := range tables() {
		if slices.Contains(leaveOut, t.name) {
			continue
		}
		var part []string
		for _, line := range w.read(t) {
			part = append(part, t.name+": "+named(line, t.name == "facts" || t.name == "usage_events"))
		}
		slices.Sort(part)
		lines = append(lines, part...)
	}
	return lines
}

func cmp2(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// differ shows where two books are not the same.
func differ(want, got []string) string {
	if slices.Equal(want, got) {
		return ""
	}
	return cmp.Diff(want, got)
}
