package app_test

import (
	"context"
	"reflect"
	"slices"
	"testing"

	"minutebook/billing"
	"minutebook/store"
	"minutebook/store/storetest"
)

// Many accounts read at once are what each is by itself, in the order they were asked for, whatever agency they belong
// to; and many saved at once leave the same books, with payment requests numbered without a gap in each agency.
func TestManyAccountsAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		one, two := newWorld(t, db, "2027-01-01T00:00:00Z"), newWorld(t, db, "2027-01-01T00:00:00Z")
		var named []store.Named
		for round := range 2 {
			for _, w := range []*world{one, two} {
				if round == 0 {
					w.busy()
				} else {
					w.started(0)
				}
				named = append(named, store.Named{Agency: w.who.Agency, Client: w.client, Requests: closedRequests(w)})
			}
		}
		slices.Reverse(named)
		named = append(named, store.Named{Agency: one.who.Agency, Client: two.client})
		one.ok(db.InTx(one.ctx, func(ctx context.Context, q store.Q) error {
			many, err := store.LoadAccounts(ctx, q, db.ForUpdate(), named)
			one.ok(err)
			for i, n := range named {
				each, err := store.LoadAccount(ctx, q, "", n.Agency, n.Client, n.Requests...)
				if i == len(named)-1 {
					if many[i] != nil || each != nil {
						t.Errorf("another agency's client was found: %+v, %+v, %v", many[i], each, err)
					}
					continue
				}
				if err != nil || !reflect.DeepEqual(many[i], each) {
					t.Errorf("at once %+v, by itself %+v, %v", many[i], each, err)
				}
			}
			return saveOneTimeRequests(ctx, q, one, many[:len(many)-1])
		}))
		one.audited()
	})
}

func closedRequests(w *world) (closed []billing.ID) {
	for _, r := range w.requests() {
		if !r.Open() {
			closed = append(closed, r.ID)
		}
	}
	return closed
}

// saveOneTimeRequests asks each account for two amounts, and saves all at once.
func saveOneTimeRequests(ctx context.Context, q store.Q, w *world, accounts []*billing.Account) error {
	var savings []store.Saving
	for _, acc := range accounts {
		now := acc.Written
		for range 2 {
			_, err := acc.With(w.a.Mint).RequestOneTime(billing.OneTimeRequest{Currency: usd, DueAt: now.AddDate(0, 1, 0), Lines: []billing.LineItem{{Description: "Setup", Quantity: "1", Unit: "item", UnitAmount: "5.00", Amount: 500}}}, now)
			w.ok(err)
		}
		savings = append(savings, store.Saving{Account: acc, Mint: w.a.Mint, RecordedAt: now, Actor: "operator", System: "system", Command: "test"})
	}
	return store.SaveAccounts(ctx, q, savings)
}
