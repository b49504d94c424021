package e2e_test

import (
	"fmt"
	"math/big"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// books is everything the program says it keeps, read by API.
type books struct {
	events, requests, payments []object
	wallets                    map[string][]object // by client
}

// walk reads a list to its end.
func (h *history) walk(path string) (all []object) {
	h.Helper()
	join := "?"
	if strings.Contains(path, "?") {
		join = "&"
	}
	for cursor := ""; ; {
		part := h.must("GET", path+join+"page_size=100&cursor="+url.QueryEscape(cursor), nil)
		all = append(all, part.list()...)
		next, more := part["meta"].(map[string]any)["next_cursor"].(string)
		if !more {
			return all
		}
		cursor = next
	}
}

// settle waits until what failed in the middle of a move of the clock is caught up, by moving it once more.
func (l *load) settle() {
	l.Helper()
	now, err := time.Parse(time.RFC3339, l.must("GET", "/test-clock", nil).text("now"))
	if err != nil {
		l.Fatal(err)
	}
	l.caller.clock(now.Add(time.Hour).Format(time.RFC3339))
}

// check holds the history against the books: what was acknowledged is there once, what was refused is not there, what
// nobody knows of is there at most once, and every balance is the sum of what it stands for.
func (l *load) check() {
	l.Helper()
	l.settle()
	for i, fault := range l.faults {
		if i < 10 {
			l.Errorf("%s", fault)
		}
	}
	if len(l.faults) > 0 {
		l.Logf("the server's complaints:\n%s", l.complaints())
	}
	b := books{events: l.walk("/usage-events"), requests: l.walk("/payment-requests"), payments: l.walk("/payments"), wallets: map[string][]object{}}
	for _, client := range l.clients {
		b.wallets[client] = l.walk("/clients/" + client + "/wallet")
	}
	l.traces(b)
	l.strangers(b)
	l.sums(b)
	l.periods(b)
	l.numbers(b)
	if out, code := l.run("audit"); code != 0 {
		l.Errorf("audit = exit %d\n%s", code, out)
	}
	l.Logf("%d done, %d refused, %d unknown; %d calls, %d requests, %d payments stored; answers %v",
		l.count(done), l.count(refused), l.count(unknown), len(b.events), len(b.requests), len(b.payments), l.statuses)
	if l.count(done) < 15 {
		l.Errorf("only %d deeds were acknowledged: nothing was tested", l.count(done))
	}
}

// complaints are the last errors in the server's log, but for what it said itself: the database is away.
func (p *program) complaints() string {
	text, _ := os.ReadFile(p.log.Name())
	var errs []string
	for _, line := range strings.Split(string(text), "\n") {
		if strings.Contains(line, "level=ERROR") && !strings.Contains(line, "status=503") {
			errs = append(errs, line[:min(len(line), 2000)])
		}
	}
	return strings.Join(errs[max(0, len(errs)-10):], "\n")
}

// tally counts values of a field.
func tally(rows []object, field string) map[string]int {
	n := map[string]int{}
	for _, row := range rows {
		n[row.text(field)]++
	}
	return n
}

// traces looks for what each deed left behind.
func (l *load) traces(b books) {
	l.Helper()
	events, asked, sold, paid := tally(b.events, "event_id"), tally(b.requests, "notes"), tally(b.requests, "external_payment_id"), map[string]int{}
	for _, p := range b.payments {
		for _, part := range p["allocations"].([]any) {
			paid[object(part.(map[string]any)).text("payment_request_id")]++
		}
	}
	adjusted, now := map[string]int{}, l.must("GET", "/test-clock", nil).text("now")
	for _, entries := range b.wallets {
		for reason, n := range tally(entries, "reason") {
			adjusted[reason] += n
		}
	}
	for _, d := range l.deeds {
		switch d.kind {
		case "usage":
			for _, id := range d.events {
				l.once(d, id, events[id])
				if events[id] != events[d.events[0]] {
					l.Errorf("%s: a batch is kept in part", d.key)
				}
			}
		case "pack":
			l.once(d, d.key, sold[d.key])
		case "ask":
			l.once(d, d.key, asked[d.key])
		case "pay":
			l.once(d, d.key, paid[d.request])
			l.once(d, d.key, sold[d.key])
		case "adjust":
			l.once(d, d.key, adjusted[d.key])
		case "clock":
			if d.outcome() == done && now < d.to {
				l.Errorf("the clock was moved to %s and stands at %s", d.to, now)
			}
		}
	}
}

// once fails unless what is there n times is there as often as its deed allows.
func (l *load) once(d *deed, what string, n int) {
	l.Helper()
	switch {
	case d.outcome() == done && n == 0:
		l.Errorf("LOST: %s of %s was acknowledged and is not there\n%s", what, d.kind, l.tries(d))
	case n > 1:
		l.Errorf("DOUBLED: %s of %s is there %d times\n%s", what, d.kind, n, l.tries(d))
	case d.outcome() == refused && n > 0:
		l.Errorf("UNTRUE: %s of %s was refused and is there\n%s", what, d.kind, l.tries(d))
	}
}

// tries are the lines of the log about a deed.
func (l *load) tries(d *deed) string {
	text, _ := os.ReadFile(l.file.Name())
	var lines []string
	for _, line := range strings.Split(string(text), "\n") {
		if strings.Contains(line, `"`+d.key+`"`) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// strangers looks for calls nobody reported, and for packs whose minutes were not credited exactly once.
func (l *load) strangers(b books) {
	l.Helper()
	known, credited := map[string]bool{}, map[string]int{}
	for _, d := range l.deeds {
		for _, id := range d.events {
			known[id] = true
		}
	}
	for _, e := range b.events {
		if !known[e.text("event_id")] {
			l.Errorf("the call %s is stored and was never reported", e.text("event_id"))
		}
	}
	for _, entries := range b.wallets {
		for _, e := range entries {
			if e.text("kind") == "PACK" {
				credited[e.text("payment_request_id")]++
			}
		}
	}
	for _, r := range b.requests {
		if want := map[bool]int{true: 1}[r.text("kind") == "PACK"]; credited[r.text("id")] != want {
			l.Errorf("request %s of kind %s credited the wallet %d times", r.text("number"), r.text("kind"), credited[r.text("id")])
		}
	}
}

// number reads a count of milliseconds.
func number(o object, field string) int64 {
	n, _ := strconv.ParseFloat(o.text(field), 64)
	return int64(n)
}

// cents reads an amount with two decimals.
func cents(text string) int64 {
	amount, ok := new(big.Rat).SetString(text)
	if !ok {
		return -1
	}
	n, _ := strconv.ParseInt(amount.Mul(amount, big.NewRat(100, 1)).FloatString(0), 10, 64)
	return n
}

// sums adds up: each call's parts, each wallet's entries, each request's lines and payments (INV-01, 02, 05, 06).
func (l *load) sums(b books) {
	l.Helper()
	drawn, allocated := map[string]int64{}, map[string]int64{}
	for _, e := range b.events {
		if parts := number(e, "included_ms") + number(e, "wallet_ms") + number(e, "billable_ms") + number(e, "uncovered_ms"); parts != number(e, "billed_ms") {
			l.Errorf("call %s: its parts add up to %d ms of %d", e.text("event_id"), parts, number(e, "billed_ms"))
		}
		drawn[e.text("client_id")] += number(e, "wallet_ms")
	}
	for client, entries := range b.wallets {
		l.wallet(client, entries, drawn[client])
	}
	for _, p := range b.payments {
		for _, part := range p["allocations"].([]any) {
			a := object(part.(map[string]any))
			allocated[a.text("payment_request_id")] += cents(a.text("amount"))
		}
	}
	for _, r := range b.requests {
		total := int64(0)
		for _, line := range r["line_items"].([]any) {
			total += cents(object(line.(map[string]any)).text("amount"))
		}
		if total != cents(r.text("amount")) || allocated[r.text("id")] != cents(r.text("amount_paid")) {
			l.Errorf("%s asks for %s with lines of %d, says %s paid of payments of %d", r.text("number"), r.text("amount"), total, r.text("amount_paid"), allocated[r.text("id")])
		}
	}
}

func (l *load) wallet(client string, entries []object, drawn int64) {
	l.Helper()
	balance, used := int64(0), int64(0)
	for _, e := range entries {
		balance += number(e, "delta_ms")
		if e.text("kind") == "USAGE" {
			used -= number(e, "delta_ms")
		}
		if number(e, "balance_ms") < 0 {
			l.Errorf("client %s: the wallet was at %d ms", client, number(e, "balance_ms"))
		}
	}
	held := number(l.must("GET", "/clients/"+client+"/wallet", nil), "wallet_ms")
	if balance != held || used != drawn {
		l.Errorf("client %s: the wallet holds %d ms, its entries add up to %d; calls drew %d, entries say %d", client, held, balance, drawn, used)
	}
}

// periods adds up what each period used: never more than was included, nothing billable while something was left, and
// each closed period asked for exactly once, for what it used (INV-03, 04, 07, 12).
func (l *load) periods(b books) {
	l.Helper()
	const granted, rate = 15 * 60_000, 25 // cents a minute
	included, billable, starts := map[string]int64{}, map[string]int64{}, map[string]string{}
	for _, e := range b.events {
		if e["subscription_id"] == nil {
			continue
		}
		period := e.text("subscription_id") + " " + e.text("period_index")
		included[period] += number(e, "included_ms")
		billable[period] += number(e, "billable_ms")
	}
	for period, used := range included {
		if used > granted || billable[period] > 0 && used < granted {
			l.Errorf("period %s used %d of %d ms included, and %d billable", period, used, granted, billable[period])
		}
	}
	first, _ := time.Parse(time.RFC3339, loadClock)
	for _, r := range b.requests {
		if kind := r.text("kind"); kind == "RECURRING" || kind == "USAGE" {
			id := fmt.Sprint(kind, r.text("subscription_id"), r.text("period_start"))
			if starts[id] != "" {
				l.Errorf("%s and %s ask for the same: %s", starts[id], r.text("number"), id)
			}
			starts[id] = r.text("number")
		}
		if r.text("kind") == "USAGE" {
			start, _ := time.Parse(time.RFC3339, r.text("period_start"))
			period := fmt.Sprintf("%s %d", r.text("subscription_id"), int(start.Sub(first)/(7*24*time.Hour)))
			if want := (billable[period]*rate + 30_000) / 60_000; want != cents(r.text("amount")) {
				l.Errorf("%s asks for %s, period %s used %d ms: %d cents", r.text("number"), r.text("amount"), period, billable[period], want)
			}
		}
	}
}

// numbers looks for gaps in the requests' numbers.
func (l *load) numbers(b books) {
	l.Helper()
	seen := tally(b.requests, "number")
	for n := range len(b.requests) {
		if label := fmt.Sprintf("PR-%06d", n+1); seen[label] != 1 {
			l.Errorf("%s is there %d times", label, seen[label])
		}
	}
}
