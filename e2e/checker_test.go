package e2e_test

import (
	"fmt"
	"strings"
	"testing"
)

// notebook collects what a check finds, instead of failing.
type notebook struct {
	testing.TB
	found []string
}

func (n *notebook) Errorf(format string, args ...any) {
	n.found = append(n.found, fmt.Sprintf(format, args...))
}

// TestTheCheckerNotices breaks a history in each way it is there to find.
func TestTheCheckerNotices(t *testing.T) {
	t.Parallel()
	p := newProgram(t, "sqlite")
	p.serve()
	l := newLoad(p, 2)
	l.during(4, func() { l.goesOn(60) })
	notes := &notebook{TB: t}
	p.TB = notes
	l.check()
	if len(notes.found) > 0 {
		t.Fatalf("of a sound history it says: %v", notes.found)
	}
	kinds := map[string]*deed{}
	for _, d := range l.deeds {
		if d.done {
			kinds[d.kind] = d
		}
	}
	for kind, d := range kinds {
		if kind == "clock" {
			continue
		}
		d.done, d.refusals = false, d.sent // it is there, and every answer said that it was refused
		l.notices(t, notes, "UNTRUE: ", d)
		d.done = true
	}
	for _, kind := range []string{"usage", "pack", "ask", "pay", "adjust"} {
		d := &deed{kind: kind, key: "ghost", events: []string{"ghost"}, request: "1", sent: 1, done: true}
		l.deeds = append(l.deeds, d)
		l.notices(t, notes, "LOST: ", d)
		l.deeds = l.deeds[:len(l.deeds)-1]
	}
	p.TB = t
}

func (l *load) notices(t *testing.T, notes *notebook, what string, d *deed) {
	t.Helper()
	notes.found = nil
	l.check()
	if !strings.Contains(strings.Join(notes.found, "\n"), what) {
		t.Errorf("%s %s: it says %v, want %s", d.kind, d.key, notes.found, what)
	}
}
