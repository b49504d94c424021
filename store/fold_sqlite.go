package store

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// folder brings SQLite's log into the file, on a connection of its own. SQLite does it within whichever commit makes the
// log long, and everybody waits behind that one for a tenth of a second and more; here they go on writing. What was
// written meanwhile is brought in by a second round, which is shorter, and so on; only the last round, of little, holds
// the writer, so that the log can begin anew. SQLite makes the file durable only in a round during which nobody committed; the
// rounds look for one, since in the last everybody would wait for that.
type folder struct {
	link    *links // one
	writer  *links
	written chan struct{} // a commit came
	leave   chan struct{}
	once    sync.Once // it leaves
	left    chan struct{}
	at      atomic.Int64 // pages of the log at which it is time
	folded  atomic.Int64 // times that the log was brought in whole
}

// When the log is folded, in pages: folding a small log in often slows a large database down.
const (
	foldAt   = 16_000 // begin
	foldMost = 4      // rounds beside the writer, should he write all the time
	foldRest = 500    // as little may be left for whoever reads an older state that the writer is held all the same
)

// foldEvery is how long the folder rests before it looks again.
const foldEvery = 50 * time.Millisecond

func startFolder(link, writer *links) *folder {
	f := &folder{link: link, writer: writer, written: make(chan struct{}, 1), leave: make(chan struct{}), left: make(chan struct{})}
	f.at.Store(foldAt)
	go f.run()
	return f
}

// look tells the folder that something was written.
func (f *folder) look() {
	if f == nil {
		return
	}
	select {
	case f.written <- struct{}{}:
	default:
	}
}

func (f *folder) run() {
	defer close(f.left)
	for {
		select {
		case <-f.leave:
			return
		case <-f.written:
		}
		if log, _, err := f.checkpoint("NOOP"); err == nil && log >= f.at.Load() {
			f.fold() // should it fail, the next commit comes back to it, and at last SQLite itself
		}
		select {
		case <-f.leave:
			return
		case <-time.After(foldEvery):
		}
	}
}

func (f *folder) fold() {
	for round := 1; round <= foldMost; round++ {
		log, done, err := f.checkpoint("PASSIVE")
		if err != nil {
			return
		}
		kept := log - done // for somebody who reads an older state
		if log, done, err = f.checkpoint("NOOP"); err != nil {
			return
		}
		if log == done || round == foldMost && kept <= foldRest {
			f.last()
			return
		}
	}
}

// last brings in what is left while nobody writes.
func (f *folder) last() {
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	l, err := f.writer.take(ctx) // nobody writes while we have it
	if err != nil {
		return
	}
	defer f.writer.give(l)
	if log, done, err := f.checkpoint("PASSIVE"); err == nil && log == done {
		f.folded.Add(1)
	}
}

// checkpoint answers how many pages the log has, and how many of them are in the file. Who reads an older state keeps
// later pages out of the file until he is through; nobody is waited for.
func (f *folder) checkpoint(mode string) (log, done int64, err error) {
	l, err := f.link.take(context.Background())
	if err != nil {
		return 0, 0, err
	}
	defer f.link.give(l)
	var busy int64
	err = l.ask(question{sql: "PRAGMA wal_checkpoint(" + mode + ")", read: func(r Row) error { return r.Scan(&busy, &log, &done) }})
	return log, done, err
}

func (f *folder) close() error {
	f.once.Do(func() { close(f.leave) })
	<-f.left
	return f.link.close()
}
