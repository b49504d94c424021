package e2e_test

import (
	"math/rand/v2"
	"net/http"
	"testing"
	"time"
)

// amid lets the load run a while, lets something happen, and lets it run on when the server is ready again.
func (l *load) amid(something func()) {
	l.Helper()
	l.during(6, func() {
		pause := func() { l.goesOn(10); time.Sleep(time.Duration(100+rand.IntN(300)) * time.Millisecond) }
		pause()
		something()
		l.ready()
		pause()
	})
}

// TestNothingAcknowledgedIsLostWhenPostgreSQLRestarts ends all connections, restarts PostgreSQL and crashes it, each in
// the middle of a mixed load: MINUTEBOOK_PROOF_RESTARTS rounds of the three.
func TestNothingAcknowledgedIsLostWhenPostgreSQLRestarts(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	p := on(t, address(c))
	p.serve()
	l := newLoad(p, 3)
	rounds := scaled(t, "RESTARTS", 1)
	for range rounds {
		l.amid(func() {
			for range 5 {
				c.exec("books", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'minutebook'")
				time.Sleep(time.Duration(rand.IntN(60)) * time.Millisecond)
			}
		})
		l.amid(func() { c.stop("fast"); c.start() })
		l.amid(func() { c.stop("immediate"); c.start() })
	}
	t.Logf("%d rounds: connections ended, a restart, a crash", rounds)
	l.check()
}

// TestNothingAcknowledgedIsLostInAFailover crashes the primary in the middle of a mixed load and promotes its
// synchronous standby: MINUTEBOOK_PROOF_FAILOVERS times. The server knows both addresses and is not started anew.
func TestNothingAcknowledgedIsLostInAFailover(t *testing.T) {
	t.Parallel()
	times := scaled(t, "FAILOVERS", 1)
	for range times {
		primary := newCluster(t)
		standby := primary.standby()
		p := on(t, address(primary, standby))
		p.serve()
		l := newLoad(p, 3)
		l.amid(func() {
			primary.stop("immediate")
			time.Sleep(time.Duration(rand.IntN(500)) * time.Millisecond)
			standby.promote()
		})
		l.check()
		p.kill()
	}
	t.Logf("%d fail-overs", times)
}

// TestACommitThatTheStandbyNeverSawIsNotAcknowledged: PostgreSQL answers "done" to a commit whose wait for the standby
// was broken off, although a fail-over would lose it.
func TestACommitThatTheStandbyNeverSawIsNotAcknowledged(t *testing.T) {
	t.Parallel()
	primary := newCluster(t)
	standby := primary.standby()
	p := on(t, address(primary, standby))
	p.serve()
	l := newLoad(p, 1)
	l.during(3, func() { l.goesOn(30) })
	standby.stop("immediate")
	l.use(1) // for as long as the server waits for a commit
	if l.count(unknown) == 0 {
		t.Errorf("answers %v, want some of an unknown outcome", l.statuses)
	}
	primary.stop("immediate")
	standby.start()
	standby.promote()
	l.ready()
	l.check()
}

// TestPostgreSQLThatRefusesToWrite: at default_transaction_read_only nothing is acknowledged, everything is answered
// 503, and all is well again when it ends.
func TestPostgreSQLThatRefusesToWrite(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	p := on(t, address(c))
	p.serve()
	l := newLoad(p, 3)
	readOnly := func(state string) {
		c.exec("postgres", "ALTER SYSTEM SET default_transaction_read_only = "+state)
		c.exec("postgres", "SELECT pg_reload_conf()")
	}
	for range scaled(t, "READ_ONLY", 2) {
		l.amid(func() {
			readOnly("on")
			c.exec("books", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'minutebook'") // new ones are not let in
			l.refuses()
			for range 3 {
				if status := l.use(5); status != http.StatusServiceUnavailable {
					t.Errorf("a batch is answered %d, want 503", status)
				}
			}
			readOnly("off")
		})
	}
	if l.statuses[http.StatusServiceUnavailable] == 0 {
		t.Errorf("answers %v, want some 503", l.statuses)
	}
	l.check()
}

// refuses waits until the server says that it cannot write.
func (l *load) refuses() {
	l.Helper()
	if !patient(func() bool { return l.readiness() == http.StatusServiceUnavailable }) {
		l.Errorf("the server still says that it is ready")
	}
	time.Sleep(200 * time.Millisecond)
}
