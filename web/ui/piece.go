package ui

import (
	"fmt"
	"html/template"
	"reflect"
	"strings"
)

// Piece is one part of a page. The pieces of this package are all there are;
// markup of a page's own becomes one with the template function body.
type Piece interface{ piece() string }

// Text is words, nothing else.
type Text string

// Muted is words of less weight.
type Muted string

// Line is pieces one after the other on one line.
type Line []Piece

// Stack is a main piece with a quieter one below, as in a table cell.
type Stack struct{ Main, Sub Piece }

// Grid sets pieces side by side where there is room for it.
type Grid struct {
	Columns int // 2, 3 or 4
	Items   []Piece
}

// Pile sets pieces one below the other: a column of a [Grid] whose cards are as high as what is in them.
type Pile []Piece

// Card groups what belongs together under a title.
type Card struct {
	ID      string
	Title   string
	Sub     string
	Status  []Badge
	Actions []Piece
	Body    []Piece
	Foot    Piece
	Live    string // a name unique on the page: the card is kept up to date
	Flush   bool   // the body reaches the edges, as a table does
}

// Section is a titled part inside a card, separated by a line.
type Section struct {
	Title  string
	Status []Badge
	Value  Piece
	Body   []Piece
	Sub    string
}

// Stat is one figure worth a tile of its own.
type Stat struct {
	Label string
	Value Piece
	Sub   Piece
	Spark *Spark
	URL   string
}

// Picture is an image of this origin, with its size so that nothing moves when it arrives.
type Picture struct {
	URL, Alt      string
	Width, Height int
}

// Link leads elsewhere by its words alone.
type Link struct{ Text, URL string }

// Button is a link that looks like a button; one that sends a form is the
// submit of a [Form].
type Button struct {
	Text string
	URL  string
	Icon string
	Tone Tone
	Main bool // the one primary action of the page
}

// Code is text to be copied as it stands.
type Code struct{ Label, Text string }

// Copy is a short value with a button that copies it.
type Copy struct{ Text string }

// Clip is a name that may be long and has no spaces, such as an id: where it is too long its middle is left out, and
// the whole of it is told on hover and can be copied.
type Clip string

// clipped is how many signs of a [Clip] are shown, and keptAtEnd how many of them are its last ones.
const clipped, keptAtEnd = 17, 6

// Short is the text without its middle.
func (c Clip) Short() string {
	signs := []rune(string(c))
	if len(signs) <= clipped {
		return string(c)
	}
	return string(signs[:clipped-keptAtEnd-1]) + "…" + string(signs[len(signs)-keptAtEnd:])
}

// markup is a part of a page's own template, already escaped.
type markup struct{ HTML template.HTML }

func (Clip) piece() string    { return "clip" }
func (Text) piece() string    { return "text" }
func (Muted) piece() string   { return "muted" }
func (Line) piece() string    { return "line" }
func (Stack) piece() string   { return "stack" }
func (Grid) piece() string    { return "grid" }
func (Pile) piece() string    { return "pile" }
func (Card) piece() string    { return "card" }
func (Section) piece() string { return "section" }
func (Stat) piece() string    { return "stat" }
func (Picture) piece() string { return "picture" }
func (Link) piece() string    { return "link" }
func (Button) piece() string  { return "button" }
func (Code) piece() string    { return "code" }
func (Copy) piece() string    { return "copy" }
func (markup) piece() string  { return "markup" }

// funcs are the functions of one template set: show and body look names up in it.
func funcs(t *template.Template, l Language) template.FuncMap {
	show := func(p Piece) (template.HTML, error) { return show(t, p) }
	return template.FuncMap{
		"show": show,
		"body": func(name string, data any) (Piece, error) { return body(t, name, data) },
		"card": func(title string, parts ...Piece) (template.HTML, error) {
			return show(Card{Title: title, Body: parts})
		},
		"icon":    icon,
		"asset":   asset,
		"in":      inside,
		"say":     l.say,
		"sayOf":   l.sayOf,
		"number":  l.Number,
		"local":   l.local,
		"lang":    func() string { return l.Tag },
		"figures": func(c Chart) Table { return c.table(l) },
	}
}

// show renders a piece by the template of its kind; an absent piece is nothing.
func show(t *template.Template, p Piece) (template.HTML, error) {
	if p == nil {
		return "", nil
	}
	if v := reflect.ValueOf(p); v.Kind() == reflect.Pointer && v.IsNil() {
		return "", nil
	}
	return execute(t, p.piece(), p)
}

func body(t *template.Template, name string, data any) (Piece, error) {
	html, err := execute(t, name, data)
	return markup{html}, err
}

func execute(t *template.Template, name string, data any) (template.HTML, error) {
	var b strings.Builder
	if err := t.ExecuteTemplate(&b, name, data); err != nil {
		return "", fmt.Errorf("showing %s: %w", name, err)
	}
	return template.HTML(b.String()), nil // escaped by the template that wrote it
}
