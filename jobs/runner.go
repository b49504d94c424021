// Package jobs is the clock of the house: it calls the use cases that time itself brings about. A job has no input
// and no rule of its own, so running it twice, late, or in several processes at once is harmless.
package jobs

import (
	"context"
	"log/slog"
	"time"
)

// Job is one thing to be done again and again. Run answers how much it did; as long as it did something it is run
// again at once.
type Job struct {
	Name  string
	Every time.Duration
	Run   func(ctx context.Context) (done int, err error)
}

// longestRest caps the rest after failures: one client that cannot be brought forward does not make the others wait
// for long.
const longestRest = 10 * time.Second

// Run works all jobs, each in its own loop so that a slow one delays no other, until ctx ends.
func Run(ctx context.Context, log *slog.Logger, jobs ...Job) {
	ended := make(chan struct{})
	for _, job := range jobs {
		go func() {
			defer func() { ended <- struct{}{} }()
			work(ctx, log, job)
		}()
	}
	for range jobs {
		<-ended
	}
}

func work(ctx context.Context, log *slog.Logger, job Job) {
	failures := 0
	for ctx.Err() == nil {
		done, err := job.Run(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			failures++
			log.Error("job failed", "job", job.Name, "failures", failures, "error", err)
		default:
			failures = 0
		}
		if err == nil && done > 0 {
			continue
		}
		rest(ctx, backoff(job.Every, failures))
	}
}

// backoff doubles the rest after each failure, up to the longest, but never below the job's own.
func backoff(every time.Duration, failures int) time.Duration {
	return min(every<<min(failures, 10), max(every, longestRest))
}

func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
