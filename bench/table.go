package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

// figure is what one run found out.
type figure struct {
	what  string
	value float64
	unit  string

	yard  string  // what it is held against, if anything
	yards float64 // what that reached, in the same unit

	want target
	cpu  usage // of the measured run
	note string
}

// target is what is promised.
type target struct {
	of    string // "ratio" or "value"; empty: nothing is promised
	least float64
	most  float64
}

func ratioOf(least float64) target  { return target{of: "ratio", least: least} }
func ratioMost(most float64) target { return target{of: "ratio", most: most} }
func atLeast(value float64) target  { return target{of: "value", least: value} }
func atMost(value float64) target   { return target{of: "value", most: value} }

func (f figure) ratio() float64 {
	if f.yards == 0 {
		return 0
	}
	return f.value / f.yards
}

func (f figure) String() string {
	text := fmt.Sprintf("%s: %s %s", f.what, number(f.value), f.unit)
	if f.yard != "" {
		text += fmt.Sprintf(", %s: %s, ratio %.2f", f.yard, number(f.yards), f.ratio())
	}
	if f.cpu.events > 0 {
		text += ", CPU µs/event " + f.cpu.parts()
	}
	text += fmt.Sprintf(", others %.0f %%", 100*f.cpu.others)
	if f.note != "" {
		text += ", " + f.note
	}
	return text
}

// table is what was measured, in the order it came.
type table struct {
	rows []*row
}

type row struct {
	line, database, what string
	figures              []figure
	errs                 []error
}

func (t *table) row(line, database, what string) *row {
	for _, r := range t.rows {
		if r.line == line && r.database == database && r.what == what {
			return r
		}
	}
	r := &row{line: line, database: database, what: what}
	t.rows = append(t.rows, r)
	return r
}

func (t *table) add(line, database string, f figure) {
	r := t.row(line, database, f.what)
	r.figures = append(r.figures, f)
}

func (t *table) failed(line, database string, err error) {
	r := t.row(line, database, "")
	r.errs = append(r.errs, err)
}

// markdown is the table below its description.
func (t *table) markdown(description string) string {
	var b strings.Builder
	b.WriteString(description + "\n\n")
	b.WriteString("Median (least to most, number of runs). CPU is µs an event of generator + server + database; *others* is the share of the machine that other processes took.\n\n")
	b.WriteString("| line | what | database | reached | yardstick | ratio | promised | kept | CPU | others |\n|---|---|---|---|---|---|---|---|---|---|\n")
	place := map[string]int{} // what was measured first stands first, on one database above the other
	for i, r := range t.rows {
		if _, known := place[r.line+r.what]; !known {
			place[r.line+r.what] = i
		}
	}
	slices.SortStableFunc(t.rows, func(a, b *row) int {
		return cmp.Or(cmp.Compare(place[a.line+a.what], place[b.line+b.what]), cmp.Compare(a.database, b.database))
	})
	for _, r := range t.rows {
		b.WriteString(r.markdown())
	}
	return b.String()
}

func (r *row) markdown() string {
	if len(r.errs) > 0 {
		why := strings.NewReplacer("|", "/", "\n", " ").Replace(r.errs[0].Error())
		return fmt.Sprintf("| %s | **failed** %d times: %.200s | %s | | | | | | | |\n", r.line, len(r.errs), why, r.database)
	}
	of := func(get func(figure) float64) []float64 {
		var list []float64
		for _, f := range r.figures {
			list = append(list, get(f))
		}
		return list
	}
	last := r.figures[len(r.figures)-1]
	values, ratios := of(func(f figure) float64 { return f.value }), of(figure.ratio)
	yard, ratio, cpu := "", "", ""
	if last.yard != "" {
		yard = last.yard + ": " + spread(of(func(f figure) float64 { return f.yards }), number)
		ratio = spread(ratios, func(v float64) string { return fmt.Sprintf("%.2f", v) })
	}
	if last.cpu.events > 0 {
		middle := func(get func(usage) float64) string {
			return fmt.Sprintf("%.1f", median(of(func(f figure) float64 { return get(f.cpu) * 1e6 / float64(f.cpu.events) })))
		}
		cpu = middle(func(u usage) float64 { return u.generator }) + " + " + middle(func(u usage) float64 { return u.server }) + " + " + middle(func(u usage) float64 { return u.database })
	}
	promised, kept := last.want.judge(median(values), median(ratios), last.unit)
	others := of(func(f figure) float64 { return 100 * f.cpu.others })
	return fmt.Sprintf("| %s | %s | %s | %s, %d | %s | %s | %s | %s | %s | %.0f to %.0f %% |\n", r.line, join(r.what, last.note), r.database, spread(values, number)+" "+last.unit, len(values),
		yard, ratio, promised, kept, cpu, slices.Min(others), slices.Max(others))
}

func join(what, note string) string {
	if note == "" {
		return what
	}
	return what + " (" + note + ")"
}

// judge says what was promised and whether it was kept.
func (t target) judge(value, ratio float64, unit string) (promised, kept string) {
	reached, name := value, unit
	if t.of == "ratio" {
		reached, name = ratio, "x"
	}
	switch {
	case t.of == "":
		return "", ""
	case t.least > 0:
		return fmt.Sprintf("at least %s %s", number(t.least), name), yes(reached >= t.least)
	}
	return fmt.Sprintf("at most %s %s", number(t.most), name), yes(reached <= t.most)
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "**no**"
}

func spread(values []float64, text func(float64) string) string {
	return fmt.Sprintf("%s (%s to %s)", text(median(values)), text(slices.Min(values)), text(slices.Max(values)))
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}

// number is short, with commas at the thousands.
func number(v float64) string {
	switch {
	case v < 10:
		return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(v, 'f', 2, 64), "0"), ".")
	case v < 100:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	digits := strconv.FormatFloat(v, 'f', 0, 64)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// The table stands between these two lines of the document.
const (
	tableBegins = "<!-- make bench writes from here -->"
	tableEnds   = "<!-- to here -->"
)

// publish replaces the table of a document.
func publish(path, text string) error {
	whole, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(whole), tableBegins)
	_, after, closed := strings.Cut(rest, tableEnds)
	if !found || !closed {
		return fmt.Errorf("%s has no place for the table: %s ... %s", path, tableBegins, tableEnds)
	}
	return os.WriteFile(path, []byte(before+tableBegins+"\n"+strings.TrimSpace(text)+"\n"+tableEnds+after), 0o644)
}
