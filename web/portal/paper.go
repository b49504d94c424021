package portal

import (
	"strings"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/paper"
	"minutebook/web/ui"
)

// requestPDF is a payment request on paper, in the client's language and the agency's name.
func requestPDF(v *desk.Visit) (desk.File, error) {
	w, err := look(v)
	if err != nil {
		return desk.File{}, err
	}
	r, err := w.request()
	if err != nil {
		return desk.File{}, err
	}
	sheet := w.sheet(r)
	if sheet.Logo, err = w.logo(); err != nil {
		return desk.File{}, err
	}
	content, err := sheet.PDF()
	return desk.File{Name: r.Label() + ".pdf", Kind: "application/pdf", Content: content}, err
}

// logo is the agency's picture, if it is one that can be printed.
func (w *view) logo() (*paper.Logo, error) {
	kind := map[string]string{"image/png": "PNG", "image/jpeg": "JPG"}[w.Brand.Logo.Type]
	if kind == "" {
		return nil, nil
	}
	picture, err := w.App.Logo(w.R.Context(), w.Who.Agency)
	return &paper.Logo{Kind: kind, Content: picture.Content}, err
}

func (w *view) sheet(r app.RequestRow) paper.Sheet {
	s := paper.Sheet{
		Lang: w.Tongue.Code(), Issuer: w.Brand.Name(), Title: w.T("paper.title"), Number: r.Label(), Status: w.requestStatus(r.Request).Text,
		To: paper.Block{Title: w.T("paper.to"), Text: w.client.Name}, Facts: w.paperFacts(r.Request),
		Head: [4]string{w.T("line.what"), w.T("line.quantity"), w.T("line.price"), w.T("requests.amount")}, Totals: w.paperTotals(r.Request),
		Page: func(page int) string { return w.T("paper.page", "page", page) }, Printed: r.IssuedAt,
	}
	for _, line := range r.Lines {
		s.Lines = append(s.Lines, [4]string{w.Tongue.Say(r.Says(line)), w.quantity(line), w.Tongue.Number(line.UnitAmount), w.spokenSum(r.Currency, line.Amount)})
	}
	if !r.Open() {
		return s
	}
	s.Pay, s.PayBy = w.paperPayment(r.Request)
	if code, ok := w.payee().PaymentCode(&r.Request); ok {
		s.Code, s.Scan = cells(code), w.T("pay.scan")
	}
	return s
}

func (w *view) paperFacts(r billing.Request) []paper.Fact {
	facts := []paper.Fact{{Name: w.T("request.issued"), Value: w.Tongue.Day(r.IssuedAt.In(w.Zone))}}
	add := func(name, value string) { facts = append(facts, paper.Fact{Name: name, Value: value}) }
	if !r.PeriodStart.IsZero() {
		add(w.T("plan.period"), w.spokenPeriod(billing.Period{Start: r.PeriodStart, End: r.PeriodEnd}))
	}
	switch {
	case r.Status == billing.Paid:
		add(w.T("due.paid"), w.Tongue.Day(r.PaidAt.In(w.Zone)))
	case r.Open():
		add(w.T("due.due"), w.Tongue.Day(r.DueAt.In(w.Zone)))
	}
	add(w.T("pay.reference"), r.Reference())
	return facts
}

func (w *view) paperTotals(r billing.Request) []paper.Fact {
	total := paper.Fact{Name: w.T("line.total"), Value: w.spokenSum(r.Currency, r.Amount)}
	if !r.Open() || r.AmountPaid == 0 {
		return []paper.Fact{total}
	}
	return []paper.Fact{total, {Name: w.T("line.paid"), Value: w.spokenSum(r.Currency, -r.AmountPaid)}, {Name: w.T("line.left"), Value: w.spokenSum(r.Currency, r.Due())}}
}

// paperPayment is how to pay, without buttons.
func (w *view) paperPayment(r billing.Request) (paper.Block, []paper.Fact) {
	i, block := w.Agency.Instructions, paper.Block{Title: w.T("pay.how")}
	block.Text = i.Text
	if i == (app.Instructions{}) {
		block.Text = w.T("pay.ask", "agency", w.Brand.Name())
	}
	block.Text = strings.TrimSpace(block.Text + "\n" + w.T("pay.reference.why"))
	var facts []paper.Fact
	for _, f := range w.payFacts(&r) {
		if copied, is := f.Value.(ui.Copy); is {
			facts = append(facts, paper.Fact{Name: f.Name, Value: copied.Text})
		}
	}
	if i.Link != "" {
		facts = append(facts, paper.Fact{Name: w.T("pay.page"), Value: w.payee().PaymentLink(&r)})
	}
	return block, facts
}
