package billing

import (
	"testing"
	"time"
)

func TestMonths(t *testing.T) {
	if got := Months(202711, 202802); len(got) != 4 || got[1] != 202712 || got[2] != 202801 {
		t.Errorf("Months = %v", got)
	}
	if m := CalendarMonth(202801).Plus(-13); m != 202612 {
		t.Errorf("202801 less 13 months = %v", m)
	}
	if first, last := CalendarMonth(202802).First(), CalendarMonth(202802).Last(); first != 20280201 || last != 20280229 || last.Month() != 202802 {
		t.Errorf("February 2028 is %v to %v", first, last)
	}
	if m := CalendarMonth(202701); m.String() != "2027-01" {
		t.Errorf("String = %q", m)
	}
	for text, want := range map[string]CalendarMonth{"2027-01": 202701, "2027-13": 0, "2027-1": 0, "": 0, "0001-01": 0, "2027-01-01": 0} {
		if got, err := ParseMonth("from", text); got != want || (err == nil) != (want != 0) {
			t.Errorf("ParseMonth(%q) = %v, %v", text, got, err)
		}
	}
}

// A month begins at its first instant, also where midnight of that day is passed over or comes twice.
func TestMonthsBeginInTheirZone(t *testing.T) {
	for _, test := range []struct {
		zone  string
		month CalendarMonth
		want  string
	}{
		{"UTC", 202701, "2027-01-01T00:00:00Z"},
		{"Europe/Berlin", 202707, "2027-06-30T22:00:00Z"},
		{"Pacific/Kiritimati", 202701, "2026-12-31T10:00:00Z"},
		{"Africa/Cairo", 201005, "2010-04-30T21:00:00Z"},
		{"America/Asuncion", 201710, "2017-10-01T04:00:00Z"}, // 00:00 was passed over: it began at 01:00
		{"America/Havana", 202011, "2020-11-01T04:00:00Z"},   // 00:00 came twice
	} {
		zone, err := time.LoadLocation(test.zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := test.month.Start(zone).Format(time.RFC3339); got != test.want {
			t.Errorf("%v in %s begins at %s, want %s", test.month, test.zone, got, test.want)
		}
	}
}

func TestCostAmount(t *testing.T) {
	for _, test := range []struct {
		micros int64
		digits int
		want   Money
	}{
		{1_005_000, 2, 101}, {1_004_999, 2, 100}, {-1_005_000, 2, -101}, {-1_004_999, 2, -100}, {499_999, 0, 0}, {500_000, 0, 1}, {1_234_500, 3, 1235}, {1, 6, 1}, {7, 8, 700}, {0, 2, 0},
	} {
		if got, err := CostAmount(test.micros, Currency{"X", test.digits}); got != test.want || err != nil {
			t.Errorf("CostAmount(%d, %d digits) = %d, %v, want %d", test.micros, test.digits, got, err, test.want)
		}
	}
	if _, err := CostAmount(1<<62, Currency{"X", 8}); err == nil {
		t.Error("a cost that does not fit is answered")
	}
}

func TestPercent(t *testing.T) {
	for _, test := range []struct {
		part, of int64
		want     string
	}{{1, 3, "33.33"}, {2, 3, "66.67"}, {1, 8, "12.50"}, {0, 5, "0.00"}, {5, 5, "100.00"}, {1, 0, ""}, {1 << 62, 1 << 62, "100.00"}} {
		if got := Percent(test.part, test.of); got != test.want {
			t.Errorf("Percent(%d, %d) = %q, want %q", test.part, test.of, got, test.want)
		}
	}
}
