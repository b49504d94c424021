package console

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"minutebook/app"
	"minutebook/billing"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

// importColumns are the columns a list of clients can have. The first is required.
var importColumns = []string{"name", "email", "external_id", "timezone", "locale", "plan"}

const importExample = "name,email,external_id,plan\nCorner Clinic,desk@corner.example,corner-clinic,Starter\n"

// importPage asks for a list of clients, as a file or pasted. What is wrong with its lines stands below it.
func importPage(v *desk.Visit) (ui.Page, error) {
	form := ui.Form{ID: "import", Action: "/console/clients/import/check", Upload: true, Cancel: "/console/clients", Submit: ui.Submit{Text: "Check the list"}, Fields: []ui.Piece{
		ui.Field{Name: "file", Label: "CSV file", Type: "file", Optional: true},
		ui.Textarea{Field: ui.Field{Name: "clients", Label: "Or paste it here", Optional: true, Placeholder: importExample}, Rows: 8},
	}}
	page := ui.Page{Title: "Import clients", Crumbs: []ui.Link{{Text: "Clients", URL: "/console/clients"}}, Body: []ui.Piece{
		ui.Card{Title: "The list", Sub: "Nothing is added before you have seen what would be", Body: []ui.Piece{v.Form(form)}},
		ui.Card{Title: "How it looks", Body: []ui.Piece{
			ui.List{
				ui.Text("The first line names the columns: name, and any of email, external_id, timezone, locale and plan. Commas, semicolons or tabs stand between them."),
				ui.Text("A plan is named as in the catalog and assigned, not started. If one line is wrong, nothing is imported."),
			},
			ui.Code{Label: "Example", Text: importExample},
		}},
	}}
	return page, nil
}

// listed is the list that was sent: the file, else what was pasted.
func listed(v *desk.Visit) (string, error) {
	file, err := v.File("file")
	text := string(file)
	if text == "" {
		text = v.R.PostForm.Get("clients")
	}
	if err == nil && !utf8.ValidString(text) {
		err = billing.InvalidField("file", "is no text in UTF-8: save it as CSV UTF-8")
	}
	if err == nil && strings.TrimSpace(text) == "" {
		err = billing.InvalidField("clients", "choose a file or paste the list")
	}
	return text, err
}

// readImport reads the lines of a list of clients.
func readImport(text string) ([]app.ClientImport, error) {
	text = strings.TrimPrefix(text, "\ufeff")
	head, _, _ := strings.Cut(text, "\n")
	reader := csv.NewReader(strings.NewReader(text))
	reader.TrimLeadingSpace = true
	for _, mark := range []string{";", "\t"} {
		if strings.Count(head, mark) > strings.Count(head, string(reader.Comma)) {
			reader.Comma = rune(mark[0])
		}
	}
	names, err := reader.Read()
	if err != nil {
		return nil, billing.InvalidField("clients", "is not a CSV list: %v", err)
	}
	if err := checkColumns(names); err != nil {
		return nil, err
	}
	var list []app.ClientImport
	for {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, billing.InvalidField("clients", "cannot be read: %v", err)
		}
		list = append(list, importedLine(names, cells))
	}
}

func checkColumns(names []string) error {
	known := map[string]bool{}
	for _, name := range importColumns {
		known[name] = true
	}
	named := false
	for i, name := range names {
		names[i] = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), " ", "_")
		if !known[names[i]] {
			return billing.InvalidField("clients", "has a column %q; it can have %s", name, strings.Join(importColumns, ", "))
		}
		named = named || names[i] == "name"
	}
	if !named {
		return billing.InvalidField("clients", "has no column name; its first line names the columns")
	}
	return nil
}

func importedLine(names, cells []string) (c app.ClientImport) {
	fields := map[string]*string{"name": &c.Name, "email": &c.Email, "external_id": &c.ExternalID, "timezone": &c.Timezone, "locale": &c.Locale, "plan": &c.Plan}
	for i, name := range names {
		*fields[name] = strings.TrimSpace(cells[i])
	}
	return c
}

// checkImport shows what would become of each line; nothing is added.
func checkImport(v *desk.Visit) (desk.Done, error) {
	text, err := listed(v)
	if err != nil {
		return desk.Done{}, err
	}
	list, err := readImport(text)
	if err != nil {
		return desk.Done{}, err
	}
	lines, err := v.App.ImportClients(v.R.Context(), v.Who, list, false)
	if err != nil {
		return desk.Done{}, err
	}
	page := checkedPage(v, text, list, lines)
	return desk.Done{Page: &page}, nil
}

func checkedPage(v *desk.Visit, text string, list []app.ClientImport, lines []app.ImportedClient) ui.Page {
	page := ui.Page{Title: "Import clients", Crumbs: []ui.Link{{Text: "Clients", URL: "/console/clients"}, {Text: "Import", URL: "/console/clients/import"}}}
	table := ui.Table{Caption: "Lines of the list", Columns: []ui.Column{{Name: "Line", Num: true}, {Name: "Client"}, {Name: "External id"}, {Name: "Plan"}, {Name: "What would happen"}}}
	refused := int64(0)
	for i, l := range lines {
		result := ui.Piece(ui.Badge{Tone: ui.Good, Text: "Will be added"})
		if l.Error != nil {
			refused++
			result = ui.Stack{Main: ui.Badge{Tone: ui.Bad, Text: "Refused"}, Sub: ui.Muted(refusedWords(l.Error))}
		}
		one := list[i]
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Piece{ui.Number{Text: itoa(l.Line)}, ui.Stack{Main: dash(one.Name), Sub: ui.Muted(one.Email)}, dash(one.ExternalID), dash(one.Plan), result}})
	}
	page.Sub = desk.Count(int64(len(lines)), "line", "lines")
	if refused > 0 {
		page.Banners = []ui.Banner{{Tone: ui.Bad, Title: desk.Count(refused, "line cannot be imported", "lines cannot be imported"), Text: "Nothing was added. Correct the list below and check it again."}}
		again := v.Form(ui.Form{ID: "import", Action: "/console/clients/import/check", Cancel: "/console/clients", Submit: ui.Submit{Text: "Check again"}, Fields: []ui.Piece{
			ui.Textarea{Field: ui.Field{Name: "clients", Label: "The list", Value: text}, Rows: 12},
		}})
		page.Body = []ui.Piece{ui.Card{Flush: true, Body: []ui.Piece{table}}, ui.Card{Title: "Correct it here", Body: []ui.Piece{again}}}
		return page
	}
	keep := v.Form(ui.Form{ID: "import", Action: "/console/clients/import", Cancel: "/console/clients/import", Hidden: []ui.Pair{{Name: "clients", Value: text}}, Submit: ui.Submit{Text: "Import " + desk.Count(int64(len(lines)), "client", "clients"), Icon: "check"}})
	page.Body = []ui.Piece{ui.Card{Flush: true, Body: []ui.Piece{table}}, ui.Card{Title: "All lines are right", Sub: "They are added in one step. Nothing starts and nothing is requested.", Body: []ui.Piece{keep}}}
	return page
}

func refusedWords(e *billing.Error) string {
	words := e.Message
	if e.Field != "" && !strings.HasSuffix(words, ".") {
		words = strings.ReplaceAll(e.Field, "_", " ") + " " + words
	}
	return words
}

func importClients(v *desk.Visit) (desk.Done, error) {
	list, err := readImport(v.R.PostForm.Get("clients"))
	if err != nil {
		return desk.Done{}, err
	}
	lines, err := v.App.ImportClients(v.R.Context(), v.Who, list, true)
	return desk.Done{To: "/console/clients", Says: desk.Count(int64(len(lines)), "client is", "clients are") + " imported."}, err
}
