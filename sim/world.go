package sim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"math/rand/v2"
	"time"

	"minutebook/billing"
	"minutebook/store"
)

// Opener opens a fresh database with the whole schema.
type Opener func(...store.Option) (*store.DB, error)

// WorldSettings say how large a world is. What is zero has a default.
type WorldSettings struct {
	Open  Opener
	Steps int
	Calm  bool // no faults, no jumps of clocks
	Only  int  // 1 or 2: that agency alone acts, just as it does beside the other in a calm world; 0: both

	Look func(db *store.DB, first, second Seen) // at the end
}

// WorldPlaces are what Reach counts in worlds, beside the Places of the lives in them.
var WorldPlaces = []string{
	"a command met a fault", "unknown outcome, asked again", "died before a commit", "died after a commit", "died between a claim and its commit", "disk full", "deadlock", "timeout", "read-only",
	"clock stepped back over a boundary", "clock stepped ahead over a boundary", "clock stood still", "written by a worker that is behind", "three workers",
	"in-batch duplicate", "the other agency acted in between", "provider's report", "provider's later report", "portal user acted", "portal user refused", "time sweep met a fault",
	"two agencies' events with one id",
}

// World lives two agencies from a seed on a real store: operators, portal users and a provider act through one to three
// processes whose clocks differ and jump, and any call of the database may fail, or be the last of its process. Each
// command is asked again until it is answered, as a client does. After each, the client is read back whole and must be
// what the rules and the second opinion make of the commands that were accepted.
func World(seed uint64, s WorldSettings) (r Result) {
	w := &world{WorldSettings: s, ctx: context.Background(), course: rand.New(rand.NewPCG(seed, 2)), dice: rand.New(rand.NewPCG(seed, 3)), trace: sha256.New(), result: Result{Seed: seed, Reach: Reach{}}}
	if w.Steps == 0 {
		w.Steps = 120
	}
	db, err := s.Open(store.Faults(w.strike))
	if err != nil {
		w.broken("opening the database: %v", err)
		return w.result
	}
	defer db.Close()
	w.db = db
	w.build(seed)
	for w.step = 1; w.step <= w.Steps && len(w.result.Broken) == 0; w.step++ {
		w.live()
	}
	if len(w.result.Broken) == 0 {
		w.settle()
	}
	for _, t := range w.tenants {
		for _, h := range t.homes {
			w.result.Facts += len(h.lens.Facts)
			w.result.Hours += max(0, int64(h.lens.Now.Sub(t.began)/time.Hour)) // it may have broken off before it was looked at
			fmt.Fprintf(w.trace, "%d %v\n", h.lens.Account.Client, h.told)
		}
	}
	if s.Look != nil && len(w.result.Broken) == 0 {
		s.Look(db, w.tenants[0].seen(), w.tenants[1].seen())
	}
	w.result.Hash = hex.EncodeToString(w.trace.Sum(nil))
	return w.result
}

// LiveWorlds lives worlds from seeds, as LiveMany lives lives.
func LiveWorlds(ctx context.Context, first, seeds uint64, s WorldSettings) Tally {
	return tallied(ctx, first, seeds, func(seed uint64) Result { return World(seed, s) })
}

// world is a world on its way.
type world struct {
	WorldSettings
	ctx     context.Context
	course  *rand.Rand // the dice of what happens to everybody: time, and whose turn it is
	dice    *rand.Rand // of faults and jumps; the agencies have their own
	db      *store.DB
	workers []*worker
	tenants []*tenant
	now     time.Time // as it really is
	minted  billing.ID
	step    int
	last    *tenant
	trace   hash.Hash
	result  Result

	rate   int // one in so many calls is struck; 0: none
	modes  []calamity
	jumps  bool // clocks jump
	armed  bool
	dead   bool // the process that acts
	spared bool // nothing is struck for a while
	stage  store.Stage
	hit    string
}

func (w *world) broken(format string, args ...any) {
	w.result.Broken = append(w.result.Broken, fmt.Sprintf("world %d, step %d: ", w.result.Seed, w.step)+fmt.Sprintf(format, args...))
}

// must is for what cannot fail while no fault is armed.
func (w *world) must(err error) {
	if err != nil {
		panic(fmt.Sprintf("sim: building world %d: %v", w.result.Seed, err))
	}
}

// build sets up the processes and two agencies whose clients have the same names.
func (w *world) build(seed uint64) {
	w.now = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(w.dice.IntN(10*365*24*3600)) * time.Second)
	w.minted = 1_000_000_000_000_000_000
	for range 1 + w.dice.IntN(3) {
		w.workers = append(w.workers, w.start(&worker{skew: time.Duration(w.dice.IntN(21)-10) * time.Minute}))
	}
	w.result.Reach.at("three workers", len(w.workers) == 3)
	for i := range 2 {
		w.tenants = append(w.tenants, w.found(seed, i))
	}
	if w.Calm {
		return
	}
	w.rate = []int{0, 15, 40, 150}[w.dice.IntN(4)] // some worlds know no faults
	for _, c := range calamities {
		if w.dice.IntN(3) > 0 {
			w.modes = append(w.modes, c)
		}
	}
	w.jumps = w.dice.IntN(3) > 0
}

// live is one step: time passes, clocks may jump, somebody does something, and some process looks for what is due.
func (w *world) live() {
	w.pass(pick(&run{dice: w.course}, 0, time.Second, time.Minute, time.Hour, 20*time.Hour, 3*24*time.Hour, 9*24*time.Hour, 33*24*time.Hour))
	if w.jumps && w.dice.IntN(8) == 0 {
		w.jump(w.worker(w.dice))
	}
	if w.course.IntN(3) == 0 {
		w.sweep(w.worker(w.course))
	}
	place := w.course.IntN(len(w.tenants))
	t := w.tenants[place]
	if w.Only != 0 && w.Only != place+1 {
		return
	}
	w.result.Reach.at("the other agency acted in between", w.last != nil && w.last != t)
	w.last = t
	h := pick(t.run, t.homes...)
	t.now = later(w.now, h.lens.Now)
	if do := t.draw(h.lens); do != nil {
		w.tell(t, h, do)
	}
}

func (w *world) pass(d time.Duration) { w.now = w.now.Add(d) }

// settle is the calm after the storm: no fault and no crooked clock. Soon nothing that was due may be left, nobody may
// hold anything, and the audit must find the whole database in order.
func (w *world) settle() {
	w.rate = 0
	for _, k := range w.workers {
		k.skew, k.frozen = 0, time.Time{}
	}
	for _, t := range w.tenants {
		for _, h := range t.homes {
			if !w.Calm {
				w.now = later(w.now, h.lens.Account.Written)
			}
		}
	}
	w.pass(3 * 24 * time.Hour)
	for range 200 {
		moved, err := w.workers[0].app.AdvanceDue(w.ctx, 50)
		if err != nil {
			w.broken("after the storm: %v", err)
			return
		}
		if moved == 0 {
			break
		}
	}
	for _, t := range w.tenants {
		for _, h := range t.homes {
			w.see(t, h)
			w.look(t, h, nil)
			if due, any := h.lens.Account.NextDue(); any && !due.After(w.now) {
				w.broken("client %d has something due at %s, it is %s", h.id, due, w.now)
			}
		}
	}
	if err := w.db.Ready(w.ctx); err != nil {
		w.broken("after the storm, nobody can write: %v", err)
	}
	report, err := w.workers[0].app.Audit(w.ctx)
	w.must(err)
	for _, d := range report.Differences {
		w.broken("audit: %s", d)
	}
}
