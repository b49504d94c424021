package web_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store/storetest"
	"minutebook/web"
	"minutebook/web/ui/uitest"
)

const (
	setupToken = "the-setup-token"
	password   = "correct horse battery"
)

// world is a running server over a database of its own, at a standing time.
type world struct {
	*testing.T
	app    *app.App
	server *httptest.Server
	now    time.Time
	owner  app.Actor
	log    *bytes.Buffer
	db     string // the database's address
	file   string // of the database, if it is one

	readers map[string]billing.ID // clients by the language they read
	ending  chan struct{}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldOn(t, "sqlite")
}

func newWorldOn(t *testing.T, dialect string) *world {
	t.Helper()
	w := &world{T: t, now: time.Date(2027, 1, 15, 10, 0, 0, 0, time.UTC), log: &bytes.Buffer{}, readers: map[string]billing.ID{}}
	sealer, err := app.NewSealer(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	w.db, w.ending = storetest.MigratedURL(t, dialect), make(chan struct{})
	w.file = strings.TrimPrefix(w.db, "sqlite:")
	w.app = w.process(sealer)
	w.server = httptest.NewUnstartedServer(nil)
	w.app.PublicURL = "http://" + w.server.Listener.Addr().String()
	handler, err := web.New(w.app, web.Options{SetupToken: setupToken, Ending: w.ending, LookEvery: 10 * time.Millisecond, Gallery: true})
	if err != nil {
		t.Fatal(err)
	}
	w.server.Config.Handler = handler
	w.server.Start()
	t.Cleanup(w.server.Close)
	return w
}

// process is a program over the world's database.
func (w *world) process(sealer app.Sealer) *app.App {
	w.Helper()
	clock := func() time.Time { return w.now }
	return &app.App{DB: storetest.Connect(w, w.db), Clock: clock, Mint: app.NewMint(clock), Secrets: sealer, Log: slog.New(slog.NewTextHandler(w.log, nil))}
}

// agency sets the first agency up and answers its owner's browser.
func (w *world) agency() *browser {
	w.Helper()
	b := w.browser()
	b.get("/setup?token="+setupToken).submit("setup", url.Values{"name": {"Acme Voice"}, "owner_email": {"ada@acme.example"}, "owner_password": {password}, "timezone": {"Europe/Berlin"}, "currency": {"USD"}}).at("/console")
	cookies := b.client.Jar.Cookies(b.url("/"))
	who, _, err := w.app.SessionActor(context.Background(), cookies[0].Value)
	if err != nil {
		w.Fatal(err)
	}
	w.owner = who
	return b
}

// later lets days pass; the owner, who was away too long, logs in again.
func (w *world) later(b *browser, days int) {
	w.Helper()
	w.now = w.now.AddDate(0, 0, days)
	b.login("ada@acme.example").at("/console")
}

func (b *browser) login(email string) *page {
	b.Helper()
	return b.get("/login").submit("login", url.Values{"email": {email}, "password": {password}})
}

// browser is one person's browser, without scripts.
type browser struct {
	*world
	client *http.Client
}

func (w *world) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.Fatal(err)
	}
	return &browser{world: w, client: &http.Client{Jar: jar}}
}

func (b *browser) url(path string) *url.URL {
	u, err := url.Parse(b.server.URL + path)
	if err != nil {
		b.Fatal(err)
	}
	return u
}

// page is an answer as it was shown.
type page struct {
	*browser
	status int
	path   string
	body   []byte
	text   string
	root   *html.Node
	header http.Header
}

func (b *browser) get(path string) *page {
	b.Helper()
	answer, err := b.client.Get(b.url(path).String())
	if err != nil {
		b.Fatal(err)
	}
	return b.read(answer)
}

func (b *browser) post(path string, form url.Values) *page {
	b.Helper()
	answer, err := b.client.PostForm(b.url(path).String(), form)
	if err != nil {
		b.Fatal(err)
	}
	return b.read(answer)
}

func (b *browser) read(answer *http.Response) *page {
	b.Helper()
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		b.Fatal(err)
	}
	p := &page{browser: b, status: answer.StatusCode, path: answer.Request.URL.RequestURI(), body: body, header: answer.Header}
	if p.status >= 500 {
		b.Fatalf("%s answered %d:\n%s\n%s", p.path, p.status, body, b.log)
	}
	if strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
		before := b.Failed()
		p.text = uitest.Page(b, body)
		if b.Failed() && !before {
			b.Fatalf("that was %s", p.path)
		}
		if p.root, err = html.Parse(bytes.NewReader(body)); err != nil {
			b.Fatal(err)
		}
	}
	return p
}

// at says where the browser should have been led to.
func (p *page) at(path string) *page {
	p.Helper()
	if p.path != path || p.status != http.StatusOK {
		p.Fatalf("led to %s with status %d, want %s:\n%s", p.path, p.status, path, p.text)
	}
	return p
}

// is says with which status the page should have been answered.
func (p *page) is(status int) *page {
	p.Helper()
	if p.status != status {
		p.Fatalf("%s answered %d, want %d:\n%s", p.path, p.status, status, p.text)
	}
	return p
}

// has says what should be read on the page.
func (p *page) has(words ...string) *page {
	p.Helper()
	for _, text := range words {
		if !strings.Contains(p.text, text) {
			p.Fatalf("%s does not say %q:\n%s", p.path, text, p.text)
		}
	}
	return p
}

// lacks says what should not be read on the page.
func (p *page) lacks(words ...string) *page {
	p.Helper()
	for _, text := range words {
		if strings.Contains(p.text, text) {
			p.Fatalf("%s says %q:\n%s", p.path, text, p.text)
		}
	}
	return p
}

// submit fills in the form of that id and sends it, as a browser would.
func (p *page) submit(id string, typed url.Values) *page {
	p.Helper()
	action, values := p.form(id)
	for name, value := range typed {
		if value == nil {
			values.Del(name)
			continue
		}
		values[name] = value
	}
	return p.post(action, values)
}

// form reads a form with everything it would send untouched.
func (p *page) form(id string) (action string, values url.Values) {
	p.Helper()
	values = url.Values{}
	found := find(p.root, func(n *html.Node) bool { return n.Data == "form" && attr(n, "id") == id })
	if found == nil {
		p.Fatalf("%s has no form %q:\n%s", p.path, id, p.text)
	}
	for n := range found.Descendants() {
		name := attr(n, "name")
		if n.Type != html.ElementNode || name == "" || has(n, "disabled") {
			continue
		}
		switch kind := attr(n, "type"); {
		case n.Data == "input" && (kind == "checkbox") && !has(n, "checked"):
		case n.Data == "input":
			values.Add(name, attr(n, "value"))
		case n.Data == "textarea" && n.FirstChild != nil:
			values.Add(name, n.FirstChild.Data)
		case n.Data == "select":
			values.Add(name, chosen(n))
		}
	}
	return attr(found, "action"), values
}

func chosen(sel *html.Node) string {
	first, value := true, ""
	for n := range sel.Descendants() {
		if n.Data == "option" && (first || has(n, "selected")) {
			first, value = false, attr(n, "value")
		}
	}
	return value
}

func find(n *html.Node, want func(*html.Node) bool) *html.Node {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && want(d) {
			return d
		}
	}
	return nil
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Key == key {
			return true
		}
	}
	return false
}

// call reports a call of the client that ended just now.
func (w *world) call(client billing.ID, name string, talk billing.Millis) billing.ID {
	w.Helper()
	results, err := w.app.RecordUsage(context.Background(), w.owner, []app.UsageReport{{ClientID: client, Raw: []byte("{}"), UsageEvent: billing.UsageEvent{
		Source: "test", EventID: name, CallID: name, Kind: billing.Call, EndedAt: w.now, Talk: talk, Direction: "OUTBOUND",
	}}})
	if err != nil || results[0].Error != nil {
		w.Fatal(err, results)
	}
	return results[0].ID
}

// link is where the words lead.
func (p *page) link(words string) string {
	p.Helper()
	found := find(p.root, func(n *html.Node) bool {
		return n.Data == "a" && n.FirstChild != nil && strings.Contains(text(n), words)
	})
	if found == nil {
		p.Fatalf("%s has no link %q:\n%s", p.path, words, p.text)
	}
	return attr(found, "href")
}

// linkTo is the first link that begins so.
func (p *page) linkTo(prefix string) string {
	p.Helper()
	found := find(p.root, func(n *html.Node) bool { return n.Data == "a" && strings.HasPrefix(attr(n, "href"), prefix) })
	if found == nil {
		p.Fatalf("%s has no link to %s:\n%s", p.path, prefix, p.text)
	}
	return attr(found, "href")
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}
