package e2e_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// proxy stands between the server and PostgreSQL and does what networks do.
type proxy struct {
	testing.TB
	listener net.Listener
	to       string
	mu       sync.Mutex
	wires    map[net.Conn]bool
	delay    time.Duration
	cut      int           // of a thousand packets, after how many the connection ends
	held     chan struct{} // closed when nothing is held back
}

func newProxy(c *cluster) *proxy {
	c.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		c.Fatal(err)
	}
	free := make(chan struct{})
	close(free)
	x := &proxy{TB: c.TB, listener: l, to: filepath.Join(c.dir, fmt.Sprintf(".s.PGSQL.%d", c.port)), wires: map[net.Conn]bool{}, held: free}
	go x.accept()
	c.Cleanup(func() { l.Close(); x.release(); x.end() })
	return x
}

func (x *proxy) address() string {
	return fmt.Sprintf("postgres://postgres@%s/books?sslmode=disable", x.listener.Addr())
}

func (x *proxy) accept() {
	for {
		near, err := x.listener.Accept()
		if err != nil {
			return
		}
		go x.connect(near)
	}
}

func (x *proxy) connect(near net.Conn) {
	x.pass()
	far, err := net.Dial("unix", x.to)
	if err != nil {
		near.Close()
		return
	}
	x.mu.Lock()
	x.wires[near], x.wires[far] = true, true
	x.mu.Unlock()
	go x.copy(near, far)
	x.copy(far, near)
	x.mu.Lock()
	delete(x.wires, near)
	delete(x.wires, far)
	x.mu.Unlock()
}

// pass waits as long as the network hangs or is slow, and says whether the connection is to be cut.
func (x *proxy) pass() (cut bool) {
	x.mu.Lock()
	held, delay, chance := x.held, x.delay, x.cut
	x.mu.Unlock()
	if delay > 0 {
		time.Sleep(time.Duration(rand.Int64N(int64(delay))))
	}
	<-held
	return rand.IntN(1000) < chance
}

func (x *proxy) copy(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		part := buffer[:n]
		if x.pass() && n > 0 {
			_, _ = to.Write(part[:rand.IntN(n)])
			return
		}
		if _, failed := to.Write(part); failed != nil || err == io.EOF || err != nil {
			return
		}
	}
}

// weather sets how slow the network is and how often it cuts.
func (x *proxy) weather(delay time.Duration, cut int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.delay, x.cut = delay, cut
}

// hang lets nothing through any more.
func (x *proxy) hang() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.held = make(chan struct{})
}

// release lets everything through that was held back.
func (x *proxy) release() {
	x.mu.Lock()
	defer x.mu.Unlock()
	select {
	case <-x.held:
	default:
		close(x.held)
	}
}

// end cuts all connections.
func (x *proxy) end() {
	x.mu.Lock()
	defer x.mu.Unlock()
	for wire := range x.wires {
		wire.Close()
	}
}

// TestNothingAcknowledgedIsLostOnABadNetwork makes the way to PostgreSQL slow, cuts it in mid-sentence, and stops it
// for a while, for MINUTEBOOK_PROOF_STORMS rounds.
func TestNothingAcknowledgedIsLostOnABadNetwork(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	x := newProxy(c)
	p := on(t, x.address())
	p.serve()
	l := newLoad(p, 3)
	for range scaled(t, "STORMS", 1) {
		l.amid(func() {
			x.weather(3*time.Millisecond, 0)
			time.Sleep(time.Second)
			x.weather(0, 10)
			time.Sleep(2 * time.Second)
			x.weather(0, 0)
			x.hang()
			time.Sleep(time.Second)
			x.end()
			x.release()
		})
	}
	l.check()
}

// TestANetworkThatHangsIsAnswered503 holds everything back for good: requests end by themselves with 503, and when the
// network is back the server is, without a restart.
func TestANetworkThatHangsIsAnswered503(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	x := newProxy(c)
	p := on(t, x.address())
	p.serve()
	l := newLoad(p, 2)
	l.during(4, func() { l.goesOn(20) })
	before := l.statuses[http.StatusServiceUnavailable]
	x.hang()
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() { l.use(1) })
	}
	writers.Wait()
	if got := l.statuses[http.StatusServiceUnavailable] - before; got != 8 {
		t.Errorf("%d of 8 requests were answered 503: %v", got, l.statuses)
	}
	x.release()
	l.ready()
	l.during(4, func() { l.goesOn(20) })
	l.check()
}

// TestADeadHostDoesNotHideTheLivingOne: the first host of the URL swallows everything, the second one is fine.
func TestADeadHostDoesNotHideTheLivingOne(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	dead, living := newProxy(c), newProxy(c)
	dead.hang()
	p := on(t, fmt.Sprintf("postgres://postgres@%s,%s/books?sslmode=disable&connect_timeout=1", dead.listener.Addr(), living.listener.Addr()))
	p.serve()
	l := newLoad(p, 1)
	l.during(2, func() { l.goesOn(20) })
	l.check()
}
