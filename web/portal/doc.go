// Package portal is the client's side: what runs, what was used, what is to be paid and how, in the client's own
// language and in the agency's name. It says the same sentences as the agency reads.
package portal
