package desk

import (
	"crypto/rand"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/ui"
)

// Problem is a form that was refused: which one, why, and what was typed.
type Problem struct {
	Form  string
	Error *billing.Error
	Typed url.Values
	Told  []app.Told // it was not refused: this is what it would do
}

// Form finishes a form: a key that makes it act once, and, when it is shown again, what was typed with the errors
// beside their fields.
func (v *Visit) Form(f ui.Form) ui.Form {
	if f.Get {
		return f
	}
	f.Hidden = append(f.Hidden, ui.Pair{Name: "form", Value: f.ID}, ui.Pair{Name: "once", Value: rand.Text()})
	return v.Problem.Refill(f)
}

// Refill puts what was typed back into the form that was refused, with what is wrong; any other form stays as it is.
func (p *Problem) Refill(f ui.Form) ui.Form {
	if p == nil || p.Form != f.ID {
		return f
	}
	refill := refill{Problem: p}
	f.Fields = refill.all(f.Fields)
	f.Error = refill.rest()
	return f
}

// Act finishes the form of an act and opens it when it is shown again.
func (v *Visit) Act(a ui.Act) ui.Act {
	a.Form.ID = a.ID
	a.Form = v.Form(a.Form)
	a.Open = a.Open || v.Refused(a.ID)
	if v.Refused(a.ID) && v.Problem.Told != nil {
		a.Says = says(v.Problem.Told)
	}
	return a
}

// Careful is an act whose form has a second button, which tells what it would do as it is filled in, and does nothing.
func (v *Visit) Careful(a ui.Act) ui.Act {
	a.Form.Also = append(a.Form.Also, Showing)
	return v.Act(a)
}

// Showing is the button that asks what a form would do.
var Showing = ui.Submit{Text: "Show what happens", Tone: ui.Plain, Name: "do", Value: rehearsing}

// Told is what a form on a page of its own would do, once that was asked.
func (v *Visit) Told(form string) ui.Piece {
	if !v.Refused(form) || v.Problem.Told == nil {
		return nil
	}
	var list ui.List
	for _, line := range says(v.Problem.Told) {
		list = append(list, ui.Text(line))
	}
	return ui.Card{Title: "What will happen", Sub: "Nothing is done yet", Body: []ui.Piece{list}}
}

// says is what is told of a rehearsal; the clients are named where there are several.
func says(told []app.Told) []string {
	var lines []string
	for _, t := range told {
		for _, line := range t.Says {
			if len(told) > 1 {
				line = t.Name + ": " + line
			}
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return []string{"Nothing would change."}
	}
	return lines
}

// Refused says whether that form is shown again because it was refused.
func (v *Visit) Refused(form string) bool { return v.Problem != nil && v.Problem.Form == form }

// Typed is what was typed into a field of a form that is shown again, else the given text.
func (v *Visit) Typed(form, field, otherwise string) string {
	if v.Refused(form) {
		return v.Problem.Typed.Get(field)
	}
	return otherwise
}

// refill puts what was typed, and what is wrong with it, into fields.
type refill struct {
	*Problem
	found bool
}

func (r *refill) all(pieces []ui.Piece) []ui.Piece {
	filled := make([]ui.Piece, len(pieces))
	for i, p := range pieces {
		filled[i] = r.one(p)
	}
	return filled
}

func (r *refill) one(p ui.Piece) ui.Piece {
	switch f := p.(type) {
	case ui.Field:
		r.field(&f)
		return f
	case ui.Select:
		r.field(&f.Field)
		return f
	case ui.Textarea:
		r.field(&f.Field)
		return f
	case ui.Radios:
		r.field(&f.Field)
		return f
	case ui.Checkbox:
		f.Checked = r.Typed.Has(f.Name)
		f.Error = r.wrong(f.Name)
		return f
	case ui.Fields:
		f.Items = r.all(f.Items)
		return f
	}
	return p
}

func (r *refill) field(f *ui.Field) {
	if r.Typed.Has(f.Name) {
		f.Value = r.Typed.Get(f.Name)
	}
	f.Error = r.wrong(f.Name)
}

// wrong is what is wrong with a field: "line_items[0].amount" is the field "amount" where no longer name fits.
func (r *refill) wrong(name string) string {
	text := ""
	if sameField(name, r.Error.Field) {
		r.found, text = true, Sentence(r.Error.Message)
	}
	for _, more := range r.Error.Fields {
		if sameField(name, more.Field) {
			r.found, text = true, Sentence(more.Message)
		}
	}
	return text
}

func sameField(name, field string) bool {
	if name == field {
		return true
	}
	plain, _, indexed := strings.Cut(field, "[")
	if _, last, ok := strings.Cut(field, "]."); ok && last == name {
		return true
	}
	return indexed && plain == name
}

// rest is what belongs to no field shown.
func (r *refill) rest() string {
	if r.found {
		return ""
	}
	text := Sentence(r.Error.Message)
	if r.Error.Field != "" {
		text = strings.ReplaceAll(r.Error.Field, "_", " ") + ": " + r.Error.Message
	}
	if r.Error.Remedy != "" {
		text = strings.TrimSuffix(text, ".") + ". " + r.Error.Remedy
	}
	return text
}

// Sentence begins words with a capital letter.
func Sentence(text string) string {
	if text == "" {
		return text
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// Text is what was typed into a field, without the space around it.
func (v *Visit) Text(field string) string { return strings.TrimSpace(v.R.PostForm.Get(field)) }

// Ticked says whether a box was ticked.
func (v *Visit) Ticked(field string) bool { return v.R.PostForm.Has(field) }

// Chosen is the id a field chose.
func (v *Visit) Chosen(field string) (billing.ID, error) {
	if v.Text(field) == "" {
		return 0, billing.InvalidField(field, "choose one")
	}
	id, err := billing.ParseID(v.Text(field))
	if err != nil {
		return 0, billing.InvalidField(field, "choose one of the list")
	}
	return id, nil
}

// PathID is the id in the path. What is none leads nowhere.
func (v *Visit) PathID(name string) (billing.ID, error) {
	id, err := billing.ParseID(v.R.PathValue(name))
	if err != nil {
		return 0, billing.Refuse(billing.NotFound, "not_found", "There is no such page.", "")
	}
	return id, nil
}

// Money is the amount typed into a field, in a currency of the agency. Thousands may be set apart by commas.
func (v *Visit) Money(field, code string) (billing.Money, billing.Currency, error) {
	currency, err := v.App.Currency(v.R.Context(), v.Who.Agency, "currency", code)
	if err != nil {
		return 0, currency, err
	}
	if v.Text(field) == "" {
		return 0, currency, billing.InvalidField(field, "is required")
	}
	amount, err := currency.Parse(field, plainNumber(v.Text(field)))
	return amount, currency, Spoken(field, err)
}

// Minutes are the minutes typed into a field.
func (v *Visit) Minutes(field string) (billing.Millis, error) {
	if v.Text(field) == "" {
		return 0, billing.InvalidField(field, "is required")
	}
	minutes, err := billing.ParseSignedMinutes(field, plainNumber(v.Text(field)))
	return minutes, Spoken(field, err)
}

// plainNumber is a number as the rules read it: no signs of thousands, a true minus as a hyphen.
func plainNumber(text string) string {
	text = strings.NewReplacer("−", "-", "\u00a0", "", " ", "").Replace(text)
	if whole, _, _ := strings.Cut(strings.TrimPrefix(text, "-"), "."); thousands(whole) {
		text = strings.ReplaceAll(text, ",", "")
	}
	return text
}

// thousands says whether commas stand where they set thousands apart: "1,200", but not "1,20".
func thousands(whole string) bool {
	groups := strings.Split(whole, ",")
	for i, group := range groups {
		if i > 0 && len(group) != 3 || i == 0 && (len(group) == 0 || len(group) > 3) && len(groups) > 1 {
			return false
		}
	}
	return true
}

// Spoken puts what is wrong with a number into the words of a form.
func Spoken(field string, err error) error {
	if refused := Refusal(err); refused != nil && strings.Contains(refused.Message, "plain decimal") {
		return billing.InvalidField(field, "is no number: write it like 99.00")
	}
	return err
}

// Day is the day typed into a field, at its first instant in the reader's zone; zero if nothing was typed.
func (v *Visit) Day(field string) (time.Time, error) {
	text := v.Text(field)
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{"2006-01-02", "2006-01-02T15:04"} {
		if wall, err := time.Parse(layout, text); err == nil && wall.Year() >= 2000 && wall.Year() < 2200 {
			return billing.Schedule{Anchor: billing.AnchorAt(wall, time.UTC), Interval: billing.Day, Count: 1, Zone: v.Zone}.Boundary(0), nil
		}
	}
	return time.Time{}, billing.InvalidField(field, "is no date: write it like 2027-01-31")
}
