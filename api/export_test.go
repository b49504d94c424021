package api_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// table reads a download.
func (c *caller) table(path string) (rows []map[string]string) {
	c.t.Helper()
	got := c.want(200, "GET", path, nil)
	file, _, _ := strings.Cut(path[strings.LastIndex(path, "/")+1:], "?")
	equal(c.t, "type", got.Header.Get("Content-Type"), "text/csv; charset=utf-8; header=present")
	equal(c.t, "name", got.Header.Get("Content-Disposition"), `attachment; filename="`+file+`"`)
	records, err := csv.NewReader(strings.NewReader(string(got.raw))).ReadAll()
	if err != nil {
		c.t.Fatalf("%s is not CSV: %v\n%s", path, err, got.raw)
	}
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, name := range records[0] {
			row[name] = record[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// mirrors says that a download is the list of the API: the same rows in the same order, and in each cell what the field
// of its name says.
func (c *caller) mirrors(list, file, query string, elsewhere map[string]string) {
	c.t.Helper()
	rows := c.table(file + query)
	items, _ := c.want(200, "GET", list+query, nil).value("data").([]any)
	equal(c.t, file+query+" rows", fmt.Sprint(len(rows)), fmt.Sprint(len(items)))
	for i := range items {
		item := answer{body: items[i].(map[string]any)}
		for name, cell := range rows[i] {
			path := name
			if other, moved := elsewhere[name]; moved {
				path = other
			}
			want := item.value(path)
			switch want.(type) {
			case nil:
				if _, there := item.body[strings.Split(path, ".")[0]]; !there {
					c.t.Errorf("%s has the column %q, which is no field", file, name)
				}
				equal(c.t, file+" "+name, cell, "")
			case map[string]any, []any:
				var got any
				if err := json.Unmarshal([]byte(cell), &got); err != nil && cell != "" {
					c.t.Errorf("%s %s = %q: %v", file, name, cell, err)
				}
				if cell != "" {
					equal(c.t, file+" "+name, fmt.Sprint(got), fmt.Sprint(want))
				}
			default:
				// encoding/csv makes one sign of CR LF; the cells themselves are tested where they are written
				equal(c.t, file+" "+name, plain(cell), strings.ReplaceAll(item.text(path), "\r\n", "\n"))
			}
		}
	}
}

// plain is a cell without the apostrophe before what begins like a formula.
func plain(cell string) string {
	if len(cell) > 1 && cell[0] == '\'' && strings.ContainsAny(cell[1:2], "=+-@'") {
		return cell[1:]
	}
	return cell
}

// Every list is downloaded as it is: hostile names, currencies without decimals and with three, reversals below zero.
func TestExportsMirrorTheLists(t *testing.T) {
	each(t, func(w *world) {
		c := w.agency("One")
		client := c.want(201, "POST", "/clients", fields{"name": `=HYPERLINK("http://evil.example","a, b")`, "email": "a@example.com", "external_id": "+x", "locale": "de-DE"}).text("id")
		c.want(200, "PUT", "/clients/"+client+"/plan", fields{"plan_id": c.plan(nil).text("id")})
		c.want(201, "POST", "/clients/"+client+"/subscription", fields{})
		other := c.client("'@quoted \u202e🦷").text("id")
		for code, amount := range map[string]string{"JPY": "123456789012", "KWD": "0.005"} {
			c.want(201, "POST", "/payment-requests", fields{"client_id": other, "currency": code, "line_items": []fields{{"description": "=1+1, \"set-up\"", "amount": amount}}, "due_date": "2027-02-01T00:00:00Z", "notes": "-2+3\r\nnext"})
		}
		paid := c.want(200, "GET", "/payment-requests?currency=KWD", nil).text("data.0.id")
		c.want(200, "PATCH", "/payment-requests/"+paid+"/update", fields{"status": "PAID", "external_payment_id": "@x"})
		c.want(200, "PATCH", "/payment-requests/"+paid+"/update", fields{"status": "PENDING"})
		c.want(201, "POST", "/payments", fields{"client_id": client, "currency": "USD", "amount": "100.00", "method": "bank", "reference": "=cmd"})
		for i := range 3 {
			c.want(201, "POST", "/usage-events", usageEvent(client, fmt.Sprint("-", i), fields{"phone_number": "+4930", "call_id": "=c", "metadata": fields{"a": "=1"}, "tags": []string{"x,y"}, "cost": fields{"amount": "0.0512", "currency": "USD"}}))
		}
		c.want(201, "POST", "/usage-events", usageEvent(other, "u", nil))
		first := c.want(200, "GET", "/usage-events?client_id="+client, nil).text("data.0.id")
		c.want(200, "POST", "/usage-events/"+first+"/void", fields{"reason": "a test call"})

		for _, query := range []string{"", "?client_id=" + client, "?status=PAID", "?currency=JPY", "?age=open", "?type=ONE_TIME", "?q=hyperlink"} {
			c.mirrors("/payment-requests", "/exports/payment-requests.csv", query, nil)
		}
		for _, query := range []string{"", "?client_id=" + client} {
			c.mirrors("/payments", "/exports/payments.csv", query, nil)
		}
		for _, query := range []string{"", "?client_id=" + client, "?status=VOIDED", "?status=RATED", "?from=2027-01-01T00:00:00Z", "?to=2027-01-01T00:00:00Z", "?source=t", "?call_id=%3Dc"} {
			c.mirrors("/usage-events", "/exports/usage-events.csv", query, map[string]string{"cost_amount": "cost.amount", "cost_currency": "cost.currency"})
		}
		for _, query := range []string{"", "?status=active", "?status=none", "?access=allowed", "?q=quoted"} {
			c.mirrors("/clients", "/exports/clients.csv", query, map[string]string{"access_allowed": "access.allowed", "access_reason": "access.reason", "access_since": "access.since"})
		}
		raw := string(c.want(200, "GET", "/exports/payments.csv", nil).raw)
		for _, want := range []string{",KWD,0.005,", ",KWD,-0.005,", ",'=cmd,", "'@quoted"} {
			if !strings.Contains(raw, want) {
				t.Errorf("payments.csv lacks %q:\n%s", want, raw)
			}
		}
	})
}

// A download of several slices has every row once, newest first, and only the agency's own.
func TestLongExports(t *testing.T) {
	each(t, func(w *world) {
		c, other := w.agency("One"), w.agency("Two")
		client, theirs := c.client("Mine").text("id"), other.client("Theirs").text("id")
		const n = 1201
		var events []any
		for i := range n {
			events = append(events, usageEvent(client, fmt.Sprint(i), fields{"duration_ms": i}))
		}
		c.want(200, "POST", "/usage-events/batch", fields{"events": events})
		other.want(201, "POST", "/usage-events", usageEvent(theirs, "1", nil))
		for _, query := range []string{"", "?client_id=" + client, "?source=t", "?status=UNRATED"} {
			rows := c.table("/exports/usage-events.csv" + query)
			equal(t, "rows of "+query, fmt.Sprint(len(rows)), fmt.Sprint(n))
			seen := map[string]bool{}
			for i, row := range rows {
				seen[row["event_id"]] = true
				if i > 0 && row["id"] >= rows[i-1]["id"] {
					t.Fatalf("row %d is not older than the one before", i)
				}
			}
			equal(t, "different rows of "+query, fmt.Sprint(len(seen)), fmt.Sprint(n))
		}
		equal(t, "the other agency", fmt.Sprint(len(other.table("/exports/usage-events.csv"))), "1")
		equal(t, "a foreign client", fmt.Sprint(len(other.table("/exports/usage-events.csv?client_id="+client))), "0")
	})
}

func TestRefusedExports(t *testing.T) {
	each(t, func(w *world) {
		c := w.agency("One")
		for _, path := range []string{"/exports/payment-requests.csv?status=NEVER", "/exports/payment-requests.csv?client_id=x", "/exports/usage-events.csv?from=yesterday", "/exports/clients.csv?access=x", "/exports/payments.csv?page=2"} {
			got := c.want(422, "GET", path, nil)
			if !slices.Contains([]string{"invalid_input", "invalid"}, got.text("code")) || got.Header.Get("Content-Disposition") != "" {
				t.Errorf("%s: %s %v", path, got.raw, got.Header)
			}
		}
	})
}
