package app

import (
	"context"
	"errors"
	"time"

	"minutebook/billing"
	"minutebook/store"
)

// RegisterCampaign takes a campaign of a client under billing's care. Rules 8.3.
func (a *App) RegisterCampaign(ctx context.Context, who Actor, client billing.ID, c billing.Campaign) (campaign billing.ID, err error) {
	err = a.change(ctx, who, client, act{command: "campaign.register"}, func(acc *billing.Account, now time.Time) (err error) {
		campaign, err = acc.RegisterCampaign(c, now)
		return err
	})
	return campaign, err
}

// EditCampaign changes what a campaign is called and which way it dials; nil leaves a text as it is.
func (a *App) EditCampaign(ctx context.Context, who Actor, campaign billing.ID, name, externalID, direction *string) error {
	return a.changeCampaign(ctx, who, campaign, act{command: "campaign.edit"}, func(acc *billing.Account, now time.Time) error {
		return acc.EditCampaign(campaign, name, externalID, direction, now)
	})
}

// PauseCampaign pauses a campaign by a person's will.
func (a *App) PauseCampaign(ctx context.Context, who Actor, campaign billing.ID, reason string) error {
	return a.changeCampaign(ctx, who, campaign, act{command: "campaign.pause", reason: reason}, func(acc *billing.Account, now time.Time) error {
		return acc.PauseCampaign(campaign, reason, now)
	})
}

// ResumeCampaign starts a paused campaign; while the client is denied, billing keeps it paused.
func (a *App) ResumeCampaign(ctx context.Context, who Actor, campaign billing.ID) error {
	return a.changeCampaign(ctx, who, campaign, act{command: "campaign.resume"}, func(acc *billing.Account, now time.Time) error {
		return acc.ResumeCampaign(campaign, now)
	})
}

// StopCampaign ends a campaign for good.
func (a *App) StopCampaign(ctx context.Context, who Actor, campaign billing.ID) error {
	return a.changeCampaign(ctx, who, campaign, act{command: "campaign.stop"}, func(acc *billing.Account, now time.Time) error {
		return acc.StopCampaign(campaign, now)
	})
}

// changeCampaign changes the client of a campaign. A stopped campaign is no longer part of the account.
func (a *App) changeCampaign(ctx context.Context, who Actor, campaign billing.ID, act act, rule rule) error {
	c, err := a.Campaign(ctx, who, campaign)
	if err != nil {
		return err
	}
	if c.Status == billing.Stopped {
		return billing.Refuse(billing.Conflict, "campaign_stopped", "The campaign is stopped.", "Register a new one.")
	}
	return a.change(ctx, who, c.Client, act, rule)
}

// Campaign reads one campaign.
func (a *App) Campaign(ctx context.Context, who Actor, id billing.ID) (store.CampaignRow, error) {
	c, err := store.CampaignByID(ctx, a.DB.Q(ctx), who.Agency, id)
	if errors.Is(err, store.ErrMissing) || (err == nil && hidden(who, c.Client)) {
		return store.CampaignRow{}, notFound("campaign")
	}
	return c, err
}

// Lifts says of each client that is denied what exactly lifts that, for lists of their campaigns.
func (a *App) Lifts(ctx context.Context, who Actor, clients []billing.ID) (map[billing.ID]billing.Answer, error) {
	lifts := map[billing.ID]billing.Answer{}
	var named []store.Named
	for _, client := range clients {
		if _, again := lifts[client]; !again && !hidden(who, client) {
			lifts[client] = billing.Answer{}
			named = append(named, store.Named{Agency: who.Agency, Client: client})
		}
	}
	if len(named) == 0 {
		return lifts, nil
	}
	now, err := a.Now(ctx, who.Agency)
	if err != nil {
		return nil, err
	}
	err = a.DB.Snapshot(ctx, func(ctx context.Context, q store.Q) error {
		accounts, err := store.LoadAccounts(ctx, q, "", named)
		for _, acc := range accounts {
			if err == nil && acc != nil {
				lifts[acc.Client] = acc.Explain("", now)
			}
		}
		return err
	})
	return lifts, err
}
