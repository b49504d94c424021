package ui

// Form asks for something and sends it. What was typed is kept: the caller puts
// it back into the fields with the errors beside them.
type Form struct {
	ID     string // names the fields apart when a page holds several forms
	Action string
	Get    bool   // a question, not a command
	Error  string // what is wrong with the whole of it
	Hidden []Pair
	Fields []Piece
	Submit Submit
	Also   []Submit // further buttons that send the same fields
	Cancel string   // where to go instead
	Upload bool     // a field sends a file
	Inline bool     // fields and button on one line
}

// Submit is the button that sends a form. Name and Value are sent with it if given.
type Submit struct {
	Text, Icon  string
	Tone        Tone // Bad for what destroys, Plain for a quiet one
	Name, Value string
}

// Pair is a field that is sent without being shown.
type Pair struct{ Name, Value string }

// Field is one line to type into.
type Field struct {
	Name, Label, Hint, Error string
	Value                    string
	Type                     string // text if empty; email, password, date, number, search, file, ...
	Unit                     string // shown behind: "USD", "min"
	Placeholder              string
	Complete                 string // autocomplete token
	Mode                     string // inputmode: decimal, numeric, email
	Pattern                  string
	Min, Max, Step           string
	MaxLength                int
	Suggest                  bool // names that fit are offered: a client's
	Optional                 bool
	Disabled                 bool
	Focus                    bool // the first thing to fill in

	scope string
}

// Select chooses one of several.
type Select struct {
	Field
	Options []Option
}

// Shown says whether a filter shows its label: no option says what it is about, as "Any plan" does.
func (s Select) Shown() bool { return len(s.Options) > 0 && s.Options[0].Value != "" }

// Option is one choice of a [Select]; Value is what is sent.
type Option struct{ Value, Text string }

// Checkbox is a yes or no. Value is what is sent for yes, "on" if empty.
type Checkbox struct {
	Field
	Checked bool
}

// Textarea is room for several lines.
type Textarea struct {
	Field
	Rows int
}

// Radios chooses one of a few, all in sight.
type Radios struct {
	Field
	Choices []Choice
}

// Choice is one of [Radios]; Hint says what it means.
type Choice struct{ Value, Text, Hint string }

// Fields groups fields side by side under an optional heading.
type Fields struct {
	Title string
	Items []Piece
}

// Act is something that can be done from a page: a button which opens what will
// happen, in words, and the form that does it. With scripts off it unfolds in
// place; ui.js makes it a dialog.
type Act struct {
	ID    string // unique on the page
	Label string // on the button
	Icon  string
	Tone  Tone
	Main  bool
	Title string
	Says  []string // exactly what will happen
	Body  []Piece
	Form  Form
	Open  bool // unfolded from the start: after an error
}

func (Radios) piece() string   { return "radios" }
func (Form) piece() string     { return "form" }
func (Field) piece() string    { return "field" }
func (Select) piece() string   { return "select" }
func (Checkbox) piece() string { return "checkbox" }
func (Textarea) piece() string { return "textarea" }
func (Fields) piece() string   { return "fields" }
func (Act) piece() string      { return "act" }

// ID tells the field apart from others of its name on the page.
func (f Field) ID() string {
	if f.scope == "" {
		return f.Name
	}
	return f.scope + "-" + f.Name
}

// Must says whether the browser refuses to send the form without a value.
func (f Field) Must() bool { return !f.Optional && !f.Disabled }

// Must of a checkbox is no: to leave it empty is an answer.
func (c Checkbox) Must() bool { return false }

// Kind is the type attribute.
func (f Field) Kind() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

// Kept is the value to show again. What is secret is never sent back.
func (f Field) Kept() string {
	if f.Type == "password" || f.Type == "file" {
		return ""
	}
	return f.Value
}

// Described names the elements that say more about the field, for aria-describedby.
func (f Field) Described() string {
	switch {
	case f.Hint != "" && f.Error != "":
		return f.ID() + "-hint " + f.ID() + "-error"
	case f.Hint != "":
		return f.ID() + "-hint"
	case f.Error != "":
		return f.ID() + "-error"
	}
	return ""
}

// Yes is the value a ticked checkbox sends.
func (c Checkbox) Yes() string {
	if c.Value == "" {
		return "on"
	}
	return c.Value
}

// Height is the number of lines shown.
func (t Textarea) Height() int {
	if t.Rows <= 0 {
		return 3
	}
	return t.Rows
}

// Scoped is the form of the act, its fields named apart by the act's ID.
func (a Act) Scoped() Form {
	if a.Form.ID == "" {
		a.Form.ID = a.ID
	}
	return a.Form
}

// inside gives a field the name of the form it stands in.
func inside(scope string, p Piece) Piece {
	switch f := p.(type) {
	case Field:
		f.scope = scope
		return f
	case Select:
		f.scope = scope
		return f
	case Radios:
		f.scope = scope
		return f
	case Checkbox:
		f.scope = scope
		return f
	case Textarea:
		f.scope = scope
		return f
	case Fields:
		items := make([]Piece, len(f.Items))
		for i, item := range f.Items {
			items[i] = inside(scope, item)
		}
		f.Items = items
		return f
	}
	return p
}
