package store

import (
	"bytes"
	"context"
	"errors"
	"time"

	"minutebook/billing"
)

// How long a claim holds while nobody finishes it, and how long an answer is kept.
const (
	ClaimTimeout = time.Minute
	ClaimKept    = 30 * 24 * time.Hour
)

// ErrClaimLost: somebody else took the claim over, so this effect must not be kept.
var ErrClaimLost = errors.New("the claim on this idempotency key was taken over")

// Claim is somebody's wish to act once under an Idempotency-Key.
type Claim struct {
	Agency      billing.ID
	Key         string
	Fingerprint []byte     // of what is asked
	ID          billing.ID // tells this claim from every other
	At          time.Time
}

// Claimed is the answer to a claim.
type Claimed int

const (
	ClaimFresh    Claimed = iota // nobody acted yet: act, then finish
	ClaimReplay                  // it was done: give the first answer again
	ClaimMismatch                // the key was used for something else
	ClaimRunning                 // somebody is at it right now
)

// FirstAnswer is what was answered under a key.
type FirstAnswer struct {
	Status      int
	ContentType string
	Body        []byte
}

// TakeClaim claims a key, in a write transaction of its own; hold is
// DB.ForUpdate. A claim that nobody finished within ClaimTimeout is taken over, and one from further in the future than
// that too: its server's clock is wrong, and should it have died, nobody would live to see the claim run out. Who loses
// a claim keeps nothing of what it did; see FinishClaim.
func TakeClaim(ctx context.Context, q Q, c Claim, hold string) (Claimed, FirstAnswer, error) {
	rows, err := q.Exec(ctx, `INSERT INTO idempotency_keys (agency_id, key, fingerprint, claim, claimed_at, status, content_type, body)
		VALUES ($1, $2, $3, $4, $5, 0, '', $6) ON CONFLICT (agency_id, key) DO NOTHING`, c.Agency, c.Key, c.Fingerprint, c.ID, c.At, []byte{})
	if err != nil || rows == 1 {
		return ClaimFresh, FirstAnswer{}, err
	}
	var a FirstAnswer
	var fingerprint []byte
	var claimed, finished time.Time
	err = q.QueryRow(ctx, `SELECT fingerprint, claimed_at, finished_at, status, content_type, body FROM idempotency_keys
		WHERE agency_id = $1 AND key = $2`+hold, c.Agency, c.Key).Scan(&fingerprint, &claimed, &finished, &a.Status, &a.ContentType, &a.Body)
	if errors.Is(err, ErrMissing) { // given back or pruned just now: the next try finds it free
		return ClaimRunning, FirstAnswer{}, nil
	}
	switch age := c.At.Sub(claimed); {
	case err != nil:
		return 0, FirstAnswer{}, err
	case age > ClaimKept:
		return ClaimFresh, FirstAnswer{}, takeOver(ctx, q, c)
	case !bytes.Equal(fingerprint, c.Fingerprint):
		return ClaimMismatch, FirstAnswer{}, nil
	case !finished.IsZero():
		return ClaimReplay, a, nil
	case age.Abs() < ClaimTimeout:
		return ClaimRunning, FirstAnswer{}, nil
	}
	return ClaimFresh, FirstAnswer{}, takeOver(ctx, q, c)
}

func takeOver(ctx context.Context, q Q, c Claim) error {
	_, err := q.Exec(ctx, `UPDATE idempotency_keys SET fingerprint = $3, claim = $4, claimed_at = $5, finished_at = NULL, status = 0, content_type = '', body = $6
		WHERE agency_id = $1 AND key = $2`, c.Agency, c.Key, c.Fingerprint, c.ID, c.At, []byte{})
	return err
}

// FinishClaim keeps the first answer. Run in the transaction of the effect, it
// keeps both or neither: ErrClaimLost when the claim is no longer ours.
func FinishClaim(ctx context.Context, q Q, c Claim, a FirstAnswer, now time.Time) error {
	if a.Body == nil {
		a.Body = []byte{}
	}
	rows, err := q.Exec(ctx, `UPDATE idempotency_keys SET finished_at = $4, status = $5, content_type = $6, body = $7
		WHERE agency_id = $1 AND key = $2 AND claim = $3 AND finished_at IS NULL`, c.Agency, c.Key, c.ID, now, a.Status, a.ContentType, a.Body)
	if err == nil && rows != 1 {
		err = ErrClaimLost
	}
	return err
}

// GiveBackClaim forgets a claim whose effect came to nothing, so that another try may run.
func GiveBackClaim(ctx context.Context, q Q, c Claim) error {
	_, err := q.Exec(ctx, `DELETE FROM idempotency_keys WHERE agency_id = $1 AND key = $2 AND claim = $3 AND finished_at IS NULL`, c.Agency, c.Key, c.ID)
	return err
}
