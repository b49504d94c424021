package console

import (
	"context"
	"io"

	"minutebook/gate"
	"minutebook/web/desk"
	"minutebook/web/ui"
)

func exportRoutes() []desk.Route {
	return []desk.Route{
		{Path: "/console/exports/usage-events.csv", Download: exported("usage-events.csv", func(ctx context.Context, v *desk.Visit, w io.Writer) error {
			filter, err := usageFilter(v)
			if err != nil {
				return err
			}
			return v.App.ExportUsageEvents(ctx, v.Who, filter, w)
		})},
		{Path: "/console/exports/payment-requests.csv", Download: exported("payment-requests.csv", func(ctx context.Context, v *desk.Visit, w io.Writer) error {
			return v.App.ExportRequests(ctx, v.Who, requestsFilter(v), w)
		})},
		{Path: "/console/exports/payments.csv", Download: exported("payments.csv", func(ctx context.Context, v *desk.Visit, w io.Writer) error {
			return v.App.ExportPayments(ctx, v.Who, 0, w)
		})},
		{Path: "/console/exports/clients.csv", Download: exported("clients.csv", func(ctx context.Context, v *desk.Visit, w io.Writer) error {
			return v.App.ExportClients(ctx, v.Who, clientsFilter(v), w)
		})},
	}
}

// exported is a file that is written for a visit.
func exported(name string, write func(context.Context, *desk.Visit, io.Writer) error) func(*desk.Visit) gate.Download {
	return func(v *desk.Visit) gate.Download {
		return gate.Download{Name: name, Write: func(ctx context.Context, w io.Writer) error { return write(ctx, v, w) }}
	}
}

// export is a button that downloads the list of a page as it is filtered.
func export(v *desk.Visit, name string) ui.Button {
	query := v.R.URL.Query()
	query.Del("page")
	url := "/console/exports/" + name
	if len(query) > 0 {
		url += "?" + query.Encode()
	}
	return ui.Button{Text: "Export", URL: url, Icon: "download"}
}
