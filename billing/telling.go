package billing

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Tell says in sentences what new facts of the account do: what stands in a dialog before it is agreed to.
func (a *Account) Tell(entries []Entry) []string {
	t := telling{account: a}
	for _, e := range entries {
		if text := t.fact(e.Fact); text != "" {
			t.says = append(t.says, text+".")
		}
	}
	t.campaigns(t.paused, "pauses", "pause")
	t.campaigns(t.resumed, "resumes", "resume")
	return t.says
}

type telling struct {
	account         *Account
	says            []string
	denied          bool // there was a denial already: what it paused stays paused
	paused, resumed []string
}

func (t *telling) fact(fact Fact) string {
	switch f := fact.(type) {
	case PlanAssigned:
		return "Assigns the plan " + f.PlanName
	case PlanRemoved:
		return "Removes the plan"
	case PacksAssigned:
		return "Offers " + counted(len(f.PackIDs), "pack")
	case SubscriptionStarted:
		return fmt.Sprintf("Starts a subscription on %s, version %d", f.Terms.Name, f.PlanVersion)
	case PeriodOpened:
		return fmt.Sprintf("Opens a period from %s to %s%s", t.day(f.Start), t.day(f.End), t.included())
	case PeriodClosed:
		return fmt.Sprintf("Closes the open period with %s minutes used", f.Used.Total().Minutes())
	case StatusChanged:
		return "The subscription becomes " + f.To.Spoken()
	case CancelScheduled:
		if f.Cancel.Next != nil {
			return fmt.Sprintf("The plan changes to %s on %s; until then it can be taken back", f.Cancel.Next.Terms.Name, t.day(f.At))
		}
		return fmt.Sprintf("The subscription ends on %s; until then it can be taken back", t.day(f.At))
	case CancelUndone:
		return "The subscription goes on as before"
	case SubscriptionCanceled:
		return "Cancels the subscription for good"
	}
	return t.money(fact)
}

func (t *telling) money(fact Fact) string {
	switch f := fact.(type) {
	case RequestIssued:
		return t.issued(f.Request)
	case RequestChanged:
		return t.changed(f)
	case PaymentRecorded:
		return payment(f.Payment)
	case CreditLineGranted:
		return "Takes " + f.CreditLine.Currency.FormatWithCode(f.CreditLine.Amount) + " off the next request"
	case WalletMoved:
		return wallet(f)
	case UsageCorrected:
		return "Returns " + Split{}.Minus(sum(f.Parts)).Spoken()
	}
	return t.access(fact)
}

func (t *telling) access(fact Fact) string {
	switch f := fact.(type) {
	case HoldChanged:
		if f.On {
			return "Puts the client on hold"
		}
		return "Lifts the hold"
	case OverrideSet:
		return "Exempts the client from denials until " + t.day(f.Until)
	case OverrideEnded:
		return "Ends the exemption"
	case AccessChanged:
		t.denied = f.From != Allowed
		if f.Reason == Allowed {
			return "Calls are allowed again"
		}
		return "Calls are denied: " + f.Reason.Spoken()
	case CampaignChanged:
		return t.campaign(f)
	}
	return ""
}

func (t *telling) campaign(f CampaignChanged) string {
	name := t.account.Campaign(f.CampaignID).Name
	is := func(n string) bool { return n == name }
	switch {
	case f.Status == Stopped:
		return "Stops " + name + " for good"
	case f.Status == Running:
		t.resumed = append(t.resumed, name)
	case slices.ContainsFunc(t.resumed, is): // resumed by hand, and paused again because the client is denied
		t.resumed = slices.DeleteFunc(t.resumed, is)
		return name + " stays paused until calls are allowed"
	case f.PausedBy == ByUser || !t.denied:
		t.paused = append(t.paused, name)
	}
	return ""
}

func (t *telling) issued(r Request) string {
	text := fmt.Sprintf("Issues %s for %s", r.Label(), r.Currency.FormatWithCode(r.Amount))
	if r.Status == Paid {
		return text + ", which credit pays in full"
	}
	return text + ", due " + t.day(r.DueAt)
}

func (t *telling) changed(f RequestChanged) string {
	r := t.account.Request(f.RequestID)
	if f.From == f.To {
		return ""
	}
	return r.Label() + " becomes " + f.To.Spoken()
}

func payment(p Payment) string {
	switch {
	case p.Method == "RELEASE":
		return "Keeps the " + p.Currency.FormatWithCode(p.Credit) + " that were received as client credit"
	case p.Method == "REVERSAL":
		return "Reverses the payment of " + p.Currency.FormatWithCode(-p.Amount) + " by a new entry"
	case p.Method == MethodCredit:
		return "Uses " + p.Currency.FormatWithCode(-p.Credit) + " of the client's credit"
	case p.Credit > 0:
		return fmt.Sprintf("Records a payment of %s; %s of it become client credit", p.Currency.FormatWithCode(p.Amount), p.Currency.FormatWithCode(p.Credit))
	}
	return "Records a payment of " + p.Currency.FormatWithCode(p.Amount)
}

func wallet(f WalletMoved) string {
	switch {
	case f.Kind == Clawback && f.Shortfall > 0:
		return fmt.Sprintf("Takes %s minutes back from the wallet; %s were used already", (-f.Delta).Minutes(), f.Shortfall.Minutes())
	case f.Delta < 0:
		return "Takes " + (-f.Delta).Minutes() + " minutes from the wallet"
	case f.Kind == Adjustment:
		return "Adds " + f.Delta.Minutes() + " minutes to the wallet"
	}
	return "Credits " + f.Delta.Minutes() + " minutes to the wallet now"
}

// campaigns says which campaigns follow: by name while they are few.
func (t *telling) campaigns(names []string, one, many string) {
	switch n := len(names); {
	case n == 0:
	case n == 1:
		t.says = append(t.says, fmt.Sprintf("The campaign %s %s.", names[0], one))
	case n <= 3:
		t.says = append(t.says, fmt.Sprintf("The campaigns %s %s.", strings.Join(names, ", "), many))
	default:
		t.says = append(t.says, fmt.Sprintf("%d campaigns %s.", n, many))
	}
}

// day is a day in the zone the client reckons in.
func (t *telling) day(at time.Time) string { return spokenDate(at, t.account.zone()) }

// included is what a new period begins with.
func (t *telling) included() string {
	if terms := t.account.Subscription.Terms; terms.Included > 0 {
		return " with " + terms.Included.Minutes() + " included minutes"
	}
	return ""
}

// zone is where the client's days begin: in its subscription's frozen zone, else in its own.
func (a *Account) zone() string {
	if a.Subscription != nil {
		return a.Subscription.Zone
	}
	return a.Zone
}

func sum(parts []Part) (all Split) {
	for _, p := range parts {
		all = all.Plus(p.Split)
	}
	return all
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Spoken is the status in words.
func (s Status) Spoken() string { return strings.ReplaceAll(string(s), "_", " ") }

// Spoken is the status in words.
func (s RequestStatus) Spoken() string { return strings.ToLower(string(s)) }

// Spoken is the reason in words.
func (r Reason) Spoken() string {
	if r == AgencyHold {
		return "on hold"
	}
	return strings.ReplaceAll(string(r), "_", " ")
}

// Spoken is a split in words, the pools that gave nothing left out: "10 min included, 60 min wallet".
func (s Split) Spoken() string {
	var words []string
	say := func(ms Millis, pool string) {
		if ms != 0 {
			words = append(words, ms.Spoken()+" "+pool)
		}
	}
	say(s.Included, "included")
	say(s.Wallet, "wallet")
	say(s.Billable, "billable")
	say(s.Uncovered, "uncovered")
	if len(words) == 0 {
		return "nothing"
	}
	return strings.Join(words, ", ")
}
