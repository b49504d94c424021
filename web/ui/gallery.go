package ui

import (
	"fmt"
	"strings"
	"time"
)

var (
	berlin = time.FixedZone("Europe/Berlin", 3600) // in winter
	issued = time.Date(2027, 1, 1, 8, 30, 0, 0, time.UTC)
)

func day(n int) Date { return Date{At: issued.AddDate(0, 0, n), Zone: berlin} }

func due(n int, before string) Date {
	d := day(n)
	d.Before = before
	return d
}

// Gallery is one page with every piece in every state, for those who make pages
// and for the tests. The console is shown if no other face is asked for.
func Gallery(face Face) Page {
	p := gallery()
	switch face {
	case Portal, Door:
		p.Face, p.Nav, p.Tabs, p.Clock, p.Find = face, nil, nil, "", ""
	case Console:
	}
	return p
}

func gallery() Page {
	return Page{
		Face: Console, Title: "Bright Dental", Sub: "Client since 1 Jan 2027",
		Brand:   Brand{Name: "Acme Voice", URL: "/"},
		Nav:     galleryNav(),
		Who:     Who{Name: "Ada Moreno", Role: "Owner", URL: "/account", Out: Form{ID: "out", Action: "/out", Submit: Submit{Text: "Sign out", Tone: Plain}}},
		Crumbs:  []Link{{"Clients", "/clients"}},
		Status:  []Badge{{Tone: Good, Text: "Active"}},
		Actions: []Piece{packAct(), Button{Text: "Export", URL: "/export", Icon: "download"}, payAct(false)},
		Tabs: &Tabs{Label: "Bright Dental", Items: []Tab{
			{Text: "Billing", URL: "/b", Current: true}, {Text: "Usage", URL: "/u"}, {Text: "Campaigns", URL: "/c", Count: "4"}, {Text: "Timeline", URL: "/t"}, {Text: "Settings", URL: "/s"},
		}},
		Flash: []Flash{{Text: "PR-000041 is marked paid. 2 campaigns resume."}, {Tone: Bad, Text: "The pack was not applied: the subscription is blocked."}},
		Banners: []Banner{
			{Tone: Bad, Title: "Payment overdue - access restricted", Text: "Access and campaigns are paused since 15 Jan because PR-000041 (99.00 USD) is unpaid. They come back as soon as it is paid.", Action: Button{Text: "How to pay", URL: "#pay"}},
			{Tone: Warn, Title: "Outstanding balance", Text: "99.00 USD is unpaid, due 15 Jan."},
			{Title: "Low minutes", Text: "80 % of the included minutes are used."},
		},
		Clock: "1 Jan 2027, 09:30", Find: "/find", Live: "/live", Refresh: 10,
		Foot: []Piece{Muted("Questions?"), Link{"help@acme.example", "mailto:help@acme.example"}},
		Body: []Piece{
			stats(),
			Grid{Columns: 2, Items: []Piece{planCard(), Pile{nextCard()}}},
			requestsCard(),
			Grid{Columns: 2, Items: []Piece{chartCard(), timelineCard()}},
			Grid{Columns: 2, Items: []Piece{formCard(), stepsCard()}},
			badgesCard(), emptyCard(), extremes(),
			Card{Title: "Found", Body: []Piece{Hits{{Text: "Bright Dental", Sub: "zoe@bright.example", URL: "/clients/1", Icon: "clients"}, {Text: "New plan", URL: "/plans/new"}}}},
			moreCard(), bulkCard(),
		},
	}
}

func galleryNav() []Nav {
	return []Nav{
		{Text: "Home", URL: "/", Icon: "home", Key: "h"},
		{Text: "Clients", URL: "/clients", Icon: "clients", Count: "48", Current: true},
		{Text: "Payment requests", URL: "/requests", Icon: "requests", Count: "7", Key: "p"},
		{Text: "Catalog", URL: "/catalog", Icon: "catalog"},
		{Text: "Usage events", URL: "/usage", Icon: "usage"},
		{Text: "Campaigns", URL: "/campaigns", Icon: "campaigns"},
		{Text: "Reports", URL: "/reports", Icon: "reports"},
		{Text: "Settings", URL: "/settings", Icon: "settings"},
	}
}

func packAct() Act {
	return Act{
		ID: "pack", Label: "Apply Addon Pack", Icon: "plus", Title: "Apply “100 Minutes”",
		Says: []string{"Credits 100.00 minutes to the wallet now. They never expire.", "Issues PR-000042 for 20.00 USD, due 8 Jan 2027."},
		Form: Form{Action: "/packs", Hidden: []Pair{{"pack", "7"}}, Submit: Submit{Text: "Apply pack"}, Fields: []Piece{
			Select{Field: Field{Name: "status", Label: "Payment", Value: "PENDING"}, Options: []Option{{"PENDING", "Pending: to be paid by 8 Jan"}, {"PAID", "Paid already"}}},
			Field{Name: "external", Label: "External payment id", Optional: true},
		}},
	}
}

func payAct(open bool) Act {
	return Act{
		ID: "pay", Label: "Record a payment", Main: true, Open: open, Says: []string{"Pays PR-000041 in full; the client returns to Active."},
		Form: Form{Action: "/payments", Fields: []Piece{Field{Name: "amount", Label: "Amount", Unit: "USD", Value: "99.00", Mode: "decimal"}}, Submit: Submit{Text: "Record 99.00 USD", Icon: "check"}},
	}
}

func stats() Piece {
	return Grid{Columns: 4, Items: []Piece{
		Stat{Label: "Outstanding", Value: Money{"12408.50", "USD"}, Sub: Text("7 payment requests"), URL: "/requests"},
		Stat{Label: "Overdue", Value: Money{"297.00", "USD"}, Sub: Badge{Tone: Warn, Text: "3 clients"}},
		Stat{Label: "Minutes this month", Value: Minutes{"18204.25", 1092255000}, Sub: Muted("1,204.00 today"), Spark: &Spark{Label: "Minutes by day", Points: points(3, 9, 4, 12, 10, 17, 21, 0, 14)}},
		Stat{Label: "Recurring revenue", Value: Money{"4752", "JPY"}, Sub: Line{Muted("per month"), Money{"-5.00", "USD"}}},
	}}
}

func planCard() Piece {
	return Card{
		Title: "Growth", Sub: "Version 3", Status: []Badge{{Tone: Good, Text: "Active"}}, Live: "plan",
		Actions: []Piece{Act{
			ID: "cancel", Label: "Cancel", Tone: Bad, Title: "Cancel the subscription?", Says: []string{"Stops service now and bills 3.20 min of excess use."},
			Form: Form{Action: "/cancel", Submit: Submit{Text: "Cancel subscription", Tone: Bad}, Fields: []Piece{
				Textarea{Field: Field{Name: "reason", Label: "Reason", Hint: "The client reads it in the timeline."}}, Checkbox{Field: Field{Name: "bill", Label: "Bill the accrued minutes"}, Checked: true},
			}},
		}},
		Body: []Piece{
			Line{Badge{Tone: Plain, Text: "Recurring · 99.00 USD / month"}, Badge{Tone: Plain, Text: "Usage · 0.25/min"}, Badge{Tone: Plain, Text: "Add-on packs · On"}, Badge{Tone: Plain, Text: "1 min = 5 chats"}},
			Section{Body: []Piece{Meter{Label: "Included minutes", Used: 272, Of: 300, Text: "Available: 28.00 / 300.00 min", Sub: "Resets each billing period, next on 1 Feb 2027"}}},
			Section{Title: "Add-on minutes (wallet)", Status: []Badge{{Tone: Plain, Text: "Never expires"}}, Value: Minutes{"60.00", 3600000}},
			Section{Title: "Excess minutes (billable)", Value: Minutes{"3.20", 192000}, Sub: "Beyond included and add-on: 0.80 USD if the period ended now"},
			Section{Body: []Piece{Meter{Label: "Period", Used: 10, Of: 31, Text: "day 10 of 31", Progress: true}, Meter{Label: "Included minutes", Used: 300, Of: 300, Text: "Available: 0.00 / 300.00 min"}, Meter{Label: "Wallet", Used: 40, Of: 100, Pool: "wallet", Text: "60.00 min left"}}},
		},
		Foot: Line{Muted("Started"), day(0), Muted("in Europe/Berlin")},
	}
}

func nextCard() Piece {
	return Card{Title: "What happens next", Body: []Piece{
		Timeline{
			{At: day(14), Title: "PR-000041 is due. If unpaid: past due, 2 campaigns pause.", Tone: Warn, Ahead: true},
			{At: day(21), Title: "Grace ends. If unpaid: blocked until canceled.", Tone: Bad, Ahead: true},
			{At: day(31), Title: "Period ends: included minutes reset, 99.00 USD requested.", Ahead: true},
		},
		Facts{{"Recurring fee", Money{"99.00", "USD"}}, {"Included minutes", Text("300 per period")}, {"Per-minute rate", Text("0.25 USD")}, {"Billing period", Text("1 Jan – 1 Feb 2027")}, {"Payment due", Text("14 days, 7 days grace")}, {"Paid", Date{}}},
		List{Between{Text("100 Minutes Pack"), Money{"20.00", "USD"}}, Between{Link{"500 Minutes Pack", "/packs/2"}, Money{"90.00", "USD"}}},
		Code{Label: "First call", Text: "curl https://example.test/api/v1/usage-events \\\n  -H 'Authorization: Bearer mb_live_…' -d '{\"client\":\"bright\"}'"},
		Copy{"RF18 5390 0754 7034"},
		Clip("demo1795654121788801027"),
	}}
}

func requestsCard() Piece {
	row := func(number string, b Badge, kind, amount string, quiet bool, act Piece) Row {
		return Row{URL: "/requests/" + number, Quiet: quiet, Cells: []Piece{
			Text(number),
			Stack{Text("Cycle"), Muted(kind)},
			Stack{due(14, "Due"), Line{Muted("Grace until"), day(21)}},
			Meter{Label: "Minutes", Used: int64(len(kind)) * 11, Of: 100, Text: "12.00 / 300", Compact: true},
			b,
			Money{amount, "USD"},
			act,
		}}
	}
	status := func(n string) Act {
		return Act{ID: "status-" + n, Label: "Update status", Form: Form{Action: "/status", Fields: []Piece{Select{Field: Field{Name: "status", Label: "Status", Value: "PAID"}, Options: []Option{{"PENDING", "Pending"}, {"PAID", "Paid"}}}}, Submit: Submit{Text: "Update"}}}
	}
	return Card{
		Title: "Payment requests", Flush: true, Live: "requests", Actions: []Piece{Filter{
			Action: "/clients/1", Hint: "Number or reference", Table: "requests", Clear: "/clients/1", Hidden: []Pair{{"tab", "billing"}},
			Selects: []Select{{Field: Field{Name: "state", Label: "Status", Value: ""}, Options: []Option{{"", "Any status"}, {"OVERDUE", "Overdue"}}}},
			Fields:  []Field{{Name: "from", Label: "From", Type: "date"}},
		}},
		Body: []Piece{Table{
			ID: "requests", Caption: "Payment requests",
			Columns: []Column{{Name: "Number", Sort: "?sort=number", Sorted: "descending"}, {Name: "Type"}, {Name: "Due & paid"}, {Name: "Used", Num: true}, {Name: "Status"}, {Name: "Amount", Num: true, Sort: "?sort=amount"}, {Slim: true}},
			Rows: []Row{
				row("PR-000041", Badge{Text: "Pending"}, "Recurring", "99.00", false, status("41")),
				row("PR-000040", Badge{Tone: Warn, Text: "Overdue", Why: "due 8 Jan and not paid"}, "Usage", "1207.50", false, status("40")),
				row("PR-000039", Badge{Tone: Bad, Text: "Failed"}, "Usage", "7.50", false, status("39")),
				row("PR-000038", Badge{Tone: Good, Text: "Paid"}, "Recurring", "99.00", false, nil),
				row("PR-000037", Badge{Tone: Plain, Text: "Canceled"}, "Recurring", "99.00", true, nil),
			},
			Foot:  &Row{Cells: []Piece{Text("Total open"), nil, nil, nil, nil, Money{"1314.00", "USD"}, nil}},
			Pager: &Pager{Text: "1 to 5 of 48", Prev: "?page=1", Next: "?page=3"},
		}},
	}
}

func chartCard() Piece {
	chart := Chart{Label: "Minutes per day in this period, by pool", Unit: "min", Series: []Series{{"included", "included"}, {"wallet", "wallet"}, {"billable", "billable"}, {"uncovered", "uncovered"}}}
	for i := range 31 {
		v := []int64{int64(20 + i*7%23), 0, 0, 0}
		if i > 12 {
			v = []int64{int64(6 + i%5), int64(12 + i*5%17), int64(i * 3 % 11), int64(i % 4)}
		}
		if i > 26 {
			v = []int64{0, 0, 0, 0}
		}
		b := Bar{Name: fmt.Sprintf("%d Jan", i+1), Full: fmt.Sprintf("%d Jan 2027", i+1), Total: fmt.Sprintf("%d.00", v[0]+v[1]+v[2]+v[3])}
		for _, n := range v {
			b.Values = append(b.Values, Value{n, fmt.Sprintf("%d.00", n)})
		}
		chart.Bars = append(chart.Bars, b)
	}
	months := Chart{Label: "Revenue by month", Unit: "USD", Series: []Series{{Name: "Revenue"}}}
	for i, m := range []string{"Oct", "Nov", "Dec", "Jan"} {
		months.Bars = append(months.Bars, Bar{Name: m, Full: m, Total: fmt.Sprintf("%d00.00", i+2), Values: []Value{{int64(i + 2), fmt.Sprintf("%d00.00", i+2)}}})
	}
	return Card{Title: "Usage", Body: []Piece{chart, months, Chart{Empty: Empty{Icon: "usage", Title: "No calls yet", Text: "Calls appear here within seconds of their end."}}}}
}

func timelineCard() Piece {
	at := Date{At: issued, Zone: berlin, Minute: true}
	return Card{Title: "Timeline", Body: []Piece{Timeline{
		{At: at, Tone: Good, Title: "PR-000038 paid", Who: "Ada Moreno", Detail: []Piece{Money{"99.00", "USD"}, Link{"txn_8f21", "/p"}}},
		{At: at, Tone: Bad, Title: "Access denied: payment overdue", Before: "allowed", After: "denied"},
		{At: at, Tone: Info, Title: "Call minutes voided", Who: "Ada Moreno", Why: "A test call"},
		{At: at, Title: "Period opened"},
	}}}
}

func formCard() Piece {
	return Card{Title: "New plan", Body: []Piece{
		Form{ID: "plan", Action: "/plans", Error: "The plan was not saved: two fields need another look.", Cancel: "/plans", Hidden: []Pair{{"key", "k1"}}, Fields: []Piece{
			Field{Name: "name", Label: "Name", Value: "Growth", Hint: "Clients see it in their portal.", MaxLength: 80, Complete: "off", Focus: true},
			Fields{Title: "Price", Items: []Piece{
				Field{Name: "fee", Label: "Recurring fee", Unit: "USD", Value: "ninety", Error: "is no amount: write it like 99.00", Hint: "Per period, in advance.", Mode: "decimal"},
				Field{Name: "rate", Label: "Per-minute rate", Unit: "USD", Placeholder: "none", Optional: true, Pattern: `[0-9.]*`},
			}},
			Fields{Items: []Piece{
				Select{Field: Field{Name: "interval", Label: "Interval", Value: "MONTH", Error: "must match the plan"}, Options: []Option{{"DAY", "Day"}, {"MONTH", "Month"}}},
				Field{Name: "count", Label: "Count", Type: "number", Min: "1", Max: "36", Step: "1", Value: "2", Disabled: true},
				Field{Name: "secret", Label: "Password", Type: "password", Value: "never shown again"},
			}},
			Checkbox{Field: Field{Name: "packs", Label: "Add-on packs", Hint: "Clients may hold a wallet."}, Checked: true},
			Checkbox{Field: Field{Name: "agree", Label: "I have read it", Error: "must be ticked", Value: "yes"}},
			Textarea{Field: Field{Name: "note", Label: "Description", Value: "Two\nlines", Optional: true}, Rows: 2},
		}, Submit: Submit{Text: "Save plan", Name: "do", Value: "save"}},
		Form{ID: "find", Action: "/find", Get: true, Inline: true, Fields: []Piece{Field{Name: "email", Label: "Invite", Type: "email"}}, Submit: Submit{Text: "Invite", Tone: Plain}},
		Form{ID: "import", Action: "/import", Upload: true, Fields: []Piece{Field{Name: "file", Label: "CSV file", Type: "file"}}, Submit: Submit{Text: "Import"}},
	}}
}

func stepsCard() Piece {
	return Card{Title: "First steps", Sub: "2 of 4 done", Body: []Piece{Steps{
		{Done: true, Title: "Name the agency"},
		{Done: true, Title: "Make a plan"},
		{Title: "Add a client", Text: "A client is a customer whose calls you bill.", Action: Button{Text: "Add client", URL: "/clients/new", Main: true}},
		{Title: "Send the first call", Body: []Piece{Code{Text: "curl …"}}},
	}}}
}

func badgesCard() Piece {
	var badges, drawn Line
	for _, tone := range []Tone{"", Plain, Neutral, Info, Good, Warn, Bad, "unknown"} {
		badges = append(badges, Badge{Tone: tone, Text: "Status " + string(tone)})
	}
	for _, name := range []string{"logo", "home", "clients", "requests", "catalog", "usage", "campaigns", "reports", "settings", "alert", "info", "check", "copy", "external", "search", "clock", "plus", "download", "wallet", "phone"} {
		drawn = append(drawn, Button{Text: name, URL: "#" + name, Icon: name})
	}
	buttons := Line{Button{Text: "Plain", URL: "#", Tone: Plain}, Button{Text: "Usual", URL: "#"}, Button{Text: "Main", URL: "#", Main: true}, Button{Text: "Destroy", URL: "#", Tone: Bad}, Number{"1204", "calls"}}
	return Card{ID: "badges", Title: "Badges, buttons, icons", Body: []Piece{badges, buttons, drawn}}
}

func emptyCard() Piece {
	return Card{Title: "Campaigns", Flush: true, Body: []Piece{Table{Caption: "Campaigns", Columns: []Column{{Name: "Name"}}, Empty: Empty{
		Icon: "campaigns", Title: "No campaigns yet",
		Text: "Register a campaign so that billing can pause it when the client may not call, and resume it after.", Action: Button{Text: "Register a campaign", URL: "/campaigns/new", Main: true},
	}}}}
}

func points(values ...int64) (points []Value) {
	for _, v := range values {
		points = append(points, Value{v, fmt.Sprintf("%d.00", v)})
	}
	return points
}

func moreCard() Piece {
	return Card{Title: "More", Body: []Piece{
		Filter{Action: "/find", Table: "found"},
		Table{ID: "found", Caption: "Found", Columns: []Column{{Name: "What"}}, Rows: []Row{{Cells: []Piece{Text("One")}}}},
		Receipt{
			Title: "Call of 90 s", Words: []string{"1.50 minutes were billed: 1.00 included, 0.50 from the wallet."},
			Lines: []Charge{{Name: "Included", Note: "28.00 left", Value: Minutes{"1.00", 60000}}, {Name: "Wallet", Value: Minutes{"0.50", 30000}}},
			Total: &Charge{Name: "Billed", Value: Minutes{"1.50", 90000}},
		},
		Picture{URL: "/brand/7/logo.png", Alt: "Acme Voice", Width: 48, Height: 48},
		QR{Label: "Code to pay by", Cells: [][]bool{{true, true, false}, {false, true, false}, {true, false, true}}},
		Form{ID: "radios", Action: "/pay", Fields: []Piece{
			Radios{Field: Field{Name: "status", Label: "Payment", Value: "PENDING"}, Choices: []Choice{{"PENDING", "Pending", "To be paid by 8 Jan"}, {"PAID", "Paid already", ""}}},
			Radios{Field: Field{Name: "after", Label: "Open requests", Error: "choose one", Hint: "Packs stay."}, Choices: []Choice{{"keep", "Keep", ""}, {"cancel", "Cancel", ""}}},
		}},
	}}
}

func bulkCard() Piece {
	pick := func(n string) Row {
		return Row{URL: "/r/" + n, Name: n, Pick: n, Cells: []Piece{Text(n), Money{"99.00", "USD"}}}
	}
	return Card{Title: "Open requests", Flush: true, Body: []Piece{Table{
		Caption: "Open requests", Columns: []Column{{Name: "Number"}, {Name: "Amount", Num: true}},
		Bulk: &Bulk{Name: "request", Act: Act{ID: "bulk", Label: "Mark paid", Says: []string{"Every picked request is paid in full, today."}, Form: Form{Action: "/bulk", Submit: Submit{Text: "Mark paid"}}}},
		Rows: []Row{pick("PR-000001"), pick("PR-000002"), {Cells: []Piece{Text("PR-000003"), Money{"1.00", "USD"}}}},
	}}}
}

// extremes are what people really have: names without an end or from right to left, amounts of twelve digits.
func extremes() Piece {
	long := strings.Repeat("Donaudampfschifffahrtsgesellschaft", 9)
	return Card{Title: long, Sub: "مركز الأسنان <b>", Status: []Badge{{Tone: Warn, Text: long}}, Actions: []Piece{Button{Text: long, URL: "#"}}, Body: []Piece{
		Grid{Columns: 4, Items: []Piece{
			Stat{Label: long, Value: Money{"123456789012.345", "KWD"}},
			Stat{Label: "Yen", Value: Money{"123456789012", "JPY"}},
			Stat{Label: "Own", Value: Money{"-1234567890.12345678", "USDT"}},
			Stat{Label: "Minutes", Value: Minutes{"9999999999.99", 599999999999400}},
		}},
		Meter{Label: long, Used: 1, Of: 3, Text: "9999999999.99 / 9999999999.99 min", Sub: long},
		Table{Caption: "Extremes", Columns: []Column{{Name: "Name"}, {Name: "Amount", Num: true}, {Name: "Status"}}, Rows: []Row{
			{URL: "#", Cells: []Piece{Stack{Text(long), Muted(long)}, Money{"123456789012.345", "KWD"}, Badge{Tone: Bad, Text: long}}},
			{Cells: []Piece{Text("مركز الأسنان \u202e 👩‍👩‍👧‍👦"), Money{"-0.01", "USD"}, Badge{Text: "Pending"}}},
		}},
		Timeline{{At: Date{At: issued, Zone: berlin, Minute: true}, Title: long, Who: long, Why: long, Before: long, After: long}},
		Facts{{long, Text(long)}},
		Copy{long},
		Code{Text: long},
		Receipt{Words: []string{long}, Lines: []Charge{{Name: long, Value: Money{"123456789012.345", "KWD"}}}},
	}}
}
