package billing

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Saying is a sentence of the rules before it is put into a language: which sentence, and what it speaks of. String is
// its English; a catalog says it in another language with [Saying.In].
type Saying struct {
	Key string // of english; empty: nothing is said
	Of  []Named
}

// Named is one thing a saying speaks of, under the name its sentence calls it by. A value is a string, an int64, a
// [Millis], a [Decimal] of minutes, a [Rate], a [Sum], a [LocalDay], a [Saying] or several of them.
type Named struct {
	Name  string
	Value any
}

// Decimal is talk time that is told in minutes with two decimals.
type Decimal Millis

// Sum is an amount in its currency.
type Sum struct {
	Currency Currency
	Amount   Money
}

// LocalDay is an instant of which the local day is told.
type LocalDay struct {
	At   time.Time
	Zone string
}

// Words are a language: how its sentences go, and how it writes figures and days.
type Words interface {
	Sentence(key string) string
	Value(v any) string // of everything but sayings
}

// english holds every sentence the rules say. {name} stands for what a saying speaks of, {^name} for the same at the
// beginning of a sentence.
var english = map[string]string{
	"access.allowed":   "Calls are allowed.",
	"access.inbound":   "Inbound calls keep working; outbound calls are paused.",
	"access.exempt":    "Calls are allowed until {until} by an exemption: {reason}",
	"access.unmanaged": "The client never had a subscription, so billing does not restrict its calls.",
	"access.blocked":   "The subscription is blocked since {since} because {requests} stayed unpaid past the grace period. Calls and campaigns are paused.",
	"access.overdue":   "Payment is overdue: {requests}. Calls and campaigns are paused since {since}.",
	"access.unpaid":    "After an overdue payment not everything is paid yet: {requests}. Calls and campaigns are paused since {since}.",
	"access.canceled":  "The subscription was canceled on {since} and there is no new one.",
	"access.exhausted": "All minutes of this period are used since {since}.",
	"access.hold":      "The agency put the account on hold on {since}: {reason}",

	"lift.restart": "Canceling the subscription and starting a new one.",
	"lift.payment": "Payment of {requests}.",
	"lift.start":   "Starting a new subscription.",
	"lift.release": "The agency lifting its hold.",
	"lift.plan":    "A change of plan by the agency.",
	"lift.way":     "{^way}.",
	"lift.ways":    "One of: {ways}.",

	"way.period":     "the next period on {on}",
	"way.pack":       "an add-on pack",
	"way.adjustment": "an adjustment by the agency",

	"owed.request": "{number} ({amount})",
	"owed.some":    "a payment",

	"receipt.call":      "Call {name} of {talk}",
	"receipt.chat":      "Chat {name}, {chats} at {each} each",
	"receipt.unrated":   "{what}: there was no subscription to draw from, so it is recorded and nothing is charged.",
	"receipt.nothing":   "{what}: nothing was drawn.",
	"receipt.drawn":     "{what}: {parts}.",
	"receipt.rounded":   "Billed as {time}: the plan rounds calls ({rules}).",
	"receipt.free":      "Calls shorter than {seconds} s are free.",
	"receipt.unfunded":  "{^time} found no pool with minutes left: used, but never billed.",
	"receipt.late":      "It was reported late: it belongs to period {belongs} and was drawn from period {drawn}.",
	"receipt.corrected": "A later report of the call corrected it.",
	"receipt.void":      "It was voided and its minutes were given back: {reason}",

	"part.included":  "{time} included",
	"part.wallet":    "{time} from the wallet",
	"part.billable":  "{time} billable at {rate} {currency} per minute",
	"part.uncovered": "{time} uncovered",

	"rounding.least": "at least {seconds} s",
	"rounding.step":  "up to full {seconds} s",

	"line.fee":    "{plan}: recurring fee",
	"line.usage":  "{plan}: minutes beyond the included and add-on minutes",
	"line.pack":   "{pack}: {minutes} add-on minutes",
	"line.unused": "Credit: unused part of {plan}, {number}",
	"line.void":   "Credit: {time} of call {call}",
	"line.own":    "{text}",
}

// Sentences are the English sentences by their keys, for whoever translates them.
func Sentences() map[string]string {
	all := make(map[string]string, len(english))
	for key, text := range english {
		all[key] = text
	}
	return all
}

// say makes a saying of a sentence and the names and values it speaks of, in turn.
func say(key string, of ...any) Saying {
	must(english[key] != "" && len(of)%2 == 0, "a sentence that is not there: "+key)
	s := Saying{Key: key, Of: make([]Named, 0, len(of)/2)}
	for i := 0; i < len(of); i += 2 {
		s.Of = append(s.Of, Named{of[i].(string), of[i+1]})
	}
	return s
}

// String is the saying in English.
func (s Saying) String() string { return s.In(inEnglish{}) }

// In is the saying in a language.
func (s Saying) In(w Words) string { return string(s.append(nil, w)) }

func (s Saying) append(b []byte, w Words) []byte {
	if s.Key == "" {
		return b
	}
	return fill(b, w.Sentence(s.Key), func(b []byte, name string) []byte {
		for i := range s.Of {
			if s.Of[i].Name == name {
				return appendValue(b, w, s.Of[i].Value)
			}
		}
		return append(append(append(b, '{'), name...), '}')
	})
}

func appendValue(b []byte, w Words, v any) []byte {
	switch v := v.(type) {
	case string:
		return append(b, v...)
	case Saying:
		return v.append(b, w)
	case []Saying:
		for i, each := range v {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = each.append(b, w)
		}
		return b
	}
	return append(b, w.Value(v)...)
}

// Fill puts values where {name} stands in a sentence, and with a capital where {^name} does. What a value holds is not
// looked at again.
func Fill(sentence string, value func(name string) string) string {
	return string(fill(nil, sentence, func(b []byte, name string) []byte { return append(b, value(name)...) }))
}

// fill appends the sentence with its values, each of which value appends.
func fill(b []byte, sentence string, value func(b []byte, name string) []byte) []byte {
	for {
		before, rest, open := strings.Cut(sentence, "{")
		name, after, closed := strings.Cut(rest, "}")
		b = append(b, before...)
		if !open {
			return b
		}
		if !closed {
			return append(append(b, '{'), rest...)
		}
		if plain, first := strings.CutPrefix(name, "^"); first {
			at := len(b)
			b = value(b, plain)
			b = append(b[:at], capital(string(b[at:]))...)
		} else {
			b = value(b, name)
		}
		sentence = after
	}
}

func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 || first == utf8.RuneError {
		return text
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

// inEnglish is the language of the API and of the books.
type inEnglish struct{}

func (inEnglish) Sentence(key string) string { return english[key] }

func (inEnglish) Value(v any) string {
	switch v := v.(type) {
	case int64:
		return strconv.FormatInt(v, 10)
	case Millis:
		return v.Spoken()
	case Decimal:
		return Millis(v).Minutes()
	case Rate:
		return v.String()
	case Sum:
		return v.Currency.FormatWithCode(v.Amount)
	case LocalDay:
		return spokenDate(v.At, v.Zone)
	}
	panic("billing: a saying speaks of what has no words")
}

// heard finds a saying of one or two values again in the English that was kept of it.
func heard(key, text string) (Saying, bool) {
	head, rest, _ := strings.Cut(english[key], "{")
	first, tail, _ := strings.Cut(rest, "}")
	text, begins := strings.CutPrefix(text, head)
	middle, rest, two := strings.Cut(tail, "{")
	second, end, _ := strings.Cut(rest, "}")
	if !two {
		end = tail
	}
	text, ends := strings.CutSuffix(text, end)
	at := strings.LastIndex(text, middle)
	switch {
	case !begins || !ends || two && at < 0:
		return Saying{}, false
	case two:
		return say(key, first, text[:at], second, text[at+len(middle):]), true
	}
	return say(key, first, text), true
}
