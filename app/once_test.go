package app_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"minutebook/app"
	"minutebook/billing"
)

// create is an act that makes a client and answers with the status, which is kept below 400 and broken from 500.
func (h *house) create(status int) func(ctx context.Context) app.Attempt {
	return func(ctx context.Context) app.Attempt {
		c, err := h.CreateClient(ctx, h.one.owner, app.ClientSpec{Name: "Once"})
		if err != nil {
			return app.Attempt{Answer: app.FirstAnswer{Status: 503}, Broken: true}
		}
		answer := app.FirstAnswer{Status: status, ContentType: "application/json", Body: []byte(c.ID.String())}
		return app.Attempt{Answer: answer, Keep: status < 400, Broken: status >= 500}
	}
}

func (h *house) made() int64 {
	h.Helper()
	list, err := h.Clients(h.ctx, h.one.owner, app.ClientFilter{Query: "once"}, app.Page{})
	h.ok(err)
	return list.Total
}

func TestOnce(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		who, print := h.one.owner, []byte("POST /clients {}")
		first, replayed, err := h.Once(h.ctx, who, "key-1", print, h.create(201))
		if h.ok(err); replayed || h.made() != 1 {
			t.Errorf("Once = %+v, %v", first, replayed)
		}
		second, replayed, err := h.Once(h.ctx, who, "key-1", print, h.create(201))
		if h.ok(err); !replayed || string(second.Body) != string(first.Body) || second.Status != 201 || h.made() != 1 {
			t.Errorf("again: %+v, %v", second, replayed)
		}
		_, _, err = h.Once(h.ctx, who, "key-1", []byte("other"), h.create(201))
		h.refused(err, "idempotency_key_reused", "")
		_, replayed, err = h.Once(h.ctx, h.other.owner, "key-1", []byte("other"), func(context.Context) app.Attempt {
			return app.Attempt{Answer: app.FirstAnswer{Status: 204}, Keep: true}
		})
		if h.ok(err); replayed {
			t.Error("the other agency was answered with our answer")
		}
	})
}

// A refusal undoes the effect; one about the request is kept, a fault or a panic leaves the key free.
func TestOnceRefused(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		who, print := h.one.owner, []byte("p")
		for status, kept := range map[int]bool{409: true, 422: true, 500: false} {
			key := "key-" + billing.ID(status).String()
			if answer, _, err := h.Once(h.ctx, who, key, print, h.create(status)); err != nil || answer.Status != status {
				t.Errorf("Once with %d = %+v, %v", status, answer, err)
			}
			if h.made() != 0 {
				t.Errorf("a refusal with %d kept its effect", status)
			}
			if answer, replayed, err := h.Once(h.ctx, who, key, print, h.create(status)); err != nil || replayed != kept || answer.Status != status {
				t.Errorf("again with %d = %+v, %v, %v", status, answer, replayed, err)
			}
		}
		func() {
			defer func() { _ = recover() }()
			_, _, _ = h.Once(h.ctx, who, "fault", print, func(context.Context) app.Attempt { panic("on fire") })
		}()
		_, replayed, err := h.Once(h.ctx, who, "fault", print, h.create(201))
		if h.ok(err); replayed || h.made() != 1 {
			t.Error("after a panic the key was not free")
		}
	})
}

func TestOnceAtOnce(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		var together sync.WaitGroup
		var acted, told atomic.Int64
		for range 8 {
			together.Go(func() {
				_, replayed, err := h.Once(h.ctx, h.one.owner, "key", []byte("p"), h.create(201))
				var refusal *billing.Error
				switch {
				case err == nil && !replayed:
					acted.Add(1)
				case err == nil, errors.As(err, &refusal) && refusal.Code == "idempotency_key_in_use":
					told.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		together.Wait()
		if acted.Load() != 1 || told.Load() != 7 || h.made() != 1 {
			t.Errorf("%d acted, %d were told, %d clients were made", acted.Load(), told.Load(), h.made())
		}
	})
}
