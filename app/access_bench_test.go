package app_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"minutebook/store/storetest"
)

// BenchmarkAccess asks for clients drawn evenly, sixteen at a time or one after the other.
func BenchmarkAccess(b *testing.B) {
	for _, dialect := range storetest.Dialects {
		now := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
		w := &ingest{url: storetest.MigratedURL(b, dialect)}
		c := crowded(b, storetest.Connect(b, w.url), &now, 1000)
		ask := func() {
			if _, err := c.a.Access(b.Context(), c.who, c.clients[rand.IntN(len(c.clients))], ""); err != nil {
				b.Error(err)
			}
		}
		for _, many := range []int{1, 16} {
			b.Run(fmt.Sprintf("%s/together=%d", dialect, many), func(b *testing.B) {
				b.ReportAllocs()
				spent := w.processorTime(b)
				var asked sync.WaitGroup
				for n := range many {
					asked.Go(func() {
						for range (b.N + n) / many {
							ask()
						}
					})
				}
				asked.Wait()
				b.ReportMetric((w.processorTime(b)-spent).Seconds()*1e6/float64(b.N), "cpu-µs/check")
			})
		}
	}
}
