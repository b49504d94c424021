package billing

import (
	"fmt"
	"strings"
)

// Receipt is what became of an event's minutes, to be said in words.
type Receipt struct {
	Event      RecordedUsage
	Split      Split // as it stands now; of a voided event, as it stood before
	Terms      Terms // of the subscription; zero for an unrated event
	Late       bool
	Period     int // the index of the period it was drawn from
	CallPeriod int // and of the period its own time belongs to
	Corrected  bool
	VoidReason string
}

// String is the receipt: which pools gave how much, at what price, and why the billed time differs from the talk time.
func (r Receipt) String() string {
	sentences := []string{r.drawn()}
	if talk := r.Event.Event.Talk; r.Event.Event.Kind == Call && r.Event.Status != Unrated && r.Event.Billed != talk && r.Event.Billed == r.Terms.Rounding.Apply(talk) {
		sentences = append(sentences, r.rounded())
	}
	if r.Split.Uncovered > 0 {
		sentences = append(sentences, fmt.Sprintf("%s found no pool with minutes left: used, but never billed.", capital(r.Split.Uncovered.Spoken())))
	}
	if r.Late {
		sentences = append(sentences, fmt.Sprintf("It was reported late: it belongs to period %d and was drawn from period %d.", r.CallPeriod, r.Period))
	}
	if r.Corrected {
		sentences = append(sentences, "A later report of the call corrected it.")
	}
	if r.Event.Status == VoidUsage {
		sentences = append(sentences, fmt.Sprintf("It was voided and its minutes were given back: %s", r.VoidReason))
	}
	return strings.Join(sentences, " ")
}

// drawn is the first sentence.
func (r Receipt) drawn() string {
	if len(r.Event.Parts) == 0 && r.Event.Billed == 0 && r.Split == (Split{}) && r.Terms.Name == "" {
		return r.what() + ": there was no subscription to draw from, so it is recorded and nothing is charged."
	}
	parts := []string{}
	say := func(ms Millis, where string) {
		if ms > 0 {
			parts = append(parts, ms.Spoken()+" "+where)
		}
	}
	say(r.Split.Included, "included")
	say(r.Split.Wallet, "from the wallet")
	if r.Terms.Rate != nil {
		say(r.Split.Billable, fmt.Sprintf("billable at %s %s per minute", r.Terms.Rate, r.Terms.Currency.Code))
	}
	say(r.Split.Uncovered, "uncovered")
	if len(parts) == 0 {
		return r.what() + ": nothing was drawn."
	}
	return r.what() + ": " + strings.Join(parts, ", ") + "."
}

// what names the event: "Call call-1 of 100 min".
func (r Receipt) what() string {
	e := r.Event.Event
	if e.Kind == Chat {
		return fmt.Sprintf("Chat %s, %d at %s each", e.Name(), e.Chats, r.perChat())
	}
	return fmt.Sprintf("Call %s of %s", e.Name(), e.Talk.Spoken())
}

func (r Receipt) perChat() string {
	if !r.Terms.Chat {
		return "0 s"
	}
	return r.Terms.ChatsPerMinute.PerChat().Spoken()
}

// rounded says why the billed time is not the talk time.
func (r Receipt) rounded() string {
	if r.Event.Billed == 0 {
		return fmt.Sprintf("Calls shorter than %d s are free.", r.Terms.Rounding.FreeBelowSeconds)
	}
	rules := []string{}
	if n := r.Terms.Rounding.MinimumSeconds; n > 0 {
		rules = append(rules, fmt.Sprintf("at least %d s", n))
	}
	if n := r.Terms.Rounding.IncrementSeconds; n > 0 {
		rules = append(rules, fmt.Sprintf("up to full %d s", n))
	}
	return fmt.Sprintf("Billed as %s: the plan rounds calls (%s).", r.Event.Billed.Spoken(), strings.Join(rules, ", "))
}

func capital(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
