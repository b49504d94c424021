package gate

import (
	"net/http"
	"testing"
)

// TestWhatIsKeptUnderAKey: success is kept with its effect, a refusal is remembered, and only a fault of ours leaves the
// key free for another try.
func TestWhatIsKeptUnderAKey(t *testing.T) {
	for _, tt := range []struct {
		status       int
		keep         bool // the handler asked for its effect to be kept all the same
		kept, broken bool
	}{
		{status: 0, kept: true},
		{status: 201, kept: true},
		{status: 409},
		{status: 422},
		{status: 422, keep: true, kept: true},
		{status: 500, broken: true},
		{status: 503, broken: true},
		{status: statusGone, keep: true, broken: true},
		{status: 503, keep: true, broken: true},
	} {
		a := &answer{header: http.Header{}, status: tt.status}
		if got := a.attempt(tt.keep); got.Keep != tt.kept || got.Broken != tt.broken {
			t.Errorf("status %d, keep %v: kept %v, broken %v; want %v, %v", tt.status, tt.keep, got.Keep, got.Broken, tt.kept, tt.broken)
		}
	}
}
