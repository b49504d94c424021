package billing

import "time"

// CampaignStatus is where a campaign stands. Rules 8.3.
type CampaignStatus string

const (
	Running CampaignStatus = "RUNNING"
	Paused  CampaignStatus = "PAUSED"
	Stopped CampaignStatus = "STOPPED" // for good
)

// PausedBy says who paused a campaign; only what billing paused does billing resume.
type PausedBy string

const (
	Nobody    PausedBy = ""
	ByBilling PausedBy = "BILLING"
	ByUser    PausedBy = "USER"
)

// Campaign is a calling campaign of a client, registered so that billing can pause and resume it.
type Campaign struct {
	ID          ID             `json:"id"`
	Name        string         `json:"name"`
	ExternalID  string         `json:"external_id"`
	Direction   string         `json:"direction"` // INBOUND, OUTBOUND, WEB or empty
	Status      CampaignStatus `json:"status"`
	PausedBy    PausedBy       `json:"paused_by"`
	PauseReason string         `json:"pause_reason"`
}

func (c Campaign) check() error {
	if c.Direction != "" && c.Direction != "INBOUND" && c.Direction != "OUTBOUND" && c.Direction != "WEB" {
		return InvalidField("direction", "must be one of INBOUND, OUTBOUND, WEB")
	}
	return firstError(checkText("name", c.Name, 1, MaxNameLength), checkText("external_id", c.ExternalID, 0, 255))
}

// RegisterCampaign takes a running campaign under billing's care; while the client is denied it is paused at once.
func (a *Account) RegisterCampaign(c Campaign, at time.Time) (ID, error) {
	if err := c.check(); err != nil {
		return 0, err
	}
	if len(a.Campaigns) >= 1000 {
		return 0, conflict("too_many_campaigns", "A client can have at most 1000 campaigns.", "")
	}
	c.ID, c.Status, c.PausedBy, c.PauseReason = a.mint(), Running, Nobody, ""
	a.record(at, CampaignRegistered{Campaign: c})
	return c.ID, a.settle(at)
}

// EditCampaign changes what a campaign is called and which way it dials.
func (a *Account) EditCampaign(id ID, name, externalID, direction *string, at time.Time) error {
	c := a.Campaign(id)
	if c == nil {
		return errNoCampaign()
	}
	next := *c
	set := func(field *string, value *string) {
		if value != nil {
			*field = *value
		}
	}
	set(&next.Name, name)
	set(&next.ExternalID, externalID)
	set(&next.Direction, direction)
	if err := next.check(); err != nil {
		return err
	}
	if next != *c {
		a.record(at, CampaignEdited{CampaignID: id, Name: next.Name, ExternalID: next.ExternalID, Direction: next.Direction})
	}
	return a.settle(at)
}

// PauseCampaign pauses a campaign by a person's will; billing will not resume it.
func (a *Account) PauseCampaign(id ID, reason string, at time.Time) error {
	c, err := a.movableCampaign(id)
	if err != nil {
		return err
	}
	if err := checkText("reason", reason, 0, 500); err != nil {
		return err
	}
	if c.PausedBy != ByUser {
		a.record(at, CampaignChanged{CampaignID: id, Status: Paused, PausedBy: ByUser, Reason: reason})
	}
	return a.settle(at)
}

// ResumeCampaign starts a paused campaign; while the client is denied, billing keeps it paused until access is back.
func (a *Account) ResumeCampaign(id ID, at time.Time) error {
	c, err := a.movableCampaign(id)
	if err != nil {
		return err
	}
	if c.Status == Paused {
		a.record(at, CampaignChanged{CampaignID: id, Status: Running})
	}
	return a.settle(at)
}

// StopCampaign ends a campaign for good.
func (a *Account) StopCampaign(id ID, at time.Time) error {
	c := a.Campaign(id)
	if c == nil {
		return errNoCampaign()
	}
	if c.Status != Stopped {
		a.record(at, CampaignChanged{CampaignID: id, Status: Stopped})
	}
	return a.settle(at)
}

func (a *Account) movableCampaign(id ID) (*Campaign, error) {
	c := a.Campaign(id)
	switch {
	case c == nil:
		return nil, errNoCampaign()
	case c.Status == Stopped:
		return nil, conflict("campaign_stopped", "The campaign is stopped.", "Register a new one.")
	}
	return c, nil
}

func errNoCampaign() error { return Refuse(NotFound, "not_found", "There is no such campaign.", "") }
