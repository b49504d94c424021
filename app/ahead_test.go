package app_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

// gate lets batches of usage on SQLite be committed one by one, and counts how often events were looked up: once for each
// batch that is written as it was reckoned, twice for one that is done anew.
type gate struct {
	mu      sync.Mutex
	shut    bool
	arrived chan struct{} // a batch is written, and waits
	commit  chan error    // for what the database says before it commits
	lost    error         // and after that of the second batch
	looked  int
	loaded  int // times that accounts were read whole
	came    int
	writes  bool // a batch is being written
	goes    bool // it commits
	breaks  bool // the next look-up panics
	read    int  // transactions that only read, and are through
}

func (g *gate) strike(at store.Stage, sql string) error {
	g.mu.Lock()
	if strings.Contains(sql, "usage_archived") {
		if g.looked++; g.breaks {
			g.breaks = false
			g.mu.Unlock()
			panic("broken while it was looked up")
		}
	}
	if strings.Contains(sql, "SELECT client_id, seq, events, plan_id") {
		g.loaded++
	}
	g.writes = g.writes || strings.HasPrefix(sql, "INSERT INTO usage_events")
	waits, lost := g.shut && g.writes && at == store.BeforeCommit, error(nil)
	if waits {
		g.writes = false
		g.came++
	}
	if at == store.AfterCommit {
		if !g.goes {
			g.read++
		} else if g.goes = false; g.came == 2 {
			lost = g.lost
		}
	}
	g.mu.Unlock()
	if !waits {
		return lost
	}
	g.arrived <- struct{}{}
	said := <-g.commit
	g.mu.Lock()
	g.goes = said == nil
	g.mu.Unlock()
	return said
}

func (g *gate) counts() (looked, read int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.looked, g.read
}

// line is a world whose batches wait for each other at a gate.
type line struct {
	*world
	*gate
	breaksThird bool // it panics while it is reckoned
	answers     [][]app.UsageResult
	errs        []error
	sent        sync.WaitGroup
}

func newLine(t *testing.T, pack billing.Millis) *line {
	g := &gate{arrived: make(chan struct{}), commit: make(chan error)}
	w := newWorld(t, storetest.Connect(t, storetest.MigratedURL(t, "sqlite"), store.Faults(g.strike)), "2027-01-01T00:00:00Z")
	if id := w.started(pack); pack > 0 {
		_, err := w.a.ApplyPack(w.ctx, w.who, w.client, id, true, "")
		w.ok(err)
	}
	g.shut = true
	return &line{world: w, gate: g}
}

// send posts calls.
func (l *line) send(reports []app.UsageReport) {
	n := len(l.answers)
	l.answers, l.errs = append(l.answers, nil), append(l.errs, nil)
	answers, errs := l.answers, l.errs
	l.sent.Go(func() { answers[n], errs[n] = l.a.RecordUsage(l.ctx, l.who, reports) })
}

// waitFor waits until something holds that another goroutine brings about.
func (l *line) waitFor(what string, holds func() bool) {
	l.Helper()
	for range 120_000 {
		if holds() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	l.Fatalf("%s: never", what)
}

// arrives waits for the next batch at the gate.
func (l *line) arrives() {
	l.Helper()
	select {
	case <-l.arrived:
	case <-time.After(2 * time.Minute):
		l.Fatal("no batch is written any more")
	}
}

// two brings two batches to the gate, one after the other.
func (l *line) two(first, second []app.UsageReport) {
	l.Helper()
	l.answers, l.errs = make([][]app.UsageResult, 0, 5), make([]error, 0, 5) // nothing in them may move
	l.send(first)
	l.arrives()
	l.send(second)
	l.waitFor("the second batch waits", func() bool { return l.a.UsageWaiting() == len(second) })
	l.commit <- nil
	l.arrives()
}

// inFlight brings three batches on their way: the first two are at the gate one after the other, and while the second is
// there the third is reckoned ahead of it.
func (l *line) inFlight(first, second, third []app.UsageReport) {
	l.Helper()
	l.two(first, second)
	looked, read := l.counts()
	l.mu.Lock()
	breaks := l.breaksThird
	l.breaks = breaks
	l.mu.Unlock()
	l.send(third)
	l.waitFor("the third is reckoned", func() bool { l, r := l.counts(); return r > read || breaks && l > looked })
}

func (l *line) batch(prefix string) []app.UsageReport {
	reports := l.calls(prefix, 300, []billing.ID{l.client})
	for i := range reports {
		reports[i].Talk += 25_000
	}
	return reports
}

// A batch that is reckoned while another one is written goes on from where that one leaves the client: its minutes, its
// numbers and its events.
func TestABatchGoesOnFromTheOneThatIsBeingWritten(t *testing.T) {
	l := newLine(t, 10*billing.Minute)
	l.a.LookEachUp() // that is counted
	third := l.batch("c")
	second := l.batch("b")
	third[0], third[1] = second[0], second[1]
	third[1].Talk++
	l.inFlight(l.batch("a"), second, third)
	l.commit <- nil
	l.arrives()
	l.commit <- nil
	l.sent.Wait()
	var used billing.Split
	var seq int64
	for n, answers := range l.answers {
		l.ok(l.errs[n])
		for i, r := range answers {
			want := app.UsageAccepted
			switch {
			case n == 2 && i == 0:
				want = app.UsageDuplicate
			case n == 2 && i == 1:
				want = app.UsageConflict
			}
			if r.Result != want {
				t.Fatalf("event %d of batch %d is %s, want %s", i, n, r.Result, want)
			}
			if want != app.UsageAccepted {
				if r.ID != l.answers[1][i].ID {
					t.Errorf("event %d of batch %d is said to be %s, want the one before, %s", i, n, r.ID, l.answers[1][i].ID)
				}
				continue
			}
			if seq > 0 && r.Known.Seq != seq+1 {
				t.Fatalf("event %d of batch %d has place %d behind %d", i, n, r.Known.Seq, seq)
			}
			seq, used = r.Known.Seq, used.Plus(r.Known.Split)
		}
	}
	if got, _ := l.counts(); got != 3 {
		t.Errorf("events were looked up %d times for three batches: one was done anew", got)
	}
	acc, _, err := l.a.Account(l.ctx, l.who, l.client)
	l.ok(err)
	if acc.Period.Used != used || used.Included != 300*billing.Minute || used.Wallet != 10*billing.Minute || used.Billable == 0 {
		t.Errorf("the client used %+v, its calls drew %+v", acc.Period.Used, used)
	}
	l.audited()
}

// Beside a large file batches are reckoned within their transactions, one after the other.
func TestNothingIsReckonedAheadBesideALargeFile(t *testing.T) {
	l := newLine(t, 0)
	l.a.LookEachUp()
	l.a.NeverAhead()
	l.answers, l.errs = make([][]app.UsageResult, 0, 3), make([]error, 0, 3)
	_, before := l.counts()
	for _, name := range []string{"a", "b", "c"} {
		l.send(l.batch(name))
		if name != "a" {
			l.waitFor("the batch before is written meanwhile", func() bool { return l.a.UsageWaiting() == 300 })
			l.commit <- nil
		}
		l.arrives()
	}
	l.commit <- nil
	l.sent.Wait()
	for n, answers := range l.answers {
		l.ok(l.errs[n])
		if answers[299].Result != app.UsageAccepted {
			t.Errorf("batch %d: %+v", n, answers[299])
		}
	}
	if looked, read := l.counts(); looked != 3 || read != before {
		t.Errorf("events were looked up %d times, want 3; %d batches were reckoned ahead", looked, read-before)
	}
}

// What a batch was reckoned from may not come to pass: the one before is refused, its answer is lost, or it has to be done
// anew. Then it is done anew as well, and says what is so.
func TestABatchIsDoneAnewWhenTheOneBeforeIsNotKept(t *testing.T) {
	for _, each := range []struct {
		name         string
		commit, lost error
		breaks       bool
		kept         bool
		repeat       string
	}{
		{name: "refused", commit: errors.New("refused"), repeat: app.UsageAccepted},
		{name: "busy", commit: fmt.Errorf("another writer: %w", store.ErrBusy), kept: true, repeat: app.UsageDuplicate},
		{name: "no room", commit: fmt.Errorf("full: %w", store.ErrDisk), repeat: app.UsageAccepted},
		{name: "kept, but that broke which was reckoned from it", breaks: true, kept: true, repeat: app.UsageDuplicate},
		{name: "lost", lost: fmt.Errorf("nobody knows: %w", store.ErrUnknown), repeat: app.UsageDuplicate},
	} {
		for _, repeats := range []int{1, 300, -1} { // of nothing but repeats nothing is written that would tell
			t.Run(fmt.Sprintf("%s/%d repeats", each.name, repeats), func(t *testing.T) {
				l := newLine(t, 0)
				if repeats < 0 {
					l.a.LookEachUp()
					repeats = 1
				}
				second, third := l.batch("b"), l.batch("c")
				copy(third[:repeats], second)
				l.lost, l.breaksThird = each.lost, each.breaks
				l.inFlight(l.batch("a"), second, third)
				l.commit <- each.commit
				if errors.Is(each.commit, store.ErrBusy) {
					l.arrives()
					l.commit <- nil
				}
				if repeats < len(third) || each.repeat == app.UsageAccepted {
					l.arrives()
					l.commit <- nil
				}
				l.sent.Wait()
				l.ok(l.errs[0])
				l.ok(l.errs[2])
				if (l.errs[1] == nil) != each.kept {
					t.Errorf("the batch before is answered with %v", l.errs[1])
				}
				for i, r := range l.answers[2] {
					want := app.UsageAccepted
					if i < repeats {
						want = each.repeat
					}
					if r.Result != want {
						t.Fatalf("event %d is %s, want %s", i, r.Result, want)
					}
				}
				l.shut = false
				l.use(1)
				l.audited()
			})
		}
	}
}

// Where no event is looked up a batch is reckoned ahead however large the file is.
func TestBatchesAreReckonedAheadBesideALargeFile(t *testing.T) {
	l := newLine(t, 0)
	l.a.NeverAhead()
	l.inFlight(l.batch("a"), l.batch("b"), l.batch("c"))
	l.commit <- nil
	l.arrives()
	l.commit <- nil
	l.sent.Wait()
	for _, err := range l.errs {
		l.ok(err)
	}
	if looked, _ := l.counts(); looked != 0 {
		t.Errorf("events were looked up %d times", looked)
	}
	l.audited()
}

// A batch that was reckoned ahead, and took an event for new that the books have, is done anew when it is written.
func TestABatchThatTookAKnownEventForNewIsDoneAnew(t *testing.T) {
	l := newLine(t, 0)
	l.shut = false
	known := l.talk(l.beside(), "known", 1000)
	l.shut = true
	second, third := l.batch("b"), l.batch("c")
	second[7].UsageEvent = known.Known.Event
	third[8] = second[8]
	l.two(l.batch("a"), second) // the second comes anew
	if looked, _ := l.counts(); looked != 1 {
		t.Errorf("events were looked up %d times, want once, when the second batch was done anew", looked)
	}
	l.send(third)
	l.commit <- nil
	l.arrives()
	l.commit <- nil
	l.sent.Wait()
	for n, answers := range l.answers {
		l.ok(l.errs[n])
		for i, r := range answers {
			want, id := app.UsageAccepted, r.ID
			switch {
			case n == 1 && i == 7:
				want, id = app.UsageDuplicate, known.ID
			case n == 2 && i == 8:
				want, id = app.UsageDuplicate, l.answers[1][8].ID
			}
			if r.Result != want || r.ID != id {
				t.Errorf("event %d of batch %d is answered with %+v, want it %s", i, n, r, want)
			}
		}
	}
	l.shut = false
	l.audited()
}

// One batch that has to be done anew spoils the next, which was reckoned from it, and no other.
func TestABatchThatWasDoneAnewSpoilsOnlyTheNext(t *testing.T) {
	l := newLine(t, 0)
	l.a.LookEachUp() // that is counted
	loaded := l.loaded
	l.inFlight(l.batch("a"), l.batch("b"), l.batch("c"))
	l.commit <- fmt.Errorf("another writer: %w", store.ErrBusy)
	l.arrives() // the second, anew
	l.commit <- nil
	l.arrives() // the third, anew as well
	fourth, fifth := l.batch("d"), l.batch("e")
	l.send(fourth)
	l.waitFor("the fourth waits", func() bool { return l.a.UsageWaiting() == len(fourth) })
	l.commit <- nil
	l.arrives()
	_, read := l.counts()
	l.send(fifth)
	l.waitFor("the fifth is reckoned", func() bool { _, now := l.counts(); return now > read })
	l.commit <- nil
	l.arrives()
	l.commit <- nil
	l.sent.Wait()
	for _, err := range l.errs {
		l.ok(err)
	}
	if looked, _ := l.counts(); looked != 7 {
		t.Errorf("events were looked up %d times, want 7: twice each for two of five batches", looked)
	}
	if got := l.loaded - loaded; got != 2 {
		t.Errorf("the client was read %d times, want 2: for the first batch and for the second, anew", got)
	}
	l.shut = false
	l.audited()
}

// A command on a client takes effect for the calls that are written after it, also for those reckoned before.
func TestACommandBetweenABatchAndItsWriting(t *testing.T) {
	l := newLine(t, 0)
	l.inFlight(l.batch("a"), l.batch("b"), l.batch("c"))
	l.sent.Go(func() { // it waits for the writer, ahead of the third batch
		if err := l.a.SetHold(l.ctx, l.who, l.client, true, "a talk is due"); err != nil {
			t.Error(err)
		}
	})
	time.Sleep(50 * time.Millisecond) // should it be slower, the third batch is written before: that is right as well
	l.commit <- nil
	l.arrives()
	l.commit <- nil
	l.sent.Wait()
	for n := range l.answers {
		l.ok(l.errs[n])
		for i, r := range l.answers[n] {
			if r.Result != app.UsageAccepted {
				t.Fatalf("event %d of batch %d is %s", i, n, r.Result)
			}
		}
	}
	l.shut = false
	l.audited()
}

// Whatever comes at once, fails and is sent again: each call is in the books once, drawn from what was really left, and
// accepted in no more than one answer.
func TestManyLargeBatchesAtOnce(t *testing.T) {
	for _, dialect := range storetest.Dialects {
		t.Run(dialect, func(t *testing.T) {
			var faults struct {
				sync.Mutex
				dice *rand.Rand
				on   bool
			}
			seed := rand.Uint64()
			t.Logf("seed %d", seed)
			faults.dice = rand.New(rand.NewPCG(seed, 1))
			db := storetest.Connect(t, storetest.MigratedURL(t, dialect), store.Faults(func(at store.Stage, _ string) error {
				faults.Lock()
				defer faults.Unlock()
				if !faults.on || at != store.BeforeCommit && at != store.AfterCommit {
					return nil
				}
				switch n := faults.dice.IntN(30); {
				case n == 0 && at == store.AfterCommit:
					return fmt.Errorf("the answer got lost: %w", store.ErrUnknown)
				case n == 1 && at == store.BeforeCommit:
					return fmt.Errorf("another writer: %w", store.ErrBusy)
				case n == 2 && at == store.BeforeCommit:
					return errors.New("refused")
				}
				return nil
			}))
			w := newWorld(t, db, "2027-01-01T00:00:00Z")
			var clients []billing.ID
			var pack billing.ID
			fee := billing.Money(100)
			short, err := w.a.CreatePlan(w.ctx, w.who, billing.Terms{
				Name: "Short", Currency: usd, RecurringFee: &fee, Included: 60 * billing.Minute, Interval: billing.Month, IntervalCount: 1, AddonPacks: true, PaymentDueDays: 14, GraceDays: 7,
			})
			w.ok(err)
			for n := range 4 {
				pack = w.started(40 * billing.Minute)
				if n%2 == 0 { // runs out of minutes, again and again
					acc, _, err := w.a.Account(w.ctx, w.who, w.client)
					w.ok(err)
					_, err = w.a.ChangePlan(w.ctx, w.who, acc.Subscription.ID, short.ID, billing.Cancellation{OpenRequests: billing.CancelOpen}, false)
					w.ok(err)
				}
				_, err := w.a.RegisterCampaign(w.ctx, w.who, w.client, billing.Campaign{Name: "Recall", Direction: "OUTBOUND"})
				w.ok(err)
				clients = append(clients, w.client)
			}
			faults.on = true
			now := w.now()
			const senders, rounds, size = 6, 8, 300
			var accepted, reported sync.Map // events
			var all sync.WaitGroup
			for s := range senders {
				all.Go(func() {
					dice := rand.New(rand.NewPCG(seed, uint64(s)+2))
					for round := range rounds {
						reports := make([]app.UsageReport, size)
						for i := range reports {
							id := (s*rounds+round)*size + i
							if dice.IntN(20) == 0 {
								id = dice.IntN(senders * rounds * size) // somebody's, sent already or not yet
							}
							reported.Store(id, true)
							reports[i] = app.UsageReport{ClientID: clients[id%len(clients)], UsageEvent: billing.UsageEvent{
								Source: "test", EventID: fmt.Sprint("e", id), Kind: billing.Call, EndedAt: now, Talk: billing.Millis(1000 + id%5000),
							}}
						}
						for {
							answers, err := w.a.RecordUsage(w.ctx, w.who, reports)
							if err != nil { // sent again
								continue
							}
							for _, r := range answers {
								switch r.Result {
								case app.UsageAccepted:
									if _, twice := accepted.LoadOrStore(r.EventID, true); twice {
										t.Errorf("%s was accepted twice", r.EventID)
									}
								case app.UsageDuplicate:
								default:
									t.Errorf("%s is %s: %v", r.EventID, r.Result, r.Error)
								}
							}
							break
						}
					}
				})
			}
			stop := make(chan struct{})
			var commands sync.WaitGroup
			commands.Go(func() { // and the agency goes about its business
				dice := rand.New(rand.NewPCG(seed, 100))
				for {
					select {
					case <-stop:
						return
					case <-time.After(time.Duration(dice.IntN(20)) * time.Millisecond):
					}
					switch client := clients[dice.IntN(len(clients))]; dice.IntN(4) {
					case 0:
						_ = w.a.SetHold(w.ctx, w.who, client, dice.IntN(2) == 0, "as agreed")
					default:
						_, _ = w.a.ApplyPack(w.ctx, w.who, client, pack, true, "")
					}
				}
			})
			all.Wait()
			close(stop)
			commands.Wait()
			faults.Lock()
			faults.on = false
			faults.Unlock()
			var got, want struct {
				events int64
				talk   billing.Millis
			}
			w.ok(db.InTx(w.ctx, func(ctx context.Context, q store.Q) error {
				return q.QueryRow(ctx, `SELECT COUNT(*), CAST(SUM(raw_ms) AS BIGINT) FROM usage_events`).Scan(&got.events, &got.talk)
			}))
			reported.Range(func(id, _ any) bool {
				want.events++
				want.talk += billing.Millis(1000 + id.(int)%5000)
				return true
			})
			if got != want {
				t.Errorf("the books have %+v, reported were %+v", got, want)
			}
			w.audited()
		})
	}
}
