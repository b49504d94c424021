package portal

import (
	"rsc.io/qr"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/ui"
)

// nextDue is the open request to be paid first; nil where nothing is open.
func (w *view) nextDue() (next *billing.Request) {
	for _, r := range w.account.Requests {
		if r.Open() && (next == nil || r.DueAt.Before(next.DueAt)) {
			next = r
		}
	}
	return next
}

func (w *view) payee() billing.Payee {
	i := w.Agency.Instructions
	p := billing.Payee{Name: i.AccountName, IBAN: i.IBAN, BIC: i.BIC, UPI: i.UPI, Link: i.Link}
	if p.Name == "" {
		p.Name = w.Brand.Name()
	}
	return p
}

// payCard says how to pay a request; without one, how to pay at all.
func (w *view) payCard(r *billing.Request) ui.Piece {
	i := w.Agency.Instructions
	card := ui.Card{ID: "pay", Title: w.T("pay.how"), Foot: ui.Muted(w.T("pay.reference.why"))}
	if i == (app.Instructions{}) {
		card.Body = append(card.Body, ui.Text(w.T("pay.ask", "agency", w.Brand.Name())))
	} else if i.Text != "" {
		card.Body = append(card.Body, ui.Text(i.Text))
	}
	var code ui.Piece
	if r != nil {
		card.Sub = w.T("pay.for", "number", r.Label(), "sum", w.spokenSum(r.Currency, r.Due()), "day", w.Tongue.Day(r.DueAt.In(w.Zone)))
		code = w.payCode(r)
	}
	facts := w.payFacts(r)
	switch {
	case code != nil:
		card.Body = append(card.Body, ui.Grid{Columns: 2, Items: []ui.Piece{facts, code}})
	case len(facts) > 0:
		card.Body = append(card.Body, facts)
	}
	if i.Link != "" && r != nil {
		card.Body = append(card.Body, ui.Button{Text: w.T("pay.link"), URL: w.payee().PaymentLink(r), Icon: "external"})
	}
	return card
}

// payFacts are what a transfer needs, to be copied.
func (w *view) payFacts(r *billing.Request) (facts ui.Facts) {
	i := w.Agency.Instructions
	add := func(name, text string) {
		if text != "" {
			facts = append(facts, ui.Fact{Name: name, Value: ui.Copy{Text: text}})
		}
	}
	if r != nil {
		facts = append(facts, ui.Fact{Name: w.T("pay.amount"), Value: w.sum(r.Currency, r.Due())})
		add(w.T("pay.reference"), r.Reference())
	}
	add(w.T("pay.holder"), i.AccountName)
	add("IBAN", billing.SpacedIBAN(i.IBAN))
	add("BIC", i.BIC)
	if r == nil || r.Currency.Code == "INR" {
		add("UPI", i.UPI)
	}
	return facts
}

// payCode is the code a banking app reads.
func (w *view) payCode(r *billing.Request) ui.Piece {
	text, ok := w.payee().PaymentCode(r)
	if !ok {
		return nil
	}
	return ui.Stack{Main: ui.QR{Label: w.T("pay.code", "number", r.Label()), Cells: cells(text)}, Sub: ui.Muted(w.T("pay.scan"))}
}

// cells are the modules of a QR code; none if the text is too long for one, which ours never is.
func cells(text string) [][]bool {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil
	}
	rows := make([][]bool, code.Size)
	for y := range rows {
		rows[y] = make([]bool, code.Size)
		for x := range rows[y] {
			rows[y][x] = code.Black(x, y)
		}
	}
	return rows
}
