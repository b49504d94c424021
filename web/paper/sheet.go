package paper

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

// Sheet is a payment request in words, as it is to be printed.
type Sheet struct {
	Lang    string
	Issuer  string // the agency
	Logo    *Logo
	Title   string // "Payment request"
	Number  string
	Status  string
	To      Block  // whom it is for
	Facts   []Fact // dates, period
	Head    [4]string
	Lines   [][4]string
	Totals  []Fact // the last is what is to be paid
	Pay     Block
	PayBy   []Fact
	Code    [][]bool // a QR code; none: nil
	Scan    string   // below the code
	Page    func(page int) string
	Printed time.Time
}

// Fact is a name with its value.
type Fact struct{ Name, Value string }

// Block is a heading with lines below.
type Block struct{ Title, Text string }

// Logo is a picture the PDF library reads: "PNG" or "JPG".
type Logo struct {
	Kind    string
	Content []byte
}

// The page, in millimetres.
const (
	left, right, top, bottom = 20.0, 190.0, 20.0, 277.0
	line                     = 5.0
)

const (
	black = 25
	soft  = 95
)

// columns end here; the first begins at the left.
var columns = [4]float64{104, 128, 158, right}

// PDF draws the sheet. The same sheet makes the same bytes.
func (s Sheet) PDF() ([]byte, error) {
	pdf := blank()
	pdf.SetCreationDate(s.Printed)
	pdf.SetModificationDate(s.Printed)
	pdf.SetProducer(property(s.Issuer), true)
	pdf.SetAuthor(property(s.Issuer), true)
	pdf.SetTitle(property(s.Title+" "+s.Number), true)
	pdf.SetLang(s.Lang)
	d := &drawing{pen: newPen(pdf), Sheet: s}
	d.page()
	d.y = top
	d.letterhead()
	d.facts()
	d.table()
	d.totals()
	d.payment()
	var out bytes.Buffer
	if err := pdf.Output(&out); err != nil {
		return nil, fmt.Errorf("drawing %s: %w", s.Number, err)
	}
	return out.Bytes(), nil
}

// property is a text as the document's properties hold it: the library takes valid letters of the first 65,536 only.
func property(text string) string {
	return strings.Map(func(r rune) rune {
		if r > 0xffff || r < ' ' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
}

// blank is A4 without anything on it.
func blank() *fpdf.Fpdf {
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetCatalogSort(true)
	pdf.SetAutoPageBreak(false, 0)
	return pdf
}

// whole is how many lines the longest name takes, in the widest letters and the narrowest place.
const whole = 24

// drawing is a sheet on its way onto pages; y is where the next thing goes.
type drawing struct {
	*pen
	Sheet
	y float64
}

// page begins the next one, with its number at the foot.
func (d *drawing) page() {
	d.AddPage()
	d.take(false, 8, soft)
	d.write(left, 287, d.shortened(d.Issuer, 100)+" · "+d.Number)
	d.writeRight(right, 287, d.Page(d.PageNo()))
	d.y = top
}

// room turns the page where the rest of it is too short.
func (d *drawing) room(height float64) {
	if d.y+height > bottom {
		d.page()
	}
}

func (d *drawing) shortened(text string, width float64) string { return d.wrap(text+" ", width, 1)[0] }

// letterhead is who asks, and what this is.
func (d *drawing) letterhead() {
	d.take(true, 18, black)
	d.writeRight(right, d.y+6, d.Title)
	d.take(false, 11, soft)
	d.writeRight(right, d.y+13, d.Number+" · "+d.Status)
	width := 85.0
	if d.logo() {
		return
	}
	d.take(true, 14, black)
	step := 6.5
	if len(d.wrap(d.Issuer, width, whole)) > 3 {
		d.take(true, 10, black)
		step = line
	}
	for _, text := range d.wrap(d.Issuer, width, whole) {
		d.write(left, d.y+6, text)
		d.y += step
	}
	d.y = max(d.y+14, top+32)
}

// logo draws the agency's picture, no wider and no higher than its place; a picture that cannot be read is left out.
func (d *drawing) logo() bool {
	if d.Logo == nil {
		return false
	}
	info := d.RegisterImageOptionsReader("logo", fpdf.ImageOptions{ImageType: d.Logo.Kind}, bytes.NewReader(d.Logo.Content))
	if d.Err() {
		d.ClearError()
		return false
	}
	w, h := info.Width(), info.Height()
	scale := min(60/w, 18/h)
	d.ImageOptions("logo", left, d.y, w*scale, h*scale, false, fpdf.ImageOptions{ImageType: d.Logo.Kind}, 0, "")
	d.take(false, 9, soft)
	d.y += max(18, h*scale) + 5
	for _, text := range d.wrap(d.Issuer, 85, whole) {
		d.write(left, d.y, text)
		d.y += line
	}
	d.y += 11 - line
	return true
}

// facts are whom it is for, and its dates beside that.
func (d *drawing) facts() {
	start := d.y
	d.take(false, 8.5, soft)
	d.write(left, d.y, d.To.Title)
	d.y += line
	d.take(true, 10, black)
	for _, text := range d.wrap(d.To.Text, 75, whole) {
		d.write(left, d.y, text)
		d.y += line
	}
	y := start
	for _, f := range d.Sheet.Facts {
		d.take(false, 9, soft)
		d.write(110, y, f.Name)
		d.take(false, 9, black)
		d.writeRight(right, y, f.Value)
		y += line + .3
	}
	d.y = max(d.y, y) + 9
}

func (d *drawing) rule(grey int) {
	d.SetDrawColor(grey, grey, grey)
	d.SetLineWidth(.2)
	d.Line(left, d.y, right, d.y)
}

// table is what the sum is made of.
func (d *drawing) table() {
	d.head()
	for _, cells := range d.Lines {
		d.take(false, 9.5, black)
		what := d.wrap(cells[0], columns[0]-left-4, whole)
		d.room(float64(len(what))*line + 4)
		y := d.y + 5
		for i := 1; i < 4; i++ {
			d.writeRight(columns[i], y, cells[i])
		}
		for _, text := range what {
			d.write(left, y, text)
			y += line
		}
		d.y = y - line + 3
		d.rule(225)
	}
}

func (d *drawing) head() {
	d.take(false, 8.5, soft)
	d.write(left, d.y, d.Sheet.Head[0])
	for i := 1; i < 4; i++ {
		d.writeRight(columns[i], d.y, d.Sheet.Head[i])
	}
	d.y += 2.5
	d.rule(160)
}

// totals are the sums, the last of them large.
func (d *drawing) totals() {
	d.room(float64(len(d.Totals))*7 + 10)
	d.y += 7
	for i, f := range d.Totals {
		d.take(false, 9.5, soft)
		if i == len(d.Totals)-1 {
			d.y++
			d.take(true, 12, black)
		}
		d.writeRight(columns[2]-6, d.y, f.Name)
		d.writeRight(right, d.y, f.Value)
		d.y += 6
	}
	d.y += 10
}

// payment is how to pay, with the code beside.
func (d *drawing) payment() {
	if d.Pay == (Block{}) && len(d.PayBy) == 0 {
		return
	}
	const side = 34.0
	width := right - left
	if d.Code != nil {
		width -= side + 10
	}
	d.take(false, 9.5, black)
	text := d.wrap(d.Pay.Text, width, 30)
	d.room(max(side+8, float64(len(text)+len(d.PayBy))*line+14))
	d.take(true, 11, black)
	d.write(left, d.y, d.Pay.Title)
	if d.Code != nil {
		d.code(right-side, d.y-4, side)
	}
	d.y += 7
	d.take(false, 9.5, black)
	for _, each := range text {
		d.room(line)
		d.write(left, d.y, each)
		d.y += line
	}
	d.y += 1.5
	for _, f := range d.PayBy {
		d.take(false, 9, soft)
		d.write(left, d.y, f.Name)
		d.take(true, 9.5, black)
		for i, each := range d.wrap(f.Value, width-46, 3) {
			d.write(left+46, d.y+float64(i)*line, each)
			d.y += float64(min(i, 1)) * line
		}
		d.y += line + .5
	}
}

// code draws the modules of a QR code.
func (d *drawing) code(x, y, side float64) {
	cell := side / float64(len(d.Code))
	d.SetFillColor(0, 0, 0)
	for row, cells := range d.Code {
		for col := 0; col < len(cells); col++ {
			from := col
			for col < len(cells) && cells[col] {
				col++
			}
			if col > from {
				d.Rect(x+float64(from)*cell, y+float64(row)*cell, float64(col-from)*cell, cell, "F")
			}
		}
	}
	d.take(false, 8, soft)
	for i, each := range d.wrap(d.Scan, side, 2) {
		d.write(x, y+side+4+float64(i)*3.6, each)
	}
}
