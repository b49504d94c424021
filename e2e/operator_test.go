package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOperatorsCommands(t *testing.T) {
	each(t, func(t *testing.T, p *program) {
		if out, code := p.run("version"); code != 0 || !strings.HasPrefix(out, "minutebook ") {
			t.Errorf("version = exit %d %q", code, out)
		}
		var at, of int
		if out, code := p.run("migrate"); code != 0 || scanned(out, "the schema is at version %d of %d", &at, &of) != nil || at != of || of == 0 {
			t.Errorf("migrate = exit %d %q", code, out)
		}
		if out, code := p.run("agency", "create", "--name", "A", "--owner-email", "nobody", "--json"); code != 1 || !strings.Contains(out, "owner_email") {
			t.Errorf("agency create with a bad address = exit %d %q, want 1 and the field", code, out)
		}
		p.serve()
		c := p.agency("2027-01-01T00:00:00Z")
		agency := c.must("GET", "/settings", nil).text("id")
		out, code := p.run("key", "create", "--agency", agency, "--name", "Reader", "--scopes", "read")
		key := strings.Fields(out)
		if code != 0 || len(key) != 4 {
			t.Fatalf("key create = exit %d %q", code, out)
		}
		reader := &caller{program: p, key: key[3]}
		if status, answer, err := reader.call("POST", "/clients", object{"name": "X"}); status != http.StatusForbidden || err != nil {
			t.Errorf("a write with a read key = %d %v, %v, want 403", status, answer, err)
		}
		if out, code := p.run("key", "disable", "--agency", agency, key[1]); code != 0 {
			t.Errorf("key disable = exit %d %q", code, out)
		}
		// Another process disabled it, and this one lets it in no more.
		if status, _, err := reader.call("GET", "/clients", nil); status != http.StatusUnauthorized || err != nil {
			t.Errorf("a disabled key = %d, %v, want 401", status, err)
		}
		if out, code := p.run("user", "add", "--agency", agency, "--email", "second@example.com"); code != 0 || !strings.Contains(out, "/invite/") {
			t.Errorf("user add = exit %d %q, want an invitation", code, out)
		}
		if code := p.stop(); code != 0 {
			t.Errorf("SIGTERM: exit %d, want 0\n%s", code, p.tail())
		}
	})
}

func TestSecretKeyIsMadeOnceAndPrivate(t *testing.T) {
	p := newProgram(t, "sqlite")
	p.run("migrate")
	path := filepath.Join(filepath.Dir(p.log.Name()), "secret.key")
	first, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("secret.key: %v, %v, want mode 0600", info.Mode(), err)
	}
	p.run("migrate")
	if second, _ := os.ReadFile(path); string(second) != string(first) {
		t.Error("a second start made another key")
	}
}

// scanned reads figures out of what a command said.
func scanned(out, shape string, into ...any) error {
	_, err := fmt.Sscanf(out, shape, into...)
	return err
}
