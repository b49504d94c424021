package desk

import (
	"encoding/base64"
	"net/http"

	"minutebook/web/ui"
)

const flashCookie = "minutebook_said"

// say leaves words for the next page this browser shows.
func (v *Visit) say(words string) {
	if words == "" {
		return
	}
	v.setFlash(base64.RawURLEncoding.EncodeToString([]byte(words)), 60)
}

func (v *Visit) setFlash(value string, seconds int) {
	http.SetCookie(v.W, &http.Cookie{Name: flashCookie, Value: value, Path: "/", MaxAge: seconds, HttpOnly: true, Secure: v.Secure, SameSite: http.SameSiteLaxMode})
}

// takeFlash takes the words that were left, once.
func (v *Visit) takeFlash() []ui.Flash {
	cookie, err := v.R.Cookie(flashCookie)
	if err != nil {
		return nil
	}
	v.setFlash("", -1)
	words, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil || len(words) == 0 {
		return nil
	}
	return []ui.Flash{{Tone: ui.Good, Text: string(words)}}
}
