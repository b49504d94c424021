package ui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

//go:embed ui.css ui.js logo.svg plain.svg
var assets embed.FS

// file is a static file with the name that changes with its content.
type file struct {
	name, hashed, kind, tag string
	content, packed         []byte // packed by gzip
}

var static = loadStatic()

func loadStatic() map[string]file {
	files := map[string]file{}
	for name, kind := range map[string]string{
		"ui.css":    "text/css; charset=utf-8",
		"ui.js":     "text/javascript; charset=utf-8",
		"logo.svg":  "image/svg+xml",
		"plain.svg": "image/svg+xml",
	} {
		f := loadFile(name, kind)
		files[f.name], files[f.hashed] = f, f
	}
	return files
}

// loadFile reads a file which the compiler has put there; that it is missing cannot happen.
func loadFile(name, kind string) file {
	content, err := assets.ReadFile(name)
	if err != nil {
		panic(fmt.Sprintf("reading the static file %s: %v", name, err))
	}
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:8])
	stem, ending, _ := strings.Cut(name, ".")
	return file{name, stem + "." + hash + "." + ending, kind, `"` + hash + `"`, content, packed(content)}
}

func packed(content []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // a level there is
	_, _ = w.Write(content)                               // to memory
	_ = w.Close()
	return b.Bytes()
}

// asset is the address of a static file.
func asset(name string) (string, error) {
	f, ok := static[name]
	if !ok {
		return "", fmt.Errorf("there is no static file %s", strconv.Quote(name))
	}
	return "/static/" + f.hashed, nil
}

// PlainIcon is the address of an icon that is nobody's.
func PlainIcon() string { return "/static/" + static["plain.svg"].hashed }

// Static serves the stylesheet, the script and the logo under /static/. Under
// the name with the hash a file may be kept for a year: other content has another name.
func Static() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/static/")
		f, ok := static[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", f.kind)
		h.Set("ETag", f.tag)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-cache")
		if name == f.hashed {
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		h.Set("Vary", "Accept-Encoding")
		content := f.content
		if r.Header.Get("Range") == "" && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			content = f.packed
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	})
}
