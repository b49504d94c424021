package api

import (
	"context"
	"maps"
	"net/http"

	"minutebook/app"
	"minutebook/billing"
)

// settingsOut are the agency's settings.
type settingsOut struct {
	ID                 billing.ID     `json:"id" doc:"The agency's"`
	Name               string         `json:"name"`
	Timezone           string         `json:"timezone"`
	Currency           string         `json:"currency" doc:"What new plans and packs are offered in"`
	Currencies         map[string]int `json:"currencies" doc:"The agency's own codes and their decimals"`
	Locale             *string        `json:"locale" doc:"The language of clients without one of their own"`
	Recovery           string         `json:"recovery" enum:"NONE_OVERDUE,NONE_UNPAID" doc:"When a past-due subscription is active again"`
	BlockedExit        string         `json:"blocked_exit" enum:"RESTART,ON_PAYMENT" doc:"What leads out of blocked"`
	PortalStart        bool           `json:"portal_start" doc:"Clients may start their assigned plan themselves"`
	PortalRequestPacks bool           `json:"portal_request_packs" doc:"Clients may ask for a pack themselves"`
	Instructions       instructions   `json:"payment_instructions"`
	Sandbox            bool           `json:"sandbox" doc:"The agency has a test clock"`
	CreatedAt          instant        `json:"created_at"`
	UpdatedAt          instant        `json:"updated_at"`
}

// instructions tell a client how to pay.
type instructions struct {
	Text        string `json:"text" required:"false" maxLength:"2000"`
	AccountName string `json:"account_name" required:"false" maxLength:"70"`
	IBAN        string `json:"iban" required:"false" maxLength:"42"`
	BIC         string `json:"bic" required:"false" maxLength:"11"`
	UPI         string `json:"upi" required:"false" maxLength:"255"`
	Link        string `json:"link" required:"false" maxLength:"2000" doc:"A payment page"`
}

func settings(g app.Agency) settingsOut {
	own := map[string]int{}
	maps.Copy(own, g.Currencies)
	return settingsOut{
		ID: g.ID, Name: g.Name, Timezone: g.Timezone, Currency: g.Currency, Currencies: own, Locale: orNull(g.Locale), Recovery: string(g.Policy.Recovery), BlockedExit: string(g.Policy.BlockedExit),
		PortalStart: g.PortalStart, PortalRequestPacks: g.PortalRequestPacks, Instructions: instructions(g.Instructions), Sandbox: !g.TestClock.IsZero(),
		CreatedAt: instant(g.CreatedAt), UpdatedAt: instant(g.UpdatedAt),
	}
}

type settingsEdit struct {
	Name               optional[string]         `json:"name" required:"false" minLength:"1" maxLength:"300"`
	Timezone           optional[string]         `json:"timezone" required:"false" maxLength:"60"`
	Currency           optional[string]         `json:"currency" required:"false" minLength:"2" maxLength:"10"`
	Currencies         optional[map[string]int] `json:"currencies" required:"false" doc:"The whole set of own codes"`
	Locale             optional[string]         `json:"locale" required:"false" maxLength:"35" doc:"A language tag such as de-AT; empty for none"`
	Recovery           optional[string]         `json:"recovery" required:"false" enum:"NONE_OVERDUE,NONE_UNPAID"`
	BlockedExit        optional[string]         `json:"blocked_exit" required:"false" enum:"RESTART,ON_PAYMENT"`
	PortalStart        optional[bool]           `json:"portal_start" required:"false"`
	PortalRequestPacks optional[bool]           `json:"portal_request_packs" required:"false"`
	Instructions       optional[instructions]   `json:"payment_instructions" required:"false" doc:"The whole set; what is not given in it is empty"`
}

// patch reads the change.
func (in settingsEdit) patch() (p app.SettingsPatch, err error) {
	return p, firstError(
		in.Name.use("name", keep(&p.Name)), in.Timezone.use("timezone", keep(&p.Timezone)), in.Currency.use("currency", keep(&p.Currency)),
		in.Currencies.use("currencies", keep(&p.Currencies)), in.Locale.use("locale", keep(&p.Locale)),
		in.Recovery.use("recovery", func(v string) error { p.Recovery = new(billing.Recovery(v)); return nil }),
		in.BlockedExit.use("blocked_exit", func(v string) error { p.BlockedExit = new(billing.BlockedExit(v)); return nil }),
		in.PortalStart.use("portal_start", keep(&p.PortalStart)), in.PortalRequestPacks.use("portal_request_packs", keep(&p.PortalRequestPacks)),
		in.Instructions.use("payment_instructions", func(v instructions) error { p.Instructions = new(app.Instructions(v)); return nil }),
	)
}

// keep points a field at the value that was sent.
func keep[T any](field **T) func(T) error {
	return func(v T) error {
		*field = &v
		return nil
	}
}

func (s *server) settings() {
	const tag = "Settings"
	route(s, http.MethodGet, "/settings", words{summary: "Read the settings", tag: tag, scope: app.ScopeRead}, func(ctx context.Context, who app.Actor, _ *struct{}) (settingsOut, error) {
		g, err := s.app.Settings(ctx, who)
		return settings(g), err
	})
	route(s, http.MethodPatch, "/settings", words{summary: "Change the settings", tag: tag, scope: app.ScopeAdmin}, s.editSettings)
}

func (s *server) editSettings(ctx context.Context, who app.Actor, in *struct{ Body settingsEdit }) (settingsOut, error) {
	p, err := in.Body.patch()
	if err != nil {
		return settingsOut{}, err
	}
	g, err := s.app.UpdateSettings(ctx, who, p)
	return settings(g), err
}
