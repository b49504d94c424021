package model

import (
	"fmt"
	"math/big"
	"time"
)

// open says that something is still asked for.
func (r *Request) open() bool {
	return r.Status == Pending || r.Status == Overdue || r.Status == Failed
}

func (r *Request) cycle() bool { return r.Kind == Recurring || r.Kind == Usage }

func (b *books) request(key string) *Request {
	return find(b.Requests, func(r *Request) bool { return r.Key == key })
}

func (b *books) issueCycle(s *Subscription, kind string, amount int64, counted time.Time) {
	due := AddDays(counted, s.plan.DueDays, b.zone)
	b.issue(Request{
		Key: fmt.Sprintf("%c/%s/%d", kind[0], s.ID, s.Index), Kind: kind, Subscription: s.ID, Currency: s.plan.Currency.Code, Amount: amount,
		Due: due, Grace: AddDays(due, s.plan.GraceDays, b.zone), PeriodStart: s.Start, PeriodEnd: s.End,
	})
}

// issue numbers a request. One that asks for nothing is paid.
func (b *books) issue(r Request) *Request {
	r.Number, r.Status, r.Issued = len(b.Requests)+1, Pending, b.at
	b.Requests = append(b.Requests, &r)
	if r.Amount == 0 {
		b.setStatus(&r, Paid, false)
	}
	return &r
}

func (b *books) charge(plan Terms, ms int64) int64 {
	return b.minor(Charge(ms, plan.Rate, plan.Currency.Digits))
}

func (b *books) minor(amount *big.Int) int64 {
	if !amount.IsInt64() {
		b.fault = fmt.Errorf("the amount %v is too large", amount)
	}
	return amount.Int64()
}

// unused is the part of the prepaid fee that time has not used up yet. A fee never
// asked for, or voided, was not prepaid.
func (b *books) unused(s *Subscription) int64 {
	r := b.request(fmt.Sprintf("R/%s/%d", s.ID, s.Index))
	if r == nil || r.Status == Canceled || b.reached(s.End) {
		return 0
	}
	part := big.NewRat(int64(s.End.Sub(b.at)), int64(s.End.Sub(s.Start)))
	return b.minor(round(part.Mul(part, new(big.Rat).SetInt64(*s.plan.Fee))))
}

// setStatus undoes what the old status did and does what the new one does.
func (b *books) setStatus(r *Request, to string, clawback bool) {
	if r.Status == to {
		if to == Canceled && clawback {
			b.clawBack(r) // of a pack whose minutes were left at first
		}
		return
	}
	switch r.Status {
	case Paid:
		if r.marked {
			r.Paid -= r.marking
		} else {
			b.paidToCredit(r)
		}
		r.marked, r.marking, r.PaidAt = false, 0, time.Time{}
	case Canceled:
		b.WalletMS += r.clawed
		r.clawed, r.tried = 0, false
	}
	switch to {
	case Paid:
		r.marked, r.marking, r.Paid, r.PaidAt = true, r.Amount-r.Paid, r.Amount, b.at
	case Canceled:
		b.paidToCredit(r)
		if clawback {
			b.clawBack(r)
		}
	}
	r.Status = to
}

// clawBack takes what is left of a pack's minutes, once while it is canceled; only a pack has minutes.
func (b *books) clawBack(r *Request) {
	if r.tried {
		return
	}
	r.tried, r.clawed = true, min(r.packMS, b.WalletMS)
	b.WalletMS -= r.clawed
}

func (b *books) paidToCredit(r *Request) {
	b.credit(r.Currency, r.Paid)
	r.Paid = 0
}

func (b *books) credit(currency string, amount int64) {
	if amount != 0 {
		b.Credit[currency] += amount
	}
}

// pay puts money on requests, each at most what is due; the rest becomes credit.
func (b *books) pay(p Pay) error {
	rest := p.Amount
	for _, a := range p.Allocations {
		r := b.request(a.Request)
		if r == nil || r.Currency != p.Currency || a.Amount < 0 {
			return errRefused
		}
		if !r.open() {
			continue
		}
		put := min(a.Amount, r.Amount-r.Paid)
		rest -= put
		r.Paid += put
		if r.Paid == r.Amount {
			r.Status, r.PaidAt = Paid, b.at
		}
	}
	b.credit(p.Currency, rest)
	if p.FromCredit {
		b.credit(p.Currency, -p.Amount)
	}
	return when(rest >= 0 && b.Credit[p.Currency] >= 0, func() {})
}

// takeLines uses up credit lines, oldest first, and says how much they cover. A fee is
// covered by what waits of an earlier fee, usage by anything.
func (b *books) takeLines(currency string, amount int64, ofFee bool) int64 {
	var waiting []CreditLine
	covered := int64(0)
	for _, line := range b.Lines {
		if line.Currency == currency && (line.ofFee || !ofFee) {
			use := min(line.Amount, amount-covered)
			covered += use
			line.Amount -= use
		}
		if line.Amount > 0 {
			waiting = append(waiting, line)
		}
	}
	b.Lines = waiting
	return covered
}
