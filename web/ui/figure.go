package ui

import (
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// Money is an amount of a currency, as a plain decimal ("1234.50", "-5.00").
type Money struct{ Amount, Currency string }

// Minutes is talk time in minutes with two decimals; Ms is the exact figure,
// told on hover.
type Minutes struct {
	Text string
	Ms   int64
}

// Number is a count of anything, with its unit in words if it needs one.
type Number struct{ Text, Unit string }

// Date is an instant in the zone of those who read it, with the exact UTC
// instant on hover. The zero time is shown as a dash.
type Date struct {
	At     time.Time
	Zone   *time.Location // UTC if nil
	Minute bool           // with the time of day
	Before string         // words before it: "due"
}

// Meter shows how much of a measure is used; amber from 90 %.
type Meter struct {
	Label    string // what is measured
	Used, Of int64
	Text     string // the figures in words: "Available: 28.00 / 300.00 min"
	Sub      string
	Pool     string // included, wallet, billable or uncovered: its colour
	Compact  bool   // for a table cell
	Progress bool   // time passing, not something running out: never amber
}

func (Money) piece() string   { return "money" }
func (Minutes) piece() string { return "minutes" }
func (Number) piece() string  { return "number" }
func (Date) piece() string    { return "date" }
func (Meter) piece() string   { return "meter" }

// Exact is the figure in milliseconds.
func (m Minutes) Exact() string { return strconv.FormatInt(m.Ms, 10) }

// Local is the instant as it is read.
func (d Date) Local() string { return English.local(d) }

func (d Date) zone() *time.Location {
	if d.Zone == nil {
		return time.UTC
	}
	return d.Zone
}

// Machine is the exact instant for programs.
func (d Date) Machine() string { return d.At.UTC().Format(time.RFC3339Nano) }

// Exact is the exact instant for people.
func (d Date) Exact() string { return d.At.UTC().Format("2006-01-02 15:04:05 UTC") }

// Share is the used part in thousandths, at most all of it.
func (m Meter) Share() int64 { return share(m.Used, m.Of, 1000) }

// Near says that nine tenths are used.
func (m Meter) Near() bool { return !m.Progress && m.Share() >= 900 }

// Spent says that nothing is left.
func (m Meter) Spent() bool { return m.Near() && m.Used >= m.Of }

// share is part of whole in the given number of parts, rounded down, from 0 to all.
func share(part, whole, parts int64) int64 {
	switch {
	case part <= 0 || whole <= 0:
		return 0
	case part >= whole:
		return parts
	}
	high, low := bits.Mul64(uint64(part), uint64(parts))
	quotient, _ := bits.Div64(high, low, uint64(whole))
	return int64(quotient)
}

// Whole writes a count as English does: "10,000".
func Whole(n int64) string { return Grouped(strconv.FormatInt(n, 10)) }

// Grouped sets the thousands of a plain decimal apart: "-1234.50" is "−1,234.50".
// What is no plain decimal is left as it is.
func Grouped(s string) string {
	digits, negative := strings.CutPrefix(s, "-")
	whole, rest := digits, ""
	if i := strings.IndexByte(digits, '.'); i >= 0 {
		whole, rest = digits[:i], digits[i:]
	}
	if whole == "" || strings.Trim(whole, "0123456789") != "" {
		return s
	}
	var b strings.Builder
	if negative {
		b.WriteString("−")
	}
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	return b.String() + rest
}
