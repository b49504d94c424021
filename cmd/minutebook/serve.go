package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"minutebook/api"
	"minutebook/app"
	"minutebook/gate"
	"minutebook/jobs"
	"minutebook/provider"
	"minutebook/web"
)

type serveCommand struct {
	Dev bool `help:"For those who work on the pages: show every piece of them at /ui."`
}

// Run serves until the process is told to stop.
func (c serveCommand) Run(p *process) error {
	p.dev = c.Dev
	a, err := p.open(p.now)
	if err != nil {
		return err
	}
	defer a.DB.Close()
	listener, err := p.listen()
	if err != nil {
		return err
	}
	token, err := p.announce(a)
	if err != nil {
		return err
	}
	return p.serve(a, listener, token)
}

func (p *process) listen() (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(p.ctx, "tcp", p.config.Listen)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", p.config.Listen, err)
	}
	return listener, nil
}

// announce prints where the product is, and on a database without an agency where the set-up waits, with the token
// that only this console shows.
func (p *process) announce(a *app.App) (setupToken string, err error) {
	any, err := a.HasAgencies(p.ctx)
	if err != nil {
		return "", err
	}
	fmt.Fprintf(p.out, "minutebook %s\nconsole  %s/console\nportal   %s/portal\nAPI      %s/docs\n", version, a.PublicURL, a.PublicURL, a.PublicURL)
	if any {
		return "", nil
	}
	setupToken = web.NewSetupToken()
	fmt.Fprintf(p.out, "\nThere is no agency yet. Set up the first one at\n  %s/setup?token=%s\n", a.PublicURL, setupToken)
	return setupToken, nil
}

// serve answers requests and does the background work until the process is told to stop; then it finishes what is in
// flight.
func (p *process) serve(a *app.App, listener net.Listener, setupToken string) error {
	collectSeldom(a.DB.Dialect())
	handler, err := p.handler(a, setupToken)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10,
	}
	working, stopWork := context.WithCancel(context.WithoutCancel(p.ctx))
	var background sync.WaitGroup
	background.Go(func() { jobs.Run(working, a.Log, backgroundJobs(a)...) })
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err = <-failed:
	case <-p.ctx.Done():
		ending, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), 30*time.Second)
		defer cancel()
		err = server.Shutdown(ending)
	}
	stopWork()
	background.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// handler puts the doors of the house together: programs, providers, people.
func (p *process) handler(a *app.App, setupToken string) (http.Handler, error) {
	pages, err := web.New(a, web.Options{SetupToken: setupToken, Ending: p.ctx.Done(), Gallery: p.dev})
	if err != nil {
		return nil, err
	}
	providers := provider.Doors(a)
	programs := api.New(a, api.Options{Version: version, Limits: gate.Limits{PerSecond: p.config.RateLimit}, Doors: []api.Door{
		{Pattern: "POST /ingest/{provider}/{connection}", Handler: providers},
		{Pattern: "POST /gate/{provider}/{connection}", Handler: providers},
	}})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if forPrograms(r.URL.Path) && !web.OnPortalHost(a, r) {
			programs.ServeHTTP(w, r)
			return
		}
		pages.ServeHTTP(w, r)
	}), nil
}

func forPrograms(path string) bool {
	switch first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/"); first {
	case "api", "openapi.json", "docs", "healthz", "readyz", "metrics", "ingest", "gate":
		return true
	}
	return false
}

func backgroundJobs(a *app.App) []jobs.Job {
	return []jobs.Job{
		{Name: "advance_due", Every: time.Second, Run: func(ctx context.Context) (int, error) { return a.AdvanceDue(ctx, 5000) }},
		{Name: "prune", Every: time.Minute, Run: func(ctx context.Context) (int, error) { return 0, a.Prune(ctx) }},
	}
}
