package portal

import (
	"time"

	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

// usageCard is what was used in this period.
func (w *view) usageCard() ui.Piece {
	card := ui.Card{Title: w.T("usage.title"), Live: "usage"}
	if !w.account.Live() {
		card.Body = []ui.Piece{ui.Empty{Icon: "usage", Title: w.T("usage.none"), Text: w.T("usage.none.why")}}
		if w.account.Wallet > 0 {
			card.Body = append(card.Body, w.walletSection())
		}
		return card
	}
	t, p := w.account.Subscription.Terms, w.account.Period
	card.Body = []ui.Piece{w.progress(p)}
	if t.Included > 0 {
		card.Body = append(card.Body, ui.Section{Body: []ui.Piece{w.included(t, p)}})
	}
	if t.AddonPacks || w.account.Wallet > 0 {
		card.Body = append(card.Body, w.walletSection())
	}
	if amount, ok := desk.Excess(t, p.Used); ok {
		sub := w.T("usage.billable.sub", "rate", w.Tongue.Rate(*t.Rate, t.Currency), "sum", w.spokenSum(t.Currency, amount))
		card.Body = append(card.Body, ui.Section{Title: w.T("usage.billable"), Value: w.minutes(p.Used.Billable), Sub: sub})
	}
	card.Body = append(card.Body, w.notes()...)
	return card
}

func (w *view) walletSection() ui.Section {
	return ui.Section{Title: w.T("usage.wallet"), Status: []ui.Badge{{Tone: ui.Plain, Text: w.T("usage.wallet.stays")}}, Value: w.minutes(w.account.Wallet)}
}

// progress is how far the period has come.
func (w *view) progress(p billing.Period) ui.Meter {
	day, of := p.Day(w.Now)
	m := ui.Meter{
		Label: w.T("plan.period"), Used: int64(w.Now.Sub(p.Start) / time.Second), Of: int64(p.End.Sub(p.Start) / time.Second), Progress: true,
		Text: w.T("usage.day", "day", day, "of", of), Sub: w.spokenPeriod(p),
	}
	if of <= 1 {
		m.Text, m.Sub = "", w.Tongue.Minute(p.Start.In(w.Zone))+" – "+w.Tongue.Minute(p.End.In(w.Zone))
	}
	return m
}

func (w *view) included(t billing.Terms, p billing.Period) ui.Meter {
	return ui.Meter{
		Label: w.T("usage.included"), Used: int64(p.Used.Included), Of: int64(t.Included), Pool: "included",
		Text: w.T("usage.included.of", "used", w.Tongue.Short(p.Used.Included), "included", w.Tongue.Short(t.Included)),
		Sub:  w.T("usage.resets", "day", w.Tongue.Day(p.End.In(w.Zone))),
	}
}

// notes are what calls for nothing yet: minutes that run low, an empty wallet.
func (w *view) notes() (notes []ui.Piece) {
	s, p := w.account.Subscription, w.account.Period
	note := func(tone ui.Tone, word, text string) {
		notes = append(notes, ui.Section{Body: []ui.Piece{ui.Line{ui.Badge{Tone: tone, Text: word}}}, Sub: text})
	}
	switch {
	case !s.Terms.NearlyUsed(p.Used):
	case p.Used.Included >= s.Terms.Included:
		note(ui.Info, w.T("note.used"), w.beyond(s.Terms))
	default:
		note(ui.Info, w.T("note.low"), w.T("note.low.why"))
	}
	if s.Terms.AddonPacks && w.account.Wallet == 0 && (p.Used.Wallet > 0 || s.Terms.Included > 0 && p.Used.Included >= s.Terms.Included) {
		note(ui.Info, w.T("note.wallet"), w.T("note.wallet.why"))
	}
	return notes
}

// beyond says what a call costs once the included minutes are used. Where none is allowed for another reason, the banner
// says all there is to say.
func (w *view) beyond(t billing.Terms) string {
	switch {
	case w.answer.Reason == billing.MinutesExhausted:
		return w.T("banner.lifted", "by", w.Tongue.Say(w.answer.Lifts))
	case !w.answer.Allowed:
		return ""
	case t.AddonPacks && w.account.Wallet > 0:
		return w.T("note.used.wallet")
	case t.Rate != nil:
		return w.T("note.used.rate", "rate", w.Tongue.Rate(*t.Rate, t.Currency))
	}
	return w.T("note.used.none")
}

// mostBars are the days of a month, and the one that two periods share.
const mostBars = 32

// daysCard is the period day by day: all of one that is a month at most, else its latest days.
func (w *view) daysCard() (ui.Piece, error) {
	if !w.account.Live() {
		return nil, nil
	}
	p := w.account.Period
	days := w.chartDays(p)
	usage, err := w.App.UsageByDay(w.R.Context(), w.Who, w.client.ID, days[0], days[len(days)-1])
	if err != nil {
		return nil, err
	}
	return ui.Card{Title: w.T("chart.label"), Live: "days", Body: []ui.Piece{w.bars(days, usage)}}, nil
}

func (w *view) chartDays(p billing.Period) (days []billing.Date) {
	_, of := p.Day(w.Now)
	first, n := billing.DateOf(p.Start.In(w.Zone)), of+1
	if n > mostBars {
		n = mostBars
		if latest := billing.DateOf(w.Now.In(w.Zone)).Plus(1 - n); latest > first {
			first = latest
		}
	} else if n < 7 {
		n = 7
		first = billing.DateOf(w.Now.In(w.Zone)).Plus(1 - n)
	}
	for i := range n {
		days = append(days, first.Plus(i))
	}
	return days
}

func (w *view) bars(days []billing.Date, usage map[billing.Date]billing.Tally) ui.Chart {
	chart := ui.Chart{Label: w.T("chart.label"), Unit: w.T("unit.min"), Empty: ui.Empty{Title: w.T("chart.none")}, Series: []ui.Series{
		{Name: w.T("pool.included"), Class: "included"}, {Name: w.T("pool.wallet"), Class: "wallet"}, {Name: w.T("pool.billable"), Class: "billable"},
	}}
	for _, tally := range usage {
		if tally.Split.Uncovered > 0 && len(chart.Series) == 3 {
			chart.Series = append(chart.Series, ui.Series{Name: w.T("pool.uncovered"), Class: "uncovered"})
		}
	}
	for _, day := range days {
		s := usage[day].Split
		bar := ui.Bar{Name: w.Tongue.ShortDay(day.Noon()), Full: w.Tongue.Day(day.Noon()), Total: w.Tongue.Minutes(usage[day].Drawn())}
		for _, ms := range []billing.Millis{s.Included, s.Wallet, s.Billable, s.Uncovered}[:len(chart.Series)] {
			bar.Values = append(bar.Values, ui.Value{N: int64(ms), Text: w.Tongue.Minutes(ms)})
		}
		chart.Bars = append(chart.Bars, bar)
	}
	return chart
}
