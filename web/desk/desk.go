package desk

import (
	"mime"
	"net/http"
	"strconv"
	"time"

	"minutebook/app"
	"minutebook/gate"
	"minutebook/web/lang"
	"minutebook/web/ui"
)

// Desk serves pages to people who have signed in.
type Desk struct {
	App    *app.App
	Pages  *ui.Renderer
	Secure bool // the outside comes by https: cookies say so
}

// Visit is one request of a signed-in person.
type Visit struct {
	*Desk
	W      http.ResponseWriter
	R      *http.Request
	Who    app.Actor
	User   app.User
	Token  string // of the session
	Agency app.Agency
	Brand  app.Brand      // of the agency
	Zone   *time.Location // of those who read: the agency's, in the portal the client's
	Now    time.Time
	Tongue *lang.Tongue // of those who read: the portal has several, the console is in English

	Problem *Problem // a form that was refused and is shown again
}

// Route is one page, or one act. A path with a Show is read; one with a Do is
// written to, and shows Again, with what was typed, when it is refused; one with
// a File is taken home, and so is one with a Download, however long it is.
type Route struct {
	Path  string // "/console/clients/{client}"
	Admin bool   // for owners and admins only
	Long  bool   // harmless when done twice, and too long for one transaction
	Show  func(*Visit) (ui.Page, error)
	Do    func(*Visit) (Done, error)
	Again func(*Visit) (ui.Page, error)
	File  func(*Visit) (File, error)

	Download func(*Visit) gate.Download
}

// File is what a visitor takes home.
type File struct {
	Name, Kind string // "PR-000001.pdf", "application/pdf"
	Content    []byte
}

// Pattern is the route as [http.ServeMux] knows it.
func (r Route) Pattern() string {
	if r.Do != nil {
		return "POST " + r.Path
	}
	return "GET " + r.Path
}

// Done is what an act came to: where to go, and what to say there. With a Page,
// that page is the answer itself: it shows what is never shown again.
type Done struct {
	To   string
	Says string
	Page *ui.Page
}

// Face finishes a page with what is around every page of its kind.
type Face func(*Visit, *ui.Page) error

// Serve answers the route for a visit.
func (r Route) Serve(v *Visit, face Face) {
	if r.Admin && !v.MayAdmin() {
		v.fail(face, forbidden())
		return
	}
	if r.Do != nil {
		r.act(v, face)
		return
	}
	if r.File != nil {
		r.hand(v, face)
		return
	}
	if r.Download != nil {
		if err := r.Download(v).Serve(v.W, v.R); err != nil {
			v.fail(face, err)
		}
		return
	}
	page, err := r.Show(v)
	if err != nil {
		v.fail(face, err)
		return
	}
	v.render(face, http.StatusOK, page)
}

// hand gives a file out, by its name.
func (r Route) hand(v *Visit, face Face) {
	file, err := r.File(v)
	if err != nil {
		v.fail(face, err)
		return
	}
	h := v.W.Header()
	h.Set("Content-Type", file.Kind)
	h.Set("Content-Length", strconv.Itoa(len(file.Content)))
	h.Set("Content-Disposition", mime.FormatMediaType("inline", map[string]string{"filename": file.Name}))
	if _, err := v.W.Write(file.Content); err != nil {
		v.App.Log.Debug("a file was not taken", "name", file.Name, "error", err) // the visitor went away
	}
}

func (v *Visit) render(face Face, status int, page ui.Page) {
	page.Flash, page.Lang = append(v.takeFlash(), page.Flash...), v.Tongue.Code()
	err := face(v, &page)
	if err == nil {
		err = v.Pages.Render(v.W, status, ui.PiecesOnly, page)
	}
	if err != nil {
		v.fault(err)
	}
}

// MayAdmin says whether the person may change how the agency works, and who works there.
func (v *Visit) MayAdmin() bool { return v.Who.Role == "OWNER" || v.Who.Role == "ADMIN" }
