package desk

import (
	"minutebook/billing"
	"minutebook/web/ui"
)

// DueAndPaid is the column "Due & paid": when it is due, how long grace lasts, when it was paid and under which id.
func (v *Visit) DueAndPaid(r billing.Request) ui.Piece {
	switch {
	case r.Status == billing.Paid && r.ExternalPaymentID != "":
		return ui.Stack{Main: v.On(r.PaidAt, "Paid"), Sub: ui.Muted(r.ExternalPaymentID)}
	case r.Status == billing.Paid:
		return ui.Line{v.On(r.PaidAt, "Paid")}
	case r.Status == billing.Voided:
		return ui.Muted("Void")
	case !r.GraceEndsAt.IsZero():
		return ui.Stack{Main: v.On(r.DueAt, "Due"), Sub: v.On(r.GraceEndsAt, "Grace until")}
	}
	return ui.Line{v.On(r.DueAt, "Due")}
}

// AmountOf is a request's amount with its breakdown, and what is still open of one that is paid in part.
func AmountOf(r billing.Request) ui.Piece {
	var below ui.Piece
	switch {
	case r.Open() && r.AmountPaid > 0:
		below = ui.Line{Money(r.Currency, r.Due()), ui.Muted("open")}
	case len(r.Lines) == 1 && r.Lines[0].Unit == "minute":
		below = ui.Muted(ui.Grouped(r.Lines[0].Quantity) + " min × " + ui.Grouped(r.Lines[0].UnitAmount))
	case len(r.Lines) > 1:
		below = ui.Muted(Count(int64(len(r.Lines)), "line", "lines"))
	}
	if below == nil {
		return Money(r.Currency, r.Amount)
	}
	return ui.Stack{Main: Money(r.Currency, r.Amount), Sub: below}
}

// Lines is the breakdown of a request.
func Lines(r billing.Request) ui.Table {
	t := ui.Table{Caption: "What " + r.Label() + " is for", Columns: []ui.Column{{Name: "What"}, {Name: "Quantity", Num: true}, {Name: "Price", Num: true}, {Name: "Amount", Num: true}}}
	for _, line := range r.Lines {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Piece{
			ui.Text(line.Description), ui.Number{Text: line.Quantity, Unit: line.Unit}, ui.Number{Text: line.UnitAmount}, Money(r.Currency, line.Amount),
		}})
	}
	t.Foot = &ui.Row{Cells: []ui.Piece{ui.Text("Total"), nil, nil, Money(r.Currency, r.Amount)}}
	return t
}
