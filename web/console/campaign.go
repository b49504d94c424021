package console

import (
	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

func campaignRoutes() []desk.Route {
	return []desk.Route{
		{Path: "/console/campaigns", Show: campaignsPage},
		{Path: "/console/campaigns/{campaign}", Show: campaignPage},
		{Path: "/console/campaigns/{campaign}/pause", Do: pauseCampaign, Again: campaignPage},
		{Path: "/console/campaigns/{campaign}/resume", Do: resumeCampaign, Again: campaignPage},
		{Path: "/console/campaigns/{campaign}/stop", Do: stopCampaign, Again: campaignPage},
		{Path: "/console/clients/{client}/campaigns", Do: about(registerCampaign), Again: clientCampaignsPage},
	}
}

func campaignURL(id billing.ID) string { return "/console/campaigns/" + id.String() }

func campaignsPage(v *desk.Visit) (ui.Page, error) {
	list, err := v.App.Campaigns(v.R.Context(), v.Who, 0, billing.CampaignStatus(asked(v, "status")), wanted(v))
	if err != nil {
		return ui.Page{}, err
	}
	table, err := campaignTable(v, list.Items, true)
	if err != nil {
		return ui.Page{}, err
	}
	table.Pager = pager(v, list.Total)
	find := ui.Filter{Action: "/console/campaigns", Hint: "Name or client", Clear: cleared(v, "status"), Selects: []ui.Select{
		choice(v, "status", "Status", ui.Option{Value: "", Text: "Any status"}, ui.Option{Value: "RUNNING", Text: "Running"}, ui.Option{Value: "PAUSED", Text: "Paused"}, ui.Option{Value: "STOPPED", Text: "Stopped"}),
	}}
	return ui.Page{Title: "Campaigns", Sub: desk.Count(list.Total, "campaign", "campaigns"), Body: filtered(find, table)}, nil
}

func campaignTable(v *desk.Visit, rows []app.CampaignRow, named bool) (ui.Table, error) {
	var denied []billing.ID
	for _, c := range rows {
		if c.PausedBy == billing.ByBilling {
			denied = append(denied, c.Client)
		}
	}
	lifts, err := v.App.Lifts(v.R.Context(), v.Who, denied)
	t := ui.Table{
		ID: "campaigns", Caption: "Campaigns", Columns: []ui.Column{{Name: "Campaign"}},
		Empty: ui.Empty{Icon: "campaigns", Title: "No campaigns", Text: "A registered campaign is paused when its client may not call, and resumed after. Register it on the client's Campaigns tab or by the API."},
	}
	if named {
		t.Columns = append(t.Columns, ui.Column{Name: "Client"})
	}
	t.Columns = append(t.Columns, ui.Column{Name: "Direction"}, ui.Column{Name: "Status"}, ui.Column{Name: "Why paused"}, ui.Column{Name: "Lifted by"}, ui.Column{Slim: true})
	for _, c := range rows {
		cells := []ui.Piece{ui.Text(c.Name)}
		if named {
			cells = append(cells, ui.Link{Text: c.ClientName, URL: clientURL(c.Client) + "/campaigns"})
		}
		cells = append(cells, ui.Text(desk.Direction(c.Direction)), desk.CampaignStatus(c.Campaign), desk.PausedBy(c.Campaign), liftedBy(c, lifts), campaignAct(v, c, ui.Plain))
		t.Rows = append(t.Rows, ui.Row{URL: campaignURL(c.ID), Quiet: c.Status == billing.Stopped, Cells: cells})
	}
	return t, err
}

// liftedBy is what makes a paused campaign run again.
func liftedBy(c app.CampaignRow, lifts map[billing.ID]billing.Answer) ui.Piece {
	switch c.PausedBy {
	case billing.ByBilling:
		return ui.Text(lifts[c.Client].LiftedBy)
	case billing.ByUser:
		return ui.Text("Somebody resuming it.")
	case billing.Nobody:
	}
	return ui.Muted("–")
}

// campaignAct pauses what runs and resumes what is paused.
func campaignAct(v *desk.Visit, c app.CampaignRow, tone ui.Tone) ui.Piece {
	back := []ui.Pair{{Name: "back", Value: v.R.URL.RequestURI()}}
	switch c.Status {
	case billing.Running:
		return v.Act(ui.Act{
			ID: "pause-" + c.ID.String(), Label: "Pause", Tone: tone, Title: "Pause " + c.Name + "?", Says: []string{"It stays paused until somebody resumes it: billing will not."},
			Form: ui.Form{Action: campaignURL(c.ID) + "/pause", Hidden: back, Submit: ui.Submit{Text: "Pause"}, Fields: []ui.Piece{ui.Field{Name: "reason", Label: "Reason", Optional: true, MaxLength: 500}}},
		})
	case billing.Paused:
		return v.Act(ui.Act{
			ID: "resume-" + c.ID.String(), Label: "Resume", Tone: tone, Title: "Resume " + c.Name + "?", Says: []string{"It runs again. While its client may not call, billing keeps it paused and resumes it when that is lifted."},
			Form: ui.Form{Action: campaignURL(c.ID) + "/resume", Hidden: back, Submit: ui.Submit{Text: "Resume"}},
		})
	case billing.Stopped:
	}
	return nil
}

func pathCampaign(v *desk.Visit) (app.CampaignRow, error) {
	id, err := v.PathID("campaign")
	if err != nil {
		return app.CampaignRow{}, err
	}
	return v.App.Campaign(v.R.Context(), v.Who, id)
}

func campaignPage(v *desk.Visit) (ui.Page, error) {
	c, err := pathCampaign(v)
	if err != nil {
		return ui.Page{}, err
	}
	page := ui.Page{Title: c.Name, Status: []ui.Badge{desk.CampaignStatus(c.Campaign)}, Crumbs: []ui.Link{{Text: "Campaigns", URL: "/console/campaigns"}, {Text: c.ClientName, URL: clientURL(c.Client) + "/campaigns"}}}
	facts := ui.Facts{{Name: "Client", Value: ui.Link{Text: c.ClientName, URL: clientURL(c.Client)}}, {Name: "Direction", Value: ui.Text(desk.Direction(c.Direction))}, {Name: "External id", Value: dash(c.ExternalID)}, {Name: "Why paused", Value: desk.PausedBy(c.Campaign)}, {Name: "Registered", Value: v.At(c.CreatedAt)}}
	if c.PausedBy == billing.ByBilling {
		answer, err := v.App.Access(v.R.Context(), v.Who, c.Client, c.Direction)
		if err != nil {
			return ui.Page{}, err
		}
		facts = append(facts, ui.Fact{Name: "Lifted by", Value: ui.Text(answer.LiftedBy)})
	}
	page.Body = []ui.Piece{ui.Card{Title: "Campaign", Body: []ui.Piece{facts}}}
	if c.Status != billing.Stopped {
		stop := v.Act(ui.Act{
			ID: "stop", Label: "Stop for good", Tone: ui.Bad, Title: "Stop " + c.Name + "?", Says: []string{"A stopped campaign never runs again. Register a new one instead."},
			Form: ui.Form{Action: campaignURL(c.ID) + "/stop", Submit: ui.Submit{Text: "Stop for good", Tone: ui.Bad}},
		})
		page.Actions = []ui.Piece{stop, campaignAct(v, c, "")}
	}
	return page, nil
}

// changed ends an act on a campaign.
func changed(v *desk.Visit, says string, change func(billing.ID) error) (desk.Done, error) {
	id, err := v.PathID("campaign")
	if err != nil {
		return desk.Done{}, err
	}
	back := v.Text("back")
	if back == "" {
		back = campaignURL(id)
	}
	return desk.Done{To: back, Says: says}, change(id)
}

func pauseCampaign(v *desk.Visit) (desk.Done, error) {
	return changed(v, "The campaign is paused.", func(id billing.ID) error { return v.App.PauseCampaign(v.R.Context(), v.Who, id, v.Text("reason")) })
}

func resumeCampaign(v *desk.Visit) (desk.Done, error) {
	return changed(v, "The campaign may run.", func(id billing.ID) error { return v.App.ResumeCampaign(v.R.Context(), v.Who, id) })
}

func stopCampaign(v *desk.Visit) (desk.Done, error) {
	return changed(v, "The campaign is stopped.", func(id billing.ID) error { return v.App.StopCampaign(v.R.Context(), v.Who, id) })
}

func clientCampaignsPage(v *desk.Visit) (ui.Page, error) {
	s, err := theClient(v)
	if err != nil {
		return ui.Page{}, err
	}
	list, err := v.App.Campaigns(v.R.Context(), v.Who, s.ClientRow.ID, "", wanted(v))
	if err != nil {
		return ui.Page{}, err
	}
	table, err := campaignTable(v, list.Items, false)
	if err != nil {
		return ui.Page{}, err
	}
	table.Pager = pager(v, list.Total)
	page := s.page("Campaigns", ui.Card{Flush: true, Live: "campaigns", Body: []ui.Piece{table}})
	page.Actions = []ui.Piece{v.Act(ui.Act{
		ID: "register", Label: "Register a campaign", Main: true, Says: []string{"Billing pauses it when the client may not call, and resumes it after. It does not start any calls."},
		Form: ui.Form{Action: s.url("campaigns"), Submit: ui.Submit{Text: "Register"}, Fields: []ui.Piece{
			ui.Field{Name: "name", Label: "Name", MaxLength: billing.MaxNameLength},
			ui.Field{Name: "external_id", Label: "External id", Optional: true, MaxLength: 255, Hint: "Its id in your dialler."},
			ui.Select{Field: ui.Field{Name: "direction", Label: "Direction", Value: "OUTBOUND"}, Options: []ui.Option{{Value: "OUTBOUND", Text: "Outbound"}, {Value: "INBOUND", Text: "Inbound"}, {Value: "WEB", Text: "Web"}}},
		}},
	})}
	return page, nil
}

func registerCampaign(s *subject) (string, error) {
	_, err := s.App.RegisterCampaign(s.R.Context(), s.Who, s.ClientRow.ID, billing.Campaign{Name: s.Text("name"), ExternalID: s.Text("external_id"), Direction: s.Text("direction")})
	return s.Text("name") + " is registered.", err
}
