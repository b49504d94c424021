package console

import (
	"strings"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

func paymentRoutes() []desk.Route {
	return []desk.Route{
		{Path: "/console/payments", Show: paymentsPage},
		{Path: "/console/payments/new", Show: newPaymentPage},
		{Path: "/console/clients/{client}/payments/new", Show: splitPaymentPage},
		{Path: "/console/clients/{client}/payments", Do: about(splitPayment), Again: splitPaymentPage},
	}
}

// paymentsPage is the record of all money, newest first.
func paymentsPage(v *desk.Visit) (ui.Page, error) {
	list, err := v.App.Payments(v.R.Context(), v.Who, 0, wanted(v))
	if err != nil {
		return ui.Page{}, err
	}
	record := ui.Button{Text: "Record a payment", URL: "/console/payments/new", Icon: "plus", Main: true}
	table := ui.Table{
		Caption: "Payments", Pager: pager(v, list.Total), Columns: []ui.Column{{Name: "Received"}, {Name: "Client"}, {Name: "How"}, {Name: "By"}, {Name: "Amount", Num: true}, {Name: "To credit", Num: true}},
		Empty: ui.Empty{Icon: "wallet", Title: "No payments yet", Text: "Money that was received is recorded here. A payment is never changed: what was wrong is reversed by a new one.", Action: record},
	}
	for _, p := range list.Items {
		how := ui.Stack{Main: ui.Text(methodWords(p.Method)), Sub: ui.Muted(p.Reference)}
		credit := ui.Piece(ui.Muted("–"))
		if p.Credit != 0 {
			credit = desk.Money(p.Currency, p.Credit)
		}
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Piece{v.At(p.ReceivedAt), ui.Link{Text: p.ClientName, URL: clientURL(p.Client)}, how, ui.Text(desk.Actor(p.Actor)), desk.Money(p.Currency, p.Amount), credit}})
	}
	return ui.Page{Title: "Payments", Sub: desk.Count(list.Total, "payment", "payments"), Crumbs: []ui.Link{{Text: "Payment requests", URL: "/console/requests"}}, Actions: []ui.Piece{export(v, "payments.csv"), record}, Body: []ui.Piece{ui.Card{Flush: true, Body: []ui.Piece{table}}}}, nil
}

// methodWords is how money came, in words.
func methodWords(method string) string {
	switch method {
	case "MANUAL":
		return "Marked paid"
	case "REVERSAL":
		return "Reversal"
	case "RELEASE":
		return "Kept as client credit"
	case billing.MethodCredit:
		return "From client credit"
	case "":
		return "–"
	}
	return desk.Direction(strings.ReplaceAll(method, "_", " "))
}

// newPaymentPage asks whose payment it is.
func newPaymentPage(v *desk.Visit) (ui.Page, error) {
	page := ui.Page{Title: "Record a payment", Crumbs: []ui.Link{{Text: "Payment requests", URL: "/console/requests"}}}
	list, err := v.App.Clients(v.R.Context(), v.Who, app.ClientFilter{Query: asked(v, "q")}, wanted(v))
	if err != nil {
		return page, err
	}
	table := ui.Table{
		ID: "payers", Caption: "Clients", Pager: pager(v, list.Total), Columns: []ui.Column{{Name: "Client"}, {Name: "Amount due", Num: true}, {Slim: true}},
		Empty: ui.Empty{Icon: "clients", Title: "No client fits", Text: "A payment belongs to a client.", Action: ui.Button{Text: "Show all clients", URL: "/console/payments/new"}},
	}
	for _, c := range list.Items {
		url := clientURL(c.ID) + "/payments/new"
		table.Rows = append(table.Rows, ui.Row{URL: url, Cells: []ui.Piece{clientName(c), desk.Amounts(c.AmountDue), ui.Link{Text: "Choose", URL: url}}})
	}
	find := ui.Filter{Action: "/console/payments/new", Search: asked(v, "q"), Hint: "Name, e-mail or external id", Clear: cleared(v, "q")}
	page.Sub, page.Body = "Who paid?", filtered(find, table)
	return page, nil
}

// splitPaymentPage records a payment over several requests of a client.
func splitPaymentPage(v *desk.Visit) (ui.Page, error) {
	s, err := theClient(v)
	if err != nil {
		return ui.Page{}, err
	}
	l, err := s.ledger()
	if err != nil {
		return ui.Page{}, err
	}
	fields := []ui.Piece{
		ui.Fields{Items: []ui.Piece{ui.Field{Name: "amount", Label: "Amount received", Mode: "decimal", Focus: true}, ui.Field{Name: "currency", Label: "Currency", Value: l.money(), MaxLength: 10}}},
		ui.Fields{Items: []ui.Piece{
			ui.Select{Field: ui.Field{Name: "method", Label: "Method", Value: "BANK_TRANSFER"}, Options: paymentMethods(l.account)},
			ui.Field{Name: "reference", Label: "Reference", Optional: true, MaxLength: 255},
			ui.Field{Name: "received_at", Label: "Received on", Type: "date", Optional: true, Hint: "Empty: now."},
		}},
	}
	var parts []ui.Piece
	for _, r := range l.account.Requests {
		if r.Due() > 0 {
			parts = append(parts, ui.Field{Name: "part_" + r.ID.String(), Label: r.Label() + " · due " + l.Spoken(r.DueAt), Hint: desk.Sum(r.Currency, r.Due()) + " open", Unit: r.Currency.Code, Mode: "decimal", Optional: true})
		}
	}
	if len(parts) > 0 {
		fields = append(fields, ui.Fields{Title: "How much of it pays which request", Items: parts}, ui.Muted("What you leave open here becomes client credit. All empty: the earliest due first."))
	}
	form := ui.Form{ID: "split", Action: s.url("payments"), Cancel: s.url(""), Fields: fields, Submit: ui.Submit{Text: "Record payment"}, Also: []ui.Submit{desk.Showing}}
	page := s.page("Billing", v.Told("split"), ui.Card{Title: "Record a payment", Sub: "Of " + s.Name, Body: []ui.Piece{v.Form(form)}})
	page.Title, page.Crumbs = "Payment from "+s.Name, append(page.Crumbs, ui.Link{Text: s.Name, URL: s.url("")})
	return page, nil
}

func splitPayment(s *subject) (string, error) {
	p, err := typedPayment(s)
	if err != nil {
		return "", err
	}
	for _, r := range s.account.Requests {
		field := "part_" + r.ID.String()
		if s.Text(field) == "" {
			continue
		}
		part, _, err := s.Money(field, r.Currency.Code)
		if err != nil {
			return "", err
		}
		p.Allocations = append(p.Allocations, billing.Allocation{RequestID: r.ID, Amount: part})
	}
	if len(p.Allocations) == 0 {
		p.Allocations = s.account.OldestFirst(p.Amount, p.Currency)
	}
	_, err = s.App.ReceivePayment(s.R.Context(), s.Who, s.ClientRow.ID, p)
	return desk.Sum(p.Currency, p.Amount) + " is recorded.", err
}

// typedPayment is the money itself, as it was typed.
func typedPayment(s *subject) (p billing.Payment, err error) {
	if p.Amount, p.Currency, err = s.Money("amount", s.Text("currency")); err != nil {
		return p, err
	}
	p.Method, p.Reference = s.Text("method"), s.Text("reference")
	p.ReceivedAt, err = s.Day("received_at")
	return p, err
}

func required(field string) error { return billing.InvalidField(field, "is required") }

// money is the currency the client's amounts are typed in: that of its plan, else the agency's.
func (l *ledger) money() string {
	switch {
	case l.account.Subscription != nil:
		return l.account.Subscription.Terms.Currency.Code
	case l.assigned != nil:
		return l.assigned.Terms.Currency.Code
	}
	return l.Agency.Currency
}

// paymentAct records money that was received.
func (l *ledger) paymentAct(main bool) ui.Piece {
	where := ui.Select{Field: ui.Field{Name: "request", Label: "Pays", Value: "oldest"}, Options: []ui.Option{{Value: "oldest", Text: "What is open, the earliest due first"}}}
	code, amount := l.money(), ""
	for _, r := range l.account.Requests {
		if r.Due() > 0 {
			where.Options = append(where.Options, ui.Option{Value: r.ID.String(), Text: r.Label() + " · " + desk.Sum(r.Currency, r.Due()) + " open"})
			if amount == "" {
				code, amount = r.Currency.Code, r.Currency.Format(r.Due())
			}
		}
	}
	where.Options = append(where.Options, ui.Option{Value: "credit", Text: "Nothing yet: keep it as client credit"})
	says := []string{"Records money you have received. What pays a request in full sets it to Paid; what is left over becomes client credit."}
	for _, c := range l.account.Credits {
		if c.Amount > 0 {
			says = append(says, "The client's credit is "+desk.Sum(c.Currency, c.Amount)+".")
		}
	}
	return l.Careful(ui.Act{ID: "payment", Label: "Record a payment", Main: main, Says: says, Body: []ui.Piece{ui.Link{Text: "Split it over several requests", URL: l.url("payments/new")}}, Form: ui.Form{Action: l.url("payment"), Submit: ui.Submit{Text: "Record payment"}, Fields: []ui.Piece{
		ui.Fields{Items: []ui.Piece{ui.Field{Name: "amount", Label: "Amount", Value: amount, Mode: "decimal"}, ui.Field{Name: "currency", Label: "Currency", Value: code, MaxLength: 10}}},
		where,
		ui.Fields{Items: []ui.Piece{
			ui.Select{Field: ui.Field{Name: "method", Label: "Method", Value: "BANK_TRANSFER"}, Options: paymentMethods(l.account)},
			ui.Field{Name: "reference", Label: "Reference", Optional: true, MaxLength: 255},
		}},
		ui.Field{Name: "received_at", Label: "Received on", Type: "date", Optional: true, Hint: "Empty: now."},
	}}})
}

func paymentMethods(a *billing.Account) []ui.Option {
	options := []ui.Option{{Value: "BANK_TRANSFER", Text: "Bank transfer"}, {Value: "CARD", Text: "Card"}, {Value: "CASH", Text: "Cash"}, {Value: "OTHER", Text: "Other"}}
	for _, c := range a.Credits {
		if c.Amount > 0 {
			return append(options, ui.Option{Value: billing.MethodCredit, Text: "The client's credit"})
		}
	}
	return options
}

func recordPayment(s *subject) (string, error) {
	p, err := typedPayment(s)
	if err != nil {
		return "", err
	}
	switch s.Text("request") {
	case "credit":
	case "oldest":
		p.Allocations = s.account.OldestFirst(p.Amount, p.Currency)
	default:
		id, err := s.Chosen("request")
		if err != nil {
			return "", err
		}
		p.Allocations = []billing.Allocation{{RequestID: id, Amount: p.Amount}}
	}
	_, err = s.App.ReceivePayment(s.R.Context(), s.Who, s.ClientRow.ID, p)
	return desk.Sum(p.Currency, p.Amount) + " is recorded.", err
}

// oneTimeAct asks for something outside the cycle.
func (l *ledger) oneTimeAct() ui.Piece {
	return l.Careful(ui.Act{
		ID: "one-time", Label: "One-time request", Says: []string{"Issues a payment request outside the billing cycle. It never changes the subscription."},
		Form: ui.Form{Action: l.url("one-time"), Submit: ui.Submit{Text: "Issue request"}, Fields: []ui.Piece{
			ui.Field{Name: "description", Label: "What for", MaxLength: billing.MaxNameLength},
			ui.Fields{Items: []ui.Piece{ui.Field{Name: "amount", Label: "Amount", Mode: "decimal"}, ui.Field{Name: "currency", Label: "Currency", Value: l.money(), MaxLength: 10}}},
			ui.Field{Name: "due_date", Label: "Due on", Type: "date"},
			ui.Textarea{Field: ui.Field{Name: "notes", Label: "Notes", Optional: true, MaxLength: billing.MaxTextLength}, Rows: 2},
		}},
	})
}

func requestOneTime(s *subject) (string, error) {
	amount, currency, err := s.Money("amount", s.Text("currency"))
	if err != nil {
		return "", err
	}
	due, err := s.Day("due_date")
	if err != nil {
		return "", err
	}
	if due.IsZero() {
		return "", required("due_date")
	}
	line := billing.LineItem{Description: s.Text("description"), Quantity: "1", Unit: "item", UnitAmount: currency.Format(amount), Amount: amount}
	id, err := s.App.RequestOneTime(s.R.Context(), s.Who, s.ClientRow.ID, billing.OneTimeRequest{Currency: currency, Lines: []billing.LineItem{line}, DueAt: due, Notes: s.Text("notes")})
	if err != nil {
		return "", err
	}
	r, err := s.App.Request(s.R.Context(), s.Who, id)
	return r.Label() + " over " + desk.Sum(currency, amount) + " is issued.", err
}
