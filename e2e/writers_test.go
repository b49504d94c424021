package e2e_test

import (
	"testing"
	"time"
)

// TestSixtyFourWritersOnOneClient lets all write at once for MINUTEBOOK_PROOF_WRITERS_SECONDS: nobody is answered 5xx,
// nothing is lost or doubled, and all balances add up.
func TestSixtyFourWritersOnOneClient(t *testing.T) {
	each(t, func(t *testing.T, p *program) {
		p.serve()
		l := newLoad(p, 1)
		l.during(64, func() { l.goesOn(20); time.Sleep(time.Duration(scaled(t, "WRITERS_SECONDS", 3)) * time.Second) })
		for status, n := range l.statuses {
			if status >= 500 || status == 0 {
				t.Errorf("%d answers %d", n, status)
			}
		}
		l.check()
	})
}
