package load

import "fmt"

// Stored is an event as the books show it.
type Stored struct {
	Event  string
	ID     string
	Client string
	Millis int64
}

// Known is how many events were acknowledged.
func (h *History) Known() (n int) {
	for _, e := range h.events {
		if e.known {
			n++
		}
	}
	return n
}

// Unknown is how many events were sent of which nobody heard whether they were taken.
func (h *History) Unknown() (n int) {
	for _, e := range h.events {
		if !e.known && e.refused < e.sent {
			n++
		}
	}
	return n
}

// Check holds the log against the books: what was acknowledged is there once and as it was sent, what was refused is
// not there, and what nobody heard of is there at most once. It answers what is wrong.
func (h *History) Check(books []Stored) (faults []string) {
	faults = append(faults, h.faults...)
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	times := map[string]int{}
	for _, s := range books {
		e := h.events[s.Event]
		times[s.Event]++
		switch {
		case e == nil:
			fault("STRANGE: %s is stored and was never sent", s.Event)
		case s.Client != e.client || s.Millis != e.millis:
			fault("CHANGED: %s was sent for client %s with %d ms and is stored for %s with %d", s.Event, e.client, e.millis, s.Client, s.Millis)
		case e.known && s.ID != e.id:
			fault("CHANGED: %s was acknowledged as %s and is stored as %s", s.Event, e.id, s.ID)
		}
	}
	for event, e := range h.events {
		switch n := times[event]; {
		case n > 1:
			fault("DOUBLED: %s is stored %d times", event, n)
		case e.accepted > 1:
			fault("LOST: %s was accepted as new %d times", event, e.accepted)
		case e.known && n == 0:
			fault("LOST: %s was acknowledged and is not there", event)
		case e.refused == e.sent && n > 0:
			fault("UNTRUE: %s was refused and is there", event)
		}
	}
	return faults
}
