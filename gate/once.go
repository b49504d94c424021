package gate

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"net/http"

	"minutebook/app"
	"minutebook/billing"
)

// idempotencyKey is the request's Idempotency-Key, if it has one.
func idempotencyKey(r *http.Request) (key string, given bool, err error) {
	values := r.Header.Values("Idempotency-Key")
	if len(values) == 0 {
		return "", false, nil
	}
	key = values[0]
	if len(values) > 1 || len(key) < 1 || len(key) > 255 || !printable(key) {
		return "", false, billing.InvalidField("Idempotency-Key", "must be one value of 1 to 255 printable ASCII characters")
	}
	return key, true, nil
}

func printable(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// once runs a handler under an Idempotency-Key: its effect and its answer are kept together, and a repeat gets the
// answer again.
func (g *Guard) once(w http.ResponseWriter, r *http.Request, who app.Actor, key string, body []byte, next http.Handler) error {
	var last *answer
	first, replayed, err := g.app.Once(r.Context(), who, "key:"+key, fingerprint(r, who, body), func(ctx context.Context) app.Attempt {
		passing(ctx).keep = false
		try := r.WithContext(ctx)
		try.Body = held(body)
		last = &answer{header: http.Header{}}
		next.ServeHTTP(last, try)
		return last.attempt(passing(ctx).keep)
	})
	switch {
	case err != nil:
		return err
	case replayed:
		w.Header().Set("Idempotent-Replayed", "true")
		last = &answer{header: http.Header{"Content-Type": {first.ContentType}}, status: first.Status, body: first.Body}
	}
	last.send(w)
	return nil
}

func (a *answer) attempt(keep bool) app.Attempt {
	a.WriteHeader(http.StatusOK)
	return app.Attempt{
		Answer: app.FirstAnswer{Status: a.status, ContentType: a.header.Get("Content-Type"), Body: a.body},
		Keep:   a.status < 400 || keep && a.status < 500 && a.status != statusGone,
		Broken: a.status >= 500 || a.status == statusGone,
	}
}

// fingerprint tells a repeat of a request from another one under the same key.
func fingerprint(r *http.Request, who app.Actor, body []byte) []byte {
	h := sha256.New()
	for _, part := range [][]byte{[]byte(r.Method), []byte(r.URL.Path), []byte(r.URL.RawQuery), []byte(who.Agency.String()), body} {
		_, _ = h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part)))) // a hash never fails
		_, _ = h.Write(part)
	}
	return h.Sum(nil)
}
