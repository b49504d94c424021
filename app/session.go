package app

import (
	"bytes"
	"context"
	"encoding/hex"

	"minutebook/billing"
	"minutebook/store"
)

// LoginRow is somebody being logged in: who, since when, and whether it is the one who asks. ID names it, and opens nothing.
type LoginRow struct {
	store.SessionRow
	ID      string
	Current bool
}

// Logins lists who of the agency is logged in. Owners and admins see everybody, others themselves. Token is the asker's own.
func (a *App) Logins(ctx context.Context, who Actor, token string) ([]LoginRow, error) {
	user := who.ID
	if needs(who, ScopeAdmin) == nil {
		user = 0
	}
	now, mine := a.wall(), tokenHash(token)
	sessions, err := store.Sessions(ctx, a.DB.Q(ctx), who.Agency, user, now, now.Add(-SessionIdle))
	var rows []LoginRow
	for _, s := range sessions {
		rows = append(rows, LoginRow{SessionRow: s, ID: loginID(s.TokenHash), Current: bytes.Equal(s.TokenHash, mine)})
	}
	return rows, err
}

// loginID names a login by a part of its token's hash.
func loginID(hash []byte) string { return hex.EncodeToString(hash[:8]) }

// EndLogins logs out: the one that is named, or with "others" all but the asker's own. It answers how many ended.
func (a *App) EndLogins(ctx context.Context, who Actor, token, which string) (ended int, err error) {
	rows, err := a.Logins(ctx, who, token)
	if err != nil {
		return 0, err
	}
	err = a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		ended = 0
		for _, row := range rows {
			mine := row.UserID == who.ID
			if row.ID != which && (which != "others" || row.Current || !mine) {
				continue
			}
			if err := store.EndSession(ctx, q, row.TokenHash); err != nil {
				return err
			}
			if err := a.audit(ctx, q, who, a.wall(), "session.end", "user:"+row.UserID.String(), 0, "", nil, map[string]any{"email": row.Email}); err != nil {
				return err
			}
			ended++
		}
		if ended == 0 && which != "others" {
			return billing.Refuse(billing.NotFound, "not_found", "This login is over already.", "")
		}
		return nil
	})
	return ended, err
}
