package api

import (
	"context"
	"net/http"

	"minutebook/app"
	"minutebook/billing"
)

// clientOut is a client with where its account stands.
type clientOut struct {
	ID             billing.ID             `json:"id"`
	Name           string                 `json:"name"`
	Email          *string                `json:"email"`
	ExternalID     *string                `json:"external_id" doc:"The agency's own name for it, unique in the agency"`
	Timezone       *string                `json:"timezone" doc:"Null: the agency's"`
	Locale         *string                `json:"locale"`
	DenialPolicy   string                 `json:"denial_policy" enum:"PAUSE_ALL,OUTBOUND_ONLY" doc:"What a denial does"`
	PlanID         *billing.ID            `json:"plan_id" doc:"The assigned plan"`
	PlanName       *string                `json:"plan_name"`
	PackIDs        []billing.ID           `json:"pack_ids" doc:"The packs offered to it"`
	SubscriptionID *billing.ID            `json:"subscription_id" doc:"The newest; null for a client who never had one"`
	Status         *string                `json:"status" enum:"active,past_due,blocked,canceled" doc:"Of that subscription"`
	WalletMS       int64                  `json:"wallet_ms"`
	Wallet         string                 `json:"minutes_addon_balance"`
	AmountDue      []amountOut            `json:"amount_due" doc:"What is open, an entry a currency"`
	Access         accessOut              `json:"access"`
	Hold           nullable[holdOut]      `json:"hold" doc:"A denial set by hand"`
	Override       nullable[exemptionOut] `json:"override" doc:"An exemption from denials"`
	CreatedAt      instant                `json:"created_at"`
	UpdatedAt      instant                `json:"updated_at"`
}

type amountOut struct {
	Currency string `json:"currency"`
	Amount   string `json:"amount"`
}

type holdOut struct {
	Since  instant `json:"since"`
	Reason string  `json:"reason"`
}

type exemptionOut struct {
	Until  instant `json:"until"`
	Reason string  `json:"reason"`
}

func client(c app.ClientRow, answer billing.Answer) clientOut {
	out := clientOut{
		ID: c.ID, Name: c.Name, Email: orNull(c.Email), ExternalID: orNull(c.ExternalID), Timezone: orNull(c.Timezone), Locale: orNull(c.Locale),
		DenialPolicy: string(c.Denial), PlanID: orNull(c.PlanID), PlanName: orNull(c.PlanName), PackIDs: append([]billing.ID{}, c.PackIDs...),
		SubscriptionID: orNull(c.SubscriptionID), Status: orNull(string(c.Status)), WalletMS: int64(c.Wallet), Wallet: c.Wallet.Minutes(),
		AmountDue: []amountOut{}, Access: access(answer), CreatedAt: instant(c.CreatedAt), UpdatedAt: instant(c.UpdatedAt),
	}
	for _, due := range c.AmountDue {
		out.AmountDue = append(out.AmountDue, amountOut{due.Currency.Code, due.Currency.Format(due.Amount)})
	}
	if c.Hold != nil {
		out.Hold.Value = &holdOut{instant(c.Hold.Since), c.Hold.Reason}
	}
	if c.Override != nil {
		out.Override.Value = &exemptionOut{instant(c.Override.Until), c.Override.Reason}
	}
	return out
}

type clientNew struct {
	Name         string           `json:"name" minLength:"1" maxLength:"300"`
	Email        optional[string] `json:"email" required:"false" maxLength:"254"`
	ExternalID   optional[string] `json:"external_id" required:"false" maxLength:"255"`
	Timezone     optional[string] `json:"timezone" required:"false" maxLength:"60" doc:"IANA name; the agency's if not given" example:"Europe/Berlin"`
	Locale       optional[string] `json:"locale" required:"false" maxLength:"35" example:"de-DE"`
	DenialPolicy optional[string] `json:"denial_policy" required:"false" enum:"PAUSE_ALL,OUTBOUND_ONLY"`
}

type clientEdit struct {
	Name         optional[string] `json:"name" required:"false" minLength:"1" maxLength:"300"`
	Email        optional[string] `json:"email" required:"false" nullable:"true" maxLength:"254"`
	ExternalID   optional[string] `json:"external_id" required:"false" nullable:"true" maxLength:"255"`
	Timezone     optional[string] `json:"timezone" required:"false" nullable:"true" maxLength:"60"`
	Locale       optional[string] `json:"locale" required:"false" nullable:"true" maxLength:"35"`
	DenialPolicy optional[string] `json:"denial_policy" required:"false" enum:"PAUSE_ALL,OUTBOUND_ONLY"`
}

// ClientsQuery narrows a list of clients.
type ClientsQuery struct {
	Query  string `query:"q" maxLength:"300" doc:"Part of the name, or the whole e-mail address or external id"`
	Status string `query:"status" enum:"active,past_due,blocked,canceled,none" doc:"Of the newest subscription"`
	Access string `query:"access" enum:"allowed,denied,subscription_blocked,payment_overdue,no_subscription,minutes_exhausted,agency_hold"`
	PlanID string `query:"plan_id" maxLength:"60" doc:"Assigned to them"`
}

func (q ClientsQuery) filter() (app.ClientFilter, error) {
	plan, err := ref(q.PlanID).id("plan_id")
	return app.ClientFilter{Query: q.Query, Status: q.Status, Access: q.Access, Plan: plan}, err
}

// ByClient is the path of one client.
type ByClient struct {
	ID string `path:"id" maxLength:"60" doc:"The client's id, or its global id: base64 of Client:42"`
}

func (b ByClient) id() (billing.ID, error) { return pathClient(b.ID) }

type clientAction struct {
	ByClient
	Body *struct{} `required:"false"`
}

// ClientNamed names a client in a body, one way or the other.
type ClientNamed struct {
	ClientID         ref    `json:"client_id" required:"false" doc:"The client's id, or its global id; or else client_external_id"`
	ClientExternalID string `json:"client_external_id" required:"false" maxLength:"255"`
}

func (c ClientNamed) ref() (app.ClientRef, error) {
	id, err := c.ClientID.client("client_id")
	return app.ClientRef{ID: id, ExternalID: c.ClientExternalID}, firstError(err, billing.CheckText("client_external_id", c.ClientExternalID, 0, 255))
}

// find resolves the named client.
func (s *server) find(ctx context.Context, who app.Actor, c ClientNamed) (billing.ID, error) {
	named, err := c.ref()
	if err != nil {
		return 0, err
	}
	return s.app.ResolveClient(ctx, who.Agency, named)
}

// ClientQuery narrows a list to one client.
type ClientQuery struct {
	ClientID string `query:"client_id" maxLength:"60" doc:"The client's id, or its global id"`
}

func (q ClientQuery) client() (billing.ID, error) { return ref(q.ClientID).client("client_id") }

func (s *server) clients() {
	const tag = "Clients"
	route(s, http.MethodPost, "/clients", words{summary: "Create a client", tag: tag, scope: app.ScopeWrite, status: 201}, s.createClient)
	route(s, http.MethodGet, "/clients", words{summary: "List clients", tag: tag, scope: app.ScopeRead}, s.listClients)
	route(s, http.MethodGet, "/clients/{id}", words{summary: "Read a client", tag: tag, scope: app.ScopeRead}, s.readClient)
	route(s, http.MethodPatch, "/clients/{id}", words{summary: "Edit a client", tag: tag, scope: app.ScopeWrite}, s.editClient)
	route(s, http.MethodPut, "/clients/{id}/plan", words{
		summary: "Assign a plan", tag: tag, scope: app.ScopeWrite,
		more: "The plan a start will use. Refused while the client has a live subscription.",
	}, s.assignPlan)
	route(s, http.MethodDelete, "/clients/{id}/plan", words{summary: "Take the plan back", tag: tag, scope: app.ScopeWrite}, s.removePlan)
	route(s, http.MethodPut, "/clients/{id}/packs", words{summary: "Offer packs", tag: tag, scope: app.ScopeWrite, more: "The whole set of packs the client is offered."}, s.assignPacks)
	route(s, http.MethodPost, "/clients/{id}/packs/{pack_id}/apply", words{
		summary: "Sell a pack", tag: tag, scope: app.ScopeWrite, status: 201,
		more: "The wallet is credited at once and in full; a payment request for the price is issued.",
	}, s.applyPack)
	route(s, http.MethodPost, "/clients/{id}/hold", words{summary: "Set or lift a hold", tag: tag, scope: app.ScopeWrite, more: "A hold denies access until it is lifted."}, s.setHold)
	route(s, http.MethodPost, "/clients/{id}/override", words{
		summary: "Set or end an exemption", tag: tag, scope: app.ScopeWrite,
		more: "Until then the client is allowed whatever billing says. A hold stays.",
	}, s.setOverride)
}

func (s *server) createClient(ctx context.Context, who app.Actor, in *struct{ Body clientNew }) (clientOut, error) {
	b, spec := in.Body, app.ClientSpec{Name: in.Body.Name}
	if err := firstError(
		b.Email.into("email", &spec.Email), b.ExternalID.into("external_id", &spec.ExternalID), b.Timezone.into("timezone", &spec.Timezone),
		b.Locale.into("locale", &spec.Locale),
		b.DenialPolicy.use("denial_policy", func(v string) error { spec.DenialPolicy = billing.DenialPolicy(v); return nil }),
	); err != nil {
		return clientOut{}, err
	}
	c, err := s.app.CreateClient(ctx, who, spec)
	if err != nil {
		return clientOut{}, err
	}
	return s.showClient(ctx, who, c.ID)
}

// showClient brings a client forward to now and shows it.
func (s *server) showClient(ctx context.Context, who app.Actor, id billing.ID) (clientOut, error) {
	answer, err := s.app.Access(ctx, who, id, "")
	if err != nil {
		return clientOut{}, err
	}
	c, err := s.app.Client(ctx, who, id)
	return client(c, answer), err
}

func (s *server) listClients(ctx context.Context, who app.Actor, in *struct {
	ClientsQuery
	Sort string `query:"sort" enum:"name,-name,wallet,-wallet,renews,-renews,due,-due" doc:"Newest first if not given; a sorted list is paged by number"`
	Paging
},
) (list[clientOut], error) {
	f, err := in.filter()
	if err != nil {
		return list[clientOut]{}, err
	}
	f.Sort = app.ClientSort(in.Sort)
	l, err := s.app.Clients(ctx, who, f, in.page())
	var failed error
	out, err := listed(in.Paging, l, err, func(c app.ClientRow) clientOut {
		answer, err := s.app.Access(ctx, who, c.ID, "")
		if err != nil && failed == nil {
			failed = err
		}
		return client(c, answer)
	})
	return out, firstError(err, failed)
}

func (s *server) readClient(ctx context.Context, who app.Actor, in *ByClient) (clientOut, error) {
	id, err := in.id()
	if err != nil {
		return clientOut{}, err
	}
	return s.showClient(ctx, who, id)
}

func (s *server) editClient(ctx context.Context, who app.Actor, in *struct {
	ByClient
	Body clientEdit
},
) (clientOut, error) {
	b := in.Body
	patch := app.ClientPatch{Email: b.Email.cleared(), ExternalID: b.ExternalID.cleared(), Timezone: b.Timezone.cleared(), Locale: b.Locale.cleared()}
	var err error
	if patch.Name, err = b.Name.pointer("name"); err != nil {
		return clientOut{}, err
	}
	if err := b.DenialPolicy.use("denial_policy", func(v string) error { patch.DenialPolicy = new(billing.DenialPolicy(v)); return nil }); err != nil {
		return clientOut{}, err
	}
	return s.onClient(ctx, who, in.ByClient, func(id billing.ID) error {
		_, err := s.app.EditClient(ctx, who, id, patch)
		return err
	})
}

// onClient does something to the client in the path and shows it.
func (s *server) onClient(ctx context.Context, who app.Actor, in ByClient, do func(id billing.ID) error) (clientOut, error) {
	id, err := in.id()
	if err != nil {
		return clientOut{}, err
	}
	if err := do(id); err != nil {
		return clientOut{}, err
	}
	return s.showClient(ctx, who, id)
}

func (s *server) assignPlan(ctx context.Context, who app.Actor, in *struct {
	ByClient
	Body struct {
		PlanID ref `json:"plan_id"`
	}
},
) (clientOut, error) {
	return s.onClient(ctx, who, in.ByClient, func(id billing.ID) error {
		plan, err := in.Body.PlanID.must("plan_id")
		if err != nil {
			return err
		}
		return s.app.AssignPlan(ctx, who, id, plan)
	})
}

func (s *server) removePlan(ctx context.Context, who app.Actor, in *clientAction) (clientOut, error) {
	return s.onClient(ctx, who, in.ByClient, func(id billing.ID) error { return s.app.RemovePlan(ctx, who, id) })
}

func (s *server) assignPacks(ctx context.Context, who app.Actor, in *struct {
	ByClient
	Body struct {
		PackIDs []ref `json:"pack_ids" maxItems:"100"`
	}
},
) (clientOut, error) {
	return s.onClient(ctx, who, in.ByClient, func(id billing.ID) error {
		var packs []billing.ID
		for _, each := range in.Body.PackIDs {
			pack, err := each.must("pack_ids")
			if err != nil {
				return err
			}
			packs = append(packs, pack)
		}
		return s.app.AssignPacks(ctx, who, id, packs)
	})
}

// appliedOut is a pack that was sold.
type appliedOut struct {
	Request  requestOut `json:"payment_request"`
	WalletMS int64      `json:"wallet_ms"`
	Wallet   string     `json:"minutes_addon_balance"`
}

type applyIn struct {
	ByClient
	PackID string `path:"pack_id" maxLength:"60"`
	Body   *struct {
		PaymentStatus     string `json:"payment_status" required:"false" enum:"PENDING,PAID" doc:"PENDING if not given"`
		ExternalPaymentID string `json:"external_payment_id" required:"false" maxLength:"255"`
	} `required:"false"`
}

func (s *server) applyPack(ctx context.Context, who app.Actor, in *applyIn) (appliedOut, error) {
	client, err := in.id()
	if err != nil {
		return appliedOut{}, err
	}
	pack, err := pathID(in.PackID)
	if err != nil {
		return appliedOut{}, err
	}
	paid, external := false, ""
	if in.Body != nil {
		paid, external = in.Body.PaymentStatus == "PAID", in.Body.ExternalPaymentID
	}
	id, err := s.app.ApplyPack(ctx, who, client, pack, paid, external)
	if err != nil {
		return appliedOut{}, err
	}
	r, err := s.app.Request(ctx, who, id)
	if err != nil {
		return appliedOut{}, err
	}
	c, err := s.app.Client(ctx, who, client)
	return appliedOut{Request: request(r), WalletMS: int64(c.Wallet), Wallet: c.Wallet.Minutes()}, err
}

func (s *server) setHold(ctx context.Context, who app.Actor, in *struct {
	ByClient
	Body struct {
		On     bool   `json:"on"`
		Reason string `json:"reason" required:"false" maxLength:"500" doc:"Required to set one; the client reads it"`
	}
},
) (clientOut, error) {
	return s.onClient(ctx, who, in.ByClient, func(id billing.ID) error {
		return s.app.SetHold(ctx, who, id, in.Body.On, in.Body.Reason)
	})
}

func (s *server) setOverride(ctx context.Context, who app.Actor, in *struct {
	ByClient
	Body struct {
		Until  optional[string] `json:"until" required:"false" nullable:"true" format:"date-time" doc:"Null ends it"`
		Reason string           `json:"reason" required:"false" maxLength:"500"`
	}
},
) (clientOut, error) {
	if !in.Body.Until.Set {
		return clientOut{}, billing.InvalidField("until", "is required; send null to end an exemption")
	}
	until, err := readInstant("until", in.Body.Until.Value)
	if err != nil {
		return clientOut{}, err
	}
	if until.IsZero() && !in.Body.Until.Null {
		return clientOut{}, billing.InvalidField("until", "must not be empty; send null to end an exemption")
	}
	return s.onClient(ctx, who, in.ByClient, func(id billing.ID) error {
		return s.app.SetOverride(ctx, who, id, until, in.Body.Reason)
	})
}
