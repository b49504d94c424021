// Package uitest checks what every page promises: nothing inline that the
// policy would refuse, names that are unique, labels on all that is typed into.
package uitest

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Page fails the test for each promise the page breaks, and returns its text
// as a reader sees it, spaces folded.
func Page(t testing.TB, page []byte) string {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatalf("parsing the page: %v", err)
	}
	c := checker{TB: t, ids: map[string]int{}, labelled: map[string]bool{}, lives: map[string]int{}}
	for n := range root.Descendants() {
		c.node(n)
	}
	c.end()
	return strings.Join(strings.Fields(c.text.String()), " ")
}

// checker collects what can be judged only at the end.
type checker struct {
	testing.TB
	ids, lives map[string]int
	labelled   map[string]bool
	controls   []*html.Node
	refers     []string
	headings   int
	text       strings.Builder
}

func (c *checker) node(n *html.Node) {
	if n.Type == html.TextNode && n.Parent.Data != "script" && n.Parent.Data != "style" {
		c.text.WriteString(n.Data + " ")
	}
	if n.Type != html.ElementNode {
		return
	}
	c.attributes(n)
	switch n.Data {
	case "style":
		c.Errorf("the page has a style element")
	case "script":
		if attr(n, "src") == "" {
			c.Errorf("the page has an inline script")
		}
	case "h1":
		c.headings++
	case "label":
		c.labelled[attr(n, "for")] = true
	case "table":
		if find(n, "caption") == nil {
			c.Errorf("a table has no caption")
		}
	case "img":
		if !has(n, "alt") {
			c.Errorf("img %s has no alt", attr(n, "src"))
		}
	case "input", "select", "textarea":
		if attr(n, "type") != "hidden" {
			c.controls = append(c.controls, n)
		}
	case "button", "a", "summary":
		if words(n) == "" && attr(n, "aria-label") == "" {
			c.Errorf("a %s has no name: %s", n.Data, attr(n, "href"))
		}
	}
}

func (c *checker) attributes(n *html.Node) {
	for _, a := range n.Attr {
		switch {
		case a.Key == "style":
			c.Errorf("%s has a style attribute: %s", n.Data, a.Val)
		case strings.HasPrefix(a.Key, "on"):
			c.Errorf("%s has a handler: %s", n.Data, a.Key)
		case a.Key == "id":
			c.ids[a.Val]++
		case a.Key == "data-live":
			c.lives[a.Val]++
		case a.Key == "aria-describedby" || a.Key == "aria-labelledby" || a.Key == "data-filter":
			c.refers = append(c.refers, strings.Fields(a.Val)...)
		case strings.Contains(a.Val, "ZgotmplZ"):
			c.Errorf("%s %s was refused by the escaper", n.Data, a.Key)
		}
	}
}

func (c *checker) end() {
	for id, n := range c.ids {
		if n > 1 {
			c.Errorf("id %q is there %d times", id, n)
		}
	}
	for name, n := range c.lives {
		if n > 1 {
			c.Errorf("data-live %q is there %d times", name, n)
		}
	}
	for _, id := range c.refers {
		if c.ids[id] == 0 {
			c.Errorf("something refers to id %q, which is not there", id)
		}
	}
	for _, n := range c.controls {
		if !c.labelled[attr(n, "id")] && !wrapped(n) {
			c.Errorf("%s %q has no label", n.Data, attr(n, "name"))
		}
	}
	if c.headings != 1 {
		c.Errorf("the page has %d main headings, want 1", c.headings)
	}
}

func wrapped(n *html.Node) bool {
	for p := range n.Ancestors() {
		if p.Data == "label" {
			return true
		}
	}
	return false
}

func find(n *html.Node, name string) *html.Node {
	for d := range n.Descendants() {
		if d.Data == name {
			return d
		}
	}
	return nil
}

func words(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
		if d.Data == "img" {
			b.WriteString(attr(d, "alt"))
		}
	}
	return strings.TrimSpace(b.String())
}

func has(n *html.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Key == key {
			return true
		}
	}
	return false
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
