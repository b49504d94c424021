package api

import (
	"context"
	"net/http"

	"minutebook/app"
	"minutebook/billing"
)

// packOut is an add-on pack.
type packOut struct {
	ID          billing.ID `json:"id"`
	Status      string     `json:"status" enum:"ACTIVE,ARCHIVED"`
	Name        string     `json:"name"`
	Description string     `json:"description"`
	Minutes     string     `json:"minutes" example:"100.00"`
	MinutesMS   int64      `json:"minutes_ms"`
	Price       string     `json:"price" example:"20.00"`
	Currency    string     `json:"currency"`
	CreatedAt   instant    `json:"created_at"`
	UpdatedAt   instant    `json:"updated_at"`
	ArchivedAt  moment     `json:"archived_at"`
}

func pack(p app.PackRow) packOut {
	return packOut{
		ID: p.ID, Status: archived(p.Archived), Name: p.Name, Description: p.Description, Minutes: p.Minutes.Minutes(), MinutesMS: int64(p.Minutes),
		Price: p.Currency.Format(p.Price), Currency: p.Currency.Code, CreatedAt: instant(p.CreatedAt), UpdatedAt: instant(p.UpdatedAt), ArchivedAt: moment(p.ArchivedAt),
	}
}

type packNew struct {
	Name        string           `json:"name" minLength:"1" maxLength:"300"`
	Minutes     string           `json:"minutes" maxLength:"40" doc:"Above zero, up to two decimals" example:"100"`
	Price       string           `json:"price" maxLength:"40" example:"20.00"`
	Currency    string           `json:"currency" minLength:"2" maxLength:"10" example:"USD"`
	Description optional[string] `json:"description" required:"false" maxLength:"2000"`
}

type packEdit struct {
	Name        optional[string] `json:"name" required:"false" minLength:"1" maxLength:"300"`
	Minutes     optional[string] `json:"minutes" required:"false" maxLength:"40"`
	Price       optional[string] `json:"price" required:"false" maxLength:"40"`
	Currency    optional[string] `json:"currency" required:"false" minLength:"2" maxLength:"10"`
	Description optional[string] `json:"description" required:"false" maxLength:"2000"`
}

func (s *server) packs() {
	const tag = "Packs"
	route(s, http.MethodPost, "/packs", words{summary: "Create an add-on pack", tag: tag, scope: app.ScopeWrite, status: 201}, s.createPack)
	route(s, http.MethodGet, "/packs", words{summary: "List add-on packs", tag: tag, scope: app.ScopeRead}, s.listPacks)
	route(s, http.MethodGet, "/packs/{id}", words{summary: "Read an add-on pack", tag: tag, scope: app.ScopeRead}, s.onPack(s.app.Pack))
	route(s, http.MethodPatch, "/packs/{id}", words{summary: "Edit an add-on pack", tag: tag, scope: app.ScopeWrite, more: "What was sold keeps its minutes and its price."}, s.editPack)
	route(s, http.MethodPost, "/packs/{id}/archive", words{summary: "Archive an add-on pack", tag: tag, scope: app.ScopeWrite}, s.doPack(s.app.ArchivePack))
	route(s, http.MethodPost, "/packs/{id}/unarchive", words{summary: "Bring an add-on pack back", tag: tag, scope: app.ScopeWrite}, s.doPack(s.app.UnarchivePack))
}

func (s *server) createPack(ctx context.Context, who app.Actor, in *struct{ Body packNew }) (packOut, error) {
	b, p := in.Body, billing.Pack{Name: in.Body.Name}
	var err error
	if p.Currency, err = s.currency(ctx, who, "currency", b.Currency); err != nil {
		return packOut{}, err
	}
	if p.Minutes, err = billing.ParseMinutes("minutes", b.Minutes); err != nil {
		return packOut{}, err
	}
	if p.Price, err = p.Currency.Parse("price", b.Price); err != nil {
		return packOut{}, err
	}
	if err := b.Description.into("description", &p.Description); err != nil {
		return packOut{}, err
	}
	made, err := s.app.CreatePack(ctx, who, p)
	return pack(made), err
}

func (s *server) listPacks(ctx context.Context, who app.Actor, in *catalogFilter) (list[packOut], error) {
	l, err := s.app.Packs(ctx, who, in.Status, in.page())
	return listed(in.Paging, l, err, pack)
}

func (s *server) onPack(do func(context.Context, app.Actor, billing.ID) (app.PackRow, error)) func(context.Context, app.Actor, *ByID) (packOut, error) {
	return func(ctx context.Context, who app.Actor, in *ByID) (packOut, error) {
		id, err := in.id()
		if err != nil {
			return packOut{}, err
		}
		p, err := do(ctx, who, id)
		return pack(p), err
	}
}

func (s *server) doPack(do func(context.Context, app.Actor, billing.ID) (app.PackRow, error)) func(context.Context, app.Actor, *action) (packOut, error) {
	on := s.onPack(do)
	return func(ctx context.Context, who app.Actor, in *action) (packOut, error) { return on(ctx, who, &in.ByID) }
}

func (s *server) editPack(ctx context.Context, who app.Actor, in *struct {
	ByID
	Body packEdit
},
) (packOut, error) {
	id, err := in.id()
	if err != nil {
		return packOut{}, err
	}
	p, err := s.app.EditPack(ctx, who, id, func(p *billing.Pack) error { return s.applyPackEdit(ctx, who, in.Body, p) })
	return pack(p), err
}

func (s *server) applyPackEdit(ctx context.Context, who app.Actor, in packEdit, p *billing.Pack) error {
	return firstError(
		in.Name.into("name", &p.Name),
		in.Description.into("description", &p.Description),
		in.Minutes.use("minutes", func(v string) (err error) { p.Minutes, err = billing.ParseMinutes("minutes", v); return err }),
		in.Currency.use("currency", func(code string) error {
			c, err := s.currency(ctx, who, "currency", code)
			if err == nil && c.Digits != p.Currency.Digits && !in.Price.Set {
				err = billing.InvalidField("price", "is required: the new currency has other decimals")
			}
			p.Currency = c
			return err
		}),
		in.Price.use("price", func(v string) (err error) { p.Price, err = p.Currency.Parse("price", v); return err }),
	)
}
