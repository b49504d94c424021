package mutants

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// TestMutantsApply: every fault has its place in the source as it is today, and compiles.
func TestMutantsApply(t *testing.T) {
	all, err := readMutants()
	if err != nil {
		t.Fatal(err)
	}
	c, err := newCompiler()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		text, err := m.apply()
		if err == nil {
			err = c.check(m.file, text)
		}
		if err != nil {
			t.Errorf("%s %s: %v", m.id, m.what, err)
		}
	}
	if len(all) < 60 {
		t.Errorf("%d faults are told, want 60", len(all))
	}
}

// TestMutantsAreNoticed tries faults: each must be noticed by a suite that ought to, but those that say why nobody can.
func TestMutantsAreNoticed(t *testing.T) {
	all, err := readMutants()
	if err != nil {
		t.Fatal(err)
	}
	wish := os.Getenv("MINUTEBOOK_PROOF_MUTANTS")
	chosen, err := choose(all, wish)
	if err != nil {
		t.Fatal(err)
	}
	if wish != "" { // at every commit, the suites run beside this one anyway
		checkSuites(t, chosen)
	}
	noticed := try(t, chosen)
	t.Logf("%d of %d faults noticed", noticed, len(chosen))
	if len(chosen) == len(all) && noticed*100 < len(all)*95 {
		t.Errorf("%d of %d faults were noticed, want 95 %%", noticed, len(all))
	}
}

// choose picks the faults to try: all, those that are named, or so many, 3 unless told. Which ones follows from the
// source, so that the same tree tries the same and the next change tries others.
func choose(all []mutant, wish string) ([]mutant, error) {
	n, err := strconv.Atoi(cmp.Or(wish, "3"))
	switch {
	case wish == "all":
		return all, nil
	case err != nil:
		return named(all, strings.Split(wish, ","))
	}
	seed, err := sourceHash()
	if err != nil {
		return nil, err
	}
	rank := func(m mutant) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(seed+m.id))) }
	drawn := slices.Clone(all)
	slices.SortFunc(drawn, func(x, y mutant) int { return cmp.Compare(rank(x), rank(y)) })
	return drawn[:min(n, len(drawn))], nil
}

func named(all []mutant, ids []string) (chosen []mutant, err error) {
	for _, id := range ids {
		i := slices.IndexFunc(all, func(m mutant) bool { return m.id == id })
		if i < 0 {
			return nil, fmt.Errorf("MINUTEBOOK_PROOF_MUTANTS: there is no fault %q", id)
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// sourceHash is the hash of all Go of the house. That it reads every file also tells go test that a kept result is old
// when one of them changes.
func sourceHash() (string, error) {
	h := sha256.New()
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		switch base := filepath.Base(name); {
		case err != nil:
			return err
		case entry.IsDir() && name != root && (strings.HasPrefix(base, ".") || base == "bin" || base == "tools" || base == "data"):
			return fs.SkipDir
		case entry.IsDir() || filepath.Ext(name) != ".go" && filepath.Ext(name) != ".sql":
			return nil
		}
		text, err := os.ReadFile(name)
		_, _ = h.Write(text) // a hash never fails
		return err
	})
	return fmt.Sprintf("%x", h.Sum(nil)), err
}

// checkSuites runs the suites without any fault: what fails anyway notices nothing.
func checkSuites(t *testing.T, chosen []mutant) {
	t.Helper()
	var suites []string
	for _, m := range chosen {
		suites = append(suites, m.kill...)
	}
	slices.Sort(suites)
	for _, suite := range slices.Compact(suites) {
		if out, err := goTest(suite); err != nil || strings.Contains(out, "no tests to run") {
			t.Fatalf("go test %s, without a fault: %v\n%s", suite, err, tail(out))
		}
	}
}

// try tries the faults, two at a time, and counts those that were noticed.
func try(t *testing.T, chosen []mutant) int {
	var noticed atomic.Int64
	var wait sync.WaitGroup
	free := make(chan struct{}, 2)
	for _, m := range chosen {
		free <- struct{}{}
		wait.Go(func() {
			defer func() { <-free }()
			if by, err := m.try(t.TempDir()); m.judge(t, by, err) {
				noticed.Add(1)
			}
		})
	}
	wait.Wait()
	return int(noticed.Load())
}

// judge says what is to be thought of a fault that was noticed by a test, or by none.
func (m mutant) judge(t *testing.T, by string, err error) bool {
	switch {
	case err != nil:
		t.Errorf("%s %s: %v", m.id, m.what, err)
	case by == "" && m.lives == "":
		t.Errorf("%s %s: SURVIVED %v", m.id, m.what, m.kill)
	case by == "":
		t.Logf("%s %s: survived: %s", m.id, m.what, m.lives)
	case m.lives != "":
		t.Errorf("%s %s: noticed by %s, though it is said that nobody can", m.id, m.what, by)
	default:
		t.Logf("%s %s: noticed by %s", m.id, m.what, by)
		return true
	}
	return false
}

// try runs the suites with the fault, one after the other, until one notices.
func (m mutant) try(dir string) (by string, err error) {
	overlay, err := m.overlay(dir)
	if err != nil {
		return "", err
	}
	for _, suite := range m.kill {
		out, err := goTest(suite, "-count=1", "-overlay="+overlay)
		if err == nil {
			continue
		}
		if by = noticer(out); by == "" {
			return "", fmt.Errorf("go test %s: %w\n%s", suite, err, tail(out))
		}
		return suite + " " + by, nil
	}
	return "", nil
}

// overlay writes the file with the fault beside, and what lays it over the source.
func (m mutant) overlay(dir string) (string, error) {
	text, err := m.apply()
	if err != nil {
		return "", err
	}
	over, err := filepath.Abs(filepath.Join(root, m.file))
	faulty, list := filepath.Join(dir, "faulty"+filepath.Ext(m.file)), filepath.Join(dir, "overlay.json")
	lay, bad := json.Marshal(map[string]any{"Replace": map[string]string{over: faulty}})
	return list, errors.Join(err, bad, os.WriteFile(faulty, []byte(text), 0o600), os.WriteFile(list, lay, 0o600))
}

// goTest runs a suite in the house, as small as at every commit.
func goTest(suite string, more ...string) (string, error) {
	args := append([]string{"test", "-vet=off", "-failfast", "-timeout=5m"}, more...)
	cmd := exec.Command("go", append(args, strings.Fields(suite)...)...)
	cmd.Dir = root
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "MINUTEBOOK_PROOF_") })
	cmd.Env = append(cmd.Env, "RAPID_NOFAILFILE=true") // what broke one fault must not be left behind to find the next
	out, err := cmd.CombinedOutput()
	return string(out), err
}

var failed = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)|^panic: (.*)`)

// noticer is the test that failed; "" if none did and something else is wrong.
func noticer(out string) string {
	if strings.Contains(out, "[build failed]") || strings.Contains(out, "[setup failed]") {
		return ""
	}
	names := ""
	for _, m := range failed.FindAllStringSubmatch(out, -1) {
		names = cmp.Or(m[1], m[2]) // the last is the innermost
	}
	return names
}

func tail(out string) string { return out[max(0, len(out)-2000):] }
