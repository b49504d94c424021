package billing

import (
	"fmt"
	"math"
	"time"
)

// RequestKind is what a payment request is for. Recurring and Usage are Cycle requests.
type RequestKind string

const (
	Recurring RequestKind = "RECURRING"
	Usage     RequestKind = "USAGE"
	PackSale  RequestKind = "PACK"
	OneTime   RequestKind = "ONE_TIME"
)

// Type is the API's word for a kind: SUBSCRIPTION, OVERAGE, ADDON, ONE_TIME. Rules 1.
func (k RequestKind) Type() string {
	switch k {
	case Recurring:
		return "SUBSCRIPTION"
	case Usage:
		return "OVERAGE"
	case PackSale:
		return "ADDON"
	}
	return "ONE_TIME"
}

// RequestStatus is where a payment request stands. Rules 7.2.
type RequestStatus string

const (
	Pending RequestStatus = "PENDING"
	Paid    RequestStatus = "PAID"
	Overdue RequestStatus = "OVERDUE"
	Failed  RequestStatus = "FAILED"
	Voided  RequestStatus = "CANCELED"
)

// Known says whether the status is one of the five.
func (s RequestStatus) Known() bool {
	return s == Pending || s == Paid || s == Overdue || s == Failed || s == Voided
}

// Request is a payment request: one thing to be paid. Rules 7.1.
type Request struct {
	ID                ID            `json:"id"`
	Number            int64         `json:"number"` // per agency, gapless; the store gives it when the request is saved
	SubscriptionID    ID            `json:"subscription_id,omitempty"`
	PeriodIndex       int           `json:"period_index"` // of a cycle request
	Kind              RequestKind   `json:"kind"`
	Status            RequestStatus `json:"status"`
	Currency          Currency      `json:"currency"`
	Lines             []LineItem    `json:"lines"`
	Amount            Money         `json:"amount"`      // the sum of the lines
	AmountPaid        Money         `json:"amount_paid"` // what payments and credit have covered
	PeriodStart       time.Time     `json:"period_start,omitzero"`
	PeriodEnd         time.Time     `json:"period_end,omitzero"`
	IssuedAt          time.Time     `json:"issued_at"`
	DueAt             time.Time     `json:"due_at"`
	GraceEndsAt       time.Time     `json:"grace_ends_at,omitzero"` // cycle requests only
	PaidAt            time.Time     `json:"paid_at,omitzero"`
	ExternalPaymentID string        `json:"external_payment_id"`
	Notes             string        `json:"notes"`
	SettlementID      ID            `json:"settlement_id,omitempty"` // the payment that marking it paid recorded
	Settlement        Money         `json:"settlement,omitempty"`    // and its amount
	PackID            ID            `json:"pack_id,omitempty"`
	PackMinutes       Millis        `json:"pack_ms,omitempty"`
	ClawedBack        Millis        `json:"clawed_back_ms,omitempty"`
	Shortfall         Millis        `json:"shortfall_ms,omitempty"` // what a claw-back could not get back
}

// LineItem is one line of a payment request. Quantity and UnitAmount are decimals as they are shown; Amount is exact.
type LineItem struct {
	Description string `json:"description"`
	Quantity    string `json:"quantity"`
	Unit        string `json:"unit"`
	UnitAmount  string `json:"unit_amount"`
	Amount      Money  `json:"amount"`
}

// Open says whether the request still waits for money.
func (r *Request) Open() bool {
	return r.Status == Pending || r.Status == Overdue || r.Status == Failed
}

// Due is what is still to be paid; nothing on a request that is paid or canceled.
func (r *Request) Due() Money {
	if !r.Open() {
		return 0
	}
	return r.Missing()
}

// Missing is what it takes to have been paid in full, of a canceled request too.
func (r *Request) Missing() Money { return r.Amount - r.AmountPaid }

// Label is the request's number as people write it: PR-000042.
func (r *Request) Label() string { return RequestLabel(r.Number) }

// RequestLabel writes a request number: PR-000042.
func RequestLabel(number int64) string { return fmt.Sprintf("PR-%06d", number) }

// Reference is the payment reference for bank transfers and QR codes: letters and digits, at most 21, closed by two
// check digits (ISO 7064 MOD 97-10, as in ISO 11649), unique within the agency. Rules 7.1.
func (r *Request) Reference() string { return PaymentReference(r.Number) }

// PaymentReference is the reference of a request number.
func PaymentReference(number int64) string {
	body := fmt.Sprintf("PR%06d", number)
	return fmt.Sprintf("%s%02d", body, 98-mod97(body+"00"))
}

// ReferenceHolds checks the two check digits of a payment reference.
func ReferenceHolds(reference string) bool {
	return len(reference) >= 10 && len(reference) <= 21 && mod97(reference) == 1
}

func mod97(s string) int {
	n := 0
	for _, c := range s {
		switch {
		case c >= '0' && c <= '9':
			n = (n*10 + int(c-'0')) % 97
		case c >= 'A' && c <= 'Z':
			n = (n*100 + int(c-'A') + 10) % 97
		default:
			return -1
		}
	}
	return n
}

func (r *Request) isCycleOf(subscription ID) bool {
	return (r.Kind == Recurring || r.Kind == Usage) && r.SubscriptionID == subscription
}

// issueCycle requests a cycle amount for a period, less the credit lines that wait for it. What nothing is left to pay
// of is paid at birth.
func (a *Account) issueCycle(kind RequestKind, p Period, lines []LineItem, at, dueFrom time.Time, zone *time.Location) {
	terms := a.Subscription.Terms
	due := AddDays(dueFrom, terms.PaymentDueDays, zone)
	amount := lines[0].Amount
	credit, uses := a.takeCreditLines(kind, terms.Currency, amount)
	for i, line := range credit {
		amount -= uses[i].Amount
		lines = append(lines, line)
	}
	request := a.issue(Request{
		SubscriptionID: p.SubscriptionID, PeriodIndex: p.Index, Kind: kind, Currency: terms.Currency, Lines: lines, Amount: amount,
		PeriodStart: p.Start, PeriodEnd: p.End, DueAt: due, GraceEndsAt: AddDays(due, terms.GraceDays, zone),
	}, at)
	for _, use := range uses {
		use.RequestID = request
		a.record(at, use)
	}
}

// takeCreditLines turns waiting credit into lines, at most up to amount. Credit for minutes goes to Usage requests
// only, credit for an unused fee to whichever request comes first. Rules 5.8 and 6.9.
func (a *Account) takeCreditLines(kind RequestKind, currency Currency, amount Money) (lines []LineItem, uses []CreditLineUsed) {
	for _, c := range a.CreditLines {
		take := min(c.Left, amount)
		if c.Currency != currency || take == 0 || kind == Recurring && c.UsageEventID != 0 {
			continue
		}
		amount -= take
		lines = append(lines, LineItem{Description: c.Description, Quantity: "1", Unit: "credit", UnitAmount: currency.Format(-take), Amount: -take})
		uses = append(uses, CreditLineUsed{CreditLineID: c.ID, Amount: take})
	}
	return lines, uses
}

func (a *Account) issue(r Request, at time.Time) ID {
	var sum Money
	for _, line := range r.Lines {
		sum += line.Amount
	}
	must(sum == r.Amount && r.Amount >= 0, "a request whose amount is not the sum of its lines")
	r.ID, r.Status, r.IssuedAt = a.mint(), Pending, at
	if r.Amount == 0 {
		r.Status, r.PaidAt = Paid, at
	}
	a.record(at, RequestIssued{Request: r})
	return r.ID
}

// OneTimeRequest is what the agency types in to ask for something outside the cycle.
type OneTimeRequest struct {
	Currency Currency
	Lines    []LineItem
	DueAt    time.Time
	Notes    string
}

// RequestOneTime asks for a one-time amount, due when the agency says, without grace. Rules 6.3.
func (a *Account) RequestOneTime(o OneTimeRequest, at time.Time) (ID, error) {
	if len(o.Lines) == 0 || len(o.Lines) > 100 {
		return 0, InvalidField("line_items", "must hold between 1 and 100 lines")
	}
	var sum Money
	for i, line := range o.Lines {
		field := fmt.Sprintf("line_items[%d].description", i)
		if err := checkText(field, line.Description, 1, MaxNameLength); err != nil {
			return 0, err
		}
		var err error
		if sum, err = sum.Add(line.Amount); err != nil || sum > MaxMoney {
			return 0, InvalidField("line_items", "the sum is too large")
		}
	}
	if sum <= 0 {
		return 0, InvalidField("line_items", "the sum must be above zero")
	}
	if o.DueAt.IsZero() {
		return 0, InvalidField("due_date", "is required")
	}
	if err := checkText("notes", o.Notes, 0, MaxTextLength); err != nil {
		return 0, err
	}
	id := a.issue(Request{Kind: OneTime, Currency: o.Currency, Lines: o.Lines, Amount: sum, DueAt: o.DueAt, Notes: o.Notes}, at)
	return id, a.settle(at)
}

// RequestUpdate is a change of a request's status by the agency. Nil leaves a text as it is.
type RequestUpdate struct {
	Status            RequestStatus
	ExternalPaymentID *string
	Notes             *string
	Clawback          bool // of a canceled pack: take back what is left of its minutes
}

// UpdateRequest sets any status from any other. Marking it paid records a payment of what was still open; leaving
// paid reverses that payment by a new entry; canceling voids what is open. Rules 7.2.
func (a *Account) UpdateRequest(id ID, u RequestUpdate, at time.Time) error {
	r := a.Request(id)
	if r == nil {
		return Refuse(NotFound, "not_found", "There is no such payment request.", "")
	}
	if !u.Status.Known() {
		return InvalidField("status", "must be one of PENDING, PAID, OVERDUE, FAILED, CANCELED")
	}
	if u.Clawback && (r.Kind != PackSale || u.Status != Voided) {
		return InvalidField("clawback", "minutes can be clawed back only when a pack's request is set to CANCELED")
	}
	if err := u.checkTexts(); err != nil {
		return err
	}
	a.changeRequest(r, u, at)
	return a.settle(at)
}

func (u RequestUpdate) checkTexts() error {
	if u.ExternalPaymentID != nil {
		if err := checkText("external_payment_id", *u.ExternalPaymentID, 0, 255); err != nil {
			return err
		}
	}
	if u.Notes != nil {
		return checkText("notes", *u.Notes, 0, MaxTextLength)
	}
	return nil
}

// changeRequest moves a request from one status to another, money and minutes first, the status last.
func (a *Account) changeRequest(r *Request, u RequestUpdate, at time.Time) {
	from := r.Status
	change := RequestChanged{RequestID: r.ID, From: from, To: u.Status, PaidAt: r.PaidAt, ExternalPaymentID: u.ExternalPaymentID, Notes: u.Notes}
	if from != u.Status {
		a.leaveStatus(r, at)
		a.enterStatus(r, u, at)
		change.PaidAt = time.Time{}
		if u.Status == Paid {
			change.PaidAt = at
		}
	} else {
		a.clawBack(r, u, at) // a pack that was canceled before, and whose minutes were left
	}
	a.record(at, change)
}

func (a *Account) leaveStatus(r *Request, at time.Time) {
	switch {
	case r.Status == Paid && r.SettlementID != 0: // marked paid: that payment never was
		a.record(at, PaymentRecorded{Payment: Payment{
			ID: a.mint(), Currency: r.Currency, Amount: -r.Settlement, Method: "REVERSAL", ReceivedAt: at, Reverses: r.SettlementID,
			Allocations: []Allocation{{r.ID, -r.Settlement}},
		}})
	case r.Status == Paid && r.AmountPaid > 0: // paid by real payments: the money stays the client's
		a.releasePayments(r, at)
	case r.Status == Voided && r.clawedBack():
		a.record(at, WalletMoved{EntryID: a.mint(), Kind: ClawbackReturned, Delta: r.ClawedBack, RequestID: r.ID, PackID: r.PackID})
	}
}

func (a *Account) enterStatus(r *Request, u RequestUpdate, at time.Time) {
	open := r.Missing()
	switch {
	case u.Status == Paid && open > 0:
		reference := ""
		if u.ExternalPaymentID != nil {
			reference = *u.ExternalPaymentID
		}
		a.record(at, PaymentRecorded{Settles: r.ID, Payment: Payment{
			ID: a.mint(), Currency: r.Currency, Amount: open, Method: "MANUAL", Reference: reference, ReceivedAt: at,
			Allocations: []Allocation{{r.ID, open}},
		}})
	case u.Status == Voided:
		if r.AmountPaid > 0 {
			a.releasePayments(r, at)
		}
		a.clawBack(r, u, at)
	}
}

// clawBack takes back what is left of a canceled pack's minutes, once; what the wallet no longer holds is the
// shortfall.
func (a *Account) clawBack(r *Request, u RequestUpdate, at time.Time) {
	if !u.Clawback || r.clawedBack() {
		return
	}
	back := min(r.PackMinutes, a.Wallet)
	a.record(at, WalletMoved{EntryID: a.mint(), Kind: Clawback, Delta: -back, RequestID: r.ID, PackID: r.PackID, Shortfall: r.PackMinutes - back})
}

func (r *Request) clawedBack() bool { return r.ClawedBack > 0 || r.Shortfall > 0 }

// releasePayments turns what was paid on a request into credit of the client: the money was received and is kept.
func (a *Account) releasePayments(r *Request, at time.Time) {
	a.record(at, PaymentRecorded{Payment: Payment{
		ID: a.mint(), Currency: r.Currency, Amount: 0, Credit: r.AmountPaid, Method: "RELEASE", ReceivedAt: at,
		Allocations: []Allocation{{r.ID, -r.AmountPaid}},
	}})
}

// Payment is an append-only record of money: its amount is what it put on requests plus what became client credit.
// A reversal is a payment of the opposite amount that names the one it reverses. Rules 7.4.
type Payment struct {
	ID          ID           `json:"id"`
	Currency    Currency     `json:"currency"`
	Amount      Money        `json:"amount"`
	Credit      Money        `json:"credit"` // the part that became client credit; negative when credit was spent
	Method      string       `json:"method"`
	Reference   string       `json:"reference"`
	ReceivedAt  time.Time    `json:"received_at"`
	Reverses    ID           `json:"reverses,omitempty"`
	Allocations []Allocation `json:"allocations"`
}

// Allocation puts a part of a payment on a request.
type Allocation struct {
	RequestID ID    `json:"request_id"`
	Amount    Money `json:"amount"`
}

// MethodCredit pays from the client's credit instead of from new money.
const MethodCredit = "CREDIT"

// ReceivePayment records money received and puts it on requests; what is not allocated, or exceeds what is due,
// becomes client credit. Rules 7.4.
func (a *Account) ReceivePayment(p Payment, at time.Time) (ID, error) {
	if err := a.checkPayment(p, at); err != nil {
		return 0, err
	}
	if p.ReceivedAt.IsZero() {
		p.ReceivedAt = at
	}
	p.ID, p.Credit = a.mint(), p.Amount
	if p.Method == MethodCredit {
		p.Credit, p.Amount = 0, 0
	}
	put := []Allocation{}
	for _, part := range p.Allocations {
		part.Amount = min(part.Amount, a.Request(part.RequestID).Due())
		p.Credit -= part.Amount
		put = append(put, part)
	}
	p.Allocations = put
	if p.Credit < 0 && a.CreditIn(p.Currency.Code) < -p.Credit {
		return 0, conflict("insufficient_credit", "The client's credit is "+p.Currency.FormatWithCode(a.CreditIn(p.Currency.Code))+".", "Allocate at most that.")
	}
	a.record(at, PaymentRecorded{Payment: p})
	for _, part := range put {
		if r := a.Request(part.RequestID); r.Due() == 0 {
			a.record(at, RequestChanged{RequestID: r.ID, From: r.Status, To: Paid, PaidAt: p.ReceivedAt})
		}
	}
	return p.ID, a.settle(at)
}

func (a *Account) checkPayment(p Payment, at time.Time) error {
	switch {
	case p.Amount <= 0:
		return InvalidField("amount", "must be above zero")
	case p.Amount > MaxMoney || a.CreditIn(p.Currency.Code) > math.MaxInt64-2*MaxMoney:
		return InvalidField("amount", "is too large")
	case p.ReceivedAt.After(at.Add(10 * time.Minute)):
		return InvalidField("received_at", "must not be in the future")
	case len(p.Allocations) > 100:
		return InvalidField("allocations", "must hold at most 100 entries")
	case p.Method == MethodCredit && len(p.Allocations) == 0:
		return InvalidField("allocations", "is required when credit is applied: say which request it pays")
	}
	if err := firstError(checkText("method", p.Method, 0, 60), checkText("reference", p.Reference, 0, 255)); err != nil {
		return err
	}
	var sum Money
	seen := map[ID]bool{}
	for i, part := range p.Allocations {
		field := fmt.Sprintf("allocations[%d]", i)
		r := a.Request(part.RequestID)
		switch {
		case r == nil:
			return InvalidField(field+".payment_request_id", "there is no such payment request of this client")
		case seen[part.RequestID]:
			return InvalidField(field+".payment_request_id", "is named twice")
		case !r.Open():
			return conflict("request_not_open", fmt.Sprintf("%s is %s and takes no payment.", r.Label(), r.Status), "Leave it out; what is not allocated becomes client credit.")
		case r.Currency != p.Currency:
			return InvalidField(field+".payment_request_id", "is in %s, the payment in %s", r.Currency.Code, p.Currency.Code)
		case part.Amount <= 0:
			return InvalidField(field+".amount", "must be above zero")
		}
		seen[part.RequestID] = true
		var err error
		if sum, err = sum.Add(part.Amount); err != nil {
			return InvalidField(field+".amount", "is too large")
		}
	}
	if sum > p.Amount {
		return InvalidField("allocations", "add up to more than the payment")
	}
	return nil
}

// Says is a line of the request as a saying: its description is the English of it. A line of the agency's own words is
// said as it was written.
func (r *Request) Says(line LineItem) Saying {
	keys := map[RequestKind][]string{Recurring: {"line.fee"}, Usage: {"line.usage"}, PackSale: {"line.pack"}}[r.Kind]
	if line.Unit == "credit" {
		keys = []string{"line.unused", "line.void"}
	}
	for _, key := range keys {
		if said, ok := heard(key, line.Description); ok {
			if key == "line.pack" {
				said.Of[1].Value = Decimal(r.PackMinutes)
			}
			return said
		}
	}
	return say("line.own", "text", line.Description)
}
