package app

import (
	"context"
	"errors"
	"net/mail"
	"strings"
	"time"

	"minutebook/billing"
	"minutebook/store"
)

// User is a person of an agency, or of one of its clients. Doors show neither of its hashes.
type User = store.User

// Role is what a person may do.
type Role = store.Role

// The roles. A client's person sees that client's portal and nothing else.
const (
	Owner    = store.Owner
	Admin    = store.Admin
	Member   = store.Member
	ClientOf = store.ClientOf
)

// InviteLife is how long an invitation can be accepted.
const InviteLife = 7 * 24 * time.Hour

const mostEmail = 254

// UserSpec is a new person of the agency. Without a password the person is invited.
type UserSpec struct {
	Email    string
	Name     string
	Role     Role // OWNER, ADMIN or MEMBER
	Password string
}

// CreateUser adds a person to the agency's team. Without a password it answers with the URL of an invitation. Only an
// owner makes owners.
func (a *App) CreateUser(ctx context.Context, who Actor, spec UserSpec) (user User, inviteURL string, err error) {
	if err := a.mayManage(who, spec.Role); err != nil {
		return User{}, "", err
	}
	if spec.Role != Owner && spec.Role != Admin && spec.Role != Member {
		return User{}, "", billing.InvalidField("role", "must be one of OWNER, ADMIN, MEMBER")
	}
	user, err = a.newUser(ctx, who.Agency, spec)
	if err != nil {
		return User{}, "", err
	}
	err = a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		inviteURL, err = a.insertUser(ctx, q, who, &user)
		return err
	})
	return user, inviteURL, err
}

// newUser checks a person, outside any transaction because hashing takes its time.
func (a *App) newUser(ctx context.Context, agency billing.ID, spec UserSpec) (user User, err error) {
	user = User{Agency: agency, ID: a.Mint(), Name: strings.TrimSpace(spec.Name), Role: spec.Role, CreatedAt: a.wall()}
	if user.Email, err = checkEmail("email", spec.Email); err != nil {
		return User{}, err
	}
	if err := billing.CheckText("name", spec.Name, 0, billing.MaxNameLength); err != nil {
		return User{}, err
	}
	if spec.Password == "" {
		return user, nil
	}
	if err := checkNewPassword("password", spec.Password, user.Email); err != nil {
		return User{}, err
	}
	user.PasswordHash, err = hashPassword(ctx, spec.Password)
	return user, err
}

// insertUser keeps a new person and, when it has no password, invites it.
func (a *App) insertUser(ctx context.Context, q store.Q, who Actor, user *User) (inviteURL string, err error) {
	if user.PasswordHash == "" {
		if inviteURL, err = a.invite(ctx, q, user); err != nil {
			return "", err
		}
	}
	err = store.InsertUser(ctx, q, *user)
	if store.Conflicts(err, "users", "agency_id", "email") {
		return "", emailTaken()
	}
	if err != nil {
		return "", err
	}
	return inviteURL, a.audit(ctx, q, who, a.wall(), "user.create", "user:"+user.ID.String(), user.ClientID, "", nil, userAudit(*user))
}

func emailTaken() error {
	e := billing.Refuse(billing.Conflict, "email_taken", "Somebody with this e-mail address is there already.", "Use another address, or remove that person first.")
	e.Field = "email"
	return e
}

// invite gives a person a fresh invitation; the one before is dead. Clients are invited to where their portal is.
func (a *App) invite(ctx context.Context, q store.Q, user *User) (url string, err error) {
	token, hash := newToken()
	user.InviteHash, user.InviteUntil = hash, a.wall().Add(InviteLife)
	to := a.PublicURL
	if user.Role == ClientOf {
		to, err = a.portalURL(ctx, q, user.Agency)
	}
	return to + "/invite/" + token, err
}

// ListUsers lists the agency's team, newest first.
func (a *App) ListUsers(ctx context.Context, who Actor, p Page) (Listed[User], error) {
	if err := needs(who, ScopeAdmin); err != nil {
		return Listed[User]{}, err
	}
	return listed(ctx, a, who, p, func(q store.Q, w store.Window) (store.Part[User], error) {
		return store.Users(ctx, q, who.Agency, 0, w)
	})
}

// DisableUser shuts a person of the team out and ends its sessions. The last owner who can log in stays.
func (a *App) DisableUser(ctx context.Context, who Actor, id billing.ID) error {
	return a.changeUser(ctx, who, id, "user.disable", func(ctx context.Context, q store.Q, user *User) error {
		if !user.DisabledAt.IsZero() {
			return nil
		}
		if err := keepAnOwner(ctx, q, *user); err != nil {
			return err
		}
		user.DisabledAt, user.InviteHash, user.InviteUntil = a.wall(), nil, time.Time{}
		return store.EndSessions(ctx, q, who.Agency, id, nil)
	})
}

// EnableUser lets a disabled person of the team in again.
func (a *App) EnableUser(ctx context.Context, who Actor, id billing.ID) error {
	return a.changeUser(ctx, who, id, "user.enable", func(_ context.Context, _ store.Q, user *User) error {
		user.DisabledAt = time.Time{}
		return nil
	})
}

func keepAnOwner(ctx context.Context, q store.Q, user User) error {
	if user.Role != Owner || user.PasswordHash == "" {
		return nil
	}
	owners, err := store.ActiveOwners(ctx, q, user.Agency)
	if err == nil && owners <= 1 {
		return billing.Refuse(billing.Conflict, "last_owner", "This is the last owner who can log in.", "Add another owner first.")
	}
	return err
}

// changeUser changes a person of the team, held for the time.
func (a *App) changeUser(ctx context.Context, who Actor, id billing.ID, command string, change func(context.Context, store.Q, *User) error) error {
	return a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		if _, err := store.AgencyByID(ctx, q, who.Agency, a.DB.ForUpdate()); err != nil {
			return err // held, so that two owners cannot shut each other out at once
		}
		user, err := store.UserByID(ctx, q, who.Agency, id, a.DB.ForUpdate())
		if errors.Is(err, store.ErrMissing) || err == nil && user.ClientID != 0 {
			return notFound("user")
		}
		if err != nil {
			return err
		}
		if err := a.mayManage(who, user.Role); err != nil {
			return err
		}
		before := userAudit(user)
		if err := change(ctx, q, &user); err != nil {
			return err
		}
		if err := store.UpdateUser(ctx, q, user); err != nil {
			return err
		}
		return a.audit(ctx, q, who, a.wall(), command, "user:"+id.String(), 0, "", before, userAudit(user))
	})
}

// mayManage refuses who may not touch people of a role.
func (a *App) mayManage(who Actor, role Role) error {
	if err := needs(who, ScopeAdmin); err != nil {
		return err
	}
	if role == Owner && who.Kind != BySystem && who.Role != string(Owner) {
		return billing.Refuse(billing.Forbidden, "owners_only", "Only an owner may do that to an owner.", "")
	}
	return nil
}

// ChangePassword gives the person who asks a new password and ends all its sessions but the one of the token.
func (a *App) ChangePassword(ctx context.Context, who Actor, token, old, new string) error {
	user, err := store.UserByID(ctx, a.DB.Q(ctx), who.Agency, who.ID, "")
	if (who.Kind != ByUser && who.Kind != ByPortal) || errors.Is(err, store.ErrMissing) {
		return notFound("user")
	}
	if err != nil {
		return err
	}
	place := "session of " + user.ID.String()
	if err := a.doors.knock(a.wall(), user.Email, place); err != nil {
		return err
	}
	same, _, err := checkPassword(ctx, user.PasswordHash, old)
	if err == nil && !same {
		err = billing.InvalidField("old_password", "is wrong")
	}
	if err != nil {
		return err
	}
	a.doors.welcome(user.Email, place)
	return a.setPassword(ctx, who, user, new, "user.password", tokenHash(token))
}

// SetPassword gives another person a new password and ends all its sessions.
func (a *App) SetPassword(ctx context.Context, who Actor, id billing.ID, password string) error {
	user, err := store.UserByID(ctx, a.DB.Q(ctx), who.Agency, id, "")
	if errors.Is(err, store.ErrMissing) {
		return notFound("user")
	}
	if err != nil {
		return err
	}
	if err := a.mayManage(who, user.Role); err != nil {
		return err
	}
	return a.setPassword(ctx, who, user, password, "user.set_password", nil)
}

func (a *App) setPassword(ctx context.Context, who Actor, user User, password, command string, keep []byte) error {
	if err := checkNewPassword("password", password, user.Email); err != nil {
		return err
	}
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return err
	}
	return a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		current, err := store.UserByID(ctx, q, user.Agency, user.ID, a.DB.ForUpdate())
		if errors.Is(err, store.ErrMissing) || err == nil && (!current.DisabledAt.IsZero() || string(current.InviteHash) != string(user.InviteHash)) {
			return badInvite() // it changed while we were hashing
		}
		if err != nil {
			return err
		}
		current.PasswordHash, current.InviteHash, current.InviteUntil = hash, nil, time.Time{}
		if err := store.UpdateUser(ctx, q, current); err != nil {
			return err
		}
		if err := store.EndSessions(ctx, q, user.Agency, user.ID, keep); err != nil {
			return err
		}
		return a.audit(ctx, q, who, a.wall(), command, "user:"+user.ID.String(), user.ClientID, "", nil, nil)
	})
}

// Invited finds the person an invitation is for, so that its page can greet; nothing is changed.
func (a *App) Invited(ctx context.Context, token string) (User, error) {
	user, err := store.UserByInvite(ctx, a.DB.Q(ctx), tokenHash(token), "")
	if errors.Is(err, store.ErrMissing) || err == nil && (!a.wall().Before(user.InviteUntil) || !user.DisabledAt.IsZero()) {
		return User{}, badInvite()
	}
	return user, err
}

func badInvite() error {
	return billing.Refuse(billing.NotFound, "invite_gone", "This invitation was used, replaced, or is too old.", "Ask for a new one.")
}

// AcceptInvite gives an invited person its password. An invitation works once.
func (a *App) AcceptInvite(ctx context.Context, token, password string) (User, error) {
	user, err := a.Invited(ctx, token)
	if err != nil {
		return User{}, err
	}
	return user, a.setPassword(ctx, userActor(user), user, password, "user.accept", nil)
}

// checkEmail normalises an e-mail address: lower case, nothing around it.
func checkEmail(field, text string) (string, error) {
	email := strings.ToLower(strings.TrimSpace(text))
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || len(email) > mostEmail || billing.CheckText(field, email, 3, mostEmail) != nil {
		return "", billing.InvalidField(field, "must be an e-mail address such as name@example.com")
	}
	return email, nil
}

// userAudit is what the audit log says of a person.
func userAudit(u User) map[string]any {
	return map[string]any{"email": u.Email, "name": u.Name, "role": u.Role, "disabled": !u.DisabledAt.IsZero(), "invited_until": instant(u.InviteUntil)}
}
