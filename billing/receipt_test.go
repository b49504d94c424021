package billing

import "testing"

func TestReceipt(t *testing.T) {
	rate := Rate(250_000)
	terms := Terms{Name: "Growth", Currency: Currency{"USD", 2}, Rate: &rate, Rounding: Rounding{IncrementSeconds: 60, MinimumSeconds: 60, FreeBelowSeconds: 5}, Chat: true, ChatsPerMinute: 5_000_000}
	call := func(talk, billed Millis, status UsageStatus) RecordedUsage {
		return RecordedUsage{Event: UsageEvent{Kind: Call, CallID: "call-1", Talk: talk}, Billed: billed, Status: status, Parts: []Part{{}}}
	}
	for _, each := range []struct {
		receipt Receipt
		want    string
	}{
		{
			Receipt{Event: call(100*Minute, 100*Minute, Rated), Split: Split{10 * Minute, 60 * Minute, 30 * Minute, 0}, Terms: terms},
			"Call call-1 of 100 min: 10 min included, 60 min from the wallet, 30 min billable at 0.25 USD per minute.",
		},
		{
			Receipt{Event: call(61_000, 2*Minute, Rated), Split: Split{Included: 2 * Minute}, Terms: terms},
			"Call call-1 of 1 min 1 s: 2 min included. Billed as 2 min: the plan rounds calls (at least 60 s, up to full 60 s).",
		},
		{Receipt{Event: call(4_000, 0, Rated), Terms: terms}, "Call call-1 of 4 s: nothing was drawn. Calls shorter than 5 s are free."},
		{
			Receipt{Event: call(Minute, Minute, Rated), Split: Split{Uncovered: Minute}, Terms: terms, Late: true, Period: 2, CallPeriod: 1},
			"Call call-1 of 1 min: 1 min uncovered. 1 min found no pool with minutes left: used, but never billed. It was reported late: it belongs to period 1 and was drawn from period 2.",
		},
		{
			Receipt{Event: call(Minute, Minute, VoidUsage), Split: Split{Included: Minute}, Terms: terms, VoidReason: "dispute"},
			"Call call-1 of 1 min: 1 min included. It was voided and its minutes were given back: dispute",
		},
		{
			Receipt{Event: RecordedUsage{Event: UsageEvent{Kind: Call, EventID: "e", Talk: Minute}, Status: Unrated}},
			"Call e of 1 min: there was no subscription to draw from, so it is recorded and nothing is charged.",
		},
		{
			Receipt{Event: RecordedUsage{Event: UsageEvent{Kind: Chat, EventID: "e", Chats: 2}, Billed: 24_000, Status: Rated, Parts: []Part{{}}}, Split: Split{Included: 24_000}, Terms: terms},
			"Chat e, 2 at 12 s each: 24 s included.",
		},
	} {
		if got := each.receipt.String(); got != each.want {
			t.Errorf("receipt = %q\nwant %q", got, each.want)
		}
	}
}
