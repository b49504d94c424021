package api

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"minutebook/app"
)

// plainly reads an event that is written as nearly all are: known fields of the right kind and size, no escapes, nothing
// null. It takes no more than that, and what it takes it takes as report does; anything else is for report, which says
// what is wrong as well. The text is clean JSON.
func plainly(raw []byte) (report app.UsageReport, ok bool) {
	s := skimmer{text: raw}
	report, ok = s.event()
	report.Raw = raw
	return report, ok
}

// event reads an event that is plain, and stands behind it then.
func (s *skimmer) event() (report app.UsageReport, ok bool) {
	from := s.at
	var in eventIn
	var metadata []byte
	if !s.fields(func(name []byte) bool { return s.field(name, &in, &metadata) }) {
		return report, false
	}
	s.at++
	if in.Source == "" || in.ID == "" || in.EndedAt == "" || in.into(&report) != nil {
		return report, false
	}
	if string(metadata) != "{}" {
		report.Metadata = string(metadata)
	}
	report.Raw = s.text[from:s.at]
	return report, true
}

// field reads one field of an event.
func (s *skimmer) field(name []byte, in *eventIn, metadata *[]byte) bool {
	const long = 255
	switch string(name) {
	case "source":
		return s.word(&in.Source, 100)
	case "event_id":
		return s.word(&in.ID, long)
	case "client_id":
		if s.peek() == '"' {
			return s.word((*string)(&in.ClientID), 60)
		}
		text, ok := s.digits()
		in.ClientID = ref(text)
		return ok
	case "client_external_id":
		return s.word(&in.ClientExternalID, long)
	case "kind":
		return s.word(&in.Kind, 10) && (in.Kind == "CALL" || in.Kind == "CHAT")
	case "started_at":
		return s.word(&in.StartedAt, 40)
	case "ended_at":
		return s.word(&in.EndedAt, 40)
	case "duration_ms":
		return s.number(&in.DurationMS, 0, 86_400_000)
	case "chats":
		return s.number(&in.Chats, 1, 100_000)
	case "call_id":
		return s.word(&in.CallID, long)
	case "campaign_id":
		return s.word(&in.CampaignID, long)
	case "assistant_id":
		return s.word(&in.AssistantID, long)
	case "phone_number":
		return s.word(&in.PhoneNumber, long)
	case "direction":
		return s.word(&in.Direction, 10) && (in.Direction == "INBOUND" || in.Direction == "OUTBOUND" || in.Direction == "WEB")
	case "metadata":
		return s.compact(metadata)
	}
	return false
}

// skimmer reads JSON that is known to be clean.
type skimmer struct {
	text []byte
	at   int
}

func (s *skimmer) space() {
	for s.text[s.at] <= ' ' {
		s.at++
	}
}

func (s *skimmer) peek() byte { return s.text[s.at] }

// fields hands on the name of each field of an object; each has to read its value.
func (s *skimmer) fields(each func(name []byte) bool) bool {
	s.space()
	if s.peek() != '{' {
		return false
	}
	for s.at++; ; s.at++ {
		s.space()
		if s.peek() == '}' {
			return true
		}
		name := s.str()
		s.space()
		s.at++ // the colon
		s.space()
		if !each(name) {
			return false
		}
		s.space()
		if s.peek() == '}' {
			return true
		}
	}
}

// str reads a string as it is written.
func (s *skimmer) str() []byte {
	from := s.at + 1
	for s.at++; s.text[s.at] != '"'; s.at++ {
		if s.text[s.at] == '\\' {
			s.at++
		}
	}
	s.at++
	return s.text[from : s.at-1]
}

// word reads a string without escapes that is neither empty nor too long.
func (s *skimmer) word(target *string, most int) bool {
	if s.peek() != '"' {
		return false
	}
	text := s.str()
	if len(text) == 0 || bytes.IndexByte(text, '\\') >= 0 || len(text) > most && utf8.RuneCount(text) > most {
		return false
	}
	*target = string(text)
	return true
}

// digits reads a whole number that is neither negative nor beyond what every reader of JSON keeps exactly.
func (s *skimmer) digits() (string, bool) {
	from := s.at
	for s.peek() >= '0' && s.peek() <= '9' {
		s.at++
	}
	n := s.at - from
	c := s.peek()
	return string(s.text[from:s.at]), n > 0 && n <= 15 && (c == ',' || c == '}' || c <= ' ')
}

func (s *skimmer) number(target **int64, least, most int64) bool {
	text, ok := s.digits()
	if !ok {
		return false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	*target = &n
	return err == nil && n >= least && n <= most
}

// compact reads an object that is written without needless space and is not too large.
func (s *skimmer) compact(target *[]byte) bool {
	if s.peek() != '{' {
		return false
	}
	from := s.at
	spaced := s.pass()
	*target = s.text[from:s.at]
	return !spaced && len(*target) <= maxMetadata
}

// pass passes over a value, and says whether there was space between its parts.
func (s *skimmer) pass() (spaced bool) {
	for depth := 0; ; {
		switch c := s.peek(); c {
		case '"':
			s.str()
			s.at--
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ' ', '\t', '\r', '\n':
			spaced = true
		}
		s.at++
		if depth > 0 {
			continue
		}
		if c := s.text[s.at-1]; c == '"' || c == '}' || c == ']' {
			return spaced
		}
		if c := s.peek(); c == ',' || c == '}' || c == ']' || c <= ' ' {
			return spaced
		}
	}
}

// apart takes a batch apart that is an object with the one field events, a list: each is called before each of them, and
// has to pass over it. The text is clean JSON, or nothing at all.
func apart(raw []byte, each func(s *skimmer)) (ok bool) {
	if len(raw) == 0 {
		return false
	}
	s, found := skimmer{text: raw}, false
	ok = s.fields(func(name []byte) bool {
		if string(name) != "events" || s.peek() != '[' {
			return false
		}
		found = true
		for s.at++; ; s.at++ {
			s.space()
			if s.peek() == ']' {
				break
			}
			each(&s)
			s.space()
			if s.peek() == ']' {
				break
			}
		}
		s.at++
		return true
	})
	return ok && found
}
