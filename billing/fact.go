package billing

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Fact is something that happened to a client. Facts are kept for ever; replaying them rebuilds the account.
type Fact interface {
	// FactName is the stable name, as it stands in the timeline and in webhooks.
	FactName() string
}

// Entry is a recorded fact: its place in the client's history, its own instant, and what it changed.
type Entry struct {
	Seq    int64
	At     time.Time
	Fact   Fact
	Before Summary
	After  Summary
}

// Summary is the part of an account a person follows: it stands before and after each entry of the timeline.
type Summary struct {
	Plan         ID     `json:"plan_id,omitempty"`
	Status       Status `json:"status,omitempty"`
	PeriodIndex  int    `json:"period_index"`
	IncludedUsed Millis `json:"included_used_ms"`
	Wallet       Millis `json:"wallet_ms"`
	Billable     Millis `json:"billable_ms"`
	Uncovered    Millis `json:"uncovered_ms"`
	OpenRequests int    `json:"open_requests"`
	Access       Reason `json:"access"`
}

// Summary is the account in figures.
func (a *Account) Summary() Summary {
	s := Summary{Plan: a.PlanID, Wallet: a.Wallet, Access: a.Access.Reason}
	if a.Subscription != nil {
		used := a.Period.Used
		s.Status, s.PeriodIndex = a.Subscription.Status, a.Period.Index
		s.IncludedUsed, s.Billable, s.Uncovered = used.Included, used.Billable, used.Uncovered
	}
	for _, r := range a.Requests {
		if r.Open() {
			s.OpenRequests++
		}
	}
	return s
}

// The facts. Each carries all that Apply needs, so that the account can be rebuilt from them.
type (
	PlanAssigned struct {
		PlanID   ID     `json:"plan_id"`
		PlanName string `json:"plan_name"`
		Version  int    `json:"version"`
	}
	PlanRemoved struct {
		PlanID ID `json:"plan_id"`
	}
	PacksAssigned struct {
		PackIDs []ID `json:"pack_ids"`
	}
	SubscriptionStarted struct {
		SubscriptionID ID        `json:"subscription_id"`
		PlanID         ID        `json:"plan_id"`
		PlanVersion    int       `json:"plan_version"`
		Terms          Terms     `json:"terms"`
		Zone           string    `json:"timezone"`
		Anchor         Anchor    `json:"anchor"`
		StartedAt      time.Time `json:"started_at"`
	}
	PeriodOpened struct {
		SubscriptionID ID        `json:"subscription_id"`
		Index          int       `json:"index"`
		Start          time.Time `json:"start"`
		End            time.Time `json:"end"`
	}
	PeriodClosed struct {
		SubscriptionID ID        `json:"subscription_id"`
		Index          int       `json:"index"`
		ClosedAt       time.Time `json:"closed_at"`
		Used           Split     `json:"used"`
	}
	StatusChanged struct {
		SubscriptionID ID     `json:"subscription_id"`
		From           Status `json:"from"`
		To             Status `json:"to"`
	}
	CancelScheduled struct {
		SubscriptionID ID              `json:"subscription_id"`
		At             time.Time       `json:"at"`
		Cancel         ScheduledCancel `json:"cancel"`
	}
	CancelUndone struct {
		SubscriptionID ID `json:"subscription_id"`
	}
	SubscriptionCanceled struct {
		SubscriptionID ID     `json:"subscription_id"`
		From           Status `json:"from"`
		Reason         string `json:"reason"`
	}
	RequestIssued struct {
		Request Request `json:"request"`
	}
	RequestChanged struct {
		RequestID         ID            `json:"request_id"`
		From              RequestStatus `json:"from"`
		To                RequestStatus `json:"to"`
		PaidAt            time.Time     `json:"paid_at,omitzero"`
		ExternalPaymentID *string       `json:"external_payment_id,omitempty"`
		Notes             *string       `json:"notes,omitempty"`
	}
	PaymentRecorded struct {
		Payment Payment `json:"payment"`
		Settles ID      `json:"settles,omitempty"` // the request that was marked paid
	}
	CreditLineGranted struct {
		CreditLine CreditLine `json:"credit_line"`
	}
	CreditLineUsed struct {
		CreditLineID ID    `json:"credit_line_id"`
		RequestID    ID    `json:"request_id"`
		Amount       Money `json:"amount"`
	}
	WalletMoved struct {
		EntryID   ID         `json:"entry_id"`
		Kind      WalletKind `json:"kind"`
		Delta     Millis     `json:"delta_ms"`
		RequestID ID         `json:"request_id,omitempty"`
		PackID    ID         `json:"pack_id,omitempty"`
		Reason    string     `json:"reason,omitempty"`
		Shortfall Millis     `json:"shortfall_ms,omitempty"`
	}
	UsageRecorded struct {
		ID             ID          `json:"usage_event_id"`
		Event          UsageEvent  `json:"event"`
		Status         UsageStatus `json:"status"`
		SubscriptionID ID          `json:"subscription_id,omitempty"`
		PeriodIndex    int         `json:"period_index"` // the period it was drawn from
		CallPeriod     int         `json:"call_period"`  // the period its own time belongs to
		Late           bool        `json:"late"`
		Billed         Millis      `json:"billed_ms"`
		Split          Split       `json:"split"`
	}
	UsageCorrected struct {
		CorrectionID ID     `json:"correction_id"`
		UsageEventID ID     `json:"usage_event_id"`
		Void         bool   `json:"void"`
		Talk         Millis `json:"raw_ms"`
		Billed       Millis `json:"billed_ms"` // after the correction; 0 of a void
		Parts        []Part `json:"parts"`     // what it adds to each period, negative where it gives back
		WalletDelta  Millis `json:"wallet_delta_ms"`
		Reason       string `json:"reason"`
	}
	HoldChanged struct {
		On     bool   `json:"on"`
		Reason string `json:"reason"`
	}
	OverrideSet struct {
		Until  time.Time `json:"until"`
		Reason string    `json:"reason"`
	}
	OverrideEnded       struct{}
	DenialPolicyChanged struct {
		Policy DenialPolicy `json:"denial_policy"`
	}
	AccessChanged struct {
		Denied
		From Reason `json:"from"`
	}
	CampaignRegistered struct {
		Campaign Campaign `json:"campaign"`
	}
	CampaignEdited struct {
		CampaignID ID     `json:"campaign_id"`
		Name       string `json:"name"`
		ExternalID string `json:"external_id"`
		Direction  string `json:"direction"`
	}
	CampaignChanged struct {
		CampaignID ID             `json:"campaign_id"`
		Status     CampaignStatus `json:"status"`
		PausedBy   PausedBy       `json:"paused_by"`
		Reason     string         `json:"reason"`
	}
)

func (PlanAssigned) FactName() string         { return "plan.assigned" }
func (PlanRemoved) FactName() string          { return "plan.removed" }
func (PacksAssigned) FactName() string        { return "packs.assigned" }
func (SubscriptionStarted) FactName() string  { return "subscription.started" }
func (PeriodOpened) FactName() string         { return "period.opened" }
func (PeriodClosed) FactName() string         { return "period.closed" }
func (StatusChanged) FactName() string        { return "subscription.status_changed" }
func (CancelScheduled) FactName() string      { return "subscription.cancel_scheduled" }
func (CancelUndone) FactName() string         { return "subscription.cancel_undone" }
func (SubscriptionCanceled) FactName() string { return "subscription.canceled" }
func (RequestIssued) FactName() string        { return "payment_request.issued" }
func (RequestChanged) FactName() string       { return "payment_request.changed" }
func (PaymentRecorded) FactName() string      { return "payment.recorded" }
func (CreditLineGranted) FactName() string    { return "credit_line.granted" }
func (CreditLineUsed) FactName() string       { return "credit_line.used" }
func (WalletMoved) FactName() string          { return "wallet.moved" }
func (UsageRecorded) FactName() string        { return "usage.recorded" }
func (UsageCorrected) FactName() string       { return "usage.corrected" }
func (HoldChanged) FactName() string          { return "hold.changed" }
func (OverrideSet) FactName() string          { return "override.set" }
func (OverrideEnded) FactName() string        { return "override.ended" }
func (DenialPolicyChanged) FactName() string  { return "denial_policy.changed" }
func (AccessChanged) FactName() string        { return "access.changed" }
func (CampaignRegistered) FactName() string   { return "campaign.registered" }
func (CampaignEdited) FactName() string       { return "campaign.edited" }
func (CampaignChanged) FactName() string      { return "campaign.changed" }

// Apply sets the fields a fact says. It decides nothing and is the only place where fields are set; the audit calls
// it to rebuild an account from its history.
func (a *Account) Apply(at time.Time, f Fact) {
	switch f := f.(type) {
	case PlanAssigned:
		a.PlanID = f.PlanID
	case PlanRemoved:
		a.PlanID = 0
	case PacksAssigned:
		a.PackIDs = f.PackIDs
	case SubscriptionStarted:
		a.Subscription = &Subscription{
			ID: f.SubscriptionID, PlanID: f.PlanID, PlanVersion: f.PlanVersion, Terms: f.Terms, Zone: f.Zone, Anchor: f.Anchor,
			StartedAt: f.StartedAt, Status: Active, StatusSince: at,
		}
	case PeriodOpened:
		a.Period = Period{SubscriptionID: f.SubscriptionID, Index: f.Index, Start: f.Start, End: f.End}
	case PeriodClosed:
		a.Period.ClosedAt = f.ClosedAt
	case StatusChanged:
		a.Subscription.Status, a.Subscription.StatusSince = f.To, at
	case CancelScheduled:
		a.Subscription.Cancel = &f.Cancel
	case CancelUndone:
		a.Subscription.Cancel = nil
	case SubscriptionCanceled:
		s := a.Subscription
		s.Status, s.StatusSince, s.CanceledAt, s.Reason, s.Cancel = Canceled, at, at, f.Reason, nil
	case RequestIssued:
		r := f.Request
		a.Requests = append(a.Requests, &r)
	case RequestChanged:
		a.applyRequestChange(f)
	case PaymentRecorded:
		a.applyPayment(f)
	case CreditLineGranted:
		a.CreditLines = append(a.CreditLines, f.CreditLine)
	case CreditLineUsed:
		a.applyCreditLine(f)
	case WalletMoved:
		a.applyWallet(f)
	case UsageRecorded:
		a.Events++
		a.Wallet -= f.Split.Wallet
		if f.Status == Rated {
			a.Period.Used = a.Period.Used.Plus(f.Split)
		}
	case UsageCorrected:
		a.applyCorrection(f)
	case HoldChanged:
		a.Hold = nil
		if f.On {
			a.Hold = &Hold{Reason: f.Reason, Since: at}
		}
	case OverrideSet:
		a.Override = &Override{Until: f.Until, Reason: f.Reason}
	case OverrideEnded:
		a.Override = nil
	case DenialPolicyChanged:
		a.Denial = f.Policy
	case AccessChanged:
		a.Access = f.Denied
	case CampaignRegistered:
		c := f.Campaign
		a.Campaigns = append(a.Campaigns, &c)
	case CampaignEdited:
		c := a.Campaign(f.CampaignID)
		c.Name, c.ExternalID, c.Direction = f.Name, f.ExternalID, f.Direction
	case CampaignChanged:
		c := a.Campaign(f.CampaignID)
		c.Status, c.PausedBy, c.PauseReason = f.Status, f.PausedBy, f.Reason
	default:
		panic(fmt.Sprintf("billing: unknown fact %T", f))
	}
	a.applyExhaustion(at)
}

// applyExhaustion keeps the instant since which no pool has anything left.
func (a *Account) applyExhaustion(at time.Time) {
	switch exhausted := a.IsExhausted(); {
	case !exhausted:
		a.Exhausted = time.Time{}
	case a.Exhausted.IsZero():
		a.Exhausted = at
	}
}

func (a *Account) applyRequestChange(f RequestChanged) {
	r := a.Request(f.RequestID)
	r.Status, r.PaidAt = f.To, f.PaidAt
	if f.ExternalPaymentID != nil {
		r.ExternalPaymentID = *f.ExternalPaymentID
	}
	if f.Notes != nil {
		r.Notes = *f.Notes
	}
}

func (a *Account) applyPayment(f PaymentRecorded) {
	p := f.Payment
	for _, part := range p.Allocations {
		r := a.Request(part.RequestID)
		r.AmountPaid += part.Amount
		if f.Settles == r.ID {
			r.SettlementID, r.Settlement = p.ID, part.Amount
		}
		if p.Reverses != 0 {
			r.SettlementID, r.Settlement = 0, 0
		}
	}
	if p.Credit == 0 {
		return
	}
	i := slices.IndexFunc(a.Credits, func(c Credit) bool { return c.Currency == p.Currency })
	if i < 0 {
		a.Credits = append(a.Credits, Credit{Currency: p.Currency})
		i = len(a.Credits) - 1
	}
	a.Credits[i].Amount += p.Credit
}

func (a *Account) applyCreditLine(f CreditLineUsed) {
	for i := range a.CreditLines {
		if a.CreditLines[i].ID == f.CreditLineID {
			a.CreditLines[i].Left -= f.Amount
		}
	}
}

func (a *Account) applyWallet(f WalletMoved) {
	a.Wallet += f.Delta
	switch f.Kind {
	case Clawback:
		r := a.Request(f.RequestID)
		r.ClawedBack, r.Shortfall = -f.Delta, f.Shortfall
	case ClawbackReturned:
		r := a.Request(f.RequestID)
		r.ClawedBack, r.Shortfall = 0, 0
	}
}

func (a *Account) applyCorrection(f UsageCorrected) {
	a.Wallet += f.WalletDelta
	for _, part := range f.Parts {
		if a.isOpen(part) {
			a.Period.Used = a.Period.Used.Plus(part.Split)
		}
	}
}

// WalletEntry is the wallet's line for an entry, if the fact moved the wallet.
func (e Entry) WalletEntry() (WalletEntry, bool) {
	w := WalletEntry{At: e.At, Balance: e.After.Wallet}
	switch f := e.Fact.(type) {
	case WalletMoved:
		w.ID, w.Kind, w.Delta, w.RequestID, w.PackID, w.Reason = f.EntryID, f.Kind, f.Delta, f.RequestID, f.PackID, f.Reason
		return w, true
	case UsageRecorded:
		w.ID, w.Kind, w.Delta, w.UsageEventID = f.ID, UsageDrawn, -f.Split.Wallet, f.ID
	case UsageCorrected:
		w.ID, w.Kind, w.Delta, w.UsageEventID, w.Reason = f.CorrectionID, UsageReturned, f.WalletDelta, f.UsageEventID, f.Reason
		if f.WalletDelta < 0 {
			w.Kind = UsageDrawn
		}
	}
	return w, w.Delta != 0
}

// Unnumbered lists when the requests were issued that have no number yet, in order.
func (a *Account) Unnumbered() (issued []time.Time) {
	for _, e := range a.fresh {
		if f, ok := e.Fact.(RequestIssued); ok && f.Request.Number == 0 {
			issued = append(issued, e.At)
		}
	}
	return issued
}

// NumberRequests gives those requests their numbers, in that order.
func (a *Account) NumberRequests(next func() (int64, error)) error {
	for i, e := range a.fresh {
		issued, ok := e.Fact.(RequestIssued)
		if !ok || issued.Request.Number != 0 {
			continue
		}
		number, err := next()
		if err != nil {
			return err
		}
		issued.Request.Number = number
		a.fresh[i].Fact = issued
		a.Request(issued.Request.ID).Number = number
	}
	return nil
}

// DecodeFact reads a fact from its name and JSON body.
func DecodeFact(name string, body []byte) (Fact, error) {
	decode, known := decoders[name]
	if !known {
		return nil, fmt.Errorf("unknown fact %q", name)
	}
	return decode(body)
}

var decoders = map[string]func([]byte) (Fact, error){}

func decodes[F Fact]() {
	var zero F
	decoders[zero.FactName()] = func(body []byte) (Fact, error) {
		var f F
		err := json.Unmarshal(body, &f)
		return f, err
	}
}

func init() {
	decodes[PlanAssigned]()
	decodes[PlanRemoved]()
	decodes[PacksAssigned]()
	decodes[SubscriptionStarted]()
	decodes[PeriodOpened]()
	decodes[PeriodClosed]()
	decodes[StatusChanged]()
	decodes[CancelScheduled]()
	decodes[CancelUndone]()
	decodes[SubscriptionCanceled]()
	decodes[RequestIssued]()
	decodes[RequestChanged]()
	decodes[PaymentRecorded]()
	decodes[CreditLineGranted]()
	decodes[CreditLineUsed]()
	decodes[WalletMoved]()
	decodes[UsageRecorded]()
	decodes[UsageCorrected]()
	decodes[HoldChanged]()
	decodes[OverrideSet]()
	decodes[OverrideEnded]()
	decodes[DenialPolicyChanged]()
	decodes[AccessChanged]()
	decodes[CampaignRegistered]()
	decodes[CampaignEdited]()
	decodes[CampaignChanged]()
}
