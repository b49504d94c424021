package sim_test

import (
	_ "embed"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"minutebook/billing"
	"minutebook/sim/model"
)

// grids are the rhythms that are compared.
var grids = []struct {
	interval billing.Interval
	count    int
}{{billing.Day, 1}, {billing.Week, 1}, {billing.Week, 2}, {billing.Month, 1}, {billing.Month, 3}, {billing.Month, 6}, {billing.Year, 1}}

const periods = 24

// missingMidnight are the zones in which a local midnight of 2024 to 2037 does not exist.
var missingMidnight = []string{
	"Africa/Cairo", "Egypt", "America/Asuncion", "America/Coyhaique", "America/Havana", "Cuba", "America/Santiago", "Chile/Continental", "Asia/Beirut", "Atlantic/Azores",
}

// TestDatesOfEveryGrid compares each boundary of each grid that starts on any day of 2024 to 2037 with the second
// opinion, in UTC: here only the calendar can differ. By default it starts on every eleventh day, which are all days
// of the month.
func TestDatesOfEveryGrid(t *testing.T) {
	compared, stride := 0, time.Duration(proof(t, "DATES", 11))
	for day := time.Date(2024, 1, 1, 10, 30, 15, 0, time.UTC); day.Year() < 2038; day = day.Add(stride * 24 * time.Hour) {
		compared += compareGrids(t, day, time.UTC)
	}
	t.Logf("%d boundaries compared", compared)
}

// TestDatesOfEveryZone compares what each local day is at several times of day, with the second opinion, in all zones:
// here only the resolution of local times can differ. By default it looks at the zones without some midnight on every
// day, and at the others on every eleventh.
func TestDatesOfEveryZone(t *testing.T) {
	stride := proof(t, "DATES", 11)
	compared := 0
	for _, name := range everyZone(t) {
		step := stride
		if contains(missingMidnight, name) {
			step = 1
		}
		zone := zoneNamed(t, name)
		for _, clock := range []time.Duration{0, 2*time.Hour + 30*time.Minute, 23*time.Hour + 59*time.Minute + 59*time.Second} {
			for n := 0; n < 14*365; n += step {
				wall := time.Date(2024, 1, 1+n, 0, 0, 0, 0, time.UTC).Add(clock)
				got := billing.Schedule{Anchor: billing.AnchorAt(wall, time.UTC), Interval: billing.Day, Count: 1, Zone: zone}.Boundary(0)
				if want := model.Boundary(model.LocalAt(wall, time.UTC), "DAY", 1, zone, 0); !got.Equal(want) {
					t.Fatalf("%s %s: billing %s, second opinion %s", name, wall.Format(time.DateTime), got, want)
				}
				compared++
			}
		}
	}
	t.Logf("%d local times compared", compared)
}

// TestDatesOfRandomSubscriptions compares whole grids, calendar and zone together, started at any second.
func TestDatesOfRandomSubscriptions(t *testing.T) {
	zones := everyZone(t)
	dice := rand.New(rand.NewPCG(1, uint64(proof(t, "DATE_SEED", 1))))
	compared := 0
	for range proof(t, "DATE_SUBSCRIPTIONS", 600) {
		name := zones[dice.IntN(len(zones))]
		if dice.IntN(4) == 0 {
			name = missingMidnight[dice.IntN(len(missingMidnight))]
		}
		zone := zoneNamed(t, name)
		start := time.Unix(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Unix()+dice.Int64N(14*365*86400), 0).In(zone)
		compared += compareGrids(t, start, zone)
		at := start.Add(time.Duration(dice.Int64N(int64(24 * time.Hour))))
		for _, days := range []int{0, 1, 7, 14, 30, 365} {
			if got, want := billing.AddDays(at, days, zone), model.AddDays(at, days, zone); !got.Equal(want) {
				t.Fatalf("%s: %s plus %d days: billing %s, second opinion %s", name, at, days, got, want)
			}
		}
	}
	t.Logf("%d boundaries compared", compared)
}

// compareGrids compares all grids that are anchored at an instant, and that their boundaries strictly increase.
func compareGrids(t *testing.T, start time.Time, zone *time.Location) (compared int) {
	t.Helper()
	for _, g := range grids {
		grid := billing.Schedule{Anchor: billing.AnchorAt(start, zone), Interval: g.interval, Count: g.count, Zone: zone}
		anchor := model.LocalAt(start, zone)
		last := time.Time{}
		for n := range periods {
			got, want := grid.Boundary(n), model.Boundary(anchor, string(g.interval), g.count, zone, n)
			if !got.Equal(want) || !got.After(last) {
				t.Fatalf("boundary %d of %d %s from %s: billing %s, second opinion %s, the one before %s", n, g.count, g.interval, start, got, want, last)
			}
			last = got
			compared++
		}
	}
	return compared
}

//go:embed zones.txt
var zoneNames string

func everyZone(t *testing.T) []string {
	t.Helper()
	zones := strings.Fields(zoneNames)
	if len(zones) < 590 {
		t.Fatalf("zones.txt names %d zones", len(zones))
	}
	return zones
}

func zoneNamed(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func contains(names []string, name string) bool {
	for _, each := range names {
		if each == name {
			return true
		}
	}
	return false
}
