package store

import (
	"context"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"minutebook/billing"
)

// pointer is a column that names a row of another table, always of the same agency.
type pointer struct{ table, column, target, key string }

// loose are pointers that no foreign key keeps: the events' and what follows from them, which would be slowed down, and
// traces of what may be gone from the books by then.
var loose = []pointer{
	{"accounts", "subscription_id", "subscriptions", "id"},
	{"payment_requests", "settlement_id", "payments", "id"},
	{"credit_lines", "usage_event_id", "usage_events", "id"},
	{"wallet_entries", "payment_request_id", "payment_requests", "id"},
	{"wallet_entries", "pack_id", "packs", "id"},
	{"wallet_entries", "usage_event_id", "usage_events", "id"},
	{"usage_events", "subscription_id", "subscriptions", "id"},
	{"usage_corrections", "client_id", "clients", "id"},
	{"usage_archived", "client_id", "clients", "id"},
	{"usage_days", "client_id", "clients", "id"},
	{"usage_costs", "client_id", "clients", "id"},
	{"rejected_events", "usage_event_id", "usage_events", "id"},
	{"unassigned_events", "usage_event_id", "usage_events", "id"},
	{"audit_entries", "client_id", "clients", "id"},
}

var (
	tableInSchema   = regexp.MustCompile(`(?ms)^CREATE TABLE (\w+) \(\n(.*?)^\)`)
	foreignInSchema = regexp.MustCompile(`FOREIGN KEY \(agency_id, (\w+)(?:, \w+)?\) REFERENCES (\w+) \(agency_id, (\w+)`)
)

// pointers are all of them: what the schema keeps by a foreign key, and the loose ones.
func pointers() ([]pointer, error) {
	all := slices.Clone(loose)
	files, err := fs.Glob(schema, "schema/*.sql")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		text, err := fs.ReadFile(schema, file)
		if err != nil {
			return nil, err
		}
		for _, table := range tableInSchema.FindAllStringSubmatch(string(text), -1) {
			for _, key := range foreignInSchema.FindAllStringSubmatch(table[2], -1) {
				all = append(all, pointer{table[1], key[1], key[2], key[3]})
			}
		}
	}
	return all, nil
}

// Stray is a row that names a row which its own agency does not have: there is none, or it is another's.
type Stray struct {
	Agency billing.ID
	Row    string // table and column
	Names  billing.ID
	Target string
}

// mostStrays is how many are told of one column.
const mostStrays = 20

// Strays finds the rows that point out of their agency, in every table.
func Strays(ctx context.Context, q Q) (found []Stray, err error) {
	all, err := pointers()
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		rows, err := Collect(func(r Row, s *Stray) error { return r.Scan(&s.Agency, &s.Names) })(q.Query(ctx, p.strays()))
		if err != nil {
			return nil, fmt.Errorf("following %s.%s: %w", p.table, p.column, err)
		}
		for _, s := range rows {
			s.Row, s.Target = p.table+" "+p.column, p.target
			found = append(found, s)
		}
	}
	return found, nil
}

// strays asks for what a pointer names and its agency does not have. Neither NULL nor 0 names anything. A usage event may
// be archived.
func (p pointer) strays() string {
	elsewhere := ""
	if p.target == "usage_events" {
		elsewhere = ` AND NOT EXISTS (SELECT 1 FROM usage_archived y WHERE y.agency_id = t.agency_id AND y.id = t.{column})`
	}
	return strings.NewReplacer("{table}", p.table, "{column}", p.column, "{target}", p.target, "{key}", p.key).Replace(`
		SELECT t.agency_id, t.{column}
		FROM {table} t LEFT JOIN {target} x ON x.agency_id = t.agency_id AND x.{key} = t.{column}
		WHERE t.{column} <> 0 AND x.agency_id IS NULL` + elsewhere + `
		ORDER BY t.agency_id, t.{column}
		LIMIT ` + fmt.Sprint(mostStrays))
}
