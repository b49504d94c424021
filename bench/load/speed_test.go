package load

import (
	"testing"
	"time"
)

// BenchmarkBody is what a call costs the generator before it is sent.
func BenchmarkBody(b *testing.B) {
	t := Traffic{Clients: someClients(10_000), Shortest: time.Second, Longest: time.Minute, Batch: 1}
	d, text := t.Dealer(0), []byte(nil)
	b.ReportAllocs()
	for b.Loop() {
		call, _ := d.Draw()
		text = t.body(text[:0], []*Call{call})
	}
}
