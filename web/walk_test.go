package web_test

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"minutebook/app"
	"minutebook/web/console"
	"minutebook/web/desk"
	"minutebook/web/portal"
)

// found is what can be reached by links and forms.
type found struct {
	pages map[string]bool // paths that are read
	acts  map[string]bool // paths that forms are sent to
}

// walk follows every link from a page on, and collects where its forms lead. Every page must be there.
func (b *browser) walk(from string) found {
	b.Helper()
	f, queue := found{map[string]bool{}, map[string]bool{}}, []string{from}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		if f.pages[path] {
			continue
		}
		f.pages[path] = true
		queue = append(queue, b.get(path).is(http.StatusOK).leads(f.acts)...)
		if len(f.pages) > 500 {
			b.Fatal("the walk does not end")
		}
	}
	return f
}

// leads are the links of this server on a page; its forms' addresses are added to acts.
func (p *page) leads(acts map[string]bool) (links []string) {
	p.Helper()
	if p.path != p.browser.clean(p.path) {
		p.Fatalf("a link leads to %s", p.path)
	}
	if p.root == nil {
		return nil // a file to take home
	}
	for n := range p.root.Descendants() {
		switch {
		case n.Type != html.ElementNode:
		case n.Data == "a" && strings.HasPrefix(attr(n, "href"), "/"):
			links = append(links, p.browser.clean(attr(n, "href")))
		case n.Data == "form" && attr(n, "method") == "post":
			acts[attr(n, "action")] = true
		case n.Data == "form":
			links = append(links, attr(n, "action"))
		}
	}
	return links
}

func (b *browser) clean(link string) string {
	path, _, _ := strings.Cut(link, "#")
	return path
}

func TestEveryLinkLeadsSomewhere(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	w.busy(owner)
	before := w.rows()
	f := owner.walk("/console")
	if len(f.pages) < 30 || len(f.acts) < 25 {
		t.Errorf("the walk found %d pages and %d forms only", len(f.pages), len(f.acts))
	}
	if after := w.rows(); !maps.Equal(before, after) {
		t.Errorf("reading pages changed rows: %v, then %v", before, after)
	}
	for path := range f.acts {
		if path != "/logout" { // a form without its key does nothing, but its address is there
			owner.post(path, nil).is(http.StatusUnprocessableEntity)
		}
	}
	if after := w.rows(); !maps.Equal(before, after) {
		t.Errorf("forms without a key changed rows: %v, then %v", before, after)
	}
}

// rows is the whole database as text, a checksum a table. Sessions may be seen.
func (w *world) rows() map[string]string {
	w.Helper()
	db, err := sql.Open("sqlite", w.file)
	if err != nil {
		w.Fatal(err)
	}
	defer db.Close()
	sums := map[string]string{}
	for _, table := range w.tables(db) {
		if table != "sessions" {
			sums[table] = w.sum(db, table)
		}
	}
	return sums
}

func (w *world) tables(db *sql.DB) (names []string) {
	rows, err := db.Query(`SELECT name FROM sqlite_master WHERE type = 'table'`)
	if err != nil {
		w.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			w.Fatal(err)
		}
		names = append(names, name)
	}
	return names
}

func (w *world) sum(db *sql.DB, table string) string {
	rows, err := db.Query(`SELECT * FROM "` + table + `"`)
	if err != nil {
		w.Fatal(err)
	}
	defer rows.Close()
	columns, _ := rows.Columns()
	var all []string
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			w.Fatal(err)
		}
		line := ""
		for _, v := range values {
			line += fmt.Sprint(*v.(*any), "|")
		}
		all = append(all, line)
	}
	slices.Sort(all)
	return fmt.Sprintf("%d rows, %x", len(all), fnv(strings.Join(all, "\n")))
}

func fnv(text string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * 1099511628211
	}
	return h
}

// people makes a browser for everybody else: a member, somebody of the client, an owner of another agency, a stranger.
func (w *world) people() (member, client, other, stranger *browser) {
	w.Helper()
	ctx := context.Background()
	if _, _, err := w.app.CreateUser(ctx, w.owner, app.UserSpec{Email: "mia@acme.example", Role: app.Member, Password: password}); err != nil {
		w.Fatal(err)
	}
	if _, _, err := w.app.CreateAgency(ctx, app.AgencySpec{Name: "Other", OwnerEmail: "otto@other.example", OwnerPassword: password}); err != nil {
		w.Fatal(err)
	}
	member, client, other, stranger = w.browser(), w.browser(), w.browser(), w.browser()
	member.login("mia@acme.example").at("/console")
	client.login("zoe@bright.example").at("/portal")
	other.login("otto@other.example").at("/console")
	return member, client, other, stranger
}

var parameter = regexp.MustCompile(`\{[a-z]+\}`)

// ask visits a route as it is in the table, with an id that nobody has; redirects are not followed.
func (b *browser) ask(r desk.Route) int {
	b.Helper()
	path := parameter.ReplaceAllString(r.Path, "1")
	method, body := http.MethodGet, url.Values{}
	if r.Do != nil {
		method = http.MethodPost
	}
	request, err := http.NewRequest(method, b.url(path).String(), strings.NewReader(body.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	client := *b.client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answer, err := client.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

func TestRoles(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	w.busy(owner)
	member, client, _, stranger := w.people()
	for _, r := range console.Routes() {
		want := map[*browser][]int{stranger: {303}, client: {404}, owner: {200, 404, 422}, member: {200, 404, 422}}
		if r.Admin {
			want[member] = []int{403}
		}
		if r.Path == "/console" {
			want[client] = []int{303} // to the portal, where they belong
		}
		for b, allowed := range want {
			if got := b.ask(r); !slices.Contains(allowed, got) {
				t.Errorf("%s by %s = %d, want one of %v", r.Pattern(), name(b, owner, member, client, stranger), got, allowed)
			}
		}
	}
	for _, r := range portal.Routes() {
		for b, allowed := range map[*browser][]int{stranger: {303}, owner: {303, 404}, client: {200, 404, 422}} {
			if got := b.ask(r); !slices.Contains(allowed, got) {
				t.Errorf("%s by %s = %d, want one of %v", r.Pattern(), name(b, owner, member, client, stranger), got, allowed)
			}
		}
	}
}

func name(b *browser, people ...*browser) string {
	return []string{"the owner", "a member", "the client", "a stranger"}[slices.Index(people, b)]
}

// What belongs to one agency is not there for another, by whatever address.
func TestAgenciesDoNotSeeEachOther(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	w.busy(owner)
	_, _, other, _ := w.people()
	before := w.rows()
	for path := range owner.walk("/console").pages {
		answer := other.get(path)
		if regexp.MustCompile(`[0-9]{10,}`).MatchString(path) {
			answer.is(http.StatusNotFound)
		}
		answer.lacks("Bright Dental", "Growth", "PR-0000", "call-1")
	}
	if after := w.rows(); !maps.Equal(before, after) {
		t.Error("somebody else's visit changed rows")
	}
}
