package ui

import (
	"fmt"
	"html/template"
	"io/fs"
	"regexp"
	"slices"
	"time"
)

// Language is how the pieces speak, and how figures and dates are written. What
// a caller puts into a piece is in that language already.
type Language struct {
	Tag    string            // as BCP 47 names it: "de", "pt-BR"
	Words  map[string]string // the pieces' own words, see [Words], by their English
	Number func(plain string) string
	Date   func(at time.Time, minute bool) string
}

// English is the language the pieces are written in.
var English = Language{Tag: "en", Number: Grouped, Date: englishDate}

func englishDate(at time.Time, minute bool) string {
	if minute {
		return at.Format("2 Jan 2006, 15:04")
	}
	return at.Format("2 Jan 2006")
}

// Speak teaches the renderer a language: pages with its tag in [Page.Lang] are
// shown in it. Not to be called while pages are rendered.
func (r *Renderer) Speak(l Language) error {
	if l.Number == nil {
		l.Number = English.Number
	}
	if l.Date == nil {
		l.Date = English.Date
	}
	pages := map[string]*template.Template{}
	for name, text := range r.sources {
		page, err := parsePage(r.base, l, name, text)
		if err != nil {
			return fmt.Errorf("in %s: %w", l.Tag, err)
		}
		pages[name] = page
	}
	r.pages[l.Tag] = pages
	return nil
}

// in finds a page in a language; in English where that is not spoken.
func (r *Renderer) in(tag, page string) (*template.Template, bool) {
	pages, known := r.pages[tag]
	if !known {
		pages = r.pages[English.Tag]
	}
	t, ok := pages[page]
	return t, ok
}

// say is a word of the pieces' own; what has no translation stays English.
func (l Language) say(word string) string {
	if said, ok := l.Words[word]; ok {
		return said
	}
	return word
}

// sayOf is a phrase of the pieces' own around words of the caller's.
func (l Language) sayOf(phrase string, parts ...any) string {
	return fmt.Sprintf(l.say(phrase), parts...)
}

// local is an instant as those who read it write it.
func (l Language) local(d Date) string { return l.Date(d.At.In(d.zone()), d.Minute) }

var spoken = regexp.MustCompile(`\bsay(?:Of)? "([^"]+)"`)

// Words are all words of the pieces' own: a catalog of a language has each. A %s
// stands for words of the caller's.
func Words() []string {
	words := []string{"When", "Total"} // of the table below a chart
	names, err := fs.Glob(files, "*.html")
	if err != nil {
		panic(err) // the pattern is ours
	}
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			panic(err) // the compiler has put it there
		}
		for _, m := range spoken.FindAllSubmatch(text, -1) {
			words = append(words, string(m[1]))
		}
	}
	slices.Sort(words)
	return slices.Compact(words)
}
