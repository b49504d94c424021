package app

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"time"

	"minutebook/billing"
	"minutebook/store"
)

// PlanRow is a plan of the catalog with its newest terms, and how many subscriptions run on it.
type PlanRow = store.PlanRow

// PlanVersion is one edit of a plan.
type PlanVersion = store.PlanVersion

// PackRow is a pack of the catalog.
type PackRow = store.PackRow

// CreatePlan adds a plan to the catalog, as its version 1. Rules 4.1.
func (a *App) CreatePlan(ctx context.Context, who Actor, terms billing.Terms) (PlanRow, error) {
	p := billing.Plan{ID: a.Mint(), Version: 1, Terms: terms}
	p.Terms.Name = strings.TrimSpace(p.Terms.Name)
	if err := a.checkTerms(ctx, who, p.Terms); err != nil {
		return PlanRow{}, err
	}
	err := a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		now, err := a.Now(ctx, who.Agency)
		if err != nil {
			return err
		}
		if err := store.InsertPlan(ctx, q, who.Agency, p, now); err != nil {
			return err
		}
		return a.audit(ctx, q, who, now, "plan.create", "plan:"+p.ID.String(), 0, "", nil, p.Terms)
	})
	if err != nil {
		return PlanRow{}, err
	}
	return a.Plan(ctx, who, p.ID)
}

// EditPlan changes the catalog by a new version; what runs keeps the terms it started with. An edit that changes
// nothing makes no version. Rules 4.2.
func (a *App) EditPlan(ctx context.Context, who Actor, id billing.ID, edit func(*billing.Terms) error) (PlanRow, error) {
	err := a.changePlan(ctx, who, id, func(ctx context.Context, q store.Q, p PlanRow, now time.Time) error {
		after := p.Plan
		after.Terms = apart(p.Terms)
		if err := edit(&after.Terms); err != nil {
			return err
		}
		after.Terms.Name = strings.TrimSpace(after.Terms.Name)
		if err := a.checkTerms(ctx, who, after.Terms); err != nil {
			return err
		}
		if reflect.DeepEqual(p.Terms, after.Terms) {
			return nil
		}
		after.Version++
		if err := store.InsertPlanVersion(ctx, q, who.Agency, after, now); err != nil {
			return err
		}
		return a.audit(ctx, q, who, now, "plan.edit", "plan:"+id.String(), 0, "", p.Terms, after.Terms)
	})
	if err != nil {
		return PlanRow{}, err
	}
	return a.Plan(ctx, who, id)
}

// apart is a copy that shares nothing with the terms.
func apart(t billing.Terms) billing.Terms {
	if t.RecurringFee != nil {
		t.RecurringFee = new(*t.RecurringFee)
	}
	if t.Rate != nil {
		t.Rate = new(*t.Rate)
	}
	if t.OverageCap != nil {
		t.OverageCap = new(*t.OverageCap)
	}
	return t
}

// checkTerms refuses terms that cannot be sold, or whose amounts were read with other decimals than the currency has.
func (a *App) checkTerms(ctx context.Context, who Actor, t billing.Terms) error {
	if err := t.Check(); err != nil {
		return err
	}
	return a.checkCurrency(ctx, who, t.Currency)
}

func (a *App) checkCurrency(ctx context.Context, who Actor, c billing.Currency) error {
	known, err := a.Currency(ctx, who.Agency, "currency", c.Code)
	if err == nil && known != c {
		return billing.InvalidField("currency", "has %d decimals, not %d", known.Digits, c.Digits)
	}
	return err
}

// ArchivePlan hides a plan from new assignments; nothing that runs changes. Rules 4.3.
func (a *App) ArchivePlan(ctx context.Context, who Actor, id billing.ID) (PlanRow, error) {
	return a.archivePlan(ctx, who, id, true)
}

// UnarchivePlan brings a plan back.
func (a *App) UnarchivePlan(ctx context.Context, who Actor, id billing.ID) (PlanRow, error) {
	return a.archivePlan(ctx, who, id, false)
}

func (a *App) archivePlan(ctx context.Context, who Actor, id billing.ID, on bool) (PlanRow, error) {
	err := a.changePlan(ctx, who, id, func(ctx context.Context, q store.Q, p PlanRow, now time.Time) error {
		if p.Archived == on {
			return nil
		}
		command, at := archiving("plan", on, now)
		if err := store.ArchivePlan(ctx, q, who.Agency, id, at, now); err != nil {
			return err
		}
		return a.audit(ctx, q, who, now, command, "plan:"+id.String(), 0, "", archived(!on), archived(on))
	})
	if err != nil {
		return PlanRow{}, err
	}
	return a.Plan(ctx, who, id)
}

// archiving names the command, and says since when the thing is archived after it.
func archiving(what string, on bool, now time.Time) (command string, at time.Time) {
	if on {
		return what + ".archive", now
	}
	return what + ".unarchive", time.Time{}
}

func archived(on bool) map[string]bool { return map[string]bool{"archived": on} }

// changePlan changes a plan, held for the time.
func (a *App) changePlan(ctx context.Context, who Actor, id billing.ID, change func(context.Context, store.Q, PlanRow, time.Time) error) error {
	return a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		now, err := a.Now(ctx, who.Agency)
		if err != nil {
			return err
		}
		if err := store.HoldPlan(ctx, q, who.Agency, id, a.DB.ForUpdate()); errors.Is(err, store.ErrMissing) {
			return notFound("plan")
		} else if err != nil {
			return err
		}
		p, err := store.PlanByID(ctx, q, who.Agency, id)
		if err != nil {
			return err
		}
		return change(ctx, q, p, now)
	})
}

// Plan reads a plan of the catalog.
func (a *App) Plan(ctx context.Context, who Actor, id billing.ID) (PlanRow, error) {
	p, err := store.PlanByID(ctx, a.DB.Q(ctx), who.Agency, id)
	if errors.Is(err, store.ErrMissing) {
		return PlanRow{}, notFound("plan")
	}
	return p, err
}

// PlanVersions lists every version of a plan, newest first.
func (a *App) PlanVersions(ctx context.Context, who Actor, id billing.ID) ([]PlanVersion, error) {
	if _, err := a.Plan(ctx, who, id); err != nil {
		return nil, err
	}
	return store.PlanVersions(ctx, a.DB.Q(ctx), who.Agency, id)
}

// Plans lists the catalog's plans, newest first: those that are ACTIVE, those that are ARCHIVED or, with "", all.
func (a *App) Plans(ctx context.Context, who Actor, status string, p Page) (Listed[PlanRow], error) {
	only, err := archivedOnly(status)
	if err != nil {
		return Listed[PlanRow]{}, err
	}
	return listed(ctx, a, who, p, func(q store.Q, w store.Window) (store.Part[PlanRow], error) {
		return store.Plans(ctx, q, who.Agency, only, w)
	})
}

func archivedOnly(status string) (*bool, error) {
	switch yes, no := true, false; status {
	case "":
		return nil, nil
	case "ACTIVE":
		return &no, nil
	case "ARCHIVED":
		return &yes, nil
	}
	return nil, billing.InvalidField("status", "must be ACTIVE or ARCHIVED")
}

// CreatePack adds a pack to the catalog. Rules 4.5.
func (a *App) CreatePack(ctx context.Context, who Actor, p billing.Pack) (PackRow, error) {
	p.ID, p.Name, p.Archived = a.Mint(), strings.TrimSpace(p.Name), false
	if err := a.checkPack(ctx, who, p); err != nil {
		return PackRow{}, err
	}
	err := a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		now, err := a.Now(ctx, who.Agency)
		if err != nil {
			return err
		}
		if err := store.InsertPack(ctx, q, who.Agency, p, now); err != nil {
			return err
		}
		return a.audit(ctx, q, who, now, "pack.create", "pack:"+p.ID.String(), 0, "", nil, packAudit(p))
	})
	if err != nil {
		return PackRow{}, err
	}
	return a.Pack(ctx, who, p.ID)
}

// EditPack changes a pack for those who buy it from now on. The currency stays once the pack is offered to a client,
// whose plan has the same.
func (a *App) EditPack(ctx context.Context, who Actor, id billing.ID, edit func(*billing.Pack) error) (PackRow, error) {
	err := a.changePack(ctx, who, id, func(ctx context.Context, q store.Q, p PackRow, now time.Time) error {
		after := p.Pack
		if err := edit(&after); err != nil {
			return err
		}
		after.ID, after.Archived, after.Name = p.ID, p.Archived, strings.TrimSpace(after.Name)
		if err := a.checkPackEdit(ctx, q, who, p.Pack, after); err != nil || after == p.Pack {
			return err
		}
		if err := store.UpdatePack(ctx, q, who.Agency, after, now); err != nil {
			return err
		}
		return a.audit(ctx, q, who, now, "pack.edit", "pack:"+id.String(), 0, "", packAudit(p.Pack), packAudit(after))
	})
	if err != nil {
		return PackRow{}, err
	}
	return a.Pack(ctx, who, id)
}

func (a *App) checkPack(ctx context.Context, who Actor, p billing.Pack) error {
	if err := p.Check(); err != nil {
		return err
	}
	switch {
	case p.Minutes > billing.MaxMinutes:
		return billing.InvalidField("minutes", "must be at most %s", billing.MaxMinutes.Minutes())
	case p.Price < 0 || p.Price > billing.MaxMoney:
		return billing.InvalidField("price", "must be between 0 and %s", p.Currency.Format(billing.MaxMoney))
	}
	return a.checkCurrency(ctx, who, p.Currency)
}

func (a *App) checkPackEdit(ctx context.Context, q store.Q, who Actor, before, after billing.Pack) error {
	if err := a.checkPack(ctx, who, after); err != nil || before.Currency == after.Currency {
		return err
	}
	offered, err := store.PackOffered(ctx, q, who.Agency, after.ID)
	if err == nil && offered {
		return billing.Refuse(billing.Conflict, "pack_in_use", "The pack is offered to clients, whose plans have its currency.", "Make a new pack in the other currency.")
	}
	return err
}

// ArchivePack hides a pack from new assignments; who has it keeps it. Rules 4.3.
func (a *App) ArchivePack(ctx context.Context, who Actor, id billing.ID) (PackRow, error) {
	return a.archivePack(ctx, who, id, true)
}

// UnarchivePack brings a pack back.
func (a *App) UnarchivePack(ctx context.Context, who Actor, id billing.ID) (PackRow, error) {
	return a.archivePack(ctx, who, id, false)
}

func (a *App) archivePack(ctx context.Context, who Actor, id billing.ID, on bool) (PackRow, error) {
	err := a.changePack(ctx, who, id, func(ctx context.Context, q store.Q, p PackRow, now time.Time) error {
		if p.Archived == on {
			return nil
		}
		command, at := archiving("pack", on, now)
		if err := store.ArchivePack(ctx, q, who.Agency, id, at, now); err != nil {
			return err
		}
		return a.audit(ctx, q, who, now, command, "pack:"+id.String(), 0, "", archived(!on), archived(on))
	})
	if err != nil {
		return PackRow{}, err
	}
	return a.Pack(ctx, who, id)
}

// changePack changes a pack, held for the time.
func (a *App) changePack(ctx context.Context, who Actor, id billing.ID, change func(context.Context, store.Q, PackRow, time.Time) error) error {
	return a.DB.InTx(ctx, func(ctx context.Context, q store.Q) error {
		now, err := a.Now(ctx, who.Agency)
		if err != nil {
			return err
		}
		if err := store.HoldPack(ctx, q, who.Agency, id, a.DB.ForUpdate()); errors.Is(err, store.ErrMissing) {
			return notFound("pack")
		} else if err != nil {
			return err
		}
		p, err := store.PackByID(ctx, q, who.Agency, id)
		if err != nil {
			return err
		}
		return change(ctx, q, p, now)
	})
}

// Pack reads a pack of the catalog.
func (a *App) Pack(ctx context.Context, who Actor, id billing.ID) (PackRow, error) {
	p, err := store.PackByID(ctx, a.DB.Q(ctx), who.Agency, id)
	if errors.Is(err, store.ErrMissing) {
		return PackRow{}, notFound("pack")
	}
	return p, err
}

// Packs lists the catalog's packs, newest first, as Plans does.
func (a *App) Packs(ctx context.Context, who Actor, status string, p Page) (Listed[PackRow], error) {
	only, err := archivedOnly(status)
	if err != nil {
		return Listed[PackRow]{}, err
	}
	return listed(ctx, a, who, p, func(q store.Q, w store.Window) (store.Part[PackRow], error) {
		return store.Packs(ctx, q, who.Agency, only, w)
	})
}

// packAudit is what the audit log says of a pack.
func packAudit(p billing.Pack) map[string]any {
	return map[string]any{"name": p.Name, "description": p.Description, "minutes_ms": p.Minutes, "price": p.Currency.Format(p.Price), "currency": p.Currency.Code}
}
