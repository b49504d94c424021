package billing

import (
	"fmt"
	"strconv"
)

// ID names one thing. It is a positive 64-bit integer made by the program, time-ordered, and travels as a string.
// Zero means none.
type ID int64

func (id ID) String() string { return strconv.FormatInt(int64(id), 10) }

// MarshalText writes the id in decimal, so that JSON carries it as a string.
func (id ID) MarshalText() ([]byte, error) { return strconv.AppendInt(nil, int64(id), 10), nil }

// UnmarshalText reads what MarshalText wrote.
func (id *ID) UnmarshalText(text []byte) error {
	n, err := ParseID(string(text))
	if err != nil && string(text) != "0" {
		return err
	}
	*id = n
	return nil
}

// ParseID reads a positive decimal id.
func ParseID(text string) (ID, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 || len(text) == 0 || text[0] == '+' {
		return 0, fmt.Errorf("%q is not an id", text)
	}
	return ID(n), nil
}

// Mint makes new identifiers. The rules ask it for one whenever they bring something into being.
type Mint func() ID
