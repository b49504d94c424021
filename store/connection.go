package store

import (
	"context"
	"time"

	"minutebook/billing"
)

// Connection is an agency's door for one account at a voice provider.
type Connection struct {
	Agency    billing.ID
	ID        billing.ID
	Provider  string
	Name      string
	Door      string // the unguessable part of its URLs
	Secret    []byte // encrypted
	ClientTag string // under which the agency's metadata names the client
	Enabled   bool
	CreatedAt time.Time
	UpdatedAt time.Time
	DeletedAt time.Time
}

const connectionColumns = `agency_id, id, provider, name, door, secret, client_tag, enabled, created_at, updated_at, deleted_at`

func readConnection(r Row, c *Connection) error {
	return r.Scan(&c.Agency, &c.ID, &c.Provider, &c.Name, &c.Door, &c.Secret, &c.ClientTag, &c.Enabled, &c.CreatedAt, &c.UpdatedAt, &c.DeletedAt)
}

// InsertConnection keeps a new connection.
func InsertConnection(ctx context.Context, q Q, c Connection) error {
	_, err := q.Exec(ctx, `INSERT INTO connections (`+connectionColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		c.Agency, c.ID, c.Provider, c.Name, c.Door, c.Secret, c.ClientTag, c.Enabled, c.CreatedAt, c.UpdatedAt, c.DeletedAt)
	return err
}

// UpdateConnection keeps what may change of a connection, and its end.
func UpdateConnection(ctx context.Context, q Q, c Connection) error {
	_, err := q.Exec(ctx, `UPDATE connections SET name = $3, secret = $4, client_tag = $5, enabled = $6, updated_at = $7, deleted_at = $8
		WHERE agency_id = $1 AND id = $2`, c.Agency, c.ID, c.Name, c.Secret, c.ClientTag, c.Enabled, c.UpdatedAt, c.DeletedAt)
	return err
}

// ConnectionByID finds a connection that was not deleted; hold is empty or DB.ForUpdate.
func ConnectionByID(ctx context.Context, q Q, agency, id billing.ID, hold string) (c Connection, err error) {
	err = readConnection(q.QueryRow(ctx, `SELECT `+connectionColumns+` FROM connections
		WHERE agency_id = $1 AND id = $2 AND deleted_at IS NULL`+hold, agency, id), &c)
	return c, err
}

// ConnectionByDoor finds the connection a provider calls: the door names the agency.
func ConnectionByDoor(ctx context.Context, q Q, provider, door string) (c Connection, err error) {
	err = readConnection(q.QueryRow(ctx, `SELECT `+connectionColumns+` FROM connections
		WHERE door = $1 AND provider = $2 AND deleted_at IS NULL`, door, provider), &c)
	return c, err
}

// Connections lists the agency's connections.
func Connections(ctx context.Context, q Q, agency billing.ID, w Window) (Part[Connection], error) {
	l := List(connectionColumns, "connections", "agency_id", "id", agency).Where("deleted_at IS NULL")
	return Read(ctx, q, l, w, readConnection)
}

// Match is what a mapping looks at in a report.
type Match string

const (
	ByAssistant Match = "ASSISTANT"
	ByNumber    Match = "NUMBER"
	ByLocation  Match = "LOCATION"
)

// Mapping names the client of reports that do not name it themselves.
type Mapping struct {
	Match    Match
	Value    string
	ClientID billing.ID
}

func readMapping(r Row, m *Mapping) error { return r.Scan(&m.Match, &m.Value, &m.ClientID) }

// Mappings lists a connection's mappings.
func Mappings(ctx context.Context, q Q, agency, connection billing.ID) ([]Mapping, error) {
	return Collect(readMapping)(q.Query(ctx, `SELECT match, value, client_id FROM connection_mappings
		WHERE agency_id = $1 AND connection_id = $2 ORDER BY match, value`, agency, connection))
}

// ReplaceMappings keeps the whole set of a connection's mappings.
func ReplaceMappings(ctx context.Context, q Q, agency, connection billing.ID, all []Mapping) error {
	_, err := q.Exec(ctx, `DELETE FROM connection_mappings WHERE agency_id = $1 AND connection_id = $2`, agency, connection)
	for _, m := range all {
		if err == nil {
			err = AddMapping(ctx, q, agency, connection, m)
		}
	}
	return err
}

// AddMapping keeps one more mapping, in place of one that matches the same.
func AddMapping(ctx context.Context, q Q, agency, connection billing.ID, m Mapping) error {
	_, err := q.Exec(ctx, `INSERT INTO connection_mappings (agency_id, connection_id, match, value, client_id) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (agency_id, connection_id, match, value) DO UPDATE SET client_id = excluded.client_id`,
		agency, connection, m.Match, m.Value, m.ClientID)
	return err
}

// MappedBy finds the client one connection maps to; ErrMissing when none.
func MappedBy(ctx context.Context, q Q, agency, connection billing.ID, match Match, value string) (client billing.ID, err error) {
	err = q.QueryRow(ctx, `SELECT client_id FROM connection_mappings
		WHERE agency_id = $1 AND connection_id = $2 AND match = $3 AND value = $4`, agency, connection, match, value).Scan(&client)
	return client, err
}

// MappedClient finds the client that the agency's connections to a provider map
// to: by assistant, else by number. ErrMissing when none does, and when two
// connections name two clients, for then nobody can tell.
func MappedClient(ctx context.Context, q Q, agency billing.ID, provider, assistant, number string) (billing.ID, error) {
	for _, m := range []Mapping{{Match: ByAssistant, Value: assistant}, {Match: ByNumber, Value: number}} {
		if m.Value == "" {
			continue
		}
		clients, err := clientsMapped(ctx, q, agency, provider, m)
		switch {
		case err != nil:
			return 0, err
		case len(clients) == 1:
			return clients[0], nil
		case len(clients) > 1:
			return 0, ErrMissing
		}
	}
	return 0, ErrMissing
}

func clientsMapped(ctx context.Context, q Q, agency billing.ID, provider string, m Mapping) ([]billing.ID, error) {
	return Collect(func(r Row, id *billing.ID) error { return r.Scan(id) })(q.Query(ctx, `
		SELECT DISTINCT m.client_id FROM connection_mappings m
		JOIN connections c ON c.agency_id = m.agency_id AND c.id = m.connection_id
		WHERE m.agency_id = $1 AND m.match = $2 AND m.value = $3 AND c.provider = $4 AND c.enabled AND c.deleted_at IS NULL
		ORDER BY m.client_id`, agency, m.Match, m.Value, provider))
}
