package console

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

// packCard lists the packs offered to the client and sells them.
func (l *ledger) packCard() ui.Piece {
	card := ui.Card{Title: "Addon Packs", Sub: "Minutes for the wallet, offered to the client in its portal", Flush: true}
	table := ui.Table{
		Caption: "Packs assigned to the client", Columns: []ui.Column{{Name: "Pack"}, {Name: "Minutes", Num: true}, {Name: "Price", Num: true}, {Slim: true}},
		Empty: ui.Empty{Icon: "wallet", Title: "No packs assigned", Text: "A pack is a one-time block of minutes with a price. The client sees those assigned to it."},
	}
	for _, p := range l.packs {
		if slices.Contains(l.PackIDs, p.ID) {
			table.Rows = append(table.Rows, ui.Row{Cells: []ui.Piece{ui.Text(p.Name), desk.Minutes(p.Minutes), desk.Money(p.Currency, p.Price), l.applyAct(p)}})
		}
	}
	card.Body = append(card.Body, table)
	return card
}

// packNotice says what is missing before a pack can be applied.
func (l *ledger) packNotice() string {
	switch sub := l.account.Subscription; {
	case !l.account.Live() && l.assigned != nil && !l.assigned.Terms.AddonPacks:
		return "The assigned plan has add-on packs off."
	case !l.account.Live():
		return "Applying a pack needs a running subscription on a plan with add-on packs on."
	case !sub.Terms.AddonPacks:
		return "The subscription's plan has add-on packs off."
	case sub.Status == billing.Blocked:
		return "The subscription is blocked."
	}
	return ""
}

func (l *ledger) packsAct() ui.Piece {
	var boxes []ui.Piece
	for _, p := range l.packs {
		offered := slices.Contains(l.PackIDs, p.ID)
		if p.Archived && !offered {
			continue
		}
		label := fmt.Sprintf("%s · %s min · %s", p.Name, desk.Short(p.Minutes), desk.Sum(p.Currency, p.Price))
		boxes = append(boxes, ui.Checkbox{Field: ui.Field{Name: "pack_" + p.ID.String(), Label: label}, Checked: offered})
	}
	if len(boxes) == 0 {
		return ui.Button{Text: "New pack", URL: "/console/catalog/packs/new", Icon: "plus"}
	}
	return l.Act(ui.Act{
		ID: "packs", Label: "Assign packs", Says: []string{"The client sees the ticked packs in its portal. Nothing is sold by this."},
		Form: ui.Form{Action: l.url("packs"), Fields: boxes, Submit: ui.Submit{Text: "Save"}},
	})
}

func assignPacks(s *subject) (string, error) {
	packs, err := s.App.Packs(s.R.Context(), s.Who, "", app.Page{Size: 100})
	if err != nil {
		return "", err
	}
	var chosen []billing.ID
	for _, p := range slices.Backward(packs.Items) {
		if s.Ticked("pack_" + p.ID.String()) {
			chosen = append(chosen, p.ID)
		}
	}
	return "The offered packs are saved.", s.App.AssignPacks(s.R.Context(), s.Who, s.ClientRow.ID, chosen)
}

func (l *ledger) applyAct(p app.PackRow) ui.Piece {
	if l.packNotice() != "" {
		return nil
	}
	sold := func(paid bool) []string {
		return l.Of(func(acc *billing.Account, now time.Time) error {
			_, err := acc.ApplyPack(p.Pack, paid, "", now)
			return err
		})
	}
	pending, paid := sold(false), sold(true)
	return l.Careful(ui.Act{
		ID: "apply-" + p.ID.String(), Label: "Apply Addon Pack", Title: "Apply “" + p.Name + "”", Says: append(pending, "The minutes never expire, and are there at once whether it is paid or not."),
		Form: ui.Form{Action: l.url("apply-pack"), Hidden: []ui.Pair{{Name: "pack_id", Value: p.ID.String()}}, Submit: ui.Submit{Text: "Apply pack"}, Fields: []ui.Piece{
			ui.Select{Field: ui.Field{Name: "payment_status", Label: "Payment", Value: "PENDING", Hint: alsoWords(pending, paid)}, Options: []ui.Option{{Value: "PENDING", Text: "Pending: to be paid"}, {Value: "PAID", Text: "Paid already"}}},
			ui.Field{Name: "external_payment_id", Label: "External payment id", Hint: "Of a payment that was made already.", Optional: true, MaxLength: 255},
		}},
	})
}

// alsoWords tells what the second act does more than the first.
func alsoWords(one, other []string) string {
	var more []string
	for _, line := range other {
		if !slices.Contains(one, line) {
			more = append(more, line)
		}
	}
	if len(more) == 0 {
		return ""
	}
	return "If paid already: " + strings.Join(more, " ")
}

func applyPack(s *subject) (string, error) {
	pack, err := s.Chosen("pack_id")
	if err != nil {
		return "", err
	}
	request, err := s.App.ApplyPack(s.R.Context(), s.Who, s.ClientRow.ID, pack, s.Text("payment_status") == "PAID", s.Text("external_payment_id"))
	if err != nil {
		return "", err
	}
	r, err := s.App.Request(s.R.Context(), s.Who, request)
	return fmt.Sprintf("%s minutes are credited. %s over %s is issued.", r.PackMinutes.Minutes(), r.Label(), desk.Sum(r.Currency, r.Amount)), err
}

// movementsCard is the wallet with what moved it, and the act that does.
func (l *ledger) movementsCard() ui.Piece {
	card, _ := l.walletCard().(ui.Card)
	card.Title, card.Sub, card.Status = "Add-on minutes (wallet)", l.account.Wallet.Minutes()+" min, the latest movements", []ui.Badge{{Tone: ui.Plain, Text: "Never expires"}}
	card.Actions = []ui.Piece{l.walletAct()}
	return card
}

func (l *ledger) walletAct() ui.Piece {
	return l.Careful(ui.Act{
		ID: "wallet", Label: "Adjust", Tone: ui.Plain, Title: "Adjust the wallet", Says: []string{"Adds or takes away minutes at once. Nothing is requested for them."},
		Form: ui.Form{Action: l.url("wallet"), Submit: ui.Submit{Text: "Adjust"}, Fields: []ui.Piece{
			ui.Field{Name: "minutes", Label: "Minutes", Unit: "min", Hint: "−15 takes 15 minutes away.", Mode: "text"},
			ui.Field{Name: "reason", Label: "Reason", Hint: "The client reads it in its timeline.", MaxLength: 500},
		}},
	})
}

func adjustWallet(s *subject) (string, error) {
	delta, err := s.Minutes("minutes")
	if err != nil {
		return "", err
	}
	return "The wallet is adjusted by " + delta.Minutes() + " minutes.", s.App.AdjustWallet(s.R.Context(), s.Who, s.ClientRow.ID, delta, s.Text("reason"))
}
