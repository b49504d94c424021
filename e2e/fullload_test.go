package e2e_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	generator "minutebook/bench/load"
)

// TestKilledUnderFullLoad kills the server while the generator of the benchmarks keeps it busy, without a pause from
// one life of the server to the next: MINUTEBOOK_PROOF_LOADED_KILLS times on each database. What the generator wrote
// down of every post is held against the books.
func TestKilledUnderFullLoad(t *testing.T) {
	each(t, func(t *testing.T, p *program) {
		p.serve()
		kills := scaled(t, "LOADED_KILLS", 3)
		for left := kills; left > 0; left -= killsOfAWorld {
			f := newFullLoad(p)
			f.start()
			for range min(left, killsOfAWorld) {
				f.goesOn(20)
				time.Sleep(time.Duration(200+rand.IntN(400)) * time.Millisecond)
				p.kill()
				p.serve()
			}
			f.end()
			f.check()
		}
		t.Logf("killed %d times", kills)
	})
}

// fullLoad is posts of usage as fast as they are answered, over several connections.
type fullLoad struct {
	*load
	file    *os.File
	log     *generator.Log
	posters []*generator.Poster
	said    atomic.Int64 // posts that were answered well
	stop    context.CancelFunc
	writers sync.WaitGroup
}

const wiresOfEach = 4

// newFullLoad makes an agency whose clients have minutes in every pool, and the posters of single calls, batches and lines.
func newFullLoad(p *program) *fullLoad {
	p.Helper()
	l := newLoad(p, 20)
	for _, client := range l.clients[:10] {
		l.must("POST", "/clients/"+client+"/wallet/adjust", object{"minutes": "30.00", "reason": "welcome"})
	}
	file, err := os.Create(filepath.Join(p.TempDir(), "posts.log"))
	if err != nil {
		p.Fatal(err)
	}
	now, err := time.Parse(time.RFC3339, loadClock)
	if err != nil {
		p.Fatal(err)
	}
	f := &fullLoad{load: l, file: file, log: generator.NewLog(file)}
	for n, traffic := range []generator.Traffic{{Batch: 1}, {Batch: 10}, {Batch: 10, NDJSON: true}} {
		traffic.Clients, traffic.Zipf, traffic.Repeats, traffic.Seed = l.clients, 1.3, 0.2, rand.Uint64()+uint64(n)
		traffic.Shortest, traffic.Longest = time.Second, time.Minute
		traffic.Now = func() time.Time { return now }
		f.posters = append(f.posters, generator.NewPoster(traffic, wiresOfEach, l.key, f.log, p.address))
	}
	p.Cleanup(f.close)
	return f
}

func (f *fullLoad) close() {
	for _, p := range f.posters {
		p.Close()
	}
	f.file.Close()
}

func (f *fullLoad) start() {
	ctx, stop := context.WithCancel(context.Background())
	f.stop = stop
	for _, poster := range f.posters {
		for wire := range wiresOfEach {
			f.writers.Go(func() {
				for ctx.Err() == nil {
					if poster.Post(wire) {
						f.said.Add(1)
					}
				}
			})
		}
	}
}

// goesOn waits until n more posts were answered well, however slow the machine is.
func (f *fullLoad) goesOn(n int64) {
	f.Helper()
	enough := f.said.Load() + n
	f.eventually(fmt.Sprintf("%d more posts are answered", n), func() bool { return f.said.Load() >= enough })
}

func (f *fullLoad) end() {
	f.stop()
	f.writers.Wait()
}

// check holds the generator's log against the books, and the books against themselves.
func (f *fullLoad) check() {
	f.Helper()
	for _, p := range f.posters {
		for _, fault := range p.Faults() {
			f.Errorf("%s", fault)
		}
	}
	history := f.told()
	b := books{events: f.walk("/usage-events"), requests: f.walk("/payment-requests"), wallets: map[string][]object{}}
	var stored []generator.Stored
	for _, e := range b.events {
		stored = append(stored, generator.Stored{Event: e.text("event_id"), ID: e.text("id"), Client: e.text("client_id"), Millis: number(e, "duration_ms")})
	}
	for i, fault := range history.Check(stored) {
		if i < 10 {
			f.Errorf("%s", fault)
		}
	}
	for _, client := range f.clients {
		b.wallets[client] = f.walk("/clients/" + client + "/wallet")
	}
	f.sums(b)
	f.periods(b)
	if out, code := f.run("audit"); code != 0 {
		f.Errorf("audit = exit %d\n%s", code, out)
	}
	f.Logf("%d posts; %d events acknowledged, %d unknown, %d stored", history.Posts, history.Known(), history.Unknown(), len(stored))
	if history.Known() < 100 || history.Unknown() == 0 {
		f.Errorf("%d events were acknowledged, and %d are unknown: nothing was tested", history.Known(), history.Unknown())
	}
}

// told is the log, read back.
func (f *fullLoad) told() *generator.History {
	f.Helper()
	if err := f.log.Err(); err != nil {
		f.Fatal(err)
	}
	if _, err := f.file.Seek(0, 0); err != nil {
		f.Fatal(err)
	}
	h, err := generator.ReadLog(f.file)
	if err != nil {
		f.Fatal(err)
	}
	return h
}
