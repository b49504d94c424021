package api

import (
	"context"
	"net/http"

	"minutebook/app"
)

// brandOut is how the agency looks to its clients.
type brandOut struct {
	DisplayName  string  `json:"display_name" doc:"Empty: the agency's name"`
	Accent       string  `json:"accent" doc:"#rrggbb, or empty"`
	AccentDark   string  `json:"accent_dark" doc:"On dark ground; empty: the same"`
	SupportEmail string  `json:"support_email"`
	SupportURL   string  `json:"support_url"`
	PoweredBy    bool    `json:"show_powered_by" doc:"The portal says what it is made with"`
	LogoType     *string `json:"logo_type" enum:"image/png,image/jpeg,image/svg+xml"`
	LogoWidth    int64   `json:"logo_width"`
	LogoHeight   int64   `json:"logo_height"`
}

func brand(b app.Brand) brandOut {
	return brandOut{
		DisplayName: b.DisplayName, Accent: b.Accent, AccentDark: b.AccentDark, SupportEmail: b.SupportEmail, SupportURL: b.SupportURL, PoweredBy: b.PoweredBy,
		LogoType: orNull(b.Logo.Type), LogoWidth: b.Logo.Width, LogoHeight: b.Logo.Height,
	}
}

type brandEdit struct {
	DisplayName  optional[string] `json:"display_name" required:"false" maxLength:"300"`
	Accent       optional[string] `json:"accent" required:"false" maxLength:"7" example:"#1f5f5b"`
	AccentDark   optional[string] `json:"accent_dark" required:"false" maxLength:"7"`
	SupportEmail optional[string] `json:"support_email" required:"false" maxLength:"254"`
	SupportURL   optional[string] `json:"support_url" required:"false" maxLength:"2000"`
	PoweredBy    optional[bool]   `json:"show_powered_by" required:"false"`
}

// patch reads the change.
func (in brandEdit) patch() (p app.BrandPatch, err error) {
	return p, firstError(
		in.DisplayName.use("display_name", keep(&p.DisplayName)), in.Accent.use("accent", keep(&p.Accent)), in.AccentDark.use("accent_dark", keep(&p.AccentDark)),
		in.SupportEmail.use("support_email", keep(&p.SupportEmail)), in.SupportURL.use("support_url", keep(&p.SupportURL)), in.PoweredBy.use("show_powered_by", keep(&p.PoweredBy)),
	)
}

// hostOut is a name of a host that the agency claims for its portal.
type hostOut struct {
	Host        string  `json:"host"`
	VerifiedAt  moment  `json:"verified_at" doc:"Since when the portal is open there; null: not yet"`
	RecordName  string  `json:"record_name" doc:"Where in the DNS a TXT record has to stand"`
	RecordValue string  `json:"record_value" doc:"What it has to say"`
	PointsTo    string  `json:"points_to" doc:"Where the name itself has to lead, by a CNAME record"`
	CreatedAt   instant `json:"created_at"`
}

func host(h app.PortalHost) hostOut {
	return hostOut{Host: h.Host, VerifiedAt: moment(h.VerifiedAt), RecordName: h.RecordName, RecordValue: h.RecordValue, PointsTo: h.PointsTo, CreatedAt: instant(h.CreatedAt)}
}

// hostsOut are all names the agency claims; there are few.
type hostsOut struct {
	Data []hostOut `json:"data"`
}

// ByHost names a host in the path.
type ByHost struct {
	Host string `path:"host" maxLength:"253"`
}

func (s *server) brand() {
	const tag = "Brand"
	route(s, http.MethodGet, "/settings/brand", words{summary: "Read how the agency looks to its clients", tag: tag, scope: app.ScopeRead}, func(ctx context.Context, who app.Actor, _ *struct{}) (brandOut, error) {
		b, err := s.app.Brand(ctx, who.Agency)
		return brand(b), err
	})
	route(s, http.MethodPatch, "/settings/brand", words{summary: "Change how the agency looks to its clients", tag: tag, scope: app.ScopeAdmin}, s.editBrand)
	route(s, http.MethodPut, "/settings/brand/logo", words{
		summary: "Set the logo", tag: tag, scope: app.ScopeAdmin,
		more: "PNG, JPEG or SVG, at most 512 kB. It is written anew: only the picture is kept.",
	}, s.setLogo)
	route(s, http.MethodDelete, "/settings/brand/logo", words{summary: "Remove the logo", tag: tag, scope: app.ScopeAdmin, status: 204}, func(ctx context.Context, who app.Actor, _ *struct {
		Body *struct{} `required:"false"`
	},
	) (none, error) {
		_, err := s.app.RemoveLogo(ctx, who)
		return none{}, err
	})
	route(s, http.MethodGet, "/settings/portal-hosts", words{summary: "List the portal's own host names", tag: tag, scope: app.ScopeRead}, s.listHosts)
	route(s, http.MethodPost, "/settings/portal-hosts", words{
		summary: "Claim a host name for the portal", tag: tag, scope: app.ScopeAdmin, status: 201,
		more: "It opens when the TXT record that is answered was found by a check.",
	}, s.addHost)
	route(s, http.MethodPost, "/settings/portal-hosts/{host}/check", words{summary: "Check a host name's record and open the portal there", tag: tag, scope: app.ScopeAdmin}, s.checkHost)
	route(s, http.MethodDelete, "/settings/portal-hosts/{host}", words{summary: "Take a host name back", tag: tag, scope: app.ScopeAdmin, status: 204}, s.removeHost)
}

func (s *server) editBrand(ctx context.Context, who app.Actor, in *struct{ Body brandEdit }) (brandOut, error) {
	p, err := in.Body.patch()
	if err != nil {
		return brandOut{}, err
	}
	b, err := s.app.UpdateBrand(ctx, who, p)
	return brand(b), err
}

func (s *server) setLogo(ctx context.Context, who app.Actor, in *struct {
	Body struct {
		Content []byte `json:"content" maxLength:"700000" doc:"The file in base64"`
	}
},
) (brandOut, error) {
	b, err := s.app.SetLogo(ctx, who, in.Body.Content)
	return brand(b), err
}

func (s *server) listHosts(ctx context.Context, who app.Actor, _ *struct{}) (hostsOut, error) {
	hosts, err := s.app.PortalHosts(ctx, who)
	out := hostsOut{Data: []hostOut{}}
	for _, h := range hosts {
		out.Data = append(out.Data, host(h))
	}
	return out, err
}

func (s *server) addHost(ctx context.Context, who app.Actor, in *struct {
	Body struct {
		Host string `json:"host" minLength:"1" maxLength:"253" example:"portal.example.com"`
	}
},
) (hostOut, error) {
	h, err := s.app.AddPortalHost(ctx, who, in.Body.Host)
	return host(h), err
}

func (s *server) checkHost(ctx context.Context, who app.Actor, in *struct {
	ByHost
	Body *struct{} `required:"false"`
},
) (hostOut, error) {
	h, err := s.app.CheckPortalHost(ctx, who, in.Host)
	return host(h), err
}

func (s *server) removeHost(ctx context.Context, who app.Actor, in *struct {
	ByHost
	Body *struct{} `required:"false"`
},
) (none, error) {
	return none{}, s.app.RemovePortalHost(ctx, who, in.Host)
}
