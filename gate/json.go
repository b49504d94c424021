package gate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"minutebook/billing"
)

// maxDepth bounds how deep JSON may be nested.
const maxDepth = 64

// CheckJSON refuses a body that a lenient reader would take in more than one way: what is not UTF-8, not one JSON
// value, names a field twice, is nested too deep, or holds a number no program can hold. The code is malformed_json,
// or invalid where a field can be named.
func CheckJSON(body []byte) *billing.Error {
	if utf8.Valid(body) && clean(body) {
		return nil
	}
	return faultOf(body)
}

// faultOf looks a body through in several passes, and says what is wrong.
func faultOf(body []byte) *billing.Error {
	switch {
	case !utf8.Valid(body):
		return malformed("is not valid UTF-8")
	case len(bytes.TrimSpace(body)) == 0:
		return malformed("is empty; a JSON object was expected")
	case tooDeep(body):
		return malformed(fmt.Sprintf("is nested deeper than %d", maxDepth))
	case !json.Valid(body):
		return malformed("is not one JSON value")
	}
	w := walker{text: body}
	w.value("")
	return w.fault
}

// MalformedJSON is the code of a body that is no JSON.
const MalformedJSON = "malformed_json"

func malformed(what string) *billing.Error {
	return billing.Refuse(billing.Invalid, MalformedJSON, "The body "+what+".", "")
}

func tooDeep(body []byte) bool {
	depth, inString := 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

// walker walks JSON that is known to be valid.
type walker struct {
	text  []byte
	at    int
	fault *billing.Error
}

func (w *walker) space() {
	for w.at < len(w.text) && strings.IndexByte(" \t\r\n", w.text[w.at]) >= 0 {
		w.at++
	}
}

func (w *walker) value(path string) {
	w.space()
	switch c := w.text[w.at]; c {
	case '{':
		w.object(path)
	case '[':
		w.array(path)
	case '"':
		w.str()
	default:
		from := w.at
		for w.at < len(w.text) && strings.IndexByte(",]} \t\r\n", w.text[w.at]) < 0 {
			w.at++
		}
		if c == '-' || c >= '0' && c <= '9' {
			w.number(path, string(w.text[from:w.at]))
		}
	}
}

func (w *walker) number(path, text string) {
	if _, err := strconv.ParseFloat(text, 64); err != nil && w.fault == nil {
		w.fault = billing.InvalidField(path, "is a number that is too large")
	}
}

func (w *walker) object(path string) {
	seen := map[string]bool{}
	for w.at++; ; w.at++ {
		w.space()
		if w.text[w.at] == '}' {
			break
		}
		name := join(path, w.str())
		if seen[name] && w.fault == nil {
			w.fault = &billing.Error{Kind: billing.Invalid, Code: MalformedJSON, Field: name, Message: "is named twice"}
		}
		seen[name] = true
		w.space()
		w.at++ // the colon
		w.value(name)
		w.space()
		if w.text[w.at] == '}' {
			break
		}
	}
	w.at++
}

func (w *walker) array(path string) {
	for i := 0; ; i++ {
		w.at++ // the bracket or the comma
		w.space()
		if w.text[w.at] == ']' {
			break
		}
		w.value(path + "[" + strconv.Itoa(i) + "]")
		w.space()
		if w.text[w.at] == ']' {
			break
		}
	}
	w.at++
}

// str reads a string and answers with what it says.
func (w *walker) str() string {
	from, escaped := w.at, false
	for w.at++; w.text[w.at] != '"'; w.at++ {
		if w.text[w.at] == '\\' {
			escaped = true
			w.at++
		}
	}
	w.at++
	if !escaped {
		return string(w.text[from+1 : w.at-1])
	}
	var said string
	_ = json.Unmarshal(w.text[from:w.at], &said) // it is valid
	return said
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
