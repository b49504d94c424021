package app

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"minutebook/billing"
	"minutebook/store"
)

// How long a login lasts: so long unused, and so long at all.
const (
	SessionIdle = 12 * time.Hour
	SessionLife = 7 * 24 * time.Hour
)

// seenEvery is how often the use of a session or a key is noted, at most.
const seenEvery = time.Minute

// Login lets a person in by e-mail address and password and answers with the new session's token, which only its
// browser keeps. Whether the address is unknown, the password wrong or the person disabled looks the same and takes
// the same time. An address that is known in several agencies goes where the password fits, the newest first.
func (a *App) Login(ctx context.Context, email, password, remoteAddr string) (token string, who Actor, err error) {
	return a.LoginTo(ctx, 0, email, password, remoteAddr)
}

// LoginTo is Login at the door of one agency's portal, where only people of that agency's clients are let in. Agency 0
// is the door of all.
func (a *App) LoginTo(ctx context.Context, agency billing.ID, email, password, remoteAddr string) (token string, who Actor, err error) {
	email = strings.ToLower(strings.TrimSpace(email))
	if err := a.doors.knock(a.wall(), email, remoteAddr); err != nil {
		return "", Actor{}, err
	}
	if billing.CheckText("", email, 1, mostEmail) != nil || len(password) > 4*mostPassword {
		return "", Actor{}, badLogin()
	}
	user, stale, err := a.findLogin(ctx, agency, email, password)
	if err != nil {
		return "", Actor{}, err
	}
	a.doors.welcome(email, remoteAddr)
	token, err = a.openSession(ctx, user, password, stale)
	return token, userActor(user), err
}

// findLogin finds the person with that password. It compares even where nobody can be let in.
func (a *App) findLogin(ctx context.Context, agency billing.ID, email, password string) (found store.User, stale bool, err error) {
	candidates, err := store.LoginCandidates(ctx, a.DB.Q(ctx), email)
	if err != nil {
		return store.User{}, false, err
	}
	if agency != 0 {
		candidates = slices.DeleteFunc(candidates, func(u store.User) bool { return u.Agency != agency || u.Role != ClientOf })
	}
	if len(candidates) == 0 {
		if err := wastePassword(ctx, password); err != nil {
			return store.User{}, false, err
		}
	}
	for _, u := range candidates {
		same, old, err := checkPassword(ctx, u.PasswordHash, password)
		if err != nil {
			return store.User{}, false, err
		}
		if same && u.DisabledAt.IsZero() {
			return u, old, nil
		}
	}
	return store.User{}, false, badLogin()
}

func badLogin() error {
	return billing.Refuse(billing.NotYou, "bad_login", "The e-mail address or the password is wrong.", "")
}

// openSession starts a session; a password hashed at an older cost is hashed anew.
func (a *App) openSession(ctx context.Context, user store.User, password string, stale bool) (token string, err error) {
	verified := user.PasswordHash
	if stale {
		if user.PasswordHash, err = hashPassword(ctx, password); err != nil {
			return "", err
		}
	}
	token, hash := newToken()
	now := a.wall()
	err = a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		current, err := store.UserByID(ctx, q, user.Agency, user.ID, a.DB.ForUpdate())
		if errors.Is(err, store.ErrMissing) || err == nil && (current.PasswordHash != verified || !current.DisabledAt.IsZero()) {
			return badLogin() // it changed while we were comparing
		}
		if err != nil {
			return err
		}
		if stale {
			current.PasswordHash = user.PasswordHash
			if err := store.UpdateUser(ctx, q, current); err != nil {
				return err
			}
		}
		return store.InsertSession(ctx, q, store.Session{TokenHash: hash, Agency: user.Agency, UserID: user.ID, CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(SessionLife)})
	})
	return token, err
}

// Logout ends a session. A token nobody knows is no error.
func (a *App) Logout(ctx context.Context, token string) error {
	return a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error { return store.EndSession(ctx, q, tokenHash(token)) })
}

// SessionActor finds who a session's token belongs to. Whoever was disabled, or was away too long, is nobody.
func (a *App) SessionActor(ctx context.Context, token string) (Actor, User, error) {
	now, hash := a.wall(), tokenHash(token)
	s, err := store.SessionByToken(ctx, a.DB.Q(ctx), hash)
	if errors.Is(err, store.ErrMissing) {
		return Actor{}, User{}, loggedOut()
	}
	if err != nil {
		return Actor{}, User{}, err
	}
	if !now.Before(s.ExpiresAt) || now.Sub(s.SeenAt) >= SessionIdle {
		return Actor{}, User{}, loggedOut()
	}
	user, err := store.UserByID(ctx, a.DB.Q(ctx), s.Agency, s.UserID, "")
	if errors.Is(err, store.ErrMissing) || err == nil && !user.DisabledAt.IsZero() {
		return Actor{}, User{}, loggedOut()
	}
	if err == nil && now.Sub(s.SeenAt) >= seenEvery {
		err = a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error { return store.SeeSession(ctx, q, hash, now) })
	}
	return userActor(user), user, err
}

func loggedOut() error {
	return billing.Refuse(billing.NotYou, "not_logged_in", "You are not logged in, or were away too long.", "Log in again.")
}

// PruneLogins forgets the sessions that are over.
func (a *App) PruneLogins(ctx context.Context) (ended int64, err error) {
	now := a.wall()
	err = a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		ended, err = store.PruneSessions(ctx, q, now, now.Add(-SessionIdle))
		return err
	})
	return ended, err
}

// userActor is a person as who acts.
func userActor(u store.User) Actor {
	who := Actor{Agency: u.Agency, Client: u.ClientID, Kind: ByUser, ID: u.ID, Name: u.Email, Role: string(u.Role)}
	switch u.Role {
	case store.ClientOf:
		who.Kind = ByPortal
	case store.Member:
		who.Scopes = []string{ScopeRead, ScopeWrite}
	case store.Owner, store.Admin:
		who.Scopes = []string{ScopeAdmin}
	}
	return who
}

// newToken is a fresh secret for a link or a cookie, and what the database keeps of it.
func newToken() (token string, hash []byte) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // it never fails
	token = base64.RawURLEncoding.EncodeToString(raw)
	return token, tokenHash(token)
}

func tokenHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
