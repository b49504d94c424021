package app

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"minutebook/billing"
	"minutebook/store"
)

// Agency is a tenant and its settings.
type Agency = store.Agency

// Instructions tell a client how to pay.
type Instructions = store.Instructions

// AgencySpec is a new agency. Currency and time zone may be empty: USD and UTC.
type AgencySpec struct {
	Name          string
	OwnerEmail    string
	OwnerPassword string // empty: one is made and answered
	Timezone      string
	Currency      string
	TestClock     *time.Time // makes it a sandbox
	First         bool       // refuse when there is an agency already: the first-run set-up
}

// NewAgency is what there is after an agency was made. The password is shown this once.
type NewAgency struct {
	Agency
	OwnerID       billing.ID
	OwnerEmail    string
	OwnerPassword string
}

// CreateAgency makes an agency with its owner and an admin key, which is answered this once.
func (a *App) CreateAgency(ctx context.Context, spec AgencySpec) (made NewAgency, apiKey string, err error) {
	made.Agency, err = a.newAgency(spec)
	if err != nil {
		return NewAgency{}, "", err
	}
	if made.OwnerPassword = spec.OwnerPassword; made.OwnerPassword == "" {
		made.OwnerPassword = newPassword()
	}
	owner, err := a.newUser(ctx, made.ID, UserSpec{Email: spec.OwnerEmail, Role: Owner, Password: made.OwnerPassword})
	if err != nil {
		return NewAgency{}, "", renamed(err, map[string]string{"email": "owner_email", "password": "owner_password"})
	}
	made.OwnerID, made.OwnerEmail = owner.ID, owner.Email
	err = a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		if err := a.checkFirst(ctx, q, spec.First); err != nil {
			return err
		}
		apiKey, err = a.insertAgency(ctx, q, made.Agency, owner)
		return err
	})
	if err != nil {
		return NewAgency{}, "", err
	}
	return made, apiKey, nil
}

func (a *App) newAgency(spec AgencySpec) (Agency, error) {
	now := a.wall()
	g := Agency{
		ID: a.Mint(), Name: strings.TrimSpace(spec.Name), Timezone: spec.Timezone, Currency: spec.Currency, Currencies: map[string]int{},
		Policy: billing.Policy{Recovery: billing.NoneOverdue, BlockedExit: billing.ExitRestart}, CreatedAt: now, UpdatedAt: now,
	}
	if g.Timezone == "" {
		g.Timezone = "UTC"
	}
	if g.Currency == "" {
		g.Currency = "USD"
	}
	if spec.TestClock != nil {
		g.TestClock = spec.TestClock.UTC().Truncate(time.Millisecond)
	}
	return g, checkAgency(g)
}

// checkFirst lets only one of several set up the first agency.
func (a *App) checkFirst(ctx context.Context, q store.Q, first bool) error {
	if !first {
		return nil
	}
	if err := store.HoldSetup(ctx, q, a.DB.ForUpdate()); err != nil {
		return err
	}
	any, err := store.HasAgencies(ctx, q)
	if err == nil && any {
		return billing.Refuse(billing.Conflict, "already_set_up", "There is an agency already.", "Log in, or make another with minutebook agency create.")
	}
	return err
}

func (a *App) insertAgency(ctx context.Context, q store.Q, g Agency, owner User) (apiKey string, err error) {
	who := system(g.ID)
	if err := store.InsertAgency(ctx, q, g); err != nil {
		return "", err
	}
	if err := a.audit(ctx, q, who, g.CreatedAt, "agency.create", "agency:"+g.ID.String(), 0, "", nil, agencyAudit(g)); err != nil {
		return "", err
	}
	if _, err := a.insertUser(ctx, q, who, &owner); err != nil {
		return "", err
	}
	_, apiKey, err = a.insertKey(ctx, q, who, "First key", []string{ScopeAdmin}, time.Time{}, g.CreatedAt)
	return apiKey, err
}

// HasAgencies says whether there is any agency yet: until then the set-up page is open.
func (a *App) HasAgencies(ctx context.Context) (bool, error) {
	return store.HasAgencies(ctx, a.DB.Q(ctx))
}

// Settings reads the agency's settings.
func (a *App) Settings(ctx context.Context, who Actor) (Agency, error) {
	g, err := store.AgencyByID(ctx, a.DB.Q(ctx), who.Agency, "")
	if errors.Is(err, store.ErrMissing) {
		return Agency{}, notFound("agency")
	}
	return g, err
}

// SettingsPatch changes settings; what is nil stays.
type SettingsPatch struct {
	Name               *string
	Timezone           *string
	Currency           *string
	Currencies         *map[string]int // the whole set of own codes
	Locale             *string
	Recovery           *billing.Recovery
	BlockedExit        *billing.BlockedExit
	PortalStart        *bool
	PortalRequestPacks *bool
	Instructions       *Instructions
}

// UpdateSettings changes the agency's settings. What runs already keeps its zone and its terms; recovery and the way
// out of blocked hold for every client from its next change on.
func (a *App) UpdateSettings(ctx context.Context, who Actor, p SettingsPatch) (after Agency, err error) {
	err = a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		a.DB.AfterCommit(ctx, func(context.Context) { a.shelf.empty() }) // every account goes by the agency's zone and policy
		before, err := store.AgencyByID(ctx, q, who.Agency, a.DB.ForUpdate())
		if err != nil {
			return err
		}
		after = p.apply(before)
		if err := checkAgency(after); err != nil {
			return err
		}
		if err := checkDigits(ctx, q, before, after); err != nil {
			return err
		}
		after.UpdatedAt = a.wall()
		if err := store.UpdateAgency(ctx, q, after); err != nil {
			return err
		}
		return a.audit(ctx, q, who, after.UpdatedAt, "settings.update", "agency:"+who.Agency.String(), 0, "", agencyAudit(before), agencyAudit(after))
	})
	return after, err
}

func (p SettingsPatch) apply(g Agency) Agency {
	set(&g.Name, p.Name)
	g.Name = strings.TrimSpace(g.Name)
	set(&g.Timezone, p.Timezone)
	set(&g.Currency, p.Currency)
	set(&g.Currencies, p.Currencies)
	set(&g.Locale, p.Locale)
	set(&g.Policy.Recovery, p.Recovery)
	set(&g.Policy.BlockedExit, p.BlockedExit)
	set(&g.PortalStart, p.PortalStart)
	set(&g.PortalRequestPacks, p.PortalRequestPacks)
	set(&g.Instructions, p.Instructions)
	return g
}

// set changes a field to a value, if there is one.
func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

func checkAgency(g Agency) error {
	if err := billing.CheckText("name", g.Name, 1, billing.MaxNameLength); err != nil {
		return err
	}
	if _, err := billing.LoadZone("timezone", g.Timezone); err != nil {
		return err
	}
	if err := billing.CheckCurrencyCode("currency", g.Currency); err != nil {
		return err
	}
	if err := checkLocale(g.Locale); err != nil {
		return err
	}
	switch {
	case g.Policy.Recovery != billing.NoneOverdue && g.Policy.Recovery != billing.NoneUnpaid:
		return billing.InvalidField("recovery", "must be NONE_OVERDUE or NONE_UNPAID")
	case g.Policy.BlockedExit != billing.ExitRestart && g.Policy.BlockedExit != billing.ExitOnPayment:
		return billing.InvalidField("blocked_exit", "must be RESTART or ON_PAYMENT")
	}
	if err := checkOwnCurrencies(g.Currencies); err != nil {
		return err
	}
	return checkInstructions(g.Instructions)
}

func checkInstructions(i Instructions) error {
	checks := []error{
		billing.CheckText("payment_instructions.text", i.Text, 0, billing.MaxTextLength),
		billing.CheckText("payment_instructions.account_name", i.AccountName, 0, 70),
		billing.CheckText("payment_instructions.iban", i.IBAN, 0, 42),
		billing.CheckText("payment_instructions.bic", i.BIC, 0, 11),
		billing.CheckText("payment_instructions.upi", i.UPI, 0, 255),
		billing.CheckText("payment_instructions.link", i.Link, 0, billing.MaxTextLength),
	}
	for _, err := range checks {
		if err != nil {
			return err
		}
	}
	if i.Link != "" && !strings.HasPrefix(i.Link, "https://") && !strings.HasPrefix(i.Link, "http://") {
		return billing.InvalidField("payment_instructions.link", "must begin with https://")
	}
	return nil
}

// agencyAudit is what the audit log says of an agency.
func agencyAudit(g Agency) map[string]any {
	return map[string]any{
		"name": g.Name, "timezone": g.Timezone, "currency": g.Currency, "currencies": g.Currencies, "locale": g.Locale,
		"recovery": g.Policy.Recovery, "blocked_exit": g.Policy.BlockedExit, "portal_start": g.PortalStart,
		"portal_request_packs": g.PortalRequestPacks, "payment_instructions": g.Instructions, "test_clock": instant(g.TestClock),
	}
}

// renamed gives the fields of a refusal other names: an input may call them otherwise.
func renamed(err error, names map[string]string) error {
	var refusal *billing.Error
	if !errors.As(err, &refusal) || names[refusal.Field] == "" {
		return err
	}
	other := *refusal
	other.Field = names[refusal.Field]
	return &other
}

// checkDigits refuses other decimals for a currency that has amounts already: they would mean other sums.
func checkDigits(ctx context.Context, q store.Q, before, after Agency) error {
	codes := maps.Clone(before.Currencies)
	if codes == nil {
		codes = map[string]int{}
	}
	maps.Copy(codes, after.Currencies)
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		if digitsIn(before, code) == digitsIn(after, code) {
			continue
		}
		used, err := store.CurrencyUsed(ctx, q, after.ID, code)
		if err != nil {
			return err
		}
		if used {
			return billing.Refuse(billing.Conflict, "currency_in_use", "The decimals of "+code+" cannot change any more: there are amounts in it.", "Use another code.")
		}
	}
	return nil
}
