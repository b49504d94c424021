package minutebook_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// figures are the types of billing that no page reckons with.
var figures = map[string]bool{"Money": true, "Millis": true, "Rate": true, "ChatRate": true}

// sums are the functions of billing that make a figure out of others; pages are handed what they come to.
var sums = map[string]bool{"Split.Total": true, "Split.Plus": true, "Split.Minus": true, "Charge": true}

// A page shows figures and makes none: money and minutes are not added, subtracted, multiplied or divided in web.
func TestHousePagesComputeNoFigure(t *testing.T) {
	for _, fault := range pageSums(t, "./web/...") {
		t.Error(fault)
	}
}

// listed is a package as `go list` tells it.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
	DepOnly                 bool
}

// pageSums checks packages by their types, with what the compiler left of those they import.
func pageSums(t *testing.T, pattern string) (faults []string) {
	t.Helper()
	list := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,DepOnly", pattern)
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	exports, ours := map[string]string{}, []listed{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
		if !p.DepOnly {
			ours = append(ours, p)
		}
	}
	if len(ours) < 5 {
		t.Fatalf("%d packages only", len(ours))
	}
	files := token.NewFileSet()
	imports := importer.ForCompiler(files, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	for _, p := range ours {
		faults = append(faults, sumsIn(t, files, imports, p)...)
	}
	return faults
}

func sumsIn(t *testing.T, files *token.FileSet, imports types.Importer, p listed) (faults []string) {
	t.Helper()
	var parsed []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(files, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, f)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}
	if _, err := (&types.Config{Importer: imports}).Check(p.ImportPath, files, parsed, info); err != nil {
		t.Fatal(err)
	}
	tell := func(at ast.Node, what string) {
		where := files.Position(at.Pos())
		faults = append(faults, fmt.Sprintf("%s/%s:%d %s", p.ImportPath, filepath.Base(where.Filename), where.Line, what))
	}
	for _, f := range parsed {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BinaryExpr:
				if reckons(n.Op) && info.Types[n].Value == nil && (isFigure(info, n.X) || isFigure(info, n.Y)) {
					tell(n, "reckons with "+n.Op.String())
				}
			case *ast.AssignStmt:
				if op := n.Tok.String(); len(op) > 1 && n.Tok != token.DEFINE && isFigure(info, n.Lhs[0]) {
					tell(n, "reckons with "+op)
				}
			case *ast.Ident:
				if fn, ok := info.Uses[n].(*types.Func); ok && fn.Pkg() != nil && fn.Pkg().Path() == "minutebook/billing" && sums[funcName(fn)] {
					tell(n, "calls "+funcName(fn))
				}
			}
			return true
		})
	}
	return faults
}

func reckons(op token.Token) bool {
	return op == token.ADD || op == token.SUB || op == token.MUL || op == token.QUO
}

// isFigure says whether an expression is money or minutes, also when it was turned into a bare number.
func isFigure(info *types.Info, e ast.Expr) bool {
	if named, ok := types.Unalias(info.TypeOf(e)).(*types.Named); ok {
		return named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "minutebook/billing" && figures[named.Obj().Name()]
	}
	if call, ok := ast.Unparen(e).(*ast.CallExpr); ok && len(call.Args) == 1 && info.Types[call.Fun].IsType() {
		return isFigure(info, call.Args[0])
	}
	return false
}

func funcName(f *types.Func) string {
	if of := f.Signature().Recv(); of != nil {
		if named, ok := types.Unalias(of.Type()).(*types.Named); ok {
			return named.Obj().Name() + "." + f.Name()
		}
	}
	return f.Name()
}
