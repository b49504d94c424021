package billing

import (
	"fmt"
	"time"
)

// broken collects what does not hold.
type broken []string

func (b *broken) add(format string, args ...any) { *b = append(*b, fmt.Sprintf(format, args...)) }

// Check says in which ways an account, with nothing due before now, contradicts itself: status and access are formulas
// of the requests, campaigns follow access, amounts add up. A healthy account answers nothing. What depends on the
// agency's policy is left out, since that may have changed since the account was last written; see CheckPolicy.
func (a *Account) Check(now time.Time) []string {
	var found broken
	a.checkRequests(&found, now)
	a.checkFigures(&found)
	a.checkAccess(&found, now)
	if a.Live() {
		a.checkStatus(&found, now)
	}
	return found
}

func (a *Account) checkRequests(found *broken, now time.Time) {
	numbers := map[int64]bool{}
	for _, r := range a.Requests {
		var sum Money
		for _, l := range r.Lines {
			sum += l.Amount
			if l.Amount == 0 && r.Kind != PackSale {
				found.add("%s has a line of nothing: %+v", r.Label(), l)
			}
		}
		if sum != r.Amount || r.Amount < 0 || r.AmountPaid < 0 || r.AmountPaid > r.Amount {
			found.add("%s asks for %d, lines add up to %d, paid %d", r.Label(), r.Amount, sum, r.AmountPaid)
		}
		if r.Status == Paid != (r.AmountPaid == r.Amount) && r.Amount > 0 || r.Status == Voided && r.AmountPaid != 0 || (r.Status == Paid) == r.PaidAt.IsZero() {
			found.add("%s is %s with %d of %d paid at %v", r.Label(), r.Status, r.AmountPaid, r.Amount, r.PaidAt)
		}
		if r.Status == Pending && !now.Before(r.DueAt) {
			found.add("%s is pending after its due date", r.Label())
		}
		if r.ClawedBack < 0 || r.Shortfall < 0 || r.clawedBack() && r.ClawedBack+r.Shortfall != r.PackMinutes {
			found.add("%s of %d ms gave back %d and lacks %d", r.Label(), r.PackMinutes, r.ClawedBack, r.Shortfall)
		}
		if numbers[r.Number] || r.Number < 1 || !ReferenceHolds(r.Reference()) {
			found.add("request %d has the number %d and the reference %s", r.ID, r.Number, r.Reference())
		}
		numbers[r.Number] = true
	}
}

// checkFigures: nothing that is counted is below zero, or above what there was.
func (a *Account) checkFigures(found *broken) {
	used := a.Period.Used
	if a.Wallet < 0 || min(used.Included, used.Wallet, used.Billable, used.Uncovered) < 0 {
		found.add("the wallet holds %d, the period used %+v", a.Wallet, used)
	}
	if a.Subscription != nil && used.Included > a.Subscription.Terms.Included {
		found.add("the period used %d of %d included", used.Included, a.Subscription.Terms.Included)
	}
	for _, c := range a.CreditLines {
		if c.Left < 0 || c.Left > c.Amount {
			found.add("credit line %+v has more left than it had", c)
		}
	}
	for _, c := range a.Credits {
		if c.Amount < 0 {
			found.add("credit in %s is %d", c.Currency.Code, c.Amount)
		}
	}
	if a.IsExhausted() == a.Exhausted.IsZero() {
		found.add("exhausted since %v while %+v is left", a.Exhausted, a.Left())
	}
}

func (a *Account) checkAccess(found *broken, now time.Time) {
	if d := a.Decide(now); d.Reason != a.Access.Reason || !d.Since.Equal(a.Access.Since) {
		found.add("access is %v, recorded %v", d, a.Access)
	}
	denied := a.Access.Reason != Allowed
	for _, c := range a.Campaigns {
		stopped := denied && !a.Denial.Spares(c.Direction)
		if stopped && c.Status == Running || !stopped && c.PausedBy == ByBilling || (c.PausedBy != Nobody) != (c.Status == Paused) {
			found.add("campaign %+v while denied = %v", *c, stopped)
		}
	}
	for _, direction := range []string{"", "INBOUND", "OUTBOUND"} {
		answer := a.Explain(direction, now)
		allowed := !denied || a.Denial.Spares(direction)
		if answer.Allowed != allowed || answer.Message == "" || allowed != (answer.LiftedBy == "") || allowed != (answer.Reason == Allowed) {
			found.add("answer for %q is %+v while access is %+v", direction, answer, a.Access)
		}
		if answer.MaxDuration != nil && *answer.MaxDuration <= 0 {
			found.add("allowed, but for %d ms", *answer.MaxDuration)
		}
	}
}

func (a *Account) checkStatus(found *broken, now time.Time) {
	s := a.Subscription
	late, over, _ := a.unpaidCycle(now)
	if late && s.Status == Active || over && s.Status != Blocked {
		found.add("the subscription is %s while late=%v graceOver=%v", s.Status, late, over)
	}
	if s.Status != Blocked && !now.Before(a.Period.End) {
		found.add("the open period ended at %s, it is %s", a.Period.End, now)
	}
	if !a.Period.ClosedAt.IsZero() || a.Period.SubscriptionID != s.ID {
		found.add("the live subscription %d has no open period: %+v", s.ID, a.Period)
	}
}

// unpaidCycle says whether a cycle request of the subscription is late, out of grace, or unpaid at all. It is written
// apart from what the rules use: a check that asks the code it checks finds nothing.
func (a *Account) unpaidCycle(now time.Time) (late, over, open bool) {
	for _, r := range a.Requests {
		if r.SubscriptionID != a.Subscription.ID || r.Kind != Recurring && r.Kind != Usage || r.Status == Paid || r.Status == Voided {
			continue
		}
		open = true
		late = late || now.Compare(r.DueAt) >= 0
		over = over || now.Compare(r.GraceEndsAt) >= 0
	}
	return late, over, open
}

// CheckPolicy says where the subscription's status is not what the agency's policy makes of its requests. It holds
// right after the account was written under that policy.
func (a *Account) CheckPolicy(now time.Time) []string {
	var found broken
	if !a.Live() {
		return nil
	}
	late, _, open := a.unpaidCycle(now)
	s := a.Subscription.Status
	if s == Blocked && !late && a.Policy.BlockedExit == ExitOnPayment || s == PastDue && !late && !(open && a.Policy.Recovery == NoneUnpaid) {
		found.add("the subscription is %s while late=%v open=%v under %+v", s, late, open, a.Policy)
	}
	return found
}

// CheckHistory recomputes, from all the facts of a client, everything its account keeps a sum of: pools, wallet,
// periods, what was asked for and what was paid. The account must hold all its requests and credit lines.
func (a *Account) CheckHistory(facts []Entry) []string {
	t := tally{
		account: a, subscriptions: map[ID]SubscriptionStarted{}, used: map[cycleKey]Split{}, ended: map[ID]bool{}, asked: map[askedKey]int{},
		paid: map[ID]Money{}, credit: map[string]Money{}, credited: map[ID]int{}, clawed: map[ID]int{},
	}
	for i, e := range facts {
		if e.Seq != int64(i+1) {
			t.add("fact %d (%T) stands at place %d", e.Seq, e.Fact, i+1)
		}
		if i > 0 && e.At.Before(facts[i-1].At) {
			t.add("fact %d (%T) at %s follows one at %s", e.Seq, e.Fact, e.At, facts[i-1].At)
		}
		t.fact(e)
	}
	t.compare()
	return t.broken
}

// tally is what the facts add up to so far.
type tally struct {
	broken
	account       *Account
	subscriptions map[ID]SubscriptionStarted
	live          ID
	used          map[cycleKey]Split
	open          cycleKey
	closed        bool // the open period
	revived       bool // the subscription came out of blocked since its period opened
	wallet        Millis
	ended         map[ID]bool
	asked         map[askedKey]int
	periods       []PeriodOpened
	paid          map[ID]Money
	credit        map[string]Money
	credited      map[ID]int // pack minutes by request
	clawed        map[ID]int // claw-backs less what was returned
}

// cycleKey is a period of a subscription.
type cycleKey struct {
	subscription ID
	index        int
}

// askedKey is a cycle request.
type askedKey struct {
	cycleKey
	kind RequestKind
}

func (t *tally) fact(e Entry) {
	if entry, moved := e.WalletEntry(); moved {
		t.wallet += entry.Delta
		if entry.Balance != t.wallet {
			t.add("wallet entry of fact %d says balance %d, it is %d", e.Seq, entry.Balance, t.wallet)
		}
	}
	if e.After.Wallet != t.wallet || t.wallet < 0 {
		t.add("fact %d (%T): wallet is %d, its entries add up to %d", e.Seq, e.Fact, e.After.Wallet, t.wallet)
	}
	switch f := e.Fact.(type) {
	case SubscriptionStarted:
		t.started(f)
	case PeriodOpened:
		t.opened(f)
	case PeriodClosed:
		t.periodClosed(f)
	case StatusChanged:
		t.statusChanged(f)
	case SubscriptionCanceled:
		t.canceled(f)
	case RequestIssued:
		t.issued(f.Request)
	case PaymentRecorded:
		t.payment(f.Payment)
	case UsageRecorded:
		t.drawn(e, f)
	case UsageCorrected:
		t.corrected(f)
	case WalletMoved:
		t.moved(f)
	}
}

func (t *tally) started(f SubscriptionStarted) {
	if t.live != 0 {
		t.add("subscription %d started while %d was live", f.SubscriptionID, t.live)
	}
	t.subscriptions[f.SubscriptionID], t.live, t.open, t.closed = f, f.SubscriptionID, cycleKey{f.SubscriptionID, -1}, true
}

// opened: every period lies on the grid and begins where the one before ended; only a subscription that came out of
// blocked leaves some out.
func (t *tally) opened(f PeriodOpened) {
	grid, err := t.grid(f.SubscriptionID)
	if err != nil || !f.Start.Equal(grid.Boundary(f.Index)) || !f.End.Equal(grid.Boundary(f.Index+1)) || !f.Start.Before(f.End) {
		t.add("period %d is %s to %s, off its grid (%v)", f.Index, f.Start, f.End, err)
	}
	follows := t.open.subscription == f.SubscriptionID && (f.Index == t.open.index+1 || f.Index > t.open.index && t.revived)
	if t.ended[f.SubscriptionID] || !t.closed || !follows {
		t.add("period %d of subscription %d follows period %d of %d (closed: %v, canceled: %v)", f.Index, f.SubscriptionID, t.open.index, t.open.subscription, t.closed, t.ended[f.SubscriptionID])
	}
	t.open, t.closed, t.revived = cycleKey{f.SubscriptionID, f.Index}, false, false
	t.periods = append(t.periods, f)
}

func (t *tally) grid(subscription ID) (Schedule, error) {
	s := t.subscriptions[subscription]
	zone, err := LoadZone("timezone", s.Zone)
	return s.Terms.Schedule(s.Anchor, zone), err
}

func (t *tally) periodClosed(f PeriodClosed) {
	used := t.used[cycleKey{f.SubscriptionID, f.Index}]
	if used != f.Used || t.closed || t.open != (cycleKey{f.SubscriptionID, f.Index}) {
		t.add("period %d closed with %v, its events add up to %v", f.Index, f.Used, used)
	}
	if included := t.subscriptions[f.SubscriptionID].Terms.Included; used.Included > included || min(used.Included, used.Wallet, used.Billable, used.Uncovered) < 0 {
		t.add("period %d used %v of %d included", f.Index, used, included)
	}
	t.closed = true
}

func (t *tally) statusChanged(f StatusChanged) {
	switch [2]Status{f.From, f.To} {
	case [2]Status{Active, PastDue}, [2]Status{PastDue, Active}, [2]Status{PastDue, Blocked}:
	case [2]Status{Blocked, Active}:
		t.revived = true
	default:
		t.add("subscription went from %s to %s", f.From, f.To)
	}
	if t.ended[f.SubscriptionID] {
		t.add("the canceled subscription %d became %s", f.SubscriptionID, f.To)
	}
}

func (t *tally) canceled(f SubscriptionCanceled) {
	if t.live != f.SubscriptionID || !t.closed {
		t.add("subscription %d was canceled while %d was live (its period closed: %v)", f.SubscriptionID, t.live, t.closed)
	}
	t.ended[f.SubscriptionID], t.live = true, 0
}

func (t *tally) issued(r Request) {
	if r.SubscriptionID == 0 {
		return
	}
	if t.ended[r.SubscriptionID] {
		t.add("%s was issued for a canceled subscription", r.Label())
	}
	if r.Kind == Recurring || r.Kind == Usage {
		key := askedKey{cycleKey{r.SubscriptionID, r.PeriodIndex}, r.Kind}
		if t.asked[key]++; t.asked[key] > 1 {
			t.add("period %d has a second %s request, %s", r.PeriodIndex, r.Kind, r.Label())
		}
	}
}

func (t *tally) payment(p Payment) {
	rest := p.Amount - p.Credit
	for _, part := range p.Allocations {
		t.paid[part.RequestID] += part.Amount
		rest -= part.Amount
	}
	t.credit[p.Currency.Code] += p.Credit
	if rest != 0 || t.credit[p.Currency.Code] < 0 {
		t.add("payment %+v does not balance", p)
	}
}

// drawn holds an event against the pools as they stood just before it.
func (t *tally) drawn(e Entry, f UsageRecorded) {
	draw := f.Split
	if draw.Total() != f.Billed || min(draw.Included, draw.Wallet, draw.Billable, draw.Uncovered) < 0 {
		t.add("%s: %v is not %d", f.Event.EventID, draw, f.Billed)
	}
	if f.Status != Rated {
		if f.Billed != 0 {
			t.add("%s is unrated and draws %v", f.Event.EventID, draw)
		}
		return
	}
	terms := t.subscriptions[f.SubscriptionID].Terms
	if left := terms.Included - e.Before.IncludedUsed; draw.Included > left || draw.Included < left && draw.Included != f.Billed {
		t.add("%s drew %v while %d included were left", f.Event.EventID, draw, left)
	}
	if draw.Billable+draw.Uncovered > 0 && terms.AddonPacks && e.After.Wallet > 0 {
		t.add("%s drew %v while the wallet kept %d", f.Event.EventID, draw, e.After.Wallet)
	}
	if draw.Wallet > 0 && !terms.AddonPacks || draw.Billable > 0 && terms.Rate == nil {
		t.add("%s drew %v from a pool its terms do not have", f.Event.EventID, draw)
	}
	capped := terms.OverageCap != nil && e.After.Billable >= *terms.OverageCap
	if draw.Uncovered > 0 && terms.Rate != nil && !capped {
		t.add("%s left %d uncovered while it could be billed", f.Event.EventID, draw.Uncovered)
	}
	key := cycleKey{f.SubscriptionID, f.PeriodIndex}
	if key != t.open || t.closed {
		t.add("%s was drawn from period %d, which is not the open one", f.Event.EventID, f.PeriodIndex)
	}
	t.used[key] = t.used[key].Plus(draw)
}

func (t *tally) corrected(f UsageCorrected) {
	for _, p := range f.Parts {
		if key := (cycleKey{p.SubscriptionID, p.PeriodIndex}); key == t.open && !t.closed {
			t.used[key] = t.used[key].Plus(p.Split)
		}
	}
}

func (t *tally) moved(f WalletMoved) {
	switch f.Kind {
	case PackCredited:
		t.credited[f.RequestID]++
	case Clawback:
		t.clawed[f.RequestID]++
	case ClawbackReturned:
		t.clawed[f.RequestID]--
	}
	if t.credited[f.RequestID] > 1 || t.clawed[f.RequestID] < 0 || t.clawed[f.RequestID] > 1 {
		t.add("request %d was credited %d times and clawed back %d times", f.RequestID, t.credited[f.RequestID], t.clawed[f.RequestID])
	}
}

// compare holds the sums against the account.
func (t *tally) compare() {
	a := t.account
	if a.Subscription != nil && t.used[t.open] != a.Period.Used {
		t.add("period used %v, its events add up to %v", a.Period.Used, t.used[t.open])
	}
	for _, p := range t.periods {
		fee, want := t.subscriptions[p.SubscriptionID].Terms.RecurringFee, 0
		if fee != nil && *fee > 0 {
			want = 1
		}
		if got := t.asked[askedKey{cycleKey{p.SubscriptionID, p.Index}, Recurring}]; got != want {
			t.add("period %d has %d fee requests, want %d", p.Index, got, want)
		}
	}
	for _, r := range a.Requests {
		if t.paid[r.ID] != r.AmountPaid {
			t.add("%s says %d paid, its payments add up to %d", r.Label(), r.AmountPaid, t.paid[r.ID])
		}
	}
	for code, sum := range t.credit {
		if a.CreditIn(code) != sum {
			t.add("credit in %s is %d, payments add up to %d", code, a.CreditIn(code), sum)
		}
	}
}
