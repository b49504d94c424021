package ui

// Table shows rows under a head that stays in sight; where there is no room for
// columns each row becomes a block with the column names beside the values.
type Table struct {
	ID      string // needed by a Filter that narrows the table as one types
	Caption string // for those who do not see the title above
	Columns []Column
	Rows    []Row
	Foot    *Row // totals
	Empty   Empty
	Pager   *Pager
	Bulk    *Bulk
}

// Bulk lets rows be picked and something be done with all of them at once: each
// row with a Pick gets a box, and the boxes are sent with the form of the act.
type Bulk struct {
	Name string // of the boxes, as they are sent
	Act  Act
}

// Column is one column of a table.
type Column struct {
	Name   string
	Num    bool   // figures: right-aligned
	Slim   bool   // no wider than its content: actions, badges
	Sort   string // where its head leads to sort by it
	Sorted string // "ascending" or "descending" if it is sorted by
}

// Row is one row; it has a cell for each column, nil for an empty one. With a
// URL the first cell leads there.
type Row struct {
	ID    string
	URL   string
	Name  string // what the row is, for the box that picks it
	Pick  string // what that box sends; without it the row cannot be picked
	Quiet bool   // past or canceled: set back
	Cells []Piece
}

// Pager leads to the neighbouring pages of a long list.
type Pager struct{ Text, Prev, Next string }

// Filter narrows a list: a form whose state is in the URL. Its search field
// also narrows the table named by Table while one types.
type Filter struct {
	Action  string
	Bare    bool   // there is nothing to search by words
	Search  string // what is searched for; the parameter is q
	Hint    string // what can be searched
	Table   string
	Selects []Select
	Fields  []Field // words and days to narrow by, their labels in sight
	Clear   string  // where everything is shown again, if something is filtered
	Hidden  []Pair
}

// shownRow is a row with its cells paired with their columns.
type shownRow struct {
	Row
	Cells []cell
	Boxes *Bulk // its box belongs to, if rows can be picked
}

// cell is a piece in its column.
type cell struct {
	Column Column
	Piece  Piece
	URL    string
}

func (Table) piece() string  { return "table" }
func (Pager) piece() string  { return "pager" }
func (Filter) piece() string { return "filter" }

// Choices are the selects as a line of small controls: there is no room for more words.
func (f Filter) Choices() []Select {
	choices := make([]Select, len(f.Selects))
	for i, s := range f.Selects {
		choices[i] = Select{Field: Field{Name: s.Name, Label: s.Label, Value: s.Value, Optional: true, scope: "filter" + f.Table}, Options: s.Options}
	}
	return choices
}

// Lines are the rows, each cell paired with its column.
func (t Table) Lines() []shownRow {
	rows := make([]shownRow, len(t.Rows))
	for i, r := range t.Rows {
		rows[i] = r.in(t)
	}
	return rows
}

// Totals is the last row, if there is one.
func (t Table) Totals() []shownRow {
	if t.Foot == nil {
		return nil
	}
	return []shownRow{t.Foot.in(t)}
}

func (r Row) in(t Table) shownRow {
	cells := make([]cell, len(t.Columns))
	for i, c := range t.Columns {
		cells[i].Column = c
		if i < len(r.Cells) {
			cells[i].Piece = r.Cells[i]
		}
	}
	if len(cells) > 0 {
		cells[0].URL = r.URL
	}
	return shownRow{Row: r, Cells: cells, Boxes: t.Bulk}
}
