package desk

import (
	"context"
	"errors"
	"net/http"

	"minutebook/billing"
	"minutebook/gate"
	"minutebook/web/lang"
	"minutebook/web/ui"
)

func forbidden() error {
	return billing.Refuse(billing.Forbidden, "forbidden", "Only owners and admins of the agency may see this page.", "Ask one of them.")
}

// Refusal is the refusal in an error; nil for a fault.
func Refusal(err error) *billing.Error {
	var refused *billing.Error
	if errors.As(err, &refused) {
		return refused
	}
	return nil
}

// HTTPStatus is the answer's status for an error.
func HTTPStatus(ctx context.Context, err error) int { return gate.Explain(ctx, err).Status }

// fail answers with a page that says what is wrong, in the face of the one that was asked for.
func (v *Visit) fail(face Face, err error) {
	refused := Refusal(v.Tongue.Refusal(err))
	if refused == nil {
		v.fault(err)
		return
	}
	title := v.Tongue.T("page.impossible")
	switch refused.Kind {
	case billing.NotFound:
		title = v.Tongue.T("page.not_found")
	case billing.Forbidden:
		title = v.Tongue.T("page.not_allowed")
	case billing.Invalid, billing.Conflict, billing.NotYou, billing.TooMany, billing.TooLarge:
	}
	page := ui.Page{Title: title, Body: []ui.Piece{ui.Empty{Icon: "alert", Title: refused.Message, Text: refused.Remedy}}}
	page.Flash, page.Lang = v.takeFlash(), v.Tongue.Code()
	if face(v, &page) != nil || v.Pages.Render(v.W, HTTPStatus(v.R.Context(), err), ui.PiecesOnly, page) != nil {
		http.Error(v.W, refused.Message, HTTPStatus(v.R.Context(), err))
	}
}

// fault answers what nobody could foresee.
func (v *Visit) fault(err error) { v.Fault(v.W, v.R, v.Tongue, err) }

// Fault answers a fault: the reader learns where to find it in the log, and nothing else.
func (d *Desk) Fault(w http.ResponseWriter, r *http.Request, t *lang.Tongue, err error) {
	problem := gate.Explain(r.Context(), err) // keeps it for the log
	page := ui.Page{Face: ui.Door, Lang: t.Code(), Title: t.T("page.fault"), Body: []ui.Piece{
		ui.Text(t.T("page.fault.todo")),
	}}
	if problem.RequestID != "" {
		page.Body = append(page.Body, ui.Line{ui.Muted(t.T("page.request")), ui.Copy{Text: problem.RequestID}})
	}
	if d.Pages.Render(w, problem.Status, ui.PiecesOnly, page) != nil {
		http.Error(w, t.T("page.fault"), problem.Status)
	}
}
