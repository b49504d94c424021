package billing

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestAnyWalkKeepsTheBooks tells random commands to a client and looks at everything after each of them.
func TestAnyWalkKeepsTheBooks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		walk := newWalk(t)
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			walk.step(t)
			checkInvariants(t, walk.world)
		}
	})
}

// TestOneJumpEqualsManySteps: a client that is looked at every few hours, one instant at a time, has the same history as
// one that sleeps.
func TestOneJumpEqualsManySteps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seldom := newWalk(t)
		often := seldom.twin()
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			from := seldom.Now
			command := seldom.step(t)
			stops := rapid.SliceOfN(rapid.Float64Range(0, 1), 0, 6).Draw(t, "looks")
			often.lookIn(t, from, seldom.Now, stops)
			often.Now = seldom.Now
			often.tell(command)
		}
		if a, b := inJSON(t, seldom.Facts), inJSON(t, often.Facts); a != b {
			t.Fatalf("histories differ:\n%s\n%s", a, b)
		}
	})
}

// TestVoidingEverythingGivesEverythingBack: whatever was drawn and billed comes back, to the cent and to the millisecond.
func TestVoidingEverythingGivesEverythingBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWalk(t)
		for range rapid.IntRange(1, 20).Draw(t, "calls") {
			w.Now = w.Now.Add(rapid.SampledFrom([]time.Duration{0, time.Hour, 20 * 24 * time.Hour}).Draw(t, "pass"))
			_ = w.tell(w.drawUse(t))
		}
		_ = w.tell(command{"cancel", func(w *walk, a *Account) error { return a.Cancel(Cancellation{BillUsage: true}, w.Now) }})
		drawn := Millis(0)
		for _, u := range w.Events {
			for _, p := range u.Parts {
				drawn += p.Split.Included
			}
			if err := w.tell(command{"void", func(w *walk, a *Account) error { return a.Void(*u, w.history, "test", w.Now) }}); err != nil {
				t.Fatal(err)
			}
		}
		if w.Account.Wallet != drawn {
			t.Fatalf("wallet is %d after voiding all, %d included were drawn", w.Account.Wallet, drawn)
		}
		if asked, back := w.askedForUsage(); asked != back {
			t.Fatalf("asked for %d, given back %d", asked, back)
		}
		checkInvariants(t, w.world)
	})
}

// askedForUsage sums what Usage requests ask for, and the credit lines for minutes.
func (w *walk) askedForUsage() (asked, back Money) {
	for _, r := range w.Account.Requests {
		if r.Kind == Usage {
			asked += r.Amount
		}
	}
	for _, c := range w.Account.CreditLines {
		back += c.Amount
	}
	return asked, back
}

func inJSON(t *rapid.T, facts []Entry) (all string) {
	for _, e := range facts {
		body, err := json.Marshal(e.Fact)
		if err != nil {
			t.Fatal(err)
		}
		all += fmt.Sprintf("%s %s %s\n", e.At.Format(time.RFC3339Nano), e.Fact.FactName(), body)
	}
	return all
}

// walk is a world with a catalog, told random commands.
type walk struct {
	*world
	plans []Plan
	packs []Pack
}

// command is a verb with its arguments drawn; it is told to whichever world it is given.
type command struct {
	name string
	do   func(*walk, *Account) error
}

func newWalk(t *rapid.T) *walk {
	start := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 400*24*3600).Draw(t, "start")) * time.Second)
	w := &walk{world: newWorld(start)}
	w.Account.Zone = rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe"}).Draw(t, "zone")
	w.Account.Policy = Policy{
		Recovery:    rapid.SampledFrom([]Recovery{NoneOverdue, NoneUnpaid}).Draw(t, "recovery"),
		BlockedExit: rapid.SampledFrom([]BlockedExit{ExitRestart, ExitOnPayment}).Draw(t, "exit"),
	}
	for i := range 3 {
		w.plans = append(w.plans, Plan{ID: ID(10 + i), Version: 1, Terms: drawTerms(t)})
		w.packs = append(w.packs, Pack{ID: ID(20 + i), Name: "Pack", Minutes: Millis(rapid.IntRange(1, 90).Draw(t, "pack")) * Minute, Price: Money(rapid.IntRange(0, 2000).Draw(t, "price")), Currency: dollars})
	}
	setUp := func(a *Account) error { return a.AssignPlan(w.plans[0], w.Now) }
	if _, err := w.do(setUp); err != nil {
		t.Fatal(err)
	}
	_, _ = w.do(func(a *Account) error { return a.AssignPacks(w.packs, &w.plans[0], w.Now) })
	if _, err := w.do(func(a *Account) error { return a.Start(w.plans[0], w.Now) }); err != nil {
		t.Fatal(err)
	}
	return w
}

// twin is another world with the same past.
func (w *walk) twin() *walk {
	twin := &walk{world: newWorld(w.Now), plans: w.plans, packs: w.packs}
	twin.Account.Zone, twin.Account.Policy, twin.slice = w.Account.Zone, w.Account.Policy, 1
	_, _ = twin.do(func(a *Account) error { return a.AssignPlan(w.plans[0], w.Now) })
	_, _ = twin.do(func(a *Account) error { return a.AssignPacks(w.packs, &w.plans[0], w.Now) })
	_, _ = twin.do(func(a *Account) error { return a.Start(w.plans[0], w.Now) })
	return twin
}

func (w *walk) lookIn(t *rapid.T, from, to time.Time, stops []float64) {
	for _, part := range stops {
		at := from.Add(time.Duration(part * float64(to.Sub(from))))
		if at.Before(w.Now) {
			continue
		}
		w.Now = at
		if _, err := w.advance(); err != nil {
			t.Fatal(err)
		}
	}
}

var dollars = Currency{Code: "USD", Digits: 2}

func drawTerms(t *rapid.T) Terms {
	terms := Terms{
		Name: "Plan", Currency: dollars, IntervalCount: rapid.IntRange(1, 3).Draw(t, "count"),
		Interval:       rapid.SampledFrom([]Interval{Day, Week, Month, Month, Year}).Draw(t, "interval"),
		PaymentDueDays: rapid.SampledFrom([]int{0, 1, 7, 40}).Draw(t, "due"), GraceDays: rapid.SampledFrom([]int{0, 2, 7, 40}).Draw(t, "grace"),
		AddonPacks: rapid.Bool().Draw(t, "packs"), Chat: rapid.Bool().Draw(t, "chat"), ChatsPerMinute: 7_000_000,
		Rounding: Rounding{IncrementSeconds: rapid.SampledFrom([]int{0, 6, 60}).Draw(t, "increment"), FreeBelowSeconds: rapid.SampledFrom([]int{0, 5}).Draw(t, "free")},
	}
	kind := rapid.IntRange(0, 2).Draw(t, "kind")
	if kind != 1 {
		fee := Money(rapid.SampledFrom([]int{0, 1, 9900}).Draw(t, "fee"))
		terms.RecurringFee, terms.Included = &fee, Millis(rapid.IntRange(0, 60).Draw(t, "included"))*Minute
	}
	if kind != 0 {
		rate := Rate(rapid.SampledFrom([]int{0, 12_345, 250_000}).Draw(t, "rate"))
		terms.Rate = &rate
		if rapid.Bool().Draw(t, "capped") {
			most := Millis(rapid.IntRange(0, 40).Draw(t, "cap")) * Minute
			terms.OverageCap = &most
		}
	}
	return terms
}

// step lets some time pass and tells one command.
func (w *walk) step(t *rapid.T) command {
	passes := []time.Duration{0, 0, time.Second, time.Hour, 20 * time.Hour, 3 * 24 * time.Hour, 8 * 24 * time.Hour, 33 * 24 * time.Hour, 100 * 24 * time.Hour}
	pass := rapid.SampledFrom(passes).Draw(t, "pass")
	w.Now = w.Now.Add(pass)
	if due, any := w.Account.NextDue(); any && pass > time.Hour && rapid.Bool().Draw(t, "exactly") && due.After(w.Now.Add(-pass)) {
		w.Now = due // stand on the very instant at which something happens
	}
	c := w.draw(t)
	err := w.tell(c)
	var refusal *Error
	if err != nil && !errors.As(err, &refusal) {
		t.Fatalf("%s: %v is no refusal", c.name, err)
	}
	return c
}

func (w *walk) tell(c command) error {
	_, err := w.do(func(a *Account) error { return c.do(w, a) })
	return err
}

func (w *walk) draw(t *rapid.T) command {
	draws := []func(*rapid.T) command{
		w.drawUse, w.drawUse, w.drawUse, w.drawCorrection, w.drawUpdate, w.drawUpdate, w.drawPayment, w.drawOneTime, w.drawPack, w.drawAdjust,
		w.drawEnd, w.drawStart, w.drawAccess, w.drawCampaign, w.drawCampaign,
	}
	return rapid.SampledFrom(draws).Draw(t, "command")(t)
}

func (w *walk) drawUse(t *rapid.T) command {
	u := UsageEvent{Source: "walk", EventID: fmt.Sprint("e", len(w.Facts)), Kind: Call, Talk: Millis(rapid.IntRange(0, 40*60_000).Draw(t, "talk"))}
	u.EndedAt = w.Now.Add(-rapid.SampledFrom([]time.Duration{0, 0, time.Minute, 40 * 24 * time.Hour}).Draw(t, "ago"))
	if rapid.IntRange(0, 5).Draw(t, "chat") == 0 {
		u.Kind, u.Talk, u.Chats = Chat, 0, int64(rapid.IntRange(1, 90).Draw(t, "chats"))
	}
	return command{"use", func(w *walk, a *Account) error { _, err := a.Use(u, w.Now); return err }}
}

func (w *walk) drawCorrection(t *rapid.T) command {
	ids := []string{}
	for _, e := range w.Facts {
		if f, ok := e.Fact.(UsageRecorded); ok {
			ids = append(ids, f.Event.EventID)
		}
	}
	if len(ids) == 0 {
		return w.drawUse(t)
	}
	id := rapid.SampledFrom(ids).Draw(t, "event")
	if rapid.Bool().Draw(t, "void") {
		return command{"void", func(w *walk, a *Account) error { return a.Void(*w.Events[id], w.history, "test", w.Now) }}
	}
	talk := Millis(rapid.IntRange(0, 40*60_000).Draw(t, "talk"))
	return command{"correct", func(w *walk, a *Account) error { return a.Correct(*w.Events[id], talk, w.history, "test", w.Now) }}
}

// drawRequest picks a request by its number, 0 where there is none.
func (w *walk) drawRequest(t *rapid.T) int64 {
	if w.numbers == 0 {
		return 0
	}
	return int64(rapid.IntRange(1, int(w.numbers)).Draw(t, "request"))
}

func (w *walk) drawUpdate(t *rapid.T) command {
	number := w.drawRequest(t)
	u := RequestUpdate{Status: rapid.SampledFrom([]RequestStatus{Paid, Paid, Pending, Overdue, Failed, Voided}).Draw(t, "status")}
	u.Clawback = u.Status == Voided && rapid.Bool().Draw(t, "clawback")
	return command{"update", func(w *walk, a *Account) error {
		r := w.byNumber(number)
		if r == nil {
			return a.UpdateRequest(0, u, w.Now)
		}
		return a.UpdateRequest(r.ID, u, w.Now)
	}}
}

func (w *walk) drawPayment(t *rapid.T) command {
	first, second := w.drawRequest(t), w.drawRequest(t)
	amount := Money(rapid.IntRange(1, 12_000).Draw(t, "amount"))
	part := Money(rapid.IntRange(1, int(amount)).Draw(t, "part"))
	p := Payment{Currency: dollars, Amount: amount, Method: rapid.SampledFrom([]string{"BANK", MethodCredit}).Draw(t, "method"), ReceivedAt: w.Now}
	return command{"payment", func(w *walk, a *Account) error {
		if r := w.byNumber(first); r != nil {
			p.Allocations = []Allocation{{r.ID, part}}
		}
		if r := w.byNumber(second); r != nil && first != second && amount > part {
			p.Allocations = append(p.Allocations, Allocation{r.ID, amount - part})
		}
		_, err := a.ReceivePayment(p, w.Now)
		return err
	}}
}

func (w *walk) drawOneTime(t *rapid.T) command {
	line := LineItem{Description: "Set-up", Amount: Money(rapid.IntRange(-5, 500).Draw(t, "amount"))}
	due := w.Now.Add(time.Duration(rapid.IntRange(-2, 40).Draw(t, "days")) * 24 * time.Hour)
	return command{"ask", func(w *walk, a *Account) error {
		_, err := a.RequestOneTime(OneTimeRequest{Currency: dollars, Lines: []LineItem{line}, DueAt: due}, w.Now)
		return err
	}}
}

func (w *walk) drawPack(t *rapid.T) command {
	i, paid := rapid.IntRange(0, 2).Draw(t, "pack"), rapid.Bool().Draw(t, "paid")
	return command{"apply", func(w *walk, a *Account) error { _, err := a.ApplyPack(w.packs[i], paid, "", w.Now); return err }}
}

func (w *walk) drawAdjust(t *rapid.T) command {
	delta := Millis(rapid.IntRange(-60, 60).Draw(t, "delta")) * Minute
	return command{"adjust", func(w *walk, a *Account) error { return a.AdjustWallet(delta, "test", w.Now) }}
}

func (w *walk) drawEnd(t *rapid.T) command {
	c := Cancellation{BillUsage: rapid.Bool().Draw(t, "bill"), Prorate: rapid.Bool().Draw(t, "prorate"), OpenRequests: rapid.SampledFrom([]OpenRequests{KeepOpen, CancelOpen}).Draw(t, "open")}
	plan := w.plans[rapid.IntRange(0, 2).Draw(t, "plan")]
	switch rapid.IntRange(0, 4).Draw(t, "end") {
	case 0:
		return command{"cancel", func(w *walk, a *Account) error { return a.Cancel(c, w.Now) }}
	case 1:
		return command{"cancel at period end", func(w *walk, a *Account) error { return a.CancelAtPeriodEnd(c, w.Now) }}
	case 2:
		return command{"undo cancel", func(w *walk, a *Account) error { return a.UndoCancel(w.Now) }}
	case 3:
		return command{"change plan", func(w *walk, a *Account) error { return a.ChangePlan(plan, c, w.Now) }}
	}
	return command{"change plan at period end", func(w *walk, a *Account) error { return a.ChangePlanAtPeriodEnd(plan, c, w.Now) }}
}

func (w *walk) drawStart(t *rapid.T) command {
	i := rapid.IntRange(0, 2).Draw(t, "plan")
	switch rapid.IntRange(0, 3).Draw(t, "start") {
	case 0:
		return command{"assign", func(w *walk, a *Account) error { return a.AssignPlan(w.plans[i], w.Now) }}
	case 1:
		return command{"remove", func(w *walk, a *Account) error { return a.RemovePlan(w.Now) }}
	}
	return command{"start", func(w *walk, a *Account) error {
		plan := Plan{}
		if a.PlanID != 0 {
			plan = w.plans[a.PlanID-10]
		}
		return a.Start(plan, w.Now)
	}}
}

func (w *walk) drawAccess(t *rapid.T) command {
	on := rapid.Bool().Draw(t, "on")
	until := w.Now.Add(time.Duration(rapid.IntRange(-1, 30).Draw(t, "days")) * 24 * time.Hour)
	policy := rapid.SampledFrom([]DenialPolicy{PauseAll, OutboundOnly}).Draw(t, "policy")
	switch rapid.IntRange(0, 3).Draw(t, "access") {
	case 0:
		return command{"hold", func(w *walk, a *Account) error { return a.SetHold(on, "test", w.Now) }}
	case 1:
		return command{"exempt", func(w *walk, a *Account) error { return a.SetOverride(until, "test", w.Now) }}
	case 2:
		return command{"end exemption", func(w *walk, a *Account) error { return a.SetOverride(time.Time{}, "", w.Now) }}
	}
	return command{"denial", func(w *walk, a *Account) error { return a.SetDenialPolicy(policy, w.Now) }}
}

func (w *walk) drawCampaign(t *rapid.T) command {
	direction := rapid.SampledFrom([]string{"", "INBOUND", "OUTBOUND"}).Draw(t, "direction")
	verb, n := rapid.IntRange(0, 4).Draw(t, "verb"), rapid.IntRange(0, 5).Draw(t, "campaign")
	return command{"campaign", func(w *walk, a *Account) error {
		if verb == 0 || len(a.Campaigns) == 0 {
			_, err := a.RegisterCampaign(Campaign{Name: "Recall", Direction: direction}, w.Now)
			return err
		}
		id := a.Campaigns[n%len(a.Campaigns)].ID
		switch verb {
		case 1:
			return a.PauseCampaign(id, "test", w.Now)
		case 2:
			return a.ResumeCampaign(id, w.Now)
		case 3:
			return a.StopCampaign(id, w.Now)
		}
		return a.EditCampaign(id, nil, nil, &direction, w.Now)
	}}
}

// TestPlainTextIsCheckedAsAnyOther: the quick look at a text lets nothing through that the thorough one refuses.
func TestPlainTextIsCheckedAsAnyOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ -~]{0,12}`), rapid.SampledFrom([]string{"", " ", "  ", " a", "a ", "a\x7f", "a\nb", "\xff"})).Draw(t, "text")
		least, most := rapid.IntRange(0, 3).Draw(t, "least"), rapid.IntRange(0, 12).Draw(t, "most")
		got, want := checkText("name", text, least, most), checkOddText("name", text, least, most)
		if (got == nil) != (want == nil) {
			t.Fatalf("%q of %d to %d characters: %v, thoroughly %v", text, least, most, got, want)
		}
	})
}
