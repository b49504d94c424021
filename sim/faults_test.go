package sim_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

// mode is a way in which a call of the database can go wrong.
type mode struct {
	name   string
	errs   map[string]error // what the database answers, by dialect; nil: the process dies
	commit bool             // only after commits: what was done stays, the answer is lost
}

var modes = []mode{
	{name: "busy", errs: both(fmt.Errorf("somebody writes: %w", store.ErrBusy))},
	{name: "deadlock", errs: map[string]error{"sqlite": store.ErrBusy, "postgres": &pgconn.PgError{Code: "40P01", Message: "deadlock detected"}}},
	{name: "timeout", errs: both(context.DeadlineExceeded)},
	{name: "disk full", errs: map[string]error{"sqlite": errors.New("database or disk is full"), "postgres": &pgconn.PgError{Code: "53100", Message: "no space left"}}},
	{name: "read-only", errs: both(store.ErrReadOnly)},
	{name: "answer lost", errs: both(errors.New("the connection broke in the commit")), commit: true},
	{name: "dies"},
}

func both(err error) map[string]error { return map[string]error{"sqlite": err, "postgres": err} }

// death is what a dying process panics with.
type death struct{}

var errDied = errors.New("the process died")

// misfortune strikes at the n-th call of every step that its mode can strike, once. With dice, it strikes by chance,
// in any mode, and again.
type misfortune struct {
	mode    mode
	nth     int
	dice    *rand.Rand
	dialect string

	places []int // instead of nth: for each step the call to strike

	armed, fired, dead bool
	seen               int // calls of this step that could be struck
	step               int
	calls              int // calls in all
	commits            int
	struck             int
}

func (m *misfortune) strike(stage store.Stage, _ string) error {
	if m.dead {
		panic(death{})
	}
	if !m.armed {
		return nil
	}
	m.calls++
	if stage == store.AfterCommit {
		m.commits++
	}
	if m.dice != nil {
		return m.storm(stage)
	}
	if m.fired || m.mode.commit != (stage == store.AfterCommit) && m.mode.errs != nil {
		return nil
	}
	nth := m.nth
	if m.places != nil {
		nth = m.places[m.step]
	}
	if m.seen++; m.seen != nth {
		return nil
	}
	m.fired = true
	return m.answer(m.mode)
}

func (m *misfortune) storm(stage store.Stage) error {
	if m.dice.IntN(60) != 0 {
		return nil
	}
	chosen := modes[m.dice.IntN(len(modes))]
	if chosen.commit != (stage == store.AfterCommit) && chosen.errs != nil {
		return nil
	}
	return m.answer(chosen)
}

func (m *misfortune) answer(chosen mode) error {
	m.struck++
	if chosen.errs == nil {
		m.dead = true
		panic(death{})
	}
	return chosen.errs[m.dialect]
}

// tell asks for a step as a client does: the same again until it is answered. It says how often it asked.
func (w *world) tell(s step, m *misfortune) (asked int) {
	w.Helper()
	m.seen, m.fired = 0, false
	defer func() { m.step++ }()
	const patience = 200
	for asked = 1; asked <= patience; asked++ {
		m.armed = true
		id, err := w.attempt(s, m)
		m.armed, m.dead = false, false
		var refusal *billing.Error
		switch {
		case errors.As(err, &refusal) && refusal.Code == "idempotency_key_in_use":
			w.sleep(store.ClaimTimeout + time.Second)
		case code(err) == s.refused:
			if s.refused == "" {
				w.ids[s.name] = id
			}
			w.ok(sweep(w)) // what a moved clock made due may be left to the job, which comes within a second
			return asked
		case refusal != nil, m.struck == 0, err == nil:
			w.Fatalf("%s: %q, want %q", s.name, code(err), s.refused)
		}
	}
	w.Fatalf("%s was not answered in %d tries", s.name, patience)
	return asked
}

// attempt asks once, in a process that may die of it.
func (w *world) attempt(s step, _ *misfortune) (id billing.ID, err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case death:
			id, err = 0, errDied
		default:
			panic(p)
		}
	}()
	if s.plain {
		return s.do(w, w.ctx)
	}
	answer, _, err := w.a.Once(w.ctx, w.who, s.name, []byte(s.name), func(ctx context.Context) app.Attempt {
		id, err := s.do(w, ctx)
		var refusal *billing.Error
		switch {
		case err == nil:
			return app.Attempt{Keep: true, Answer: app.FirstAnswer{Status: 200, Body: []byte(id.String())}}
		case errors.As(err, &refusal):
			return app.Attempt{Answer: app.FirstAnswer{Status: 409, Body: []byte(refusal.Code)}}
		}
		return app.Attempt{Broken: true, Answer: app.FirstAnswer{Status: 503, Body: []byte(err.Error())}}
	})
	switch {
	case err != nil:
		return 0, err
	case answer.Status == 409:
		return 0, &billing.Error{Code: string(answer.Body)}
	case answer.Status != 200:
		return 0, fmt.Errorf("status %d: %s", answer.Status, answer.Body)
	}
	id, _ = billing.ParseID(string(answer.Body))
	return id, nil
}

// stage is one database with a misfortune that can be set anew for every run.
type stage struct {
	dialect string
	db      *store.DB
	now     *misfortune
	want    [][]string // the books after each step of the run without a fault
	calls   []int      // store calls of each step
	commits []int      // those of them after a commit
}

// strikable is how many calls of each step a mode can strike.
func (st *stage) strikable(m mode) []int {
	list := slices.Clone(st.calls)
	for i, commits := range st.commits {
		switch {
		case m.commit:
			list[i] = commits
		case m.errs != nil:
			list[i] -= commits
		}
	}
	return list
}

// setStage lives the story once without a fault.
func setStage(t *testing.T, dialect string) *stage {
	t.Helper()
	st := &stage{dialect: dialect, now: &misfortune{}}
	st.db = storetest.Connect(t, storetest.MigratedURL(t, dialect), store.Faults(func(at store.Stage, sql string) error { return st.now.strike(at, sql) }))
	w := newWorld(t, st.db)
	for _, s := range story() {
		calls, commits := st.now.calls, st.now.commits
		asked := w.tell(s, st.now)
		books := w.books()
		if len(st.want) > 0 && s.refused != "" && differ(w.withoutKeys(st.want[len(st.want)-1]), w.withoutKeys(books)) != "" {
			t.Errorf("%s was refused and left a trace: %s", s.name, differ(st.want[len(st.want)-1], books))
		}
		if asked != 1 {
			t.Errorf("%s was asked %d times without a fault", s.name, asked)
		}
		st.want = append(st.want, books)
		st.calls, st.commits = append(st.calls, st.now.calls-calls), append(st.commits, st.now.commits-commits)
	}
	t.Logf("%s: %d steps, %d store calls, at most %d in a step", dialect, len(st.want), st.now.calls, slices.Max(st.calls))
	return st
}

// withoutKeys leaves out the remembered answers: a refusal's is kept too.
func (w *world) withoutKeys(books []string) []string {
	return slices.DeleteFunc(slices.Clone(books), func(line string) bool { return len(line) > 16 && line[:16] == "idempotency_keys" })
}

// live lives the story under a misfortune and compares the books at the end. If they differ, it looks for the step.
func (st *stage) live(t *testing.T, name string, with func() *misfortune) (struck int) {
	t.Helper()
	steps := story()
	run := func(each bool) (*world, bool) {
		st.now = with()
		st.now.dialect = st.dialect
		w := newWorld(t, st.db)
		for i, s := range steps {
			asked := w.tell(s, st.now)
			if !each {
				continue
			}
			if d := differ(st.want[i], w.books()); d != "" {
				t.Errorf("%s: after %q, asked %d times, the books differ (-without fault +with):\n%s", name, s.name, asked, d)
				return w, false
			}
		}
		return w, true
	}
	w, _ := run(false)
	if d := differ(st.want[len(st.want)-1], w.books()); d != "" {
		if _, same := run(true); same {
			t.Errorf("%s: the books differ at the end:\n%s", name, d)
		}
	}
	return st.now.struck
}

// TestEveryStoreCallMayFail lets, in each life, one store call of every step go wrong in one way, asks again as a client
// does, and wants the same books as without a fault. MINUTEBOOK_PROOF_FAULTS says how many lives are lived a way: a
// number, or "all" for as many as it takes to strike every call of every step.
func TestEveryStoreCallMayFail(t *testing.T) {
	for dialect, small := range map[string]int{"sqlite": 4, "postgres": 1} {
		t.Run(dialect, func(t *testing.T) {
			st := setStage(t, dialect)
			lives, struck := 0, 0
			for i, m := range modes {
				strikable := st.strikable(m)
				most := slices.Max(strikable)
				n := min(most, proof(t, "FAULTS", small))
				for life := range n {
					places := place(strikable, life, n, i)
					if n == most {
						places = place(strikable, life, n, -1)
					}
					struck += st.live(t, fmt.Sprintf("%s, life %d of %d", m.name, life+1, n), func() *misfortune { return &misfortune{mode: m, places: places} })
					lives++
				}
			}
			newWorld(t, st.db).audited()
			t.Logf("%d lives, %d store calls failed", lives, struck)
		})
	}
}

// place picks the call to strike in each step: in the life of that number the very call of that number or, of a sample
// of lives, one in proportion to the step's length, shifted so that different ways strike different calls.
func place(strikable []int, life, lives, shift int) []int {
	places := make([]int, len(strikable))
	for i, calls := range strikable {
		switch {
		case shift < 0:
			places[i] = life + 1
		case calls > 0:
			places[i] = (life*calls/lives+shift*calls/(lives*len(modes))+i)%calls + 1
		}
	}
	return places
}

// TestStormsOfFaults lets calls fail by chance, in every way and again and again. MINUTEBOOK_PROOF_STORMS is the number
// of seeds.
func TestStormsOfFaults(t *testing.T) {
	for dialect, small := range map[string]int{"sqlite": 6, "postgres": 2} {
		t.Run(dialect, func(t *testing.T) {
			st := setStage(t, dialect)
			struck := 0
			for seed := range proof(t, "STORMS", small) {
				struck += st.live(t, fmt.Sprintf("storm %d", seed), func() *misfortune { return &misfortune{dice: rand.New(rand.NewPCG(uint64(seed), 4))} })
			}
			newWorld(t, st.db).audited()
			t.Logf("%d store calls failed", struck)
		})
	}
}
