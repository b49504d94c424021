package console

import (
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

func settingsRoutes() []desk.Route {
	return []desk.Route{
		{Path: "/console/settings", Show: agencyPage},
		{Path: "/console/settings", Admin: true, Do: saveAgency, Again: agencyPage},
		{Path: "/console/settings/rules", Show: rulesPage},
		{Path: "/console/settings/rules", Admin: true, Do: saveRules, Again: rulesPage},
		{Path: "/console/settings/portal", Show: portalPage},
		{Path: "/console/settings/portal", Admin: true, Do: savePortal, Again: portalPage},
		{Path: "/console/settings/payment", Show: instructionsPage},
		{Path: "/console/settings/payment", Admin: true, Do: saveInstructions, Again: instructionsPage},
		{Path: "/console/settings/clock", Show: clockPage},
		{Path: "/console/settings/clock", Admin: true, Long: true, Do: moveClock, Again: clockPage},
		{Path: "/console/settings/audit", Admin: true, Show: auditPage},
		{Path: "/console/settings/you", Show: youPage},
		{Path: "/console/settings/you", Long: true, Do: changePassword, Again: youPage},
		{Path: "/console/settings/security", Show: securityPage},
		{Path: "/console/settings/security/{login}/end", Do: endLogin, Again: securityPage},
	}
}

// settings is a page of the settings with their tabs; those for admins only are left out for others.
func settings(v *desk.Visit, current string, body ...ui.Piece) ui.Page {
	tabs := &ui.Tabs{Label: "Settings"}
	for _, t := range []struct {
		text, part string
		admin      bool
	}{
		{"Agency", "", false},
		{"Brand", "/brand", false},
		{"Portal", "/portal", false},
		{"Payment instructions", "/payment", false},
		{"Rules", "/rules", false},
		{"Providers", "/connections", true},
		{"API keys", "/keys", true},
		{"Team", "/team", true},
		{"Security", "/security", false},
		{"Test clock", "/clock", false},
		{"Audit log", "/audit", true},
	} {
		if t.admin && !v.MayAdmin() || t.text == "Test clock" && v.Agency.TestClock.IsZero() {
			continue
		}
		tabs.Items = append(tabs.Items, ui.Tab{Text: t.text, URL: "/console/settings" + t.part, Current: t.text == current})
	}
	return ui.Page{Title: "Settings", Tabs: tabs, Body: body}
}

// saving is a settings form; who may not change it sees why.
func saving(v *desk.Visit, title, sub string, f ui.Form) ui.Piece {
	card := ui.Card{Title: title, Sub: sub}
	if !v.MayAdmin() {
		card.Body = []ui.Piece{ui.Banner{Tone: ui.Info, Title: "Only owners and admins change settings", Text: "You can read them."}}
	}
	card.Body = append(card.Body, v.Form(f))
	return card
}

func agencyPage(v *desk.Visit) (ui.Page, error) {
	g := v.Agency
	form := ui.Form{ID: "agency", Action: "/console/settings", Submit: ui.Submit{Text: "Save"}, Fields: []ui.Piece{
		ui.Field{Name: "name", Label: "Name", Value: g.Name, Hint: "Clients see it in their portal.", MaxLength: billing.MaxNameLength},
		ui.Fields{Items: []ui.Piece{
			ui.Field{Name: "timezone", Label: "Time zone", Value: g.Timezone, Hint: "For clients without one of their own. What runs keeps its zone."},
			ui.Field{Name: "currency", Label: "Usual currency", Value: g.Currency, Hint: "New plans and packs begin with it.", MaxLength: 10},
		}},
		ui.Textarea{Field: ui.Field{Name: "currencies", Label: "Own currencies", Value: currencyText(g.Currencies), Optional: true, Placeholder: "USDT 6", Hint: "One a line: the code and its number of decimals. Not needed for the ISO currencies."}, Rows: 3},
	}}
	return settings(v, "Agency", saving(v, "Agency", "", form)), nil
}

func currencyText(own map[string]int) string {
	var lines []string
	for code, digits := range own {
		lines = append(lines, fmt.Sprintf("%s %d", code, digits))
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}

func typedCurrencies(text string) (map[string]int, error) {
	own := map[string]int{}
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		digits, err := strconv.Atoi(words[len(words)-1])
		if len(words) != 2 || err != nil {
			return nil, billing.InvalidField("currencies", "%q is not a code and a number of decimals, such as USDT 6", strings.TrimSpace(line))
		}
		own[words[0]] = digits
	}
	return own, nil
}

func saveAgency(v *desk.Visit) (desk.Done, error) {
	own, err := typedCurrencies(v.Text("currencies"))
	if err != nil {
		return desk.Done{}, err
	}
	name, zone, currency := v.Text("name"), v.Text("timezone"), v.Text("currency")
	return patched(v, "/console/settings", app.SettingsPatch{Name: &name, Timezone: &zone, Currency: &currency, Currencies: &own})
}

func patched(v *desk.Visit, to string, p app.SettingsPatch) (desk.Done, error) {
	_, err := v.App.UpdateSettings(v.R.Context(), v.Who, p)
	return desk.Done{To: to, Says: "Saved."}, err
}

func rulesPage(v *desk.Visit) (ui.Page, error) {
	p := v.Agency.Policy
	form := ui.Form{ID: "rules", Action: "/console/settings/rules", Submit: ui.Submit{Text: "Save"}, Fields: []ui.Piece{
		ui.Select{Field: ui.Field{Name: "recovery", Label: "A past-due subscription is active again when", Value: string(p.Recovery)}, Options: []ui.Option{
			{Value: string(billing.NoneOverdue), Text: "No request of its cycle is late any more"}, {Value: string(billing.NoneUnpaid), Text: "No request of its cycle is unpaid any more"},
		}},
		ui.Select{Field: ui.Field{Name: "blocked_exit", Label: "The way out of blocked", Value: string(p.BlockedExit)}, Options: []ui.Option{
			{Value: string(billing.ExitRestart), Text: "Cancel, then start anew"}, {Value: string(billing.ExitOnPayment), Text: "Pay what is late: the missed periods are skipped, not billed"},
		}},
	}}
	return settings(v, "Rules", saving(v, "Rules", "They hold for every client from its next change on", form)), nil
}

func saveRules(v *desk.Visit) (desk.Done, error) {
	recovery, exit := billing.Recovery(v.Text("recovery")), billing.BlockedExit(v.Text("blocked_exit"))
	return patched(v, "/console/settings/rules", app.SettingsPatch{Recovery: &recovery, BlockedExit: &exit})
}

const portalPath = "/console/settings/portal"

// portalPage is what clients may do by themselves, and the language they are spoken to in.
func portalPage(v *desk.Visit) (ui.Page, error) {
	form := ui.Form{ID: "portal", Action: portalPath, Submit: ui.Submit{Text: "Save"}, Fields: []ui.Piece{
		ui.Checkbox{Field: ui.Field{Name: "portal_start", Label: "Clients may start their assigned plan themselves"}, Checked: v.Agency.PortalStart},
		ui.Checkbox{Field: ui.Field{Name: "portal_request_packs", Label: "Clients may take the packs offered to them themselves", Hint: "The minutes come at once and a payment request is issued; not while something is overdue."}, Checked: v.Agency.PortalRequestPacks},
		ui.Field{Name: "locale", Label: "Portal language", Value: v.Agency.Locale, Hint: "For clients without one of their own: en, de, fr, es, pt or hi, also with a region such as de-AT.", MaxLength: 35, Optional: true},
	}}
	powered := "The portal says nothing of Minutebook."
	if v.Brand.PoweredBy {
		powered = "The portal says “Powered by Minutebook”."
	}
	looks := ui.Card{Title: "Its looks", Body: []ui.Piece{ui.Text(powered + " Its name, colours, logo and host name are a part of the brand.")}, Actions: []ui.Piece{ui.Button{Text: "Brand", URL: brandPath}}}
	return settings(v, "Portal", saving(v, "Portal", "What your clients see and may do by themselves", form), looks), nil
}

func savePortal(v *desk.Visit) (desk.Done, error) {
	start, packs, locale := v.Ticked("portal_start"), v.Ticked("portal_request_packs"), v.Text("locale")
	return patched(v, portalPath, app.SettingsPatch{PortalStart: &start, PortalRequestPacks: &packs, Locale: &locale})
}

func instructionsPage(v *desk.Visit) (ui.Page, error) {
	i := v.Agency.Instructions
	form := ui.Form{ID: "payment", Action: "/console/settings/payment", Submit: ui.Submit{Text: "Save"}, Fields: []ui.Piece{
		ui.Textarea{Field: ui.Field{Name: "payment_instructions.text", Label: "In your own words", Value: i.Text, Optional: true, MaxLength: billing.MaxTextLength}, Rows: 4},
		ui.Fields{Title: "Bank transfer", Items: []ui.Piece{
			ui.Field{Name: "payment_instructions.account_name", Label: "Account holder", Value: i.AccountName, Optional: true},
			ui.Field{Name: "payment_instructions.iban", Label: "IBAN", Value: i.IBAN, Optional: true},
			ui.Field{Name: "payment_instructions.bic", Label: "BIC", Value: i.BIC, Optional: true},
		}},
		ui.Fields{Title: "Other ways", Items: []ui.Piece{
			ui.Field{Name: "payment_instructions.upi", Label: "UPI address", Value: i.UPI, Optional: true},
			ui.Field{Name: "payment_instructions.link", Label: "Payment page", Type: "text", Mode: "url", Value: i.Link, Optional: true, Placeholder: "https://", Hint: "{reference}, {number}, {amount} and {currency} are filled in for each request."},
		}},
	}}
	return settings(v, "Payment instructions", saving(v, "Payment instructions", "Clients see them beside every unpaid request", form)), nil
}

func saveInstructions(v *desk.Visit) (desk.Done, error) {
	text := func(name string) string { return v.Text("payment_instructions." + name) }
	i := app.Instructions{Text: text("text"), AccountName: text("account_name"), IBAN: text("iban"), BIC: text("bic"), UPI: text("upi"), Link: text("link")}
	return patched(v, "/console/settings/payment", app.SettingsPatch{Instructions: &i})
}

func clockPage(v *desk.Visit) (ui.Page, error) {
	if v.Agency.TestClock.IsZero() {
		page := settings(v, "Test clock", ui.Card{Body: []ui.Piece{ui.Empty{Icon: "clock", Title: "No test clock", Text: "This agency runs on the real time. A sandbox is made by minutebook agency create --test-clock."}}})
		page.Title = "Test clock"
		return page, nil
	}
	form := ui.Form{ID: "clock", Action: "/console/settings/clock", Submit: ui.Submit{Text: "Move the clock"}, Fields: []ui.Piece{
		ui.Field{Name: "now", Label: "New time", Type: "datetime-local", Value: v.Now.In(v.Zone).AddDate(0, 0, 1).Format("2006-01-02T15:04"), Hint: "In " + v.Zone.String() + ". Everything due on the way is carried out: periods, requests, due dates, blocks."},
	}}
	return settings(v, "Test clock", saving(v, "Test clock", "It stands at "+v.At(v.Now).Local()+" and only moves forward", form)), nil
}

func moveClock(v *desk.Visit) (desk.Done, error) {
	to, err := v.Day("now")
	if err != nil {
		return desk.Done{}, err
	}
	if to.IsZero() {
		return desk.Done{}, required("now")
	}
	_, err = v.App.MoveTestClock(v.R.Context(), v.Who, to)
	return desk.Done{To: "/console/settings/clock", Says: "The clock is moved; everything due was carried out."}, err
}

func auditPage(v *desk.Visit) (ui.Page, error) {
	list, err := v.App.AuditEntries(v.R.Context(), v.Who, 0, "", wanted(v))
	if err != nil {
		return ui.Page{}, err
	}
	timeline := ui.Timeline{}
	for _, e := range list.Items {
		timeline = append(timeline, auditMoment(v, e))
	}
	body := []ui.Piece{timeline}
	if p := pager(v, list.Total); p != nil {
		body = append(body, *p)
	}
	return settings(v, "Audit log", ui.Card{Title: "Audit log", Sub: desk.Count(list.Total, "entry", "entries"), Body: body}), nil
}

// auditMoment tells one line of the audit log.
func auditMoment(v *desk.Visit, e app.AuditEntry) ui.Moment {
	m := ui.Moment{At: v.At(e.RecordedAt), Tone: ui.Neutral, Title: desk.Command(e.Command), Who: desk.Actor(e.Actor), Why: e.Reason}
	if strings.HasPrefix(e.Subject, "plan:") {
		m.Before, m.After = termsWords(e.Before), termsWords(e.After)
	}
	if m.Before == "" && m.After == "" {
		m.Before, m.After = desk.Difference(e.Before, e.After)
	}
	if e.Client != 0 {
		m.Detail = []ui.Piece{ui.Link{Text: e.ClientName, URL: clientURL(e.Client) + "/timeline"}}
	}
	return m
}

// termsWords tells plan terms as the audit log keeps them.
func termsWords(text string) string {
	var t billing.Terms
	if json.Unmarshal([]byte(text), &t) != nil || t.Name == "" || t.RecurringFee == nil && t.Rate == nil {
		return ""
	}
	return t.Name + ": " + priceWords(t) + ", " + desk.Short(t.Included) + " min included, due " + desk.DueWords(t)
}

// securityPage lists who is logged in, and ends that.
func securityPage(v *desk.Visit) (ui.Page, error) {
	logins, err := v.App.Logins(v.R.Context(), v.Who, v.Token)
	if err != nil {
		return ui.Page{}, err
	}
	table := ui.Table{Caption: "Logins", Columns: []ui.Column{{Name: "Person"}, {Name: "Logged in"}, {Name: "Last seen"}, {Name: "Ends"}, {Slim: true}}}
	for _, l := range logins {
		name := ui.Stack{Main: ui.Text(l.Email), Sub: ui.Muted(l.Name)}
		end := ui.Piece(ui.Badge{Tone: ui.Good, Text: "This one"})
		if !l.Current {
			end = v.Act(ui.Act{
				ID: "end-" + l.ID, Label: "End", Tone: ui.Plain, Title: "End this login?", Says: []string{l.Email + " is logged out there at once and has to log in again."},
				Form: ui.Form{Action: "/console/settings/security/" + l.ID + "/end", Submit: ui.Submit{Text: "End it", Tone: ui.Bad}},
			})
		}
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Piece{name, v.At(l.CreatedAt), v.At(l.SeenAt), v.At(l.ExpiresAt), end}})
	}
	others := v.Act(ui.Act{
		ID: "others", Label: "Log out everywhere else", Title: "Log out everywhere else?", Says: []string{"Ends all your logins but this one."},
		Form: ui.Form{Action: "/console/settings/security/others/end", Submit: ui.Submit{Text: "Log out everywhere else", Tone: ui.Bad}},
	})
	return settings(v, "Security", ui.Card{Title: "Who is logged in", Sub: "A login ends after 12 hours without a visit, and after 7 days", Flush: true, Actions: []ui.Piece{others}, Body: []ui.Piece{table}}, passwordCard(v)), nil
}

func endLogin(v *desk.Visit) (desk.Done, error) {
	ended, err := v.App.EndLogins(v.R.Context(), v.Who, v.Token, v.R.PathValue("login"))
	return desk.Done{To: "/console/settings/security", Says: desk.Count(int64(ended), "login is", "logins are") + " ended."}, err
}

func youPage(v *desk.Visit) (ui.Page, error) {
	page := settings(v, "", ui.Card{Title: "Your account", Body: []ui.Piece{
		ui.Facts{{Name: "E-mail", Value: ui.Text(v.User.Email)}, {Name: "Name", Value: dash(v.User.Name)}, {Name: "Role", Value: ui.Text(role(v.Who.Role))}},
	}}, passwordCard(v))
	page.Title = "You"
	return page, nil
}

func passwordCard(v *desk.Visit) ui.Piece {
	return ui.Card{Title: "Password", Sub: "A new one logs you out everywhere else", Body: []ui.Piece{v.Form(ui.Form{ID: "password", Action: "/console/settings/you", Submit: ui.Submit{Text: "Change password"}, Fields: []ui.Piece{
		ui.Field{Name: "old_password", Label: "The one you have", Type: "password", Complete: "current-password"},
		ui.Field{Name: "password", Label: "The new one", Type: "password", Complete: "new-password", Hint: "At least 12 characters."},
	}})}}
}

func changePassword(v *desk.Visit) (desk.Done, error) {
	err := v.App.ChangePassword(v.R.Context(), v.Who, v.Token, v.R.PostForm.Get("old_password"), v.R.PostForm.Get("password"))
	return desk.Done{To: "/console/settings/you", Says: "Your password is changed. You are logged out everywhere else."}, err
}
