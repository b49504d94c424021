package console

import (
	"strings"

	"minutebook/web/desk"
	"minutebook/web/ui"
)

// Face puts the console around a page: navigation, who is in, the test clock.
func Face(v *desk.Visit, p *ui.Page) error {
	p.Face, p.Brand = ui.Console, desk.House(v.Brand, p.Brand)
	p.Who = ui.Who{Name: v.Who.Name, Role: role(v.Who.Role), URL: "/console/settings/you", Out: ui.Form{ID: "out", Action: "/logout", Submit: ui.Submit{Text: "Log out", Tone: ui.Plain}}}
	if !v.Agency.TestClock.IsZero() {
		p.Clock = v.At(v.Now).Local()
	}
	p.Find, p.Live = "/console/find", "/console/live"
	unassigned, rejected, err := v.App.InboxCounts(v.R.Context(), v.Who)
	if err != nil {
		return err
	}
	p.Nav = nav(v.R.URL.Path, unassigned+rejected)
	return nil
}

func nav(path string, inbox int64) []ui.Nav {
	items := []ui.Nav{
		{Text: "Home", URL: "/console", Icon: "home", Key: "h"},
		{Text: "Clients", URL: "/console/clients", Icon: "clients", Key: "c"},
		{Text: "Payment requests", URL: "/console/requests", Icon: "requests", Key: "p"},
		{Text: "Catalog", URL: "/console/catalog", Icon: "catalog", Key: "k"},
		{Text: "Usage events", URL: "/console/usage", Icon: "usage", Key: "u"},
		{Text: "Campaigns", URL: "/console/campaigns", Icon: "campaigns", Key: "m"},
		{Text: "Reports", URL: "/console/reports", Icon: "reports", Key: "r"},
		{Text: "Settings", URL: "/console/settings", Icon: "settings", Key: "s"},
	}
	for i := range items {
		url := items[i].URL
		items[i].Current = path == url || url != "/console" && strings.HasPrefix(path, url+"/")
	}
	if inbox > 0 {
		items[4].Count = ui.Whole(inbox)
	}
	return items
}

func role(r string) string {
	switch r {
	case "OWNER":
		return "Owner"
	case "ADMIN":
		return "Admin"
	case "CLIENT":
		return "Client"
	}
	return "Member"
}
