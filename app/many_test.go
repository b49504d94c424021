package app_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"minutebook/app"
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

// A batch leaves the same books as its events one by one: the same splits, the same figures, the same decisions, with
// repeats, conflicts and unknown clients among them, and whether the accounts were in memory or not.
func TestABatchIsItsEventsOneByOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		together, single := newWorld(t, db, "2027-01-01T00:00:00Z"), newWorld(t, db, "2027-01-01T00:00:00Z")
		clients := map[*world][]billing.ID{}
		for _, w := range []*world{together, single} {
			for range 3 {
				w.started(0)
				_, err := w.a.RegisterCampaign(w.ctx, w.who, w.client, billing.Campaign{Name: "Recall", Direction: "OUTBOUND"})
				w.ok(err)
				clients[w] = append(clients[w], w.client)
			}
			w.ok(w.a.SetHold(w.ctx, w.who, w.client, true, "a talk is due"))
		}
		dice := rand.New(rand.NewPCG(1, 2))
		for round := range 6 {
			var drawn []app.UsageReport
			for range 40 {
				drawn = append(drawn, app.UsageReport{ClientID: billing.ID(dice.IntN(4)), UsageEvent: billing.UsageEvent{
					Source: "test", EventID: fmt.Sprint("e", dice.IntN(40*(round+1))), Kind: billing.Call, EndedAt: together.now(), Talk: billing.Millis(dice.IntN(3_000_000)),
				}})
			}
			named := func(w *world) []app.UsageReport {
				reports := slices.Clone(drawn)
				for i := range reports {
					if n := reports[i].ClientID; int(n) < len(clients[w]) {
						reports[i].ClientID = clients[w][n]
					}
				}
				return reports
			}
			batch, err := together.a.RecordUsage(together.ctx, together.who, named(together))
			together.ok(err)
			for i, report := range named(single) {
				one := single.report(report)
				if batch[i].Result != one.Result || (batch[i].Known != nil) != (one.Known != nil) || one.Known != nil && batch[i].Known.Split != one.Known.Split {
					t.Fatalf("round %d, event %d: in a batch %+v, alone %+v", round, i, batch[i], one)
				}
			}
		}
		for n := range clients[single] {
			a, _, err := together.a.Account(together.ctx, together.who, clients[together][n])
			together.ok(err)
			b, _, err := single.a.Account(single.ctx, single.who, clients[single][n])
			single.ok(err)
			if a.Seq != b.Seq || a.Events != b.Events || a.Period.Used != b.Period.Used || a.Access != b.Access || !a.Exhausted.Equal(b.Exhausted) {
				t.Errorf("client %d: in batches %+v, one by one %+v", n, a, b)
			}
		}
		together.audited()
	})
}

// A file whose program ended well holds everything: whoever copies it then needs no second file beside it.
func TestAClosedFileIsWhole(t *testing.T) {
	url := storetest.MigratedURL(t, "sqlite")
	db, err := store.Open(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, db, "2027-01-01T00:00:00Z")
	w.started(0)
	w.use(3)
	w.ok(db.Close())
	if _, err := os.Stat(strings.TrimPrefix(url, "sqlite:") + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a log is left beside the closed file: %v", err)
	}
}
