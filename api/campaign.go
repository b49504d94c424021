package api

import (
	"context"
	"net/http"

	"minutebook/app"
	"minutebook/billing"
)

// campaignOut is a calling campaign under billing's care.
type campaignOut struct {
	ID          billing.ID `json:"id"`
	ClientID    billing.ID `json:"client_id"`
	ClientName  string     `json:"client_name"`
	Name        string     `json:"name"`
	ExternalID  *string    `json:"external_id"`
	Direction   *string    `json:"direction" enum:"INBOUND,OUTBOUND,WEB"`
	Status      string     `json:"status" enum:"RUNNING,PAUSED,STOPPED"`
	PausedBy    *string    `json:"paused_by" enum:"BILLING,USER" doc:"Billing resumes only what billing paused"`
	PauseReason *string    `json:"pause_reason"`
	CreatedAt   instant    `json:"created_at"`
	UpdatedAt   instant    `json:"updated_at"`
}

func campaign(c app.CampaignRow) campaignOut {
	return campaignOut{
		ID: c.ID, ClientID: c.Client, ClientName: c.ClientName, Name: c.Name, ExternalID: orNull(c.ExternalID), Direction: orNull(c.Direction), Status: string(c.Status),
		PausedBy: orNull(string(c.PausedBy)), PauseReason: orNull(c.PauseReason), CreatedAt: instant(c.CreatedAt), UpdatedAt: instant(c.UpdatedAt),
	}
}

type campaignNew struct {
	ClientNamed
	Name       string `json:"name" minLength:"1" maxLength:"300"`
	ExternalID string `json:"external_id" required:"false" maxLength:"255"`
	Direction  string `json:"direction" required:"false" enum:"INBOUND,OUTBOUND,WEB"`
}

type campaignEdit struct {
	Name       optional[string] `json:"name" required:"false" minLength:"1" maxLength:"300"`
	ExternalID optional[string] `json:"external_id" required:"false" nullable:"true" maxLength:"255"`
	Direction  optional[string] `json:"direction" required:"false" nullable:"true" enum:"INBOUND,OUTBOUND,WEB"`
}

func (s *server) campaigns() {
	const tag = "Campaigns"
	route(s, http.MethodPost, "/campaigns", words{
		summary: "Register a campaign", tag: tag, scope: app.ScopeWrite, status: 201,
		more: "While its client is denied it is paused at once.",
	}, s.registerCampaign)
	route(s, http.MethodGet, "/campaigns", words{summary: "List campaigns", tag: tag, scope: app.ScopeRead}, s.listCampaigns)
	route(s, http.MethodGet, "/campaigns/{id}", words{summary: "Read a campaign", tag: tag, scope: app.ScopeRead}, s.readCampaign)
	route(s, http.MethodPatch, "/campaigns/{id}", words{summary: "Edit a campaign", tag: tag, scope: app.ScopeWrite}, s.editCampaign)
	route(s, http.MethodPost, "/campaigns/{id}/pause", words{summary: "Pause a campaign", tag: tag, scope: app.ScopeWrite, more: "Billing will not resume it."}, s.pauseCampaign)
	route(s, http.MethodPost, "/campaigns/{id}/resume", words{
		summary: "Resume a campaign", tag: tag, scope: app.ScopeWrite,
		more: "While its client is denied it stays paused, now by billing.",
	}, s.doCampaign(s.app.ResumeCampaign))
	route(s, http.MethodPost, "/campaigns/{id}/stop", words{summary: "Stop a campaign for good", tag: tag, scope: app.ScopeWrite}, s.doCampaign(s.app.StopCampaign))
}

func (s *server) registerCampaign(ctx context.Context, who app.Actor, in *struct{ Body campaignNew }) (campaignOut, error) {
	client, err := s.find(ctx, who, in.Body.ClientNamed)
	if err != nil {
		return campaignOut{}, err
	}
	id, err := s.app.RegisterCampaign(ctx, who, client, billing.Campaign{Name: in.Body.Name, ExternalID: in.Body.ExternalID, Direction: in.Body.Direction})
	if err != nil {
		return campaignOut{}, err
	}
	return s.showCampaign(ctx, who, id)
}

func (s *server) showCampaign(ctx context.Context, who app.Actor, id billing.ID) (campaignOut, error) {
	c, err := s.app.Campaign(ctx, who, id)
	return campaign(c), err
}

func (s *server) listCampaigns(ctx context.Context, who app.Actor, in *struct {
	ClientQuery
	Status string `query:"status" enum:"RUNNING,PAUSED,STOPPED"`
	Paging
},
) (list[campaignOut], error) {
	client, err := in.client()
	if err != nil {
		return list[campaignOut]{}, err
	}
	l, err := s.app.Campaigns(ctx, who, client, billing.CampaignStatus(in.Status), in.page())
	return listed(in.Paging, l, err, campaign)
}

func (s *server) readCampaign(ctx context.Context, who app.Actor, in *ByID) (campaignOut, error) {
	return s.onCampaign(ctx, who, *in, func(billing.ID) error { return nil })
}

// onCampaign does something to the campaign in the path and shows it.
func (s *server) onCampaign(ctx context.Context, who app.Actor, in ByID, do func(id billing.ID) error) (campaignOut, error) {
	id, err := in.id()
	if err != nil {
		return campaignOut{}, err
	}
	if err := do(id); err != nil {
		return campaignOut{}, err
	}
	return s.showCampaign(ctx, who, id)
}

func (s *server) editCampaign(ctx context.Context, who app.Actor, in *struct {
	ByID
	Body campaignEdit
},
) (campaignOut, error) {
	name, err := in.Body.Name.pointer("name")
	if err != nil {
		return campaignOut{}, err
	}
	return s.onCampaign(ctx, who, in.ByID, func(id billing.ID) error {
		return s.app.EditCampaign(ctx, who, id, name, in.Body.ExternalID.cleared(), in.Body.Direction.cleared())
	})
}

func (s *server) pauseCampaign(ctx context.Context, who app.Actor, in *struct {
	ByID
	Body *struct {
		Reason string `json:"reason" required:"false" maxLength:"500"`
	} `required:"false"`
},
) (campaignOut, error) {
	reason := ""
	if in.Body != nil {
		reason = in.Body.Reason
	}
	return s.onCampaign(ctx, who, in.ByID, func(id billing.ID) error { return s.app.PauseCampaign(ctx, who, id, reason) })
}

func (s *server) doCampaign(do func(context.Context, app.Actor, billing.ID) error) func(context.Context, app.Actor, *action) (campaignOut, error) {
	return func(ctx context.Context, who app.Actor, in *action) (campaignOut, error) {
		return s.onCampaign(ctx, who, in.ByID, func(id billing.ID) error { return do(ctx, who, id) })
	}
}
