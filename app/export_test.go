package app

import (
	"math"

	"minutebook/billing"
)

// UsageWaiting is how many reports wait for the next shared transaction.
func (a *App) UsageWaiting() int {
	a.intake.mu.Lock()
	defer a.intake.mu.Unlock()
	return a.intake.reports
}

// Lane is where reports of a client are queued on PostgreSQL.
func Lane(client billing.ID) int { return (&UsageReport{ClientID: client}).lane(mostLanes) }

// Cells is a row of a sheet.
func Cells(values ...any) []byte {
	s := &sheet{}
	for _, v := range values {
		s.cell(v)
	}
	s.end()
	return s.line
}

// Pace answers how many clients renewals take at once after each of some counts of posts that had come in by then, the
// negative ones while somebody waits, and whether that is because usage comes in.
func Pace(most int, posts ...int64) (many []int, usage []bool) {
	var p pace
	for _, n := range posts {
		m, u := p.next(max(n, -n), n < 0, most)
		many, usage = append(many, m), append(usage, u)
	}
	return many, usage
}

// Posts is how many posts of usage renewals know of, and whether one is on its way.
func (a *App) Posts() (came int64, busy bool) { return a.intake.stir() }

// TrustAgain forgets that accounts on the shelf were found moved.
func (a *App) TrustAgain() {
	a.trust.mu.Lock()
	defer a.trust.mu.Unlock()
	a.trust.holding, a.trust.failed = 0, 0
}

// HoldEach lets each account be held before it is written.
func (a *App) HoldEach() {
	a.trust.mu.Lock()
	defer a.trust.mu.Unlock()
	a.trust.holding = math.MaxInt
}

// LookEachUp lets no event be taken for new without a look.
func (a *App) LookEachUp() {
	a.unmet.mu.Lock()
	defer a.unmet.mu.Unlock()
	a.unmet.holding = math.MaxInt
}

// NeverAhead lets every file be too large for batches that are reckoned before their transaction, with a look at each event.
func (a *App) NeverAhead() { a.aheadUpTo = -1 }
