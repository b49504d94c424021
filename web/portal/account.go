package portal

import (
	"minutebook/web/desk"
	"minutebook/web/ui"
)

const accountPath = "/portal/account"

// accountPage is the person's own: who they are here, and their password.
func accountPage(v *desk.Visit) (ui.Page, error) {
	form := ui.Form{ID: "password", Action: accountPath, Submit: ui.Submit{Text: v.Tongue.T("account.send")}, Fields: []ui.Piece{
		ui.Field{Name: "email", Label: v.Tongue.T("login.email"), Value: v.User.Email, Disabled: true, Complete: "username"},
		ui.Field{Name: "old_password", Label: v.Tongue.T("account.old"), Type: "password", Complete: "current-password"},
		ui.Field{Name: "password", Label: v.Tongue.T("account.new"), Type: "password", Complete: "new-password", Hint: v.Tongue.T("invite.password.hint")},
	}}
	return ui.Page{Title: v.Tongue.T("account.title"), Body: []ui.Piece{ui.Card{Title: v.Tongue.T("login.password"), Sub: v.Tongue.T("account.elsewhere"), Body: []ui.Piece{v.Form(form)}}}}, nil
}

func changePassword(v *desk.Visit) (desk.Done, error) {
	err := v.App.ChangePassword(v.R.Context(), v.Who, v.Token, v.R.PostForm.Get("old_password"), v.R.PostForm.Get("password"))
	return desk.Done{To: accountPath, Says: v.Tongue.T("account.done")}, err
}
