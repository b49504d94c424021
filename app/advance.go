package app

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"minutebook/billing"
	"minutebook/store"
)

// atOnce is how many clients are brought forward in one transaction, if nothing else is to be done. SQLite has one
// writer: there it is less.
func (a *App) atOnce() int {
	if a.DB.Dialect() == "sqlite" {
		return 50
	}
	return 100
}

// fewAtOnce is how many it is while usage comes in. A call waits for the transaction that holds its client, or the numbers
// of its agency's requests, or the one writer.
const fewAtOnce = 10

// pace is how many clients AdvanceDue takes at once: few when usage came in since it took the last ones or is on its way,
// else twice as many as then. Callers who all wait for us send nothing more.
type pace struct {
	mu    sync.Mutex
	posts int64 // that had come in when it was last asked
	many  int
}

// next answers how many clients are taken next, and whether that is because usage comes in.
func (p *pace) next(posts int64, waiting bool, most int) (many int, usage bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	usage = waiting || posts != p.posts
	if usage || p.many == 0 {
		p.many = fewAtOnce
	} else {
		p.many = min(2*p.many, most)
	}
	p.posts = posts
	return p.many, usage
}

// AdvanceDue carries out what has come due, for at most limit clients, the longest due first, each up to its own next
// instant, so that a backlog is worked off in the order it happened. It answers how many clients it moved; 0 means
// that nothing is due, or that others are at it. Several processes may run it side by side: each passes over those
// that another one holds. What one transaction could take is worked off by one worker. Rules 3.3.
func (a *App) AdvanceDue(ctx context.Context, limit int) (moved int, err error) {
	r := &round{a: a, left: limit}
	if a.DB.Dialect() == "sqlite" || a.DB.Carries(ctx) || limit <= a.atOnce() {
		r.work(ctx, true)
		return r.moved, errors.Join(r.faults...)
	}
	var workers sync.WaitGroup
	var broken [2]any
	for i := range broken { // one reckons while the other's rows are written
		workers.Go(func() {
			defer func() { broken[i] = recover() }() // here it would end the whole program
			r.work(ctx, i == 0)
		})
	}
	workers.Wait()
	for _, panicked := range broken {
		if panicked != nil {
			panic(panicked)
		}
	}
	return r.moved, errors.Join(r.faults...)
}

// round is one walk over all who are due. Nobody is visited twice, so that a client who cannot be brought forward does
// not stand in the way of those behind it.
type round struct {
	a      *App
	mutex  sync.Mutex
	last   store.DueClient
	left   int
	moved  int
	faults []error
}

// work brings clients forward until nobody is left. Only one who leads goes on when usage comes in.
func (r *round) work(ctx context.Context, leads bool) {
	for ctx.Err() == nil {
		due, usage := r.next(ctx, leads)
		if len(due) == 0 {
			return
		}
		begun := r.a.Clock()
		moved, faults := r.a.advanceSome(ctx, due)
		r.mutex.Lock()
		r.moved += moved
		r.faults = append(r.faults, faults...)
		r.mutex.Unlock()
		if usage && !r.a.DB.Carries(ctx) {
			rest(ctx, min(r.a.Clock().Sub(begun), longestRest))
		}
	}
}

// longestRest is how long the calls that came meanwhile have the database to themselves at most.
const longestRest = 20 * time.Millisecond

// rest lets others go first for a while.
func rest(ctx context.Context, a time.Duration) {
	select {
	case <-time.After(a):
	case <-ctx.Done():
	}
}

// next takes the next clients that are due, and says whether usage comes in.
func (r *round) next(ctx context.Context, leads bool) (due []store.DueClient, usage bool) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	posts, waiting := r.a.intake.stir()
	many, usage := r.a.pace.next(posts, waiting, r.a.atOnce())
	if r.left <= 0 || usage && !leads {
		return nil, usage
	}
	due, err := store.DueClients(ctx, r.a.DB.Q(ctx), r.a.wall(), r.last, min(r.left, many))
	if err != nil {
		r.faults = append(r.faults, err)
		r.left = 0
	}
	if len(due) > 0 {
		r.left -= len(due)
		r.last = due[len(due)-1]
	}
	return due, usage
}

// advanceSome brings clients forward in one transaction or, when that fails, each in its own: one client's fault is
// not the next one's.
func (a *App) advanceSome(ctx context.Context, due []store.DueClient) (moved int, faults []error) {
	moved, err := a.advanceTogether(ctx, due)
	if err == nil || ctx.Err() != nil {
		return moved, nil
	}
	if len(due) == 1 {
		return 0, []error{fmt.Errorf("bringing client %d of agency %d forward: %w", due[0].Client, due[0].Agency, err)}
	}
	a.Log.Warn("bringing clients forward together failed; each is tried alone", "clients", len(due), "error", err)
	for i := range due {
		n, failed := a.advanceSome(ctx, due[i:i+1])
		moved, faults = moved+n, append(faults, failed...)
	}
	return moved, faults
}

// advanceTogether brings clients forward in one transaction. What the rules find impossible is a fault of that client,
// and does not end the program.
func (a *App) advanceTogether(ctx context.Context, due []store.DueClient) (moved int, err error) {
	defer func() {
		if broken := recover(); broken != nil {
			moved, err = 0, fmt.Errorf("the rules found impossible: %v\n%s", broken, debug.Stack())
		}
	}()
	err = a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		accounts, err := a.loadDue(ctx, q, a.DB.SkipLocked(), due)
		if err != nil {
			return err
		}
		var ahead []*billing.Account
		for i, acc := range accounts {
			if acc == nil || !isDue(acc, due[i].Due) { // somebody else was faster, or is at it
				continue
			}
			if _, err := acc.Advance(due[i].Due, slice); err != nil {
				return err
			}
			ahead = append(ahead, acc)
		}
		moved = len(ahead)
		return a.saveDue(ctx, q, ahead)
	})
	if err != nil {
		return 0, err
	}
	return moved, nil
}

// isDue says whether something has come due for an account by then.
func isDue(acc *billing.Account, by time.Time) bool {
	next, any := acc.NextDue()
	return any && !next.After(by)
}

// loadDue loads the accounts of due clients; nil are those that hold passes over.
func (a *App) loadDue(ctx context.Context, q store.Q, hold string, due []store.DueClient) ([]*billing.Account, error) {
	named := make([]store.Named, len(due))
	for i, d := range due {
		named[i] = store.Named{Agency: d.Agency, Client: d.Client}
	}
	accounts, err := store.LoadAccounts(ctx, q, hold, named)
	for _, acc := range accounts {
		if acc != nil {
			acc.With(a.Mint)
		}
	}
	return accounts, err
}

// saveDue saves accounts to which nothing happened but time.
func (a *App) saveDue(ctx context.Context, q store.Q, accounts []*billing.Account) error {
	nows := map[billing.ID]time.Time{}
	var all []store.Saving
	for _, acc := range accounts {
		now, known := nows[acc.Agency]
		if !known {
			var err error
			if now, err = a.Now(ctx, acc.Agency); err != nil {
				return err
			}
			nows[acc.Agency] = now
		}
		who := system(acc.Agency).String()
		all = append(all, store.Saving{Account: acc, Due: len(acc.Fresh()), Mint: a.Mint, RecordedAt: later(now, acc.Written), Actor: who, System: who, Command: "time"})
	}
	a.DB.AfterCommit(ctx, func(context.Context) { a.shelf.drop(accounts) })
	return store.SaveAccounts(ctx, q, all)
}

// TestClock is a sandbox's now. Rules 3.5.
func (a *App) TestClock(ctx context.Context, who Actor) (time.Time, error) {
	clock, err := store.TestClock(ctx, a.DB.Q(ctx), who.Agency)
	if err == nil && clock.IsZero() {
		err = notASandbox()
	}
	return clock, err
}

// lastYear bounds a test clock: beyond it, a slip of the finger would bill for centuries.
const lastYear = 2200

// MoveTestClock moves a sandbox's clock forward and carries out everything due on the way. Within a caller's
// transaction that is only done once the move is kept, in transactions of its own: it may take longer than one may
// last. Rules 3.5.
func (a *App) MoveTestClock(ctx context.Context, who Actor, to time.Time) (time.Time, error) {
	to = to.UTC().Truncate(time.Millisecond)
	err := a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		clock, err := store.HoldTestClock(ctx, q, a.DB.ForUpdate(), who.Agency)
		switch {
		case err != nil:
			return err
		case clock.IsZero():
			return notASandbox()
		case !to.After(clock):
			return billing.InvalidField("now", "must be later than %s; a test clock only moves forward", clock.Format(time.RFC3339))
		case to.Year() >= lastYear:
			return billing.InvalidField("now", "must lie before the year %d", lastYear)
		}
		if err := a.audit(ctx, q, who, clock, "test_clock.move", "test_clock", 0, "", map[string]any{"now": clock}, map[string]any{"now": to}); err != nil {
			return err
		}
		return store.SetTestClock(ctx, q, who.Agency, to)
	})
	if err != nil {
		return time.Time{}, err
	}
	if a.DB.Carries(ctx) { // what the move made due takes transactions of its own, after the one that ctx carries
		a.DB.AfterCommit(ctx, func(ctx context.Context) { afterwards(ctx, a.catchUp(ctx, who.Agency, to)) })
		return to, nil
	}
	return to, a.catchUp(ctx, who.Agency, to)
}

// catchUp carries out what is due in one sandbox until nothing is left.
func (a *App) catchUp(ctx context.Context, agency billing.ID, to time.Time) error {
	for more := true; more; {
		err := a.DB.InTx(ctx, func(ctx context.Context, q store.Q) (err error) {
			more, err = a.catchUpSome(ctx, q, agency, to)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// instants bounds what one transaction carries out of a sandbox's backlog.
const instants = 1000

// catchUpSome carries out what is due next in a sandbox, in the order of its instants across all clients. Of those that
// are due only the first are loaded, so it goes no further than the last of them: before that, nobody else's turn comes.
func (a *App) catchUpSome(ctx context.Context, q store.Q, agency billing.ID, to time.Time) (more bool, err error) {
	due, err := store.DueInSandbox(ctx, q, agency, to, a.atOnce())
	if err != nil || len(due) == 0 {
		return false, err
	}
	if len(due) == a.atOnce() {
		to = due[len(due)-1].Due
	}
	accounts, err := a.loadDue(ctx, q, a.DB.ForUpdate(), due)
	if err != nil {
		return false, err
	}
	line := &queue{}
	for _, acc := range accounts {
		line.wait(acc, to)
	}
	for n := 0; n < instants && line.Len() > 0; n++ {
		first := heap.Pop(line).(waiting)
		if _, err := first.acc.Advance(first.due, 1); err != nil {
			return false, fmt.Errorf("bringing client %d of agency %d forward: %w", first.acc.Client, agency, err)
		}
		line.wait(first.acc, to)
	}
	accounts = slices.DeleteFunc(accounts, func(acc *billing.Account) bool { return acc == nil })
	if moved := slices.DeleteFunc(slices.Clone(accounts), func(acc *billing.Account) bool { return len(acc.Fresh()) == 0 }); len(moved) > 0 {
		accounts = moved
	}
	return true, a.saveDue(ctx, q, accounts) // should nothing have been due after all, their rows say so from now on
}

// queue is accounts by their next instant, and by their ids where several have the same.
type queue []waiting

type waiting struct {
	acc *billing.Account
	due time.Time
}

// wait lines an account up, unless nothing happens to it by then.
func (l *queue) wait(acc *billing.Account, by time.Time) {
	if acc == nil {
		return
	}
	if next, any := acc.NextDue(); any && !next.After(by) {
		heap.Push(l, waiting{acc, next})
	}
}

func (l queue) Len() int      { return len(l) }
func (l queue) Swap(i, j int) { l[i], l[j] = l[j], l[i] }

func (l queue) Less(i, j int) bool {
	return l[i].due.Before(l[j].due) || l[i].due.Equal(l[j].due) && l[i].acc.Client < l[j].acc.Client
}

func (l *queue) Push(x any) { *l = append(*l, x.(waiting)) }

func (l *queue) Pop() any {
	last := (*l)[len(*l)-1]
	*l = (*l)[:len(*l)-1]
	return last
}

// settle carries out what a sandbox's clock has made due; elsewhere the time is the real one, and nothing waits for it.
func (a *App) settle(ctx context.Context, agency billing.ID) error {
	clock, err := store.TestClock(ctx, a.DB.Q(ctx), agency)
	if err != nil || clock.IsZero() {
		return err
	}
	return a.catchUp(ctx, agency, clock)
}

func notASandbox() error {
	return billing.Refuse(billing.Conflict, "not_a_sandbox", "This agency has no test clock: its time is the real one.",
		"Create a sandbox agency with `minutebook agency create --test-clock`.")
}
