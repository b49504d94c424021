package sim

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"time"

	"minutebook/billing"
)

// zoneText lists the names of the IANA time zones, a line each.
//
//go:embed zones.txt
var zoneText string

// Zones are the names of all IANA time zones.
var Zones = strings.Fields(zoneText)

// hard are zones whose midnight is sometimes missing or repeated, and such as change by odd amounts.
var hard = []string{"America/Santiago", "America/Havana", "Africa/Cairo", "Asia/Beirut", "Atlantic/Azores", "America/Asuncion", "Australia/Lord_Howe", "Antarctica/Troll"}

// Opinion is a second view of the same life. It is asked after every step about everything there is to see, and answers
// with what it sees otherwise.
type Opinion interface {
	Differs(c *Client) []string
}

// Settings say how large a run is. What is zero has a default.
type Settings struct {
	Clients int
	Steps   int
	Zone    string // where everybody lives; empty: drawn from all
	Opinion Opinion
}

// Result is what became of a run.
type Result struct {
	Seed     uint64
	Hash     string // of every fact and refusal: the same seed, the same hash
	Commands int
	Refused  int
	Facts    int
	Hours    int64 // lived by all clients together
	Reach    Reach
	Broken   []string // what does not hold, with the step and the command after which it was found
	Script   Script   // what was told to whom, for when something does not hold
}

// Run lives the clients of an agency from a seed.
func Run(seed uint64, s Settings) Result {
	w := newRun(seed, s)
	hash := sha256.New()
	w.trace = hash
	w.begin()
	for step := 1; step <= w.Steps && len(w.result.Broken) == 0; step++ {
		w.step(step)
	}
	w.settle()
	for _, c := range w.clients {
		w.result.Facts += len(c.Facts)
		if len(c.Facts) > 0 {
			w.result.Hours += int64(c.Now.Sub(c.Facts[0].At) / time.Hour)
		}
	}
	w.result.Hash = hex.EncodeToString(hash.Sum(nil))
	return w.result
}

// run is a run on its way.
type run struct {
	Settings
	dice    *rand.Rand
	clients []*Client
	plans   []billing.Plan
	packs   []billing.Pack
	now     time.Time
	events  int
	trace   io.Writer
	made    map[billing.ID]int // the step that made it
	result  Result
}

func newRun(seed uint64, s Settings) *run {
	if s.Clients == 0 {
		s.Clients = 3
	}
	if s.Steps == 0 {
		s.Steps = 250
	}
	w := &run{Settings: s, dice: rand.New(rand.NewPCG(seed, 1)), made: map[billing.ID]int{}, result: Result{Seed: seed, Reach: Reach{}}}
	policy := billing.Policy{
		Recovery:    pick(w, billing.NoneOverdue, billing.NoneUnpaid),
		BlockedExit: pick(w, billing.ExitRestart, billing.ExitOnPayment),
	}
	currency := pick(w, billing.Currency{Code: "USD", Digits: 2}, billing.Currency{Code: "EUR", Digits: 2}, billing.Currency{Code: "JPY"}, billing.Currency{Code: "KWD", Digits: 3})
	for i := range 3 {
		w.plans = append(w.plans, billing.Plan{ID: billing.ID(10 + i), Version: 1, Terms: w.drawTerms(currency)})
		w.packs = append(w.packs, billing.Pack{ID: billing.ID(20 + i), Name: "Pack", Minutes: billing.Millis(1+w.dice.IntN(90)) * billing.Minute, Price: billing.Money(w.dice.IntN(2000)), Currency: currency})
	}
	w.result.Script = Script{Seed: seed, Policy: policy, Plans: w.plans, Packs: w.packs}
	return w
}

// begin lets everybody start on the first plan.
func (w *run) begin() {
	for i := range w.Clients {
		zone := w.Zone
		if zone == "" {
			zone = pick(w, pick(w, Zones...), pick(w, hard...))
		}
		if i == 0 {
			w.now = w.drawBeginning(zone)
		}
		w.result.Script.Zones = append(w.result.Script.Zones, zone)
		c := w.addClient(i, zone, w.result.Script.Policy)
		for n, do := range []any{AssignPlan{w.plans[0]}, AssignPacks{w.packs}, Start{w.plans[0]}} {
			w.tell(c, n-3*(i+1), do)
		}
	}
}

func (w *run) addClient(i int, zone string, policy billing.Policy) *Client {
	c := NewClient(w.now, zone, policy, billing.ID(1_000_000*(i+1)))
	c.place, c.Plans, c.Packs = i, w.plans, w.packs
	w.clients = append(w.clients, c)
	return c
}

// drawBeginning is an instant at which a life begins: any, a leap day, a local midnight, or one from which a boundary
// will fall where the clocks of the place are changed.
func (w *run) drawBeginning(zone string) time.Time {
	at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(w.dice.IntN(12*365*24*3600)) * time.Second)
	local, err := time.LoadLocation(zone)
	if err != nil {
		panic(fmt.Sprintf("sim: %s: %v", zone, err))
	}
	switch w.dice.IntN(7) {
	case 0:
		return time.Date(2024+4*w.dice.IntN(3), 2, 29, 12, w.dice.IntN(60), 0, 0, local).UTC()
	case 1:
		return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, local).UTC()
	case 2:
		return at
	}
	return w.beforeChange(at, local)
}

// beforeChange finds the next instant at which a place's clocks are changed, and goes back from there by some periods of
// the first plan, to a time of day that is skipped or repeated on the day of the change.
func (w *run) beforeChange(at time.Time, local *time.Location) time.Time {
	change, before, after, found := nextChange(at, local)
	if !found {
		return at
	}
	reading := change.UTC().Add(min(before, after)) // the first of the clock's readings that are skipped or repeated
	if n := int(max(before-after, after-before) / (15 * time.Minute)); w.dice.IntN(2) == 0 {
		reading = reading.Add(time.Duration(w.dice.IntN(n)) * 15 * time.Minute)
	}
	t, periods := w.plans[0].Terms, 1+w.dice.IntN(4)
	step := map[billing.Interval]int{billing.Day: 1, billing.Week: 7}[t.Interval] * t.IntervalCount * periods
	year, month := reading.Year(), reading.Month()
	switch t.Interval {
	case billing.Month:
		month -= time.Month(periods * t.IntervalCount)
	case billing.Year: // the change is on another day then, so begin just before it
		step = 1
	}
	return time.Date(year, month, reading.Day()-step, reading.Hour(), reading.Minute(), reading.Second(), 0, local).UTC()
}

// nextChange finds the next change of a zone's offset within a year, and the offsets on both sides.
func nextChange(at time.Time, local *time.Location) (change time.Time, before, after time.Duration, found bool) {
	offset := func(t time.Time) time.Duration {
		_, seconds := t.In(local).Zone()
		return time.Duration(seconds) * time.Second
	}
	at = at.Truncate(time.Hour)
	for range 366 * 24 * 4 {
		next := at.Add(15 * time.Minute)
		if before, after = offset(at), offset(next); before != after {
			return next, before, after, true
		}
		at = next
	}
	return at, 0, 0, false
}

func pick[T any](w *run, from ...T) T { return from[w.dice.IntN(len(from))] }

// step lets time pass for everybody and gives one client a command.
func (w *run) step(n int) {
	c := pick(w, w.clients...)
	w.passTime(c)
	do := w.draw(c)
	if do == nil {
		return
	}
	w.tell(c, n, do)
	w.look(c, n, do, n%20 == 0)
}

// passTime moves the clock, often onto or around an instant at which something happens to the client.
func (w *run) passTime(c *Client) {
	const day = 24 * time.Hour
	pass := pick(w, 0, 0, 0, time.Second, time.Hour, 20*time.Hour, 3*day, 8*day, 33*day)
	if w.dice.IntN(60) == 0 {
		pass = 150 * day
	}
	to := w.now.Add(pass + time.Duration(w.dice.IntN(1000))*time.Millisecond)
	if due, any := c.Account.NextDue(); any && w.dice.IntN(3) == 0 && due.Before(w.now.Add(40*day)) {
		to = due.Add(pick(w, -time.Millisecond, 0, 0, 0, time.Millisecond))
	}
	if to.After(w.now) {
		w.now = to
	}
}

// tell gives a client a command, now, as step n, and adds what came of it to the trace. A panic is a broken rule.
func (w *run) tell(c *Client, n int, do any) {
	w.result.Script.Steps = append(w.result.Script.Steps, Step{N: n, Client: c.place, At: w.now, Do: do, Names: w.names(c, do)})
	defer func() {
		if p := recover(); p != nil {
			w.broken("seed %d, step %d, client %d in %s, %T%+v at %s: panic: %v", w.result.Seed, n, c.Account.Client, c.Account.Zone, do, do, w.now.Format(time.RFC3339Nano), p)
		}
	}()
	c.Now = w.now
	from := len(c.Facts)
	if err := c.Pass(w.now); err != nil {
		w.broken("seed %d, step %d: time: %v", w.result.Seed, n, err)
		return
	}
	before := Clone(c.Account)
	err := c.Tell(do)
	if err == nil && c.Log[len(c.Log)-1].Made != 0 {
		w.made[c.Log[len(c.Log)-1].Made] = n
	}
	fmt.Fprintf(w.trace, "%d %T %v\n", c.Account.Client, do, err)
	for _, e := range c.Facts[from:] {
		body, bad := json.Marshal(e.Fact)
		if bad != nil {
			w.broken("%T cannot be written: %v", e.Fact, bad)
		}
		fmt.Fprintf(w.trace, "%d %s %s\n", e.At.UnixMicro(), e.Fact.FactName(), body)
	}
	w.result.Commands++
	var refusal *billing.Error
	switch {
	case errors.As(err, &refusal):
		w.result.Refused++
		w.result.Reach.note(c, before, nil, c.Facts[from:])
		w.result.Reach.at("pack refused while blocked", refusal.Code == "subscription_blocked")
	case err != nil:
		w.broken("%T: %v is no refusal", do, err)
	default:
		w.result.Reach.note(c, before, do, c.Facts[from:])
	}
	w.lookAtCampaigns(before, c.Account, do)
}

// lookAtCampaigns: what a person paused only a person resumes, and what is stopped stays so.
func (w *run) lookAtCampaigns(before, after *billing.Account, do any) {
	for _, was := range before.Campaigns {
		is := after.Campaign(was.ID)
		resumed, stopped := isIt(do, ResumeCampaign{was.ID}), isIt(do, StopCampaign{was.ID})
		if was.PausedBy == billing.ByUser && is.PausedBy != billing.ByUser && !resumed && !stopped || was.Status == billing.Stopped && is.Status != billing.Stopped {
			w.broken("campaign %+v became %+v after %T", *was, *is, do)
		}
	}
}

func (w *run) broken(format string, args ...any) {
	w.result.Broken = append(w.result.Broken, fmt.Sprintf(format, args...))
}

// look checks a client after a step, and asks the second opinion.
func (w *run) look(c *Client, step int, do any, whole bool) {
	found := c.Broken(whole)
	if w.Opinion != nil {
		found = append(found, w.Opinion.Differs(c)...)
	}
	for _, wrong := range found {
		w.broken("seed %d, step %d, client %d in %s, after %T%+v at %s: %s", w.result.Seed, step, c.Account.Client, c.Account.Zone, do, do, c.Now.Format(time.RFC3339Nano), wrong)
	}
}

// settle is the calm after the storm: everybody is brought to the same instant and looked at as a whole, and nothing
// that was due is left.
func (w *run) settle() {
	for _, c := range w.clients {
		if len(w.result.Broken) > 0 {
			return
		}
		w.calm(c)
		if due, any := c.Account.NextDue(); any && !due.After(w.now) {
			w.broken("client %d has something due at %s, it is %s", c.Account.Client, due, w.now)
		}
		w.look(c, w.Steps+1, nil, true)
	}
}

// calm lets time come to now for a client.
func (w *run) calm(c *Client) {
	defer func() {
		if p := recover(); p != nil {
			w.broken("seed %d, in the end, client %d: panic: %v", w.result.Seed, c.Account.Client, p)
		}
	}()
	if err := c.Pass(w.now); err != nil {
		w.broken("seed %d, in the end: time: %v", w.result.Seed, err)
	}
}

// isIt says whether a command is that very one; commands that hold lists cannot be compared otherwise.
func isIt[T comparable](do any, command T) bool {
	it, same := do.(T)
	return same && it == command
}
