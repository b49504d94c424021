package model

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

const minute = 60000

var dollars = Currency{"USD", 2}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	instant, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return instant
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func minor(n int64) *int64 { return &n }

// monthly costs 99.00 for 300 minutes, then 0.25 a minute.
func monthly() Terms {
	return Terms{
		Currency: dollars, Fee: minor(9900), IncludedMS: 300 * minute, Rate: "0.25", Interval: "MONTH", Count: 1,
		Packs: true, DueDays: 7, GraceDays: 7,
	}
}

// story is a log told line by line.
type story struct {
	t      *testing.T
	agency Agency
	client Client
	log    []Command
	calls  int
}

func tell(t *testing.T, zone string) *story {
	return &story{t: t, agency: Agency{"NONE_OVERDUE", "RESTART"}, client: Client{zone, "PAUSE_ALL"}}
}

func (s *story) on(text string, does ...any) *story {
	s.t.Helper()
	for _, do := range does {
		s.log = append(s.log, Command{at(s.t, text), do})
	}
	return s
}

// call tells of a call of so many ms that has just ended; its id is c1, c2, c3.
func (s *story) call(text string, ms int64) *story {
	s.t.Helper()
	end := at(s.t, text)
	s.calls++
	return s.on(text, Use{"test", fmt.Sprintf("c%d", s.calls), "CALL", end.Add(-time.Duration(ms) * time.Millisecond), end, ms, 0})
}

func (s *story) at(text string) State {
	s.t.Helper()
	state, err := Books(s.agency, s.client, s.log, at(s.t, text))
	if err != nil {
		s.t.Fatal(err)
	}
	return state
}

func (s *story) refused(text string, do any) {
	s.t.Helper()
	log := append(s.log[:len(s.log):len(s.log)], Command{at(s.t, text), do})
	if _, err := Books(s.agency, s.client, log, at(s.t, text)); err == nil {
		s.t.Errorf("%T on %s is accepted, want a refusal", do, text)
	}
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}

// life tells the subscriptions: status, since, period.
func life(s State) string {
	var lines []string
	for _, x := range s.Subscriptions {
		lines = append(lines, fmt.Sprintf("%s %s since %s, %d from %s", x.ID, x.Status, short(x.Since), x.Index, short(x.Start)))
	}
	return strings.Join(lines, "; ")
}

func requests(s State) string {
	var lines []string
	for _, r := range s.Requests {
		lines = append(lines, fmt.Sprintf("%s %s %d/%d", r.Key, r.Status, r.Paid, r.Amount))
	}
	return strings.Join(lines, "; ")
}

func short(t time.Time) string { return t.Format("01-02T15:04") }

func TestBoundary(t *testing.T) {
	tests := []struct {
		zone, anchor, interval string
		count, n               int
		want                   string
	}{
		{"UTC", "2027-01-31T10:00:00Z", "MONTH", 1, 1, "2027-02-28T10:00:00Z"},
		{"UTC", "2027-01-31T10:00:00Z", "MONTH", 1, 2, "2027-03-31T10:00:00Z"},
		{"UTC", "2027-01-31T10:00:00Z", "MONTH", 1, 13, "2028-02-29T10:00:00Z"},
		{"UTC", "2027-11-30T00:00:00Z", "MONTH", 3, 1, "2028-02-29T00:00:00Z"},
		{"UTC", "2024-02-29T10:00:00Z", "YEAR", 1, 1, "2025-02-28T10:00:00Z"},
		{"UTC", "2024-02-29T10:00:00Z", "YEAR", 1, 4, "2028-02-29T10:00:00Z"},
		{"UTC", "2096-02-29T10:00:00Z", "YEAR", 1, 4, "2100-02-28T10:00:00Z"}, // no leap year
		{"UTC", "2027-12-30T10:00:00Z", "WEEK", 2, 1, "2028-01-13T10:00:00Z"},
		{"UTC", "2027-12-30T10:00:00Z", "DAY", 36, 2, "2028-03-11T10:00:00Z"}, // 1 + 31 + 29 days make March
		// New York leaves winter on 14 March 2027, 2:00 -5 to 3:00 -4; leaves summer on 7 November.
		{"America/New_York", "2027-03-13T07:30:00Z", "DAY", 1, 1, "2027-03-14T07:00:00Z"},
		{"America/New_York", "2027-03-13T07:30:00Z", "DAY", 1, 2, "2027-03-15T06:30:00Z"},
		{"America/New_York", "2027-11-06T05:30:00Z", "DAY", 1, 1, "2027-11-07T05:30:00Z"}, // 1:30 twice: the first
		// Santiago has no midnight on 6 September 2026: 24:00 -4 is 1:00 -3.
		{"America/Santiago", "2026-09-05T04:00:00Z", "DAY", 1, 1, "2026-09-06T04:00:00Z"},
		{"America/Santiago", "2026-09-05T04:00:00Z", "DAY", 1, 2, "2026-09-07T03:00:00Z"},
		// Beirut has none on 28 March 2027: 0:00 +2 is 1:00 +3.
		{"Asia/Beirut", "2027-02-27T22:00:00Z", "MONTH", 1, 1, "2027-03-27T22:00:00Z"},
		{"Asia/Beirut", "2027-02-27T22:00:00Z", "MONTH", 1, 2, "2027-04-27T21:00:00Z"},
		// Apia went from the end of 29 to the start of 31 December 2011 (-10 to +14).
		{"Pacific/Apia", "2011-12-29T10:00:00Z", "DAY", 1, 1, "2011-12-30T10:00:00Z"},
		{"Pacific/Apia", "2011-12-29T10:00:00Z", "DAY", 1, 2, "2011-12-30T10:00:01Z"},
		{"Pacific/Apia", "2011-12-29T10:00:00Z", "DAY", 1, 3, "2011-12-31T10:00:00Z"},
	}
	for _, test := range tests {
		z := zone(t, test.zone)
		got := Boundary(LocalAt(at(t, test.anchor), z), test.interval, test.count, z, test.n)
		if !got.Equal(at(t, test.want)) {
			t.Errorf("Boundary(%s %s, %s x %d, %d) = %v, want %s", test.zone, test.anchor, test.interval, test.count, test.n, got, test.want)
		}
	}
}

// Beyond 2037 zones follow a rule instead of a list. Boundaries still climb.
func TestBoundariesClimb(t *testing.T) {
	for _, name := range []string{"America/Santiago", "Asia/Beirut", "Australia/Lord_Howe", "America/New_York", "UTC"} {
		z := zone(t, name)
		anchor := Local{2026, 1, 31, 0}
		for n := range 600 {
			start, end := Boundary(anchor, "MONTH", 1, z, n), Boundary(anchor, "MONTH", 1, z, n+1)
			if !start.Before(end) {
				t.Fatalf("Boundary(%s, %d) = %v, not before %v", name, n, start, end)
			}
			wall := LocalAt(end, z)
			if want := (Local{2026, 1, 31, 0}).plusMonths(n + 1); wall.Second == 0 && wall != want {
				t.Fatalf("Boundary(%s, %d) reads %v, want %v", name, n+1, wall, want)
			}
		}
	}
}

func TestAddDays(t *testing.T) {
	tests := []struct {
		zone, from string
		days       int
		want       string
	}{
		{"UTC", "2028-02-28T10:00:00.5Z", 0, "2028-02-28T10:00:00.5Z"},
		{"UTC", "2028-02-28T10:00:00.5Z", 2, "2028-03-01T10:00:00.5Z"},
		{"UTC", "2027-12-31T10:00:00Z", 365, "2028-12-30T10:00:00Z"},
		{"America/New_York", "2027-03-13T07:30:00.5Z", 1, "2027-03-14T07:00:00Z"},
		{"America/New_York", "2027-11-07T06:30:00Z", 0, "2027-11-07T06:30:00Z"}, // the second 1:30
	}
	for _, test := range tests {
		if got := AddDays(at(t, test.from), test.days, zone(t, test.zone)); !got.Equal(at(t, test.want)) {
			t.Errorf("AddDays(%s %s, %d) = %v, want %s", test.zone, test.from, test.days, got, test.want)
		}
	}
}

func TestCharge(t *testing.T) {
	tests := []struct {
		ms     int64
		rate   string
		digits int
		want   string
	}{
		{90 * minute, "0.25", 2, "2250"},
		{1200, "0.25", 2, "1"}, // half a cent
		{1199, "0.25", 2, "0"},
		{30000, "1", 0, "1"}, // half a yen
		{1, "0.000001", 8, "0"},
		{9223372036854775807, "999999.999999", 8, "15372286728075920724938575374"},
	}
	for _, test := range tests {
		if got := Charge(test.ms, test.rate, test.digits).String(); got != test.want {
			t.Errorf("Charge(%d, %s, %d) = %s, want %s", test.ms, test.rate, test.digits, got, test.want)
		}
	}
}

func TestBilledTime(t *testing.T) {
	rounded := Terms{IncrementS: 6, MinimumS: 30, FreeBelowS: 5, Chat: true, ChatsPerMinute: "7"}
	for talk, want := range map[int64]int64{0: 0, 4999: 0, 5000: 30000, 30000: 30000, 30001: 36000, 36000: 36000} {
		same(t, fmt.Sprintf("billed(%d)", talk), billed(rounded, "CALL", talk, 0), want)
	}
	same(t, "exact", billed(Terms{}, "CALL", 1234, 0), int64(1234))
	same(t, "3 chats", billed(rounded, "CHAT", 0, 3), int64(3*8571)) // 60000/7 = 8571.43
	same(t, "chat off", billed(Terms{}, "CHAT", 0, 3), int64(0))
}

// 300 included: after 290 a call of 100 takes 10, then what the wallet has, then is billable.
func TestSplit(t *testing.T) {
	s := tell(t, "UTC").on("2027-01-31T10:00:00Z", AssignPlan{monthly()}, Start{"S"}).
		call("2027-02-01T10:00:00Z", 290*minute).call("2027-02-02T10:00:00Z", 100*minute)
	now := s.at("2027-02-02T10:00:00Z")
	same(t, "split", now.Events[1].Split, Split{Included: 10 * minute, Billable: 90 * minute})
	same(t, "used", now.Subscriptions[0].Used, Split{Included: 300 * minute, Billable: 90 * minute})

	s.on("2027-02-03T10:00:00Z", ApplyPack{"P", 20 * minute, 500, true}).call("2027-02-03T11:00:00Z", 25*minute)
	now = s.at("2027-02-03T11:00:00Z")
	same(t, "with a pack", now.Events[2].Split, Split{Wallet: 20 * minute, Billable: 5 * minute})

	now = s.on("2027-02-10T00:00:00Z", SetStatus{"R/S/0", Paid, false}).at("2027-02-28T10:00:00Z")
	same(t, "requests", requests(now), "R/S/0 PAID 9900/9900; P PAID 500/500; U/S/0 PENDING 0/2375; R/S/1 PENDING 0/9900")
	same(t, "due", short(now.Requests[2].Due)+" "+short(now.Requests[2].Grace), "03-07T10:00 03-14T10:00")
	same(t, "life", life(now), "S active since 02-10T00:00, 1 from 02-28T10:00")
}

// The cap leaves 10 billable minutes; the rest is nobody's.
func TestCapAndExhaustion(t *testing.T) {
	plan := Terms{Currency: dollars, Rate: "0.10", Interval: "MONTH", Count: 1, CapMS: minor(10 * minute), DueDays: 7, GraceDays: 7}
	s := tell(t, "UTC").on("2027-01-01T00:00:00Z", AssignPlan{plan}, Start{"S"}, Campaign{"in", "INBOUND"}, Campaign{"out", "OUTBOUND"}, Campaign{"off", "OUTBOUND"}).
		on("2027-01-02T00:00:00Z", PauseCampaign{"off"}).call("2027-01-02T00:00:00Z", 15*minute)
	now := s.at("2027-01-03T00:00:00Z")
	same(t, "split", now.Events[0].Split, Split{Billable: 10 * minute, Uncovered: 5 * minute})
	same(t, "access", now.Access, "minutes_exhausted")
	same(t, "paused", *now.Campaigns[1], CampaignState{"out", "OUTBOUND", "PAUSED", "BILLING", "minutes_exhausted"})

	s.on("2027-01-03T00:00:00Z", SetDenial{"OUTBOUND_ONLY"}, ResumeCampaign{"out"})
	now = s.at("2027-01-03T00:00:00Z")
	same(t, "in", now.Campaigns[0].Status, "RUNNING")
	same(t, "resumed in vain", now.Campaigns[1].PausedBy, "BILLING")

	s.on("2027-01-04T00:00:00Z", Override{at(t, "2027-01-05T00:00:00Z")})
	same(t, "overridden", s.at("2027-01-04T23:59:59Z").Access, "")
	same(t, "no longer", s.at("2027-01-05T00:00:00Z").Access, "minutes_exhausted")
	same(t, "held", s.on("2027-01-04T01:00:00Z", Hold{true}).at("2027-01-04T02:00:00Z").Access, "agency_hold")

	now = s.on("2027-01-06T00:00:00Z", Hold{false}).at("2027-02-01T00:00:00Z")
	same(t, "a new period", now.Access, "")
	same(t, "runs again", now.Campaigns[1].Status, "RUNNING")
	same(t, "a person's pause stays", *now.Campaigns[2], CampaignState{"off", "OUTBOUND", "PAUSED", "USER", ""})
	same(t, "requests", requests(now), "U/S/0 PENDING 0/100")
}

// Due on 7 February, blocked on the 14th; no period opens while blocked.
func TestOverdueAndBlocked(t *testing.T) {
	s := tell(t, "UTC").on("2027-01-31T10:00:00Z", AssignPlan{monthly()}, Start{"S"}, Campaign{"c", "OUTBOUND"})
	same(t, "before", life(s.at("2027-02-07T09:59:59Z")), "S active since 01-31T10:00, 0 from 01-31T10:00")
	same(t, "due", life(s.at("2027-02-07T10:00:00Z")), "S past_due since 02-07T10:00, 0 from 01-31T10:00")
	now := s.at("2027-06-01T00:00:00Z")
	same(t, "blocked", life(now), "S blocked since 02-14T10:00, 0 from 01-31T10:00")
	same(t, "requests", requests(now), "R/S/0 OVERDUE 0/9900")
	same(t, "reason", now.Campaigns[0].Reason, "subscription_blocked")

	s.on("2027-06-01T00:00:00Z", Pay{9900, "USD", []Allocation{{"R/S/0", 9900}}, false})
	same(t, "sticky", life(s.at("2027-06-01T00:00:00Z")), "S blocked since 02-14T10:00, 0 from 01-31T10:00")
	s.refused("2027-06-01T00:00:00Z", Cancel{AtPeriodEnd: true})
	s.refused("2027-06-01T00:00:00Z", ApplyPack{Request: "P"})

	s.on("2027-06-02T00:00:00Z", Cancel{BillUsage: true}, Start{"T"})
	same(t, "anew", life(s.at("2027-06-02T00:00:00Z")), "S canceled since 06-02T00:00, 0 from 01-31T10:00; T active since 06-02T00:00, 0 from 06-02T00:00")
}

// The frozen period's 5 billable minutes and the current slot are asked for at the revival.
func TestRevival(t *testing.T) {
	plan := monthly()
	plan.IncludedMS = 0
	s := tell(t, "UTC").on("2027-01-31T10:00:00Z", AssignPlan{plan}, Start{"S"}).call("2027-02-20T00:00:00Z", 5*minute)
	s.agency.BlockedExit = "ON_PAYMENT"
	now := s.on("2027-05-10T08:00:00Z", Pay{10000, "USD", []Allocation{{"R/S/0", 9900}}, false}).at("2027-05-10T08:00:00Z")
	same(t, "life", life(now), "S active since 05-10T08:00, 3 from 04-30T10:00")
	same(t, "requests", requests(now), "R/S/0 PAID 9900/9900; U/S/0 PENDING 0/125; R/S/3 PENDING 0/9900")
	same(t, "due", short(now.Requests[2].Due), "05-17T08:00")
	same(t, "credit", now.Credit["USD"], int64(100))
	now = s.at("2027-05-24T08:00:00Z")
	same(t, "again", life(now), "S blocked since 05-24T08:00, 3 from 04-30T10:00")
}

// With no due and no grace days everything happens at one instant, in order.
func TestNoGrace(t *testing.T) {
	plan := monthly()
	plan.DueDays, plan.GraceDays = 0, 0
	s := tell(t, "UTC").on("2027-01-01T00:00:00.25Z", AssignPlan{plan}, Start{"S"})
	same(t, "at once", life(s.at("2027-01-01T00:00:00.25Z")), "S blocked since 01-01T00:00, 0 from 01-01T00:00")
	plan.DueDays = 31 // 1 February, with the period's end
	s = tell(t, "UTC").on("2027-01-01T00:00:00Z", AssignPlan{plan}, Start{"S"})
	same(t, "blocked first", life(s.at("2027-02-01T00:00:00Z")), "S blocked since 02-01T00:00, 0 from 01-01T00:00")
	s.on("2027-01-05T00:00:00Z", Cancel{AtPeriodEnd: true, BillUsage: true})
	same(t, "canceled all the same", life(s.at("2027-02-01T00:00:00Z")), "S canceled since 02-01T00:00, 0 from 01-01T00:00")
}

func TestRecovery(t *testing.T) {
	for recovery, want := range map[string]string{"NONE_OVERDUE": Active, "NONE_UNPAID": PastDue} {
		plan := monthly()
		plan.GraceDays = 30
		s := tell(t, "UTC").on("2027-01-01T00:00:00Z", AssignPlan{plan}, Start{"S"})
		s.agency.Recovery = recovery
		s.on("2027-02-02T00:00:00Z", SetStatus{"R/S/0", Paid, false})
		same(t, recovery, s.at("2027-02-02T00:00:00Z").Subscriptions[0].Status, want)
		s.on("2027-02-03T00:00:00Z", SetStatus{"R/S/1", Paid, false})
		same(t, recovery+", all paid", s.at("2027-02-03T00:00:00Z").Subscriptions[0].Status, Active)
	}
}

// 90 billable minutes were charged 22.50; without the call of 80 they would be 2.50.
func TestVoidAfterClosing(t *testing.T) {
	plan := monthly()
	plan.Fee, plan.IncludedMS = minor(0), 0
	s := tell(t, "UTC").on("2027-01-01T00:00:00Z", AssignPlan{plan}, Start{"S"}, Adjust{30 * minute}).
		call("2027-01-02T00:00:00Z", 40*minute).call("2027-01-03T00:00:00Z", 80*minute)
	now := s.on("2027-02-02T00:00:00Z", Void{"test", "c2"}, Correct{"test", "c1", 35 * minute}).at("2027-02-02T00:00:00Z")
	same(t, "lines", now.Lines, []CreditLine{{Currency: "USD", Amount: 2000}, {Currency: "USD", Amount: 125}})
	same(t, "closed", now.Closed[0].Used, Split{Wallet: 30 * minute, Billable: 90 * minute})
	s.refused("2027-02-02T00:00:00Z", Correct{"test", "c2", 1})

	// 60 minutes cost 15.00, which the lines of 21.25 cover; 6.25 wait.
	now = s.call("2027-02-03T00:00:00Z", 60*minute).on("2027-02-05T00:00:00Z", SetStatus{"U/S/0", Paid, false}).at("2027-03-01T00:00:00Z")
	same(t, "requests", requests(now), "U/S/0 PAID 2250/2250; U/S/1 PAID 0/0")
	same(t, "waiting", now.Lines, []CreditLine{{Currency: "USD", Amount: 500}, {Currency: "USD", Amount: 125}})
}

// In the open period a correction returns the last drawn first, and more is drawn anew.
func TestCorrectOpen(t *testing.T) {
	s := tell(t, "UTC").on("2027-01-01T00:00:00Z", AssignPlan{monthly()}, Start{"S"}, Adjust{20 * minute}).call("2027-01-02T00:00:00Z", 350*minute)
	now := s.on("2027-01-03T00:00:00Z", Correct{"test", "c1", 310 * minute}).at("2027-01-03T00:00:00Z")
	same(t, "less", now.Events[0].Split, Split{Included: 300 * minute, Wallet: 10 * minute})
	same(t, "wallet", now.WalletMS, int64(10*minute))
	now = s.on("2027-01-04T00:00:00Z", Correct{"test", "c1", 325 * minute}).at("2027-01-04T00:00:00Z")
	same(t, "more", now.Subscriptions[0].Used, Split{Included: 300 * minute, Wallet: 20 * minute, Billable: 5 * minute})
	now = s.on("2027-01-05T00:00:00Z", Void{"test", "c1"}).at("2027-01-05T00:00:00Z")
	same(t, "void", now.Subscriptions[0].Used, Split{})
	same(t, "wallet", now.WalletMS, int64(20*minute))
}

func TestLateAndUnrated(t *testing.T) {
	s := tell(t, "UTC").call("2026-12-01T00:00:00Z", minute).on("2027-01-01T00:00:00.9Z", AssignPlan{monthly()}, Start{"S"}).
		on("2027-01-04T00:00:00Z", SetStatus{"R/S/0", Paid, false})
	use := func(id, end string) Use {
		return Use{"test", id, "CALL", at(t, end).Add(-time.Minute), at(t, end), minute, 0}
	}
	now := s.on("2027-02-02T00:00:00Z", use("before", "2026-12-31T23:59:59Z"), use("first", "2027-01-01T00:00:00Z"), use("last", "2027-02-01T00:00:00Z"), use("last", "2027-02-01T00:00:00Z")).
		at("2027-02-02T00:00:00Z")
	var got []string
	for _, e := range now.Events {
		got = append(got, fmt.Sprintf("%s %s %d %v %d", e.Event, e.Status, e.Index, e.Late, e.LateIndex))
	}
	same(t, "events", strings.Join(got, "; "), "c1 UNRATED 0 false 0; before UNRATED 0 false 0; first RATED 1 true 0; last RATED 1 false 0")
	s.refused("2027-02-02T00:00:00Z", use("last", "2027-02-01T00:00:01Z"))
}

func TestLeavingPaid(t *testing.T) {
	s := tell(t, "UTC").on("2027-01-01T00:00:00Z", AssignPlan{monthly()}, Start{"S"}, ApplyPack{"P", 50 * minute, 1000, false})
	s.on("2027-01-02T00:00:00Z", Pay{4000, "USD", []Allocation{{"R/S/0", 4000}}, false}, SetStatus{"R/S/0", Paid, false}, SetStatus{"R/S/0", Failed, false})
	same(t, "the marking goes, the part stays", requests(s.at("2027-01-02T00:00:00Z")), "R/S/0 FAILED 4000/9900; P PENDING 0/1000")
	now := s.on("2027-01-03T00:00:00Z", Pay{5900, "USD", []Allocation{{"R/S/0", 5900}}, false}, SetStatus{"R/S/0", Pending, false}).at("2027-01-03T00:00:00Z")
	same(t, "paid by payments", requests(now), "R/S/0 PENDING 0/9900; P PENDING 0/1000")
	same(t, "credit", now.Credit["USD"], int64(9900))
	now = s.on("2027-01-04T00:00:00Z", Pay{9900, "USD", []Allocation{{"R/S/0", 9900}}, true}, Adjust{-20 * minute}, SetStatus{"P", Canceled, true}).at("2027-01-04T00:00:00Z")
	same(t, "from credit", requests(now), "R/S/0 PAID 9900/9900; P CANCELED 0/1000")
	same(t, "credit", now.Credit["USD"], int64(0))
	same(t, "clawed back", now.WalletMS, int64(0))
	now = s.on("2027-01-20T00:00:00Z", SetStatus{"P", Pending, false}).at("2027-01-20T00:00:00Z")
	same(t, "given again", now.WalletMS, int64(30*minute))
	same(t, "late at once", now.Requests[1].Status, Overdue)
}

// Ten of 31 days are left: 99.00 x 10 / 31 = 31.935.
func TestPlanChange(t *testing.T) {
	s := tell(t, "UTC").on("2027-01-01T00:00:00Z", AssignPlan{monthly()}, Start{"S"}).call("2027-01-02T00:00:00Z", 301*minute)
	change := ChangePlan{Subscription: "T", Plan: monthly(), Prorate: true, Cancel: Cancel{BillUsage: true}}
	s.refused("2027-01-05T00:00:00Z", AssignPlan{monthly()})
	s.on("2027-01-06T00:00:00Z", Pay{9900, "USD", []Allocation{{"R/S/0", 9900}}, false})
	now := s.on("2027-01-22T00:00:00Z", change).at("2027-01-22T00:00:00Z")
	same(t, "requests", requests(now), "R/S/0 PAID 9900/9900; U/S/0 PENDING 0/25; R/T/0 PENDING 0/6706")
	same(t, "life", life(now), "S canceled since 01-22T00:00, 0 from 01-01T00:00; T active since 01-22T00:00, 0 from 01-22T00:00")

	small := monthly()
	small.Fee = minor(2000)
	s.log = s.log[:len(s.log)-1]
	now = s.on("2027-01-22T00:00:00Z", ChangePlan{Subscription: "T", Plan: small, Prorate: true}).at("2027-02-22T00:00:00Z")
	same(t, "more than the new fee", requests(now), "R/S/0 PAID 9900/9900; R/T/0 PAID 0/0; R/T/1 PENDING 0/806")

	s.log = s.log[:len(s.log)-1]
	change.AtPeriodEnd = true
	s.on("2027-01-22T00:00:00Z", change)
	same(t, "at the end", life(s.at("2027-02-01T00:00:00Z")), "S canceled since 02-01T00:00, 0 from 01-01T00:00; T active since 02-01T00:00, 0 from 02-01T00:00")
	s.on("2027-01-23T00:00:00Z", UndoCancel{})
	same(t, "undone", life(s.at("2027-02-01T00:00:00Z")), "S active since 01-01T00:00, 1 from 02-01T00:00")
	now = s.on("2027-02-03T00:00:00Z", Cancel{CancelOpen: true}).at("2029-01-01T00:00:00Z")
	same(t, "open ones voided", requests(now), "R/S/0 PAID 9900/9900; U/S/0 CANCELED 0/25; R/S/1 CANCELED 0/9900")
	same(t, "access", now.Access, "no_subscription")
}

// Looking at every hour on the way, or once at the end, is the same.
func TestAsleepOrAwake(t *testing.T) {
	s := tell(t, "Asia/Beirut").on("2027-01-30T22:00:00Z", AssignPlan{monthly()}, Start{"S"}).call("2027-02-01T00:00:00Z", 400*minute)
	s.on("2027-02-05T00:00:00Z", SetStatus{"R/S/0", Paid, false})
	asleep := s.at("2027-06-01T00:00:00Z")
	for now := at(t, "2027-02-05T00:00:00Z"); now.Before(at(t, "2027-06-01T00:00:00Z")); now = now.Add(6 * time.Hour) {
		s.log = append(s.log, Command{now, nil})
	}
	same(t, "awake", life(s.at("2027-06-01T00:00:00Z")), life(asleep))
	same(t, "asleep", life(asleep), "S blocked since 03-13T22:00, 1 from 02-27T22:00")
	same(t, "awake", requests(s.at("2027-06-01T00:00:00Z")), requests(asleep))
}
