package provider

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"hash"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

// ErrSignature is what every refusal of Verify wraps. The rest of its text is for the log; the
// sender is told no more than that the signature does not hold.
var ErrSignature = errors.New("signature does not hold")

func unsigned(why string) error { return fmt.Errorf("%w: %s", ErrSignature, why) }

// scheme is one way to sign a body with a shared secret. The providers differ in these details
// and in nothing else.
type scheme struct {
	// header carries the digest. layout must match all of its value and names the parts:
	// "digest", and "stamp" when the time is in the same header.
	header string
	layout *regexp.Regexp
	// stampHeader carries the time of signing when it has a header of its own.
	stampHeader string

	// template lists what is signed, in order: {stamp}, {body}, or literal text.
	template []string
	hash     func() hash.Hash
	// encoding turns the digest's text into bytes, key the secret into the key.
	encoding func(string) ([]byte, error)
	key      func(string) ([]byte, error)

	// stamp reads the time of signing; nil for a scheme without one. It may be at most
	// tolerance away from now, in either direction, the limit included.
	stamp     func(string) (time.Time, error)
	tolerance time.Duration
}

func (s scheme) verify(secret string, header http.Header, body []byte, now time.Time) error {
	if secret == "" {
		return unsigned("the connection has no secret")
	}
	stamp, digest, err := s.read(header)
	if err != nil {
		return err
	}
	if err := s.fresh(stamp, now); err != nil {
		return err
	}
	sum, err := s.sum(secret, stamp, body)
	if err != nil {
		return err
	}
	if !hmac.Equal(sum, digest) {
		return unsigned("digest differs")
	}
	return nil
}

// read takes the signing time and the digest out of the headers.
func (s scheme) read(header http.Header) (stamp string, digest []byte, err error) {
	value, err := single(header, s.header)
	if err != nil {
		return "", nil, err
	}
	parts := s.layout.FindStringSubmatch(value)
	if parts == nil {
		return "", nil, unsigned(s.header + " is malformed")
	}
	digest, err = s.encoding(parts[s.layout.SubexpIndex("digest")])
	if err != nil {
		return "", nil, unsigned(s.header + " is malformed")
	}
	if i := s.layout.SubexpIndex("stamp"); i >= 0 {
		return parts[i], digest, nil
	}
	if s.stampHeader != "" {
		stamp, err = single(header, s.stampHeader)
	}
	return stamp, digest, err
}

func (s scheme) fresh(stamp string, now time.Time) error {
	if s.stamp == nil {
		return nil
	}
	at, err := s.stamp(stamp)
	if err != nil {
		return unsigned("the signing time is malformed")
	}
	if at.Sub(now).Abs() > s.tolerance {
		return unsigned("signed too long ago or too far ahead")
	}
	return nil
}

// sum signs. The body is written as it is, so a body that holds "{stamp}" is only a body.
func (s scheme) sum(secret, stamp string, body []byte) ([]byte, error) {
	key, err := s.key(secret)
	if err != nil || len(key) == 0 {
		return nil, unsigned("the connection's secret is not usable as a key")
	}
	mac := hmac.New(s.hash, key)
	for _, part := range s.template {
		switch part {
		case "{stamp}":
			mac.Write([]byte(stamp))
		case "{body}":
			mac.Write(body)
		default:
			mac.Write([]byte(part))
		}
	}
	return mac.Sum(nil), nil
}

// single wants the header exactly once: with two values, who knows which one a proxy looked at.
func single(header http.Header, name string) (string, error) {
	switch values := header.Values(name); len(values) {
	case 0:
		return "", unsigned(name + " is missing")
	case 1:
		return values[0], nil
	default:
		return "", unsigned(name + " is repeated")
	}
}

// same compares two secrets in constant time; hashing first hides the length as well.
func same(got, want string) bool {
	a, b := sha256.Sum256([]byte(got)), sha256.Sum256([]byte(want))
	return want != "" && subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

func rawKey(secret string) ([]byte, error) { return []byte(secret), nil }

var digits = regexp.MustCompile(`^[0-9]{1,15}$`)

// epoch reads seconds or milliseconds since 1970. They cannot be mistaken for each other: 1e11
// seconds lie in the year 5138, 1e11 milliseconds in 1973.
func epoch(s string) (time.Time, error) {
	if !digits.MatchString(s) {
		return time.Time{}, errors.New("not a time since 1970")
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n >= 1e11 {
		return time.UnixMilli(n), err
	}
	return time.Unix(n, 0), nil
}
