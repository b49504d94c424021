package portal

import (
	"strings"

	"minutebook/billing"
	"minutebook/web/ui"
)

// planCard is the plan that runs or would start, with its prices.
func (w *view) planCard() ui.Piece {
	card := ui.Card{Title: w.T("plan.title"), Live: "plan"}
	switch s := w.account.Subscription; {
	case w.account.Live():
		card.Status = []ui.Badge{w.status(s.Status)}
		facts := append(w.planFacts(s.Terms), ui.Fact{Name: w.T("plan.period"), Value: ui.Text(w.spokenPeriod(w.account.Period))})
		card.Body = []ui.Piece{named(s.Terms), facts}
		card.Foot = w.endPiece(s)
	case w.plan != nil:
		card.Status = []ui.Badge{w.status("")}
		if s != nil {
			card.Status = []ui.Badge{w.status(s.Status)}
		}
		card.Body = []ui.Piece{named(w.plan.Terms), w.planFacts(w.plan.Terms)}
		card.Foot = w.startPiece()
	default:
		card.Body = []ui.Piece{ui.Empty{Icon: "catalog", Title: w.T("plan.none"), Text: w.T("plan.none.why", "agency", w.Brand.Name())}}
	}
	return card
}

// named is a plan by its name, with what the agency says of it.
func named(t billing.Terms) ui.Piece {
	if t.Description == "" {
		return ui.Section{Title: t.Name}
	}
	return ui.Section{Title: t.Name, Sub: t.Description}
}

// endPiece says what was agreed about the period's end.
func (w *view) endPiece(s *billing.Subscription) ui.Piece {
	day := w.Tongue.Day(w.account.Period.End.In(w.Zone))
	switch {
	case s.Cancel == nil:
		return nil
	case s.Cancel.Next != nil:
		return ui.Text(w.T("plan.changes", "plan", s.Cancel.Next.Terms.Name, "day", day))
	}
	return ui.Text(w.T("plan.ends", "day", day))
}

// planFacts are the terms as a grid of names and values.
func (w *view) planFacts(t billing.Terms) (facts ui.Facts) {
	add := func(name, value string) { facts = append(facts, ui.Fact{Name: name, Value: ui.Text(value)}) }
	if t.RecurringFee != nil {
		add(w.T("plan.fee"), w.T("plan.fee.every", "sum", w.spokenSum(t.Currency, *t.RecurringFee), "every", w.every(t)))
		add(w.T("plan.included"), w.includedWords(t))
	} else {
		add(w.T("plan.fee"), w.T("plan.fee.none"))
		add(w.T("plan.rhythm"), w.every(t))
	}
	add(w.T("plan.rate"), w.rateWords(t))
	if t.AddonPacks {
		add(w.T("plan.packs"), w.T("plan.packs.on"))
	} else {
		add(w.T("plan.packs"), w.T("plan.packs.off"))
	}
	add(w.T("plan.due"), w.T("plan.due.days", "due", w.days(t.PaymentDueDays), "grace", w.days(t.GraceDays)))
	if words := w.roundingWords(t.Rounding); words != "" {
		add(w.T("plan.rounding"), words)
	}
	return facts
}

func (w *view) includedWords(t billing.Terms) string {
	if n := t.IncludedChats(); n > 0 {
		return w.T("plan.included.chats", "minutes", w.Tongue.Short(t.Included), "n", n)
	}
	return w.T("plan.included.minutes", "minutes", w.Tongue.Short(t.Included))
}

func (w *view) rateWords(t billing.Terms) string {
	if t.Rate == nil {
		return w.T("plan.rate.none")
	}
	rate := w.Tongue.Rate(*t.Rate, t.Currency)
	if t.OverageCap != nil {
		return w.T("plan.rate.cap", "rate", rate, "minutes", w.Tongue.Short(*t.OverageCap))
	}
	return rate
}

func (w *view) roundingWords(r billing.Rounding) string {
	var words []string
	add := func(text string, seconds int) {
		if seconds > 0 {
			words = append(words, text)
		}
	}
	add(w.T("rounding.free", "seconds", int64(r.FreeBelowSeconds)), r.FreeBelowSeconds)
	add(w.T("rounding.minimum", "seconds", int64(r.MinimumSeconds)), r.MinimumSeconds)
	add(w.T("rounding.next", "seconds", int64(r.IncrementSeconds)), r.IncrementSeconds)
	return strings.Join(words, ", ")
}

// mayStart says whether the client may start its assigned plan now.
func (w *view) mayStart() bool { return w.Agency.PortalStart && w.plan != nil && !w.account.Live() }

func (w *view) startPiece() ui.Piece {
	if !w.mayStart() {
		return ui.Muted(w.T("start.waits", "agency", w.Brand.Name()))
	}
	t := w.plan.Terms
	says := []string{w.T("start.says", "plan", t.Name)}
	if t.RecurringFee != nil && *t.RecurringFee > 0 {
		due := billing.AddDays(w.Now, t.PaymentDueDays, w.Zone)
		says = append(says, w.T("start.says.fee", "sum", w.spokenSum(t.Currency, *t.RecurringFee), "day", w.Tongue.Day(due.In(w.Zone))))
	}
	return w.Act(ui.Act{ID: "start", Label: w.T("start.label"), Main: true, Title: w.T("start.title", "plan", t.Name), Says: says, Form: ui.Form{Action: "/portal/start", Submit: ui.Submit{Text: w.T("start.now")}}})
}
