package ui

// Hits are what a search found, best first; each leads to its page. The palette
// of the console shows the same.
type Hits []Hit

// Hit is one thing that was found.
type Hit struct {
	Text, Sub string
	URL       string
	Icon      string
}

func (Hits) piece() string { return "hits" }
