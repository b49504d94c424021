package e2e_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

// cluster is a PostgreSQL of the test's own, as durable as a real one: it can be stopped, crashed, copied and promoted.
type cluster struct {
	testing.TB
	bin, dir string
	port     int
	as       *syscall.SysProcAttr
}

// newCluster starts an empty cluster that has the database "books".
func newCluster(t testing.TB) *cluster {
	t.Helper()
	c := emptyCluster(t)
	c.run("initdb", "--pgdata", c.data(), "--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync")
	c.configure("fsync = on", "full_page_writes = on", "synchronous_commit = on", "wal_level = replica", "max_wal_senders = 4", "max_connections = 150")
	c.start()
	c.exec("postgres", "CREATE DATABASE books")
	return c
}

// emptyCluster is a folder for a cluster, which goes with whatever runs in it when the test ends, or its process.
func emptyCluster(t testing.TB) *cluster {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "minutebook-pg-")
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{TB: t, bin: postgresPrograms(t), dir: dir, port: freePort(t), as: &syscall.SysProcAttr{}}
	if os.Getuid() == 0 { // PostgreSQL refuses to run as root
		c.as.Credential = somebody(t)
		if err := os.Chown(dir, int(c.as.Credential.Uid), int(c.as.Credential.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	guard := c.command("sh", "-c", `cat >/dev/null; "$0/pg_ctl" --pgdata "$1/data" --mode immediate --silent stop; rm -rf "$1"/*`, c.bin, dir)
	held, err := guard.StdinPipe()
	if err == nil {
		err = guard.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { held.Close(); _ = guard.Wait(); os.RemoveAll(dir) })
	return c
}

func postgresPrograms(t testing.TB) string {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.SortFunc(found, func(a, b string) int { return version(a) - version(b) })
	if len(found) > 0 {
		return found[len(found)-1]
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		t.Fatal("this test runs a PostgreSQL of its own: install it with `make deps`")
	}
	return filepath.Dir(path)
}

func version(bin string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(bin)))
	return n
}

// somebody is a user who is not root.
func somebody(t testing.TB) *syscall.Credential {
	t.Helper()
	who, err := user.Lookup("postgres")
	if err != nil {
		who, err = user.Lookup("nobody")
	}
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.ParseUint(who.Uid, 10, 32)
	gid, _ := strconv.ParseUint(who.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.SysProcAttr, cmd.Env = "/", c.as, append(os.Environ(), "HOME=/tmp")
	return cmd
}

// run runs a program of PostgreSQL.
func (c *cluster) run(name string, args ...string) {
	c.Helper()
	out, err := os.CreateTemp("", "minutebook-pg-out-") // a pipe would wait for the server that inherits it
	if err != nil {
		c.Fatal(err)
	}
	defer func() { out.Close(); os.Remove(out.Name()) }()
	cmd := c.command(filepath.Join(c.bin, name), args...)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(out.Name())
		log, _ := os.ReadFile(filepath.Join(c.dir, "log"))
		c.Fatalf("%s: %v\n%s\n%s", name, err, said, log[max(0, len(log)-3000):])
	}
}

func (c *cluster) configure(settings ...string) {
	c.Helper()
	f, err := os.OpenFile(filepath.Join(c.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		c.Fatal(err)
	}
	defer f.Close()
	fmt.Fprintln(f, strings.Join(settings, "\n"))
}

func (c *cluster) start() {
	c.Helper()
	c.run("pg_ctl", "--pgdata", c.data(), "--log", filepath.Join(c.dir, "log"), "--wait", "--timeout", "60", "--options",
		fmt.Sprintf("-c listen_addresses='' -c unix_socket_directories=%s -c port=%d", c.dir, c.port), "start")
}

// stop stops the server: "fast" as an operator does, "immediate" as a crash does.
func (c *cluster) stop(mode string) {
	c.Helper()
	c.run("pg_ctl", "--pgdata", c.data(), "--wait", "--timeout", "60", "--mode", mode, "stop")
}

// standby copies the running cluster and follows it, and the cluster waits for it at each commit from now on.
func (c *cluster) standby() *cluster {
	c.Helper()
	s := emptyCluster(c.TB)
	s.run("pg_basebackup", "--pgdata", s.data(), "--host", c.dir, "--port", strconv.Itoa(c.port), "--username", "postgres", "--checkpoint", "fast", "--write-recovery-conf", "--no-sync")
	s.follow(c)
	s.start()
	c.exec("postgres", "ALTER SYSTEM SET synchronous_standby_names = 'standby'")
	c.exec("postgres", "SELECT pg_reload_conf()")
	c.eventually("the standby follows", func() bool {
		return c.ask("SELECT COUNT(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == 1
	})
	return s
}

// follow says whom a copy follows; what pg_basebackup wrote would win over the file of settings.
func (c *cluster) follow(primary *cluster) {
	c.Helper()
	if err := os.Truncate(filepath.Join(c.data(), "postgresql.auto.conf"), 0); err != nil {
		c.Fatal(err)
	}
	c.configure(fmt.Sprintf("primary_conninfo = 'host=%s port=%d user=postgres application_name=standby'", primary.dir, primary.port))
}

func (c *cluster) promote() {
	c.Helper()
	c.run("pg_ctl", "--pgdata", c.data(), "--wait", "--timeout", "60", "promote")
}

// address is where the database "books" of one or several clusters is.
func address(clusters ...*cluster) string {
	var hosts, ports []string
	for _, c := range clusters {
		hosts, ports = append(hosts, c.dir), append(ports, strconv.Itoa(c.port))
	}
	return fmt.Sprintf("postgres://postgres@/books?host=%s&port=%s&target_session_attrs=read-write", strings.Join(hosts, ","), strings.Join(ports, ","))
}

func (c *cluster) connect(database string) *pgx.Conn {
	c.Helper()
	conn, err := pgx.Connect(context.Background(), fmt.Sprintf("postgres://postgres@/%s?host=%s&port=%d&application_name=test", database, c.dir, c.port))
	if err != nil {
		c.Fatal(err)
	}
	return conn
}

func (c *cluster) exec(database, statement string) {
	c.Helper()
	conn := c.connect(database)
	defer conn.Close(context.Background())
	if _, err := conn.Exec(context.Background(), statement); err != nil {
		c.Fatalf("%s: %v", statement, err)
	}
}

// ask asks the database "books" for a number.
func (c *cluster) ask(statement string, args ...any) (n int64) {
	c.Helper()
	conn := c.connect("books")
	defer conn.Close(context.Background())
	if err := conn.QueryRow(context.Background(), statement, args...).Scan(&n); err != nil {
		c.Fatalf("%s: %v", statement, err)
	}
	return n
}

func (c *cluster) eventually(what string, is func() bool) {
	c.Helper()
	if !patient(is) {
		c.Fatalf("two minutes later still not: %s", what)
	}
}

// on is a program whose books are at an address of PostgreSQL.
func on(t testing.TB, where string) *program {
	t.Helper()
	p := newProgram(t, "sqlite")
	p.env = append(p.env, "MINUTEBOOK_DATABASE="+where)
	return p
}
