package sim_test

import (
	"testing"

	"minutebook/sim"
)

// TestTwoOpinions lives random lives and asks the second opinion after every step. MINUTEBOOK_PROOF_OPINIONS is how many
// lives, MINUTEBOOK_PROOF_SEED the first seed; a difference is shrunk, and the same seed finds it again.
func TestTwoOpinions(t *testing.T) {
	first, seeds := proof(t, "SEED", 1), proof(t, "OPINIONS", 15)
	told(t, sim.LiveMany(t.Context(), uint64(first), uint64(seeds), sim.Settings{Opinion: sim.Second{}}), nil, 0, sim.Places, sim.Second{})
}
