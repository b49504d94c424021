package main

import (
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"minutebook/app"
	"minutebook/bench/load"
	"minutebook/billing"
)

// reports are the next calls as a door hands them on.
func reports(d *load.Dealer, n int, ended time.Time) []app.UsageReport {
	list := make([]app.UsageReport, 0, n)
	for range n {
		c := d.New(ended)
		client, _ := billing.ParseID(c.Client)
		list = append(list, app.UsageReport{ClientID: client, UsageEvent: billing.UsageEvent{
			Source: "bench", EventID: c.Event, Kind: billing.Call, EndedAt: c.Ended, Talk: billing.Millis(c.Talk.Milliseconds()),
			CallID: c.CallID, Direction: "OUTBOUND", Metadata: `{"campaign":"spring recall","agent":"front desk"}`,
		}})
	}
	return list
}

// record records a batch of new calls, and fails unless all are accepted.
func record(b *books, a *app.App, batch []app.UsageReport) error {
	results, err := a.RecordUsage(b.ctx, b.operator(), batch)
	for _, r := range results {
		if err == nil && r.Result != app.UsageAccepted {
			err = fmt.Errorf("%s was %s: %v", r.EventID, r.Result, r.Error)
		}
	}
	return err
}

// callers is how many record at once in the process, and how many connections the yardstick has for the same.
const callers = 2

// inProcess: app.RecordUsage in batches of 5,000 without HTTP, against the same rows written bare.
func inProcess(w *world, run int) (figures []figure, err error) {
	b, err := w.fresh()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.drop()) }()
	a, err := b.open(time.Now)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.DB.Close()) }()
	o, err := b.recordFor(a, run)
	if err != nil {
		return nil, err
	}
	rows, err := b.recorded("usage_events")
	if err != nil {
		return nil, err
	}
	f := figure{what: "RecordUsage, " + number(float64(b.Batch)) + " at once, 2 callers", value: o.rate(), unit: "events/s", cpu: o.cpu, want: ratioOf(0.60), yard: "COPY over 2 connections"}
	if b.database == "sqlite" {
		f.want, f.yard = ratioOf(0.80), "bare inserts"
	}
	f.yards, err = b.rowsPerSecond(rows, callers)
	return []figure{f}, err
}

// recordFor records for a while. The calls are made up before the clock runs: a first batch tells how many.
func (b *books) recordFor(a *app.App, run int) (o outcome, err error) {
	var dealers []*load.Dealer
	for i := range callers {
		dealers = append(dealers, b.traffic(b.world, b.Batch, run).Dealer(i))
	}
	begun := time.Now()
	if err := record(b, a, reports(dealers[0], b.Batch, time.Now())); err != nil {
		return o, err
	}
	enough := int(math.Ceil(1.5*float64(b.span())/float64(time.Since(begun)))) + 2
	ready := make([][][]app.UsageReport, callers)
	for i, d := range dealers {
		for range enough {
			ready[i] = append(ready[i], reports(d, b.Batch, time.Now()))
		}
	}
	var fault atomic.Pointer[error]
	look := b.parties().look()
	o.Run = load.Loop{Conns: callers, For: b.span()}.Run(func(i int) bool {
		if len(ready[i]) == 0 {
			ready[i] = append(ready[i], reports(dealers[i], b.Batch, time.Now()))
		}
		batch := ready[i][0]
		ready[i] = ready[i][1:]
		if err := record(b, a, batch); err != nil {
			fault.Store(&err)
			return false
		}
		return fault.Load() == nil
	})
	o.events = o.Requests() * b.Batch
	o.cpu = b.parties().since(look, max(o.events, 1))
	o.cpu.server, o.cpu.generator = o.cpu.generator, 0 // the product runs in this very process
	if failed := fault.Load(); failed != nil {
		return o, *failed
	}
	return o, nil
}

// httpBatch: posts of 100 events over 64 connections.
func httpBatch(w *world, run int) ([]figure, error) {
	return w.with(func(b *books, s *server) ([]figure, error) {
		o, err := b.post(b.traffic(w, 100, run), load.Loop{Conns: b.Conns, For: b.span()}, s)
		if err != nil {
			return nil, err
		}
		f := figure{what: fmt.Sprintf("posts of 100, %d connections", b.Conns), value: o.rate(), unit: "events/s", cpu: o.cpu, note: o.latencies(), want: ratioOf(0.50), yard: "COPY over 1 connection"}
		if b.database == "sqlite" {
			f.want, f.yard = atLeast(27_000), "bare inserts"
		}
		rows, err := b.recorded("usage_events")
		if err != nil {
			return nil, err
		}
		f.yards, err = b.rowsPerSecond(rows, 1)
		return []figure{f}, err
	})
}

// httpSingle: posts of one event, against a server that only appends their bodies to a file. At 256 connections the
// open loop says how long a caller waits at 70 % of what the closed loop reached.
func httpSingle(w *world, conns int) ([]figure, error) {
	return w.with(func(b *books, s *server) (figures []figure, err error) {
		if err := b.meet(s); err != nil {
			return nil, err
		}
		o, err := b.post(b.traffic(w, 1, conns), load.Loop{Conns: conns, For: b.span()}, s)
		if err != nil {
			return nil, err
		}
		f := figure{what: fmt.Sprintf("single posts, %d connections", conns), value: o.rate(), unit: "events/s", cpu: o.cpu, note: o.latencies(), want: ratioOf(0.65), yard: "append and fdatasync"}
		if f.yards, err = b.appends(conns); err != nil || conns < 256 {
			return []figure{f}, err
		}
		open, err := b.post(b.traffic(w, 1, conns+1), load.Loop{Conns: conns, For: b.span(), Rate: 0.7 * o.rate()}, s)
		return []figure{
			f,
			{what: "p99, 256 connections, closed loop", value: o.p99(), unit: "ms", cpu: o.cpu, want: atMost(35)},
			{what: "p99, 256 connections, open loop at 70 %", value: open.p99(), unit: "ms", cpu: open.cpu, note: number(open.rate()) + " events/s"},
		}, err
	})
}

// appends is what a server reaches that only appends the same posts to a file.
func (b *books) appends(conns int) (rate float64, err error) {
	yard, err := b.beside("append", "--dir", b.dir)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, yard.stop()) }()
	p := load.NewPoster(b.traffic(b.world, 1, 0), conns, b.key, nil, yard.address)
	defer p.Close()
	load.Loop{Conns: conns, For: b.warm()}.Run(p.Post)
	run := load.Loop{Conns: conns, For: b.yardLasts()}.Run(p.Post)
	if failed := p.Counts().Failed.Load(); failed > 0 {
		return 0, fmt.Errorf("the yardstick did not take %d posts", failed)
	}
	return float64(run.Requests()) / run.Took.Seconds(), nil
}

// hotClient: all posts are of one client, against posts of all clients.
func hotClient(w *world, run int) ([]figure, error) {
	return w.with(func(b *books, s *server) ([]figure, error) {
		if err := b.meet(s); err != nil {
			return nil, err
		}
		loop := load.Loop{Conns: b.Conns, For: b.span()}
		all, err := b.post(b.traffic(w, 1, run), loop, s)
		if err != nil {
			return nil, err
		}
		traffic := b.traffic(w, 1, run)
		traffic.Clients = traffic.Clients[:1]
		o, err := b.post(traffic, loop, s)
		f := figure{what: fmt.Sprintf("single posts of one client, %d connections", b.Conns), value: o.rate(), unit: "events/s", cpu: o.cpu, note: o.latencies(), want: ratioOf(0.6), yard: "all clients", yards: all.rate()}
		if b.database == "sqlite" {
			f.want = ratioOf(0.9)
		}
		return []figure{f}, err
	})
}

// length: calls of a minute and of eight hours, each on a database of its own: whichever came second to one would find more
// calls stored.
func length(w *world, run int) ([]figure, error) {
	lasting := func(long time.Duration) (cpu usage, err error) {
		_, err = w.with(func(b *books, s *server) ([]figure, error) {
			if err := b.meet(s); err != nil {
				return nil, err
			}
			traffic := b.traffic(w, 100, run)
			traffic.Shortest, traffic.Longest = long, long
			o, err := b.post(traffic, load.Loop{Conns: b.Conns, For: b.span()}, s)
			cpu = o.cpu
			return nil, err
		})
		return cpu, err
	}
	minute, err := lasting(time.Minute)
	if err != nil {
		return nil, err
	}
	day, err := lasting(8 * time.Hour)
	return []figure{{what: "CPU of a call of 8 hours", value: day.product(), unit: "µs", cpu: day, yard: "of 1 minute", yards: minute.product(), want: ratioMost(1.1)}}, err
}

// twoProcesses: half of the connections to each of two servers on one database, against all to one.
func twoProcesses(w *world, run int) ([]figure, error) {
	return w.with(func(b *books, s *server) (figures []figure, err error) {
		second, err := b.serve()
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, second.stop()) }()
		if err := b.meet(s); err != nil {
			return nil, err
		}
		loop := load.Loop{Conns: b.Conns, For: b.span()}
		var one, two outcome
		for turn := range 2 {
			if (turn+run)%2 == 0 {
				one, err = b.post(b.traffic(w, 100, run), loop, s)
			} else {
				two, err = b.post(b.traffic(w, 100, run), loop, s, second)
			}
			if err != nil {
				return nil, err
			}
		}
		deadlocks, err := b.count("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
		return []figure{{
			what: "posts of 100 to two processes", value: two.rate(), unit: "events/s", cpu: two.cpu, note: fmt.Sprintf("%d deadlocks, all retried", deadlocks),
			yard: "to one", yards: one.rate(), want: ratioOf(1),
		}}, err
	})
}

// memory: what a server holds at most while singles, batches and large batches come at once.
func memory(w *world, run int) ([]figure, error) {
	return w.with(func(b *books, s *server) ([]figure, error) {
		type part struct{ batch, conns int }
		parts := []part{{1, 256}, {100, w.Conns}, {w.Batch, 4}}
		faults, look := make(chan error, len(parts)), b.parties(s).look()
		for _, each := range parts {
			p := load.NewPoster(b.traffic(w, each.batch, run), each.conns, b.key, nil, s.address)
			go func() {
				defer p.Close()
				load.Loop{Conns: each.conns, For: b.warm() + b.span()}.Run(p.Post)
				var err error
				if wrong := p.Faults(); len(wrong) > 0 {
					err = errors.New(wrong[0])
				}
				faults <- err
			}()
		}
		var err error
		for range parts {
			err = errors.Join(err, <-faults)
		}
		return []figure{{what: fmt.Sprintf("resident memory, 256 singles, %d batches of 100 and 4 of %s at once", w.Conns, number(float64(w.Batch))), value: peak(s.pid()), unit: "MiB", cpu: usage{others: b.parties(s).since(look, 1).others}, want: atMost(300)}}, err
	})
}

// growth: what a call costs when many are stored already, against the first ones. It is measured for longer than the
// other lines: after a checkpoint PostgreSQL logs each page whole that is written to for the first time, and the random
// ids of the first calls each meet another page of a large index.
func growth(w *world, run int) (figures []figure, err error) {
	full, err := w.full()
	if err != nil {
		return nil, err
	}
	cost := func(b *books) (outcome, error) {
		s, err := b.serve()
		if err != nil {
			return outcome{}, err
		}
		if err := b.meet(s); err != nil {
			return outcome{}, errors.Join(err, s.stop())
		}
		o, err := b.post(b.traffic(w, 100, run), load.Loop{Conns: b.Conns, For: 10 * b.span()}, s)
		return o, errors.Join(err, s.stop())
	}
	empty, err := w.fresh()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, empty.drop()) }()
	first, err := cost(empty)
	if err != nil {
		return nil, err
	}
	then, err := cost(full)
	most := 1.4
	if full.database == "postgres" && w.held > frontDoor {
		most = 1.6
	}
	return []figure{{
		what: fmt.Sprintf("CPU of a call after %s events", number(float64(w.held))), value: then.cpu.product(), unit: "µs", cpu: then.cpu, note: number(then.rate()) + " events/s",
		yard: "of the first", yards: first.cpu.product(), want: ratioMost(most),
	}}, err
}
