package ui

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed *.html
var files embed.FS

// PiecesOnly is the page that shows nothing but the pieces in [Page.Body].
const PiecesOnly = "pieces"

// policy forbids everything a page here never needs: foreign origins, inline
// styles and scripts, being framed, and forms that post elsewhere.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// View is what a page template gets as its dot: any struct that embeds [Page].
type View interface{ Chrome() Page }

// Renderer turns views into answers. It is safe for concurrent use.
type Renderer struct {
	base    *template.Template
	sources map[string]string
	pages   map[string]map[string]*template.Template // by language and name
}

// New parses the pieces and every *.html file of the given file systems. A file
// is a page named by its path without ".html"; a file whose name starts with
// "_" is no page, its definitions are there for all pages. A template that is
// missing, defined wrongly or named twice is an error now and not at the first visit.
func New(extra ...fs.FS) (*Renderer, error) {
	base, err := pieces()
	if err != nil {
		return nil, err
	}
	sources := map[string]string{PiecesOnly: `{{range .Chrome.Body}}{{show .}}{{end}}`}
	for _, dir := range extra {
		if err := collect(dir, base, sources); err != nil {
			return nil, err
		}
	}
	r := &Renderer{base: base, sources: sources, pages: map[string]map[string]*template.Template{}}
	if err := r.Speak(English); err != nil {
		return nil, err
	}
	return r, nil
}

// pieces parses the templates of this package, with the functions every page has.
func pieces() (*template.Template, error) {
	base := template.New("ui").Option("missingkey=error")
	t, err := base.Funcs(funcs(base, English)).ParseFS(files, "*.html")
	if err != nil {
		return nil, fmt.Errorf("parsing the pieces: %w", err)
	}
	return t, nil
}

// collect reads the pages of one file system into sources and its shared
// definitions into base.
func collect(dir fs.FS, base *template.Template, sources map[string]string) error {
	return fs.WalkDir(dir, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".html" {
			return err
		}
		text, err := fs.ReadFile(dir, name)
		if err != nil {
			return fmt.Errorf("reading page %s: %w", name, err)
		}
		if strings.HasPrefix(path.Base(name), "_") {
			if _, err := base.New(name).Parse(string(text)); err != nil {
				return fmt.Errorf("parsing %s: %w", name, err)
			}
			return nil
		}
		key := strings.TrimSuffix(name, ".html")
		if _, twice := sources[key]; twice {
			return fmt.Errorf("page %q is there twice", key)
		}
		sources[key] = string(text)
		return nil
	})
}

// parsePage gives one page its own copy of the pieces, so that two pages may
// use the same name for a part.
func parsePage(base *template.Template, l Language, name, text string) (*template.Template, error) {
	t, err := base.Clone()
	if err != nil {
		return nil, fmt.Errorf("copying the pieces for page %s: %w", name, err)
	}
	if _, err := t.Funcs(funcs(t, l)).New("content").Parse(text); err != nil {
		return nil, fmt.Errorf("parsing page %s: %w", name, err)
	}
	return t, check(t, name)
}

// check makes the escaper look at every template of a page. It does so only
// when a template is first run, and run it must be before the first visitor
// does it; what the run itself says about the absent data is of no interest.
func check(t *template.Template, page string) error {
	for _, part := range t.Templates() {
		if part.Tree == nil {
			continue
		}
		var wrong *template.Error
		if err := t.ExecuteTemplate(io.Discard, part.Name(), nil); errors.As(err, &wrong) {
			return fmt.Errorf("checking page %s: %w", page, err)
		}
	}
	return nil
}

// Render answers with the page. It is rendered whole before the first byte is
// sent: on an error nothing has been written, and the caller answers otherwise.
func (r *Renderer) Render(w http.ResponseWriter, status int, page string, data View) error {
	t, ok := r.in(data.Chrome().Lang, page)
	if !ok {
		return fmt.Errorf("rendering page %q: there is no such page", page)
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, "shell", data); err != nil {
		return fmt.Errorf("rendering page %q: %w", page, err)
	}
	Protect(w.Header())
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	_, err := w.Write(b.Bytes())
	return err
}

// Protect sets the headers of every answer that shows an agency's data.
func Protect(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
}
