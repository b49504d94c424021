package ui

// Chart is stacked bars over time. Below the picture stand the same figures as
// a table, for those who cannot see or want to copy them.
type Chart struct {
	Label  string // what the picture shows, in a sentence
	Unit   string
	Series []Series
	Bars   []Bar
	Empty  Empty
}

// Series is one layer of every bar. Class is its colour: a pool (included,
// wallet, billable, uncovered), a tone (good, warn, bad), or empty.
type Series struct{ Name, Class string }

// Bar is one column. Name is short, for the axis; Full tells it in the table
// and on hover. There is one value for each series.
type Bar struct {
	Name, Full string
	Values     []Value
	Total      string // the sum, formatted
}

// Value is a figure with the words it is shown in. N scales the picture only.
type Value struct {
	N    int64
	Text string
}

// rect is one drawn layer, in thousandths of the picture's height.
type rect struct {
	X, Y, W, H int64
	Class      string
}

// column is one drawn bar.
type column struct {
	Bar
	Name  string // empty where there is no room for it
	Title string
	Rects []rect
	Slot  rect // the whole height: what the pointer meets
}

// slot is the width of a bar with its gap, in units of the picture.
const slot = 100

func (Chart) piece() string { return "chart" }

// Width is the width of the picture in its own units.
func (c Chart) Width() int { return len(c.Bars) * slot }

// Top is the greatest total in words.
func (c Chart) Top() string {
	top, text := int64(0), ""
	for _, b := range c.Bars {
		if s := b.sum(); s > top {
			top, text = s, b.Total
		}
	}
	return text
}

// Blank says that there is nothing to draw.
func (c Chart) Blank() bool { return c.Top() == "" }

// Columns are the bars as they are drawn.
func (c Chart) Columns() []column {
	var top int64
	for _, b := range c.Bars {
		top = max(top, b.sum())
	}
	columns := make([]column, len(c.Bars))
	for i, b := range c.Bars {
		columns[i] = c.draw(b, int64(i), top)
		if i%c.every() != c.every()/2 {
			columns[i].Name = ""
		}
	}
	return columns
}

// draw piles the layers of one bar up from the ground.
func (c Chart) draw(b Bar, i, top int64) column {
	gap := int64(14)
	if len(c.Bars) < 10 {
		gap = 28
	}
	col := column{Bar: b, Name: b.Name, Title: b.Full + ": " + b.Total + " " + c.Unit, Slot: rect{X: i * slot, W: slot, H: 1000}}
	below := int64(0)
	for n, v := range b.Values {
		if v.N <= 0 || n >= len(c.Series) {
			continue
		}
		from, to := share(below, top, 1000), share(below+v.N, top, 1000)
		col.Rects = append(col.Rects, rect{X: i*slot + gap, Y: 1000 - to, W: slot - 2*gap, H: to - from, Class: c.Series[n].Class})
		below += v.N
	}
	return col
}

// every is how many bars share one name on the axis: about seven fit a phone.
func (c Chart) every() int { return max(1, (len(c.Bars)+6)/7) }

// Spelt says whether every bar has its name below it, in as many lines as that takes.
func (c Chart) Spelt() bool { return c.every() == 1 }

// table is the same figures in rows.
func (c Chart) table(l Language) Table {
	t := Table{Caption: c.Label, Columns: []Column{{Name: l.say("When")}}}
	for _, s := range c.Series {
		t.Columns = append(t.Columns, Column{Name: s.Name, Num: true})
	}
	if len(c.Series) > 1 {
		t.Columns = append(t.Columns, Column{Name: l.say("Total"), Num: true})
	}
	for _, b := range c.Bars {
		row := Row{Cells: []Piece{Text(b.Full)}}
		for n := range c.Series {
			row.Cells = append(row.Cells, b.value(n))
		}
		if len(c.Series) > 1 {
			row.Cells = append(row.Cells, Number{Text: b.Total})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (b Bar) value(n int) Piece {
	if n >= len(b.Values) {
		return nil
	}
	return Number{Text: b.Values[n].Text}
}

func (b Bar) sum() (sum int64) {
	for _, v := range b.Values {
		sum += max(0, v.N)
	}
	return sum
}
