package app

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"minutebook/billing"
	"minutebook/store"
)

// record meters posts in one transaction, and gives each its results. What was reckoned ahead, if anything was, is written
// as it is; should that not work, it is done anew.
func (a *App) record(ctx context.Context, posts []*post, ahead *metering) error {
	const tries = 5
	defer ahead.undo()
	ours := !a.DB.Carries(ctx) // else nobody here knows when it is kept
	trusting := ours && (ahead != nil || a.trust.ask())
	presuming := ours && ahead == nil && a.presumes()
	for try := 1; ; try++ {
		var m *metering
		err := a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
			if m = ahead; m.stands() {
				return m.write(ctx, q)
			}
			ahead.undo()
			m = &metering{a: a, ctx: ctx, q: q, posts: posts, trusting: trusting, presuming: presuming}
			return m.run()
		})
		stale, archived := errors.Is(err, store.ErrStale), errors.Is(err, store.ErrArchived)
		// The same event id sent for two clients at once: no lock orders the two, the unique key does. The loser
		// comes again and then finds the winner's event; as does who had not looked.
		taken := store.Conflicts(err, "usage_events", "key_head", "key_tail")
		if stale || err == nil && m.trusted() {
			m.learn(!stale)
		}
		if (taken || err == nil) && m.presumed {
			a.unmet.learn(!taken, leastHolding)
		}
		if err == nil {
			m.answer(ours)
			m.lead.keep()
			return nil
		}
		if archived {
			a.archived.Store(true)
		}
		trusting, presuming = false, false
		again := stale || archived || errors.Is(err, errUnsure)
		if !again && (!taken || try == tries || a.DB.RunAgain(ctx, err)) {
			return err
		}
		m.takeBack()
	}
}

// presumes says whether a batch may take events that were not reported lately for new, without looking them up: should one be
// in the books, its unique key lets nothing of the batch be kept, and it is done again. In an archive no unique key tells.
func (a *App) presumes() bool { return !a.archived.Load() && a.unmet.ask() }

// trusted says whether any account was used without being held.
func (m *metering) trusted() bool {
	return slices.ContainsFunc(m.order, func(acc *metered) bool { return acc.stood != nil })
}

// errUnsure says that a call would be refused by an account that is not held, or without a look at whether it is a repeat.
var errUnsure = errors.New("a call is not refused from memory")

// learn remembers whether accounts that were not held stood where they were thought to.
func (m *metering) learn(worked bool) {
	if m.lead != nil {
		m.a.leads.learn(worked, leastAside)
		return
	}
	m.a.trust.learn(worked, leastHolding)
}

// takeBack puts accounts that were not held, and not written either, back on the shelf as they lay there.
func (m *metering) takeBack() {
	for _, acc := range m.order {
		if acc.stood != nil && acc.lent == nil && acc.onlyUsed() {
			acc.stood.Bring(acc.Account)
			acc.Kept(acc.stood.Written)
			acc.stood = nil
			m.a.shelf.put(acc.shelved)
		}
	}
}

// onlyUsed says that nothing but calls moved the account.
func (acc *metered) onlyUsed() bool {
	return !slices.ContainsFunc(acc.Fresh(), func(e billing.Entry) bool {
		_, is := e.Fact.(billing.UsageRecorded)
		return !is
	})
}

// metering is the reports of some posts on their way through the rules, in one transaction.
type metering struct {
	a        *App
	ctx      context.Context
	q        store.Q
	posts    []*post
	trusting bool // accounts are held when they are written, not before

	presuming bool // events that were not reported lately are taken for new
	presumed  bool // some were

	reports  []reported
	clocks   map[billing.ID]time.Time // test clocks, by agency
	now      map[billing.ID]time.Time // by agency
	accounts map[account]*metered
	order    []*metered // the accounts in the order of their ids
	known    map[store.Digest]*store.UsageRow
	fresh    map[store.Digest]int // events of these very posts, by place
	lead     *lead                // it is reckoned before its transaction; nil: within it
}

// reported is a report on its way.
type reported struct {
	*UsageReport
	post    *post
	client  billing.ID
	unnamed string // the field that names no client; empty: there may be one
	started time.Time
	ended   time.Time
	key     store.Digest // of an event that is not refused
	unasked bool         // it was not looked up whether it is a repeat
	result  UsageResult
}

// account names a client's account.
type account struct{ agency, client billing.ID }

// metered is a client's account in a metering.
type metered struct {
	shelved
	now     time.Time // its own: never before it was last written
	due     int       // facts that time alone brought about
	signers []signer
	lent    *billing.Account // what the next batch goes on from already; this is what is written of it
}

// signer is who did all that follows a fact.
type signer struct {
	from  int
	actor string
}

func (m *metering) run() error {
	return firstFailure(m.reckon, m.save)
}

// reckon finds out what is to be written.
func (m *metering) reckon() error {
	return firstFailure(m.gather, m.holdAccounts, m.bringForward, m.draw)
}

// firstFailure takes steps until one fails.
func firstFailure(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// answer hands each post its results. What is kept for good stays in memory as well.
func (m *metering) answer(kept bool) {
	next := 0
	for _, p := range m.posts {
		p.results = make([]UsageResult, len(p.reports))
		for i := range p.results {
			p.results[i] = m.reports[next].result
			next++
		}
	}
	if !kept {
		return
	}
	for _, acc := range m.order {
		if acc.lent == nil && acc.onlyMetered() {
			acc.left, acc.stood = acc.lastEvent(), nil
			acc.Kept(acc.kept())
			m.a.shelf.put(acc.shelved)
		}
	}
}

// onlyMetered says that nothing but calls moved the account, and what follows from a call.
func (acc *metered) onlyMetered() bool {
	for _, e := range acc.Fresh() {
		switch e.Fact.(type) {
		case billing.UsageRecorded, billing.AccessChanged, billing.CampaignChanged:
		default:
			return false
		}
	}
	return true
}

// lastEvent is where the account is left.
func (acc *metered) lastEvent() store.Left {
	for _, e := range slices.Backward(acc.Fresh()) {
		if f, is := e.Fact.(billing.UsageRecorded); is {
			return store.Left{Event: f.ID, Seq: e.Seq}
		}
	}
	return acc.left
}

// kept is when the account was written last.
func (acc *metered) kept() time.Time {
	if len(acc.Fresh()) == 0 {
		return acc.Written
	}
	return acc.now
}

// gather looks at each report by itself and finds the clients that are called by the agency's own names for them.
func (m *metering) gather() error {
	total := 0
	agencies, named := []billing.ID{}, map[store.External]billing.ID{}
	for _, p := range m.posts {
		total += len(p.reports)
		if !slices.Contains(agencies, p.who.Agency) {
			agencies = append(agencies, p.who.Agency)
		}
		for _, r := range p.reports {
			if name := r.ClientExternalID; name != "" && billing.CheckText("", name, 0, 255) == nil {
				named[store.External{Agency: p.who.Agency, Name: name}] = 0
			}
		}
	}
	preface, err := m.a.preface(m.ctx, m.q, agencies, named)
	if err != nil {
		return err
	}
	m.clocks = preface.Clocks
	m.now = map[billing.ID]time.Time{}
	for _, agency := range agencies {
		m.now[agency] = m.clock(agency)
	}
	m.reports = make([]reported, 0, total)
	for _, p := range m.posts {
		for _, r := range p.reports {
			m.look(p, r, preface.Clients)
		}
	}
	return nil
}

// preface reads what a batch has to know before it holds anything. An agency without a test clock never gets one: it is not
// asked for it again.
func (a *App) preface(ctx context.Context, q store.Q, agencies []billing.ID, named map[store.External]billing.ID) (store.Preface, error) {
	var asked []billing.ID
	for _, agency := range agencies {
		if _, known := a.production.Load(agency); !known {
			asked = append(asked, agency)
		}
	}
	if len(asked) == 0 && len(named) == 0 {
		return store.Preface{}, nil
	}
	preface, err := store.ReadPreface(ctx, q, asked, named)
	if err != nil {
		return preface, err
	}
	for _, agency := range asked {
		if _, sandbox := preface.Clocks[agency]; !sandbox {
			a.production.Store(agency, true)
		}
	}
	return preface, nil
}

// clock is an agency's now.
func (m *metering) clock(agency billing.ID) time.Time {
	if now, sandbox := m.clocks[agency]; sandbox {
		return now
	}
	return m.a.wall()
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// look refuses a report that is wrong by itself, and finds whom it names.
func (m *metering) look(p *post, report *UsageReport, clients map[store.External]billing.ID) {
	m.reports = append(m.reports, reported{UsageReport: report, post: p, started: micros(report.StartedAt), ended: micros(report.EndedAt)})
	r := &m.reports[len(m.reports)-1]
	r.result.EventID = report.EventID
	if problem := shape(r.event(), report.Problem); problem != nil {
		r.reject(problem)
		return
	}
	r.client = report.ClientID
	if report.ClientExternalID == "" {
		if r.client == 0 {
			r.rejectClient("client_id")
		}
		return
	}
	id := clients[store.External{Agency: p.who.Agency, Name: report.ClientExternalID}]
	if id == 0 || r.client != 0 && r.client != id {
		r.unnamed = "client_external_id"
		return
	}
	r.client = id
}

// event is the reported event in the precision instants are kept in.
func (r *reported) event() billing.UsageEvent {
	e := r.UsageEvent
	e.StartedAt, e.EndedAt = r.started, r.ended
	return e
}

func (r *reported) open() bool { return r.result.Result == "" }

func (r *reported) account() account { return account{r.post.who.Agency, r.client} }

func (r *reported) reject(why *billing.Error) {
	r.result.Result, r.result.Error = UsageRejected, why
}

func (r *reported) rejectClient(field string) {
	r.reject(&billing.Error{
		Kind: billing.Invalid, Code: "unknown_client", Field: field, Message: "there is no such client",
		Remedy: "Create the client, or correct the event and replay it from the rejected list.",
	})
}

// shape is what is wrong with an event by itself, before anything is looked up. That it lies in the future the rules find
// later, when it is not known: a clock that is behind must not refuse a call that is in the books.
func shape(e billing.UsageEvent, problem *billing.Error) *billing.Error {
	if problem != nil {
		return problem
	}
	return refusalOf(e.Check(e.EndedAt))
}

// refusalOf is the refusal that err is, if it is one.
func refusalOf(err error) (refusal *billing.Error) {
	if err != nil { // nearly never: then there is nothing to look for, and no memory to look with
		errors.As(err, &refusal)
	}
	return refusal
}

// micros is the precision instants are kept in.
func micros(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// holdAccounts holds the clients of all posts, in the order of their ids, and then finds which events are known. When
// it is trusting they are held when they are written; see [store.Saving].
func (m *metering) holdAccounts() error {
	m.accounts = make(map[account]*metered, len(m.reports))
	var named []store.Named
	events := make([]store.Digest, 0, len(m.reports))
	for i := range m.reports {
		r := &m.reports[i]
		if !r.open() {
			continue
		}
		r.key = store.UsageKey{Agency: r.post.who.Agency, Source: r.Source, EventID: r.EventID}.Digest()
		events = append(events, r.key)
		if _, seen := m.accounts[r.account()]; !seen && r.unnamed == "" {
			m.accounts[r.account()] = nil
			named = append(named, store.Named{Agency: r.post.who.Agency, Client: r.client})
		}
	}
	if len(events) == 0 {
		return nil
	}
	slices.SortFunc(named, func(a, b store.Named) int {
		return cmp.Or(cmp.Compare(a.Agency, b.Agency), cmp.Compare(a.Client, b.Client))
	})
	accounts, err := m.take(named, m.doubtful(events))
	if err != nil {
		return err
	}
	for _, acc := range accounts {
		if acc.Account != nil {
			held := &metered{shelved: acc}
			m.accounts[account{acc.Agency, acc.Client}] = held
			m.order = append(m.order, held)
		}
	}
	return nil
}

// doubtful are those events that have to be looked up: that were reported lately, or would be refused if they were new. All
// are, unless the batch is presuming.
func (m *metering) doubtful(events []store.Digest) []store.Digest {
	met, doubtful := m.a.recent.meet(events), events[:0]
	next := 0
	for i := range m.reports {
		r := &m.reports[i]
		if !r.open() {
			continue
		}
		r.unasked = m.presuming && !met[next] && r.unnamed == ""
		if m.presumed = m.presumed || r.unasked; !r.unasked {
			doubtful = append(doubtful, r.key)
		}
		next++
	}
	return doubtful
}

// bringForward brings the held accounts to now. The clock is read again: who held an account before us may have
// written it at a later instant than the one at which we began to wait, and its time does not run backwards.
func (m *metering) bringForward() error {
	for agency := range m.now {
		m.now[agency] = later(m.now[agency], m.clock(agency))
	}
	for _, acc := range m.order {
		acc.now = later(m.now[acc.Agency], acc.Written)
		for done := false; !done; {
			var err error
			if done, err = acc.Advance(acc.now, slice); err != nil {
				return err
			}
		}
		acc.due = len(acc.Fresh())
	}
	return nil
}

// draw lets the rules draw each new event, in the order of arrival. One that was seen before is a repeat, whomever it names
// and whatever the clock says.
func (m *metering) draw() error {
	m.fresh = make(map[store.Digest]int, len(m.reports))
	for i := range m.reports {
		r := &m.reports[i]
		if !r.open() || m.repeated(r) {
			continue
		}
		acc := m.accounts[r.account()]
		if acc == nil && r.unnamed == "" {
			r.unnamed = "client_id"
		}
		if r.unnamed != "" && r.unasked {
			return errUnsure
		}
		if r.unnamed != "" {
			r.rejectClient(r.unnamed)
			continue
		}
		before := len(acc.Fresh())
		recorded, err := acc.Use(r.event(), acc.now)
		refusal := refusalOf(err)
		switch {
		case refusal != nil && (acc.stood != nil || r.unasked): // nothing that is written would tell that it stands elsewhere by now, or is known
			return errUnsure
		case refusal != nil:
			r.reject(refusal)
			continue
		case err != nil:
			return err
		}
		acc.signed(before, r.post.name())
		m.fresh[r.key] = i
		r.result.Result, r.result.ID = UsageAccepted, recorded.ID
		r.result.Known = store.RecordedRow(acc.Account, recorded.ID, r.post.name())
	}
	return nil
}

// signed remembers who did what was recorded since.
func (acc *metered) signed(from int, actor string) {
	if n := len(acc.signers); n == 0 || acc.signers[n-1].actor != actor {
		acc.signers = append(acc.signers, signer{from, actor})
	}
}

// signer is who did a fact.
func (acc *metered) signer(i int) string {
	actor := acc.signers[0].actor
	for _, s := range acc.signers[1:] {
		if i >= s.from {
			actor = s.actor
		}
	}
	return actor
}

// repeated answers an event that was seen before, in the books or earlier among these posts.
func (m *metering) repeated(r *reported) bool {
	row := m.earlier(r.key)
	if row == nil {
		return false
	}
	r.result.Result, r.result.ID, r.result.Known = UsageDuplicate, row.ID, row
	if !row.SameContent(r.client, r.event()) {
		r.result.Result = UsageConflict
		r.result.Error = billing.Refuse(billing.Conflict, "event_conflict", "An event of this source and event_id is stored with other content; nothing was changed.",
			"Send a new event_id for another call, or void the stored event.")
	}
	return true
}

func (m *metering) earlier(key store.Digest) *store.UsageRow {
	if known := m.known[key]; known != nil {
		return known
	}
	if i, here := m.fresh[key]; here {
		return m.reports[i].result.Known
	}
	return m.lead.earlier(key)
}

func (m *metering) save() error {
	all := make([]store.Saving, 0, len(m.order))
	for _, acc := range m.order {
		if len(acc.Fresh()) == 0 {
			continue
		}
		s := m.a.saving(system(acc.Agency), act{command: recordingUsage}, acc.Account, acc.due, acc.now)
		s.Stood, s.Presumed = acc.stood, m.presumed
		switch len(acc.signers) {
		case 0: // only time did anything
		case 1:
			s.Actor = acc.signers[0].actor
		default:
			s.Signer = acc.signer
		}
		all = append(all, s)
	}
	if err := m.a.saveAll(m.ctx, m.q, all); err != nil {
		return err
	}
	return m.keepRejected()
}

func (m *metering) keepRejected() error {
	var refused []store.Rejected
	for i := range m.reports {
		if r := &m.reports[i]; r.result.Result == UsageRejected {
			who := r.post.who
			refused = append(refused, m.a.rejectedEvent(who, m.now[who.Agency], r.UsageReport, r.result.Error))
		}
	}
	return store.PutRejected(m.ctx, m.q, refused)
}
