package model

import (
	"fmt"
	"math/big"
	"time"
)

// Local is a date and a second of the day on a wall somewhere.
type Local struct{ Year, Month, Day, Second int }

// LocalAt reads the wall of a zone, to the second.
func LocalAt(at time.Time, zone *time.Location) Local {
	there := at.In(zone)
	hour, minute, second := there.Clock()
	return Local{there.Year(), int(there.Month()), there.Day(), hour*3600 + minute*60 + second}
}

func monthLength(year, month int) int {
	leap := year%4 == 0 && year%100 != 0 || year%400 == 0
	if month == 2 && leap {
		return 29
	}
	return [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
}

func (l Local) plusDays(days int) Local {
	for l.Day += days; l.Day > monthLength(l.Year, l.Month); {
		l.Day -= monthLength(l.Year, l.Month)
		if l.Month++; l.Month > 12 {
			l.Year, l.Month = l.Year+1, 1
		}
	}
	return l
}

// plusMonths keeps the day, or takes the last of a month that is shorter.
func (l Local) plusMonths(months int) Local {
	count := l.Year*12 + l.Month - 1 + months
	l.Year, l.Month = count/12, count%12+1
	l.Day = min(l.Day, monthLength(l.Year, l.Month))
	return l
}

// firstInstant is the first second at which the zone's wall shows l or later: the
// only one, the first of two, or the first after the gap that swallowed l.
func firstInstant(l Local, zone *time.Location) time.Time {
	offset := func(unix int64) int64 {
		_, seconds := time.Unix(unix, 0).In(zone).Zone()
		return int64(seconds)
	}
	// wall is what a clock at Greenwich would count; no wall is a day away from it.
	wall := time.Date(l.Year, time.Month(l.Month), l.Day, 0, 0, l.Second, 0, time.UTC).Unix()
	for at := wall - 24*3600; ; {
		next := at + 900
		if offset(next) != offset(at) {
			for next = at + 1; offset(next) == offset(at); next++ {
			}
		}
		// From at until next the offset stands still.
		if unix := max(at, wall-offset(at)); unix < next {
			return time.Unix(unix, 0).UTC()
		}
		at = next
	}
}

// Boundary is the start of period n of the grid that begins at the anchor.
func Boundary(anchor Local, interval string, count int, zone *time.Location, n int) time.Time {
	return NewWall(zone).Boundary(anchor, interval, count, n)
}

// Wall is the wall of a zone. It keeps the answers it gave, for whoever asks for many boundaries of one place.
type Wall struct {
	zone  *time.Location
	first map[Local]time.Time
}

func NewWall(zone *time.Location) *Wall { return &Wall{zone, map[Local]time.Time{}} }

// Boundary is the start of period n of the grid that begins at the anchor. Where a
// whole day is missing, a boundary that meets the one before is put a second behind.
func (w *Wall) Boundary(anchor Local, interval string, count, n int) time.Time {
	grid := func(n int) time.Time { return w.firstInstant(gridPoint(anchor, interval, count*n)) }
	meets := 0
	for meets < n && grid(n-meets-1).Equal(grid(n)) {
		meets++
	}
	return grid(n).Add(time.Duration(meets) * time.Second)
}

func (w *Wall) firstInstant(l Local) time.Time {
	at, known := w.first[l]
	if !known {
		at = firstInstant(l, w.zone)
		w.first[l] = at
	}
	return at
}

func gridPoint(anchor Local, interval string, steps int) Local {
	switch interval {
	case "DAY":
		return anchor.plusDays(steps)
	case "WEEK":
		return anchor.plusDays(7 * steps)
	case "MONTH":
		return anchor.plusMonths(steps)
	case "YEAR":
		return anchor.plusMonths(12 * steps)
	}
	panic(fmt.Sprintf("model: no interval %q", interval))
}

// AddDays is the same time of day that many days later. The part below the second
// is kept, unless a gap swallowed the time.
func AddDays(at time.Time, days int, zone *time.Location) time.Time {
	if days == 0 {
		return at
	}
	want := LocalAt(at, zone).plusDays(days)
	found := firstInstant(want, zone)
	if LocalAt(found, zone) != want {
		return found
	}
	return found.Add(time.Duration(at.Nanosecond()))
}

// Charge is ms at a rate per minute in minor units, rounded once, half away from zero.
func Charge(ms int64, rate string, digits int) *big.Int {
	amount := decimal(rate)
	amount.Mul(amount, big.NewRat(ms, 60000))
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)
	return round(amount.Mul(amount, new(big.Rat).SetInt(scale)))
}

// round takes a half away from zero: the whole part of twice the size plus one, over two.
func round(r *big.Rat) *big.Int {
	double := new(big.Int).Abs(r.Num())
	double.Add(double.Lsh(double, 1), r.Denom())
	double.Quo(double, new(big.Int).Lsh(r.Denom(), 1))
	if r.Sign() < 0 {
		double.Neg(double)
	}
	return double
}

// decimal reads a written number; no number counts as zero.
func decimal(text string) *big.Rat {
	if text == "" {
		return new(big.Rat)
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		panic(fmt.Sprintf("model: no number %q", text))
	}
	return r
}
