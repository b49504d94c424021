package paper

import (
	"bytes"
	_ "embed"
	"fmt"
	"strings"
	"sync"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"github.com/go-fonts/dejavu/dejavusanscondensed"
	"github.com/go-fonts/dejavu/dejavusanscondensedbold"
	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
)

//go:embed fonts/NotoSansDevanagari-Regular.ttf
var devanagari []byte

//go:embed fonts/NotoSansDevanagari-Bold.ttf
var devanagariBold []byte

// cut is one weight: the fonts in the order they are asked for a letter. The first is also set as text.
type weight struct{ fonts []*font.Font }

// weights are read once; what is in the program can be read.
var weights = sync.OnceValue(func() map[bool]weight {
	read := func(files ...[]byte) (w weight) {
		for _, file := range files {
			face, err := font.ParseTTF(bytes.NewReader(file))
			if err != nil {
				panic(fmt.Sprintf("paper: reading a font: %v", err))
			}
			w.fonts = append(w.fonts, face.Font)
		}
		return w
	}
	return map[bool]weight{
		false: read(dejavusanscondensed.TTF, devanagari),
		true:  read(dejavusanscondensedbold.TTF, devanagariBold),
	}
})

const family = "sans"

// perPoint is a point in millimetres.
const perPoint = 25.4 / 72

// pen writes on a page.
type pen struct {
	*fpdf.Fpdf
	faces  map[bool]faces
	shaper shaping.HarfbuzzShaper
	split  shaping.Segmenter
	bold   bool
	size   float64 // in points
}

// faces are the fonts of a weight as one document uses them.
type faces []*font.Face

// ResolveFace is the first that has the letter.
func (f faces) ResolveFace(r rune) *font.Face {
	for _, face := range f {
		if _, has := face.NominalGlyph(r); has {
			return face
		}
	}
	return f[0]
}

func newPen(pdf *fpdf.Fpdf) *pen {
	p := &pen{Fpdf: pdf, faces: map[bool]faces{}}
	for bold, w := range weights() {
		for _, f := range w.fonts {
			p.faces[bold] = append(p.faces[bold], font.NewFace(f))
		}
	}
	pdf.AddUTF8FontFromBytes(family, "", dejavusanscondensed.TTF)
	pdf.AddUTF8FontFromBytes(family, "B", dejavusanscondensedbold.TTF)
	return p
}

// take chooses weight, size and how dark: 0 is black.
func (p *pen) take(bold bool, size float64, grey int) {
	style := ""
	if bold {
		style = "B"
	}
	p.bold, p.size = bold, size
	p.SetFont(family, style, size)
	p.SetTextColor(grey, grey, grey)
	p.SetFillColor(grey, grey, grey)
}

// run is a piece of a line: text of the first font, or shaped glyphs.
type run struct {
	text   string
	glyphs []shaping.Glyph
	face   *font.Face
	width  float64 // in millimetres
	rtl    bool
}

// runs divides a line by script, direction and font.
func (p *pen) runs(line string) (list []run) {
	text := p.clean(line)
	if len(text) == 0 {
		return nil
	}
	input := shaping.Input{Text: text, RunEnd: len(text), Direction: di.DirectionLTR, Face: p.faces[p.bold][0], Size: fixed.Int26_6(p.size * 64), Script: language.Latin, Language: "en"}
	for _, part := range p.split.Split(input, p.faces[p.bold]) {
		list = append(list, p.run(part))
	}
	return inSight(list)
}

func (p *pen) run(part shaping.Input) run {
	if part.Direction == di.DirectionLTR && part.Face == p.faces[p.bold][0] && part.Script != language.Devanagari {
		text := string(part.Text[part.RunStart:part.RunEnd])
		return run{text: text, width: p.GetStringWidth(text)}
	}
	out := p.shaper.Shape(part)
	return run{glyphs: out.Glyphs, face: part.Face, width: float64(out.Advance) / 64 * perPoint, rtl: part.Direction == di.DirectionRTL}
}

// inSight puts runs that are read from the right into the order they stand in.
func inSight(list []run) []run {
	for i := 0; i < len(list); i++ {
		j := i
		for j < len(list) && list[j].rtl {
			j++
		}
		for a, b := i, j-1; a < b; a, b = a+1, b-1 {
			list[a], list[b] = list[b], list[a]
		}
		i = max(i, j-1)
	}
	return list
}

// missing stands for a letter that no font here has.
const missing = '\u25a1'

// clean leaves out what steers a text without being seen, but for the joiners that shape letters, and what no font has.
func (p *pen) clean(line string) (text []rune) {
	for _, r := range line {
		switch {
		case r == '\t' || r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029':
			text = append(text, ' ')
		case r == '\u200c' || r == '\u200d':
			text = append(text, r)
		case unicode.Is(unicode.C, r) || unicode.Is(unicode.Variation_Selector, r):
		case !p.has(r):
			text = append(text, missing)
		default:
			text = append(text, r)
		}
	}
	return text
}

// has says whether a letter can be written. The PDF library writes the first 65,536 only.
func (p *pen) has(r rune) bool {
	if r > 0xffff {
		return false
	}
	face := p.faces[p.bold].ResolveFace(r)
	_, has := face.NominalGlyph(r)
	return has
}

func (p *pen) width(line string) (sum float64) {
	for _, r := range p.runs(line) {
		sum += r.width
	}
	return sum
}

// write sets one line with its foot at y.
func (p *pen) write(x, y float64, line string) {
	for _, r := range p.runs(line) {
		if r.face == nil {
			p.Text(x, y, r.text)
		} else {
			p.outline(x, y, r)
		}
		x += r.width
	}
}

// writeRight sets one line that ends at x.
func (p *pen) writeRight(x, y float64, line string) { p.write(x-p.width(line), y, line) }

// outline draws shaped glyphs.
func (p *pen) outline(x, y float64, r run) {
	scale := p.size * perPoint / float64(r.face.Upem())
	for _, g := range r.glyphs {
		at := point{x + float64(g.XOffset)/64*perPoint, y - float64(g.YOffset)/64*perPoint}
		if shape, is := r.face.GlyphDataOutline(g.GlyphID); is && len(shape.Segments) > 0 {
			p.fill(shape.Segments, at, scale)
		}
		x += float64(g.Advance) / 64 * perPoint
	}
}

type point struct{ x, y float64 }

func (p *pen) fill(segments []opentype.Segment, at point, scale float64) {
	var now point
	on := func(s opentype.SegmentPoint) point {
		return point{at.x + float64(s.X)*scale, at.y - float64(s.Y)*scale}
	}
	for _, s := range segments {
		switch s.Op {
		case opentype.SegmentOpMoveTo:
			now = on(s.Args[0])
			p.MoveTo(now.x, now.y)
		case opentype.SegmentOpLineTo:
			now = on(s.Args[0])
			p.LineTo(now.x, now.y)
		case opentype.SegmentOpQuadTo: // as a cubic, which is all that PDF has
			c, end := on(s.Args[0]), on(s.Args[1])
			p.CurveBezierCubicTo(now.x+2*(c.x-now.x)/3, now.y+2*(c.y-now.y)/3, end.x+2*(c.x-end.x)/3, end.y+2*(c.y-end.y)/3, end.x, end.y)
			now = end
		case opentype.SegmentOpCubeTo:
			a, b, end := on(s.Args[0]), on(s.Args[1]), on(s.Args[2])
			p.CurveBezierCubicTo(a.x, a.y, b.x, b.y, end.x, end.y)
			now = end
		}
	}
	p.DrawPath("F")
}

// wrap breaks text into lines of a width, at most so many; what is left over ends in an ellipsis.
func (p *pen) wrap(text string, width float64, most int) (lines []string) {
	for paragraph := range strings.Lines(text) {
		line := ""
		for _, word := range strings.Fields(paragraph) {
			next := strings.TrimSpace(line + " " + word)
			if p.width(next) <= width {
				line = next
				continue
			}
			if line != "" {
				lines = append(lines, line)
			}
			pieces := p.chop(word, width)
			lines, line = append(lines, pieces[:len(pieces)-1]...), pieces[len(pieces)-1]
		}
		lines = append(lines, line)
	}
	if len(lines) > most {
		lines = append(lines[:most-1:most-1], lines[most-1]+" …")
	}
	return lines
}

// chop breaks a word that is too long for a line, never before a mark that belongs to the letter in front of it.
func (p *pen) chop(word string, width float64) (pieces []string) {
	piece := ""
	for _, r := range word {
		if p.width(piece+string(r)) > width && piece != "" && !unicode.Is(unicode.M, r) {
			pieces, piece = append(pieces, piece), ""
		}
		piece += string(r)
	}
	return append(pieces, piece)
}
