package web_test

import (
	"bytes"
	"context"
	"errors"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"minutebook/app"
	"minutebook/store/storetest"
)

// under is the same browser calling the server by another name.
func (b *browser) under(host string) *browser {
	named := b.browser()
	named.client.Transport = calls(host)
	return named
}

// calls is a transport that calls the server by a name.
type calls string

func (c calls) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Host = string(c)
	return http.DefaultTransport.RoundTrip(r)
}

// upload sends a form with a file.
func (p *page) upload(id, field string, content []byte) *page {
	p.Helper()
	action, values := p.form(id)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name := range values {
		if name != field {
			_ = form.WriteField(name, values.Get(name))
		}
	}
	file, _ := form.CreateFormFile(field, "logo")
	_, _ = file.Write(content)
	form.Close()
	answer, err := p.client.Post(p.url(action).String(), form.FormDataContentType(), &body)
	if err != nil {
		p.Fatal(err)
	}
	return p.read(answer)
}

// named finds elements by their name.
func named(name string) func(*html.Node) bool {
	return func(n *html.Node) bool { return n.Data == name }
}

// dns is the DNS as a test would have it.
func (w *world) dns(records map[string]string) {
	w.app.LookupTXT = func(_ context.Context, name string) ([]string, error) {
		if text, there := records[name]; there {
			return []string{"v=spf1 -all", text}, nil
		}
		return nil, errors.New("no such host")
	}
}

// proved gives the agency of a browser its portal's own name.
func (b *browser) proved(host string) {
	b.Helper()
	claim := b.get("/console/settings/brand").submit("host", url.Values{"host": {host}}).has(host+" is noted", "Not proved yet")
	_, value, _ := strings.Cut(claim.text, "portal-check=")
	b.dns(map[string]string{"_portal." + host: "portal-check=" + strings.Fields(value)[0]})
	b.get("/console/settings/brand").submit("host-"+host, nil).has(host + " is proved")
}

const logo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 10"><rect width="40" height="10" fill="#1f5f5b"/><script>alert(1)</script></svg>`

// The portal in the agency's own name, colour and address; nobody else's clients get in there. On both databases.
func TestWhiteLabel(t *testing.T) {
	for _, dialect := range storetest.Dialects {
		t.Run(dialect, func(t *testing.T) {
			w := newWorldOn(t, dialect)
			owner := w.agency()
			home := w.running(owner)
			owner.get("/console/settings/brand").submit("brand", url.Values{"display_name": {"Acme Talks"}, "accent": {"#FFCC00"}, "support_email": {"help@acme.example"}}).
				has("Saved.", "#ffcc00 with black words", "Links use another tone")
			owner.get("/console/settings/brand").upload("logo", "logo", []byte(logo)).has("Your clients see the logo")
			owner.proved("portal.acme.example")

			invited := owner.get(home+"/settings").submit("invite", url.Values{"email": {"zoe@bright.example"}})
			link := strings.Fields(invited.text[strings.Index(invited.text, "http://portal.acme.example"):])[0]
			u, err := url.Parse(link)
			if err != nil {
				t.Fatal(err)
			}
			zoe := owner.under("portal.acme.example")
			login := zoe.get("/").at("/login")
			entered := zoe.get(u.Path).submit("invite", url.Values{"password": {password}, "again": {password}}).at("/portal").has("Current Plan", "help@acme.example")
			for _, p := range []*page{login, entered} {
				if !bytes.Contains(p.body, []byte(`alt="Acme Talks"`)) || !bytes.Contains(p.body, []byte(`.css"`)) {
					t.Errorf("%s does not wear the brand:\n%s", p.path, p.body)
				}
			}
			w.plain(zoe, login, entered)
			owner.get("/console/settings/brand").submit("brand", url.Values{"show_powered_by": {"on"}})
			zoe.get("/portal").has("Powered by Minutebook")
		})
	}
}

// plain fails when a page, or a file it loads, has a word of the product in it.
func (w *world) plain(b *browser, pages ...*page) {
	w.Helper()
	for _, p := range pages {
		files := []string{p.path}
		for n := range p.root.Descendants() {
			for _, key := range []string{"src", "href"} {
				if link := attr(n, key); strings.HasPrefix(link, "/static/") || strings.HasPrefix(link, "/brand/") {
					files = append(files, link)
				}
			}
		}
		for _, file := range files {
			if got := b.get(file).is(http.StatusOK); bytes.Contains(bytes.ToLower(got.body), []byte("minutebook")) {
				w.Errorf("%s says what it is made with", file)
			}
		}
	}
}

// At an agency's door there is that agency's portal and nothing else.
func TestPortalHostsAreApart(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	w.busy(owner)
	if _, _, err := w.app.CreateAgency(t.Context(), app.AgencySpec{Name: "Other", OwnerEmail: "otto@other.example", OwnerPassword: password}); err != nil {
		t.Fatal(err)
	}
	other := w.browser()
	other.login("otto@other.example").at("/console")
	otherHome := other.get("/console/clients/new").submit("client", url.Values{"name": {"Their Client"}}).path
	w.invited(other, otherHome, "tim@theirs.example")
	owner.proved("portal.acme.example")
	other.proved("portal.other.example")

	ours := w.browser().under("portal.acme.example")
	for _, who := range []string{"tim@theirs.example", "ada@acme.example", "otto@other.example"} {
		ours.login(who).is(http.StatusUnauthorized).has("The e-mail address or the password is wrong")
	}
	ours.login("zoe@bright.example").at("/portal").has("Acme Voice")
	for _, path := range []string{"/console", "/console/clients", "/setup", "/ui", "/api/v2/external-billing/clients", "/docs", "/openapi.json", "/metrics"} {
		ours.get(path).is(http.StatusNotFound).lacks("Minutebook", "Bright Dental")
	}
	// A session of one door is worth nothing at another.
	theirs := w.browser().under("portal.other.example")
	theirs.client.Jar = ours.client.Jar
	theirs.get("/portal").at("/login").has("Other").lacks("Acme")
	theirs.get("/portal/live").is(http.StatusUnauthorized)
	staff := w.browser().under("portal.acme.example")
	staff.client.Jar = owner.client.Jar
	staff.get("/portal").at("/login")
	// Nor is an agency's picture another's.
	owner.get("/console/settings/brand").upload("logo", "logo", []byte(logo))
	picture := attr(find(ours.get("/portal").root, named("img")), "src")
	ours.get(picture).is(http.StatusOK)
	theirs.get(picture).is(http.StatusNotFound)
	// A name that is taken back opens nothing any more.
	owner.get("/console/settings/brand").submit("remove-portal.acme.example", nil).has("The address is removed")
	w.browser().under("portal.acme.example").get("/login").lacks("Acme")
}

func TestPortalHostsMustBeProved(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	if _, _, err := w.app.CreateAgency(t.Context(), app.AgencySpec{Name: "Thief", OwnerEmail: "tess@thief.example", OwnerPassword: password}); err != nil {
		t.Fatal(err)
	}
	thief := w.browser()
	thief.login("tess@thief.example").at("/console")
	page := "/console/settings/brand"
	thief.get(page).submit("host", url.Values{"host": {"portal.acme.example"}}).has("is noted")
	w.dns(nil)
	thief.get(page).submit("host-portal.acme.example", nil).is(http.StatusConflict).has("has no TXT record at _portal.portal.acme.example yet")
	w.dns(map[string]string{"_portal.portal.acme.example": "portal-check=somebody-elses"})
	thief.get(page).submit("host-portal.acme.example", nil).is(http.StatusConflict).has("says something else")
	w.browser().under("portal.acme.example").get("/login").lacks("Thief")
	owner.proved("portal.acme.example")
	_, value, _ := strings.Cut(thief.get(page).text, "portal-check=")
	w.dns(map[string]string{"_portal.portal.acme.example": "portal-check=" + strings.Fields(value)[0]})
	thief.get(page).submit("host-portal.acme.example", nil).is(http.StatusConflict).has("is the portal of another agency")
	for _, bad := range []string{"", "localhost", "127.0.0.1", "https://a.example", "a.example/x", "-a.example", "a..example", "ä.example", "a.example:80", strings.Repeat("a.", 130) + "example"} {
		owner.get(page).submit("host", url.Values{"host": {bad}}).is(422)
	}
	owner.get(page).submit("host", url.Values{"host": {"portal.acme.example"}}).is(http.StatusConflict).has("Is there already")
}

// A server that has a name of its own does not answer to others.
func TestNamesNobodyProvedOpenNothing(t *testing.T) {
	w := newWorld(t)
	w.agency()
	w.app.PublicURL = "https://minutes.example"
	b := w.browser()
	b.under("minutes.example").get("/login").is(http.StatusOK).has("Log in")
	b.under("127.0.0.1").get("/login").is(http.StatusOK)
	b.under("MINUTES.example.:443").get("/login").is(http.StatusOK)
	for _, name := range []string{"evil.example", "x.minutes.example"} {
		b.under(name).get("/login").is(http.StatusMisdirectedRequest).lacks("Minutebook", "password")
	}
}

func TestLogoIsServedSafely(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	page := "/console/settings/brand"
	owner.get(page).upload("logo", "logo", []byte("<html>")).is(422).has("Cannot be read as a picture")
	shown := owner.get(page).upload("logo", "logo", []byte(logo)).at(page)
	src := attr(find(shown.root, named("img")), "src")
	got := owner.get(src).is(http.StatusOK)
	for name, want := range map[string]string{"Content-Type": "image/svg+xml", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox"} {
		if got.header.Get(name) != want {
			t.Errorf("%s of the logo = %q, want %q", name, got.header.Get(name), want)
		}
	}
	if bytes.Contains(got.body, []byte("script")) {
		t.Errorf("the logo kept its script: %s", got.body)
	}
	owner.get(page).submit("remove-logo", nil).has("The logo is removed", "No logo yet")
	owner.get(src).is(http.StatusNotFound)
	owner.get("/brand/1/ffff.css").is(http.StatusNotFound)
	owner.get("/brand/x/ffff.css").is(http.StatusNotFound)
	owner.get(page).submit("brand", url.Values{"accent": {"red; } body { display: none"}}).is(422).has("Must be a colour such as #1f5f5b")
}
