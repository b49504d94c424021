package paper

import (
	"bytes"
	"compress/zlib"
	"io"
	"strings"
	"testing"
	"time"
)

func sheet(name string) Sheet {
	code := make([][]bool, 25)
	for y := range code {
		code[y] = make([]bool, 25)
		code[y][y] = true
	}
	return Sheet{
		Lang: "en", Issuer: name, Title: "Payment request", Number: "PR-000001", Status: "Pending", To: Block{"To", name},
		Facts: []Fact{{"Issued", "15 Jan 2027"}}, Head: [4]string{"What", "Quantity", "Price", "Amount"}, Lines: [][4]string{{name, "1", "99.00", "99.00 USD"}},
		Totals: []Fact{{"Total", "99.00 USD"}}, Pay: Block{"How to pay", name}, PayBy: []Fact{{"IBAN", "DE02 1203 0000 0000 2020 51"}, {"Link", name}},
		Code: code, Scan: "Scan", Page: func(int) string { return "1" }, Printed: time.Date(2027, 1, 15, 10, 0, 0, 0, time.UTC),
	}
}

// Whatever a name holds, there is a sheet, twice the same.
func TestHostileSheets(t *testing.T) {
	for _, name := range []string{
		"", "Acme", "भुगतान अनुरोध क्षत्रिय र्क", "\u202eevil\u202c \u2066x\u2069", "عربي mixed שלום", "😀👩‍👩‍👧 emoji", "漢字", strings.Repeat("W", 300), strings.Repeat("Praxis am Park ", 20), strings.Repeat("भू", 150), "a\x00b\nc\td",
		strings.Repeat("line\n", 200), `<script>\(PDF) Tj ET`, "e\u0301\u0302\u0303", "\ufeff\ufffd", string([]byte{0xff, 0xfe}),
	} {
		first, err := sheet(name).PDF()
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		again, _ := sheet(name).PDF()
		if !bytes.HasPrefix(first, []byte("%PDF-")) || !bytes.Equal(first, again) {
			t.Errorf("%q makes no sheet, or two", name)
		}
		if len(first) > 800_000 {
			t.Errorf("%q makes %d bytes", name, len(first))
		}
	}
}

// A name of 300 letters, however wide, stands whole wherever it is said: at the head, with whom the sheet is for, in its
// line and in how to pay.
func TestLongNamesAreWhole(t *testing.T) {
	name := strings.Repeat("W", 300)
	text, err := sheet(name).PDF()
	if err != nil {
		t.Fatal(err)
	}
	letters := 0
	for _, part := range bytes.Split(text, []byte("stream\n"))[1:] {
		if r, err := zlib.NewReader(bytes.NewReader(part)); err == nil { // else it is the end of one
			drawn, _ := io.ReadAll(r) // what follows the end is no part of it
			letters += bytes.Count(drawn, []byte("W"))
		}
	}
	if letters < 4*300 {
		t.Errorf("%d letters are drawn, want 300 four times", letters)
	}
}

// Scripts whose letters change with their neighbours are shaped: क् and ष become one glyph, and a short i stands before
// the letter it is said after. What is read from the right stands in its order.
func TestShaping(t *testing.T) {
	p := newPen(blank())
	p.take(false, 10, 0)
	if runs := p.runs("क्ष"); len(runs) != 1 || runs[0].face == nil || len(runs[0].glyphs) != 1 {
		t.Errorf("क्ष is %d runs: %+v", len(runs), runs)
	}
	if runs := p.runs("Plan Größe €"); len(runs) == 0 || runs[0].face != nil {
		t.Errorf("Latin is not set as text: %+v", runs)
	}
	if got := string(p.clean("a\u202eb\U0001F600\u200d漢")); got != "ab"+string(missing)+"\u200d"+string(missing) {
		t.Errorf("cleaned to %q", got)
	}
	for _, line := range p.wrap(strings.Repeat("word ", 100)+strings.Repeat("x", 500), 50, 100) {
		if p.width(line) > 50 {
			t.Errorf("%q is %v wide", line, p.width(line))
		}
	}
	if lines := p.wrap(strings.Repeat("a b c d e ", 500), 20, 3); len(lines) != 3 || !strings.HasSuffix(lines[2], "…") {
		t.Errorf("three lines are %q", lines)
	}
}

// A logo that cannot be read is left out, and the sheet is there all the same.
func TestABrokenLogo(t *testing.T) {
	s := sheet("Acme")
	s.Logo = &Logo{Kind: "PNG", Content: []byte("no picture")}
	if _, err := s.PDF(); err != nil {
		t.Error(err)
	}
}
