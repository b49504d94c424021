package load

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// server is a small stand-in that keeps events in memory; spoil may falsify an answer.
type server struct {
	mu    sync.Mutex
	kept  map[string]int
	cut   int // every how many posts the connection is cut after they were kept
	posts int
	spoil func(n int, result, id string) (string, string)
}

type posted struct {
	Event string `json:"event_id"`
}

// result has its fields in the order of the API.
type result struct {
	Index  int     `json:"index"`
	Result string  `json:"result"`
	Event  string  `json:"event_id"`
	ID     string  `json:"id"`
	Error  *string `json:"error"`
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Header.Get("Authorization") != "Bearer key" {
		w.WriteHeader(401)
		return
	}
	text, _ := io.ReadAll(r.Body)
	var events []posted
	switch {
	case r.Header.Get("Content-Type") == "application/x-ndjson":
		for line := range bytes.Lines(text) {
			var one posted
			_ = json.Unmarshal(line, &one)
			events = append(events, one)
		}
	case strings.HasSuffix(r.URL.Path, "/batch"):
		var all struct{ Events []posted }
		_ = json.Unmarshal(text, &all)
		events = all.Events
	default:
		var one posted
		_ = json.Unmarshal(text, &one)
		events = append(events, one)
	}
	s.answer(w, events, strings.HasSuffix(r.URL.Path, "/batch"))
}

func (s *server) answer(w http.ResponseWriter, events []posted, batch bool) {
	var results []result
	status := http.StatusCreated
	for i, e := range events {
		what := Duplicate
		if s.kept[e.Event] == 0 {
			s.kept[e.Event], what = len(s.kept)+1, Accepted
		}
		id := fmt.Sprint(s.kept[e.Event])
		if s.spoil != nil {
			what, id = s.spoil(len(s.kept), what, id)
		}
		if what == Duplicate {
			status = http.StatusOK
		}
		results = append(results, result{i, what, e.Event, id, nil})
	}
	if s.posts++; s.cut > 0 && s.posts%s.cut == 0 {
		panic(http.ErrAbortHandler)
	}
	if !batch {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]any{"id": results[0].ID, "event_id": results[0].Event})
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"data": results})
}

// post sends 300 posts over three connections and answers the poster, and what the checker says of the log.
func post(t *testing.T, s *server, traffic Traffic) (*Poster, *History, []string) {
	t.Helper()
	s.kept = map[string]int{}
	web := httptest.NewServer(s)
	defer web.Close()
	var text bytes.Buffer
	traffic.Clients = someClients(4)
	p := NewPoster(traffic, 3, "key", NewLog(&text), web.Listener.Addr().String())
	defer p.Close()
	for n := range 300 {
		p.Post(n % 3)
	}
	h := read(t, text.String())
	var books []Stored
	for event, id := range s.kept {
		books = append(books, Stored{event, fmt.Sprint(id), h.events[event].client, h.events[event].millis})
	}
	return p, h, h.Check(books)
}

func TestPosterAndServerAgree(t *testing.T) {
	for name, traffic := range map[string]Traffic{
		"single": {Batch: 1, Repeats: 0.3}, "small batches": {Batch: 7, Repeats: 0.3}, "chunked answers": {Batch: 100, Repeats: 0.3}, "lines": {Batch: 7, NDJSON: true, Repeats: 0.3},
	} {
		s := &server{}
		p, h, faults := post(t, s, traffic)
		counts := p.Counts()
		all := int64(300 * traffic.Batch)
		if n := counts.Accepted.Load(); n != int64(len(s.kept)) || n == all || n+counts.Duplicates.Load() != all || h.Known() != len(s.kept) {
			t.Errorf("%s: %d accepted, %d duplicates, %d kept, %d in the log", name, n, counts.Duplicates.Load(), len(s.kept), h.Known())
		}
		if len(faults)+len(p.Faults()) > 0 {
			t.Errorf("%s: %q, %q", name, faults, p.Faults())
		}
	}
}

// What was kept before the connection was cut is repeated, and then found to be there.
func TestCutConnectionsLeaveWhatTheyCarriedUnknown(t *testing.T) {
	p, h, faults := post(t, &server{cut: 10}, Traffic{Batch: 1, Repeats: 0.3})
	if p.Counts().Failed.Load() != 30 || len(faults)+len(p.Faults()) > 0 {
		t.Errorf("%d failed, want 30; %q, %q", p.Counts().Failed.Load(), faults, p.Faults())
	}
	if h.Unknown() == 0 || h.Unknown() == 30 {
		t.Errorf("%d events are unknown, want those of the cut posts that were not repeated", h.Unknown())
	}
}

func TestThePosterBlames(t *testing.T) {
	for want, spoil := range map[string]func(int, string, string) (string, string){
		"LOST":     func(n int, _, id string) (string, string) { return Accepted, id },
		"CHANGED":  func(n int, result, id string) (string, string) { return result, id + fmt.Sprint(n) },
		"UNTRUE":   func(n int, _, id string) (string, string) { return Duplicate, id },
		"rejected": func(n int, _, id string) (string, string) { return "rejected", id },
	} {
		p, _, _ := post(t, &server{spoil: spoil}, Traffic{Batch: 5, Repeats: 0.3})
		if got := strings.Join(p.Faults(), "\n"); !strings.Contains(got, want) {
			t.Errorf("it says %q, want %s", got, want)
		}
	}
}

func TestARefusedPostIsNoAnswer(t *testing.T) {
	web := httptest.NewServer(&server{})
	defer web.Close()
	p := NewPoster(Traffic{Batch: 1, Clients: someClients(1)}, 1, "another", nil, web.Listener.Addr().String())
	defer p.Close()
	if p.Post(0) || p.Counts().Failed.Load() != 1 {
		t.Error("401 counts as an answer")
	}
}

func TestAServerThatIsAwayRefuses(t *testing.T) {
	web := httptest.NewServer(&server{})
	address := web.Listener.Addr().String()
	web.Close()
	_, _, err := NewWire(address).Do(Head("GET", "/", "key", ""), nil)
	if _, is := err.(NotSent); !is {
		t.Errorf("the error is %T %v", err, err)
	}
}

func TestWireReadsWhatIsSent(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		switch r.URL.Path {
		case "/none":
			w.WriteHeader(http.StatusNoContent)
		case "/parts":
			for range 3 {
				_, _ = w.Write(text)
				w.(http.Flusher).Flush()
			}
		case "/close":
			w.Header().Set("Connection", "close")
			_, _ = w.Write(text)
		default:
			_, _ = w.Write(text)
		}
	}))
	defer web.Close()
	w := NewWire(web.Listener.Addr().String())
	defer w.Close()
	body := []byte(strings.Repeat("minutes ", 1000))
	for _, tt := range []struct {
		path   string
		status int
		want   string
	}{{"/", 200, string(body)}, {"/none", 204, ""}, {"/parts", 200, strings.Repeat(string(body), 3)}, {"/close", 200, string(body)}, {"/", 200, string(body)}} {
		status, answer, err := w.Do(Head("POST", tt.path, "key", "text/plain"), body)
		if err != nil || status != tt.status || string(answer) != tt.want {
			t.Errorf("%s = %d, %d bytes, %v", tt.path, status, len(answer), err)
		}
	}
}
