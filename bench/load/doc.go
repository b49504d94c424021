// Package load puts a load of usage events on a server and keeps a log of what came of it: calls drawn by chance, raw
// connections that cost little, closed and open loops, exact percentiles, and a checker that holds the log against the
// books. The benchmarks and the tests that kill the server use the same one.
package load
