package billing

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// hardZones are the zones whose clocks do the oddest things: the ten names with a missing local midnight, half-hour
// and two-hour changes, and the one that left out a whole day.
var hardZones = []string{
	"Africa/Cairo", "Egypt", "America/Asuncion", "America/Coyhaique", "America/Havana", "Cuba", "America/Santiago", "Chile/Continental", "Asia/Beirut",
	"Atlantic/Azores", "Australia/Lord_Howe", "Antarctica/Troll", "Pacific/Apia", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "UTC",
}

func zoneNamed(t judge, name string) *time.Location {
	t.Helper()
	zone, err := LoadZone("timezone", name)
	if err != nil {
		t.Fatalf("zone %s: %v", name, err)
	}
	return zone
}

// slowResolve looks at every quarter of an hour, then at every second, for the first moment at which a clock of the
// zone shows wall or later. It takes nothing from the calendar but the zone's own clock.
func slowResolve(wall time.Time, zone *time.Location) time.Time {
	const form = "2006-01-02 15:04:05"
	want := wall.Format(form)
	at := wall.Add(-27 * time.Hour)
	for at.Add(15*time.Minute).In(zone).Format(form) < want {
		at = at.Add(15 * time.Minute)
	}
	for at.In(zone).Format(form) < want {
		at = at.Add(time.Second)
	}
	return at
}

// TestResolveAroundEveryClockChange compares each half hour around each change of 2024 to 2037 with the slow search.
func TestResolveAroundEveryClockChange(t *testing.T) {
	for _, name := range hardZones {
		zone := zoneNamed(t, name)
		for _, change := range clockChanges(zone, 2024, 2027) {
			local := reading(change, zone).Truncate(time.Hour)
			for wall := local.Add(-150 * time.Minute); wall.Before(local.Add(150 * time.Minute)); wall = wall.Add(30 * time.Minute) {
				if got, want := resolve(wall, zone), slowResolve(wall, zone); !got.Equal(want) {
					t.Errorf("resolve(%s, %s) = %s, want %s", wall, name, got, want)
				}
			}
		}
	}
}

// clockChanges finds the instants at which a zone changes its offset, by looking at every second hour.
func clockChanges(zone *time.Location, from, to int) (changes []time.Time) {
	at, end := time.Date(from, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(to, 1, 1, 0, 0, 0, 0, time.UTC)
	for ; at.Before(end); at = at.Add(2 * time.Hour) {
		if offset(at, zone) != offset(at.Add(2*time.Hour), zone) {
			changes = append(changes, at.Add(2*time.Hour))
		}
	}
	return changes
}

// TestBoundaryIsTheOracles compares random grids with local calendar arithmetic done by hand.
func TestBoundaryIsTheOracles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSchedule(t)
		n := rapid.IntRange(0, 40).Draw(t, "n")
		wall := nthDay(s, n)
		if got, want := s.Boundary(n), slowResolve(wall, s.Zone); !got.Equal(want) && !got.Equal(want.Add(time.Second)) {
			t.Fatalf("Boundary(%d) of %+v = %s, want %s", n, s, got, want)
		}
		if !s.Boundary(n).Before(s.Boundary(n + 1)) {
			t.Fatalf("boundary %d is not before the next", n)
		}
		at := s.Boundary(n)
		if s.Slot(at) != n || n > 0 && s.Slot(at.Add(-1)) != n-1 || s.Slot(s.Boundary(0).Add(-time.Hour)) != 0 {
			t.Fatalf("Slot at boundary %d = %d, just before it %d", n, s.Slot(at), s.Slot(at.Add(-1)))
		}
	})
}

func drawSchedule(t *rapid.T) Schedule {
	day := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 1500).Draw(t, "day"))
	return Schedule{
		Anchor:   Anchor{day.Year(), int(day.Month()), day.Day(), rapid.IntRange(0, 23).Draw(t, "hour"), rapid.SampledFrom([]int{0, 15, 30, 59}).Draw(t, "minute"), rapid.SampledFrom([]int{0, 59}).Draw(t, "second")},
		Interval: rapid.SampledFrom([]Interval{Day, Week, Month, Year}).Draw(t, "interval"), Count: rapid.IntRange(1, 36).Draw(t, "count"),
		Zone: zoneNamed(t, rapid.SampledFrom(hardZones).Draw(t, "zone")),
	}
}

// nthDay counts the calendar day of boundary n one day, one month at a time.
func nthDay(s Schedule, n int) time.Time {
	a := s.Anchor
	day := time.Date(a.Year, time.Month(a.Month), a.Day, a.Hour, a.Minute, a.Second, 0, time.UTC)
	switch steps := n * s.Count; s.Interval {
	case Day:
		return day.Add(time.Duration(steps) * 24 * time.Hour)
	case Week:
		return day.Add(time.Duration(steps) * 7 * 24 * time.Hour)
	case Year:
		return sameDayOf(day, steps*12)
	default:
		return sameDayOf(day, steps)
	}
}

func sameDayOf(day time.Time, months int) time.Time {
	year, month := day.Year(), day.Month()
	for range months {
		if month++; month > time.December {
			year, month = year+1, time.January
		}
	}
	for d := day.Day(); ; d-- {
		if t := time.Date(year, month, d, day.Hour(), day.Minute(), day.Second(), 0, time.UTC); t.Month() == month {
			return t
		}
	}
}

// TestMonthEndsKeepTheirDay walks 48 months from each of the last days of each month, and 12 years from a leap day.
func TestMonthEndsKeepTheirDay(t *testing.T) {
	for month := 1; month <= 12; month++ {
		for day := 28; day <= monthDays(2024, month); day++ {
			s := Schedule{Anchor{2024, month, day, 10, 30, 0}, Month, 1, time.UTC}
			for n := range 48 {
				at := s.Boundary(n)
				if want := min(day, monthDays(at.Year(), int(at.Month()))); at.Day() != want || (int(at.Month())-month-n)%12 != 0 {
					t.Errorf("anchor %v: Boundary(%d) = %s, want day %d", s.Anchor, n, at, want)
				}
			}
		}
	}
	leap := Schedule{Anchor{2028, 2, 29, 0, 0, 0}, Year, 1, time.UTC}
	for n, want := range []string{"2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29", "2033-02-28"} {
		if got := leap.Boundary(n).Format(time.DateOnly); got != want {
			t.Errorf("leap day: Boundary(%d) = %s, want %s", n, got, want)
		}
	}
}

// TestKnownBoundaries pins single hard cases.
func TestKnownBoundaries(t *testing.T) {
	cases := []struct {
		why    string
		zone   string
		anchor Anchor
		every  Interval
		n      int
		want   string
	}{
		{"midnight does not exist in Santiago", "America/Santiago", Anchor{2026, 9, 5, 0, 0, 0}, Day, 1, "2026-09-06T04:00:00Z"},
		{"midnight does not exist in Cairo", "Africa/Cairo", Anchor{2026, 4, 23, 0, 0, 0}, Day, 1, "2026-04-23T22:00:00Z"},
		{"02:30 is in the gap of New York", "America/New_York", Anchor{2026, 3, 7, 2, 30, 0}, Day, 1, "2026-03-08T07:00:00Z"},
		{"01:30 happens twice in New York", "America/New_York", Anchor{2026, 10, 31, 1, 30, 0}, Day, 1, "2026-11-01T05:30:00Z"},
		{"Lord Howe moves by half an hour", "Australia/Lord_Howe", Anchor{2026, 10, 3, 2, 15, 0}, Day, 1, "2026-10-03T15:30:00Z"},
		{"Troll moves by two hours", "Antarctica/Troll", Anchor{2026, 3, 28, 2, 0, 0}, Day, 1, "2026-03-29T01:00:00Z"},
		{"Apia had no 30 December 2011", "Pacific/Apia", Anchor{2011, 12, 29, 9, 0, 0}, Day, 1, "2011-12-30T10:00:00Z"},
		{"and the 31st follows it", "Pacific/Apia", Anchor{2011, 12, 29, 9, 0, 0}, Day, 2, "2011-12-30T19:00:00Z"},
		{"two boundaries at one midnight are kept apart", "Pacific/Apia", Anchor{2011, 12, 29, 0, 0, 0}, Day, 2, "2011-12-30T10:00:01Z"},
		{"the last day of a leap year beyond the zone tables", "Europe/Berlin", Anchor{2027, 12, 31, 12, 0, 0}, Year, 13, "2040-12-31T11:00:00Z"},
	}
	for _, c := range cases {
		s := Schedule{c.anchor, c.every, 1, zoneNamed(t, c.zone)}
		if got := s.Boundary(c.n).Format(time.RFC3339); got != c.want {
			t.Errorf("%s: Boundary(%d) of %s in %s = %s, want %s", c.why, c.n, c.anchor, c.zone, got, c.want)
		}
	}
}

// TestStandardLibraryDiffers pins why time.AddDate and time.Date may not decide a boundary.
func TestStandardLibraryDiffers(t *testing.T) {
	jan31 := Schedule{Anchor{2027, 1, 31, 0, 0, 0}, Month, 1, time.UTC}
	if theirs := jan31.Boundary(0).AddDate(0, 1, 0); theirs.Equal(jan31.Boundary(1)) || theirs.Format(time.DateOnly) != "2027-03-03" {
		t.Errorf("AddDate gives %s now", theirs)
	}
	zone := zoneNamed(t, "America/Santiago")
	midnight := Schedule{Anchor{2026, 9, 5, 0, 0, 0}, Day, 1, zone}
	if theirs := time.Date(2026, 9, 6, 0, 0, 0, 0, zone); theirs.Equal(midnight.Boundary(1)) || theirs.Day() != 5 {
		t.Errorf("time.Date gives %s now", theirs)
	}
}

// TestAddDaysKeepsTheClock: due dates are local days, and no days is the same instant.
func TestAddDaysKeepsTheClock(t *testing.T) {
	zone := zoneNamed(t, "America/New_York")
	at := time.Date(2026, 3, 1, 14, 30, 0, 123000, time.UTC) // 09:30 in winter
	if got, want := AddDays(at, 10, zone), time.Date(2026, 3, 11, 13, 30, 0, 123000, time.UTC); !got.Equal(want) {
		t.Errorf("AddDays over the change = %s, want %s", got, want)
	}
	second := time.Date(2026, 11, 1, 6, 30, 0, 0, time.UTC) // 01:30 for the second time
	if got := AddDays(second, 0, zone); !got.Equal(second) {
		t.Errorf("AddDays(0) = %s, want %s", got, second)
	}
}

func FuzzBoundary(f *testing.F) {
	f.Add(int64(1_800_000_000), 3, 2, 1, 17)
	f.Fuzz(func(t *testing.T, start int64, zone, interval, count, n int) {
		if start < 0 || start > 4_000_000_000 || count < 1 || count > MaxIntervalCount || n < 0 || n > 500 {
			return
		}
		location := zoneNamed(t, hardZones[uint(zone)%uint(len(hardZones))])
		every := []Interval{Day, Week, Month, Year}[uint(interval)%4]
		s := Schedule{AnchorAt(time.Unix(start, 0), location), every, count, location}
		if !s.Boundary(n).Before(s.Boundary(n+1)) || s.Slot(s.Boundary(n)) != n {
			t.Errorf("boundary %d of %+v is %s, the next %s", n, s, s.Boundary(n), s.Boundary(n+1))
		}
	})
}
