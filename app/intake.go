package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"minutebook/billing"
	"minutebook/store"
)

// Bounds of the batch that is forming.
const (
	mostTogether = 5_000    // reports in one transaction; a larger post goes by itself
	mostWaiting  = 50_000   // reports beyond which callers are asked to come back,
	mostBytes    = 64 << 20 // and bytes
	worthALane   = 256      // reports that wait for a lane before it is worth a transaction of its own
)

// intake is the batch that is forming: posts of many callers on their way into one transaction. While one batch is
// being committed the next one gathers, so that a commit to the disk is shared by all who came meanwhile.
//
// PostgreSQL has two lanes, each for the same half of the clients, so that one batch is reckoned while another one is
// written and neither waits for the other's rows. When little waits, one transaction takes it from both.
type intake struct {
	mu      sync.Mutex
	lanes   [mostLanes]lane
	reports int           // of all who wait
	bytes   int           // of those
	workers int           // commit what waits
	came    int64         // posts, ever
	enough  chan struct{} // wakes whoever lets posts gather; nil: nobody does
}

const mostLanes = 2

// lane is the queue of some clients.
type lane struct {
	waiting []*post
	reports int
	busy    bool // a transaction has posts of this lane in it
}

// post is what one caller sent, or the part of it for one lane, and where its answer goes.
type post struct {
	ctx     context.Context
	who     Actor
	reports []*UsageReport
	results []UsageResult
	err     error
	broken  any // what a panic said while it was metered
	done    chan struct{}
	signed  string // who.String(), once for all events
	lane    int
	bytes   int   // see weigh
	places  []int // where a part's reports stand in the whole post; nil: it is whole
}

// name is who signs the events.
func (p *post) name() string {
	if p.signed == "" {
		p.signed = p.who.String()
	}
	return p.signed
}

// weigh says about how much memory a post holds while it waits.
func (p *post) weigh() int {
	const plain = 1_000 // a report of short texts, and its answer
	p.bytes = 0
	for _, r := range p.reports {
		p.bytes += plain + len(r.Raw) + len(r.Metadata)
	}
	return p.bytes
}

// together lets a post join the batch that is forming, and waits for its own answer.
func (a *App) together(ctx context.Context, who Actor, reports []UsageReport) ([]UsageResult, error) {
	parts := split(&post{ctx: ctx, who: who, reports: pointed(reports), done: make(chan struct{})}, a.lanes())
	lead, ok := a.intake.join(parts)
	if !ok {
		return nil, billing.Refuse(billing.TooMany, "too_busy", "More usage is waiting than can be taken in now; nothing of this request was recorded.", "Send it again in a moment.")
	}
	if lead {
		go a.commitWaiting()
	}
	for _, p := range parts {
		select {
		case <-p.done:
		case <-ctx.Done(): // it may still be recorded; sent again, it counts once
			return nil, ctx.Err()
		}
	}
	return whole(parts, len(reports))
}

// pointed are reports by reference: each is large.
func pointed(reports []UsageReport) []*UsageReport {
	list := make([]*UsageReport, len(reports))
	for i := range reports {
		list[i] = &reports[i]
	}
	return list
}

// lanes is how many transactions meter usage at once. SQLite has one writer.
func (a *App) lanes() int {
	if a.DB.Dialect() == "postgres" {
		return mostLanes
	}
	return 1
}

// split takes a post apart by the lanes of its clients. It stays whole when only the database could tell that two of
// its reports belong behind one another: when a client is called by the agency's name for it, or an event id comes
// twice for clients of different lanes.
func split(p *post, lanes int) []*post {
	if len(p.reports) > 0 {
		p.lane = p.reports[0].lane(lanes)
	}
	if len(p.reports) < 2 || lanes == 1 {
		return []*post{p}
	}
	type key struct{ source, event string }
	seen, parts := make(map[key]int, len(p.reports)), make([]*post, lanes)
	for i, r := range p.reports {
		lane, id := r.lane(lanes), key{r.Source, r.EventID}
		if before, twice := seen[id]; r.ClientExternalID != "" || twice && before != lane {
			return []*post{p}
		}
		seen[id] = lane
		part := parts[lane]
		if part == nil {
			part = &post{ctx: p.ctx, who: p.who, done: make(chan struct{}), lane: lane, reports: make([]*UsageReport, 0, len(p.reports)), places: make([]int, 0, len(p.reports))}
			parts[lane] = part
		}
		part.reports, part.places = append(part.reports, r), append(part.places, i)
	}
	return slices.DeleteFunc(parts, func(part *post) bool { return part == nil })
}

// lane is where a report is queued: that of its client.
func (r *UsageReport) lane(lanes int) int {
	return int(uint64(r.ClientID) * 0x9e3779b97f4a7c15 >> 33 % uint64(lanes)) // ids rise: neighbours shall part
}

// whole puts the answers to the parts of a post together. When some of it may be in the books and the rest is not, the
// caller may not hear that nothing was recorded, nor a refusal: sent again, each event counts once.
func whole(parts []*post, reports int) ([]UsageResult, error) {
	failed, unknown := 0, false
	var why error
	for _, p := range parts {
		if p.broken != nil {
			panic(p.broken) // here there is somebody who answers for it
		}
		if p.err != nil {
			failed, why = failed+1, p.err
			unknown = unknown || errors.Is(p.err, store.ErrUnknown)
		}
	}
	switch {
	case failed > 0 && len(parts) > 1 && (unknown || failed < len(parts)):
		return nil, fmt.Errorf("%w: %d of %d parts of a post of usage failed: %v", store.ErrUnknown, failed, len(parts), why) //nolint:errorlint // a refusal of a part is none of the whole
	case failed > 0:
		return nil, why
	case parts[0].places == nil:
		return parts[0].results, nil
	}
	results := make([]UsageResult, reports)
	for _, p := range parts {
		for i, place := range p.places {
			results[place] = p.results[i]
		}
	}
	return results, nil
}

// join queues the parts of a post, all or none, and says whether its caller has to see to it that they are worked off.
func (i *intake) join(parts []*post) (lead, ok bool) {
	reports, bytes := 0, 0
	for _, p := range parts {
		reports, bytes = reports+len(p.reports), bytes+p.weigh()
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.reports > 0 && (i.reports+reports > mostWaiting || i.bytes+bytes > mostBytes) {
		return false, false
	}
	i.came++
	i.reports, i.bytes = i.reports+reports, i.bytes+bytes
	for _, p := range parts {
		to := &i.lanes[p.lane]
		to.waiting, to.reports = append(to.waiting, p), to.reports+len(p.reports)
		lead = lead || i.workers == 0 || i.workers < mostLanes && !to.busy && to.reports >= worthALane
	}
	if lead {
		i.workers++
	}
	if i.enough != nil && i.reports >= worthALane {
		close(i.enough)
		i.enough = nil
	}
	return lead, true
}

// stir answers how many posts have come, and whether any is on its way: it may wait for those who ask.
func (i *intake) stir() (came int64, busy bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.came, i.workers > 0
}

// batch is posts that go into one transaction.
type batch struct {
	posts []*post
	lanes []*lane
}

func (b batch) reports() (n int) {
	for _, p := range b.posts {
		n += len(p.reports)
	}
	return n
}

// next lets go of a batch that was answered and hands out the next one: of all lanes where no transaction is under way
// and little waits, else of the free lane in which most does. It is empty when nobody waits whom no other worker
// will come back for. More says that another worker would find something to do.
func (i *intake) next(last batch) (b batch, more bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, l := range last.lanes {
		l.busy = false
	}
	var free []*lane
	for n := range i.lanes {
		if l := &i.lanes[n]; !l.busy && len(l.waiting) > 0 {
			free = append(free, l)
		}
	}
	slices.SortFunc(free, func(a, b *lane) int { return b.reports - a.reports })
	if len(free) > 1 && (i.reports > worthALane || i.workers > 1) {
		free, more = free[:1], i.workers < mostLanes
	}
	room := mostTogether
	for _, l := range free {
		b.posts, room = i.take(l, b.posts, room)
		l.busy = true
	}
	b.lanes = free
	switch {
	case len(b.posts) == 0:
		i.workers--
	case more:
		i.workers++
	}
	return b, more && len(b.posts) > 0
}

// take takes posts from a lane as long as there is room; the first post of a transaction always has some.
func (i *intake) take(from *lane, posts []*post, room int) ([]*post, int) {
	n := 0
	for ; n < len(from.waiting) && (len(posts) == 0 || len(from.waiting[n].reports) <= room); n++ {
		p := from.waiting[n]
		posts, room = append(posts, p), room-len(p.reports)
		from.reports, i.reports, i.bytes = from.reports-len(p.reports), i.reports-len(p.reports), i.bytes-p.bytes
	}
	clear(from.waiting[:n]) // what is answered need not be held
	from.waiting = from.waiting[n:]
	return posts, room
}

// gather lets posts gather until a batch is through, or until so many wait that they are worth to be reckoned meanwhile.
func (i *intake) gather(until <-chan struct{}) {
	i.mu.Lock()
	if i.reports >= worthALane {
		i.mu.Unlock()
		return
	}
	i.enough = make(chan struct{})
	enough := i.enough
	i.mu.Unlock()
	select {
	case <-until:
	case <-enough:
	}
}
