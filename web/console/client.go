package console

import (
	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

// subject is the client a page is about.
type subject struct {
	*desk.Visit
	app.ClientRow
	app.Trial
	account *billing.Account
	answer  billing.Answer
}

// theClient reads the client in the path, as it is now, and turns the visit to its time zone.
func theClient(v *desk.Visit) (*subject, error) {
	id, err := v.PathID("client")
	if err != nil {
		return nil, err
	}
	trial, err := v.App.Trial(v.R.Context(), v.Who, id)
	if err != nil {
		return nil, err
	}
	row, err := v.App.Client(v.R.Context(), v.Who, id)
	if err != nil {
		return nil, err
	}
	if zone, err := billing.LoadZone("timezone", row.Zone); err == nil {
		v.Zone = zone
	}
	return &subject{Visit: v, ClientRow: row, Trial: trial, account: trial.Account, answer: trial.Account.Explain("", trial.Now)}, nil
}

// url is the address of one of the client's pages or acts.
func (s *subject) url(part string) string {
	if part == "" {
		return clientURL(s.ID)
	}
	return clientURL(s.ID) + "/" + part
}

// page is a page about the client, on one of its tabs.
func (s *subject) page(tab string, body ...ui.Piece) ui.Page {
	p := ui.Page{Title: s.Name, Sub: s.Email, Crumbs: []ui.Link{{Text: "Clients", URL: "/console/clients"}}, Status: []ui.Badge{desk.Status(s.ClientRow.Status)}, Body: body}
	p.Tabs = &ui.Tabs{Label: s.Name}
	for _, t := range []struct{ text, part string }{{"Billing", ""}, {"Usage", "usage"}, {"Campaigns", "campaigns"}, {"Timeline", "timeline"}, {"Settings", "settings"}} {
		p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Text: t.text, URL: s.url(t.part), Current: t.text == tab})
	}
	if !s.answer.Allowed {
		p.Banners = append(p.Banners, ui.Banner{Tone: ui.Bad, Title: "Access denied: " + lower(desk.Reason(s.answer.Reason)), Text: s.answer.Message + " Lifted by: " + lower(s.answer.LiftedBy)})
	} else if s.Override != nil || s.answer.Message == "Inbound calls keep working; outbound calls are paused." {
		p.Banners = append(p.Banners, ui.Banner{Tone: ui.Info, Title: "Exempted", Text: s.answer.Message})
	}
	return p
}

func clientSettingsPage(v *desk.Visit) (ui.Page, error) {
	s, err := theClient(v)
	if err != nil {
		return ui.Page{}, err
	}
	users, err := v.App.ClientUsers(v.R.Context(), v.Who, s.ID, app.Page{Size: 100})
	if err != nil {
		return ui.Page{}, err
	}
	form := ui.Form{ID: "client", Action: s.url("settings"), Submit: ui.Submit{Text: "Save"}, Fields: clientFields(s.ClientRow, v.Agency.Timezone)}
	return s.page("Settings",
		ui.Card{Title: "Client", Sub: "Known to the API as " + s.ID.String(), Body: []ui.Piece{v.Form(form)}},
		s.usersCard(users.Items),
	), nil
}

func editClient(v *desk.Visit) (desk.Done, error) {
	s, err := theClient(v)
	if err != nil {
		return desk.Done{}, err
	}
	text := func(name string) *string { t := v.Text(name); return &t }
	denial := billing.DenialPolicy(v.Text("denial_policy"))
	_, err = v.App.EditClient(v.R.Context(), v.Who, s.ID, app.ClientPatch{
		Name: text("name"), Email: text("email"), ExternalID: text("external_id"), Timezone: text("timezone"), Locale: text("locale"), DenialPolicy: &denial,
	})
	return desk.Done{To: s.url("settings"), Says: "Saved."}, err
}

func (s *subject) usersCard(users []app.User) ui.Piece {
	invite := s.Act(ui.Act{
		ID: "invite", Label: "Invite a person", Icon: "plus", Title: "Invite to the portal",
		Says: []string{"Makes a link that you send to the person. It works once, for 7 days."},
		Form: ui.Form{Action: s.url("users"), Submit: ui.Submit{Text: "Make the link"}, Fields: []ui.Piece{
			ui.Field{Name: "email", Label: "E-mail address", Type: "email", Value: s.Email}, ui.Field{Name: "name", Label: "Name", Optional: true},
		}},
	})
	table := ui.Table{
		Caption: "People who may see the portal", Columns: []ui.Column{{Name: "E-mail"}, {Name: "Name"}, {Name: "State"}, {Slim: true}},
		Empty: ui.Empty{Icon: "clients", Title: "Nobody is invited yet", Text: "People of the client see its plan, usage and payment requests in the portal. Invite the first one."},
	}
	for _, u := range users {
		remove := s.Act(ui.Act{
			ID: "remove-" + u.ID.String(), Label: "Remove", Tone: ui.Plain, Title: "Remove " + u.Email + "?", Says: []string{"Ends the person's sessions at once. What they did stays in the timeline."},
			Form: ui.Form{Action: s.url("users/" + u.ID.String() + "/remove"), Submit: ui.Submit{Text: "Remove", Tone: ui.Bad}},
		})
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Piece{ui.Text(u.Email), ui.Text(u.Name), userState(s.Visit, u), remove}})
	}
	return ui.Card{Title: "Portal users", Actions: []ui.Piece{invite}, Flush: true, Body: []ui.Piece{table}}
}

func userState(v *desk.Visit, u app.User) ui.Piece {
	switch {
	case !u.DisabledAt.IsZero():
		return ui.Badge{Tone: ui.Plain, Text: "Disabled"}
	case u.PasswordHash != "":
		return ui.Badge{Tone: ui.Good, Text: "Active"}
	case u.InviteUntil.After(v.Now):
		return ui.Line{ui.Badge{Tone: ui.Info, Text: "Invited"}, v.On(u.InviteUntil, "until")}
	}
	return ui.Badge{Tone: ui.Warn, Text: "Invitation expired"}
}

func inviteClientUser(v *desk.Visit) (desk.Done, error) {
	id, err := v.PathID("client")
	if err != nil {
		return desk.Done{}, err
	}
	user, url, err := v.App.InviteClientUser(v.R.Context(), v.Who, id, v.Text("email"), v.Text("name"))
	if err != nil {
		return desk.Done{}, err
	}
	return invited(user, url, clientURL(id)+"/settings"), nil
}

// invited shows the link of an invitation, this once.
func invited(user app.User, url, back string) desk.Done {
	return desk.Done{To: back, Says: user.Email + " is invited.", Page: &ui.Page{
		Title: user.Email + " is invited", Body: []ui.Piece{ui.Card{Title: "Send this link", Sub: "It is shown only now. It works once, for 7 days.", Body: []ui.Piece{
			ui.Code{Label: "Invitation", Text: url}, ui.Button{Text: "Done", URL: back, Main: true},
		}}},
	}}
}

func removeClientUser(v *desk.Visit) (desk.Done, error) {
	client, err := v.PathID("client")
	if err != nil {
		return desk.Done{}, err
	}
	user, err := v.PathID("user")
	if err != nil {
		return desk.Done{}, err
	}
	return desk.Done{To: clientURL(client) + "/settings", Says: "Removed."}, v.App.RemoveClientUser(v.R.Context(), v.Who, client, user)
}

func lower(text string) string {
	if text == "" || len(text) > 1 && text[1] >= 'A' && text[1] <= 'Z' {
		return text
	}
	first := text[0]
	if first >= 'A' && first <= 'Z' {
		first += 'a' - 'A'
	}
	return string(first) + text[1:]
}
