package e2e_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// year is a client's calls of a year, a batch of them each month, under a plan that asks for none of its included minutes.
func (c *caller) year(calls int) (client string, first object) {
	c.Helper()
	client = c.started(object{"recurring_fee": "0.00", "included_minutes": "100000"})
	for month := 1; month <= 12; month++ {
		c.clock(fmt.Sprintf("2027-%02d-15T00:00:00Z", month))
		var events []object
		for i := range calls {
			events = append(events, object{"source": "test", "event_id": fmt.Sprintf("%s-%d-%d", client, month, i), "client_id": client, "ended_at": fmt.Sprintf("2027-%02d-14T12:00:00Z", month), "duration_ms": 60_000 + i})
		}
		if month == 1 {
			first = events[0]
		}
		if n := c.must("POST", "/usage-events/batch", object{"events": events}).text("meta.accepted"); n != fmt.Sprint(calls) {
			c.Fatalf("%s calls of month %d were accepted, want %d", n, month, calls)
		}
	}
	c.clock("2028-01-15T00:00:00Z")
	return client, first
}

// figures are what is told of the agency's usage.
func (c *caller) figures() string {
	c.Helper()
	var told strings.Builder
	for _, path := range []string{"/usage", "/usage/days?from=2027-01-01&to=2027-12-31", "/reports/minutes?from=2027-01&to=2027-12", "/payment-requests"} {
		text, err := json.Marshal(c.must("GET", path, nil))
		if err != nil {
			c.Fatal(err)
		}
		fmt.Fprintf(&told, "%s: %s\n", path, text)
	}
	fmt.Fprintln(&told, c.must("GET", "/usage-events?page_size=1", nil).text("meta.total"))
	return told.String()
}

// The archive's command is killed again and again while a server runs: nothing is lost or doubled, and it comes to its end.
func TestArchiveIsKilledAndGoesOn(t *testing.T) {
	each(t, func(t *testing.T, p *program) {
		folder := filepath.Join(filepath.Dir(p.log.Name()), "archive")
		if p.onPostgres() {
			if out, code := p.run("archive", "--older-than-months", "1"); code != 1 || !strings.Contains(out, "--archive-dir") {
				t.Errorf("archive without a folder = exit %d %q", code, out)
			}
			p.env = append(p.env, "MINUTEBOOK_ARCHIVE_DIR="+folder)
		}
		p.serve()
		c := p.agency("2027-01-01T00:00:00Z")
		_, first := c.year(120)
		p.kill()
		p.serve() // it has met none of the calls, and no archive
		before := c.figures()
		killed := 0
		for round := range 12 {
			command := exec.Command(binary, "archive", "--older-than-months", "1")
			command.Env = p.env
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(rand.IntN(20*(round+1))) * time.Millisecond)
			_ = command.Process.Kill()
			_ = command.Wait()
			if !command.ProcessState.Exited() {
				killed++
			}
			p.clean()
		}
		if out, code := p.run("archive", "--older-than-months", "1"); code != 0 {
			t.Errorf("archive = exit %d\n%s", code, out)
		}
		p.clean()
		if after := c.figures(); after != before {
			t.Errorf("before:\n%s\nafter:\n%s", before, after)
		}
		if left := len(c.must("GET", "/usage-events?page_size=100&from=2027-12-01T00:00:00Z", nil).list()); left != 100 || killed == 0 {
			t.Errorf("%d calls of the last month are listed, %d commands were killed", left, killed)
		}
		agency := c.must("GET", "/settings", nil).text("id")
		c.archivedCall(first, folder, agency)
		for month := 1; month <= 11; month++ {
			if out, code := p.run("archive", "restore", "--agency", agency, "--month", fmt.Sprintf("2027-%02d", month)); code != 0 || !strings.Contains(out, "are back") {
				t.Errorf("archive restore = exit %d\n%s", code, out)
			}
		}
		p.clean()
		if after := c.figures(); after != before {
			t.Errorf("before:\n%s\nput back:\n%s", before, after)
		}
		id := c.must("POST", "/usage-events", first).text("id")
		if status := c.must("POST", "/usage-events/"+id+"/void", object{"reason": "it is back"}).text("status"); status != "VOIDED" {
			t.Errorf("a call that was put back is %s, want VOIDED", status)
		}
		p.clean()
	})
}

// archivedCall asks for an archived call in every way, with its file there and without.
func (c *caller) archivedCall(first object, folder, agency string) {
	c.Helper()
	again := c.must("POST", "/usage-events", first)
	id := again.text("id")
	if again.text("duplicate") != "true" || again.text("archived") != "true" || again.text("duration_ms") != "60000" {
		c.Errorf("a repeat of an archived call = %v", again)
	}
	if one := c.must("GET", "/usage-events/"+id, nil); one.text("archived") != "true" || one.text("included_ms") != "60000" || one.text("client_name") != "Bright Dental" {
		c.Errorf("an archived call = %v", one)
	}
	longer := object{}
	for k, v := range first {
		longer[k] = v
	}
	longer["duration_ms"] = 61_000
	if status, answer, err := c.call("POST", "/usage-events", longer); status != http.StatusConflict || answer.text("code") != "event_conflict" || answer.text("stored.id") != id {
		c.Errorf("another length = %d %v, %v", status, answer, err)
	}
	if status, answer, err := c.call("POST", "/usage-events/"+id+"/void", object{"reason": "x"}); status != http.StatusConflict || answer.text("code") != "archived" || !strings.Contains(answer.text("detail"), "--agency "+agency+" --month 2027-01") {
		c.Errorf("voiding an archived call = %d %v, %v", status, answer, err)
	}
	files, err := filepath.Glob(filepath.Join(folder, agency, "2027-01-*.ndjson.gz"))
	if err != nil || len(files) == 0 {
		c.Fatalf("files of January below %s: %v, %v", folder, files, err)
	}
	for _, file := range files {
		if err := os.Rename(file, file+".away"); err != nil {
			c.Fatal(err)
		}
	}
	if status, answer, err := c.call("GET", "/usage-events/"+id, nil); status != http.StatusConflict || answer.text("code") != "archived" || !strings.Contains(answer.text("detail"), "2027-01-") {
		c.Errorf("an archived call without its file = %d %v, %v", status, answer, err)
	}
	if again := c.must("POST", "/usage-events", first); again.text("duplicate") != "true" || again.text("id") != id {
		c.Errorf("a repeat of it without its file = %v", again)
	}
	if out, code := c.run("audit"); code != 1 || !strings.Contains(out, "2027-01-") || !strings.Contains(out, "missing") {
		c.Errorf("audit without a file = exit %d\n%s", code, out)
	}
	for _, file := range files {
		if err := os.Rename(file+".away", file); err != nil {
			c.Fatal(err)
		}
	}
}

// clean fails unless the audit finds nothing.
func (p *program) clean() {
	p.Helper()
	if out, code := p.run("audit"); code != 0 {
		p.Fatalf("audit = exit %d\n%s", code, out)
	}
}

func (p *program) onPostgres() bool {
	for _, each := range p.env {
		if strings.HasPrefix(each, "MINUTEBOOK_DATABASE=postgres") {
			return true
		}
	}
	return false
}
