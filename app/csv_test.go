package app_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"minutebook/app"
)

// FuzzCell: whatever text a cell holds, a reader of RFC 4180 gets one cell of it back, and no spreadsheet a formula.
func FuzzCell(f *testing.F) {
	for _, text := range []string{"", "plain", "a,b;c", `say "hi"`, "two\nlines", "two\r\nlines", "=1+1", "+49 30 1", "-5", "@SUM(A1)", "\tx", "\rx", "'=x", "''", "'tis", " x ", "＝1", "\xff", "\u202eabc", "🦷"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		line := app.Cells(text, "next")
		cells := parse(t, line)
		if len(cells) != 2 || cells[1] != "next" {
			t.Fatalf("%q is written as %q, which is read as %q", text, line, cells)
		}
		if cells[0] != "" && strings.ContainsAny(cells[0][:1], "=+-@\t\r\n") {
			t.Errorf("%q is written as %q: a formula", text, line)
		}
		if got, want := without(cells[0]), strings.ToValidUTF8(text, "\uFFFD"); got != want {
			t.Errorf("%q is written as %q and comes back as %q", text, line, got)
		}
		r := csv.NewReader(bytes.NewReader(line)) // another reader of the same format; it makes one of CR LF
		if other, err := r.Read(); err != nil || other[0] != strings.ReplaceAll(cells[0], "\r\n", "\n") {
			t.Errorf("%q is read as %q by encoding/csv: %v", line, other, err)
		}
	})
}

// without takes the apostrophe away that was put before what begins like a formula.
func without(cell string) string {
	if bare := strings.TrimLeft(cell, "'"); bare != cell && bare != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(bare)[0]) {
		return cell[1:]
	}
	return cell
}

// parse reads one record of RFC 4180, to the letter.
func parse(t *testing.T, line []byte) (cells []string) {
	t.Helper()
	rest, whole := strings.CutSuffix(string(line), "\r\n")
	if !whole {
		t.Fatalf("%q does not end with CR LF", line)
	}
	for {
		if quoted, is := strings.CutPrefix(rest, `"`); is {
			var cell strings.Builder
			for {
				text, behind, closed := strings.Cut(quoted, `"`)
				if !closed {
					t.Fatalf("%q has an open quote", line)
				}
				cell.WriteString(text)
				if quoted, is = strings.CutPrefix(behind, `"`); !is {
					rest = behind
					break
				}
				cell.WriteByte('"')
			}
			cells = append(cells, cell.String())
		} else {
			end := strings.IndexByte(rest+",", ',')
			if strings.ContainsAny(rest[:end], "\"\r\n") {
				t.Fatalf("%q needs quotes", rest[:end])
			}
			cells, rest = append(cells, rest[:end]), rest[end:]
		}
		if rest == "" {
			return cells
		}
		if rest[0] != ',' {
			t.Fatalf("%q: something follows a quoted cell", line)
		}
		rest = rest[1:]
	}
}
