package load

import (
	"testing"
	"time"
)

func TestPercentilesAreExact(t *testing.T) {
	var s Samples
	if got := s.Percentile(99); got != 0 {
		t.Errorf("of nothing, the 99th percentile is %d", got)
	}
	var odd Samples
	for n := 100; n >= 1; n-- { // 1 to 100, backwards and in two parts
		if n%2 == 1 {
			odd.Add(time.Duration(n))
		} else {
			s.Add(time.Duration(n))
		}
	}
	if got := s.Percentile(100); got != 100 {
		t.Errorf("before the merge the largest is %d", got)
	}
	s.Merge(odd)
	for p, want := range map[float64]time.Duration{0: 1, 0.5: 1, 1: 1, 1.5: 2, 50: 50, 50.1: 51, 95: 95, 99: 99, 99.1: 100, 100: 100} {
		if got := s.Percentile(p); got != want {
			t.Errorf("Percentile(%v) of 1 to 100 = %d, want %d", p, got, want)
		}
	}
	s.Add(1000)
	if got := s.Percentile(100); got != 1000 {
		t.Errorf("after one more the largest is %d", got)
	}
}
