package provider

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
)

var numeral = regexp.MustCompile(`^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,4}))?$`)

// decimal is the number times ten to the shift, rounded once, half away from zero. It works on
// the digits: a float would lose cents, and a big exponent must not cost memory.
func decimal(text string, shift int) (int64, error) {
	m := numeral.FindStringSubmatch(text)
	if m == nil {
		return 0, errors.New("is not a number")
	}
	exponent := 0
	if m[4] != "" {
		exponent, _ = strconv.Atoi(m[4]) // one to four digits, as matched
	}
	figures := strings.TrimLeft(m[2]+m[3], "0")
	point := len(figures) - len(m[3]) + exponent + shift
	n, err := rounded(figures, point)
	if m[1] == "-" {
		n = -n
	}
	return n, err
}

// rounded reads figures with the decimal point standing before figures[point].
func rounded(figures string, point int) (int64, error) {
	switch {
	case figures == "" || point < 0:
		return 0, nil
	case point > len("999999999999999999"):
		return 0, errors.New("is too large")
	}
	if missing := point - len(figures); missing > 0 {
		figures += strings.Repeat("0", missing)
	}
	n, err := strconv.ParseInt("0"+figures[:point], 10, 64)
	if point < len(figures) && figures[point] >= '5' {
		n++
	}
	return n, err
}
