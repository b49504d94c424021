package app

// UsageWaiting is how many reports wait for the next shared transaction.
func (a *App) UsageWaiting() int {
	a.intake.mu.Lock()
	defer a.intake.mu.Unlock()
	return a.intake.reports
}
