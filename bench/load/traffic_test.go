package load

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"
)

func someClients(n int) (ids []string) {
	for i := range n {
		ids = append(ids, fmt.Sprint(1000+i))
	}
	return ids
}

// shares are how many of 20,000 calls each client gets, the largest first.
func shares(t Traffic) (counts []int) {
	got, d := map[string]int{}, t.Dealer(0)
	for range 20_000 {
		got[d.New(time.Unix(0, 0)).Client]++
	}
	for _, n := range got {
		counts = append(counts, n)
	}
	slices.SortFunc(counts, func(a, b int) int { return b - a })
	return counts
}

func TestClientsAreAsLikelyAsAsked(t *testing.T) {
	if even := shares(Traffic{Clients: someClients(100)}); len(even) != 100 || even[0] > 300 || even[99] < 120 {
		t.Errorf("evenly, 100 clients get %v", even)
	}
	if zipf := shares(Traffic{Clients: someClients(100), Zipf: 1.2}); zipf[0] < 4*zipf[5] || zipf[0] > 15_000 {
		t.Errorf("by Zipf, 100 clients get %v", zipf)
	}
	if hot := shares(Traffic{Clients: someClients(1)}); len(hot) != 1 {
		t.Errorf("one hot client gets %v", hot)
	}
	if turns := shares(Traffic{Clients: someClients(100), Zipf: 1.2, InTurns: true}); turns[0] != 200 || turns[99] != 200 {
		t.Errorf("in turns, 100 clients get %v", turns)
	}
	a, b := Traffic{Clients: someClients(100), Zipf: 2}.Dealer(1), Traffic{Clients: someClients(100), Zipf: 2}.Dealer(2)
	if !slices.Equal(a.place, b.place) {
		t.Error("two dealers do not agree on who the large clients are")
	}
}

func TestDealersDrawTheSameAgain(t *testing.T) {
	traffic := Traffic{Clients: someClients(9), Shortest: time.Second, Longest: time.Minute, Seed: 7}
	a, b, other := traffic.Dealer(3).New(time.Unix(0, 0)), traffic.Dealer(3).New(time.Unix(0, 0)), traffic.Dealer(4).New(time.Unix(0, 0))
	if *a != *b || a.Event == other.Event {
		t.Errorf("the same dealer drew %v and %v, another one %v", a, b, other)
	}
}

func TestIdsAreUUIDs(t *testing.T) {
	for ordered, version := range map[bool]byte{false: '4', true: '7'} {
		d, last := Traffic{Clients: someClients(1), Ordered: ordered}.Dealer(0), ""
		disordered := 0
		for i := range 1000 {
			id := d.New(time.Unix(1_800_000_000, 0).Add(time.Duration(i) * time.Second)).Event
			if len(id) != 36 || id[14] != version || id[8] != '-' || id[23] != '-' || id[19] < '8' || id[19] > 'b' {
				t.Fatalf("%q is no UUID of version %c", id, version)
			}
			if id < last {
				disordered++
			}
			last = id
		}
		if ordered && disordered > 0 || !ordered && disordered < 300 {
			t.Errorf("ordered %v: %d of 1000 ids are smaller than the one before", ordered, disordered)
		}
	}
}

func TestRepeatsAreOfWhatWasSent(t *testing.T) {
	d := Traffic{Clients: someClients(5), Repeats: 0.3}.Dealer(0)
	sent, repeats := map[*Call]bool{}, 0
	for range 5000 {
		call, repeat := d.Draw()
		if repeat != sent[call] {
			t.Fatalf("%s is called a repeat: %v", call.Event, repeat)
		}
		if repeat {
			repeats++
			continue
		}
		sent[call] = true
		d.Remember(call)
	}
	if repeats < 1300 || repeats > 1700 || len(d.recent) != remembered {
		t.Errorf("%d of 5000 are repeats of %d remembered", repeats, len(d.recent))
	}
}

func TestBodiesAreJSON(t *testing.T) {
	d := Traffic{Clients: someClients(5), Shortest: 90 * time.Second, Longest: 90 * time.Second}.Dealer(0)
	calls := []*Call{d.New(time.Unix(1_800_000_000, 123e6)), d.New(time.Unix(1_800_000_001, 0))}
	var one map[string]any
	body := Traffic{Batch: 1}.body(nil, calls)
	if err := json.Unmarshal(body, &one); err != nil || one["event_id"] != calls[0].Event || one["duration_ms"] != 90_000.0 || one["ended_at"] != "2027-01-15T08:00:00.123Z" {
		t.Errorf("a call is %s: %v", body, err)
	}
	if len(body) < 220 || len(body) > 330 {
		t.Errorf("a call has %d bytes", len(body))
	}
	var many struct{ Events []map[string]any }
	body = Traffic{Batch: 2}.body(nil, calls)
	if err := json.Unmarshal(body, &many); err != nil || len(many.Events) != 2 || many.Events[1]["client_id"] != calls[1].Client {
		t.Errorf("a batch is %s: %v", body, err)
	}
	lines := Traffic{Batch: 2, NDJSON: true}.body(nil, calls)
	if want := string(calls[0].Append(nil)) + "\n" + string(calls[1].Append(nil)) + "\n"; string(lines) != want {
		t.Errorf("lines are %s", lines)
	}
}
