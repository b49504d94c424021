package billing

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Coming is something that will happen by itself, unless something else is done before.
type Coming struct {
	At   time.Time
	What string // a sentence for agency and client
	Bad  bool   // it takes something away
}

// Upcoming lists what is still to come after an instant, soonest first: the same instants that NextDue walks, told
// ahead. It is a list of conditions, not a forecast: each says what happens if nothing is done about it. Rules 3.4.
func (a *Account) Upcoming(now time.Time) []Coming {
	var list []Coming
	add := func(at time.Time, bad bool, format string, args ...any) {
		if at.After(now) {
			list = append(list, Coming{At: at, What: fmt.Sprintf(format, args...), Bad: bad})
		}
	}
	for _, r := range a.Requests {
		a.comingOf(r, add)
	}
	if a.Live() {
		a.comingAtPeriodEnd(add)
	}
	if a.Override != nil {
		add(a.Override.Until, true, "The exemption from denials ends.")
	}
	slices.SortStableFunc(list, func(x, y Coming) int { return cmp.Compare(x.At.UnixMicro(), y.At.UnixMicro()) })
	return list
}

type addComing func(at time.Time, bad bool, format string, args ...any)

func (a *Account) comingOf(r *Request, add addComing) {
	if !r.Open() {
		return
	}
	name := fmt.Sprintf("%s (%s)", r.Label(), r.Currency.FormatWithCode(r.Due()))
	cycle := a.Live() && r.isCycleOf(a.Subscription.ID)
	switch {
	case !cycle:
		add(r.DueAt, false, "%s is due. If unpaid: overdue.", name)
	case a.Subscription.Terms.GraceDays == 0:
		add(r.DueAt, true, "%s is due, without grace. If unpaid: blocked%s.", name, a.pausing())
	case a.Subscription.Status == Active:
		add(r.DueAt, true, "%s is due. If unpaid: past due%s.", name, a.pausing())
	case a.Subscription.Status == PastDue:
		add(r.DueAt, true, "%s is due. If unpaid: overdue.", name)
	}
	if cycle && a.Subscription.Status != Blocked && r.GraceEndsAt.After(r.DueAt) {
		add(r.GraceEndsAt, true, "Grace for %s ends. If unpaid: blocked until %s.", r.Label(), a.wayOut())
	}
}

// pausing says how many campaigns a denial would pause now.
func (a *Account) pausing() string {
	n := 0
	for _, c := range a.Campaigns {
		if c.Status == Running && !a.Denial.Spares(c.Direction) {
			n++
		}
	}
	switch n {
	case 0:
		return ""
	case 1:
		return ", 1 campaign pauses"
	}
	return fmt.Sprintf(", %d campaigns pause", n)
}

func (a *Account) wayOut() string {
	if a.Policy.BlockedExit == ExitOnPayment {
		return "paid"
	}
	return "canceled and started anew"
}

func (a *Account) comingAtPeriodEnd(add addComing) {
	s, end := a.Subscription, a.Period.End
	switch {
	case s.Cancel != nil && s.Cancel.Next != nil:
		add(end, false, "The plan changes to %q: a new subscription starts%s.", s.Cancel.Next.Terms.Name, firstFee(s.Cancel.Next.Terms))
	case s.Cancel != nil:
		add(end, true, "The subscription is canceled%s. The wallet stays.", a.finalBill(s.Cancel.BillUsage))
	case s.Status != Blocked:
		add(end, false, "Period ends%s%s%s.", a.reset(), firstFee(s.Terms), a.finalBill(true))
	}
}

func (a *Account) reset() string {
	if a.Subscription.Terms.Included == 0 {
		return ""
	}
	return ": included minutes reset to " + a.Subscription.Terms.Included.Minutes()
}

func firstFee(t Terms) string {
	if t.RecurringFee == nil || *t.RecurringFee == 0 {
		return ""
	}
	return ", " + t.Currency.FormatWithCode(*t.RecurringFee) + " requested"
}

// finalBill tells what billable minutes would cost if the period ended as it stands.
func (a *Account) finalBill(bill bool) string {
	t := a.Subscription.Terms
	if !bill || t.Rate == nil {
		return ""
	}
	amount, err := Charge(a.Period.Used.Billable, *t.Rate, t.Currency)
	if err != nil || amount == 0 {
		return ""
	}
	return fmt.Sprintf(", %s for %s billable minutes so far requested", t.Currency.FormatWithCode(amount), a.Period.Used.Billable.Minutes())
}

// Monthly is what a recurring fee comes to in an average month, rounded down to the minor unit: a figure to compare
// plans by, never one to ask for.
func (t Terms) Monthly() Money {
	if t.RecurringFee == nil {
		return 0
	}
	fee, count := *t.RecurringFee, Money(t.IntervalCount)
	switch t.Interval {
	case Day:
		return fee * 365 / (12 * count)
	case Week:
		return fee * 52 / (12 * count)
	case Year:
		return fee / (12 * count)
	case Month:
	}
	return fee / count
}
