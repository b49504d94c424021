package sim_test

import (
	"os"
	"testing"
	"time"

	"minutebook/sim"
)

// TestRandomLives lives from many seeds. MINUTEBOOK_PROOF_SEEDS is how many, MINUTEBOOK_PROOF_SEED the first of them; the
// places a run must have come to are counted over all, and each must have been reached MINUTEBOOK_PROOF_FLOOR times.
func TestRandomLives(t *testing.T) {
	first, seeds, floor := proof(t, "SEED", 1), proof(t, "SEEDS", 150), proof(t, "FLOOR", 1)
	reach, hours := sim.Reach{}, int64(0)
	commands, refused, facts := 0, 0, 0
	for seed := first; seed < first+seeds; seed++ {
		r := sim.Run(uint64(seed), sim.Settings{})
		for _, wrong := range r.Broken {
			t.Errorf("seed %d: %s", seed, wrong)
		}
		if seed%100 == 1 {
			if again := sim.Run(uint64(seed), sim.Settings{}); again.Hash != r.Hash {
				t.Errorf("seed %d: the second life was another one", seed)
			}
		}
		for place, n := range r.Reach {
			reach[place] += n
		}
		hours, commands, refused, facts = hours+r.Hours, commands+r.Commands, refused+r.Refused, facts+r.Facts
	}
	for _, place := range sim.Places {
		if reach[place] < floor {
			t.Errorf("%s: reached %d times, want %d", place, reach[place], floor)
		}
		if os.Getenv("MINUTEBOOK_PROOF_SEEDS") != "" {
			t.Logf("%8d %s", reach[place], place)
		}
	}
	if len(reach) > len(sim.Places) {
		t.Errorf("a place is counted that is not listed: %v", reach)
	}
	t.Logf("%d lives, %d commands (%d refused), %d facts, %d client-years", seeds, commands, refused, facts, hours/(365*24))
}

// TestAnotherSeedIsAnotherLife: the hash sees what happens.
func TestAnotherSeedIsAnotherLife(t *testing.T) {
	if sim.Run(1, sim.Settings{}).Hash == sim.Run(2, sim.Settings{}).Hash {
		t.Error("two seeds have one hash")
	}
}

// TestZones: every name in the list is known.
func TestZones(t *testing.T) {
	for _, name := range sim.Zones {
		if _, err := time.LoadLocation(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(sim.Zones) < 590 {
		t.Errorf("%d zones", len(sim.Zones))
	}
}
