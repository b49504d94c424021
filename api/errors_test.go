package api_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every code a program may meet is explained, and nothing is explained that cannot be met.
func TestErrorsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/errors.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| \\d{3} \\|").FindAllStringSubmatch(string(text), -1) {
		documented = append(documented, m[1])
	}
	if !slices.IsSorted(documented) {
		t.Error("docs/errors.md is not in order")
	}
	used := codesInSource(t)
	for _, code := range used {
		if !slices.Contains(documented, code) {
			t.Errorf("docs/errors.md does not explain %s", code)
		}
	}
	for _, code := range documented {
		if !slices.Contains(used, code) {
			t.Errorf("docs/errors.md explains %s, which nobody answers", code)
		}
	}
}

// inSource are the ways a code is written in the house.
var inSource = regexp.MustCompile(`(?:Refuse\([\w.]+, |\bconflict\(|NewProblem\([\w.()]+, [\w.]+, |\bCode: +|\.Code = |, \.Code = billing\.Invalid, |MalformedJSON = |StatusUnprocessableEntity: +|StatusUnsupportedMediaType: +|StatusRequestEntityTooLarge: +|billing\.Invalid, )"([a-z_]+)"`)

func codesInSource(t *testing.T) (codes []string) {
	t.Helper()
	for _, room := range []string{"billing", "store", "app", "gate", "api", "provider", "web"} {
		err := filepath.WalkDir("../"+room, func(path string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			for _, m := range inSource.FindAllStringSubmatch(string(text), -1) {
				codes = append(codes, m[1])
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}
