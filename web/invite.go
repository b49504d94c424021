package web

import (
	"context"
	"net/http"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/lang"
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
	if refused := desk.Refusal(s.tongue(r).Refusal(err)); refused != nil {
		s.say(w, r, desk.HTTPStatus(r.Context(), err), s.tongue(r).T("invite.gone"), refused.Message+" "+refused.Remedy)
		return
	}
	if err != nil {
		s.Fault(w, r, s.tongue(r), err)
		return
	}
	t, err := s.tongueOf(r.Context(), user, wished(r))
	if err != nil {
		s.Fault(w, r, s.tongue(r), err)
		return
	}
	if r.Method == http.MethodGet {
		s.askPassword(w, r, t, http.StatusOK, user.Email, nil)
		return
	}
	if s.parse(w, r) {
		s.accept(w, r, t, user.Email)
	}
}

// tongueOf is the language of an invited person: the client's, else the browser's, else the agency's.
func (s *site) tongueOf(ctx context.Context, user app.User, wished string) (*lang.Tongue, error) {
	if user.ClientID == 0 {
		return lang.Of(wished), nil
	}
	who := app.Actor{Agency: user.Agency, Client: user.ClientID, Kind: app.ByPortal}
	client, err := s.App.Client(ctx, who, user.ClientID)
	if err != nil {
		return nil, err
	}
	agency, err := s.App.Settings(ctx, who)
	return lang.Of(client.Locale, wished, agency.Locale), err
}

func (s *site) accept(w http.ResponseWriter, r *http.Request, t *lang.Tongue, email string) {
	password, err := r.PostForm.Get("password"), error(nil)
	if password != r.PostForm.Get("again") {
		err = billing.InvalidField("again", "is not the same as above")
	} else {
		_, err = s.App.AcceptInvite(r.Context(), r.PathValue("token"), password)
	}
	if refused := desk.Refusal(t.Refusal(err)); refused != nil {
		s.askPassword(w, r, t, desk.HTTPStatus(r.Context(), err), email, &desk.Problem{Form: "invite", Error: refused, Typed: r.PostForm})
		return
	}
	if err != nil {
		s.Fault(w, r, t, err)
		return
	}
	s.enter(w, r, email, password)
}

func (s *site) askPassword(w http.ResponseWriter, r *http.Request, t *lang.Tongue, status int, email string, problem *desk.Problem) {
	form := ui.Form{ID: "invite", Action: r.URL.Path, Submit: ui.Submit{Text: t.T("invite.send")}, Fields: []ui.Piece{
		ui.Field{Name: "email", Label: t.T("login.email"), Value: email, Disabled: true, Complete: "username"},
		ui.Field{Name: "password", Label: t.T("invite.password"), Type: "password", Complete: "new-password", Hint: t.T("invite.password.hint"), Focus: true},
		ui.Field{Name: "again", Label: t.T("invite.again"), Type: "password", Complete: "new-password"},
	}}
	s.door(w, r, status, ui.Page{Lang: t.Code(), Title: t.T("invite.title"), Sub: t.T("invite.sub"), Body: []ui.Piece{problem.Refill(form)}})
}
