package minutebook_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDocsNameInvariants: each invariant has its line in docs/invariants.md, and the code that is said to assert it exists.
func TestDocsNameInvariants(t *testing.T) {
	text := read(t, "docs/invariants.md")
	for _, block := range [][2]int{{1, 7}, {10, 16}, {20, 27}, {30, 33}, {40, 41}} {
		for n := block[0]; n <= block[1]; n++ {
			row := regexp.MustCompile(fmt.Sprintf(`(?m)^\| INV-%02d \|.*$`, n)).FindString(text)
			symbols := regexp.MustCompile("`([a-z0-9]+)\\.(?:(\\w+)\\.)?(\\w+)`").FindAllStringSubmatch(row, -1)
			if len(symbols) == 0 {
				t.Errorf("INV-%02d: no code is named", n)
			}
			for _, s := range symbols {
				if !declared(t, s[1], s[2], s[3]) {
					t.Errorf("INV-%02d: %s does not exist", n, s[0])
				}
			}
		}
	}
}

// declared says whether a folder has a function, a method of a type, or a type of that name.
func declared(t *testing.T, folder, receiver, name string) bool {
	t.Helper()
	pattern := `(?m)^func ` + name + `\(|^type ` + name + ` `
	if receiver != "" {
		pattern = `(?m)^func \(\w+ \*?` + receiver + `\) ` + name + `\(`
	}
	files, err := filepath.Glob(folder + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, file := range files {
		all.WriteString(read(t, file))
	}
	return regexp.MustCompile(pattern).MatchString(all.String())
}
