package billing

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the golden answers of the stories")

// TestStories tells every story in testdata and compares the answers with the golden ones.
func TestStories(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.story")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no stories found: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".story"), func(t *testing.T) { checkStory(t, path) })
	}
}

func checkStory(t *testing.T, path string) {
	golden, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	told, s := tell(string(golden))
	checkInvariants(t, s.world)
	switch {
	case told == string(golden):
	case *update:
		if err := os.WriteFile(path, []byte(told), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s is told differently now; read the difference, then -update.\n%s", path, firstDifference(string(golden), told))
	}
}

// firstDifference shows where two tellings part.
func firstDifference(golden, told string) string {
	want, got := strings.Split(golden, "\n"), strings.Split(told, "\n")
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			return fmt.Sprintf("line %d\n golden: %s\n   told: %s", i+1, want[i], strings.Join(got[min(i, len(got)):min(i+6, len(got))], "\n         "))
		}
	}
	return "the story is longer now: " + strings.Join(got[len(want):], "\n")
}

// story is a world that is told line by line.
type story struct {
	*world
	plans map[string]*Plan
	packs map[string]*Pack
	names map[ID]string
	said  []string
}

// tell plays the lines that start with "> " and writes the answers below each; comments and blank lines stay.
func tell(text string) (string, *story) {
	s := &story{world: newWorld(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)), plans: map[string]*Plan{}, packs: map[string]*Pack{}, names: map[ID]string{}}
	var out []string
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
			out = append(out, line)
		case strings.HasPrefix(line, "> "):
			out = append(append(out, line), s.answer(line[2:])...)
		}
	}
	return strings.Join(out, "\n") + "\n", s
}

// moment is how a line says when it happens: "... at 2027-01-15 10:30:00", in UTC.
var moment = regexp.MustCompile(`(?:^| )at (\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?)?)$`)

func (s *story) answer(line string) []string {
	s.said = nil
	if found := moment.FindStringSubmatchIndex(line); found != nil {
		s.Now = readInstant(line[found[2]:found[3]])
		line = line[:found[0]]
	}
	line, reason, _ := strings.Cut(line, " because ")
	facts, err := s.play(strings.Fields(line), reason)
	shown := s.said
	s.said = nil
	for _, e := range facts {
		s.said = append(s.said, strings.Split(instant(e.At)+"  "+s.words(e), "\n")...)
	}
	s.said = append(s.said, shown...)
	var refusal *Error
	switch {
	case errors.As(err, &refusal):
		s.said = append(s.said, "refused ("+string(refusal.Kind)+" "+refusal.Code+"): "+refusal.Error())
	case err != nil:
		s.said = append(s.said, "refused: "+err.Error())
	}
	return s.said
}

// play looks the command up: those of the catalog and the shows first, then the verbs.
func (s *story) play(words []string, reason string) ([]Entry, error) {
	if len(words) == 0 { // only time passes
		return s.do(func(*Account) error { return nil })
	}
	name, args := words[0], words[1:]
	if command := tellings[name]; command != nil {
		facts, err := s.advance()
		if err != nil {
			return facts, err
		}
		return facts, command(s, args)
	}
	verb := verbs[name]
	switch name {
	case "campaign", "pause", "resume", "stop":
		args = words
	case "credit":
		args = append(args, "from-credit")
	}
	if verb == nil {
		panic("a story knows no command " + name)
	}
	return s.do(func(a *Account) error { return verb(s, a, args, reason) })
}

func readInstant(text string) time.Time {
	full := text + "2027-01-01 00:00:00"[len(text):]
	t, err := time.Parse(time.DateTime, full)
	if err != nil {
		panic(err)
	}
	return t
}

// instant writes an instant as short as it can be without losing anything.
func instant(t time.Time) string {
	layout := "2006-01-02 15:04:05.999999999"
	if t.Second() == 0 && t.Nanosecond() == 0 {
		layout = "2006-01-02 15:04"
	}
	return t.UTC().Format(layout)
}

// option finds "key=value" among words.
func option(words []string, key string) (string, bool) {
	for _, w := range words {
		if value, found := strings.CutPrefix(w, key+"="); found {
			return value, true
		}
	}
	return "", false
}

// flagged says whether a bare word stands among words.
func flagged(words []string, flag string) bool {
	for _, w := range words {
		if w == flag {
			return true
		}
	}
	return false
}
