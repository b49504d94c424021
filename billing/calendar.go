package billing

import (
	"fmt"
	"time"
)

// Interval is the unit of a billing cycle.
type Interval string

const (
	Day   Interval = "DAY"
	Week  Interval = "WEEK"
	Month Interval = "MONTH"
	Year  Interval = "YEAR"
)

// Anchor is the local date and time at which a subscription started, to the second, as "2027-01-31T10:30:00".
// With the zone, interval and count it decides every boundary of the subscription. Rules 3.2.
type Anchor struct {
	Year, Month, Day, Hour, Minute, Second int
}

// Schedule is the boundary grid of a subscription.
type Schedule struct {
	Anchor   Anchor
	Interval Interval
	Count    int
	Zone     *time.Location
}

// AnchorAt is the anchor of a subscription that starts at an instant in a zone.
func AnchorAt(at time.Time, zone *time.Location) Anchor {
	t := at.In(zone)
	return Anchor{t.Year(), int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second()}
}

func (a Anchor) String() string {
	return fmt.Sprintf("%04d-%02d-%02dT%02d:%02d:%02d", a.Year, a.Month, a.Day, a.Hour, a.Minute, a.Second)
}

// MarshalText writes the anchor as a local date and time without an offset. A date that could not be read again, such as
// that of an anchor nobody set, is an error: what is kept must be readable for ever.
func (a Anchor) MarshalText() ([]byte, error) {
	text := []byte(a.String())
	return text, new(Anchor).UnmarshalText(text)
}

// UnmarshalText reads what MarshalText wrote.
func (a *Anchor) UnmarshalText(text []byte) error {
	t, err := time.Parse("2006-01-02T15:04:05", string(text))
	if err != nil {
		return fmt.Errorf("anchor %q: %w", text, err)
	}
	*a = AnchorAt(t, time.UTC)
	return nil
}

// Boundary is the instant at which period n begins. It is computed from the anchor and n alone, never from another
// boundary, so that Jan 31 is followed by Feb 28 and Mar 31. Boundaries strictly increase. Rules 3.2.
func (s Schedule) Boundary(n int) time.Time {
	t := s.nominal(n)
	// A whole local day can be missing (a zone crossing the date line): then two boundaries meet at the first
	// instant after the gap and the later one is put a second behind, for each that met there before it.
	for k := n; k > 0 && !s.nominal(k-1).Before(s.nominal(k)); k-- {
		t = t.Add(time.Second)
	}
	return t
}

// Slot is the period that holds an instant: the greatest n whose boundary is not after it, and 0 for what lies
// before the first boundary.
func (s Schedule) Slot(at time.Time) int {
	low, high := 0, 1
	for !s.Boundary(high).After(at) {
		low, high = high, high*2
	}
	for high-low > 1 {
		mid := (low + high) / 2
		if s.Boundary(mid).After(at) {
			high = mid
		} else {
			low = mid
		}
	}
	return low
}

func (s Schedule) nominal(n int) time.Time {
	a, step := s.Anchor, n*s.Count
	switch s.Interval {
	case Day:
		return s.local(a.Year, a.Month, a.Day+step)
	case Week:
		return s.local(a.Year, a.Month, a.Day+7*step)
	case Year:
		step *= 12
	}
	months := a.Year*12 + a.Month - 1 + step
	year, month := months/12, months%12+1
	return s.local(year, month, min(a.Day, monthDays(year, month)))
}

// local resolves a calendar day of the grid at the anchor's time of day; a day past the month's end counts on.
func (s Schedule) local(year, month, day int) time.Time {
	return resolve(time.Date(year, time.Month(month), day, s.Anchor.Hour, s.Anchor.Minute, s.Anchor.Second, 0, time.UTC), s.Zone)
}

// AddDays moves an instant by calendar days in a zone, keeping its local time of day. No days is the same instant.
func AddDays(at time.Time, days int, zone *time.Location) time.Time {
	if days == 0 {
		return at
	}
	t := at.In(zone)
	wall := time.Date(t.Year(), t.Month(), t.Day()+days, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	return resolve(wall, zone)
}

// monthDays is the number of days of a month, 1 to 12.
func monthDays(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// resolve turns a local date and time, given as if it were UTC, into an instant: the first of two when it happens
// twice, the first instant after the gap when it never happens. time.Date promises neither, and Time.ZoneBounds
// answers an end in the past on the last day of a leap year beyond the zone tables (2040). Rules 3.2.
func resolve(wall time.Time, zone *time.Location) time.Time {
	var first time.Time
	// No offset is further than 26 hours from UTC, so every reading of wall lies in this window, and no zone
	// changes its offset twice within an hour.
	low, high := wall.Add(-26*time.Hour), wall.Add(26*time.Hour)
	last := time.Duration(-1)
	for at := low; !at.After(high); at = at.Add(time.Hour) {
		here := offset(at, zone)
		if here == last {
			continue
		}
		last = here
		t := wall.Add(-here)
		if reading(t, zone).Equal(wall) && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	if !first.IsZero() {
		return first
	}
	return afterGap(wall, low, high, zone)
}

// afterGap finds the first instant whose local reading lies behind wall, which no clock of the zone ever shows.
// Offsets change on whole seconds.
func afterGap(wall, low, high time.Time, zone *time.Location) time.Time {
	low, high = low.Truncate(time.Second), high.Truncate(time.Second)
	for high.Sub(low) > time.Second {
		mid := low.Add(high.Sub(low) / 2).Truncate(time.Second)
		if reading(mid, zone).Before(wall) {
			low = mid
		} else {
			high = mid
		}
	}
	return high
}

// reading is what a clock of the zone shows at an instant, given as if it were UTC.
func reading(at time.Time, zone *time.Location) time.Time { return at.Add(offset(at, zone)) }

func offset(at time.Time, zone *time.Location) time.Duration {
	_, seconds := at.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}
