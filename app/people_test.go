package app_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"minutebook/app"
)

// Two agencies whose owners have the same address: the password says which one is meant.
func TestLogin(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		for i, password := range []string{"the first one's own words", "quite another sentence"} {
			_, _, err := h.CreateUser(h.ctx, []agency{h.one, h.other}[i].owner, app.UserSpec{Email: "Both@Example.com", Role: app.Member, Password: password})
			h.ok(err)
		}
		token, who, err := h.Login(h.ctx, " BOTH@example.com", "the first one's own words", "192.0.2.1:1234")
		h.ok(err)
		if who.Agency != h.one.ID || who.May(app.ScopeAdmin) || !who.May(app.ScopeWrite) {
			t.Errorf("Login = %+v", who)
		}
		again, user, err := h.SessionActor(h.ctx, token)
		h.ok(err)
		if again.ID != who.ID || user.Email != "both@example.com" {
			t.Errorf("SessionActor = %+v, %+v", again, user)
		}
		for _, wrong := range [][2]string{{"both@example.com", "wrong"}, {"nobody@example.com", "wrong"}, {"x\x00y@example.com", "wrong"}, {"", ""}} {
			_, _, err := h.Login(h.ctx, wrong[0], wrong[1], "192.0.2.9")
			h.refused(err, "bad_login", "")
		}
		h.ok(h.Logout(h.ctx, token))
		_, _, err = h.SessionActor(h.ctx, token)
		h.refused(err, "not_logged_in", "")
	})
}

func TestSessionsEnd(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		user, _, err := h.CreateUser(h.ctx, h.one.owner, app.UserSpec{Email: "m@example.com", Role: app.Admin, Password: "some words in a row"})
		h.ok(err)
		login := func() string {
			token, _, err := h.Login(h.ctx, "m@example.com", "some words in a row", "192.0.2.1")
			h.ok(err)
			return token
		}
		idle := login()
		h.sleep(app.SessionIdle)
		_, _, err = h.SessionActor(h.ctx, idle)
		h.refused(err, "not_logged_in", "")

		busy := login()
		for range 13 {
			h.sleep(11 * time.Hour)
			_, _, err := h.SessionActor(h.ctx, busy)
			h.ok(err)
		}
		for range 3 {
			h.sleep(10 * time.Hour)
			_, _, err = h.SessionActor(h.ctx, busy)
		}
		h.refused(err, "not_logged_in", "") // a week is over
		ended, err := h.PruneLogins(h.ctx)
		if h.ok(err); ended != 2 {
			t.Errorf("Prune = %d, want 2", ended)
		}

		open := login()
		h.ok(h.DisableUser(h.ctx, h.one.owner, user.ID))
		_, _, err = h.SessionActor(h.ctx, open)
		h.refused(err, "not_logged_in", "")
		_, _, err = h.Login(h.ctx, "m@example.com", "some words in a row", "192.0.2.1")
		h.refused(err, "bad_login", "")
		h.refused(h.DisableUser(h.ctx, h.other.owner, user.ID), "not_found", "")
		h.refused(h.DisableUser(h.ctx, h.one.owner, h.one.OwnerID), "last_owner", "")
	})
}

// Guessing is slowed down, for accounts that exist and for others alike, and never for more than a minute.
func TestGuessingIsSlow(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		for _, email := range []string{"owner@example.com", "nobody@example.com"} {
			for range 5 {
				_, _, err := h.Login(h.ctx, email, "guess", "192.0.2.1")
				h.refused(err, "bad_login", "")
			}
			_, _, err := h.Login(h.ctx, email, "guess", "198.51.100.7")
			h.refused(err, "too_many_logins", "")
		}
		h.sleep(time.Minute)
		_, _, err := h.Login(h.ctx, "owner@example.com", ownerPassword+"Twin!", "203.0.113.5")
		h.ok(err)
	})
}

func TestRoles(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		admin := app.Actor{Agency: h.one.ID, Kind: app.ByUser, Role: "ADMIN", Scopes: []string{app.ScopeAdmin}}
		member := app.Actor{Agency: h.one.ID, Kind: app.ByUser, Role: "MEMBER", Scopes: []string{app.ScopeRead, app.ScopeWrite}}
		_, _, err := h.CreateUser(h.ctx, member, app.UserSpec{Email: "a@example.com", Role: app.Member})
		h.refused(err, "missing_scope", "")
		_, _, err = h.CreateUser(h.ctx, admin, app.UserSpec{Email: "a@example.com", Role: app.Owner})
		h.refused(err, "owners_only", "")
		h.refused(h.DisableUser(h.ctx, admin, h.one.OwnerID), "owners_only", "")
		_, _, err = h.CreateUser(h.ctx, admin, app.UserSpec{Email: "a@example.com", Role: app.ClientOf})
		h.refused(err, "invalid", "role")
		_, _, err = h.CreateUser(h.ctx, admin, app.UserSpec{Email: "Owner@example.com", Role: app.Member})
		h.refused(err, "email_taken", "email")
		for _, bad := range []string{"", "x", "a b@example.com", "Max <m@example.com>", "a@b\x00.example", strings.Repeat("a", 300) + "@example.com"} {
			_, _, err = h.CreateUser(h.ctx, admin, app.UserSpec{Email: bad, Role: app.Member})
			h.refused(err, "invalid", "email")
		}
	})
}

func TestPortalInvitation(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		who := h.one.owner
		_, first, err := h.InviteClientUser(h.ctx, who, h.one.client, "Pat@acme.example", "Pat")
		h.ok(err)
		_, second, err := h.InviteClientUser(h.ctx, who, h.one.client, "pat@acme.example", "Pat")
		h.ok(err)
		_, _, err = h.InviteClientUser(h.ctx, h.other.owner, h.other.client, "pat@acme.example", "Pat") // the twin's is another person
		h.ok(err)
		_, _, err = h.InviteClientUser(h.ctx, who, h.other.client, "x@acme.example", "")
		h.refused(err, "not_found", "")

		token := func(url string) string { return strings.TrimPrefix(url, "https://book.example/invite/") }
		_, err = h.AcceptInvite(h.ctx, token(first), "words enough for Pat")
		h.refused(err, "invite_gone", "") // replaced
		_, err = h.AcceptInvite(h.ctx, token(second), "short")
		h.refused(err, "invalid", "password")
		var together sync.WaitGroup
		won := make(chan error, 4)
		for i := range 4 {
			together.Go(func() {
				_, err := h.AcceptInvite(h.ctx, token(second), fmt.Sprint("words enough for Pat ", i))
				won <- err
			})
		}
		together.Wait()
		accepted := 0
		for range 4 {
			if err := <-won; err == nil {
				accepted++
			} else {
				h.refused(err, "invite_gone", "")
			}
		}
		if accepted != 1 {
			t.Errorf("an invitation was accepted %d times", accepted)
		}
		people, err := h.ClientUsers(h.ctx, who, h.one.client, app.Page{})
		h.ok(err)
		if people.Total != 1 || people.Items[0].PasswordHash == "" {
			t.Errorf("ClientUsers = %+v", people)
		}
		h.refused(h.RemoveClientUser(h.ctx, h.other.owner, h.other.client, people.Items[0].ID), "not_found", "")
		h.ok(h.RemoveClientUser(h.ctx, who, h.one.client, people.Items[0].ID))
		h.audited(who, "user.remove")
	})
}

func TestChangePassword(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		old := ownerPassword + "Twin!"
		user, _, err := h.CreateUser(h.ctx, h.one.owner, app.UserSpec{Email: "m@example.com", Role: app.Member, Password: old})
		h.ok(err)
		token, who, err := h.Login(h.ctx, user.Email, old, "192.0.2.1")
		h.ok(err)
		elsewhere, _, err := h.Login(h.ctx, user.Email, old, "192.0.2.2")
		h.ok(err)
		h.refused(h.ChangePassword(h.ctx, who, token, "wrong", "another row of words"), "invalid", "old_password")
		h.refused(h.ChangePassword(h.ctx, who, token, old, "Password12345"), "invalid", "password")
		h.ok(h.ChangePassword(h.ctx, who, token, old, "another row of words"))
		_, _, err = h.SessionActor(h.ctx, elsewhere)
		h.refused(err, "not_logged_in", "")
		_, _, err = h.SessionActor(h.ctx, token)
		h.ok(err)
		_, _, err = h.Login(h.ctx, user.Email, "another row of words", "192.0.2.1")
		h.ok(err)
	})
}
