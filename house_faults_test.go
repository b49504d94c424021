package minutebook_test

import (
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// sound is a small house without a fault.
func sound() map[string]string {
	tree := map[string]string{
		"ARCHITECTURE.md":       "Start at `billing.Money`; `app.App.Charge()` uses it, `app.App.Store` keeps it. `time.Nothing` is not ours.",
		"billing/testdata/x.go": "this is not read: TO" + "DO",
		"tools/main.go":         "package main",
	}
	for room := range rooms {
		name := path.Base(room)
		tree[room+"/doc.go"] = "// Package " + name + " is a room.\npackage " + name + "\n"
	}
	tree["billing/money.go"] = "package billing\n\nimport \"time\"\n\n// Money counts.\ntype Money int64\n\nvar _ time.Time\n"
	tree["billing/money_test.go"] = "package billing\n\nimport \"os\"\n\nvar _ = os.Args\n\nvar _ float64 = 1.5\n"
	tree["app/app.go"] = "package app\n\nimport \"minutebook/store\"\n\n// App acts.\ntype App struct{ Store store.DB }\n\n// Charge charges.\nfunc (a *App) Charge() {}\n"
	tree["cmd/minutebook/doc.go"] = "// Command minutebook is the roof.\npackage main\n\nimport (\n\t\"minutebook/app\"\n\t\"os\"\n\t\"time\"\n)\n\nvar _, _, _ = app.App{}, os.Args, time.Now()\n"
	return tree
}

func TestHouseIsContent(t *testing.T) {
	if faults := inspect(build(t, sound())); len(faults) > 0 {
		t.Errorf("a sound house: %q", faults)
	}
}

// Every rule finds the fault that is planted for it, that one alone, and says where.
func TestHouseNotices(t *testing.T) {
	tests := []struct{ name, file, text, want string }{
		{"the page asks the store", "web/a.go", "package web\n\nimport _ \"minutebook/store\"\n", "web/a.go: web may not import store"},
		{"the rule asks the use case", "billing/a.go", "package billing\n\nimport _ \"minutebook/app\"\n", "billing/a.go: billing may not import app"},
		{"the piece knows the page", "web/ui/a.go", "package ui\n\nimport _ \"minutebook/web\"\n", "web/ui/a.go: web/ui may not import web"},
		{"the rule throws dice", "billing/a.go", "package billing\n\nimport _ \"sync\"\n", "billing/a.go: billing may not import sync, it is pure"},
		{"a rule has a library", "billing/a.go", "package billing\n\nimport _ \"example.com/decimal\"\n", "it is pure"},
		{"a use case speaks HTTP", "app/a.go", "package app\n\nimport _ \"net/http/httptest\"\n", "app/a.go: app may not import net/http/httptest, it is kept for"},
		{"a door sees SQL", "api/a.go", "package api\n\nimport _ \"database/sql\"\n", "api/a.go: api may not import database/sql"},
		{"a door has a driver", "api/a.go", "package api\n\nimport _ \"github.com/jackc/pgx/v5\"\n", "api/a.go: api may not import github.com/jackc/pgx/v5"},
		{"a job throws dice", "jobs/a.go", "package jobs\n\nimport _ \"math/rand/v2\"\n", "jobs/a.go: jobs may not import math/rand/v2"},
		{"a clock below the roof", "jobs/a.go", "package jobs\n\nimport \"time\"\n\nvar now = time.Now\n", "jobs/a.go:5:11: time.Now is for cmd only"},
		{"a printer below the roof", "jobs/a.go", "package jobs\n\nimport \"fmt\"\n\nfunc f() { fmt.Println() }\n", "fmt.Println is for cmd only"},
		{"money in fractions", "billing/a.go", "package billing\n\ntype price float64\n", "billing/a.go:3:12: billing holds a float64"},
		{"half a cent", "store/a.go", "package store\n\nconst half = 0.5\n", "store holds the fraction 0.5"},
		{"an unlisted room", "util/a.go", "// Package util is a drawer.\npackage util\n", "util: this room is not in the table"},
		{"a missing room", "gate/doc.go", "", "gate: this room is in the table of house_test.go, but not in the house"},
		{"no package comment", "gate/doc.go", "package gate\n", "gate: no file has a package comment"},
		{"a comment that is none", "gate/doc.go", "// +build x\npackage gate\n", "gate: no file has a package comment"},
		{"a promise in Go", "gate/a.go", "package gate\n\n// TO" + "DO: later\n", "gate/a.go:3: \"TO" + "DO\" is left behind"},
		{"a promise in a page", "web/a.html", "<p>FIX" + "ME</p>", "web/a.html:1"},
		{"a promise in SQL", "store/schema/1.sql", "-- XX" + "X", "store/schema/1.sql:1"},
		{"a promise in words", "gate/a.go", "package gate\n\nvar e = \"not imple" + "mented\"\n", "gate/a.go:3"},
		{"a test passed over", "gate/a_test.go", "package gate\n\nfunc f(t T) { t.Sk" + "ip() }\n", "gate/a_test.go:3"},
		{"a symbol that is gone", "ARCHITECTURE.md", "see `billing.Gone`", "ARCHITECTURE.md: billing has no Gone"},
		{"a method that is gone", "ARCHITECTURE.md", "see `app.App.Gone`", "ARCHITECTURE.md: app has no App.Gone"},
		{"a symbol of a closet that is gone", "ARCHITECTURE.md", "see `web/ui.Gone`", "ARCHITECTURE.md: web/ui has no Gone"},
		{"no Go at all", "gate/a.go", "gate", "walking the house"},
	}
	for _, tt := range tests {
		tree := maps.Clone(sound())
		tree[tt.file] = tt.text
		if tt.text == "" {
			delete(tree, tt.file)
		}
		faults := inspect(build(t, tree))
		if !slices.ContainsFunc(faults, func(f string) bool { return strings.Contains(f, tt.want) }) {
			t.Errorf("%s: got %q, want %q", tt.name, faults, tt.want)
		}
		if len(faults) != 1 && tt.name != "no Go at all" {
			t.Errorf("%s: got %q, want that fault alone", tt.name, faults)
		}
	}
}

// build writes the tree into a folder of the test's own.
func build(t *testing.T, tree map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range tree {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}
