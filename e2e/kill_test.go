package e2e_test

import (
	"math/rand/v2"
	"testing"
	"time"
)

// killsOfAWorld is after how many kills the books are checked and a new agency begins: a check reads everything back,
// and what is wrong is found near to where it happened.
const killsOfAWorld = 25

// TestNothingAcknowledgedIsLostWhenTheServerIsKilled kills the server in the middle of a mixed load, again and again:
// MINUTEBOOK_PROOF_KILLS times on each database.
func TestNothingAcknowledgedIsLostWhenTheServerIsKilled(t *testing.T) {
	each(t, func(t *testing.T, p *program) {
		p.serve()
		kills, total, begun := scaled(t, "KILLS", 6), map[outcome]int{}, time.Now()
		for left := kills; left > 0; left -= killsOfAWorld {
			l := newLoad(p, 3)
			for range min(left, killsOfAWorld) {
				l.during(6, func() {
					l.goesOn(3)
					time.Sleep(time.Duration(100+rand.IntN(300)) * time.Millisecond)
					p.kill()
				})
				p.serve()
			}
			l.check()
			for _, o := range []outcome{done, refused, unknown} {
				total[o] += l.count(o)
			}
		}
		t.Logf("killed %d times in %s: %d acknowledged, %d refused, %d unknown", kills, time.Since(begun).Round(time.Second), total[done], total[refused], total[unknown])
	})
}
