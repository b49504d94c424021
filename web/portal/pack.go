package portal

import (
	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

// packCard lists the packs on offer, with how to buy them.
func (w *view) packCard() ui.Piece {
	card := ui.Card{Title: w.T("packs.title")}
	if len(w.packs) == 0 {
		card.Body = []ui.Piece{ui.Muted(w.T("packs.none"))}
		return card
	}
	takes := w.mayTake()
	card.Sub = w.T("packs.contact", "agency", w.Brand.Name())
	if takes {
		card.Sub = w.T("packs.take")
	}
	var list ui.List
	for _, p := range w.packs {
		words := w.T("packs.minutes", "minutes", w.Tongue.Short(p.Minutes))
		if p.Description != "" {
			words += " · " + p.Description
		}
		var right ui.Piece = w.sum(p.Currency, p.Price)
		if takes {
			right = ui.Line{right, w.takeAct(p)}
		}
		list = append(list, ui.Between{Left: ui.Stack{Main: ui.Text(p.Name), Sub: ui.Muted(words)}, Right: right})
	}
	card.Body = []ui.Piece{list}
	return card
}

// mayTake says whether the client may take a pack now: the agency allows it, and there is something to add minutes to.
func (w *view) mayTake() bool {
	return w.Agency.PortalRequestPacks && w.account.Live() && w.account.Subscription.Terms.AddonPacks && !closed(w.account)
}

// takeAct says exactly what taking a pack does.
func (w *view) takeAct(p app.PackRow) ui.Piece {
	due := billing.AddDays(w.Now, w.account.Subscription.Terms.PaymentDueDays, w.Zone)
	says := []string{w.T("packs.says.minutes", "minutes", w.Tongue.Short(p.Minutes))}
	if p.Price > 0 {
		says = append(says, w.T("packs.says.request", "sum", w.spokenSum(p.Currency, p.Price), "day", w.Tongue.Day(due.In(w.Zone))))
	}
	says = append(says, w.T("packs.says.stay"), w.T("packs.says.undo", "agency", w.Brand.Name()))
	return w.Act(ui.Act{
		ID: "pack-" + p.ID.String(), Label: w.T("packs.request"), Title: w.T("packs.ask", "pack", p.Name), Says: says,
		Form: ui.Form{Action: "/portal/packs/" + p.ID.String() + "/request", Submit: ui.Submit{Text: w.T("packs.now")}},
	})
}

func requestPack(v *desk.Visit) (desk.Done, error) {
	if !v.Agency.PortalRequestPacks {
		return desk.Done{}, billing.Refuse(billing.Forbidden, "portal_packs_off", v.Brand.Name()+" sells packs itself.", "Ask them for one.")
	}
	id, err := v.PathID("pack")
	if err != nil {
		return desk.Done{}, err
	}
	made, err := v.App.RequestPack(v.R.Context(), v.Who, v.Who.Client, id)
	if err != nil {
		return desk.Done{}, err
	}
	r, err := v.App.Request(v.R.Context(), v.Who, made)
	if err != nil {
		return desk.Done{}, err
	}
	says := v.Tongue.T("packs.done", "minutes", v.Tongue.Short(r.PackMinutes), "number", r.Label(), "sum", v.Tongue.Sum(billing.Sum{Currency: r.Currency, Amount: r.Amount}), "day", v.Tongue.Day(r.DueAt.In(v.Zone)))
	return desk.Done{To: "/portal", Says: says}, nil
}
