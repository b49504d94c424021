// Package portal is the client's side: one page that says what runs, what was
// used, what is to be paid and how. It says the same sentences as the agency reads.
package portal
