package sim_test

import (
	"testing"

	"minutebook/app"
	"minutebook/sim"
	"minutebook/store"
	"minutebook/store/storetest"
)

// opener opens fresh databases for a test.
func opener(t *testing.T, dialect string) sim.Opener {
	return func(options ...store.Option) (*store.DB, error) {
		return store.Open(t.Context(), storetest.MigratedURL(t, dialect), options...)
	}
}

// TestWorlds lives worlds: two agencies on a real store, with processes that die, clocks that jump and calls of the
// database that fail. MINUTEBOOK_PROOF_WORLDS is how many on SQLite, a tenth of it on PostgreSQL.
func TestWorlds(t *testing.T) {
	first, floor := uint64(proof(t, "SEED", 1)), proof(t, "FLOOR", 1)
	places := append(append([]string{}, sim.Places...), sim.WorldPlaces...)
	t.Run("sqlite", func(t *testing.T) {
		tally := sim.LiveWorlds(t.Context(), first, uint64(proof(t, "WORLDS", 12)), sim.WorldSettings{Open: opener(t, "sqlite")})
		told(t, tally, sim.WorldPlaces, floor, places, nil)
	})
	t.Run("postgres", func(t *testing.T) {
		from := proof(t, "SEED", 700) // its sweeps meet faults: lived twice, it is the same only if nothing is done side by side
		tally := sim.LiveWorlds(t.Context(), uint64(from), uint64(max(3, proof(t, "WORLDS", 12)/10)), sim.WorldSettings{Open: opener(t, "postgres")})
		told(t, tally, nil, floor, places, nil)
	})
}

// TestOneAgencyDoesNotFeelTheOther lives a world with both agencies and once more with the first alone: the first must see
// the very same, bit for bit: every row, in order, and every answer. MINUTEBOOK_PROOF_NEIGHBOURS is the number of worlds.
func TestOneAgencyDoesNotFeelTheOther(t *testing.T) {
	for dialect, small := range map[string]int{"sqlite": 3, "postgres": 1} {
		t.Run(dialect, func(t *testing.T) {
			rows := 0
			for seed := 1; seed <= proof(t, "NEIGHBOURS", small); seed++ {
				both, busy := firstAgency(t, dialect, uint64(seed), 0)
				alone, idle := firstAgency(t, dialect, uint64(seed), 1)
				if d := differ(alone, both); d != "" {
					t.Errorf("world %d: the first agency sees otherwise beside the second (-alone +beside):\n%s", seed, d)
				}
				if idle >= busy {
					t.Errorf("world %d: the second agency did nothing: %d facts, %d when it was silent", seed, busy, idle)
				}
				rows += len(both)
			}
			t.Logf("%d rows and answers compared", rows)
		})
	}
}

// firstAgency is everything the first agency can see in the end, and how much the second one did.
func firstAgency(t *testing.T, dialect string, seed uint64, only int) (sees []string, others int) {
	t.Helper()
	r := sim.World(seed, sim.WorldSettings{Open: opener(t, dialect), Calm: true, Only: only, Steps: 60, Look: func(db *store.DB, first, second sim.Seen) {
		w := &world{TB: t, ctx: t.Context(), a: &app.App{DB: db}, who: app.Operator(first.Agency)}
		sees, others = append(w.books(), first.Answers...), len(second.Answers)
	}})
	for _, wrong := range r.Broken {
		t.Error(wrong)
	}
	return sees, others
}
