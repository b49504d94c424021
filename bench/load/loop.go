package load

import (
	"sync"
	"sync/atomic"
	"time"
)

// Loop is how a load is put on.
//
// A closed loop sends the next request when the last one is answered: it finds out how much a server can do. It says
// little of waiting, for while the server stalls nothing is sent, and the stall counts once. An open loop sends at
// fixed instants, as the world does, and counts from the instant a request was due: whoever had to wait for a free
// connection has waited.
type Loop struct {
	Conns int
	For   time.Duration
	Rate  float64 // requests a second of an open loop; 0: closed
}

// Run is what a loop saw.
type Run struct {
	Latencies Samples
	Took      time.Duration // from the start to the last answer
}

// Requests is how many were answered.
func (r *Run) Requests() int { return r.Latencies.Len() }

// Run calls do for every request, with the number of its connection, until the time is over; calls of one connection
// never overlap. An answer of false means that the server is away: it is not counted.
func (l Loop) Run(do func(conn int) bool) Run {
	start := time.Now()
	var turn atomic.Int64
	next := func() (due time.Time, more bool) {
		due = time.Now()
		if l.Rate > 0 {
			due = start.Add(time.Duration(float64(turn.Add(1)-1) / l.Rate * float64(time.Second)))
		}
		return due, due.Sub(start) < l.For
	}
	seen := make([]Samples, l.Conns)
	var conns sync.WaitGroup
	for conn := range l.Conns {
		conns.Go(func() {
			for due, more := next(); more; due, more = next() {
				time.Sleep(time.Until(due))
				if do(conn) {
					seen[conn].Add(time.Since(due))
				}
			}
		})
	}
	conns.Wait()
	run := Run{Took: time.Since(start)}
	for _, s := range seen {
		run.Latencies.Merge(s)
	}
	return run
}
