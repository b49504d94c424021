package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"minutebook/sim"
)

// ran runs a command line and answers what it printed and its exit code.
func ran(t *testing.T, args ...string) (printed string, code int) {
	t.Helper()
	var out bytes.Buffer
	code = run(t.Context(), args, &out, &out)
	return out.String(), code
}

func TestSim(t *testing.T) {
	printed, code := ran(t, "sim", "--seeds", "2", "--worlds", "1", "--steps", "60", "--from", "7")
	if code != 0 || !strings.Contains(printed, "\n2 lives (1 of them twice), ") || !strings.Contains(printed, "\n1 worlds (1 of them twice), ") || !strings.Contains(printed, "  leap-day anchor\n") {
		t.Errorf("exit %d:\n%s", code, printed)
	}
}

func TestSimFailsForWhatItDidNotReach(t *testing.T) {
	printed, code := ran(t, "sim", "--seeds", "1", "--steps", "10", "--floor", "1000")
	if code != 1 || !strings.Contains(printed, "not reached often enough (0 of 1000): missing midnight") {
		t.Errorf("exit %d:\n%s", code, printed)
	}
}

// Broken off, it tells what was lived, and no failure that is none.
func TestSimIsInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var out bytes.Buffer
	code := run(ctx, []string{"sim", "--seeds", "5", "--worlds", "5"}, &out, &out)
	if printed := out.String(); code != 1 || !strings.Contains(printed, "interrupted") || strings.Contains(printed, "FAILED") {
		t.Errorf("exit %d:\n%s", code, printed)
	}
}

// A finding names its seed and the command that finds it again, and leaves a file that can be replayed.
func TestSimReportsAFinding(t *testing.T) {
	var out bytes.Buffer
	command := simCommand{Steps: 30, Clients: 1, Keep: t.TempDir()}
	life := sim.Run(9, sim.Settings{Steps: 30, Clients: 1})
	if err := command.report(&process{out: &out}, sim.Failure{Seed: 9, Found: "something", Script: life.Script}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(command.Keep, "life-9.json")
	for _, want := range []string{"FAILED something\n", "minutebook sim --seeds 1 --from 9 --steps 30 --clients 1\n", "minutebook sim --replay " + file} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, out.String())
		}
	}
	if printed, code := ran(t, "sim", "--replay", file); code != 0 || !strings.Contains(printed, "33 commands, 0 findings") {
		t.Errorf("replayed: exit %d:\n%s", code, printed)
	}
}
