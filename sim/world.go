package sim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"log/slog"
	"math/rand/v2"
	"time"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/store"
)

// Opener opens a fresh database with the whole schema.
type Opener func(...store.Option) (*store.DB, error)

// WorldSettings say how large a world is. What is zero has a default.
type WorldSettings struct {
	Open  Opener
	Steps int
	Calm  bool // no faults, no jumps of clocks
	Only  int  // 1 or 2: that agency alone acts, just as it does beside the other in a calm world; 0: both

	Look func(db *store.DB, first, second Seen) // at the end
}

// Seen is an agency at the end of a world, with what it was answered all along.
type Seen struct {
	Agency  billing.ID
	Answers []string
}

// WorldPlaces are what Reach counts in worlds, beside the Places of the lives in them.
var WorldPlaces = []string{
	"a command met a fault", "unknown outcome, asked again", "died before a commit", "died after a commit", "died between a claim and its commit", "disk full", "deadlock", "timeout", "read-only",
	"clock stepped back over a boundary", "clock stepped ahead over a boundary", "clock stood still", "written by a worker that is behind", "three workers",
	"in-batch duplicate", "the other agency acted in between", "provider's report", "provider's later report", "portal user acted", "portal user refused", "time sweep met a fault",
	"two agencies' events with one id",
}

// World lives two agencies from a seed on a real store: operators, portal users and a provider act through one to three
// processes whose clocks differ and jump, and any call of the database may fail, or be the last of its process. Each
// command is asked again until it is answered, as a client does. After each, the client is read back whole and must be
// what the rules and the second opinion make of the commands that were accepted.
func World(seed uint64, s WorldSettings) (r Result) {
	w := &world{WorldSettings: s, ctx: context.Background(), course: rand.New(rand.NewPCG(seed, 2)), dice: rand.New(rand.NewPCG(seed, 3)), trace: sha256.New(), result: Result{Seed: seed, Reach: Reach{}}}
	if w.Steps == 0 {
		w.Steps = 120
	}
	db, err := s.Open(store.Faults(w.strike))
	if err != nil {
		w.broken("opening the database: %v", err)
		return w.result
	}
	defer db.Close()
	w.db = db
	w.build(seed)
	for w.step = 1; w.step <= w.Steps && len(w.result.Broken) == 0; w.step++ {
		w.live()
	}
	if len(w.result.Broken) == 0 {
		w.settle()
	}
	for _, t := range w.tenants {
		for _, h := range t.homes {
			w.result.Facts += len(h.lens.Facts)
			w.result.Hours += int64(h.lens.Now.Sub(t.began) / time.Hour)
			fmt.Fprintf(w.trace, "%d %v\n", h.lens.Account.Client, h.told)
		}
	}
	if s.Look != nil && len(w.result.Broken) == 0 {
		s.Look(db, w.tenants[0].seen(), w.tenants[1].seen())
	}
	w.result.Hash = hex.EncodeToString(w.trace.Sum(nil))
	return w.result
}

// LiveWorlds lives worlds from seeds, from the first of them on.
func LiveWorlds(first, seeds uint64, s WorldSettings) Tally {
	return tallied(first, seeds, func(seed uint64) Result { return World(seed, s) })
}

// world is a world on its way.
type world struct {
	WorldSettings
	ctx     context.Context
	course  *rand.Rand // the dice of what happens to everybody: time, and whose turn it is
	dice    *rand.Rand // of faults and jumps; the agencies have their own
	db      *store.DB
	workers []*worker
	tenants []*tenant
	now     time.Time // as it really is
	minted  billing.ID
	step    int
	last    *tenant
	trace   hash.Hash
	result  Result

	rate  int // one in so many calls is struck; 0: none
	modes []calamity
	jumps bool // clocks jump
	armed bool
	dead  bool // the process that acts
	stage store.Stage
	hit   string
}

// tenant is an agency with what it sells. What its people do is drawn by the dice of its run.
type tenant struct {
	*run
	agency billing.ID
	began  time.Time
	who    app.Actor
	conn   app.Connection
	homes  []*home

	asked   int
	answers []string
}

func (t *tenant) seen() Seen { return Seen{t.agency, t.answers} }

// home is a client as the store has it.
type home struct {
	id       billing.ID
	external string
	log      []Told
	lens     *Client  // read back from the store
	told     []string // its facts, in writing
}

// worker is one process of the program.
type worker struct {
	app    *app.App
	skew   time.Duration
	frozen time.Time // its clock stands still here, if set
}

func (w *world) broken(format string, args ...any) {
	w.result.Broken = append(w.result.Broken, fmt.Sprintf("world %d, step %d: ", w.result.Seed, w.step)+fmt.Sprintf(format, args...))
}

// must is for what cannot fail while no fault is armed.
func (w *world) must(err error) {
	if err != nil {
		panic(fmt.Sprintf("sim: building world %d: %v", w.result.Seed, err))
	}
}

// build sets up the processes and two agencies whose clients have the same names.
func (w *world) build(seed uint64) {
	w.now = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(w.dice.IntN(10*365*24*3600)) * time.Second)
	w.minted = 1_000_000_000_000_000_000
	for range 1 + w.dice.IntN(3) {
		w.workers = append(w.workers, w.start(&worker{skew: time.Duration(w.dice.IntN(21)-10) * time.Minute}))
	}
	w.result.Reach.at("three workers", len(w.workers) == 3)
	for i := range 2 {
		w.tenants = append(w.tenants, w.found(seed, i))
	}
	if w.Calm {
		return
	}
	w.rate = []int{0, 15, 40, 150}[w.dice.IntN(4)] // some worlds know no faults
	for _, c := range calamities {
		if w.dice.IntN(3) > 0 {
			w.modes = append(w.modes, c)
		}
	}
	w.jumps = w.dice.IntN(3) > 0
}

// start is a process that begins anew.
func (w *world) start(k *worker) *worker {
	sealer, err := app.NewSealer(make([]byte, 32))
	w.must(err)
	k.app = &app.App{
		DB: w.db, Secrets: sealer, PublicURL: "http://localhost", Log: slog.New(slog.DiscardHandler), Mint: func() billing.ID { w.minted++; return w.minted },
		Clock: func() time.Time {
			if !k.frozen.IsZero() {
				return k.frozen
			}
			return w.now.Add(k.skew)
		},
	}
	return k
}

// found founds an agency with plans, packs, a provider and two clients.
func (w *world) found(seed uint64, place int) *tenant {
	t := &tenant{run: &run{dice: rand.New(rand.NewPCG(seed, uint64(10+place))), trace: quiet{}, made: map[billing.ID]int{}, result: Result{Seed: seed, Reach: w.result.Reach}}, began: w.now}
	a := w.workers[0].app
	agency := store.Agency{
		ID: a.Mint(), Name: "Acme", Timezone: pick(t.run, Zones...), Currency: "USD", CreatedAt: w.now, UpdatedAt: w.now, PortalStart: t.dice.IntN(2) == 0,
		Policy: billing.Policy{Recovery: pick(t.run, billing.NoneOverdue, billing.NoneUnpaid), BlockedExit: pick(t.run, billing.ExitRestart, billing.ExitOnPayment)},
	}
	t.agency, t.who = agency.ID, app.Operator(agency.ID)
	w.must(w.db.InTx(w.ctx, func(ctx context.Context, q store.Q) error { return store.InsertAgency(ctx, q, agency) }))
	currency := pick(t.run, billing.Currency{Code: "USD", Digits: 2}, billing.Currency{Code: "JPY"}, billing.Currency{Code: "KWD", Digits: 3})
	for i := range 3 {
		terms := t.drawTerms(currency)
		terms.Name = fmt.Sprint("Plan ", i)
		plan, err := a.CreatePlan(w.ctx, t.who, terms)
		w.must(err)
		t.plans = append(t.plans, plan.Plan)
		pack, err := a.CreatePack(w.ctx, t.who, billing.Pack{Name: fmt.Sprint("Pack ", i), Minutes: billing.Millis(1+t.dice.IntN(90)) * billing.Minute, Price: billing.Money(1 + t.dice.IntN(2000)), Currency: currency})
		w.must(err)
		t.packs = append(t.packs, pack.Pack)
	}
	conn, err := a.CreateConnection(w.ctx, t.who, "vapi", "Calls", "secret", "")
	w.must(err)
	t.conn = conn
	for i := range 2 {
		h := &home{external: fmt.Sprint("client-", i)}
		client, err := a.CreateClient(w.ctx, t.who, app.ClientSpec{Name: fmt.Sprint("Client ", i), ExternalID: h.external, Timezone: pick(t.run, pick(t.run, Zones...), pick(t.run, hard...))})
		w.must(err)
		h.id = client.ID
		t.homes = append(t.homes, h)
		w.see(t, h)
		for _, do := range []any{AssignPlan{t.plans[0]}, AssignPacks{t.packs}, Start{t.plans[0]}} {
			w.tell(t, h, do)
		}
	}
	return t
}

// live is one step: time passes, clocks may jump, somebody does something, and some process looks for what is due.
func (w *world) live() {
	w.pass(pick(&run{dice: w.course}, 0, time.Second, time.Minute, time.Hour, 20*time.Hour, 3*24*time.Hour, 9*24*time.Hour, 33*24*time.Hour))
	if w.jumps && w.dice.IntN(12) == 0 {
		w.jump(w.worker(w.dice))
	}
	if w.course.IntN(3) == 0 {
		w.sweep(w.worker(w.course))
	}
	place := w.course.IntN(len(w.tenants))
	t := w.tenants[place]
	if w.Only != 0 && w.Only != place+1 {
		return
	}
	w.result.Reach.at("the other agency acted in between", w.last != nil && w.last != t)
	w.last = t
	h := pick(t.run, t.homes...)
	t.now = later(w.now, h.lens.Now)
	if do := t.draw(h.lens); do != nil {
		w.tell(t, h, do)
	}
}

func (w *world) pass(d time.Duration) { w.now = w.now.Add(d) }

func (w *world) worker(dice *rand.Rand) *worker { return w.workers[dice.IntN(len(w.workers))] }

// jump does to a process's clock what happens to clocks.
func (w *world) jump(k *worker) {
	if !k.frozen.IsZero() {
		k.frozen = time.Time{}
		return
	}
	if w.dice.IntN(4) == 0 {
		k.frozen = w.now.Add(k.skew)
		w.result.Reach["clock stood still"]++
		return
	}
	const day = 24 * time.Hour
	before := w.now.Add(k.skew)
	k.skew = []time.Duration{0, 10 * time.Minute, -10 * time.Minute, -time.Hour, -day, day, 40 * day}[w.dice.IntN(7)]
	after := w.now.Add(k.skew)
	for _, t := range w.tenants {
		for _, h := range t.homes {
			end, start := h.lens.Account.Period.End, h.lens.Account.Period.Start
			w.result.Reach.at("clock stepped back over a boundary", after.Before(start) && !before.Before(start))
			w.result.Reach.at("clock stepped ahead over a boundary", !after.Before(end) && before.Before(end))
		}
	}
}

// sweep lets a process do what its job does every second.
func (w *world) sweep(k *worker) {
	touched := false
	for range 30 {
		moved := 0
		err := w.dare(k, func() (err error) { moved, err = k.app.AdvanceDue(w.ctx, 50); return err })
		w.result.Reach.at("time sweep met a fault", err != nil)
		touched = touched || err != nil || moved > 0
		if err != nil || moved == 0 {
			break
		}
	}
	for _, t := range w.tenants {
		for _, h := range t.homes {
			if touched {
				w.see(t, h)
			}
		}
	}
}

// errDied is what a process answers that died.
var errDied = errors.New("the process died")

// death is what a dying process panics with.
type death struct{}

// dare lets a process do something while faults are armed. If it dies, it is started again.
func (w *world) dare(k *worker, do func() error) (err error) {
	w.armed, w.hit = true, ""
	defer func() {
		w.armed, w.dead = false, false
		switch p := recover().(type) {
		case nil:
		case death:
			err = errDied
			w.start(k)
		default:
			w.broken("panic: %v", p)
			err = errDied
		}
	}()
	return do()
}

// tell gives a client a command, asks until it is answered, and looks at what came of it.
func (w *world) tell(t *tenant, h *home, do any) {
	idle := h.idle(do)
	before := Clone(h.lens.Account)
	facts := len(h.lens.Facts)
	made, at, err := w.ask(t, h, do)
	w.result.Commands++
	t.answers = append(t.answers, fmt.Sprintf("%T %v", do, err))
	var refusal *billing.Error
	switch {
	case errors.As(err, &refusal):
		w.result.Refused++
		fmt.Fprintf(w.trace, "%T %s\n", do, refusal.Code)
	case err != nil:
		w.broken("%T%+v was answered %v", do, do, err)
	case !at.IsZero() && !idle:
		h.log = append(h.log, Told{At: at, Do: do, Made: made})
		h.lens.Log = h.log
		w.result.Reach.note(h.lens, before, do, h.lens.Facts[facts:])
	}
	w.look(t, h, do)
}

// idle says whether a command is welcome and changes nothing: a call that is known, a correction to what is there.
func (h *home) idle(do any) bool {
	switch do := do.(type) {
	case Use:
		return h.lens.Event(do.Event.Source, do.Event.EventID) != nil
	case Correct:
		u := h.lens.Event(do.Source, do.Event)
		return u == nil || u.Status == billing.VoidUsage || u.Event.Kind != billing.Call || u.Event.Talk == do.Talk
	}
	return false
}

// look holds what the store has of a client against the rules and the second opinion.
func (w *world) look(t *tenant, h *home, do any) {
	found := h.lens.Broken(w.step%10 == 0)
	found = append(found, Second{}.Differs(h.lens)...)
	for _, wrong := range found {
		w.broken("client %d in %s, after %T%+v at %s: %s", h.id, h.lens.Account.Zone, do, do, h.lens.Now.Format(time.RFC3339Nano), wrong)
	}
}

// patience is how often a command is asked before the world gives up.
const patience = 60

// ask asks for a command until it is answered. It says when it was done: the zero instant if nothing was.
func (w *world) ask(t *tenant, h *home, do any) (made billing.ID, at time.Time, err error) {
	t.asked++
	who, key := w.somebody(t, h, do), fmt.Sprint("key-", t.asked)
	for try := 1; try <= patience; try++ {
		k := w.worker(t.dice)
		behind := k.app.Clock().Before(h.lens.Now)
		err := w.dare(k, func() (err error) { made, err = w.once(k.app, t, h, who, key, do); return err })
		lost := w.hit != "" && w.stage == store.AfterCommit
		if w.see(t, h) {
			at = h.lens.Now
			w.result.Reach.at("written by a worker that is behind", behind)
		}
		var refusal *billing.Error
		switch errors.As(err, &refusal); {
		case refusal != nil && refusal.Code == "idempotency_key_in_use":
			w.result.Reach["died between a claim and its commit"]++
			w.pass(store.ClaimTimeout + time.Second)
			k.frozen = time.Time{}
		case refusal != nil, err == nil:
			w.result.Reach.at("portal user acted", err == nil && who.Kind == app.ByPortal)
			w.result.Reach.at("portal user refused", err != nil && who.Kind == app.ByPortal)
			return made, at, err
		case w.hit == "" && !w.known(err): // nothing was struck, and yet it failed
			return made, at, err
		default:
			w.result.Reach["a command met a fault"]++
			w.result.Reach.at("unknown outcome, asked again", lost && !errors.Is(err, errDied))
			w.result.Reach.at("died after a commit", lost && errors.Is(err, errDied))
			w.result.Reach.at("died before a commit", !lost && errors.Is(err, errDied))
			w.pass(time.Duration(w.dice.IntN(5000)) * time.Millisecond)
			w.sweep(w.worker(w.dice))
		}
	}
	return made, at, fmt.Errorf("not answered in %d tries", patience)
}

// known says whether an answer is one that only a fault before it can have caused.
func (w *world) known(err error) bool {
	return errors.Is(err, store.ErrBusy) || errors.Is(err, store.ErrUnknown)
}

// somebody is who gives a command: mostly the agency, at times the client itself.
func (w *world) somebody(t *tenant, h *home, do any) app.Actor {
	if _, is := do.(Start); is && t.dice.IntN(3) == 0 || t.dice.IntN(40) == 0 {
		return app.Actor{Agency: t.agency, Client: h.id, Kind: app.ByPortal, ID: h.id, Name: "sam@example.com"}
	}
	return t.who
}

// once acts under an Idempotency-Key; usage is known by its own id.
func (w *world) once(a *app.App, t *tenant, h *home, who app.Actor, key string, do any) (made billing.ID, err error) {
	switch do := do.(type) {
	case Use:
		return w.report(a, t, h, do.Event)
	case Correct:
		if u := h.lens.Event(do.Source, do.Event); u != nil && do.Source == t.conn.Provider && u.Event.Kind == billing.Call {
			w.result.Reach["provider's later report"]++
			again := u.Event
			again.Talk = do.Talk
			return w.report(a, t, h, again)
		}
	}
	answer, _, err := a.Once(w.ctx, who, key, []byte(key), func(ctx context.Context) app.Attempt {
		id, err := t.act(ctx, a, who, h, do)
		var refusal *billing.Error
		switch {
		case err == nil:
			return app.Attempt{Keep: true, Answer: app.FirstAnswer{Status: 200, Body: []byte(id.String())}}
		case errors.As(err, &refusal):
			return app.Attempt{Answer: app.FirstAnswer{Status: 409, Body: []byte(refusal.Code)}}
		}
		return app.Attempt{Broken: true, Answer: app.FirstAnswer{Status: 503, Body: []byte(err.Error())}}
	})
	switch {
	case err != nil:
		return 0, err
	case answer.Status == 409:
		return 0, &billing.Error{Code: string(answer.Body)}
	case answer.Status != 200:
		return 0, fmt.Errorf("%w: %s", store.ErrBusy, answer.Body)
	}
	made, _ = billing.ParseID(string(answer.Body)) // 0, if it made nothing
	return made, nil
}

// report reports a call: by the provider where it is the provider's, else by the agency's own software, at times twice in
// one batch.
func (w *world) report(a *app.App, t *tenant, h *home, u billing.UsageEvent) (billing.ID, error) {
	if u.Source == t.conn.Provider && u.Kind == billing.Call {
		w.result.Reach["provider's report"]++
		u.CallID = u.EventID
		out, err := a.RecordReport(w.ctx, t.conn, app.ProviderReport{UsageEvent: u, ClientTag: h.external}, nil)
		if err == nil && out.Error != nil {
			err = out.Error
		}
		return out.EventID, err
	}
	one := app.UsageReport{UsageEvent: u, ClientID: h.id}
	results, err := a.RecordUsage(w.ctx, t.who, []app.UsageReport{one, one})
	if err != nil {
		return 0, err
	}
	w.result.Reach.at("in-batch duplicate", results[0].Result == app.UsageAccepted && results[1].Result == app.UsageDuplicate)
	if results[0].Result == app.UsageAccepted && results[1].Result != app.UsageDuplicate {
		w.broken("%s was accepted and, a second time in one batch, %s", u.EventID, results[1].Result)
	}
	for _, other := range w.tenants {
		w.result.Reach.at("two agencies' events with one id", other != t && results[0].Result == app.UsageAccepted && other.has(u))
	}
	if results[0].Error != nil {
		return 0, results[0].Error
	}
	return results[0].ID, nil
}

func (t *tenant) has(u billing.UsageEvent) bool {
	for _, h := range t.homes {
		if h.lens.Event(u.Source, u.EventID) != nil {
			return true
		}
	}
	return false
}

// act lets a use case carry a command out.
func (t *tenant) act(ctx context.Context, a *app.App, who app.Actor, h *home, do any) (made billing.ID, err error) {
	subscription := billing.ID(1) // there is none
	if s := h.lens.Account.Subscription; s != nil {
		subscription = s.ID
	}
	switch do := do.(type) {
	case AssignPlan:
		return 0, a.AssignPlan(ctx, who, h.id, do.Plan.ID)
	case RemovePlan:
		return 0, a.RemovePlan(ctx, who, h.id)
	case AssignPacks:
		var ids []billing.ID
		for _, p := range do.Packs {
			ids = append(ids, p.ID)
		}
		return 0, a.AssignPacks(ctx, who, h.id, ids)
	case Start:
		return a.Start(ctx, who, h.id)
	case Cancel:
		return 0, a.Cancel(ctx, who, subscription, do.Cancellation, do.AtPeriodEnd)
	case UndoCancel:
		return 0, a.UndoCancel(ctx, who, subscription)
	case ChangePlan:
		return a.ChangePlan(ctx, who, subscription, do.Plan.ID, do.Cancellation, do.AtPeriodEnd)
	case Void:
		return 0, a.VoidUsage(ctx, who, h.event(do.Source, do.Event), why)
	case Correct:
		return 0, a.CorrectUsage(ctx, who, h.event(do.Source, do.Event), do.Talk, why)
	case ApplyPack:
		return a.ApplyPack(ctx, who, h.id, do.Pack.ID, do.Paid, "")
	case RequestOneTime:
		return a.RequestOneTime(ctx, who, h.id, do.OneTimeRequest)
	case UpdateRequest:
		return 0, a.UpdateRequest(ctx, who, do.Request, do.RequestUpdate)
	case Pay:
		do.ReceivedAt = time.Time{} // now, by whatever clock
		return a.ReceivePayment(ctx, who, h.id, do.Payment)
	case Adjust:
		return 0, a.AdjustWallet(ctx, who, h.id, do.Delta, why)
	}
	return t.actOnAccess(ctx, a, who, h, do)
}

func (t *tenant) actOnAccess(ctx context.Context, a *app.App, who app.Actor, h *home, do any) (made billing.ID, err error) {
	switch do := do.(type) {
	case SetHold:
		return 0, a.SetHold(ctx, who, h.id, do.On, why)
	case SetOverride:
		return 0, a.SetOverride(ctx, who, h.id, do.Until, why)
	case SetDenialPolicy:
		_, err := a.EditClient(ctx, who, h.id, app.ClientPatch{DenialPolicy: &do.Policy})
		return 0, err
	case RegisterCampaign:
		return a.RegisterCampaign(ctx, who, h.id, billing.Campaign{Name: "Campaign", Direction: do.Direction})
	case PauseCampaign:
		return 0, a.PauseCampaign(ctx, who, do.Campaign, why)
	case ResumeCampaign:
		return 0, a.ResumeCampaign(ctx, who, do.Campaign)
	case StopCampaign:
		return 0, a.StopCampaign(ctx, who, do.Campaign)
	}
	panic(fmt.Sprintf("sim: unknown command %T", do))
}

func (h *home) event(source, event string) billing.ID {
	if u := h.lens.Event(source, event); u != nil {
		return u.ID
	}
	return 1
}

// see reads a client back from the store and says whether it has new facts. What was there before must be there
// unchanged: no fact, no order of facts, no due date moves, whatever the clocks do.
func (w *world) see(t *tenant, h *home) (grew bool) {
	var stored store.History
	w.must(w.db.Snapshot(w.ctx, func(ctx context.Context, q store.Q) (err error) {
		stored, err = store.LoadHistory(ctx, q, t.agency, h.id)
		return err
	}))
	was := h.lens
	h.lens = lensOf(stored, t.run)
	h.lens.Log = h.log
	var told []string
	for _, e := range h.lens.Facts {
		body, err := json.Marshal(e.Fact)
		w.must(err)
		told = append(told, fmt.Sprintf("%d %d %s %s", e.Seq, e.At.UnixMicro(), e.Fact.FactName(), body))
	}
	if len(told) < len(h.told) {
		w.broken("client %d had %d facts and has %d", h.id, len(h.told), len(told))
		return false
	}
	for i, line := range h.told {
		if told[i] != line {
			w.broken("client %d: fact %q became %q", h.id, line, told[i])
		}
	}
	grew = len(told) > len(h.told)
	h.told = told
	if was != nil {
		w.forward(h, was)
	}
	return grew
}

// forward compares two looks at one client.
func (w *world) forward(h *home, was *Client) {
	is := h.lens
	if is.Account.Seq < was.Account.Seq || is.Account.Written.Before(was.Account.Written) || is.Now.Before(was.Now) {
		w.broken("client %d went back from %d at %s to %d at %s", h.id, was.Account.Seq, was.Account.Written, is.Account.Seq, is.Account.Written)
	}
	for _, q := range was.Account.Requests {
		r := is.Account.Request(q.ID)
		if r == nil || !r.DueAt.Equal(q.DueAt) || !r.GraceEndsAt.Equal(q.GraceEndsAt) || !r.IssuedAt.Equal(q.IssuedAt) || r.Amount != q.Amount || r.Number != q.Number {
			w.broken("client %d: request %+v became %+v", h.id, q, r)
		}
	}
}

// lensOf is a client's life as its facts tell it, with the account as the store has it.
func lensOf(h store.History, t *run) *Client {
	c := NewClient(time.Time{}, h.Account.Zone, h.Account.Policy, h.Account.Client)
	replay := &billing.Account{Agency: h.Account.Agency, Client: h.Account.Client, Policy: h.Account.Policy, Zone: h.Account.Zone, Denial: billing.PauseAll}
	for _, f := range h.Facts {
		before := replay.Summary()
		replay.Seq = f.Seq
		replay.Apply(f.At, f.Fact)
		e := billing.Entry{Seq: f.Seq, At: f.At, Fact: f.Fact, Before: before, After: replay.Summary()}
		c.note(e)
		c.Facts = append(c.Facts, e)
		c.Now = f.At
	}
	c.Account = h.Account
	c.Account.CreditLines = h.CreditLines
	c.Plans, c.Packs = t.plans, t.packs
	return c
}

// settle is the calm after the storm: no fault and no crooked clock. Soon nothing that was due may be left, nobody may
// hold anything, and the audit must find the whole database in order.
func (w *world) settle() {
	w.rate = 0
	for _, k := range w.workers {
		k.skew, k.frozen = 0, time.Time{}
	}
	for _, t := range w.tenants {
		for _, h := range t.homes {
			if !w.Calm {
				w.now = later(w.now, h.lens.Account.Written)
			}
		}
	}
	w.pass(3 * 24 * time.Hour)
	for range 200 {
		moved, err := w.workers[0].app.AdvanceDue(w.ctx, 50)
		if err != nil {
			w.broken("after the storm: %v", err)
			return
		}
		if moved == 0 {
			break
		}
	}
	for _, t := range w.tenants {
		for _, h := range t.homes {
			w.see(t, h)
			w.look(t, h, nil)
			if due, any := h.lens.Account.NextDue(); any && !due.After(w.now) {
				w.broken("client %d has something due at %s, it is %s", h.id, due, w.now)
			}
		}
	}
	if err := w.db.Ready(w.ctx); err != nil {
		w.broken("after the storm, nobody can write: %v", err)
	}
	report, err := w.workers[0].app.Audit(w.ctx)
	w.must(err)
	for _, d := range report.Differences {
		w.broken("audit: %s", d)
	}
}

// calamity is a way in which a call of the database goes wrong.
type calamity struct {
	place  string
	err    error // what the database answers; nil: the process dies
	commit bool  // only after a commit: what was done stays, the answer is lost
}

var calamities = []calamity{
	{place: "", err: fmt.Errorf("somebody writes: %w", store.ErrBusy)},
	{place: "deadlock", err: fmt.Errorf("deadlock detected: %w", store.ErrBusy)},
	{place: "timeout", err: context.DeadlineExceeded},
	{place: "disk full", err: store.ErrDisk},
	{place: "read-only", err: store.ErrReadOnly},
	{place: "", err: errors.New("the connection broke in the commit"), commit: true},
	{place: ""}, // death
}

// strike decides over each call of the database.
func (w *world) strike(stage store.Stage, _ string) error {
	if w.dead {
		panic(death{})
	}
	if !w.armed || w.rate == 0 || len(w.modes) == 0 || w.dice.IntN(w.rate) != 0 {
		return nil
	}
	c := w.modes[w.dice.IntN(len(w.modes))]
	if c.err != nil && c.commit != (stage == store.AfterCommit) {
		return nil
	}
	w.stage, w.hit = stage, "struck"
	w.result.Reach.at(c.place, c.place != "")
	if c.err == nil {
		w.dead = true
		panic(death{})
	}
	return c.err
}
