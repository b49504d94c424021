package app

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"
)

func TestPasswordHash(t *testing.T) {
	ctx := context.Background()
	hash, err := hashPassword(ctx, "some words in a row")
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("hashPassword = %q, %v", hash, err)
	}
	for password, want := range map[string]bool{"some words in a row": true, "some words in a ro": false, "": false} {
		if same, stale, err := checkPassword(ctx, hash, password); same != want || stale || err != nil {
			t.Errorf("checkPassword(%q) = %v, %v, %v", password, same, stale, err)
		}
	}
	weak := cost{memory: 8, passes: 1, threads: 1}
	sum, _ := weak.hash(ctx, "old", []byte("saltsaltsaltsalt"))
	old := fmt.Sprintf("$argon2id$v=%d$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$%s", argon2.Version, base64.RawStdEncoding.EncodeToString(sum))
	if same, stale, err := checkPassword(ctx, old, "old"); !same || !stale || err != nil {
		t.Errorf("checkPassword of an older cost = %v, %v, %v", same, stale, err)
	}
	for _, bad := range []string{"", "plain", "$argon2i$v=19$m=8,t=1,p=1$c2FsdA$c2FsdA", "$argon2id$v=19$m=8$c2FsdA$c2FsdA", "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$c2FsdA"} {
		if _, _, err := checkPassword(ctx, bad, "x"); err == nil {
			t.Errorf("checkPassword of the damaged %q has no error", bad)
		}
	}
}

func TestNewPasswords(t *testing.T) {
	for _, bad := range []string{"short", "password1234", "Password!!2026", "123456789012", "aaaaaaaaaaaa", "abcabcabcabc", "qwertyuiopas", "letmein12345", "sam@example.com", "sam.jones12345", strings.Repeat("x y", 50), "passwordpassword", "eleven char"} {
		email := "sam@example.com"
		if strings.HasPrefix(bad, "sam.jones") {
			email = "sam.jones@example.com"
		}
		if checkNewPassword("password", bad, email) == nil {
			t.Errorf("the password %q was taken", bad)
		}
	}
	for _, good := range []string{"some words in a row", "дванадесет букви", "パスワードは十二文字以上です", "samthinksoffour", newPassword(), strings.Repeat("ab c", 3) + "xyz"} {
		if err := checkNewPassword("password", good, "sam@example.com"); err != nil {
			t.Errorf("the password %q: %v", good, err)
		}
	}
}

func TestSealer(t *testing.T) {
	s, err := NewSealer([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := s.Seal(1, 2, "secret")
	again, _ := s.Seal(1, 2, "secret")
	if err != nil || strings.Contains(string(sealed), "secret") || string(sealed) == string(again) {
		t.Fatalf("Seal = %q, %v", sealed, err)
	}
	if got, err := s.Open(1, 2, sealed); got != "secret" || err != nil {
		t.Errorf("Open = %q, %v", got, err)
	}
	other, _ := NewSealer([]byte(strings.Repeat("x", 32)))
	broken := append([]byte{}, sealed...)
	broken[len(broken)-1] ^= 1
	for what, open := range map[string]func() (string, error){
		"another agency": func() (string, error) { return s.Open(2, 2, sealed) },
		"another thing":  func() (string, error) { return s.Open(1, 3, sealed) },
		"another key":    func() (string, error) { return other.Open(1, 2, sealed) },
		"a flipped bit":  func() (string, error) { return s.Open(1, 2, broken) },
		"nothing":        func() (string, error) { return s.Open(1, 2, nil) },
		"no sealer":      func() (string, error) { return Sealer{}.Open(1, 2, sealed) },
	} {
		if got, err := open(); err == nil {
			t.Errorf("Open with %s = %q", what, got)
		}
	}
	if _, err := NewSealer([]byte("short")); err == nil {
		t.Error("a short key was taken")
	}
}

func TestGatekeeper(t *testing.T) {
	now := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	var g gatekeeper
	for i := range 2000 { // a spray over many accounts from one network
		if g.knock(now, fmt.Sprint("user", i), fmt.Sprintf("[2001:db8::%x]:443", i+1)) != nil && i < freeOfAddress {
			t.Fatalf("try %d was refused", i)
		}
	}
	if g.knock(now, "somebody", "2001:db8::ffff") == nil {
		t.Error("an address that sprays is not slowed down")
	}
	if err := g.knock(now, "somebody", "192.0.2.1:80"); err != nil {
		t.Errorf("another address: %v", err)
	}
	for range 40 {
		_ = g.knock(now, "victim", "192.0.2.2")
		now = now.Add(longestWait)
	}
	if err := g.knock(now, "victim", "192.0.2.3"); err != nil {
		t.Errorf("the victim waits longer than a minute: %v", err)
	}
	for i := range mostRemembered + 10 {
		_ = g.knock(now, "x", fmt.Sprint("host", i))
		delete(g.tries, knocker{"account", "x"})
	}
	if len(g.tries) > mostRemembered+1 {
		t.Errorf("%d tries are remembered", len(g.tries))
	}
}
