package main

import (
	"errors"
	"fmt"
	"time"

	"minutebook/bench/load"
)

// stormRate is how many posts a second come while months end: what a few large agencies send.
const stormRate = 300

// storm: the months of all clients ended in the same second while no server ran. One starts, works that off, and takes in
// single posts at the same time; when it is through, the same posts come once more.
func storm(w *world, run int) (figures []figure, err error) {
	ended, err := newWorld(w.bench, w.database, time.Now().UTC().AddDate(0, -1, 0).Add(-time.Hour))
	if err != nil {
		return nil, err
	}
	defer ended.end()
	b, err := ended.fresh()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.drop()) }()
	due, err := b.due()
	if err != nil {
		return nil, err
	}
	s, err := b.serve()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	p := load.NewPoster(b.traffic(ended, 1, run), b.Conns, b.key, nil, s.address)
	defer p.Close()
	begun, look := time.Now(), b.parties(s).look()
	storming, err := b.weather(p, func() (bool, error) {
		left, err := b.due()
		return left > 0, err
	})
	if err != nil {
		return nil, err
	}
	took, others := time.Since(begun), b.parties(s).since(look, 1).others
	look = b.parties(s).look()
	calm, err := b.weather(p, func() (bool, error) { return time.Since(begun) < took+b.span(), nil })
	if wrong := p.Faults(); err == nil && len(wrong) > 0 {
		err = errors.New(wrong[0])
	}
	p99 := func(s load.Samples) float64 { return float64(s.Percentile(99)) / 1e6 }
	return []figure{
		{
			what: fmt.Sprintf("p99 of single posts, %d a second, while %s renewals are worked off", stormRate, number(float64(due))), value: p99(storming), unit: "ms", cpu: usage{others: others},
			note: fmt.Sprintf("in %.1f s, %s posts", took.Seconds(), number(float64(storming.Len()))), want: atMost(35),
		},
		{what: "p99 of the same posts afterwards", value: p99(calm), unit: "ms", cpu: usage{others: b.parties(s).since(look, 1).others}, want: atMost(35)},
	}, err
}

// weather posts at an even rate, in an open loop, for as long as something lasts.
func (b *books) weather(p *load.Poster, lasts func() (bool, error)) (all load.Samples, err error) {
	for on := true; on && err == nil && b.ctx.Err() == nil; {
		run := load.Loop{Conns: b.Conns, For: time.Second, Rate: stormRate}.Run(p.Post)
		all.Merge(run.Latencies)
		on, err = lasts()
	}
	return all, errors.Join(err, b.ctx.Err())
}

// due counts the clients for whom something has come due.
func (b *books) due() (int64, error) {
	return b.count(fmt.Sprintf("SELECT COUNT(*) FROM accounts WHERE next_due <= %d", time.Now().UnixMicro()))
}
