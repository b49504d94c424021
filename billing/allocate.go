package billing

import (
	"cmp"
	"slices"
)

// OldestFirst spreads an amount over the client's open requests in a currency, those that are due first before the
// others. What is left over is nobody's: it becomes client credit when the payment is received. Rules 7.4.
func (a *Account) OldestFirst(amount Money, c Currency) []Allocation {
	var open []*Request
	for _, r := range a.Requests {
		if r.Due() > 0 && r.Currency == c {
			open = append(open, r)
		}
	}
	slices.SortStableFunc(open, func(x, y *Request) int {
		return cmp.Or(x.DueAt.Compare(y.DueAt), cmp.Compare(x.ID, y.ID))
	})
	var parts []Allocation
	for _, r := range open {
		if part := min(amount, r.Due()); part > 0 {
			parts = append(parts, Allocation{RequestID: r.ID, Amount: part})
			amount -= part
		}
	}
	return parts
}
