package mutants

import (
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
)

// compiler checks that a fault is one the compiler lets through: by types alone, which takes no time.
type compiler struct {
	set      *token.FileSet
	importer types.Importer
	files    map[string][]string  // of each package's folder, by its path in the house
	parsed   map[string]*ast.File // as they are, without a fault
}

// newCompiler asks for the export data of all packages the house's rooms are made of.
func newCompiler() (*compiler, error) {
	const form = "{{.ImportPath}}\t{{.Export}}\t{{if not .Standard}}{{join .GoFiles \" \"}}{{end}}"
	cmd := exec.Command("go", "list", "-export", "-deps", "-f", form, "./billing", "./store", "./app", "./gate", "./api", "./provider")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	exports := map[string]string{}
	c := &compiler{set: token.NewFileSet(), files: map[string][]string{}, parsed: map[string]*ast.File{}}
	for line := range strings.Lines(string(out)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		exports[fields[0]] = fields[1]
		if room, ours := strings.CutPrefix(fields[0], "minutebook/"); ours {
			c.files[room] = strings.Fields(fields[2])
		}
	}
	c.importer = importer.ForCompiler(c.set, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	return c, nil
}

// check compiles the package of a file as if it held text.
func (c *compiler) check(file, text string) error {
	if filepath.Ext(file) != ".go" {
		return nil
	}
	room := filepath.ToSlash(filepath.Dir(file))
	var whole []*ast.File
	for _, name := range c.files[room] {
		f, err := c.parse(filepath.Join(root, room, name), name == filepath.Base(file), text)
		if err != nil {
			return err
		}
		whole = append(whole, f)
	}
	config := types.Config{Importer: c.importer}
	_, err := config.Check("minutebook/"+room, c.set, whole, nil)
	return err
}

// parse reads a file once, and anew where it is the one with the fault.
func (c *compiler) parse(name string, faulty bool, text string) (*ast.File, error) {
	if faulty {
		return parser.ParseFile(c.set, name, text, parser.SkipObjectResolution)
	}
	if c.parsed[name] == nil {
		f, err := parser.ParseFile(c.set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		c.parsed[name] = f
	}
	return c.parsed[name], nil
}
