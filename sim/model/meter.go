package model

import (
	"fmt"
	"math"
	"math/big"
	"time"
)

// billed is what a call or a chat costs in minutes.
func billed(plan Terms, kind string, talkMS, chats int64) int64 {
	if kind == "CHAT" {
		if !plan.Chat {
			return 0
		}
		one := new(big.Rat).SetInt64(60000)
		return chats * round(one.Quo(one, decimal(plan.ChatsPerMinute))).Int64()
	}
	if talkMS == 0 || talkMS < plan.FreeBelowS*1000 {
		return 0
	}
	ms := max(talkMS, plan.MinimumS*1000)
	if step := plan.IncrementS * 1000; step > 0 {
		ms = (ms + step - 1) / step * step
	}
	return ms
}

// left is what the pools of the open period hold.
func (b *books) left(s *Subscription) Split {
	left := Split{Included: s.plan.IncludedMS - s.Used.Included}
	if s.plan.Packs {
		left.Wallet = b.WalletMS
	}
	switch {
	case s.plan.Rate != "" && s.plan.CapMS == nil:
		left.Billable = math.MaxInt64
	case s.plan.Rate != "":
		left.Billable = *s.plan.CapMS - s.Used.Billable
	}
	return left
}

// draw takes from pool after pool; what no pool holds is uncovered.
func (b *books) draw(e *Event, s *Subscription, ms int64) {
	left := b.left(s)
	take := func(have int64) int64 { got := min(ms, have); ms -= got; return got }
	d := Split{Included: take(left.Included), Wallet: take(left.Wallet), Billable: take(left.Billable), Uncovered: take(math.MaxInt64)}
	s.Used = s.Used.Plus(d, 1)
	b.WalletMS -= d.Wallet
	e.Split = e.Split.Plus(d, 1)
	for i := range e.parts { // what was drawn from one period is one part, whenever it was drawn
		if p := &e.parts[i]; p.subscription == s.ID && p.index == s.Index {
			p.Split = p.Split.Plus(d, 1)
			return
		}
	}
	e.parts = append(e.parts, part{s.ID, s.Index, d})
}

// giveBack returns what was drawn last first.
func (b *books) giveBack(e *Event, ms int64) {
	take := func(have int64) int64 { got := min(ms, have); ms -= got; return got }
	for i := len(e.parts) - 1; i >= 0; i-- {
		p := &e.parts[i]
		d := Split{Uncovered: take(p.Uncovered), Billable: take(p.Billable), Wallet: take(p.Wallet), Included: take(p.Included)}
		p.Split = p.Split.Plus(d, -1)
		e.Split = e.Split.Plus(d, -1)
		b.returned(*p, d)
	}
}

// returned books minutes given back: into the period if it is open, else as
// minutes in the wallet and money on a credit line.
func (b *books) returned(p part, d Split) {
	s := b.subscription(p.subscription)
	if s == b.live() && s.Index == p.index {
		s.Used = s.Used.Plus(d, -1)
		b.WalletMS += d.Wallet
		return
	}
	b.WalletMS += d.Included + d.Wallet
	for _, c := range b.Closed {
		if c.Subscription == p.subscription && c.Index == p.index {
			before := c.Used.Billable - c.returned
			c.returned += d.Billable
			amount := b.charge(s.plan, before) - b.charge(s.plan, before-d.Billable)
			r := b.request(fmt.Sprintf("U/%s/%d", s.ID, c.Index))
			if r != nil && r.Status != Canceled && amount > 0 {
				b.Lines = append(b.Lines, CreditLine{Currency: r.Currency, Amount: amount})
			}
		}
	}
}

func (b *books) subscription(id string) *Subscription {
	return find(b.Subscriptions, func(s *Subscription) bool { return s.ID == id })
}

func (b *books) event(source, id string) *Event {
	return find(b.Events, func(e *Event) bool { return e.Source == source && e.Event == id })
}

func absurd(talkMS int64) bool { return talkMS < 0 || talkMS > 24*3600*1000 }

func (b *books) use(u Use) error {
	u.Started, u.Ended = u.Started.UTC(), u.Ended.UTC()
	if e := b.event(u.Source, u.Event); e != nil {
		return when(e.use == u, func() {}) // the same again has no effect
	}
	if absurd(u.TalkMS) || u.Chats < 0 || u.Ended.Before(u.Started) || u.Ended.After(b.at.Add(10*time.Minute)) {
		return errRefused
	}
	e := &Event{Source: u.Source, Event: u.Event, Status: "UNRATED", use: u}
	b.Events = append(b.Events, e)
	s := b.live()
	if s == nil || u.Ended.Before(s.began) {
		return nil
	}
	e.Status, e.Subscription, e.Index = "RATED", s.ID, s.Index
	e.BilledMS = billed(s.plan, u.Kind, u.TalkMS, u.Chats)
	if e.Late = u.Ended.Before(s.Start); e.Late {
		for e.LateIndex = s.Index - 1; u.Ended.Before(b.boundary(s, e.LateIndex)); e.LateIndex-- {
		}
	}
	b.draw(e, s, e.BilledMS)
	return nil
}

// void gives everything back; the event keeps telling what it had cost.
func (b *books) void(e *Event) error {
	if e == nil || e.Status == "VOIDED" {
		return errRefused
	}
	e.Status = "VOIDED"
	was := e.Split
	b.giveBack(e, was.Total())
	e.Split = was
	return nil
}

// correct compares what the call should have drawn with what it has drawn.
func (b *books) correct(e *Event, talkMS int64) error {
	if e == nil || e.Status == "VOIDED" || e.use.Kind == "CHAT" || absurd(talkMS) {
		return errRefused
	}
	if e.Status == "UNRATED" {
		return nil
	}
	more := billed(b.subscription(e.Subscription).plan, "CALL", talkMS, 0) - e.Split.Total()
	if s := b.live(); more > 0 && s != nil {
		b.draw(e, s, more)
	}
	if more < 0 {
		b.giveBack(e, -more)
	}
	e.BilledMS = e.Split.Total() // what found nothing to draw from is not billed
	return nil
}
