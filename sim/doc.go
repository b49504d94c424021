// Package sim is the house's adversary: it lives whole agencies' lives on the real rules, from a seed and in no time,
// and looks at everything after every step. The same seed is the same life, to the last fact.
//
//	result := sim.Run(42, sim.Settings{})
//
// LiveMany lives many and adds up; it is what `minutebook sim` runs. A life that breaks something is shrunk to the few
// commands it takes, as a Script, and kept in testdata for ever.
//
// A Client is one life in memory; its commands are plain values, so that a second opinion can be asked about the very
// same log: see Opinion. Reach counts how often a run came to the places where others have stumbled; a generator that
// never goes there proves nothing.
//
// World lives two agencies on a real store, through processes that die, clocks that jump and a database that fails, and
// holds what the store has against the same two opinions.
//
// Its tests also tell a story to the real store while every single store call fails once (faults_test.go), let pairs of
// acts meet in every interleaving (pairs_test.go), and try every short order of commands (scope_test.go). What they do
// at every commit is small; the variables MINUTEBOOK_PROOF_* make it as large as wanted.
package sim
