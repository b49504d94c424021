package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"minutebook/app"
	"minutebook/store"
)

// Config is what every command can be told, by flag or by environment.
type Config struct {
	Database   string `help:"Where the books are: sqlite:PATH or postgres://… (default sqlite:minutebook.db in the data folder)." env:"MINUTEBOOK_DATABASE" placeholder:"URL"`
	Data       string `help:"Folder of the embedded database and the server's own key." env:"MINUTEBOOK_DATA" default:"./data" placeholder:"DIR"`
	Listen     string `help:"Address the server listens on." env:"MINUTEBOOK_LISTEN" default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	PublicURL  string `name:"public-url" help:"How the outside reaches the server, for links and provider URLs (default: http:// and the listen address)." env:"MINUTEBOOK_PUBLIC_URL" placeholder:"URL"`
	ArchiveDir string `name:"archive-dir" help:"Folder of archived calls, for every command that may read them (default: archive beside the SQLite file; PostgreSQL has none)." env:"MINUTEBOOK_ARCHIVE_DIR" placeholder:"DIR"`
	LogFormat  string `name:"log-format" help:"Log as text or json." env:"MINUTEBOOK_LOG_FORMAT" enum:"text,json" default:"text"`
	RateLimit  int    `name:"rate-limit" help:"Requests a second that one API key may send; twice as many at once." env:"MINUTEBOOK_RATE_LIMIT" default:"20000" placeholder:"N"`
	SecretKey  string `name:"secret-key" help:"Key that seals provider secrets, 64 hex digits (default: secret.key in the data folder, made when missing). Processes that share a database need the same." env:"MINUTEBOOK_SECRET_KEY" placeholder:"HEX"`
}

// open opens the database, brings its schema up to date and builds the app on it.
func (p *process) open(clock func() time.Time) (*app.App, error) {
	key, err := p.secretKey()
	if err != nil {
		return nil, err
	}
	sealer, err := app.NewSealer(key)
	if err != nil {
		return nil, err
	}
	db, err := p.openDatabase()
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(p.ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &app.App{DB: db, Clock: clock, Mint: app.NewMint(p.now), Secrets: sealer, PublicURL: p.publicURL(), Log: p.log(), LookupTXT: net.DefaultResolver.LookupTXT, Archive: store.ArchiveFolder{Path: p.archiveDir()}}, nil
}

func (p *process) openDatabase() (*store.DB, error) { return store.Open(p.ctx, p.databaseURL()) }

func (p *process) databaseURL() string {
	if p.config.Database != "" {
		return p.config.Database
	}
	return "sqlite:" + filepath.Join(p.config.Data, "minutebook.db")
}

// archiveDir is where archived calls lie; empty when nobody said it.
func (p *process) archiveDir() string {
	file, embedded := strings.CutPrefix(p.databaseURL(), "sqlite:")
	if p.config.ArchiveDir != "" || !embedded {
		return p.config.ArchiveDir
	}
	file, _, _ = strings.Cut(file, "?")
	return filepath.Join(filepath.Dir(strings.TrimPrefix(file, "//")), "archive")
}

func (p *process) publicURL() string {
	if p.config.PublicURL != "" {
		return strings.TrimRight(p.config.PublicURL, "/")
	}
	return "http://" + p.config.Listen
}

func (p *process) log() *slog.Logger {
	options := &slog.HandlerOptions{Level: p.quiet}
	if p.config.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(p.errs, options))
	}
	return slog.New(slog.NewTextHandler(p.errs, options))
}

// secretKey reads the key that seals provider secrets, and makes one on the first start.
func (p *process) secretKey() ([]byte, error) {
	if p.config.SecretKey != "" {
		return parseKey(p.config.SecretKey, "--secret-key")
	}
	path := filepath.Join(p.config.Data, "secret.key")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return makeKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the secret key: %w", err)
	}
	return parseKey(strings.TrimSpace(string(text)), path)
}

func parseKey(text, where string) ([]byte, error) {
	key, err := hex.DecodeString(text)
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("%s must hold 64 hex digits (32 bytes)", where)
	}
	return key, nil
}

// makeKey writes a new key beside its final name and links it there, so that of two processes that start together
// one wins and both use the same whole key.
func makeKey(path string) ([]byte, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("making the data folder: %w", err)
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // it never fails
	draft := fmt.Sprintf("%s.%d", path, os.Getpid())
	if err := os.WriteFile(draft, []byte(hex.EncodeToString(key)+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("writing the secret key: %w", err)
	}
	defer os.Remove(draft)
	if err := os.Link(draft, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("writing the secret key: %w", err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the secret key: %w", err)
	}
	return parseKey(strings.TrimSpace(string(text)), path)
}
