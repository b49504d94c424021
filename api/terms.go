package api

import (
	"context"

	"minutebook/app"
	"minutebook/billing"
)

// TermsOut is what a plan sells.
type TermsOut struct {
	Name             string   `json:"name"`
	Description      string   `json:"description"`
	Currency         string   `json:"currency"`
	RecurringFee     *string  `json:"recurring_fee" doc:"Per period; null for none" example:"99.00"`
	IncludedMinutes  string   `json:"included_minutes" doc:"Per period" example:"300.00"`
	IncludedMS       int64    `json:"included_ms"`
	PerMinuteRate    *string  `json:"per_minute_rate" doc:"Null: nothing is billable" example:"0.25"`
	Interval         string   `json:"interval" enum:"DAY,WEEK,MONTH,YEAR"`
	IntervalCount    int      `json:"interval_count"`
	AddonPacks       bool     `json:"addon_packs_enabled"`
	Chat             bool     `json:"chat_enabled"`
	ChatsPerMinute   *string  `json:"chats_per_minute" example:"5"`
	IncludedChats    int64    `json:"included_chats" doc:"What the included minutes are worth in chats; 0 without chat"`
	PaymentDueDays   int      `json:"payment_due_days"`
	GraceDays        int      `json:"grace_days"`
	Rounding         rounding `json:"rounding"`
	OverageCap       *string  `json:"overage_cap_minutes" doc:"Billable minutes a period; null: unlimited"`
	OverageCapMillis *int64   `json:"overage_cap_ms"`
}

// rounding is how a call's talk time becomes billed time, in seconds.
type rounding struct {
	Increment int `json:"increment_seconds" required:"false" minimum:"0" maximum:"3600" doc:"Calls are rounded up to a multiple; 0: exact"`
	Minimum   int `json:"minimum_seconds" required:"false" minimum:"0" maximum:"3600" doc:"A call that is not free costs at least this"`
	FreeBelow int `json:"free_below_seconds" required:"false" minimum:"0" maximum:"3600" doc:"A shorter call costs nothing"`
}

func terms(t billing.Terms) TermsOut {
	out := TermsOut{
		Name: t.Name, Description: t.Description, Currency: t.Currency.Code, RecurringFee: textOf(t.RecurringFee, t.Currency.Format),
		IncludedMinutes: t.Included.Minutes(), IncludedMS: int64(t.Included), PerMinuteRate: textOf(t.Rate, billing.Rate.String),
		Interval: string(t.Interval), IntervalCount: t.IntervalCount, AddonPacks: t.AddonPacks, Chat: t.Chat, IncludedChats: t.IncludedChats(),
		PaymentDueDays: t.PaymentDueDays, GraceDays: t.GraceDays, OverageCap: textOf(t.OverageCap, billing.Millis.Minutes),
		Rounding: rounding{t.Rounding.IncrementSeconds, t.Rounding.MinimumSeconds, t.Rounding.FreeBelowSeconds},
	}
	if t.ChatsPerMinute > 0 {
		out.ChatsPerMinute = new(t.ChatsPerMinute.String())
	}
	if t.OverageCap != nil {
		out.OverageCapMillis = new(int64(*t.OverageCap))
	}
	return out
}

// TermsIn are the terms of a plan that need not be given.
type TermsIn struct {
	Description    optional[string]   `json:"description" required:"false" maxLength:"2000"`
	RecurringFee   optional[string]   `json:"recurring_fee" required:"false" nullable:"true" maxLength:"40" doc:"Per period; null for none. A plan needs this, a rate, or both" example:"99.00"`
	Included       optional[string]   `json:"included_minutes" required:"false" maxLength:"40" doc:"Per period, only with a recurring fee" example:"300"`
	Rate           optional[string]   `json:"per_minute_rate" required:"false" nullable:"true" maxLength:"40" doc:"Up to six decimals; null for none" example:"0.25"`
	Interval       optional[string]   `json:"interval" required:"false" enum:"DAY,WEEK,MONTH,YEAR" doc:"MONTH if not given"`
	IntervalCount  optional[int]      `json:"interval_count" required:"false" minimum:"1" maximum:"36" doc:"1 if not given"`
	AddonPacks     optional[bool]     `json:"addon_packs_enabled" required:"false"`
	Chat           optional[bool]     `json:"chat_enabled" required:"false"`
	ChatsPerMinute optional[string]   `json:"chats_per_minute" required:"false" nullable:"true" maxLength:"40" doc:"How many chats cost one minute; required with chat" example:"5"`
	PaymentDueDays optional[int]      `json:"payment_due_days" required:"false" minimum:"0" maximum:"365" doc:"7 if not given"`
	GraceDays      optional[int]      `json:"grace_days" required:"false" minimum:"0" maximum:"365" doc:"7 if not given; with 0 a late request blocks at once"`
	Rounding       optional[rounding] `json:"rounding" required:"false" nullable:"false" doc:"What is not given in it is 0"`
	OverageCap     optional[string]   `json:"overage_cap_minutes" required:"false" nullable:"true" maxLength:"40" doc:"Billable minutes a period; null: unlimited"`
}

// defaultTerms are those of a plan that says nothing else.
func defaultTerms(name string, c billing.Currency) billing.Terms {
	return billing.Terms{Name: name, Currency: c, Interval: billing.Month, IntervalCount: 1, PaymentDueDays: 7, GraceDays: 7}
}

// apply writes what was sent into the terms, whose currency is already the new one.
func (in TermsIn) apply(t *billing.Terms) error {
	return firstError(
		in.Description.into("description", &t.Description),
		in.IntervalCount.into("interval_count", &t.IntervalCount),
		in.AddonPacks.into("addon_packs_enabled", &t.AddonPacks),
		in.Chat.into("chat_enabled", &t.Chat),
		in.PaymentDueDays.into("payment_due_days", &t.PaymentDueDays),
		in.GraceDays.into("grace_days", &t.GraceDays),
		in.Interval.use("interval", func(v string) error { t.Interval = billing.Interval(v); return nil }),
		in.Included.use("included_minutes", func(v string) (err error) {
			t.Included, err = billing.ParseMinutes("included_minutes", v)
			return err
		}),
		in.Rounding.use("rounding", func(r rounding) error {
			t.Rounding = billing.Rounding{IncrementSeconds: r.Increment, MinimumSeconds: r.Minimum, FreeBelowSeconds: r.FreeBelow}
			return nil
		}),
		parsed(in.RecurringFee, &t.RecurringFee, func(v string) (billing.Money, error) { return t.Currency.Parse("recurring_fee", v) }),
		parsed(in.Rate, &t.Rate, func(v string) (billing.Rate, error) { return billing.ParseRate("per_minute_rate", v) }),
		parsed(in.OverageCap, &t.OverageCap, func(v string) (billing.Millis, error) { return billing.ParseMinutes("overage_cap_minutes", v) }),
		in.chats(t),
	)
}

func (in TermsIn) chats(t *billing.Terms) error {
	var rate *billing.ChatRate
	err := parsed(in.ChatsPerMinute, &rate, func(v string) (billing.ChatRate, error) { return billing.ParseChatRate("chats_per_minute", v) })
	switch {
	case err != nil || !in.ChatsPerMinute.Set:
		return err
	case rate == nil:
		t.ChatsPerMinute = 0
		return nil
	}
	t.ChatsPerMinute = *rate
	return nil
}

// parsed reads a text into a figure that may be absent: null takes it away.
func parsed[T any](text optional[string], into **T, parse func(string) (T, error)) error {
	return text.useOrNull(func(v *string) error {
		if v == nil {
			*into = nil
			return nil
		}
		figure, err := parse(*v)
		if err == nil {
			*into = &figure
		}
		return err
	})
}

// currency finds a currency with its decimals.
func (s *server) currency(ctx context.Context, who app.Actor, field, code string) (billing.Currency, error) {
	return s.app.Currency(ctx, who.Agency, field, code)
}
