package api

import (
	"context"
	"net/http"

	"minutebook/app"
	"minutebook/billing"
)

// clockOut is a sandbox's now.
type clockOut struct {
	Now instant `json:"now"`
}

func (s *server) clock() {
	const tag = "Test clock"
	route(s, http.MethodGet, "/test-clock", words{summary: "Read the test clock", tag: tag, scope: app.ScopeRead, more: "Only a sandbox agency has one."},
		func(ctx context.Context, who app.Actor, _ *struct{}) (clockOut, error) {
			now, err := s.app.TestClock(ctx, who)
			return clockOut{instant(now)}, err
		})
	route(s, http.MethodPost, "/test-clock", words{
		summary: "Move the test clock", tag: tag, scope: app.ScopeWrite,
		more: "Forward only. Answers when everything due on the way has been done.",
	}, s.moveClock)
}

func (s *server) moveClock(ctx context.Context, who app.Actor, in *struct {
	Body struct {
		Now string `json:"now" format:"date-time"`
	}
},
) (clockOut, error) {
	to, err := readInstant("now", in.Body.Now)
	if err != nil {
		return clockOut{}, err
	}
	if to.IsZero() {
		return clockOut{}, billing.InvalidField("now", "is required")
	}
	now, err := s.app.MoveTestClock(ctx, who, to)
	return clockOut{instant(now)}, err
}
