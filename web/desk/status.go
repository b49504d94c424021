package desk

import (
	"strings"

	"minutebook/billing"
	"minutebook/web/ui"
)

// Status is a subscription's status in a word; "" is a client who never had one.
func Status(s billing.Status) ui.Badge {
	switch s {
	case billing.Active:
		return ui.Badge{Tone: ui.Good, Text: "Active"}
	case billing.PastDue:
		return ui.Badge{Tone: ui.Warn, Text: "Past due", Why: "A payment request of the cycle is late; calls and campaigns are paused until it is paid."}
	case billing.Blocked:
		return ui.Badge{Tone: ui.Bad, Text: "Blocked", Why: "A payment request stayed unpaid past its grace period."}
	case billing.Canceled:
		return ui.Badge{Tone: ui.Neutral, Text: "Canceled"}
	}
	return ui.Badge{Tone: ui.Plain, Text: "Not started"}
}

// Access is the access decision in a word or two.
func Access(d billing.Denied) ui.Badge {
	if d.Reason == billing.Allowed {
		return ui.Badge{Tone: ui.Good, Text: "Allowed"}
	}
	return ui.Badge{Tone: ui.Bad, Text: Reason(d.Reason)}
}

// Reason is why a client may not call, in words.
func Reason(r billing.Reason) string {
	switch r {
	case billing.SubscriptionBlocked:
		return "Subscription blocked"
	case billing.PaymentOverdue:
		return "Payment overdue"
	case billing.NoSubscription:
		return "No subscription"
	case billing.MinutesExhausted:
		return "Minutes exhausted"
	case billing.AgencyHold:
		return "On hold"
	case billing.Allowed:
	}
	return "Allowed"
}

// RequestStatus is a payment request's status, with the sentence behind the word.
func (v *Visit) RequestStatus(r billing.Request) ui.Badge {
	switch r.Status {
	case billing.Paid:
		return ui.Badge{Tone: ui.Good, Text: "Paid", Why: "Paid in full on " + v.Spoken(r.PaidAt) + "."}
	case billing.Overdue:
		return ui.Badge{Tone: ui.Warn, Text: "Overdue", Why: "It was due on " + v.Spoken(r.DueAt) + " and is not paid."}
	case billing.Failed:
		return ui.Badge{Tone: ui.Bad, Text: "Failed", Why: "A payment was tried and failed; it is still to be paid."}
	case billing.Voided:
		return ui.Badge{Tone: ui.Plain, Text: "Canceled", Why: "It is void; nothing is to be paid."}
	case billing.Pending:
	}
	return ui.Badge{Tone: ui.Info, Text: "Pending", Why: "Waiting for payment until " + v.Spoken(r.DueAt) + "."}
}

// RequestType is the type of a payment request, and its kind within the cycle.
func RequestType(k billing.RequestKind) ui.Piece {
	switch k {
	case billing.Recurring:
		return ui.Line{ui.Badge{Tone: ui.Plain, Text: "Cycle"}, ui.Badge{Tone: ui.Plain, Text: "Recurring"}}
	case billing.Usage:
		return ui.Line{ui.Badge{Tone: ui.Plain, Text: "Cycle"}, ui.Badge{Tone: ui.Plain, Text: "Usage"}}
	case billing.PackSale:
		return ui.Badge{Tone: ui.Plain, Text: "Pack"}
	case billing.OneTime:
	}
	return ui.Badge{Tone: ui.Plain, Text: "One-time"}
}

// CampaignStatus is where a campaign stands.
func CampaignStatus(c billing.Campaign) ui.Badge {
	switch c.Status {
	case billing.Running:
		return ui.Badge{Tone: ui.Good, Text: "Running"}
	case billing.Paused:
		return ui.Badge{Tone: ui.Warn, Text: "Paused"}
	case billing.Stopped:
	}
	return ui.Badge{Tone: ui.Plain, Text: "Stopped"}
}

// PausedBy says who paused a campaign, and why.
func PausedBy(c billing.Campaign) ui.Piece {
	switch {
	case c.PausedBy == billing.ByBilling:
		return ui.Text("By billing: " + strings.ToLower(Reason(billing.Reason(c.PauseReason))))
	case c.PausedBy == billing.ByUser && c.PauseReason != "":
		return ui.Text("By hand: " + c.PauseReason)
	case c.PausedBy == billing.ByUser:
		return ui.Text("By hand")
	}
	return ui.Muted("–")
}

// UsageStatus is what became of a usage event.
func UsageStatus(s billing.UsageStatus, late bool) ui.Badge {
	switch {
	case s == billing.VoidUsage:
		return ui.Badge{Tone: ui.Plain, Text: "Voided", Why: "Taken back; its minutes were returned."}
	case s == billing.Unrated:
		return ui.Badge{Tone: ui.Neutral, Text: "Unrated", Why: "There was no live subscription, so nothing was drawn."}
	case late:
		return ui.Badge{Tone: ui.Info, Text: "Rated, late", Why: "It ended before the open period began and was drawn from the open one."}
	}
	return ui.Badge{Tone: ui.Good, Text: "Rated"}
}

// Direction is which way a call went.
func Direction(d string) string {
	if d == "" {
		return "–"
	}
	return d[:1] + strings.ToLower(d[1:])
}

// Actor is who did something, as it stands in the books, in words: "key:Production" is "API key Production".
func Actor(a string) string {
	kind, name, _ := strings.Cut(a, ":")
	switch kind {
	case "key":
		return "API key " + name
	case "user":
		return name
	case "portal":
		return name + " (portal)"
	case "provider":
		return "Provider " + name
	case "system", "":
		return ""
	}
	return a
}
