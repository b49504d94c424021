package gate

import (
	"net/http"
	"path"
	"strings"
	"sync"
)

// Router is a ServeMux whose refusals are problems and to which a slash at the end of a path means nothing. The zero value
// has no routes.
type Router struct {
	known http.ServeMux // to tell a wrong path from a wrong method; it would find each route twice to serve it
	all   http.ServeMux // the same, and what is nowhere
	once  sync.Once
}

// Handle adds a route.
func (m *Router) Handle(pattern string, handler http.Handler) {
	m.once.Do(func() {
		m.all.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
			r.Pattern = ""
			refusal, _ := m.known.Handler(r)
			lost(w, r, refusal)
		})
	})
	m.known.Handle(pattern, handler)
	m.all.Handle(pattern, handler)
}

// HandleFunc adds a route.
func (m *Router) HandleFunc(pattern string, handler http.HandlerFunc) { m.Handle(pattern, handler) }

// ServeHTTP finds the route.
func (m *Router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if asked := r.URL.EscapedPath(); len(asked) > 1 && strings.HasSuffix(asked, "/") {
		url := *r.URL
		slashes := len(asked) - len(strings.TrimRight(asked, "/")) // an escaped one is part of an id
		url.Path, url.RawPath = url.Path[:len(url.Path)-slashes], strings.TrimRight(url.RawPath, "/")
		if url.Path == "" {
			url.Path = "/"
		}
		r.URL = &url
	}
	if escaped := r.URL.EscapedPath(); escaped != path.Clean(escaped) { // an empty id is no id: ServeMux would lead to another path
		NewProblem(r.Context(), http.StatusNotFound, "not_found", "There is nothing at this path.").Write(w)
		return
	}
	m.all.ServeHTTP(w, r)
}

// lost answers for a path or a method that is not there, as the mux's own refusal tells them apart.
func lost(w http.ResponseWriter, r *http.Request, refusal http.Handler) {
	said := answer{header: http.Header{}}
	refusal.ServeHTTP(&said, r)
	if said.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", said.header.Get("Allow"))
		NewProblem(r.Context(), http.StatusMethodNotAllowed, "method_not_allowed", "This path knows "+said.header.Get("Allow")+".").Write(w)
		return
	}
	NewProblem(r.Context(), http.StatusNotFound, "not_found", "There is nothing at this path.").Write(w)
}

// answer is a response that is kept instead of sent.
type answer struct {
	header http.Header
	status int
	body   []byte
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	a.body = append(a.body, b...)
	return len(b), nil
}

// send writes the kept response.
func (a *answer) send(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // whoever asked has gone
}
