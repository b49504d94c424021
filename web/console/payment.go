package console

import (
	"minutebook/billing"
	"minutebook/web/ui"
)

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
			where.Options = append(where.Options, ui.Option{Value: r.ID.String(), Text: r.Label() + " · " + r.Currency.FormatWithCode(r.Due()) + " open"})
			if amount == "" {
				code, amount = r.Currency.Code, r.Currency.Format(r.Due())
			}
		}
	}
	where.Options = append(where.Options, ui.Option{Value: "credit", Text: "Nothing yet: keep it as client credit"})
	says := []string{"Records money you have received. What pays a request in full sets it to Paid; what is left over becomes client credit."}
	for _, c := range l.account.Credits {
		if c.Amount > 0 {
			says = append(says, "The client's credit is "+c.Currency.FormatWithCode(c.Amount)+".")
		}
	}
	return l.Careful(ui.Act{ID: "payment", Label: "Record a payment", Main: main, Says: says, Form: ui.Form{Action: l.url("payment"), Submit: ui.Submit{Text: "Record payment"}, Fields: []ui.Piece{
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
	amount, currency, err := s.Money("amount", s.Text("currency"))
	if err != nil {
		return "", err
	}
	received, err := s.Day("received_at")
	if err != nil {
		return "", err
	}
	p := billing.Payment{Currency: currency, Amount: amount, Method: s.Text("method"), Reference: s.Text("reference"), ReceivedAt: received}
	switch s.Text("request") {
	case "credit":
	case "oldest":
		p.Allocations = s.account.OldestFirst(amount, currency)
	default:
		id, err := s.Chosen("request")
		if err != nil {
			return "", err
		}
		p.Allocations = []billing.Allocation{{RequestID: id, Amount: amount}}
	}
	_, err = s.App.ReceivePayment(s.R.Context(), s.Who, s.ClientRow.ID, p)
	return currency.FormatWithCode(amount) + " is recorded.", err
}

// oneTimeAct asks for something outside the cycle.
func (l *ledger) oneTimeAct() ui.Piece {
	return l.Careful(ui.Act{ID: "one-time", Label: "One-time request", Says: []string{"Issues a payment request outside the billing cycle. It never changes the subscription."},
		Form: ui.Form{Action: l.url("one-time"), Submit: ui.Submit{Text: "Issue request"}, Fields: []ui.Piece{
			ui.Field{Name: "description", Label: "What for", MaxLength: billing.MaxNameLength},
			ui.Fields{Items: []ui.Piece{ui.Field{Name: "amount", Label: "Amount", Mode: "decimal"}, ui.Field{Name: "currency", Label: "Currency", Value: l.money(), MaxLength: 10}}},
			ui.Field{Name: "due_date", Label: "Due on", Type: "date"},
			ui.Textarea{Field: ui.Field{Name: "notes", Label: "Notes", Optional: true, MaxLength: billing.MaxTextLength}, Rows: 2},
		}}})
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
	return r.Label() + " over " + currency.FormatWithCode(amount) + " is issued.", err
}
