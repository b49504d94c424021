package storetest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"minutebook/store"
)

var (
	tableText  = regexp.MustCompile(`(?ms)^CREATE TABLE (\w+) \(\n(.*?)^\)`)
	columnText = regexp.MustCompile(`(?m)^    ([a-z_0-9]+) +(?:BIGINT|TEXT|BOOLEAN|BYTEA)`)
	addedText  = regexp.MustCompile(`ALTER TABLE (\w+) ADD COLUMN (\w+)`)
)

// Rows is every row of every table that the files of the schema know, with the table's name in front, in order; but what
// tells one database from another.
func Rows(t testing.TB, db *store.DB) (lines []string) {
	t.Helper()
	files, err := filepath.Glob("../store/schema/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files of the schema, %v", len(files), err)
	}
	columns := map[string][]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range tableText.FindAllStringSubmatch(string(text), -1) {
			for _, c := range columnText.FindAllStringSubmatch(m[2], -1) {
				columns[m[1]] = append(columns[m[1]], c[1])
			}
		}
		for _, m := range addedText.FindAllStringSubmatch(string(text), -1) {
			columns[m[1]] = append(columns[m[1]], m[2])
		}
	}
	delete(columns, "database_identity")
	ctx := t.Context()
	for table, names := range columns {
		for i, c := range names {
			names[i] = "COALESCE(CAST(" + c + " AS TEXT), 'NULL')"
		}
		rows, err := store.Collect(func(r store.Row, line *string) error { return r.Scan(line) })(db.Q(ctx).Query(ctx, `SELECT `+strings.Join(names, ` || '|' || `)+` FROM `+table))
		if err != nil {
			t.Fatalf("reading %s: %v", table, err)
		}
		for _, row := range rows {
			lines = append(lines, table+"|"+row)
		}
	}
	slices.Sort(lines)
	return lines
}
