package app

import (
	"context"
	"errors"

	"minutebook/billing"
	"minutebook/store"
)

// InviteClientUser invites a person of a client to the portal and answers with the invitation's URL. Inviting a person
// again who has not accepted yet replaces the invitation.
func (a *App) InviteClientUser(ctx context.Context, who Actor, client billing.ID, email, name string) (user User, inviteURL string, err error) {
	fresh, err := a.newUser(ctx, who.Agency, UserSpec{Email: email, Name: name, Role: ClientOf})
	if err != nil {
		return User{}, "", err
	}
	fresh.ClientID = client
	err = a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		if err := a.clientMustExist(ctx, q, who, client); err != nil {
			return err
		}
		known, err := store.UserByEmail(ctx, q, who.Agency, fresh.Email, a.DB.ForUpdate())
		switch {
		case errors.Is(err, store.ErrMissing):
			user = fresh
			inviteURL, err = a.insertUser(ctx, q, who, &user)
			return err
		case err != nil:
			return err
		case known.ClientID != client || known.PasswordHash != "":
			return emailTaken()
		}
		user = known
		inviteURL, err = a.inviteAgain(ctx, q, who, &user)
		return err
	})
	return user, inviteURL, err
}

func (a *App) inviteAgain(ctx context.Context, q store.Q, who Actor, user *User) (url string, err error) {
	before := userAudit(*user)
	if url, err = a.invite(ctx, q, user); err != nil {
		return "", err
	}
	if err := store.UpdateUser(ctx, q, *user); err != nil {
		return "", err
	}
	return url, a.audit(ctx, q, who, a.wall(), "user.invite", "user:"+user.ID.String(), user.ClientID, "", before, userAudit(*user))
}

// ClientUsers lists the people of a client, newest first.
func (a *App) ClientUsers(ctx context.Context, who Actor, client billing.ID, p Page) (Listed[User], error) {
	if err := a.clientMustExist(ctx, a.DB.Q(ctx), who, client); err != nil {
		return Listed[User]{}, err
	}
	return listed(ctx, a, who, p, func(q store.Q, w store.Window) (store.Part[User], error) {
		return store.Users(ctx, q, who.Agency, client, w)
	})
}

// RemoveClientUser takes a person of a client out of the portal, at once.
func (a *App) RemoveClientUser(ctx context.Context, who Actor, client, id billing.ID) error {
	return a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		user, err := store.UserByID(ctx, q, who.Agency, id, a.DB.ForUpdate())
		if errors.Is(err, store.ErrMissing) || err == nil && (user.ClientID == 0 || user.ClientID != client) {
			return notFound("user")
		}
		if err != nil {
			return err
		}
		if err := store.DeleteUser(ctx, q, who.Agency, id); err != nil {
			return err
		}
		return a.audit(ctx, q, who, a.wall(), "user.remove", "user:"+id.String(), client, "", userAudit(user), nil)
	})
}

func (a *App) clientMustExist(ctx context.Context, q store.Q, who Actor, client billing.ID) error {
	exists, err := store.ClientExists(ctx, q, who.Agency, client)
	if err == nil && (!exists || hidden(who, client)) {
		return notFound("client")
	}
	return err
}
