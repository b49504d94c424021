package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"minutebook/bench/load"
)

// bench is one run of the command.
type bench struct {
	runCommand
	ctx     context.Context
	dir     string // of everything that is thrown away afterwards
	program string // the product, built
	worlds  map[string]*world
	copies  atomic.Int64 // of databases, over all worlds
	table   table
}

// line is one line of the table.
type line struct {
	name    string
	only    string // database, if it is measured on one alone
	measure func(w *world, run int) ([]figure, error)
}

var allLines = []line{
	{name: "in-process", measure: inProcess},
	{name: "http-batch", measure: httpBatch},
	{name: "http-single-64", measure: func(w *world, _ int) ([]figure, error) { return httpSingle(w, 64) }},
	{name: "http-single-256", measure: func(w *world, _ int) ([]figure, error) { return httpSingle(w, 256) }},
	{name: "hot-client", measure: hotClient},
	{name: "access", measure: access},
	{name: "renewals", measure: renewals},
	{name: "storm", measure: storm},
	{name: "length", measure: length},
	{name: "two-processes", only: "postgres", measure: twoProcesses},
	{name: "memory", measure: memory},
	{name: "growth", measure: growth},
	{name: "pages", measure: pages},
}

// Run measures.
func (c *runCommand) Run(ctx context.Context) (err error) {
	chosen, err := c.chosen()
	if err != nil {
		return err
	}
	b := &bench{runCommand: *c, ctx: ctx, worlds: map[string]*world{}}
	if b.dir, err = os.MkdirTemp("", "minutebook-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	defer b.end()
	if err := b.build(); err != nil {
		return err
	}
	begun := time.Now()
	for _, l := range chosen {
		for run := range b.Runs {
			for _, database := range b.Databases {
				if l.only == "" || l.only == database {
					b.round(l, database, run)
				}
			}
		}
	}
	text := b.table.markdown(b.describe(chosen, begun))
	fmt.Println(text)
	if c.Publish != "" {
		err = publish(c.Publish, text)
	}
	return errors.Join(err, ctx.Err())
}

func (c *runCommand) chosen() (lines []line, err error) {
	known := func(name string) int { return slices.IndexFunc(allLines, func(l line) bool { return l.name == name }) }
	for _, name := range c.Lines {
		if known(name) < 0 {
			return nil, fmt.Errorf("there is no line %q; see --help", name)
		}
	}
	for _, l := range allLines {
		if len(c.Lines) == 0 || slices.Contains(c.Lines, l.name) {
			lines = append(lines, l)
		}
	}
	return lines, nil
}

// build builds the product as it is released.
func (b *bench) build() error {
	b.program = filepath.Join(b.dir, "minutebook")
	build := exec.CommandContext(b.ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", b.program, "minutebook/cmd/minutebook")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building the program: %w\n%s", err, out)
	}
	return nil
}

// round measures a line once on one database. What fails is said in the table, and the next one goes on.
func (b *bench) round(l line, database string, run int) {
	if b.ctx.Err() != nil {
		return
	}
	figures, err := b.measure(l, database, run)
	if err != nil {
		b.table.failed(l.name, database, err)
		fmt.Fprintf(os.Stderr, "%s %s run %d: FAILED: %v\n", l.name, database, run+1, err)
		return
	}
	for _, f := range figures {
		b.table.add(l.name, database, f)
		fmt.Fprintf(os.Stderr, "%s %s run %d: %s\n", l.name, database, run+1, f)
	}
}

func (b *bench) measure(l line, database string, run int) (figures []figure, err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = fmt.Errorf("panic: %v", broken)
		}
	}()
	w := b.worlds[database]
	if w == nil {
		if w, err = newWorld(b, database, time.Now().Add(-lived)); err != nil {
			return nil, fmt.Errorf("setting up: %w", err)
		}
		b.worlds[database] = w
	}
	return l.measure(w, run)
}

// end throws the databases away.
func (b *bench) end() {
	for _, w := range b.worlds {
		w.end()
	}
}

// traffic is the calls that are sent, in posts of so many.
func (b *bench) traffic(w *world, batch, run int) load.Traffic {
	return load.Traffic{
		Clients: w.clients, Zipf: b.Zipf, Shortest: 10 * time.Second, Longest: 5 * time.Minute, Ordered: b.Ordered, CallIDs: b.CallIDs, Repeats: b.Repeats,
		Batch: batch, NDJSON: b.NDJSON && batch > 1, Seed: uint64(time.Now().UnixNano()) + uint64(run),
	}
}

// span is how long a run is measured.
func (b *bench) span() time.Duration { return time.Duration(b.Seconds * float64(time.Second)) }

// describe is what stands above the table.
func (b *bench) describe(lines []line, begun time.Time) string {
	var names []string
	for _, l := range lines {
		names = append(names, l.name)
	}
	command := fmt.Sprintf("make bench SECONDS_PER_RUN=%v RUNS=%d SIZE=%d CLIENTS=%d", b.Seconds, b.Runs, b.Size, b.Clients)
	if len(lines) < len(allLines) {
		command += fmt.Sprintf(" LINES=%q", strings.Join(names, " "))
	}
	traffic := "clients evenly drawn"
	if b.Zipf > 1 {
		traffic = fmt.Sprintf("clients by Zipf %v", b.Zipf)
	}
	return fmt.Sprintf("%s, commit %s, `%s` (%s, %.0f %% repeats), took %s.\n%s", begun.UTC().Format("2006-01-02 15:04 UTC"), commit(), command, traffic, 100*b.Repeats,
		time.Since(begun).Round(time.Second), machine(b.dir))
}
