package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

// archived makes two agencies with a lively past, an archive's folder, and archives what ended two months ago.
func archived(t *testing.T, db *store.DB) (w, other *world) {
	t.Helper()
	w = lively(t, db)
	other = lively(t, db)
	other.a.Archive = w.a.Archive
	if n := w.archive(1); n != 4 {
		t.Fatalf("%d events were archived, want two of each agency", n)
	}
	return w, other
}

func lively(t *testing.T, db *store.DB) *world {
	t.Helper()
	w := newWorld(t, db, "2027-01-01T00:00:00Z")
	w.a.Archive = store.ArchiveFolder{Path: filepath.Join(t.TempDir(), "archive")}
	w.busy()
	return w
}

// archive archives all agencies and answers how many events it moved.
func (w *world) archive(months int) (events int64) {
	w.Helper()
	w.ok(w.a.ArchiveUsage(w.ctx, app.ArchiveSpec{OlderThanMonths: months}, func(a store.Archive) { events += a.Sums.Events }))
	return events
}

func (w *world) restore(months ...billing.CalendarMonth) (events int64) {
	w.Helper()
	for _, m := range months {
		w.ok(w.a.RestoreUsage(w.ctx, w.who.Agency, m, func(a store.Archive) { events += a.Sums.Events }))
	}
	return events
}

// dump is every row of every table but those of the archive, and but what the audit trail says of it.
func (w *world) dump() []string {
	w.Helper()
	lines := slices.DeleteFunc(storetest.Rows(w, w.a.DB), func(line string) bool {
		return strings.HasPrefix(line, "usage_archive") || strings.Contains(line, "usage_archive:")
	})
	if len(lines) < 100 {
		w.Fatalf("only %d rows were read", len(lines))
	}
	return lines
}

// told is what pages, reports and lists tell of the agency's usage but the archived rows themselves.
func (w *world) told() string {
	w.Helper()
	var told strings.Builder
	tell := func(what string, v any, err error) {
		w.ok(err)
		text, err := json.Marshal(v)
		w.ok(err)
		fmt.Fprintf(&told, "%s: %s\n", what, text)
	}
	days, err := w.a.UsageByDay(w.ctx, w.who, 0, 20270101, 20270430)
	tell("days", days, err)
	days, err = w.a.UsageByDay(w.ctx, w.who, w.client, 20270101, 20270430)
	tell("the client's days", days, err)
	meters, err := w.a.Meters(w.ctx, w.who, 0, app.Page{Size: 100})
	tell("meters", meters, err)
	wallet, err := w.a.WalletEntries(w.ctx, w.who, w.client, app.Page{Size: 100})
	tell("wallet", wallet, err)
	tellReport(tell, "revenue", w, w.a.Revenue)
	tellReport(tell, "minutes", w, w.a.MinutesSold)
	tellReport(tell, "overage", w, w.a.Overage)
	tellReport(tell, "aging", w, w.a.Aging)
	tellReport(tell, "recurring", w, w.a.RecurringRevenue)
	tellReport(tell, "churn", w, w.a.Churn)
	tellReport(tell, "margin", w, w.a.Margin)
	timeline, err := w.a.Timeline(w.ctx, w.who, w.client, "", app.Page{Size: 100})
	tell("timeline", timeline.Total, err)
	for name, f := range map[string]app.UsageFilter{
		"all": {}, "client": {Client: w.client}, "rated": {Status: billing.Rated}, "voided": {Status: billing.VoidUsage},
		"days": {From: w.time("2027-01-02T00:00:00Z"), To: w.time("2027-03-01T00:00:00Z")}, "part": {To: w.time("2027-02-20T00:00:00.000001Z"), Client: w.client, Status: billing.Rated},
		"nothing": {Source: "elsewhere"}, "source": {Source: "test"}, "the other source": {Source: "dialer", Status: billing.Rated},
		"part of a day of a source": {Source: "dialer", From: w.time("2027-02-19T12:00:00Z"), To: w.time("2027-02-20T00:00:00.000001Z")}, "part of a day": {From: w.time("2027-01-10T11:00:00Z"), To: w.time("2027-01-10T12:00:00Z")},
	} {
		list, err := w.a.UsageEvents(w.ctx, w.who, f, app.Page{Size: 100})
		tell("total of "+name, list.Total, err)
		var export bytes.Buffer
		w.ok(w.a.ExportUsageEvents(w.ctx, w.who, f, &export))
		lines := strings.Split(export.String(), "\n") // archived ones come last
		slices.Sort(lines)
		tell("export of "+name, lines, nil)
	}
	lines := strings.Split(told.String(), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func tellReport[R any](tell func(string, any, error), name string, w *world, report func(context.Context, app.Actor, app.ReportQuery) (R, error)) {
	got, err := report(w.ctx, w.who, quarter)
	tell(name, got, err)
}

func TestArchivingMovesNoFigure(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := lively(t, db)
		before := w.told()
		if n := w.archive(2); n != 1 { // what was drawn until February 20th, two calendar months ago
			t.Errorf("%d events of January were archived, want 1", n)
		}
		if n := w.archive(1); n != 1 {
			t.Errorf("%d events of February were archived, want 1", n)
		}
		if n := w.archive(1); n != 0 {
			t.Errorf("%d events were archived again", n)
		}
		if after := w.told(); after != before {
			t.Errorf("before:\n%s\nafter:\n%s", before, after)
		}
		list, err := w.a.UsageEvents(w.ctx, w.who, app.UsageFilter{}, app.Page{Size: 100})
		w.ok(err)
		if len(list.Items) != 2 || list.Total != 4 { // the corrected one stays with its corrections, and so does the newest
			t.Errorf("%d of %d events are listed", len(list.Items), list.Total)
		}
		w.audited()
	})
}

// What is put back is what was there, to the last column of every table.
func TestRestoringIsBitForBit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := lively(t, db)
		w.client = 0 // nobody's
		lone, err := w.a.CreateClient(w.ctx, w.who, app.ClientSpec{Name: "Nobody's"})
		w.ok(err)
		started := w.time("2027-04-19T23:00:00.123456Z")
		w.report(app.UsageReport{ClientID: lone.ID, UsageEvent: billing.UsageEvent{
			Source: "odd", EventID: "<&>\u2028 'é", Kind: billing.Call, StartedAt: started, EndedAt: started.Add(1000_000), Talk: 1, Metadata: `{"a": "<b>\u0001", "n": 1.50}`, Tags: []string{"x", "ÿ"},
		}})
		w.report(app.UsageReport{ClientID: lone.ID, UsageEvent: billing.UsageEvent{Source: "odd", EventID: "chat", Kind: billing.Chat, Chats: 3, EndedAt: started}})
		w.clock("2027-08-20T00:00:00Z")
		before := w.dump()
		if n := w.archive(1); n != 4 {
			t.Errorf("%d events were archived, want 4", n)
		}
		w.audited()
		if n := w.restore(202701, 202702, 202704); n != 4 {
			t.Errorf("%d events were put back, want 4", n)
		}
		if after := w.dump(); !slices.Equal(before, after) {
			t.Errorf("before:\n%s\nafter:\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
		}
		w.audited()
		var refusal *billing.Error
		if err := w.a.RestoreUsage(w.ctx, w.who.Agency, 202701, nil); !errors.As(err, &refusal) || refusal.Kind != billing.NotFound {
			t.Errorf("putting back what is there = %v", err)
		}
		if n := w.archive(1); n != 4 {
			t.Errorf("%d events were archived again, want 4", n)
		}
		w.audited()
	})
}

func TestAnArchivedEventCountsOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w, other := archived(t, db)
		first := app.UsageReport{ClientID: w.client, UsageEvent: billing.UsageEvent{
			Source: "test", EventID: "e1", Kind: billing.Call, EndedAt: w.time("2027-01-10T12:00:00Z"), Talk: 290 * billing.Minute, CostMicros: 70_000, CostCurrency: "USD",
		}}
		again := w.report(first)
		if again.Result != app.UsageDuplicate || again.ID == 0 || !again.Known.Archived {
			t.Errorf("a repeat = %+v, want a duplicate of an archived event", again)
		}
		longer := first
		longer.Talk++
		if got := w.report(longer); got.Result != app.UsageConflict || got.ID != again.ID {
			t.Errorf("a repeat with another talk time = %+v, want a conflict", got)
		}
		theirs := first
		theirs.ClientID = other.client
		if got := other.report(theirs); got.Result != app.UsageDuplicate || got.ID == again.ID {
			t.Errorf("the other agency's = %+v, want a duplicate of its own", got)
		}
		stays := app.UsageReport{ClientID: w.client, UsageEvent: billing.UsageEvent{Source: "test", EventID: "new", Kind: billing.Call, EndedAt: w.now(), Talk: 1000}}
		w.report(stays)
		results, err := w.a.RecordUsage(w.ctx, w.who, []app.UsageReport{first, stays, first, stays, longer})
		w.ok(err)
		for i, want := range []string{app.UsageDuplicate, app.UsageDuplicate, app.UsageDuplicate, app.UsageDuplicate, app.UsageConflict} {
			if results[i].Result != want {
				t.Errorf("report %d of a batch of repeats = %+v, want %s", i, results[i], want)
			}
		}
		u, err := w.a.UsageEvent(w.ctx, w.who, again.ID)
		w.ok(err)
		if !u.Archived || u.ClientName != "Bright Dental" || u.Event.Talk != 290*billing.Minute || u.Split.Included != 290*billing.Minute || u.Terms.Name != "Growth" || !u.SameContent(w.client, first.UsageEvent) {
			t.Errorf("UsageEvent = %+v", u)
		}
		if _, err := other.a.UsageEvent(w.ctx, other.who, again.ID); refusalCode(err) != "not_found" {
			t.Errorf("the other agency reads it: %v", err)
		}
		stranger := app.Actor{Agency: w.who.Agency, Client: w.client + 1, Kind: app.ByPortal}
		if _, err := w.a.UsageEvent(w.ctx, stranger, again.ID); refusalCode(err) != "not_found" {
			t.Errorf("another client reads it: %v", err)
		}
		for name, err := range map[string]error{
			"void": w.a.VoidUsage(w.ctx, w.who, again.ID, "too late"), "correct": w.a.CorrectUsage(w.ctx, w.who, again.ID, 1000, "too late"),
		} {
			if refusalCode(err) != "archived" {
				t.Errorf("%s = %v, want the refusal archived", name, err)
			}
		}
		w.audited()
		w.restore(202701)
		w.ok(w.a.VoidUsage(w.ctx, w.who, again.ID, "in time"))
		if got := w.report(first); got.Result != app.UsageDuplicate || got.ID != again.ID {
			t.Errorf("a repeat of what was put back = %+v", got)
		}
		w.audited()
	})
}

func refusalCode(err error) string {
	var refusal *billing.Error
	if errors.As(err, &refusal) {
		return refusal.Code
	}
	return ""
}

// A missing or changed file is named, and whatever can be changed by hand in the tables of the archive is found.
func TestTheAuditReadsTheArchive(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w, _ := archived(t, db)
		w.audited()
		archives, err := store.Archives(w.ctx, db.Q(w.ctx), w.who.Agency)
		w.ok(err)
		path := filepath.Join(w.a.Archive.Path, archives[0].File)
		content, err := os.ReadFile(path)
		w.ok(err)
		found := func(what, part string) {
			t.Helper()
			report, err := w.a.Audit(w.ctx)
			w.ok(err)
			if !slices.ContainsFunc(report.Differences, func(d app.Difference) bool { return strings.Contains(d.String(), part) }) || len(report.Differences) > 3 {
				t.Errorf("%s: %v, want one with %q", what, report.Differences, part)
			}
		}
		w.ok(os.Remove(path))
		found("a missing file", archives[0].File+" is missing")
		if _, err := w.a.UsageEvent(w.ctx, w.who, archives[0].FirstID); refusalCode(err) != "archived" || !strings.Contains(err.Error(), archives[0].File) {
			t.Errorf("reading an event of a missing file = %v", err)
		}
		w.ok(os.WriteFile(path, bytes.Replace(content, content[20:21], []byte{content[20] ^ 1}, 1), 0o600))
		found("a changed file", archives[0].File+" was changed")
		w.ok(os.WriteFile(path, content, 0o600))
		folder := w.a.Archive
		w.a.Archive = store.ArchiveFolder{}
		report, err := w.a.Audit(w.ctx)
		w.ok(err)
		if len(report.Differences) == 0 || !strings.Contains(report.Differences[0].What, "--archive-dir") {
			t.Errorf("without a folder: %v", report.Differences)
		}
		w.a.Archive = folder
		changes := map[string]string{
			`UPDATE usage_archived SET content_hash = (SELECT sha256 FROM usage_archives LIMIT 1) WHERE month = 202701`:             "is not what its file says",
			`UPDATE usage_archived SET key_head = key_head / 2 WHERE month = 202701`:                                                "is not what its file says",
			`DELETE FROM usage_archived WHERE month = 202701`:                                                                       "0 keys of its events",
			`DELETE FROM usage_archives WHERE month = 202701`:                                                                       "an archive that is not there",
			`UPDATE usage_archives SET billable_ms = billable_ms + 1, billed_ms = billed_ms + 1`:                                    "should hold",
			`UPDATE usage_archived SET client_id = client_id + 1`:                                                                   "usage_archived client_id",
			`UPDATE wallet_entries SET usage_event_id = usage_event_id + 1 WHERE usage_event_id IN (SELECT id FROM usage_archived)`: "",
		}
		for change, part := range changes {
			undo := errors.New("leave it as it was")
			err := db.InTx(w.ctx, func(ctx context.Context, q store.Q) error {
				_, err := q.Exec(ctx, change)
				w.ok(err)
				report, err := w.a.Audit(ctx)
				w.ok(err)
				if part != "" && !slices.ContainsFunc(report.Differences, func(d app.Difference) bool { return strings.Contains(d.String(), part) }) {
					t.Errorf("%s: %v, want one with %q", change, report.Differences, part)
				}
				return undo
			})
			if err != undo {
				t.Fatal(err)
			}
		}
		w.audited()
	})
}

// Whatever step fails, of the file or of the database: nothing is lost or doubled, and the next run goes on.
func TestArchivingMayStopAnywhere(t *testing.T) {
	for _, dialect := range storetest.Dialects {
		for _, dies := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, dies %t", dialect, dies), func(t *testing.T) {
				t.Parallel()
				fuse := &fuse{}
				db := storetest.Connect(t, storetest.MigratedURL(t, dialect), store.Faults(func(_ store.Stage, sql string) error { return fuse.burn() }))
				w := lively(t, db)
				w.a.Archive.Strike = func(string) error { return fuse.burn() }
				want := w.dump()
				told := w.told()
				done := false
				stops := 0
				for at := 1; !done; at++ {
					done = fuse.until(at, dies, func() error {
						return w.a.ArchiveUsage(w.ctx, app.ArchiveSpec{OlderThanMonths: 1}, func(store.Archive) {})
					})
					w.audited()
					if got := w.told(); got != told {
						t.Fatalf("stopped at step %d: %s\nwant %s", at, got, told)
					}
					if done {
						break
					}
					stops++
					for back := 1; ; back++ { // and the way back, at the same place
						finished := fuse.until(at, dies, func() error { return w.back() })
						w.audited()
						if finished || back > 1 {
							break
						}
					}
					w.ok(w.back())
					if got := w.dump(); !slices.Equal(got, want) {
						t.Fatalf("stopped at step %d: what was put back differs", at)
					}
				}
				if stops < 20 {
					t.Errorf("there were only %d steps to stop at", stops)
				}
				w.ok(w.back())
				w.archive(1)
				drafts, err := filepath.Glob(w.a.Archive.Path + "/*/*.draft")
				if err != nil || len(drafts) > 0 {
					t.Errorf("drafts are left: %v, %v", drafts, err)
				}
			})
		}
	}
}

// back puts back whatever is archived.
func (w *world) back() error {
	all, err := store.Archives(w.ctx, w.a.DB.Q(w.ctx), w.who.Agency)
	for _, a := range all {
		if err == nil {
			err = w.a.RestoreUsage(w.ctx, w.who.Agency, a.Month, func(store.Archive) {})
		}
		if refusalCode(err) == "not_found" { // its month was there twice
			err = nil
		}
	}
	return err
}

// fuse lets the step it is set to fail, or die.
type fuse struct {
	mu   sync.Mutex
	left int // 0: it is not set
	dies bool
}

var errBurnt = errors.New("the fuse burnt down")

func (f *fuse) burn() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left == 0 {
		return nil
	}
	if f.left--; f.left > 0 {
		return nil
	}
	if f.dies {
		panic(errBurnt)
	}
	return errBurnt
}

// until runs something that stops at a step, and reports whether it came to its end before.
func (f *fuse) until(step int, dies bool, run func() error) (done bool) {
	f.mu.Lock()
	f.left, f.dies = step, dies
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		burnt := f.left == 0
		f.left = 0
		f.mu.Unlock()
		if died := recover(); died != nil && died != errBurnt {
			panic(died)
		}
		done = !burnt
	}()
	_ = run()
	return done
}

// Calls arrive again and again while they are archived and put back: each counts once.
func TestRepeatsWhileEventsMove(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := lively(t, db)
		told := w.told()
		report := app.UsageReport{ClientID: w.client, UsageEvent: billing.UsageEvent{
			Source: "test", EventID: "e1", Kind: billing.Call, EndedAt: w.time("2027-01-10T12:00:00Z"), Talk: 290 * billing.Minute, CostMicros: 70_000, CostCurrency: "USD",
		}}
		stop := make(chan struct{})
		var senders sync.WaitGroup
		for range 3 {
			senders.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					results, err := w.a.RecordUsage(w.ctx, w.who, []app.UsageReport{report})
					if err != nil || results[0].Result != app.UsageDuplicate {
						t.Errorf("a repeat = %+v, %v", results, err)
						return
					}
				}
			})
		}
		for range 25 {
			w.archive(1)
			w.restore(202701, 202702)
		}
		close(stop)
		senders.Wait()
		if got := w.told(); got != told {
			t.Errorf("figures moved: %s\nwant %s", got, told)
		}
		w.audited()
	})
}

// Two programs archive the same at once: each event goes once, and none of them fails.
func TestTwoArchiversAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := lively(t, db)
		for range 5 {
			var moved [3]int64
			var all sync.WaitGroup
			for i := range moved {
				all.Go(func() {
					err := w.a.ArchiveUsage(w.ctx, app.ArchiveSpec{OlderThanMonths: 1, Agency: w.who.Agency}, func(a store.Archive) { moved[i] += a.Sums.Events })
					if err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if sum := moved[0] + moved[1] + moved[2]; sum != 2 {
				t.Errorf("%d events were moved, want 2", sum)
			}
			w.audited()
			w.restore(202701, 202702)
		}
	})
}
