package desk

import (
	"fmt"
	"strings"
	"time"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/ui"
)

// SplitWords tells a split in words: "10 min included, 60 min wallet".
func SplitWords(s billing.Split) string {
	var words []string
	add := func(ms billing.Millis, pool string) {
		if ms != 0 {
			words = append(words, ms.Spoken()+" "+pool)
		}
	}
	add(s.Included, "included")
	add(s.Wallet, "wallet")
	add(s.Billable, "billable")
	add(s.Uncovered, "uncovered")
	if len(words) == 0 {
		return "nothing drawn"
	}
	return strings.Join(words, ", ")
}

// Talk is how long a call was, or how many chats it stands for.
func Talk(u billing.UsageEvent) string {
	if u.Kind == billing.Chat {
		return Count(u.Chats, "chat", "chats")
	}
	return u.Talk.Spoken()
}

// Days is a chart of minutes by day and pool. Each day begins at its bound; the last bound ends the last day.
func (v *Visit) Days(label string, bounds []time.Time, splits []billing.Split, empty ui.Empty) ui.Chart {
	chart := ui.Chart{Label: label, Unit: "min", Empty: empty, Series: []ui.Series{
		{Name: "Included", Class: "included"}, {Name: "Wallet", Class: "wallet"}, {Name: "Billable", Class: "billable"}, {Name: "Uncovered", Class: "uncovered"},
	}}
	for i, s := range splits {
		bar := ui.Bar{Name: bounds[i].In(v.Zone).Format("2 Jan"), Full: v.Spoken(bounds[i]), Total: s.Total().Minutes()}
		for _, ms := range []billing.Millis{s.Included, s.Wallet, s.Billable, s.Uncovered} {
			bar.Values = append(bar.Values, ui.Value{N: int64(ms), Text: ms.Minutes()})
		}
		chart.Bars = append(chart.Bars, bar)
	}
	return chart
}

// LastDays are the bounds of the last n days up to the end of the reader's today.
func (v *Visit) LastDays(n int) []time.Time {
	first := billing.AnchorAt(v.Now.AddDate(0, 0, 1-n), v.Zone)
	first.Hour, first.Minute, first.Second = 0, 0, 0
	grid := billing.Schedule{Anchor: first, Interval: billing.Day, Count: 1, Zone: v.Zone}
	bounds := make([]time.Time, n+1)
	for i := range bounds {
		bounds[i] = grid.Boundary(i)
	}
	return bounds
}

// PeriodWords names a period by its dates.
func (v *Visit) PeriodWords(p billing.Period) string {
	return fmt.Sprintf("%s – %s", v.Spoken(p.Start), v.Spoken(p.End))
}

// Receipt tells a recorded event in words: the same that the API says.
func Receipt(u app.UsageRow) string {
	r := billing.Receipt{Event: u.RecordedUsage, Split: u.Split, Terms: u.Terms, Late: u.Late, Period: u.PeriodIndex, CallPeriod: u.CallPeriod}
	for _, c := range u.Corrections {
		r.Corrected = r.Corrected || !c.Void
		if c.Void {
			r.VoidReason = c.Reason
		}
	}
	return r.String()
}
