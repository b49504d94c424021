package desk

import (
	"minutebook/app"
	"minutebook/web/lang"
	"minutebook/web/ui"
)

// Branded is the agency's own brand, around its portal and at the portal's door.
func Branded(b app.Brand, home string) ui.Brand {
	brand := ui.Brand{Name: b.Name(), URL: home, Sheet: SheetURL(b), Icon: ui.PlainIcon()}
	if b.Logo.Type != "" {
		brand.Logo, brand.Width, brand.Height = LogoURL(b), b.Logo.Width, b.Logo.Height
		brand.Icon = brand.Logo
	}
	return brand
}

// House is the brand around the console: the agency's name in the product's own colours, unless the page shows others.
func House(b app.Brand, shown ui.Brand) ui.Brand {
	return ui.Brand{Name: b.AgencyName, URL: "/console", Sheet: shown.Sheet}
}

// Support is the line below every page of the portal: whom to ask, and what it is made with if the agency says so.
func Support(b app.Brand, t *lang.Tongue) (foot []ui.Piece) {
	if b.SupportEmail != "" {
		foot = append(foot, ui.Link{Text: b.SupportEmail, URL: "mailto:" + b.SupportEmail})
	}
	if b.SupportURL != "" {
		foot = append(foot, ui.Link{Text: b.SupportURL, URL: b.SupportURL})
	}
	if b.PoweredBy {
		foot = append(foot, ui.Muted(t.T("portal.powered")))
	}
	return foot
}

// LogoURL is where the agency's logo is served; the name changes with the picture.
func LogoURL(b app.Brand) string {
	return "/brand/" + b.Agency.String() + "/" + b.Logo.Hash + logoEndings[b.Logo.Type]
}

var logoEndings = map[string]string{"image/png": ".png", "image/jpeg": ".jpg", "image/svg+xml": ".svg"}

// SheetURL is where the stylesheet of the agency's colour is served; empty without a colour.
func SheetURL(b app.Brand) string {
	sheet, ok := ui.BrandSheet(b.Accent, b.AccentDark)
	if !ok {
		return ""
	}
	return "/brand/" + b.Agency.String() + "/" + ui.SheetName(sheet)
}
