package gate

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"minutebook/billing"
)

// Limits are how much one key may ask. Zero values mean the defaults.
type Limits struct {
	PerSecond int // requests a second in the long run, default 20000
	Burst     int // requests at once, twice as many by default
}

// limiter counts requests by key. A key that is silent for a while is forgotten.
type limiter struct {
	limits Limits
	mu     sync.Mutex
	keys   map[billing.ID]*counted
	swept  time.Time
}

type counted struct {
	*rate.Limiter
	seen time.Time
}

func newLimiter(l Limits) *limiter {
	if l.PerSecond <= 0 {
		l.PerSecond = 20_000
	}
	if l.Burst <= 0 {
		l.Burst = 2 * l.PerSecond
	}
	return &limiter{limits: l, keys: map[billing.ID]*counted{}}
}

// allow says whether a key may ask now, and if not, after how many seconds.
func (l *limiter) allow(key billing.ID, now time.Time) (ok bool, retryAfter int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
	c := l.keys[key]
	if c == nil {
		c = &counted{Limiter: rate.NewLimiter(rate.Limit(l.limits.PerSecond), l.limits.Burst)}
		l.keys[key] = c
	}
	c.seen = now
	if c.AllowN(now, 1) {
		return true, 0
	}
	return false, 1
}

// sweep forgets the silent, once in a while.
func (l *limiter) sweep(now time.Time) {
	const idle = 10 * time.Minute
	if now.Sub(l.swept) < idle {
		return
	}
	l.swept = now
	for key, c := range l.keys {
		if now.Sub(c.seen) > idle {
			delete(l.keys, key)
		}
	}
}
