package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"minutebook/billing"
)

// Agency is a tenant and its settings.
type Agency struct {
	ID                 billing.ID
	Name               string
	Timezone           string         // IANA name
	Currency           string         // the code new plans and packs are offered in
	Currencies         map[string]int // decimals of the agency's own currency codes
	Locale             string         // of clients without one of their own; may be empty
	Policy             billing.Policy
	PortalStart        bool // clients may start their assigned plan themselves
	PortalRequestPacks bool // clients may ask for a pack themselves
	Instructions       Instructions
	TestClock          time.Time // a sandbox's now; zero in production
	CreatedAt          time.Time
	UpdatedAt          time.Time
}

// Instructions tell a client how to pay its agency. Every field may be empty.
type Instructions struct {
	Text        string `json:"text"`         // in the agency's own words
	AccountName string `json:"account_name"` // who receives a transfer
	IBAN        string `json:"iban"`
	BIC         string `json:"bic"`
	UPI         string `json:"upi"`  // a UPI address
	Link        string `json:"link"` // a payment page
}

// InsertAgency keeps a new agency.
func InsertAgency(ctx context.Context, q Q, a Agency) error {
	own, instructions, err := agencyJSON(a)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, `INSERT INTO agencies (id, name, timezone, currency, currencies, recovery, blocked_exit, portal_start, portal_request_packs,
			payment_instructions, test_clock, next_request_number, created_at, updated_at, locale)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12, $12, $13)`,
		a.ID, a.Name, a.Timezone, a.Currency, own, a.Policy.Recovery, a.Policy.BlockedExit, a.PortalStart, a.PortalRequestPacks,
		instructions, a.TestClock, a.CreatedAt, a.Locale)
	return err
}

// AgencyByID finds an agency; hold is empty or DB.ForUpdate.
func AgencyByID(ctx context.Context, q Q, id billing.ID, hold string) (Agency, error) {
	a := Agency{ID: id}
	var own, instructions []byte
	err := q.QueryRow(ctx, `SELECT name, timezone, currency, currencies, recovery, blocked_exit, portal_start, portal_request_packs,
			payment_instructions, test_clock, created_at, updated_at, locale
		FROM agencies WHERE id = $1`+hold, id).
		Scan(&a.Name, &a.Timezone, &a.Currency, &own, &a.Policy.Recovery, &a.Policy.BlockedExit, &a.PortalStart, &a.PortalRequestPacks,
			&instructions, &a.TestClock, &a.CreatedAt, &a.UpdatedAt, &a.Locale)
	if err != nil {
		return Agency{}, err
	}
	if err := json.Unmarshal(own, &a.Currencies); err != nil {
		return Agency{}, fmt.Errorf("reading the currencies of agency %d: %w", id, err)
	}
	if err := json.Unmarshal(instructions, &a.Instructions); err != nil {
		return Agency{}, fmt.Errorf("reading the payment instructions of agency %d: %w", id, err)
	}
	return a, nil
}

// UpdateAgency keeps changed settings. The test clock is not one of them.
func UpdateAgency(ctx context.Context, q Q, a Agency) error {
	own, instructions, err := agencyJSON(a)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, `UPDATE agencies SET name = $2, timezone = $3, currency = $4, currencies = $5, recovery = $6, blocked_exit = $7,
			portal_start = $8, portal_request_packs = $9, payment_instructions = $10, updated_at = $11, locale = $12
		WHERE id = $1`,
		a.ID, a.Name, a.Timezone, a.Currency, own, a.Policy.Recovery, a.Policy.BlockedExit,
		a.PortalStart, a.PortalRequestPacks, instructions, a.UpdatedAt, a.Locale)
	return err
}

func agencyJSON(a Agency) (own, instructions string, err error) {
	if a.Currencies == nil {
		a.Currencies = map[string]int{}
	}
	c, err := json.Marshal(a.Currencies)
	if err != nil {
		return "", "", err
	}
	i, err := json.Marshal(a.Instructions)
	return string(c), string(i), err
}

// HasAgencies reports whether there is any agency yet.
func HasAgencies(ctx context.Context, q Q) (any bool, err error) {
	err = q.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM agencies)`).Scan(&any)
	return any, err
}

// HoldSetup keeps everybody else who sets up the first agency waiting until the
// transaction ends; hold is DB.ForUpdate.
func HoldSetup(ctx context.Context, q Q, hold string) error {
	var id int64
	return q.QueryRow(ctx, `SELECT id FROM readiness WHERE id = 1`+hold).Scan(&id)
}

// CurrencyUsed reports whether anything of the agency has an amount in that
// currency: then its decimals can no longer change.
func CurrencyUsed(ctx context.Context, q Q, agency billing.ID, code string) (used bool, err error) {
	err = q.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM packs WHERE agency_id = $1 AND currency = $2)
			OR EXISTS (SELECT 1 FROM payment_requests WHERE agency_id = $1 AND currency = $2)
			OR EXISTS (SELECT 1 FROM payments WHERE agency_id = $1 AND currency = $2)
			OR EXISTS (SELECT 1 FROM plan_versions WHERE agency_id = $1 AND terms LIKE $3 ESCAPE '\')`,
		agency, code, LikePattern(`"code":"`+code+`"`)).Scan(&used)
	return used, err
}
