package billing

import (
	"cmp"
	"slices"
)

// Unpaid is what a client owes in one currency.
type Unpaid struct {
	Sum
	Next *Request // the one that is due first
}

// Outstanding lists what is unpaid, an entry a currency, the soonest due first.
func (a *Account) Outstanding() []Unpaid {
	var list []Unpaid
	for _, r := range a.Requests {
		if !r.Open() {
			continue
		}
		i := slices.IndexFunc(list, func(u Unpaid) bool { return u.Currency == r.Currency })
		if i < 0 {
			list = append(list, Unpaid{Sum{Currency: r.Currency}, r})
			i = len(list) - 1
		}
		list[i].Amount += r.Due()
		if r.DueAt.Before(list[i].Next.DueAt) {
			list[i].Next = r
		}
	}
	slices.SortStableFunc(list, func(x, y Unpaid) int {
		return cmp.Or(x.Next.DueAt.Compare(y.Next.DueAt), cmp.Compare(x.Currency.Code, y.Currency.Code))
	})
	return list
}
