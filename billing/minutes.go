package billing

import "strconv"

// Millis is talk time in milliseconds. Rules 2.1.
type Millis int64

// Minute is 60000 ms.
const Minute Millis = 60_000

// MaxMinutes bounds every quantity of minutes that is typed in: one billion minutes.
const MaxMinutes Millis = 1_000_000_000 * Minute

// Times multiplies a time, refusing overflow.
func (m Millis) Times(n int64) (Millis, error) {
	product, err := times(int64(m), n)
	return Millis(product), err
}

// Minutes writes talk time as minutes with two decimals, rounded half away from zero. It is for display; the exact
// milliseconds stand beside it wherever it is shown. Rules 2.1.
func (m Millis) Minutes() string {
	const hundredth = Minute / 100
	n := (m + hundredth/2) / hundredth
	if m < 0 {
		n = (m - hundredth/2) / hundredth
	}
	return formatDecimal(int64(n), 2)
}

// Short is the minutes without decimals where they are whole: "300", "28.50".
func (m Millis) Short() string {
	if m%Minute == 0 {
		return strconv.FormatInt(int64(m/Minute), 10)
	}
	return m.Minutes()
}

// ParseMinutes reads minutes with up to two decimals, "120.50"; they are exact in milliseconds.
func ParseMinutes(field, text string) (Millis, error) {
	n, err := parseDecimal(field, text, 2)
	if err != nil {
		return 0, err
	}
	if n > int64(MaxMinutes/Minute)*100 {
		return 0, InvalidField(field, "must be at most %d minutes", int64(MaxMinutes/Minute))
	}
	return Millis(n) * (Minute / 100), nil
}

// ParseSignedMinutes reads minutes that may carry a minus sign, for adjustments by hand.
func ParseSignedMinutes(field, text string) (Millis, error) {
	if len(text) > 0 && text[0] == '-' {
		m, err := ParseMinutes(field, text[1:])
		return -m, err
	}
	return ParseMinutes(field, text)
}

// Spoken writes talk time for a person, to the millisecond where it matters: "3 min 20 s", "0.25 s", "2 min".
func (m Millis) Spoken() string {
	if m < 0 {
		return "-" + (-m).Spoken()
	}
	minutes, rest := m/Minute, m%Minute
	seconds := trimZeros(formatDecimal(int64(rest), 3), 0)
	if seconds[len(seconds)-1] == '.' {
		seconds = seconds[:len(seconds)-1]
	}
	switch {
	case minutes == 0:
		return seconds + " s"
	case rest == 0:
		return formatDecimal(int64(minutes), 0) + " min"
	}
	return formatDecimal(int64(minutes), 0) + " min " + seconds + " s"
}
