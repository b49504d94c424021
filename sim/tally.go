package sim

import (
	"context"
	"runtime"
	"slices"
	"sync"
)

// Tally is what many lives came to.
type Tally struct {
	Lives    int
	Twice    int // of them lived a second time, to the same hash
	Commands int
	Refused  int
	Facts    int
	Hours    int64
	Reach    Reach
	Failures []Failure // at most as many as are worth reading
}

// Failure is a life in which something did not hold.
type Failure struct {
	Seed   uint64
	Found  string
	Script Script // what was told, not yet shrunk; without steps when the life only differed from its repeat
}

// mostFailures is how many are collected before a tally gives up.
const mostFailures = 5

// Years are the client-years lived.
func (t Tally) Years() int64 { return t.Hours / (365 * 24) }

// Short names the places that were reached less often than floor.
func (t Tally) Short(places []string, floor int) (short []string) {
	for _, place := range places {
		if t.Reach[place] < floor {
			short = append(short, place)
		}
	}
	return short
}

// LiveMany lives from seeds, from the first of them on, on all processors. One life in a hundred is lived twice and must
// come out the same. When the context ends, lives that have begun are lived to their end, and no other begins.
func LiveMany(ctx context.Context, first, seeds uint64, s Settings) Tally {
	return tallied(ctx, first, seeds, func(seed uint64) Result { return Run(seed, s) })
}

// tallied runs what a seed stands for, one after the other on each processor, and adds up.
func tallied(ctx context.Context, first, seeds uint64, live func(seed uint64) Result) Tally {
	total := Tally{Reach: Reach{}}
	var mu sync.Mutex
	var work sync.WaitGroup
	next := make(chan uint64)
	for range runtime.GOMAXPROCS(0) {
		work.Go(func() {
			for seed := range next {
				r, twice, same := live(seed), seed%100 == first%100, true
				if twice {
					same = live(seed).Hash == r.Hash
				}
				mu.Lock()
				total.add(r, twice, same)
				mu.Unlock()
			}
		})
	}
	for seed := first; seed < first+seeds; seed++ {
		mu.Lock()
		enough := len(total.Failures) >= mostFailures
		mu.Unlock()
		if enough || ctx.Err() != nil {
			break
		}
		next <- seed
	}
	close(next)
	work.Wait()
	slices.SortFunc(total.Failures, func(a, b Failure) int { return int(a.Seed) - int(b.Seed) })
	return total
}

func (t *Tally) add(r Result, twice, same bool) {
	t.Lives++
	if twice {
		t.Twice++
	}
	t.Commands, t.Refused, t.Facts, t.Hours = t.Commands+r.Commands, t.Refused+r.Refused, t.Facts+r.Facts, t.Hours+r.Hours
	for place, n := range r.Reach {
		t.Reach[place] += n
	}
	if len(r.Broken) > 0 {
		t.Failures = append(t.Failures, Failure{r.Seed, r.Broken[0], r.Script})
	}
	if !same {
		t.Failures = append(t.Failures, Failure{Seed: r.Seed, Found: "the same seed was another life the second time"})
	}
}
