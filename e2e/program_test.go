package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"minutebook/store/storetest"
)

// binary is the program under test, built once.
var binary string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "minutebook-e2e-")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(folder, "minutebook")
	build := exec.Command("go", "build", "-o", binary, "minutebook/cmd/minutebook")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building the program: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(folder)
	os.Exit(code)
}

const prefix = "/api/v2/external-billing"

// program is one data folder with, at times, a server on it.
type program struct {
	testing.TB
	env     []string
	address string
	server  *exec.Cmd
	log     *os.File
}

// each runs a test on a fresh program on either database.
func each(t *testing.T, test func(t *testing.T, p *program)) {
	for _, dialect := range storetest.Dialects {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			test(t, newProgram(t, dialect))
		})
	}
}

func newProgram(t testing.TB, dialect string) *program {
	t.Helper()
	address := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	data := t.TempDir()
	log, err := os.Create(filepath.Join(data, "serve.log"))
	if err != nil {
		t.Fatal(err)
	}
	p := &program{TB: t, address: address, log: log, env: append(os.Environ(), "MINUTEBOOK_DATA="+data, "MINUTEBOOK_LISTEN="+address)}
	if dialect == "postgres" {
		p.env = append(p.env, "MINUTEBOOK_DATABASE="+storetest.EmptyURL(t, dialect))
	}
	t.Cleanup(func() { p.kill(); log.Close() })
	return p
}

// freePort is a port nobody listens on. It is below those the system hands out: while a server is away between two of
// its lives, a client's connection of another test must not take its place.
func freePort(t testing.TB) int {
	t.Helper()
	for range 1000 {
		port := 15_000 + rand.IntN(17_000)
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

// serve starts the server and waits until it is ready.
func (p *program) serve() {
	p.Helper()
	p.server = exec.Command(binary, "serve")
	p.server.Env, p.server.Stdout, p.server.Stderr = p.env, p.log, p.log
	if err := p.server.Start(); err != nil {
		p.Fatal(err)
	}
	p.ready()
}

// ready waits until the server says that it can write.
func (p *program) ready() {
	p.Helper()
	p.eventually("ready", func() bool { return p.readiness() == http.StatusOK })
}

// readiness is the status with which the server says whether it can write; nobody is there at 0.
func (p *program) readiness() int {
	answer, err := http.Get("http://" + p.address + "/readyz")
	if err != nil {
		return 0
	}
	answer.Body.Close()
	return answer.StatusCode
}

// eventually waits until something is so, and tells the end of the server's log if it never is.
func (p *program) eventually(what string, is func() bool) {
	p.Helper()
	if !patient(is) {
		p.Fatalf("two minutes later still not: %s\n%s", what, p.tail())
	}
}

// patient waits for something as long as the slowest machine may take, and answers whether it came.
func patient(is func() bool) bool {
	for range 4800 {
		if is() {
			return true
		}
		time.Sleep(25 * time.Millisecond)
	}
	return false
}

// kill ends the server as a crash would.
func (p *program) kill() {
	if p.server != nil {
		_ = p.server.Process.Kill()
		_ = p.server.Wait()
		p.server = nil
	}
}

// stop asks the server to end, and answers its exit code.
func (p *program) stop() int {
	p.Helper()
	if err := p.server.Process.Signal(syscall.SIGTERM); err != nil {
		p.Fatal(err)
	}
	_ = p.server.Wait()
	code := p.server.ProcessState.ExitCode()
	p.server = nil
	return code
}

func (p *program) tail() string {
	text, _ := os.ReadFile(p.log.Name())
	return string(text[max(0, len(text)-3000):])
}

// run runs a command and answers what it printed and its exit code.
func (p *program) run(args ...string) (string, int) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.Context(), time.Hour) // an audit of very many clients takes a while
	defer cancel()
	c := exec.CommandContext(ctx, binary, args...)
	c.Env = p.env
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	err := c.Run()
	if err != nil && c.ProcessState == nil {
		p.Fatal(err)
	}
	return out.String() + errs.String(), c.ProcessState.ExitCode()
}

// agency creates a sandbox agency whose clock stands at an instant.
func (p *program) agency(clock string) *caller {
	p.Helper()
	out, code := p.run("agency", "create", "--name", "Acme Voice", "--owner-email", fmt.Sprintf("owner-%d@example.com", time.Now().UnixNano()),
		"--owner-password", "correct horse battery staple", "--test-clock", clock, "--json")
	var made struct {
		APIKey string `json:"api_key"`
	}
	if err := json.Unmarshal([]byte(out), &made); code != 0 || err != nil {
		p.Fatalf("agency create: exit %d, %v\n%s", code, err, out)
	}
	return &caller{program: p, key: made.APIKey}
}

// caller is an outside program with a key.
type caller struct {
	*program
	key string
}

type object map[string]any

func (o object) text(path string) string {
	var v any = map[string]any(o)
	for _, name := range strings.Split(path, ".") {
		inner, _ := v.(map[string]any)
		v = inner[name]
	}
	if s, is := v.(string); is {
		return s
	}
	return fmt.Sprint(v)
}

func (o object) list() (items []object) {
	data, _ := o["data"].([]any)
	for _, one := range data {
		items = append(items, object(one.(map[string]any)))
	}
	return items
}

// call asks and answers status and body; an error means that no answer came.
func (c *caller) call(method, path string, body any) (int, object, error) {
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return 0, nil, err
		}
		reader = bytes.NewReader(text)
	}
	r, err := http.NewRequest(method, "http://"+c.address+prefix+path, reader)
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Authorization", "Bearer "+c.key)
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	o := object{}
	return answer.StatusCode, o, json.NewDecoder(answer.Body).Decode(&o)
}

// must asks for what has to succeed.
func (c *caller) must(method, path string, body any) object {
	c.Helper()
	status, answer, err := c.call(method, path, body)
	if err != nil || status >= 300 {
		c.Fatalf("%s %s = %d %v, %v\n%s", method, path, status, answer, err, c.tail())
	}
	return answer
}

// started makes a client on a plan: 99.00 a month, 300 minutes, 0.25 beyond, packs on.
func (c *caller) started(terms object) (client string) {
	c.Helper()
	plan := object{"name": "Growth", "currency": "USD", "recurring_fee": "99.00", "included_minutes": "300", "per_minute_rate": "0.25", "addon_packs_enabled": true, "payment_due_days": 14, "grace_days": 7}
	for name, value := range terms {
		plan[name] = value
	}
	p := c.must("POST", "/plans", plan)
	client = c.must("POST", "/clients", object{"name": "Bright Dental"}).text("id")
	c.must("PUT", "/clients/"+client+"/plan", object{"plan_id": p.text("id")})
	c.must("POST", "/clients/"+client+"/subscription", object{})
	return client
}

func (c *caller) clock(now string) {
	c.Helper()
	c.must("POST", "/test-clock", object{"now": now})
}
