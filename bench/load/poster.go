package load

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// What became of an event.
const (
	Accepted  = "accepted"
	Duplicate = "duplicate"
)

// Outcome is what an answer says of one event.
type Outcome struct {
	Result string
	ID     string // that it is stored under
}

// Poster posts calls over many connections to one server, or to several in turns, and checks every answer.
type Poster struct {
	traffic Traffic
	head    []byte
	log     *Log
	conns   []*conn
	counts  Counts
	mu      sync.Mutex
	faults  []string
}

// Counts are how many events came out how.
type Counts struct{ Accepted, Duplicates, Rejected, Failed atomic.Int64 }

type conn struct {
	*Wire
	*Dealer
	calls   []*Call
	repeats []bool
	body    []byte
	results []Outcome
}

// Prefix is where the API begins.
const Prefix = "/api/v2/external-billing"

// NewPoster makes a poster with n connections; log may be nil.
func NewPoster(t Traffic, n int, key string, log *Log, addresses ...string) *Poster {
	path, kind := Prefix+"/usage-events", "application/json"
	if t.Batch > 1 {
		path += "/batch"
	}
	if t.NDJSON {
		kind = "application/x-ndjson"
	}
	p := &Poster{traffic: t, head: Head(http.MethodPost, path, key, kind), log: log}
	for i := range n {
		p.conns = append(p.conns, &conn{Wire: NewWire(addresses[i%len(addresses)]), Dealer: t.Dealer(i)})
	}
	return p
}

// Close cuts the connections.
func (p *Poster) Close() {
	for _, c := range p.conns {
		c.Close()
	}
}

// Counts are how many events came out how, so far.
func (p *Poster) Counts() *Counts { return &p.counts }

// Faults are answers nobody may ever get, so far.
func (p *Poster) Faults() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.faults
}

// Post sends the next calls over a connection and answers whether an answer came that took them.
func (p *Poster) Post(n int) bool {
	c := p.conns[n]
	c.draw(p.traffic.Batch)
	c.body = p.traffic.body(c.body[:0], c.calls)
	post := 0
	if p.log != nil {
		post = p.log.Send(c.calls)
	}
	status, answer, err := c.Do(p.head, c.body)
	if err != nil {
		p.lost(c, post, err)
		return false
	}
	return p.answered(c, post, status, answer)
}

func (c *conn) draw(n int) {
	c.calls, c.repeats = c.calls[:0], c.repeats[:0]
	for range n {
		call, repeat := c.Draw()
		c.calls, c.repeats = append(c.calls, call), append(c.repeats, repeat)
	}
}

// lost keeps calls nobody answered for, to be sent again as a caller would.
func (p *Poster) lost(c *conn, post int, err error) {
	p.counts.Failed.Add(int64(len(c.calls)))
	if p.log != nil {
		p.log.Lost(post, err)
	}
	if errors.As(err, &NotSent{}) {
		time.Sleep(20 * time.Millisecond) // the server is away
	}
	for i, call := range c.calls {
		if !c.repeats[i] {
			c.Remember(call)
		}
	}
}

func (p *Poster) answered(c *conn, post, status int, answer []byte) bool {
	took := status == http.StatusOK || status == http.StatusCreated
	c.results = c.results[:0]
	if took {
		c.results = outcomes(c.results, p.traffic.Batch == 1, status, answer)
	}
	if p.log != nil {
		p.log.Answer(post, status, c.results)
	}
	switch {
	case !took:
		p.counts.Failed.Add(int64(len(c.calls)))
		if status >= 500 {
			p.fault("answered %d: %.300s", status, answer)
		}
		return false
	case len(c.results) != len(c.calls):
		p.fault("%d events are answered with %d results: %.300s", len(c.calls), len(c.results), answer)
		return false
	}
	for i := range c.calls {
		p.learn(c, i)
	}
	return true
}

// learn keeps what the answer says of one call, and blames it if it cannot be.
func (p *Poster) learn(c *conn, i int) {
	call, out := c.calls[i], c.results[i]
	known := call.Stored != ""
	switch out.Result {
	case Accepted:
		p.counts.Accepted.Add(1)
		if known {
			p.fault("LOST: %s was acknowledged and is then taken for new", call.Event)
		}
	case Duplicate:
		p.counts.Duplicates.Add(1)
		if !c.repeats[i] {
			p.fault("UNTRUE: %s is new and is called a duplicate", call.Event)
		}
		if known && call.Stored != out.ID {
			p.fault("CHANGED: %s is stored as %s, and as %s when it is repeated", call.Event, call.Stored, out.ID)
		}
	default:
		p.counts.Rejected.Add(1)
		p.fault("%s is %s", call.Event, out.Result)
		return
	}
	call.Stored = out.ID
	if !c.repeats[i] {
		c.Remember(call)
	}
}

func (p *Poster) fault(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.faults) < 20 {
		p.faults = append(p.faults, fmt.Sprintf(format, args...))
	}
}

// outcomes reads an answer. A decoder would cost more than the rest of the load; the answer's shape is known.
func outcomes(to []Outcome, single bool, status int, answer []byte) []Outcome {
	if single {
		result := Accepted
		if status == http.StatusOK {
			result = Duplicate
		}
		id, _ := field(answer, `"id":`)
		return append(to, Outcome{result, id})
	}
	for {
		result, rest := field(answer, `"result":`)
		if rest == nil {
			return to
		}
		id, rest := field(rest, `"id":`)
		to, answer = append(to, Outcome{result, id}), rest
	}
}

// field is the value after a name, without its quotes, and what follows it.
func field(text []byte, name string) (value string, rest []byte) {
	at := bytes.Index(text, []byte(name))
	if at < 0 {
		return "", nil
	}
	text = bytes.TrimLeft(text[at+len(name):], " ")
	end := bytes.IndexAny(text, ",}")
	if end < 0 {
		return "", nil
	}
	return string(bytes.Trim(text[:end], `"`)), text[end:]
}
