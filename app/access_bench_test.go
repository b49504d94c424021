package app_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"minutebook/store/storetest"
)

// BenchmarkAccess asks for clients drawn evenly, sixteen at a time or one after the other.
func BenchmarkAccess(b *testing.B) {
	for _, dialect := range storetest.Dialects {
		now := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
		c := crowded(b, storetest.Connect(b, storetest.MigratedURL(b, dialect)), &now, 1000)
		ask := func() {
			if _, err := c.a.Access(b.Context(), c.who, c.clients[rand.IntN(len(c.clients))], ""); err != nil {
				b.Error(err)
			}
		}
		b.Run(dialect+"/one", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ask()
			}
		})
		b.Run(dialect+"/sixteen", func(b *testing.B) {
			b.ReportAllocs()
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					ask()
				}
			})
		})
	}
}
