package load

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"strconv"
	"time"
)

// Call is one usage event as it is sent, and sent again.
type Call struct {
	Event  string // its id
	CallID string // the same, as providers have it, or another
	Client string
	Ended  time.Time
	Talk   time.Duration
	Stored string // the id the server answered with; empty when it has not yet
}

// Traffic is what calls there are.
type Traffic struct {
	Clients  []string      // ids; a single one is the hot client
	Zipf     float64       // exponent above 1 of the clients' shares; 0: every client is as likely
	InTurns  bool          // one client after the other instead
	Shortest time.Duration // talk time, evenly between the two
	Longest  time.Duration
	Ordered  bool    // event ids ordered by time, as UUIDv7 are; random otherwise
	CallIDs  bool    // each call bears an id beside its event's
	Repeats  float64 // share of events that were sent before
	Batch    int     // events a post; 1 posts them one by one
	NDJSON   bool    // batches as one event a line
	Seed     uint64
	Now      func() time.Time // when the calls end; the real now if it is nil
}

// Dealer draws calls. Each connection has its own.
type Dealer struct {
	t      Traffic
	dice   *rand.Rand
	zipf   *rand.Zipf
	place  []int // of the clients, shuffled alike for all dealers: the largest are not the first that were made
	turn   int
	recent []*Call // sent and answered, or sent and never answered
	next   int
}

// remembered is how many calls a dealer can send again.
const remembered = 1000

// Dealer makes the dealer of connection n.
func (t Traffic) Dealer(n int) *Dealer {
	d := &Dealer{t: t, dice: rand.New(rand.NewPCG(t.Seed, uint64(n)+1))}
	if t.Zipf > 1 {
		d.zipf = rand.NewZipf(d.dice, t.Zipf, 1, uint64(len(t.Clients)-1))
		d.place = rand.New(rand.NewPCG(t.Seed, 0)).Perm(len(t.Clients))
	}
	return d
}

// Draw is the next call: a new one, or one that was sent before.
func (d *Dealer) Draw() (call *Call, repeat bool) {
	if d.t.Repeats > 0 && len(d.recent) > 0 && d.dice.Float64() < d.t.Repeats {
		return d.recent[d.dice.IntN(len(d.recent))], true
	}
	now := time.Now
	if d.t.Now != nil {
		now = d.t.Now
	}
	return d.New(now()), false
}

// New is a new call that ended at an instant.
func (d *Dealer) New(ended time.Time) *Call {
	talk := d.t.Shortest
	if spread := d.t.Longest - d.t.Shortest; spread > 0 {
		talk += time.Duration(d.dice.Int64N(int64(spread)))
	}
	call := &Call{Event: d.id(ended), Client: d.client(), Ended: ended.UTC().Truncate(time.Millisecond), Talk: talk.Truncate(time.Millisecond)}
	call.CallID = call.Event
	if d.t.CallIDs {
		call.CallID = "call_" + call.Event[:8]
	}
	return call
}

func (d *Dealer) client() string {
	switch {
	case d.t.InTurns:
		d.turn++
		return d.t.Clients[(d.turn-1)%len(d.t.Clients)]
	case d.zipf != nil:
		return d.t.Clients[d.place[d.zipf.Uint64()]]
	}
	return d.t.Clients[d.dice.IntN(len(d.t.Clients))]
}

// id is a UUID: of version 7 when ids are ordered, else of version 4.
func (d *Dealer) id(now time.Time) string {
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:], d.dice.Uint64())
	binary.BigEndian.PutUint64(raw[8:], d.dice.Uint64())
	version := byte(4)
	if d.t.Ordered {
		version = 7
		ms := uint64(now.UnixMilli())
		for i := range 6 {
			raw[i] = byte(ms >> (40 - 8*i))
		}
	}
	raw[6], raw[8] = raw[6]&0x0f|version<<4, raw[8]&0x3f|0x80
	var text [36]byte
	at := 0
	for _, part := range [][2]int{{0, 4}, {4, 6}, {6, 8}, {8, 10}, {10, 16}} {
		if at > 0 {
			text[at] = '-'
			at++
		}
		at += hex.Encode(text[at:], raw[part[0]:part[1]])
	}
	return string(text[:])
}

// Remember keeps a call to be sent again.
func (d *Dealer) Remember(c *Call) {
	if d.t.Repeats == 0 {
		return
	}
	if len(d.recent) < remembered {
		d.recent = append(d.recent, c)
		return
	}
	d.recent[d.next] = c
	d.next = (d.next + 1) % remembered
}

// Append writes a call as JSON, about 240 bytes of it.
func (c *Call) Append(to []byte) []byte {
	const instant = "2006-01-02T15:04:05.000Z"
	to = append(to, `{"source":"bench","event_id":"`...)
	to = append(to, c.Event...)
	to = append(to, `","client_id":"`...)
	to = append(to, c.Client...)
	to = append(to, `","ended_at":"`...)
	to = c.Ended.AppendFormat(to, instant)
	to = append(to, `","duration_ms":`...)
	to = strconv.AppendInt(to, c.Talk.Milliseconds(), 10)
	to = append(to, `,"call_id":"`...)
	to = append(to, c.CallID...)
	return append(to, `","direction":"OUTBOUND","metadata":{"campaign":"spring recall","agent":"front desk"}}`...)
}

// body writes the body of a post.
func (t Traffic) body(to []byte, calls []*Call) []byte {
	switch {
	case t.Batch == 1:
		return calls[0].Append(to)
	case t.NDJSON:
		for _, c := range calls {
			to = append(c.Append(to), '\n')
		}
		return to
	}
	to = append(to, `{"events":[`...)
	for i, c := range calls {
		if i > 0 {
			to = append(to, ',')
		}
		to = c.Append(to)
	}
	return append(to, "]}"...)
}
