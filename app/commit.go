package app

import (
	"context"
	"errors"
	"fmt"

	"minutebook/store"
)

// commitWaiting works the queue off.
func (a *App) commitWaiting() {
	var last *writing
	for b, more := a.intake.next(batch{}); len(b.posts) > 0; b, more = a.intake.next(b) {
		if more {
			go a.commitWaiting()
		}
		if last = a.begin(b, last); last.ahead != nil {
			a.intake.gather(last.through)
		}
	}
}

// writing is a batch on its way into the database.
type writing struct {
	ahead   *metering     // what was reckoned before its transaction; nil: that reckons
	through chan struct{} // closed when its callers are answered
}

// begin writes a batch once the last one is through. One that was reckoned ahead is written while the next may be.
func (a *App) begin(b batch, last *writing) *writing {
	w := &writing{through: make(chan struct{})}
	if last != nil && a.lanes() == 1 && b.reports() >= worthALane {
		w.ahead = a.reckonAhead(b.posts, last.under())
	}
	if last != nil {
		<-last.through
	}
	if !w.ahead.stands() { // nor may the next one go on from it
		w.ahead.undo()
		w.ahead = nil
	}
	write := func() {
		a.commit(b.posts, w.ahead)
		for _, p := range b.posts {
			close(p.done)
		}
		close(w.through)
	}
	if w.ahead != nil {
		go write()
	} else {
		write()
	}
	return w
}

// under is what a batch that is not through yet was reckoned to.
func (w *writing) under() *metering {
	select {
	case <-w.through:
		return nil
	default:
		return w.ahead
	}
}

// commit records a batch in one transaction. Should it fail, each post is tried once by itself, so that nobody pays for
// a neighbour; when even that fails because of the database, the rest need not wait for the same. When nobody knows
// whether the batch was kept, the second try finds out; who fails there still does not know, and is told so. Only the first try
// makes use of what was reckoned ahead.
func (a *App) commit(batch []*post, ahead *metering) {
	var doubt error
	if len(batch) > 1 {
		err := a.commitTogether(batch, ahead)
		ahead = nil
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
			a.commitAlone(p, ahead)
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
func (a *App) commitAlone(p *post, ahead *metering) {
	defer func() { p.broken = recover() }()
	p.err = a.record(p.ctx, []*post{p}, ahead)
}

// commitTogether meters the posts in the order of their arrival.
func (a *App) commitTogether(batch []*post, ahead *metering) (err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = fmt.Errorf("metering %d posts at once: %v", len(batch), broken)
		}
	}()
	return a.record(context.Background(), batch, ahead)
}
