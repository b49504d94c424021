package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"

	"minutebook/sim"
	"minutebook/store"
)

type simCommand struct {
	Seeds   uint64 `default:"100" help:"How many lives to live."`
	From    uint64 `default:"1" help:"The first seed."`
	Steps   int    `default:"250" help:"Commands of a life."`
	Clients int    `default:"3" help:"Clients of a life."`
	Zone    string `help:"The time zone everybody lives in (default: drawn from all)."`
	Alone   bool   `help:"Check the rules against themselves only, not against the second opinion."`
	Floor   int    `default:"0" help:"How often each place on the list must be reached (default: once, from 150 lives or 12 worlds on)."`
	Worlds  uint64 `default:"0" help:"How many worlds to live as well: two agencies on a SQLite file, with processes that die, clocks that jump and a database that fails."`
	Keep    string `default:"." help:"Folder for the shrunk life of a failure."`
	Replay  string `help:"Instead of living from seeds, replay the shrunk life in this file." type:"existingfile"`
}

// Run lives random lives on the billing rules and checks them after every step. It touches no database of the user.
func (c simCommand) Run(p *process) error {
	if c.Replay != "" {
		return c.replay(p)
	}
	worlds, err := c.worlds(p)
	if err != nil {
		return err
	}
	good := c.show(p, "worlds", worlds, sim.WorldPlaces, c.floor(c.Worlds, 12))
	for _, failure := range worlds.Failures {
		fmt.Fprintf(p.out, "\nFAILED %s\n  version %s; again: minutebook sim --seeds 0 --worlds 1 --from %d\n", failure.Found, version, failure.Seed)
	}
	lives := sim.LiveMany(p.ctx, c.From, c.Seeds, c.settings())
	good = c.show(p, "lives", lives, sim.Places, c.floor(c.Seeds, 150)) && good
	for _, failure := range lives.Failures {
		if err := c.report(p, failure); err != nil {
			return err
		}
	}
	if p.ctx.Err() != nil {
		fmt.Fprintln(p.out, "interrupted: what is told above had been lived by then")
		good = false
	}
	if !good {
		return exitCode(1)
	}
	return nil
}

// worlds lives worlds in a folder that is gone afterwards.
func (c simCommand) worlds(p *process) (sim.Tally, error) {
	dir, err := os.MkdirTemp("", "minutebook-worlds-")
	if err != nil {
		return sim.Tally{}, err
	}
	defer os.RemoveAll(dir)
	var count atomic.Int64
	whole := context.WithoutCancel(p.ctx) // a world that has begun is lived to its end
	return sim.LiveWorlds(p.ctx, c.From, c.Worlds, sim.WorldSettings{Open: func(options ...store.Option) (*store.DB, error) {
		db, err := store.Open(whole, fmt.Sprintf("sqlite:%s/%d.db", dir, count.Add(1)), options...)
		if err != nil {
			return nil, err
		}
		return db, db.Migrate(whole)
	}}), nil
}

// show prints what was lived and reached, and says whether nothing was found and nothing missed.
func (c simCommand) show(p *process, what string, t sim.Tally, places []string, floor int) bool {
	if t.Lives == 0 {
		return true
	}
	for _, place := range places {
		fmt.Fprintf(p.out, "%10d  %s\n", t.Reach[place], place)
	}
	fmt.Fprintf(p.out, "%d %s (%d of them twice), %d commands (%d refused), %d facts, %d client-years, %d failures\n",
		t.Lives, what, t.Twice, t.Commands, t.Refused, t.Facts, t.Years(), len(t.Failures))
	short := t.Short(places, floor)
	for _, place := range short {
		fmt.Fprintf(p.out, "not reached often enough (%d of %d): %s\n", t.Reach[place], floor, place)
	}
	return len(t.Failures) == 0 && len(short) == 0
}

func (c simCommand) settings() sim.Settings {
	return sim.Settings{Clients: c.Clients, Steps: c.Steps, Zone: c.Zone, Opinion: c.opinion()}
}

func (c simCommand) opinion() sim.Opinion {
	if c.Alone {
		return nil
	}
	return sim.Second{}
}

// floor is how often each place must be reached: as told, or once where there was room for it.
func (c simCommand) floor(lived, room uint64) int {
	if c.Floor == 0 && lived >= room {
		return 1
	}
	return c.Floor
}

// report says what did not hold and how to see it again, and writes the shortest life that shows it.
func (c simCommand) report(p *process, f sim.Failure) error {
	fmt.Fprintf(p.out, "\nFAILED %s\n  version %s; again: minutebook sim --seeds 1 --from %d --steps %d --clients %d%s\n", f.Found, version, f.Seed, c.Steps, c.Clients, c.where())
	if len(f.Script.Steps) == 0 {
		return nil
	}
	short := sim.Shrink(f.Script, c.opinion())
	fmt.Fprintf(p.out, "  shrunk from %d commands to %d: %s\n", len(f.Script.Steps), len(short.Steps), short.Found)
	for _, step := range short.Steps {
		fmt.Fprintf(p.out, "    %s\n", step)
	}
	text, err := json.MarshalIndent(short, "", " ")
	if err != nil {
		return err
	}
	file := filepath.Join(c.Keep, fmt.Sprintf("life-%d.json", f.Seed))
	if err := os.WriteFile(file, append(text, '\n'), 0o600); err != nil {
		return err
	}
	fmt.Fprintf(p.out, "  again: minutebook sim --replay %s; to keep it as a test, move it to sim/testdata\n", file)
	return nil
}

func (c simCommand) where() string {
	if c.Zone == "" {
		return ""
	}
	return " --zone " + c.Zone
}

func (c simCommand) replay(p *process) error {
	text, err := os.ReadFile(c.Replay)
	if err != nil {
		return err
	}
	var script sim.Script
	if err := json.Unmarshal(text, &script); err != nil {
		return fmt.Errorf("%s: %w", c.Replay, err)
	}
	found := sim.Replay(script, c.opinion())
	for _, wrong := range found {
		fmt.Fprintln(p.out, wrong)
	}
	fmt.Fprintf(p.out, "%d commands, %d findings\n", len(script.Steps), len(found))
	if len(found) > 0 {
		return exitCode(1)
	}
	return nil
}
