package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"minutebook/billing"
	"minutebook/store"
)

// App is the house's use cases over one database.
type App struct {
	DB        *store.DB
	Clock     func() time.Time // the real now; sandboxes have their own
	Mint      billing.Mint
	Secrets   Sealer
	PublicURL string // how the outside reaches this server, without a slash at the end
	Log       *slog.Logger
	Archive   store.ArchiveFolder // where usage events of long ago lie

	Wait      func(ctx context.Context, d time.Duration)               // lets time pass; nil for real time
	LookupTXT func(ctx context.Context, name string) ([]string, error) // asks the DNS; nil where there is none

	doors  gatekeeper // what login throttling remembers
	intake intake     // usage on its way into the next transaction
	pace   pace       // of renewals beside it
	keys   keyring    // API keys that opened lately
	shelf  shelf      // accounts that usage moved lately
	trust  trust      // in that shelf
	leads  trust      // in what is reckoned ahead from it
	recent recent     // events that were reported lately,
	unmet  trust      // and that all others are new

	aheadUpTo int64 // pages of the file; 0: mostPagesAhead

	production sync.Map    // agencies that are known to have no test clock
	archived   atomic.Bool // an archive was met; see presumes

	inquiries inquiries                  // access checks on their way to the database
	public    atomic.Pointer[publicHost] // what PublicURL names
}

// ActorKind is what sort of caller acts.
type ActorKind string

const (
	ByKey      ActorKind = "key"      // an API key
	ByUser     ActorKind = "user"     // a person of the agency
	ByPortal   ActorKind = "portal"   // a person of a client
	ByProvider ActorKind = "provider" // a voice provider's signed report
	ByOperator ActorKind = "operator" // whoever runs this server, at its command line
	BySystem   ActorKind = "system"   // time itself
)

// Actor is who acts. The agency comes from the credential and from nowhere else.
type Actor struct {
	Agency    billing.ID
	Client    billing.ID // a portal user's client; 0 for everybody else
	Kind      ActorKind
	ID        billing.ID
	Name      string
	Role      string
	Scopes    []string
	RequestID string
}

func (w Actor) String() string {
	if w.Kind == BySystem || w.Kind == ByOperator {
		return string(w.Kind)
	}
	return string(w.Kind) + ":" + w.Name
}

// system is time itself acting in an agency.
func system(agency billing.ID) Actor { return Actor{Agency: agency, Kind: BySystem} }

// Operator is whoever runs this server, acting in an agency from its command line.
func Operator(agency billing.ID) Actor {
	return Actor{Agency: agency, Kind: ByOperator, Role: string(Owner), Scopes: []string{ScopeAdmin}}
}

// Page is which part of a list is wanted: by number, or after a cursor.
type Page struct {
	Page   int // from 1
	Size   int // 1 to 100
	Cursor string
}

// Listed is a part of a list, newest first.
type Listed[T any] struct {
	Items      []T
	Total      int64
	NextCursor string
}

// Now is the agency's now: a sandbox's test clock, else the real clock, in UTC and whole milliseconds.
func (a *App) Now(ctx context.Context, agency billing.ID) (time.Time, error) {
	clock, err := store.TestClock(ctx, a.DB.Q(ctx), agency)
	if err != nil || !clock.IsZero() {
		return clock, err
	}
	return a.wall(), nil
}

// wall is the real now in whole milliseconds.
func (a *App) wall() time.Time { return a.Clock().UTC().Truncate(time.Millisecond) }

// audit writes one line about a change that is not a client's account, in the change's own transaction.
func (a *App) audit(ctx context.Context, q store.Q, who Actor, now time.Time, command, subject string, client billing.ID, reason string, before, after any) error {
	return store.AddAuditEntry(ctx, q, store.AuditEntry{
		Agency: who.Agency, ID: a.Mint(), RecordedAt: now, Actor: who.String(), Command: command, Subject: subject, Client: client,
		Reason: reason, Before: asJSON(before), After: asJSON(after), RequestID: who.RequestID,
	})
}

func asJSON(v any) string {
	if v == nil {
		return ""
	}
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("app: %T cannot be written as JSON: %v", v, err))
	}
	return string(text)
}

// notFound is the answer for what does not exist and for what belongs to somebody else: the two look the same.
func notFound(what string) error {
	return billing.Refuse(billing.NotFound, "not_found", "There is no such "+what+".", "")
}
