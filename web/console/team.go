package console

import (
	"minutebook/app"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

func teamRoutes() []desk.Route {
	return []desk.Route{
		{Path: "/console/settings/team", Admin: true, Show: teamPage},
		{Path: "/console/settings/team", Admin: true, Do: inviteUser, Again: teamPage},
		{Path: "/console/settings/team/{user}/disable", Admin: true, Do: disableUser, Again: teamPage},
		{Path: "/console/settings/team/{user}/enable", Admin: true, Do: enableUser, Again: teamPage},
	}
}

func teamPage(v *desk.Visit) (ui.Page, error) {
	list, err := v.App.ListUsers(v.R.Context(), v.Who, wanted(v))
	if err != nil {
		return ui.Page{}, err
	}
	table := ui.Table{Caption: "Team", Pager: pager(v, list.Total), Columns: []ui.Column{{Name: "E-mail"}, {Name: "Name"}, {Name: "Role"}, {Name: "State"}, {Slim: true}}}
	for _, u := range list.Items {
		table.Rows = append(table.Rows, ui.Row{Quiet: !u.DisabledAt.IsZero(), Cells: []ui.Piece{ui.Text(u.Email), dash(u.Name), ui.Text(role(string(u.Role))), userState(v, u), teamAct(v, u)}})
	}
	page := settings(v, "Team", ui.Card{Flush: true, Body: []ui.Piece{table}})
	roles := []ui.Option{{Value: "MEMBER", Text: "Member: everyday work, no settings"}, {Value: "ADMIN", Text: "Admin: everything but owners"}}
	if v.Who.Role == "OWNER" {
		roles = append(roles, ui.Option{Value: "OWNER", Text: "Owner: everything"})
	}
	page.Actions = []ui.Piece{v.Act(ui.Act{
		ID: "invite", Label: "Invite a person", Icon: "plus", Main: true, Says: []string{"Makes a link that you send to the person. It works once, for 7 days."},
		Form: ui.Form{Action: "/console/settings/team", Submit: ui.Submit{Text: "Make the link"}, Fields: []ui.Piece{
			ui.Field{Name: "email", Label: "E-mail address", Type: "email"},
			ui.Field{Name: "name", Label: "Name", Optional: true},
			ui.Select{Field: ui.Field{Name: "role", Label: "Role", Value: "MEMBER"}, Options: roles},
		}},
	})}
	return page, nil
}

// teamAct shuts a person out, or lets it in again; nobody does that to itself.
func teamAct(v *desk.Visit, u app.User) ui.Piece {
	url := "/console/settings/team/" + u.ID.String()
	switch {
	case u.ID == v.User.ID:
		return nil
	case !u.DisabledAt.IsZero():
		return v.Act(ui.Act{
			ID: "enable-" + u.ID.String(), Label: "Enable", Tone: ui.Plain, Title: "Enable " + u.Email + "?", Says: []string{"The person can log in again with the password it had."},
			Form: ui.Form{Action: url + "/enable", Submit: ui.Submit{Text: "Enable"}},
		})
	}
	return v.Act(ui.Act{
		ID: "disable-" + u.ID.String(), Label: "Disable", Tone: ui.Plain, Title: "Disable " + u.Email + "?", Says: []string{"The person is out at once. What they did stays in the books."},
		Form: ui.Form{Action: url + "/disable", Submit: ui.Submit{Text: "Disable", Tone: ui.Bad}},
	})
}

func inviteUser(v *desk.Visit) (desk.Done, error) {
	user, url, err := v.App.CreateUser(v.R.Context(), v.Who, app.UserSpec{Email: v.Text("email"), Name: v.Text("name"), Role: app.Role(v.Text("role"))})
	if err != nil {
		return desk.Done{}, err
	}
	return invited(user, url, "/console/settings/team"), nil
}

func disableUser(v *desk.Visit) (desk.Done, error) {
	id, err := v.PathID("user")
	if err != nil {
		return desk.Done{}, err
	}
	return desk.Done{To: "/console/settings/team", Says: "The person is disabled."}, v.App.DisableUser(v.R.Context(), v.Who, id)
}

func enableUser(v *desk.Visit) (desk.Done, error) {
	id, err := v.PathID("user")
	if err != nil {
		return desk.Done{}, err
	}
	return desk.Done{To: "/console/settings/team", Says: "The person may log in again."}, v.App.EnableUser(v.R.Context(), v.Who, id)
}
