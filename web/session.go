package web

import (
	"net"
	"net/http"
	"net/url"
	"time"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/gate"
	"minutebook/web/desk"
	"minutebook/web/lang"
)

// cookie is what the session's cookie is called: the prefix binds it to this very host, and browsers take it by https only.
func (s *site) cookie() string {
	if s.Secure {
		return "__Host-minutebook"
	}
	return "minutebook_session"
}

func (s *site) setSession(w http.ResponseWriter, token string, life time.Duration) {
	seconds := int(life / time.Second)
	if token == "" {
		seconds = -1
	}
	http.SetCookie(w, &http.Cookie{Name: s.cookie(), Value: token, Path: "/", MaxAge: seconds, HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode})
}

// session finds who visits, if they have logged in.
func (s *site) session(r *http.Request) (app.Actor, app.User, bool) {
	cookie, err := r.Cookie(s.cookie())
	if err != nil || len(cookie.Value) > 200 {
		return app.Actor{}, app.User{}, false
	}
	who, user, err := s.App.SessionActor(r.Context(), cookie.Value)
	if err != nil || !at(r.Context()).welcomes(who) {
		return app.Actor{}, app.User{}, false
	}
	return who, user, true
}

// visited lets a person see a page of the side they belong to. Who has not logged in is asked to, and led back.
func (s *site) visited(route desk.Route, face desk.Face, portal bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who, user, in := s.session(r)
		switch {
		case !in:
			http.Redirect(w, r, loginFor(r), http.StatusSeeOther)
		case (who.Kind == app.ByPortal) != portal && r.Method == http.MethodGet && (r.URL.Path == "/console" || r.URL.Path == "/portal"):
			http.Redirect(w, r, home(who), http.StatusSeeOther)
		case (who.Kind == app.ByPortal) != portal:
			s.nowhere(w, r)
		default:
			s.visit(w, r, who, user, route, face)
		}
	}
}

func loginFor(r *http.Request) string {
	if r.Method != http.MethodGet || r.URL.Path == "/console" || r.URL.Path == "/portal" {
		return "/login"
	}
	return "/login?" + url.Values{"next": {desk.Local(r.URL.RequestURI())}}.Encode()
}

func (s *site) visit(w http.ResponseWriter, r *http.Request, who app.Actor, user app.User, route desk.Route, face desk.Face) {
	agency, err := s.App.Settings(r.Context(), who)
	if err != nil {
		s.Fault(w, r, s.tongue(r), err)
		return
	}
	now, err := s.App.Now(r.Context(), who.Agency)
	if err != nil {
		s.Fault(w, r, s.tongue(r), err)
		return
	}
	brand, err := s.App.Brand(r.Context(), who.Agency)
	if err != nil {
		s.Fault(w, r, s.tongue(r), err)
		return
	}
	zone, err := billing.LoadZone("timezone", agency.Timezone)
	if err != nil {
		s.Fault(w, r, s.tongue(r), err)
		return
	}
	who.RequestID = gate.RequestID(r.Context())
	v := &desk.Visit{Desk: s.Desk, W: w, R: r, Who: who, User: user, Token: s.token(r), Agency: agency, Brand: brand, Zone: zone, Now: now, Tongue: lang.Of()}
	if who.Kind == app.ByPortal {
		if err := s.atHome(v); err != nil {
			s.Fault(w, r, s.tongue(r), err)
			return
		}
	}
	route.Serve(v, face)
}

// token is what the browser keeps of its session.
func (s *site) token(r *http.Request) string {
	cookie, err := r.Cookie(s.cookie())
	if err != nil {
		return ""
	}
	return cookie.Value
}

// atHome lets a client's people read in their own language and by their own clock; else in the agency's, else in their
// browser's.
func (s *site) atHome(v *desk.Visit) error {
	client, err := s.App.Client(v.R.Context(), v.Who, v.Who.Client)
	if err != nil {
		return err
	}
	v.Tongue = lang.Of(client.Locale, v.Agency.Locale, wished(v.R))
	v.Zone, err = billing.LoadZone("timezone", client.Zone)
	return err
}

// tongue is the language of whoever stands outside.
func (s *site) tongue(r *http.Request) *lang.Tongue { return lang.Of(wished(r)) }

// wished is what a browser prefers; of an absurd list nothing is.
func wished(r *http.Request) string {
	const longest = 200
	if list := r.Header.Get("Accept-Language"); len(list) <= longest {
		return list
	}
	return ""
}

// address is where a visitor calls from, for the throttling of logins.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
