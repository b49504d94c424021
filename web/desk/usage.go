package desk

import (
	"fmt"
	"strings"

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

// SplitMinutes tells a split of many calls in minutes: "300.00 included, 87.19 wallet".
func SplitMinutes(s billing.Split) string {
	var words []string
	for _, part := range []struct {
		ms   billing.Millis
		pool string
	}{{s.Included, "included"}, {s.Wallet, "wallet"}, {s.Billable, "billable"}, {s.Uncovered, "uncovered"}} {
		if part.ms != 0 {
			words = append(words, part.ms.Minutes()+" "+part.pool)
		}
	}
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

// Days is a chart of minutes by pool, a bar for each day.
func Days(label string, days []billing.Date, usage map[billing.Date]billing.Tally, empty ui.Empty) ui.Chart {
	chart := ui.Chart{Label: label, Unit: "min", Empty: empty, Series: []ui.Series{
		{Name: "Included", Class: "included"}, {Name: "Wallet", Class: "wallet"}, {Name: "Billable", Class: "billable"}, {Name: "Uncovered", Class: "uncovered"},
	}}
	for _, day := range days {
		s := usage[day].Split
		bar := ui.Bar{Name: day.Noon().Format("2 Jan"), Full: day.Noon().Format("2 Jan 2006"), Total: usage[day].Drawn().Minutes()}
		for _, ms := range []billing.Millis{s.Included, s.Wallet, s.Billable, s.Uncovered} {
			bar.Values = append(bar.Values, ui.Value{N: int64(ms), Text: ms.Minutes()})
		}
		chart.Bars = append(chart.Bars, bar)
	}
	return chart
}

// LastDays are the last n days up to the reader's today.
func (v *Visit) LastDays(n int) []billing.Date {
	today, days := billing.DateOf(v.Now.In(v.Zone)), make([]billing.Date, n)
	for i := range days {
		days[i] = today.Plus(i + 1 - n)
	}
	return days
}

// PeriodWords names a period by its dates.
func (v *Visit) PeriodWords(p billing.Period) string {
	return fmt.Sprintf("%s – %s", v.Spoken(p.Start), v.Spoken(p.End))
}

// Receipt tells a recorded event in words: the same that the API says.
func Receipt(u app.UsageRow) string { return ReceiptOf(u).String() }

// ReceiptOf is what became of a recorded event, to be told.
func ReceiptOf(u app.UsageRow) billing.Receipt {
	r := billing.Receipt{Event: u.RecordedUsage, Split: u.Split, Terms: u.Terms, Late: u.Late, Period: u.PeriodIndex, CallPeriod: u.CallPeriod}
	for _, c := range u.Corrections {
		r.Corrected = r.Corrected || !c.Void
		if c.Void {
			r.VoidReason = c.Reason
		}
	}
	return r
}
