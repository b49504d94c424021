package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// usage is the CPU time, in seconds, that parties took between two looks, and what they did with it.
type usage struct {
	generator, server, database float64
	others                      float64 // share of the machine that went to anybody else
	took                        time.Duration
	events                      int
}

func (u usage) parts() string {
	n := float64(u.events) / 1e6
	return fmt.Sprintf("%.1f + %.1f + %.1f", u.generator/n, u.server/n, u.database/n)
}

// product is what the server and its database took per event, in µs.
func (u usage) product() float64 { return (u.server + u.database) * 1e6 / float64(u.events) }

// look is the CPU time taken so far.
type look struct {
	at                          time.Time
	generator, server, database float64
	busy                        float64
}

// parties are the processes whose CPU time is told apart.
type parties struct {
	servers    []int
	postmaster int // 0: the database is within the server
}

func (p parties) look() (l look) {
	l.at = time.Now()
	l.generator = ownTime()
	for _, pid := range p.servers {
		l.server += processTime(pid, false)
	}
	if p.postmaster > 0 {
		l.database = familyTime(p.postmaster)
	}
	l.busy = busyTime()
	return l
}

// since is what was taken since an earlier look.
func (p parties) since(l look, events int) usage {
	now := p.look()
	u := usage{generator: now.generator - l.generator, server: now.server - l.server, database: now.database - l.database, took: now.at.Sub(l.at), events: events}
	ours := u.generator + u.server + u.database
	u.others = max(0, (now.busy-l.busy-ours)/(float64(runtime.NumCPU())*u.took.Seconds()))
	return u
}

func ownTime() float64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano()).Seconds()
}

// ticks is how Linux counts CPU time for everybody to read.
const ticks = 100

// stat are the fields of /proc/PID/stat behind the name, which may hold anything: the first is the state.
func stat(pid int) []string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	return strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
}

// processTime is the CPU time of a process, with that of the children it waited for.
func processTime(pid int, children bool) float64 {
	fields := stat(pid)
	if len(fields) < 15 {
		return 0
	}
	last := 13
	if children {
		last = 15
	}
	sum := 0.0
	for _, text := range fields[11:last] {
		n, _ := strconv.ParseFloat(text, 64)
		sum += n / ticks
	}
	return sum
}

func parent(pid int) int {
	fields := stat(pid)
	if len(fields) < 2 {
		return 0
	}
	n, _ := strconv.Atoi(fields[1])
	return n
}

// familyTime is the CPU time of a process and of all its children, living and dead.
func familyTime(pid int) float64 {
	sum := processTime(pid, true)
	entries, _ := filepath.Glob("/proc/[0-9]*")
	for _, entry := range entries {
		child, _ := strconv.Atoi(filepath.Base(entry))
		if parent(child) == pid {
			sum += processTime(child, false)
		}
	}
	return sum
}

// busyTime is the CPU time of the whole machine that was not idle.
func busyTime() float64 {
	text, _ := os.ReadFile("/proc/stat")
	first, _, _ := strings.Cut(string(text), "\n")
	sum := 0.0
	for i, field := range strings.Fields(first) {
		if i == 0 || i == 4 || i == 5 || i > 8 { // the name, idle, waiting for the disk; guests are counted already
			continue
		}
		n, _ := strconv.ParseFloat(field, 64)
		sum += n / ticks
	}
	return sum
}

// peak is the most memory a process held, in MiB.
func peak(pid int) float64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(text)) {
		if rest, is := strings.CutPrefix(line, "VmHWM:"); is {
			kib, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kib / 1024
		}
	}
	return 0
}

// machine describes where it was measured.
func machine(dir string) string {
	model, memory := "unknown processor", 0.0
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "model name") {
			_, name, _ := strings.Cut(line, ":")
			model = strings.TrimSpace(name)
			break
		}
	}
	var info syscall.Sysinfo_t
	if syscall.Sysinfo(&info) == nil {
		memory = float64(info.Totalram) * float64(info.Unit) / (1 << 30)
	}
	load, _ := os.ReadFile("/proc/loadavg")
	text2 := fmt.Sprintf("%d cores of %s, %.0f GiB, Linux %s, %s, shared by generator, server and database; load average at the end %s.", runtime.NumCPU(), model, memory,
		kernel(), runtime.Version(), strings.Join(strings.Fields(string(load))[:min(3, len(strings.Fields(string(load))))], ", "))
	var fs syscall.Statfs_t
	const tmpfs = 0x01021994
	if syscall.Statfs(dir, &fs) == nil && fs.Type == tmpfs {
		text2 += " **The databases were in memory (tmpfs): nothing here was durable.** Set TMPDIR to a folder on a disk."
	}
	return text2
}

func kernel() string {
	text, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return strings.TrimSpace(string(text))
}

func commit() string {
	out, err := exec.Command("git", "describe", "--always", "--dirty", "--abbrev=10").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}
