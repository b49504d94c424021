package desk

import (
	"strconv"
	"time"

	"minutebook/billing"
	"minutebook/web/ui"
)

// Money shows an amount.
func Money(c billing.Currency, amount billing.Money) ui.Money {
	return ui.Money{Amount: c.Format(amount), Currency: c.Code}
}

// Sum is an amount within a sentence: "1,250.00 USD".
func Sum(c billing.Currency, amount billing.Money) string {
	return ui.English.Number(c.Format(amount)) + " " + c.Code
}

// Amounts shows one amount per currency, or a dash where nothing is.
func Amounts(amounts []billing.Credit) ui.Piece {
	if len(amounts) == 0 {
		return ui.Muted("–")
	}
	var line ui.Line
	for _, a := range amounts {
		line = append(line, Money(a.Currency, a.Amount))
	}
	return line
}

// Minutes shows talk time.
func Minutes(ms billing.Millis) ui.Minutes { return ui.Minutes{Text: ms.Minutes(), Ms: int64(ms)} }

// Count shows a number of things: "1 client", "10,000 clients".
func Count(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return ui.Whole(n) + " " + many
}

// On shows a date in the reader's zone; words before it, such as "Due", may be given.
func (v *Visit) On(at time.Time, before ...string) ui.Date { return v.date(at, false, before) }

// At shows a date with the time of day.
func (v *Visit) At(at time.Time, before ...string) ui.Date { return v.date(at, true, before) }

func (v *Visit) date(at time.Time, minute bool, before []string) ui.Date {
	d := ui.Date{At: at, Zone: v.Zone, Minute: minute}
	if len(before) > 0 {
		d.Before = before[0]
	}
	return d
}

// Spoken is a date within a sentence: "5 Feb 2027".
func (v *Visit) Spoken(at time.Time) string { return at.In(v.Zone).Format("2 Jan 2006") }

// Included is the meter of a period's included minutes.
func (v *Visit) Included(t billing.Terms, p billing.Period) ui.Meter {
	left := t.IncludedLeft(p.Used)
	return ui.Meter{
		Label: "Included minutes", Used: int64(p.Used.Included), Of: int64(t.Included), Pool: "included",
		Text: "Available: " + Short(left) + " / " + Short(t.Included) + " min",
		Sub:  "Resets each billing period, next on " + v.Spoken(p.End),
	}
}

// Short writes minutes without decimals where they are whole: "1,200", "28.50".
func Short(ms billing.Millis) string { return ui.English.Number(ms.Short()) }

// Progress is how far a period has come.
func (v *Visit) Progress(p billing.Period) ui.Meter {
	whole, gone := p.End.Sub(p.Start), min(max(0, v.Now.Sub(p.Start)), p.End.Sub(p.Start))
	day, of := p.Day(v.Now)
	text := "day " + strconv.Itoa(day) + " of " + strconv.Itoa(of)
	if of <= 1 {
		text = v.At(p.Start).Local() + " – " + v.At(p.End).Local()
	}
	return ui.Meter{
		Label: "Billing period", Used: int64(gone / time.Second), Of: int64(whole / time.Second), Progress: true,
		Text: text, Sub: v.Spoken(p.Start) + " – " + v.Spoken(p.End),
	}
}

// Excess is what the billable minutes of the period would cost if it ended now; nothing for a plan without a rate.
func Excess(t billing.Terms, used billing.Split) (billing.Money, bool) {
	if t.Rate == nil {
		return 0, false
	}
	amount, err := t.Accrued(used)
	return amount, err == nil
}
