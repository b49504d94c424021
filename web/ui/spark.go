package ui

import (
	"strconv"
	"strings"
)

// Spark is a small line of figures over time, beside the figure it belongs to.
// Its points are read out to those who do not see it.
type Spark struct {
	Label  string // what it shows, in a few words
	Pool   string // its colour, as of a [Series]
	Points []Value
}

// QR is a square code for a phone's camera. Cells are its modules, row by row.
type QR struct {
	Label string
	Cells [][]bool
}

func (Spark) piece() string { return "spark" }
func (QR) piece() string    { return "qr" }

// step is how far two points of a spark are apart, height how tall it is, in its own units.
const (
	step   = 100
	height = 1000
)

// Width is the width of the line in its own units.
func (s Spark) Width() int { return max(1, len(s.Points)-1) * step }

// Line are the points as SVG writes them; the ground is 0, the greatest is the top.
func (s Spark) Line() string {
	var top int64
	for _, p := range s.Points {
		top = max(top, p.N)
	}
	var b strings.Builder
	for i, p := range s.Points {
		b.WriteString(strconv.Itoa(i*step) + "," + strconv.FormatInt(height-share(p.N, top, height), 10) + " ")
	}
	return strings.TrimSpace(b.String())
}

// Read is every point in words.
func (s Spark) Read() string {
	words := make([]string, len(s.Points))
	for i, p := range s.Points {
		words[i] = p.Text
	}
	return strings.Join(words, ", ")
}

// quiet is the white a camera needs around the code.
const quiet = 4

// Side is how many modules the picture is wide, with the quiet zone.
func (q QR) Side() int { return len(q.Cells) + 2*quiet }

// Path draws the dark modules, neighbours in one stroke.
func (q QR) Path() string {
	var b strings.Builder
	for y, row := range q.Cells {
		for x := 0; x < len(row); x++ {
			from := x
			for x < len(row) && row[x] {
				x++
			}
			if x > from {
				b.WriteString("M" + strconv.Itoa(from+quiet) + " " + strconv.Itoa(y+quiet) + "h" + strconv.Itoa(x-from) + "v1h-" + strconv.Itoa(x-from) + "z")
			}
		}
	}
	return b.String()
}
