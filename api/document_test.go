package api_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"minutebook/api"
	"minutebook/store/storetest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The document is part of what is promised: a change of it must be seen.
func TestDocumentIsGolden(t *testing.T) {
	w := newWorld(t, storetest.Open(t, "sqlite"))
	got, err := api.Document(w.app, "golden")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	const path = "testdata/openapi.json"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the document differs from %s; look at it and run go test ./api -run Golden -update", path)
	}
}

func TestDocumentHasEveryRoute(t *testing.T) {
	w := newWorld(t, storetest.Open(t, "sqlite"))
	text, err := api.Document(w.app, "test")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]struct {
			Scope     string                     `json:"x-scope"`
			Responses map[string]json.RawMessage `json:"responses"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	var documented, served []string
	for path, operations := range doc.Paths {
		for method, op := range operations {
			if strings.HasPrefix(path, api.Prefix) {
				documented = append(documented, strings.ToUpper(method)+" "+path+" "+op.Scope)
			}
			if len(op.Responses) < 5 {
				t.Errorf("%s %s documents only %d answers", method, path, len(op.Responses))
			}
		}
	}
	for _, r := range api.Routes(w.app) {
		served = append(served, r.Method+" "+r.Path+" "+r.Scope)
	}
	slices.Sort(documented)
	slices.Sort(served)
	if !slices.Equal(documented, served) {
		t.Errorf("documented %v\nserved %v", documented, served)
	}
}

func TestPagesBesideTheAPI(t *testing.T) {
	c := newWorld(t, storetest.Open(t, "sqlite")).agency("Acme")
	c.key = ""
	for path, kind := range map[string]string{"/healthz": "text/plain", "/readyz": "text/plain", "/openapi.json": "application/json", "/docs": "text/html", "/docs/style.css": "text/css", "/metrics": "text/plain"} {
		got := c.plain("GET", path)
		if got.StatusCode != 200 || !strings.HasPrefix(got.Header.Get("Content-Type"), kind) {
			t.Errorf("GET %s = %d %s, want 200 %s", path, got.StatusCode, got.Header.Get("Content-Type"), kind)
		}
	}
	page := c.plain("GET", "/docs")
	if regexp.MustCompile(`(?i)<script|style=|src="http|href="http`).Match(page.raw) {
		t.Error("the page has scripts, styles of its own or something from outside")
	}
	if csp := page.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") {
		t.Errorf("Content-Security-Policy = %q", csp)
	}
	if metrics := c.plain("GET", "/metrics"); !bytes.Contains(metrics.raw, []byte(`minutebook_http_requests_total{route="GET /docs",status="200"} 2`)) || bytes.Contains(metrics.raw, []byte(c.id)) {
		t.Errorf("metrics: %s", metrics.raw)
	}
}
