package main

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// server is a process that answers: the product, or a yardstick.
type server struct {
	cmd     *exec.Cmd
	address string
	log     string
}

// serve starts the product on a database, as it is started in production but for the limit on what one key may ask.
func (b *books) serve() (*server, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	s := &server{address: address, cmd: exec.Command(b.program, "serve", "--rate-limit", "1000000000")}
	s.cmd.Env = append(os.Environ(), "MINUTEBOOK_LISTEN="+address, "MINUTEBOOK_DATA="+b.dir, "MINUTEBOOK_DATABASE="+b.url, "MINUTEBOOK_SECRET_KEY="+strings.Repeat("5a", 32))
	if err := s.start(b.dir); err != nil {
		return nil, err
	}
	return s, s.ready("/readyz")
}

// beside starts one of this program's own servers.
func (b *books) beside(args ...string) (*server, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &server{address: address, cmd: exec.Command(self, append(args, "--listen", address)...)}
	if err := s.start(b.dir); err != nil {
		return nil, err
	}
	return s, s.ready("/healthz")
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// start lets the process write its log to a file, as a service does.
func (s *server) start(dir string) error {
	log, err := os.CreateTemp(dir, "server-*.log")
	if err != nil {
		return err
	}
	defer log.Close()
	s.log, s.cmd.Stdout, s.cmd.Stderr = log.Name(), log, log
	return s.cmd.Start()
}

func (s *server) ready(path string) error {
	for range 400 {
		if answer, err := http.Get("http://" + s.address + path); err == nil {
			answer.Body.Close()
			if answer.StatusCode < 300 {
				return nil
			}
		}
		time.Sleep(25 * time.Millisecond)
	}
	text, _ := os.ReadFile(s.log)
	_ = s.stop()
	return fmt.Errorf("%s is not ready after ten seconds: %s", filepath.Base(s.cmd.Path), reason(text))
}

func (s *server) pid() int { return s.cmd.Process.Pid }

// stop ends the process as an operator would, and says what it complained of.
func (s *server) stop() error {
	if s == nil || s.cmd.Process == nil {
		return nil
	}
	_ = s.cmd.Process.Signal(os.Interrupt)
	kill := time.AfterFunc(40*time.Second, func() { _ = s.cmd.Process.Kill() })
	defer kill.Stop()
	err := s.cmd.Wait()
	return errors.Join(err, s.complaint(), os.Remove(s.log))
}

// complaint is the first error in the log: no run may cause one.
func (s *server) complaint() error {
	log, err := os.Open(s.log)
	if err != nil {
		return err
	}
	defer log.Close()
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "level=ERROR") {
			return fmt.Errorf("the server complained: %.300s", lines.Text())
		}
	}
	return lines.Err()
}

// parties are the processes whose CPU time counts while servers answer.
func (b *books) parties(servers ...*server) (p parties) {
	for _, s := range servers {
		p.servers = append(p.servers, s.pid())
	}
	if b.database == "postgres" {
		p.postmaster = b.postmaster()
	}
	return p
}

// postmaster is the process whose children serve the database, if it runs on this machine.
func (w *world) postmaster() (pid int) {
	conn, err := pgx.Connect(w.ctx, w.server)
	if err != nil {
		return 0
	}
	defer conn.Close(w.ctx)
	if err := conn.QueryRow(w.ctx, `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
		return 0
	}
	return parent(pid)
}
