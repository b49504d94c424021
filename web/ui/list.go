package ui

// Facts is a list of names and values.
type Facts []Fact

// Fact is one name with its value.
type Fact struct {
	Name  string
	Value Piece
}

// Timeline is what happened, latest first, or what is to come, next first.
type Timeline []Moment

// Moment is one entry of a [Timeline].
type Moment struct {
	At     Date
	Tone   Tone
	Title  string
	Who    string  // by whom; empty for what time itself did
	Why    string  // the reason given
	Before string  // what was, if something was changed
	After  string  // what is since
	Detail []Piece // links, figures
	Ahead  bool    // still to come
}

// Steps is a checklist: what is done and what comes next.
type Steps []Step

// Step is one entry of [Steps].
type Step struct {
	Done   bool
	Title  string
	Text   string
	Action Piece
	Body   []Piece
}

// Tabs are the views of one thing; each is a page of its own.
type Tabs struct {
	Label string // of what, for those who do not see the title
	Items []Tab
}

// Tab is one view.
type Tab struct {
	Text, URL, Count string
	Current          bool
}

// List is pieces one below the other with lines between.
type List []Piece

// Between sets one piece to the left and the other to the right of a line.
type Between struct{ Left, Right Piece }

// Receipt tells how a sum came about: in sentences, then line by line.
type Receipt struct {
	Title string
	Words []string
	Lines []Charge
	Total *Charge
}

// Charge is one line of a [Receipt].
type Charge struct {
	Name, Note string
	Value      Piece
}

func (Receipt) piece() string  { return "receipt" }
func (Facts) piece() string    { return "facts" }
func (Timeline) piece() string { return "timeline" }
func (Steps) piece() string    { return "steps" }
func (Tabs) piece() string     { return "tabs" }
func (List) piece() string     { return "list" }
func (Between) piece() string  { return "between" }

// Shape is the tone its mark is drawn in.
func (m Moment) Shape() Tone { return known(m.Tone, Neutral) }
