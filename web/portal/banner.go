package portal

import (
	"strings"

	"minutebook/billing"
	"minutebook/web/ui"
)

// banners are the notices on top, the most severe first.
func (w *view) banners() []ui.Banner {
	var list []ui.Banner
	pay := ui.Button{Text: "How to pay", URL: "#pay"}
	says := w.answer.Message
	if !w.answer.Allowed {
		says += " Lifted by: " + w.answer.LiftedBy
	}
	switch s := w.account.Subscription; {
	case s != nil && s.Status == billing.Blocked:
		list = append(list, ui.Banner{Tone: ui.Bad, Title: "Subscription suspended", Text: says + " Please contact " + w.Agency.Name + ".", Action: pay})
	case s != nil && s.Status == billing.PastDue:
		list = append(list, ui.Banner{Tone: ui.Bad, Title: "Payment overdue - access restricted", Text: says, Action: pay})
	case !w.answer.Allowed:
		list = append(list, ui.Banner{Tone: ui.Bad, Title: "Calls are paused", Text: says})
	case w.answer.Message != "Calls are allowed." && s != nil:
		list = append(list, ui.Banner{Tone: ui.Info, Title: "Please note", Text: w.answer.Message})
	}
	if text := w.outstanding(); text != "" && !w.closed() {
		list = append(list, ui.Banner{Tone: ui.Warn, Title: "Outstanding balance", Text: text, Action: pay})
	}
	return append(list, w.quiet()...)
}

// outstanding says what is unpaid, per currency, and when the next of it is due.
func (w *view) outstanding() string {
	if len(w.AmountDue) == 0 {
		return ""
	}
	var sums []string
	for _, due := range w.AmountDue {
		sums = append(sums, due.Currency.FormatWithCode(due.Amount))
	}
	text := strings.Join(sums, " and ") + " unpaid"
	var next *billing.Request
	for _, r := range w.account.Requests {
		if r.Open() && (next == nil || r.DueAt.Before(next.DueAt)) {
			next = r
		}
	}
	if next == nil {
		return text + "."
	}
	word := ", due "
	if !next.DueAt.After(w.Now) {
		word = ", due since "
	}
	return text + ": " + next.Label() + word + w.Spoken(next.DueAt) + "."
}

// quiet are the notices that call for nothing yet: minutes that run low, an empty wallet.
func (w *view) quiet() []ui.Banner {
	s := w.account.Subscription
	if s == nil || s.Status != billing.Active || !w.answer.Allowed || s.Terms.Included == 0 {
		return nil
	}
	used, of := w.account.Period.Used.Included, s.Terms.Included
	switch {
	case used >= of && s.Terms.AddonPacks && w.account.Wallet == 0:
		return []ui.Banner{{Tone: ui.Info, Title: "Included minutes used up", Text: "And there are no add-on minutes left." + w.beyond()}}
	case used >= of:
		return []ui.Banner{{Tone: ui.Info, Title: "Included minutes used up", Text: "All included minutes of this period are used." + w.beyond()}}
	case used/4 >= of/5:
		return []ui.Banner{{Tone: ui.Info, Title: "Low minutes", Text: "More than 80 % of the included minutes of this period are used."}}
	}
	return nil
}

func (w *view) beyond() string {
	switch t := w.account.Subscription.Terms; {
	case t.AddonPacks && w.account.Wallet > 0:
		return " Calls now use your add-on minutes."
	case t.Rate != nil:
		return " Calls now cost " + t.Rate.String() + " " + t.Currency.Code + " per minute."
	}
	return ""
}
