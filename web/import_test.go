package web_test

import (
	"bytes"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// A list of which one line is wrong changes nothing; corrected, all of it is added, once.
func TestImportOfClients(t *testing.T) {
	w := newWorld(t)
	b := w.agency()
	w.running(b) // on the plan Growth
	bad := "\ufeffName;E-mail\nHarbor Realty;x"
	b.get("/console/clients").has("Import")
	b.get("/console/clients/import").submit("import", url.Values{"clients": {bad}}).is(422).has(`Has a column "E-mail"`)
	b.get("/console/clients/import").submit("import", nil).is(422).has("Choose a file or paste the list")
	half := "name;email;external_id;plan\nHarbor Realty;office@harbor.example;harbor;growth\n<b>Spa</b>;not an address;spa;\nPixel;;harbor;Gold\n;;;\n"
	before := w.rows()
	checked := b.upload("/console/clients/import", "import", "clients.csv", half)
	checked.is(200).has("3 lines cannot be imported", "Will be added", "<b>Spa</b>", "must be an e-mail address", "external id stands in line 1 already", "Nothing was added")
	if after := w.rows(); !maps.Equal(before, after) {
		t.Error("checking a list changed rows")
	}
	good := strings.NewReplacer("not an address", "spa@spa.example", "Pixel;;harbor;Gold", "Pixel;;pixel;", "\n;;;\n", "\n").Replace(half)
	checked = checked.submit("import", url.Values{"clients": {good}}).has("All lines are right", "Import 3 clients")
	action, values := checked.form("import")
	b.post(action, values).at("/console/clients").has("3 clients are imported.", "Harbor Realty", "<b>Spa</b>", "4 clients")
	b.post(action, values).at("/console/clients").has("3 clients are imported.", "4 clients")
	again := checked.submit("import", url.Values{"once": {"another"}})
	again.is(422).has("cannot be imported, so none was")
	sorted := b.get("/console/clients?sort=name").has("Bright Dental")
	if i, j := strings.Index(sorted.text, "Harbor Realty"), strings.Index(sorted.text, "Pixel"); i < 0 || j < i || strings.Index(sorted.text, "<b>Spa</b>") > strings.Index(sorted.text, "Bright Dental") {
		t.Errorf("clients sorted by name:\n%s", sorted.text)
	}
	for _, by := range []string{"-name", "wallet", "-wallet", "renews", "-renews", "due", "-due"} {
		b.get("/console/clients?sort="+by).has("Harbor Realty", "4 clients")
	}
	b.get("/console/clients?sort=shoe-size").is(422)
	b.get("/console/clients?" + url.Values{"plan": {idIn(t, b.get("/console/catalog").link("Growth")).String()}}.Encode()).has("2 clients").lacks("Pixel")
}

// upload sends a form with a file, as a browser would.
func (b *browser) upload(path, form, name, content string) *page {
	b.Helper()
	action, values := b.get(path).form(form)
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for field, all := range values {
		for _, value := range all {
			if field != "file" && parts.WriteField(field, value) != nil {
				b.Fatal("writing a form")
			}
		}
	}
	file, err := parts.CreateFormFile("file", name)
	if err == nil {
		_, err = file.Write([]byte(content))
	}
	if err != nil || parts.Close() != nil {
		b.Fatal("writing a file: ", err)
	}
	answer, err := b.client.Post(b.url(action).String(), parts.FormDataContentType(), &body)
	if err != nil {
		b.Fatal(err)
	}
	return b.read(answer)
}

func TestSecurityPage(t *testing.T) {
	w := newWorld(t)
	here := w.agency()
	there := w.browser()
	there.login("ada@acme.example").at("/console")
	page := here.get("/console/settings/security").has("Who is logged in", "ada@acme.example", "This one", "Log out everywhere else")
	page.submit(actID(page, "end-"), nil).at("/console/settings/security").has("1 login is ended.")
	there.get("/console").at("/login")
	there.login("ada@acme.example").at("/console")
	here.get("/console/settings/security").submit("others", nil).has("1 login is ended.")
	there.get("/console").at("/login")
	here.get("/console").at("/console")
	w.running(here)
	invited := here.get("/console/settings/team").submit("invite", url.Values{"email": {"mia@acme.example"}})
	words := strings.Fields(invited.text[strings.Index(invited.text, "/invite/"):])
	member := w.browser()
	member.get(words[0]).submit("invite", url.Values{"password": {password}, "again": {password}}).at("/console")
	seen := member.get("/console/settings/security").has("mia@acme.example").lacks("ada@acme.example")
	admin := here.get("/console/settings/security").has("mia@acme.example", "ada@acme.example")
	action, _ := admin.form(actID(admin, "end-"))
	_, key := seen.form("others")
	here.get("/console").at("/console")
	mine, _ := seen.form("others")
	if action == mine {
		t.Fatal("two forms lead to one address")
	}
	here.post(action, nil).is(http.StatusUnprocessableEntity) // without its key nothing happens
	member.get("/console").at("/console")
	_, values := here.get("/console/settings/security").form("others")
	member.post("/console/settings/security/0000000000000000/end", key).is(http.StatusNotFound)
	here.post(action, values).has("1 login is ended.")
	member.get("/console").at("/login")
}

func TestTestCall(t *testing.T) {
	w := newWorld(t)
	b := w.agency()
	w.running(b)
	b.get("/console").has("Send a test call", "Or report one of Bright Dental yourself").submit("test-call", nil).has("A test call of 90 seconds is recorded", "1 min 30 s included")
	b.get("/console").has("1.50", "Outstanding by age", "99.00 USD").lacks("Send a test call")
}

func TestPlanExample(t *testing.T) {
	w := newWorld(t)
	b := w.agency()
	asked := growth()
	asked.Set("do", "preview")
	asked.Set("example_minutes", "1,000")
	b.get("/console/catalog/plans/new").submit("plan", asked).is(200).has("A client using 1,000 minutes pays 274.00 USD.", "Recurring fee", "700.00 min × 0.25", "175.00 USD")
	plan := b.get("/console/catalog/plans/new").submit("plan", growth()).has("A client using 420 minutes pays 129.00 USD.")
	b.get(plan.path + "?minutes=10").has("A client using 10 minutes pays 99.00 USD.")
}
