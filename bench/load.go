package main

import (
	"bufio"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // for counting, on PostgreSQL
	_ "modernc.org/sqlite"             // and on SQLite

	"minutebook/bench/load"
)

// outcome is what a load came to.
type outcome struct {
	load.Run
	events int
	cpu    usage
}

// rate is events a second.
func (o outcome) rate() float64 { return float64(o.events) / o.Took.Seconds() }

// p99 is the 99th percentile of a request's time in milliseconds.
func (o outcome) p99() float64 { return float64(o.Latencies.Percentile(99)) / 1e6 }

func (o outcome) latencies() string {
	ms := func(p float64) string { return number(float64(o.Latencies.Percentile(p)) / 1e6) }
	return fmt.Sprintf("p50 %s, p99 %s ms", ms(50), ms(99))
}

// warm is how long a server is warmed up before it is measured: connections opened, statements prepared.
func (b *bench) warm() time.Duration { return b.span() / 6 }

// meet sends servers a call of each client, as one that runs for longer than we measure has long seen: single posts
// shall not mostly measure accounts that are read for the first time.
func (b *books) meet(servers ...*server) error {
	for _, s := range servers {
		t := b.traffic(b.world, min(100, len(b.world.clients)), 0)
		t.InTurns, t.Repeats = true, 0
		p := load.NewPoster(t, 1, b.key, nil, s.address)
		for n := 0; n < len(b.world.clients); n += t.Batch {
			if !p.Post(0) {
				break
			}
		}
		p.Close()
		if faults := p.Faults(); len(faults) > 0 || p.Counts().Failed.Load() > 0 {
			return fmt.Errorf("meeting the clients: %d calls were not taken; %s", p.Counts().Failed.Load(), strings.Join(faults, "; "))
		}
	}
	return nil
}

// post puts a load on servers, after warming them up, and checks what came of it: every answer while it comes, and
// afterwards that as many events are stored as were acknowledged.
func (b *books) post(t load.Traffic, loop load.Loop, servers ...*server) (o outcome, err error) {
	log, err := os.CreateTemp(b.dir, "history-*.log")
	if err != nil {
		return o, err
	}
	defer os.Remove(log.Name())
	defer log.Close()
	buffer := bufio.NewWriterSize(log, 1<<20)
	stored, err := b.count("SELECT COUNT(*) FROM usage_events")
	if err != nil {
		return o, err
	}
	history := load.NewLog(buffer)
	p := load.NewPoster(t, loop.Conns, b.key, history, addresses(servers)...)
	defer p.Close()
	load.Loop{Conns: loop.Conns, For: b.warm()}.Run(p.Post)
	warmed := answered(p)
	these := b.parties(servers...)
	look := these.look()
	o.Run = loop.Run(p.Post)
	o.events = answered(p) - warmed
	o.cpu = these.since(look, max(o.events, 1))
	return o, errors.Join(buffer.Flush(), history.Err(), b.verify(p, stored))
}

func addresses(servers []*server) (all []string) {
	for _, s := range servers {
		all = append(all, s.address)
	}
	return all
}

// answered is how many events were taken in, new or known.
func answered(p *load.Poster) int {
	return int(p.Counts().Accepted.Load() + p.Counts().Duplicates.Load())
}

// verify holds what was acknowledged against what is stored.
func (b *books) verify(p *load.Poster, before int64) error {
	if faults := p.Faults(); len(faults) > 0 {
		return fmt.Errorf("%d wrong answers: %s", len(faults), strings.Join(faults, "; "))
	}
	if n := p.Counts().Failed.Load(); n > 0 {
		return fmt.Errorf("%d events were not taken", n)
	}
	after, err := b.count("SELECT COUNT(*) FROM usage_events")
	if err == nil && after-before != p.Counts().Accepted.Load() {
		err = fmt.Errorf("%d events were acknowledged as new, and %d are stored", p.Counts().Accepted.Load(), after-before)
	}
	return err
}

// count asks the database for a number, behind the product's back.
func (b *books) count(query string) (n int64, err error) {
	db, err := b.raw()
	if err != nil {
		return 0, err
	}
	defer db.Close()
	return n, db.QueryRowContext(b.ctx, query).Scan(&n)
}

func (b *books) raw() (*sql.DB, error) {
	if b.database == "postgres" {
		return sql.Open("pgx", b.url)
	}
	return sql.Open("sqlite", "file:"+b.name+"?_pragma=busy_timeout(10000)")
}

// with runs a measurement on a copy of the template with a server on it, and throws both away.
func (w *world) with(measure func(b *books, s *server) ([]figure, error)) (figures []figure, err error) {
	b, err := w.fresh()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.drop()) }()
	s, err := b.serve()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	return measure(b, s)
}
