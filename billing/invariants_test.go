package billing

import (
	"reflect"
	"time"
)

// judge is what both a test and a random walk can fail by.
type judge interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// checkInvariants looks at a whole history and at the state it led to, and recomputes everything that is kept twice.
func checkInvariants(t judge, w *world) {
	t.Helper()
	checkHistory(t, w)
	checkPeriods(t, w)
	checkRequests(t, w)
	checkPayments(t, w)
	checkState(t, w)
	checkReplay(t, w)
}

// tally recomputes the pools from the facts.
type tally struct {
	terms  map[ID]Terms
	used   map[periodKey]Split
	open   periodKey
	wallet Millis
	ended  map[ID]bool
}

// checkHistory walks the facts: what each draws, where the wallet stands, that time does not run backwards, and that
// nothing happens to a subscription after its end.
func checkHistory(t judge, w *world) {
	t.Helper()
	sums := tally{terms: map[ID]Terms{}, used: map[periodKey]Split{}, ended: map[ID]bool{}}
	var last time.Time
	for i, e := range w.Facts {
		if e.At.Before(last) || e.Seq != int64(i+1) {
			t.Errorf("fact %d (%T) at %s follows one at %s", e.Seq, e.Fact, e.At, last)
		}
		last = e.At
		sums.add(t, e)
		if e.After.Wallet != sums.wallet || sums.wallet < 0 {
			t.Errorf("fact %d (%T): wallet is %d, its entries add up to %d", e.Seq, e.Fact, e.After.Wallet, sums.wallet)
		}
	}
	if w.Account.Subscription != nil && sums.used[sums.open] != w.Account.Period.Used {
		t.Errorf("period used %v, its events add up to %v", w.Account.Period.Used, sums.used[sums.open])
	}
}

func (s *tally) add(t judge, e Entry) {
	t.Helper()
	if entry, moved := e.WalletEntry(); moved {
		s.wallet += entry.Delta
		if entry.Balance != s.wallet {
			t.Errorf("wallet entry says balance %d, it is %d", entry.Balance, s.wallet)
		}
	}
	switch f := e.Fact.(type) {
	case SubscriptionStarted:
		s.terms[f.SubscriptionID] = f.Terms
	case PeriodOpened:
		s.open = periodKey{f.SubscriptionID, f.Index}
		if s.ended[f.SubscriptionID] {
			t.Errorf("a period of a canceled subscription opened")
		}
	case StatusChanged:
		checkTransition(t, f)
	case SubscriptionCanceled:
		s.ended[f.SubscriptionID] = true
	case PeriodClosed:
		s.checkClosed(t, f)
	case RequestIssued:
		if s.ended[f.Request.SubscriptionID] {
			t.Errorf("%s was issued for a canceled subscription", f.Request.Label())
		}
	case UsageRecorded:
		s.checkDraw(t, e, f)
		if f.Status == Rated {
			key := periodKey{f.SubscriptionID, f.PeriodIndex}
			s.used[key] = s.used[key].Plus(f.Split)
		}
	case UsageCorrected:
		for _, p := range f.Parts {
			key := periodKey{p.SubscriptionID, p.PeriodIndex}
			if key == s.open && !s.ended[key.Subscription] {
				s.used[key] = s.used[key].Plus(p.Split)
			}
		}
	}
}

func checkTransition(t judge, f StatusChanged) {
	t.Helper()
	switch [2]Status{f.From, f.To} {
	case [2]Status{Active, PastDue}, [2]Status{PastDue, Active}, [2]Status{PastDue, Blocked}, [2]Status{Blocked, Active}:
	default:
		t.Errorf("subscription went from %s to %s", f.From, f.To)
	}
}

func (s *tally) checkClosed(t judge, f PeriodClosed) {
	t.Helper()
	used := s.used[periodKey{f.SubscriptionID, f.Index}]
	if used != f.Used {
		t.Errorf("period %d closed with %v, its events add up to %v", f.Index, f.Used, used)
	}
	if used.Included > s.terms[f.SubscriptionID].Included || min(used.Included, used.Wallet, used.Billable, used.Uncovered) < 0 {
		t.Errorf("period %d used %v of %d included", f.Index, used, s.terms[f.SubscriptionID].Included)
	}
}

// checkDraw holds every event against the pools as they stood just before it.
func (s *tally) checkDraw(t judge, e Entry, f UsageRecorded) {
	t.Helper()
	draw := f.Split
	if draw.Total() != f.Billed || min(draw.Included, draw.Wallet, draw.Billable, draw.Uncovered) < 0 {
		t.Errorf("%s: %v is not %d", f.Event.EventID, draw, f.Billed)
	}
	if f.Status != Rated {
		if f.Billed != 0 {
			t.Errorf("%s is unrated and draws %v", f.Event.EventID, draw)
		}
		return
	}
	terms := s.terms[f.SubscriptionID]
	if left := terms.Included - e.Before.IncludedUsed; draw.Included > left || draw.Included < left && draw.Included != f.Billed {
		t.Errorf("%s drew %v while %d included were left", f.Event.EventID, draw, left)
	}
	if draw.Billable+draw.Uncovered > 0 && terms.AddonPacks && e.After.Wallet > 0 {
		t.Errorf("%s drew %v while the wallet kept %d", f.Event.EventID, draw, e.After.Wallet)
	}
	if draw.Wallet > 0 && !terms.AddonPacks || draw.Billable > 0 && terms.Rate == nil {
		t.Errorf("%s drew %v from a pool its terms do not have", f.Event.EventID, draw)
	}
	capped := terms.OverageCap != nil && e.After.Billable >= *terms.OverageCap
	if draw.Uncovered > 0 && terms.Rate != nil && !capped {
		t.Errorf("%s left %d uncovered while it could be billed", f.Event.EventID, draw.Uncovered)
	}
}

// checkPeriods: every period lies on the grid and begins where the one before ended; only a revived subscription
// leaves some out.
func checkPeriods(t judge, w *world) {
	t.Helper()
	for i, p := range w.Periods {
		grid := w.gridOf(p.SubscriptionID)
		if !p.Start.Equal(grid.Boundary(p.Index)) || !p.End.Equal(grid.Boundary(p.Index+1)) || !p.Start.Before(p.End) {
			t.Errorf("period %d is %s to %s, off its grid", p.Index, p.Start, p.End)
		}
		if i == 0 || w.Periods[i-1].SubscriptionID != p.SubscriptionID {
			if p.Index != 0 {
				t.Errorf("a subscription opened with period %d", p.Index)
			}
			continue
		}
		before := w.Periods[i-1]
		if before.ClosedAt.IsZero() || before.Index+1 > p.Index || before.Index+1 < p.Index && w.Account.Policy.BlockedExit != ExitOnPayment {
			t.Errorf("period %d follows %d", p.Index, before.Index)
		}
	}
}

func (w *world) gridOf(subscription ID) Schedule {
	for _, e := range w.Facts {
		if s, ok := e.Fact.(SubscriptionStarted); ok && s.SubscriptionID == subscription {
			zone, err := time.LoadLocation(s.Zone)
			must(err == nil, "a zone that was there")
			return s.Terms.Schedule(s.Anchor, zone)
		}
	}
	panic("a period without a subscription")
}

// checkRequests: amounts are the sums of their lines, at most one of each kind for a period, exactly one fee for each.
func checkRequests(t judge, w *world) {
	t.Helper()
	type cycle struct {
		periodKey
		kind RequestKind
	}
	seen := map[cycle]int{}
	numbers := map[int64]bool{}
	for _, r := range w.Account.Requests {
		var sum Money
		for _, l := range r.Lines {
			sum += l.Amount
			if l.Amount == 0 && r.Kind != PackSale {
				t.Errorf("%s has a line of nothing: %+v", r.Label(), l)
			}
		}
		if sum != r.Amount || r.Amount < 0 || r.AmountPaid < 0 || r.AmountPaid > r.Amount {
			t.Errorf("%s asks for %d, lines add up to %d, paid %d", r.Label(), r.Amount, sum, r.AmountPaid)
		}
		if r.Status == Paid != (r.AmountPaid == r.Amount) && r.Amount > 0 || r.Status == Voided && r.AmountPaid != 0 || (r.Status == Paid) == r.PaidAt.IsZero() {
			t.Errorf("%s is %s with %d of %d paid at %v", r.Label(), r.Status, r.AmountPaid, r.Amount, r.PaidAt)
		}
		if r.Kind == Recurring || r.Kind == Usage {
			seen[cycle{periodKey{r.SubscriptionID, r.PeriodIndex}, r.Kind}]++
		}
		if numbers[r.Number] || r.Number < 1 || r.Number > int64(len(w.Account.Requests)) || !ReferenceHolds(r.Reference()) {
			t.Errorf("number %d is taken twice or leaves a gap", r.Number)
		}
		numbers[r.Number] = true
	}
	for key, n := range seen {
		if n != 1 {
			t.Errorf("%d requests of kind %s for %v", n, key.kind, key.periodKey)
		}
	}
	for _, p := range w.Periods {
		fee := w.termsOf(p.SubscriptionID).RecurringFee
		want := 0
		if fee != nil && *fee > 0 {
			want = 1
		}
		if got := seen[cycle{periodKey{p.SubscriptionID, p.Index}, Recurring}]; got != want {
			t.Errorf("period %d has %d fee requests, want %d", p.Index, got, want)
		}
	}
}

// checkPayments: every payment balances, and together they are what the requests and the credit say.
func checkPayments(t judge, w *world) {
	t.Helper()
	paid, credit := map[ID]Money{}, map[string]Money{}
	for _, e := range w.Facts {
		f, ok := e.Fact.(PaymentRecorded)
		if !ok {
			continue
		}
		rest := f.Payment.Amount - f.Payment.Credit
		for _, part := range f.Payment.Allocations {
			paid[part.RequestID] += part.Amount
			rest -= part.Amount
		}
		credit[f.Payment.Currency.Code] += f.Payment.Credit
		if rest != 0 || credit[f.Payment.Currency.Code] < 0 {
			t.Errorf("payment %+v does not balance", f.Payment)
		}
	}
	for _, r := range w.Account.Requests {
		if paid[r.ID] != r.AmountPaid {
			t.Errorf("%s says %d paid, its payments add up to %d", r.Label(), r.AmountPaid, paid[r.ID])
		}
	}
	for code, sum := range credit {
		if w.Account.CreditIn(code) != sum {
			t.Errorf("credit in %s is %d, payments add up to %d", code, w.Account.CreditIn(code), sum)
		}
	}
	for _, c := range w.Account.CreditLines {
		if c.Left < 0 || c.Left > c.Amount {
			t.Errorf("credit line %+v has more left than it had", c)
		}
	}
}

// checkState: status and access are formulas of the state, and campaigns follow.
func checkState(t judge, w *world) {
	t.Helper()
	a := w.Account
	for _, r := range a.Requests {
		if r.Status == Pending && !w.Now.Before(r.DueAt) {
			t.Errorf("%s is pending after its due date", r.Label())
		}
	}
	if d := a.Decide(w.Now); d.Reason != a.Access.Reason || !d.Since.Equal(a.Access.Since) {
		t.Errorf("access is %v, recorded %v", d, a.Access)
	}
	denied := a.Access.Reason != Allowed
	for _, c := range a.Campaigns {
		stopped := denied && !a.Denial.Spares(c.Direction)
		if stopped && c.Status == Running || !stopped && c.PausedBy == ByBilling || (c.PausedBy != Nobody) != (c.Status == Paused) {
			t.Errorf("campaign %+v while denied = %v", *c, stopped)
		}
	}
	if a.Live() {
		checkStatus(t, w)
	}
	checkWords(t, w)
}

// checkWords: an answer agrees with the decision, and a denial always says why and what lifts it.
func checkWords(t judge, w *world) {
	t.Helper()
	for _, direction := range []string{"", "INBOUND", "OUTBOUND"} {
		answer := w.Account.Explain(direction, w.Now)
		allowed := w.Account.Access.Reason == Allowed || w.Account.Denial.Spares(direction)
		if answer.Allowed != allowed || answer.Message == "" || allowed != (answer.LiftedBy == "") || allowed != (answer.Reason == Allowed) {
			t.Errorf("answer for %q is %+v while access is %+v", direction, answer, w.Account.Access)
		}
		if answer.MaxDuration != nil && *answer.MaxDuration <= 0 {
			t.Errorf("allowed, but for %d ms", *answer.MaxDuration)
		}
	}
}

func checkStatus(t judge, w *world) {
	t.Helper()
	a, s := w.Account, w.Account.Subscription
	late, over, open := false, false, false
	for _, r := range a.Requests {
		cycle := (r.Kind == Recurring || r.Kind == Usage) && r.SubscriptionID == s.ID && r.Status != Paid && r.Status != Voided
		open = open || cycle
		late = late || cycle && !w.Now.Before(r.DueAt)
		over = over || cycle && !w.Now.Before(r.GraceEndsAt)
	}
	wrong := late && s.Status == Active || over && s.Status != Blocked || s.Status == Blocked && !late && a.Policy.BlockedExit == ExitOnPayment
	wrong = wrong || s.Status == PastDue && !late && !(open && a.Policy.Recovery == NoneUnpaid)
	if wrong {
		t.Errorf("subscription is %s while late=%v graceOver=%v open=%v", s.Status, late, over, open)
	}
	if s.Status != Blocked && !w.Now.Before(a.Period.End) {
		t.Errorf("the open period ended at %s, it is %s", a.Period.End, w.Now)
	}
}

// checkReplay rebuilds the account from the facts as they are stored.
func checkReplay(t judge, w *world) {
	t.Helper()
	again, err := w.replayStored()
	if err != nil {
		t.Fatalf("replay: %v", err)
	}
	kept := *w.Account
	kept.mint, again.mint = nil, nil
	if kept.fresh, again.fresh = nil, nil; !reflect.DeepEqual(&kept, again) {
		t.Errorf("replay gives another account:\n%+v\n%+v", kept, *again)
	}
}
