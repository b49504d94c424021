package app

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"minutebook/billing"
)

// cost is what one guess at a password costs.
type cost struct {
	memory  uint32 // KiB
	passes  uint32
	threads uint8
}

var today = cost{memory: 19 * 1024, passes: 2, threads: 1}

const (
	saltSize = 16
	hashSize = 32
)

// hashing bounds how many passwords are hashed at once in this process: each takes 19 MiB, whoever asks.
var hashing = make(chan struct{}, 2)

func (c cost) hash(ctx context.Context, password string, salt []byte) ([]byte, error) {
	select {
	case hashing <- struct{}{}:
		defer func() { <-hashing }()
		return argon2.IDKey([]byte(password), salt, c.passes, c.memory, c.threads, hashSize), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// hashPassword is the argon2id hash of a password in PHC form.
func hashPassword(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // it never fails
	sum, err := today.hash(ctx, password, salt)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, today.memory, today.passes, today.threads,
		b64.EncodeToString(salt), b64.EncodeToString(sum)), err
}

// checkPassword compares a password with a stored hash. Stale says that the hash was made at another cost than today's.
func checkPassword(ctx context.Context, stored, password string) (same, stale bool, err error) {
	var c cost
	var version int
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, false, fmt.Errorf("a stored password is not in argon2id's form")
	}
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &c.memory, &c.passes, &c.threads); err != nil || version != argon2.Version {
		return false, false, fmt.Errorf("a stored password has parameters %q %q: %w", parts[2], parts[3], err)
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	want, sumErr := base64.RawStdEncoding.DecodeString(parts[5])
	if saltErr != nil || sumErr != nil || len(want) != hashSize {
		return false, false, fmt.Errorf("a stored password is damaged")
	}
	got, err := c.hash(ctx, password, salt)
	return subtle.ConstantTimeCompare(got, want) == 1, c != today, err
}

// wastePassword takes as long as checkPassword, for an account that is not there.
func wastePassword(ctx context.Context, password string) error {
	_, err := today.hash(ctx, password, make([]byte, saltSize))
	return err
}

// Bounds of a password, in characters.
const (
	leastPassword = 12
	mostPassword  = 128
)

// checkNewPassword refuses what is too short, too long or among the first that would be guessed.
func checkNewPassword(field, password, email string) error {
	length := utf8.RuneCountInString(password)
	local, _, _ := strings.Cut(email, "@")
	plain := strings.ToLower(password)
	switch {
	case !utf8.ValidString(password):
		return billing.InvalidField(field, "must be valid UTF-8")
	case length < leastPassword:
		return billing.InvalidField(field, "must be at least %d characters; a few words in a row are good", leastPassword)
	case length > mostPassword:
		return billing.InvalidField(field, "must be at most %d characters", mostPassword)
	case plain == email || len(local) > 3 && strings.Trim(strings.ReplaceAll(plain, local, ""), "0123456789!.-_@") == "":
		return billing.InvalidField(field, "must not be made of the e-mail address")
	case isCommon(plain):
		return billing.InvalidField(field, "is one of the first that would be guessed; choose another")
	}
	return nil
}

// isCommon knows what people type when a form asks for twelve characters: a common word or a run of keys, repeated or
// with digits and signs around it.
func isCommon(plain string) bool {
	core := strings.Trim(plain, "0123456789!?.,-_@#$%&* ")
	if len(core) < 3 {
		return true
	}
	for size := 1; size <= len(core)/2; size++ {
		if strings.Repeat(core[:size], len(core)/size+1)[:len(core)] == core {
			core = core[:size]
			break
		}
	}
	return len(core) < 3 || slices.Contains(common, core) || isRun(core)
}

// isRun says whether text follows the alphabet or the rows of a keyboard.
func isRun(text string) bool {
	const rows = "abcdefghijklmnopqrstuvwxyz 01234567890 qwertyuiopasdfghjklzxcvbnm qwertzuiopasdfghjklyxcvbnm azertyuiopqsdfghjklmwxcvbn qazwsxedcrfvtgbyhnujmikolp 1q2w3e4r5t6y7u8i9o0p"
	return strings.Contains(rows, text)
}

// common are words that alone, repeated or with digits around them make no password.
var common = strings.Fields(`
	password passwort passw0rd p@ssword p@ssw0rd pa55word mypassword thisismypassword passwordpassword motdepasse contrasena
	changeme changethis changemeplease letmein letmeinplease welcome welcometo willkommen bienvenue administrator administrador
	admin adminadmin root rootroot superuser supervisor default secret topsecret topsecretpassword test testtest testing testpassword
	qwerty qwertz azerty qwertyqwerty asdf asdfgh asdfghjkl zxcvbnm iloveyou ilovemyfamily sunshine princess football baseball basketball superman
	batman dragon monkey master shadow michael jennifer charlie computer internet starwars trustno pokemon whatever freedom liverpool chelsea arsenal
	summer winter spring autumn january february october november december monday friday correcthorsebatterystaple
	minutebook agency agencyowner owner company demo demodemo sample example`)

// newPassword is a password for somebody who gave none: about 119 bits in letters and digits.
func newPassword() string { return randomText(20) }

// randomText is that many random letters and digits.
func randomText(n int) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	text := make([]byte, 0, n)
	for buf := make([]byte, 2*n); ; {
		_, _ = rand.Read(buf) // it never fails
		for _, b := range buf {
			if int(b) >= 256/len(letters)*len(letters) {
				continue // so that every letter is equally likely
			}
			if text = append(text, letters[int(b)%len(letters)]); len(text) == n {
				return string(text)
			}
		}
	}
}
