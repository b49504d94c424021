package console

import (
	"strings"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

func keyRoutes() []desk.Route {
	return []desk.Route{
		{Path: "/console/settings/keys", Admin: true, Show: keysPage},
		{Path: "/console/settings/keys", Admin: true, Do: createKey, Again: keysPage},
		{Path: "/console/settings/keys/{key}/disable", Admin: true, Do: disableKey, Again: keysPage},
	}
}

func keysPage(v *desk.Visit) (ui.Page, error) {
	list, err := v.App.ListKeys(v.R.Context(), v.Who, wanted(v))
	if err != nil {
		return ui.Page{}, err
	}
	table := ui.Table{
		Caption: "API keys", Pager: pager(v, list.Total), Columns: []ui.Column{{Name: "Name"}, {Name: "Begins with"}, {Name: "May"}, {Name: "Last used"}, {Name: "State", Slim: true}, {Slim: true}},
		Empty: ui.Empty{Icon: "settings", Title: "No API keys", Text: "Your software uses a key to report calls and to read and write everything else."},
	}
	for _, k := range list.Items {
		badge, disable := keyState(v, k), ui.Piece(nil)
		if k.DisabledAt.IsZero() {
			disable = v.Act(ui.Act{
				ID: "disable-" + k.ID.String(), Label: "Disable", Tone: ui.Plain, Title: "Disable " + k.Name + "?", Says: []string{"Whatever uses it is refused at once. A disabled key never works again."},
				Form: ui.Form{Action: "/console/settings/keys/" + k.ID.String() + "/disable", Submit: ui.Submit{Text: "Disable", Tone: ui.Bad}},
			})
		}
		table.Rows = append(table.Rows, ui.Row{Quiet: !k.DisabledAt.IsZero(), Cells: []ui.Piece{ui.Text(k.Name), ui.Text("mb_" + k.Prefix + "…"), ui.Text(strings.Join(k.Scopes, ", ")), v.At(k.LastUsedAt), badge, disable}})
	}
	page := settings(v, "API keys", ui.Card{Flush: true, Body: []ui.Piece{table}})
	page.Actions = []ui.Piece{v.Act(ui.Act{
		ID: "key", Label: "New API key", Icon: "plus", Main: true, Says: []string{"The key is shown once. Only its hash is stored."},
		Form: ui.Form{Action: "/console/settings/keys", Submit: ui.Submit{Text: "Make the key"}, Fields: []ui.Piece{
			ui.Field{Name: "name", Label: "Name", Hint: "Where it is used, such as: Dialler.", MaxLength: 100},
			ui.Select{Field: ui.Field{Name: "scopes", Label: "May", Value: app.ScopeWrite}, Options: []ui.Option{
				{Value: app.ScopeUsageWrite, Text: "Report usage only"}, {Value: app.ScopeRead, Text: "Read everything"}, {Value: app.ScopeWrite, Text: "Read and write, but not keys, people and settings"}, {Value: app.ScopeAdmin, Text: "Everything"},
			}},
			ui.Field{Name: "expires_at", Label: "Works until", Type: "date", Optional: true, Hint: "Empty: for ever."},
		}},
	})}
	return page, nil
}

func keyState(v *desk.Visit, k app.Key) ui.Badge {
	switch {
	case !k.DisabledAt.IsZero():
		return ui.Badge{Tone: ui.Plain, Text: "Disabled"}
	case !k.ExpiresAt.IsZero() && !k.ExpiresAt.After(v.App.Clock()):
		return ui.Badge{Tone: ui.Warn, Text: "Expired"}
	case !k.ExpiresAt.IsZero():
		return ui.Badge{Tone: ui.Good, Text: "Active until " + v.Spoken(k.ExpiresAt)}
	}
	return ui.Badge{Tone: ui.Good, Text: "Active"}
}

func createKey(v *desk.Visit) (desk.Done, error) {
	expires, err := v.Day("expires_at")
	if err != nil {
		return desk.Done{}, err
	}
	key, secret, err := v.App.CreateKey(v.R.Context(), v.Who, v.Text("name"), []string{v.Text("scopes")}, expires)
	if err != nil {
		return desk.Done{}, err
	}
	const back = "/console/settings/keys"
	return desk.Done{To: back, Says: "The key was made; it was shown then.", Page: &ui.Page{Title: key.Name + " is ready", Body: []ui.Piece{
		ui.Card{Title: "Copy the key now", Sub: "It is never shown again", Body: []ui.Piece{ui.Code{Label: "API key", Text: secret}, ui.Button{Text: "Done", URL: back, Main: true}}},
	}}}, nil
}

func disableKey(v *desk.Visit) (desk.Done, error) {
	id, err := v.PathID("key")
	if err != nil {
		return desk.Done{}, err
	}
	return desk.Done{To: "/console/settings/keys", Says: "The key is disabled."}, v.App.DisableKey(v.R.Context(), v.Who, billing.ID(id))
}
