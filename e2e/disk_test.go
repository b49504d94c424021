package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestNothingIsAcknowledgedOnAFullDisk fills the disk under SQLite in the middle of a mixed load, and empties it again:
// MINUTEBOOK_PROOF_FULL_DISKS times. Where nobody may mount a small disk, the file may not grow, which is as good.
func TestNothingIsAcknowledgedOnAFullDisk(t *testing.T) {
	t.Parallel()
	p := newProgram(t, "sqlite")
	full, empty := smallDisk(t, p)
	p.serve()
	l := newLoad(p, 3)
	for range scaled(t, "FULL_DISKS", 2) {
		l.amid(func() {
			full()
			l.refuses()
			empty()
		})
	}
	if l.statuses[http.StatusServiceUnavailable] == 0 {
		t.Errorf("answers %v, want some 503", l.statuses)
	}
	l.check()
}

// smallDisk moves the program's data to a disk of its own, and answers how to fill it and how to empty it.
func smallDisk(t *testing.T, p *program) (full, empty func()) {
	t.Helper()
	dir := t.TempDir()
	if err := exec.Command("mount", "-t", "tmpfs", "-o", "size=256m", "tmpfs", dir).Run(); err != nil {
		t.Logf("no small disk may be mounted here (%v): the file may not grow instead", err)
		return fileLimit(t, p)
	}
	t.Cleanup(func() {
		p.kill()
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v %s", err, out)
		}
	})
	p.env = append(p.env, "MINUTEBOOK_DATA="+dir)
	ballast := filepath.Join(dir, "ballast")
	full = func() {
		if err := fill(ballast); err == nil {
			t.Error("the disk is never full")
		}
	}
	return full, func() { os.Remove(ballast) }
}

// fill writes a file until there is no room.
func fill(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	for range 1 << 16 {
		if _, err := f.Write(make([]byte, 4096)); err != nil {
			return err
		}
	}
	return nil
}

// TestAFileThatMayNotGrow: the operating system refuses to let the server write more, as a quota does.
func TestAFileThatMayNotGrow(t *testing.T) {
	t.Parallel()
	p := newProgram(t, "sqlite")
	full, empty := fileLimit(t, p)
	p.serve()
	l := newLoad(p, 3)
	l.amid(func() {
		full()
		l.refuses()
		empty()
	})
	l.check()
}

// fileLimit bounds the server's files to what its log for writing ahead holds now, and lifts the bound.
func fileLimit(t *testing.T, p *program) (full, empty func()) {
	t.Helper()
	limit := func(size string) {
		if out, err := exec.Command("prlimit", "--pid", fmt.Sprint(p.server.Process.Pid), "--fsize="+size+":unlimited").CombinedOutput(); err != nil {
			t.Errorf("prlimit: %v %s", err, out)
		}
	}
	full = func() {
		info, err := os.Stat(filepath.Join(filepath.Dir(p.log.Name()), "minutebook.db-wal"))
		if err != nil {
			t.Error(err)
			return
		}
		limit(fmt.Sprint(info.Size()))
	}
	return full, func() { limit("unlimited") }
}

// TestAFolderThatCannotBeWrittenIsSaidSo: the server does not start, and says why.
func TestAFolderThatCannotBeWrittenIsSaidSo(t *testing.T) {
	t.Parallel()
	p := newProgram(t, "sqlite")
	p.run("migrate")
	data := filepath.Dir(p.log.Name())
	for _, path := range []string{"minutebook.db", "minutebook.db-wal", "minutebook.db-shm", "."} {
		_ = os.Chmod(filepath.Join(data, path), 0o555)
	}
	t.Cleanup(func() { _ = os.Chmod(data, 0o755) })
	c := exec.Command(binary, "serve")
	c.Env, c.WaitDelay = p.env, 20*time.Second
	if os.Getuid() == 0 { // whom no mode keeps out
		c.SysProcAttr = &syscall.SysProcAttr{Credential: somebody(t)}
		opened(t, data)
	}
	out, err := c.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "minutebook.db") && !strings.Contains(string(out), "read-only") && !strings.Contains(string(out), "permission") {
		t.Errorf("serve on a folder that cannot be written: %v\n%s", err, out)
	}
	t.Logf("it says: %s", out)
}

// opened lets others reach the folder and the program, to read.
func opened(t *testing.T, data string) {
	t.Helper()
	for dir := data; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		_ = os.Chmod(dir, 0o755)
	}
	_ = os.Chmod(filepath.Join(data, "secret.key"), 0o444)
	_ = os.Chmod(filepath.Dir(binary), 0o755)
	_ = os.Chmod(data, 0o555)
}
