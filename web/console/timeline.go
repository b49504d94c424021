package console

import (
	"fmt"
	"strings"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

func clientTimelinePage(v *desk.Visit) (ui.Page, error) {
	s, err := theClient(v)
	if err != nil {
		return ui.Page{}, err
	}
	list, err := v.App.Timeline(v.R.Context(), v.Who, s.ClientRow.ID, asked(v, "what"), wanted(v))
	if err != nil {
		return ui.Page{}, err
	}
	teller, timeline := teller{s, map[billing.ID]string{}}, ui.Timeline{}
	for _, t := range list.Items {
		timeline = append(timeline, teller.moment(t))
	}
	what := choice(v, "what", "Show", ui.Option{Value: "", Text: "Everything"}, ui.Option{Value: "usage.recorded", Text: "Calls"}, ui.Option{Value: "payment_request.issued", Text: "Requests issued"},
		ui.Option{Value: "payment_request.changed", Text: "Requests changed"}, ui.Option{Value: "payment.recorded", Text: "Payments"}, ui.Option{Value: "wallet.moved", Text: "Wallet"},
		ui.Option{Value: "subscription.status_changed", Text: "Subscription status"}, ui.Option{Value: "access.changed", Text: "Access"})
	body := []ui.Piece{ui.Form{ID: "show", Action: s.url("timeline"), Get: true, Inline: true, Fields: []ui.Piece{what}, Submit: ui.Submit{Text: "Show", Tone: ui.Plain}}}
	if len(timeline) == 0 {
		body = append(body, ui.Empty{Icon: "clock", Title: "Nothing happened yet", Text: "Everything that changes the client's money, minutes or access is listed here: who, when, why, before and after."})
	} else {
		body = append(body, timeline)
	}
	if p := pager(v, list.Total); p != nil {
		body = append(body, *p)
	}
	return s.page("Timeline", ui.Card{Title: "Timeline", Sub: desk.Count(list.Total, "entry", "entries"), Body: body}), nil
}

// teller tells a client's facts in words, and remembers the names it has looked up.
type teller struct {
	*subject
	labels map[billing.ID]string
}

func (t teller) moment(row app.TimelineRow) ui.Moment {
	m := ui.Moment{At: t.At(row.At), Tone: ui.Neutral, Who: desk.Actor(row.Actor), Why: row.Reason}
	m.Before, m.After = desk.Difference(row.Before, row.After)
	if row.Name == "usage.recorded" {
		m.Title, m.Detail = "Call recorded", []ui.Piece{ui.Link{Text: "Receipt", URL: eventURL(row.ID)}}
		return m
	}
	fact, err := billing.DecodeFact(row.Name, []byte(row.Body))
	if err != nil {
		m.Title = desk.Command(row.Name)
		return m
	}
	m.Title, m.Tone = t.words(fact)
	return m
}

// request names a payment request.
func (t teller) request(id billing.ID) string {
	if label, known := t.labels[id]; known {
		return label
	}
	label := "A payment request"
	if r, err := t.App.Request(t.R.Context(), t.Who, id); err == nil {
		label = r.Label()
	}
	t.labels[id] = label
	return label
}

// words tells one fact.
func (t teller) words(fact billing.Fact) (string, ui.Tone) {
	switch f := fact.(type) {
	case billing.PlanAssigned:
		return "Plan " + f.PlanName + " assigned", ui.Info
	case billing.PlanRemoved:
		return "Plan removed", ui.Neutral
	case billing.PacksAssigned:
		return desk.Count(int64(len(f.PackIDs)), "pack", "packs") + " offered", ui.Neutral
	case billing.SubscriptionStarted:
		return fmt.Sprintf("Subscription started on %s, version %d", f.Terms.Name, f.PlanVersion), ui.Good
	case billing.PeriodOpened:
		return "Period opened: " + t.Spoken(f.Start) + " – " + t.Spoken(f.End), ui.Info
	case billing.PeriodClosed:
		return "Period closed: " + desk.SplitWords(f.Used), ui.Info
	case billing.StatusChanged:
		return "Subscription " + lower(desk.Status(f.To).Text), desk.Status(f.To).Tone
	case billing.CancelScheduled:
		return "Cancellation scheduled for " + t.Spoken(f.At), ui.Warn
	case billing.CancelUndone:
		return "Cancellation taken back", ui.Info
	case billing.SubscriptionCanceled:
		return "Subscription canceled", ui.Warn
	}
	return t.moneyWords(fact)
}

func (t teller) moneyWords(fact billing.Fact) (string, ui.Tone) {
	switch f := fact.(type) {
	case billing.RequestIssued:
		return fmt.Sprintf("%s issued: %s, due %s", f.Request.Label(), desk.Sum(f.Request.Currency, f.Request.Amount), t.Spoken(f.Request.DueAt)), ui.Info
	case billing.RequestChanged:
		return t.changeWords(f)
	case billing.PaymentRecorded:
		return "Payment recorded: " + paymentWords(f.Payment), ui.Good
	case billing.CreditLineGranted:
		return "Credit line granted: " + desk.Sum(f.CreditLine.Currency, f.CreditLine.Amount) + " off the next usage request", ui.Info
	case billing.CreditLineUsed:
		return "Credit line used on " + t.request(f.RequestID), ui.Neutral
	case billing.WalletMoved:
		return "Wallet: " + lower(walletWords(f.Kind)) + ", " + f.Delta.Minutes() + " minutes", ui.Info
	case billing.UsageCorrected:
		if f.Void {
			return "Call voided", ui.Warn
		}
		return "Call corrected to " + f.Talk.Spoken(), ui.Info
	}
	return accessWords(fact)
}

func paymentWords(p billing.Payment) string {
	switch p.Method {
	case "RELEASE":
		return desk.Sum(p.Currency, p.Credit) + " kept as client credit"
	case "REVERSAL":
		return desk.Sum(p.Currency, p.Amount) + ", a reversal"
	case billing.MethodCredit:
		return desk.Sum(p.Currency, -p.Credit) + " from the client's credit"
	}
	return desk.Sum(p.Currency, p.Amount)
}

func (t teller) changeWords(f billing.RequestChanged) (string, ui.Tone) {
	if f.From == f.To {
		return t.request(f.RequestID) + " annotated", ui.Neutral
	}
	badge := t.RequestStatus(billing.Request{Status: f.To})
	return t.request(f.RequestID) + " is " + lower(badge.Text), badge.Tone
}

func accessWords(fact billing.Fact) (string, ui.Tone) {
	switch f := fact.(type) {
	case billing.HoldChanged:
		if f.On {
			return "Put on hold", ui.Bad
		}
		return "Hold lifted", ui.Good
	case billing.OverrideSet:
		return "Exempted from denials", ui.Info
	case billing.OverrideEnded:
		return "Exemption ended", ui.Neutral
	case billing.DenialPolicyChanged:
		return "What a denial does was changed", ui.Neutral
	case billing.AccessChanged:
		if f.Reason == billing.Allowed {
			return "Calls are allowed again", ui.Good
		}
		return "Calls denied: " + lower(desk.Reason(f.Reason)), ui.Bad
	case billing.CampaignRegistered:
		return "Campaign " + f.Campaign.Name + " registered", ui.Neutral
	case billing.CampaignEdited:
		return "Campaign " + f.Name + " edited", ui.Neutral
	case billing.CampaignChanged:
		return "A campaign is " + strings.ToLower(string(f.Status)), ui.Neutral
	}
	return desk.Command(fact.FactName()), ui.Neutral
}
