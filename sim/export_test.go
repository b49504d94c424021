package sim

// ReplayFacts replays a script and counts the facts that came of it.
func ReplayFacts(s Script) (facts int) {
	w := replay(s, nil)
	for _, c := range w.clients {
		facts += len(c.Facts)
	}
	return facts
}
