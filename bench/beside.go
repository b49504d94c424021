package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"syscall"
	"time"

	"minutebook/app"
	"minutebook/gate"
	"minutebook/store"
)

// appendCommand is the server that posts are held against: it appends each body to a file, syncs the file once for all
// who came meanwhile, and answers. No durable server does less.
type appendCommand struct {
	Listen string `required:""`
	Dir    string `required:""`
}

// Run serves until it is told to stop.
func (c appendCommand) Run(ctx context.Context) error {
	file, err := os.CreateTemp(c.Dir, "append-*.log")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	a := &appender{file: file}
	return serve(ctx, c.Listen, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil && len(body) > 0 {
			err = a.append(body)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(`{"id":"1"}`))
	}))
}

// appender shares a sync among all who wait for one.
type appender struct {
	file *os.File
	mu   sync.Mutex
	next *group
	busy bool
}

// group is what goes to the disk together.
type group struct {
	text []byte
	err  error
	done chan struct{}
}

func (a *appender) append(text []byte) error {
	a.mu.Lock()
	if a.next == nil {
		a.next = &group{done: make(chan struct{})}
	}
	mine := a.next
	mine.text = append(append(mine.text, text...), '\n')
	lead := !a.busy
	a.busy = true
	a.mu.Unlock()
	if lead {
		go a.flush()
	}
	<-mine.done
	return mine.err
}

func (a *appender) flush() {
	for {
		a.mu.Lock()
		g := a.next
		a.next = nil
		a.busy = g != nil
		a.mu.Unlock()
		if g == nil {
			return
		}
		if _, g.err = a.file.Write(g.text); g.err == nil {
			g.err = syscall.Fdatasync(int(a.file.Fd()))
		}
		close(g.done)
	}
}

// emptyCommand is the server that access checks are held against: the same gate, with its log and its key check.
type emptyCommand struct {
	Listen   string `required:""`
	Database string `required:""`
}

// Run serves until it is told to stop.
func (c emptyCommand) Run(ctx context.Context) error {
	db, err := store.Open(ctx, c.Database)
	if err != nil {
		return err
	}
	defer db.Close()
	a := &app.App{DB: db, Clock: time.Now, Mint: app.NewMint(time.Now), Log: slog.New(slog.NewTextHandler(os.Stderr, nil))}
	guard := gate.NewGuard(a, gate.Limits{PerSecond: 1_000_000_000})
	nothing := guard.Protect(gate.Rules{Scope: app.ScopeRead}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", gate.Alive)
	mux.Handle("/", nothing)
	return serve(ctx, c.Listen, gate.Porter{Clock: time.Now, Log: a.Log, Metrics: gate.NewMetrics(a)}.Admit(mux))
}

func serve(ctx context.Context, address string, handler http.Handler) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
