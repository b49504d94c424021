package billing

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/bojanz/currency"
	"pgregory.net/rapid"
)

// TestISODigitsAgree compares the table with an independent one, for every code that one knows.
func TestISODigitsAgree(t *testing.T) {
	codes := currency.GetCurrencyCodes()
	if len(codes) < 150 {
		t.Fatalf("only %d codes to compare with", len(codes))
	}
	for _, code := range codes {
		want, known := currency.GetDigits(code)
		if got := ISODigits(code); !known || got != int(want) {
			t.Errorf("ISODigits(%s) = %d, want %d", code, got, want)
		}
	}
}

// TestChargeIsExact compares Charge with rational arithmetic: half away from zero, or a refusal.
func TestChargeIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ms := Millis(rapid.Int64Range(0, 1<<62).Draw(t, "ms") >> rapid.IntRange(0, 61).Draw(t, "shift"))
		rate := Rate(rapid.Int64Range(0, int64(MaxRate)).Draw(t, "rate") >> rapid.IntRange(0, 39).Draw(t, "shift"))
		c := Currency{"X", rapid.IntRange(0, 8).Draw(t, "digits")}
		num := new(big.Int).Mul(big.NewInt(int64(ms)), big.NewInt(int64(rate)))
		num.Mul(num, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(c.Digits)), nil))
		den := big.NewInt(60_000 * 1_000_000)
		want := num.Mul(num, big.NewInt(2)).Add(num, den)
		want.Div(want, den.Mul(den, big.NewInt(2)))
		got, err := Charge(ms, rate, c)
		if want.IsInt64() && want.Int64() < 1<<63-1 != (err == nil) || err == nil && int64(got) != want.Int64() {
			t.Fatalf("Charge(%d, %d, %d digits) = %d, %v, want %s", ms, rate, c.Digits, got, err, want)
		}
	})
}

// TestUnusedPartIsExact compares the credit of a plan change with rational arithmetic.
func TestUnusedPartIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSchedule(t)
		p := Period{Start: s.Boundary(0), End: s.Boundary(1)}
		fee := Money(rapid.Int64Range(0, int64(MaxMoney)).Draw(t, "fee"))
		whole := p.End.Sub(p.Start)
		left := whole * 7 / 13
		got := unusedPart(fee, p, p.End.Add(-left))
		num := new(big.Int).Mul(big.NewInt(int64(fee)), big.NewInt(left.Microseconds()))
		num.Mul(num, big.NewInt(2)).Add(num, big.NewInt(whole.Microseconds()))
		if want := num.Div(num, big.NewInt(2*whole.Microseconds())); int64(got) != want.Int64() && left.Microseconds()*1000 == int64(left) {
			t.Fatalf("unusedPart = %d, want %s", got, want)
		}
		if unusedPart(fee, p, p.Start) != fee || unusedPart(fee, p, p.End) != 0 {
			t.Fatalf("the whole period is not the whole fee")
		}
	})
}

// TestRoundingTable holds the rounding of calls against what resellers publish.
func TestRoundingTable(t *testing.T) {
	cases := []struct {
		rule       Rounding
		talk, want Millis
	}{
		{Rounding{60, 60, 0}, 0, 0},
		{Rounding{60, 60, 0}, 1000, 60_000},
		{Rounding{60, 60, 0}, 60_000, 60_000},
		{Rounding{60, 60, 0}, 61_000, 120_000},
		{Rounding{60, 60, 0}, 60_001, 120_000},
		{Rounding{6, 6, 0}, 11_000, 12_000},
		{Rounding{30, 30, 0}, 25_000, 30_000},
		{Rounding{30, 30, 0}, 55_000, 60_000},
		{Rounding{30, 30, 0}, 80_000, 90_000},
		{Rounding{60, 0, 3}, 2_999, 0}, // hang-up within two seconds is free, three are a minute
		{Rounding{60, 0, 3}, 3_000, 60_000},
		{Rounding{60, 0, 30}, 29_999, 0},
		{Rounding{60, 0, 30}, 30_000, 60_000},
		{Rounding{6, 10, 0}, 4_000, 12_000}, // the minimum is rounded up too
		{Rounding{}, 15_791, 15_791},        // exact: milliseconds are kept
		{Rounding{1, 0, 0}, 15_791, 16_000},
		{Rounding{0, 20, 0}, 15_791, 20_000},
	}
	for _, c := range cases {
		if got := c.rule.Apply(c.talk); got != c.want {
			t.Errorf("%+v.Apply(%d) = %d, want %d", c.rule, c.talk, got, c.want)
		}
	}
}

// TestPerChat rounds half up to a whole millisecond.
func TestPerChat(t *testing.T) {
	for text, want := range map[string]Millis{"5": 12_000, "7": 8_571, "0.5": 120_000, "60000": 1, "0.000001": 60_000_000_000, "45000": 1, "16": 3750, "3.5": 17_143} {
		r, err := ParseChatRate("chats_per_minute", text)
		if err != nil || r.PerChat() != want {
			t.Errorf("PerChat at %s a minute = %d, %v, want %d", text, r.PerChat(), err, want)
		}
	}
}

// TestNumbersThatAreRefused: no door may let in what is not a plain decimal.
func TestNumbersThatAreRefused(t *testing.T) {
	usd := Currency{"USD", 2}
	for _, text := range []string{"", "-1", "+1", "1e3", " 1", "1 ", ".5", "5.", "1,00", "NaN", "Inf", "0x10", "1.005", "1.000", "٣", "1..0", strings.Repeat("9", 30), "1000000000000.00"} {
		if m, err := usd.Parse("amount", text); err == nil {
			t.Errorf("Parse(%q) = %d", text, m)
		}
	}
	yen := Currency{"JPY", 0}
	if m, err := yen.Parse("amount", "99.0"); err == nil {
		t.Errorf("yen with decimals: %d", m)
	}
}

// TestTermsThatAreRefused: what cannot be sold is named by its field.
func TestTermsThatAreRefused(t *testing.T) {
	minus, fee, rate, overage := Money(-1), Money(9900), Rate(-1), Minute
	cases := map[string]func(*Terms){
		"name": func(t *Terms) { t.Name = " " }, "currency": func(t *Terms) { t.Currency.Code = "usd" }, "currency_digits": func(t *Terms) { t.Currency.Digits = 9 },
		"interval": func(t *Terms) { t.Interval = "HOUR" }, "interval_count": func(t *Terms) { t.IntervalCount = 37 },
		"payment_due_days": func(t *Terms) { t.PaymentDueDays = 366 }, "grace_days": func(t *Terms) { t.GraceDays = -1 },
		"recurring_fee": func(t *Terms) { t.RecurringFee = &minus }, "included_minutes": func(t *Terms) { t.Included = -1 },
		"per_minute_rate": func(t *Terms) { t.Rate = &rate }, "overage_cap_minutes": func(t *Terms) { t.OverageCap = &overage },
		"chats_per_minute": func(t *Terms) { t.Chat = true }, "rounding.increment_seconds": func(t *Terms) { t.Rounding.IncrementSeconds = 3601 },
	}
	for field, spoil := range cases {
		terms := Terms{Name: "Plan", Currency: dollars, RecurringFee: &fee, Interval: Month, IntervalCount: 1}
		if err := terms.Check(); err != nil {
			t.Fatal(err)
		}
		spoil(&terms)
		if refusal, ok := terms.Check().(*Error); !ok || refusal.Field != field {
			t.Errorf("Check of a spoiled %s = %v", field, refusal)
		}
	}
}

func FuzzParseMoney(f *testing.F) {
	f.Add("99.00", 2)
	f.Add("0.000001", 6)
	f.Fuzz(func(t *testing.T, text string, digits int) {
		c := Currency{"X", int(uint(digits) % 9)}
		m, err := c.Parse("amount", text)
		if err != nil {
			return
		}
		again, err := c.Parse("amount", c.Format(m))
		if err != nil || again != m || m < 0 || m > MaxMoney {
			t.Errorf("%q is %d, written %s, read %d, %v", text, m, c.Format(m), again, err)
		}
	})
}

func FuzzParseMinutes(f *testing.F) {
	f.Add("120.50")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ParseMinutes("minutes", text)
		if err != nil {
			return
		}
		again, err := ParseMinutes("minutes", m.Minutes())
		if err != nil || again != m || m < 0 || m > MaxMinutes {
			t.Errorf("%q is %d, written %s, read %d, %v", text, m, m.Minutes(), again, err)
		}
	})
}

func FuzzParseRate(f *testing.F) {
	f.Add("0.25")
	f.Add("1000000.000001")
	f.Fuzz(func(t *testing.T, text string) {
		if r, err := ParseRate("rate", text); err == nil {
			if again, err := ParseRate("rate", r.String()); err != nil || again != r || r < 0 || r > MaxRate {
				t.Errorf("rate %q is %d, written %s, read %d, %v", text, r, r, again, err)
			}
		}
		if r, err := ParseChatRate("chats", text); err == nil {
			if again, err := ParseChatRate("chats", r.String()); err != nil || again != r || r <= 0 || r.PerChat() < 1 {
				t.Errorf("chats a minute %q is %d, written %s, read %d, %v: %d ms each", text, r, r, again, err, r.PerChat())
			}
		}
	})
}

// FuzzCharge: what talk time costs is the exact price, rounded once, half away from zero.
func FuzzCharge(f *testing.F) {
	f.Add(int64(60_000), int64(250_000), 2)
	f.Add(int64(math.MaxInt64), int64(MaxRate), 8)
	f.Add(int64(1), int64(30_000_000_000), 0)
	f.Fuzz(func(t *testing.T, ms, rate int64, digits int) {
		if ms < 0 || rate < 0 || digits < 0 || digits > 8 {
			return
		}
		got, err := Charge(Millis(ms), Rate(rate), Currency{"X", digits})
		exact := new(big.Rat).SetInt(new(big.Int).Mul(new(big.Int).Mul(big.NewInt(ms), big.NewInt(rate)), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)))
		exact.Quo(exact, big.NewRat(60_000_000_000, 1)).Add(exact, big.NewRat(1, 2))
		want := new(big.Int).Div(exact.Num(), exact.Denom())
		if err == nil && want.Cmp(big.NewInt(int64(got))) != 0 || err != nil && want.Cmp(big.NewInt(math.MaxInt64)) < 0 {
			t.Errorf("%d ms at %d/1e6 with %d decimals = %d, %v, want %s", ms, rate, digits, got, err, want)
		}
	})
}

func FuzzParseID(f *testing.F) {
	f.Add("926625772343363509")
	f.Add("+1")
	f.Add("٣")
	f.Fuzz(func(t *testing.T, text string) {
		id, err := ParseID(text)
		if err != nil {
			return
		}
		if again, err := ParseID(id.String()); err != nil || again != id || id <= 0 {
			t.Errorf("%q is %d, written %s, read %d, %v", text, id, id, again, err)
		}
	})
}

// FuzzZone: a zone's name is one of the world's, or refused; it never names a file or this machine.
func FuzzZone(f *testing.F) {
	f.Add("Europe/Berlin")
	f.Add("Local")
	f.Add("../../etc/passwd")
	f.Fuzz(func(t *testing.T, name string) {
		zone, err := LoadZone("timezone", name)
		if err == nil && (zone == time.Local || zone.String() != name || strings.Contains(name, "..") || strings.ContainsAny(name, "\\\x00")) {
			t.Errorf("%q is taken for %s", name, zone)
		}
	})
}

// FuzzDecodeFact: what a stored fact's bytes say is either an error or a fact that is written and read the same.
func FuzzDecodeFact(f *testing.F) {
	for name := range decoders {
		f.Add(name, []byte(`{"plan_id":"12","at":"2027-01-01T00:00:00Z","anchor":"2027-01-31T10:30:00","reason":"x","parts":[{"period_index":1}]}`))
	}
	f.Fuzz(func(t *testing.T, name string, body []byte) {
		fact, err := DecodeFact(name, body)
		if err != nil {
			return
		}
		text, err := json.Marshal(fact)
		if err != nil {
			return // a date beyond the year 9999 can be read but not written
		}
		again, err := DecodeFact(name, text)
		if err != nil {
			t.Fatalf("%s %s: %v", name, text, err)
		}
		if once, err := json.Marshal(again); err != nil || string(once) != string(text) || reflect.TypeOf(again) != reflect.TypeOf(fact) {
			t.Errorf("%s: %s became %s, %v", name, text, once, err)
		}
	})
}

func TestTimes(t *testing.T) {
	for _, test := range []struct {
		m    Money
		n    int64
		want Money
		err  error
	}{
		{0, math.MinInt64, 0, nil},
		{99_00, -3, -297_00, nil},
		{math.MaxInt64, 1, math.MaxInt64, nil},
		{-1, math.MinInt64, 0, ErrOverflow},
		{math.MinInt64, -1, 0, ErrOverflow},
		{MaxMoney, 100_000, 0, ErrOverflow},
	} {
		if got, err := test.m.Times(test.n); got != test.want || !errors.Is(err, test.err) {
			t.Errorf("%d.Times(%d) = %d, %v; want %d, %v", test.m, test.n, got, err, test.want, test.err)
		}
	}
}
