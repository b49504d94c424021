package main

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"minutebook/store/storetest"
)

// The yardsticks' servers are this very program.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && slices.Contains([]string{"append", "empty"}, os.Args[1]) {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestEveryLineCanBeMeasured runs each line, very small, on each database: the yardsticks follow the product's tables,
// and the answers are checked as in a long run.
func TestEveryLineCanBeMeasured(t *testing.T) {
	b := &bench{runCommand: runCommand{Seconds: 0.1, Runs: 1, Batch: 50, Conns: 2, Size: 100, Clients: 12, Repeats: 0.1}, ctx: t.Context(), dir: t.TempDir(), worlds: map[string]*world{}}
	if err := b.build(); err != nil {
		t.Fatal(err)
	}
	for _, database := range storetest.Dialects {
		if database == "postgres" {
			t.Setenv("MINUTEBOOK_TEST_POSTGRES", storetest.EmptyURL(t, database))
		}
	}
	t.Cleanup(b.end)
	for _, l := range allLines {
		for _, database := range storetest.Dialects {
			if l.only != "" && l.only != database {
				continue
			}
			begun := time.Now()
			figures, err := b.measure(l, database, 0)
			t.Logf("%s on %s took %s", l.name, database, time.Since(begun).Round(time.Millisecond))
			if err != nil || len(figures) == 0 {
				t.Errorf("%s on %s: %d figures, %v", l.name, database, len(figures), err)
			}
			for _, f := range figures {
				if !(f.value > 0) || math.IsInf(f.value, 0) || f.yard != "" && !(f.yards > 0) {
					t.Errorf("%s on %s: %s", l.name, database, f)
				}
			}
		}
	}
}

func TestALineThatFailsIsSaidAndTheOthersGoOn(t *testing.T) {
	b := &bench{ctx: t.Context(), dir: t.TempDir(), worlds: map[string]*world{"sqlite": {}}}
	b.round(line{name: "broken", measure: func(*world, int) ([]figure, error) { panic("boom") }}, "sqlite", 0)
	b.round(line{name: "sound", measure: func(*world, int) ([]figure, error) { return []figure{{what: "rate", value: 7, unit: "x/s"}}, nil }}, "sqlite", 0)
	text := b.table.markdown("")
	for _, want := range []string{"| broken | **failed** 1 times: panic: boom | sqlite |", "| sound | rate | sqlite | 7 (7 to 7) x/s, 1 |"} {
		if !strings.Contains(text, want) {
			t.Errorf("the table has no %q:\n%s", want, text)
		}
	}
}

func TestTheAppenderKeepsEveryBody(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "bodies"))
	if err != nil {
		t.Fatal(err)
	}
	a := &appender{file: file}
	var writers sync.WaitGroup
	for range 32 {
		writers.Go(func() {
			for range 20 {
				if err := a.append([]byte("body")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	text, err := os.ReadFile(file.Name())
	if err != nil || string(text) != strings.Repeat("body\n", 640) {
		t.Errorf("the file has %d bytes of 3200: %v", len(text), err)
	}
	file.Close()
	if a.append([]byte("body")) == nil {
		t.Error("what could not be written is acknowledged")
	}
}

func TestTheMachineIsRead(t *testing.T) {
	if got := parent(os.Getpid()); got != os.Getppid() {
		t.Errorf("the parent is %d, want %d", got, os.Getppid())
	}
	look := parties{servers: []int{os.Getpid()}, postmaster: os.Getppid()}.look()
	if look.generator <= 0 || look.busy <= look.generator || peak(os.Getpid()) < 1 {
		t.Errorf("%+v, %v MiB", look, peak(os.Getpid()))
	}
	if u := (parties{}).since(look, 10); u.events != 10 || u.others < 0 || u.took <= 0 {
		t.Errorf("%+v", u)
	}
	if text := machine(t.TempDir()); !strings.Contains(text, "cores of") || !strings.Contains(text, "GiB") {
		t.Errorf("the machine is %q", text)
	}
}
