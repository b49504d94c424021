package billing

import (
	"errors"
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// Money is an amount in minor units (cents) of its currency. Rules 2.2.
type Money int64

// Rate is a price per minute in millionths of the currency's major unit. Rules 2.2.
type Rate int64

// MaxMoney bounds every amount that is typed in: 12 digits before a two-digit fraction.
const MaxMoney Money = 99_999_999_999_999

// MaxRate bounds a price per minute: one million major units.
const MaxRate Rate = 1_000_000_000_000

// ErrOverflow is answered when a figure no longer fits; a wrong figure is never answered.
var ErrOverflow = errors.New("the amount is too large to be computed exactly")

// Currency is an ISO 4217 code or a code of the agency's own, with its number of decimals (0 to 8).
type Currency struct {
	Code   string `json:"code"`
	Digits int    `json:"digits"`
}

// oddDigits lists the ISO 4217 currencies that do not have two decimals (ISO 4217:2015, table A.1).
var oddDigits = map[string]int{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0,
	"UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
	"CLF": 4, "UYW": 4,
}

// ISODigits is the number of decimals ISO 4217 gives a code; two for most, and for codes it does not know.
func ISODigits(code string) int {
	if d, odd := oddDigits[code]; odd {
		return d
	}
	return 2
}

// CheckCurrencyCode refuses what is not 2 to 10 capital letters and digits.
func CheckCurrencyCode(field, code string) error {
	if len(code) < 2 || len(code) > 10 {
		return InvalidField(field, "must be a currency code of 2 to 10 capital letters and digits, such as USD or USDT")
	}
	for _, c := range code {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return InvalidField(field, "must be a currency code of 2 to 10 capital letters and digits, such as USD or USDT")
		}
	}
	return nil
}

// Parse reads a plain decimal string such as "99.00" into minor units: digits, at most one point, no sign, no
// exponent, not more decimals than the currency has.
func (c Currency) Parse(field, text string) (Money, error) {
	n, err := parseDecimal(field, text, c.Digits)
	if err == nil && n > int64(MaxMoney) {
		err = InvalidField(field, "must be at most %s", c.Format(MaxMoney))
	}
	return Money(n), err
}

// Format writes an amount with all decimals of its currency: "99.00", JPY "99", KWD "99.000".
func (c Currency) Format(m Money) string { return formatDecimal(int64(m), c.Digits) }

// FormatWithCode writes "99.00 USD".
func (c Currency) FormatWithCode(m Money) string { return c.Format(m) + " " + c.Code }

// ParseRate reads a price per minute with up to six decimals.
func ParseRate(field, text string) (Rate, error) {
	n, err := parseDecimal(field, text, 6)
	if err == nil && n > int64(MaxRate) {
		err = InvalidField(field, "must be at most 1000000")
	}
	return Rate(n), err
}

// String writes a rate with at least two decimals and no needless zeros: "0.25", "0.0125".
func (r Rate) String() string { return trimZeros(formatDecimal(int64(r), 6), 2) }

// Charge is what billable talk time costs: ms x rate / 60000, rounded once, half away from zero, to the currency's
// minor unit. Rules 2.3.
func Charge(billable Millis, rate Rate, c Currency) (Money, error) {
	must(billable >= 0 && rate >= 0, "charge of a negative figure")
	// ms x (rate/1e6) x 10^digits / 60000, over one denominator.
	hi, lo := bits.Mul64(uint64(billable), uint64(rate))
	num, ok := mul128(hi, lo, pow10(c.Digits))
	if !ok {
		return 0, ErrOverflow
	}
	const denominator = 60_000 * 1_000_000
	q, r, ok := div128(num, denominator)
	if !ok || q > math.MaxInt64-1 {
		return 0, ErrOverflow
	}
	if r >= denominator-r {
		q++
	}
	return Money(q), nil
}

// Add adds two amounts, refusing overflow.
func (m Money) Add(n Money) (Money, error) {
	sum := m + n
	if (n > 0 && sum < m) || (n < 0 && sum > m) {
		return 0, ErrOverflow
	}
	return sum, nil
}

// Times multiplies an amount, refusing overflow.
func (m Money) Times(n int64) (Money, error) {
	product, err := times(int64(m), n)
	return Money(product), err
}

func times(a, b int64) (int64, error) {
	product := a * b
	if a != 0 && (product/a != b || a == -1 && b == math.MinInt64) {
		return 0, ErrOverflow
	}
	return product, nil
}

func parseDecimal(field, text string, digits int) (int64, error) {
	whole, fraction, hasPoint := strings.Cut(text, ".")
	if !allDigits(whole) || (hasPoint && !allDigits(fraction)) || len(text) > 40 {
		return 0, InvalidField(field, "must be a plain decimal number in a string, such as \"99.00\": digits and at most one point")
	}
	if len(fraction) > digits {
		return 0, InvalidField(field, "must have at most %d decimals", digits)
	}
	n, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", digits-len(fraction)), 10, 64)
	if err != nil {
		return 0, InvalidField(field, "is too large")
	}
	return n, nil
}

func allDigits(s string) bool {
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

func formatDecimal(n int64, digits int) string {
	sign := ""
	u := uint64(n)
	if n < 0 {
		sign, u = "-", -u
	}
	s := strconv.FormatUint(u, 10)
	if digits == 0 {
		return sign + s
	}
	if len(s) <= digits {
		s = strings.Repeat("0", digits-len(s)+1) + s
	}
	return sign + s[:len(s)-digits] + "." + s[len(s)-digits:]
}

// trimZeros drops zeros at the end of a decimal, keeping at least keep decimals.
func trimZeros(s string, keep int) string {
	point := strings.IndexByte(s, '.')
	for len(s)-point-1 > keep && s[len(s)-1] == '0' {
		s = s[:len(s)-1]
	}
	return s
}

func pow10(n int) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}

type uint128 struct{ hi, lo uint64 }

// mul128 multiplies a 128-bit number by a 64-bit one; false if the product needs more than 128 bits.
func mul128(hi, lo, by uint64) (uint128, bool) {
	carry, low := bits.Mul64(lo, by)
	over, high := bits.Mul64(hi, by)
	sum, c := bits.Add64(high, carry, 0)
	return uint128{sum, low}, over == 0 && c == 0
}

// div128 divides; false if the quotient needs more than 64 bits.
func div128(n uint128, by uint64) (q, r uint64, ok bool) {
	if n.hi >= by {
		return 0, 0, false
	}
	q, r = bits.Div64(n.hi, n.lo, by)
	return q, r, true
}
