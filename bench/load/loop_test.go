package load

import (
	"testing"
	"testing/synctest"
	"time"
)

// stalling answers in a millisecond, but stalls for a second at its 50th request.
func stalling() func(int) bool {
	n := 0
	return func(int) bool {
		if n++; n == 50 {
			time.Sleep(time.Second)
		}
		time.Sleep(time.Millisecond)
		return true
	}
}

// A stall of a second delays all that were due while it lasted. The open loop sees that, the closed loop does not:
// that is coordinated omission.
func TestTheOpenLoopCountsFromTheInstantARequestWasDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		run := Loop{Conns: 1, For: 10 * time.Second, Rate: 100}.Run(stalling())
		if run.Requests() != 1000 {
			t.Errorf("%d requests in ten seconds at 100 a second", run.Requests())
		}
		if got := run.Latencies.Percentile(50); got != time.Millisecond {
			t.Errorf("the median is %s, want what a request takes", got)
		}
		// Due every 10 ms and worked off every 1 ms: the n-th after the stall waits 1 s - 9 ms x n, so 112 wait.
		if got := run.Latencies.Percentile(95); got < 500*time.Millisecond || got > 600*time.Millisecond {
			t.Errorf("the 95th percentile is %s: those who waited are not counted", got)
		}
		if got := run.Latencies.Percentile(100); got != 1001*time.Millisecond {
			t.Errorf("the longest took %s", got)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		run := Loop{Conns: 1, For: 10 * time.Second}.Run(stalling())
		if got := run.Latencies.Percentile(99); got != time.Millisecond {
			t.Errorf("the 99th percentile of a closed loop is %s", got)
		}
		if run.Requests() != 9000 || run.Took != 10*time.Second {
			t.Errorf("%d requests in %s, one a millisecond for ten seconds but one", run.Requests(), run.Took)
		}
	})
}

func TestTheOpenLoopKeepsItsRateOverAllConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy := make([]int, 8)
		run := Loop{Conns: 8, For: 2 * time.Second, Rate: 500}.Run(func(conn int) bool {
			busy[conn]++
			time.Sleep(10 * time.Millisecond)
			return true
		})
		if run.Requests() != 1000 || run.Latencies.Percentile(100) != 10*time.Millisecond {
			t.Errorf("%d requests of at most %s, want 1000 of 10ms", run.Requests(), run.Latencies.Percentile(100))
		}
		for conn, n := range busy {
			if n == 0 {
				t.Errorf("connection %d has nothing to do", conn)
			}
		}
	})
}

func TestUnansweredRequestsAreNotCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		run := Loop{Conns: 1, For: time.Second, Rate: 10}.Run(func(int) bool { n++; return n%2 == 0 })
		if n != 10 || run.Requests() != 5 {
			t.Errorf("%d sent, %d counted, want 10 and 5", n, run.Requests())
		}
	})
}
