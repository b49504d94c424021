package store

import (
	"context"
	"errors"
	"sync"
)

// links are connections to one file, opened when they are needed, at most so many at a time.
type links struct {
	open  func() (*link, error)
	turns chan struct{} // one for each that is in use

	mu     sync.Mutex
	idle   []*link
	closed bool
}

var errClosed = errors.New("the database is closed")

func newLinks(most int, open func() (*link, error)) *links {
	return &links{open: open, turns: make(chan struct{}, most)}
}

// take waits for a link, which is given back. It is the one that was used last: the pages it read are still with it.
func (p *links) take(ctx context.Context) (*link, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	select {
	case p.turns <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	l, err := p.next()
	if err != nil {
		<-p.turns
	}
	return l, err
}

func (p *links) next() (*link, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, errClosed
	}
	last := len(p.idle) - 1
	if last < 0 {
		return p.open()
	}
	l := p.idle[last]
	p.idle = p.idle[:last]
	return l, nil
}

// give takes a link back, unless something is left of what it was used for.
func (p *links) give(l *link) {
	l.settle()
	l.deaf()
	p.mu.Lock()
	defer p.mu.Unlock()
	if l.conn.AutocommitEnabled() && !p.closed {
		p.idle = append(p.idle, l)
	} else {
		_ = l.close() // whoever could not end its transaction has said why
	}
	<-p.turns
}

// close closes all links, once those who use them are through. Of whoever takes longer it is said, and theirs close after.
func (p *links) close() (failed error) {
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	for range cap(p.turns) {
		select {
		case p.turns <- struct{}{}:
			defer func() { <-p.turns }() // whoever waits hears that all is closed
		case <-ctx.Done():
			failed = errors.New("the database is still in use")
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, l := range p.idle {
		failed = errors.Join(failed, l.close())
	}
	p.idle = nil
	return failed
}
