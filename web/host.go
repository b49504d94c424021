package web

import (
	"context"
	"net"
	"net/http"
	"strings"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/lang"
	"minutebook/web/ui"
)

// place is which door a request came to: an agency's own, or with agency 0 the one of all.
type place struct{ agency billing.ID }

type placeKey struct{}

func at(ctx context.Context) place {
	p, _ := ctx.Value(placeKey{}).(place)
	return p
}

// welcomes says whether somebody may be here: at an agency's own door only people of its clients.
func (p place) welcomes(who app.Actor) bool {
	return p.agency == 0 || who.Agency == p.agency && who.Kind == app.ByPortal
}

// invites says the same of somebody who is invited.
func (p place) invites(u app.User) bool {
	return p.agency == 0 || u.Agency == p.agency && u.Role == app.ClientOf
}

// hosted finds out whose door a request came to by the name it was called by. A name that was not proved opens nothing
// once this server has a name of its own; a bare address still leads to the door of all.
func (s *site) hosted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := calledBy(r)
		if name == s.App.PublicHost() {
			next.ServeHTTP(w, r)
			return
		}
		agency, found, err := s.App.HostAgency(r.Context(), name)
		switch {
		case err != nil:
			s.Fault(w, r, s.tongue(r), err)
		case found && !openToClients(r.URL.Path):
			s.nowhere(w, r.WithContext(context.WithValue(r.Context(), placeKey{}, place{agency})))
		case found:
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), placeKey{}, place{agency})))
		case named(name) && named(s.App.PublicHost()):
			s.misdirected(w, s.tongue(r))
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// calledBy is the host a request was sent to, without its port.
func calledBy(r *http.Request) string {
	name := r.Host
	if host, _, err := net.SplitHostPort(name); err == nil {
		name = host
	}
	return strings.ToLower(strings.TrimSuffix(name, "."))
}

// named says that a host is called by a name others could ask for too: no address, and not this very machine.
func named(host string) bool {
	return strings.Contains(host, ".") && net.ParseIP(host) == nil
}

// openToClients are the paths there are at an agency's own door.
func openToClients(path string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch first {
	case "", "portal", "login", "logout", "invite", "static", "brand":
		return true
	}
	return false
}

// misdirected answers a request for a name that is nobody's here, and says no more than that.
func (s *site) misdirected(w http.ResponseWriter, t *lang.Tongue) {
	page := ui.Page{Face: ui.Door, Lang: t.Code(), Title: t.T("page.nobody"), Brand: ui.Brand{Icon: ui.PlainIcon()}, Body: []ui.Piece{ui.Text(t.T("page.nobody.why"))}}
	if s.Pages.Render(w, http.StatusMisdirectedRequest, ui.PiecesOnly, page) != nil {
		http.Error(w, t.T("page.nobody.why"), http.StatusMisdirectedRequest)
	}
}

// OnPortalHost says whether a request came to an agency's own door, where there are pages for its clients and nothing
// else.
func OnPortalHost(a *app.App, r *http.Request) bool {
	name := calledBy(r)
	if name == a.PublicHost() {
		return false
	}
	_, found, err := a.HostAgency(r.Context(), name)
	return found && err == nil
}
