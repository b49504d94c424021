package desk

import (
	"net/url"
	"strings"
	"testing"
)

// FuzzLocal: wherever a form says it leads, a browser stays on this server.
func FuzzLocal(f *testing.F) {
	for _, path := range []string{"/console/clients?q=x", "//evil.example", `/\evil.example`, "/\t/evil.example", "https://evil.example", "/.//evil.example", "/%2f/evil.example", "javascript:alert(1)", "/a?next=//evil", "\x00/"} {
		f.Add(path)
	}
	here, err := url.Parse("https://minutes.example/login")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, path string) {
		to := Local(path)
		led, err := here.Parse(to)
		if err != nil || led.Host != here.Host || led.Scheme != here.Scheme || led.User != nil {
			t.Errorf("%q leads to %q: %v, %v", path, to, led, err)
		}
		// What browsers do before they look: drop spaces and controls around it, tabs and line ends within, and read
		// a backslash as a slash.
		seen := strings.TrimFunc(to, func(r rune) bool { return r <= ' ' })
		seen = strings.ReplaceAll(strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(seen), `\`, "/")
		if !strings.HasPrefix(seen, "/") || strings.HasPrefix(seen, "//") {
			t.Errorf("%q leads to %q, which a browser reads as %q", path, to, seen)
		}
	})
}
