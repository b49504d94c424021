package main

import (
	"os"
	"runtime/debug"
)

// Bounds of the memory that Go may hold, in bytes. SQLite holds up to 128 MiB of pages beside it.
const (
	postgresMemory = 220 << 20
	sqliteMemory   = 130 << 20
)

// collectSeldom lets rubbish grow to twice what is in use, instead of once, before it is collected, as long as the whole
// stays within bounds: a tenth of what a server does under load is collecting. GOGC and GOMEMLIMIT have the last word.
func collectSeldom(dialect string) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	bound := int64(postgresMemory)
	if dialect == "sqlite" {
		bound = sqliteMemory
	}
	debug.SetGCPercent(200)
	debug.SetMemoryLimit(bound)
}
