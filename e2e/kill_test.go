package e2e_test

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestNothingAcknowledgedIsLostWhenTheServerIsKilled kills the server in the middle of a mixed load, again and again:
// MINUTEBOOK_PROOF_KILLS times on each database.
func TestNothingAcknowledgedIsLostWhenTheServerIsKilled(t *testing.T) {
	each(t, func(t *testing.T, p *program) {
		p.serve()
		l := newLoad(p, 3)
		kills := scaled(t, "KILLS", 6)
		for range kills {
			l.during(6, func() {
				time.Sleep(time.Duration(100+rand.IntN(300)) * time.Millisecond)
				p.kill()
			})
			p.serve()
		}
		t.Logf("%d kills", kills)
		l.check()
	})
}
