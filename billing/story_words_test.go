package billing

import (
	"fmt"
	"strings"
)

// words tells a fact as a bookkeeper would.
func (s *story) words(e Entry) string {
	switch f := e.Fact.(type) {
	case PlanAssigned:
		return fmt.Sprintf("plan %s (version %d) assigned", f.PlanName, f.Version)
	case PlanRemoved:
		return "plan " + s.names[f.PlanID] + " taken back"
	case PacksAssigned:
		names := []string{}
		for _, id := range f.PackIDs {
			names = append(names, s.names[id])
		}
		return "packs offered: " + orNone(strings.Join(names, ", "))
	case SubscriptionStarted:
		return fmt.Sprintf("subscription started on %s version %d, anchor %s in %s", f.Terms.Name, f.PlanVersion, f.Anchor, f.Zone)
	case PeriodOpened:
		return fmt.Sprintf("period %d opens: %s to %s", f.Index, instant(f.Start), instant(f.End))
	case PeriodClosed:
		return fmt.Sprintf("period %d closes: %s", f.Index, f.Used.words())
	case StatusChanged:
		return fmt.Sprintf("subscription %s -> %s", f.From, f.To)
	case CancelScheduled:
		next := ""
		if f.Cancel.Next != nil {
			next = ", then " + f.Cancel.Next.Terms.Name
		}
		return "cancellation scheduled for " + instant(f.At) + next
	case CancelUndone:
		return "scheduled cancellation undone"
	case SubscriptionCanceled:
		return fmt.Sprintf("subscription %s -> canceled", f.From) + because(f.Reason)
	case HoldChanged:
		if f.On {
			return "hold set" + because(f.Reason)
		}
		return "hold lifted" + because(f.Reason)
	case OverrideSet:
		return "exempt until " + instant(f.Until) + because(f.Reason)
	case OverrideEnded:
		return "exemption ended"
	case DenialPolicyChanged:
		return "a denial now means " + string(f.Policy)
	case AccessChanged:
		return fmt.Sprintf("access: %s -> %s", accessWord(f.From), accessWord(f.Reason))
	}
	return s.moneyWords(e)
}

// moneyWords tells the facts about money and minutes.
func (s *story) moneyWords(e Entry) string {
	switch f := e.Fact.(type) {
	case RequestIssued:
		return f.Request.words()
	case RequestChanged:
		return fmt.Sprintf("%s %s -> %s", s.label(f.RequestID), f.From, f.To)
	case PaymentRecorded:
		return s.paymentWords(f.Payment)
	case CreditLineGranted:
		return fmt.Sprintf("credit line of %s: %s", f.CreditLine.Currency.FormatWithCode(f.CreditLine.Amount), f.CreditLine.Description)
	case CreditLineUsed:
		return fmt.Sprintf("credit line used on %s: %s", s.label(f.RequestID), s.Account.Request(f.RequestID).Currency.FormatWithCode(f.Amount))
	case WalletMoved:
		short := ""
		if f.Shortfall != 0 {
			short = ", short of " + f.Shortfall.Spoken()
		}
		return fmt.Sprintf("wallet %s by %s: now %s%s", signed(f.Delta), f.Kind, e.After.Wallet.Spoken(), short) + because(f.Reason)
	case UsageRecorded:
		return f.words()
	case UsageCorrected:
		return s.correctionWords(f)
	}
	return s.campaignWords(e)
}

func (s *story) campaignWords(e Entry) string {
	switch f := e.Fact.(type) {
	case CampaignRegistered:
		return fmt.Sprintf("campaign %s registered %s", f.Campaign.Name, f.Campaign.Status)
	case CampaignEdited:
		return fmt.Sprintf("campaign %s is %s %s", f.Name, orNone(f.Direction), f.ExternalID)
	case CampaignChanged:
		if f.PausedBy == Nobody {
			return fmt.Sprintf("campaign %s %s", s.Account.Campaign(f.CampaignID).Name, f.Status)
		}
		return fmt.Sprintf("campaign %s %s by %s: %s", s.Account.Campaign(f.CampaignID).Name, f.Status, f.PausedBy, f.Reason)
	}
	panic(fmt.Sprintf("a story has no words for %T", e.Fact))
}

func (r Request) words() string {
	text := fmt.Sprintf("%s issued: %s %s %s, due %s", r.Label(), r.Kind, r.Currency.FormatWithCode(r.Amount), r.Status, instant(r.DueAt))
	if !r.GraceEndsAt.IsZero() {
		text += ", grace ends " + instant(r.GraceEndsAt)
	}
	for _, l := range r.Lines {
		text += fmt.Sprintf("\n    %s | %s %s x %s = %s", l.Description, l.Quantity, l.Unit, l.UnitAmount, r.Currency.Format(l.Amount))
	}
	return text
}

func (s *story) paymentWords(p Payment) string {
	text := fmt.Sprintf("payment %s %s", p.Method, p.Currency.FormatWithCode(p.Amount))
	for _, part := range p.Allocations {
		text += fmt.Sprintf(", %s on %s", p.Currency.Format(part.Amount), s.label(part.RequestID))
	}
	if p.Credit != 0 {
		text += ", client credit " + p.Currency.Format(p.Credit)
	}
	return text
}

func (f UsageRecorded) words() string {
	text := fmt.Sprintf("%s recorded %s: billed %s", f.Event.EventID, f.Status, f.Billed.Spoken())
	if f.Status == Rated {
		text += " = " + f.Split.words()
	}
	if f.Late {
		text += fmt.Sprintf(", late: belongs to period %d", f.CallPeriod)
	}
	return text
}

func (s *story) correctionWords(f UsageCorrected) string {
	text := "voided"
	if !f.Void {
		text = fmt.Sprintf("corrected to %s, billed %s", f.Talk.Spoken(), f.Billed.Spoken())
	}
	for id, u := range s.Events {
		if u.ID == f.UsageEventID {
			text = id + " " + text
		}
	}
	for _, p := range f.Parts {
		text += fmt.Sprintf("; period %d: %s", p.PeriodIndex, p.Split.words())
	}
	if f.WalletDelta != 0 {
		text += "; wallet " + signed(f.WalletDelta)
	}
	return text + because(f.Reason)
}

// words writes a split without its empty parts.
func (s Split) words() string {
	parts := []string{}
	add := func(name string, m Millis) {
		if m != 0 {
			parts = append(parts, name+" "+m.Spoken())
		}
	}
	add("included", s.Included)
	add("wallet", s.Wallet)
	add("billable", s.Billable)
	add("uncovered", s.Uncovered)
	return orNone(strings.Join(parts, " + "))
}

func (s *story) label(id ID) string {
	if r := s.Account.Request(id); r != nil {
		return r.Label()
	}
	return id.String()
}

func signed(m Millis) string {
	if m > 0 {
		return "+" + m.Spoken()
	}
	return m.Spoken()
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return " because " + reason
}

func orNone(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}

func accessWord(r Reason) string {
	if r == Allowed {
		return "allowed"
	}
	return "denied, " + string(r)
}
