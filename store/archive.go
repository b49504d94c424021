package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"minutebook/billing"
)

// Archive is a file of archived usage events, as the database knows it: some calls of one agency that ended in one month
// by the days they count for, in the order of client and place.
type Archive struct {
	Agency                  billing.ID
	Month                   billing.CalendarMonth
	Part                    int64 // from 1
	File                    string
	SHA256                  []byte
	Sums                    ArchiveSums
	FirstID, LastID         billing.ID
	FirstClient, LastClient billing.ID
	ArchivedAt              time.Time
}

// Name is how people call it.
func (a Archive) Name() string { return fmt.Sprintf("%s/%d", a.Month, a.Part) }

// ArchiveSums are a file's events counted, and each of their figures summed up.
type ArchiveSums struct {
	Events    int64          `json:"events"`
	Talk      billing.Millis `json:"raw_ms"`
	Billed    billing.Millis `json:"billed_ms"`
	Included  billing.Millis `json:"included_ms"`
	Wallet    billing.Millis `json:"wallet_ms"`
	Billable  billing.Millis `json:"billable_ms"`
	Uncovered billing.Millis `json:"uncovered_ms"`
}

func (s *ArchiveSums) add(e *ArchivedEvent) {
	s.Events++
	s.Talk += e.Talk
	s.Billed += e.Billed
	s.Included += e.Included
	s.Wallet += e.Wallet
	s.Billable += e.Billable
	s.Uncovered += e.Uncovered
}

// SumEvents sums events up.
func SumEvents(events []ArchivedEvent) (s ArchiveSums) {
	for i := range events {
		s.add(&events[i])
	}
	return s
}

// ArchivedEvent is a row of usage_events to the last column, under the columns' names. The digest of its key follows from it.
type ArchivedEvent struct {
	Agency         billing.ID     `json:"agency_id"`
	ID             billing.ID     `json:"id"`
	Client         billing.ID     `json:"client_id"`
	Seq            int64          `json:"seq"`
	Source         string         `json:"source"`
	EventID        string         `json:"event_id"`
	ContentHash    []byte         `json:"content_hash"`
	Kind           string         `json:"kind"`
	StartedAt      *int64         `json:"started_at"` // instants in microseconds
	EndedAt        int64          `json:"ended_at"`
	Talk           billing.Millis `json:"raw_ms"`
	Chats          int64          `json:"chats"`
	CallID         string         `json:"call_id"`
	CampaignID     string         `json:"campaign_id"`
	AssistantID    string         `json:"assistant_id"`
	PhoneNumber    string         `json:"phone_number"`
	Direction      string         `json:"direction"`
	CostMicros     int64          `json:"cost_micros"`
	CostCurrency   string         `json:"cost_currency"`
	Metadata       string         `json:"metadata"`
	Tags           string         `json:"tags"`
	Status         string         `json:"status"`
	SubscriptionID *billing.ID    `json:"subscription_id"`
	PeriodIndex    int64          `json:"period_index"`
	CallPeriod     int64          `json:"call_period"`
	Late           bool           `json:"late"`
	Billed         billing.Millis `json:"billed_ms"`
	Included       billing.Millis `json:"included_ms"`
	Wallet         billing.Millis `json:"wallet_ms"`
	Billable       billing.Millis `json:"billable_ms"`
	Uncovered      billing.Millis `json:"uncovered_ms"`
	RecordedAt     int64          `json:"recorded_at"`
	Actor          string         `json:"actor"`
	Day            int64          `json:"day"`
}

// archivedColumns are those of usageTable, in its order, but what is reckoned from others.
const archivedColumns = `e.agency_id, e.id, e.client_id, e.seq, e.source, e.event_id, e.content_hash, e.kind, e.started_at, e.ended_at, e.raw_ms, e.chats, e.call_id,
	e.campaign_id, e.assistant_id, e.phone_number, e.direction, e.cost_micros, e.cost_currency, e.metadata, e.tags, e.status, e.subscription_id, e.period_index,
	e.call_period, e.late, e.billed_ms, e.included_ms, e.wallet_ms, e.billable_ms, e.uncovered_ms, e.recorded_at, e.actor, e.day`

func readArchivedEvent(r Row, e *ArchivedEvent) error {
	return r.Scan(&e.Agency, &e.ID, &e.Client, &e.Seq, &e.Source, &e.EventID, &e.ContentHash, &e.Kind, &e.StartedAt, &e.EndedAt, &e.Talk, &e.Chats, &e.CallID,
		&e.CampaignID, &e.AssistantID, &e.PhoneNumber, &e.Direction, &e.CostMicros, &e.CostCurrency, &e.Metadata, &e.Tags, &e.Status, &e.SubscriptionID, &e.PeriodIndex,
		&e.CallPeriod, &e.Late, &e.Billed, &e.Included, &e.Wallet, &e.Billable, &e.Uncovered, &e.RecordedAt, &e.Actor, &e.Day)
}

func (e *ArchivedEvent) digest() Digest { return UsageKey{e.Agency, e.Source, e.EventID}.Digest() }

// into puts the row back as it was.
func (e *ArchivedEvent) into(c cells) {
	putID(c, e.Agency)
	putID(c, e.ID)
	putID(c, e.Client)
	c.num(e.Seq)
	c.text(e.Source)
	c.text(e.EventID)
	e.digest().into(c)
	putCallKey(c, e.Agency, e.EventID, e.CallID)
	c.bytes(e.ContentHash)
	c.text(e.Kind)
	putOrNull(c, e.StartedAt)
	c.num(e.EndedAt)
	c.num(int64(e.Talk))
	c.num(e.Chats)
	c.text(e.CallID)
	c.text(e.CampaignID)
	c.text(e.AssistantID)
	c.text(e.PhoneNumber)
	c.text(e.Direction)
	c.num(e.CostMicros)
	c.text(e.CostCurrency)
	c.text(e.Metadata)
	c.text(e.Tags)
	c.text(e.Status)
	putOrNull(c, e.SubscriptionID)
	c.num(e.PeriodIndex)
	c.num(e.CallPeriod)
	c.flag(e.Late)
	c.num(int64(e.Billed))
	c.num(int64(e.Included))
	c.num(int64(e.Wallet))
	c.num(int64(e.Billable))
	c.num(int64(e.Uncovered))
	c.num(e.RecordedAt)
	c.text(e.Actor)
	c.num(e.Day)
}

func putOrNull[T ~int64](c cells, n *T) {
	if n == nil {
		c.null()
		return
	}
	c.num(int64(*n))
}

// Row is the event as lists and the audit read it.
func (e *ArchivedEvent) Row() (u UsageRow, err error) {
	f := &u.Event
	u.ID, u.Client, u.Seq, u.ContentHash, u.Archived = e.ID, e.Client, e.Seq, e.ContentHash, true
	f.Source, f.EventID, f.Kind, f.Talk, f.Chats, f.CallID, f.CampaignID = e.Source, e.EventID, billing.UsageKind(e.Kind), e.Talk, e.Chats, e.CallID, e.CampaignID
	f.AssistantID, f.PhoneNumber, f.Direction, f.CostMicros, f.CostCurrency, f.Metadata = e.AssistantID, e.PhoneNumber, e.Direction, e.CostMicros, e.CostCurrency, e.Metadata
	f.EndedAt = time.UnixMicro(e.EndedAt).UTC()
	if e.StartedAt != nil {
		f.StartedAt = time.UnixMicro(*e.StartedAt).UTC()
	}
	if e.SubscriptionID != nil {
		u.SubscriptionID = *e.SubscriptionID
	}
	u.Status, u.PeriodIndex, u.CallPeriod, u.Late, u.Billed = billing.UsageStatus(e.Status), int(e.PeriodIndex), int(e.CallPeriod), e.Late, e.Billed
	u.Split = billing.Split{Included: e.Included, Wallet: e.Wallet, Billable: e.Billable, Uncovered: e.Uncovered}
	u.RecordedAt, u.Actor, u.Day, u.Drawn = time.UnixMicro(e.RecordedAt).UTC(), e.Actor, billing.Date(e.Day), u.Split
	u.drawn()
	return u, decodeInto(e.Tags, &f.Tags)
}

// AddArchived adds a client's archived events, in the order of their places among the others.
func (h *History) AddArchived(events []ArchivedEvent) error {
	if len(events) == 0 {
		return nil
	}
	for i := range events {
		u, err := events[i].Row()
		if err != nil {
			return fmt.Errorf("reading archived event %d: %w", events[i].ID, err)
		}
		h.Usage, h.Facts = append(h.Usage, u), append(h.Facts, u.fact())
	}
	slices.SortFunc(h.Usage, func(a, b UsageRow) int { return cmp.Compare(a.Seq, b.Seq) })
	slices.SortFunc(h.Facts, func(a, b HistoryFact) int { return cmp.Compare(a.Seq, b.Seq) })
	return nil
}

// ArchiveMonths lists the months in which an agency's calls ended, up to a day.
func ArchiveMonths(ctx context.Context, q Q, agency billing.ID, last billing.Date) ([]billing.CalendarMonth, error) {
	return Collect(func(r Row, m *billing.CalendarMonth) error { return r.Scan(m) })(q.Query(ctx, `
		SELECT DISTINCT day / 100
		FROM agency_days
		WHERE agency_id = $1 AND day <= $2
		ORDER BY 1`, agency, last))
}

// ToArchive reads events of a month that may leave the database, in the order of client and place, at most limit: those
// drawn from periods that were closed and had ended by an instant, and those of no period that were recorded by then. What
// was corrected stays beside its corrections. Clients before from are passed over.
func ToArchive(ctx context.Context, q Q, agency billing.ID, month billing.CalendarMonth, ended time.Time, from billing.ID, limit int) (events []ArchivedEvent, err error) {
	type stretch struct {
		client      billing.ID
		first, last int64
	}
	// Where a month's events lie among a client's is known from the sums by day.
	clients, err := Collect(func(r Row, s *stretch) error { return r.Scan(&s.client, &s.first, &s.last) })(q.Query(ctx, `
		SELECT client_id, MIN(first_seq), MAX(last_seq)
		FROM usage_days
		WHERE agency_id = $1 AND day >= $2 AND day <= $3 AND client_id >= $4
		GROUP BY client_id
		ORDER BY client_id`, agency, month.First(), month.Last(), from))
	if err != nil {
		return nil, fmt.Errorf("finding the events of %s: %w", month, err)
	}
	for _, c := range clients {
		some, err := Collect(readArchivedEvent)(q.Query(ctx, `
			SELECT `+archivedColumns+`
			FROM usage_events e
			WHERE e.agency_id = $1 AND e.client_id = $2 AND e.seq >= $3 AND e.seq <= $4 AND e.day >= $5 AND e.day <= $6 AND NOT `+wasCorrected+`
			      AND (EXISTS (
			           SELECT 1 FROM periods p
			           WHERE p.agency_id = e.agency_id AND p.subscription_id = e.subscription_id AND p.idx = e.period_index AND p.closed_at IS NOT NULL AND p.end_at <= $7)
			           OR e.status = 'UNRATED' AND e.ended_at <= $7 AND e.recorded_at <= $7)
			ORDER BY e.seq
			LIMIT $8`, agency, c.client, c.first, c.last, month.First(), month.Last(), ended, limit-len(events)))
		if err != nil {
			return nil, fmt.Errorf("reading the events of client %d in %s: %w", c.client, month, err)
		}
		if events = append(events, some...); len(events) == limit {
			break
		}
	}
	return events, nil
}

const wasCorrected = "EXISTS (SELECT 1 FROM usage_corrections v WHERE v.agency_id = e.agency_id AND v.usage_event_id = e.id)"

// DatabaseIdentity is the number this database carries in its archive's files; it gets the one that is offered if it has none.
func DatabaseIdentity(ctx context.Context, q Q, offered billing.ID) (identity billing.ID, err error) {
	if _, err := q.Exec(ctx, `INSERT INTO database_identity (id, identity) VALUES (1, $1) ON CONFLICT (id) DO NOTHING`, offered); err != nil {
		return 0, err
	}
	err = q.QueryRow(ctx, `SELECT identity FROM database_identity WHERE id = 1`).Scan(&identity)
	return identity, err
}

// NextPart is the number of a month's next file.
func NextPart(ctx context.Context, q Q, agency billing.ID, month billing.CalendarMonth) (part int64, err error) {
	err = q.QueryRow(ctx, `SELECT COALESCE(MAX(part), 0) + 1 FROM usage_archives WHERE agency_id = $1 AND month = $2`, agency, month).Scan(&part)
	return part, err
}

var (
	archivesTable = tableOf("usage_archives", `agency_id month part file sha256 events raw_ms billed_ms included_ms wallet_ms billable_ms uncovered_ms
		first_id last_id first_client last_client archived_at`)
	archivedTable = tableOf("usage_archived", `agency_id source event_id key_head key_tail id client_id month part content_hash status day ended_at`)
)

func (a *Archive) into(c cells) {
	putID(c, a.Agency)
	c.num(int64(a.Month))
	c.num(a.Part)
	c.text(a.File)
	c.bytes(a.SHA256)
	c.num(a.Sums.Events)
	for _, sum := range []billing.Millis{a.Sums.Talk, a.Sums.Billed, a.Sums.Included, a.Sums.Wallet, a.Sums.Billable, a.Sums.Uncovered} {
		c.num(int64(sum))
	}
	putID(c, a.FirstID)
	putID(c, a.LastID)
	putID(c, a.FirstClient)
	putID(c, a.LastClient)
	putTime(c, a.ArchivedAt)
}

// ErrMoved: the events are no longer what was written into the file; another program moved or corrected them meanwhile.
var ErrMoved = errors.New("usage events changed while they were archived")

// MoveToArchive takes events, whose file is safely there, out of usage_events and keeps what is needed for ever. The rows
// that go are counted and summed against the file's; ErrMoved, and the transaction must be undone, if they differ.
func MoveToArchive(ctx context.Context, q Q, a Archive, events []ArchivedEvent) error {
	m, err := manyOf(q)
	if err != nil {
		return err
	}
	list := eventIDs(events)
	var there ArchiveSums
	err = q.QueryRow(ctx, `SELECT `+archiveSums+` FROM usage_events e WHERE e.agency_id = $1 AND `+spoken(q).anyOf("e.id", 2, "bigint")+` AND NOT `+wasCorrected, a.Agency, list).
		Scan(there.fields()...)
	if err != nil {
		return fmt.Errorf("summing the events of archive %s: %w", a.Name(), err)
	}
	if there != a.Sums {
		return ErrMoved
	}
	err = m.write(ctx, []addition{
		{archivesTable, 1, func(_ int, c cells) { a.into(c) }},
		{archivedTable, len(events), func(i int, c cells) { events[i].key(&a, c) }},
	}, nil)
	if err != nil {
		return fmt.Errorf("keeping the keys of archive %s: %w", a.Name(), err)
	}
	gone, err := q.Exec(ctx, `DELETE FROM usage_events WHERE agency_id = $1 AND `+spoken(q).anyOf("id", 2, "bigint"), a.Agency, list)
	if err == nil && gone != int64(len(events)) {
		err = ErrMoved
	}
	if err != nil {
		return fmt.Errorf("taking the events of archive %s out: %w", a.Name(), err)
	}
	return nil
}

const archiveSums = `COUNT(*), CAST(COALESCE(SUM(raw_ms), 0) AS BIGINT), CAST(COALESCE(SUM(billed_ms), 0) AS BIGINT), CAST(COALESCE(SUM(included_ms), 0) AS BIGINT),
	CAST(COALESCE(SUM(wallet_ms), 0) AS BIGINT), CAST(COALESCE(SUM(billable_ms), 0) AS BIGINT), CAST(COALESCE(SUM(uncovered_ms), 0) AS BIGINT)`

func (s *ArchiveSums) fields() []any {
	return []any{&s.Events, &s.Talk, &s.Billed, &s.Included, &s.Wallet, &s.Billable, &s.Uncovered}
}

func eventIDs(events []ArchivedEvent) ids {
	list := make(ids, len(events))
	for i := range events {
		list[i] = events[i].ID
	}
	return list
}

// key is what the database keeps of an archived event.
func (e *ArchivedEvent) key(a *Archive, c cells) {
	putID(c, e.Agency)
	c.text(e.Source)
	c.text(e.EventID)
	e.digest().into(c)
	putID(c, e.ID)
	putID(c, e.Client)
	c.num(int64(a.Month))
	c.num(a.Part)
	c.bytes(e.ContentHash)
	c.text(e.Status)
	c.num(e.Day)
	c.num(e.EndedAt)
}

// TakeFromArchive puts the events of an archive back to the last column, and forgets the archive. ErrMoved, and the
// transaction must be undone, if it is not there as it was read.
func TakeFromArchive(ctx context.Context, q Q, a Archive, events []ArchivedEvent) error {
	m, err := manyOf(q)
	if err != nil {
		return err
	}
	forgotten, err := q.Exec(ctx, `DELETE FROM usage_archives WHERE agency_id = $1 AND month = $2 AND part = $3 AND sha256 = $4`, a.Agency, a.Month, a.Part, a.SHA256)
	if err == nil && forgotten != 1 {
		err = ErrMoved
	}
	if err != nil {
		return fmt.Errorf("forgetting archive %s: %w", a.Name(), err)
	}
	keys, err := q.Exec(ctx, `DELETE FROM usage_archived WHERE agency_id = $1 AND month = $2 AND part = $3 AND `+spoken(q).anyOf("id", 4, "bigint"), a.Agency, a.Month, a.Part, eventIDs(events))
	if err == nil && keys != int64(len(events)) {
		err = ErrMoved
	}
	if err != nil {
		return fmt.Errorf("forgetting the keys of archive %s: %w", a.Name(), err)
	}
	if err := m.write(ctx, []addition{{usageTable, len(events), func(i int, c cells) { events[i].into(c) }}}, nil); err != nil {
		return fmt.Errorf("putting the events of archive %s back: %w", a.Name(), err)
	}
	return nil
}

// Archives lists the files of an agency, by month and part.
func Archives(ctx context.Context, q Q, agency billing.ID) ([]Archive, error) {
	return listArchives(ctx, q, agency, "")
}

// ArchivesOf lists those that may hold events of a client.
func ArchivesOf(ctx context.Context, q Q, agency, client billing.ID) ([]Archive, error) {
	return listArchives(ctx, q, agency, " AND first_client <= $2 AND last_client >= $2", client)
}

// HasArchived reports whether a file holds events of a client, as far as the database knows.
func HasArchived(ctx context.Context, q Q, a Archive, client billing.ID) (has bool, err error) {
	err = q.QueryRow(ctx, `
		SELECT EXISTS (SELECT 1 FROM usage_archived WHERE agency_id = $1 AND month = $2 AND part = $3 AND client_id = $4)`,
		a.Agency, a.Month, a.Part, client).Scan(&has)
	return has, err
}

func listArchives(ctx context.Context, q Q, agency billing.ID, which string, args ...any) ([]Archive, error) {
	return Collect(func(r Row, a *Archive) error {
		a.Agency = agency
		into := []any{&a.Month, &a.Part, &a.File, &a.SHA256}
		into = append(into, a.Sums.fields()...)
		return r.Scan(append(into, &a.FirstID, &a.LastID, &a.FirstClient, &a.LastClient, &a.ArchivedAt)...)
	})(q.Query(ctx, `
		SELECT month, part, file, sha256, events, raw_ms, billed_ms, included_ms, wallet_ms, billable_ms, uncovered_ms, first_id, last_id, first_client, last_client, archived_at
		FROM usage_archives
		WHERE agency_id = $1`+which+`
		ORDER BY month, part`, append([]any{agency}, args...)...))
}

// ArchivedKey is what the database keeps of an archived event, and in which file it is.
type ArchivedKey struct {
	ID          billing.ID
	Client      billing.ID
	Source      string
	EventID     string
	Digest      Digest // of the two and the agency
	ContentHash []byte
	Status      billing.UsageStatus
	Day         billing.Date
	EndedAt     time.Time
	Month       billing.CalendarMonth
	Part        int64
}

const archivedKey = `id, client_id, source, event_id, key_head, key_tail, content_hash, status, day, ended_at, month, part`

func readArchivedKey(r Row, k *ArchivedKey) error {
	return r.Scan(&k.ID, &k.Client, &k.Source, &k.EventID, &k.Digest.Head, &k.Digest.Tail, &k.ContentHash, &k.Status, &k.Day, &k.EndedAt, &k.Month, &k.Part)
}

// Key is what the database has to keep of the event in that archive.
func (e *ArchivedEvent) Key(a Archive) ArchivedKey {
	return ArchivedKey{
		e.ID, e.Client, e.Source, e.EventID, e.digest(), e.ContentHash, billing.UsageStatus(e.Status), billing.Date(e.Day), time.UnixMicro(e.EndedAt).UTC(), a.Month, a.Part,
	}
}

// ArchivedKeys reads what the database keeps of archived events with these ids, in the order of ids.
func ArchivedKeys(ctx context.Context, q Q, agency billing.ID, list []billing.ID) ([]ArchivedKey, error) {
	return Collect(readArchivedKey)(q.Query(ctx, `SELECT `+archivedKey+` FROM usage_archived WHERE agency_id = $1 AND `+spoken(q).anyOf("id", 2, "bigint")+` ORDER BY id`, agency, ids(list)))
}

// Archived finds where an event is archived: ErrMissing if it is not.
func Archived(ctx context.Context, q Q, agency, event billing.ID) (k ArchivedKey, a Archive, err error) {
	err = readArchivedKey(q.QueryRow(ctx, `SELECT `+archivedKey+` FROM usage_archived WHERE agency_id = $1 AND id = $2`, agency, event), &k)
	if err != nil {
		return k, a, err
	}
	all, err := Archives(ctx, q, agency)
	at := slices.IndexFunc(all, func(a Archive) bool { return a.Month == k.Month && a.Part == k.Part })
	if err == nil && at < 0 {
		err = ErrMissing // put back between the two statements, or lost
	}
	if err != nil {
		return k, a, err
	}
	return k, all[at], nil
}

// anyArchive stands in front of a look-up among archived events. In the same statement as the look-up among the others, it
// sees both as of one instant, while events go from one to the other; and without an archive there is nothing to look up.
const anyArchive = `(SELECT 1 FROM usage_archives LIMIT 1) AS any_archive CROSS JOIN `

// withArchived adds those of the events that are archived, as far as the database knows them. ErrBusy if an event that was
// found a moment ago is in neither place: it was put back just now.
func withArchived(ctx context.Context, q Q, agency billing.ID, list ids, rows []UsageRow) ([]UsageRow, error) {
	here := map[billing.ID]bool{}
	for _, u := range rows {
		here[u.ID] = true
	}
	missing := slices.DeleteFunc(slices.Clone(list), func(id billing.ID) bool { return here[id] }) // an event may be asked for twice
	if len(missing) == 0 {
		return rows, nil
	}
	keys, err := ArchivedKeys(ctx, q, agency, missing)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		here[k.ID] = true
		rows = append(rows, k.row())
	}
	if slices.ContainsFunc(missing, func(id billing.ID) bool { return !here[id] }) {
		return nil, &fault{ErrBusy, errors.New("a usage event was put back from the archive just now")}
	}
	return rows, nil
}

// row is what tells a repeat of an archived event.
func (k ArchivedKey) row() (u UsageRow) {
	u.ID, u.Client, u.ContentHash, u.Status, u.Day, u.Archived = k.ID, k.Client, k.ContentHash, k.Status, k.Day, true
	u.Event.Source, u.Event.EventID, u.Event.EndedAt = k.Source, k.EventID, k.EndedAt
	return u
}

// CountArchived counts the archived events that are kept, by month and part.
func CountArchived(ctx context.Context, q Q, agency billing.ID) (map[string]int64, error) {
	counts := map[string]int64{}
	err := readAll(func(r Row) error {
		var a Archive
		var n int64
		err := r.Scan(&a.Month, &a.Part, &n)
		counts[a.Name()] = n
		return err
	})(q.Query(ctx, `SELECT month, part, COUNT(*) FROM usage_archived WHERE agency_id = $1 GROUP BY month, part`, agency))
	return counts, err
}

// DressArchived gives archived events what their rows had beside them: the client's name and the terms.
func DressArchived(ctx context.Context, q Q, agency billing.ID, rows []UsageRow) error {
	type subject struct{ client, subscription billing.ID }
	dresses := map[subject]UsageRow{}
	for i := range rows {
		u := &rows[i]
		dress, known := dresses[subject{u.Client, u.SubscriptionID}]
		if !known {
			var terms string
			err := q.QueryRow(ctx, `
				SELECT c.name, COALESCE(s.terms, '')
				FROM clients c LEFT JOIN subscriptions s ON s.agency_id = c.agency_id AND s.id = $3
				WHERE c.agency_id = $1 AND c.id = $2`, agency, u.Client, u.SubscriptionID).Scan(&dress.ClientName, &terms)
			if err == nil {
				err = decodeInto(terms, &dress.Terms)
			}
			if err != nil {
				return fmt.Errorf("reading what belongs to archived event %d: %w", u.ID, err)
			}
			dresses[subject{u.Client, u.SubscriptionID}] = dress
		}
		u.ClientName, u.Terms = dress.ClientName, dress.Terms
	}
	return nil
}
