package console

import (
	"strconv"

	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

// planFields ask for plan terms. Their names are those of the API, so that a refusal finds its field.
func planFields(t billing.Terms) []ui.Piece {
	fee, rate, chats, limit := "", "", "", ""
	if t.RecurringFee != nil {
		fee = t.Currency.Format(*t.RecurringFee)
	}
	if t.Rate != nil {
		rate = t.Rate.String()
	}
	if t.ChatsPerMinute > 0 {
		chats = t.ChatsPerMinute.String()
	}
	if t.OverageCap != nil {
		limit = t.OverageCap.Minutes()
	}
	return []ui.Piece{
		ui.Field{Name: "name", Label: "Name", Value: t.Name, Hint: "Clients see it in their portal.", MaxLength: billing.MaxNameLength},
		ui.Textarea{Field: ui.Field{Name: "description", Label: "Description", Value: t.Description, Optional: true, MaxLength: billing.MaxTextLength}, Rows: 2},
		ui.Fields{Title: "Price", Items: []ui.Piece{
			ui.Field{Name: "recurring_fee", Label: "Recurring fee", Value: fee, Mode: "decimal", Optional: true, Hint: "Per period, in advance. Empty: usage only."},
			ui.Field{Name: "per_minute_rate", Label: "Per-minute rate", Value: rate, Mode: "decimal", Optional: true, Hint: "For minutes beyond the others. Empty: calls stop."},
			ui.Field{Name: "included_minutes", Label: "Included minutes", Value: minutesText(t.Included), Unit: "min", Mode: "decimal", Optional: true, Hint: "Per period; needs a fee."},
			ui.Field{Name: "currency", Label: "Currency", Value: t.Currency.Code, MaxLength: 10},
		}},
		ui.Fields{Title: "Billing period", Items: []ui.Piece{
			ui.Select{Field: ui.Field{Name: "interval", Label: "Interval", Value: string(t.Interval)}, Options: []ui.Option{{Value: "DAY", Text: "Day"}, {Value: "WEEK", Text: "Week"}, {Value: "MONTH", Text: "Month"}, {Value: "YEAR", Text: "Year"}}},
			number("interval_count", "Every", t.IntervalCount, 1, billing.MaxIntervalCount, ""),
		}},
		ui.Fields{Title: "Payment", Items: []ui.Piece{
			number("payment_due_days", "Due after", t.PaymentDueDays, 0, billing.MaxDays, "days"),
			hinted(number("grace_days", "Grace", t.GraceDays, 0, billing.MaxDays, "days"), "0 blocks at once when a request is late."),
		}},
		ui.Fields{Title: "Add-ons", Items: []ui.Piece{
			ui.Checkbox{Field: ui.Field{Name: "addon_packs_enabled", Label: "Add-on packs"}, Checked: t.AddonPacks},
			ui.Checkbox{Field: ui.Field{Name: "chat_enabled", Label: "Chat"}, Checked: t.Chat},
			ui.Field{Name: "chats_per_minute", Label: "Chats per minute", Value: chats, Mode: "decimal", Optional: true, Hint: "With chat: how many chats cost one minute."},
		}},
		ui.Fields{Title: "Call rounding and limit", Items: []ui.Piece{
			hinted(number("rounding.increment_seconds", "Round up to", t.Rounding.IncrementSeconds, 0, billing.MaxRoundSeconds, "s"), "0: exact."),
			number("rounding.minimum_seconds", "At least", t.Rounding.MinimumSeconds, 0, billing.MaxRoundSeconds, "s"),
			number("rounding.free_below_seconds", "Free below", t.Rounding.FreeBelowSeconds, 0, billing.MaxRoundSeconds, "s"),
			ui.Field{Name: "overage_cap_minutes", Label: "Stop after billable", Value: limit, Unit: "min", Mode: "decimal", Optional: true, Hint: "Empty: unlimited."},
		}},
	}
}

func number(name, label string, value, low, high int, unit string) ui.Field {
	return ui.Field{Name: name, Label: label, Type: "number", Value: itoa(value), Min: itoa(low), Max: itoa(high), Unit: unit}
}

func hinted(f ui.Field, hint string) ui.Field {
	f.Hint = hint
	return f
}

func minutesText(ms billing.Millis) string {
	if ms == 0 {
		return ""
	}
	return ms.Short()
}

// planTerms reads what planFields ask for.
func planTerms(v *desk.Visit) (t billing.Terms, err error) {
	t = billing.Terms{Name: v.Text("name"), Description: v.Text("description"), Interval: billing.Interval(v.Text("interval")), AddonPacks: v.Ticked("addon_packs_enabled"), Chat: v.Ticked("chat_enabled")}
	if t.Currency, err = v.App.Currency(v.R.Context(), v.Who.Agency, "currency", v.Text("currency")); err != nil {
		return t, err
	}
	for name, into := range map[string]*int{
		"interval_count": &t.IntervalCount, "payment_due_days": &t.PaymentDueDays, "grace_days": &t.GraceDays,
		"rounding.increment_seconds": &t.Rounding.IncrementSeconds, "rounding.minimum_seconds": &t.Rounding.MinimumSeconds, "rounding.free_below_seconds": &t.Rounding.FreeBelowSeconds,
	} {
		if *into, err = strconv.Atoi(v.Text(name)); err != nil {
			return t, billing.InvalidField(name, "is no whole number")
		}
	}
	return t, planPrices(v, &t)
}

func planPrices(v *desk.Visit, t *billing.Terms) error {
	if v.Text("recurring_fee") != "" {
		fee, _, err := v.Money("recurring_fee", t.Currency.Code)
		if err != nil {
			return err
		}
		t.RecurringFee = &fee
	}
	if text := v.Text("per_minute_rate"); text != "" {
		rate, err := billing.ParseRate("per_minute_rate", text)
		if err != nil {
			return desk.Spoken("per_minute_rate", err)
		}
		t.Rate = &rate
	}
	if text := v.Text("chats_per_minute"); text != "" && t.Chat {
		chats, err := billing.ParseChatRate("chats_per_minute", text)
		if err != nil {
			return desk.Spoken("chats_per_minute", err)
		}
		t.ChatsPerMinute = chats
	}
	return planMinutes(v, t)
}

func planMinutes(v *desk.Visit, t *billing.Terms) (err error) {
	if v.Text("included_minutes") != "" {
		if t.Included, err = v.Minutes("included_minutes"); err != nil {
			return err
		}
		if t.Included < 0 {
			return billing.InvalidField("included_minutes", "must not be negative")
		}
	}
	if v.Text("overage_cap_minutes") == "" {
		return nil
	}
	limit, err := v.Minutes("overage_cap_minutes")
	if err == nil && limit < 0 {
		err = billing.InvalidField("overage_cap_minutes", "must not be negative")
	}
	t.OverageCap = &limit
	return err
}
