package store

import (
	"context"
	"strings"
	"time"

	"minutebook/billing"
)

// Key is an API key without its secret, of which only a hash is kept.
type Key struct {
	Agency     billing.ID
	ID         billing.ID
	Name       string
	Prefix     string // public; finds the key
	SecretHash []byte // SHA-256 of the whole key
	Scopes     []string
	CreatedAt  time.Time
	ExpiresAt  time.Time // zero: never
	DisabledAt time.Time
	LastUsedAt time.Time // to the minute
}

const apiKeyColumns = `agency_id, id, name, prefix, secret_hash, scopes, created_at, expires_at, disabled_at, last_used_at`

func readKey(r Row, k *Key) error {
	var scopes string
	err := r.Scan(&k.Agency, &k.ID, &k.Name, &k.Prefix, &k.SecretHash, &scopes, &k.CreatedAt, &k.ExpiresAt, &k.DisabledAt, &k.LastUsedAt)
	k.Scopes = strings.Fields(scopes)
	return err
}

// InsertKey keeps a new key. A taken prefix is an ErrConflict.
func InsertKey(ctx context.Context, q Q, k Key) error {
	_, err := q.Exec(ctx, `INSERT INTO api_keys (`+apiKeyColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		k.Agency, k.ID, k.Name, k.Prefix, k.SecretHash, strings.Join(k.Scopes, " "), k.CreatedAt, k.ExpiresAt, k.DisabledAt, k.LastUsedAt)
	return err
}

// KeyByPrefix finds a key by its public part, which names the agency.
func KeyByPrefix(ctx context.Context, q Q, prefix string) (k Key, err error) {
	err = readKey(q.QueryRow(ctx, `SELECT `+apiKeyColumns+` FROM api_keys WHERE prefix = $1`, prefix), &k)
	return k, err
}

// KeyByID finds a key of the agency; hold is empty or DB.ForUpdate.
func KeyByID(ctx context.Context, q Q, agency, id billing.ID, hold string) (k Key, err error) {
	err = readKey(q.QueryRow(ctx, `SELECT `+apiKeyColumns+` FROM api_keys WHERE agency_id = $1 AND id = $2`+hold, agency, id), &k)
	return k, err
}

// Keys lists the agency's keys.
func Keys(ctx context.Context, q Q, agency billing.ID, w Window) (Part[Key], error) {
	return Read(ctx, q, List(apiKeyColumns, "api_keys", "agency_id", "id", agency), w, readKey)
}

// DisableKey ends a key for good.
func DisableKey(ctx context.Context, q Q, agency, id billing.ID, now time.Time) error {
	_, err := q.Exec(ctx, `UPDATE api_keys SET disabled_at = $3 WHERE agency_id = $1 AND id = $2 AND disabled_at IS NULL`, agency, id, now)
	return err
}

// UseKey notes that a key was used.
func UseKey(ctx context.Context, q Q, agency, id billing.ID, now time.Time) error {
	_, err := q.Exec(ctx, `UPDATE api_keys SET last_used_at = $3 WHERE agency_id = $1 AND id = $2`, agency, id, now)
	return err
}
