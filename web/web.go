package web

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"time"

	"minutebook/app"
	"minutebook/gate"
	"minutebook/web/console"
	"minutebook/web/desk"
	"minutebook/web/lang"
	"minutebook/web/portal"
	"minutebook/web/ui"
)

// Options are what the pages are given from outside.
type Options struct {
	SetupToken string          // lets the first visitor set up the first agency; empty: nobody can
	Ending     <-chan struct{} // closed when the server stops: streams end then
	LookEvery  time.Duration   // how often live pages look for news; a second if 0
	Gallery    bool            // show the page of all pieces at /ui: for those who make pages
}

// NewSetupToken makes the secret that `serve` prints while there is no agency.
func NewSetupToken() string { return rand.Text() }

// site is all pages together.
type site struct {
	*desk.Desk
	options Options
	live    *live
}

// New makes the handler of all pages. A broken template is an error now.
func New(a *app.App, options Options) (http.Handler, error) {
	pages, err := ui.New()
	if err != nil {
		return nil, fmt.Errorf("reading the pages: %w", err)
	}
	if err := teach(pages); err != nil {
		return nil, err
	}
	s := &site{Desk: &desk.Desk{App: a, Pages: pages, Secure: strings.HasPrefix(a.PublicURL, "https://")}, options: options}
	s.live = newLive(a, options)
	return gate.Porter{Clock: a.Clock, Log: a.Log}.Admit(s.hosted(s.guarded(s.routes()))), nil
}

// teach lets the pieces speak every language of the portal. Figures come to them as the reader writes them.
func teach(pages *ui.Renderer) error {
	for _, code := range lang.Codes() {
		if code == ui.English.Tag {
			continue
		}
		t := lang.Of(code)
		date := func(at time.Time, minute bool) string {
			if minute {
				return t.Minute(at)
			}
			return t.Day(at)
		}
		err := pages.Speak(ui.Language{Tag: code, Words: t.PieceWords(), Number: func(text string) string { return text }, Date: date})
		if err != nil {
			return fmt.Errorf("teaching the pages: %w", err)
		}
	}
	return nil
}

func (s *site) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("GET /static/", ui.Static())
	mux.HandleFunc("GET /brand/{agency}/{file}", s.brandFile)
	for pattern, serve := range map[string]http.HandlerFunc{
		"GET /{$}":             s.front,
		"GET /setup":           s.setup,
		"POST /setup":          s.setup,
		"GET /login":           s.login,
		"POST /login":          s.login,
		"POST /logout":         s.logout,
		"GET /invite/{token}":  s.invite,
		"POST /invite/{token}": s.invite,
		"GET /console/live":    s.stream,
		"GET /portal/live":     s.stream,
		"/":                    s.nowhere,
	} {
		mux.HandleFunc(pattern, serve)
	}
	if s.options.Gallery {
		mux.HandleFunc("GET /ui", s.gallery)
	}
	for _, r := range console.Routes() {
		mux.HandleFunc(r.Pattern(), s.visited(r, console.Face, false))
	}
	for _, r := range portal.Routes() {
		mux.HandleFunc(r.Pattern(), s.visited(r, portal.Face, true))
	}
	return mux
}

// guarded refuses what another site makes a browser send, and protects every answer.
func (s *site) guarded(next http.Handler) http.Handler {
	sameOrigin := http.NewCrossOriginProtection()
	sameOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t := s.tongue(r)
		s.say(w, r, http.StatusForbidden, t.T("page.foreign"), t.T("page.foreign.why"))
	}))
	return sameOrigin.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path := r.URL.Path; len(path) > 1 && strings.HasSuffix(path, "/") && !strings.HasPrefix(path, "/static/") && r.Method == http.MethodGet {
			http.Redirect(w, r, desk.Local(strings.TrimRight(path, "/")), http.StatusPermanentRedirect)
			return
		}
		ui.Protect(w.Header())
		next.ServeHTTP(w, r)
	}))
}

// front leads to where the visitor belongs.
func (s *site) front(w http.ResponseWriter, r *http.Request) {
	who, _, in := s.session(r)
	any, err := s.App.HasAgencies(r.Context())
	switch {
	case err != nil:
		s.Fault(w, r, s.tongue(r), err)
	case !any:
		http.Redirect(w, r, "/setup", http.StatusSeeOther)
	case !in:
		http.Redirect(w, r, "/login", http.StatusSeeOther)
	default:
		http.Redirect(w, r, home(who), http.StatusSeeOther)
	}
}

// gallery shows every piece in every state, in the face that is asked for.
func (s *site) gallery(w http.ResponseWriter, r *http.Request) {
	if err := s.Pages.Render(w, http.StatusOK, ui.PiecesOnly, ui.Gallery(ui.Face(r.URL.Query().Get("face")))); err != nil {
		s.Fault(w, r, s.tongue(r), err)
	}
}

func home(who app.Actor) string {
	if who.Kind == app.ByPortal {
		return "/portal"
	}
	return "/console"
}

func (s *site) nowhere(w http.ResponseWriter, r *http.Request) {
	t := s.tongue(r)
	s.say(w, r, http.StatusNotFound, t.T("page.not_found"), t.T("page.none"))
}

// say answers with a page of a few words.
func (s *site) say(w http.ResponseWriter, r *http.Request, status int, title, text string) {
	s.door(w, r, status, ui.Page{Lang: s.tongue(r).Code(), Title: title, Body: []ui.Piece{ui.Text(text), ui.Button{Text: s.tongue(r).T("page.start"), URL: "/"}}})
}

// door shows a page to whoever stands outside.
func (s *site) door(w http.ResponseWriter, r *http.Request, status int, page ui.Page) {
	page.Face, page.Brand = ui.Door, ui.Brand{Name: "Minutebook", URL: "/"}
	if agency := at(r.Context()).agency; agency != 0 {
		brand, err := s.App.Brand(r.Context(), agency)
		if err != nil {
			s.Fault(w, r, s.tongue(r), err)
			return
		}
		page.Brand, page.Foot = desk.Branded(brand, "/"), desk.Support(brand, s.tongue(r))
	}
	if err := s.Pages.Render(w, status, ui.PiecesOnly, page); err != nil {
		s.Fault(w, r, s.tongue(r), err)
	}
}
