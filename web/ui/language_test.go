package ui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"minutebook/web/ui/uitest"
)

// shouting is a language in which every word of the pieces' own can be told from the caller's.
func shouting() Language {
	l := Language{Tag: "x-loud", Words: map[string]string{}, Number: func(plain string) string { return "n" + plain }, Date: func(at time.Time, minute bool) string { return at.Format("2006/01/02") }}
	for _, word := range Words() {
		l.Words[word] = strings.ReplaceAll(strings.ToUpper(word), "%S", "%s")
	}
	return l
}

func TestPiecesSpeakTheLanguageOfThePage(t *testing.T) {
	t.Parallel()
	r := newRenderer(t, nil)
	if err := r.Speak(shouting()); err != nil {
		t.Fatal(err)
	}
	p := gallery()
	english := render(t, r, PiecesOnly, p)
	p.Lang = "x-loud"
	loud := render(t, r, PiecesOnly, p)
	seen := uitest.Page(t, []byte(loud))
	for _, word := range Words() {
		said := strings.ReplaceAll(strings.ToUpper(word), "%S", "")
		if !strings.Contains(loud, strings.TrimSpace(said)) {
			t.Errorf("the gallery never says %q", said)
		}
	}
	for _, want := range []string{"n99.00 USD", "2027/01/15"} {
		if !strings.Contains(seen, want) {
			t.Errorf("the gallery does not write %q", want)
		}
	}
	if !strings.Contains(loud, `<html lang="x-loud" dir="ltr">`) || strings.Contains(english, "SKIP TO CONTENT") {
		t.Error("a page is not in its own language")
	}
	p.Lang = "nowhere"
	if render(t, r, PiecesOnly, p) != english {
		t.Error("a page in a language nobody speaks is not in English")
	}
}

func TestWordsAreComplete(t *testing.T) {
	t.Parallel()
	words := Words()
	for _, want := range []string{"Skip to content", "Used up", "by %s", "When", "Total"} {
		if !slices.Contains(words, want) {
			t.Errorf("Words() = %q, want %q among them", words, want)
		}
	}
}
