package app

import (
	"context"
	"errors"
	"time"

	"minutebook/billing"
	"minutebook/store"
)

// AssignPlan picks the plan a start will use. Rules 4.4.
func (a *App) AssignPlan(ctx context.Context, who Actor, client, plan billing.ID) error {
	return a.changeWith(ctx, who, client, act{command: "plan.assign"}, func(ctx context.Context, q store.Q, acc *billing.Account, now time.Time) error {
		p, err := a.plan(ctx, q, who.Agency, plan)
		if err != nil {
			return err
		}
		return acc.AssignPlan(p, now)
	})
}

// RemovePlan takes the assignment back. Rules 4.4.
func (a *App) RemovePlan(ctx context.Context, who Actor, client billing.ID) error {
	return a.change(ctx, who, client, act{command: "plan.remove"}, func(acc *billing.Account, now time.Time) error {
		return acc.RemovePlan(now)
	})
}

// AssignPacks sets the packs offered to a client. Rules 4.5.
func (a *App) AssignPacks(ctx context.Context, who Actor, client billing.ID, packs []billing.ID) error {
	return a.changeWith(ctx, who, client, act{command: "packs.assign"}, func(ctx context.Context, q store.Q, acc *billing.Account, now time.Time) error {
		var offered []billing.Pack
		for _, id := range packs {
			p, err := a.pack(ctx, q, who.Agency, id)
			if err != nil {
				return err
			}
			offered = append(offered, p)
		}
		var assigned *billing.Plan
		if acc.PlanID != 0 {
			p, err := a.plan(ctx, q, who.Agency, acc.PlanID)
			if err != nil {
				return err
			}
			assigned = &p
		}
		return acc.AssignPacks(offered, assigned, now)
	})
}

// Start begins a subscription on the client's assigned plan; the client itself may do so where the agency allows it.
// Rules 6.2.
func (a *App) Start(ctx context.Context, who Actor, client billing.ID) (subscription billing.ID, err error) {
	settings, err := a.Settings(ctx, who)
	if err != nil {
		return 0, err
	}
	act := act{command: "subscription.start", portal: settings.PortalStart}
	err = a.changeWith(ctx, who, client, act, func(ctx context.Context, q store.Q, acc *billing.Account, now time.Time) error {
		var p billing.Plan
		if acc.PlanID != 0 {
			if p, err = a.plan(ctx, q, who.Agency, acc.PlanID); err != nil {
				return err
			}
		}
		err := acc.Start(p, now)
		if err == nil {
			subscription = acc.Subscription.ID
		}
		return err
	})
	return subscription, err
}

// Cancel ends a subscription, now or at its period's end. Rules 6.7.
func (a *App) Cancel(ctx context.Context, who Actor, subscription billing.ID, c billing.Cancellation, atPeriodEnd bool) error {
	return a.changeSubscription(ctx, who, subscription, act{command: "subscription.cancel", reason: c.Reason}, func(_ context.Context, _ store.Q, acc *billing.Account, now time.Time) error {
		if atPeriodEnd {
			return acc.CancelAtPeriodEnd(c, now)
		}
		return acc.Cancel(c, now)
	})
}

// UndoCancel takes a scheduled cancellation or plan change back. Rules 6.8.
func (a *App) UndoCancel(ctx context.Context, who Actor, subscription billing.ID) error {
	return a.changeSubscription(ctx, who, subscription, act{command: "subscription.undo_cancel"}, func(_ context.Context, _ store.Q, acc *billing.Account, now time.Time) error {
		return acc.UndoCancel(now)
	})
}

// ChangePlan ends a subscription and starts a new one on another plan: now, or at the period's end, when the answer
// is 0. Rules 6.9.
func (a *App) ChangePlan(ctx context.Context, who Actor, subscription, plan billing.ID, c billing.Cancellation, atPeriodEnd bool) (started billing.ID, err error) {
	err = a.changeSubscription(ctx, who, subscription, act{command: "subscription.change_plan"}, func(ctx context.Context, q store.Q, acc *billing.Account, now time.Time) error {
		p, err := a.plan(ctx, q, who.Agency, plan)
		if err != nil {
			return err
		}
		if atPeriodEnd {
			return acc.ChangePlanAtPeriodEnd(p, c, now)
		}
		if c.Prorate {
			if err := store.LoadFee(ctx, q, acc); err != nil {
				return err
			}
		}
		if err := acc.ChangePlan(p, c, now); err != nil {
			return err
		}
		started = acc.Subscription.ID
		return nil
	})
	return started, err
}

// changeSubscription changes the client of a subscription by a rule that means that very subscription: an older one
// is canceled and stays so.
func (a *App) changeSubscription(ctx context.Context, who Actor, subscription billing.ID, act act, rule ruleWith) error {
	s, err := store.SubscriptionByID(ctx, a.DB.Q(ctx), who.Agency, subscription)
	if errors.Is(err, store.ErrMissing) {
		return notFound("subscription")
	}
	if err != nil {
		return err
	}
	return a.changeWith(ctx, who, s.Client, act, func(ctx context.Context, q store.Q, acc *billing.Account, now time.Time) error {
		if acc.Subscription.ID != subscription {
			return billing.Refuse(billing.Conflict, "subscription_not_live", "The subscription is canceled.", "Start a new one.")
		}
		return rule(ctx, q, acc, now)
	})
}

// plan reads a plan of the agency with the terms of its newest version.
func (a *App) plan(ctx context.Context, q store.Q, agency, id billing.ID) (billing.Plan, error) {
	p, err := store.PlanTerms(ctx, q, agency, id)
	if errors.Is(err, store.ErrMissing) {
		return billing.Plan{}, missingIn("plan_id", "plan")
	}
	return p, err
}

func (a *App) pack(ctx context.Context, q store.Q, agency, id billing.ID) (billing.Pack, error) {
	p, err := store.PackByID(ctx, q, agency, id)
	if errors.Is(err, store.ErrMissing) {
		return billing.Pack{}, missingIn("pack_id", "pack")
	}
	return p.Pack, err
}

// missingIn refuses a field that names what does not exist.
func missingIn(field, what string) error {
	e := billing.Refuse(billing.NotFound, "not_found", "There is no such "+what+".", "")
	e.Field = field
	return e
}
