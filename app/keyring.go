package app

import (
	"context"
	"sync"
	"time"
)

// keyring remembers the keys that opened lately, by the hash of the whole key, so that not every request asks the
// database. A key disabled here is forgotten at once. Other processes may remember it for keyLife, counted from before
// they read it: whoever disables a key waits that out, so that once it is answered no request that comes later gets in.
type keyring struct {
	mu        sync.Mutex
	keys      map[[32]byte]ringed
	forgotten int // how often it was emptied: what was read before is not put on it
}

type ringed struct {
	Key
	read time.Time
}

const (
	keyLife = 250 * time.Millisecond
	keyRoom = 10_000

	// keyEnds is how long after the commit no process remembers a key, should the clocks of two machines not run alike.
	keyEnds = keyLife + keyLife/10
)

// find finds a key that was read lately. turn goes with the key that is read otherwise.
func (r *keyring) find(hash [32]byte, now time.Time) (key Key, found bool, turn int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	known, there := r.keys[hash]
	return known.Key, there && known.fresh(now), r.forgotten
}

// fresh asks both clocks of the machine: one can be set, the other stands still while the machine sleeps.
func (k ringed) fresh(now time.Time) bool {
	ran, passed := now.Sub(k.read), now.Round(0).Sub(k.read.Round(0))
	return min(ran, passed) >= 0 && max(ran, passed) < keyLife
}

// put remembers a key that was read after now, unless one was disabled since it was looked for.
func (r *keyring) put(hash [32]byte, key Key, now time.Time, turn int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.forgotten != turn {
		return
	}
	if r.keys == nil || len(r.keys) >= keyRoom {
		r.keys = map[[32]byte]ringed{}
	}
	r.keys[hash] = ringed{key, now}
}

// forget forgets all keys.
func (r *keyring) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys = nil
	r.forgotten++
}

// endKeys is what follows the end of a key: it is forgotten here, and then everywhere.
func (a *App) endKeys(ctx context.Context) {
	a.keys.forget()
	if a.Wait != nil {
		a.Wait(ctx, keyEnds)
		return
	}
	timer := time.NewTimer(keyEnds)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done(): // nobody hears of it any more
	}
}
