package web_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"minutebook/billing"
	"minutebook/store/storetest"
)

// listening is a browser's stream of what happens.
type listening struct {
	*testing.T
	answer *http.Response
	lines  *bufio.Reader
}

// listen opens a stream and waits until it is greeted.
func (b *browser) listen(path string) *listening {
	b.Helper()
	ctx, stop := context.WithCancel(context.Background())
	b.Cleanup(stop)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.url(path).String(), nil)
	if err != nil {
		b.Fatal(err)
	}
	answer, err := b.client.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { answer.Body.Close() })
	l := &listening{b.T, answer, bufio.NewReader(answer.Body)}
	if kind := answer.Header.Get("Content-Type"); answer.StatusCode != 200 || kind != "text/event-stream" {
		b.Fatalf("%s answered %d %s, want a stream", path, answer.StatusCode, kind)
	}
	l.hears("hello")
	return l
}

// hears waits for the next event and answers what it says.
func (l *listening) hears(name string) string {
	l.Helper()
	event := ""
	for {
		line, err := l.lines.ReadString('\n')
		if err != nil {
			l.Fatalf("the stream ended before %q: %v", name, err)
		}
		line = strings.TrimSpace(line)
		if text, is := strings.CutPrefix(line, "event: "); is {
			event = text
		}
		if text, is := strings.CutPrefix(line, "data: "); is {
			if event != name {
				l.Fatalf("heard %q %s, want %q", event, text, name)
			}
			return text
		}
	}
}

// A page hears what any process committed; a client hears of itself only. On both databases.
func TestLive(t *testing.T) {
	for _, dialect := range storetest.Dialects {
		t.Run(dialect, func(t *testing.T) {
			w := newWorldOn(t, dialect)
			owner := w.agency()
			home := w.running(owner)
			id := idIn(t, home)
			zoe := w.invited(owner, home, "zoe@bright.example")
			other := owner.get("/console/clients/new").submit("client", url.Values{"name": {"Other"}})
			otherID := idIn(t, other.path)

			desk, phone := owner.listen("/console/live"), zoe.listen("/portal/live")
			elsewhere := *w
			elsewhere.app = w.process(w.app.Secrets)
			elsewhere.call(otherID, "theirs", billing.Minute)
			if got, want := desk.hears("change"), fmt.Sprintf(`{"clients":["%s"],"names":["usage.recorded"]}`, otherID); got != want {
				t.Errorf("the console heard %s, want %s", got, want)
			}
			elsewhere.call(id, "ours", billing.Minute)
			want := fmt.Sprintf(`{"clients":["%s"],"names":["usage.recorded"]}`, id)
			if got := phone.hears("change"); got != want { // the other client's call was not told here
				t.Errorf("the portal heard %s, want %s", got, want)
			}
			if got := desk.hears("change"); got != want {
				t.Errorf("the console heard %s, want %s", got, want)
			}
			owner.get(home).submit("hold", url.Values{"reason": {"Waiting for papers"}})
			if got := phone.hears("change"); !strings.Contains(got, "hold.changed") || !strings.Contains(got, "access.changed") {
				t.Errorf("the portal heard %s of a hold", got)
			}
		})
	}
}

func TestLiveIsForThoseWhoMay(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	id := idIn(t, w.busy(owner)["client"])
	_, client, other, stranger := w.people()
	for _, c := range []struct {
		who  *browser
		path string
	}{{stranger, "/console/live"}, {stranger, "/portal/live"}, {client, "/console/live"}, {owner, "/portal/live"}} {
		c.who.get(c.path).is(http.StatusUnauthorized)
	}
	theirs := other.listen("/console/live")
	ours := owner.listen("/console/live")
	w.call(id, "private", billing.Minute)
	ours.hears("change")
	close(w.ending)
	if rest, err := io.ReadAll(theirs.lines); err != nil || len(rest) > 2 {
		t.Errorf("another agency's stream said %q at its end, %v; want nothing", rest, err)
	}
}

func TestLiveHasItsBounds(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	for range 12 {
		owner.listen("/console/live")
	}
	if p := owner.get("/console/live"); p.status != http.StatusTooManyRequests || p.header.Get("Retry-After") == "" {
		t.Errorf("one stream too many answered %d", p.status)
	}
	close(w.ending)
}
