package model

import (
	"errors"
	"fmt"
)

var errRefused = errors.New("the state does not allow it")

// when accepts what follows only if the state allows it.
func when(allowed bool, do func()) error {
	if !allowed {
		return errRefused
	}
	do()
	return nil
}

// do carries out one command on a state that has been brought forward to it.
func (b *books) do(command any) error {
	s := b.live()
	running := s != nil && !b.reached(s.End) // a blocked one may outlast its period
	switch c := command.(type) {
	case nil:
		return nil
	case AssignPlan:
		return when(s == nil, func() { b.plan = &c.Plan })
	case EditPlan:
		return when(b.plan != nil, func() { b.plan = &c.Plan })
	case Start:
		return when(s == nil && b.plan != nil && b.subscription(c.Subscription) == nil, func() { b.start(c.Subscription, *b.plan) })
	case Cancel:
		if c.AtPeriodEnd {
			return when(running, func() { s.Ending, s.ending, s.changes = true, c, nil })
		}
		return when(s != nil, func() { b.end(s, c) })
	case UndoCancel:
		return when(s != nil && s.Ending, func() { s.Ending, s.changes = false, nil })
	case ChangePlan:
		if s != nil && c.Prorate && c.Plan.Currency != s.plan.Currency {
			return errRefused
		}
		if c.AtPeriodEnd {
			return when(running, func() { s.Ending, s.ending, s.changes = true, c.Cancel, &c })
		}
		return when(s != nil && b.subscription(c.Subscription) == nil, func() { b.change(s, c) })
	case Use:
		return b.use(c)
	case Void:
		return b.void(b.event(c.Source, c.Event))
	case Correct:
		return b.correct(b.event(c.Source, c.Event), c.TalkMS)
	case ApplyPack:
		return when(s != nil && s.Status != Blocked && s.plan.Packs && b.request(c.Request) == nil, func() { b.applyPack(s, c) })
	case OneTime:
		return when(b.request(c.Request) == nil, func() {
			b.issue(Request{Key: c.Request, Kind: Once, Currency: c.Currency, Amount: c.Amount, Due: c.Due})
		})
	case SetStatus:
		r := b.request(c.Request)
		return when(r != nil, func() { b.setStatus(r, c.To, c.Clawback) })
	case Pay:
		return b.pay(c)
	case Adjust:
		return when(b.WalletMS+c.MS >= 0, func() { b.WalletMS += c.MS })
	case Hold:
		b.hold = c.On
	case Override:
		b.override = c.Until
	case SetDenial:
		b.denial = c.Denial
	case Campaign:
		return when(b.campaign(c.Key) == nil, func() {
			b.Campaigns = append(b.Campaigns, &CampaignState{Key: c.Key, Direction: c.Direction, Status: "RUNNING"})
		})
	case PauseCampaign:
		return b.steer(c.Key, "PAUSED", "USER")
	case ResumeCampaign:
		return b.steer(c.Key, "RUNNING", "")
	case StopCampaign:
		return b.steer(c.Key, "STOPPED", "")
	default:
		return fmt.Errorf("no command %T", command)
	}
	return nil
}

// change cancels and starts in one. The unused part of the fee waits for the new one.
func (b *books) change(s *Subscription, c ChangePlan) {
	b.end(s, c.Cancel)
	if c.Prorate {
		b.Lines = append(b.Lines, CreditLine{Currency: s.plan.Currency.Code, Amount: b.unused(s), ofFee: true})
	}
	b.start(c.Subscription, c.Plan)
}

func (b *books) applyPack(s *Subscription, c ApplyPack) {
	b.WalletMS += c.MinutesMS
	r := b.issue(Request{
		Key: c.Request, Kind: Pack, Subscription: s.ID, Currency: s.plan.Currency.Code, Amount: c.Price,
		Due: AddDays(b.at, s.plan.DueDays, b.zone), packMS: c.MinutesMS,
	})
	if c.Paid {
		b.setStatus(r, Paid, false)
	}
}

func (b *books) campaign(key string) *CampaignState {
	return find(b.Campaigns, func(c *CampaignState) bool { return c.Key == key })
}

func find[T any](list []*T, sought func(*T) bool) *T {
	for _, one := range list {
		if sought(one) {
			return one
		}
	}
	return nil
}

// steer is a person's hand on a campaign; billing has its say right after.
func (b *books) steer(key, status, by string) error {
	c := b.campaign(key)
	return when(c != nil && c.Status != "STOPPED", func() { c.Status, c.PausedBy, c.Reason = status, by, "" })
}
