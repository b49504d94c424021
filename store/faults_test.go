package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"minutebook/store"
	"minutebook/store/storetest"
)

// striker lets one thing go wrong at the n-th stage it is asked at, and remembers all of them.
type striker struct {
	at    int
	with  func() error
	asked []store.Stage
}

func (s *striker) strike(stage store.Stage, _ string) error {
	s.asked = append(s.asked, stage)
	if len(s.asked) == s.at {
		return s.with()
	}
	return nil
}

// struck adds two things in one transaction while the striker strikes, and answers what InTx said and what is there.
func struck(t *testing.T, dialect string, s *striker) (left int, err error) {
	t.Helper()
	url := storetest.MigratedURL(t, dialect)
	quiet := storetest.Connect(t, url)
	store.CreateTable(t, quiet, things)
	db := storetest.Connect(t, url, store.Faults(s.strike))
	err = db.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
		_, first := q.Exec(ctx, addThing, 1)
		_, second := q.Exec(ctx, addThing, 2) // it does not even look at what the first said
		return errors.Join(first, second)
	})
	return count(t, quiet), err
}

// The stages of one transaction with two statements, in order.
var stages = []store.Stage{store.BeforeBegin, store.BeforeStatement, store.BeforeStatement, store.BeforeCommit, store.AfterCommit}

func TestFaultsAreAskedAtEveryStage(t *testing.T) {
	for _, dialect := range storetest.Dialects {
		s := &striker{}
		if n, err := struck(t, dialect, s); err != nil || n != 2 || fmt.Sprint(s.asked) != fmt.Sprint(stages) {
			t.Errorf("%s: InTx = %v with %d things, asked %v", dialect, err, n, s.asked)
		}
	}
}

func TestABusyDatabaseIsAskedAgain(t *testing.T) {
	for _, dialect := range storetest.Dialects {
		for at := 1; at <= 4; at++ {
			s := &striker{at: at, with: func() error { return fmt.Errorf("somebody writes: %w", store.ErrBusy) }}
			if dialect == "postgres" {
				s.with = func() error { return &pgconn.PgError{Code: "40P01"} }
			}
			if n, err := struck(t, dialect, s); err != nil || n != 2 {
				t.Errorf("%s, busy %s: InTx = %v with %d things, want another try to succeed", dialect, stages[at-1], err, n)
			}
		}
	}
}

func TestAFullDiskKeepsNothingAndIsNotAskedAgain(t *testing.T) {
	full := errors.New("the disk is full")
	for _, dialect := range storetest.Dialects {
		for at := 1; at <= 4; at++ {
			s := &striker{at: at, with: func() error { return full }}
			if n, err := struck(t, dialect, s); !errors.Is(err, full) || n != 0 || len(s.asked) > 5 {
				t.Errorf("%s, full %s: InTx = %v with %d things after %d stages", dialect, stages[at-1], err, n, len(s.asked))
			}
		}
	}
}

func TestALostAnswerIsNotAskedAgain(t *testing.T) {
	for _, dialect := range storetest.Dialects {
		for _, why := range []error{errors.New("the line is dead"), store.ErrBusy} {
			s := &striker{at: 5, with: func() error { return why }}
			if n, err := struck(t, dialect, s); err == nil || errors.Is(err, store.ErrBusy) || n != 2 || len(s.asked) != 5 {
				t.Errorf("%s: InTx = %v with %d things after %d stages, want an error, both things and no second try", dialect, err, n, len(s.asked))
			}
		}
	}
}

func TestADeadProcessLeavesOnlyWhatWasCommitted(t *testing.T) {
	for _, dialect := range storetest.Dialects {
		for at := 1; at <= 5; at++ {
			s := &striker{at: at, with: func() error { panic("dead") }}
			url := storetest.MigratedURL(t, dialect)
			db := storetest.Connect(t, url)
			store.CreateTable(t, db, things)
			dying := storetest.Connect(t, url, store.Faults(s.strike))
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s: nobody died", dialect)
					}
				}()
				_ = dying.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
					_, first := q.Exec(ctx, addThing, 1)
					_, second := q.Exec(ctx, addThing, 2)
					return errors.Join(first, second)
				})
			}()
			want := 0
			if at == 5 {
				want = 2
			}
			if n := count(t, db); n != want {
				t.Errorf("%s, dead %s: %d things are left, want %d", dialect, stages[at-1], n, want)
			}
			write(t, dying, addThing, 3) // nothing is held any more
		}
	}
}
