package billing

import (
	"fmt"
	"time"
)

// CalendarMonth is a month of somebody's calendar, as the number 202712.
type CalendarMonth int

// MonthOf is the month of a local time.
func MonthOf(local time.Time) CalendarMonth {
	return CalendarMonth(local.Year()*100 + int(local.Month()))
}

// ParseMonth reads "2027-01". Field names the input it came from.
func ParseMonth(field, text string) (CalendarMonth, error) {
	t, err := time.Parse("2006-01", text)
	if err != nil || t.Year() < 2000 || t.Year() > 2199 {
		return 0, InvalidField(field, `must be a month such as "2027-01"`)
	}
	return MonthOf(t), nil
}

// Plus is the month some months later, or earlier.
func (m CalendarMonth) Plus(months int) CalendarMonth {
	n := int(m)/100*12 + int(m)%100 - 1 + months
	return CalendarMonth(n/12*100 + n%12 + 1)
}

// First is the first day of the month.
func (m CalendarMonth) First() Date { return Date(int(m)*100 + 1) }

// Last is the last day of the month.
func (m CalendarMonth) Last() Date { return m.Plus(1).First().Plus(-1) }

// Start is the first instant of the month in a zone.
func (m CalendarMonth) Start(zone *time.Location) time.Time {
	return resolve(time.Date(int(m)/100, time.Month(int(m)%100), 1, 0, 0, 0, 0, time.UTC), zone).UTC()
}

// Months are the months from one to another, both included.
func Months(from, to CalendarMonth) (months []CalendarMonth) {
	for m := from; m <= to; m = m.Plus(1) {
		months = append(months, m)
	}
	return months
}

func (m CalendarMonth) String() string { return fmt.Sprintf("%04d-%02d", int(m)/100, int(m)%100) }

// Month is the month of the day.
func (d Date) Month() CalendarMonth { return CalendarMonth(d / 100) }

// CostAmount is a provider's cost, which is told in millionths, as an amount: rounded once, half away from zero, to the
// currency's minor unit.
func CostAmount(micros int64, c Currency) (Money, error) {
	if c.Digits >= 6 {
		factor := int64(pow10(c.Digits - 6))
		if micros > int64(MaxMoney)/factor || micros < -int64(MaxMoney)/factor {
			return 0, ErrOverflow
		}
		return Money(micros * factor), nil
	}
	unit := int64(pow10(6 - c.Digits))
	whole, rest := micros/unit, micros%unit
	switch {
	case rest >= unit-rest:
		whole++
	case -rest >= unit+rest:
		whole--
	}
	return Money(whole), nil
}

// Percent is a share in percent with two decimals, rounded half away from zero: "3.25". Of nothing there is none: "".
func Percent(part, of int64) string {
	if of <= 0 || part < 0 {
		return ""
	}
	share, _ := mul128(0, uint64(part), 10_000) // two numbers of 64 bits always fit
	q, r, ok := div128(share, uint64(of))
	if !ok {
		return ""
	}
	if r >= uint64(of)-r {
		q++
	}
	return formatDecimal(int64(q), 2)
}

// AgeBounds are the instants at which an age begins and the one before it ends: what was due at or before the first is
// overdue, at or before the second for 30 days and more. A day is one of 24 hours.
func AgeBounds(now time.Time) [4]time.Time {
	const day = 24 * time.Hour
	return [4]time.Time{now, now.Add(-30 * day), now.Add(-60 * day), now.Add(-90 * day)}
}
