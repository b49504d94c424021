package ui

import (
	"reflect"
	"strings"
	"testing"

	"minutebook/web/ui/uitest"
)

// hostile are strings people really put into names, and some they do not.
var hostile = []string{
	`<script>alert(1)</script>`,
	`"><img src=x onerror=alert(1)>`,
	`' onmouseover='alert(1)`,
	`</textarea></title></dialog><h1>`,
	`{{.Secret}}`,
	`javascript:alert(1)`,
	"\u202Egnp.exe مرحبا",
	"👩‍👩‍👧‍👦 Zahnärzte",
	strings.Repeat("Donaudampfschiff", 19),
	"a\x00b\r\nc",
}

// TestHostileStrings puts each string wherever a piece of the gallery shows one.
func TestHostileStrings(t *testing.T) {
	t.Parallel()
	r := newRenderer(t, nil)
	for _, s := range hostile {
		p := gallery()
		spoil(reflect.ValueOf(&p).Elem(), s)
		got := render(t, r, PiecesOnly, p)
		if seen := uitest.Page(t, []byte(got)); !strings.Contains(seen, folded(s)) {
			t.Errorf("%q is not shown as it was written", s)
		}
		if strings.Contains(got, "<script>") || strings.Contains(got, "<img src=x") {
			t.Errorf("%q became markup", s)
		}
	}
}

// folded is a string as a page shows it: one space for many, a NUL made visible.
func folded(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "\x00", "\uFFFD")), " ")
}

// kept are the fields which are ours to choose, never a visitor's: names of
// things on the page and choices from a fixed list.
var kept = map[string]bool{
	"ID": true, "Icon": true, "Tone": true, "Face": true, "Type": true, "Table": true, "Live": true, "Name": true, "Class": true,
	"Pool": true, "Sorted": true, "URL": true, "Action": true, "Cancel": true, "Prev": true, "Next": true, "Sort": true, "Clear": true,
	"Sheet": true, "Logo": true, "Find": true,
}

// spoil replaces every string a visitor may have written. Names of people and
// things are spoilt too, but not those which tell fields of a form apart.
func spoil(v reflect.Value, s string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Pointer:
		if !v.IsNil() {
			spoil(v.Elem(), s)
		}
	case reflect.Slice:
		for i := range v.Len() {
			spoil(v.Index(i), s)
		}
	case reflect.Interface:
		if v.IsNil() {
			return
		}
		inner := reflect.New(v.Elem().Type()).Elem()
		inner.Set(v.Elem())
		spoil(inner, s)
		v.Set(inner)
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.IsExported() && f.Type.PkgPath() != "time" && (!kept[f.Name] || shownName(v.Type(), f.Name)) {
				spoil(v.Field(i), s)
			}
		}
	}
}

// shownName tells the names that are words from those that are identifiers.
func shownName(t reflect.Type, field string) bool {
	return field == "Name" && t != reflect.TypeFor[Field]() && t != reflect.TypeFor[Pair]() && t != reflect.TypeFor[Submit]()
}

func TestAddressesAreChecked(t *testing.T) {
	t.Parallel()
	got := render(t, newRenderer(t, nil), PiecesOnly, Page{Title: "T", Body: []Piece{Link{"x", "javascript:alert(1)"}, Button{Text: "y", URL: "data:text/html,x"}}})
	if strings.Contains(got, "javascript:") || strings.Contains(got, "data:text") {
		t.Errorf("an address that runs a script went through: %s", got)
	}
}
