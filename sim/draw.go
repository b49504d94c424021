package sim

import (
	"fmt"
	"time"

	"minutebook/billing"
)

// drawTerms makes a plan: with a fee, a rate or both; free ones and such without minutes among them.
func (w *run) drawTerms(currency billing.Currency) billing.Terms {
	t := billing.Terms{
		Name: "Plan", Currency: currency, IntervalCount: 1 + w.dice.IntN(3), Interval: pick(w, billing.Day, billing.Week, billing.Month, billing.Month, billing.Year),
		PaymentDueDays: pick(w, 0, 1, 7, 40), GraceDays: pick(w, 0, 2, 7, 40), AddonPacks: w.dice.IntN(4) > 0,
		Chat: w.dice.IntN(2) == 0, ChatsPerMinute: pick[billing.ChatRate](w, 7_000_000, 1_000_000, 2_500_000),
		Rounding: billing.Rounding{IncrementSeconds: pick(w, 0, 0, 6, 60), MinimumSeconds: pick(w, 0, 0, 30), FreeBelowSeconds: pick(w, 0, 5)},
	}
	kind := w.dice.IntN(4)
	if kind != 0 {
		fee := pick[billing.Money](w, 0, 1, 9900, 9900)
		t.RecurringFee, t.Included = &fee, billing.Millis(pick(w, 0, 10, 30, 60))*billing.Minute
	}
	if kind != 1 {
		rate := pick[billing.Rate](w, 0, 12_345, 250_000)
		t.Rate = &rate
		if w.dice.IntN(3) == 0 {
			most := billing.Millis(w.dice.IntN(40)) * billing.Minute
			t.OverageCap = &most
		}
	}
	return t
}

// draw is the next command for a client; nil for a step in which a provider only repeats itself.
func (w *run) draw(c *Client) any {
	draws := []func(*Client) any{
		w.drawUse, w.drawUse, w.drawUse, w.drawReport, w.drawReport, w.drawCorrection, w.drawUpdate, w.drawUpdate, w.drawUpdate, w.drawPay, w.drawPay,
		w.drawOneTime, w.drawPack, w.drawAdjust, w.drawEnd, w.drawStart, w.drawStart, w.drawAccess, w.drawCampaign,
	}
	return pick(w, draws...)(c)
}

func (w *run) drawUse(c *Client) any {
	w.events++
	u := billing.UsageEvent{Source: pick(w, "vapi", "retell"), EventID: fmt.Sprint("e", w.events), Kind: billing.Call, Talk: billing.Millis(w.dice.IntN(40 * 60_000))}
	u.EndedAt = w.now.Add(-pick(w, 0, 0, time.Minute, 26*time.Hour, 40*24*time.Hour, 400*24*time.Hour))
	switch w.dice.IntN(9) {
	case 7, 8: // around the beginning of the period, where the clocks may be changed
		if c.Account.Subscription != nil {
			u.EndedAt = notAfter(c.Account.Period.Start.Add(pick(w, -time.Millisecond, 0, time.Minute, time.Hour)), w.now)
		}
	case 0:
		u.Kind, u.Talk, u.Chats = billing.Chat, 0, int64(1+w.dice.IntN(90))
	case 1: // exactly what is left
		left := c.Account.Left()
		u.Talk = min(left.Included+left.Wallet, billing.LongestCall)
	case 2: // everything, and more
		left := c.Account.Left()
		u.Talk = min(left.Included+left.Wallet+billing.Minute, billing.LongestCall)
	}
	w.result.Reach.at("report out of order", len(c.order) > 0 && u.EndedAt.Before(c.events[c.order[len(c.order)-1]].Event.EndedAt))
	return Use{u}
}

// notAfter is at, or now if that comes first: nothing is reported from the future.
func notAfter(at, now time.Time) time.Time {
	if at.After(now) {
		return now
	}
	return at
}

// drawReport is a provider telling a known call again: unchanged, with other content, or with another length.
func (w *run) drawReport(c *Client) any {
	if len(c.order) == 0 {
		return w.drawUse(c)
	}
	u := c.events[pick(w, c.order...)]
	switch again := u.Event; w.dice.IntN(3) {
	case 0:
		w.result.Reach["repeated report"]++
		return Use{again}
	case 1:
		w.result.Reach["same id, other content"]++
		again.CallID = "another"
		return Use{again}
	}
	return Correct{Source: u.Event.Source, Event: u.Event.EventID, Talk: billing.Millis(w.dice.IntN(40 * 60_000))}
}

func (w *run) drawCorrection(c *Client) any {
	if len(c.order) == 0 {
		return w.drawUse(c)
	}
	u := c.events[pick(w, c.order...)].Event
	return Void{Source: u.Source, Event: u.EventID}
}

// drawRequest picks a request of the client, more often one that is open; nil if there is none.
func (w *run) drawRequest(c *Client) *billing.Request {
	all := c.Account.Requests
	if len(all) == 0 {
		return nil
	}
	for range 4 {
		if r := pick(w, all...); r.Open() {
			return r
		}
	}
	return pick(w, all...)
}

func (w *run) drawUpdate(c *Client) any {
	r := w.drawRequest(c)
	if r == nil {
		return w.drawPack(c)
	}
	u := billing.RequestUpdate{Status: pick(w, billing.Paid, billing.Paid, billing.Paid, billing.Pending, billing.Overdue, billing.Failed, billing.Voided)}
	u.Clawback = u.Status == billing.Voided && r.Kind == billing.PackSale && w.dice.IntN(2) == 0
	return UpdateRequest{Request: r.ID, RequestUpdate: u}
}

func (w *run) drawPay(c *Client) any {
	amount := billing.Money(1 + w.dice.IntN(12_000))
	p := billing.Payment{Currency: w.packs[0].Currency, Amount: amount, Method: pick(w, "BANK", "BANK", billing.MethodCredit), ReceivedAt: w.now}
	first, second := w.drawRequest(c), w.drawRequest(c)
	if first != nil && first.Open() {
		part := min(amount, pick(w, first.Due(), first.Due()+1, amount/2+1))
		p.Allocations = append(p.Allocations, billing.Allocation{RequestID: first.ID, Amount: part})
		if second != nil && second != first && second.Open() && amount > part {
			p.Allocations = append(p.Allocations, billing.Allocation{RequestID: second.ID, Amount: amount - part})
		}
	}
	return Pay{p}
}

func (w *run) drawOneTime(*Client) any {
	return RequestOneTime{billing.OneTimeRequest{
		Currency: w.packs[0].Currency, Lines: []billing.LineItem{{Description: "Set-up", Amount: billing.Money(w.dice.IntN(500) - 5)}},
		DueAt: w.now.Add(time.Duration(w.dice.IntN(42)-2) * 24 * time.Hour),
	}}
}

func (w *run) drawPack(*Client) any { return ApplyPack{pick(w, w.packs...), w.dice.IntN(2) == 0} }

func (w *run) drawAdjust(c *Client) any {
	delta := billing.Millis(w.dice.IntN(120)-60) * billing.Minute
	if w.dice.IntN(4) == 0 {
		delta = -c.Account.Wallet
	}
	return Adjust{delta}
}

func (w *run) drawEnd(c *Client) any {
	how := billing.Cancellation{BillUsage: w.dice.IntN(2) == 0, OpenRequests: pick(w, billing.KeepOpen, billing.CancelOpen), Reason: why}
	later := w.dice.IntN(2) == 0
	switch w.dice.IntN(6) {
	case 0, 1:
		how.Prorate = w.dice.IntN(2) == 0
		return ChangePlan{Cancellation: how, Plan: pick(w, w.plans...), AtPeriodEnd: later}
	case 2:
		return UndoCancel{}
	case 3:
		return Cancel{how, later}
	}
	if s := c.Account.Subscription; s != nil && s.Status == billing.Blocked || w.dice.IntN(3) == 0 {
		return Cancel{how, false}
	}
	return Cancel{how, true}
}

func (w *run) drawStart(c *Client) any {
	if plan := c.assigned(c.Account); plan != nil && w.dice.IntN(3) > 0 {
		return Start{*plan}
	}
	if w.dice.IntN(8) == 0 {
		return RemovePlan{}
	}
	return AssignPlan{pick(w, w.plans...)}
}

func (w *run) drawAccess(c *Client) any {
	switch w.dice.IntN(5) {
	case 0:
		return SetHold{c.Account.Hold == nil}
	case 1:
		return SetHold{w.dice.IntN(2) == 0}
	case 2:
		return SetOverride{}
	case 3:
		return SetDenialPolicy{pick(w, billing.PauseAll, billing.OutboundOnly)}
	}
	return SetOverride{w.now.Add(time.Duration(w.dice.IntN(30)) * 24 * time.Hour)}
}

func (w *run) drawCampaign(c *Client) any {
	if len(c.Account.Campaigns) == 0 || w.dice.IntN(6) == 0 {
		return RegisterCampaign{pick(w, "", "INBOUND", "OUTBOUND")}
	}
	id := pick(w, c.Account.Campaigns...).ID
	switch w.dice.IntN(8) {
	case 0:
		return StopCampaign{id}
	case 1, 2, 3:
		return ResumeCampaign{id}
	}
	return PauseCampaign{id}
}
