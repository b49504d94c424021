package app

import (
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"minutebook/billing"
)

// gatekeeper slows down whoever guesses passwords: after a few tries each further one must wait twice as long, up to a
// minute. It counts per account and per address, in the memory of this process, and never locks anybody out for good.
// The zero value is ready.
type gatekeeper struct {
	mu    sync.Mutex
	tries map[knocker]tries
}

type knocker struct{ kind, name string }

type tries struct {
	count int
	last  time.Time
	until time.Time // no sooner than this
}

const (
	freeOfAccount  = 5
	freeOfAddress  = 30 // an office shares one
	longestWait    = time.Minute
	triesForgotten = 15 * time.Minute
	mostRemembered = 100_000
)

// knock counts a try before it is made, so that many at once count too, or refuses it.
func (g *gatekeeper) knock(now time.Time, account, remoteAddr string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	who := knockers(account, remoteAddr)
	for _, k := range who {
		if wait := g.tries[k].until.Sub(now); wait > 0 {
			seconds := int((wait + time.Second - 1) / time.Second)
			return billing.Refuse(billing.TooMany, "too_many_logins", "There were too many tries to log in.", fmt.Sprintf("Try again in %d seconds.", seconds))
		}
	}
	g.makeRoom(now)
	for k, free := range map[knocker]int{who[0]: freeOfAccount, who[1]: freeOfAddress} {
		t := g.tries[k]
		if now.Sub(t.last) > triesForgotten {
			t.count = 0
		}
		t.count, t.last = t.count+1, now
		if over := t.count - free; over >= 0 {
			t.until = now.Add(min(longestWait, time.Second<<min(over, 6)))
		}
		g.tries[k] = t
	}
	return nil
}

// welcome forgives the account's tries, and takes back the one that succeeded from its address.
func (g *gatekeeper) welcome(account, remoteAddr string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	who := knockers(account, remoteAddr)
	delete(g.tries, who[0])
	if t, known := g.tries[who[1]]; known {
		t.count, t.until = t.count-1, time.Time{}
		g.tries[who[1]] = t
	}
}

// makeRoom bounds the memory: what is old goes first, then whatever comes.
func (g *gatekeeper) makeRoom(now time.Time) {
	if g.tries == nil {
		g.tries = map[knocker]tries{}
	}
	if len(g.tries) < mostRemembered {
		return
	}
	for k, t := range g.tries {
		if now.Sub(t.last) > triesForgotten {
			delete(g.tries, k)
		}
	}
	for k := range g.tries {
		if len(g.tries) < mostRemembered*9/10 {
			return
		}
		delete(g.tries, k)
	}
}

// knockers are the account and the address of a try. Whoever has one IPv6 address has 2^64 of them.
func knockers(account, remoteAddr string) [2]knocker {
	host, _, err := net.SplitHostPort(remoteAddr)
	if err != nil {
		host = remoteAddr
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		ip = ip.Unmap().WithZone("")
		host = ip.String()
		if ip.Is6() {
			host = netip.PrefixFrom(ip, 64).Masked().String()
		}
	}
	return [2]knocker{{"account", account}, {"address", host}}
}
