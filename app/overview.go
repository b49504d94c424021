package app

import (
	"context"

	"minutebook/billing"
)

// Overview is what an agency looks at first.
type Overview struct {
	Outstanding []Owed
	Open, Late  int64 // how many requests are open, and overdue, in all currencies
	Outlook
	Days  map[billing.Date]billing.Tally // of this month
	Today billing.Date
	Used  billing.Tally // today
	Month billing.Tally // this month so far
}

// Overview sums the agency up: what it is owed, what was used, who is at risk, what renews; of the last two at most so many, 0 is
// all. Days are those of the agency's calendar.
func (a *App) Overview(ctx context.Context, who Actor, most int) (o Overview, err error) {
	if o.Today, err = a.today(ctx, who); err != nil {
		return o, err
	}
	if o.Outstanding, err = a.Outstanding(ctx, who, 0); err != nil {
		return o, err
	}
	for _, m := range o.Outstanding {
		o.Open, o.Late = o.Open+m.Requests, o.Late+m.Late
	}
	if o.Outlook, err = a.Outlook(ctx, who, most); err != nil {
		return o, err
	}
	first := o.Today - o.Today%100 + 1
	if o.Days, err = a.UsageByDay(ctx, who, 0, first, first+30); err != nil {
		return o, err
	}
	o.Used = o.Days[o.Today]
	for _, day := range o.Days {
		o.Month = o.Month.Plus(day)
	}
	return o, nil
}

// today is the day it is in the agency's zone.
func (a *App) today(ctx context.Context, who Actor) (billing.Date, error) {
	settings, err := a.Settings(ctx, who)
	if err != nil {
		return 0, err
	}
	zone, err := billing.LoadZone("timezone", settings.Timezone)
	if err != nil {
		return 0, err
	}
	now, err := a.Now(ctx, who.Agency)
	return billing.DateOf(now.In(zone)), err
}

// TestCall records a call of 90 seconds for the newest client with a live subscription, so that an agency sees what a
// report does. It is a usage event like any other, and can be voided.
func (a *App) TestCall(ctx context.Context, who Actor) (UsageResult, error) {
	client, err := a.newestRunning(ctx, who)
	if err != nil {
		return UsageResult{}, err
	}
	if client.ID == 0 {
		return UsageResult{}, billing.Refuse(billing.Conflict, "no_live_subscription", "No client has a live subscription.", "Start one first.")
	}
	now, err := a.Now(ctx, who.Agency)
	if err != nil {
		return UsageResult{}, err
	}
	id := "test-call-" + a.Mint().String()
	results, err := a.RecordUsage(ctx, who, []UsageReport{{ClientID: client.ID, Raw: []byte(`{"test":true}`), UsageEvent: billing.UsageEvent{
		Source: "console", EventID: id, CallID: "Test call", Kind: billing.Call, EndedAt: now, Talk: 90_000, Direction: "OUTBOUND", Metadata: `{"test":true}`,
	}}})
	switch {
	case err != nil:
		return UsageResult{}, err
	case results[0].Error != nil:
		return UsageResult{}, results[0].Error
	}
	return results[0], nil
}
