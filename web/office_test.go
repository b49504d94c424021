package web_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"minutebook/app"
	"minutebook/billing"
)

func TestInbox(t *testing.T) {
	w := newWorld(t)
	b := w.agency()
	home := w.running(b)
	id := idIn(t, home)
	ctx := context.Background()
	b.get("/console/settings/connections").submit("connection", url.Values{"provider": {"vapi"}, "name": {"Main account"}, "secret": {"s3cret"}}).has("The connection is made", "/ingest/vapi/", "At Vapi")
	list, err := w.app.Connections(ctx, w.owner, app.Page{})
	if err != nil || len(list.Items) != 1 {
		t.Fatal(err, list)
	}
	for _, call := range []string{"call-a", "call-b"} {
		report := app.ProviderReport{UsageEvent: billing.UsageEvent{Kind: billing.Call, CallID: call, EndedAt: w.now, Talk: 3 * billing.Minute, AssistantID: "asst_1"}}
		if out, err := w.app.RecordReport(ctx, list.Items[0], report, nil); err != nil || out.Result != app.ReportUnassigned {
			t.Fatal(out, err)
		}
	}
	waiting := b.get("/console/usage/unassigned").has("call-a", "call-b", "asst_1")
	waiting.submit(actID(waiting, "assign-"), url.Values{"map": {"on"}}).is(422).has("Choose one")
	waiting.submit(actID(waiting, "assign-"), url.Values{"client_id": {id.String()}, "map": {"on"}}).has("The call is metered.", "Every call has its client")
	b.get(home+"/usage").has("call-a", "call-b", "3 min included")
	b.get("/console/settings/connections/"+list.Items[0].ID.String()).has("Main account", "Set").submit("mappings", nil).has("1 mapping is saved.").
		submit("connection", url.Values{"name": {"Other name"}, "enabled": nil}).has("Saved.", "Other name", "Disabled").submit("delete", nil).has("Other name is deleted.", "No connections yet")
}

func TestReplayOfARejectedEvent(t *testing.T) {
	w := newWorld(t)
	b := w.agency()
	home := w.running(b)
	body := `{"source":"dialler","event_id":"e1","client_external_id":"nobody","ended_at":"2027-01-15T10:00:00Z","duration_ms":60000}`
	results, err := w.app.RecordUsage(context.Background(), w.owner, []app.UsageReport{{ClientExternalID: "nobody", Raw: []byte(body), UsageEvent: billing.UsageEvent{
		Source: "dialler", EventID: "e1", Kind: billing.Call, EndedAt: w.now, Talk: billing.Minute,
	}}})
	if err != nil || results[0].Result != app.UsageRejected {
		t.Fatal(err, results)
	}
	rejected := b.get("/console/usage/rejected").has("e1", "there is no such client")
	one := b.get(rejected.linkTo("/console/usage/rejected/")).has("Refused", `"client_external_id": "nobody"`)
	one.submit("replay", nil).is(422).has("client_external_id")
	one.submit("replay", url.Values{"event": {"{"}}).is(422).has("Is not the JSON of an event")
	one.submit("replay", url.Values{"event": {`{"source":"dialler","durations":1}`}}).is(422).has("unknown field")
	good := strings.Replace(body, `"client_external_id":"nobody"`, `"client_id":"`+idIn(t, home).String()+`"`, 1)
	again := one.submit("replay", url.Values{"event": {strings.Replace(good, "2027-01-15", "2031-01-15", 1)}}).is(422).has("lies more than 10 minutes in the future")
	again.submit("replay", url.Values{"event": {good}}).has("The event is metered.", "Call e1 of 1 min: 1 min included.")
	b.get("/console/usage/rejected").has("Nothing was rejected")
}

func TestKeysTeamAndSettings(t *testing.T) {
	w := newWorld(t)
	b := w.agency()
	made := b.get("/console/settings/keys").submit("key", url.Values{"name": {"Dialler"}, "scopes": {"usage:write"}}).has("Dialler is ready", "mb_")
	secret := strings.Fields(made.text[strings.Index(made.text, "mb_"):])[0]
	if who, err := w.app.KeyActor(context.Background(), secret); err != nil || who.Name != "Dialler" {
		t.Errorf("the key that was shown is %v, %v", who, err)
	}
	keys := b.get("/console/settings/keys").has("Dialler", "usage:write").lacks(secret)
	keys.submit(actID(keys, "disable-"), nil).has("The key is disabled.")
	invited := b.get("/console/settings/team").submit("invite", url.Values{"email": {"mia@acme.example"}, "role": {"MEMBER"}}).has("mia@acme.example is invited")
	mia := w.browser()
	mia.get(strings.Fields(invited.text[strings.Index(invited.text, "/invite/"):])[0]).submit("invite", url.Values{"password": {password}, "again": {password}}).at("/console")
	mia.get("/console/settings").has("Only owners and admins change settings").lacks("API keys")
	mia.get("/console/settings/keys").is(403).has("Only owners and admins")
	team := b.get("/console/settings/team")
	team.submit(actID(team, "disable-"), nil).has("The person is disabled.")
	mia.get("/console").at("/login")
	team = b.get("/console/settings/team")
	team.submit(actID(team, "enable-"), nil).has("The person may log in again.")
	mia.login("mia@acme.example").at("/console")
	mia.get("/console/settings/you").submit("password", url.Values{"old_password": {"not this one"}, "password": {password + "!"}}).is(422).has("Is wrong")
	w.now = w.now.Add(time.Hour)
	mia.get("/console/settings/you").submit("password", url.Values{"old_password": {password}, "password": {password + "!"}}).at("/console/settings/you").has("You are logged out everywhere else.")
	b.get("/console/settings").submit("agency", url.Values{"name": {"Acme Voice"}, "timezone": {"Mars"}}).is(422).has("is not an IANA time zone")
	b.get("/console/settings").submit("agency", url.Values{"currencies": {"USDT six"}}).is(422).has("is not a code and a number of decimals")
	b.get("/console/settings").submit("agency", url.Values{"currencies": {"USDT 6"}}).has("Saved.")
	b.get("/console/catalog/packs/new").submit("pack", url.Values{"name": {"Coins"}, "minutes": {"10"}, "price": {"1.000001"}, "currency": {"USDT"}}).has("1.000001 USDT")
	b.get("/console/settings/audit").has("Key: create", "Settings: update", "User: create")
}

func TestPlanPreviewAndVersions(t *testing.T) {
	w := newWorld(t)
	b := w.agency()
	typed := growth()
	typed.Set("do", "preview")
	seen := b.get("/console/catalog/plans/new").submit("plan", typed).has("How clients see it", "A client using 420 minutes pays 129.00 USD.")
	b.get("/console/catalog").has("No plans yet")
	plan := seen.submit("plan", nil).has("Growth is in the catalog")
	edited := b.get(plan.path+"/edit").has("Saving makes version 2").submit("plan", url.Values{"recurring_fee": {"1,109.00"}}).has("Saved as version 2", "1,109.00 USD / 2 months", "99.00 USD / 2 months")
	b.get(plan.path+"/edit").submit("plan", nil).has("Nothing was changed.")
	edited.submit("archive", nil).has("The plan is archived.", "Archived").submit("archive", nil).has("The plan is back in the catalog.")
}

func TestMoneyOfAClient(t *testing.T) {
	w := newWorld(t)
	b := w.agency()
	home := w.running(b)
	b.get(home).submit("one-time", url.Values{"description": {"Set-up"}, "amount": {"50"}, "due_date": {"2027-01-20"}}).has("PR-000002 over 50.00 USD is issued.", "One-time", "Due 20 Jan 2027")
	b.get(home).submit("payment", url.Values{"amount": {"60"}, "currency": {"USD"}}).has("60.00 USD is recorded.", "89.00 USD open")
	b.get(home).submit("payment", url.Values{"amount": {"100"}, "currency": {"USD"}}).has("The client's credit is 11.00 USD.")
	b.get(home).submit("payment", url.Values{"amount": {"many"}, "currency": {"USD"}}).is(422).has("Is no number: write it like 99.00")
	request := b.get(home).link("PR-000001")
	b.get(request).has("Growth: recurring fee", "Payment reference", "PR00000178").submit(actID(b.get(request), "status-"), url.Values{"status": {"PENDING"}}).has("PR-000001 is set to pending.")
	b.get(home).submit("hold", url.Values{"reason": {"A talk is due"}}).has("The client is on hold.", "Access denied: on hold", "A talk is due").submit("hold", nil).has("The hold is lifted.")
	b.get(home).submit("change-plan", url.Values{"when": {"period_end"}}).has("The plan changes on 15 Mar 2027", "Take it back").submit("undo-cancel", nil).has("The subscription goes on.")
	b.get(home+"/settings").submit("client", url.Values{"timezone": {"Asia/Kolkata"}, "denial_policy": {"OUTBOUND_ONLY"}}).has("Saved.")
	b.get(home+"/campaigns").submit("register", url.Values{"name": {"Recall"}}).has("Recall is registered.", "Running")
	campaigns := b.get(home + "/campaigns")
	campaigns.submit(actID(campaigns, "pause-"), url.Values{"reason": {"Holidays"}}).has("The campaign is paused.", "By hand: Holidays")
}

func TestSandboxClock(t *testing.T) {
	w := newWorld(t)
	w.agency()
	at := w.now
	if _, _, err := w.app.CreateAgency(context.Background(), app.AgencySpec{Name: "Sandbox", OwnerEmail: "sam@sand.example", OwnerPassword: password, TestClock: &at}); err != nil {
		t.Fatal(err)
	}
	b := w.browser()
	b.login("sam@sand.example").has("test clock at 15 Jan 2027, 10:00")
	home := w.running(b)
	b.get("/console/settings/clock").submit("clock", url.Values{"now": {"2027-01-10T10:00"}}).is(422).has("Must be later than")
	b.get("/console/settings/clock").submit("clock", url.Values{"now": {"2027-01-30T10:00"}}).has("The clock is moved")
	b.get(home).has("Past due", "Access denied: payment overdue")
}
