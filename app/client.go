package app

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"

	"minutebook/billing"
	"minutebook/store"
)

// ClientRow is a client with where its account stands.
type ClientRow = store.ClientRow

// ClientFilter narrows a list of clients, and orders it.
type ClientFilter = store.ClientFilter

// ClientSort is what a list of clients is ordered by.
type ClientSort = store.ClientSort

// ClientSpec is a new client. Only the name must be given.
type ClientSpec struct {
	Name         string
	Email        string
	ExternalID   string // the agency's own name for it, unique in the agency
	Timezone     string // empty: the agency's
	Locale       string
	DenialPolicy billing.DenialPolicy // empty: PAUSE_ALL
}

// ClientPatch changes a client; what is nil stays.
type ClientPatch struct {
	Name         *string
	Email        *string
	ExternalID   *string
	Timezone     *string
	Locale       *string
	DenialPolicy *billing.DenialPolicy
}

// ClientRef names a client by its id or by the agency's own name for it.
type ClientRef struct {
	ID         billing.ID
	ExternalID string
}

// CreateClient adds a client with an empty account: it is not managed until its first start.
func (a *App) CreateClient(ctx context.Context, who Actor, spec ClientSpec) (ClientRow, error) {
	c := store.Client{ID: a.Mint(), Name: spec.Name, Email: spec.Email, ExternalID: spec.ExternalID, Timezone: spec.Timezone, Locale: spec.Locale}
	if err := checkClient(&c); err != nil {
		return ClientRow{}, err
	}
	err := a.DB.InTx(ctx, func(ctx context.Context, q store.Q) (err error) {
		if c.CreatedAt, err = a.Now(ctx, who.Agency); err != nil {
			return err
		}
		if err := store.InsertClient(ctx, q, who.Agency, c, billing.PauseAll); err != nil {
			return externalIDTaken(err)
		}
		if err := a.audit(ctx, q, who, c.CreatedAt, "client.create", "client:"+c.ID.String(), c.ID, "", nil, clientAudit(c)); err != nil {
			return err
		}
		return a.setDenialPolicy(ctx, who, c.ID, spec.DenialPolicy)
	})
	if err != nil {
		return ClientRow{}, err
	}
	return a.Client(ctx, who, c.ID)
}

// EditClient changes a client's card and its denial policy. Its time zone counts from its next start on. Rules 3.2, 8.4.
func (a *App) EditClient(ctx context.Context, who Actor, id billing.ID, p ClientPatch) (ClientRow, error) {
	err := a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		a.DB.AfterCommit(ctx, func(context.Context) { a.shelf.empty() }) // its name or its zone may be another
		if err := a.clientMustExist(ctx, q, who, id); err != nil {
			return err
		}
		if p.DenialPolicy != nil { // first: whoever changes an account holds that before anything else
			if *p.DenialPolicy == "" {
				return billing.InvalidField("denial_policy", "must be PAUSE_ALL or OUTBOUND_ONLY")
			}
			if err := a.setDenialPolicy(ctx, who, id, *p.DenialPolicy); err != nil {
				return err
			}
		}
		return a.editCard(ctx, q, who, id, p)
	})
	if err != nil {
		return ClientRow{}, err
	}
	return a.Client(ctx, who, id)
}

func (a *App) setDenialPolicy(ctx context.Context, who Actor, id billing.ID, policy billing.DenialPolicy) error {
	if policy == "" {
		return nil
	}
	return a.change(ctx, who, id, act{command: "client.edit"}, func(acc *billing.Account, now time.Time) error {
		return acc.SetDenialPolicy(policy, now)
	})
}

func (a *App) editCard(ctx context.Context, q store.Q, who Actor, id billing.ID, p ClientPatch) error {
	before, err := store.ClientCard(ctx, q, who.Agency, id, a.DB.ForUpdate())
	if err != nil {
		return err
	}
	after := before
	set(&after.Name, p.Name)
	set(&after.Email, p.Email)
	set(&after.ExternalID, p.ExternalID)
	set(&after.Timezone, p.Timezone)
	set(&after.Locale, p.Locale)
	if err := checkClient(&after); err != nil || after == before {
		return err
	}
	if after.UpdatedAt, err = a.Now(ctx, who.Agency); err != nil {
		return err
	}
	if err := store.UpdateClient(ctx, q, who.Agency, after); err != nil {
		return externalIDTaken(err)
	}
	return a.audit(ctx, q, who, after.UpdatedAt, "client.edit", "client:"+id.String(), id, "", clientAudit(before), clientAudit(after))
}

// externalIDTaken says in words which key was taken.
func externalIDTaken(err error) error {
	if !store.Conflicts(err, "clients", "agency_id", "external_id") {
		return err
	}
	e := billing.Refuse(billing.Conflict, "external_id_taken", "Another client has this external id.", "Use another one, or edit that client.")
	e.Field = "external_id"
	return e
}

var localeForm = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$`)

// checkClient refuses a card that cannot be kept, and brings it into its form.
func checkClient(c *store.Client) (err error) {
	c.Name, c.ExternalID = strings.TrimSpace(c.Name), strings.TrimSpace(c.ExternalID)
	if err := billing.CheckText("name", c.Name, 1, billing.MaxNameLength); err != nil {
		return err
	}
	if err := billing.CheckText("external_id", c.ExternalID, 0, 255); err != nil {
		return err
	}
	if c.Email != "" {
		if c.Email, err = checkEmail("email", c.Email); err != nil {
			return err
		}
	}
	if c.Timezone != "" {
		if _, err := billing.LoadZone("timezone", c.Timezone); err != nil {
			return err
		}
	}
	return checkLocale(c.Locale)
}

func checkLocale(tag string) error {
	if tag != "" && !localeForm.MatchString(tag) {
		return billing.InvalidField("locale", "must be a language tag such as en or de-AT")
	}
	return nil
}

// Client reads a client.
func (a *App) Client(ctx context.Context, who Actor, id billing.ID) (ClientRow, error) {
	c, err := store.ClientByID(ctx, a.DB.Q(ctx), who.Agency, id)
	if errors.Is(err, store.ErrMissing) || err == nil && hidden(who, id) {
		return ClientRow{}, notFound("client")
	}
	return c, err
}

// Clients lists the agency's clients, newest first. A portal user sees its own.
func (a *App) Clients(ctx context.Context, who Actor, f ClientFilter, p Page) (Listed[ClientRow], error) {
	if err := checkClientFilter(f); err != nil {
		return Listed[ClientRow]{}, err
	}
	f.Only = own(who, f.Only)
	return listed(ctx, a, who, p, func(q store.Q, w store.Window) (store.Part[ClientRow], error) {
		return store.Clients(ctx, q, who.Agency, f, w)
	})
}

// ClientNames names the agency's clients in the order of their names, at most so many. A portal user is told its own.
func (a *App) ClientNames(ctx context.Context, who Actor, most int) ([]Subject, error) {
	if who.Client != 0 {
		c, err := a.Client(ctx, who, who.Client)
		return []Subject{{ID: c.ID, Name: c.Name}}, err
	}
	return store.ClientNames(ctx, a.DB.Q(ctx), who.Agency, most)
}

func checkClientFilter(f ClientFilter) error {
	if err := billing.CheckText("q", f.Query, 0, billing.MaxNameLength); err != nil {
		return err
	}
	if !f.Sort.Known() {
		return billing.InvalidField("sort", "must be one of name, wallet, renews, due, each with or without a minus in front")
	}
	switch billing.Status(f.Status) {
	case "", "none", billing.Active, billing.PastDue, billing.Blocked, billing.Canceled:
	default:
		return billing.InvalidField("status", "must be one of active, past_due, blocked, canceled, none")
	}
	switch billing.Reason(f.Access) {
	case "", "allowed", "denied", billing.SubscriptionBlocked, billing.PaymentOverdue, billing.NoSubscription, billing.MinutesExhausted, billing.AgencyHold:
		return nil
	}
	return billing.InvalidField("access", "must be allowed, denied, or the reason of a denial")
}

// ResolveClient finds the client a reference names. Both names at once must mean the same client.
func (a *App) ResolveClient(ctx context.Context, agency billing.ID, ref ClientRef) (billing.ID, error) {
	q := a.DB.Q(ctx)
	if billing.CheckText("", ref.ExternalID, 0, 255) != nil {
		return 0, missingIn("client_external_id", "client")
	}
	if ref.ExternalID == "" {
		if ref.ID == 0 {
			return 0, billing.InvalidField("client_id", "is required, or client_external_id")
		}
		exists, err := store.ClientExists(ctx, q, agency, ref.ID)
		if err == nil && !exists {
			err = missingIn("client_id", "client")
		}
		return ref.ID, err
	}
	id, err := store.ClientByExternalID(ctx, q, agency, ref.ExternalID)
	switch {
	case errors.Is(err, store.ErrMissing):
		return 0, missingIn("client_external_id", "client")
	case err == nil && ref.ID != 0 && ref.ID != id:
		return 0, billing.InvalidField("client_external_id", "names another client than client_id; send one of them")
	}
	return id, err
}

// clientAudit is what the audit log says of a client's card.
func clientAudit(c store.Client) map[string]any {
	return map[string]any{"name": c.Name, "email": c.Email, "external_id": c.ExternalID, "timezone": c.Timezone, "locale": c.Locale}
}
