package api

import (
	"context"
	"fmt"
	"net/http"

	"minutebook/app"
	"minutebook/billing"
)

// paymentOut is a record of money; none is ever changed.
type paymentOut struct {
	ID          billing.ID      `json:"id"`
	ClientID    billing.ID      `json:"client_id"`
	ClientName  string          `json:"client_name"`
	Currency    string          `json:"currency"`
	Amount      string          `json:"amount" doc:"Negative for a reversal"`
	Credit      string          `json:"credit" doc:"The part that became the client's credit; negative when credit was spent"`
	Method      string          `json:"method"`
	Reference   string          `json:"reference"`
	ReceivedAt  instant         `json:"received_at"`
	RecordedAt  instant         `json:"recorded_at"`
	RecordedBy  string          `json:"recorded_by"`
	Reverses    *billing.ID     `json:"reverses" doc:"The payment this one takes back"`
	Allocations []allocationOut `json:"allocations"`
}

type allocationOut struct {
	RequestID billing.ID `json:"payment_request_id"`
	Amount    string     `json:"amount"`
}

func payment(p app.PaymentRow) paymentOut {
	out := paymentOut{
		ID: p.ID, ClientID: p.Client, ClientName: p.ClientName, Currency: p.Currency.Code, Amount: p.Currency.Format(p.Amount), Credit: p.Currency.Format(p.Credit),
		Method: p.Method, Reference: p.Reference, ReceivedAt: instant(p.ReceivedAt), RecordedAt: instant(p.RecordedAt), RecordedBy: p.Actor,
		Reverses: orNull(p.Reverses), Allocations: []allocationOut{},
	}
	for _, part := range p.Allocations {
		out.Allocations = append(out.Allocations, allocationOut{part.RequestID, p.Currency.Format(part.Amount)})
	}
	return out
}

type paymentIn struct {
	ClientNamed
	Currency    string         `json:"currency" minLength:"2" maxLength:"10"`
	Amount      string         `json:"amount" maxLength:"40" doc:"Above zero" example:"99.00"`
	Method      string         `json:"method" required:"false" maxLength:"60" doc:"In the agency's own words; CREDIT pays from the client's credit"`
	Reference   string         `json:"reference" required:"false" maxLength:"255"`
	ReceivedAt  string         `json:"received_at" required:"false" format:"date-time" doc:"Now if not given"`
	Allocations []allocationIn `json:"allocations" required:"false" maxItems:"100" doc:"What is not allocated, or is more than is due, becomes the client's credit"`
}

type allocationIn struct {
	RequestID ref    `json:"payment_request_id"`
	Amount    string `json:"amount" maxLength:"40"`
}

func (s *server) payments() {
	const tag = "Payments"
	route(s, http.MethodPost, "/payments", words{summary: "Record a payment", tag: tag, scope: app.ScopeWrite, status: 201}, s.recordPayment)
	route(s, http.MethodGet, "/payments", words{summary: "List payments", tag: tag, scope: app.ScopeRead}, s.listPayments)
	route(s, http.MethodGet, "/payments/{id}", words{summary: "Read a payment", tag: tag, scope: app.ScopeRead}, s.readPayment)
}

func (s *server) recordPayment(ctx context.Context, who app.Actor, in *struct{ Body paymentIn }) (paymentOut, error) {
	client, err := s.find(ctx, who, in.Body.ClientNamed)
	if err != nil {
		return paymentOut{}, err
	}
	p, err := s.paymentOf(ctx, who, in.Body)
	if err != nil {
		return paymentOut{}, err
	}
	id, err := s.app.ReceivePayment(ctx, who, client, p)
	if err != nil {
		return paymentOut{}, err
	}
	row, err := s.app.Payment(ctx, who, id)
	return payment(row), err
}

func (s *server) paymentOf(ctx context.Context, who app.Actor, in paymentIn) (p billing.Payment, err error) {
	p.Method, p.Reference = in.Method, in.Reference
	if p.Currency, err = s.currency(ctx, who, "currency", in.Currency); err != nil {
		return p, err
	}
	if p.Amount, err = p.Currency.Parse("amount", in.Amount); err != nil {
		return p, err
	}
	if p.ReceivedAt, err = readInstant("received_at", in.ReceivedAt); err != nil {
		return p, err
	}
	for i, part := range in.Allocations {
		field := fmt.Sprintf("allocations[%d].", i)
		request, err := part.RequestID.must(field + "payment_request_id")
		if err != nil {
			return p, err
		}
		amount, err := p.Currency.Parse(field+"amount", part.Amount)
		if err != nil {
			return p, err
		}
		p.Allocations = append(p.Allocations, billing.Allocation{RequestID: request, Amount: amount})
	}
	return p, nil
}

func (s *server) listPayments(ctx context.Context, who app.Actor, in *struct {
	ClientQuery
	Paging
},
) (list[paymentOut], error) {
	client, err := in.client()
	if err != nil {
		return list[paymentOut]{}, err
	}
	l, err := s.app.Payments(ctx, who, client, in.page())
	return listed(in.Paging, l, err, payment)
}

func (s *server) readPayment(ctx context.Context, who app.Actor, in *ByID) (paymentOut, error) {
	id, err := in.id()
	if err != nil {
		return paymentOut{}, err
	}
	p, err := s.app.Payment(ctx, who, id)
	return payment(p), err
}
