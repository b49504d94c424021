package api

import (
	"bytes"
	"fmt"
	"html"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// docsStyle is all there is of style on the page.
const docsStyle = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:60rem;margin:0 auto;padding:1rem}
nav ul{columns:2;padding-left:1.2rem}
section{border-top:1px solid #8886;margin-top:2rem;padding-top:.5rem}
code{font:.9em ui-monospace,monospace}
.method{display:inline-block;min-width:4.5rem;font-weight:700}
table{border-collapse:collapse;width:100%}
td,th{border-bottom:1px solid #8884;padding:.25rem .5rem;text-align:left;vertical-align:top}
.scroll{overflow-x:auto}
@media (max-width:40rem){nav ul{columns:1}}
`

// browsable is the document as a page without scripts: every route with its parameters, body and answers, and every
// schema with its fields and bounds.
func browsable(doc *huma.OpenAPI) []byte {
	p := &docsPage{}
	p.write(`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">`)
	p.write(`<title>Minutebook API</title><link rel="stylesheet" href="/docs/style.css"></head><body><main><h1>Minutebook API</h1>`)
	for _, paragraph := range strings.Split(doc.Info.Description, "\n\n") {
		p.write("<p>%s</p>", paragraph)
	}
	p.write(`<p>The same as a document for machines: <a href="/openapi.json">openapi.json</a></p>`)
	p.operations(doc)
	p.write("<h2>Objects</h2>")
	schemas := doc.Components.Schemas.Map()
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		p.schema(name, schemas[name])
	}
	p.write("</main></body></html>\n")
	return p.text.Bytes()
}

type docsPage struct{ text bytes.Buffer }

// write adds markup; its arguments are text.
func (p *docsPage) write(markup string, texts ...string) {
	escaped := make([]any, len(texts))
	for i, text := range texts {
		escaped[i] = html.EscapeString(text)
	}
	fmt.Fprintf(&p.text, markup, escaped...)
}

// operations lists the routes by tag.
func (p *docsPage) operations(doc *huma.OpenAPI) {
	byTag := map[string][]*huma.Operation{}
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		item := doc.Paths[path]
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op != nil {
				byTag[op.Tags[0]] = append(byTag[op.Tags[0]], op)
			}
		}
	}
	tags := slices.Sorted(maps.Keys(byTag))
	p.write("<nav><ul>")
	for _, tag := range tags {
		p.write(`<li><a href="#%s">%s</a></li>`, anchor(tag), tag)
	}
	p.write("</ul></nav>")
	for _, tag := range tags {
		p.write(`<h2 id="%s">%s</h2>`, anchor(tag), tag)
		for _, op := range byTag[tag] {
			p.operation(op)
		}
	}
}

func anchor(tag string) string { return strings.ReplaceAll(strings.ToLower(tag), " ", "-") }

func (p *docsPage) operation(op *huma.Operation) {
	p.write(`<section id="%s"><h3>%s</h3><p><code><span class="method">%s</span> %s</code></p>`, op.OperationID, op.Summary, op.Method, op.Path)
	if op.Description != "" {
		p.write("<p>%s</p>", op.Description)
	}
	if scope, ok := op.Extensions["x-scope"].(string); ok {
		p.write("<p>Scope: <code>%s</code></p>", scope)
	}
	if len(op.Parameters) > 0 {
		p.write(`<div class="scroll"><table><tr><th>Parameter</th><th>In</th><th>Type</th><th></th></tr>`)
		for _, param := range op.Parameters {
			p.write("<tr><td><code>%s</code></td><td>%s</td><td>%s</td><td>%s</td></tr>", param.Name, param.In, kindOf(param.Schema), param.Description+bounds(param.Schema))
		}
		p.write("</table></div>")
	}
	if op.RequestBody != nil {
		for _, kind := range slices.Sorted(maps.Keys(op.RequestBody.Content)) {
			p.write("<p>Body (%s): ", kind)
			p.kind(op.RequestBody.Content[kind].Schema)
			p.write("</p>")
		}
	}
	p.answers(op)
	p.write("</section>")
}

func (p *docsPage) answers(op *huma.Operation) {
	p.write("<ul>")
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		response := op.Responses[status]
		p.write("<li>%s %s ", status, response.Description)
		for _, kind := range slices.Sorted(maps.Keys(response.Content)) {
			p.kind(response.Content[kind].Schema)
		}
		p.write("</li>")
	}
	p.write("</ul>")
}

func (p *docsPage) schema(name string, s *huma.Schema) {
	p.write(`<section id="schema-%s"><h3>%s</h3>`, name, name)
	p.fields(s)
	p.write("</section>")
}

func (p *docsPage) fields(s *huma.Schema) {
	p.write(`<div class="scroll"><table><tr><th>Field</th><th>Type</th><th></th></tr>`)
	for _, field := range slices.Sorted(maps.Keys(s.Properties)) {
		each := s.Properties[field]
		required := ""
		if slices.Contains(s.Required, field) {
			required = " *"
		}
		p.write("<tr><td><code>%s</code>%s</td><td>", field, required)
		p.kind(each)
		p.write("</td><td>%s</td></tr>", each.Description+bounds(each))
	}
	p.write("</table></div>")
}

// kind writes a type, as a link where it is an object of ours.
func (p *docsPage) kind(s *huma.Schema) {
	switch {
	case s == nil:
	case s.Ref != "":
		name := s.Ref[strings.LastIndex(s.Ref, "/")+1:]
		p.write(`<a href="#schema-%s">%s</a>`, name, name)
	case s.Type == huma.TypeArray:
		p.write("list of ")
		p.kind(s.Items)
	case len(s.AnyOf)+len(s.OneOf) > 0:
		for i, each := range append(slices.Clone(s.AnyOf), s.OneOf...) {
			if i > 0 {
				p.write(" or ")
			}
			p.kind(each)
		}
	case len(s.Properties) > 0:
		p.fields(s)
	default:
		p.write("%s", kindOf(s))
	}
}

func kindOf(s *huma.Schema) string {
	switch {
	case s == nil:
		return ""
	case s.Type == "":
		return "any"
	case s.Nullable:
		return s.Type + " or null"
	}
	return s.Type
}

// bounds says what a value must keep to.
func bounds(s *huma.Schema) string {
	if s == nil {
		return ""
	}
	var said []string
	add := func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	if s.Format != "" {
		add("%s", s.Format)
	}
	if len(s.Enum) > 0 {
		add("one of %v", s.Enum)
	}
	if s.Minimum != nil {
		add("at least %s", strconv.FormatFloat(*s.Minimum, 'f', -1, 64))
	}
	if s.Maximum != nil {
		add("at most %s", strconv.FormatFloat(*s.Maximum, 'f', -1, 64))
	}
	if s.MaxLength != nil {
		add("at most %d characters", *s.MaxLength)
	}
	if s.MaxItems != nil {
		add("at most %d entries", *s.MaxItems)
	}
	if s.Default != nil {
		add("%v if not given", s.Default)
	}
	if len(said) == 0 {
		return ""
	}
	return " (" + strings.Join(said, ", ") + ")"
}
