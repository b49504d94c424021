package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// scaled is a figure of the proof: small at every commit, as large as MINUTEBOOK_PROOF_<name> says at will.
func scaled(t testing.TB, name string, small int) int {
	t.Helper()
	text := os.Getenv("MINUTEBOOK_PROOF_" + name)
	if text == "" {
		return small
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("MINUTEBOOK_PROOF_%s is %q, want a number above 0", name, text)
	}
	return n
}

// outcome is what a client knows of a deed after all its tries.
type outcome string

const (
	unknown outcome = "unknown" // sent, and nobody said what became of it
	refused outcome = "refused" // it never left, or every answer said that nothing was done
	done    outcome = "done"    // an answer said that it was done
)

// deed is one thing a client wanted done. Its key stands in whatever it leaves in the books.
type deed struct {
	kind    string // usage, pack, ask, pay, adjust, clock
	key     string
	client  string
	events  []string // of usage: one or more, sent together
	request string   // of pay: what was paid
	to      string   // of clock
	body    object
	path    string
	method  string
	once    string // Idempotency-Key

	sent, refusals int // how often, and how often refused
	done           bool
}

// outcome is what all tries together say.
func (d *deed) outcome() outcome {
	switch {
	case d.done:
		return done
	case d.refusals == d.sent:
		return refused
	}
	return unknown
}

// history is everything several clients did to one program, written to a file before it is sent and after it is
// answered, and kept in memory.
type history struct {
	*caller
	mu       sync.Mutex
	deeds    []*deed
	statuses map[int]int
	file     *os.File
	client   http.Client
	faults   []string // answers nobody may ever get
	clock    time.Time
	n        int
}

func newHistory(c *caller, clock string) *history {
	c.Helper()
	file, err := os.Create(filepath.Join(c.TempDir(), "history.jsonl"))
	if err != nil {
		c.Fatal(err)
	}
	now, err := time.Parse(time.RFC3339, clock)
	if err != nil {
		c.Fatal(err)
	}
	c.Cleanup(func() { file.Close() })
	wires := &http.Transport{MaxIdleConnsPerHost: 100, DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext}
	c.Cleanup(wires.CloseIdleConnections)
	return &history{caller: c, statuses: map[int]int{}, file: file, clock: now, client: http.Client{Transport: wires, Timeout: 3 * time.Minute}}
}

// note writes a line of the log.
func (h *history) note(what string, d *deed, more string) {
	line, _ := json.Marshal([]string{time.Now().Format(time.RFC3339Nano), what, d.kind, d.key, more})
	_, _ = h.file.Write(append(line, '\n'))
}

// do sends a deed, the first time or again, and learns what the answer says. It answers the answer, if one came.
func (h *history) do(d *deed) (int, object) {
	h.mu.Lock()
	before := d.outcome()
	if d.sent++; d.sent == 1 {
		h.deeds = append(h.deeds, d)
	}
	h.note("invoke", d, "")
	h.mu.Unlock()
	status, answer, left, err := h.send(d)
	h.mu.Lock()
	defer h.mu.Unlock()
	learned := verdict(status, answer, left, err)
	h.note(string(learned), d, fmt.Sprint(status, answer["code"], err))
	h.statuses[status]++
	h.blame(d, before, status, answer)
	switch learned {
	case done:
		d.done = true
	case refused:
		d.refusals++
	}
	return status, answer
}

// blame keeps answers that must never come; before is what was known when the deed was sent.
func (h *history) blame(d *deed, before outcome, status int, answer object) {
	accepted := status == http.StatusCreated || status == http.StatusOK && d.path == "/usage-events/batch" && answer.text("meta.accepted") != "0"
	switch {
	case status == http.StatusInternalServerError:
		h.fault("%s %s is answered 500: %v", d.kind, d.key, answer)
	case d.kind == "usage" && before == done && accepted:
		h.fault("LOST: %s was acknowledged; sent again it is taken for new: %d %v", d.key, status, answer)
	case d.kind == "usage" && before == refused && d.refusals == d.sent-1 && answer["duplicate"] == true && d.sent > 1:
		h.fault("UNTRUE: %s was refused; sent again it is a duplicate: %d %v", d.key, status, answer)
	}
}

func (h *history) fault(format string, args ...any) {
	h.faults = append(h.faults, fmt.Sprintf(format, args...))
}

// send sends a deed once; left says that some of it may have reached the server.
func (h *history) send(d *deed) (status int, answer object, left bool, err error) {
	text, err := json.Marshal(d.body)
	if err != nil {
		return 0, nil, false, err
	}
	var connected atomic.Bool
	ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }})
	r, err := http.NewRequestWithContext(ctx, d.method, "http://"+h.address+prefix+d.path, bytes.NewReader(text))
	if err != nil {
		return 0, nil, false, err
	}
	r.GetBody = nil // or the library sends it again by itself when a connection breaks, and its last failure hides the first
	r.Header.Set("Authorization", "Bearer "+h.key)
	r.Header.Set("Content-Type", "application/json")
	if d.once != "" {
		r.Header.Set("Idempotency-Key", d.once)
	}
	said, err := h.client.Do(r)
	if err != nil {
		return 0, nil, connected.Load(), err
	}
	defer said.Body.Close()
	o := object{}
	return said.StatusCode, o, true, json.NewDecoder(said.Body).Decode(&o)
}

// verdict is what an answer, or its absence, says about the deed. Refused is only what the documents promise to have
// changed nothing, and what never left: it had no connection at any time. An answer that broke off is none.
func verdict(status int, answer object, left bool, err error) outcome {
	switch {
	case err != nil && !left:
		return refused
	case err != nil:
		return unknown
	case status < 300:
		return done
	case status < 500, status == http.StatusServiceUnavailable && answer["code"] == "unavailable":
		return refused
	}
	return unknown // 500, outcome_unknown, and whatever a proxy may say
}

func (h *history) count(o outcome) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, d := range h.deeds {
		if d.outcome() == o {
			n++
		}
	}
	return n
}

// mark is a key nobody used before.
func (h *history) mark(kind string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.n++
	return fmt.Sprintf("%s-%d", kind, h.n)
}
