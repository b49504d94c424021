package ui

import (
	"math"
	"strings"
	"testing"

	"minutebook/web/ui/uitest"
)

func TestShare(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ part, whole, want int64 }{
		{0, 0, 0},
		{5, 0, 0},
		{-1, 10, 0},
		{1, 3, 333},
		{10, 10, 1000},
		{11, 10, 1000},
		{math.MaxInt64 - 1, math.MaxInt64, 999},
		{math.MaxInt64 / 2, math.MaxInt64, 499},
	} {
		if got := share(c.part, c.whole, 1000); got != c.want {
			t.Errorf("share(%d, %d) = %d, want %d", c.part, c.whole, got, c.want)
		}
	}
}

func TestMeterTurnsAmberAtNineTenths(t *testing.T) {
	t.Parallel()
	for used, want := range map[int64]string{0: "", 269_999: "", 270_000: "Nearly used up", 299_999: "Nearly used up", 300_000: "Used up", 400_000: "Used up"} {
		p := Page{Title: "T", Body: []Piece{Meter{Label: "Minutes", Used: used, Of: 300_000, Text: "Text"}}}
		got := uitest.Page(t, []byte(render(t, newRenderer(t, nil), PiecesOnly, p)))
		_, note, _ := strings.Cut(got, "Text ") // behind the figures
		if note != want {
			t.Errorf("Meter{%d of 300000} says %q, want %q", used, note, want)
		}
	}
	if (Meter{Used: 31, Of: 31, Progress: true}).Near() {
		t.Error("a period near its end is no warning")
	}
}

func TestGrouped(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"0": "0", "99.00": "99.00", "1234.50": "1,234.50", "-1234567.123": "−1,234,567.123", "100": "100", "1000": "1,000", "": "", "n/a": "n/a", "1.2.3": "1.2.3", "-": "-",
	} {
		if got := Grouped(in); got != want {
			t.Errorf("Grouped(%q) = %q, want %q", in, got, want)
		}
	}
}
