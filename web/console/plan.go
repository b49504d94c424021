package console

import (
	"net/http"
	"strconv"
	"strings"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

func catalogRoutes() []desk.Route {
	return []desk.Route{
		{Path: "/console/catalog", Show: plansPage},
		{Path: "/console/catalog/plans/new", Show: newPlanPage},
		{Path: "/console/catalog/plans", Do: createPlan, Again: newPlanPage},
		{Path: "/console/catalog/plans/{plan}", Show: planPage},
		{Path: "/console/catalog/plans/{plan}/edit", Show: editPlanPage},
		{Path: "/console/catalog/plans/{plan}/edit", Do: editPlan, Again: editPlanPage},
		{Path: "/console/catalog/plans/{plan}/archive", Do: archivePlan, Again: planPage},
	}
}

func planURL(id billing.ID) string { return "/console/catalog/plans/" + id.String() }

func catalogTabs(current string) *ui.Tabs {
	return &ui.Tabs{Label: "Catalog", Items: []ui.Tab{
		{Text: "Plans", URL: "/console/catalog", Current: current == "Plans"}, {Text: "Packs", URL: "/console/catalog/packs", Current: current == "Packs"},
	}}
}

func plansPage(v *desk.Visit) (ui.Page, error) {
	list, err := v.App.Plans(v.R.Context(), v.Who, asked(v, "status"), wanted(v))
	if err != nil {
		return ui.Page{}, err
	}
	add := ui.Button{Text: "New plan", URL: "/console/catalog/plans/new", Icon: "plus", Main: true}
	table := ui.Table{
		ID: "plans", Caption: "Plans", Pager: pager(v, list.Total), Columns: []ui.Column{{Name: "Plan"}, {Name: "Price"}, {Name: "Included", Num: true}, {Name: "Version", Num: true}, {Name: "Running", Num: true}, {Name: "State", Slim: true}},
		Empty: ui.Empty{Icon: "catalog", Title: "No plans yet", Text: "A plan is what you sell: a recurring fee with minutes, a price per minute, or both. Clients are assigned one.", Action: add},
	}
	for _, p := range list.Items {
		table.Rows = append(table.Rows, ui.Row{URL: planURL(p.ID), Quiet: p.Archived, Cells: []ui.Piece{
			ui.Text(p.Terms.Name), ui.Text(priceWords(p.Terms)), desk.Minutes(p.Terms.Included), ui.Number{Text: itoa(p.Version)}, ui.Number{Text: strconv.FormatInt(p.Subscriptions, 10)}, archivedBadge(p.Archived),
		}})
	}
	filter := ui.Filter{Action: "/console/catalog", Hint: "Name of the plan", Clear: cleared(v, "status"), Selects: []ui.Select{stateChoice(v)}}
	return ui.Page{Title: "Catalog", Tabs: catalogTabs("Plans"), Actions: []ui.Piece{add}, Body: filtered(filter, table)}, nil
}

func stateChoice(v *desk.Visit) ui.Select {
	return choice(v, "status", "State", ui.Option{Value: "", Text: "Any state"}, ui.Option{Value: "ACTIVE", Text: "Active"}, ui.Option{Value: "ARCHIVED", Text: "Archived"})
}

func archivedBadge(is bool) ui.Badge {
	if is {
		return ui.Badge{Tone: ui.Plain, Text: "Archived"}
	}
	return ui.Badge{Tone: ui.Good, Text: "Active"}
}

// example is how long the client talks in the example of a preview, unless something else is asked for.
const example = 420 * billing.Minute

// preview is the plan as its card, and one example period.
func preview(v *desk.Visit, t billing.Terms) ui.Piece {
	return ui.Card{ID: "preview", Title: "How clients see it", Body: []ui.Piece{ui.Section{Title: t.Name, Body: []ui.Piece{desk.PlanBadges(t), desk.PlanFacts(t)}}, desk.Example(t, exampleOf(v))}}
}

// exampleOf is the talk time of the example, as it was typed: into the form, or into the question below a plan.
func exampleOf(v *desk.Visit) billing.Millis {
	text := asked(v, "minutes")
	if v.R.Method == http.MethodPost {
		text = v.Text("example_minutes")
	}
	talk, err := billing.ParseMinutes("minutes", strings.ReplaceAll(text, ",", ""))
	if err != nil {
		return example
	}
	return talk
}

// exampleForm asks for the example of another talk time.
func exampleForm(v *desk.Visit, p app.PlanRow) ui.Piece {
	return ui.Form{ID: "example", Action: planURL(p.ID), Get: true, Inline: true, Submit: ui.Submit{Text: "Calculate", Tone: ui.Plain}, Fields: []ui.Piece{
		ui.Field{Name: "minutes", Label: "What if a client uses so many minutes?", Value: desk.Short(exampleOf(v)), Mode: "decimal"},
	}}
}

func planPage(v *desk.Visit) (ui.Page, error) {
	p, err := pathPlan(v)
	if err != nil {
		return ui.Page{}, err
	}
	versions, err := v.App.PlanVersions(v.R.Context(), v.Who, p.ID)
	if err != nil {
		return ui.Page{}, err
	}
	table := ui.Table{Caption: "Versions", Columns: []ui.Column{{Name: "Version"}, {Name: "Since"}, {Name: "Price"}, {Name: "Included", Num: true}, {Name: "Running on it", Num: true}}}
	for _, n := range versions {
		table.Rows = append(table.Rows, ui.Row{Quiet: n.Version != p.Version, Cells: []ui.Piece{ui.Text("Version " + itoa(n.Version)), v.At(n.CreatedAt), ui.Text(priceWords(n.Terms)), desk.Minutes(n.Terms.Included), ui.Number{Text: strconv.FormatInt(n.Subscriptions, 10)}}})
	}
	shown, _ := preview(v, p.Terms).(ui.Card)
	shown.Foot = exampleForm(v, p)
	return ui.Page{
		Title: p.Terms.Name, Sub: p.Terms.Description, Status: []ui.Badge{archivedBadge(p.Archived)}, Crumbs: []ui.Link{{Text: "Catalog", URL: "/console/catalog"}},
		Actions: []ui.Piece{archivePlanAct(v, p), ui.Button{Text: "Edit", URL: planURL(p.ID) + "/edit", Main: true}},
		Body:    []ui.Piece{ui.Grid{Columns: 2, Items: []ui.Piece{ui.Pile{shown}, ui.Pile{ui.Card{Title: "Versions", Sub: "A subscription keeps the version it started with", Flush: true, Body: []ui.Piece{table}}}}}},
	}, nil
}

func pathPlan(v *desk.Visit) (app.PlanRow, error) {
	id, err := v.PathID("plan")
	if err != nil {
		return app.PlanRow{}, err
	}
	return v.App.Plan(v.R.Context(), v.Who, id)
}

func archivePlanAct(v *desk.Visit, p app.PlanRow) ui.Piece {
	act := ui.Act{
		ID: "archive", Label: "Archive", Title: "Archive " + p.Terms.Name + "?", Says: []string{"It can no longer be assigned. What runs on it goes on: " + desk.Count(p.Subscriptions, "subscription", "subscriptions") + "."},
		Form: ui.Form{Action: planURL(p.ID) + "/archive", Hidden: []ui.Pair{{Name: "on", Value: "yes"}}, Submit: ui.Submit{Text: "Archive"}},
	}
	if p.Archived {
		act.Label, act.Title, act.Says = "Bring back", "Bring "+p.Terms.Name+" back?", []string{"It can be assigned again."}
		act.Form.Hidden, act.Form.Submit = []ui.Pair{{Name: "on", Value: "no"}}, ui.Submit{Text: "Bring back"}
	}
	return v.Act(act)
}

func archivePlan(v *desk.Visit) (desk.Done, error) {
	id, err := v.PathID("plan")
	if err != nil {
		return desk.Done{}, err
	}
	if v.Text("on") == "no" {
		_, err = v.App.UnarchivePlan(v.R.Context(), v.Who, id)
		return desk.Done{To: planURL(id), Says: "The plan is back in the catalog."}, err
	}
	_, err = v.App.ArchivePlan(v.R.Context(), v.Who, id)
	return desk.Done{To: planURL(id), Says: "The plan is archived."}, err
}

func newPlanPage(v *desk.Visit) (ui.Page, error) {
	t := billing.Terms{Currency: billing.Currency{Code: v.Agency.Currency}, Interval: billing.Month, IntervalCount: 1, PaymentDueDays: 7, GraceDays: 7}
	hint := ui.Card{ID: "preview", Title: "How clients see it", Body: []ui.Piece{ui.Empty{Icon: "catalog", Title: "Nothing to show yet", Text: "With a name and a fee, a rate or both, the plan's card and one example month stand here."}}}
	return planForm(v, "New plan", "/console/catalog/plans", "/console/catalog", t, hint)
}

func editPlanPage(v *desk.Visit) (ui.Page, error) {
	p, err := pathPlan(v)
	if err != nil {
		return ui.Page{}, err
	}
	page, err := planForm(v, "Edit "+p.Terms.Name, planURL(p.ID)+"/edit", planURL(p.ID), p.Terms, preview(v, p.Terms))
	page.Sub = "Saving makes version " + itoa(p.Version+1) + ". " + desk.Count(p.Subscriptions, "running subscription keeps", "running subscriptions keep") + " the terms it started with."
	return page, err
}

func planForm(v *desk.Visit, title, action, back string, t billing.Terms, seen ui.Piece) (ui.Page, error) {
	form := v.Form(ui.Form{ID: "plan", Action: action, Cancel: back, Fields: append(planFields(t), ui.Fields{Title: "Preview", Items: []ui.Piece{ui.Field{Name: "example_minutes", Label: "An example month of", Value: desk.Short(example), Unit: "min", Mode: "decimal", Optional: true, Hint: "Not a part of the plan."}}}), Submit: ui.Submit{Text: "Save plan", Name: "do", Value: "save"}, Also: []ui.Submit{{Text: "Preview", Tone: ui.Plain, Name: "do", Value: "preview"}}})
	page := ui.Page{Title: title, Crumbs: []ui.Link{{Text: "Catalog", URL: "/console/catalog"}}, Body: []ui.Piece{ui.Card{Body: []ui.Piece{form}}}}
	if seen != nil {
		page.Body = []ui.Piece{ui.Grid{Columns: 2, Items: []ui.Piece{page.Body[0], ui.Pile{seen}}}}
	}
	return page, nil
}

func createPlan(v *desk.Visit) (desk.Done, error) {
	t, err := planTerms(v)
	if err != nil {
		return desk.Done{}, err
	}
	if v.Text("do") == "preview" {
		return previewed(v, t, "New plan", "/console/catalog/plans", "/console/catalog")
	}
	p, err := v.App.CreatePlan(v.R.Context(), v.Who, t)
	return desk.Done{To: planURL(p.ID), Says: p.Terms.Name + " is in the catalog. Assign it to a client next."}, err
}

func editPlan(v *desk.Visit) (desk.Done, error) {
	before, err := pathPlan(v)
	if err != nil {
		return desk.Done{}, err
	}
	t, err := planTerms(v)
	if err != nil {
		return desk.Done{}, err
	}
	if v.Text("do") == "preview" {
		return previewed(v, t, "Edit "+before.Terms.Name, planURL(before.ID)+"/edit", planURL(before.ID))
	}
	p, err := v.App.EditPlan(v.R.Context(), v.Who, before.ID, func(terms *billing.Terms) error { *terms = t; return nil })
	says := "Saved as version " + itoa(p.Version) + ". What runs keeps its terms."
	if p.Version == before.Version {
		says = "Nothing was changed."
	}
	return desk.Done{To: planURL(before.ID), Says: says}, err
}

// previewed shows the form again as it was filled in, with the card beside it; nothing is saved.
func previewed(v *desk.Visit, t billing.Terms, title, action, back string) (desk.Done, error) {
	if err := t.Check(); err != nil {
		return desk.Done{}, err
	}
	v.Problem = &desk.Problem{Form: "plan", Error: &billing.Error{}, Typed: v.R.PostForm}
	page, err := planForm(v, title, action, back, t, preview(v, t))
	return desk.Done{To: back, Page: &page}, err
}
