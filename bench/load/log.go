package load

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
)

// Log is what a load did, a line before each post and a line after it:
//
//	send 17 EVENT CLIENT MILLIS EVENT CLIENT MILLIS ...
//	answer 17 200 accepted ID duplicate ID rejected - ...
//	lost 17 WHY
//	unsent 17 WHY
//
// The results stand in the order of the events. What was sent and neither answered nor lost was under way when the
// log ended; what is unsent never found a server.
type Log struct {
	mu    sync.Mutex
	to    io.Writer
	posts int
	line  []byte
	err   error
}

// NewLog writes to a file, or to a buffer before it: the load outlives the server, not the machine.
func NewLog(to io.Writer) *Log { return &Log{to: to} }

// Send notes what is about to be sent, and answers the number of the post.
func (l *Log) Send(calls []*Call) (post int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.posts++
	l.begin("send", l.posts)
	for _, c := range calls {
		l.word(c.Event)
		l.word(c.Client)
		l.word(strconv.FormatInt(c.Talk.Milliseconds(), 10))
	}
	l.end()
	return l.posts
}

// Answer notes what was answered.
func (l *Log) Answer(post, status int, results []Outcome) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.begin("answer", post)
	l.word(strconv.Itoa(status))
	for _, r := range results {
		l.word(r.Result)
		l.word(r.ID)
	}
	l.end()
}

// Lost notes that no answer came: nobody knows what became of the post, unless it never left.
func (l *Log) Lost(post int, why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	what := "lost"
	if errors.As(why, &NotSent{}) {
		what = "unsent"
	}
	l.begin(what, post)
	l.word(strings.Join(strings.Fields(why.Error()), " "))
	l.end()
}

func (l *Log) begin(what string, post int) {
	l.line = strconv.AppendInt(append(append(l.line[:0], what...), ' '), int64(post), 10)
}

func (l *Log) word(w string) {
	if w == "" {
		w = "-"
	}
	l.line = append(append(l.line, ' '), w...)
}

func (l *Log) end() {
	if _, err := l.to.Write(append(l.line, '\n')); err != nil && l.err == nil {
		l.err = err
	}
}

// Err is why the log is not whole, if it is not.
func (l *Log) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// History is a log, read back: what is known of each event.
type History struct {
	events map[string]*told
	faults []string
	Posts  int
}

// told is what the log tells of one event.
type told struct {
	client   string
	millis   int64
	sent     int
	refused  int // how often it surely was not taken
	accepted int
	known    bool   // it was accepted, or a duplicate
	id       string // that it is stored under
}

// ReadLog reads a log from its beginning.
func ReadLog(from io.Reader) (*History, error) {
	h := &History{events: map[string]*told{}}
	posts := map[string][]string{} // number to events
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadString('\n')
		if err == io.EOF {
			return h, nil // a line without an end was never finished: it says nothing
		}
		if err != nil {
			return nil, err
		}
		words := strings.Fields(line)
		if len(words) < 3 {
			return nil, fmt.Errorf("reading the log: %q", line)
		}
		switch words[0] {
		case "send":
			posts[words[1]], err = h.sent(words[2:])
		case "answer":
			err = h.answered(posts[words[1]], words[2], words[3:])
			delete(posts, words[1])
		case "lost":
			delete(posts, words[1])
		case "unsent":
			h.refuse(posts[words[1]])
			delete(posts, words[1])
		default:
			err = fmt.Errorf("an unknown word")
		}
		if err != nil {
			return nil, fmt.Errorf("reading the log: %q: %w", line, err)
		}
	}
}

func (h *History) sent(words []string) (events []string, err error) {
	if len(words)%3 != 0 {
		return nil, fmt.Errorf("%d words about events", len(words))
	}
	h.Posts++
	for i := 0; i < len(words); i += 3 {
		millis, err := strconv.ParseInt(words[i+2], 10, 64)
		if err != nil {
			return nil, err
		}
		e := h.events[words[i]]
		if e == nil {
			e = &told{client: words[i+1], millis: millis}
			h.events[words[i]] = e
		}
		e.sent++
		events = append(events, words[i])
	}
	return events, nil
}

func (h *History) refuse(events []string) {
	for _, event := range events {
		h.events[event].refused++
	}
}

func (h *History) answered(events []string, status string, words []string) error {
	if len(words) == 0 {
		if status[0] == '4' { // which promises that nothing was done; 5xx promises nothing
			h.refuse(events)
		}
		return nil
	}
	if len(words) != 2*len(events) {
		return fmt.Errorf("%d words about %d events", len(words), len(events))
	}
	for i, event := range events {
		h.learn(event, Outcome{words[2*i], words[2*i+1]})
	}
	return nil
}

func (h *History) learn(event string, o Outcome) {
	e := h.events[event]
	switch o.Result {
	case Accepted, Duplicate:
		if e.known && e.id != o.ID {
			h.faults = append(h.faults, fmt.Sprintf("CHANGED: %s was stored as %s, then as %s", event, e.id, o.ID))
		}
		if o.Result == Accepted {
			e.accepted++
		}
		e.known, e.id = true, o.ID
	default:
		e.refused++
	}
}
