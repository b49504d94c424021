package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"minutebook/app"
	"minutebook/web"
)

func TestSetup(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.get("/").at("/setup").has("needs the address that the server printed")
	b.get("/setup?token=wrong").has("needs the address that the server printed")
	b.post("/setup", url.Values{"token": {"wrong"}, "name": {"Thief"}}).is(http.StatusForbidden)
	form := b.get("/setup?token=" + setupToken)
	form.submit("setup", url.Values{"name": {"Acme"}, "owner_email": {"nobody"}, "owner_password": {password}}).is(422).has("Must be an e-mail address")
	form.submit("setup", url.Values{"name": {"Acme"}, "owner_email": {"a@b.example"}, "owner_password": {"short"}, "timezone": {"Mars"}}).is(422)
	w.agency()
	b.get("/setup?token=" + setupToken).is(http.StatusNotFound)
	b.post("/setup", url.Values{"token": {setupToken}, "name": {"Second"}, "owner_email": {"x@y.example"}, "owner_password": {password}}).is(http.StatusNotFound)
}

func TestSetupWithoutAToken(t *testing.T) {
	w := newWorld(t)
	handler, err := web.New(w.app, web.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w.server.Config.Handler = handler
	w.browser().get("/setup?token=").has("needs the address that the server printed")
	w.browser().post("/setup", url.Values{"token": {""}, "name": {"Thief"}}).is(http.StatusForbidden)
}

func TestLogin(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	b := w.browser()
	b.get("/console/clients?q=x").at("/login?next=%2Fconsole%2Fclients%3Fq%3Dx")
	wrong := b.get("/login").submit("login", url.Values{"email": {"ada@acme.example"}, "password": {"wrong password"}}).is(http.StatusUnauthorized).has("The e-mail address or the password is wrong")
	if unknown := b.get("/login").submit("login", url.Values{"email": {"eve@acme.example"}, "password": {"wrong password"}}).is(http.StatusUnauthorized); unknown.text != wrong.text {
		t.Errorf("an unknown address is told apart: %q", unknown.text)
	}
	w.now = w.now.Add(app.SessionIdle / 12) // whoever guessed has to wait
	b.get("/login?next=/console/clients").submit("login", url.Values{"email": {"ada@acme.example"}, "password": {password}}).at("/console/clients")
	for _, elsewhere := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "/portal", "javascript:alert(1)", "/consolefake"} {
		w.browser().get("/login?next="+url.QueryEscape(elsewhere)).submit("login", url.Values{"email": {"ada@acme.example"}, "password": {password}}).at("/console")
	}
	b.get("/console").submit("out", nil).at("/login")
	b.get("/console").at("/login")
	owner.get("/console").at("/console")
	w.now = w.now.Add(app.SessionIdle)
	owner.get("/console").at("/login")
}

func TestCookie(t *testing.T) {
	w := newWorld(t)
	w.agency()
	for _, public := range []string{"http://localhost", "https://billing.acme.example"} {
		w.app.PublicURL = public
		handler, err := web.New(w.app, web.Options{})
		if err != nil {
			t.Fatal(err)
		}
		w.server.Config.Handler = handler
		plain := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		answer, err := plain.PostForm(w.server.URL+"/login", url.Values{"email": {"ada@acme.example"}, "password": {password}})
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		got, secure := answer.Header.Get("Set-Cookie"), strings.HasPrefix(public, "https")
		if !strings.Contains(got, "HttpOnly") || !strings.Contains(got, "SameSite=Lax") || strings.Contains(got, "Secure") != secure || strings.HasPrefix(got, "__Host-minutebook=") != secure {
			t.Errorf("the cookie at %s is %s", public, got)
		}
	}
}

func TestOtherSitesAndHeaders(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	home := w.running(owner)
	action, values := owner.get(home).form("wallet")
	values.Set("minutes", "10")
	values.Set("reason", "forged")
	request, err := http.NewRequest(http.MethodPost, owner.url(action).String(), strings.NewReader(values.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	answer, err := owner.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	owner.read(answer).is(http.StatusForbidden).has("sent by another site")
	owner.get(home).lacks("10.00 min")
	for _, path := range []string{"/console", "/login", "/nowhere", home} {
		h := owner.get(path).header
		if !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") || h.Get("Cache-Control") != "no-store" || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s is not protected: %v", path, h)
		}
	}
	owner.get(home + "/").at(home)
}

func TestInvitations(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	home := w.running(owner)
	shown := owner.get(home+"/settings").submit("invite", url.Values{"email": {"zoe@bright.example"}})
	link := strings.Fields(shown.text[strings.Index(shown.text, "/invite/"):])[0]
	b := w.browser()
	b.get(link).submit("invite", url.Values{"password": {password}, "again": {"something else"}}).is(422).has("Is not the same as above")
	b.get(link).submit("invite", url.Values{"password": {password}, "again": {password}}).at("/portal")
	w.browser().get(link).is(http.StatusNotFound).has("Invitation gone")
	b.get("/console").at("/portal")
	b.get(home).is(http.StatusNotFound)
	owner.get(home+"/settings").has("zoe@bright.example", "Active").submit(actID(owner.get(home+"/settings"), "remove-"), nil).at(home + "/settings")
	b.get("/portal").at("/login")
}
