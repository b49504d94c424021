package billing

import (
	"strings"
	"testing"
)

// The lines of a request are kept in English and found again as what they speak of, whatever a name holds.
func TestLinesAreHeardAgain(t *testing.T) {
	for _, name := range []string{"Growth", "{plan}: recurring fee", "a: b, c of call d", "", "Credit: ", strings.Repeat("x", 200)} {
		usd := Currency{"USD", 2}
		for _, each := range []struct {
			request Request
			unit    string
			said    Saying
		}{
			{Request{Kind: Recurring}, "period", say("line.fee", "plan", name)},
			{Request{Kind: Usage}, "minute", say("line.usage", "plan", name)},
			{Request{Kind: PackSale, PackMinutes: 90 * Minute}, "pack", say("line.pack", "pack", name, "minutes", Decimal(90*Minute))},
			{Request{Kind: Recurring}, "credit", say("line.unused", "plan", name, "number", "PR-000001")},
			{Request{Kind: Usage}, "credit", say("line.void", "time", Millis(1500), "call", "c1")},
			{Request{Kind: OneTime}, "", say("line.own", "text", name)},
		} {
			each.request.Currency = usd
			line := LineItem{Description: each.said.String(), Unit: each.unit}
			got := each.request.Says(line)
			if got.Key != each.said.Key || got.String() != line.Description {
				t.Errorf("%q of %s is heard as %+v", line.Description, each.request.Kind, got)
			}
		}
	}
	foreign := Request{Kind: Recurring}
	if got := foreign.Says(LineItem{Description: "written before there were sentences"}); got.Key != "line.own" {
		t.Errorf("what is no sentence of ours is heard as %+v", got)
	}
}

func TestFillLooksAtASentenceOnce(t *testing.T) {
	value := func(name string) string { return map[string]string{"a": "{b}", "b": "ünder", "c": ""}[name] }
	for sentence, want := range map[string]string{
		"{a} and {b}": "{b} and ünder", "{^b}!": "Ünder!", "{^c}": "", "open { end": "open { end", "{a": "{a", "}{b}{": "}ünder{", "": "",
	} {
		if got := Fill(sentence, value); got != want {
			t.Errorf("Fill(%q) = %q, want %q", sentence, got, want)
		}
	}
}

// A sentence that nobody says, or that speaks of something else than its words, is a mistake.
func TestEverySentenceNamesWhatItSpeaksOf(t *testing.T) {
	for key, text := range Sentences() {
		if strings.Count(text, "{") != strings.Count(text, "}") || text == "" {
			t.Errorf("%s is %q", key, text)
		}
	}
}
