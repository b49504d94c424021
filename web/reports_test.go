package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Each report is a picture, a table and a file, and the three agree.
func TestReportPages(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	w.busy(owner)
	for _, name := range []string{"revenue", "minutes", "overage", "aging", "recurring-revenue", "churn", "margin"} {
		p := owner.get("/console/reports/" + name).is(http.StatusOK)
		w.golden("report-"+name, p)
		file := owner.get(p.link("Download CSV"))
		if kind := file.header.Get("Content-Type"); !strings.HasPrefix(kind, "text/csv") {
			t.Errorf("%s: the file is %s", name, kind)
		}
		if !strings.Contains(file.header.Get("Content-Disposition"), `filename="`+name+`.csv"`) || file.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", name, file.header)
		}
		if head, _, _ := strings.Cut(string(file.body), "\r\n"); !strings.Contains(head, ",") {
			t.Errorf("%s begins with %q", name, head)
		}
	}
	owner.get("/console/reports").has("Revenue by month and plan")
	narrow := owner.get("/console/reports/revenue?from=2027-01&to=2027-01&currency=USD")
	narrow.has("Jan 2027", "99.00").lacks("Feb 2027 ")
	file := owner.get(narrow.link("Download CSV"))
	if got := string(file.body); strings.Count(got, "\r\n") != 2 || !strings.Contains(got, "2027-01,") || !strings.Contains(got, ",Growth,USD,119.00,99.00,0.00,20.00,0.00,0.00,0.00\r\n") {
		t.Errorf("revenue.csv of January =\n%s", got)
	}
	owner.get("/console/reports/revenue?from=2027-01&to=2026-01").is(http.StatusUnprocessableEntity).has("must not be after to")
	owner.get("/console/exports/reports/revenue.csv?from=never").is(http.StatusUnprocessableEntity)
	owner.get("/console/reports/nothing").is(http.StatusNotFound)
}

// The export of a list is the list as it is filtered.
func TestExportButtons(t *testing.T) {
	w := newWorld(t)
	owner := w.agency()
	w.busy(owner)
	for page, want := range map[string][]string{
		"/console/requests?kind=PACK":     {"PR-000002,", "\r\n"},
		"/console/payments":               {"id,client_id,client_name,currency,amount,"},
		"/console/usage?q=call-3":         {",call-3,"},
		"/console/clients?q=%3Cscript%3E": {`"<script>alert(""Hostile & Sons"")</script>",`},
	} {
		file := owner.get(owner.get(page).link("Export"))
		for _, text := range want {
			if !strings.Contains(string(file.body), text) {
				t.Errorf("the export of %s lacks %q:\n%s", page, text, file.body)
			}
		}
	}
	if got := string(owner.get("/console/exports/payment-requests.csv?client=" + url.QueryEscape("1")).body); strings.Count(got, "\r\n") != 1 {
		t.Errorf("the requests of no client:\n%s", got)
	}
	if got := string(owner.get("/console/exports/clients.csv").body); strings.Count(got, "\r\n") != 3 {
		t.Errorf("two clients:\n%s", got)
	}
	owner.get("/console/exports/payment-requests.csv?age=never").is(http.StatusUnprocessableEntity)
	zoe := w.browser()
	zoe.login("zoe@bright.example")
	zoe.get("/console/exports/clients.csv").is(http.StatusNotFound).lacks("Hostile")
}
