package console

import (
	"strings"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

func connectionRoutes() []desk.Route {
	return []desk.Route{
		{Path: "/console/settings/connections", Admin: true, Show: connectionsPage},
		{Path: "/console/settings/connections", Admin: true, Do: createConnection, Again: connectionsPage},
		{Path: "/console/settings/connections/{connection}", Admin: true, Show: connectionPage},
		{Path: "/console/settings/connections/{connection}", Admin: true, Do: editConnection, Again: connectionPage},
		{Path: "/console/settings/connections/{connection}/delete", Admin: true, Do: deleteConnection, Again: connectionPage},
		{Path: "/console/settings/connections/{connection}/mappings", Admin: true, Long: true, Do: setMappings, Again: connectionPage},
	}
}

func connectionURL(id billing.ID) string { return "/console/settings/connections/" + id.String() }

// providerNames are the voice providers whose reports can be taken.
var providerNames = []ui.Option{{Value: "retell", Text: "Retell AI"}, {Value: "vapi", Text: "Vapi"}}

func providerName(value string) string {
	for _, p := range providerNames {
		if p.Value == value {
			return p.Text
		}
	}
	return value
}

func connectionsPage(v *desk.Visit) (ui.Page, error) {
	list, err := v.App.Connections(v.R.Context(), v.Who, wanted(v))
	if err != nil {
		return ui.Page{}, err
	}
	table := ui.Table{
		Caption: "Connections", Pager: pager(v, list.Total), Columns: []ui.Column{{Name: "Connection"}, {Name: "Provider"}, {Name: "Secret"}, {Name: "State", Slim: true}},
		Empty: ui.Empty{Icon: "phone", Title: "No connections yet", Text: "A connection lets a voice provider report ended calls by itself. Make one, and enter its address at the provider."},
	}
	for _, c := range list.Items {
		table.Rows = append(table.Rows, ui.Row{URL: connectionURL(c.ID), Quiet: !c.Enabled, Cells: []ui.Piece{ui.Text(c.Name), ui.Text(providerName(c.Provider)), secretBadge(c), enabledBadge(c.Enabled)}})
	}
	page := settings(v, "Providers", ui.Card{Flush: true, Body: []ui.Piece{table}})
	page.Actions = []ui.Piece{v.Act(ui.Act{
		ID: "connection", Label: "New connection", Icon: "plus", Main: true, Says: []string{"Makes an address of your own for the provider's reports."},
		Form: ui.Form{Action: "/console/settings/connections", Submit: ui.Submit{Text: "Make it"}, Fields: append([]ui.Piece{
			ui.Select{Field: ui.Field{Name: "provider", Label: "Provider"}, Options: providerNames},
		}, connectionFields(app.Connection{ClientTag: app.DefaultClientTag})...)},
	})}
	return page, nil
}

func secretBadge(c app.Connection) ui.Badge {
	if c.HasSecret {
		return ui.Badge{Tone: ui.Good, Text: "Set"}
	}
	return ui.Badge{Tone: ui.Warn, Text: "Missing", Why: "Without the secret no report can be verified, so none is taken."}
}

func enabledBadge(on bool) ui.Badge {
	if on {
		return ui.Badge{Tone: ui.Good, Text: "Enabled"}
	}
	return ui.Badge{Tone: ui.Plain, Text: "Disabled"}
}

func connectionFields(c app.Connection) []ui.Piece {
	secret := "The provider's signing secret or API key. It is stored encrypted and never shown again."
	if c.HasSecret {
		secret = "Empty: the one that is set stays."
	}
	return []ui.Piece{
		ui.Field{Name: "name", Label: "Name", Value: c.Name, Hint: "For you, such as: Main account.", MaxLength: billing.MaxNameLength},
		ui.Field{Name: "secret", Label: "Secret", Type: "password", Complete: "off", Optional: true, Hint: secret},
		ui.Field{Name: "client_tag", Label: "Client tag", Value: c.ClientTag, MaxLength: 100, Hint: "The name under which your calls' metadata holds the client's id or external id."},
	}
}

func createConnection(v *desk.Visit) (desk.Done, error) {
	c, err := v.App.CreateConnection(v.R.Context(), v.Who, v.Text("provider"), v.Text("name"), v.Text("secret"), v.Text("client_tag"))
	return desk.Done{To: connectionURL(c.ID), Says: "The connection is made. Enter its address at the provider."}, err
}

func pathConnection(v *desk.Visit) (app.Connection, error) {
	id, err := v.PathID("connection")
	if err != nil {
		return app.Connection{}, err
	}
	return v.App.Connection(v.R.Context(), v.Who, id)
}

func connectionPage(v *desk.Visit) (ui.Page, error) {
	c, err := pathConnection(v)
	if err != nil {
		return ui.Page{}, err
	}
	mappings, err := mappingCard(v, c)
	if err != nil {
		return ui.Page{}, err
	}
	fields := append(connectionFields(c), ui.Checkbox{Field: ui.Field{Name: "enabled", Label: "Take reports"}, Checked: c.Enabled})
	page := settings(v, "Providers",
		ui.Card{Title: "At " + providerName(c.Provider), Sub: "Enter this address as the webhook for ended calls", Body: []ui.Piece{ui.Code{Label: "Webhook address", Text: c.IngestURL}}},
		ui.Card{Title: "Connection", Body: []ui.Piece{v.Form(ui.Form{ID: "connection", Action: connectionURL(c.ID), Fields: fields, Submit: ui.Submit{Text: "Save"}})}},
		mappings,
	)
	page.Title, page.Status, page.Crumbs = c.Name, []ui.Badge{enabledBadge(c.Enabled)}, []ui.Link{{Text: "Settings", URL: "/console/settings"}, {Text: "Providers", URL: "/console/settings/connections"}}
	page.Actions = []ui.Piece{v.Act(ui.Act{
		ID: "delete", Label: "Delete", Tone: ui.Bad, Title: "Delete " + c.Name + "?", Says: []string{"Its address dies at once: reports sent there are refused. What came through it stays."},
		Form: ui.Form{Action: connectionURL(c.ID) + "/delete", Submit: ui.Submit{Text: "Delete", Tone: ui.Bad}},
	})}
	return page, nil
}

func editConnection(v *desk.Visit) (desk.Done, error) {
	c, err := pathConnection(v)
	if err != nil {
		return desk.Done{}, err
	}
	name, tag, on, secret := v.Text("name"), v.Text("client_tag"), v.Ticked("enabled"), v.Text("secret")
	patch := app.ConnectionPatch{Name: &name, ClientTag: &tag, Enabled: &on}
	if secret != "" {
		patch.Secret = &secret
	}
	_, err = v.App.EditConnection(v.R.Context(), v.Who, c.ID, patch)
	return desk.Done{To: connectionURL(c.ID), Says: "Saved."}, err
}

func deleteConnection(v *desk.Visit) (desk.Done, error) {
	c, err := pathConnection(v)
	if err != nil {
		return desk.Done{}, err
	}
	return desk.Done{To: "/console/settings/connections", Says: c.Name + " is deleted."}, v.App.DeleteConnection(v.R.Context(), v.Who, c.ID)
}

// spareMappings is how many empty lines the form offers.
const spareMappings = 3

func mappingCard(v *desk.Visit, c app.Connection) (ui.Piece, error) {
	known, err := v.App.Mappings(v.R.Context(), v.Who, c.ID)
	if err != nil {
		return nil, err
	}
	clients, err := choosing(v)
	if err != nil {
		return nil, err
	}
	form := ui.Form{ID: "mappings", Action: connectionURL(c.ID) + "/mappings", Submit: ui.Submit{Text: "Save mappings"}}
	for i := range len(known) + spareMappings {
		m := app.Mapping{Match: app.ByAssistant}
		if i < len(known) {
			m = known[i]
		}
		line, was, err := mappingLine(i, m, clients)
		if err != nil {
			return nil, err
		}
		form.Fields, form.Hidden = append(form.Fields, line), append(form.Hidden, was...)
	}
	return ui.Card{Title: "Mappings", Sub: "Whose call it is when the report does not say. Saving meters the calls that waited for it.", Body: []ui.Piece{v.Form(form)}}, nil
}

func mappingLine(i int, m app.Mapping, clients whose) (ui.Piece, []ui.Pair, error) {
	n := itoa(i)
	client, was, err := clients.field(ui.Field{Name: "client_" + n, Label: "Client", Optional: true}, m.ClientID, "Nobody: leave this line out")
	return ui.Fields{Items: []ui.Piece{
		ui.Select{Field: ui.Field{Name: "match_" + n, Label: "What", Value: string(m.Match)}, Options: []ui.Option{{Value: "ASSISTANT", Text: "Assistant"}, {Value: "NUMBER", Text: "Phone number"}, {Value: "LOCATION", Text: "Location"}}},
		ui.Field{Name: "value_" + n, Label: "Value", Value: m.Value, Optional: true, MaxLength: 255},
		client,
	}}, was, err
}

func setMappings(v *desk.Visit) (desk.Done, error) {
	c, err := pathConnection(v)
	if err != nil {
		return desk.Done{}, err
	}
	var all []app.Mapping
	for i := 0; v.R.PostForm.Has("match_" + itoa(i)); i++ {
		n := itoa(i)
		if v.Text("value_"+n) == "" || v.Text("client_"+n) == "" {
			continue
		}
		client, err := chosen(v, "client_"+n)
		if err != nil {
			return desk.Done{}, err
		}
		all = append(all, app.Mapping{Match: app.Match(v.Text("match_" + n)), Value: v.Text("value_" + n), ClientID: client})
	}
	metered, err := v.App.SetMappings(v.R.Context(), v.Who, c.ID, all)
	says := []string{desk.Count(int64(len(all)), "mapping is", "mappings are") + " saved."}
	if metered > 0 {
		says = append(says, desk.Count(int64(metered), "waiting call is", "waiting calls are")+" metered.")
	}
	return desk.Done{To: connectionURL(c.ID), Says: strings.Join(says, " ")}, err
}
