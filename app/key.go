package app

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"time"

	"minutebook/billing"
	"minutebook/store"
)

// What a key, or a person, may do.
const (
	ScopeRead       = "read"
	ScopeWrite      = "write"       // everything but keys, people and settings; includes read and usage:write
	ScopeUsageWrite = "usage:write" // report usage, nothing else
	ScopeAdmin      = "admin"       // everything
)

var scopes = []string{ScopeRead, ScopeWrite, ScopeUsageWrite, ScopeAdmin}

// Key is an API key as it is shown: without its secret.
type Key = store.Key

// May says whether the actor holds a scope, by itself or within a wider one. Time itself may do everything; a portal
// user holds none.
func (w Actor) May(scope string) bool {
	held := func(s string) bool { return slices.Contains(w.Scopes, s) }
	switch {
	case w.Kind == BySystem || held(ScopeAdmin) || held(scope):
		return true
	case scope == ScopeRead || scope == ScopeUsageWrite:
		return held(ScopeWrite)
	}
	return false
}

// CreateKey makes an API key and answers with the whole key, which is shown this once. Nobody can make a key that may
// do more, or lasts longer, than itself. A zero expiry means never.
func (a *App) CreateKey(ctx context.Context, who Actor, name string, scopes []string, expires time.Time) (key Key, secret string, err error) {
	now := a.wall()
	if err := a.checkKey(ctx, who, name, scopes, expires, now); err != nil {
		return Key{}, "", err
	}
	err = a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		key, secret, err = a.insertKey(ctx, q, who, name, scopes, expires, now)
		return err
	})
	return key, secret, err
}

func (a *App) insertKey(ctx context.Context, q store.Q, who Actor, name string, scopes []string, expires, now time.Time) (Key, string, error) {
	prefix, secret := newKey()
	granted := slices.Clone(scopes)
	slices.Sort(granted)
	key := Key{
		Agency: who.Agency, ID: a.Mint(), Name: strings.TrimSpace(name), Prefix: prefix, SecretHash: keyHash(secret),
		Scopes: slices.Compact(granted), CreatedAt: now, ExpiresAt: micros(expires),
	}
	if expires.IsZero() {
		key.ExpiresAt = time.Time{}
	}
	if err := store.InsertKey(ctx, q, key); err != nil {
		return Key{}, "", err
	}
	return key, secret, a.audit(ctx, q, who, now, "key.create", "key:"+key.ID.String(), 0, "", nil, keyAudit(key))
}

func (a *App) checkKey(ctx context.Context, who Actor, name string, wanted []string, expires, now time.Time) error {
	if err := needs(who, ScopeAdmin); err != nil {
		return err
	}
	if err := billing.CheckText("name", name, 1, 100); err != nil {
		return err
	}
	if len(wanted) == 0 {
		return billing.InvalidField("scopes", "must name at least one of %s", strings.Join(scopes, ", "))
	}
	for i, scope := range wanted {
		if !slices.Contains(scopes, scope) {
			return billing.InvalidField(fmt.Sprintf("scopes[%d]", i), "must be one of %s", strings.Join(scopes, ", "))
		}
	}
	if !expires.IsZero() && !expires.After(now) {
		return billing.InvalidField("expires_at", "must lie in the future")
	}
	return a.checkOutlives(ctx, who, expires)
}

// checkOutlives refuses a key that would outlive the key that makes it.
func (a *App) checkOutlives(ctx context.Context, who Actor, expires time.Time) error {
	if who.Kind != ByKey {
		return nil
	}
	maker, err := store.KeyByID(ctx, a.DB.Q(ctx), who.Agency, who.ID, "")
	if err != nil {
		return fmt.Errorf("reading the key that makes a key: %w", err)
	}
	if end := maker.ExpiresAt; !end.IsZero() && (expires.IsZero() || expires.After(end)) {
		return billing.InvalidField("expires_at", "must not be later than the end of the key you use, %s", end.Format(time.RFC3339))
	}
	return nil
}

// ListKeys lists the agency's keys, newest first.
func (a *App) ListKeys(ctx context.Context, who Actor, p Page) (Listed[Key], error) {
	if err := needs(who, ScopeAdmin); err != nil {
		return Listed[Key]{}, err
	}
	return listed(ctx, a, who, p, func(q store.Q, w store.Window) (store.Part[Key], error) {
		return store.Keys(ctx, q, who.Agency, w)
	})
}

// DisableKey ends a key for good. When it has returned, no process lets a later request in with it: for that it waits a
// quarter of a second. Ending it twice changes nothing.
func (a *App) DisableKey(ctx context.Context, who Actor, id billing.ID) error {
	if err := needs(who, ScopeAdmin); err != nil {
		return err
	}
	now := a.wall()
	return a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		a.DB.AfterCommit(ctx, a.endKeys)
		key, err := store.KeyByID(ctx, q, who.Agency, id, a.DB.ForUpdate())
		if errors.Is(err, store.ErrMissing) {
			return notFound("key")
		}
		if err != nil || !key.DisabledAt.IsZero() {
			return err
		}
		before := keyAudit(key)
		key.DisabledAt = now
		if err := store.DisableKey(ctx, q, who.Agency, id, now); err != nil {
			return err
		}
		return a.audit(ctx, q, who, now, "key.disable", "key:"+id.String(), 0, "", before, keyAudit(key))
	})
}

// KeyActor finds who a key belongs to. A key that is unknown, wrong, disabled or past its end gets the same answer.
func (a *App) KeyActor(ctx context.Context, bearer string) (Actor, error) {
	prefix, wellFormed := keyPrefix(bearer)
	if !wellFormed {
		return Actor{}, badKey()
	}
	read, hash := a.Clock(), sha256.Sum256([]byte(bearer))
	now := read.UTC().Truncate(time.Millisecond)
	key, known, turn := a.keys.find(hash, read)
	if !known {
		var err error
		key, err = store.KeyByPrefix(ctx, a.DB.Q(ctx), prefix)
		if errors.Is(err, store.ErrMissing) {
			return Actor{}, badKey()
		}
		if err != nil {
			return Actor{}, err
		}
	}
	ended := !key.DisabledAt.IsZero() || !key.ExpiresAt.IsZero() && !now.Before(key.ExpiresAt)
	if subtle.ConstantTimeCompare(hash[:], key.SecretHash) != 1 || ended {
		return Actor{}, badKey()
	}
	who := Actor{Agency: key.Agency, Kind: ByKey, ID: key.ID, Name: key.Name, Scopes: key.Scopes}
	if now.Sub(key.LastUsedAt) >= seenEvery {
		err := a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error { return store.UseKey(ctx, q, key.Agency, key.ID, now) })
		if err != nil {
			return who, err
		}
		key.LastUsedAt, known = now, false
	}
	if !known {
		a.keys.put(hash, key, read, turn)
	}
	return who, nil
}

func badKey() error {
	return billing.Refuse(billing.NotYou, "bad_key", "The API key is missing, unknown, disabled or past its end.", "Send a key as \"Authorization: Bearer mb_…\".")
}

// needs refuses an actor without a scope.
func needs(who Actor, scope string) error {
	if who.May(scope) {
		return nil
	}
	return billing.Refuse(billing.Forbidden, "missing_scope", fmt.Sprintf("This needs the scope %q.", scope), "Use a key or a person that has it.")
}

const (
	keyPrefixSize = 10
	keySecretSize = 32 // 190 bits
)

// newKey makes a key: mb_, a public prefix, the secret and a checksum, by which a mistyped or cut key is told apart
// from a wrong one without asking the database.
func newKey() (prefix, key string) {
	prefix = strings.ToLower(randomText(keyPrefixSize))
	key = "mb_" + prefix + "_" + randomText(keySecretSize)
	return prefix, key + checksum(key)
}

// keyPrefix takes the public prefix out of a well-formed key.
func keyPrefix(key string) (string, bool) {
	const most = len("mb__") + keyPrefixSize + keySecretSize + 8
	if len(key) != most || !strings.HasPrefix(key, "mb_") || key[3+keyPrefixSize] != '_' {
		return "", false
	}
	body := key[:most-8]
	return key[3 : 3+keyPrefixSize], checksum(body) == key[most-8:] && isPlain(body[3:])
}

// isPlain says whether text is what a key, or the path of a door, is made of.
func isPlain(text string) bool {
	for _, c := range []byte(text) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return true
}

func checksum(text string) string { return fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(text))) }

func keyHash(key string) []byte {
	sum := sha256.Sum256([]byte(key))
	return sum[:]
}

// keyAudit is what the audit log says of a key.
func keyAudit(k Key) map[string]any {
	return map[string]any{"name": k.Name, "prefix": k.Prefix, "scopes": k.Scopes, "disabled": !k.DisabledAt.IsZero(), "expires_at": instant(k.ExpiresAt)}
}

// instant is an instant for the audit log: null when there is none.
func instant(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}
