package billing

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

// String is the receipt in English.
func (r Receipt) String() string {
	text := make([]byte, 0, 200)
	for i, each := range r.Said() {
		if i > 0 {
			text = append(text, ' ')
		}
		text = each.append(text, inEnglish{})
	}
	return string(text)
}

// Said is the receipt, sentence by sentence: which pools gave how much, at what price, and why the billed time differs
// from the talk time.
func (r Receipt) Said() []Saying {
	said := []Saying{r.drawn()}
	if talk := r.Event.Event.Talk; r.Event.Event.Kind == Call && r.Event.Status != Unrated && r.Event.Billed != talk && r.Event.Billed == r.Terms.Rounding.Apply(talk) {
		said = append(said, r.rounded())
	}
	if r.Split.Uncovered > 0 {
		said = append(said, say("receipt.unfunded", "time", r.Split.Uncovered))
	}
	if r.Late {
		said = append(said, say("receipt.late", "belongs", int64(r.CallPeriod), "drawn", int64(r.Period)))
	}
	if r.Corrected {
		said = append(said, say("receipt.corrected"))
	}
	if r.Event.Status == VoidUsage {
		said = append(said, say("receipt.void", "reason", r.VoidReason))
	}
	return said
}

// drawn is the first sentence.
func (r Receipt) drawn() Saying {
	if len(r.Event.Parts) == 0 && r.Event.Billed == 0 && r.Split == (Split{}) && r.Terms.Name == "" {
		return say("receipt.unrated", "what", r.what())
	}
	parts := []Saying{}
	part := func(key string, ms Millis, more ...any) {
		if ms > 0 {
			parts = append(parts, say(key, append([]any{"time", ms}, more...)...))
		}
	}
	part("part.included", r.Split.Included)
	part("part.wallet", r.Split.Wallet)
	if r.Terms.Rate != nil {
		part("part.billable", r.Split.Billable, "rate", *r.Terms.Rate, "currency", r.Terms.Currency.Code)
	}
	part("part.uncovered", r.Split.Uncovered)
	if len(parts) == 0 {
		return say("receipt.nothing", "what", r.what())
	}
	return say("receipt.drawn", "what", r.what(), "parts", parts)
}

// what names the event: "Call call-1 of 100 min".
func (r Receipt) what() Saying {
	e := r.Event.Event
	if e.Kind == Chat {
		return say("receipt.chat", "name", e.Name(), "chats", e.Chats, "each", r.perChat())
	}
	return say("receipt.call", "name", e.Name(), "talk", e.Talk)
}

func (r Receipt) perChat() Millis {
	if !r.Terms.Chat {
		return 0
	}
	return r.Terms.ChatsPerMinute.PerChat()
}

// rounded says why the billed time is not the talk time.
func (r Receipt) rounded() Saying {
	if r.Event.Billed == 0 {
		return say("receipt.free", "seconds", int64(r.Terms.Rounding.FreeBelowSeconds))
	}
	rules := []Saying{}
	if n := r.Terms.Rounding.MinimumSeconds; n > 0 {
		rules = append(rules, say("rounding.least", "seconds", int64(n)))
	}
	if n := r.Terms.Rounding.IncrementSeconds; n > 0 {
		rules = append(rules, say("rounding.step", "seconds", int64(n)))
	}
	return say("receipt.rounded", "time", r.Event.Billed, "rules", rules)
}
