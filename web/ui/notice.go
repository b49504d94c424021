package ui

// Tone says how a status is meant. It always goes with a word, and each has a
// shape of its own: colour is never the only sign.
type Tone string

// The tones, calmest first. Plain is a label without a status: no shape.
const (
	Plain   Tone = "plain"
	Neutral Tone = "neutral"
	Info    Tone = "info"
	Good    Tone = "good"
	Warn    Tone = "warn"
	Bad     Tone = "bad"
)

// Badge is a status in a word or two. Without a tone it is neutral. Why, if
// given, is the sentence behind the word, shown on hover and to screen readers.
type Badge struct {
	Tone Tone
	Text string
	Why  string
}

// Banner is a notice on top of a page that matters until it is dealt with.
type Banner struct {
	Tone   Tone
	Title  string
	Text   string
	Body   []Piece
	Action Piece
}

// Flash is the answer to what was just done.
type Flash struct {
	Tone Tone
	Text string
}

// Empty stands where a list would: what this is, why it is empty, and the one
// button that changes it.
type Empty struct {
	Icon   string
	Title  string
	Text   string
	Action Piece
}

func (Badge) piece() string  { return "badge" }
func (Banner) piece() string { return "banner" }
func (Flash) piece() string  { return "flash" }
func (Empty) piece() string  { return "empty" }

// Class is the tone as the stylesheet knows it.
func (b Badge) Class() Tone { return known(b.Tone, Neutral) }

// Class is the tone as the stylesheet knows it.
func (b Banner) Class() Tone { return known(b.Tone, Info) }

// Urgent says whether a screen reader should interrupt for it.
func (b Banner) Urgent() bool { return b.Tone == Bad }

// Class is the tone as the stylesheet knows it.
func (f Flash) Class() Tone { return known(f.Tone, Good) }

func known(t, otherwise Tone) Tone {
	switch t {
	case Plain, Neutral, Info, Good, Warn, Bad:
		return t
	}
	return otherwise
}
