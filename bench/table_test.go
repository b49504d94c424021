package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheTableShowsMedianSpreadAndVerdict(t *testing.T) {
	var tb table
	for _, rate := range []float64{9000, 12_345, 10_000} {
		tb.add("http-single-64", "sqlite", figure{what: "single posts", value: rate, unit: "events/s", yard: "append", yards: 20_000, want: ratioOf(0.5), cpu: usage{generator: 1, server: 2, database: 3, events: 1_000_000, others: rate / 1e6}})
	}
	tb.add("http-single-64", "postgres", figure{what: "single posts", value: 9, unit: "events/s", yard: "append", yards: 20, want: ratioOf(0.5)})
	tb.add("memory", "sqlite", figure{what: "resident", value: 250, unit: "MiB", want: atMost(300)})
	tb.add("memory", "postgres", figure{what: "resident", value: 310, unit: "MiB", want: atMost(300)})
	tb.failed("access", "sqlite", errors.New("no | answer\ncame"))
	tb.failed("access", "sqlite", errors.New("again"))
	text := tb.markdown("The machine.")
	for _, want := range []string{
		"The machine.\n\n",
		"| http-single-64 | single posts | sqlite | 10,000 (9,000 to 12,345) events/s, 3 | append: 20,000 (20,000 to 20,000) | 0.50 (0.45 to 0.62) | at least 0.5 x | yes | 1.0 + 2.0 + 3.0 | 1 to 1 % |",
		"| 0.45 (0.45 to 0.45) | at least 0.5 x | **no** |",
		"| 250 (250 to 250) MiB, 1 |  |  | at most 300 MiB | yes |",
		"| 310 (310 to 310) MiB, 1 |  |  | at most 300 MiB | **no** |",
		"| access | **failed** 2 times: no / answer came | sqlite |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the table has no %q:\n%s", want, text)
		}
	}
	if strings.Index(text, "| postgres | 9 ") > strings.Index(text, "| sqlite | 10,000") {
		t.Errorf("the databases of a line are not in order:\n%s", text)
	}
}

func TestNumbersAreShort(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 0.123: "0.12", 5: "5", 9.5: "9.5", 12.34: "12.3", 123.4: "123", 1234.5: "1,234", 1_234_567: "1,234,567"} {
		if got := number(v); got != want {
			t.Errorf("number(%v) = %q, want %q", v, got, want)
		}
	}
}

func TestMedian(t *testing.T) {
	for _, tt := range []struct {
		values []float64
		want   float64
	}{{[]float64{3}, 3}, {[]float64{9, 1, 5}, 5}, {[]float64{4, 1, 3, 100}, 3.5}} {
		if got := median(tt.values); got != tt.want {
			t.Errorf("median(%v) = %v, want %v", tt.values, got, tt.want)
		}
	}
}

func TestPublishReplacesTheTableAlone(t *testing.T) {
	doc := filepath.Join(t.TempDir(), "doc.md")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(doc, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("before\n" + tableBegins + "\nold\n" + tableEnds + "\nafter\n")
	for _, table := range []string{"first", "second\n"} {
		if err := publish(doc, table); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(doc)
	if want := "before\n" + tableBegins + "\nsecond\n" + tableEnds + "\nafter\n"; err != nil || string(text) != want {
		t.Errorf("the document is %q, want %q", text, want)
	}
	write("no place")
	if err := publish(doc, "table"); err == nil {
		t.Error("a document without a place for the table is overwritten")
	}
}

// The document says what each line measures, and has a place for the table.
func TestTheDocumentKnowsEveryLine(t *testing.T) {
	text, err := os.ReadFile("../docs/performance.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range allLines {
		if !strings.Contains(string(text), "`"+l.name+"`") {
			t.Errorf("docs/performance.md does not speak of %s", l.name)
		}
	}
	if strings.Count(string(text), tableBegins) != 1 || strings.Count(string(text), tableEnds) != 1 {
		t.Error("docs/performance.md has no place for the table")
	}
}

func TestLinesAreChosenByName(t *testing.T) {
	c := runCommand{Lines: []string{"pages", "access"}}
	if lines, err := c.chosen(); err != nil || len(lines) != 2 || lines[0].name != "access" {
		t.Errorf("%v, %v", lines, err)
	}
	c.Lines = []string{"axess"}
	if _, err := c.chosen(); err == nil {
		t.Error("a line that does not exist is passed over in silence")
	}
	if lines, err := (&runCommand{}).chosen(); err != nil || len(lines) != len(allLines) {
		t.Errorf("by default, %d lines are measured: %v", len(lines), err)
	}
}
