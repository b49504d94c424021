package api

import (
	"context"
	"fmt"
	"net/http"

	"minutebook/app"
	"minutebook/billing"
)

// requestOut is a payment request: one thing to be paid.
type requestOut struct {
	ID                billing.ID  `json:"id"`
	Number            string      `json:"number" doc:"Gapless in the agency" example:"PR-000042"`
	ClientID          billing.ID  `json:"client_id"`
	ClientName        string      `json:"client_name"`
	SubscriptionID    *billing.ID `json:"subscription_id"`
	Status            string      `json:"status" enum:"PENDING,PAID,FAILED,CANCELED,OVERDUE"`
	Type              string      `json:"type" enum:"SUBSCRIPTION,ADDON,OVERAGE,ONE_TIME"`
	Kind              string      `json:"kind" enum:"RECURRING,USAGE,PACK,ONE_TIME"`
	Amount            string      `json:"amount" doc:"The sum of the line items" example:"99.00"`
	AmountPaid        string      `json:"amount_paid"`
	AmountDue         string      `json:"amount_due"`
	Currency          string      `json:"currency"`
	PeriodStart       moment      `json:"period_start"`
	PeriodEnd         moment      `json:"period_end"`
	IssuedAt          instant     `json:"issued_at"`
	DueDate           instant     `json:"due_date"`
	GraceEndsAt       moment      `json:"grace_period_ends_at"`
	PaidAt            moment      `json:"paid_at"`
	ExternalPaymentID *string     `json:"external_payment_id"`
	PaymentReference  string      `json:"payment_reference" doc:"For a bank transfer or a QR code; its last two digits are a checksum"`
	Notes             *string     `json:"notes"`
	LineItems         []lineOut   `json:"line_items"`
	PackID            *billing.ID `json:"pack_id" doc:"The pack that was sold"`
	ClawedBackMS      int64       `json:"clawed_back_ms" doc:"Minutes of a canceled pack that were taken back"`
	ShortfallMS       int64       `json:"shortfall_ms" doc:"What could not be taken back because it was used"`
	CreatedAt         instant     `json:"created_at"`
	UpdatedAt         instant     `json:"updated_at"`
}

type lineOut struct {
	Description string `json:"description"`
	Quantity    string `json:"quantity"`
	Unit        string `json:"unit"`
	UnitAmount  string `json:"unit_amount"`
	Amount      string `json:"amount"`
}

func request(r app.RequestRow) requestOut {
	out := requestOut{
		ID: r.ID, Number: r.Label(), ClientID: r.Client, ClientName: r.ClientName, SubscriptionID: orNull(r.SubscriptionID), Status: string(r.Status),
		Type: r.Kind.Type(), Kind: string(r.Kind), Amount: r.Currency.Format(r.Amount), AmountPaid: r.Currency.Format(r.AmountPaid),
		AmountDue: r.Currency.Format(r.Due()), Currency: r.Currency.Code, PeriodStart: moment(r.PeriodStart), PeriodEnd: moment(r.PeriodEnd),
		IssuedAt: instant(r.IssuedAt), DueDate: instant(r.DueAt), GraceEndsAt: moment(r.GraceEndsAt), PaidAt: moment(r.PaidAt),
		ExternalPaymentID: orNull(r.ExternalPaymentID), PaymentReference: r.Reference(), Notes: orNull(r.Notes), LineItems: []lineOut{},
		PackID: orNull(r.PackID), ClawedBackMS: int64(r.ClawedBack), ShortfallMS: int64(r.Shortfall), CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt),
	}
	for _, line := range r.Lines {
		out.LineItems = append(out.LineItems, lineOut{line.Description, line.Quantity, line.Unit, line.UnitAmount, r.Currency.Format(line.Amount)})
	}
	return out
}

// kinds are the kinds of payment request by their type in the API.
var kinds = map[string]billing.RequestKind{"SUBSCRIPTION": billing.Recurring, "ADDON": billing.PackSale, "OVERAGE": billing.Usage, "ONE_TIME": billing.OneTime}

type oneTimeIn struct {
	ClientNamed
	Currency  string           `json:"currency" minLength:"2" maxLength:"10"`
	LineItems []lineIn         `json:"line_items" minItems:"1" maxItems:"100"`
	DueDate   string           `json:"due_date" format:"date-time"`
	Notes     optional[string] `json:"notes" required:"false" maxLength:"2000"`
}

type lineIn struct {
	Description string `json:"description" minLength:"1" maxLength:"300"`
	Amount      string `json:"amount" maxLength:"40" example:"25.00"`
}

// updatedOut is the envelope of a status change.
type updatedOut struct {
	Message string     `json:"message"`
	Data    requestOut `json:"data"`
}

type updateIn struct {
	Status            string           `json:"status" enum:"PENDING,PAID,FAILED,CANCELED,OVERDUE"`
	ExternalPaymentID optional[string] `json:"external_payment_id" required:"false" nullable:"true" maxLength:"255"`
	Notes             optional[string] `json:"notes" required:"false" nullable:"true" maxLength:"2000"`
	Clawback          bool             `json:"clawback" required:"false" doc:"Of a pack set to CANCELED: take back what is left of its minutes"`
}

func (s *server) requests() {
	const tag = "Payment requests"
	route(s, http.MethodGet, "/payment-requests", words{summary: "List payment requests", tag: tag, scope: app.ScopeRead}, s.listRequests)
	route(s, http.MethodGet, "/payment-requests/{id}", words{summary: "Read a payment request", tag: tag, scope: app.ScopeRead}, s.readRequest)
	route(s, http.MethodPost, "/payment-requests", words{summary: "Ask for a one-time amount", tag: tag, scope: app.ScopeWrite, status: 201}, s.createRequest)
	route(s, http.MethodPost, "/payment-requests/mark-paid", words{
		summary: "Mark several payment requests paid", tag: tag, scope: app.ScopeWrite,
		more: "All of them in one transaction, or none. What is paid already stays as it is; the answer lists what changed.",
	}, s.markPaid)
	route(s, http.MethodPatch, "/payment-requests/{id}/update", words{
		summary: "Set a payment request's status", tag: tag, scope: app.ScopeWrite,
		more: "Any status from any other. PAID records a payment of what was still open; leaving PAID reverses it; CANCELED voids what is open.",
	}, s.updateRequest)
}

// RequestQuery narrows a list of payment requests.
type RequestQuery struct {
	ClientQuery
	Status   string `query:"status" enum:"PENDING,PAID,FAILED,CANCELED,OVERDUE"`
	Type     string `query:"type" enum:"SUBSCRIPTION,ADDON,OVERAGE,ONE_TIME"`
	Currency string `query:"currency" maxLength:"10"`
	Age      string `query:"age" enum:"open,not_due,overdue,overdue_30,overdue_old" doc:"Only what is open: all of it, not yet due, due already, for at most 30 days, for longer"`
	Query    string `query:"q" maxLength:"300" doc:"A number, payment reference or external payment id, or part of the client's name"`
}

func (q RequestQuery) filter() (app.RequestFilter, error) {
	client, err := q.client()
	return app.RequestFilter{
		Client: client, Status: billing.RequestStatus(q.Status), Kind: kinds[q.Type], Currency: q.Currency, Age: app.RequestAge(q.Age), Query: q.Query,
	}, err
}

func (s *server) listRequests(ctx context.Context, who app.Actor, in *struct {
	RequestQuery
	Paging
},
) (list[requestOut], error) {
	f, err := in.filter()
	if err != nil {
		return list[requestOut]{}, err
	}
	l, err := s.app.Requests(ctx, who, f, in.page())
	return listed(in.Paging, l, err, request)
}

type markPaidIn struct {
	IDs               []ref  `json:"payment_request_ids" minItems:"1" maxItems:"100"`
	ExternalPaymentID string `json:"external_payment_id" required:"false" maxLength:"255"`
}

type markedOut struct {
	Data []requestOut `json:"data"`
}

func (s *server) markPaid(ctx context.Context, who app.Actor, in *struct{ Body markPaidIn }) (markedOut, error) {
	out := markedOut{Data: []requestOut{}}
	var ids []billing.ID
	for i, named := range in.Body.IDs {
		id, err := named.must(fmt.Sprintf("payment_request_ids[%d]", i))
		if err != nil {
			return out, err
		}
		ids = append(ids, id)
	}
	changed, err := s.app.MarkPaid(ctx, who, ids, in.Body.ExternalPaymentID)
	if err != nil {
		return out, err
	}
	for _, id := range changed {
		r, err := s.app.Request(ctx, who, id)
		if err != nil {
			return out, err
		}
		out.Data = append(out.Data, request(r))
	}
	return out, nil
}

func (s *server) readRequest(ctx context.Context, who app.Actor, in *ByID) (requestOut, error) {
	id, err := in.id()
	if err != nil {
		return requestOut{}, err
	}
	r, err := s.app.Request(ctx, who, id)
	return request(r), err
}

func (s *server) createRequest(ctx context.Context, who app.Actor, in *struct{ Body oneTimeIn }) (requestOut, error) {
	client, err := s.find(ctx, who, in.Body.ClientNamed)
	if err != nil {
		return requestOut{}, err
	}
	wanted, err := s.oneTime(ctx, who, in.Body)
	if err != nil {
		return requestOut{}, err
	}
	id, err := s.app.RequestOneTime(ctx, who, client, wanted)
	if err != nil {
		return requestOut{}, err
	}
	r, err := s.app.Request(ctx, who, id)
	return request(r), err
}

func (s *server) oneTime(ctx context.Context, who app.Actor, in oneTimeIn) (o billing.OneTimeRequest, err error) {
	if o.Currency, err = s.currency(ctx, who, "currency", in.Currency); err != nil {
		return o, err
	}
	if o.DueAt, err = readInstant("due_date", in.DueDate); err != nil {
		return o, err
	}
	for i, line := range in.LineItems {
		amount, err := o.Currency.Parse(fmt.Sprintf("line_items[%d].amount", i), line.Amount)
		if err != nil {
			return o, err
		}
		o.Lines = append(o.Lines, billing.LineItem{Description: line.Description, Quantity: "1", Unit: "item", UnitAmount: o.Currency.Format(amount), Amount: amount})
	}
	return o, in.Notes.into("notes", &o.Notes)
}

func (s *server) updateRequest(ctx context.Context, who app.Actor, in *struct {
	ByID
	Body updateIn
},
) (updatedOut, error) {
	id, err := in.id()
	if err != nil {
		return updatedOut{}, err
	}
	b := in.Body
	update := billing.RequestUpdate{
		Status: billing.RequestStatus(b.Status), ExternalPaymentID: b.ExternalPaymentID.cleared(), Notes: b.Notes.cleared(), Clawback: b.Clawback,
	}
	if err := s.app.UpdateRequest(ctx, who, id, update); err != nil {
		return updatedOut{}, err
	}
	r, err := s.app.Request(ctx, who, id)
	return updatedOut{"Payment status updated successfully.", request(r)}, err
}
