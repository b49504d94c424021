package api

import (
	"context"
	"net/http"

	"minutebook/app"
	"minutebook/billing"
)

// userOut is a person of a client: the portal's user.
type userOut struct {
	ID        billing.ID `json:"id"`
	Email     string     `json:"email"`
	Name      string     `json:"name"`
	Status    string     `json:"status" enum:"INVITED,ACTIVE,DISABLED"`
	InviteURL *string    `json:"invite_url" doc:"Shown only when the invitation is made"`
	CreatedAt instant    `json:"created_at"`
}

func user(u app.User) userOut {
	out := userOut{ID: u.ID, Email: u.Email, Name: u.Name, Status: "ACTIVE", CreatedAt: instant(u.CreatedAt)}
	switch {
	case !u.DisabledAt.IsZero():
		out.Status = "DISABLED"
	case u.PasswordHash == "":
		out.Status = "INVITED"
	}
	return out
}

func (s *server) clientUsers() {
	const tag = "Portal users"
	route(s, http.MethodPost, "/clients/{id}/users", words{
		summary: "Invite a person to the portal", tag: tag, scope: app.ScopeAdmin, status: 201,
		more: "Inviting a person again who has not accepted yet replaces the invitation.",
	}, s.inviteUser)
	route(s, http.MethodGet, "/clients/{id}/users", words{summary: "List a client's people", tag: tag, scope: app.ScopeRead}, s.listUsers)
	route(s, http.MethodDelete, "/clients/{id}/users/{user_id}", words{summary: "Remove a person from the portal", tag: tag, scope: app.ScopeAdmin, status: 204}, s.removeUser)
}

func (s *server) inviteUser(ctx context.Context, who app.Actor, in *struct {
	ByClient
	Body struct {
		Email string `json:"email" minLength:"3" maxLength:"254"`
		Name  string `json:"name" required:"false" maxLength:"300"`
	}
},
) (userOut, error) {
	client, err := in.id()
	if err != nil {
		return userOut{}, err
	}
	u, url, err := s.app.InviteClientUser(ctx, who, client, in.Body.Email, in.Body.Name)
	out := user(u)
	out.InviteURL = orNull(url)
	return out, err
}

func (s *server) listUsers(ctx context.Context, who app.Actor, in *struct {
	ByClient
	Paging
},
) (list[userOut], error) {
	client, err := in.id()
	if err != nil {
		return list[userOut]{}, err
	}
	l, err := s.app.ClientUsers(ctx, who, client, in.page())
	return listed(in.Paging, l, err, user)
}

func (s *server) removeUser(ctx context.Context, who app.Actor, in *struct {
	ByClient
	UserID string    `path:"user_id" maxLength:"60"`
	Body   *struct{} `required:"false"`
},
) (none, error) {
	client, err := in.id()
	if err != nil {
		return none{}, err
	}
	id, err := pathID(in.UserID)
	if err != nil {
		return none{}, err
	}
	return none{}, s.app.RemoveClientUser(ctx, who, client, id)
}
