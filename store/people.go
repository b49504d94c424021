package store

import (
	"context"
	"time"

	"minutebook/billing"
)

// Role is what a person may do in an agency.
type Role string

const (
	Owner    Role = "OWNER"
	Admin    Role = "ADMIN"
	Member   Role = "MEMBER"
	ClientOf Role = "CLIENT" // a person of one client: the portal
)

// User is a person of an agency or of one of its clients.
type User struct {
	Agency       billing.ID
	ID           billing.ID
	ClientID     billing.ID // 0 for people of the agency itself
	Email        string     // lower case
	Name         string
	Role         Role
	PasswordHash string // argon2id in PHC form; empty until the invitation is accepted
	InviteHash   []byte
	InviteUntil  time.Time
	DisabledAt   time.Time
	CreatedAt    time.Time
}

const userColumns = `agency_id, id, client_id, email, name, role, password_hash, invite_hash, invite_until, disabled_at, created_at`

func readUser(r Row, u *User) error {
	return r.Scan(&u.Agency, &u.ID, &u.ClientID, &u.Email, &u.Name, &u.Role, &u.PasswordHash, &u.InviteHash, &u.InviteUntil, &u.DisabledAt, &u.CreatedAt)
}

// InsertUser keeps a new person. A taken e-mail address is an ErrConflict.
func InsertUser(ctx context.Context, q Q, u User) error {
	_, err := q.Exec(ctx, `INSERT INTO users (`+userColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		u.Agency, u.ID, ref(u.ClientID), u.Email, u.Name, u.Role, u.PasswordHash, u.InviteHash, u.InviteUntil, u.DisabledAt, u.CreatedAt)
	return err
}

// UserByID finds a person of the agency; hold is empty or DB.ForUpdate.
func UserByID(ctx context.Context, q Q, agency, id billing.ID, hold string) (u User, err error) {
	err = readUser(q.QueryRow(ctx, `SELECT `+userColumns+` FROM users WHERE agency_id = $1 AND id = $2`+hold, agency, id), &u)
	return u, err
}

// UserByEmail finds a person of the agency by its address; hold is empty or DB.ForUpdate.
func UserByEmail(ctx context.Context, q Q, agency billing.ID, email, hold string) (u User, err error) {
	err = readUser(q.QueryRow(ctx, `SELECT `+userColumns+` FROM users WHERE agency_id = $1 AND email = $2`+hold, agency, email), &u)
	return u, err
}

// Users lists the people of the agency or, with a client, of that client.
func Users(ctx context.Context, q Q, agency, client billing.ID, w Window) (Part[User], error) {
	l := List(userColumns, "users", "agency_id", "id", agency)
	if client == 0 {
		l.Where("client_id IS NULL")
	} else {
		l.Where("client_id = ?", client)
	}
	return Read(ctx, q, l, w, readUser)
}

// LoginCandidates are the people with that address who have a password, in all
// agencies: whoever logs in has not said yet which one is meant. Newest first,
// at most 16.
func LoginCandidates(ctx context.Context, q Q, email string) ([]User, error) {
	return Collect(readUser)(q.Query(ctx, `SELECT `+userColumns+` FROM users
		WHERE email = $1 AND password_hash <> '' ORDER BY id DESC LIMIT 16`, email))
}

// UserByInvite finds the person an invitation is for; hold is empty or DB.ForUpdate.
func UserByInvite(ctx context.Context, q Q, inviteHash []byte, hold string) (u User, err error) {
	err = readUser(q.QueryRow(ctx, `SELECT `+userColumns+` FROM users WHERE invite_hash = $1`+hold, inviteHash), &u)
	return u, err
}

// UpdateUser keeps what may change of a person: name, password, invitation and
// whether it is disabled.
func UpdateUser(ctx context.Context, q Q, u User) error {
	_, err := q.Exec(ctx, `UPDATE users SET name = $3, password_hash = $4, invite_hash = $5, invite_until = $6, disabled_at = $7
		WHERE agency_id = $1 AND id = $2`, u.Agency, u.ID, u.Name, u.PasswordHash, u.InviteHash, u.InviteUntil, u.DisabledAt)
	return err
}

// DeleteUser forgets a person and its sessions. What it did stays in the books under its address.
func DeleteUser(ctx context.Context, q Q, agency, id billing.ID) error {
	if err := EndSessions(ctx, q, agency, id, nil); err != nil {
		return err
	}
	_, err := q.Exec(ctx, `DELETE FROM users WHERE agency_id = $1 AND id = $2`, agency, id)
	return err
}

// ActiveOwners counts the owners who can log in.
func ActiveOwners(ctx context.Context, q Q, agency billing.ID) (n int64, err error) {
	err = q.QueryRow(ctx, `SELECT COUNT(*) FROM users
		WHERE agency_id = $1 AND role = 'OWNER' AND disabled_at IS NULL AND password_hash <> ''`, agency).Scan(&n)
	return n, err
}

// Session is a login. Only the hash of its token is kept.
type Session struct {
	TokenHash []byte
	Agency    billing.ID
	UserID    billing.ID
	CreatedAt time.Time
	SeenAt    time.Time // to the minute
	ExpiresAt time.Time
}

// InsertSession keeps a new login.
func InsertSession(ctx context.Context, q Q, s Session) error {
	_, err := q.Exec(ctx, `INSERT INTO sessions (token_hash, agency_id, user_id, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		s.TokenHash, s.Agency, s.UserID, s.CreatedAt, s.SeenAt, s.ExpiresAt)
	return err
}

// SessionByToken finds a login by the hash of its token. The token names the agency.
func SessionByToken(ctx context.Context, q Q, tokenHash []byte) (s Session, err error) {
	s.TokenHash = tokenHash
	err = q.QueryRow(ctx, `SELECT agency_id, user_id, created_at, seen_at, expires_at FROM sessions WHERE token_hash = $1`, tokenHash).
		Scan(&s.Agency, &s.UserID, &s.CreatedAt, &s.SeenAt, &s.ExpiresAt)
	return s, err
}

// SeeSession notes that a login was used.
func SeeSession(ctx context.Context, q Q, tokenHash []byte, now time.Time) error {
	_, err := q.Exec(ctx, `UPDATE sessions SET seen_at = $2 WHERE token_hash = $1`, tokenHash, now)
	return err
}

// Sessions lists the logins of an agency's own people that are not over, the latest seen first; user 0 is all of them.
func Sessions(ctx context.Context, q Q, agency, user billing.ID, now, idleSince time.Time) ([]SessionRow, error) {
	only, args := "", []any{agency, now, idleSince}
	if user != 0 {
		only, args = " AND s.user_id = $4", append(args, user)
	}
	return Collect(func(r Row, s *SessionRow) error {
		return r.Scan(&s.TokenHash, &s.UserID, &s.CreatedAt, &s.SeenAt, &s.ExpiresAt, &s.Email, &s.Name)
	})(q.Query(ctx, `
		SELECT s.token_hash, s.user_id, s.created_at, s.seen_at, s.expires_at, u.email, u.name
		FROM sessions s JOIN users u ON u.agency_id = s.agency_id AND u.id = s.user_id
		WHERE s.agency_id = $1 AND u.client_id IS NULL AND s.expires_at > $2 AND s.seen_at >= $3`+only+`
		ORDER BY s.seen_at DESC, s.created_at DESC
		LIMIT 200`, args...))
}

// SessionRow is a login with whose it is.
type SessionRow struct {
	Session
	Email string
	Name  string
}

// EndSession forgets one login.
func EndSession(ctx context.Context, q Q, tokenHash []byte) error {
	_, err := q.Exec(ctx, `DELETE FROM sessions WHERE token_hash = $1`, tokenHash)
	return err
}

// EndSessions forgets the logins of a person, but the one with the hash to keep, if there is one.
func EndSessions(ctx context.Context, q Q, agency, user billing.ID, keep []byte) error {
	only, args := "", []any{agency, user}
	if keep != nil {
		only, args = " AND token_hash <> $3", append(args, keep)
	}
	_, err := q.Exec(ctx, `DELETE FROM sessions WHERE agency_id = $1 AND user_id = $2`+only, args...)
	return err
}

// PruneSessions forgets the logins that are over: past their end, or not seen since idleSince.
func PruneSessions(ctx context.Context, q Q, now, idleSince time.Time) (int64, error) {
	return q.Exec(ctx, `DELETE FROM sessions WHERE expires_at <= $1 OR seen_at < $2`, now, idleSince)
}
