package sim_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"minutebook/billing"
	"minutebook/sim"
)

// TestRandomLives lives from many seeds. MINUTEBOOK_PROOF_SEEDS is how many, MINUTEBOOK_PROOF_SEED the first of them; the
// places a run must have come to are counted over all, and each must have been reached MINUTEBOOK_PROOF_FLOOR times.
func TestRandomLives(t *testing.T) {
	first, seeds, floor := proof(t, "SEED", 1), proof(t, "SEEDS", 150), proof(t, "FLOOR", 1)
	told(t, sim.LiveMany(t.Context(), uint64(first), uint64(seeds), sim.Settings{}), sim.Places, floor, sim.Places, nil)
}

// told fails for what a tally found, with the few commands it takes, and for what it never came to.
func told(t *testing.T, tally sim.Tally, places []string, floor int, all []string, opinion sim.Opinion) {
	t.Helper()
	for _, f := range tally.Failures {
		if len(f.Script.Steps) == 0 {
			t.Errorf("%s\n\tagain: MINUTEBOOK_PROOF_SEED=%d go test ./sim -run %s", f.Found, f.Seed, t.Name())
			continue
		}
		short := sim.Shrink(f.Script, opinion)
		t.Errorf("%s\n\tagain: minutebook sim --seeds 1 --from %d\n\tshrunk from %d commands to %d: %s", f.Found, f.Seed, len(f.Script.Steps), len(short.Steps), short.Found)
		for _, step := range short.Steps {
			t.Logf("  %s", step)
		}
	}
	for _, place := range tally.Short(places, floor) {
		t.Errorf("%s: reached %d times, want %d", place, tally.Reach[place], floor)
	}
	for _, place := range places {
		if os.Getenv("MINUTEBOOK_PROOF_FLOOR") != "" {
			t.Logf("%8d %s", tally.Reach[place], place)
		}
	}
	for place := range tally.Reach {
		if !slices.Contains(all, place) {
			t.Errorf("%q is counted and not listed", place)
		}
	}
	if tally.Twice == 0 {
		t.Error("no life was lived twice")
	}
	t.Logf("%d lives (%d of them twice), %d commands (%d refused), %d facts, %d client-years", tally.Lives, tally.Twice, tally.Commands, tally.Refused, tally.Facts, tally.Years())
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

// TestWhatWasFoundOnce replays the shrunk lives in testdata, each of which once broke a rule or a deliberate fault in it.
func TestWhatWasFoundOnce(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no lives in testdata: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var script sim.Script
		if err := json.Unmarshal(text, &script); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, wrong := range sim.Replay(script, sim.Second{}) {
			t.Errorf("%s: %s", file, wrong)
		}
	}
}

// grudge is an opinion that finds fault with a pack that was canceled while a hold was on.
type grudge struct{}

func (grudge) Differs(c *sim.Client) []string {
	for _, r := range c.Account.Requests {
		if r.Kind == billing.PackSale && r.Status == billing.Voided && c.Account.Hold != nil {
			return []string{"a canceled pack under a hold"}
		}
	}
	return nil
}

// TestShrink: of a long life that breaks something, the few commands stay that it takes, and they still break it when
// they come back from a file.
func TestShrink(t *testing.T) {
	var long sim.Result
	for seed := uint64(1); len(long.Broken) == 0; seed++ {
		long = sim.Run(seed, sim.Settings{Opinion: grudge{}})
	}
	short := sim.Shrink(long.Script, grudge{})
	var steps []string
	for _, s := range short.Steps {
		steps = append(steps, s.String())
	}
	// It takes a plan, the pack offered, a start, the pack sold and canceled, and a hold.
	if len(steps) != 6 {
		t.Errorf("%d commands are left of %d, want 6:\n%s", len(steps), len(long.Script.Steps), strings.Join(steps, "\n"))
	}
	if waited := short.Steps[len(short.Steps)-1].At.Sub(short.Steps[0].At); waited > time.Minute {
		t.Errorf("the shrunk life still takes %s", waited)
	}
	text, err := json.Marshal(short)
	if err != nil {
		t.Fatal(err)
	}
	var read sim.Script
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	if found := sim.Replay(read, grudge{}); len(found) != 1 || found[0] != short.Found {
		t.Errorf("read back, it finds %v, want %q", found, short.Found)
	}
	if found := sim.Replay(short, sim.Second{}); len(found) != 0 {
		t.Errorf("without the grudge it finds %v", found)
	}
}

// TestReplayIsTheSameLife: a life that is told again from its script, command by command, comes to the same end, also
// from a file.
func TestReplayIsTheSameLife(t *testing.T) {
	for seed := uint64(1); seed <= 5; seed++ {
		r := sim.Run(seed, sim.Settings{})
		text, err := json.Marshal(r.Script)
		if err != nil {
			t.Fatal(err)
		}
		var read sim.Script
		if err := json.Unmarshal(text, &read); err != nil {
			t.Fatal(err)
		}
		if facts := sim.ReplayFacts(read); facts != r.Facts {
			t.Errorf("seed %d: %d facts when told again, %d at first", seed, facts, r.Facts)
		}
	}
}
