package storetest

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"sync"
	"testing"

	"minutebook/store"
)

// Keeper is the test of a world that outlives one run of a fuzz target: what would fail or end with a test is kept
// until End, and a failure of the making is a panic.
type Keeper struct {
	testing.TB
	dir  string
	undo []func()
}

// NewKeeper makes a keeper with a folder in memory, if there is such a place: a disk would only slow a fuzz target down.
func NewKeeper() *Keeper {
	place := ""
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		place = "/dev/shm"
	}
	dir, err := os.MkdirTemp(place, "minutebook-fuzz-")
	if err != nil {
		panic(err)
	}
	return &Keeper{dir: dir}
}

// End undoes what Cleanup was told, and removes the folder.
func (k *Keeper) End() {
	for _, undo := range slices.Backward(k.undo) {
		undo()
	}
	os.RemoveAll(k.dir)
}

// Helper does nothing.
func (*Keeper) Helper() {}

// Logf does nothing.
func (*Keeper) Logf(string, ...any) {}

// TempDir is the keeper's folder.
func (k *Keeper) TempDir() string { return k.dir }

// Cleanup keeps what is to be undone in the end.
func (k *Keeper) Cleanup(undo func()) { k.undo = append(k.undo, undo) }

// Context never ends.
func (*Keeper) Context() context.Context { return context.Background() }

// Fatal panics.
func (*Keeper) Fatal(args ...any) { panic(fmt.Sprint(args...)) }

// Fatalf panics.
func (*Keeper) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// Error panics.
func (*Keeper) Error(args ...any) { panic(fmt.Sprint(args...)) }

// Errorf panics.
func (*Keeper) Errorf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// Writes watches which tables committed transactions wrote to; see store.Faults.
type Writes struct {
	mu      sync.Mutex
	pending []string
	kept    []string
}

var writing = regexp.MustCompile(`^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+(\w+)`)

// Strike watches, and strikes never.
func (w *Writes) Strike(at store.Stage, sql string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch at {
	case store.BeforeBegin:
		w.pending = nil
	case store.BeforeStatement:
		if m := writing.FindStringSubmatch(sql); m != nil {
			w.pending = append(w.pending, m[1])
		}
	case store.AfterCommit:
		w.kept = append(w.kept, w.pending...)
		w.pending = nil
	case store.BeforeCommit:
	}
	return nil
}

// Take answers the tables written to since it was last asked, but for some.
func (w *Writes) Take(but ...string) (tables []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, table := range w.kept {
		if !slices.Contains(but, table) {
			tables = append(tables, table)
		}
	}
	w.kept = nil
	slices.Sort(tables)
	return slices.Compact(tables)
}
