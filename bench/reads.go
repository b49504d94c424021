package main

import (
	"cmp"
	"errors"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"minutebook/bench/load"
)

// access: may this client call now? Against a server with the same gate, log and key check, and nothing behind it.
func access(w *world, _ int) ([]figure, error) {
	return w.with(func(b *books, s *server) (figures []figure, err error) {
		yard, err := b.beside("empty", "--database", b.url)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, yard.stop()) }()
		o, err := b.ask(s)
		if err != nil {
			return nil, err
		}
		empty, err := b.ask(yard)
		return []figure{
			{what: "access checks, 16 connections", value: o.rate(), unit: "checks/s", cpu: o.cpu, note: o.latencies(), yard: "key check alone", yards: empty.rate(), want: ratioOf(0.8)},
			{what: "p99 of an access check", value: o.p99(), unit: "ms", cpu: o.cpu, want: atMost(10)},
		}, err
	})
}

func (b *books) ask(s *server) (o outcome, err error) {
	const conns = 16
	wires := make([]*load.Wire, conns)
	for i := range wires {
		wires[i] = load.NewWire(s.address)
		defer wires[i].Close()
	}
	heads := make([][]byte, len(b.clients))
	for i, client := range b.clients {
		heads[i] = load.Head(http.MethodGet, load.Prefix+"/clients/"+client+"/access", b.key, "")
	}
	var wrong atomic.Pointer[error]
	var asked atomic.Int64
	do := func(conn int) bool {
		at := rand.IntN(len(heads))
		if n := int(asked.Add(1)); n <= len(heads) { // as a server that runs for longer has been asked for everybody
			at = n - 1
		}
		status, answer, err := wires[conn].Do(heads[at], nil)
		if err == nil && status >= 300 {
			err = fmt.Errorf("answered %d: %s", status, reason(answer))
		}
		if err != nil {
			wrong.Store(&err)
		}
		return err == nil
	}
	for int(asked.Load()) < len(heads) && wrong.Load() == nil {
		load.Loop{Conns: conns, For: b.warm()}.Run(do)
	}
	these := b.parties(s)
	look := these.look()
	o.Run = load.Loop{Conns: conns, For: b.span()}.Run(do)
	o.events = o.Requests()
	o.cpu = these.since(look, max(o.events, 1))
	if first := wrong.Load(); first != nil {
		return o, *first
	}
	return o, nil
}

// pages: what people look at, found by following links from the first page, over a database with many events.
func pages(w *world, _ int) (figures []figure, err error) {
	b, err := w.full()
	if err != nil {
		return nil, err
	}
	searches, err := b.searches()
	if err != nil {
		return nil, err
	}
	s, err := b.serve()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	for _, side := range []struct{ name, email, first string }{{"console", owner, "/console"}, {"portal", guest, "/portal"}} {
		v := &visitor{base: "http://" + s.address}
		if err := v.login(side.email); err != nil {
			return nil, fmt.Errorf("%s: %w", side.name, err)
		}
		if err := v.walk(side.first); err != nil {
			return nil, fmt.Errorf("%s: %w", side.name, err)
		}
		if side.name == "console" {
			v.found = append(v.found, searches...)
		}
		look := b.parties(s).look()
		all, err := v.read(max(2, int(7*b.Seconds))) // of 20 there is a 95th percentile
		if err != nil {
			return nil, fmt.Errorf("%s: %w", side.name, err)
		}
		cpu := usage{others: b.parties(s).since(look, 1).others}
		figures = append(figures,
			figure{what: side.name + ": p95 to the first byte over all pages", value: all, unit: "ms", cpu: cpu, note: fmt.Sprintf("%d pages, %s events", len(v.found), number(float64(w.held))), want: atMost(20)},
			figure{what: side.name + ": p95 of its slowest page", value: v.found[0].p95, unit: "ms", cpu: cpu, note: slow(v.found), want: atMost(20)})
	}
	return figures, nil
}

// searches are what no link leads to: a call by its id, all calls of the one source and of another that has three, and
// those of some days.
func (b *books) searches() (found []visit, err error) {
	a, err := b.open(time.Now)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.DB.Close()) }()
	few := reports(b.traffic(b.world, 1, 0).Dealer(0), 3, time.Now())
	for i := range few {
		few[i].Source, few[i].CallID = "by hand", "a talk"
	}
	if err := record(b, a, few); err != nil {
		return nil, err
	}
	raw, err := b.raw()
	if err != nil {
		return nil, err
	}
	defer raw.Close()
	var call string
	if err := raw.QueryRowContext(b.ctx, "SELECT call_id FROM usage_events LIMIT 1").Scan(&call); err != nil {
		return nil, err
	}
	day := func(n int) string { return time.Now().AddDate(0, 0, n).Format(time.DateOnly) }
	for _, asked := range []url.Values{
		{"q": {call}},
		{"q": {"a talk"}},
		{"q": {"nobody's"}},
		{"source": {"bench"}},
		{"source": {"bench"}, "status": {"RATED"}},
		{"source": {"by hand"}},
		{"source": {"bench"}, "from": {day(-7)}, "to": {day(-2)}},
		{"from": {day(-7)}, "to": {day(-2)}},
		{"source": {"by hand"}, "from": {day(-1)}},
	} {
		path := "/console/usage?" + asked.Encode()
		found = append(found, visit{path: path, pattern: path})
	}
	return found, nil
}

// visitor is a person with a browser.
type visitor struct {
	base   string
	client http.Client
	found  []visit
}

// visit is one page of each kind: its address, and the same without what differs.
type visit struct {
	path, pattern string
	p95           float64
}

func (v *visitor) login(email string) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	v.client.Jar = jar
	answer, err := v.client.PostForm(v.base+"/login", url.Values{"email": {email}, "password": {password}})
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.Request.URL.Path == "/login" {
		return fmt.Errorf("the login of %s is answered %s", email, answer.Status)
	}
	return nil
}

var (
	link   = regexp.MustCompile(`href="(/[^"#]*)"`)
	differ = regexp.MustCompile(`\d+|=[^&]*`)
	begin  = regexp.MustCompile(`^/(console|portal)\b`)
)

// walk follows links until it knows a page of each kind.
func (v *visitor) walk(first string) error {
	known := map[string]bool{}
	for todo := []string{first}; len(todo) > 0 && len(known) < 100; todo = todo[1:] {
		path := todo[0]
		pattern := differ.ReplaceAllString(path, "*")
		if known[pattern] || !begin.MatchString(path) {
			continue
		}
		known[pattern] = true
		text, page, err := v.get(path)
		if err != nil {
			return err
		}
		if page {
			v.found = append(v.found, visit{path: path, pattern: pattern})
		}
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			todo = append(todo, html.UnescapeString(m[1]))
		}
	}
	return nil
}

var hypertext = regexp.MustCompile(`^text/html`)

// get reads a page. A link may also lead to a file, such as the export of all calls, of which only the head is read.
func (v *visitor) get(path string) (text string, page bool, err error) {
	answer, err := v.client.Get(v.base + path)
	if err != nil {
		return "", false, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return "", false, fmt.Errorf("%s is answered %s", path, answer.Status)
	}
	if !hypertext.MatchString(answer.Header.Get("Content-Type")) {
		return "", false, nil
	}
	body, err := io.ReadAll(answer.Body)
	return string(body), true, err
}

// slow names the slowest pages.
func slow(pages []visit) string {
	var names []string
	for _, p := range pages[:min(3, len(pages))] {
		names = append(names, fmt.Sprintf("%s %s", p.pattern, number(p.p95)))
	}
	return strings.Join(names, ", ")
}

// read reads the pages so many times, in turns, one after the other, answers the 95th percentile of all, and sorts them by their own,
// the slowest first.
func (v *visitor) read(times int) (all float64, err error) {
	var together load.Samples
	each := make([]load.Samples, len(v.found))
	for range times {
		for _, i := range rand.Perm(len(v.found)) {
			took, err := v.firstByte(v.found[i].path)
			if err != nil {
				return 0, err
			}
			each[i].Add(took)
			together.Add(took)
		}
	}
	for i := range v.found {
		v.found[i].p95 = float64(each[i].Percentile(95)) / 1e6
	}
	slices.SortFunc(v.found, func(a, b visit) int { return cmp.Compare(b.p95, a.p95) })
	return float64(together.Percentile(95)) / 1e6, nil
}

// firstByte is how long the head of an answer takes: the pages are written when they are whole.
func (v *visitor) firstByte(path string) (time.Duration, error) {
	begun := time.Now()
	answer, err := v.client.Get(v.base + path)
	if err != nil {
		return 0, err
	}
	took := time.Since(begun)
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s is answered %s", path, answer.Status)
	}
	return took, err
}
