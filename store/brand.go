package store

import (
	"context"
	"time"

	"minutebook/billing"
)

// Brand is how an agency looks to its clients.
type Brand struct {
	Agency       billing.ID
	AgencyName   string
	DisplayName  string // empty: the agency's name
	Accent       string // #rrggbb, or empty
	AccentDark   string // on dark ground; empty: the same
	SupportEmail string
	SupportURL   string
	PoweredBy    bool
	Logo         Logo // without its content
	UpdatedAt    time.Time
}

// Logo is a picture that was made safe. Without a type there is none.
type Logo struct {
	Type          string // image/png, image/jpeg or image/svg+xml
	Hash          string
	Width, Height int64
	Content       []byte
}

// Name is what clients call the agency.
func (b Brand) Name() string {
	if b.DisplayName != "" {
		return b.DisplayName
	}
	return b.AgencyName
}

// BrandOf reads how an agency looks; one that never said so looks plain. hold is empty or DB.ForUpdate.
func BrandOf(ctx context.Context, q Q, agency billing.ID, hold string) (Brand, error) {
	b := Brand{Agency: agency}
	if err := q.QueryRow(ctx, `SELECT name FROM agencies WHERE id = $1`+hold, agency).Scan(&b.AgencyName); err != nil {
		return b, err
	}
	rows, err := Collect(func(r Row, one *Brand) error {
		*one = b
		return r.Scan(&one.DisplayName, &one.Accent, &one.AccentDark, &one.SupportEmail, &one.SupportURL, &one.PoweredBy,
			&one.Logo.Type, &one.Logo.Hash, &one.Logo.Width, &one.Logo.Height, &one.UpdatedAt)
	})(q.Query(ctx, `
		SELECT display_name, accent, accent_dark, support_email, support_url, powered_by, logo_type, logo_hash, logo_width, logo_height, updated_at
		FROM brands
		WHERE agency_id = $1`, agency))
	if err != nil || len(rows) == 0 {
		return b, err
	}
	return rows[0], nil
}

// SaveBrand keeps how an agency looks, but for its logo.
func SaveBrand(ctx context.Context, q Q, b Brand) error {
	_, err := q.Exec(ctx, `
		INSERT INTO brands (agency_id, display_name, accent, accent_dark, support_email, support_url, powered_by, logo_type, logo_hash, logo_width, logo_height, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, '', '', 0, 0, $8)
		ON CONFLICT (agency_id) DO UPDATE
		SET display_name = $2, accent = $3, accent_dark = $4, support_email = $5, support_url = $6, powered_by = $7, updated_at = $8`,
		b.Agency, b.DisplayName, b.Accent, b.AccentDark, b.SupportEmail, b.SupportURL, b.PoweredBy, b.UpdatedAt)
	return err
}

// SaveLogo keeps the logo of an agency whose brand is there; one without a type is none.
func SaveLogo(ctx context.Context, q Q, agency billing.ID, l Logo) error {
	var content any
	if l.Type != "" {
		content = l.Content
	}
	_, err := q.Exec(ctx, `UPDATE brands SET logo = $2, logo_type = $3, logo_hash = $4, logo_width = $5, logo_height = $6 WHERE agency_id = $1`,
		agency, content, l.Type, l.Hash, l.Width, l.Height)
	return err
}

// LogoOf reads an agency's logo. ErrMissing if it has none.
func LogoOf(ctx context.Context, q Q, agency billing.ID) (l Logo, err error) {
	err = q.QueryRow(ctx, `SELECT logo, logo_type, logo_hash, logo_width, logo_height FROM brands WHERE agency_id = $1 AND logo IS NOT NULL`, agency).
		Scan(&l.Content, &l.Type, &l.Hash, &l.Width, &l.Height)
	return l, err
}

// PortalHost is a host name that an agency claims for its portal.
type PortalHost struct {
	Agency     billing.ID
	Host       string
	Token      string
	VerifiedAt time.Time // zero: not yet
	CreatedAt  time.Time
}

const portalHostColumns = `agency_id, host, token, verified_at, created_at`

func readPortalHost(r Row, h *PortalHost) error {
	return r.Scan(&h.Agency, &h.Host, &h.Token, &h.VerifiedAt, &h.CreatedAt)
}

// PortalHosts lists the names an agency claims, oldest first.
func PortalHosts(ctx context.Context, q Q, agency billing.ID) ([]PortalHost, error) {
	return Collect(readPortalHost)(q.Query(ctx, `SELECT `+portalHostColumns+` FROM portal_hosts WHERE agency_id = $1 ORDER BY created_at, host`, agency))
}

// PortalHostByName reads one claim. ErrMissing if the agency has none such.
func PortalHostByName(ctx context.Context, q Q, agency billing.ID, host string) (h PortalHost, err error) {
	err = readPortalHost(q.QueryRow(ctx, `SELECT `+portalHostColumns+` FROM portal_hosts WHERE agency_id = $1 AND host = $2`, agency, host), &h)
	return h, err
}

// InsertPortalHost keeps a claim. An ErrConflict if the agency made it already.
func InsertPortalHost(ctx context.Context, q Q, h PortalHost) error {
	_, err := q.Exec(ctx, `INSERT INTO portal_hosts (`+portalHostColumns+`) VALUES ($1, $2, $3, $4, $5)`, h.Agency, h.Host, h.Token, h.VerifiedAt, h.CreatedAt)
	return err
}

// VerifyPortalHost keeps that a claim was proved. An ErrConflict if another agency proved it before.
func VerifyPortalHost(ctx context.Context, q Q, agency billing.ID, host string, at time.Time) error {
	_, err := q.Exec(ctx, `UPDATE portal_hosts SET verified_at = $3 WHERE agency_id = $1 AND host = $2`, agency, host, at)
	return err
}

// DeletePortalHost drops a claim.
func DeletePortalHost(ctx context.Context, q Q, agency billing.ID, host string) error {
	_, err := q.Exec(ctx, `DELETE FROM portal_hosts WHERE agency_id = $1 AND host = $2`, agency, host)
	return err
}

// HostAgency finds the agency whose portal a host name was proved to be. ErrMissing if it is nobody's.
func HostAgency(ctx context.Context, q Q, host string) (agency billing.ID, err error) {
	err = q.QueryRow(ctx, `SELECT agency_id FROM portal_hosts WHERE host = $1 AND verified_at IS NOT NULL`, host).Scan(&agency)
	return agency, err
}
