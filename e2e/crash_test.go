package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"
)

// TestWhatWasAcknowledgedSurvivesKill posts calls from several sides, kills the server in the middle, again and
// again, and then looks whether every acknowledged call is there, none twice, and the books hold.
func TestWhatWasAcknowledgedSurvivesKill(t *testing.T) {
	each(t, func(t *testing.T, p *program) {
		p.serve()
		c := p.agency("2027-01-01T00:00:00Z")
		client := c.started(object{"included_minutes": "5000"})
		acknowledged := map[string]bool{}
		for round := range 6 {
			var mu sync.Mutex
			var writers sync.WaitGroup
			for writer := range 4 {
				writers.Go(func() {
					for n := 0; ; n++ {
						id := fmt.Sprintf("r%d-w%d-%d", round, writer, n)
						status, _, err := c.call("POST", "/usage-events", object{"source": "t", "event_id": id, "client_id": client, "ended_at": "2027-01-01T00:00:00Z", "duration_ms": 1000})
						if err != nil {
							return // the server is gone: nobody knows about this one
						}
						if status == http.StatusCreated {
							mu.Lock()
							acknowledged[id] = true
							mu.Unlock()
						}
					}
				})
			}
			time.Sleep(time.Duration(200+rand.IntN(300)) * time.Millisecond)
			p.kill()
			writers.Wait()
			p.serve()
		}
		if len(acknowledged) < 20 {
			t.Fatalf("only %d calls were acknowledged: nothing was tested", len(acknowledged))
		}
		for id := range acknowledged {
			if status, answer, err := c.call("POST", "/usage-events", object{"source": "t", "event_id": id, "client_id": client, "ended_at": "2027-01-01T00:00:00Z", "duration_ms": 1000}); err != nil || status != http.StatusOK {
				t.Fatalf("%s was acknowledged; sent again it is %d %v, %v", id, status, answer, err)
			}
		}
		stored := c.must("GET", "/usage-events?client_id="+client, nil).text("meta.total")
		used := c.must("GET", "/usage?client_id="+client, nil).list()[0].text("included_used_ms")
		if stored+"000" != used {
			t.Errorf("%s calls of one second are stored, %s ms are used", stored, used)
		}
		t.Logf("%d acknowledged, %s stored", len(acknowledged), stored)
		if out, code := p.run("audit"); code != 0 {
			t.Errorf("audit = exit %d\n%s", code, out)
		}
	})
}
