package mutants

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// root is the house, seen from here.
const root = "../.."

// mutant is one fault, as mutants.txt tells it.
type mutant struct {
	id, what             string
	file, near, old, new string
	kill                 []string // arguments of go test, a suite each
	lives                string   // why nobody can notice it
}

// readMutants reads the blocks of mutants.txt.
func readMutants() ([]mutant, error) {
	text, err := os.ReadFile("mutants.txt")
	if err != nil {
		return nil, err
	}
	var all []mutant
	seen := map[string]bool{}
	for block := range strings.SplitSeq(string(text), "\n\n") {
		if block = strings.Trim(block, "\n"); strings.HasPrefix(block, "#") || block == "" {
			continue
		}
		m, err := readMutant(block)
		if err != nil || seen[m.id] {
			return nil, fmt.Errorf("block %q (told before: %v): %w", m.id, seen[m.id], err)
		}
		seen[m.id] = true
		all = append(all, m)
	}
	return all, nil
}

func readMutant(block string) (m mutant, err error) {
	head, rest, _ := strings.Cut(block, "\n")
	m.id, m.what, _ = strings.Cut(head, " ")
	for line := range strings.SplitSeq(rest, "\n") {
		word, value, _ := strings.Cut(line, " ")
		switch word {
		case "file":
			m.file = value
		case "near":
			m.near = value
		case "old":
			m.old = strings.TrimLeft(value, " ")
		case "new":
			m.new = strings.TrimLeft(value, " ")
		case "kill":
			m.kill = append(m.kill, value)
		case "lives":
			m.lives = value
		default:
			return m, fmt.Errorf("what is %q?", line)
		}
	}
	if m.what == "" || m.file == "" || m.old == "" || m.old == m.new || len(m.kill) == 0 {
		err = fmt.Errorf("something is missing: %+v", m)
	}
	return m, err
}

// apply is the file with the fault in it. A text that is gone, or stands in two places, is an error: the fault has to
// be told anew.
func (m mutant) apply() (string, error) {
	text, err := os.ReadFile(filepath.Join(root, m.file))
	if err != nil {
		return "", err
	}
	before, after := "", string(text)
	if m.near != "" {
		at := strings.Index(after, m.near)
		if at < 0 {
			return "", fmt.Errorf("%s does not hold %q any more", m.file, m.near)
		}
		before, after = after[:at], after[at:]
	}
	if n := strings.Count(after, m.old); n == 0 || n > 1 && m.near == "" {
		return "", fmt.Errorf("%s holds %q %d times", m.file, m.old, n)
	}
	return before + strings.Replace(after, m.old, m.new, 1), nil
}
