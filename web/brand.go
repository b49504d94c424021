package web

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

// pictureAlone is the policy of a logo: should somebody open it by itself, it is a picture and can do nothing.
const pictureAlone = "default-src 'none'; frame-ancestors 'none'; sandbox"

// brandFile serves an agency's stylesheet and logo. Their names change with their content, so that they may be kept; an
// old name is gone.
func (s *site) brandFile(w http.ResponseWriter, r *http.Request) {
	agency, err := billing.ParseID(r.PathValue("agency"))
	if here := at(r.Context()).agency; err != nil || here != 0 && here != agency {
		http.NotFound(w, r)
		return
	}
	kind, content, err := s.brandContent(r, agency, r.PathValue("file"))
	switch {
	case desk.Refusal(err) != nil || err == nil && content == nil:
		http.NotFound(w, r)
		return
	case err != nil:
		s.Fault(w, r, s.tongue(r), err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Security-Policy", pictureAlone)
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

// brandContent is the file of that name; nothing if it is not the agency's now.
func (s *site) brandContent(r *http.Request, agency billing.ID, file string) (kind string, content []byte, err error) {
	brand, err := s.App.Brand(r.Context(), agency)
	if err != nil {
		return "", nil, err
	}
	if strings.HasSuffix(desk.SheetURL(brand), "/"+file) {
		sheet, _ := ui.BrandSheet(brand.Accent, brand.AccentDark)
		return "text/css; charset=utf-8", []byte(sheet), nil
	}
	if brand.Logo.Type == "" || !strings.HasSuffix(desk.LogoURL(brand), "/"+file) {
		return "", nil, nil
	}
	logo, err := s.App.Logo(r.Context(), agency)
	return logo.Type, logo.Content, err
}
