package app_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

// sleep moves the sandbox's clock behind the back of the program, so that what is due waits for the job.
func (w *world) sleep(to string) {
	w.Helper()
	w.sql(`UPDATE agencies SET test_clock = $1 WHERE id = $2`, w.time(to), w.who.Agency)
}

func (w *world) sql(statement string, args ...any) {
	w.Helper()
	w.ok(w.a.DB.InTx(w.ctx, func(ctx context.Context, q store.Q) error {
		n, err := q.Exec(ctx, statement, args...)
		if err == nil && n == 0 {
			err = fmt.Errorf("%s changed nothing", statement)
		}
		return err
	}))
}

// crowd starts clients that pay and talk a minute more than they may, each some time after the one before.
func (w *world) crowd(n int, apart time.Duration) (clients []billing.ID) {
	w.Helper()
	for range n {
		w.started(0)
		w.use(301)
		w.ok(w.a.UpdateRequest(w.ctx, w.who, w.requests()[0].ID, billing.RequestUpdate{Status: billing.Paid}))
		clients = append(clients, w.client)
		if apart > 0 {
			_, err := w.a.MoveTestClock(w.ctx, w.who, w.now().Add(apart))
			w.ok(err)
		}
	}
	return clients
}

// periods is the index of each client's open period.
func (w *world) periods(clients []billing.ID) (open []int) {
	w.Helper()
	for _, client := range clients {
		c, err := w.a.Client(w.ctx, w.who, client)
		w.ok(err)
		open = append(open, c.Period.Index)
	}
	return open
}

// More clients than fit into one transaction are renewed, each once, with numbers without a gap.
func TestManyRenewals(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		clients := w.crowd(120, 0)
		w.sleep("2027-02-01T00:00:00Z")
		moved := 0
		for {
			n, err := w.a.AdvanceDue(w.ctx, 1000)
			w.ok(err)
			if n == 0 {
				break
			}
			moved += n
		}
		if moved < len(clients) {
			t.Errorf("%d clients were moved, want %d at least", moved, len(clients))
		}
		if open := w.periods(clients); slices.Min(open) != 1 || slices.Max(open) != 1 {
			t.Errorf("open periods %v", open)
		}
		w.audited()
	})
}

// A client that cannot be brought forward does not hold up those it would have been saved with, nor those behind it.
func TestOneClientsFaultIsNotTheOthers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		clients := w.crowd(5, 0)
		w.sql(`INSERT INTO payment_requests (agency_id, id, number, reference, client_id, subscription_id, period_index, kind, status, currency, currency_digits,
				lines, amount, amount_paid, issued_at, due_at, external_payment_id, notes, settlement, pack_ms, clawed_back_ms, shortfall_ms, created_at, updated_at)
			SELECT agency_id, id + 1, 1000, 'in the way', client_id, subscription_id, 1, kind, 'CANCELED', currency, currency_digits,
				lines, amount, amount_paid, issued_at, due_at, external_payment_id, notes, settlement, pack_ms, clawed_back_ms, shortfall_ms, created_at, updated_at
			FROM payment_requests WHERE agency_id = $1 AND client_id = $2`, w.who.Agency, clients[1])
		w.sleep("2027-02-01T00:00:00Z")
		var err error
		for range 6 {
			_, err = w.a.AdvanceDue(w.ctx, 100)
		}
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("client %d", clients[1])) {
			t.Errorf("AdvanceDue = %v, want the client that is in the way of itself", err)
		}
		if open := w.periods(clients); !slices.Equal(open, []int{1, 0, 1, 1, 1}) {
			t.Errorf("open periods %v", open)
		}
	})
}

// What the rules find impossible is a fault of one client: the job hears of it, the program goes on.
func TestAPanicInTheJobIsAFault(t *testing.T) {
	for _, dialect := range storetest.Dialects {
		t.Run(dialect, func(t *testing.T) {
			broken := false
			db := storetest.Connect(t, storetest.MigratedURL(t, dialect), store.Faults(func(at store.Stage, _ string) error {
				if broken && at == store.BeforeCommit {
					panic("impossible")
				}
				return nil
			}))
			w := newWorld(t, db, "2027-01-01T00:00:00Z")
			clients := w.crowd(1, 0)
			w.sleep("2027-02-01T00:00:00Z")
			broken = true
			if _, err := w.a.AdvanceDue(w.ctx, 100); err == nil || !strings.Contains(err.Error(), "impossible") {
				t.Errorf("AdvanceDue = %v", err)
			}
			broken = false
			_, err := w.a.AdvanceDue(w.ctx, 100)
			w.ok(err)
			if open := w.periods(clients); open[0] != 1 {
				t.Errorf("open periods %v", open)
			}
		})
	}
}

// A clock that moves over months of many clients carries everything out in the order of its instants: the numbers of
// the requests, which are given in that order, say so.
func TestATestClockMovesAllClientsInOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		w.crowd(6, 7*time.Hour)
		w.clock("2027-02-20T00:00:00Z")
		list, err := w.a.Requests(w.ctx, w.who, app.RequestFilter{}, app.Page{Size: 100})
		w.ok(err)
		if len(list.Items) != 18 {
			t.Fatalf("%d requests, want a fee twice and a usage once for each of 6 clients", len(list.Items))
		}
		byNumber := slices.SortedFunc(slices.Values(list.Items), func(a, b app.RequestRow) int { return int(a.Number - b.Number) })
		for i, r := range byNumber[1:] {
			if r.IssuedAt.Before(byNumber[i].IssuedAt) {
				t.Errorf("%s is of %s, and %s before it of %s", r.Label(), r.IssuedAt, byNumber[i].Label(), byNumber[i].IssuedAt)
			}
		}
		w.audited()
	})
}

// Under an Idempotency-Key the clock's move and its answer are kept together, and what it made due is carried out
// afterwards, in transactions of its own; then the answer is given.
func TestATestClockUnderAnIdempotencyKey(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, "2027-01-01T00:00:00Z")
		clients := w.crowd(2, 0)
		move := func() (replayed bool) {
			_, replayed, err := w.a.Once(w.ctx, w.who, "key", []byte{1}, func(ctx context.Context) app.Attempt {
				_, err := w.a.MoveTestClock(ctx, w.who, w.time("2027-02-01T00:00:00Z"))
				w.ok(err)
				c, err := w.a.Client(ctx, w.who, clients[0])
				w.ok(err)
				if c.Period.Index != 0 {
					t.Error("it was carried out within the transaction of the move")
				}
				return app.Attempt{Keep: true, Answer: app.FirstAnswer{Status: 200, ContentType: "text/plain", Body: []byte("moved")}}
			})
			w.ok(err)
			return replayed
		}
		if move() || !move() {
			t.Error("the second move is not the memory of the first")
		}
		if open := w.periods(clients); !slices.Equal(open, []int{1, 1}) {
			t.Errorf("open periods %v", open)
		}
		w.audited()
	})
}

// Should what a moved clock made due not be carried out, nobody is told that it was; a repeat of the request carries it
// out before it gives the first answer.
func TestARepeatedClockMoveFinishesWhatTheFirstBegan(t *testing.T) {
	for _, dialect := range storetest.Dialects {
		t.Run(dialect, func(t *testing.T) {
			var moved, away bool
			db := storetest.Connect(t, storetest.MigratedURL(t, dialect), store.Faults(func(at store.Stage, _ string) error {
				if away = away || moved && at == store.AfterCommit; away && at != store.AfterCommit {
					return fmt.Errorf("the database is away: %w", store.ErrDisk)
				}
				return nil
			}))
			w := newWorld(t, db, "2027-01-01T00:00:00Z")
			clients := w.crowd(2, 0)
			move := func() (replayed bool, err error) {
				_, replayed, err = w.a.Once(w.ctx, w.who, "key", []byte{1}, func(ctx context.Context) app.Attempt {
					_, err := w.a.MoveTestClock(ctx, w.who, w.time("2027-02-01T00:00:00Z"))
					w.ok(err)
					moved = true
					return app.Attempt{Keep: true, Answer: app.FirstAnswer{Status: 200, ContentType: "text/plain", Body: []byte("moved")}}
				})
				return replayed, err
			}
			if _, err := move(); err == nil {
				t.Error("a clock was said to be moved while what it made due was not done")
			}
			moved, away = false, false
			if replayed, err := move(); !replayed || err != nil {
				t.Fatalf("the repeat: replayed %t, %v", replayed, err)
			}
			if open := w.periods(clients); !slices.Equal(open, []int{1, 1}) {
				t.Errorf("open periods %v after the repeat", open)
			}
			w.audited()
		})
	}
}

// While calls come in, few renewals share a transaction, and more again once none does.
func TestRenewalsGoSlowlyBesideUsage(t *testing.T) {
	many, usage := app.Pace(100, 0, 0, 0, 0, 0, 0, 7, -7, 8, 8, 8, 8, 8, 9)
	if want := []int{10, 20, 40, 80, 100, 100, 10, 10, 10, 20, 40, 80, 100, 10}; !slices.Equal(many, want) {
		t.Errorf("at once: %v, want %v", many, want)
	}
	if want := []bool{false, false, false, false, false, false, true, true, true, false, false, false, false, true}; !slices.Equal(usage, want) {
		t.Errorf("usage: %v, want %v", usage, want)
	}
}

// A post of usage is noticed by renewals while it waits, and afterwards that it came.
func TestRenewalsNoticeUsage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		now := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
		c := crowded(t, db, &now, 1)
		before, _ := c.a.Posts()
		held, release, called := make(chan struct{}), make(chan struct{}), make(chan struct{})
		var writer sync.WaitGroup
		writer.Go(func() { // holds the client, and SQLite's one writer
			err := db.InTx(t.Context(), func(ctx context.Context, q store.Q) error {
				_, err := store.LoadAccount(ctx, q, db.ForUpdate(), c.who.Agency, c.clients[0])
				close(held)
				<-release
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
		<-held
		go func() {
			defer close(called)
			c.call(t, now)
		}()
		for n, busy := before, false; n == before || !busy; n, busy = c.a.Posts() { // it cannot be through
			runtime.Gosched()
		}
		close(release)
		<-called
		writer.Wait()
		if n, _ := c.a.Posts(); n != before+1 {
			t.Errorf("%d posts were noticed, want 1", n-before)
		}
	})
}
