package app

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"minutebook/billing"
	"minutebook/store"
)

// Brand is how an agency looks to its clients.
type Brand = store.Brand

// Logo is an agency's picture.
type Logo = store.Logo

// Brand reads how an agency looks.
func (a *App) Brand(ctx context.Context, agency billing.ID) (Brand, error) {
	b, err := store.BrandOf(ctx, a.DB.Q(ctx), agency, "")
	if errors.Is(err, store.ErrMissing) {
		return Brand{}, notFound("agency")
	}
	return b, err
}

// BrandPatch changes a brand; what is nil stays.
type BrandPatch struct {
	DisplayName  *string
	Accent       *string
	AccentDark   *string
	SupportEmail *string
	SupportURL   *string
	PoweredBy    *bool
}

// UpdateBrand changes how the agency looks.
func (a *App) UpdateBrand(ctx context.Context, who Actor, p BrandPatch) (Brand, error) {
	return a.changeBrand(ctx, who, "brand.update", func(_ context.Context, _ store.Q, b *Brand) error {
		set(&b.DisplayName, p.DisplayName)
		set(&b.Accent, p.Accent)
		set(&b.AccentDark, p.AccentDark)
		set(&b.SupportEmail, p.SupportEmail)
		set(&b.SupportURL, p.SupportURL)
		set(&b.PoweredBy, p.PoweredBy)
		b.DisplayName, b.SupportEmail = strings.TrimSpace(b.DisplayName), strings.TrimSpace(b.SupportEmail)
		b.Accent, b.AccentDark = strings.ToLower(b.Accent), strings.ToLower(b.AccentDark)
		return checkBrand(*b)
	})
}

// SetLogo makes a picture safe and keeps it as the agency's logo.
func (a *App) SetLogo(ctx context.Context, who Actor, content []byte) (Brand, error) {
	logo, err := cleanLogo(content)
	if err != nil {
		return Brand{}, err
	}
	return a.changeBrand(ctx, who, "brand.logo", func(ctx context.Context, q store.Q, b *Brand) error {
		b.Logo = logo
		return nil
	})
}

// RemoveLogo takes the agency's logo away.
func (a *App) RemoveLogo(ctx context.Context, who Actor) (Brand, error) {
	return a.changeBrand(ctx, who, "brand.remove_logo", func(_ context.Context, _ store.Q, b *Brand) error {
		b.Logo = Logo{}
		return nil
	})
}

func (a *App) changeBrand(ctx context.Context, who Actor, command string, change func(context.Context, store.Q, *Brand) error) (after Brand, err error) {
	if err := needs(who, ScopeAdmin); err != nil {
		return Brand{}, err
	}
	err = a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		before, err := store.BrandOf(ctx, q, who.Agency, a.DB.ForUpdate())
		if err != nil {
			return err
		}
		after = before
		if err := change(ctx, q, &after); err != nil {
			return err
		}
		after.UpdatedAt = a.wall()
		if err := store.SaveBrand(ctx, q, after); err != nil {
			return err
		}
		if after.Logo.Hash != before.Logo.Hash {
			if err := store.SaveLogo(ctx, q, who.Agency, after.Logo); err != nil {
				return err
			}
		}
		return a.audit(ctx, q, who, after.UpdatedAt, command, "agency:"+who.Agency.String(), 0, "", brandAudit(before), brandAudit(after))
	})
	after.Logo.Content = nil
	return after, err
}

func brandAudit(b Brand) map[string]any {
	return map[string]any{
		"display_name": b.DisplayName, "accent": b.Accent, "accent_dark": b.AccentDark, "support_email": b.SupportEmail, "support_url": b.SupportURL,
		"show_powered_by": b.PoweredBy, "logo": b.Logo.Hash,
	}
}

var colour = regexp.MustCompile(`^(#[0-9a-f]{6})?$`)

func checkBrand(b Brand) error {
	switch {
	case !colour.MatchString(b.Accent):
		return billing.InvalidField("accent", "must be a colour such as #1f5f5b")
	case !colour.MatchString(b.AccentDark):
		return billing.InvalidField("accent_dark", "must be a colour such as #5fb3ab")
	case b.SupportURL != "" && !strings.HasPrefix(b.SupportURL, "https://") && !strings.HasPrefix(b.SupportURL, "http://"):
		return billing.InvalidField("support_url", "must begin with https://")
	}
	if b.SupportEmail != "" {
		if _, err := checkEmail("support_email", b.SupportEmail); err != nil {
			return err
		}
	}
	if err := billing.CheckText("display_name", b.DisplayName, 0, billing.MaxNameLength); err != nil {
		return err
	}
	return billing.CheckText("support_url", b.SupportURL, 0, billing.MaxTextLength)
}

// Logo reads an agency's logo with its content.
func (a *App) Logo(ctx context.Context, agency billing.ID) (Logo, error) {
	l, err := store.LogoOf(ctx, a.DB.Q(ctx), agency)
	if errors.Is(err, store.ErrMissing) {
		return Logo{}, notFound("logo")
	}
	return l, err
}
