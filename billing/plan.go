package billing

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds of plan terms. Rules 4.
const (
	MaxIntervalCount = 36
	MaxDays          = 365
	MaxNameLength    = 300
	MaxTextLength    = 2000
	MaxRoundSeconds  = 3600
)

// ChatRate is chats per minute in millionths: 5 chats a minute is 5_000_000.
type ChatRate int64

// Terms are everything a plan sells. A subscription keeps the terms it started with. Rules 4.1.
type Terms struct {
	Name           string   `json:"name"`
	Description    string   `json:"description"`
	Currency       Currency `json:"currency"`
	RecurringFee   *Money   `json:"recurring_fee"`   // nil: none; zero: a free plan, nothing is requested
	Included       Millis   `json:"included_ms"`     // per period; only with a recurring fee
	Rate           *Rate    `json:"per_minute_rate"` // nil: no billable pool
	Interval       Interval `json:"interval"`
	IntervalCount  int      `json:"interval_count"`
	AddonPacks     bool     `json:"addon_packs"`
	Chat           bool     `json:"chat"`
	ChatsPerMinute ChatRate `json:"chats_per_minute"`
	PaymentDueDays int      `json:"payment_due_days"`
	GraceDays      int      `json:"grace_days"`
	Rounding       Rounding `json:"rounding"`
	OverageCap     *Millis  `json:"overage_cap_ms"` // nil: unlimited
}

// Rounding is how a call's talk time becomes billed time; all figures are seconds. Rules 5.3.
type Rounding struct {
	IncrementSeconds int `json:"increment_seconds"`  // 0: exact
	MinimumSeconds   int `json:"minimum_seconds"`    // of a call that is not free
	FreeBelowSeconds int `json:"free_below_seconds"` // a shorter call costs nothing
}

// Apply turns talk time into billed time, in the order free-below, zero, minimum, increment.
func (r Rounding) Apply(talk Millis) Millis {
	if talk == 0 || talk < Millis(r.FreeBelowSeconds)*1000 {
		return 0
	}
	billed := max(talk, Millis(r.MinimumSeconds)*1000)
	if step := Millis(r.IncrementSeconds) * 1000; step > 0 {
		billed = (billed + step - 1) / step * step
	}
	return billed
}

// PerChat is what one chat costs: 60000 / chats-per-minute ms, rounded half up to a whole ms. Rules 5.3.
func (r ChatRate) PerChat() Millis {
	const scaled = int64(Minute) * 1_000_000
	return Millis((2*scaled + int64(r)) / (2 * int64(r)))
}

func (r ChatRate) String() string {
	return strings.TrimSuffix(trimZeros(formatDecimal(int64(r), 6), 0), ".")
}

// ParseChatRate reads chats per minute: a decimal above zero with up to six decimals.
func ParseChatRate(field, text string) (ChatRate, error) {
	n, err := parseDecimal(field, text, 6)
	switch {
	case err != nil:
		return 0, err
	case n == 0:
		return 0, InvalidField(field, "must be above zero")
	case n > 60_000*1_000_000:
		return 0, InvalidField(field, "must be at most 60000")
	}
	return ChatRate(n), nil
}

// Check refuses terms that cannot be sold, naming the field.
func (t Terms) Check() error {
	checks := []error{
		checkText("name", t.Name, 1, MaxNameLength),
		checkText("description", t.Description, 0, MaxTextLength),
		CheckCurrencyCode("currency", t.Currency.Code),
		within("currency_digits", t.Currency.Digits, 0, 8),
		t.checkSigns(),
		within("interval_count", t.IntervalCount, 1, MaxIntervalCount),
		within("payment_due_days", t.PaymentDueDays, 0, MaxDays),
		within("grace_days", t.GraceDays, 0, MaxDays),
		within("rounding.increment_seconds", t.Rounding.IncrementSeconds, 0, MaxRoundSeconds),
		within("rounding.minimum_seconds", t.Rounding.MinimumSeconds, 0, MaxRoundSeconds),
		within("rounding.free_below_seconds", t.Rounding.FreeBelowSeconds, 0, MaxRoundSeconds),
		t.checkInterval(),
		t.checkPools(),
	}
	return firstError(checks...)
}

func (t Terms) checkInterval() error {
	switch t.Interval {
	case Day, Week, Month, Year:
		return nil
	}
	return InvalidField("interval", "must be one of DAY, WEEK, MONTH, YEAR")
}

// checkSigns refuses negative figures, which no door lets in and no formula could bear.
func (t Terms) checkSigns() error {
	switch {
	case t.RecurringFee != nil && (*t.RecurringFee < 0 || *t.RecurringFee > MaxMoney):
		return InvalidField("recurring_fee", "must be between 0 and %s", t.Currency.Format(MaxMoney))
	case t.Included < 0 || t.Included > MaxMinutes:
		return InvalidField("included_minutes", "must be between 0 and %s", MaxMinutes.Minutes())
	case t.Rate != nil && (*t.Rate < 0 || *t.Rate > MaxRate):
		return InvalidField("per_minute_rate", "must be between 0 and %s", MaxRate)
	case t.OverageCap != nil && (*t.OverageCap < 0 || *t.OverageCap > MaxMinutes):
		return InvalidField("overage_cap_minutes", "must be between 0 and %s", MaxMinutes.Minutes())
	}
	return nil
}

func (t Terms) checkPools() error {
	switch {
	case t.RecurringFee == nil && t.Rate == nil:
		return InvalidField("recurring_fee", "a plan needs a recurring fee, a per-minute rate, or both")
	case t.RecurringFee == nil && t.Included > 0:
		return InvalidField("included_minutes", "only a plan with a recurring fee has included minutes; give it a recurring_fee or leave this out")
	case t.OverageCap != nil && t.Rate == nil:
		return InvalidField("overage_cap_minutes", "only a plan with a per-minute rate has a cap; give it a per_minute_rate or leave this out")
	case t.Chat && t.ChatsPerMinute <= 0:
		return InvalidField("chats_per_minute", "is required when chat is on: how many chats cost one minute")
	}
	return nil
}

// Schedule is the boundary grid of a subscription on these terms.
func (t Terms) Schedule(anchor Anchor, zone *time.Location) Schedule {
	return Schedule{Anchor: anchor, Interval: t.Interval, Count: t.IntervalCount, Zone: zone}
}

// IncludedChats is how many chats the included minutes are worth; 0 for terms without chat.
func (t Terms) IncludedChats() int64 {
	if !t.Chat {
		return 0
	}
	return int64(t.Included / t.ChatsPerMinute.PerChat())
}

// IncludedLeft is what is left of the included minutes of a period.
func (t Terms) IncludedLeft(used Split) Millis { return max(0, t.Included-used.Included) }

// NearlyUsed says that four fifths of the included minutes are used.
func (t Terms) NearlyUsed(used Split) bool {
	return t.Included > 0 && used.Included >= t.NearlyAt()
}

// NearlyAt is how much of the included minutes is used when they are nearly used.
func (t Terms) NearlyAt() Millis { return t.Included / 5 * 4 }

// Accrued is what the Usage request would be if the period ended now; nothing for terms without a rate.
func (t Terms) Accrued(used Split) (Money, error) {
	if t.Rate == nil {
		return 0, nil
	}
	return Charge(used.Billable, *t.Rate, t.Currency)
}

// Every writes the billing rhythm for a person: "month", "2 months".
func (t Terms) Every() string {
	unit := strings.ToLower(string(t.Interval))
	if t.IntervalCount == 1 {
		return unit
	}
	return fmt.Sprintf("%d %ss", t.IntervalCount, unit)
}

// Plan is a catalog entry: an id, a version and the terms of that version.
type Plan struct {
	ID       ID
	Version  int
	Archived bool
	Terms    Terms
}

// Pack is a one-time block of minutes with a price.
type Pack struct {
	ID          ID
	Name        string
	Description string
	Minutes     Millis
	Price       Money
	Currency    Currency
	Archived    bool
}

// Check refuses a pack that cannot be sold.
func (p Pack) Check() error {
	checks := []error{
		checkText("name", p.Name, 1, MaxNameLength),
		checkText("description", p.Description, 0, MaxTextLength),
		CheckCurrencyCode("currency", p.Currency.Code),
	}
	if p.Minutes <= 0 || p.Minutes > MaxMinutes {
		checks = append(checks, InvalidField("minutes", "must be above zero, and at most %s", MaxMinutes.Minutes()))
	}
	if p.Price < 0 || p.Price > MaxMoney {
		checks = append(checks, InvalidField("price", "must be between 0 and %s", p.Currency.Format(MaxMoney)))
	}
	return firstError(checks...)
}

// CheckText refuses text that is too short, too long, not UTF-8, or holds control characters.
func CheckText(field, text string, least, most int) error { return checkText(field, text, least, most) }

func checkText(field, text string, least, most int) error {
	if least <= 1 && least <= len(text) && len(text) <= most && plain(text) {
		return nil
	}
	return checkOddText(field, text, least, most)
}

func checkOddText(field, text string, least, most int) error {
	n := utf8.RuneCountInString(strings.TrimSpace(text))
	switch {
	case !utf8.ValidString(text):
		return InvalidField(field, "must be valid UTF-8")
	case n < least:
		return InvalidField(field, "must not be empty")
	case utf8.RuneCountInString(text) > most:
		return InvalidField(field, "must be at most %d characters", most)
	}
	for _, r := range text {
		if r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0x7f {
			return InvalidField(field, "must not hold control characters")
		}
	}
	return nil
}

// plain says that a text is of printable ASCII, and does not begin with a space: so nearly all are.
func plain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == ' ' && i == 0 {
			return false
		}
	}
	return true
}

func within(field string, n, low, high int) error {
	if n < low || n > high {
		return InvalidField(field, "must be between %d and %d", low, high)
	}
	return nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// LoadZone finds an IANA time zone by name.
func LoadZone(field, name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, InvalidField(field, "must be an IANA time zone such as Europe/Berlin or UTC")
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, InvalidField(field, "%q is not an IANA time zone; use a name such as Europe/Berlin or UTC", name)
	}
	return zone, nil
}
