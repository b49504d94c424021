package web_test

import (
	"net/url"
	"testing"

	"minutebook/web/lang"
)

// A person of the client changes the password with the one they have; every other login ends, this one stays.
func TestPortalAccount(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	home := w.running(owner)
	zoe := w.invited(owner, home, "zoe@bright.example")
	elsewhere := w.browser()
	elsewhere.login("zoe@bright.example").at("/portal")
	page := zoe.get(zoe.get("/portal").link("Account")).has("zoe@bright.example", "A new one logs you out everywhere else", "At least 12 characters.")
	page.submit("password", url.Values{"old_password": {"not this one"}, "password": {"another row of words"}}).is(422).has("Is wrong")
	page.submit("password", url.Values{"old_password": {password}, "password": {"short"}}).is(422).has("Must be at least 12 characters")
	page.submit("password", url.Values{"old_password": {password}, "password": {"another row of words"}}).at("/portal/account").has("Your password is changed.")
	zoe.get("/portal").at("/portal")
	elsewhere.get("/portal").at("/login")
	w.browser().get("/login").submit("login", url.Values{"email": {"zoe@bright.example"}, "password": {password}}).is(401)
	w.browser().get("/login").submit("login", url.Values{"email": {"zoe@bright.example"}, "password": {"another row of words"}}).at("/portal")
	w.later(owner, 15)
	again := w.browser()
	again.get("/login").submit("login", url.Values{"email": {"zoe@bright.example"}, "password": {"another row of words"}}).at("/portal").lacks("Account")
	again.get("/portal/account").is(403)
}

func TestPortalAccountInEveryLanguage(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	for _, locale := range lang.Codes() {
		b := w.reader(owner, locale, "USD")
		p := b.get("/portal/account")
		p.inLanguage(locale)
		w.golden("portal-account-"+locale, p)
		p.submit("password", url.Values{"old_password": {"not this one"}, "password": {"another row of words"}}).is(422).inLanguage(locale)
		p.submit("password", url.Values{"old_password": {password}, "password": {"another row of words"}}).inLanguage(locale)
	}
}
