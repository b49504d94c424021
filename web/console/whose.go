package console

import (
	"strings"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

// mostListed is how many clients are offered as a list; among more than that one is named in words.
const mostListed = 100

// whose lets one of the agency's clients be chosen.
type whose struct {
	*desk.Visit
	clients []app.Subject // all of them, by name
	many    bool          // too many to list
}

func choosing(v *desk.Visit) (whose, error) {
	clients, err := v.App.ClientNames(v.R.Context(), v.Who, mostListed+1)
	return whose{v, clients, len(clients) > mostListed}, err
}

// field asks for a client. The hidden pair tells a name that was left as it is from one that was typed: two clients may
// have the same.
func (w whose) field(f ui.Field, chosen billing.ID, nobody string) (ui.Piece, []ui.Pair, error) {
	if !w.many {
		f.Value = idText(chosen)
		return w.choice(f, nobody), nil, nil
	}
	f.Hint, f.MaxLength, f.Suggest = "Its name, e-mail address or external id.", billing.MaxNameLength, true
	if chosen == 0 {
		return f, nil, nil
	}
	c, err := w.App.Client(w.R.Context(), w.Who, chosen)
	f.Value = c.Name
	return f, []ui.Pair{{Name: f.Name + "_was", Value: idText(chosen)}}, err
}

func (w whose) choice(f ui.Field, nobody string) ui.Select {
	s := ui.Select{Field: f, Options: []ui.Option{{Value: "", Text: nobody}}}
	for _, c := range w.clients {
		s.Options = append(s.Options, ui.Option{Value: c.ID.String(), Text: c.Name})
	}
	return s
}

// narrow adds the choice of a client to a filter.
func (w whose) narrow(f *ui.Filter) {
	field := ui.Field{Name: "client", Label: "Client", Value: asked(w.Visit, "client"), Optional: true, MaxLength: billing.MaxNameLength, Suggest: true}
	if !w.many {
		f.Selects = append([]ui.Select{w.choice(field, "Any client")}, f.Selects...)
		return
	}
	if id, err := billing.ParseID(field.Value); err == nil {
		if c, err := w.App.Client(w.R.Context(), w.Who, id); err == nil {
			field.Value = c.Name
		}
	}
	f.Fields = append([]ui.Field{field}, f.Fields...)
}

func idText(id billing.ID) string {
	if id == 0 {
		return ""
	}
	return id.String()
}

// chosen is the client a form names; zero if it names none.
func chosen(v *desk.Visit, field string) (billing.ID, error) {
	if was, err := billing.ParseID(v.Text(field + "_was")); err == nil {
		if c, err := v.App.Client(v.R.Context(), v.Who, was); err == nil && c.Name == v.Text(field) {
			return was, nil
		}
	}
	return named(v, field, v.Text(field))
}

// named is the client of an id, or the one whose name, e-mail address or external id that is; zero for no words. Nobody
// is guessed: who is one of several is refused.
func named(v *desk.Visit, field, words string) (billing.ID, error) {
	if words == "" {
		return 0, nil
	}
	if id, err := billing.ParseID(words); err == nil {
		_, err := v.App.Client(v.R.Context(), v.Who, id) // whom the agency does not know is not there
		return id, err
	}
	list, err := v.App.Clients(v.R.Context(), v.Who, app.ClientFilter{Query: words}, app.Page{Page: 1, Size: mostListed})
	if err != nil {
		return 0, err
	}
	var exact []app.ClientRow
	for _, c := range list.Items {
		if strings.EqualFold(c.Name, words) || strings.EqualFold(c.Email, words) || c.ExternalID == words {
			exact = append(exact, c)
		}
	}
	switch {
	case len(exact) == 1:
		return exact[0].ID, nil
	case len(exact) > 1:
		return 0, billing.InvalidField(field, "%s clients are called that: give the e-mail address or the external id", ui.Whole(int64(len(exact))))
	case list.Total == 0:
		return 0, billing.InvalidField(field, "no client is called that")
	case list.Total == 1:
		return list.Items[0].ID, nil
	}
	return 0, billing.InvalidField(field, "%s clients fit, such as %s: give the whole name", ui.Whole(list.Total), list.Items[0].Name)
}
