package lang

import (
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bojanz/currency"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"minutebook/billing"
)

//go:embed *.json
var files embed.FS

// spoken are the languages there are, the first where nothing else is asked for.
var spoken = []language.Tag{language.English, language.German, language.French, language.Spanish, language.Portuguese, language.Hindi}

var (
	matcher  = language.NewMatcher(spoken)
	catalogs = loadCatalogs()
)

// forms are a text, in the form each plural needs; a text without a count has "other" only.
type forms map[string]string

// Tongue is a language as one reader speaks it: a German one writes other figures in Zürich than in Berlin.
type Tongue struct {
	code    string // of the catalog: "de"
	tag     language.Tag
	texts   map[string]forms
	figures *currency.Formatter // numbers, set apart as the region does
	money   *currency.Formatter
}

func loadCatalogs() map[string]map[string]forms {
	all := map[string]map[string]forms{}
	for _, tag := range spoken {
		texts, err := readCatalog(tag.String())
		if err != nil {
			panic(fmt.Sprintf("lang: %v", err)) // the compiler has put it there
		}
		all[tag.String()] = texts
	}
	for key, text := range billing.Sentences() {
		all["en"][key] = forms{"other": text}
	}
	return all
}

func readCatalog(code string) (map[string]forms, error) {
	text, err := files.ReadFile(code + ".json")
	if err != nil {
		return nil, err
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, fmt.Errorf("reading %s.json: %w", code, err)
	}
	texts := map[string]forms{}
	for key, value := range raw {
		var plain string
		if json.Unmarshal(value, &plain) == nil {
			texts[key] = forms{"other": plain}
			continue
		}
		var several forms
		if err := json.Unmarshal(value, &several); err != nil || several["other"] == "" {
			return nil, fmt.Errorf("reading %s.json: %s is neither a text nor the forms of one", code, key)
		}
		texts[key] = several
	}
	return texts, nil
}

// Codes are the languages there are: "en", "de", ...
func Codes() (codes []string) {
	for _, tag := range spoken {
		codes = append(codes, tag.String())
	}
	return codes
}

// Of is the tongue of the first locale that is one of ours: what a client, an agency and a browser prefer, in turn. Each
// may be empty, a tag such as de-AT, or a browser's Accept-Language.
func Of(locales ...string) *Tongue {
	for _, locale := range locales {
		wanted, _, err := language.ParseAcceptLanguage(locale)
		if err != nil || len(wanted) == 0 {
			continue
		}
		if _, i, sure := matcher.Match(wanted...); sure > language.No {
			return speak(spoken[i], wanted)
		}
	}
	return speak(spoken[0], nil)
}

// speak makes the tongue of a language; its region is that of the wish it was found for.
func speak(found language.Tag, wanted []language.Tag) *Tongue {
	code, tag := found.String(), found
	base, _ := found.Base()
	for _, wish := range slices.Backward(wanted) {
		region, sure := wish.Region()
		if same, _ := wish.Base(); same == base && sure == language.Exact {
			tag, _ = language.Compose(base, region)
		}
	}
	locale := currency.NewLocale(tag.String())
	return &Tongue{code: code, tag: tag, texts: catalogs[code], figures: currency.NewFormatter(locale), money: currency.NewFormatter(locale)}
}

// Code names the language: "de".
func (t *Tongue) Code() string { return t.code }

// T is the text of a key, with what it speaks of: names and values, in turn. A count is called n and chooses the form.
func (t *Tongue) T(key string, of ...any) string {
	return billing.Fill(t.form(key, of), func(name string) string {
		for i := 0; i+1 < len(of); i += 2 {
			if of[i] == name {
				return t.value(of[i+1])
			}
		}
		return "{" + name + "}"
	})
}

// form chooses the text of a key by the count it speaks of.
func (t *Tongue) form(key string, of []any) string {
	several, known := t.texts[key]
	if !known {
		panic("lang: there is no text " + key) // a test reads the code and finds it before
	}
	for i := 0; i+1 < len(of); i += 2 {
		if n, is := of[i+1].(int64); is && of[i] == "n" {
			if text, there := several[t.plural(n)]; there {
				return text
			}
		}
	}
	return several["other"]
}

var pluralNames = map[plural.Form]string{plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many", plural.Other: "other"}

// plural is the form a whole number takes, as CLDR has it.
func (t *Tongue) plural(n int64) string {
	return pluralNames[plural.Cardinal.MatchPlural(t.tag, int(max(n, -n)), 0, 0, 0, 0)]
}

func (t *Tongue) value(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case billing.Saying:
		return v.In(t)
	}
	return t.Value(v)
}

// Sentence is a sentence of the rules.
func (t *Tongue) Sentence(key string) string { return t.form(key, nil) }

// Say tells sayings one after the other.
func (t *Tongue) Say(sayings ...billing.Saying) string {
	var said []string
	for _, s := range sayings {
		if text := s.In(t); text != "" {
			said = append(said, text)
		}
	}
	return strings.Join(said, " ")
}

const ofPieces = "ui."

// PieceWords are the words of the pieces of pages by their English.
func (t *Tongue) PieceWords() map[string]string {
	words := map[string]string{}
	for _, key := range slices.Collect(maps.Keys(t.texts)) {
		if english, is := strings.CutPrefix(key, ofPieces); is {
			words[english] = t.texts[key]["other"]
		}
	}
	return words
}
