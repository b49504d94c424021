// Package mutants asks of the tests what the tests ask of the program. Each block of mutants.txt is a fault of one line
// that somebody else has shipped; the product is tested with that line in it, and its tests must notice.
//
// The faults are data and are laid over the source with `go test -overlay`: the product itself holds none of them. At
// every commit each fault must still have its place and compile, and a few are tried, others after each change.
// MINUTEBOOK_PROOF_MUTANTS=all tries all of them (with -timeout 3h), a number that many, and a list such as T01,C12
// those.
package mutants
