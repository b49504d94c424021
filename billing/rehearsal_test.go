package billing

import (
	"encoding/json"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestARehearsalTellsWhatHappens: whatever is done to any client, its rehearsal says the same before, and leaves the
// account as it was.
func TestARehearsalTellsWhatHappens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWalk(t)
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			w.step(t)
			before := accountJSON(t, w.Account)
			if _, err := w.Account.Upcoming(w.Now); err != nil {
				t.Fatal(err)
			}
			c := w.draw(t)
			said, refused := w.Account.Rehearse(w.Now, w.numbers+1, func(a *Account) error { return c.do(w, a) })
			if after := accountJSON(t, w.Account); after != before {
				t.Fatalf("the rehearsal of %s changed the account:\n%s\n%s", c.name, before, after)
			}
			facts, err := w.do(func(a *Account) error { return c.do(w, a) })
			if (err == nil) != (refused == nil) {
				t.Fatalf("%s: the rehearsal was answered %v, the act %v", c.name, refused, err)
			}
			if err != nil {
				continue
			}
			if did := w.Account.Tell(facts); !slices.Equal(said, did) {
				t.Fatalf("%s was told as %q and did %q", c.name, said, did)
			}
		}
	})
}

func accountJSON(t *rapid.T, a *Account) string {
	text, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTell(t *testing.T) {
	a, now := startedForUpcoming(t, func(terms *Terms) { terms.AddonPacks = true })
	pack := Pack{ID: 7, Name: "100 Minutes", Minutes: 100 * Minute, Price: 2000, Currency: dollars}
	if err := a.AssignPacks([]Pack{pack}, nil, now); err != nil {
		t.Fatal(err)
	}
	if _, err := a.RegisterCampaign(Campaign{Name: "Recall", Direction: "OUTBOUND"}, now); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		rule func(*Account) error
		want []string
	}{
		{
			"a pack", func(a *Account) error { _, err := a.ApplyPack(pack, false, "", now); return err },
			[]string{"Issues PR-000042 for 20.00 USD, due 15 Jan 2027.", "Credits 100.00 minutes to the wallet now."},
		},
		{
			"a paid pack", func(a *Account) error { _, err := a.ApplyPack(pack, true, "", now); return err },
			[]string{"Issues PR-000042 for 20.00 USD, due 15 Jan 2027.", "Credits 100.00 minutes to the wallet now.", "Records a payment of 20.00 USD.", "PR-000042 becomes paid."},
		},
		{
			"a cancellation", func(a *Account) error { return a.Cancel(Cancellation{OpenRequests: CancelOpen}, now) },
			[]string{"PR-000041 becomes canceled.", "Closes the open period with 0.00 minutes used.", "Cancels the subscription for good.", "Calls are denied: no subscription.", "The campaign Recall pauses."},
		},
		{"too much money", func(a *Account) error {
			_, err := a.ReceivePayment(Payment{Currency: dollars, Amount: 10000, Allocations: []Allocation{{a.Requests[0].ID, 9900}}}, now)
			return err
		}, []string{"Records a payment of 100.00 USD; 1.00 USD of it become client credit.", "PR-000041 becomes paid."}},
	} {
		if got, err := a.Rehearse(now, 42, test.rule); err != nil || !slices.Equal(got, test.want) {
			t.Errorf("Rehearse of %s = %q, %v\nwant %q", test.name, got, err, test.want)
		}
	}
	if _, err := a.Rehearse(now, 42, func(a *Account) error { return a.UndoCancel(now) }); err == nil {
		t.Error("the rehearsal of what is refused is not refused")
	}
}
