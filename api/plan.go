package api

import (
	"context"
	"net/http"

	"minutebook/app"
	"minutebook/billing"
)

// planOut is a plan with its newest terms.
type planOut struct {
	ID            billing.ID `json:"id"`
	Version       int        `json:"version" doc:"Every edit that changes something makes a new one"`
	Status        string     `json:"status" enum:"ACTIVE,ARCHIVED"`
	Subscriptions int64      `json:"subscriptions" doc:"Live ones, on any version"`
	TermsOut
	CreatedAt  instant `json:"created_at"`
	UpdatedAt  instant `json:"updated_at"`
	ArchivedAt moment  `json:"archived_at"`
}

func plan(p app.PlanRow) planOut {
	return planOut{
		ID: p.ID, Version: p.Version, Status: archived(p.Archived), Subscriptions: p.Subscriptions, TermsOut: terms(p.Terms),
		CreatedAt: instant(p.CreatedAt), UpdatedAt: instant(p.UpdatedAt), ArchivedAt: moment(p.ArchivedAt),
	}
}

func archived(yes bool) string {
	if yes {
		return "ARCHIVED"
	}
	return "ACTIVE"
}

// planNew is a new plan.
type planNew struct {
	Name     string `json:"name" minLength:"1" maxLength:"300"`
	Currency string `json:"currency" minLength:"2" maxLength:"10" doc:"ISO 4217, or a code of the agency's own" example:"USD"`
	TermsIn
}

// planEdit is a change of a plan: what is not sent stays.
type planEdit struct {
	Name     optional[string] `json:"name" required:"false" minLength:"1" maxLength:"300"`
	Currency optional[string] `json:"currency" required:"false" minLength:"2" maxLength:"10"`
	TermsIn
}

// catalogFilter is the query of the catalog's lists.
type catalogFilter struct {
	Status string `query:"status" enum:"ACTIVE,ARCHIVED"`
	Paging
}

func (s *server) plans() {
	const tag = "Plans"
	route(s, http.MethodPost, "/plans", words{summary: "Create a plan", tag: tag, scope: app.ScopeWrite, status: 201}, s.createPlan)
	route(s, http.MethodGet, "/plans", words{summary: "List plans", tag: tag, scope: app.ScopeRead}, s.listPlans)
	route(s, http.MethodGet, "/plans/{id}", words{summary: "Read a plan", tag: tag, scope: app.ScopeRead}, s.onPlan(s.app.Plan))
	route(s, http.MethodPatch, "/plans/{id}", words{
		summary: "Edit a plan", tag: tag, scope: app.ScopeWrite,
		more: "Makes a new version for those who start from now on; a running subscription keeps the terms it started with.",
	}, s.editPlan)
	route(s, http.MethodPost, "/plans/{id}/archive", words{
		summary: "Archive a plan", tag: tag, scope: app.ScopeWrite,
		more: "It can no longer be assigned; nothing that runs changes.",
	}, s.doPlan(s.app.ArchivePlan))
	route(s, http.MethodPost, "/plans/{id}/unarchive", words{summary: "Bring a plan back", tag: tag, scope: app.ScopeWrite}, s.doPlan(s.app.UnarchivePlan))
}

func (s *server) createPlan(ctx context.Context, who app.Actor, in *struct{ Body planNew }) (planOut, error) {
	c, err := s.currency(ctx, who, "currency", in.Body.Currency)
	if err != nil {
		return planOut{}, err
	}
	t := defaultTerms(in.Body.Name, c)
	if err := in.Body.apply(&t); err != nil {
		return planOut{}, err
	}
	p, err := s.app.CreatePlan(ctx, who, t)
	return plan(p), err
}

func (s *server) listPlans(ctx context.Context, who app.Actor, in *catalogFilter) (list[planOut], error) {
	l, err := s.app.Plans(ctx, who, in.Status, in.page())
	return listed(in.Paging, l, err, plan)
}

// onPlan is a handler that names a plan and answers with it.
func (s *server) onPlan(do func(context.Context, app.Actor, billing.ID) (app.PlanRow, error)) func(context.Context, app.Actor, *ByID) (planOut, error) {
	return func(ctx context.Context, who app.Actor, in *ByID) (planOut, error) {
		id, err := in.id()
		if err != nil {
			return planOut{}, err
		}
		p, err := do(ctx, who, id)
		return plan(p), err
	}
}

func (s *server) doPlan(do func(context.Context, app.Actor, billing.ID) (app.PlanRow, error)) func(context.Context, app.Actor, *action) (planOut, error) {
	on := s.onPlan(do)
	return func(ctx context.Context, who app.Actor, in *action) (planOut, error) { return on(ctx, who, &in.ByID) }
}

func (s *server) editPlan(ctx context.Context, who app.Actor, in *struct {
	ByID
	Body planEdit
},
) (planOut, error) {
	id, err := in.id()
	if err != nil {
		return planOut{}, err
	}
	p, err := s.app.EditPlan(ctx, who, id, func(t *billing.Terms) error {
		if err := in.Body.Name.into("name", &t.Name); err != nil {
			return err
		}
		if err := s.recurrency(ctx, who, in.Body, t); err != nil {
			return err
		}
		return in.Body.apply(t)
	})
	return plan(p), err
}

// recurrency changes the currency of terms. A fee that is kept keeps its figure, so the decimals must be the same.
func (s *server) recurrency(ctx context.Context, who app.Actor, in planEdit, t *billing.Terms) error {
	return in.Currency.use("currency", func(code string) error {
		c, err := s.currency(ctx, who, "currency", code)
		if err != nil {
			return err
		}
		if c.Digits != t.Currency.Digits && t.RecurringFee != nil && !in.RecurringFee.Set {
			return billing.InvalidField("recurring_fee", "is required: the new currency has other decimals")
		}
		t.Currency = c
		return nil
	})
}
