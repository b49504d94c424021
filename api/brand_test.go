package api_test

import (
	"context"
	"encoding/base64"
	"strings"
	"testing"
)

// The agency's looks and its portal's own name, by the API.
func TestBrand(t *testing.T) {
	each(t, func(w *world) {
		c := w.agency("One")
		equal(t, "a brand nobody chose", c.want(200, "GET", "/settings/brand", nil).text("accent"), "")
		got := c.want(200, "PATCH", "/settings/brand", fields{"display_name": "One Talks", "accent": "#1F5F5B", "show_powered_by": true})
		equal(t, "accent", got.text("accent"), "#1f5f5b")
		equal(t, "code", c.want(422, "PATCH", "/settings/brand", fields{"accent": "teal"}).text("errors.0.field"), "accent")
		svg := base64.StdEncoding.EncodeToString([]byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 10"><rect width="40" height="10"/></svg>`))
		got = c.want(200, "PUT", "/settings/brand/logo", fields{"content": svg})
		equal(t, "logo", got.text("logo_type"), "image/svg+xml")
		equal(t, "code", c.want(422, "PUT", "/settings/brand/logo", fields{"content": "aGVsbG8="}).text("code"), "bad_logo")
		c.want(204, "DELETE", "/settings/brand/logo", nil)
		equal(t, "the name", c.want(200, "GET", "/settings/brand", nil).text("display_name"), "One Talks")

		claim := c.want(201, "POST", "/settings/portal-hosts", fields{"host": "Portal.One.example."})
		equal(t, "host", claim.text("host"), "portal.one.example")
		check := "/settings/portal-hosts/portal.one.example/check"
		equal(t, "code", c.want(409, "POST", check, nil).text("code"), "no_dns")
		w.app.LookupTXT = func(_ context.Context, name string) ([]string, error) {
			equal(t, "the record asked for", name, claim.text("record_name"))
			return []string{claim.text("record_value")}, nil
		}
		if c.want(200, "POST", check, nil).text("verified_at") == "" {
			t.Error("a name that was proved is not open")
		}
		equal(t, "hosts", c.want(200, "GET", "/settings/portal-hosts", nil).text("data.0.host"), "portal.one.example")
		client := c.client("Bright Dental").text("id")
		url := c.want(201, "POST", "/clients/"+client+"/users", fields{"email": "pat@example.com"}).text("invite_url")
		if want := "://portal.one.example"; !strings.Contains(url, want) {
			t.Errorf("the invitation leads to %s, want %s in it", url, want)
		}
		c.want(204, "DELETE", "/settings/portal-hosts/portal.one.example", nil)
		c.want(404, "POST", check, nil)
	})
}
