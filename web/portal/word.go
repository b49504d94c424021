package portal

import (
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

// T is a text in the reader's language.
func (w *view) T(key string, of ...any) string { return w.Tongue.T(key, of...) }

// sum shows an amount.
func (w *view) sum(c billing.Currency, m billing.Money) ui.Piece {
	return ui.Number{Text: w.spokenSum(c, m)}
}

// spokenSum is an amount within a sentence.
func (w *view) spokenSum(c billing.Currency, m billing.Money) string {
	return w.Tongue.Sum(billing.Sum{Currency: c, Amount: m})
}

// minutes shows talk time.
func (w *view) minutes(ms billing.Millis) ui.Minutes {
	return ui.Minutes{Text: w.Tongue.Minutes(ms), Ms: int64(ms)}
}

// spokenPeriod names a period by its dates.
func (w *view) spokenPeriod(p billing.Period) string {
	return w.Tongue.Day(p.Start.In(w.Zone)) + " – " + w.Tongue.Day(p.End.In(w.Zone))
}

// status is a subscription's status in a word, with the sentence behind it; "" is a client who never had one.
func (w *view) status(s billing.Status) ui.Badge {
	badge := desk.Status(s)
	switch s {
	case billing.Active:
		badge.Text, badge.Why = w.T("status.active"), ""
	case billing.PastDue:
		badge.Text, badge.Why = w.T("status.past_due"), w.T("status.past_due.why")
	case billing.Blocked:
		badge.Text, badge.Why = w.T("status.blocked"), w.T("status.blocked.why")
	case billing.Canceled:
		badge.Text, badge.Why = w.T("status.canceled"), ""
	default:
		badge.Text, badge.Why = w.T("status.none"), ""
	}
	return badge
}

// days is a number of days.
func (w *view) days(n int) string { return w.T("days", "n", int64(n)) }

// every is the billing rhythm: "per month", "every 2 months".
func (w *view) every(t billing.Terms) string {
	n := int64(t.IntervalCount)
	switch t.Interval {
	case billing.Day:
		return w.T("every.day", "n", n)
	case billing.Week:
		return w.T("every.week", "n", n)
	case billing.Year:
		return w.T("every.year", "n", n)
	case billing.Month:
	}
	return w.T("every.month", "n", n)
}
