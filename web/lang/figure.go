package lang

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/bojanz/currency"

	"minutebook/billing"
)

// space does not break a figure from its unit.
const space = "\u00a0"

// Value writes whatever the rules speak of.
func (t *Tongue) Value(v any) string {
	switch v := v.(type) {
	case int:
		return t.Number(strconv.Itoa(v))
	case int64:
		return t.Number(strconv.FormatInt(v, 10))
	case billing.Millis:
		return t.Spoken(v)
	case billing.Decimal:
		return t.Minutes(billing.Millis(v))
	case billing.Rate:
		return t.Number(v.String())
	case billing.Sum:
		return t.Sum(v)
	case billing.LocalDay:
		zone, err := time.LoadLocation(v.Zone)
		if err != nil {
			zone = time.UTC
		}
		return t.Day(v.At.In(zone))
	}
	panic(fmt.Sprintf("lang: a %T has no words", v))
}

// Number sets a plain decimal such as "-1234.50" as the region does.
func (t *Tongue) Number(plain string) string {
	if t.code == "en" && len(strings.TrimLeft(plain, "-")) < 4 {
		return plain
	}
	amount, err := currency.NewAmount(plain, "USD") // the code is not shown
	if err != nil {
		return plain
	}
	f := *t.figures
	f.CurrencyDisplay, f.MinDigits, f.MaxDigits = currency.DisplayNone, decimals(plain), decimals(plain)
	return strings.TrimSpace(f.Format(amount))
}

func decimals(plain string) uint8 {
	_, fraction, _ := strings.Cut(plain, ".")
	return uint8(min(len(fraction), 20))
}

// Sum writes an amount with its currency. English, which the API and the agency's pages are in, puts the code behind the
// figure as they do; the other languages have the sign where they put it. A currency of the agency's own has its code.
func (t *Tongue) Sum(s billing.Sum) string {
	plain := s.Currency.Format(s.Amount)
	amount, err := currency.NewAmount(plain, s.Currency.Code)
	if err != nil || t.code == "en" {
		return t.Number(plain) + space + s.Currency.Code
	}
	return t.priced(amount, uint8(s.Currency.Digits))
}

// priced writes an amount with the sign of its currency, or with its code where the sign would be taken for that of the
// region's own.
func (t *Tongue) priced(amount currency.Amount, digits uint8) string {
	f := *t.money
	f.MinDigits, f.MaxDigits = digits, digits
	region, _ := t.tag.Region()
	if home, known := currency.ForCountryCode(region.String()); known && home != amount.CurrencyCode() {
		sign, _ := currency.GetSymbol(amount.CurrencyCode(), f.Locale())
		if theirs, _ := currency.GetSymbol(home, f.Locale()); sign == theirs {
			f.CurrencyDisplay = currency.DisplayCode
		}
	}
	return f.Format(amount)
}

// Rate writes a price per minute with its currency.
func (t *Tongue) Rate(r billing.Rate, c billing.Currency) string {
	amount, err := currency.NewAmount(r.String(), c.Code)
	if err != nil || t.code == "en" {
		return t.Number(r.String()) + space + c.Code
	}
	return t.priced(amount, decimals(r.String()))
}

// Minutes writes talk time as minutes with two decimals.
func (t *Tongue) Minutes(ms billing.Millis) string { return t.Number(ms.Minutes()) }

// Short writes minutes without decimals where they are whole.
func (t *Tongue) Short(ms billing.Millis) string {
	return t.Number(ms.Short())
}

// Spoken writes talk time to the millisecond where it matters: "3 min 20 s".
func (t *Tongue) Spoken(ms billing.Millis) string {
	words := strings.Fields(ms.Spoken())
	for i, word := range words {
		switch word {
		case "min":
			words[i] = t.T("unit.min")
		case "s":
			words[i] = t.T("unit.s")
		default:
			words[i] = t.Number(word)
		}
	}
	return strings.Join(words, space)
}

// calendar is how a language writes days.
type calendar struct {
	day, short string // {d}, {m} and {y}
	clock      string // as package time reads it
	months     string
}

var calendars = map[string]calendar{
	"en": {"{d} {m} {y}", "{d} {m}", "15:04", "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"},
	"de": {"{d}. {m} {y}", "{d}. {m}", "15:04", "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez."},
	"fr": {"{d} {m} {y}", "{d} {m}", "15:04", "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc."},
	"es": {"{d} {m} {y}", "{d} {m}", "15:04", "ene feb mar abr may jun jul ago sept oct nov dic"},
	"pt": {"{d} de {m} de {y}", "{d} de {m}", "15:04", "jan. fev. mar. abr. mai. jun. jul. ago. set. out. nov. dez."},
	"hi": {"{d} {m} {y}", "{d} {m}", "3:04 pm", "जन॰ फ़र॰ मार्च अप्रैल मई जून जुल॰ अग॰ सित॰ अक्तू॰ नव॰ दिस॰"},
}

// Day writes the day of an instant, in the zone it is in.
func (t *Tongue) Day(at time.Time) string { return t.dated(calendars[t.code].day, at) }

// ShortDay is a day without its year.
func (t *Tongue) ShortDay(at time.Time) string { return t.dated(calendars[t.code].short, at) }

// Minute writes an instant to the minute.
func (t *Tongue) Minute(at time.Time) string {
	return t.Day(at) + ", " + at.Format(calendars[t.code].clock)
}

func (t *Tongue) dated(pattern string, at time.Time) string {
	month := strings.Fields(calendars[t.code].months)[at.Month()-1]
	return strings.NewReplacer("{d}", strconv.Itoa(at.Day()), "{m}", month, "{y}", strconv.Itoa(at.Year()), " ", " ").Replace(pattern)
}
