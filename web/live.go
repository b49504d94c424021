package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
)

// How the live pages are kept up to date. A browser's stream carries only that something changed and with whom; the
// page then asks for itself anew, with its own rights.
const (
	lookEvery    = time.Second      // for news, one query an agency that somebody watches
	beatEvery    = 20 * time.Second // a sign of life, and a look whether the session still is
	writeWithin  = 10 * time.Second
	mostStreams  = 2000 // a process
	mostOfOne    = 12   // a person
	mostWaiting  = 16   // batches that a slow browser may be behind
	retryAfterMS = 5000
)

// live tells the browsers of this process what was committed, by whichever process.
type live struct {
	app    *app.App
	every  time.Duration
	ending <-chan struct{} // closed when the server stops

	mu     sync.Mutex
	feeds  map[billing.ID]*feed
	people map[billing.ID]int
	total  int
}

// feed watches one agency while somebody listens.
type feed struct {
	listeners map[chan []app.Happening]bool
	stop      context.CancelFunc
}

func newLive(a *app.App, options Options) *live {
	l := &live{app: a, every: options.LookEvery, ending: options.Ending, feeds: map[billing.ID]*feed{}, people: map[billing.ID]int{}}
	if l.every == 0 {
		l.every = lookEvery
	}
	return l
}

// listen begins to tell of an agency; done ends it. There is no room when too many listen already.
func (l *live) listen(ctx context.Context, who app.Actor) (news chan []app.Happening, done func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.total >= mostStreams || l.people[who.ID] >= mostOfOne {
		return nil, nil, billing.Refuse(billing.TooMany, "too_many_streams", "Too many pages are open at once.", "Close some of them.")
	}
	f := l.feeds[who.Agency]
	if f == nil {
		if f, err = l.begin(ctx, who.Agency); err != nil {
			return nil, nil, err
		}
	}
	news = make(chan []app.Happening, mostWaiting)
	f.listeners[news] = true
	l.total++
	l.people[who.ID]++
	return news, func() { l.leave(who, f, news) }, nil
}

func (l *live) begin(ctx context.Context, agency billing.ID) (*feed, error) {
	watch, err := l.app.Watch(ctx, agency)
	if err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	f := &feed{listeners: map[chan []app.Happening]bool{}, stop: stop}
	l.feeds[agency] = f
	go l.follow(running, watch, f)
	return f, nil
}

func (l *live) leave(who app.Actor, f *feed, news chan []app.Happening) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(f.listeners, news)
	l.total--
	if l.people[who.ID]--; l.people[who.ID] == 0 {
		delete(l.people, who.ID)
	}
	if len(f.listeners) == 0 {
		f.stop()
		delete(l.feeds, who.Agency)
	}
}

// follow looks for news until nobody listens any more. A look that fails is made again: the next one finds the same.
func (l *live) follow(ctx context.Context, watch *app.Watch, f *feed) {
	tick := time.NewTicker(l.every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.ending:
			return
		case <-tick.C:
		}
		news, err := watch.Look(ctx)
		if err != nil && ctx.Err() == nil {
			l.app.Log.Warn("looking for news", "error", err)
		}
		if len(news) > 0 {
			l.tell(f, news)
		}
	}
}

// tell hands news to everybody who listens; who is too far behind is let go and comes again.
func (l *live) tell(f *feed, news []app.Happening) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for listener := range f.listeners {
		select {
		case listener <- news:
		default:
			close(listener)
			delete(f.listeners, listener)
		}
	}
}

// stream answers a page that wants to know what changes, until it leaves, its session ends or the server does.
func (s *site) stream(w http.ResponseWriter, r *http.Request) {
	who, _, in := s.session(r)
	if !in || (who.Kind == app.ByPortal) != (r.URL.Path == "/portal/live") {
		http.Error(w, "Log in first.", http.StatusUnauthorized)
		return
	}
	news, done, err := s.live.listen(r.Context(), who)
	if refused := desk.Refusal(err); refused != nil {
		w.Header().Set("Retry-After", "30")
		http.Error(w, refused.Message, desk.HTTPStatus(r.Context(), err))
		return
	}
	if err != nil {
		s.Fault(w, r, s.tongue(r), err)
		return
	}
	defer done()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy should not collect
	out := &events{http.NewResponseController(w), w}
	if out.untimed() != nil || out.say(fmt.Sprintf("retry: %d\nevent: hello\ndata: {}\n\n", retryAfterMS)) != nil {
		return
	}
	s.relay(r, who, news, out)
}

func (s *site) relay(r *http.Request, who app.Actor, news <-chan []app.Happening, out *events) {
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	for {
		var err error
		select {
		case <-r.Context().Done():
			return
		case <-s.live.ending:
			return
		case <-beat.C:
			if _, _, in := s.session(r); !in {
				return
			}
			err = out.say(": still here\n\n")
		case batch, open := <-news:
			if !open {
				return
			}
			if text := told(who, batch); text != "" {
				err = out.say(text)
			}
		}
		if err != nil {
			return // whoever listened has gone
		}
	}
}

// change is what a page is told: with which clients what happened. A client hears of itself only.
type change struct {
	Clients []billing.ID `json:"clients"`
	Names   []string     `json:"names"`
}

func told(who app.Actor, batch []app.Happening) string {
	c := change{Clients: []billing.ID{}, Names: []string{}}
	for _, h := range batch {
		if who.Kind == app.ByPortal && h.Client != who.Client {
			continue
		}
		if !slices.Contains(c.Names, h.Name) {
			c.Names = append(c.Names, h.Name)
		}
		if !slices.Contains(c.Clients, h.Client) {
			c.Clients = append(c.Clients, h.Client)
		}
	}
	if len(c.Names) == 0 {
		return ""
	}
	text, err := json.Marshal(c)
	if err != nil {
		panic(fmt.Sprintf("web: a change cannot be written: %v", err)) // ids and names
	}
	return "event: change\ndata: " + string(text) + "\n\n"
}

// events writes to one browser.
type events struct {
	*http.ResponseController
	w http.ResponseWriter
}

// untimed lifts the server's deadlines: the stream as a whole has none.
func (e *events) untimed() error {
	if err := e.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	return e.SetWriteDeadline(time.Time{})
}

// say writes, and gives up on a browser that does not read for too long.
func (e *events) say(text string) error {
	longAgo := time.Unix(1, 0)
	hurry := time.AfterFunc(writeWithin, func() { _ = e.SetWriteDeadline(longAgo) }) // the write then fails, and says so
	defer hurry.Stop()
	if _, err := e.w.Write([]byte(text)); err != nil {
		return err
	}
	return e.Flush()
}
