package ui

import (
	"flag"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"minutebook/web/ui/uitest"
)

var update = flag.Bool("update", false, "write the golden files anew")

func render(t *testing.T, r *Renderer, page string, v View) string {
	t.Helper()
	w := httptest.NewRecorder()
	if err := r.Render(w, 200, page, v); err != nil {
		t.Fatal(err)
	}
	return w.Body.String()
}

func newRenderer(t *testing.T, pages fstest.MapFS) *Renderer {
	t.Helper()
	r, err := New(pages)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var hash = regexp.MustCompile(`\.[0-9a-f]{16}\.`)

func TestGallery(t *testing.T) {
	t.Parallel()
	got := render(t, newRenderer(t, nil), PiecesOnly, gallery())
	uitest.Page(t, []byte(got))
	golden(t, "testdata/gallery.html", hash.ReplaceAllString(got, "."))
}

func TestPortalAndDoor(t *testing.T) {
	t.Parallel()
	r := newRenderer(t, nil)
	for _, face := range []Face{Portal, Door} {
		p := gallery()
		p.Face, p.Nav, p.Actions, p.Tabs, p.Clock = face, nil, nil, nil, ""
		p.Brand.Sheet, p.Brand.Logo, p.Brand.Icon, p.Brand.Width, p.Brand.Height = "/brand/7.css", "/brand/7.png", "/brand/7.png", 120, 40
		p.Body = []Piece{payAct(true).Form}
		got := render(t, r, PiecesOnly, p)
		uitest.Page(t, []byte(got))
		golden(t, "testdata/"+string(face)+".html", hash.ReplaceAllString(got, "."))
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// clientView is a page as web writes them: Page embedded, fields of its own.
type clientView struct {
	Page
	Client string
	Plan   Badge
}

func TestPageOfItsOwn(t *testing.T) {
	t.Parallel()
	r := newRenderer(t, fstest.MapFS{
		"_shared.html":      {Data: []byte(`{{define "hello"}}<p>Hello {{.}}</p>{{end}}`)},
		"console/one.html":  {Data: []byte(`{{card "First" .Plan (body "part" .)}}{{define "part"}}{{template "hello" .Client}}{{end}}`)},
		"console/two.html":  {Data: []byte(`{{show (body "part" .)}}{{define "part"}}two{{end}}`)},
		"console/notes.txt": {Data: []byte(`{{nothing`)},
	})
	v := clientView{Page: Page{Title: "T"}, Client: "<b>Bright</b>", Plan: Badge{Text: "Growth"}}
	got := uitest.Page(t, []byte(render(t, r, "console/one", &v)))
	if want := "First Growth Hello <b>Bright</b>"; !strings.HasSuffix(got, want) {
		t.Errorf("console/one = %q, want it to end with %q", got, want)
	}
	if got := uitest.Page(t, []byte(render(t, r, "console/two", v))); !strings.HasSuffix(got, "T two") {
		t.Errorf("console/two = %q, want its own part", got)
	}
}

func TestNewRefusesWhatIsBroken(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"an unknown piece":    `{{template "hologram" .}}`,
		"an unknown function": `{{hologram .}}`,
		"a broken action":     `{{if}}`,
		"broken markup":       `<a href="{{if .X}}'{{else}}"{{end}}>`,
	} {
		if _, err := New(fstest.MapFS{"page.html": {Data: []byte(text)}}); err == nil {
			t.Errorf("New with %s = no error", name)
		}
	}
	one := fstest.MapFS{"page.html": {Data: []byte("x")}}
	if _, err := New(one, one); err == nil {
		t.Error("New with one page twice = no error")
	}
}

func TestRenderIsAllOrNothing(t *testing.T) {
	t.Parallel()
	r := newRenderer(t, fstest.MapFS{"bad.html": {Data: []byte(`{{.Absent}}`)}, "icon.html": {Data: []byte(`{{icon "hologram"}}`)}})
	for _, page := range []string{"bad", "icon", "absent"} {
		w := httptest.NewRecorder()
		if err := r.Render(w, 200, page, Page{Title: "T"}); err == nil {
			t.Errorf("Render(%q) = no error", page)
		}
		if w.Body.Len() > 0 || len(w.Header()) > 0 {
			t.Errorf("Render(%q) wrote %d bytes and %d headers before it failed", page, w.Body.Len(), len(w.Header()))
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	if err := newRenderer(t, nil).Render(w, 422, PiecesOnly, Page{Title: "T"}); err != nil {
		t.Fatal(err)
	}
	if w.Code != 422 {
		t.Errorf("status = %d, want 422", w.Code)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
		"Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	csp := w.Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("Content-Security-Policy = %q, want %s in it", csp, want)
		}
	}
	if strings.Contains(csp, "unsafe") {
		t.Errorf("Content-Security-Policy = %q allows something unsafe", csp)
	}
}

// A long id is shown without its middle, and can be had as a whole.
func TestClip(t *testing.T) {
	t.Parallel()
	for whole, short := range map[string]string{"": "", "call-17": "call-17", "12345678901234567": "12345678901234567", "demo1795654121788801027": "demo179565…801027", strings.Repeat("ü", 18): "üüüüüüüüüü…üüüüüü"} {
		if got := Clip(whole).Short(); got != short {
			t.Errorf("%q is shown as %q, want %q", whole, got, short)
		}
	}
}
