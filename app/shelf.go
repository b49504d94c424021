package app

import (
	"context"
	"sync"
	"time"

	"minutebook/billing"
	"minutebook/store"
)

// shelf keeps accounts that were metered lately, so that the next call need not read them again. What lies on it may
// be old: an account is used only when its row, held by then, stands where the account was left, or when nothing but
// calls came since, which another server metered. What has no fact, the client's name and zone and the agency's policy, is
// read anew once a minute, and at once when this process changes it.
type shelf struct {
	mu       sync.Mutex
	accounts map[account]shelved
}

type shelved struct {
	*billing.Account
	read  time.Time
	left  store.Left
	stood *store.Stand // where it stood when it was taken or read, if it is used without being held
}

const (
	shelfRoom = 20_000
	shelfLife = time.Minute
)

// take takes an account off the shelf, if it is there and young enough.
func (s *shelf) take(key account, now time.Time) (shelved, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, there := s.accounts[key]
	delete(s.accounts, key)
	return found, there && now.Sub(found.read) < shelfLife
}

// put puts an account back.
func (s *shelf) put(acc shelved) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.accounts == nil {
		s.accounts = map[account]shelved{}
	}
	if len(s.accounts) >= shelfRoom {
		for any := range s.accounts { // whichever comes first
			delete(s.accounts, any)
			break
		}
	}
	s.accounts[account{acc.Agency, acc.Client}] = acc
}

// putAll puts back what was taken and not used.
func (s *shelf) putAll(all []shelved) {
	for _, acc := range all {
		if acc.Account != nil {
			s.put(acc)
		}
	}
}

// empty forgets everything.
func (s *shelf) empty() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accounts = nil
}

// forget takes this very account off the shelf: by now another reading of the same may lie there.
func (s *shelf) forget(acc *billing.Account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if key := (account{acc.Agency, acc.Client}); s.accounts[key].Account == acc {
		delete(s.accounts, key)
	}
}

// drop takes accounts off the shelf that something else than usage changed.
func (s *shelf) drop(accounts []*billing.Account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, acc := range accounts {
		delete(s.accounts, account{acc.Agency, acc.Client})
	}
}

// take holds accounts, and reads those that do not lie on the shelf as they stand, or for whom something has come due. Where
// there is no such client, the account is nil. It also finds which of some events are stored already: once the accounts are
// held, and in the same message. A metering that is trusting holds none of them, and whoever writes one says where it stood:
// then nothing came between, no repeat of an event either.
func (m *metering) take(named []store.Named, events []store.Digest) (accounts []shelved, err error) {
	read, found, there := m.a.Clock(), make([]shelved, len(named)), false
	for i, n := range named {
		if acc, is := m.a.shelf.take(account{n.Agency, n.Client}, read); is {
			found[i], there = acc, true
		}
	}
	hold := there && !m.trusting
	if hold {
		stands, rows, err := store.HoldAccounts(m.ctx, m.q, m.a.DB.ForUpdate(), named, events)
		if err != nil {
			return nil, err
		}
		m.known = rows
		if err := follow(m.ctx, m.q, found, stands); err != nil {
			return nil, err
		}
	}
	for i, acc := range found {
		if acc.Account != nil && isDue(acc.Account, m.clock(acc.Agency)) {
			found[i] = shelved{}
		}
	}
	if err := m.lead.mayRead(named, found); err != nil {
		m.a.shelf.putAll(found)
		return nil, err
	}
	how := m.a.DB.ForUpdate()
	if m.trusting {
		how = ""
	}
	if err := m.a.readMissing(m.ctx, m.q, how, named, found, read); err != nil {
		return nil, err
	}
	if m.trusting {
		stand(found)
	}
	if !hold {
		m.known, err = store.KnownUsage(m.ctx, m.q, events)
	}
	return found, err
}

// stand remembers where accounts stand that are not held.
func stand(found []shelved) {
	stands := make([]store.Stand, len(found))
	for i, acc := range found {
		if acc.Account != nil {
			stands[i] = store.StandOf(acc.Account)
			found[i].stood = &stands[i]
		}
	}
}

// follow brings accounts from the shelf to where they stand now, and drops those that must be read anew.
func follow(ctx context.Context, q store.Q, found []shelved, stands []*store.Stand) error {
	var behind []*billing.Account
	var there []*store.Stand
	var left []store.Left
	var places []int
	for i, acc := range found {
		switch {
		case acc.Account == nil || stands[i] != nil && stands[i].Of(acc.Account):
		case stands[i] == nil:
			found[i] = shelved{}
		default:
			behind, there, left, places = append(behind, acc.Account), append(there, stands[i]), append(left, acc.left), append(places, i)
		}
	}
	if len(behind) == 0 {
		return nil
	}
	followed, err := store.FollowCalls(ctx, q, behind, there, left)
	for i, is := range followed {
		if !is {
			found[places[i]] = shelved{}
		}
	}
	return err
}

// readMissing reads the accounts that are not found yet. Where they are not held, their rows are read before what belongs to
// them: whoever changes that moves the row, so that one that still stands there when it is written was read as it was.
func (a *App) readMissing(ctx context.Context, q store.Q, hold string, named []store.Named, found []shelved, now time.Time) error {
	var missing []store.Named
	var places []int
	for i := range found {
		if found[i].Account == nil {
			missing, places = append(missing, named[i]), append(places, i)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	accounts, err := store.LoadAccounts(ctx, q, hold, missing)
	if err != nil {
		return err
	}
	for i, acc := range accounts {
		if acc != nil {
			found[places[i]] = shelved{Account: acc.With(a.Mint), read: now}
		}
	}
	return nil
}

// trust says whether a batch of usage may go ahead without holding its accounts first, which spares a look at each on the
// shelf. Where that failed, since somebody else had moved one, the next batches do not, and twice as many each time
// until it works: so that of two servers on one database neither does its work twice.
type trust struct {
	mu      sync.Mutex
	holding int // batches that are not to
	failed  int // how many that was after the last failure
}

// Bounds of how many batches hold after a failure.
const (
	leastHolding = 256 // within their transactions,
	leastAside   = 16  // and where they would be reckoned ahead: then whatever else this server does lies between
	mostHolding  = 16_384
)

func (t *trust) ask() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.holding > 0 {
		t.holding--
		return false
	}
	return true
}

// learn hears how it went, and how many batches go by after a first failure.
func (t *trust) learn(worked bool, least int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if worked {
		t.failed = 0
		return
	}
	t.failed = min(max(least, 2*t.failed), mostHolding)
	t.holding = t.failed
}
