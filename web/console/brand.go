package console

import (
	"fmt"
	"net"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

const brandPath = "/console/settings/brand"

func brandRoutes() []desk.Route {
	return []desk.Route{
		{Path: brandPath, Show: brandPage},
		{Path: brandPath, Admin: true, Do: saveBrand, Again: brandPage},
		{Path: brandPath + "/logo", Admin: true, Do: saveLogo, Again: brandPage},
		{Path: brandPath + "/logo/remove", Admin: true, Do: removeLogo, Again: brandPage},
		{Path: brandPath + "/hosts", Admin: true, Do: addHost, Again: brandPage},
		{Path: brandPath + "/hosts/{host}/check", Admin: true, Long: true, Do: checkHost, Again: brandPage},
		{Path: brandPath + "/hosts/{host}/remove", Admin: true, Do: removeHost, Again: brandPage},
	}
}

// brandPage is how the agency looks to its clients. The page itself wears the colour, so that buttons and links show it.
func brandPage(v *desk.Visit) (ui.Page, error) {
	hosts, err := v.App.PortalHosts(v.R.Context(), v.Who)
	if err != nil {
		return ui.Page{}, err
	}
	p := settings(v, "Brand", ui.Grid{Columns: 2, Items: []ui.Piece{brandCard(v), logoCard(v)}}, colourCard(v), hostCard(v, hosts))
	p.Brand.Sheet = desk.SheetURL(v.Brand)
	return p, nil
}

func brandCard(v *desk.Visit) ui.Piece {
	b := v.Brand
	return saving(v, "Brand", "What your clients see in the portal and at its door", ui.Form{ID: "brand", Action: brandPath, Submit: ui.Submit{Text: "Save"}, Fields: []ui.Piece{
		ui.Field{Name: "display_name", Label: "Name", Value: b.DisplayName, Placeholder: b.AgencyName, Optional: true, MaxLength: billing.MaxNameLength, Hint: "Empty: the agency's name."},
		ui.Fields{Items: []ui.Piece{
			ui.Field{Name: "accent", Label: "Colour", Value: b.Accent, Placeholder: "#1f5f5b", Optional: true, Pattern: "#[0-9a-fA-F]{6}"},
			ui.Field{Name: "accent_dark", Label: "Colour on dark", Value: b.AccentDark, Placeholder: "the same", Optional: true, Pattern: "#[0-9a-fA-F]{6}"},
		}},
		ui.Field{Name: "support_email", Label: "Support e-mail", Type: "email", Value: b.SupportEmail, Optional: true},
		ui.Field{Name: "support_url", Label: "Support page", Type: "url", Value: b.SupportURL, Placeholder: "https://", Optional: true},
		ui.Checkbox{Field: ui.Field{Name: "show_powered_by", Label: "Say “Powered by Minutebook” in the portal", Hint: "Off: no word of it."}, Checked: b.PoweredBy},
	}})
}

func saveBrand(v *desk.Visit) (desk.Done, error) {
	name, accent, dark, email, url, powered := v.Text("display_name"), v.Text("accent"), v.Text("accent_dark"), v.Text("support_email"), v.Text("support_url"), v.Ticked("show_powered_by")
	_, err := v.App.UpdateBrand(v.R.Context(), v.Who, app.BrandPatch{DisplayName: &name, Accent: &accent, AccentDark: &dark, SupportEmail: &email, SupportURL: &url, PoweredBy: &powered})
	return desk.Done{To: brandPath, Says: "Saved."}, err
}

func logoCard(v *desk.Visit) ui.Piece {
	l := v.Brand.Logo
	card := ui.Card{Title: "Logo", Sub: "PNG, JPEG or SVG, at most 512 kB"}
	if l.Type == "" {
		card.Body = append(card.Body, ui.Empty{Icon: "picture", Title: "No logo yet", Text: "Until there is one, the portal shows your name in words."})
	} else {
		card.Body = append(card.Body, ui.Picture{URL: desk.LogoURL(v.Brand), Alt: "The logo of " + v.Brand.Name(), Width: int(l.Width), Height: int(l.Height)})
	}
	if v.MayAdmin() {
		card.Body = append(card.Body, v.Form(ui.Form{ID: "logo", Action: brandPath + "/logo", Upload: true, Submit: ui.Submit{Text: "Use this picture"}, Fields: []ui.Piece{
			ui.Field{Name: "logo", Label: "Picture", Type: "file", Hint: "It stands in place of the name, 28 pixels high. It is written anew when it is sent: nothing but the picture is kept."},
		}}))
		if l.Type != "" {
			card.Actions = []ui.Piece{v.Act(ui.Act{ID: "remove-logo", Label: "Remove", Tone: ui.Plain, Title: "Remove the logo?", Says: []string{"The portal shows your name in words."}, Form: ui.Form{Action: brandPath + "/logo/remove", Submit: ui.Submit{Text: "Remove", Tone: ui.Bad}}})}
		}
	}
	return card
}

func saveLogo(v *desk.Visit) (desk.Done, error) {
	content, err := v.File("logo")
	if err != nil {
		return desk.Done{}, err
	}
	_, err = v.App.SetLogo(v.R.Context(), v.Who, content)
	return desk.Done{To: brandPath, Says: "Your clients see the logo from now on."}, err
}

func removeLogo(v *desk.Visit) (desk.Done, error) {
	_, err := v.App.RemoveLogo(v.R.Context(), v.Who)
	return desk.Done{To: brandPath, Says: "The logo is removed."}, err
}

// colourCard tells what becomes of the colour, and whether it can be read.
func colourCard(v *desk.Visit) ui.Piece {
	b := v.Brand
	dark := b.AccentDark
	if dark == "" {
		dark = b.Accent
	}
	card := ui.Card{Title: "Can it be read?", Sub: "This page wears your colour"}
	light, ok := ui.LightShades(b.Accent)
	night, too := ui.DarkShades(dark)
	if !ok || !too {
		card.Body = []ui.Piece{ui.Empty{Icon: "settings", Title: "No colour of your own yet", Text: "Choose one above, and this page shows how buttons and links look in it, and whether they can be read."}}
		return card
	}
	card.Body = []ui.Piece{
		ui.Line{ui.Button{Text: "A button", URL: brandPath, Main: true}, ui.Link{Text: "A link", URL: brandPath}},
		ui.Table{Caption: "Contrast of the colour", Columns: []ui.Column{{Name: "On"}, {Name: "Buttons"}, {Name: "Contrast", Num: true}, {Name: "Links"}, {Name: "Verdict"}}, Rows: []ui.Row{
			shadesRow("Light", light), shadesRow("Dark", night),
		}},
	}
	return card
}

func shadesRow(theme string, s ui.Shades) ui.Row {
	verdict := ui.Badge{Tone: ui.Good, Text: "Readable as it is"}
	if s.Link != s.Fill {
		verdict = ui.Badge{Tone: ui.Info, Text: "Links use another tone", Why: fmt.Sprintf("As words your colour has a contrast of %.1f; 4.5 is needed.", s.FillContrast)}
	}
	words := "white"
	if s.On == "#000000" {
		words = "black"
	}
	return ui.Row{Cells: []ui.Piece{ui.Text(theme), ui.Text(s.Fill + " with " + words + " words"), ui.Number{Text: fmt.Sprintf("%.1f", s.OnContrast)}, ui.Text(s.Link), verdict}}
}

// hostCard leads to a portal under the agency's own name.
func hostCard(v *desk.Visit, hosts []app.PortalHost) ui.Piece {
	card := ui.Card{Title: "Your own address", Sub: "Clients reach the portal under your name, and see nobody else's"}
	if len(hosts) == 0 {
		card.Body = append(card.Body, ui.Empty{Icon: "external", Title: "No address of your own yet", Text: "Until there is one, clients reach the portal at " + v.App.PublicURL + "/portal. Choose a name below your domain, such as portal.example.com; the next page says which records to make."})
	}
	for _, h := range hosts {
		card.Body = append(card.Body, hostSection(v, h))
	}
	if v.MayAdmin() {
		card.Body = append(card.Body, ui.Section{Title: "Add an address", Body: []ui.Piece{v.Form(ui.Form{ID: "host", Action: brandPath + "/hosts", Inline: true, Submit: ui.Submit{Text: "Add"}, Fields: []ui.Piece{
			ui.Field{Name: "host", Label: "Host name", Placeholder: "portal.example.com"},
		}})}})
	}
	return card
}

func hostSection(v *desk.Visit, h app.PortalHost) ui.Piece {
	s := ui.Section{Title: h.Host, Status: []ui.Badge{{Tone: ui.Warn, Text: "Not proved yet"}}}
	if !h.VerifiedAt.IsZero() {
		s.Status = []ui.Badge{{Tone: ui.Good, Text: "Proved"}}
		s.Body = append(s.Body, ui.Line{ui.Muted("Since"), v.At(h.VerifiedAt), ui.Muted("· invitations lead there")})
	} else {
		s.Body = append(s.Body,
			ui.Text("1. Make this record where your domain is managed. It proves that the name is yours:"),
			ui.Facts{{Name: "Type", Value: ui.Text("TXT")}, {Name: "Name", Value: ui.Copy{Text: h.RecordName}}, {Name: "Value", Value: ui.Copy{Text: h.RecordValue}}},
			ui.Text("2. Let the name lead to this server:"),
			ui.Facts{{Name: "Type", Value: ui.Text(leading(h.PointsTo))}, {Name: "Name", Value: ui.Copy{Text: h.Host}}, {Name: "Value", Value: ui.Copy{Text: h.PointsTo}}},
			ui.Text("3. The proxy in front of this server needs a certificate for the name and has to pass the Host header on. Then check it here."),
		)
	}
	if !v.MayAdmin() {
		return s
	}
	id := "host-" + h.Host
	check := v.Form(ui.Form{ID: id, Action: brandPath + "/hosts/" + h.Host + "/check", Inline: true, Submit: ui.Submit{Text: "Check now", Tone: ui.Neutral}})
	s.Body = append(s.Body, check, v.Act(ui.Act{ID: "remove-" + h.Host, Label: "Remove", Tone: ui.Plain, Title: "Remove " + h.Host + "?", Says: []string{"The portal is no longer there, at once.", "Clients reach it at " + v.App.PublicURL + "/portal."}, Form: ui.Form{Action: brandPath + "/hosts/" + h.Host + "/remove", Submit: ui.Submit{Text: "Remove", Tone: ui.Bad}}}))
	return s
}

// leading is the type of a record that leads to a host.
func leading(to string) string {
	switch ip := net.ParseIP(to); {
	case ip == nil:
		return "CNAME"
	case ip.To4() != nil:
		return "A"
	}
	return "AAAA"
}

func addHost(v *desk.Visit) (desk.Done, error) {
	h, err := v.App.AddPortalHost(v.R.Context(), v.Who, v.Text("host"))
	return desk.Done{To: brandPath, Says: h.Host + " is noted. Make its records, then check it."}, err
}

func checkHost(v *desk.Visit) (desk.Done, error) {
	h, err := v.App.CheckPortalHost(v.R.Context(), v.Who, v.R.PathValue("host"))
	return desk.Done{To: brandPath, Says: h.Host + " is proved: the portal is open there."}, err
}

func removeHost(v *desk.Visit) (desk.Done, error) {
	return desk.Done{To: brandPath, Says: "The address is removed."}, v.App.RemovePortalHost(v.R.Context(), v.Who, v.R.PathValue("host"))
}
