package app

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"minutebook/billing"
	"minutebook/store"
)

// Bounds of the batch that is forming, in reports.
const (
	mostTogether = 2_000  // in one transaction; a larger post goes by itself
	mostWaiting  = 50_000 // beyond it, callers are asked to come back
)

// intake is the batch that is forming: posts of many callers on their way into one transaction. While one batch is
// being committed the next one gathers, so that a commit to the disk is shared by all who came meanwhile.
type intake struct {
	mu      sync.Mutex
	waiting []*post
	reports int  // of all who wait
	busy    bool // somebody is committing and will come back for those who wait
}

// post is what one caller sent, and where its answer goes.
type post struct {
	ctx     context.Context
	who     Actor
	reports []UsageReport
	results []UsageResult
	err     error
	broken  any // what a panic said while it was metered
	done    chan struct{}
	signed  string // who.String(), once for all events
}

// name is who signs the events.
func (p *post) name() string {
	if p.signed == "" {
		p.signed = p.who.String()
	}
	return p.signed
}

// together lets a post join the batch that is forming, and waits for its own answer.
func (a *App) together(ctx context.Context, who Actor, reports []UsageReport) ([]UsageResult, error) {
	p := &post{ctx: ctx, who: who, reports: reports, done: make(chan struct{})}
	lead, ok := a.intake.join(p)
	if !ok {
		return nil, billing.Refuse(billing.TooMany, "too_busy", "More usage is waiting than can be taken in now; nothing of this request was recorded.", "Send it again in a moment.")
	}
	if lead {
		go a.commitWaiting()
	}
	select {
	case <-p.done:
		if p.broken != nil {
			panic(p.broken) // here there is somebody who answers for it
		}
		return p.results, p.err
	case <-ctx.Done(): // it may still be recorded; sent again, it counts once
		return nil, ctx.Err()
	}
}

// join queues a post, and says whether its caller has to see to it that the queue is worked off.
func (i *intake) join(p *post) (lead, ok bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.reports > 0 && i.reports+len(p.reports) > mostWaiting {
		return false, false
	}
	i.waiting = append(i.waiting, p)
	i.reports += len(p.reports)
	lead = !i.busy
	i.busy = true
	return lead, true
}

// take hands out the next posts that fit into one transaction; none when the queue is empty.
func (i *intake) take() []*post {
	i.mu.Lock()
	defer i.mu.Unlock()
	n, sum := 0, 0
	for n < len(i.waiting) && (n == 0 || sum+len(i.waiting[n].reports) <= mostTogether) {
		sum += len(i.waiting[n].reports)
		n++
	}
	batch := i.waiting[:n:n]
	i.waiting = i.waiting[n:]
	i.reports -= sum
	i.busy = n > 0
	return batch
}

// commitWaiting works the queue off.
func (a *App) commitWaiting() {
	for batch := a.intake.take(); len(batch) > 0; batch = a.intake.take() {
		a.commit(batch)
		for _, p := range batch {
			close(p.done)
		}
	}
}

// commit records a batch in one transaction. Should it fail, each post is tried once by itself, so that nobody pays for
// a neighbour; when even that fails because of the database, the rest need not wait for the same. When nobody knows
// whether the batch was kept, the second try finds out; who fails there still does not know, and is told so.
func (a *App) commit(batch []*post) {
	var doubt error
	if len(batch) > 1 {
		err := a.commitTogether(batch)
		if err == nil {
			return
		}
		if errors.Is(err, store.ErrUnknown) {
			doubt = err
		}
	}
	var down error
	for _, p := range batch {
		if p.err = down; down == nil {
			a.commitAlone(p)
		}
		if errors.Is(p.err, store.ErrBusy) || errors.Is(p.err, store.ErrDisk) || errors.Is(p.err, store.ErrReadOnly) {
			down = p.err
		}
		if p.err != nil && doubt != nil {
			p.err = errors.Join(p.err, doubt)
		}
	}
}

// commitAlone meters one post. A panic is kept for its caller: here it would end the whole program.
func (a *App) commitAlone(p *post) {
	defer func() { p.broken = recover() }()
	p.err = a.record(p.ctx, []*post{p})
}

// commitTogether meters the posts in the order of their arrival.
func (a *App) commitTogether(batch []*post) (err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = fmt.Errorf("metering %d posts at once: %v", len(batch), broken)
		}
	}()
	return a.record(context.Background(), batch)
}
