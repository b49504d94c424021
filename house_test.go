// Package minutebook_test checks the house: who looks where, and the few other
// things that are true of every file. STYLE.md says why. A new room gets its line
// in the table here and a line in DECISIONS.md.
package minutebook_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// all lets a room import every other.
const all = "*"

// rooms are the packages of the house and which of the others each may import.
// Tests may import what they like.
var rooms = map[string][]string{
	"billing":         {},
	"store":           {"billing"},
	"store/storetest": {"store"},
	"app":             {"billing", "store"},
	"gate":            {"billing", "app"},
	"api":             {"billing", "app", "gate"},
	"web":             {"billing", "app", "gate", "web/ui", "web/lang", "web/desk", "web/console", "web/portal"},
	"web/ui":          {},
	"web/lang":        {"billing"},
	"web/paper":       {},
	"web/ui/uitest":   {},
	"web/desk":        {"billing", "app", "gate", "web/ui", "web/lang"},
	"web/console":     {"billing", "app", "gate", "web/ui", "web/desk"},
	"web/portal":      {"billing", "app", "gate", "web/ui", "web/lang", "web/desk", "web/paper"},
	"provider":        {"billing", "app", "gate"},
	"jobs":            {"billing", "app", "deliver", "provider"},
	"cmd/minutebook":  {all},
	"sim":             {"billing", "store", "app", "sim/model"},
	"sim/model":       {},
	"sim/mutants":     {},
	"e2e":             {},
	"bench":           {"billing", "store", "app", "gate", "bench/load"},
	"bench/load":      {},
}

// pure lists, for a room, the only packages from outside the house it may import.
var pure = map[string][]string{
	"billing": {
		"cmp", "crypto/sha256", "encoding", "encoding/hex", "encoding/json", "errors", "fmt", "iter", "maps", "math", "math/big", "math/bits",
		"slices", "sort", "strconv", "strings", "time", "unicode", "unicode/utf8",
	},
}

// kept are packages, with all below them, that only these rooms may import.
var kept = map[string][]string{
	"database/sql":               {"store", "bench"}, // the yardsticks are bare statements
	"github.com/jackc/pgx":       {"store", "store/storetest", "bench"},
	"modernc.org/sqlite":         {"store", "bench"},
	"zombiezen.com/go/sqlite":    {"store"},
	"github.com/pressly/goose":   {"store"},
	"html/template":              {"web", "web/ui", "web/desk", "web/console", "web/portal", "cmd/minutebook"},
	"net/http":                   {"gate", "api", "web", "web/ui", "web/desk", "web/console", "web/portal", "provider", "cmd/minutebook", "bench", "bench/load"},
	"github.com/alecthomas/kong": {"cmd/minutebook", "bench"},
	"flag":                       {"cmd/minutebook"},
	"os":                         {"store", "store/storetest", "cmd/minutebook", "bench"},
	"math/rand":                  {"cmd/minutebook", "sim", "bench", "bench/load"}, // the demo's dice, the simulator's seeds, traffic
}

// clocks and printers are for the roof, and for the stop-watch beside the house: elsewhere, now and the writer are handed in.
var roofOnly = []string{"time.Now", "time.Since", "time.Until", "fmt.Print", "fmt.Printf", "fmt.Println"}

func TestHouse(t *testing.T) {
	for _, fault := range inspect(".") {
		t.Error(fault)
	}
}

// house is what inspect knows of the tree.
type house struct {
	root   string
	files  map[string][]*source // by folder
	faults []string
}

// source is one Go file.
type source struct {
	name string
	test bool
	ast  *ast.File
	set  *token.FileSet
}

// inspect walks the tree at root and says what is not as it should be.
func inspect(root string) []string {
	h := &house{root: root, files: map[string][]*source{}}
	h.walk()
	h.checkRooms()
	for folder, files := range h.files {
		h.checkDoc(folder, files)
		for _, file := range files {
			if !file.test {
				h.checkImports(folder, file)
				h.checkUses(folder, file)
			}
		}
	}
	h.checkArchitecture()
	slices.Sort(h.faults)
	return h.faults
}

func (h *house) fault(format string, args ...any) {
	h.faults = append(h.faults, fmt.Sprintf(format, args...))
}

// walk reads every file: its words, and its syntax if it is Go.
func (h *house) walk() {
	err := fs.WalkDir(os.DirFS(h.root), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return passOver(name)
		}
		return h.read(name)
	})
	if err != nil {
		h.fault("walking the house: %v", err)
	}
}

// passOver leaves out what is not ours or not source: hidden folders, the pinned
// tools, what was built, what a program wrote.
func passOver(name string) error {
	base := path.Base(name)
	if name != "." && (strings.HasPrefix(base, ".") || slices.Contains([]string{"tools", "bin", "data", "testdata"}, base)) {
		return fs.SkipDir
	}
	return nil
}

func (h *house) read(name string) error {
	if !slices.Contains([]string{".go", ".sql", ".html", ".md", ".css", ".js", ".txtar", ""}, path.Ext(name)) {
		return nil
	}
	text, err := os.ReadFile(filepath.Join(h.root, name))
	if err != nil {
		return err
	}
	h.checkWords(name, string(text))
	if path.Ext(name) != ".go" {
		return nil
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	folder := path.Dir(name)
	h.files[folder] = append(h.files[folder], &source{name, strings.HasSuffix(name, "_test.go"), file, set})
	return nil
}

// unfinished are words that must not be left behind. They are cut in two here,
// because this file is read as well.
var unfinished = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X|not imple` + `mented|unimple` + `mented)\b|\bt\.Sk` + `ip`)

func (h *house) checkWords(name, text string) {
	for i, line := range strings.Split(text, "\n") {
		if word := unfinished.FindString(line); word != "" {
			h.fault("%s:%d: %q is left behind", name, i+1, word)
		}
	}
}

// checkRooms compares the folders with the table.
func (h *house) checkRooms() {
	for folder := range h.files {
		if _, listed := rooms[folder]; !listed && folder != "." {
			h.fault("%s: this room is not in the table of house_test.go", folder)
		}
	}
	for room := range rooms {
		if len(h.files[room]) == 0 {
			h.fault("%s: this room is in the table of house_test.go, but not in the house", room)
		}
	}
}

func (h *house) checkDoc(folder string, files []*source) {
	tests := !slices.ContainsFunc(files, func(f *source) bool { return !f.test })
	for _, file := range files {
		if file.test == tests && file.ast.Doc != nil && regexp.MustCompile(`^(Package|Command) `).MatchString(file.ast.Doc.Text()) {
			return
		}
	}
	h.fault("%s: no file has a package comment", folder)
}

func (h *house) checkImports(folder string, file *source) {
	for _, spec := range file.ast.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value)
		room, ours := strings.CutPrefix(imported, "minutebook/")
		may := rooms[folder]
		allowed, limited := pure[folder]
		switch {
		case ours && !slices.Contains(may, room) && !slices.Contains(may, all):
			h.fault("%s: %s may not import %s", file.name, folder, room)
		case !ours && limited && !slices.Contains(allowed, imported):
			h.fault("%s: %s may not import %s, it is pure", file.name, folder, imported)
		}
		for name, keepers := range kept {
			if (imported == name || strings.HasPrefix(imported, name+"/")) && !slices.Contains(keepers, folder) {
				h.fault("%s: %s may not import %s, it is kept for %v", file.name, folder, imported, keepers)
			}
		}
	}
}

// checkUses looks for clocks and printers under the roof, and for fractions
// where money, minutes and instants are.
func (h *house) checkUses(folder string, file *source) {
	exact := folder == "billing" || folder == "store"
	under := !strings.HasPrefix(folder, "cmd/") && !strings.HasPrefix(folder+"/", "bench/")
	ast.Inspect(file.ast, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if name := selected(n); under && slices.Contains(roofOnly, name) {
				h.fault("%s: %s is for cmd only", file.set.Position(n.Pos()), name)
			}
		case *ast.Ident:
			if exact && (n.Name == "float32" || n.Name == "float64") {
				h.fault("%s: %s holds a %s", file.set.Position(n.Pos()), folder, n.Name)
			}
		case *ast.BasicLit:
			if exact && n.Kind == token.FLOAT {
				h.fault("%s: %s holds the fraction %s", file.set.Position(n.Pos()), folder, n.Value)
			}
		}
		return true
	})
}

func selected(n *ast.SelectorExpr) string {
	if pkg, ok := n.X.(*ast.Ident); ok {
		return pkg.Name + "." + n.Sel.Name
	}
	return ""
}

// named is a symbol in a document: `app.App`, `web/ui.Page.Render`, `app.New()`.
var named = regexp.MustCompile("`([a-z][a-z0-9/]*)\\.([A-Z]\\w*)(?:\\.(\\w+))?(?:\\(\\))?`")

// checkArchitecture finds the symbols ARCHITECTURE.md names in the code.
func (h *house) checkArchitecture() {
	text, err := os.ReadFile(filepath.Join(h.root, "ARCHITECTURE.md"))
	if err != nil {
		return // not written yet
	}
	for _, m := range named.FindAllStringSubmatch(string(text), -1) {
		symbol := strings.TrimSuffix(m[2]+"."+m[3], ".")
		for room := range rooms {
			if (room == m[1] || path.Base(room) == m[1]) && !h.declares(room, symbol) {
				h.fault("ARCHITECTURE.md: %s has no %s", room, symbol)
			}
		}
	}
}

// declares reports whether a room has the name, as Name, Type.Method or Type.Field.
func (h *house) declares(room, symbol string) bool {
	for _, file := range h.files[room] {
		for _, decl := range file.ast.Decls {
			if slices.Contains(names(decl), symbol) {
				return true
			}
		}
	}
	return false
}

func names(decl ast.Decl) (list []string) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			return []string{d.Name.Name}
		}
		return []string{typeName(d.Recv.List[0].Type) + "." + d.Name.Name}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.ValueSpec:
				for _, name := range s.Names {
					list = append(list, name.Name)
				}
			case *ast.TypeSpec:
				list = append(list, s.Name.Name)
				for _, member := range members(s.Type) {
					list = append(list, s.Name.Name+"."+member)
				}
			}
		}
	}
	return list
}

// members are the fields of a struct, or the methods of an interface.
func members(t ast.Expr) (list []string) {
	var fields *ast.FieldList
	switch t := t.(type) {
	case *ast.StructType:
		fields = t.Fields
	case *ast.InterfaceType:
		fields = t.Methods
	default:
		return nil
	}
	for _, field := range fields.List {
		for _, name := range field.Names {
			list = append(list, name.Name)
		}
	}
	return list
}

// typeName is the name in a receiver: T of T, *T and T[P].
func typeName(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.Ident:
		return t.Name
	case *ast.StarExpr:
		return typeName(t.X)
	case *ast.IndexExpr:
		return typeName(t.X)
	case *ast.IndexListExpr:
		return typeName(t.X)
	}
	return ""
}
