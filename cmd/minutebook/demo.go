package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/provider"
)

type demoCommand struct{}

const (
	demoPassword = "demo minutes 2027"
	demoSecret   = "key_demo_0123456789abcdef" // what the pretended Retell account signs with
	demoTag      = "minutebook_client"
)

// Run serves a sample agency whose history was lived through in fast motion, and lets calls arrive as a provider
// would report them.
func (demoCommand) Run(p *process) error {
	folder, err := os.MkdirTemp("", "minutebook-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	p.dev = true
	p.quiet = slog.LevelWarn // the welcome should not scroll away under requests
	p.config.Data, p.config.Database = folder, "sqlite:"+filepath.Join(folder, "minutebook.db")
	clock := &demoClock{now: p.now}
	a, err := p.open(clock.Now)
	if err != nil {
		return err
	}
	defer a.DB.Close()
	listener, err := p.listen()
	if err != nil {
		return err
	}
	d := &demo{ctx: p.ctx, a: a, clock: clock, dice: rand.New(rand.NewPCG(7, 42))}
	if err := d.live(); err != nil {
		return errors.Join(fmt.Errorf("making the sample agency: %w", err), listener.Close())
	}
	fmt.Fprintf(p.out, demoWelcome, a.PublicURL, demoOwner, demoPassword, a.PublicURL, demoPortalUser, demoPassword, a.PublicURL, d.key)
	go d.calls(p.ctx)
	return p.serve(a, listener, "")
}

const (
	demoOwner      = "owner@acme.example"
	demoPortalUser = "front.desk@brightdental.example"
	demoWelcome    = `
A sample agency is running on a throw-away database; it is gone when you stop it.

  console  %s/console    %s  /  %s
  portal   %s/portal     %s  /  %s
  API      %s/docs       Authorization: Bearer %s

A call arrives every few seconds through the Retell door, signed as Retell signs. Press Ctrl-C to stop.
`
)

// demoClock is a clock that can live through the past.
type demoClock struct {
	now    func() time.Time
	mu     sync.Mutex
	behind time.Duration
}

// Now is the demo's now.
func (c *demoClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now().Add(-c.behind)
}

func (c *demoClock) set(behind time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.behind = behind
}

// demo makes the sample agency.
type demo struct {
	ctx        context.Context
	a          *app.App
	clock      *demoClock
	dice       *rand.Rand
	who        app.Actor
	key        string
	door       string
	growth     billing.ID
	starter    billing.ID
	hundred    billing.ID
	clients    []*demoClient
	callNumber int
}

// demoClient is a client of the sample agency and how it behaves.
type demoClient struct {
	name, external, email string
	plan                  *billing.ID
	startsAgo             int // days; 0: never
	callsADay, seconds    int
	pays                  int // how many cycle requests it pays, the oldest first
	usedTo                billing.Millis
	packs                 bool
	campaigns             []string
	rings                 bool // gets live calls
	id                    billing.ID
	paid                  int
}

func (d *demo) cast() []*demoClient {
	daysSince := func(months, days int) int {
		now := d.clock.Now()
		return int(now.Sub(now.AddDate(0, -months, -days)).Hours() / 24)
	}
	return []*demoClient{
		{name: "Bright Dental", external: "bright-dental", email: demoPortalUser, plan: &d.growth, startsAgo: 66, callsADay: 3, seconds: 170, pays: 9, packs: true, campaigns: []string{"Recall reminders"}, rings: true},
		{name: "Harbor Realty", external: "harbor-realty", plan: &d.growth, startsAgo: 11, callsADay: 5, seconds: 240, pays: 9, usedTo: 282 * billing.Minute, packs: true, campaigns: []string{"Open house invitations"}, rings: true},
		{name: "Northwind Logistics", external: "northwind", plan: &d.growth, startsAgo: daysSince(1, 17), callsADay: 4, seconds: 200, pays: 1, campaigns: []string{"Delivery windows", "Feedback calls"}},
		{name: "Sunset Spa", external: "sunset-spa", plan: &d.growth, startsAgo: daysSince(1, 26), callsADay: 2, seconds: 150, pays: 1, campaigns: []string{"Birthday offers"}},
		{name: "Pixel Fitness", external: "pixel-fitness", plan: &d.starter, startsAgo: 12, callsADay: 2, seconds: 140, pays: 9, usedTo: 60 * billing.Minute, packs: true, campaigns: []string{"Trial follow-up"}},
		{name: "Fresh Bakery", external: "fresh-bakery", plan: &d.growth},
	}
}

// live sets the agency up and lives through its last two months, a day a step.
func (d *demo) live() error {
	const days = 68
	d.clock.set(days * 24 * time.Hour)
	if err := d.setUp(); err != nil {
		return err
	}
	for ago := days; ago > 0; ago-- {
		d.clock.set(time.Duration(ago) * 24 * time.Hour)
		for _, c := range d.clients {
			if err := d.day(c, ago); err != nil {
				return fmt.Errorf("%s, %d days ago: %w", c.name, ago, err)
			}
		}
		if err := d.due(); err != nil {
			return err
		}
	}
	d.clock.set(0)
	if err := d.due(); err != nil {
		return err
	}
	for _, c := range d.clients {
		if err := d.useUpTo(c); err != nil {
			return err
		}
	}
	return nil
}

func (d *demo) due() error {
	for {
		if n, err := d.a.AdvanceDue(d.ctx, 100); err != nil || n == 0 {
			return err
		}
	}
}

func (d *demo) setUp() error {
	made, key, err := d.a.CreateAgency(d.ctx, app.AgencySpec{Name: "Acme Voice", OwnerEmail: demoOwner, OwnerPassword: demoPassword, Timezone: "America/New_York", Currency: "USD"})
	if err != nil {
		return err
	}
	d.who, d.key = app.Operator(made.ID), key
	if err := d.catalog(); err != nil {
		return err
	}
	connection, err := d.a.CreateConnection(d.ctx, d.who, "retell", "Retell production", demoSecret, demoTag)
	if err != nil {
		return err
	}
	d.door = connection.IngestURL
	d.clients = d.cast()
	for _, c := range d.clients {
		if err := d.client(c); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return nil
}

func (d *demo) catalog() error {
	usd := billing.Currency{Code: "USD", Digits: 2}
	fee, smallFee, rate := billing.Money(9900), billing.Money(2900), billing.Rate(250_000)
	growth, err := d.a.CreatePlan(d.ctx, d.who, billing.Terms{
		Name: "Growth", Description: "For busy front desks.", Currency: usd, RecurringFee: &fee, Included: 300 * billing.Minute, Rate: &rate,
		Interval: billing.Month, IntervalCount: 1, AddonPacks: true, PaymentDueDays: 14, GraceDays: 7,
	})
	if err != nil {
		return err
	}
	starter, err := d.a.CreatePlan(d.ctx, d.who, billing.Terms{
		Name: "Starter", Description: "A first assistant, with a hard stop.", Currency: usd, RecurringFee: &smallFee, Included: 60 * billing.Minute,
		Interval: billing.Month, IntervalCount: 1, AddonPacks: true, PaymentDueDays: 14, GraceDays: 7,
	})
	if err != nil {
		return err
	}
	perMinute := billing.Rate(320_000)
	if _, err := d.a.CreatePlan(d.ctx, d.who, billing.Terms{
		Name: "Pay as you go", Description: "No fee; whole minutes.", Currency: usd, Rate: &perMinute, Interval: billing.Week, IntervalCount: 2,
		PaymentDueDays: 7, GraceDays: 7, Chat: true, ChatsPerMinute: 5_000_000, Rounding: billing.Rounding{IncrementSeconds: 60},
	}); err != nil {
		return err
	}
	pack, err := d.a.CreatePack(d.ctx, d.who, billing.Pack{Name: "100 Minutes", Minutes: 100 * billing.Minute, Price: 2000, Currency: usd})
	if err != nil {
		return err
	}
	d.growth, d.starter, d.hundred = growth.ID, starter.ID, pack.ID
	text := "Bank transfer to Acme Voice, or the card link in our mail. Please name the payment reference."
	_, err = d.a.UpdateSettings(d.ctx, d.who, app.SettingsPatch{Instructions: &app.Instructions{Text: text, AccountName: "Acme Voice LLC"}})
	return err
}

func (d *demo) client(c *demoClient) error {
	made, err := d.a.CreateClient(d.ctx, d.who, app.ClientSpec{Name: c.name, ExternalID: c.external})
	if err != nil {
		return err
	}
	c.id = made.ID
	if err := d.a.AssignPlan(d.ctx, d.who, c.id, *c.plan); err != nil {
		return err
	}
	if c.packs {
		if err := d.a.AssignPacks(d.ctx, d.who, c.id, []billing.ID{d.hundred}); err != nil {
			return err
		}
	}
	for _, name := range c.campaigns {
		if _, err := d.a.RegisterCampaign(d.ctx, d.who, c.id, billing.Campaign{Name: name, Direction: "OUTBOUND"}); err != nil {
			return err
		}
	}
	if c.email == "" {
		return nil
	}
	_, invite, err := d.a.InviteClientUser(d.ctx, d.who, c.id, c.email, "Front desk")
	if err != nil {
		return err
	}
	_, err = d.a.AcceptInvite(d.ctx, filepath.Base(invite), demoPassword)
	return err
}

// day is one day of a client: it starts, calls, buys and pays.
func (d *demo) day(c *demoClient, ago int) error {
	if c.startsAgo == 0 || ago > c.startsAgo {
		return nil
	}
	if ago == c.startsAgo {
		if _, err := d.a.Start(d.ctx, d.who, c.id); err != nil {
			return err
		}
	}
	acc, _, err := d.a.Account(d.ctx, d.who, c.id)
	if err != nil {
		return err
	}
	if acc.Access.Reason == billing.Allowed {
		if err := d.dayOfCalls(c); err != nil {
			return err
		}
	}
	if c.name == "Bright Dental" && ago == 40 {
		if _, err := d.a.ApplyPack(d.ctx, d.who, c.id, d.hundred, true, "txn_pack_1"); err != nil {
			return err
		}
	}
	return d.pay(c, acc)
}

func (d *demo) dayOfCalls(c *demoClient) error {
	var reports []app.UsageReport
	for range c.callsADay {
		reports = append(reports, d.call(c, billing.Millis(c.seconds*500+d.dice.IntN(c.seconds*1000))))
	}
	return d.record(reports)
}

// pay settles the requests that the client has had for three days, as far as it pays at all.
func (d *demo) pay(c *demoClient, acc *billing.Account) error {
	for _, r := range acc.Requests {
		if c.paid >= c.pays || !r.Open() || d.clock.Now().Sub(r.IssuedAt) < 3*24*time.Hour {
			continue
		}
		c.paid++
		reference := fmt.Sprintf("txn_%04d", 1000+d.dice.IntN(9000))
		if err := d.a.UpdateRequest(d.ctx, d.who, r.ID, billing.RequestUpdate{Status: billing.Paid, ExternalPaymentID: &reference}); err != nil {
			return err
		}
	}
	return nil
}

// useUpTo lets a client call until its included minutes are used up to a mark.
func (d *demo) useUpTo(c *demoClient) error {
	if c.usedTo == 0 {
		return nil
	}
	acc, _, err := d.a.Account(d.ctx, d.who, c.id)
	if err != nil {
		return err
	}
	var reports []app.UsageReport
	for left := c.usedTo - acc.Period.Used.Included; left > 0; left -= 12 * billing.Minute {
		reports = append(reports, d.call(c, min(left, 12*billing.Minute)))
	}
	return d.record(reports)
}

// call is a call that just ended.
func (d *demo) call(c *demoClient, talk billing.Millis) app.UsageReport {
	d.callNumber++
	id, now := fmt.Sprintf("call-%05d", d.callNumber), d.clock.Now()
	return app.UsageReport{ClientID: c.id, UsageEvent: billing.UsageEvent{
		Source: "history", EventID: id, CallID: id, Kind: billing.Call, StartedAt: now.Add(-time.Duration(talk) * time.Millisecond), EndedAt: now, Talk: talk, Direction: "OUTBOUND",
	}}
}

func (d *demo) record(reports []app.UsageReport) error {
	results, err := d.a.RecordUsage(d.ctx, d.who, reports)
	for _, r := range results {
		if err == nil && r.Result != app.UsageAccepted {
			err = fmt.Errorf("call %s was %s: %v", r.EventID, r.Result, r.Error)
		}
	}
	return err
}

// calls lets calls arrive as Retell reports them: its body, its signature, over the network.
func (d *demo) calls(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Duration(2000+d.dice.IntN(3000)) * time.Millisecond):
		}
		c := d.clients[d.dice.IntN(len(d.clients))]
		if !c.rings {
			continue
		}
		if err := d.ring(ctx, c); err != nil && ctx.Err() == nil {
			d.a.Log.Warn("the demo's call did not arrive", "error", err)
		}
	}
}

func (d *demo) ring(ctx context.Context, c *demoClient) error {
	now, talk := d.clock.Now(), int64(15_000+d.dice.IntN(150_000))
	body, err := json.Marshal(map[string]any{"event": "call_ended", "call": map[string]any{
		"call_id": fmt.Sprintf("demo%d", now.UnixNano()), "call_type": "phone_call", "agent_id": "agent_" + c.external, "call_status": "ended",
		"direction": "inbound", "from_number": "+14155550100", "to_number": "+14155550199", "start_timestamp": now.UnixMilli() - talk, "end_timestamp": now.UnixMilli(),
		"duration_ms": talk, "disconnection_reason": "user_hangup", "metadata": map[string]string{demoTag: c.external}, "call_cost": map[string]any{"combined_cost": talk / 10_000},
	}})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, d.door, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Retell-Signature", provider.SignRetell(demoSecret, body, now))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the door answered %s", response.Status)
	}
	return nil
}
