package billing

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestEveryRuleHasItsStories keeps docs/rules.md and the stories in step: each numbered rule names stories that are
// there and bear its number, and no story tells a rule that is not written down.
func TestEveryRuleHasItsStories(t *testing.T) {
	page, err := os.ReadFile("../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	paths, err := filepath.Glob("testdata/*.story")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		told[strings.TrimSuffix(filepath.Base(path), ".story")] = true
	}
	rules := regexp.MustCompile(`(?m)^### ([2-8]\.\d) `).FindAllStringSubmatchIndex(string(page), -1)
	if len(rules) < 40 {
		t.Fatalf("docs/rules.md has only %d numbered rules", len(rules))
	}
	for i, at := range rules {
		number, end := string(page[at[2]:at[3]]), len(page)
		if i+1 < len(rules) {
			end = rules[i+1][0]
		}
		named := regexp.MustCompile("`(\\d\\.\\d-[a-z-]+)`").FindAllStringSubmatch(string(page[at[0]:end]), -1)
		if len(named) == 0 {
			t.Errorf("rule %s names no story", number)
		}
		for _, story := range named {
			if !told[story[1]] || !strings.HasPrefix(story[1], number+"-") {
				t.Errorf("rule %s names %s, which is not a story of it", number, story[1])
			}
			delete(told, story[1])
		}
	}
	for story := range told {
		t.Errorf("the story %s belongs to no rule of docs/rules.md", story)
	}
}

// TestCommentsCiteRulesThatExist: a number in a comment must lead somewhere.
func TestCommentsCiteRulesThatExist(t *testing.T) {
	page, err := os.ReadFile("../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, cited := range regexp.MustCompile(`Rules? (\d\.\d)`).FindAllStringSubmatch(string(text), -1) {
			if !strings.Contains(string(page), "\n### "+cited[1]+" ") {
				t.Errorf("%s cites rule %s, which docs/rules.md does not have", path, cited[1])
			}
		}
	}
}
