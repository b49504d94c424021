package lang

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"minutebook/billing"
	"minutebook/web/ui"
)

// use is one place in the code that says a text: the key and the names it gives.
type use struct {
	where, key string
	names      []string
}

// uses are all texts that the portal's code says. A key that is made at run time could not be looked for.
func uses(t *testing.T) (list []use) {
	t.Helper()
	var files []string
	for _, pattern := range []string{"../*.go", "../portal/*.go", "../desk/*.go", "*.go"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	set := token.NewFileSet()
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(set, file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if call, is := n.(*ast.CallExpr); is {
				if selected, is := call.Fun.(*ast.SelectorExpr); is && selected.Sel.Name == "T" && len(call.Args) > 0 {
					list = append(list, read(t, set.Position(call.Pos()).String(), call.Args))
				}
			}
			return true
		})
	}
	return list
}

func read(t *testing.T, where string, args []ast.Expr) use {
	u := use{where: where}
	for i, arg := range args {
		literal, is := arg.(*ast.BasicLit)
		if i != 0 && i%2 == 0 {
			continue
		}
		if !is {
			if strings.Contains(where, "word.go") || strings.Contains(where, "refusal.go") {
				return use{} // it hands the key on
			}
			t.Errorf("%s: the text's key or the name of what it speaks of is not written there", where)
			return use{}
		}
		text, _ := strconv.Unquote(literal.Value)
		if i == 0 {
			u.key = text
		} else {
			u.names = append(u.names, text)
		}
	}
	return u
}

var placeholder = regexp.MustCompile(`\{\^?(\w+)\}`)

func names(text string) []string {
	var found []string
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		found = append(found, m[1])
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func TestEveryTextIsThereAndUsed(t *testing.T) {
	used := map[string]bool{}
	for _, u := range uses(t) {
		if u.key == "" {
			continue
		}
		used[u.key] = true
		several, there := catalogs["en"][u.key]
		if !there {
			t.Errorf("%s says %q, which en.json does not have", u.where, u.key)
			continue
		}
		given := slices.Sorted(slices.Values(u.names))
		for _, wanted := range names(several["other"]) {
			if !slices.Contains(given, wanted) {
				t.Errorf("%s does not give {%s} to %q", u.where, wanted, u.key)
			}
		}
		for _, name := range given {
			if !slices.Contains(names(several["other"]), name) {
				t.Errorf("%s gives %s to %q, which does not speak of it", u.where, name, u.key)
			}
		}
	}
	if len(used) < 150 {
		t.Errorf("the code says %d texts only: is it read?", len(used))
	}
	sentences := billing.Sentences()
	for key := range catalogs["en"] {
		if _, rule := sentences[key]; !used[key] && !rule {
			t.Errorf("nobody says %q", key)
		}
	}
}

// own are keys that English does not need: the rules and the pieces speak it.
func own(key string) bool {
	return strings.HasPrefix(key, ofPieces) || strings.HasPrefix(key, "refusal.") || strings.HasPrefix(key, "wrong.")
}

func TestEveryLanguageHasEveryText(t *testing.T) {
	pieces := ui.Words()
	for _, code := range Codes()[1:] {
		texts := catalogs[code]
		for key, english := range catalogs["en"] {
			several, there := texts[key]
			if !there {
				t.Errorf("%s has no %q", code, key)
				continue
			}
			for form, text := range several {
				want := names(english["other"])
				if got := names(text); !slices.Equal(got, want) && !(form == "one" && slices.Equal(append(got, "n"), want)) && !(form == "one" && slices.Equal(got, without(want, "n"))) {
					t.Errorf("%s: %q speaks of %v, in English of %v", code, key, got, want)
				}
				if text != strings.TrimSpace(text) || text == "" {
					t.Errorf("%s: %q is %q", code, key, text)
				}
			}
			if len(english) > 1 && several["one"] == "" {
				t.Errorf("%s: %q has no form for one", code, key)
			}
		}
		for _, word := range pieces {
			if texts[ofPieces+word]["other"] == "" || strings.Count(texts[ofPieces+word]["other"], "%s") != strings.Count(word, "%s") {
				t.Errorf("%s: the pieces' word %q is %q", code, word, texts[ofPieces+word]["other"])
			}
		}
		for key := range texts {
			if _, known := catalogs["en"][key]; !known && !own(key) {
				t.Errorf("%s has %q, which English has not", code, key)
			}
			if word, is := strings.CutPrefix(key, ofPieces); is && !slices.Contains(pieces, word) {
				t.Errorf("%s has %q, which the pieces never say", code, key)
			}
		}
		if got, want := ownKeys(texts), ownKeys(catalogs["de"]); !slices.Equal(got, want) {
			t.Errorf("%s and German refuse otherwise:\n%v\n%v", code, got, want)
		}
	}
}

func without(list []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == name })
}

func ownKeys(texts map[string]forms) (keys []string) {
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		if own(key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// What is the same in two languages is either right so, or was forgotten.
func TestNothingWasLeftInEnglish(t *testing.T) {
	same := map[string]bool{"unit.min": true, "unit.s": true, "request.pdf": true, "plan.fee.every": true, "owed.request": true, "line.own": true, "receipt.drawn": true, "lift.way": true}
	for _, code := range Codes()[1:] {
		for key, several := range catalogs[code] {
			english := catalogs["en"][key]["other"]
			if word, is := strings.CutPrefix(key, ofPieces); is {
				english = word
			}
			cognates := slices.Contains([]string{"Status", "Type", "Total", "Pack", "Actions", "optional", "in %s", "min", "Page {page}", "Portal", "Chat"}, english)
			if several["other"] == english && !same[key] && !cognates {
				t.Errorf("%s says %q in English: %q", code, key, english)
			}
		}
	}
}

// The words for what a person may do wrong at the door are those of the rules, letter by letter.
func TestWrongsAreTheRulesOwn(t *testing.T) {
	sources := ""
	for _, file := range []string{"../../app/password.go", "../../app/people.go", "../invite.go"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sources += string(text)
	}
	sources = strings.NewReplacer("at least %d", "at least 12", "at most %d", "at most 128").Replace(sources)
	for key := range catalogs["de"] {
		if english, is := strings.CutPrefix(key, "wrong."); is && english != "other" && !strings.Contains(sources, english) {
			t.Errorf("nobody says %q", english)
		}
	}
}

func TestOf(t *testing.T) {
	for _, each := range []struct {
		locales []string
		want    string
	}{
		{nil, "en"},
		{[]string{"", "", ""}, "en"},
		{[]string{"de-AT"}, "de"},
		{[]string{"", "pt-BR", "de"}, "pt"},
		{[]string{"it", "fr"}, "fr"}, // what we do not speak leaves it to the next
		{[]string{"zh-Hant", ""}, "en"},
		{[]string{"", "", "it;q=1, hi;q=0.8, en;q=0.1"}, "hi"},
		{[]string{"nonsense !!", "es"}, "es"},
		{[]string{"de", "fr"}, "de"},
	} {
		if got := Of(each.locales...).Code(); got != each.want {
			t.Errorf("Of(%q) = %s, want %s", each.locales, got, each.want)
		}
	}
}

func TestPlurals(t *testing.T) {
	for _, each := range []struct {
		locale string
		n      int64
		want   string
	}{
		{"en", 0, "0 days"},
		{"en", 1, "1 day"},
		{"en", 2, "2 days"},
		{"en", 1000, "1,000 days"},
		{"de", 0, "0 Tage"},
		{"de", 1, "1 Tag"},
		{"de", 21, "21 Tage"},
		{"fr", 0, "0 jour"},
		{"fr", 1, "1 jour"},
		{"fr", 2, "2 jours"}, // nothing is singular in French
		{"es", 0, "0 días"},
		{"es", 1, "1 día"},
		{"es", 1_000_000, "1.000.000 días"},
		{"pt", 0, "0 dia"},
		{"pt", 1, "1 dia"},
		{"pt", 2, "2 dias"},
		{"pt-PT", 0, "0 dias"},
		{"pt-PT", 1, "1 dia"}, // but not in Portugal
		{"hi", 1, "1 दिन"},
		{"hi", 5, "5 दिन"},
	} {
		if got := Of(each.locale).T("days", "n", each.n); got != each.want {
			t.Errorf("%s: %d days are %q, want %q", each.locale, each.n, got, each.want)
		}
	}
	if got := Of("de").T("every.month", "n", int64(1)); got != "pro Monat" {
		t.Errorf("every month is %q", got)
	}
	if got := Of("fr").T("every.year", "n", int64(3)); got != "tous les 3 ans" {
		t.Errorf("every three years is %q", got)
	}
}

func TestMoney(t *testing.T) {
	usd, eur, inr, jpy, kwd, own := billing.Currency{Code: "USD", Digits: 2}, billing.Currency{Code: "EUR", Digits: 2}, billing.Currency{Code: "INR", Digits: 2}, billing.Currency{Code: "JPY"}, billing.Currency{Code: "KWD", Digits: 3}, billing.Currency{Code: "USDT", Digits: 6}
	for _, each := range []struct {
		locale string
		c      billing.Currency
		m      billing.Money
		want   string
	}{
		{"en", usd, 9900, "99.00 USD"},
		{"en", usd, -123456, "-1,234.56 USD"},
		{"en-IN", inr, 1234567890, "1,23,45,678.90 INR"},
		{"de", eur, 123456, "1.234,56 €"},
		{"de-CH", eur, 123456, "€ 1'234.56"},
		{"de-AT", eur, 123456, "€ 1.234,56"},
		{"de", jpy, 1234, "1.234 ¥"},
		{"fr", eur, 123456, "1 234,56 €"},
		{"fr", kwd, 1234567, "1 234,567 KWD"},
		{"es", eur, 123456, "1234,56 €"}, // four digits stand together in Spanish
		{"es", eur, 1234567, "12.345,67 €"},
		{"es-MX", usd, 123456, "USD 1,234.56"}, // a plain $ would be pesos there
		{"fr-CA", usd, 123456, "1 234,56 $ US"},
		{"pt", eur, 123456, "€ 1.234,56"},
		{"pt", own, 1000001, "1,000001 USDT"},
		{"hi", inr, 1234567890, "₹1,23,45,678.90"},
		{"hi", jpy, 1234567, "JP¥12,34,567"},
		{"hi", kwd, 1234567, "KWD 1,234.567"},
		{"hi", usd, 9900, "$99.00"},
	} {
		got := strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(Of(each.locale).Sum(billing.Sum{Currency: each.c, Amount: each.m}))
		if got != each.want {
			t.Errorf("%s: %d %s is %q, want %q", each.locale, each.m, each.c.Code, got, each.want)
		}
	}
	rate := billing.Rate(12_500)
	for locale, want := range map[string]string{"en": "0.0125 USD", "de": "0,0125 $", "hi": "$0.0125"} {
		if got := strings.ReplaceAll(Of(locale).Rate(rate, usd), "\u00a0", " "); got != want {
			t.Errorf("%s: the rate is %q, want %q", locale, got, want)
		}
	}
}

func TestFiguresAndDays(t *testing.T) {
	at := time.Date(2027, 3, 5, 14, 7, 0, 0, time.UTC)
	for _, each := range []struct{ locale, day, minute, spoken, minutes string }{
		{"en", "5 Mar 2027", "5 Mar 2027, 14:07", "61 min 1.5 s", "1,234.57"},
		{"de", "5. März 2027", "5. März 2027, 14:07", "61 min 1,5 s", "1.234,57"},
		{"fr", "5 mars 2027", "5 mars 2027, 14:07", "61 min 1,5 s", "1 234,57"},
		{"es", "5 mar 2027", "5 mar 2027, 14:07", "61 min 1,5 s", "1234,57"},
		{"pt", "5 de mar. de 2027", "5 de mar. de 2027, 14:07", "61 min 1,5 s", "1.234,57"},
		{"hi", "5 मार्च 2027", "5 मार्च 2027, 2:07 pm", "61 मिनट 1.5 सेकंड", "1,234.57"},
	} {
		tongue := Of(each.locale)
		plain := strings.NewReplacer("\u00a0", " ", "\u202f", " ")
		for _, said := range [][2]string{
			{tongue.Day(at), each.day},
			{tongue.Minute(at), each.minute},
			{tongue.Spoken(61*billing.Minute + 1500), each.spoken},
			{tongue.Minutes(1234*billing.Minute + 34_000), each.minutes},
		} {
			if got := plain.Replace(said[0]); got != said[1] {
				t.Errorf("%s says %q, want %q", each.locale, got, said[1])
			}
		}
	}
}

// The agency reads English, the client its own language: the same sentence.
func TestRefusalsAreNeverInEnglish(t *testing.T) {
	for _, code := range Codes()[1:] {
		tongue := Of(code)
		for _, err := range []*billing.Error{
			billing.Refuse(billing.Conflict, "payment_first", "PR-000001 is overdue.", "Pay it before asking for more minutes."),
			billing.Refuse(billing.Conflict, "never_heard_of", "Something in English.", "Do this."),
			billing.InvalidField("password", "must be at least %d characters; a few words in a row are good", 12),
			billing.InvalidField("password", "is in English"),
		} {
			told := tongue.Refusal(err).(*billing.Error)
			if told.Message == err.Message || told.Message == "" || told.Remedy == err.Remedy && err.Remedy != "" || told.Code != err.Code || told.Kind != err.Kind {
				t.Errorf("%s says %+v", code, told)
			}
		}
	}
	if Of("de").Refusal(nil) != nil {
		t.Error("no refusal became one")
	}
}
