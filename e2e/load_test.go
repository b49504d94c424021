package e2e_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// load is a mixed load on a few clients: calls one by one and in batches, repeats, packs, payments, wallets, time.
type load struct {
	*history
	clients []string
	pack    string
	stop    context.CancelFunc
	writers sync.WaitGroup
}

const loadClock = "2027-01-01T00:00:00Z"

// newLoad makes an agency with some clients on a weekly plan, on a program that runs.
func newLoad(p *program, clients int) *load {
	p.Helper()
	h := newHistory(p.agency(loadClock), loadClock)
	l := &load{history: h}
	l.pack = h.must("POST", "/packs", object{"name": "10 Minutes", "minutes": "10", "price": "2.00", "currency": "USD"}).text("id")
	for range clients {
		client := h.started(object{"interval": "WEEK", "included_minutes": "15", "payment_due_days": 60, "grace_days": 300})
		h.must("PUT", "/clients/"+client+"/packs", object{"pack_ids": []string{l.pack}})
		l.clients = append(l.clients, client)
	}
	return l
}

// start sets writers to work until the load is ended.
func (l *load) start(writers int) {
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	for range writers {
		l.writers.Go(func() {
			for ctx.Err() == nil {
				if status := l.step(); status == 0 || status >= 500 {
					time.Sleep(20 * time.Millisecond) // the server is away
				}
			}
		})
	}
}

// end stops the writers and waits for the answers under way.
func (l *load) end() {
	l.stop()
	l.writers.Wait()
}

// during keeps the load up while something happens.
func (l *load) during(writers int, something func()) {
	l.start(writers)
	defer l.end()
	something()
}

// goesOn waits until the writers were acknowledged n more deeds, however slow the machine is.
func (l *load) goesOn(n int) {
	l.Helper()
	enough := l.count(done) + n
	l.eventually(fmt.Sprintf("%d more deeds are acknowledged", n), func() bool { return l.count(done) >= enough })
}

// step does one thing, drawn by lot.
func (l *load) step() int {
	switch dice := rand.IntN(100); {
	case dice < 45:
		return l.use(1)
	case dice < 55:
		return l.use(2 + rand.IntN(20))
	case dice < 72:
		return l.repeat()
	case dice < 82:
		return l.apply()
	case dice < 92:
		return l.pay()
	case dice < 96:
		return l.adjust()
	}
	return l.move()
}

func (l *load) someone() string { return l.clients[rand.IntN(len(l.clients))] }

// use reports calls of a second to a minute, ended at the latest instant we know of.
func (l *load) use(n int) int {
	d := &deed{kind: "usage", key: l.mark("call"), client: l.someone(), method: "POST", path: "/usage-events"}
	l.mu.Lock()
	ended := l.clock.Format(time.RFC3339)
	l.mu.Unlock()
	var events []object
	for i := range n {
		id := fmt.Sprintf("%s-%d", d.key, i)
		d.events = append(d.events, id)
		events = append(events, object{"source": "load", "event_id": id, "client_id": d.client, "ended_at": ended, "duration_ms": 1000 * (1 + rand.IntN(60))})
	}
	d.body = events[0]
	if n > 1 {
		d.path, d.body = "/usage-events/batch", object{"events": events}
	}
	status, answer := l.do(d)
	if status == 200 && n > 1 && answer.text("meta.rejected") != "0" {
		l.mu.Lock()
		l.fault("%s: %v", d.key, answer)
		l.mu.Unlock()
	}
	return status
}

// repeat sends again what was sent before: calls, or what carries an Idempotency-Key.
func (l *load) repeat() int {
	l.mu.Lock()
	var again *deed
	for range 20 {
		if len(l.deeds) == 0 {
			break
		}
		recent := l.deeds[max(0, len(l.deeds)-200):]
		if d := recent[rand.IntN(len(recent))]; d.kind == "usage" || d.once != "" {
			again = d
			break
		}
	}
	l.mu.Unlock()
	if again == nil {
		return l.use(1)
	}
	status, _ := l.do(again)
	return status
}

// apply sells a pack, under a key.
func (l *load) apply() int {
	key := l.mark("pack")
	d := &deed{kind: "pack", key: key, client: l.someone(), once: key, method: "POST"}
	d.path, d.body = "/clients/"+d.client+"/packs/"+l.pack+"/apply", object{"payment_status": "PAID", "external_payment_id": key}
	status, _ := l.do(d)
	return status
}

// pay asks for a one-time amount, under a key, and marks it paid, without one.
func (l *load) pay() int {
	key := l.mark("ask")
	d := &deed{kind: "ask", key: key, client: l.someone(), once: key, method: "POST", path: "/payment-requests"}
	d.body = object{"client_id": d.client, "currency": "USD", "due_date": "2099-01-01T00:00:00Z", "notes": key, "line_items": []object{{"description": "Set-up", "amount": "5.00"}}}
	status, answer := l.do(d)
	if status != 201 {
		return status
	}
	paid := &deed{kind: "pay", key: l.mark("pay"), client: d.client, request: answer.text("id"), method: "PATCH", path: "/payment-requests/" + answer.text("id") + "/update"}
	paid.body = object{"status": "PAID", "external_payment_id": paid.key}
	status, _ = l.do(paid)
	return status
}

// adjust moves a wallet, without a key: whoever does not hear of it does not try again.
func (l *load) adjust() int {
	d := &deed{kind: "adjust", key: l.mark("adjust"), client: l.someone(), method: "POST"}
	d.path, d.body = "/clients/"+d.client+"/wallet/adjust", object{"minutes": "1.00", "reason": d.key}
	status, _ := l.do(d)
	return status
}

// move moves the test clock by hours.
func (l *load) move() int {
	l.mu.Lock()
	to := l.clock.Add(time.Duration(1+rand.IntN(8)) * time.Hour)
	l.mu.Unlock()
	d := &deed{kind: "clock", key: l.mark("clock"), to: to.Format(time.RFC3339), method: "POST", path: "/test-clock"}
	d.body = object{"now": d.to}
	status, _ := l.do(d)
	if status == 200 {
		l.mu.Lock()
		if to.After(l.clock) {
			l.clock = to
		}
		l.mu.Unlock()
	}
	return status
}
