package e2e_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"minutebook/store/storetest"
)

// TestBothDatabasesKeepTheSameBooks tells the same commands in the same order to a program on either database and
// compares every answer and every list, byte for byte, ids and times of creation aside.
func TestBothDatabasesKeepTheSameBooks(t *testing.T) {
	books := map[string]string{}
	for _, dialect := range storetest.Dialects {
		p := newProgram(t, dialect)
		p.serve()
		books[dialect] = tell(p.agency("2027-01-31T10:30:00Z"))
		if out, code := p.run("audit"); code != 0 {
			t.Errorf("%s: audit = exit %d\n%s", dialect, code, out)
		}
	}
	if books["sqlite"] != books["postgres"] {
		a, b := strings.Split(books["sqlite"], "\n"), strings.Split(books["postgres"], "\n")
		for i := range min(len(a), len(b)) {
			if a[i] != b[i] {
				t.Fatalf("line %d:\nsqlite:   %s\npostgres: %s", i+1, a[i], b[i])
			}
		}
		t.Fatalf("sqlite told %d lines, postgres %d", len(a), len(b))
	}
}

// tell lives through two clients' half year and writes down every answer.
func tell(c *caller) string {
	s := &scribe{caller: c, names: map[string]string{}}
	pack := s.do("POST", "/packs", object{"name": "100 Minutes", "minutes": "100", "price": "20.00", "currency": "USD"}).text("id")
	yen := s.do("POST", "/plans", object{
		"name": "Yen", "currency": "JPY", "recurring_fee": "9900", "per_minute_rate": "25.5", "included_minutes": "10.50", "interval": "WEEK", "interval_count": 2, "payment_due_days": 30, "grace_days": 0,
		"rounding": object{"increment_seconds": 6, "minimum_seconds": 30, "free_below_seconds": 2}, "chat_enabled": true, "chats_per_minute": "7",
	}).text("id")
	plan := s.do("POST", "/plans", object{"name": "Growth", "currency": "USD", "recurring_fee": "99.00", "included_minutes": "300", "per_minute_rate": "0.2599", "addon_packs_enabled": true, "payment_due_days": 14, "grace_days": 7}).text("id")
	one := s.do("POST", "/clients", object{"name": "Ünïcode & <Söhne>", "external_id": "one", "timezone": "America/New_York"}).text("id")
	two := s.do("POST", "/clients", object{"name": "Bright Dental", "external_id": "two", "denial_policy": "OUTBOUND_ONLY"}).text("id")
	s.do("PUT", "/clients/"+one+"/plan", object{"plan_id": plan})
	s.do("PUT", "/clients/"+two+"/plan", object{"plan_id": yen})
	s.do("PUT", "/clients/"+one+"/packs", object{"pack_ids": []string{pack}})
	s.do("POST", "/clients/"+one+"/subscription", object{})
	s.do("POST", "/clients/"+two+"/subscription", object{})
	s.do("POST", "/clients/"+one+"/packs/"+pack+"/apply", object{"payment_status": "PENDING"})
	s.do("POST", "/campaigns", object{"client_id": one, "name": "Recall", "direction": "OUTBOUND"})
	s.do("POST", "/campaigns", object{"client_id": two, "name": "Inbound", "direction": "INBOUND"})
	var events []object
	for i := range 40 {
		who := one
		if i%3 == 0 {
			who = two
		}
		events = append(events, object{"source": "test", "event_id": fmt.Sprint("e", i%37), "client_id": who, "ended_at": "2027-01-31T10:30:00Z", "duration_ms": 123_457 * (i + 1), "metadata": object{"b": i, "a": "x"}, "tags": []string{"t"}})
	}
	s.do("POST", "/usage-events/batch", object{"events": append(events, object{"source": "test", "event_id": "chat", "client_id": two, "kind": "CHAT", "chats": 5, "ended_at": "2027-01-31T10:30:00Z"},
		object{"source": "test", "event_id": "bad", "client_id": "42", "ended_at": "2027-01-31T10:30:00Z", "duration_ms": 1})})
	for _, now := range []string{"2027-02-14T10:30:00Z", "2027-02-20T00:00:00Z", "2027-02-28T10:30:00Z"} {
		s.do("POST", "/test-clock", object{"now": now})
		s.books()
	}
	for _, r := range s.must("GET", "/payment-requests?status=OVERDUE&page_size=100", nil).list() {
		s.do("PATCH", "/payment-requests/"+r.text("id")+"/update", object{"status": "PAID", "external_payment_id": "bank-1"})
	}
	s.do("POST", "/payments", object{"client_id": one, "currency": "USD", "amount": "500.00", "method": "bank"})
	s.do("POST", "/clients/"+one+"/wallet/adjust", object{"minutes": "1.50", "reason": "a gift"})
	s.do("POST", "/payment-requests", object{"client_id": two, "currency": "JPY", "due_date": "2027-03-05T00:00:00Z", "line_items": []object{{"description": "Set-up", "amount": "5000"}}})
	for _, now := range []string{"2027-03-31T10:30:00Z", "2027-04-30T10:30:00Z", "2027-08-01T00:00:00Z"} {
		s.do("POST", "/test-clock", object{"now": now})
		s.books()
	}
	return s.told.String()
}

// scribe writes down what it was answered, with ids replaced by the order of their first appearance.
type scribe struct {
	*caller
	told  strings.Builder
	names map[string]string
}

func (s *scribe) do(method, path string, body any) object {
	s.Helper()
	answer := s.must(method, path, body)
	s.write(method+" "+path, answer)
	return answer
}

// books writes down every list there is.
func (s *scribe) books() {
	s.Helper()
	for _, list := range []string{"/plans", "/packs", "/clients", "/subscriptions", "/payment-requests", "/payments", "/usage", "/usage-events", "/campaigns", "/rejected-events"} {
		answer := s.must("GET", list+"?page_size=100", nil)
		s.write("GET "+list, answer)
	}
	for _, client := range s.must("GET", "/clients?page_size=100", nil).list() {
		for _, part := range []string{"/wallet", "/access", "/timeline"} {
			s.write("GET client"+part, s.must("GET", "/clients/"+client.text("id")+part, nil))
		}
	}
}

var (
	idForm   = regexp.MustCompile(`\b[0-9]{16,19}\b`)
	madeForm = regexp.MustCompile(`"(created_at|updated_at|request_id|next_cursor)":"[^"]*"`)
)

func (s *scribe) write(what string, answer object) {
	s.Helper()
	text, err := json.Marshal(answer)
	if err != nil {
		s.Fatal(err)
	}
	line := madeForm.ReplaceAllString(what+" "+string(text), `"$1":"-"`)
	line = idForm.ReplaceAllStringFunc(line, func(id string) string {
		if s.names[id] == "" {
			s.names[id] = fmt.Sprintf("id%d", len(s.names)+1)
		}
		return s.names[id]
	})
	s.told.WriteString(line + "\n")
}
