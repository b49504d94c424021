package billing

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// verbs are the commands that act on the client.
var verbs map[string]func(s *story, a *Account, args []string, reason string) error

func init() {
	verbs = map[string]func(*story, *Account, []string, string) error{
		"assign": func(s *story, a *Account, args []string, _ string) error {
			return a.AssignPlan(*s.plans[args[0]], s.Now)
		},
		"unassign": func(s *story, a *Account, _ []string, _ string) error { return a.RemovePlan(s.Now) },
		"offer": func(s *story, a *Account, args []string, _ string) error {
			packs := []Pack{}
			for _, name := range args {
				packs = append(packs, *s.packs[name])
			}
			return a.AssignPacks(packs, s.planOf(a), s.Now)
		},
		"start": func(s *story, a *Account, _ []string, _ string) error {
			plan := s.planOf(a)
			if plan == nil {
				plan = &Plan{}
			}
			return a.Start(*plan, s.Now)
		},
		"use": tellUse, "chat": tellUse, "void": tellVoid, "correct": tellCorrect,
		"apply": tellApply, "mark": tellMark, "payment": tellPayment, "credit": tellPayment, "ask": tellAsk,
		"adjust": func(s *story, a *Account, args []string, reason string) error {
			m, err := ParseSignedMinutes("minutes", args[0])
			if err != nil {
				return err
			}
			return a.AdjustWallet(m, reason, s.Now)
		},
		"cancel": tellCancel, "change": tellChange,
		"undo":    func(s *story, a *Account, _ []string, _ string) error { return a.UndoCancel(s.Now) },
		"hold":    func(s *story, a *Account, _ []string, reason string) error { return a.SetHold(true, reason, s.Now) },
		"release": func(s *story, a *Account, _ []string, reason string) error { return a.SetHold(false, reason, s.Now) },
		"exempt":  tellExempt,
		"denial": func(s *story, a *Account, args []string, _ string) error {
			return a.SetDenialPolicy(DenialPolicy(args[0]), s.Now)
		},
		"campaign": tellCampaign, "pause": tellCampaign, "resume": tellCampaign, "stop": tellCampaign,
	}
}

func (s *story) planOf(a *Account) *Plan {
	for _, p := range s.plans {
		if p.ID == a.PlanID {
			return p
		}
	}
	return nil
}

// tellUse: use NAME 12m30s [ended=...] [started=...], chat NAME 7.
func tellUse(s *story, a *Account, args []string, _ string) error {
	u := UsageEvent{Source: "story", EventID: args[0], Kind: Call, EndedAt: s.Now, CallID: args[0]}
	if n, err := strconv.ParseInt(args[1], 10, 64); err == nil {
		u.Kind, u.Chats = Chat, n
	} else {
		u.Talk = readMillis(args[1])
	}
	if ended, set := option(args, "ended"); set {
		u.EndedAt = readOption(ended)
	}
	if started, set := option(args, "started"); set {
		u.StartedAt = readOption(started)
	}
	if known := s.Events[u.EventID]; known != nil {
		return s.repeat(known, u)
	}
	_, err := a.Use(u, s.Now)
	return err
}

// repeat is what the store does about an event id it has seen.
func (s *story) repeat(known *RecordedUsage, u UsageEvent) error {
	if string(known.Event.Fingerprint(2)) == string(u.Fingerprint(2)) {
		s.said = append(s.said, "seen before: nothing happens, the first result is answered")
		return nil
	}
	return conflict("event_conflict", fmt.Sprintf("%s was reported before with %s, now with %s.", u.EventID, known.Event.Talk.Spoken(), u.Talk.Spoken()), "")
}

func tellVoid(s *story, a *Account, args []string, reason string) error {
	return a.Void(*s.Events[args[0]], s.history, reason, s.Now)
}

func tellCorrect(s *story, a *Account, args []string, reason string) error {
	return a.Correct(*s.Events[args[0]], readMillis(args[1]), s.history, reason, s.Now)
}

// tellApply: apply PACK [paid].
func tellApply(s *story, a *Account, args []string, _ string) error {
	_, err := a.ApplyPack(*s.packs[args[0]], flagged(args, "paid"), "", s.Now)
	return err
}

// tellMark: mark PR-1 PAID [external=...] [clawback].
func tellMark(s *story, a *Account, args []string, _ string) error {
	u := RequestUpdate{Status: RequestStatus(args[1]), Clawback: flagged(args, "clawback")}
	if external, set := option(args, "external"); set {
		u.ExternalPaymentID = &external
	}
	return a.UpdateRequest(s.request(args[0]), u, s.Now)
}

func (s *story) request(label string) ID {
	n, err := strconv.ParseInt(strings.TrimPrefix(label, "PR-"), 10, 64)
	if err != nil {
		panic(err)
	}
	if r := s.byNumber(n); r != nil {
		return r.ID
	}
	return 0
}

// tellPayment: payment 100.00 USD PR-1=60.00 PR-2=40.00; with the leading word credit it is paid from client credit.
func tellPayment(s *story, a *Account, args []string, _ string) error {
	currency := readCurrency(args[1])
	p := Payment{Currency: currency, Amount: readMoney(currency, args[0]), Method: "BANK", ReceivedAt: s.Now}
	if flagged(args, "from-credit") {
		p.Method = MethodCredit
	}
	for _, arg := range args[2:] {
		if label, amount, found := strings.Cut(arg, "="); found {
			p.Allocations = append(p.Allocations, Allocation{s.request(label), readMoney(currency, amount)})
		}
	}
	_, err := a.ReceivePayment(p, s.Now)
	return err
}

// tellAsk: ask 50.00 USD due=2027-02-01 [for=Set-up], for Work where nothing is said.
func tellAsk(s *story, a *Account, args []string, _ string) error {
	currency := readCurrency(args[1])
	amount := readMoney(currency, args[0])
	due, _ := option(args, "due")
	what, said := option(args, "for")
	if !said {
		what = "Work"
	}
	line := LineItem{Description: what, Quantity: "1", Unit: "item", UnitAmount: currency.Format(amount), Amount: amount}
	_, err := a.RequestOneTime(OneTimeRequest{Currency: currency, Lines: []LineItem{line}, DueAt: readOption(due)}, s.Now)
	return err
}

// readCancellation: [requests=cancel] [bill=no].
func readCancellation(args []string, reason string) Cancellation {
	c := Cancellation{OpenRequests: KeepOpen, BillUsage: true, Reason: reason}
	if value, _ := option(args, "requests"); value == "cancel" {
		c.OpenRequests = CancelOpen
	}
	if value, _ := option(args, "bill"); value == "no" {
		c.BillUsage = false
	}
	c.Prorate = flagged(args, "prorate")
	return c
}

// tellCancel: cancel [at-period-end] [requests=cancel] [bill=no].
func tellCancel(s *story, a *Account, args []string, reason string) error {
	if flagged(args, "at-period-end") {
		return a.CancelAtPeriodEnd(readCancellation(args, reason), s.Now)
	}
	return a.Cancel(readCancellation(args, reason), s.Now)
}

// tellChange: change PLAN [at-period-end] [prorate].
func tellChange(s *story, a *Account, args []string, reason string) error {
	c := readCancellation(args, reason)
	if flagged(args, "at-period-end") {
		return a.ChangePlanAtPeriodEnd(*s.plans[args[0]], c, s.Now)
	}
	return a.ChangePlan(*s.plans[args[0]], c, s.Now)
}

// tellExempt: exempt until=2027-02-01 because ..., exempt over.
func tellExempt(s *story, a *Account, args []string, reason string) error {
	until, set := option(args, "until")
	if !set {
		return a.SetOverride(time.Time{}, reason, s.Now)
	}
	return a.SetOverride(readOption(until), reason, s.Now)
}

// tellCampaign: campaign NAME [INBOUND], and pause, resume, stop NAME. The verb is found by what the campaign is.
func tellCampaign(s *story, a *Account, args []string, reason string) error {
	verb, name := args[0], args[1]
	id := ID(0)
	for _, c := range a.Campaigns {
		if c.Name == name {
			id = c.ID
		}
	}
	switch verb {
	case "pause":
		return a.PauseCampaign(id, reason, s.Now)
	case "resume":
		return a.ResumeCampaign(id, s.Now)
	case "stop":
		return a.StopCampaign(id, s.Now)
	}
	direction, _ := option(args, "direction")
	_, err := a.RegisterCampaign(Campaign{Name: name, Direction: direction}, s.Now)
	return err
}

// readOption reads an instant in an option: 2027-01-15 or 2027-01-15T10:30:00.
func readOption(text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	return readInstant(strings.Replace(text, "T", " ", 1))
}

func readMillis(text string) Millis {
	d, err := time.ParseDuration(text)
	if err != nil {
		panic(err)
	}
	return Millis(d.Milliseconds())
}

// readCurrency: USD, or a code of the agency's own with its decimals, USDT:6.
func readCurrency(text string) Currency {
	code, digits, own := strings.Cut(text, ":")
	if !own {
		return Currency{Code: code, Digits: ISODigits(code)}
	}
	n, err := strconv.Atoi(digits)
	if err != nil {
		panic(err)
	}
	return Currency{Code: code, Digits: n}
}

// readMoney also reads negative amounts, which no door lets in, to see that the rules refuse them too.
func readMoney(c Currency, text string) Money {
	m, err := c.Parse("amount", strings.TrimPrefix(text, "-"))
	if err != nil {
		panic(err)
	}
	if strings.HasPrefix(text, "-") {
		return -m
	}
	return m
}
