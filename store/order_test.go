package store_test

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

// sorting are 60 clients of agency 1 of which nothing but names, wallets, subscriptions and open requests is told: every third
// has none of the latter, and some are alike.
const (
	sorting = 60
	numbers = `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 59) `
)

func clientsToSort(t *testing.T, db *store.DB) {
	twoAgencies(t, db, sorting)
	for _, sql := range []string{
		`UPDATE accounts SET wallet_ms = client_id * 37 % 11 * 60000`,
		`INSERT INTO plans (agency_id, id, name, version, created_at, updated_at) VALUES (1, 1, 'P', 1, 0, 0)`,
		`INSERT INTO plan_versions (agency_id, plan_id, version, terms, created_at) VALUES (1, 1, 1, '{}', 0)`,
		`INSERT INTO subscriptions (agency_id, id, client_id, plan_id, plan_version, terms, timezone, anchor, status, status_since, started_at, cancel, canceled_at, reason, created_at, updated_at)
			` + numbers + `SELECT 1, i + 1, 1000 + i, 1, 1, '{}', 'UTC', '', CASE WHEN i % 4 = 0 THEN 'canceled' WHEN i % 4 = 1 THEN 'blocked' ELSE 'active' END, 0, 0, '', CASE WHEN i % 4 = 0 THEN 1 END, '', 0, 0 FROM n WHERE i % 3 > 0`,
		`UPDATE accounts SET subscription_id = client_id - 999, period_start = 0, period_end = 1 + client_id * 17 % 13 WHERE agency_id = 1 AND client_id % 3 <> 1000 % 3`,
		`INSERT INTO payment_requests (agency_id, id, number, reference, client_id, kind, status, currency, currency_digits, lines, amount, amount_paid, issued_at, due_at, paid_at, external_payment_id, notes,
				settlement, pack_ms, clawed_back_ms, shortfall_ms, created_at, updated_at)
			` + numbers + `SELECT 1, 1 + i * 4 + k.k, 1 + i * 4 + k.k, 'R' || (i * 4 + k.k), 1000 + i, 'ONE_TIME', CASE k.k WHEN 0 THEN 'CANCELED' WHEN 1 THEN 'OVERDUE' ELSE 'PENDING' END, CASE k.k WHEN 2 THEN 'EUR' ELSE 'USD' END, 2, '[]', 100, 0, 0,
				(i * 29 + k.k * 7) % 23, NULL, '', '', 0, 0, 0, 0, 0, 0
			FROM n, (SELECT 0 AS k UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) AS k WHERE i % 3 < 2`,
	} {
		write(t, db, sql)
	}
}

// A list that is sorted is the same whether it is read in one part or in several, and its order is that of the figure, who has
// none last, and of the newest first among equals.
func TestClientsInOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		clientsToSort(t, db)
		figures := map[string]func(i int64) int64{
			"wallet": func(i int64) int64 { return (1000 + i) * 37 % 11 },
			"renews": func(i int64) int64 {
				if i%3 == 0 || i%4 < 2 { // never had one, canceled, blocked
					return math.MaxInt64
				}
				return (1000 + i) * 17 % 13
			},
			"due": func(i int64) int64 {
				if i%3 == 2 {
					return math.MaxInt64
				}
				return min((i*29+7)%23, (i*29+14)%23, (i*29+21)%23)
			},
		}
		for name, figure := range figures {
			for _, down := range []bool{false, true} {
				want := make([]billing.ID, sorting)
				for i := range want {
					want[i] = 1000 + billing.ID(i)
				}
				slices.SortFunc(want, func(a, b billing.ID) int {
					x, y := figure(int64(a-1000)), figure(int64(b-1000))
					order := cmp.Compare(x, y)
					if down && x != math.MaxInt64 && y != math.MaxInt64 {
						order = -order
					}
					return cmp.Or(order, cmp.Compare(b, a))
				})
				sort := store.ClientSort(name)
				if down {
					sort = "-" + sort
				}
				got := []billing.ID{}
				for at := 0; at < sorting; at += 7 {
					ids, part := clientIDs(t, db, 1, store.ClientFilter{Sort: sort}, store.Window{Limit: 7, Offset: at})
					got = append(got, ids...)
					if part.Total != sorting {
						t.Errorf("sorted by %s there are %d, want %d", sort, part.Total, sorting)
					}
				}
				if fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("sorted by %s:\n%d, want\n%d", sort, got, want)
				}
			}
		}
		for filter, want := range map[store.ClientFilter]int{{Status: "active", Sort: "due"}: 20, {Status: "canceled"}: 10, {Status: "none", Sort: "-renews"}: 20, {Access: "allowed", Sort: "name"}: 60, {Query: "ärzte 5", Sort: "wallet"}: 11} {
			if ids, part := clientIDs(t, db, 1, filter, store.Window{Limit: 50}); len(ids) != min(want, 50) || int(part.Total) != want {
				t.Errorf("Clients(%+v) found %d of %d, want %d", filter, len(ids), part.Total, want)
			}
		}
	})
}

// Clients sorted by what they owe: the requests of each are looked up, not those of all clients for each. With 10,000 clients the
// page once took 22 seconds on SQLite.
func TestClientsAreSortedByTheirOwnRequests(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		clientsToSort(t, db)
		for _, sort := range []store.ClientSort{"due", "-due"} {
			sql, args := store.PartOfClients(db, 1, store.ClientFilter{Sort: sort}, store.Window{Limit: 7})
			if strings.Contains(t.Name(), "postgres") {
				if plan := explainedList(t, db, sql, args); mostRead(plan, "(payment_requests)") > 4*sorting {
					t.Errorf("sorted by %s:\n%s", sort, strings.Join(plan, "\n"))
				}
				continue
			}
			plan := explainedOnSQLite(t, db, sql, args)
			if searched := regexp.MustCompile(`SEARCH r .*\(agency_id=\? AND client_id=\?\)`); !searched.MatchString(plan) {
				t.Errorf("sorted by %s:\n%s", sort, plan)
			}
		}
	})
}

func explainedOnSQLite(t *testing.T, db *store.DB, sql string, args []any) string {
	t.Helper()
	ctx := context.Background()
	lines, err := store.Collect(func(r store.Row, line *string) error {
		var id, parent, unused int64
		return r.Scan(&id, &parent, &unused, line)
	})(db.Q(ctx).Query(ctx, `EXPLAIN QUERY PLAN `+sql, args...))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}
