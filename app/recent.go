package app

import (
	"sync"

	"minutebook/store"
)

// recent remembers which events were reported to this process lately: nearly a million, in 4 MiB. It may forget one, and say
// of another, once in a billion times, that it was reported. It only tells which events need not be looked up before they are
// written, and the books themselves say where it was wrong; see [App.presumes].
type recent struct {
	mu   sync.Mutex
	sets *[recentSets]recentSet
}

const recentSets = 1 << 18

// recentSet is the last four events that were met of those that share a place.
type recentSet [4]uint32

// meet says whether it may have met an event, and remembers it.
func (r *recent) meet(events []store.Digest) (met []bool) {
	met = make([]bool, len(events))
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sets == nil {
		r.sets = new([recentSets]recentSet)
	}
	for i, e := range events {
		met[i] = r.sets[uint64(e.Tail)%recentSets].meet(uint32(uint64(e.Tail) >> 32)) // the head may begin with a time
	}
	return met
}

func (s *recentSet) meet(mark uint32) bool {
	for _, each := range s {
		if each == mark {
			return true
		}
	}
	*s = recentSet{mark, s[0], s[1], s[2]}
	return false
}
