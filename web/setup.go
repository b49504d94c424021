package web

import (
	"crypto/subtle"
	"net/http"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

// setup makes the first agency. Without the token that the server printed it only says where to find it; once there is
// an agency it is no page at all.
func (s *site) setup(w http.ResponseWriter, r *http.Request) {
	any, err := s.App.HasAgencies(r.Context())
	switch {
	case err != nil:
		s.Fault(w, r, s.tongue(r), err)
	case any:
		s.nowhere(w, r)
	case r.Method == http.MethodGet && !s.maySetup(r.URL.Query().Get("token")):
		s.whereIsTheToken(w, r, http.StatusOK)
	case r.Method == http.MethodGet:
		s.askSetup(w, r, http.StatusOK, nil)
	case s.parse(w, r):
		s.setUp(w, r)
	}
}

func (s *site) maySetup(token string) bool {
	return s.options.SetupToken != "" && subtle.ConstantTimeCompare([]byte(token), []byte(s.options.SetupToken)) == 1
}

func (s *site) whereIsTheToken(w http.ResponseWriter, r *http.Request, status int) {
	s.door(w, r, status, ui.Page{Title: "Set up Minutebook", Body: []ui.Piece{
		ui.Text("There is no agency yet. So that nobody else takes this server for theirs, the set-up needs the address that the server printed when it started:"),
		ui.Code{Text: s.App.PublicURL + "/setup?token=…"},
		ui.Muted("Look in the terminal or the log of `minutebook serve`. A restart prints a new one. Or make the agency there: minutebook agency create."),
	}})
}

func (s *site) setUp(w http.ResponseWriter, r *http.Request) {
	if !s.maySetup(r.PostForm.Get("token")) {
		s.whereIsTheToken(w, r, http.StatusForbidden)
		return
	}
	form := r.PostForm
	spec := app.AgencySpec{
		Name: form.Get("name"), OwnerEmail: form.Get("owner_email"), OwnerPassword: form.Get("owner_password"),
		Timezone: form.Get("timezone"), Currency: form.Get("currency"), First: true,
	}
	err := error(nil)
	if spec.OwnerPassword == "" {
		err = billing.InvalidField("owner_password", "is required")
	} else {
		_, _, err = s.App.CreateAgency(r.Context(), spec)
	}
	if refused := desk.Refusal(err); refused != nil {
		s.askSetup(w, r, desk.HTTPStatus(r.Context(), err), &desk.Problem{Form: "setup", Error: refused, Typed: form})
		return
	}
	if err != nil {
		s.Fault(w, r, s.tongue(r), err)
		return
	}
	s.enter(w, r, spec.OwnerEmail, spec.OwnerPassword)
}

// enter logs a person in who has just given itself a password.
func (s *site) enter(w http.ResponseWriter, r *http.Request, email, password string) {
	token, who, err := s.App.Login(r.Context(), email, password, address(r))
	if err != nil {
		http.Redirect(w, r, "/login", http.StatusSeeOther)
		return
	}
	s.setSession(w, token, app.SessionLife)
	http.Redirect(w, r, home(who), http.StatusSeeOther)
}

func (s *site) askSetup(w http.ResponseWriter, r *http.Request, status int, problem *desk.Problem) {
	token := r.URL.Query().Get("token")
	if problem != nil {
		token = problem.Typed.Get("token")
	}
	form := ui.Form{ID: "setup", Action: "/setup", Submit: ui.Submit{Text: "Set up the agency"}, Hidden: []ui.Pair{{Name: "token", Value: token}}, Fields: []ui.Piece{
		ui.Field{Name: "name", Label: "Agency", Hint: "Clients see this name in their portal.", Complete: "organization", Focus: true},
		ui.Fields{Items: []ui.Piece{
			ui.Field{Name: "timezone", Label: "Time zone", Value: "UTC", Hint: "Such as Europe/Berlin."},
			ui.Field{Name: "currency", Label: "Currency", Value: "USD", Hint: "Plans may use others.", MaxLength: 10},
		}},
		ui.Field{Name: "owner_email", Label: "Your e-mail address", Type: "email", Complete: "username"},
		ui.Field{Name: "owner_password", Label: "Password", Type: "password", Complete: "new-password", Hint: "At least 12 characters."},
	}}
	s.door(w, r, status, ui.Page{Title: "Set up your agency", Sub: "This makes the agency and its owner: you.", Body: []ui.Piece{problem.Refill(form)}})
}
