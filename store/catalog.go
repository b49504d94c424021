package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"minutebook/billing"
)

// PlanRow is a plan with its newest terms.
type PlanRow struct {
	billing.Plan
	ArchivedAt    time.Time
	CreatedAt     time.Time
	UpdatedAt     time.Time
	Subscriptions int64 // live ones on any version of it
}

// PlanVersion is one edit of a plan, never changed.
type PlanVersion struct {
	Version       int
	Terms         billing.Terms
	CreatedAt     time.Time
	Subscriptions int64 // live ones on this version
}

const planColumns = `p.id, p.version, p.archived_at, p.created_at, p.updated_at, v.terms,
	(SELECT COUNT(*) FROM subscriptions s WHERE s.agency_id = p.agency_id AND s.plan_id = p.id AND s.status <> 'canceled')`

const planSource = `plans p JOIN plan_versions v ON v.agency_id = p.agency_id AND v.plan_id = p.id AND v.version = p.version`

func readPlan(r Row, p *PlanRow) error {
	var terms []byte
	if err := r.Scan(&p.ID, &p.Version, &p.ArchivedAt, &p.CreatedAt, &p.UpdatedAt, &terms, &p.Subscriptions); err != nil {
		return err
	}
	p.Archived = !p.ArchivedAt.IsZero()
	return readTerms(terms, &p.Terms)
}

func readTerms(text []byte, into *billing.Terms) error {
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("reading plan terms: %w", err)
	}
	return nil
}

// InsertPlan keeps a new plan with its first version.
func InsertPlan(ctx context.Context, q Q, agency billing.ID, p billing.Plan, now time.Time) error {
	_, err := q.Exec(ctx, `INSERT INTO plans (agency_id, id, version, name, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)`,
		agency, p.ID, p.Version, p.Terms.Name, now)
	if err != nil {
		return err
	}
	return insertPlanVersion(ctx, q, agency, p, now)
}

// InsertPlanVersion keeps an edit: p carries the new version's number and terms.
func InsertPlanVersion(ctx context.Context, q Q, agency billing.ID, p billing.Plan, now time.Time) error {
	if err := insertPlanVersion(ctx, q, agency, p, now); err != nil {
		return err
	}
	_, err := q.Exec(ctx, `UPDATE plans SET version = $3, name = $4, updated_at = $5 WHERE agency_id = $1 AND id = $2`,
		agency, p.ID, p.Version, p.Terms.Name, now)
	return err
}

func insertPlanVersion(ctx context.Context, q Q, agency billing.ID, p billing.Plan, now time.Time) error {
	terms, err := json.Marshal(p.Terms)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, `INSERT INTO plan_versions (agency_id, plan_id, version, terms, created_at) VALUES ($1, $2, $3, $4, $5)`,
		agency, p.ID, p.Version, string(terms), now)
	return err
}

// HoldPlan makes other editors of the plan wait until the transaction ends; hold
// is DB.ForUpdate. ErrMissing when there is no such plan.
func HoldPlan(ctx context.Context, q Q, agency, id billing.ID, hold string) error {
	var version int
	return q.QueryRow(ctx, `SELECT version FROM plans WHERE agency_id = $1 AND id = $2`+hold, agency, id).Scan(&version)
}

// PlanTerms finds a plan of the agency with the terms of its newest version. Unlike PlanByID it does not count who runs on
// it: that takes the longer the more there are, and each start of a subscription asks for the terms.
func PlanTerms(ctx context.Context, q Q, agency, id billing.ID) (p billing.Plan, err error) {
	var archived time.Time
	var terms []byte
	err = q.QueryRow(ctx, `SELECT p.id, p.version, p.archived_at, v.terms FROM `+planSource+` WHERE p.agency_id = $1 AND p.id = $2`, agency, id).
		Scan(&p.ID, &p.Version, &archived, &terms)
	if err != nil {
		return p, err
	}
	p.Archived = !archived.IsZero()
	return p, readTerms(terms, &p.Terms)
}

// PlanByID finds a plan of the agency.
func PlanByID(ctx context.Context, q Q, agency, id billing.ID) (p PlanRow, err error) {
	err = readPlan(q.QueryRow(ctx, `SELECT `+planColumns+` FROM `+planSource+` WHERE p.agency_id = $1 AND p.id = $2`, agency, id), &p)
	return p, err
}

// PlanNames finds the agency's active plans by their names in lower case; a name that several have leads to none of them, 0.
func PlanNames(ctx context.Context, q Q, agency billing.ID) (map[string]billing.ID, error) {
	type named struct {
		id   billing.ID
		name string
	}
	plans, err := Collect(func(r Row, p *named) error { return r.Scan(&p.id, &p.name) })(
		q.Query(ctx, `SELECT id, name FROM plans WHERE agency_id = $1 AND archived_at IS NULL`, agency))
	names := map[string]billing.ID{}
	for _, p := range plans {
		key := nameKey(p.name)
		if _, taken := names[key]; taken {
			p.id = 0
		}
		names[key] = p.id
	}
	return names, err
}

// Plans lists the catalog: all of it, or only what is archived or is not.
func Plans(ctx context.Context, q Q, agency billing.ID, archived *bool, w Window) (Part[PlanRow], error) {
	return Read(ctx, q, whereArchived(List(planColumns, planSource, "p.agency_id", "p.id", agency), "p.archived_at", archived), w, readPlan)
}

func whereArchived(l *Listing, column string, archived *bool) *Listing {
	switch {
	case archived == nil:
		return l
	case *archived:
		return l.Where(column + " IS NOT NULL")
	}
	return l.Where(column + " IS NULL")
}

// PlanVersions lists every version of a plan, newest first.
func PlanVersions(ctx context.Context, q Q, agency, plan billing.ID) ([]PlanVersion, error) {
	return Collect(func(r Row, v *PlanVersion) error {
		var terms []byte
		if err := r.Scan(&v.Version, &v.CreatedAt, &terms, &v.Subscriptions); err != nil {
			return err
		}
		return readTerms(terms, &v.Terms)
	})(q.Query(ctx, `SELECT v.version, v.created_at, v.terms,
			(SELECT COUNT(*) FROM subscriptions s WHERE s.agency_id = v.agency_id AND s.plan_id = v.plan_id AND s.plan_version = v.version AND s.status <> 'canceled')
		FROM plan_versions v WHERE v.agency_id = $1 AND v.plan_id = $2 ORDER BY v.version DESC`, agency, plan))
}

// ArchivePlan hides a plan from new assignments; a zero instant brings it back.
func ArchivePlan(ctx context.Context, q Q, agency, id billing.ID, archived, now time.Time) error {
	_, err := q.Exec(ctx, `UPDATE plans SET archived_at = $3, updated_at = $4 WHERE agency_id = $1 AND id = $2`, agency, id, archived, now)
	return err
}

// PackRow is a pack of the catalog.
type PackRow struct {
	billing.Pack
	ArchivedAt time.Time
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

const packColumns = `id, name, description, minutes_ms, price, currency, currency_digits, archived_at, created_at, updated_at`

func readPack(r Row, p *PackRow) error {
	err := r.Scan(&p.ID, &p.Name, &p.Description, &p.Minutes, &p.Price, &p.Currency.Code, &p.Currency.Digits, &p.ArchivedAt, &p.CreatedAt, &p.UpdatedAt)
	p.Archived = !p.ArchivedAt.IsZero()
	return err
}

// InsertPack keeps a new pack.
func InsertPack(ctx context.Context, q Q, agency billing.ID, p billing.Pack, now time.Time) error {
	_, err := q.Exec(ctx, `INSERT INTO packs (agency_id, id, name, description, minutes_ms, price, currency, currency_digits, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)`, agency, p.ID, p.Name, p.Description, p.Minutes, p.Price, p.Currency.Code, p.Currency.Digits, now)
	return err
}

// UpdatePack keeps an edited pack. What was sold keeps its price.
func UpdatePack(ctx context.Context, q Q, agency billing.ID, p billing.Pack, now time.Time) error {
	_, err := q.Exec(ctx, `UPDATE packs SET name = $3, description = $4, minutes_ms = $5, price = $6, currency = $7, currency_digits = $8, updated_at = $9
		WHERE agency_id = $1 AND id = $2`, agency, p.ID, p.Name, p.Description, p.Minutes, p.Price, p.Currency.Code, p.Currency.Digits, now)
	return err
}

// ArchivePack hides a pack from new assignments; a zero instant brings it back.
func ArchivePack(ctx context.Context, q Q, agency, id billing.ID, archived, now time.Time) error {
	_, err := q.Exec(ctx, `UPDATE packs SET archived_at = $3, updated_at = $4 WHERE agency_id = $1 AND id = $2`, agency, id, archived, now)
	return err
}

// HoldPack makes other editors of the pack wait until the transaction ends; hold
// is DB.ForUpdate. ErrMissing when there is no such pack.
func HoldPack(ctx context.Context, q Q, agency, id billing.ID, hold string) error {
	var price billing.Money
	return q.QueryRow(ctx, `SELECT price FROM packs WHERE agency_id = $1 AND id = $2`+hold, agency, id).Scan(&price)
}

// PackByID finds a pack of the agency.
func PackByID(ctx context.Context, q Q, agency, id billing.ID) (p PackRow, err error) {
	err = readPack(q.QueryRow(ctx, `SELECT `+packColumns+` FROM packs WHERE agency_id = $1 AND id = $2`, agency, id), &p)
	return p, err
}

// PackOffered reports whether a pack is assigned to any client.
func PackOffered(ctx context.Context, q Q, agency, id billing.ID) (offered bool, err error) {
	err = q.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM client_packs WHERE agency_id = $1 AND pack_id = $2)`, agency, id).Scan(&offered)
	return offered, err
}

// Packs lists the catalog's packs: all, or only what is archived or is not.
func Packs(ctx context.Context, q Q, agency billing.ID, archived *bool, w Window) (Part[PackRow], error) {
	return Read(ctx, q, whereArchived(List(packColumns, "packs", "agency_id", "id", agency), "archived_at", archived), w, readPack)
}
