package store

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// plain are columns that look like pointers and are somebody else's names.
var plain = []string{"agency_id", "event_id", "external_id", "external_payment_id", "call_id", "assistant_id", "request_id", "campaign_id", "first_id", "last_id"}

// TestEveryPointerIsFollowed: each column of the schema that names another row is among those the audit follows, and each
// foreign key but that to the agency itself holds the agency.
func TestEveryPointerIsFollowed(t *testing.T) {
	all, err := pointers()
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.Glob(schema, "schema/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("the schema: %v", err)
	}
	column, foreign := regexp.MustCompile(`(?m)^    (\w+_id) +BIGINT`), regexp.MustCompile(`REFERENCES (\w+) \(([^)]*)\)`)
	followed := 0
	for _, file := range files {
		text, err := fs.ReadFile(schema, file)
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range tableInSchema.FindAllStringSubmatch(string(text), -1) {
			for _, c := range column.FindAllStringSubmatch(table[2], -1) {
				if slices.Contains(plain, c[1]) {
					continue
				}
				if !slices.ContainsFunc(all, func(p pointer) bool { return p.table == table[1] && p.column == c[1] }) {
					t.Errorf("%s: %s.%s points somewhere, and no audit follows it", file, table[1], c[1])
				}
				followed++
			}
			for _, f := range foreign.FindAllStringSubmatch(table[2], -1) {
				if f[1] != "agencies" && !strings.HasPrefix(f[2], "agency_id, ") {
					t.Errorf("%s: %s refers to %s without the agency", file, table[1], f[1])
				}
			}
		}
	}
	if followed < 30 {
		t.Errorf("only %d pointers were found in the schema", followed)
	}
}
