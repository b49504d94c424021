package web

import (
	"net/http"
	"strings"

	"minutebook/app"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

// login asks who is there, and lets them in.
func (s *site) login(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		if who, _, in := s.session(r); in {
			http.Redirect(w, r, home(who), http.StatusSeeOther)
			return
		}
		s.askLogin(w, r, http.StatusOK, r.URL.Query().Get("next"), "")
		return
	}
	if !s.parse(w, r) {
		return
	}
	next := r.PostForm.Get("next")
	token, who, err := s.App.LoginTo(r.Context(), at(r.Context()).agency, r.PostForm.Get("email"), r.PostForm.Get("password"), address(r))
	if refused := desk.Refusal(s.tongue(r).Refusal(err)); refused != nil {
		s.askLogin(w, r, desk.HTTPStatus(r.Context(), err), next, refused.Message+" "+refused.Remedy)
		return
	}
	if err != nil {
		s.Fault(w, r, s.tongue(r), err)
		return
	}
	s.setSession(w, token, app.SessionLife)
	http.Redirect(w, r, after(who, next), http.StatusSeeOther)
}

// after is where a login leads: where they wanted to go, if it is theirs to see.
func after(who app.Actor, next string) string {
	path, side := desk.Local(next), home(who)
	if path == side || strings.HasPrefix(path, side+"/") || strings.HasPrefix(path, side+"?") {
		return path
	}
	return side
}

func (s *site) askLogin(w http.ResponseWriter, r *http.Request, status int, next, wrong string) {
	any, err := s.App.HasAgencies(r.Context())
	if err != nil {
		s.Fault(w, r, s.tongue(r), err)
		return
	}
	if !any {
		http.Redirect(w, r, "/setup", http.StatusSeeOther)
		return
	}
	t := s.tongue(r)
	form := ui.Form{ID: "login", Action: "/login", Error: strings.TrimSpace(wrong), Submit: ui.Submit{Text: t.T("login.send")}, Fields: []ui.Piece{
		ui.Field{Name: "email", Label: t.T("login.email"), Type: "email", Complete: "username", Value: r.PostForm.Get("email"), Focus: true},
		ui.Field{Name: "password", Label: t.T("login.password"), Type: "password", Complete: "current-password"},
	}}
	if next != "" {
		form.Hidden = []ui.Pair{{Name: "next", Value: desk.Local(next)}}
	}
	s.door(w, r, status, ui.Page{Lang: t.Code(), Title: t.T("login.title"), Body: []ui.Piece{form}})
}

// logout ends the session, whoever it was.
func (s *site) logout(w http.ResponseWriter, r *http.Request) {
	if cookie, err := r.Cookie(s.cookie()); err == nil && len(cookie.Value) <= 200 {
		if err := s.App.Logout(r.Context(), cookie.Value); err != nil {
			s.Fault(w, r, s.tongue(r), err)
			return
		}
	}
	s.setSession(w, "", 0)
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// parse reads a form of the door, which is small.
func (s *site) parse(w http.ResponseWriter, r *http.Request) bool {
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	if err := r.ParseForm(); err != nil {
		t := s.tongue(r)
		s.say(w, r, http.StatusBadRequest, t.T("page.unreadable"), t.T("page.unreadable.why"))
		return false
	}
	return true
}
