package store_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

func takeClaim(t *testing.T, db *store.DB, c store.Claim) (claimed store.Claimed, answer store.FirstAnswer) {
	t.Helper()
	err := db.InTx(context.Background(), func(ctx context.Context, q store.Q) (err error) {
		claimed, answer, err = store.TakeClaim(ctx, q, c, db.ForUpdate())
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return claimed, answer
}

func finishClaim(db *store.DB, c store.Claim, body string) error {
	return db.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
		return store.FinishClaim(ctx, q, c, store.FirstAnswer{Status: 201, ContentType: "application/json", Body: []byte(body)}, c.At)
	})
}

func TestClaims(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		twoAgencies(t, db, 0)
		claim := func(agency, id billing.ID, print string, after time.Duration) store.Claim {
			return store.Claim{Agency: agency, Key: "k", Fingerprint: []byte(print), ID: id, At: listed.Add(after)}
		}
		want := func(c store.Claim, want store.Claimed) {
			t.Helper()
			if got, _ := takeClaim(t, db, c); got != want {
				t.Errorf("TakeClaim(%d at %s) = %d, want %d", c.ID, c.At, got, want)
			}
		}
		first := claim(1, 11, "a", 0)
		want(first, store.ClaimFresh)
		want(claim(1, 12, "a", 59*time.Second), store.ClaimRunning)
		want(claim(1, 13, "b", 59*time.Second), store.ClaimMismatch)
		want(claim(2, 14, "b", 0), store.ClaimFresh) // another agency's key of the same name

		second := claim(1, 15, "a", time.Minute)
		want(second, store.ClaimFresh) // taken over
		if err := finishClaim(db, first, "late"); !errors.Is(err, store.ErrClaimLost) {
			t.Errorf("finishing a claim that was taken over: %v", err)
		}
		if err := finishClaim(db, second, "done"); err != nil {
			t.Error(err)
		}
		want(claim(1, 19, "b", -30*24*time.Hour), store.ClaimMismatch) // a clock that is behind takes nothing that is done
		if got, answer := takeClaim(t, db, claim(1, 16, "a", time.Hour)); got != store.ClaimReplay || string(answer.Body) != "done" || answer.Status != 201 {
			t.Errorf("TakeClaim after the end = %d, %+v", got, answer)
		}
		want(claim(1, 17, "b", time.Hour), store.ClaimMismatch)
		want(claim(1, 18, "b", store.ClaimKept+2*time.Minute), store.ClaimFresh) // the old answer is forgotten
	})
}

// A server whose clock is ahead claims a key and dies: the others do not wait for days until their clocks are there too.
func TestAClaimFromTheFutureIsTakenOver(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		twoAgencies(t, db, 0)
		claim := func(id billing.ID, after time.Duration) store.Claim {
			return store.Claim{Agency: 1, Key: "k", Fingerprint: []byte("a"), ID: id, At: listed.Add(after)}
		}
		takeClaim(t, db, claim(11, 24*time.Hour))
		if got, _ := takeClaim(t, db, claim(12, 24*time.Hour-59*time.Second)); got != store.ClaimRunning {
			t.Errorf("a claim of a clock that is a little ahead = %d, want that it runs", got)
		}
		if got, _ := takeClaim(t, db, claim(13, 0)); got != store.ClaimFresh {
			t.Errorf("a claim of a clock that is a day ahead = %d, want that it is taken over", got)
		}
		if err := finishClaim(db, claim(11, 24*time.Hour), "late"); !errors.Is(err, store.ErrClaimLost) {
			t.Errorf("finishing the claim that was taken over: %v", err)
		}
	})
}

// Of many at once exactly one acts, and what was given back can be taken again.
func TestClaimsAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		twoAgencies(t, db, 0)
		var fresh atomic.Int64
		var all sync.WaitGroup
		for i := range 12 {
			all.Go(func() {
				c := store.Claim{Agency: 1, Key: "k", Fingerprint: []byte("a"), ID: billing.ID(i + 1), At: listed}
				if got, _ := takeClaim(t, db, c); got == store.ClaimFresh {
					fresh.Store(int64(c.ID) + 100*fresh.Load())
				}
			})
		}
		all.Wait()
		winner := fresh.Load()
		if winner < 1 || winner > 12 {
			t.Fatalf("claimed by %d", winner)
		}
		err := db.InTx(context.Background(), func(ctx context.Context, q store.Q) error {
			return store.GiveBackClaim(ctx, q, store.Claim{Agency: 1, Key: "k", ID: billing.ID(winner)})
		})
		if got, _ := takeClaim(t, db, store.Claim{Agency: 1, Key: "k", Fingerprint: []byte("b"), ID: 99, At: listed}); err != nil || got != store.ClaimFresh {
			t.Errorf("after giving back: %d, %v", got, err)
		}
	})
}
