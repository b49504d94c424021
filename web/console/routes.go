package console

import "minutebook/web/desk"

// Routes are all pages and acts of the console.
func Routes() []desk.Route {
	var all []desk.Route
	for _, some := range [][]desk.Route{
		{{Path: "/console", Show: homePage}, {Path: "/console/find", Show: findPage}},
		clientRoutes(), billingRoutes(), requestRoutes(), paymentRoutes(), catalogRoutes(), packRoutes(), usageRoutes(), inboxRoutes(), campaignRoutes(),
		settingsRoutes(), brandRoutes(), connectionRoutes(), keyRoutes(), teamRoutes(),
	} {
		all = append(all, some...)
	}
	return all
}
