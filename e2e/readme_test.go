package e2e_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestReadmeWalk types what the README tells a newcomer to type, from a plan to paid.
func TestReadmeWalk(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, walk, _ := strings.Cut(string(readme), "## From a plan to paid")
	walk, _, _ = strings.Cut(walk, "\n## ")
	script := "set -euo pipefail\n"
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(walk, -1) {
		script += block[1]
	}
	each(t, func(t *testing.T, p *program) {
		p.serve()
		script := strings.NewReplacer("127.0.0.1:8080", p.address, "bin/minutebook", binary).Replace(script)
		file := filepath.Join(t.TempDir(), "walk.sh")
		if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		c := exec.CommandContext(ctx, "bash", file)
		c.Env = p.env
		out, err := c.CombinedOutput()
		if err != nil || strings.Count(string(out), `"result"`) != 0 {
			t.Fatalf("the walk failed: %v\n%s", err, out)
		}
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		if last := lines[len(lines)-1]; !strings.HasPrefix(last, `{"allowed":true`) {
			t.Errorf("the last answer is %s, want the client allowed", last)
		}
		for _, want := range []string{`"duplicate":true`, `"minutes_billable_used":"10.00"`, `"amount":"2.50"`, `"status":"PAID"`} {
			if !strings.Contains(string(out), want) {
				t.Errorf("the walk never showed %s", want)
			}
		}
	})
}
