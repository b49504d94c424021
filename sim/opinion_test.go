package sim_test

import (
	"testing"

	"minutebook/sim"
)

// TestTwoOpinions lives random lives and asks the second opinion after every step. MINUTEBOOK_PROOF_OPINIONS is how many
// lives, MINUTEBOOK_PROOF_SEED the first seed; a difference prints the seed and the step, and the same seed finds it again.
func TestTwoOpinions(t *testing.T) {
	first, seeds := proof(t, "SEED", 1), proof(t, "OPINIONS", 15)
	steps, hours, differ := 0, int64(0), 0
	for seed := first; seed < first+seeds; seed++ {
		r := sim.Run(uint64(seed), sim.Settings{Opinion: sim.Second{}})
		for _, wrong := range r.Broken {
			t.Errorf("seed %d: %s", seed, wrong)
		}
		steps, hours = steps+r.Commands-r.Refused, hours+r.Hours
		if differ += len(r.Broken); differ > 5 {
			return
		}
	}
	t.Logf("%d lives, %d accepted commands, %d client-years: no difference", seeds, steps, hours/(365*24))
}
