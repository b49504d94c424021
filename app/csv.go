package app

import (
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"minutebook/billing"
)

// sheet writes a table as CSV: RFC 4180 in UTF-8, with a head, lines ending in CR LF. Text that a spreadsheet would take
// for a formula gets an apostrophe in front; figures stay figures.
type sheet struct {
	out   io.Writer
	line  []byte // rows that are not sent yet
	cells int    // of the current row
}

// decimal is a figure in writing: an amount, a percentage.
type decimal string

func (s *sheet) head(names []string) {
	for _, name := range names {
		s.cell(name)
	}
	s.end()
}

// cell writes the next cell of a row. What is not there is an empty one: nil, id 0, no instant.
func (s *sheet) cell(value any) {
	if s.cells++; s.cells > 1 {
		s.line = append(s.line, ',')
	}
	switch v := value.(type) {
	case nil:
	case string:
		s.line = appendText(s.line, v)
	case decimal:
		s.line = append(s.line, v...)
	case int:
		s.line = strconv.AppendInt(s.line, int64(v), 10)
	case int64:
		s.line = strconv.AppendInt(s.line, v, 10)
	case billing.Millis:
		s.line = strconv.AppendInt(s.line, int64(v), 10)
	case bool:
		s.line = strconv.AppendBool(s.line, v)
	case billing.ID:
		if v != 0 {
			s.line = append(s.line, v.String()...)
		}
	case time.Time:
		if !v.IsZero() {
			s.line = v.UTC().AppendFormat(s.line, "2006-01-02T15:04:05.999999Z")
		}
	default:
		panic("app: a cell of an unknown kind")
	}
}

func (s *sheet) end() {
	s.line, s.cells = append(s.line, "\r\n"...), 0
}

// send hands on what is written so far.
func (s *sheet) send() error {
	_, err := s.out.Write(s.line)
	s.line = s.line[:0]
	return err
}

// appendText writes text as a cell: made harmless, and in quotes where RFC 4180 wants them.
func appendText(line []byte, text string) []byte {
	text = harmless(strings.ToValidUTF8(text, "\uFFFD"))
	if !strings.ContainsAny(text, ",;\"\r\n\t") && strings.TrimSpace(text) == text {
		return append(line, text...)
	}
	line = append(line, '"')
	line = append(line, strings.ReplaceAll(text, `"`, `""`)...)
	return append(line, '"')
}

// harmless puts an apostrophe before what would begin a formula. Text that begins with apostrophes before such a sign
// gets one too, so that taking one away always gives back what was written.
func harmless(text string) string {
	first, size := utf8.DecodeRuneInString(strings.TrimLeft(text, "'"))
	if size > 0 && strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
		return "'" + text
	}
	return text
}
