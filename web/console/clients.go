package console

import (
	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

func clientRoutes() []desk.Route {
	return []desk.Route{
		{Path: "/console/clients", Show: clientsPage},
		{Path: "/console/clients/new", Show: newClientPage},
		{Path: "/console/clients", Do: createClient, Again: newClientPage},
		{Path: "/console/clients/import", Show: importPage},
		{Path: "/console/clients/import/check", Long: true, Do: checkImport, Again: importPage},
		{Path: "/console/clients/import", Do: importClients, Again: importPage},
		{Path: "/console/clients/{client}/usage", Show: clientUsagePage},
		{Path: "/console/clients/{client}/campaigns", Show: clientCampaignsPage},
		{Path: "/console/clients/{client}/timeline", Show: clientTimelinePage},
		{Path: "/console/clients/{client}/settings", Show: clientSettingsPage},
		{Path: "/console/clients/{client}/settings", Do: editClient, Again: clientSettingsPage},
		{Path: "/console/clients/{client}/users", Do: inviteClientUser, Again: clientSettingsPage},
		{Path: "/console/clients/{client}/users/{user}/remove", Do: removeClientUser, Again: clientSettingsPage},
	}
}

func clientURL(id billing.ID) string { return "/console/clients/" + id.String() }

// clientsFilter is what the URL asks of a list of clients.
func clientsFilter(v *desk.Visit) app.ClientFilter {
	filter := app.ClientFilter{Query: asked(v, "q"), Status: asked(v, "status"), Access: asked(v, "access"), Sort: app.ClientSort(asked(v, "sort"))}
	if id, err := billing.ParseID(asked(v, "plan")); err == nil {
		filter.Plan = id
	}
	return filter
}

func clientsPage(v *desk.Visit) (ui.Page, error) {
	filter := clientsFilter(v)
	list, err := v.App.Clients(v.R.Context(), v.Who, filter, wanted(v))
	if err != nil {
		return ui.Page{}, err
	}
	plans, err := v.App.Plans(v.R.Context(), v.Who, "", app.Page{Size: 100})
	if err != nil {
		return ui.Page{}, err
	}
	add := ui.Button{Text: "Add a client", URL: "/console/clients/new", Icon: "plus", Main: true}
	table := ui.Table{
		ID: "clients", Caption: "Clients", Pager: pager(v, list.Total),
		Columns: []ui.Column{sorted(v, "Client", "name"), {Name: "Plan"}, {Name: "Status", Slim: true}, {Name: "Included minutes"}, sorted(v, "Wallet", "wallet"), sorted(v, "Renews", "renews"), sorted(v, "Amount due", "due"), {Name: "Access"}},
		Empty:   ui.Empty{Icon: "clients", Title: "No clients yet", Text: "A client is a customer of yours whose calls are metered and billed. Add the first one, then assign it a plan.", Action: add},
	}
	table.Columns[4].Num, table.Columns[6].Num = true, true
	if filter != (app.ClientFilter{Sort: filter.Sort}) {
		table.Empty = ui.Empty{Icon: "search", Title: "No client fits", Text: "No client has all that is asked for.", Action: ui.Button{Text: "Show all clients", URL: "/console/clients"}}
	}
	for _, c := range list.Items {
		table.Rows = append(table.Rows, clientRow(v, c))
	}
	return ui.Page{Title: "Clients", Sub: desk.Count(list.Total, "client", "clients"), Actions: []ui.Piece{export(v, "clients.csv"), ui.Button{Text: "Import", URL: "/console/clients/import"}, add}, Body: filtered(clientFilter(v, plans.Items), table)}, nil
}

// sorted is a column by which a list can be sorted: its head leads to that, and then to the other way round.
func sorted(v *desk.Visit, name, by string) ui.Column {
	query, now := v.R.URL.Query(), asked(v, "sort")
	c := ui.Column{Name: name}
	switch now {
	case by:
		c.Sorted, by = "ascending", "-"+by
	case "-" + by:
		c.Sorted = "descending"
	}
	query.Set("sort", by)
	query.Del("page")
	c.Sort = v.R.URL.Path + "?" + query.Encode()
	return c
}

func clientFilter(v *desk.Visit, plans []app.PlanRow) ui.Filter {
	onPlan := choice(v, "plan", "Plan", ui.Option{Value: "", Text: "Any plan"})
	for _, p := range plans {
		onPlan.Options = append(onPlan.Options, ui.Option{Value: p.ID.String(), Text: p.Terms.Name})
	}
	f := ui.Filter{Action: "/console/clients", Search: asked(v, "q"), Hint: "Name, e-mail or external id", Clear: cleared(v, "q", "status", "access", "plan"), Selects: []ui.Select{
		choice(v, "status", "Status", ui.Option{Value: "", Text: "Any status"}, ui.Option{Value: "active", Text: "Active"}, ui.Option{Value: "past_due", Text: "Past due"},
			ui.Option{Value: "blocked", Text: "Blocked"}, ui.Option{Value: "canceled", Text: "Canceled"}, ui.Option{Value: "none", Text: "Not started"}),
		choice(v, "access", "Access", ui.Option{Value: "", Text: "Any access"}, ui.Option{Value: "allowed", Text: "Allowed"}, ui.Option{Value: "denied", Text: "Denied"},
			ui.Option{Value: "payment_overdue", Text: "Payment overdue"}, ui.Option{Value: "subscription_blocked", Text: "Subscription blocked"},
			ui.Option{Value: "minutes_exhausted", Text: "Minutes exhausted"}, ui.Option{Value: "no_subscription", Text: "No subscription"}, ui.Option{Value: "agency_hold", Text: "On hold"}),
		onPlan,
	}}
	if by := asked(v, "sort"); by != "" {
		f.Hidden = []ui.Pair{{Name: "sort", Value: by}}
	}
	return f
}

func clientRow(v *desk.Visit, c app.ClientRow) ui.Row {
	var plan, used ui.Piece = ui.Muted("None assigned"), ui.Muted("–")
	if c.PlanName != "" {
		plan = ui.Text(c.PlanName)
	}
	if live(c) && c.Terms.Included > 0 {
		used = ui.Meter{Label: "Included minutes", Used: int64(c.Period.Used.Included), Of: int64(c.Terms.Included), Text: desk.Short(c.Period.Used.Included) + " / " + desk.Short(c.Terms.Included), Compact: true}
	}
	renews := ui.Piece(ui.Muted("–"))
	if live(c) && c.Status != billing.Blocked {
		renews = v.On(c.Period.End)
	}
	return ui.Row{URL: clientURL(c.ID), Name: c.Name, Quiet: c.Status == billing.Canceled, Cells: []ui.Piece{
		clientName(c), plan, desk.Status(c.Status), used, desk.Minutes(c.Wallet), renews, desk.Amounts(c.AmountDue), desk.Access(c.Access),
	}}
}

func clientName(c app.ClientRow) ui.Piece {
	if c.Email == "" {
		return ui.Text(c.Name)
	}
	return ui.Stack{Main: ui.Text(c.Name), Sub: ui.Muted(c.Email)}
}

func newClientPage(v *desk.Visit) (ui.Page, error) {
	form := ui.Form{ID: "client", Action: "/console/clients", Cancel: "/console/clients", Submit: ui.Submit{Text: "Add client"}, Fields: clientFields(app.ClientRow{}, v.Agency.Timezone)}
	return ui.Page{Title: "New client", Crumbs: []ui.Link{{Text: "Clients", URL: "/console/clients"}}, Body: []ui.Piece{ui.Card{Body: []ui.Piece{v.Form(form)}}}}, nil
}

func clientFields(c app.ClientRow, zone string) []ui.Piece {
	return []ui.Piece{
		ui.Field{Name: "name", Label: "Name", Value: c.Name, MaxLength: billing.MaxNameLength, Focus: c.ID == 0},
		ui.Fields{Items: []ui.Piece{
			ui.Field{Name: "email", Label: "E-mail address", Type: "email", Value: c.Email, Optional: true},
			ui.Field{Name: "external_id", Label: "External id", Value: c.ExternalID, Optional: true, Hint: "Your own name for the client: calls can be reported under it."},
		}},
		ui.Fields{Items: []ui.Piece{
			ui.Field{Name: "timezone", Label: "Time zone", Value: c.Timezone, Placeholder: zone, Optional: true, Hint: "Empty: the agency's. Counts from the next start on."},
			ui.Field{Name: "locale", Label: "Language", Value: c.Locale, Placeholder: "en", Optional: true},
		}},
		ui.Select{Field: ui.Field{Name: "denial_policy", Label: "When access is denied", Value: string(c.Denial)}, Options: []ui.Option{
			{Value: string(billing.PauseAll), Text: "Pause all calls and campaigns"}, {Value: string(billing.OutboundOnly), Text: "Pause outbound only; inbound keeps working"},
		}},
	}
}

func createClient(v *desk.Visit) (desk.Done, error) {
	c, err := v.App.CreateClient(v.R.Context(), v.Who, app.ClientSpec{
		Name: v.Text("name"), Email: v.Text("email"), ExternalID: v.Text("external_id"), Timezone: v.Text("timezone"), Locale: v.Text("locale"),
		DenialPolicy: billing.DenialPolicy(v.Text("denial_policy")),
	})
	return desk.Done{To: clientURL(c.ID), Says: c.Name + " is added. Assign a plan next."}, err
}

// live says whether the client has a subscription that is not canceled.
func live(c app.ClientRow) bool { return c.Status != "" && c.Status != billing.Canceled }
