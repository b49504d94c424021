package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
)

// world is an agency with many clients on one of the two databases, made once and copied for every run.
type world struct {
	*bench
	database string // sqlite or postgres
	home     string // the template: a file, or the name of a database
	server   string // URL of the PostgreSQL server
	begun    time.Time
	agency   billing.ID
	key      string
	clients  []string
	filled   *books // with many events, made when it is first needed
	held     int    // how many
}

const (
	owner    = "owner@bench.example"
	guest    = "guest@bench.example" // of the first client's portal
	password = "correct horse battery staple"
	// lived is how long ago everybody started: within their first month, so that nobody renews while we measure.
	lived = 25 * 24 * time.Hour
)

// newWorld makes one in which everybody started at an instant.
func newWorld(b *bench, database string, begun time.Time) (w *world, err error) {
	w = &world{bench: b, database: database, begun: begun.UTC().Truncate(time.Hour)}
	if w.server = os.Getenv("MINUTEBOOK_TEST_POSTGRES"); database == "postgres" && w.server == "" {
		return nil, errors.New("no PostgreSQL: run it through scripts/with-postgres --durable")
	}
	empty, err := w.place("")
	if err != nil {
		return nil, err
	}
	w.home = empty.name
	quick := *empty // nothing of the set-up has to outlive a power cut
	if database == "postgres" {
		quick.url += "&synchronous_commit=off"
	}
	err = quick.settle()
	if err == nil && database == "postgres" {
		err = w.ask(empty.url, "ANALYZE") // a copy would not be seen by autovacuum, which does so within a minute elsewhere
	}
	if err != nil {
		return nil, errors.Join(err, empty.drop())
	}
	return w, nil
}

// books is one database of a world.
type books struct {
	*world
	name string // file, or name of the database
	url  string
}

// fresh is a copy of the template.
func (w *world) fresh() (*books, error) { return w.place(w.home) }

// place makes a database, empty or as a copy.
func (w *world) place(template string) (*books, error) {
	n := w.copies.Add(1)
	if w.database == "sqlite" {
		b := &books{world: w, name: filepath.Join(w.dir, fmt.Sprintf("books-%d.db", n))}
		b.url = "sqlite:" + b.name
		if template == "" {
			return b, nil
		}
		return b, copyFile(template, b.name)
	}
	b := &books{world: w, name: fmt.Sprintf("bench_%d_%d", os.Getpid(), n)}
	if template == "" {
		template = "template0"
	}
	if err := w.admin("CREATE DATABASE " + b.name + " TEMPLATE " + template); err != nil {
		return nil, err
	}
	u, err := url.Parse(w.server)
	if err != nil {
		return nil, err
	}
	u.Path = "/" + b.name
	query := u.Query()
	query.Set("application_name", "bench")
	u.RawQuery = query.Encode()
	b.url = u.String()
	return b, w.admin("CHECKPOINT") // what the copy left to be written is not the next run's business
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Sync()
}

// admin runs a statement on the PostgreSQL server.
func (w *world) admin(statement string) error { return w.ask(w.server, statement) }

// ask runs a statement on a database.
func (w *world) ask(url, statement string) error {
	ctx := context.WithoutCancel(w.ctx) // what was made is also dropped
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

// drop throws a database away.
func (b *books) drop() error {
	if b.database == "postgres" {
		return b.admin("DROP DATABASE IF EXISTS " + b.name + " WITH (FORCE)")
	}
	files, err := filepath.Glob(b.name + "*")
	for _, file := range files {
		err = errors.Join(err, os.Remove(file))
	}
	return err
}

func (w *world) end() {
	for _, b := range []*books{w.filled, {world: w, name: w.home}} {
		if b == nil {
			continue
		}
		if err := b.drop(); err != nil {
			fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		}
	}
}

// open opens the product's use cases on a database.
func (b *books) open(clock func() time.Time) (*app.App, error) {
	db, err := store.Open(b.ctx, b.url)
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(b.ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	sealer, err := app.NewSealer(make([]byte, 32))
	if err != nil {
		return nil, err
	}
	return &app.App{DB: db, Clock: clock, Mint: app.NewMint(clock), Secrets: sealer, PublicURL: "http://bench", Log: slog.New(slog.DiscardHandler)}, nil
}

// settle makes the agency and its clients: included minutes for a few calls, then a wallet with every fourth, then
// billable minutes, so that calls cross from one pool into the next.
func (b *books) settle() (err error) {
	var elapsed atomic.Int64
	a, err := b.open(func() time.Time { return b.begun.Add(time.Duration(elapsed.Load()) * time.Millisecond) })
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.DB.Close()) }()
	made, key, err := a.CreateAgency(b.ctx, app.AgencySpec{Name: "Bench Voice", OwnerEmail: owner, OwnerPassword: password, Timezone: "America/New_York", Currency: "USD"})
	if err != nil {
		return err
	}
	b.agency, b.key, b.world.clients = made.ID, key, make([]string, b.Clients)
	plan, err := b.plan(a)
	if err != nil {
		return err
	}
	makers, faults, turn := sync.WaitGroup{}, make([]error, 8), atomic.Int64{}
	for i := range faults {
		makers.Go(func() {
			for n := int(turn.Add(1)) - 1; n < b.Clients && faults[i] == nil; n = int(turn.Add(1)) - 1 {
				faults[i] = b.client(a, plan, n)
			}
		})
	}
	makers.Wait()
	return errors.Join(faults...)
}

func (b *books) plan(a *app.App) (billing.ID, error) {
	fee, rate := billing.Money(9900), billing.Rate(250_000)
	plan, err := a.CreatePlan(b.ctx, b.operator(), billing.Terms{
		Name: "Growth", Currency: billing.Currency{Code: "USD", Digits: 2}, RecurringFee: &fee, Included: 30 * billing.Minute, Rate: &rate,
		Interval: billing.Month, IntervalCount: 1, AddonPacks: true, PaymentDueDays: 60, GraceDays: 300,
	})
	return plan.ID, err
}

func (b *books) operator() app.Actor { return app.Operator(b.agency) }

func (b *books) client(a *app.App, plan billing.ID, n int) error {
	c, err := a.CreateClient(b.ctx, b.operator(), app.ClientSpec{Name: fmt.Sprintf("Client %05d", n), ExternalID: fmt.Sprintf("client-%05d", n)})
	if err != nil {
		return err
	}
	b.world.clients[n] = c.ID.String()
	if err := a.AssignPlan(b.ctx, b.operator(), c.ID, plan); err != nil {
		return err
	}
	if _, err := a.Start(b.ctx, b.operator(), c.ID); err != nil {
		return err
	}
	if n%4 == 0 {
		if err := a.AdjustWallet(b.ctx, b.operator(), c.ID, 20*billing.Minute, "welcome"); err != nil {
			return err
		}
	}
	if n > 0 {
		return nil
	}
	_, invitation, err := a.InviteClientUser(b.ctx, b.operator(), c.ID, guest, "Front desk")
	if err != nil {
		return err
	}
	_, err = a.AcceptInvite(b.ctx, path.Base(invitation), password)
	return err
}

// full is a database with many events, the first part of a month's worth: made once, and kept for all that need it.
func (w *world) full() (*books, error) {
	if w.filled != nil {
		return w.filled, nil
	}
	b, err := w.fresh()
	if err != nil {
		return nil, err
	}
	if w.held, err = b.store(w.Size); err != nil {
		return nil, errors.Join(fmt.Errorf("storing %d events: %w", w.Size, err), b.drop())
	}
	w.filled = b
	return b, nil
}

// store stores so many events, more or less.
func (b *books) store(many int) (stored int, err error) {
	if many <= frontDoor || b.database != "postgres" {
		return b.fill(many)
	}
	if stored, err = b.fill(many / (copies + 1)); err != nil {
		return stored, err
	}
	return stored * (copies + 1), b.copyEvents(b.ctx)
}

// slowest is how many events a second are stored at least, or fewer than asked for are.
const slowest = 4000

// fill stores events through the front door, while the clock runs from the day everybody started to today.
func (b *books) fill(many int) (stored int, err error) {
	var done atomic.Int64
	now := func() time.Time {
		return b.begun.Add(time.Hour + time.Duration(float64(lived-2*time.Hour)*min(1, float64(done.Load())/float64(many))))
	}
	a, err := b.open(now)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, a.DB.Close()) }()
	last := time.Now().Add(time.Duration(many) * time.Second / slowest)
	fillers, faults := sync.WaitGroup{}, make([]error, 2)
	for i := range faults {
		dealer := b.traffic(b.world, b.Batch, i).Dealer(i)
		fillers.Go(func() {
			for done.Load() < int64(many) && faults[i] == nil && time.Now().Before(last) {
				faults[i] = record(b, a, reports(dealer, b.Batch, now()))
				done.Add(int64(b.Batch))
			}
		})
	}
	fillers.Wait()
	return int(done.Load()), errors.Join(faults...)
}

// reason shortens an answer for a message.
func reason(text []byte) string {
	return strings.Join(strings.Fields(string(text[:min(len(text), 300)])), " ")
}
