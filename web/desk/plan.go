package desk

import (
	"fmt"
	"strings"

	"minutebook/billing"
	"minutebook/web/ui"
)

// PlanBadges tells plan terms in badges: "Recurring · 99.00 USD / month", "Usage · 0.25/min", ...
func PlanBadges(t billing.Terms) ui.Line {
	var line ui.Line
	add := func(text string) { line = append(line, ui.Badge{Tone: ui.Plain, Text: text}) }
	if t.RecurringFee != nil {
		add("Recurring · " + Sum(t.Currency, *t.RecurringFee) + " / " + t.Every())
	}
	if t.Rate != nil {
		add("Usage · " + t.Rate.String() + "/min")
	}
	if t.AddonPacks {
		add("Add-on packs · On")
	}
	if t.Chat {
		add("Chat Enabled")
		add("1 min = " + t.ChatsPerMinute.String() + " chats")
	}
	if t.IntervalCount > 1 {
		add(fmt.Sprintf("%d× %s", t.IntervalCount, adverb(t.Interval)))
	}
	return line
}

func adverb(i billing.Interval) string {
	switch i {
	case billing.Day:
		return "Daily"
	case billing.Week:
		return "Weekly"
	case billing.Year:
		return "Yearly"
	case billing.Month:
	}
	return "Monthly"
}

// PlanFacts tells plan terms as a grid of names and values.
func PlanFacts(t billing.Terms) ui.Facts {
	facts := ui.Facts{}
	add := func(name, value string) { facts = append(facts, ui.Fact{Name: name, Value: ui.Text(value)}) }
	if t.RecurringFee != nil {
		add("Recurring fee", Sum(t.Currency, *t.RecurringFee)+" per "+t.Every())
		add("Included minutes", includedWords(t))
	} else {
		add("Recurring fee", "None")
		add("Billing period", period(t))
	}
	add("Per-minute rate", rateWords(t))
	if t.AddonPacks {
		add("Add-on packs", "Available")
	} else {
		add("Add-on packs", "Not with this plan")
	}
	add("Payment due", DueWords(t))
	if words := roundingWords(t.Rounding); words != "" {
		add("Call rounding", words)
	}
	return facts
}

func includedWords(t billing.Terms) string {
	words := Short(t.Included) + " per period"
	if n := t.IncludedChats(); n > 0 {
		words += " (or " + Count(n, "chat", "chats") + ")"
	}
	return words
}

func rateWords(t billing.Terms) string {
	if t.Rate == nil {
		return "None: calls stop when the minutes are used up"
	}
	words := t.Rate.String() + " " + t.Currency.Code
	if t.OverageCap != nil {
		words += ", at most " + Short(*t.OverageCap) + " min per period"
	}
	return words
}

// DueWords says when requests of a plan are due: "7 days, 7 days grace".
func DueWords(t billing.Terms) string {
	return Count(int64(t.PaymentDueDays), "day", "days") + ", " + Count(int64(t.GraceDays), "day", "days") + " grace"
}

func roundingWords(r billing.Rounding) string {
	var words []string
	if r.FreeBelowSeconds > 0 {
		words = append(words, fmt.Sprintf("free below %d s", r.FreeBelowSeconds))
	}
	if r.MinimumSeconds > 0 {
		words = append(words, fmt.Sprintf("at least %d s", r.MinimumSeconds))
	}
	if r.IncrementSeconds > 0 {
		words = append(words, fmt.Sprintf("up to the next %d s", r.IncrementSeconds))
	}
	return strings.Join(words, ", ")
}

// period is how long a period is: "1 month", "2 months".
func period(t billing.Terms) string {
	if t.IntervalCount == 1 {
		return "1 " + t.Every()
	}
	return t.Every()
}

// Example tells what one period costs a client who talks so many minutes: in a sentence, then line by line.
func Example(t billing.Terms, talk billing.Millis) ui.Piece {
	e, err := t.Example(talk)
	if err != nil {
		return ui.Muted("An example cannot be made: " + err.Error())
	}
	receipt := ui.Receipt{Title: "One example period of " + period(t), Words: []string{fmt.Sprintf("A client using %s minutes pays %s.", Short(talk), Sum(t.Currency, e.Sum))}}
	if e.Used.Uncovered > 0 {
		receipt.Words = append(receipt.Words, fmt.Sprintf("Calls stop after %s minutes, unless a pack is bought.", Short(e.Covered)))
	}
	for _, r := range e.Requests {
		name, note := "Recurring fee", "at the start"
		if r.Kind == billing.Usage {
			name, note = "Usage", ui.Grouped(r.Lines[0].Quantity)+" min × "+ui.Grouped(r.Lines[0].UnitAmount)+", at the end"
		}
		receipt.Lines = append(receipt.Lines, ui.Charge{Name: name, Note: note, Value: Money(r.Currency, r.Amount)})
	}
	receipt.Total = &ui.Charge{Name: "In all", Note: SplitWords(e.Used), Value: Money(t.Currency, e.Sum)}
	return receipt
}
