package billing

import (
	"fmt"
	"time"
)

// Date is a day of somebody's calendar, as the number 20271231.
type Date int

// DateOf is the date of a local time.
func DateOf(local time.Time) Date {
	year, month, day := local.Date()
	return Date(year*10_000 + int(month)*100 + day)
}

// Plus is the date some days later, or earlier.
func (d Date) Plus(days int) Date { return DateOf(d.Noon().AddDate(0, 0, days)) }

// Noon is 12:00 UTC of the day, to write the date by.
func (d Date) Noon() time.Time {
	return time.Date(int(d)/10_000, time.Month(int(d)/100%100), int(d)%100, 12, 0, 0, 0, time.UTC)
}

func (d Date) String() string {
	return fmt.Sprintf("%04d-%02d-%02d", int(d)/10_000, int(d)/100%100, int(d)%100)
}

// Tally is what usage events come to, as they stand now. A voided event counts for nothing but itself.
type Tally struct {
	Events  int64 // all of them
	Unrated int64 // that met no live subscription
	Voided  int64
	Calls   int64
	Chats   int64
	Talk    Millis
	Billed  Millis
	Split   Split
}

// Drawn is the talk time that came out of all pools together.
func (t Tally) Drawn() Millis { return t.Split.Total() }

// Tally is what one event comes to.
func (e RecordedUsage) Tally() Tally {
	t := Tally{Events: 1}
	if e.Status == VoidUsage {
		t.Voided = 1
		return t
	}
	if e.Status == Unrated {
		t.Unrated = 1
	}
	if e.Event.Kind == Call {
		t.Calls = 1
	}
	t.Chats, t.Talk, t.Billed = e.Event.Chats, e.Event.Talk, e.Billed
	for _, part := range e.Parts {
		t.Split = t.Split.Plus(part.Split)
	}
	return t
}

// Plus adds two tallies.
func (t Tally) Plus(u Tally) Tally {
	return Tally{
		t.Events + u.Events, t.Unrated + u.Unrated, t.Voided + u.Voided, t.Calls + u.Calls, t.Chats + u.Chats,
		t.Talk + u.Talk, t.Billed + u.Billed, t.Split.Plus(u.Split),
	}
}

// Minus takes one tally from another.
func (t Tally) Minus(u Tally) Tally {
	return Tally{
		t.Events - u.Events, t.Unrated - u.Unrated, t.Voided - u.Voided, t.Calls - u.Calls, t.Chats - u.Chats,
		t.Talk - u.Talk, t.Billed - u.Billed, t.Split.Minus(u.Split),
	}
}
