package minutebook_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDocsNameEverySetting keeps docs/running.md and the settings together.
func TestDocsNameEverySetting(t *testing.T) {
	config, running := read(t, "cmd/minutebook/config.go"), read(t, "docs/running.md")
	settings := regexp.MustCompile(`env:"(MINUTEBOOK_[A-Z_]+)"`).FindAllStringSubmatch(config, -1)
	if len(settings) < 5 {
		t.Fatalf("found %d settings in cmd/minutebook/config.go", len(settings))
	}
	for _, s := range settings {
		flag := "--" + strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(s[1], "MINUTEBOOK_")), "_", "-")
		for _, name := range []string{"`" + s[1] + "`", "`" + flag + "`"} {
			if !strings.Contains(running, name) {
				t.Errorf("docs/running.md does not speak of %s", name)
			}
		}
	}
}

// TestDocsNameEveryCommand keeps docs/running.md and the command line together.
func TestDocsNameEveryCommand(t *testing.T) {
	running := read(t, "docs/running.md")
	commands := regexp.MustCompile("(?m)^\t([A-Z][a-z]+) +[a-z][A-Za-z]+ +`cmd:").FindAllStringSubmatch(read(t, "cmd/minutebook/main.go"), -1)
	if len(commands) < 8 {
		t.Fatalf("found %d commands in cmd/minutebook/main.go", len(commands))
	}
	for _, c := range commands {
		if !strings.Contains(running, "`"+strings.ToLower(c[1])) {
			t.Errorf("docs/running.md does not speak of the command %s", strings.ToLower(c[1]))
		}
	}
}

// TestDocsNameTargetsThatExist keeps what the documents tell people to type and the Makefile together.
func TestDocsNameTargetsThatExist(t *testing.T) {
	makefile := read(t, "Makefile")
	for _, doc := range []string{"README.md", "docs/running.md", "ARCHITECTURE.md", "STYLE.md"} {
		for _, target := range regexp.MustCompile("(?m)(?:^|`)make ([a-z-]+)").FindAllStringSubmatch(read(t, doc), -1) {
			if !strings.Contains(makefile, "\n"+target[1]+":") {
				t.Errorf("%s speaks of make %s, which does not exist", doc, target[1])
			}
		}
	}
}

// TestDocsShowPicturesThatExist keeps the pictures and links of the documents alive, and the pictures small; one that no document
// shows is left over.
func TestDocsShowPicturesThatExist(t *testing.T) {
	docs, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	linked := map[string]bool{}
	for _, doc := range append(docs, "README.md", "ARCHITECTURE.md") {
		for _, link := range regexp.MustCompile(`(?:\]\(|<img src=")([^)#:"]+)`).FindAllStringSubmatch(read(t, doc), -1) {
			to := filepath.Join(filepath.Dir(doc), link[1])
			linked[to] = true
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s points at %s: %v", doc, link[1], err)
			}
		}
	}
	pictures, err := filepath.Glob("docs/pictures/*")
	if err != nil || len(pictures) < 5 {
		t.Fatalf("%d pictures: %v", len(pictures), err)
	}
	for _, picture := range pictures {
		file, err := os.Stat(picture)
		if err != nil {
			t.Fatal(err)
		}
		if file.Size() > 120_000 || !linked[picture] {
			t.Errorf("%s has %d bytes; it is shown: %v", picture, file.Size(), linked[picture])
		}
	}
}

// TestDocsNameEveryDependency keeps DECISIONS.md and go.mod together.
func TestDocsNameEveryDependency(t *testing.T) {
	decisions := read(t, "DECISIONS.md")
	for _, line := range strings.Split(read(t, "go.mod"), "\n") {
		fields := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(fields) != 2 || !strings.Contains(fields[0], "/") || strings.HasPrefix(fields[0], "module") {
			continue // indirect ones carry a comment
		}
		name := strings.TrimPrefix(fields[0], "github.com/")
		short := regexp.MustCompile(`(/v[0-9]+)?$`).ReplaceAllString(name, "")
		parts := strings.Split(short, "/")
		if !strings.Contains(decisions, short) && !strings.Contains(decisions, parts[len(parts)-1]) {
			t.Errorf("DECISIONS.md does not speak of %s", fields[0])
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
