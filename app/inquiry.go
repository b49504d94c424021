package app

import (
	"context"
	"runtime"
	"sync"

	"minutebook/billing"
	"minutebook/store"
)

// inquiries are access checks on their way to the database. Those that come while others are being read share the next
// statement: it begins after each of them came, so it sees whatever was committed before, by anybody.
type inquiries struct {
	mu   sync.Mutex
	next *inquiry
	busy bool // somebody is reading and will come back for those who wait
	read store.KnownMeters
}

// inquiry is the checks that share a statement.
type inquiry struct {
	named  []store.Named
	meters []store.Meter
	err    error
	broken any // what a panic said while they were read
	done   chan struct{}
}

// meter reads a client's meter as of now. It has no account where the agency has no such client.
func (a *App) meter(ctx context.Context, agency, client billing.ID) (store.Meter, error) {
	named := store.Named{Agency: agency, Client: client}
	if a.DB.Carries(ctx) { // what it wrote itself, nobody else sees
		meters, err := store.LoadMeters(ctx, a.DB.Q(ctx), []store.Named{named})
		if err != nil {
			return store.Meter{}, err
		}
		return meters[0], nil
	}
	if meter, is := a.inquiries.read.Known(a.DB, named); is {
		return meter, nil
	}
	i, place, lead := a.inquiries.join(named)
	if lead {
		ctx := context.WithoutCancel(ctx)
		runtime.Gosched() // those that came with it are a moment from joining
		a.inquire(ctx, a.inquiries.take())
		if next := a.inquiries.take(); next != nil {
			go a.inquireOn(ctx, next)
		}
	}
	select {
	case <-i.done:
	case <-ctx.Done():
		return store.Meter{}, ctx.Err()
	}
	switch {
	case i.broken != nil:
		panic(i.broken) // here there is somebody who answers for it
	case i.err != nil:
		return store.Meter{}, i.err
	}
	return i.meters[place], nil
}

// join adds a check to those that are read next, and says whether its caller has to read them.
func (q *inquiries) join(named store.Named) (i *inquiry, place int, lead bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.next == nil {
		q.next = &inquiry{done: make(chan struct{})}
	}
	i = q.next
	i.named = append(i.named, named)
	lead = !q.busy
	q.busy = true
	return i, len(i.named) - 1, lead
}

// take hands out those that wait; nil when there are none.
func (q *inquiries) take() *inquiry {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := q.next
	q.next, q.busy = nil, i != nil
	return i
}

func (a *App) inquire(ctx context.Context, i *inquiry) {
	defer close(i.done)
	defer func() { i.broken = recover() }()
	i.meters, i.err = a.inquiries.read.Load(ctx, a.DB, i.named)
}

func (a *App) inquireOn(ctx context.Context, i *inquiry) {
	for ; i != nil; i = a.inquiries.take() {
		a.inquire(ctx, i)
	}
}
