package storetest

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// serverEnv names the server the tests may create databases on.
const serverEnv = "MINUTEBOOK_TEST_POSTGRES"

// server is the URL of that server, started when nobody named one.
var server = sync.OnceValues(func() (string, error) {
	if named := os.Getenv(serverEnv); named != "" {
		return named, nil
	}
	return startServer()
})

// startServer runs scripts/with-postgres around a command that tells the URL
// and then waits for the end of its input. The other end of that input is held
// by this process: when it ends, in whatever way, the cluster goes too.
func startServer() (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	cmd := exec.Command(filepath.Join(root, "scripts", "with-postgres"),
		"sh", "-c", `echo "$`+serverEnv+`"; cat >/dev/null`)
	var complaint strings.Builder
	cmd.Stderr = &complaint
	if _, err := cmd.StdinPipe(); err != nil {
		return "", err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if errors.Is(err, io.EOF) {
		return "", errors.Join(cmd.Wait(), errors.New(complaint.String()))
	}
	go func() { _ = cmd.Wait() }() // it also holds the pipe: what nobody holds may be closed
	return strings.TrimSpace(line), err
}

// moduleRoot is the folder with go.mod, at or above the test's own folder.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("no go.mod above the test's folder")
		}
		dir = filepath.Dir(dir)
	}
}

// postgresCopy is a copy of the template.
func postgresCopy(t testing.TB) string {
	t.Helper()
	serverURL(t)
	name, err := postgresTemplate()
	if err != nil {
		t.Fatalf("making the PostgreSQL template: %v", err)
	}
	return postgresDatabase(t, name)
}

func serverURL(t testing.TB) string {
	t.Helper()
	url, err := server()
	if err != nil {
		t.Fatalf("this test runs on PostgreSQL as well: install it with `make deps`, or name a server in %s: %v", serverEnv, err)
	}
	return url
}

// postgresDatabase is a fresh database until the test ends.
func postgresDatabase(t testing.TB, template string) string {
	t.Helper()
	at := serverURL(t)
	name := "minutebook_" + strings.ToLower(rand.Text())
	if err := run(at, "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := run(at, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("dropping the test's database: %v", err)
		}
	})
	return databaseURL(at, name)
}

// postgresTemplate is the name of a migrated database. It is named after the
// schema's text, so that all test processes on one server share it.
var postgresTemplate = sync.OnceValues(func() (string, error) {
	at, err := server()
	if err != nil {
		return "", err
	}
	sum, err := schemaSum()
	if err != nil {
		return "", err
	}
	name := "minutebook_template_" + sum
	return name, inTurn(at, func(conn *pgx.Conn) error { return makeTemplate(conn, at, name) })
})

// makeTemplate migrates under another name first: a template that stands is whole.
func makeTemplate(conn *pgx.Conn, at, name string) error {
	ctx := context.Background()
	var stands bool
	err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)`, name).Scan(&stands)
	if err != nil || stands {
		return err
	}
	draft := "draft_" + strings.ToLower(rand.Text())
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+draft+" TEMPLATE template0"); err != nil {
		return err
	}
	if err := migrate(databaseURL(at, draft)); err != nil {
		_, dropped := conn.Exec(ctx, "DROP DATABASE "+draft+" WITH (FORCE)")
		return errors.Join(err, dropped)
	}
	_, err = conn.Exec(ctx, "ALTER DATABASE "+draft+" RENAME TO "+name)
	return err
}

// schemaSum is a short name for the text of all schema files.
func schemaSum() (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	files, err := filepath.Glob(filepath.Join(root, "store", "schema", "*.sql"))
	if err != nil || len(files) == 0 {
		return "", fmt.Errorf("looking for the schema files: %d found: %w", len(files), err)
	}
	sum := sha256.New()
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(sum, "%s %d\n%s", filepath.Base(file), len(text), text)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8]), nil
}

// inTurn runs f while no other test process is in it on that server.
func inTurn(at string, f func(*pgx.Conn) error) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, at)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	const templateLock = 7_130_042 // any number nobody else uses
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock($1)`, templateLock); err != nil {
		return err
	}
	return f(conn)
}

// run runs one statement on the server.
func run(at, statement string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, at)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

// databaseURL is at, with another database.
func databaseURL(at, name string) string {
	u, err := url.Parse(at)
	if err != nil {
		return at
	}
	u.Path = "/" + name
	return u.String()
}
