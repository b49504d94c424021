package load

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

// sound is a log of six events: a and b acknowledged, b twice, c lost, d refused, e never sent, f answered with a fault,
// and the books that agree with it.
func sound(t *testing.T) (log string, books []Stored) {
	t.Helper()
	var text bytes.Buffer
	l := NewLog(&text)
	call := func(event string) *Call { return &Call{Event: event, Client: "7", Talk: time.Second} }
	post := l.Send([]*Call{call("a"), call("b")})
	l.Answer(post, 200, []Outcome{{Accepted, "1"}, {Accepted, "2"}})
	again := l.Send([]*Call{call("b")})
	lost := l.Send([]*Call{call("c")})
	l.Answer(again, 200, []Outcome{{Duplicate, "2"}})
	l.Lost(lost, errors.New("read:\nreset"))
	l.Answer(l.Send([]*Call{call("d")}), 429, nil)
	l.Lost(l.Send([]*Call{call("e")}), NotSent{errors.New("refused")})
	l.Answer(l.Send([]*Call{call("f")}), 500, nil)
	if l.Err() != nil {
		t.Fatal(l.Err())
	}
	return text.String(), []Stored{{"a", "1", "7", 1000}, {"b", "2", "7", 1000}}
}

func read(t *testing.T, text string) *History {
	t.Helper()
	h, err := ReadLog(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestTheCheckerIsContent(t *testing.T) {
	log, books := sound(t)
	h := read(t, log)
	if faults := h.Check(books); len(faults) > 0 {
		t.Errorf("of a sound history it says %q", faults)
	}
	if h.Known() != 2 || h.Unknown() != 2 || h.Posts != 6 {
		t.Errorf("%d known, %d unknown of %d posts", h.Known(), h.Unknown(), h.Posts)
	}
	if faults := h.Check(append(books, Stored{"c", "3", "7", 1000}, Stored{"f", "4", "7", 1000})); len(faults) > 0 {
		t.Errorf("what was lost may be there, and it says %q", faults)
	}
}

func TestTheCheckerNotices(t *testing.T) {
	log, books := sound(t)
	tests := []struct {
		name, more string
		books      []Stored
		want       string
	}{
		{"lost", "", books[:1], "LOST: b"},
		{"doubled", "", append(books[:2:2], books[0]), "DOUBLED: a"},
		{"an unknown one doubled", "", append(books[:2:2], Stored{"c", "3", "7", 1000}, Stored{"c", "4", "7", 1000}), "DOUBLED: c"},
		{"of another length", "", []Stored{books[0], {"b", "2", "7", 999}}, "CHANGED: b"},
		{"of another client", "", []Stored{books[0], {"b", "2", "8", 1000}}, "CHANGED: b"},
		{"under another id", "", []Stored{books[0], {"b", "3", "7", 1000}}, "CHANGED: b"},
		{"never sent", "", append(books[:2:2], Stored{"x", "9", "7", 1000}), "STRANGE: x"},
		{"refused", "", append(books[:2:2], Stored{"d", "9", "7", 1000}), "UNTRUE: d"},
		{"never left", "", append(books[:2:2], Stored{"e", "9", "7", 1000}), "UNTRUE: e"},
		{"answered with another id", "send 9 a 7 1000\nanswer 9 200 duplicate 5\n", books, "CHANGED: a"},
		{"taken for new", "send 9 a 7 1000\nanswer 9 201 accepted 1\n", books, "LOST: a was accepted as new 2 times"},
	}
	for _, tt := range tests {
		faults := read(t, log+tt.more).Check(tt.books)
		if !strings.Contains(strings.Join(faults, "\n"), tt.want) {
			t.Errorf("%s: it says %q, want %s", tt.name, faults, tt.want)
		}
	}
}

func TestALogIsReadToItsLastWholeLine(t *testing.T) {
	log, books := sound(t)
	if faults := read(t, log+"send 9 x 7 1000\nansw").Check(books); len(faults) > 0 {
		t.Errorf("of a log that was broken off it says %q", faults)
	}
	for _, bad := range []string{"sing 9 a 7 1000\n", "send 9 a 7\n", "send 9 a 7 x\n", "send 8 a 7 1\nanswer 8 200 accepted\n", "\n"} {
		if _, err := ReadLog(strings.NewReader(bad)); err == nil {
			t.Errorf("%q is read as a log", bad)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestALogThatCannotBeWrittenSaysSo(t *testing.T) {
	l := NewLog(full{})
	l.Send([]*Call{{Event: "a"}})
	if l.Err() == nil {
		t.Error("nothing is said")
	}
}
