package console

import (
	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

func packRoutes() []desk.Route {
	return []desk.Route{
		{Path: "/console/catalog/packs", Show: packsPage},
		{Path: "/console/catalog/packs/new", Show: newPackPage},
		{Path: "/console/catalog/packs", Do: createPack, Again: newPackPage},
		{Path: "/console/catalog/packs/{pack}", Show: packPage},
		{Path: "/console/catalog/packs/{pack}", Do: editPack, Again: packPage},
		{Path: "/console/catalog/packs/{pack}/archive", Do: archivePack, Again: packPage},
	}
}

func packURL(id billing.ID) string { return "/console/catalog/packs/" + id.String() }

func packsPage(v *desk.Visit) (ui.Page, error) {
	list, err := v.App.Packs(v.R.Context(), v.Who, asked(v, "status"), wanted(v))
	if err != nil {
		return ui.Page{}, err
	}
	add := ui.Button{Text: "New pack", URL: "/console/catalog/packs/new", Icon: "plus", Main: true}
	table := ui.Table{
		ID: "packs", Caption: "Packs", Pager: pager(v, list.Total), Columns: []ui.Column{{Name: "Pack"}, {Name: "Minutes", Num: true}, {Name: "Price", Num: true}, {Name: "State", Slim: true}},
		Empty: ui.Empty{Icon: "wallet", Title: "No packs yet", Text: "A pack is a one-time block of minutes with a price. Its minutes go to the client's wallet and never expire.", Action: add},
	}
	for _, p := range list.Items {
		table.Rows = append(table.Rows, ui.Row{URL: packURL(p.ID), Quiet: p.Archived, Cells: []ui.Piece{ui.Text(p.Name), desk.Minutes(p.Minutes), desk.Money(p.Currency, p.Price), archivedBadge(p.Archived)}})
	}
	filter := ui.Filter{Action: "/console/catalog/packs", Hint: "Name of the pack", Clear: cleared(v, "status"), Selects: []ui.Select{stateChoice(v)}}
	return ui.Page{Title: "Catalog", Tabs: catalogTabs("Packs"), Actions: []ui.Piece{add}, Body: filtered(filter, table)}, nil
}

func newPackPage(v *desk.Visit) (ui.Page, error) {
	p := billing.Pack{Currency: billing.Currency{Code: v.Agency.Currency}}
	form := v.Form(ui.Form{ID: "pack", Action: "/console/catalog/packs", Cancel: "/console/catalog/packs", Fields: packFields(p, ""), Submit: ui.Submit{Text: "Save pack"}})
	return ui.Page{Title: "New pack", Crumbs: []ui.Link{{Text: "Catalog", URL: "/console/catalog"}, {Text: "Packs", URL: "/console/catalog/packs"}}, Body: []ui.Piece{ui.Card{Body: []ui.Piece{form}}}}, nil
}

func packFields(p billing.Pack, price string) []ui.Piece {
	return []ui.Piece{
		ui.Field{Name: "name", Label: "Name", Value: p.Name, Hint: "Clients see it in their portal.", MaxLength: billing.MaxNameLength},
		ui.Textarea{Field: ui.Field{Name: "description", Label: "Description", Value: p.Description, Optional: true, MaxLength: billing.MaxTextLength}, Rows: 2},
		ui.Fields{Items: []ui.Piece{
			ui.Field{Name: "minutes", Label: "Minutes", Value: minutesText(p.Minutes), Unit: "min", Mode: "decimal"},
			ui.Field{Name: "price", Label: "Price", Value: price, Mode: "decimal"},
			ui.Field{Name: "currency", Label: "Currency", Value: p.Currency.Code, MaxLength: 10, Hint: "That of the plans it goes with."},
		}},
	}
}

// typedPack reads what packFields ask for.
func typedPack(v *desk.Visit) (p billing.Pack, err error) {
	p = billing.Pack{Name: v.Text("name"), Description: v.Text("description")}
	if p.Minutes, err = v.Minutes("minutes"); err != nil {
		return p, err
	}
	p.Price, p.Currency, err = v.Money("price", v.Text("currency"))
	return p, err
}

func createPack(v *desk.Visit) (desk.Done, error) {
	p, err := typedPack(v)
	if err != nil {
		return desk.Done{}, err
	}
	row, err := v.App.CreatePack(v.R.Context(), v.Who, p)
	return desk.Done{To: "/console/catalog/packs", Says: row.Name + " is in the catalog. Assign it to clients on their Billing tab."}, err
}

func pathPack(v *desk.Visit) (app.PackRow, error) {
	id, err := v.PathID("pack")
	if err != nil {
		return app.PackRow{}, err
	}
	return v.App.Pack(v.R.Context(), v.Who, id)
}

func packPage(v *desk.Visit) (ui.Page, error) {
	p, err := pathPack(v)
	if err != nil {
		return ui.Page{}, err
	}
	form := v.Form(ui.Form{ID: "pack", Action: packURL(p.ID), Cancel: "/console/catalog/packs", Fields: packFields(p.Pack, p.Currency.Format(p.Price)), Submit: ui.Submit{Text: "Save pack"}})
	return ui.Page{
		Title: p.Name, Status: []ui.Badge{archivedBadge(p.Archived)}, Sub: "What was sold keeps its price and its minutes.", Crumbs: []ui.Link{{Text: "Catalog", URL: "/console/catalog"}, {Text: "Packs", URL: "/console/catalog/packs"}},
		Actions: []ui.Piece{archivePackAct(v, p)}, Body: []ui.Piece{ui.Card{Body: []ui.Piece{form}}},
	}, nil
}

func editPack(v *desk.Visit) (desk.Done, error) {
	before, err := pathPack(v)
	if err != nil {
		return desk.Done{}, err
	}
	typed, err := typedPack(v)
	if err != nil {
		return desk.Done{}, err
	}
	_, err = v.App.EditPack(v.R.Context(), v.Who, before.ID, func(p *billing.Pack) error {
		p.Name, p.Description, p.Minutes, p.Price, p.Currency = typed.Name, typed.Description, typed.Minutes, typed.Price, typed.Currency
		return nil
	})
	return desk.Done{To: "/console/catalog/packs", Says: "Saved."}, err
}

func archivePackAct(v *desk.Visit, p app.PackRow) ui.Piece {
	act := ui.Act{
		ID: "archive", Label: "Archive", Title: "Archive " + p.Name + "?", Says: []string{"It can no longer be assigned. Clients who have it keep it."},
		Form: ui.Form{Action: packURL(p.ID) + "/archive", Hidden: []ui.Pair{{Name: "on", Value: "yes"}}, Submit: ui.Submit{Text: "Archive"}},
	}
	if p.Archived {
		act.Label, act.Title, act.Says = "Bring back", "Bring "+p.Name+" back?", []string{"It can be assigned again."}
		act.Form.Hidden, act.Form.Submit = []ui.Pair{{Name: "on", Value: "no"}}, ui.Submit{Text: "Bring back"}
	}
	return v.Act(act)
}

func archivePack(v *desk.Visit) (desk.Done, error) {
	id, err := v.PathID("pack")
	if err != nil {
		return desk.Done{}, err
	}
	if v.Text("on") == "no" {
		_, err = v.App.UnarchivePack(v.R.Context(), v.Who, id)
		return desk.Done{To: packURL(id), Says: "The pack is back in the catalog."}, err
	}
	_, err = v.App.ArchivePack(v.R.Context(), v.Who, id)
	return desk.Done{To: packURL(id), Says: "The pack is archived."}, err
}
