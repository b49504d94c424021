package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"minutebook/jobs"
)

func TestRunWorksUntilNothingIsLeftThenRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
		defer stop()
		left, runs := 3, 0
		jobs.Run(ctx, slog.New(slog.DiscardHandler), jobs.Job{Name: "due", Every: time.Second, Run: func(context.Context) (int, error) {
			runs++
			if left == 0 {
				return 0, nil
			}
			left--
			return 1, nil
		}})
		if left != 0 || runs < 3+9 || runs > 3+11 {
			t.Errorf("left = %d, runs = %d; want all done at once, then a run a second", left, runs)
		}
	})
}

func TestAFailingJobBacksOffAndDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Minute)
		defer stop()
		failed, fine := 0, 0
		jobs.Run(ctx, slog.New(slog.DiscardHandler),
			jobs.Job{Name: "broken", Every: time.Second, Run: func(context.Context) (int, error) { failed++; return 0, errors.New("no") }},
			jobs.Job{Name: "fine", Every: time.Second, Run: func(context.Context) (int, error) { fine++; return 0, nil }})
		if fine < 590 {
			t.Errorf("the healthy job ran %d times in ten minutes, want about 600", fine)
		}
		if failed < 55 || failed > 70 {
			t.Errorf("the broken job ran %d times in ten minutes, want it backed off to once in ten seconds", failed)
		}
	})
}
