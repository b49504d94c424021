// Package app holds the use cases: who may do what, in one transaction, with its audit entry.
//
// Every change of a client goes through App.change, which loads the client's account, brings it forward to now, lets
// a rule of package billing decide and saves account, facts and outbox together, or nothing. The background job calls
// the same function, so that "late", "twice" and "all at once after a week" are the same path.
package app
