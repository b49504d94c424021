package console

import (
	"net/url"
	"strconv"

	"minutebook/app"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

// pageSize is how many rows a list shows.
const pageSize = 50

// wanted is the page of a list that the URL asks for; nonsense is the first.
func wanted(v *desk.Visit) app.Page {
	n, err := strconv.Atoi(v.R.URL.Query().Get("page"))
	if err != nil || n < 1 || n > 1_000_000 {
		n = 1
	}
	return app.Page{Page: n, Size: pageSize}
}

// pager leads through a list, keeping its filter.
func pager(v *desk.Visit, total int64) *ui.Pager {
	at := int64(wanted(v).Page)
	first, last := (at-1)*pageSize+1, min(at*pageSize, total)
	if total <= pageSize {
		return nil
	}
	p := &ui.Pager{Text: ui.Whole(first) + " to " + ui.Whole(last) + " of " + ui.Whole(total)}
	if at > 1 {
		p.Prev = turned(v.R.URL, at-1)
	}
	if last < total {
		p.Next = turned(v.R.URL, at+1)
	}
	return p
}

func turned(u *url.URL, page int64) string {
	query := u.Query()
	query.Set("page", strconv.FormatInt(page, 10))
	return u.Path + "?" + query.Encode()
}

// asked is a filter of the URL.
func asked(v *desk.Visit, name string) string { return v.R.URL.Query().Get(name) }

// choice is a filter that chooses one of several; the first option is everything.
func choice(v *desk.Visit, name, label string, options ...ui.Option) ui.Select {
	return ui.Select{Field: ui.Field{Name: name, Label: label, Value: asked(v, name), Optional: true}, Options: options}
}

// cleared is where everything is shown again, if one of the filters is set.
func cleared(v *desk.Visit, names ...string) string {
	for _, name := range names {
		if asked(v, name) != "" {
			return v.R.URL.Path
		}
	}
	return ""
}

// filtered is a list below its filter, which also narrows the rows shown while one types.
func filtered(f ui.Filter, t ui.Table) []ui.Piece {
	return []ui.Piece{narrowing(f, t), ui.Card{Flush: true, Body: []ui.Piece{t}}}
}

// narrowing is the filter of a table, if that has rows to narrow.
func narrowing(f ui.Filter, t ui.Table) ui.Filter {
	if len(t.Rows) > 0 {
		f.Table = t.ID
	}
	return f
}
