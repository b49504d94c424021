package load

import (
	"math"
	"slices"
	"time"
)

// Samples are latencies, every one of them: percentiles are exact, not estimated.
type Samples struct {
	all    []time.Duration
	sorted bool
}

// Add keeps one more.
func (s *Samples) Add(d time.Duration) { s.all, s.sorted = append(s.all, d), false }

// Merge takes in those of another.
func (s *Samples) Merge(other Samples) { s.all, s.sorted = append(s.all, other.all...), false }

// Len is how many there are.
func (s *Samples) Len() int { return len(s.all) }

// Percentile is the least sample that p percent of all do not exceed (nearest rank); 0 when there is none.
func (s *Samples) Percentile(p float64) time.Duration {
	if len(s.all) == 0 {
		return 0
	}
	if !s.sorted {
		slices.Sort(s.all)
		s.sorted = true
	}
	rank := int(math.Ceil(p / 100 * float64(len(s.all))))
	return s.all[min(max(rank, 1), len(s.all))-1]
}
