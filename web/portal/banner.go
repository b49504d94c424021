package portal

import (
	"strings"

	"minutebook/billing"
	"minutebook/web/ui"
)

// banners are the notices on top, the most severe first.
func (w *view) banners() (list []ui.Banner) {
	pay := ui.Button{Text: w.T("pay.how"), URL: "#pay"}
	says := w.Tongue.Say(w.answer.Says)
	s := w.account.Subscription
	switch {
	case w.answer.Reason == billing.SubscriptionBlocked:
		list = append(list, ui.Banner{Tone: ui.Bad, Title: w.T("banner.suspended"), Text: says, Body: w.lifts(w.T("banner.contact", "agency", w.Brand.Name())), Action: pay})
	case w.answer.Reason == billing.PaymentOverdue:
		list = append(list, ui.Banner{Tone: ui.Bad, Title: w.T("banner.overdue"), Text: says, Body: w.lifts(""), Action: pay})
	case closed(w.account): // exempted for a time: the calls go on, the portal stays closed
		list = append(list, ui.Banner{Tone: ui.Warn, Title: w.T("banner.unpaid"), Text: says, Action: pay})
	case !w.answer.Allowed:
		list = append(list, ui.Banner{Tone: ui.Bad, Title: w.T("banner.paused"), Text: says, Body: w.lifts("")})
	case w.answer.Says.Key != "access.allowed" && s != nil:
		list = append(list, ui.Banner{Tone: ui.Info, Title: w.T("banner.note"), Text: says})
	}
	if owed := w.outstanding(); owed != "" && !closed(w.account) {
		list = append(list, ui.Banner{Tone: ui.Warn, Title: w.T("banner.outstanding"), Text: owed, Action: pay})
	}
	return list
}

// lifts says what exactly lifts the denial, and whom to ask.
func (w *view) lifts(more string) []ui.Piece {
	said := []ui.Piece{ui.Text(w.T("banner.lifted", "by", w.Tongue.Say(w.answer.Lifts)))}
	if more != "" {
		said = append(said, ui.Text(more))
	}
	return said
}

// outstanding says what is unpaid, per currency, and when the next of it is due.
func (w *view) outstanding() string {
	var lines []string
	for _, unpaid := range w.account.Outstanding() {
		sum, number, due := w.Tongue.Sum(unpaid.Sum), unpaid.Next.Label(), w.Tongue.Day(unpaid.Next.DueAt.In(w.Zone))
		text := w.T("owed.due", "sum", sum, "number", number, "day", due)
		if !unpaid.Next.DueAt.After(w.Now) {
			text = w.T("owed.since", "sum", sum, "number", number, "day", due)
		}
		lines = append(lines, text)
	}
	return strings.Join(lines, " ")
}
