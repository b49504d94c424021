// Package store keeps what was decided and decides nothing.
//
// It speaks to SQLite and to PostgreSQL with one text per statement: $1
// placeholders, integers for instants and money, ids made in Go. What really
// differs between the two stands in the dialect files and nowhere else.
//
// # How it is used
//
// A use case that writes opens a transaction and hands its context on:
//
//	err := db.InTx(ctx, func(ctx context.Context, q store.Q) error {
//		...
//	})
//
// The context inside carries the transaction. An InTx called with it joins that
// transaction, and DB.Q(ctx) answers with it, so that a function which only
// reads needs not know whether somebody is writing around it. Nothing a caller
// would mind happening twice belongs into the closure: it is run again when the
// database asks for that.
//
// # Values
//
// What goes in and comes out is plain: integers, strings, booleans, bytes and
// instants, their named types, and pointers to them for what may be absent.
// An instant is kept as microseconds in a BIGINT column and comes back in UTC.
// The zero time, a nil pointer and nil bytes are written as NULL; NULL read
// into something that is not a pointer leaves the zero value.
package store
