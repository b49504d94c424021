package gate

import "bytes"

// clean says that a text is JSON that CheckJSON takes, in one pass and without memory of its own. It is sure where it
// says so; where it is not, CheckJSON looks again and says what is wrong. The text is UTF-8.
func clean(text []byte) bool {
	s := scanner{text: text}
	s.space()
	if !s.value(0) {
		return false
	}
	s.space()
	return s.at == len(text)
}

// scanner reads JSON that may be anything.
type scanner struct {
	text []byte
	at   int
}

// peek is the next byte; 0, which no JSON holds, at the end.
func (s *scanner) peek() byte {
	if s.at < len(s.text) {
		return s.text[s.at]
	}
	return 0
}

func (s *scanner) space() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return
		}
	}
}

func (s *scanner) value(depth int) bool {
	switch c := s.peek(); {
	case c == '"':
		_, ok := s.str()
		return ok
	case c == '{':
		return depth < maxDepth && s.object(depth+1)
	case c == '[':
		return depth < maxDepth && s.array(depth+1)
	case c == '-' || c >= '0' && c <= '9':
		return s.number()
	}
	return s.word("true") || s.word("false") || s.word("null")
}

func (s *scanner) word(w string) bool {
	if !bytes.HasPrefix(s.text[s.at:], []byte(w)) {
		return false
	}
	s.at += len(w)
	return true
}

// object is sure of objects with few names, all of them written plainly.
func (s *scanner) object(depth int) bool {
	var names [24][]byte
	for n := 0; ; n++ {
		s.at++ // the bracket or the comma
		s.space()
		if n == 0 && s.peek() == '}' {
			break
		}
		name, ok := s.name(names[:n])
		if !ok || n == len(names) {
			return false
		}
		names[n] = name
		if !s.value(depth) {
			return false
		}
		s.space()
		if c := s.peek(); c == '}' {
			break
		} else if c != ',' {
			return false
		}
	}
	s.at++
	return true
}

// name reads a name that was not given before, and the colon.
func (s *scanner) name(seen [][]byte) ([]byte, bool) {
	if s.peek() != '"' {
		return nil, false
	}
	name, ok := s.str()
	if !ok || bytes.IndexByte(name, '\\') >= 0 {
		return nil, false
	}
	for _, earlier := range seen {
		if bytes.Equal(earlier, name) {
			return nil, false
		}
	}
	s.space()
	if s.peek() != ':' {
		return nil, false
	}
	s.at++
	s.space()
	return name, true
}

func (s *scanner) array(depth int) bool {
	for first := true; ; first = false {
		s.at++ // the bracket or the comma
		s.space()
		if first && s.peek() == ']' {
			break
		}
		if !s.value(depth) {
			return false
		}
		s.space()
		if c := s.peek(); c == ']' {
			break
		} else if c != ',' {
			return false
		}
	}
	s.at++
	return true
}

// str reads a string as it is written.
func (s *scanner) str() (written []byte, ok bool) {
	s.at++
	from := s.at
	for s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case c == '"':
			s.at++
			return s.text[from : s.at-1], true
		case c < ' ':
			return nil, false
		case c == '\\':
			if !s.escape() {
				return nil, false
			}
		default:
			s.at++
		}
	}
	return nil, false
}

func (s *scanner) escape() bool {
	s.at++
	c := s.peek()
	s.at++
	if c != 'u' {
		return bytes.IndexByte([]byte(`"\/bfnrt`), c) >= 0
	}
	for range 4 {
		c := s.peek()
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
		s.at++
	}
	return true
}

// number is sure of numbers of everyday length without an exponent.
func (s *scanner) number() bool {
	from := s.at
	if s.peek() == '-' {
		s.at++
	}
	zero := s.peek() == '0'
	if n := s.digits(); n == 0 || zero && n > 1 {
		return false
	}
	if s.peek() == '.' {
		s.at++
		if s.digits() == 0 {
			return false
		}
	}
	return s.peek() != 'e' && s.peek() != 'E' && s.at-from <= 300
}

func (s *scanner) digits() (n int) {
	for c := s.peek(); c >= '0' && c <= '9'; c = s.peek() {
		s.at++
		n++
	}
	return n
}
