package app

import "minutebook/billing"

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
