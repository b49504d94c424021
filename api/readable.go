package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
)

// readable is stored JSON as every program can read it: JSON allows numbers of any size, but most programs read them
// as float64 and refuse the whole answer for one that is larger, so that such a number is told as a string. What is
// stored stays as it was sent.
func readable(text []byte) json.RawMessage {
	var out bytes.Buffer
	for done := 0; ; {
		start, end := nextNumber(text, done)
		if start == len(text) && out.Len() == 0 {
			return text // there is no number in it
		}
		out.Write(text[done:start])
		if start == len(text) {
			return out.Bytes()
		}
		number := text[start:end]
		if _, err := strconv.ParseFloat(string(number), 64); errors.Is(err, strconv.ErrRange) {
			number = strconv.AppendQuote(nil, string(number))
		}
		out.Write(number)
		done = end
	}
}

// nextNumber is where the next number of valid JSON stands, which is at its end if there is none.
func nextNumber(text []byte, from int) (start, end int) {
	quoted := false
	for start = from; start < len(text); start++ {
		switch c := text[start]; {
		case quoted && c == '\\':
			start++
		case c == '"':
			quoted = !quoted
		case !quoted && (c == '-' || c >= '0' && c <= '9'):
			end = start + 1
			for end < len(text) && bytes.IndexByte([]byte("+-.eE0123456789"), text[end]) >= 0 {
				end++
			}
			return start, end
		}
	}
	return len(text), len(text)
}
