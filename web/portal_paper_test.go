package web_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// Every language has its payment request on paper; the pictures of it are made by hand with pdftoppm.
func TestPaper(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	for locale, currency := range map[string]string{"en": "USD", "de": "EUR", "fr": "KWD", "es": "EUR", "pt": "JPY", "hi": "INR"} {
		zoe := w.reader(owner, locale, currency)
		zoe.paper(zoe.get("/portal").linkTo("/portal/requests/"), locale)
	}
}

// paper takes a request home, and keeps it where pictures are kept.
func (b *browser) paper(request, name string) {
	b.Helper()
	answer, err := b.client.Get(b.url(request + "/pdf").String())
	if err != nil {
		b.Fatal(err)
	}
	pdf := b.read(answer)
	if pdf.status != http.StatusOK || !bytes.HasPrefix(pdf.body, []byte("%PDF-")) || pdf.header.Get("Content-Type") != "application/pdf" || bytes.Contains(pdf.body, []byte("Minutebook")) {
		b.Errorf("%s answered %d, %s", request, pdf.status, pdf.header)
	}
	if folder := os.Getenv("MINUTEBOOK_SCREENSHOTS"); folder != "" {
		if err := os.WriteFile(filepath.Join(folder, "paper-"+name+".pdf"), pdf.body, 0o600); err != nil {
			b.Fatal(err)
		}
	}
}
