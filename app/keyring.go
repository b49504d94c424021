package app

import (
	"sync"
	"time"
)

// keyring remembers the keys that opened lately, by the hash of the whole key, so that not every request asks the
// database. A key disabled here is forgotten at once; one disabled by another process opens for a second more.
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
	keyLife = time.Second
	keyRoom = 10_000
)

// find finds a key that was read within a second. turn goes with the key that is read otherwise.
func (r *keyring) find(hash [32]byte, now time.Time) (key Key, found bool, turn int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	known, there := r.keys[hash]
	age := now.Sub(known.read)
	return known.Key, there && age >= 0 && age < keyLife, r.forgotten
}

// put remembers a key, unless one was disabled since it was looked for.
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
