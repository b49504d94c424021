package app

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"minutebook/billing"
	"minutebook/store"
)

// DefaultClientTag is the name under which an agency's metadata on a call holds the client.
const DefaultClientTag = "minutebook_client"

// Connection is an agency's door for one account at a voice provider. Secret is filled by ConnectionByDoor only.
type Connection struct {
	Agency    billing.ID
	ID        billing.ID
	Provider  string
	Name      string
	ClientTag string
	Enabled   bool
	HasSecret bool
	Secret    string
	IngestURL string // where the provider reports ended calls
	GateURL   string // where the provider asks before a call
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Actor is the provider acting through its door.
func (c Connection) Actor() Actor {
	return Actor{Agency: c.Agency, Kind: ByProvider, ID: c.ID, Name: c.Provider}
}

// ConnectionPatch changes a connection; what is nil stays.
type ConnectionPatch struct {
	Name      *string
	Secret    *string
	ClientTag *string
	Enabled   *bool
}

var providerForm = regexp.MustCompile(`^[a-z][a-z0-9_-]{1,29}$`)

// CreateConnection makes a door for a provider's reports. Whether the provider is known is for its door to say; the
// secret may be given later, and until then no report can be verified. An empty tag is DefaultClientTag.
func (a *App) CreateConnection(ctx context.Context, who Actor, provider, name, secret, clientTag string) (Connection, error) {
	if !providerForm.MatchString(provider) {
		return Connection{}, billing.InvalidField("provider", "must be the name of a provider")
	}
	now := a.wall()
	c := store.Connection{Agency: who.Agency, ID: a.Mint(), Provider: provider, Door: randomText(32), Enabled: true, CreatedAt: now, UpdatedAt: now}
	if err := a.applyConnection(&c, ConnectionPatch{Name: &name, Secret: &secret, ClientTag: &clientTag}); err != nil {
		return Connection{}, err
	}
	err := a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		if err := store.InsertConnection(ctx, q, c); err != nil {
			return err
		}
		return a.audit(ctx, q, who, now, "connection.create", "connection:"+c.ID.String(), 0, "", nil, connectionAudit(c))
	})
	return a.shown(c), err
}

// applyConnection changes a connection's fields, and seals a new secret.
func (a *App) applyConnection(c *store.Connection, p ConnectionPatch) error {
	set(&c.Name, p.Name)
	set(&c.ClientTag, p.ClientTag)
	set(&c.Enabled, p.Enabled)
	if c.Name, c.ClientTag = strings.TrimSpace(c.Name), strings.TrimSpace(c.ClientTag); c.ClientTag == "" {
		c.ClientTag = DefaultClientTag
	}
	if err := billing.CheckText("name", c.Name, 1, billing.MaxNameLength); err != nil {
		return err
	}
	if err := billing.CheckText("client_tag", c.ClientTag, 1, 100); err != nil {
		return err
	}
	if p.Secret != nil {
		return a.sealSecret(c, strings.TrimSpace(*p.Secret))
	}
	return nil
}

func (a *App) sealSecret(c *store.Connection, secret string) (err error) {
	if err := billing.CheckText("secret", secret, 0, 1000); err != nil {
		return err
	}
	if c.Secret = []byte{}; secret != "" {
		c.Secret, err = a.Secrets.Seal(c.Agency, c.ID, secret)
	}
	return err
}

// EditConnection changes a connection. Its URLs stay.
func (a *App) EditConnection(ctx context.Context, who Actor, id billing.ID, p ConnectionPatch) (Connection, error) {
	return a.changeConnection(ctx, who, id, "connection.edit", func(c *store.Connection) error {
		return a.applyConnection(c, p)
	})
}

// DeleteConnection closes a door. What came through it stays.
func (a *App) DeleteConnection(ctx context.Context, who Actor, id billing.ID) error {
	_, err := a.changeConnection(ctx, who, id, "connection.delete", func(c *store.Connection) error {
		c.DeletedAt, c.Enabled, c.Secret = a.wall(), false, []byte{}
		return nil
	})
	return err
}

func (a *App) changeConnection(ctx context.Context, who Actor, id billing.ID, command string, change func(*store.Connection) error) (shown Connection, err error) {
	err = a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		c, err := a.connection(ctx, q, who, id, a.DB.ForUpdate())
		if err != nil {
			return err
		}
		before, sealed := connectionAudit(c), string(c.Secret)
		if err := change(&c); err != nil {
			return err
		}
		c.UpdatedAt = a.wall()
		if err := store.UpdateConnection(ctx, q, c); err != nil {
			return err
		}
		after := connectionAudit(c)
		after["secret_changed"] = sealed != string(c.Secret)
		shown = a.shown(c)
		return a.audit(ctx, q, who, c.UpdatedAt, command, "connection:"+id.String(), 0, "", before, after)
	})
	return shown, err
}

func (a *App) connection(ctx context.Context, q store.Q, who Actor, id billing.ID, hold string) (store.Connection, error) {
	c, err := store.ConnectionByID(ctx, q, who.Agency, id, hold)
	if errors.Is(err, store.ErrMissing) {
		return store.Connection{}, notFound("connection")
	}
	return c, err
}

// Connection reads a connection, without its secret.
func (a *App) Connection(ctx context.Context, who Actor, id billing.ID) (Connection, error) {
	c, err := a.connection(ctx, a.DB.Q(ctx), who, id, "")
	if err != nil {
		return Connection{}, err
	}
	return a.shown(c), nil
}

// Connections lists the agency's connections, newest first.
func (a *App) Connections(ctx context.Context, who Actor, p Page) (Listed[Connection], error) {
	return listed(ctx, a, who, p, func(q store.Q, w store.Window) (store.Part[Connection], error) {
		kept, err := store.Connections(ctx, q, who.Agency, w)
		part := store.Part[Connection]{Items: []Connection{}, Total: kept.Total, Next: kept.Next}
		for _, c := range kept.Items {
			part.Items = append(part.Items, a.shown(c))
		}
		return part, err
	})
}

// ConnectionByDoor finds the connection a provider calls, with its secret opened. A door that is unknown, closed or
// disabled looks the same.
func (a *App) ConnectionByDoor(ctx context.Context, provider, door string) (Connection, error) {
	if !isPlain(door) || !providerForm.MatchString(provider) {
		return Connection{}, notFound("connection")
	}
	c, err := store.ConnectionByDoor(ctx, a.DB.Q(ctx), provider, door)
	if errors.Is(err, store.ErrMissing) || err == nil && !c.Enabled {
		return Connection{}, notFound("connection")
	}
	if err != nil {
		return Connection{}, err
	}
	shown := a.shown(c)
	if shown.HasSecret {
		shown.Secret, err = a.Secrets.Open(c.Agency, c.ID, c.Secret)
	}
	return shown, err
}

func (a *App) shown(c store.Connection) Connection {
	place := c.Provider + "/" + c.Door
	return Connection{
		Agency: c.Agency, ID: c.ID, Provider: c.Provider, Name: c.Name, ClientTag: c.ClientTag, Enabled: c.Enabled, HasSecret: len(c.Secret) > 0,
		IngestURL: a.PublicURL + "/ingest/" + place, GateURL: a.PublicURL + "/gate/" + place, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
	}
}

// Mapping names the client of reports that do not name it themselves.
type Mapping = store.Mapping

// Match is what a mapping looks at.
type Match = store.Match

// What a mapping can look at.
const (
	ByAssistant = store.ByAssistant
	ByNumber    = store.ByNumber
	ByLocation  = store.ByLocation
)

// Mappings lists a connection's mappings.
func (a *App) Mappings(ctx context.Context, who Actor, connection billing.ID) ([]Mapping, error) {
	if _, err := a.connection(ctx, a.DB.Q(ctx), who, connection, ""); err != nil {
		return nil, err
	}
	return store.Mappings(ctx, a.DB.Q(ctx), who.Agency, connection)
}

const mostMappings = 5000

// SetMappings sets a connection's mappings, the whole set, and then meters the unassigned calls they name a client for.
// It answers how many those were.
func (a *App) SetMappings(ctx context.Context, who Actor, connection billing.ID, all []Mapping) (metered int, err error) {
	all, err = a.checkMappings(ctx, who, all)
	if err != nil {
		return 0, err
	}
	err = a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		if _, err := a.connection(ctx, q, who, connection, a.DB.ForUpdate()); err != nil {
			return err
		}
		before, err := store.Mappings(ctx, q, who.Agency, connection)
		if err != nil {
			return err
		}
		if err := store.ReplaceMappings(ctx, q, who.Agency, connection, all); err != nil {
			return err
		}
		return a.audit(ctx, q, who, a.wall(), "connection.mappings", "connection:"+connection.String(), 0, "", mappingsAudit(before), mappingsAudit(all))
	})
	if err != nil {
		return 0, err
	}
	return a.meterUnassigned(ctx, who, connection)
}

func (a *App) checkMappings(ctx context.Context, who Actor, all []Mapping) ([]Mapping, error) {
	if len(all) > mostMappings {
		return nil, billing.InvalidField("mappings", "must be at most %d", mostMappings)
	}
	checked, at := make([]Mapping, len(all)), map[Mapping]int{}
	known := map[billing.ID]bool{}
	for i, m := range all {
		field := fmt.Sprintf("mappings[%d]", i)
		m.Value = strings.TrimSpace(m.Value)
		if m.Match != ByAssistant && m.Match != ByNumber && m.Match != ByLocation {
			return nil, billing.InvalidField(field+".match", "must be one of ASSISTANT, NUMBER, LOCATION")
		}
		if err := billing.CheckText(field+".value", m.Value, 1, 255); err != nil {
			return nil, err
		}
		same := Mapping{Match: m.Match, Value: m.Value}
		if first, twice := at[same]; twice {
			return nil, billing.InvalidField(field+".value", "is the same as in mappings[%d]; one value can name one client", first)
		}
		at[same] = i
		if !known[m.ClientID] {
			if _, err := a.ResolveClient(ctx, who.Agency, ClientRef{ID: m.ClientID}); err != nil {
				return nil, renamed(err, map[string]string{"client_id": field + ".client_id"})
			}
			known[m.ClientID] = true
		}
		checked[i] = m
	}
	return checked, nil
}

// connectionAudit is what the audit log says of a connection: neither its secret nor its door.
func connectionAudit(c store.Connection) map[string]any {
	return map[string]any{
		"provider": c.Provider, "name": c.Name, "client_tag": c.ClientTag, "enabled": c.Enabled, "has_secret": len(c.Secret) > 0, "deleted": !c.DeletedAt.IsZero(),
	}
}

func mappingsAudit(all []Mapping) []map[string]any {
	lines := []map[string]any{}
	for _, m := range all {
		lines = append(lines, map[string]any{"match": m.Match, "value": m.Value, "client_id": m.ClientID})
	}
	return lines
}
