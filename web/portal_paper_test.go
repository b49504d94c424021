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
		link := zoe.get("/portal").linkTo("/portal/requests/")
		answer, err := zoe.client.Get(zoe.url(link + "/pdf").String())
		if err != nil {
			t.Fatal(err)
		}
		pdf := zoe.read(answer)
		if pdf.status != http.StatusOK || !bytes.HasPrefix(pdf.body, []byte("%PDF-")) || pdf.header.Get("Content-Type") != "application/pdf" || bytes.Contains(pdf.body, []byte("Minutebook")) {
			t.Errorf("%s answered %d, %s", link, pdf.status, pdf.header)
		}
		if folder := os.Getenv("MINUTEBOOK_SCREENSHOTS"); folder != "" {
			if err := os.WriteFile(filepath.Join(folder, "paper-"+locale+".pdf"), pdf.body, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}
