package app_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"minutebook/app"
	"minutebook/store"
)

func TestKeys(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		who, err := h.KeyActor(h.ctx, h.one.key)
		h.ok(err)
		if who.Agency != h.one.ID || who.Name != "First key" || !who.May(app.ScopeAdmin) {
			t.Errorf("KeyActor(first key) = %+v", who)
		}
		key, secret, err := h.CreateKey(h.ctx, who, "Reporter", []string{"usage:write"}, opening.Add(time.Hour))
		h.ok(err)
		entry := h.audited(h.one.owner, "key.create")
		if strings.Contains(entry.After, secret[14:]) || !strings.HasPrefix(secret, "mb_"+key.Prefix+"_") {
			t.Errorf("the audit says %s of %s", entry.After, secret)
		}
		reporter, err := h.KeyActor(h.ctx, secret)
		h.ok(err)
		if reporter.May(app.ScopeRead) || reporter.May(app.ScopeWrite) || !reporter.May(app.ScopeUsageWrite) {
			t.Errorf("a usage:write key is %+v", reporter)
		}
		_, _, err = h.CreateKey(h.ctx, reporter, "More", []string{"read"}, time.Time{})
		h.refused(err, "missing_scope", "")
		for _, bad := range []string{"", "mb_", secret[:len(secret)-1], secret + "0", strings.ToUpper(secret), "mb_" + strings.Repeat("\x00", 51), swapped(secret)} {
			_, err := h.KeyActor(h.ctx, bad)
			h.refused(err, "bad_key", "")
		}
		h.refused(h.DisableKey(h.ctx, h.other.owner, key.ID), "not_found", "")
		h.sleep(time.Hour)
		_, err = h.KeyActor(h.ctx, secret)
		h.refused(err, "bad_key", "") // past its end
		h.ok(h.DisableKey(h.ctx, h.one.owner, who.ID))
		_, err = h.KeyActor(h.ctx, h.one.key)
		h.refused(err, "bad_key", "")
		_, err = h.KeyActor(h.ctx, h.other.key)
		h.ok(err)
		keys, err := h.ListKeys(h.ctx, h.one.owner, app.Page{})
		if h.ok(err); keys.Total != 2 || keys.Items[0].LastUsedAt.IsZero() {
			t.Errorf("ListKeys = %+v", keys)
		}
	})
}

// swapped is the key with its secret's last two letters in the other order.
func swapped(key string) string {
	b := []byte(key)
	n := len(b) - 8
	b[n-1], b[n-2] = b[n-2], b[n-1]
	return string(b) + "x"
}

func TestKeyCannotMakeALongerKey(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		_, secret, err := h.CreateKey(h.ctx, h.one.owner, "Short", []string{"admin"}, opening.Add(time.Hour))
		h.ok(err)
		short, err := h.KeyActor(h.ctx, secret)
		h.ok(err)
		_, _, err = h.CreateKey(h.ctx, short, "Long", []string{"read"}, time.Time{})
		h.refused(err, "invalid", "expires_at")
		_, _, err = h.CreateKey(h.ctx, short, "Long", []string{"read"}, opening.Add(2*time.Hour))
		h.refused(err, "invalid", "expires_at")
		_, _, err = h.CreateKey(h.ctx, short, "Fits", []string{"read"}, opening.Add(time.Hour))
		h.ok(err)
		_, _, err = h.CreateKey(h.ctx, short, "Bad", []string{"root"}, opening.Add(time.Hour))
		h.refused(err, "invalid", "scopes[0]")
	})
}

// A key that was used a moment ago is not asked for again, and still ends at once when it is disabled, in an undone
// transaction not at all, and when another process has disabled it, it ends before that one answers.
func TestAKeyUsedLatelyEndsAtOnce(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		made, secret, err := h.CreateKey(h.ctx, h.one.owner, "Server", []string{"read"}, time.Time{})
		h.ok(err)
		opens := func(want bool, when string) {
			t.Helper()
			who, err := h.KeyActor(h.ctx, secret)
			if want && (err != nil || who.ID != made.ID) || !want && err == nil {
				t.Errorf("%s the key opens: %v, want %v", when, err == nil, want)
			}
		}
		opens(true, "at first")
		undo := errors.New("undone")
		err = h.DB.InTx(h.ctx, func(ctx context.Context, _ store.Q) error {
			h.ok(h.DisableKey(ctx, h.one.owner, made.ID))
			return undo
		})
		if !errors.Is(err, undo) {
			t.Fatal(err)
		}
		opens(true, "after an undone end")
		elsewhere := &app.App{DB: h.DB, Clock: h.clock, Mint: h.Mint, Log: h.Log, Wait: func(_ context.Context, d time.Duration) { h.sleep(d) }}
		h.ok(elsewhere.DisableKey(h.ctx, h.one.owner, made.ID))
		opens(false, "after its end elsewhere")
		made, secret, err = h.CreateKey(h.ctx, h.one.owner, "Next", []string{"read"}, time.Time{})
		h.ok(err)
		opens(true, "at first")
		h.ok(h.DisableKey(h.ctx, h.one.owner, made.ID))
		opens(false, "after its end")
	})
}
