package console

import (
	"slices"
	"strings"

	"minutebook/app"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

// mostFound is how many clients and how many requests a search shows.
const mostFound = 8

// place is a page that can be gone to, or an act that begins there. Also are words it is looked for by.
type place struct {
	text, url, icon, also string
	admin                 bool
}

var places = []place{
	{text: "Home", url: "/console", icon: "home", also: "dashboard overview"},
	{text: "Clients", url: "/console/clients", icon: "clients", also: "customers"},
	{text: "Add a client", url: "/console/clients/new", icon: "plus", also: "new customer create"},
	{text: "Clients who may not call", url: "/console/clients?access=denied", icon: "alert", also: "denied blocked paused"},
	{text: "Payment requests", url: "/console/requests", icon: "requests", also: "invoices bills"},
	{text: "Overdue payment requests", url: "/console/requests?age=overdue", icon: "alert", also: "late unpaid invoices"},
	{text: "Import clients", url: "/console/clients/import", icon: "plus", also: "csv upload list"},
	{text: "Record a payment", url: "/console/payments/new", icon: "plus", also: "money received paid"},
	{text: "Payments", url: "/console/payments", icon: "wallet", also: "money received"},
	{text: "Catalog", url: "/console/catalog", icon: "catalog", also: "plans packs products"},
	{text: "New plan", url: "/console/catalog/plans/new", icon: "plus", also: "create add price"},
	{text: "New pack", url: "/console/catalog/packs/new", icon: "plus", also: "create add minutes"},
	{text: "Usage events", url: "/console/usage", icon: "usage", also: "calls minutes"},
	{text: "Rejected events", url: "/console/usage/rejected", icon: "alert", also: "errors refused replay"},
	{text: "Campaigns", url: "/console/campaigns", icon: "campaigns", also: "dialers paused"},
	{text: "Settings", url: "/console/settings", icon: "settings", also: "agency name time zone currency"},
	{text: "Brand", url: "/console/settings/brand", icon: "settings", also: "logo colour white label domain host portal"},
	{text: "Rules", url: "/console/settings/rules", icon: "settings", also: "recovery blocked"},
	{text: "Portal", url: "/console/settings/portal", icon: "settings", also: "clients start packs language powered by"},
	{text: "Payment instructions", url: "/console/settings/payment", icon: "settings", also: "iban bank how to pay"},
	{text: "Providers", url: "/console/settings/connections", icon: "settings", also: "connections vapi retell webhook", admin: true},
	{text: "API keys", url: "/console/settings/keys", icon: "settings", also: "token bearer", admin: true},
	{text: "Team", url: "/console/settings/team", icon: "clients", also: "people users invite roles", admin: true},
	{text: "Security", url: "/console/settings/security", icon: "settings", also: "logins sessions log out password"},
	{text: "Audit log", url: "/console/settings/audit", icon: "clock", also: "history who did what", admin: true},
	{text: "You and your password", url: "/console/settings/you", icon: "settings", also: "account profile"},
}

// findPage finds clients, payment requests and pages by a few letters. The palette shows what it finds.
func findPage(v *desk.Visit) (ui.Page, error) {
	query := strings.TrimSpace(asked(v, "q"))
	hits := foundPlaces(v, query)
	if query != "" {
		clients, err := foundClients(v, query)
		if err != nil {
			return ui.Page{}, err
		}
		requests, err := foundRequests(v, query)
		if err != nil {
			return ui.Page{}, err
		}
		hits = append(append(clients, requests...), hits...)
	}
	p := ui.Page{Title: "Find", Body: []ui.Piece{ui.Filter{Action: "/console/find", Search: query, Hint: "A client, a payment request or a page"}}}
	if len(hits) == 0 {
		p.Body = append(p.Body, ui.Card{Body: []ui.Piece{ui.Empty{Icon: "search", Title: "Nothing found", Text: "Look for a client by name or e-mail, for a request by its number or reference, or for a page by what it is about."}}})
		return p, nil
	}
	p.Body = append(p.Body, ui.Card{Body: []ui.Piece{hits}})
	return p, nil
}

// foundPlaces are the pages whose name or subject has every word.
func foundPlaces(v *desk.Visit, query string) (hits ui.Hits) {
	words := strings.Fields(strings.ToLower(query))
	for _, p := range places {
		text := strings.ToLower(p.text + " " + p.also)
		missing := slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) })
		if !missing && (!p.admin || v.MayAdmin()) {
			hits = append(hits, ui.Hit{Text: p.text, URL: p.url, Icon: p.icon})
		}
	}
	return hits
}

func foundClients(v *desk.Visit, query string) (hits ui.Hits, err error) {
	list, err := v.App.Clients(v.R.Context(), v.Who, app.ClientFilter{Query: query}, app.Page{Size: mostFound})
	for _, c := range list.Items {
		hits = append(hits, ui.Hit{Text: c.Name, Sub: c.Email, URL: clientURL(c.ID), Icon: "clients"})
	}
	return hits, err
}

func foundRequests(v *desk.Visit, query string) (hits ui.Hits, err error) {
	list, err := v.App.Requests(v.R.Context(), v.Who, app.RequestFilter{Query: query}, app.Page{Size: mostFound})
	for _, r := range list.Items {
		hits = append(hits, ui.Hit{Text: r.Label(), Sub: r.ClientName + " · " + desk.Sum(r.Currency, r.Amount), URL: requestURL(r.ID), Icon: "requests"})
	}
	return hits, err
}
