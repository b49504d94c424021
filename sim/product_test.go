package sim_test

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"minutebook/billing"
	"minutebook/sim/model"
)

// times of day at which a start may fall, in turns: midnight is what a zone may lack, 02:30 what it skips or repeats.
var timesOfDay = []time.Duration{0, 2*time.Hour + 30*time.Minute, 23*time.Hour + 59*time.Minute + 59*time.Second}

// TestDatesOfEveryZoneAndDay compares the whole product: every zone, a start on every local day of 2024 to 2037, every
// rhythm, 24 periods. Here calendar and zone may differ together. By default each zone starts on a few days, each zone on
// others; MINUTEBOOK_PROOF_DATE_PRODUCT is the stride in days, 1 for the whole product of 513 million boundaries.
//
// Zones that are done are noted in the file MINUTEBOOK_PROOF_DATE_NOTES, so that a run that was broken off goes on where
// it stopped, as long as the calendar on both sides is the one it began with.
func TestDatesOfEveryZoneAndDay(t *testing.T) {
	stride := proof(t, "DATE_PRODUCT", 2003)
	notes := openNotes(t, stride)
	zones := everyZone(t)[:min(proof(t, "DATE_ZONES", 1<<30), len(everyZone(t)))]
	var compared, before atomic.Int64
	var work sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		work.Go(func() {
			for i := range next {
				if n, done := notes.done[zones[i]]; done {
					before.Add(n)
					continue
				}
				n, err := compareZone(zones[i], i%stride, stride)
				if err != nil {
					t.Error(err)
					continue
				}
				compared.Add(n)
				notes.note(t, zones[i], n)
			}
		})
	}
	for i := range zones {
		next <- i
	}
	close(next)
	work.Wait()
	t.Logf("%d boundaries compared in %d zones, %d of them in earlier runs", compared.Load()+before.Load(), len(zones), before.Load())
}

// compareZone compares the grids that start in one zone, on every stride-th day from the first.
func compareZone(name string, first, stride int) (compared int64, err error) {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return 0, err
	}
	wall := model.NewWall(zone) // the second opinion is asked about each local time once
	day := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for n := first; day.AddDate(0, 0, n).Year() < 2038; n += stride {
		start := day.AddDate(0, 0, n).Add(timesOfDay[n%len(timesOfDay)])
		for _, g := range grids {
			grid := billing.Schedule{Anchor: billing.AnchorAt(start, time.UTC), Interval: g.interval, Count: g.count, Zone: zone}
			anchor, last := model.LocalAt(start, time.UTC), time.Time{}
			for n := range periods {
				got, want := grid.Boundary(n), wall.Boundary(anchor, string(g.interval), g.count, n)
				if !got.Equal(want) || !got.After(last) {
					return compared, fmt.Errorf("%s: boundary %d of %d %s from %s: billing %s, second opinion %s, the one before %s",
						name, n, g.count, g.interval, start.Format(time.DateTime), got, want, last)
				}
				last = got
				compared++
			}
		}
	}
	return compared, nil
}

// notes are the zones a run is done with.
type notes struct {
	mu   sync.Mutex
	file *os.File // nil: nothing is noted
	done map[string]int64
}

// openNotes reads what an earlier run noted about the very same calendars, zones and stride; notes about others are
// thrown away.
func openNotes(t *testing.T, stride int) *notes {
	t.Helper()
	n := &notes{done: map[string]int64{}}
	path := os.Getenv("MINUTEBOOK_PROOF_DATE_NOTES")
	if path == "" {
		return n
	}
	head := fmt.Sprintf("# %s %s stride %d", sourceOf(t, "../billing/calendar.go", "model/calendar.go", "zones.txt"), runtime.Version(), stride)
	text, err := os.ReadFile(path)
	if err == nil && strings.HasPrefix(string(text), head+"\n") {
		lines := bufio.NewScanner(strings.NewReader(string(text)))
		for lines.Scan() {
			var zone string
			var count int64
			if _, err := fmt.Sscan(lines.Text(), &zone, &count); err == nil && !strings.HasPrefix(zone, "#") {
				n.done[zone] = count
			}
		}
	} else if err := os.WriteFile(path, []byte(head+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if n.file, err = os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.file.Close() })
	return n
}

func sourceOf(t *testing.T, files ...string) string {
	t.Helper()
	sum := sha256.New()
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sum.Write(text)
	}
	return fmt.Sprintf("%x", sum.Sum(nil)[:8])
}

func (n *notes) note(t *testing.T, zone string, compared int64) {
	if n.file == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, err := fmt.Fprintf(n.file, "%s %d\n", zone, compared); err != nil {
		t.Error(err)
	}
}
