package app

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"

	"minutebook/billing"
)

// Sealer keeps the secrets of others, such as a provider's signing key, in a form that the database alone does not
// give away: AES-256-GCM, tied to the agency and the thing the secret belongs to.
type Sealer struct{ box cipher.AEAD }

// NewSealer makes a sealer from a key of 32 random bytes. Losing that key loses every sealed secret.
func NewSealer(key []byte) (Sealer, error) {
	if len(key) != 32 {
		return Sealer{}, fmt.Errorf("the key for secrets must be 32 bytes, not %d", len(key))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return Sealer{}, err
	}
	box, err := cipher.NewGCM(block)
	return Sealer{box}, err
}

const sealVersion = 1

// Seal encrypts a secret that belongs to a thing of an agency.
func (s Sealer) Seal(agency, thing billing.ID, secret string) ([]byte, error) {
	if s.box == nil {
		return nil, errors.New("sealing a secret: this program was given no key for secrets")
	}
	nonce := make([]byte, s.box.NonceSize())
	_, _ = rand.Read(nonce) // it never fails
	return s.box.Seal(append([]byte{sealVersion}, nonce...), nonce, []byte(secret), owner(agency, thing)), nil
}

// Open decrypts what Seal made for the same thing of the same agency.
func (s Sealer) Open(agency, thing billing.ID, sealed []byte) (string, error) {
	switch {
	case s.box == nil:
		return "", errors.New("opening a secret: this program was given no key for secrets")
	case len(sealed) < 1+s.box.NonceSize() || sealed[0] != sealVersion:
		return "", errors.New("opening a secret: it is not one this program sealed")
	}
	nonce, text := sealed[1:1+s.box.NonceSize()], sealed[1+s.box.NonceSize():]
	secret, err := s.box.Open(nil, nonce, text, owner(agency, thing))
	if err != nil {
		return "", fmt.Errorf("opening the secret of %d: the key for secrets is not the one it was sealed with: %w", thing, err)
	}
	return string(secret), nil
}

func owner(agency, thing billing.ID) []byte { return []byte(agency.String() + "/" + thing.String()) }
