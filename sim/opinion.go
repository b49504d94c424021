package sim

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"time"

	"minutebook/billing"
	"minutebook/sim/model"
)

// Second asks package model, which computes everything from the accepted commands anew and has never read billing.
type Second struct{}

// Differs compares everything there is to see of a client.
func (Second) Differs(c *Client) []string {
	names := modelNames(c)
	log := retell(c, names)
	agency := model.Agency{Recovery: string(c.Account.Policy.Recovery), BlockedExit: string(c.Account.Policy.BlockedExit)}
	state, err := model.Books(agency, model.Client{Zone: c.Account.Zone, Denial: string(billing.PauseAll)}, log, c.Now)
	if err != nil {
		return []string{fmt.Sprintf("the second opinion would refuse what was accepted: %v", err)}
	}
	return compareViews(viewOf(c, names), viewOfModel(state))
}

// modelNames names each subscription after the command that brought it about: a scheduled plan change makes its
// subscription long after it was told.
func modelNames(c *Client) map[billing.ID]string {
	names := map[billing.ID]string{}
	for i, told := range c.Log {
		if told.Made != 0 {
			names[told.Made] = fmt.Sprintf("s%d", i)
		}
	}
	for _, e := range c.Facts {
		started, is := e.Fact.(billing.SubscriptionStarted)
		if !is || names[started.SubscriptionID] != "" {
			continue
		}
		for i, told := range c.Log {
			if change, is := told.Do.(ChangePlan); is && change.AtPeriodEnd && !told.At.After(e.At) {
				names[started.SubscriptionID] = fmt.Sprintf("s%d", i)
			}
		}
	}
	return names
}

// retell puts the log into the model's words.
func retell(c *Client, names map[billing.ID]string) (log []model.Command) {
	keys, stopped := map[billing.ID]string{}, map[billing.ID]bool{}
	for _, r := range c.Account.Requests {
		keys[r.ID] = keyFor(r, names)
	}
	for i, told := range c.Log {
		made := fmt.Sprintf("s%d", i)
		add := func(do any) { log = append(log, model.Command{At: told.At, Do: do}) }
		switch do := told.Do.(type) {
		case AssignPlan:
			add(model.AssignPlan{Plan: termsFor(do.Plan.Terms)})
		case RemovePlan, AssignPacks: // what is offered does not bear on the books
		case Start:
			add(model.EditPlan{Plan: termsFor(do.Plan.Terms)})
			add(model.Start{Subscription: made})
		case Cancel:
			add(cancelFor(do.Cancellation, do.AtPeriodEnd))
		case UndoCancel:
			add(model.UndoCancel{})
		case ChangePlan:
			add(model.ChangePlan{Subscription: made, Plan: termsFor(do.Plan.Terms), Prorate: do.Prorate && !do.AtPeriodEnd, Cancel: cancelFor(do.Cancellation, do.AtPeriodEnd)})
		case Use:
			u := do.Event
			add(model.Use{Source: u.Source, Event: u.EventID, Kind: string(u.Kind), Started: u.StartedAt, Ended: u.EndedAt, TalkMS: int64(u.Talk), Chats: u.Chats})
		case Void:
			add(model.Void{Source: do.Source, Event: do.Event})
		case Correct:
			add(model.Correct{Source: do.Source, Event: do.Event, TalkMS: int64(do.Talk)})
		case ApplyPack:
			add(model.ApplyPack{Request: told.Made.String(), MinutesMS: int64(do.Pack.Minutes), Price: int64(do.Pack.Price), Paid: do.Paid})
		case RequestOneTime:
			add(oneTimeFor(told.Made, do.OneTimeRequest))
		case UpdateRequest:
			add(model.SetStatus{Request: keys[do.Request], To: string(do.Status), Clawback: do.Clawback})
		case Pay:
			add(payFor(do.Payment, keys))
		case StopCampaign: // stopping it again is welcome and does nothing
			if !stopped[do.Campaign] {
				add(model.StopCampaign{Key: do.Campaign.String()})
			}
			stopped[do.Campaign] = true
		default:
			add(accessFor(told))
		}
	}
	return log
}

// keyFor is Key with the subscription named as the model knows it.
func keyFor(r *billing.Request, names map[billing.ID]string) string {
	key := Key(r)
	if r.SubscriptionID != 0 && strings.Contains(key, "/") {
		key = strings.Replace(key, "/"+r.SubscriptionID.String()+"/", "/"+names[r.SubscriptionID]+"/", 1)
	}
	return key
}

func termsFor(t billing.Terms) model.Terms {
	m := model.Terms{
		Currency: model.Currency{Code: t.Currency.Code, Digits: t.Currency.Digits}, IncludedMS: int64(t.Included), Interval: string(t.Interval), Count: t.IntervalCount,
		Packs: t.AddonPacks, Chat: t.Chat, DueDays: t.PaymentDueDays, GraceDays: t.GraceDays,
		IncrementS: int64(t.Rounding.IncrementSeconds), MinimumS: int64(t.Rounding.MinimumSeconds), FreeBelowS: int64(t.Rounding.FreeBelowSeconds),
	}
	if t.RecurringFee != nil {
		fee := int64(*t.RecurringFee)
		m.Fee = &fee
	}
	if t.Rate != nil {
		m.Rate = t.Rate.String()
	}
	if t.Chat {
		m.ChatsPerMinute = t.ChatsPerMinute.String()
	}
	if t.OverageCap != nil {
		most := int64(*t.OverageCap)
		m.CapMS = &most
	}
	return m
}

func cancelFor(c billing.Cancellation, atPeriodEnd bool) model.Cancel {
	return model.Cancel{AtPeriodEnd: atPeriodEnd, CancelOpen: c.OpenRequests == billing.CancelOpen, BillUsage: c.BillUsage}
}

func oneTimeFor(made billing.ID, o billing.OneTimeRequest) model.OneTime {
	m := model.OneTime{Request: made.String(), Currency: o.Currency.Code, Due: o.DueAt}
	for _, line := range o.Lines {
		m.Amount += int64(line.Amount)
	}
	return m
}

func payFor(p billing.Payment, keys map[billing.ID]string) model.Pay {
	m := model.Pay{Amount: int64(p.Amount), Currency: p.Currency.Code, FromCredit: p.Method == billing.MethodCredit}
	for _, part := range p.Allocations {
		m.Allocations = append(m.Allocations, model.Allocation{Request: keys[part.RequestID], Amount: int64(part.Amount)})
	}
	return m
}

func accessFor(told Told) any {
	switch do := told.Do.(type) {
	case Adjust:
		return model.Adjust{MS: int64(do.Delta)}
	case SetHold:
		return model.Hold{On: do.On}
	case SetOverride:
		return model.Override{Until: do.Until}
	case SetDenialPolicy:
		return model.SetDenial{Denial: string(do.Policy)}
	case RegisterCampaign:
		return model.Campaign{Key: told.Made.String(), Direction: do.Direction}
	case PauseCampaign:
		return model.PauseCampaign{Key: do.Campaign.String()}
	case ResumeCampaign:
		return model.ResumeCampaign{Key: do.Campaign.String()}
	}
	panic(fmt.Sprintf("sim: the second opinion has no word for %T", told.Do))
}

// view is what there is to see, a line a thing, the same words for both opinions.
type view map[string]string

func (v view) see(key string, what ...any) { v[key] = fmt.Sprintln(what...) }

func at(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func viewOf(c *Client, names map[billing.ID]string) view {
	v, a := view{}, c.Account
	v.see("wallet", int64(a.Wallet))
	v.see("access", a.Access.Reason)
	v.see("exhausted", a.IsExhausted())
	if s := a.Subscription; s != nil {
		v.see("subscription", names[s.ID], s.Status, at(s.StatusSince), a.Period.Index, at(a.Period.Start), at(a.Period.End), split(a.Period.Used), s.Cancel != nil)
	}
	for i, r := range a.Requests {
		v.see("request "+keyFor(r, names), i+1, r.Kind, r.Status, int64(r.Amount), int64(r.AmountPaid), at(r.IssuedAt), at(r.DueAt), at(r.GraceEndsAt), at(r.PaidAt), at(r.PeriodStart), at(r.PeriodEnd))
	}
	for _, credit := range a.Credits {
		if credit.Amount != 0 {
			v.see("credit "+credit.Currency.Code, int64(credit.Amount))
		}
	}
	lines := map[string]int64{}
	for _, line := range a.CreditLines {
		lines[line.Currency.Code] += int64(line.Left)
	}
	v.lines(lines)
	for _, m := range a.Campaigns {
		v.see("campaign "+m.ID.String(), m.Status, m.PausedBy, reasonOf(string(m.PausedBy), m.PauseReason))
	}
	viewFacts(v, c, names)
	return v
}

func viewFacts(v view, c *Client, names map[billing.ID]string) {
	for _, e := range c.Facts {
		switch f := e.Fact.(type) {
		case billing.PeriodClosed:
			v.see(fmt.Sprintf("closed %s/%d", names[f.SubscriptionID], f.Index), at(f.ClosedAt), split(f.Used))
		case billing.UsageRecorded:
			u := c.events[eventKey(f.Event)]
			now, belongs := billing.Split{}, 0
			for _, part := range u.Parts {
				now = now.Plus(part.Split)
			}
			if f.Late {
				belongs = f.CallPeriod
			}
			v.see("event "+eventKey(f.Event), u.Status, int64(u.Billed), split(now), f.PeriodIndex, f.Late, belongs)
		}
	}
}

func viewOfModel(m model.State) view {
	v := view{}
	v.see("wallet", m.WalletMS)
	v.see("access", m.Access)
	v.see("exhausted", m.Exhausted)
	if n := len(m.Subscriptions); n > 0 {
		s := m.Subscriptions[n-1]
		v.see("subscription", s.ID, s.Status, at(s.Since), s.Index, at(s.Start), at(s.End), s.Used, s.Ending)
	}
	for _, r := range m.Requests {
		v.see("request "+r.Key, r.Number, r.Kind, r.Status, r.Amount, r.Paid, at(r.Issued), at(r.Due), at(r.Grace), at(r.PaidAt), at(r.PeriodStart), at(r.PeriodEnd))
	}
	for code, amount := range m.Credit {
		if amount != 0 {
			v.see("credit "+code, amount)
		}
	}
	lines := map[string]int64{}
	for _, line := range m.Lines {
		lines[line.Currency] += line.Amount
	}
	v.lines(lines)
	for _, c := range m.Campaigns {
		v.see("campaign "+c.Key, c.Status, c.PausedBy, reasonOf(c.PausedBy, c.Reason))
	}
	for _, p := range m.Closed {
		v.see(fmt.Sprintf("closed %s/%d", p.Subscription, p.Index), at(p.At), p.Used)
	}
	for _, e := range m.Events {
		v.see("event "+e.Source+"/"+e.Event, e.Status, e.BilledMS, e.Split, e.Index, e.Late, e.LateIndex)
	}
	return v
}

func (v view) lines(left map[string]int64) {
	for code, amount := range left {
		if amount != 0 {
			v.see("credit lines "+code, amount)
		}
	}
}

// reasonOf is billing's reason; what a person gave as one is nobody's opinion.
func reasonOf(by, reason string) string {
	if by != string(billing.ByBilling) {
		return ""
	}
	return reason
}

func split(s billing.Split) model.Split {
	return model.Split{Included: int64(s.Included), Wallet: int64(s.Wallet), Billable: int64(s.Billable), Uncovered: int64(s.Uncovered)}
}

// compareViews names what the two opinions see otherwise.
func compareViews(first, second view) (differences []string) {
	keys := map[string]bool{}
	for key := range first {
		keys[key] = true
	}
	for key := range second {
		keys[key] = true
	}
	for key := range keys {
		if first[key] != second[key] {
			differences = append(differences, fmt.Sprintf("%s: billing says %s, the second opinion %s", key, quoted(first[key]), quoted(second[key])))
		}
	}
	sort.Strings(differences)
	return differences
}

func quoted(line string) string {
	text, err := json.Marshal(strings.TrimSuffix(line, "\n"))
	if err != nil {
		return line
	}
	return string(text)
}
