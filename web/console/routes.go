package console

import "minutebook/web/desk"

// Routes are all pages and acts of the console.
func Routes() []desk.Route {
	var all []desk.Route
	for _, some := range [][]desk.Route{
		homeRoutes(), clientRoutes(), billingRoutes(), requestRoutes(), paymentRoutes(), catalogRoutes(), packRoutes(), usageRoutes(), inboxRoutes(), campaignRoutes(), exportRoutes(), reportRoutes(),
		settingsRoutes(), brandRoutes(), connectionRoutes(), keyRoutes(), teamRoutes(),
	} {
		all = append(all, some...)
	}
	return all
}
