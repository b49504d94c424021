package ui

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func get(name, tag string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, name, nil)
	if tag != "" {
		r.Header.Set("If-None-Match", tag)
	}
	Static().ServeHTTP(w, r)
	return w
}

func TestStatic(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"ui.css", "ui.js", "logo.svg"} {
		url, err := asset(name)
		if err != nil {
			t.Fatal(err)
		}
		w := get(url, "")
		if w.Code != 200 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("GET %s = %d, Cache-Control %q", url, w.Code, w.Header().Get("Cache-Control"))
		}
		if again := get(url, w.Header().Get("ETag")); again.Code != http.StatusNotModified {
			t.Errorf("GET %s with its tag = %d, want 304", url, again.Code)
		}
		if plain := get("/static/"+name, ""); plain.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("GET %s may be kept: %q", name, plain.Header().Get("Cache-Control"))
		}
	}
	packed := httptest.NewRequest(http.MethodGet, "/static/ui.css", nil)
	packed.Header.Set("Accept-Encoding", "br, gzip")
	w := httptest.NewRecorder()
	Static().ServeHTTP(w, packed)
	if w.Header().Get("Content-Encoding") != "gzip" || w.Header().Get("Vary") != "Accept-Encoding" || w.Body.Len() > 8_000 {
		t.Errorf("ui.css packed: %q, %d bytes", w.Header().Get("Content-Encoding"), w.Body.Len())
	}
	for _, name := range []string{"/static/", "/static/ui.go", "/static/../ui.css", "/static/ui.0000000000000000.css"} {
		if w := get(name, ""); w.Code != 404 {
			t.Errorf("GET %s = %d, want 404", name, w.Code)
		}
	}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]int{"ui.css": 25_000, "ui.js": 15_000} {
		if n := len(static[name].content); n >= limit {
			t.Errorf("%s has %d bytes, want fewer than %d", name, n, limit)
		}
	}
	if css := string(static["ui.css"].content); regexp.MustCompile(`@import|url\(|https?:`).MatchString(css) {
		t.Error("ui.css asks for something else")
	}
}

var token = regexp.MustCompile(`--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)`)

// TestContrast computes what WCAG asks for: 4.5 for words, 3 for shapes, in both themes.
func TestContrast(t *testing.T) {
	t.Parallel()
	themes := [2]map[string]string{{}, {}}
	for _, m := range token.FindAllStringSubmatch(string(static["ui.css"].content), -1) {
		themes[0][m[1]], themes[1][m[1]] = m[2], m[3]
	}
	words := [][2]string{
		{"ink", "paper"},
		{"ink", "ground"},
		{"ink", "raised"},
		{"soft", "paper"},
		{"soft", "ground"},
		{"soft", "raised"},
		{"brand", "paper"},
		{"brand", "ground"},
		{"on-brand", "brand"},
		{"good", "good-bg"},
		{"warn", "warn-bg"},
		{"bad", "bad-bg"},
		{"info", "info-bg"},
		{"bad", "paper"},
		{"good", "paper"},
		{"ink", "warn-bg"},
		{"ink", "bad-bg"},
		{"ink", "good-bg"},
		{"ink", "info-bg"},
		{"paper", "bad"},
	}
	shapes := [][2]string{{"included", "paper"}, {"wallet", "paper"}, {"billable", "paper"}, {"uncovered", "paper"}, {"amber", "paper"}, {"edge", "paper"}, {"edge", "ground"}, {"link", "paper"}, {"good", "paper"}, {"bad", "paper"}}
	for i, theme := range themes {
		for _, pair := range words {
			atLeast(t, 4.5, i, theme, pair)
		}
		for _, pair := range shapes {
			atLeast(t, 3, i, theme, pair)
		}
	}
}

func atLeast(t *testing.T, want float64, theme int, tokens map[string]string, pair [2]string) {
	t.Helper()
	if got := contrast(tokens[pair[0]], tokens[pair[1]]); got < want {
		t.Errorf("theme %d: %s on %s = %.2f, want %.1f", theme, pair[0], pair[1], got, want)
	}
}
