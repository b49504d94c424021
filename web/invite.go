package web

import (
	"net/http"

	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

// invite greets an invited person, who chooses a password and is in.
func (s *site) invite(w http.ResponseWriter, r *http.Request) {
	token := r.PathValue("token")
	user, err := s.App.Invited(r.Context(), token)
	if err == nil && !at(r.Context()).invites(user) {
		s.nowhere(w, r)
		return
	}
	if refused := desk.Refusal(err); refused != nil {
		s.say(w, r, desk.HTTPStatus(r.Context(), err), "Invitation gone", refused.Message+" "+refused.Remedy)
		return
	}
	if err != nil {
		s.Fault(w, r, err)
		return
	}
	if r.Method == http.MethodGet {
		s.askPassword(w, r, http.StatusOK, user.Email, nil)
		return
	}
	if s.parse(w, r) {
		s.accept(w, r, user.Email)
	}
}

func (s *site) accept(w http.ResponseWriter, r *http.Request, email string) {
	password, err := r.PostForm.Get("password"), error(nil)
	if password != r.PostForm.Get("again") {
		err = billing.InvalidField("again", "is not the same as above")
	} else {
		_, err = s.App.AcceptInvite(r.Context(), r.PathValue("token"), password)
	}
	if refused := desk.Refusal(err); refused != nil {
		s.askPassword(w, r, desk.HTTPStatus(r.Context(), err), email, &desk.Problem{Form: "invite", Error: refused, Typed: r.PostForm})
		return
	}
	if err != nil {
		s.Fault(w, r, err)
		return
	}
	s.enter(w, r, email, password)
}

func (s *site) askPassword(w http.ResponseWriter, r *http.Request, status int, email string, problem *desk.Problem) {
	form := ui.Form{ID: "invite", Action: r.URL.Path, Submit: ui.Submit{Text: "Set password and enter"}, Fields: []ui.Piece{
		ui.Field{Name: "email", Label: "E-mail address", Value: email, Disabled: true, Complete: "username"},
		ui.Field{Name: "password", Label: "Choose a password", Type: "password", Complete: "new-password", Hint: "At least 12 characters.", Focus: true},
		ui.Field{Name: "again", Label: "The same again", Type: "password", Complete: "new-password"},
	}}
	s.door(w, r, status, ui.Page{Title: "Welcome", Sub: "You are invited. Choose a password to enter.", Body: []ui.Piece{problem.Refill(form)}})
}
