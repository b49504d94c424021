package web_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"minutebook/api"
	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/ui"
)

// saidBy lists, for pages by the name of their route, the addresses of the API that know what they show. {client} and
// the like are the page's own; where nothing is listed a page shows no figure of the books.
var saidBy = map[string][]string{
	"console":                             {"overview", "payment-requests?page_size=8", "usage-events?page_size=8"},
	"console-campaigns":                   {"campaigns?page_size=100", "clients/*/access"},
	"console-campaigns-campaign":          {"campaigns/{campaign}", "clients/*/access"},
	"console-catalog":                     {"plans?page_size=100"},
	"console-catalog-packs":               {"packs?page_size=100"},
	"console-catalog-packs-pack":          {"packs/{pack}"},
	"console-catalog-plans-plan":          {"plans/{plan}", "example/{plan}"},
	"console-catalog-plans-plan-edit":     {"plans/{plan}", "example/{plan}"},
	"console-clients":                     {"clients?page_size=100", "usage?page_size=100"},
	"console-clients-client":              {"clients/{client}", "subscriptions?client_id={client}", "usage?client_id={client}", "payment-requests?client_id={client}", "clients/{client}/access", "clients/{client}/upcoming", "payments?client_id={client}", "plans?page_size=100", "packs?page_size=100"},
	"console-clients-client-campaigns":    {"campaigns?client_id={client}", "clients/{client}/access"},
	"console-clients-client-packs":        {"clients/{client}", "clients/{client}/access", "clients/{client}/wallet", "packs?page_size=100", "usage?client_id={client}", "subscriptions?client_id={client}"},
	"console-clients-client-payments-new": {"clients/{client}", "clients/{client}/access", "payment-requests?client_id={client}"},
	"console-clients-client-settings":     {"clients/{client}/access"},
	"console-clients-client-timeline":     {"clients/{client}/timeline?page_size=100", "clients/{client}/access"},
	"console-clients-client-usage":        {"clients/{client}/access", "clients/{client}/wallet", "usage-events?client_id={client}&page_size=50", "usage/days?client_id={client}&from={30}&to={today}"},
	"console-find":                        {},
	"console-payments":                    {"payments?page_size=100", "payment-requests?page_size=100"},
	"console-payments-new":                {"clients?page_size=100"},
	"console-reports":                     {"reports/revenue"},
	"console-reports-aging":               {"reports/aging"},
	"console-reports-churn":               {"reports/churn"},
	"console-reports-margin":              {"reports/margin"},
	"console-reports-minutes":             {"reports/minutes"},
	"console-reports-overage":             {"reports/overage"},
	"console-reports-recurring-revenue":   {"reports/recurring-revenue"},
	"console-reports-revenue":             {"reports/revenue"},
	"console-requests":                    {"payment-requests?page_size=50", "overview"},
	"console-requests-request":            {"payment-requests/{request}", "clients/*/access"},
	"console-settings-audit":              {"audit?page_size=100", "plans?page_size=100"},
	"console-usage":                       {"usage-events?page_size=50"},
	"console-usage-event":                 {"usage-events/{event}"},
	"console-usage-rejected":              {"rejected-events"},
	"console-usage-rejected-event":        {"rejected-events"},
	"console-usage-unassigned":            {"unassigned-events"},
	"portal":                              {"clients/{own}", "subscriptions?client_id={own}", "usage?client_id={own}", "usage/days?client_id={own}&from={30}&to={today}", "payment-requests?client_id={own}", "packs?page_size=100", "plans?page_size=100", "clients/{own}/access"},
	"portal-calls":                        {"usage-events?client_id={own}&page_size=20"},
	"portal-requests-request":             {"payment-requests/{request}"},
}

// everywhere are the counts beside the navigation.
var everywhere = []string{"rejected-events", "unassigned-events"}

// noFigures are what pages say in numbers that are none of the books': dates, numbers of pages, what the program itself
// asks for or promises. This list may only shrink.
var noFigures = []string{
	`(^|[^.\d])\d{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)( \d{4}(, \d\d:\d\d)?)?`, `(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* \d{4}`,
	`https?://\S+`, `mb_\w+`, `PR-\d{6}`, // addresses, keys and numbers of requests
	`\b\d{15,}\b`,                           // ids
	`day \d+ of \d+`,                        // of a period
	`First steps \d of 6 done`,              // a checklist
	`\b[1-6] (Make|Add|Assign|Report|Mark)`, // its steps
	`next 7 days`, `[Ll]ast (7|30) days`, `within 7 days`, `up to 30 days`, `over 30 days`, `(1–30|31–60|61–90|Over 90) days`,
	`At least 12 characters`, `28 pixels`, `512 kB`, `for 7 days`, `after 12 hours`, `after 7 days`,
	`−15 takes 15 minutes away`,
}

// No page shows a figure that the API does not have: amounts, minutes, counts and parts of them are looked for in the
// API's answers, written by the same rules.
func TestPagesShowOnlyWhatTheAPISays(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	desks, phones := w.everyPage(owner)
	books := w.books()
	own := idIn(t, addressOf(desks, "console-clients-client"))
	strange := regexp.MustCompile(strings.Join(noFigures, "|"))
	checked, seen := 0, strings.Builder{}
	for _, days := range []int{0, 6, 7} { // as it is, past due, and blocked
		w.now = w.now.AddDate(0, 0, days)
		owner, zoe := w.browser(), w.browser()
		owner.login("ada@acme.example").at("/console")
		zoe.login("zoe@bright.example").at("/portal")
		clear(books.answers)
		for _, s := range slices.Concat(desks, phones) {
			who := owner
			if strings.HasPrefix(s.name, "portal") {
				who = zoe
			}
			p := who.get(s.path)
			seen.WriteString(p.text)
			said := map[string]bool{"0": true, "0.00": true}
			for _, address := range append(slices.Clone(everywhere), saidBy[s.name]...) {
				books.read(said, books.fill(address, s.path, own))
			}
			for _, figure := range figuresIn(strange.ReplaceAllString(p.text, " ")) {
				checked++
				if !said[figure] {
					t.Errorf("after %d days %s (%s) shows %s, which none of %v says:\n…%s…", days, s.name, s.path, figure, saidBy[s.name], around(p.text, figure))
				}
			}
		}
	}
	for _, exception := range noFigures {
		if !regexp.MustCompile(exception).MatchString(seen.String()) {
			t.Errorf("no page says anything like %s: take it off the list", exception)
		}
	}
	for name := range saidBy {
		if addressOf(slices.Concat(desks, phones), name) == "" {
			t.Errorf("%s is no page", name)
		}
	}
	if checked < 1500 {
		t.Errorf("only %d figures were looked for", checked)
	}
}

func addressOf(pages []shown, name string) string {
	for _, s := range pages {
		if s.name == name {
			return s.path
		}
	}
	return ""
}

func around(text, figure string) string {
	at := strings.Index(text, figure)
	return text[max(0, at-60):min(len(text), at+60)]
}

var number = regexp.MustCompile(`\d[\d,]*(\.\d+)?`)

// figuresIn are the numbers in words, without the comma that ends a part of a sentence.
func figuresIn(words string) (all []string) {
	for _, n := range number.FindAllString(words, -1) {
		all = append(all, strings.TrimRight(n, ","))
	}
	return all
}

// books are the API's answers.
type books struct {
	*world
	handler http.Handler
	key     string
	answers map[string][]byte
	clients []string
}

func (w *world) books() *books {
	w.Helper()
	_, key, err := w.app.CreateKey(context.Background(), w.owner, "Books", []string{app.ScopeAdmin}, time.Time{})
	if err != nil {
		w.Fatal(err)
	}
	b := &books{world: w, handler: api.New(w.app, api.Options{Version: "test"}), key: key, answers: map[string][]byte{}}
	var list struct {
		Data []struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	if err := json.Unmarshal(b.get("clients?page_size=100"), &list); err != nil {
		w.Fatal(err)
	}
	for _, c := range list.Data {
		b.clients = append(b.clients, c.ID)
	}
	return b
}

// get answers what the API says at an address.
func (b *books) get(address string) []byte {
	b.Helper()
	asked := address
	if answer, known := b.answers[asked]; known {
		return answer
	}
	method, body := http.MethodGet, ""
	if plan, is := strings.CutPrefix(address, "example/"); is {
		method, address, body = http.MethodPost, "plans/example", b.example(plan)
	}
	r := httptest.NewRequest(method, "/api/v2/external-billing/"+address, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+b.key)
	answer := httptest.NewRecorder()
	b.handler.ServeHTTP(answer, r)
	if answer.Code != http.StatusOK {
		b.Fatalf("%s = %d: %s", address, answer.Code, answer.Body)
	}
	b.answers[asked] = answer.Body.Bytes()
	return answer.Body.Bytes()
}

// example asks what a plan costs with the minutes its page speaks of.
func (b *books) example(plan string) string {
	b.Helper()
	var terms map[string]any
	if err := json.Unmarshal(b.get("plans/"+plan), &terms); err != nil {
		b.Fatal(err)
	}
	ask := map[string]any{"minutes": "420"}
	for _, name := range []string{"name", "currency", "recurring_fee", "included_minutes", "per_minute_rate", "interval", "interval_count", "addon_packs_enabled", "chat_enabled", "chats_per_minute", "overage_cap_minutes"} {
		if terms[name] != nil {
			ask[name] = terms[name]
		}
	}
	body, err := json.Marshal(ask)
	if err != nil {
		b.Fatal(err)
	}
	return string(body)
}

var lastID = regexp.MustCompile(`\d{15,}`)

// fill puts a page's own ids and days into an address; one of every client becomes several.
func (b *books) fill(address, page string, own billing.ID) []string {
	address = strings.NewReplacer("{own}", own.String(), "{today}", b.now.Format(time.DateOnly), "{30}", b.now.AddDate(0, 0, -31).Format(time.DateOnly)).Replace(address)
	address = parameter.ReplaceAllString(address, lastID.FindString(page))
	if !strings.Contains(address, "*") {
		return []string{address}
	}
	var all []string
	for _, id := range b.clients {
		all = append(all, strings.ReplaceAll(address, "*", id))
	}
	return all
}

// read collects every figure of the answers at some addresses, as pages write them.
func (b *books) read(said map[string]bool, addresses []string) {
	b.Helper()
	for _, address := range addresses {
		var answer any
		d := json.NewDecoder(strings.NewReader(string(b.get(address))))
		d.UseNumber()
		if err := d.Decode(&answer); err != nil {
			b.Fatal(err)
		}
		collect(said, "", answer)
	}
}

var (
	plainFigure = regexp.MustCompile(`^-?\d+(\.\d+)?$`)
	instant     = regexp.MustCompile(`\d{4}-\d\d-\d\d(T[\d:.]+Z)?`)
)

// collect reads figures out of an answer: of the field's name and what it holds.
func collect(said map[string]bool, name string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for name, part := range v {
			collect(said, name, part)
		}
	case []any:
		for _, part := range v {
			collect(said, name, part)
		}
	case json.Number:
		ms, err := v.Int64()
		if strings.HasSuffix(name, "_ms") && err == nil {
			tell(said, billing.Millis(ms).Minutes(), billing.Millis(ms).Short(), billing.Millis(ms).Spoken())
		} else {
			tell(said, v.String())
		}
	case string:
		if !plainFigure.MatchString(v) {
			tell(said, instant.ReplaceAllString(v, " "))
		} else {
			tell(said, v, strings.TrimSuffix(v, ".00"))
		}
	}
}

func tell(said map[string]bool, texts ...string) {
	for _, text := range texts {
		for _, figure := range figuresIn(text) {
			said[figure], said[ui.English.Number(figure)] = true, true
		}
	}
}
