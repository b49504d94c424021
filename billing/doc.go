// Package billing holds the rules of Minutebook: what a plan is, when a period ends, which pool a call draws from,
// who owes what and who may call. It is pure: values and functions, no input or output, no clock, no context.
// Every instant is an argument, every identifier comes from a Mint.
//
// # Glossary
//
//   - agency: the tenant. Everything belongs to exactly one agency.
//   - client: a customer of the agency.
//   - plan: a billing product in the agency's catalog; its Terms are what a subscription freezes.
//   - pack: an add-on pack, a one-time block of minutes with a price.
//   - assignment: the plan picked for a client, and the packs offered to it.
//   - subscription: the running relationship between agency and client on a snapshot of a plan's terms.
//   - period: one billing cycle of a subscription, half-open [start, end).
//   - usage event: one ended call (or chat) reported by a provider or by the agency's software.
//   - pool: where minutes come from: included, wallet, billable; and uncovered, what no pool covers.
//   - wallet: the client's balance of add-on minutes. It never expires.
//   - payment request: one thing to be paid.
//   - campaign: a calling campaign of a client, registered so that billing can pause and resume it.
//
// # Life of a subscription
//
//	            due date came             grace ended
//	active ───────────────────> past_due ─────────────> blocked
//	  │  <─────────────────────    │                      │
//	  │        all late paid       │                      │
//	  └────────────────────────────┴──> canceled <────────┘
//
// # One way in
//
// An Account is everything the rules know of one client. Its verbs (Start, Use, Cancel, SetRequestStatus, ...) decide
// and then record facts; apply, in fact.go, is the only place a field is set. Replaying the facts of a client from
// the first one rebuilds its account, which is what the audit does. Rules are numbered in docs/rules.md.
package billing
